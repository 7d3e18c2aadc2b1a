import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateSAMLProviderCommand, ListUsersCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleWithSAMLCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aws as attribute, identityProvider, login, openingKey, type Said } from '../token/idp.ts'
import { attacks, wishOf } from '../token/saml-attacks.ts'
import { type Actor, actorOf, allow, makeRole, refusal, statement, textOf, whoIs, withKeys } from './actor.ts'
import { hasAws, leftOut, openAws } from './aws.ts'
import { discard, type Env, envOf, have, type Running, rolecall, run, startRolecall } from './process.ts'

/** Logins by SAML through clients that we did not write, which send them unsigned; the provider is the command line's, and a test's. */
const home = '012345678901'
const role = `arn:aws:iam::${home}:role/dev`
const local = `arn:aws:iam::${home}:saml-provider/local`
const corp = `arn:aws:iam::${home}:saml-provider/corp`
const idp = identityProvider()
const hasBoto3 = await have('python3', ['-c', 'import boto3'])
const withoutBoto3 = hasBoto3 ? '' : ' (left out: python3 has no boto3 here)'
if (!hasBoto3) console.warn(`tests with boto3${withoutBoto3}`)

let running: Running
let env: Env
let here: Actor
let folder: string
/** A client of somebody who has no keys, and needs none. */
let anybody: STSClient

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-saml-'))
  running = await startRolecall({ args: ['--account-id', home] })
  env = await envOf(running)
  here = actorOf(env)
  anybody = new STSClient({ endpoint: env.endpoint, region: env.region, maxAttempts: 1 })
  const metadata = await saml('metadata')
  await here.iam.send(new CreateSAMLProviderCommand({ Name: 'local', SAMLMetadataDocument: metadata }))
  await here.iam.send(new CreateSAMLProviderCommand({ Name: 'corp', SAMLMetadataDocument: idp.metadata }))
  await makeRole(
    here,
    'dev',
    statement({
      Effect: 'Allow',
      Principal: { Federated: [local, corp] },
      Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity'],
      Condition: { StringEquals: { 'saml:aud': 'https://signin.aws.amazon.com/saml' } },
    }),
  )
  await here.iam.send(
    new PutRolePolicyCommand({ RoleName: 'dev', PolicyName: 'own', PolicyDocument: textOf(allow('iam:ListUsers')) }),
  )
})
afterAll(async () => {
  anybody.destroy()
  await discard(running)
  rmSync(folder, { recursive: true, force: true })
})

async function saml(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await rolecall(['saml', ...args, '--data', folder])
  if (code !== 0 || stderr !== '') throw new Error(`rolecall saml ended with ${code}: ${stderr}`)
  return stdout
}
const assertion = async (...args: readonly string[]) =>
  (await saml('assertion', '--role', role, '--session-name', 'alice', ...args)).trim()
const enter = (SAMLAssertion: string, PrincipalArn = local) =>
  anybody.send(new AssumeRoleWithSAMLCommand({ RoleArn: role, PrincipalArn, SAMLAssertion }))

describe('rolecall saml', () => {
  test('keeps its key where nobody else reads it, and stays the same provider', async () => {
    expect(statSync(join(folder, 'saml-idp.pem')).mode & 0o777).toBe(0o600)
    const [one, two] = await Promise.all([saml('metadata'), saml('metadata')])
    expect(one).toBe(two)
    expect(await saml('metadata', '--issuer', 'urn:other')).toContain('entityID="urn:other"')
  })

  test('makes one key where several ask for it at once', async () => {
    const data = join(folder, 'together')
    const made = await Promise.all([1, 2, 3].map(() => rolecall(['saml', 'metadata', '--data', data])))
    expect(new Set(made.map(({ stdout }) => stdout)).size).toBe(1)
    expect(made.map(({ code }) => code)).toEqual([0, 0, 0])
  })

  test('says when its file is not its own', async () => {
    const data = mkdtempSync(join(folder, 'other-'))
    writeFileSync(join(data, 'saml-idp.pem'), 'nothing')
    const { code, stderr } = await rolecall(['saml', 'metadata', '--data', data])
    expect(code).toBe(1)
    expect(stderr).toContain('holds no key with its certificate')
  })

  test.each([
    ['no role', ['--session-name', 'alice']],
    ['no session name', ['--role', role]],
    ['what is no role', ['--role', 'dev', '--session-name', 'alice']],
    ['a tag without a value', ['--role', role, '--session-name', 'alice', '--tag', 'team']],
    ['a duration that is none', ['--role', role, '--session-name', 'alice', '--duration', '1']],
  ])('refuses %s as typed wrong', async (_what, args) => {
    expect((await rolecall(['saml', 'assertion', ...args, '--data', folder])).code).toBe(2)
  })
})

