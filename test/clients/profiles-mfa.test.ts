import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateVirtualMFADeviceCommand, EnableMFADeviceCommand } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromIni, fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import { type Actor, actorOf, allow, makeRole, makeUser, refusal, statement } from './actor.ts'
import { hasAws, leftOut } from './aws.ts'
import { discard, envOf, have, type Running, run, startRolecall } from './process.ts'
import { onTerminal } from './terminal.ts'

/** Profiles that ask for a second factor, or take their keys from elsewhere, as the aws CLI, boto3 and the SDK read them. */
const home = '012345678901'
const hasBoto3 = await have('python3', ['-c', 'import boto3'])
const withoutBoto3 = hasBoto3 ? '' : ' (left out: python3 has no boto3 here)'
if (!hasBoto3) console.warn(`tests with boto3${withoutBoto3}`)

let running: Running
let here: Actor
let folder: string

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  folder = mkdtempSync(join(tmpdir(), 'rolecall-mfa-'))
})
afterAll(async () => {
  await discard(running)
  rmSync(folder, { recursive: true, force: true })
})

/** Somebody at a machine of their own, with a device, and roles that let in whoever shows it. */
interface Person {
  readonly user: Actor & { readonly arn: string }
  readonly serial: string
  readonly role: (which: 1 | 2) => string
  readonly code: (steps?: number) => string
  readonly environment: Readonly<Record<string, string>>
  readonly files: { readonly filepath: string; readonly configFilepath: string }
}

async function person(name: string, device = name): Promise<Person> {
  const user = await makeUser(here, name, allow(['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession']))
  const { VirtualMFADevice } = await here.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: device }))
  const serial = VirtualMFADevice?.SerialNumber ?? ''
  const seed = seedBytes(Buffer.from(VirtualMFADevice?.Base32StringSeed ?? []).toString())
  const code = (steps = 0) => codeAt(seed, stepAt(Date.now()) + steps)
  const codes = { AuthenticationCode1: code(-2), AuthenticationCode2: code(-1) }
  await here.iam.send(new EnableMFADeviceCommand({ UserName: name, SerialNumber: serial, ...codes }))
  const trust = statement({
    Effect: 'Allow',
    Principal: { AWS: user.arn },
    Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': true } },
  })
  const role = (which: 1 | 2) => `arn:aws:iam::${home}:role/${name}-${which}`
  for (const which of [1, 2] as const) await makeRole(here, `${name}-${which}`, trust, { MaxSessionDuration: 43_200 })

  const machine = mkdtempSync(join(folder, `${name}-`))
  const files = { filepath: join(machine, 'credentials'), configFilepath: join(machine, 'config') }
  writeFileSync(
    files.filepath,
    `[default]
aws_access_key_id = ${user.env.accessKeyId}
aws_secret_access_key = ${user.env.secretAccessKey}

[role-with-mfa]
source_profile = default
role_arn = ${role(1)}
mfa_serial = ${serial}

[all-day]
source_profile = default
role_arn = ${role(1)}
mfa_serial = ${serial}
role_session_name = ${name}-works
duration_seconds = 43200
`,
  )
  writeFileSync(files.configFilepath, '')
  const environment = {
    AWS_ENDPOINT_URL: running.endpoint,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_SHARED_CREDENTIALS_FILE: files.filepath,
    AWS_CONFIG_FILE: files.configFilepath,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    HOME: machine,
    PYTHONDONTWRITEBYTECODE: '1',
  }
  return { user, serial, role, code, environment, files }
}

/** The question, to the letter: people have it in their scripts. */
const question = ({ serial }: Person) => `Enter MFA code for ${serial}: `
const identity = (profile: string) => ['aws', 'sts', 'get-caller-identity', '--profile', profile, '--output', 'json']
const arnIn = (output: string): string => /"Arn": "([^"]+)"/.exec(output)?.[1] ?? output

