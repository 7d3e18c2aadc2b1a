import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { samlMetadata } from '../token/saml.ts'
import { issue, sshKey } from '../token/x509.ts'
import { type Actor, actorOf } from './actor.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'
import { configurations, lacking, leftOut, type Project, projectOf, plain as quiet } from './terraform.ts'
import { vanish } from './vanish.ts'

/**
 * What the acceptance tests of Terraform's AWS provider try of each of its resources for IAM: whether it is the same when imported, whether what
 * another has done meanwhile is seen and mended, and whether it minds that everything has disappeared.
 */
const folder = join(configurations, 'variants')
const files = readdirSync(folder).map((name) => join(folder, name))
const web = issue('web', undefined, Date.now())
const given = {
  metadata: samlMetadata().trimEnd(),
  certificate: web.certificate,
  key: web.key,
  ssh_key: sshKey(2048).ssh,
}
const document = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })

// Most of the time is spent in waiting for what is seen at once here.
const plain = [...quiet, '-parallelism=40']

type Attributes = Readonly<Record<string, unknown>>
const joined =
  (separator: string, ...names: readonly string[]) =>
  (attributes: Attributes): string =>
    names.map((name) => attributes[name]).join(separator)
/** As the provider's documentation has it under "Import". */
const naming = {
  aws_iam_role_policy_attachment: joined('/', 'role', 'policy_arn'),
  aws_iam_user_policy_attachment: joined('/', 'user', 'policy_arn'),
  aws_iam_group_policy_attachment: joined('/', 'group', 'policy_arn'),
  aws_iam_user_group_membership: ({ user, groups }: Attributes) => [user, groups].flat().join('/'),
  aws_iam_user_ssh_key: joined(':', 'username', 'ssh_public_key_id', 'encoding'),
  aws_iam_server_certificate: joined('', 'name'),
  aws_iam_role_policies_exclusive: joined('', 'role_name'),
  aws_iam_role_policy_attachments_exclusive: joined('', 'role_name'),
  aws_iam_group_membership: undefined,
  aws_iam_policy_attachment: undefined,
}

let running: Running
let administrator: Actor
let project: Project
const become = (generation: 1 | 2): void => project.vary({ endpoint: running.endpoint, generation, given })