describe('the AWS SDK', () => {
  test('becomes a role with the assertion alone', async () => {
    const message = await assertion(
      ...['--subject', 'alice@example.com', '--format', 'transient', '--tag', 'team=red', '--transitive', 'team'],
      ...['--source-identity', 'alice-source', '--attribute', 'urn:oid:2.5.4.3=Alice & Bob', '--duration', '1800'],
    )
    const begun = Date.now()
    const made = await enter(message)
    expect(made).toMatchObject({
      Subject: 'alice@example.com',
      SubjectType: 'transient',
      Issuer: 'urn:rolecall:local-idp',
      Audience: 'https://signin.aws.amazon.com/saml',
      SourceIdentity: 'alice-source',
      AssumedRoleUser: { Arn: `arn:aws:sts::${home}:assumed-role/dev/alice` },
    })
    const lasts = (made.Credentials?.Expiration?.getTime() ?? 0) - begun
    expect(lasts).toBeGreaterThan(1_795_000)
    expect(lasts).toBeLessThan(1_810_000)
    const alice = withKeys(here, {
      accessKeyId: made.Credentials?.AccessKeyId ?? '',
      secretAccessKey: made.Credentials?.SecretAccessKey ?? '',
      sessionToken: made.Credentials?.SessionToken ?? '',
    })
    expect((await whoIs(alice)).Arn).toBe(`arn:aws:sts::${home}:assumed-role/dev/alice`)
    expect((await alice.iam.send(new ListUsersCommand({}))).Users).toBeDefined()
    expect(await refusal(enter(message))).toMatchObject({
      code: 'InvalidIdentityToken',
      message: 'Token has already been redeemed',
      status: 400,
    })
  })

  test('is held to the end of the provider’s own session', async () => {
    const made = await enter(await assertion('--ends-in', '120'))
    expect((made.Credentials?.Expiration?.getTime() ?? 0) - Date.now()).toBeLessThan(121_000)
  })

  test('is told what is wrong, in AWS’s words', async () => {
    const said: Said = {
      at: Date.now(),
      attributes: { [attribute('Role')]: [`${role},${corp}`], [attribute('RoleSessionName')]: ['alice'] },
    }
    const unnamed = { ...said.attributes, [attribute('RoleSessionName')]: ['not a name'] }
    const rows: readonly (readonly [Said, object])[] = [
      [{ issuer: 'urn:other' }, { code: 'InvalidIdentityToken', message: 'Issuer not present in specified provider' }],
      [{ audience: 'urn:other' }, { message: 'Response does not contain the required audience', status: 400 }],
      [{ recipient: 'https://eu-central-1.signin.aws.amazon.com/saml' }, { code: 'AccessDenied', status: 403 }],
      [
        { attributes: { ...said.attributes, [attribute('Role')]: [`${role},${local}`] } },
        { code: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithSAML' },
      ],
      [{ attributes: unnamed }, { message: 'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}' }],
    ]
    for (const [what, expected] of rows)
      expect(await refusal(enter(login(idp, { ...said, ...what }), corp))).toMatchObject(expected)
  })

  test('gets nothing for what is forged', async () => {
    const truth: Said = {
      at: Date.now(),
      id: '_truth',
      attributes: { [attribute('Role')]: [`${role},${corp}`], [attribute('RoleSessionName')]: ['alice'] },
    }
    const stranger = identityProvider()
    const all = attacks({ idp, other: stranger, opening: openingKey(), truth, wish: wishOf(truth) })
    // What is too early by a second when it is made is not when it arrives.
    for (const { name, message } of all.filter(({ trouble }) => trouble !== 'early')) {
      const { code } = await refusal(enter(message, corp))
      expect(['InvalidIdentityToken', 'ExpiredTokenException', 'ValidationError'], name).toContain(code)
    }
    const late = login(idp, { ...truth, id: '_late', at: Date.now() - 301_000, confirmedUntil: Date.now() + 60_000 })
    expect(await refusal(enter(late, corp))).toMatchObject({
      code: 'ExpiredTokenException',
      message: 'Token must be redeemed within 5 minutes of issuance',
    })
    expect((await enter(login(idp, { ...truth, at: Date.now() }), corp)).Subject).toBe('alice')
    const logs = running.output()
    expect(logs).not.toContain('level":50')
  })

  test('leaves no assertion in any file or line of the authority', async () => {
    const message = await assertion()
    await enter(message)
    const { stdout, stderr } = await rolecall(['why', '--last', '--data', running.data])
    const kept = ['rolecall.db', 'rolecall.db-wal', 'audit.db', 'audit.db-wal'].map((file) => {
      try {
        return readFileSync(join(running.data, file), 'latin1')
      } catch {
        return ''
      }
    })
    for (const text of [running.output(), stdout, stderr, ...kept]) expect(text).not.toContain(message.slice(200, 260))
  })
})

describe.skipIf(!hasAws)(`the aws CLI${leftOut}`, () => {
  test('becomes a role without keys', async () => {
    const aws = await openAws()
    const bare = { AWS_ENDPOINT_URL: env.endpoint, AWS_DEFAULT_REGION: env.region, AWS_EC2_METADATA_DISABLED: 'true' }
    const file = join(folder, 'assertion.txt')
    writeFileSync(file, `${await assertion('--tag', 'team=red')}\n`)
    const args = ['--role-arn', role, '--principal-arn', local, '--saml-assertion', `file://${file}`]
    const ran = await aws.run(['sts', 'assume-role-with-saml', ...args, '--duration-seconds', '900'], bare)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(ran.stdout)).toMatchObject({ Subject: 'alice', Issuer: 'urn:rolecall:local-idp' })
    const again = await aws.run(['sts', 'assume-role-with-saml', ...args], bare)
    expect(again.stderr.trim()).toBe(
      'An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithSAML operation: Token has already been redeemed',
    )
    aws.close()
  })
})