describe.skipIf(!hasAws)(`the aws CLI${leftOut}`, () => {
  test('asks for the code once, and remembers the session that it bought', async () => {
    const hal = await person('hal', 'gopass')
    expect(hal.serial).toBe(`arn:aws:iam::${home}:mfa/gopass`)
    const first = await onTerminal(identity('role-with-mfa'), hal.environment, [[question(hal), hal.code()]])
    expect(first).toMatchObject({ code: 0, asked: 1 })
    expect(arnIn(first.output)).toMatch(new RegExp(`^arn:aws:sts::${home}:assumed-role/hal-1/botocore-session-\\d+$`))
    // The code is typed unseen, and the next command asks for none.
    const second = await run('aws', identity('role-with-mfa').slice(1), hal.environment)
    expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' })
    expect(arnIn(second.stdout)).toBe(arnIn(first.output))
    expect(readdirSync(join(hal.environment.HOME ?? '', '.aws', 'cli', 'cache'))).toHaveLength(1)
  })

  test('is told that a code is wrong, and that one was used', async () => {
    const hal = await person('mistyped')
    const words = 'MultiFactorAuthentication failed with invalid MFA one time pass code.'
    const ask = (code: string) => onTerminal(identity('role-with-mfa'), hal.environment, [[question(hal), code]])
    const wrong = await ask(hal.code(500))
    expect(wrong).toMatchObject({ asked: 1 })
    expect(wrong.code).toBeGreaterThan(0)
    expect(wrong.output).toContain(`An error occurred (AccessDenied) when calling the AssumeRole operation: ${words}`)
    const code = hal.code()
    const shown = ['sts', 'get-session-token', '--serial-number', hal.serial, '--token-code', code, '--output', 'json']
    expect((await run('aws', shown, hal.environment)).code).toBe(0)
    expect((await ask(code)).output).toContain(words)
  })

  test('opens two roles with one code, by way of get-session-token', async () => {
    const hal = await person('thrifty')
    const shown = [
      ...['sts', 'get-session-token', '--serial-number', hal.serial, '--token-code', hal.code()],
      ...['--query', 'Credentials', '--output', 'json'],
    ]
    const { stdout, stderr } = await run('aws', shown, hal.environment)
    expect(stderr).toBe('')
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(stdout)
    const role = (which: 1 | 2) => `[r${which}]\nrole_arn = ${hal.role(which)}\nsource_profile = shown\n`
    writeFileSync(
      hal.files.filepath,
      `[shown]
aws_access_key_id = ${AccessKeyId}
aws_secret_access_key = ${SecretAccessKey}
aws_session_token = ${SessionToken}

${role(1)}
${role(2)}`,
    )
    for (const which of [1, 2] as const) {
      const ran = await run('aws', identity(`r${which}`).slice(1), hal.environment)
      expect(ran.stderr).toBe('')
      expect(arnIn(ran.stdout)).toContain(`assumed-role/thrifty-${which}/botocore-session-`)
    }
  })

  test('takes name and twelve hours from the profile', async () => {
    const hal = await person('daily')
    const ran = await onTerminal(identity('all-day'), hal.environment, [[question(hal), hal.code()]])
    expect(arnIn(ran.output)).toBe(`arn:aws:sts::${home}:assumed-role/daily-1/daily-works`)
    const cache = join(hal.environment.HOME ?? '', '.aws', 'cli', 'cache')
    const [kept = ''] = readdirSync(cache)
    const { Credentials } = JSON.parse(readFileSync(join(cache, kept), 'utf8'))
    expect(Math.abs((Date.parse(Credentials.Expiration) - Date.now()) / 3_600_000 - 12)).toBeLessThan(0.02)
  })

  test('names a source, with the code beside it, and is told the source back', async () => {
    const hal = await person('sourced')
    const { stdout, stderr } = await run(
      'aws',
      [
        ...['sts', 'assume-role', '--role-arn', hal.role(1), '--role-session-name', 'one', '--source-identity', 'hal'],
        ...['--serial-number', hal.serial, '--token-code', hal.code(), '--tags', 'Key=team,Value=red'],
        ...['--transitive-tag-keys', 'team', '--duration-seconds', '900', '--output', 'json'],
      ],
      hal.environment,
    )
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({
      SourceIdentity: 'hal',
      PackedPolicySize: expect.any(Number),
      AssumedRoleUser: { Arn: `arn:aws:sts::${home}:assumed-role/sourced-1/one` },
    })
  })
})

describe.skipIf(!hasBoto3)(`boto3${withoutBoto3}`, () => {
  const script = (profile: string) =>
    `import boto3; print('"Arn": "%s"' % boto3.Session(profile_name="${profile}").client("sts").get_caller_identity()["Arn"])`

  test('asks for the code as the CLI does', async () => {
    const hal = await person('snake')
    const ran = await onTerminal(['python3', '-c', script('role-with-mfa')], hal.environment, [
      [question(hal), hal.code()],
    ])
    expect(ran).toMatchObject({ code: 0, asked: 1 })
    expect(arnIn(ran.output)).toContain('assumed-role/snake-1/botocore-session-')
  })

  test('passes what the profile says, and what a call does', async () => {
    const hal = await person('explicit')
    const call = `
import boto3, json
answer = boto3.client("sts").assume_role(
    RoleArn="${hal.role(2)}", RoleSessionName="one", SerialNumber="${hal.serial}", TokenCode="${hal.code()}",
    SourceIdentity="hal", Tags=[{"Key": "team", "Value": "red"}], TransitiveTagKeys=["team"], DurationSeconds=43200)
print(json.dumps([answer["SourceIdentity"], answer["AssumedRoleUser"]["Arn"], answer["PackedPolicySize"] > 0]))`
    const { stdout, stderr } = await run('python3', ['-c', call], hal.environment)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(['hal', `arn:aws:sts::${home}:assumed-role/explicit-2/one`, true])
  })
})