describe.skipIf(lacking !== undefined)(`Terraform, otherwise${leftOut}`, { timeout: 180_000 }, () => {
  const account = '012345678901'
  const policy = (name: string): string => `arn:aws:iam::${account}:policy/${name}`
  beforeAll(async () => {
    running = await startRolecall({ args: ['--account-id', account] })
    const env = await envOf(running)
    administrator = actorOf(env)
    project = await projectOf(env, files)
    become(1)
    await project.well('init', ...quiet)
  })
  afterAll(async () => {
    project?.discard()
    await discard(running)
  })

  test('makes everything, and reads what it made', async () => {
    await project.well('apply', ...plain, '-auto-approve')
    expect(project.outputs()).toMatchObject({
      seen: {
        policy: policy('a/b/versions'),
        roles: ['AWSServiceRoleForElasticBeanstalk'],
        none: [],
        me: `arn:aws:iam::${account}:user/administrator`,
        latest: true,
        simulated: { 'ec2:DescribeVpcs': 'allowed', 's3:GetObject': 'implicitDeny' },
        source: [['user_trusted-d4a3_own']],
        suffix: 'CustomResource',
        tags: [{ Stack: 'test' }, { Stack: 'test', a: '', b: '1' }],
      },
    })
  })

  test('finds the same when it imports it', async () => {
    expect(await project.imported(naming)).toEqual({
      // These say what only Terraform knows, or are made of secrets that nobody tells twice.
      'aws_iam_role.cluster': 'update',
      'aws_iam_role.forced[0]': 'update',
      'aws_iam_user.forced[0]': 'update',
      'aws_iam_user_login_profile.long': 'replace',
      'aws_iam_server_certificate.renamed': 'replace',
      'aws_iam_server_certificate.windows': 'replace',
      'aws_iam_group_membership.all': 'create',
      'aws_iam_policy_attachment.renamed': 'create',
    })
  })

  test('mends what another has done, changes what can be changed, and finds it so', async () => {
    const { iam } = administrator
    const { User: before } = await iam.send(new sdk.GetUserCommand({ UserName: 'trusted-baa2' }))
    await iam.send(new sdk.DeleteUserCommand({ UserName: 'trusted-baa2' }))
    for (const RoleName of ['empty', 'order', 'forced']) {
      await iam.send(new sdk.PutRolePolicyCommand({ RoleName, PolicyName: 'sneaked', PolicyDocument: document }))
      await iam.send(new sdk.AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' }))
    }
    await iam.send(new sdk.DeleteRolePolicyCommand({ RoleName: 'inline', PolicyName: 'two' }))
    await iam.send(new sdk.DetachUserPolicyCommand({ UserName: 'tagged', PolicyArn: policy('many-2') }))
    for (const _ of [2, 3, 4, 5])
      await iam.send(
        new sdk.CreatePolicyVersionCommand({ PolicyArn: policy('a/b/versions'), PolicyDocument: document }),
      )
    const forced = { UserName: 'forced' }
    await iam.send(new sdk.CreateAccessKeyCommand(forced))
    await iam.send(new sdk.CreateLoginProfileCommand({ ...forced, Password: 'Xy9-Xy9-Xy9-Xy9' }))
    await iam.send(new sdk.PutUserPolicyCommand({ ...forced, PolicyName: 'sneaked', PolicyDocument: document }))
    await iam.send(new sdk.AttachUserPolicyCommand({ ...forced, PolicyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' }))
    await iam.send(new sdk.UploadSSHPublicKeyCommand({ ...forced, SSHPublicKeyBody: given.ssh_key }))
    await iam.send(new sdk.UploadSigningCertificateCommand({ ...forced, CertificateBody: web.certificate }))
    await iam.send(
      new sdk.CreateServiceSpecificCredentialCommand({ ...forced, ServiceName: 'cassandra.amazonaws.com' }),
    )

    become(2)
    await project.well('apply', ...plain, '-auto-approve')
    expect(project.outputs()).toMatchObject({
      seen: {
        tags: [
          { Stack: 'other', Empty: '', a: '', 'two:x/y=z+-@_.': 'ключ' },
          { Stack: 'other', Empty: '' },
        ],
      },
    })
    const { User: after } = await iam.send(new sdk.GetUserCommand({ UserName: 'trusted-baa2' }))
    expect(after?.UserId).not.toBe(before?.UserId)
    const { Role } = await iam.send(new sdk.GetRoleCommand({ RoleName: 'trusting' }))
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toContain(`"${after?.Arn}"`)
    const { Versions } = await iam.send(new sdk.ListPolicyVersionsCommand({ PolicyArn: policy('a/b/versions') }))
    // The provider deletes the oldest, and cannot tell which that is of those that were made in one second.
    expect(Versions).toMatchObject([{ VersionId: 'v6', IsDefaultVersion: true }, {}, {}, {}, {}])
    for (const RoleName of ['empty', 'order']) {
      const { PolicyNames } = await iam.send(new sdk.ListRolePoliciesCommand({ RoleName }))
      expect(PolicyNames).not.toContain('sneaked')
    }
    expect(await project.difference()).toBe('')
  })

  test('destroys what has disappeared', async () => {
    await vanish(administrator.iam, 'administrator')
    await project.well('destroy', ...plain, '-auto-approve', '-refresh=false')
    const { SummaryMap } = await administrator.iam.send(new sdk.GetAccountSummaryCommand({}))
    expect(SummaryMap).toMatchObject({ Users: 1, Groups: 0, Roles: 0, Policies: 0, InstanceProfiles: 0, Providers: 0 })
  })
})
