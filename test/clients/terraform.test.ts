import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadCatalog, operationKey } from '../../src/service/catalog.ts'
import { keyDescriptor, rsaCertificate, samlMetadata } from '../token/saml.ts'
import { issue, sshKey } from '../token/x509.ts'
import { type Actor, actorOf } from './actor.ts'
import { discard, envOf, have, type Ran, type Running, root, run, startRolecall } from './process.ts'

/**
 * Terraform with the AWS provider: everything that the provider has for IAM and Organizations is made, found unchanged, changed and destroyed.
 * `ROLECALL_TERRAFORM=full` also plans after the change, and compares the files with what the provider has.
 */
const mirror = process.env.ROLECALL_TF_MIRROR ?? '/opt/tf-plugins'
const full = process.env.ROLECALL_TERRAFORM === 'full'
const folder = join(root, 'test', 'clients', 'terraform')

const holdsProvider = (directory: string): boolean =>
  existsSync(directory) &&
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).some((name) => name.includes('terraform-provider-aws'))
const lacking = !(await have('terraform', ['version']))
  ? 'there is no terraform here'
  : holdsProvider(mirror)
    ? undefined
    : `there is no AWS provider in ${mirror}; name its mirror in ROLECALL_TF_MIRROR`
const leftOut = lacking === undefined ? '' : ` (left out: ${lacking})`
if (lacking !== undefined) console.warn(`tests with Terraform${leftOut}`)

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
const files = readdirSync(folder).filter((name) => name.endsWith('.tf'))
const used = files.filter((file) => missing(file).length === 0)
const waiting = files.filter((file) => !used.includes(file))
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
let work: string
let environment: Readonly<Record<string, string>>

const terraform = (...args: readonly string[]): Promise<Ran> => run('terraform', args, environment, work)
const plain = ['-no-color', '-input=false']
function become(generation: 1 | 2): void {
  const variables = { endpoint: running.endpoint, generation, given }
  writeFileSync(join(work, 'terraform.tfvars.json'), JSON.stringify(variables))
}
async function well(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await terraform(...args)
  if (code !== 0) throw new Error(`terraform ${args.join(' ')} ended with ${code}:\n${stderr}\n${stdout.slice(-4000)}`)
  return stdout
}
/** From the state, as `terraform output -json` would print them: without another start of the program. */
function outputs(): Readonly<Record<string, unknown>> {
  const state = JSON.parse(readFileSync(join(work, 'terraform.tfstate'), 'utf8')) as {
    readonly outputs: Record<string, { readonly value: unknown }>
  }
  return Object.fromEntries(Object.entries(state.outputs).map(([name, { value }]) => [name, value]))
}
/** Changes that terraform sees between what it has made and what is read back: none, or its plan. */
async function difference(): Promise<string> {
  const { code, stdout, stderr } = await terraform('plan', ...plain, '-detailed-exitcode')
  return code === 0 ? '' : `${stdout}${stderr}`
}

describe.skipIf(lacking !== undefined)(`Terraform${leftOut}`, { timeout: 180_000 }, () => {
  const account = '012345678901'
  beforeAll(async () => {
    running = await startRolecall({ args: ['--account-id', account] })
    const env = await envOf(running)
    administrator = actorOf(env)
    work = mkdtempSync(join(tmpdir(), 'rolecall-terraform-'))
    for (const file of used) copyFileSync(join(folder, file), join(work, file))
    writeFileSync(
      join(work, 'terraform.rc'),
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
    )
    environment = {
      HOME: work,
      TF_CLI_CONFIG_FILE: join(work, 'terraform.rc'),
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
      // The provider's schemas are large and live to the end: there is little in them to collect, and much to look through.
      GOGC: '400',
      AWS_ACCESS_KEY_ID: env.accessKeyId,
      AWS_SECRET_ACCESS_KEY: env.secretAccessKey,
    }
    become(1)
    await well('init', ...plain)
  }, 120_000)
  afterAll(async () => {
    await discard(running)
    rmSync(work, { recursive: true, force: true })
  })

  test('makes everything, and reads what it made', async () => {
    await well('apply', ...plain, '-auto-approve')
    expect(outputs()).toMatchObject({
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
    })
  })

  test('finds it unchanged', async () => {
    expect(await difference()).toBe('')
  })

  test('changes what can be changed', async () => {
    become(2)
    // It has just been read; what another would have changed meanwhile is not the question.
    await well('apply', ...plain, '-auto-approve', '-refresh=false')
    expect(outputs()).toMatchObject({
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
      ...(uses('alias.tf') ? { alias: 'rolecall-second' } : {}),
      ...(uses('server-certificate.tf') ? { certificate: '/tls/' } : {}),
      ...(uses('ssh-key.tf') ? { ssh_key: 'Inactive' } : {}),
    })
  })

  test.skipIf(!full)('finds the changes unchanged (only with ROLECALL_TERRAFORM=full)', async () => {
    expect(await difference()).toBe('')
  })

  test('destroys everything, and nothing is left', async () => {
    const { iam } = administrator
    if (uses('force-destroy.tf')) {
      await iam.send(new sdk.CreateAccessKeyCommand({ UserName: 'forced' }))
      await iam.send(new sdk.CreateLoginProfileCommand({ UserName: 'forced', Password: 'Xy9-Xy9-Xy9-Xy9' }))
    }
    await well('destroy', ...plain, '-auto-approve', '-refresh=false')
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
        join(work, 'schema.sh'),
        // The whole of it is too much for a pipe: one name a line is enough.
        `terraform providers schema -json | grep -oE '"aws_(iam|organizations)_[a-z_]+":\\{"version"' | sort -u`,
      )
      const { code, stdout } = await run('sh', ['schema.sh'], environment, work)
      expect(code).toBe(0)
      const known = stdout.split('\n').flatMap((line) => /"(aws_(?:iam|organizations)_\w+)"/.exec(line)?.[1] ?? [])
      expect(known.length).toBeGreaterThan(40)
      const texts = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
      expect(known.filter((name) => !texts.includes(`"${name}"`))).toEqual([])
    },
  )
})