describe('the SDK for JavaScript', () => {
  const clientConfig = () => ({ endpoint: running.endpoint, region: 'us-east-1', maxAttempts: 1 })
  const whoIs = async (credentials: ReturnType<typeof fromIni>) => {
    const client = new STSClient({ ...clientConfig(), credentials })
    return (await client.send(new GetCallerIdentityCommand({}))).Arn
  }
  const profile = (hal: Person, name: string, code: () => string) =>
    fromIni({
      ...hal.files,
      profile: name,
      clientConfig: clientConfig(),
      ignoreCache: true,
      mfaCodeProvider: async (serial) => {
        expect(serial).toBe(hal.serial)
        return code()
      },
    })

  test('asks whoever reads the profile for the code', async () => {
    const hal = await person('script')
    expect(await whoIs(profile(hal, 'all-day', hal.code))).toBe(
      `arn:aws:sts::${home}:assumed-role/script-1/script-works`,
    )
    expect(await refusal(whoIs(profile(hal, 'all-day', () => hal.code(500))))).toEqual({
      code: 'AccessDenied',
      message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
      status: 403,
    })
  })

  test('and whoever asks for temporary credentials', async () => {
    const hal = await person('temporary')
    const credentials = fromTemporaryCredentials({
      masterCredentials: fromIni({ ...hal.files, profile: 'default', ignoreCache: true }),
      params: {
        RoleArn: hal.role(2),
        RoleSessionName: 'app',
        SerialNumber: hal.serial,
        SourceIdentity: 'hal',
        DurationSeconds: 43_200,
      },
      mfaCodeProvider: async () => hal.code(),
      clientConfig: clientConfig(),
    })
    expect(await whoIs(credentials)).toBe(`arn:aws:sts::${home}:assumed-role/temporary-2/app`)
  })
})

describe('keys from the environment, where a profile says so', () => {
  let environment: Readonly<Record<string, string>>
  let files: Person['files']
  const led = /^arn:aws:sts::012345678901:assumed-role\/from-environment\/(botocore-session-|aws-sdk-js-)\d+$/

  beforeAll(async () => {
    const user = await makeUser(here, 'environment', allow('sts:AssumeRole'))
    await makeRole(
      here,
      'from-environment',
      statement({ Effect: 'Allow', Principal: { AWS: user.arn }, Action: 'sts:AssumeRole' }),
    )
    const machine = mkdtempSync(join(folder, 'environment-'))
    files = { filepath: join(machine, 'credentials'), configFilepath: join(machine, 'config') }
    writeFileSync(files.filepath, '')
    writeFileSync(
      files.configFilepath,
      `[profile app]\nrole_arn = arn:aws:iam::${home}:role/from-environment\ncredential_source = Environment\n`,
    )
    environment = {
      AWS_ENDPOINT_URL: running.endpoint,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: user.env.accessKeyId,
      AWS_SECRET_ACCESS_KEY: user.env.secretAccessKey,
      AWS_SHARED_CREDENTIALS_FILE: files.filepath,
      AWS_CONFIG_FILE: files.configFilepath,
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: machine,
      PYTHONDONTWRITEBYTECODE: '1',
    }
  })

  test.skipIf(!hasAws)(`by the aws CLI${leftOut}`, async () => {
    const { stdout, stderr } = await run('aws', identity('app').slice(1), environment)
    expect(stderr).toBe('')
    expect(arnIn(stdout)).toMatch(led)
  })

  test.skipIf(!hasBoto3)(`by boto3${withoutBoto3}`, async () => {
    const script = 'import boto3; print(boto3.Session(profile_name="app").client("sts").get_caller_identity()["Arn"])'
    const { stdout, stderr } = await run('python3', ['-c', script], environment)
    expect(stderr).toBe('')
    expect(stdout.trim()).toMatch(led)
  })

  test('by the SDK for JavaScript', async () => {
    // The provider reads this process's own environment.
    const before = { ...process.env }
    Object.assign(process.env, environment)
    try {
      const clientConfig = { endpoint: running.endpoint, region: 'us-east-1', maxAttempts: 1 }
      const credentials = fromIni({ ...files, profile: 'app', clientConfig, ignoreCache: true })
      const client = new STSClient({ ...clientConfig, credentials })
      expect((await client.send(new GetCallerIdentityCommand({}))).Arn).toMatch(led)
    } finally {
      for (const name of Object.keys(environment))
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
    }
  })
})
