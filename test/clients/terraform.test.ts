import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadCatalog, operationKey } from '../../src/service/catalog.ts'
import { keyDescriptor, rsaCertificate, samlMetadata } from '../token/saml.ts'
import { issue, sshKey } from '../token/x509.ts'
import { type Actor, actorOf } from './actor.ts'
import { discard, envOf, type Running, run, startRolecall } from './process.ts'
import { configurations, full, lacking, leftOut, type Project, plain, projectOf } from './terraform.ts'

/**
 * Terraform with the AWS provider: everything that the provider has for IAM and Organizations is made, found unchanged, changed and destroyed.
 * `ROLECALL_TERRAFORM=full` also works in a second account, plans after the change, and compares the files with what the provider has.
 */
/** Files that need operations which may not be served. Where one is not, the file is left out, and it is said so. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'alias.tf': ['CreateAccountAlias', 'ListAccountAliases', 'DeleteAccountAlias'],
  'server-certificate.tf': [
    'UploadServerCertificate',
    'GetServerCertificate',
    'UpdateServerCertificate',
    'DeleteServerCertificate',
    'ListServerCertificates',
    'TagServerCertificate',
    'UntagServerCertificate',
  ],
  'signing-certificate.tf': [
    'UploadSigningCertificate',
    'ListSigningCertificates',
    'UpdateSigningCertificate',
    'DeleteSigningCertificate',
  ],
  'ssh-key.tf': ['UploadSSHPublicKey', 'GetSSHPublicKey', 'UpdateSSHPublicKey', 'DeleteSSHPublicKey'],
  'service-credential.tf': [
    'CreateServiceSpecificCredential',
    'ListServiceSpecificCredentials',
    'UpdateServiceSpecificCredential',
    'DeleteServiceSpecificCredential',
  ],
  'force-destroy.tf': ['ListSSHPublicKeys', 'ListSigningCertificates', 'ListServiceSpecificCredentials'],
  'service-linked-role.tf': [
    'CreateServiceLinkedRole',
    'DeleteServiceLinkedRole',
    'GetServiceLinkedRoleDeletionStatus',
  ],
  'token-preferences.tf': ['SetSecurityTokenServicePreferences'],
}
const { operations } = loadCatalog()
const missing = (file: string): readonly string[] =>
  (needs[file] ?? []).filter((name) => !operations.has(operationKey('iam', name)))
const files = readdirSync(configurations).filter((name) => name.endsWith('.tf'))
// A second provider is a second process, for each time that Terraform is started.
const used = files.filter((file) => missing(file).length === 0 && (full || file !== 'member.tf'))
const waiting = files.filter((file) => missing(file).length > 0)
if (lacking === undefined && waiting.length > 0) {
  const why = (file: string) => `${file} (it needs ${missing(file).join(', ')})`
  console.warn(`Terraform files left out: ${waiting.map(why).join('; ')}`)
}
const uses = (file: string): boolean => used.includes(file)

const signing = keyDescriptor(rsaCertificate)
const web = issue('web', undefined, Date.now())
const given = {
  metadata: samlMetadata().trimEnd(),
  other_metadata: samlMetadata(
    signing,
    'entityID="https://idp.example/saml" validUntil="2040-01-02T03:04:05Z"',
  ).trimEnd(),
  certificate: web.certificate,
  key: web.key,
  ssh_key: sshKey(2048).ssh,
}

let running: Running
let administrator: Actor
let project: Project
const become = (generation: 1 | 2): void => project.vary({ endpoint: running.endpoint, generation, given })

describe.skipIf(lacking !== undefined)(`Terraform${leftOut}`, { timeout: 180_000 }, () => {
  const account = '012345678901'
  beforeAll(async () => {
    running = await startRolecall({ args: ['--account-id', account] })
    const env = await envOf(running)
    administrator = actorOf(env)
    project = await projectOf(
      env,
      used.map((file) => join(configurations, file)),
    )
    become(1)
    await project.well('init', ...plain)
  })
  afterAll(async () => {
    project?.discard()
    await discard(running)
  })

  test('makes everything, and reads what it made', async () => {
    await project.well('apply', ...plain, '-auto-approve')
    expect(project.outputs()).toMatchObject({
      account,
      read: {
        user: `arn:aws:iam::${account}:user/team/ann`,
        users: ['ann'],
        keys: ['Active'],
        group: ['ann'],
        role: 3600,
        roles: ['app'],
        policy: { Statement: [{ Action: 's3:GetObject' }] },
        attached: 0,
        profile: 'app',
        profiles: ['app'],
        issuer: `arn:aws:iam::${account}:role/service/app`,
      },
      providers: {
        clients: ['old', 'sts.amazonaws.com'],
        named: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
        saml: 'Corp',
      },
      simulated: true,
      organization: {
        master: account,
        accounts: [expect.any(String), 'member'],
        types: 1,
        units: ['dev'],
        dev: true,
        children: ['member'],
        all: 2,
        nested: ['dev', 'inner'],
        policies: 2,
        policy: 'stay',
        attached: 2,
        tags: { Stack: 'test', Stage: 'one' },
        delegated: ['member@example.com'],
        services: ['config.amazonaws.com'],
        joined: 'CREATED',
      },
      ...(uses('member.tf')
        ? { there: { arn: `arn:aws:iam::${account}:user/administrator`, accounts: 2, role: null } }
        : {}),
    })
  })

  test('finds it unchanged', async () => {
    expect(await project.difference()).toBe('')
  })

  test('changes what can be changed', async () => {
    become(2)
    // It has just been read; what another would have changed meanwhile is not the question.
    await project.well('apply', ...plain, '-auto-approve', '-refresh=false')
    expect(project.outputs()).toMatchObject({
      read: {
        user: `arn:aws:iam::${account}:user/crew/ann`,
        users: ['ann'],
        keys: ['Inactive'],
        group: ['ann', 'tied'],
        role: 7200,
        policy: { Statement: [{ Action: ['s3:GetObjectVersion', 's3:GetObject'] }] },
        attached: 1,
        profile: expect.stringMatching(/^job-/),
      },
      organization: {
        types: 3,
        units: ['Development'],
        children: [],
        nested: ['Development', 'inner'],
        policy: 'Stay',
        attached: 2,
        tags: { Stack: 'test', Stage: 'two' },
      },
      providers: { clients: ['new', 'sts.amazonaws.com'], until: '2040-01-02T03:04:05Z' },
      ...(uses('member.tf')
        ? {
            there: {
              arn: expect.stringMatching(/^arn:aws:sts::(?!012345678901)\d{12}:assumed-role\/Keeper\/terraform$/),
              accounts: 2,
              role: expect.stringMatching(/^arn:aws:iam::(?!012345678901)\d{12}:role\/there$/),
            },
          }
        : {}),
      ...(uses('alias.tf') ? { alias: 'rolecall-second' } : {}),
      ...(uses('server-certificate.tf') ? { certificate: '/tls/' } : {}),
      ...(uses('ssh-key.tf') ? { ssh_key: 'Inactive' } : {}),
    })
  })

  test.skipIf(!full)('finds the changes unchanged (only with ROLECALL_TERRAFORM=full)', async () => {
    expect(await project.difference()).toBe('')
  })

  test('destroys everything, and nothing is left', async () => {
    const { iam } = administrator
    if (uses('force-destroy.tf')) {
      await iam.send(new sdk.CreateAccessKeyCommand({ UserName: 'forced' }))
      await iam.send(new sdk.CreateLoginProfileCommand({ UserName: 'forced', Password: 'Xy9-Xy9-Xy9-Xy9' }))
    }
    await project.well('destroy', ...plain, '-auto-approve', '-refresh=false')
    const { SummaryMap } = await iam.send(new sdk.GetAccountSummaryCommand({}))
    expect(SummaryMap).toMatchObject({
      Users: 1,
      Groups: 0,
      // What Organizations acts by stays in the account, as on AWS.
      Roles: 1,
      Policies: 0,
      InstanceProfiles: 0,
      Providers: 0,
      MFADevices: 0,
      ServerCertificates: 0,
    })
  })

  test.skipIf(!full)(
    'has everything of IAM and Organizations that the provider has (only with ROLECALL_TERRAFORM=full)',
    async () => {
      writeFileSync(
        join(project.folder, 'schema.sh'),
        // The whole of it is too much for a pipe: one name a line is enough.
        `terraform providers schema -json | grep -oE '"aws_(iam|organizations)_[a-z_]+":\\{"version"' | sort -u`,
      )
      const { code, stdout } = await run('sh', ['schema.sh'], project.environment, project.folder)
      expect(code).toBe(0)
      const known = stdout.split('\n').flatMap((line) => /"(aws_(?:iam|organizations)_\w+)"/.exec(line)?.[1] ?? [])
      expect(known.length).toBeGreaterThan(40)
      const texts = files.map((file) => readFileSync(join(configurations, file), 'utf8')).join('\n')
      expect(known.filter((name) => !texts.includes(`"${name}"`))).toEqual([])
    },
  )
})
