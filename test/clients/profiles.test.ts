import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromIni, fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, allow, makeAccount, makeRole, makeUser, refusal, textOf, trusting } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws } from './aws.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** The configuration file by which people become roles without handling credentials, read by clients that are not ours. */
const home = '012345678901'
const other = '987654321098'
const roleArn = (name: string, account = home) => `arn:aws:iam::${account}:role/${name}`

let running: Running
let here: Actor
let there: Actor
let folder: string
let files: { readonly config: string; readonly credentials: string }

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  there = (await makeAccount(running, other)).administrator
  const hal = await makeUser(here, 'halJordan', allow('sts:AssumeRole'))
  await makeRole(here, 'EksAdminRole', trusting(hal.arn), { MaxSessionDuration: 43_200 })
  await here.iam.send(
    new PutRolePolicyCommand({
      RoleName: 'EksAdminRole',
      PolicyName: 'assume',
      PolicyDocument: textOf(allow('sts:AssumeRole')),
    }),
  )
  await makeRole(there, 'EcsAuditorRole', trusting([hal.arn, roleArn('EksAdminRole')]))
  await makeRole(
    there,
    'Vendor',
    trusting(home, { StringEquals: { 'sts:ExternalId': 'e-42', 'sts:RoleSessionName': 'from-the-profile' } }),
  )

  folder = mkdtempSync(join(tmpdir(), 'rolecall-profiles-'))
  files = { config: join(folder, 'config'), credentials: join(folder, 'credentials') }
  writeFileSync(
    files.credentials,
    `[default]
aws_access_key_id = ${hal.env.accessKeyId}
aws_secret_access_key = ${hal.env.secretAccessKey}

[role-with-mfa]
source_profile = default
role_arn = ${roleArn('EksAdminRole')}
mfa_serial = arn:aws:iam::${home}:mfa/gopass
`,
  )
  writeFileSync(
    files.config,
    `[default]
region = us-east-1

[profile eks]
role_arn = ${roleArn('EksAdminRole')}
source_profile = default

[profile eks-all-day]
role_arn = ${roleArn('EksAdminRole')}
source_profile = default
duration_seconds = 43200

[profile auditor]
role_arn = ${roleArn('EcsAuditorRole', other)}
source_profile = default
role_session_name = audit

[profile chained]
role_arn = ${roleArn('EcsAuditorRole', other)}
source_profile = eks
role_session_name = through-eks

[profile vendor]
role_arn = ${roleArn('Vendor', other)}
source_profile = default
external_id = e-42
role_session_name = from-the-profile

[profile vendor-without-id]
role_arn = ${roleArn('Vendor', other)}
source_profile = default
role_session_name = from-the-profile

[profile chained-too-long]
role_arn = ${roleArn('EksAdminRole')}
source_profile = eks-self
duration_seconds = 7200

[profile auditor-all-day]
role_arn = ${roleArn('EcsAuditorRole', other)}
source_profile = default
duration_seconds = 43200

[profile eks-self]
role_arn = ${roleArn('EksAdminRole')}
source_profile = default
`,
  )
})
afterAll(async () => {
  await discard(running)
  rmSync(folder, { recursive: true, force: true })
})