describe.skipIf(!hasBoto3)(`boto3${withoutBoto3}`, () => {
  test('becomes a role without keys', async () => {
    const program = `
import boto3, json, sys
from botocore.exceptions import ClientError
sts = boto3.client("sts")
role, provider, assertion = sys.stdin.read().split()
call = dict(RoleArn=role, PrincipalArn=provider, SAMLAssertion=assertion)
made = sts.assume_role_with_saml(**call)
keys = made["Credentials"]
who = boto3.client("sts", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
    aws_session_token=keys["SessionToken"]).get_caller_identity()
try:
    sts.assume_role_with_saml(**call)
    again = None
except sts.exceptions.InvalidIdentityTokenException as error:
    again = error.response["Error"]["Message"]
print(json.dumps([made["Subject"], made["NameQualifier"], who["Arn"], again]))
`
    const input = join(folder, 'input.txt')
    writeFileSync(input, `${role} ${local} ${await assertion()}`)
    writeFileSync(join(folder, 'program.py'), program)
    const ran = await run('sh', ['-c', `python3 "${join(folder, 'program.py')}" < "${input}"`], {
      AWS_ENDPOINT_URL: env.endpoint,
      AWS_DEFAULT_REGION: env.region,
      AWS_EC2_METADATA_DISABLED: 'true',
      PYTHONDONTWRITEBYTECODE: '1',
      HOME: folder,
    })
    expect(ran.stderr).toBe('')
    expect(JSON.parse(ran.stdout)).toEqual([
      'alice',
      expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
      `arn:aws:sts::${home}:assumed-role/dev/alice`,
      'Token has already been redeemed',
    ])
  })
})