/** What every profile leads to: the identity, or the refusal. */
const halArn = `arn:aws:iam::${home}:user/halJordan`
const outcomes: readonly (readonly [profile: string, leads: RegExp | { readonly refused: string }])[] = [
  ['default', /^arn:aws:iam::012345678901:user\/halJordan$/],
  ['eks', /^arn:aws:sts::012345678901:assumed-role\/EksAdminRole\/(botocore-session-|aws-sdk-js-)\d+$/],
  ['auditor', /^arn:aws:sts::987654321098:assumed-role\/EcsAuditorRole\/audit$/],
  ['chained', /^arn:aws:sts::987654321098:assumed-role\/EcsAuditorRole\/through-eks$/],
  ['vendor', /^arn:aws:sts::987654321098:assumed-role\/Vendor\/from-the-profile$/],
  ['eks-all-day', /^arn:aws:sts::012345678901:assumed-role\/EksAdminRole\//],
  ['auditor-all-day', { refused: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.' }],
  [
    'vendor-without-id',
    {
      refused: `User: ${halArn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn('Vendor', other)}`,
    },
  ],
  [
    'chained-too-long',
    {
      refused: `assumed-role/EksAdminRole/SESSION is not authorized to perform: sts:AssumeRole on resource: ${roleArn('EksAdminRole')}`,
    },
  ],
]
const withoutSession = (text: string) =>
  text.replace(/(EksAdminRole)\/(botocore-session-|aws-sdk-js-)\d+/, '$1/SESSION')

describe('profiles, read by the SDK for JavaScript', () => {
  const whoIs = async (credentials: ReturnType<typeof fromIni>) => {
    const client = new STSClient({ endpoint: running.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
    return (await client.send(new GetCallerIdentityCommand({}))).Arn
  }
  const clientConfig = () => ({ endpoint: running.endpoint, region: 'us-east-1', maxAttempts: 1 })
  const profile = (name: string, more: object = {}) =>
    fromIni({
      profile: name,
      configFilepath: files.config,
      filepath: files.credentials,
      clientConfig: clientConfig(),
      ignoreCache: true,
      ...more,
    })

  test.each(outcomes)('%s', async (name, leads) => {
    if (leads instanceof RegExp) expect(await whoIs(profile(name))).toMatch(leads)
    else {
      const { code, message } = await refusal(whoIs(profile(name)))
      expect(code).toBe(name === 'auditor-all-day' ? 'ValidationError' : 'AccessDenied')
      expect(withoutSession(message)).toContain(leads.refused)
    }
  })

  test('with a second factor: the code is asked for, and told to be no good', async () => {
    const asked: string[] = []
    const mfaCodeProvider = async (serial: string) => {
      asked.push(serial)
      return '123456'
    }
    const { code, message } = await refusal(whoIs(profile('role-with-mfa', { mfaCodeProvider })))
    expect(asked).toEqual([`arn:aws:iam::${home}:mfa/gopass`])
    expect(code).toBe('AccessDenied')
    expect(message).toMatch(/^MultiFactorAuthentication failed/)
  })

  test('twelve hours where the role has them', async () => {
    const { expiration } = await profile('eks-all-day')()
    const hours = ((expiration?.getTime() ?? 0) - Date.now()) / 3_600_000
    expect(Math.abs(hours - 12)).toBeLessThan(0.01)
  })

  test('credentials that renew themselves, and a chain of them', async () => {
    const eks = fromTemporaryCredentials({
      masterCredentials: fromIni({ configFilepath: files.config, filepath: files.credentials }),
      params: { RoleArn: roleArn('EksAdminRole'), RoleSessionName: 'app' },
      clientConfig: clientConfig(),
    })
    expect(await whoIs(eks)).toBe(`arn:aws:sts::${home}:assumed-role/EksAdminRole/app`)
    const auditor = fromTemporaryCredentials({
      masterCredentials: eks,
      params: { RoleArn: roleArn('EcsAuditorRole', other), RoleSessionName: 'app-audit' },
      clientConfig: clientConfig(),
    })
    expect(await whoIs(auditor)).toBe(`arn:aws:sts::${other}:assumed-role/EcsAuditorRole/app-audit`)
  })
})

describe.skipIf(!hasAws)(`profiles, read by the aws CLI${leftOut}`, () => {
  let aws: Aws
  beforeAll(async () => {
    aws = await openAws()
  })
  afterAll(() => aws.close())
  const ask = (...args: readonly string[]) =>
    aws.run(args, {
      AWS_ENDPOINT_URL: running.endpoint,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_CONFIG_FILE: files.config,
      AWS_SHARED_CREDENTIALS_FILE: files.credentials,
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: folder,
    })

  test.each(outcomes)('%s', async (name, leads) => {
    const { code, stdout, stderr } = await ask('sts', 'get-caller-identity', '--profile', name)
    if (leads instanceof RegExp) {
      expect(stderr).toBe('')
      expect(JSON.parse(stdout).Arn).toMatch(leads)
    } else {
      expect(code).toBeGreaterThan(0)
      expect(stderr).toMatch(
        /An error occurred \((AccessDenied|ValidationError)\) when calling the AssumeRole operation: /,
      )
      expect(withoutSession(stderr)).toContain(leads.refused)
    }
  })

  test('what a profile says is what the trail tells of the call', async () => {
    const ran = await ask('sts', 'get-caller-identity', '--profile', 'vendor')
    expect(ran.code).toBe(0)
    // A call that gives out credentials is in the trail before they leave.
    const { events } = await trail('AssumeRole')
    const parameters = events.map(({ requestParameters }) => requestParameters)
    expect(parameters).toContainEqual(
      expect.objectContaining({
        roleArn: roleArn('Vendor', other),
        externalId: 'e-42',
        roleSessionName: 'from-the-profile',
      }),
    )
    await ask('sts', 'get-caller-identity', '--profile', 'eks-all-day')
    const later = await trail('AssumeRole')
    expect(later.events.map(({ requestParameters }) => requestParameters)).toContainEqual(
      expect.objectContaining({ roleArn: roleArn('EksAdminRole'), durationSeconds: 43_200 }),
    )
  })

  /** The newest records of the first account, as its administrator looks them up. */
  async function trail(name: string): Promise<{ readonly events: readonly { readonly requestParameters: object }[] }> {
    const { accessKeyId, secretAccessKey } = here.env
    const attribute = `AttributeKey=EventName,AttributeValue=${name}`
    const looked = await aws.run(
      ['cloudtrail', 'lookup-events', '--lookup-attributes', attribute, '--max-items', '50', '--output', 'json'],
      {
        AWS_ENDPOINT_URL: running.endpoint,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
        HOME: folder,
      },
    )
    expect(looked.stderr).toBe('')
    const { Events } = JSON.parse(looked.stdout) as { readonly Events: readonly { readonly CloudTrailEvent: string }[] }
    return { events: Events.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent)) }
  }
})
