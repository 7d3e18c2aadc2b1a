import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, type Keys, type Part } from '../clients/call.ts'
import { discard, type Env, envOf, type Running, rolecall, startRolecall } from '../clients/process.ts'

let running: Running
let env: Env
let ann: Keys

const keysIn = (part: Part | undefined): Keys => ({
  accessKeyId: String(part?.AccessKeyId),
  secretAccessKey: String(part?.SecretAccessKey),
  ...(part?.SessionToken === undefined ? {} : { sessionToken: String(part.SessionToken) }),
})
async function ask(
  keys: Keys,
  service: 'iam' | 'sts',
  action: string,
  parameters: Readonly<Record<string, string>> = {},
) {
  const reply = await call(running.endpoint, keys, service, action, parameters)
  if (reply.status !== 200) throw new Error(`${action}: ${reply.text}`)
  return reply.result
}
const assume = async (keys: Keys, RoleSessionName: string) =>
  keysIn(
    (
      await ask(keys, 'sts', 'AssumeRole', {
        RoleArn: `arn:aws:iam::${env.accountId}:role/app`,
        RoleSessionName,
        'Tags.member.1.Key': 'team',
        'Tags.member.1.Value': 'red',
      })
    ).Credentials,
  )
const lives = async (keys: Keys) => (await call(running.endpoint, keys, 'sts', 'GetCallerIdentity')).status === 200
const sessions = (...args: readonly string[]) => rolecall(['sessions', ...args, '--data', running.data])

beforeAll(async () => {
  running = await startRolecall()
  env = await envOf(running)
  const all = { Effect: 'Allow', Action: '*', Resource: '*' }
  const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
  await ask(env, 'iam', 'CreateUser', { UserName: 'ann' })
  await ask(env, 'iam', 'PutUserPolicy', { UserName: 'ann', PolicyName: 'p', PolicyDocument: policy(all) })
  ann = keysIn((await ask(env, 'iam', 'CreateAccessKey', { UserName: 'ann' })).AccessKey)
  await ask(env, 'iam', 'CreateRole', {
    RoleName: 'app',
    AssumeRolePolicyDocument: policy({
      Effect: 'Allow',
      Principal: { AWS: env.accountId },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    }),
  })
})
afterAll(() => discard(running))

describe('rolecall sessions', () => {
  test('says so where there are none', async () => {
    expect(await sessions('ls')).toEqual({ code: 0, stdout: 'no sessions\n', stderr: '' })
  })

  test('lists who is who, by whom, and for how long, and fits a terminal of 80 columns', async () => {
    const session = await assume(ann, 'deploy')
    await ask(ann, 'sts', 'GetFederationToken', { Name: 'bob' })
    const { code, stdout } = await sessions('ls')
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/^ASIA[A-Z2-7]{16} {2}1[12] h left {5}federated user bob$/)
    expect(lines[1]).toBe(`    GetFederationToken by user ann; with ${ann.accessKeyId}; from 127.0.0.1`)
    expect(stdout).toContain(`${session.accessKeyId}  60 min left   role app, session deploy\n`)
    expect(stdout).toMatch(/; from 127\.0\.0\.1;\n? +tags team\n/)
    expect(lines.at(-2)).toBe('2 live')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    const [newest, first] = JSON.parse((await sessions('ls', '--json')).stdout) as Record<string, unknown>[]
    expect(newest).toMatchObject({ arn: `arn:aws:sts::${env.accountId}:federated-user/bob`, mfa: false })
    expect(first).toMatchObject({
      accessKeyId: session.accessKeyId,
      operation: 'AssumeRole',
      source: { type: 'IAMUser', accessKeyId: ann.accessKeyId, sourceIp: '127.0.0.1', userAgent: 'rolecall-test' },
      tagKeys: ['team'],
      hops: [{ accessKeyId: ann.accessKeyId }],
    })
    expect(String(first?.expires)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
    expect(first).not.toHaveProperty('ended')
    expect((await sessions('ls', '--role', 'app')).stdout).toContain('\n1 live\n')
    expect((await sessions('ls', '--user', 'administrator')).stdout).toBe('no sessions\n')
    expect((await sessions('ls', '--limit', '1')).stdout).toMatch(/\n1 live\nThere are more: --limit 10\n$/)
  })

  test('ends a role’s, and says who can begin new ones', async () => {
    const session = await assume(ann, 'one')
    const { code, stdout } = await sessions('revoke', '--role', 'app')
    expect([code, await lives(session), await lives(ann)]).toEqual([0, false, true])
    expect(stdout).toContain('role app: 2 sessions are over, on every node')
    expect(stdout).toContain('whoever the role trusts can begin a new session at once')
    expect(stdout).toContain('\n  aws iam update-assume-role-policy --role-name app ')
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect((await sessions('ls', '--role', 'app')).stdout).toMatch(
      new RegExp(`^${session.accessKeyId} {2}revoked {7}role app, session one\\n[^]*\\n0 live, 2 ended\\n$`),
    )
    expect(await lives(await assume(ann, 'two'))).toBe(true)
  })

  test('ends those of one key or one session, and names what can begin others', async () => {
    const [one, two] = [await assume(ann, 'one'), await assume(ann, 'two')]
    const single = await sessions('revoke', '--access-key', one.accessKeyId)
    expect([await lives(one), await lives(two)]).toEqual([false, true])
    expect(single.stdout).toContain(`key ${one.accessKeyId}: 1 session is over`)
    expect(single.stdout).toContain(` sessions revoke --access-key ${ann.accessKeyId} --data ${running.data}\n`)
    const all = await sessions('revoke', '--access-key', ann.accessKeyId, '--json')
    expect(JSON.parse(all.stdout)).toMatchObject({ id: ann.accessKeyId, sessions: 6 })
    expect([await lives(two), await lives(ann)]).toEqual([false, true])
    const again = await sessions('revoke', '--access-key', ann.accessKeyId)
    expect(again.stdout).toContain(
      `\n  aws iam update-access-key --access-key-id ${ann.accessKeyId} --status Inactive\n`,
    )
  })

  test('ends a user’s, and tells of keys that still work, or that none does', async () => {
    const session = await assume(ann, 'one')
    const { stdout } = await sessions('revoke', '--user', 'ann')
    expect([await lives(session), await lives(ann)]).toEqual([false, true])
    expect(stdout).toContain('an active access key of ann, which can begin new sessions')
    expect(stdout).toContain(
      `\n  aws iam update-access-key --access-key-id ${ann.accessKeyId} --status Inactive --user-name ann\n`,
    )
    await ask(env, 'iam', 'UpdateAccessKey', {
      UserName: 'ann',
      AccessKeyId: ann.accessKeyId,
      Status: 'Inactive',
    })
    expect((await sessions('revoke', '--user', 'ann')).stdout).toContain(
      'What goes on: nothing. ann has no active access key.',
    )
  })

  test('lists and ends root’s, and says what can begin others', async () => {
    const kept = JSON.parse(readFileSync(join(running.data, 'credentials.json'), 'utf8')).accounts[0]
    const root = { accessKeyId: kept.rootAccessKeyId, secretAccessKey: kept.rootSecretAccessKey }
    const session = keysIn((await ask(root, 'sts', 'GetSessionToken')).Credentials)
    expect((await sessions('ls', '--root')).stdout).toMatch(new RegExp(`^${session.accessKeyId} [^]*\\n1 live\\n$`))
    const { code, stdout } = await sessions('revoke', '--root')
    expect([code, await lives(session), await lives(root)]).toEqual([0, false, true])
    expect(stdout).toContain('root: 1 session is over, on every node')
    expect(stdout).toContain(` contain root --data ${running.data}\n`)
  })

  test('works through an address, with the keys of the environment, and in another account', async () => {
    const args = ['sessions', 'ls', '--endpoint', running.endpoint]
    const keys = { AWS_ACCESS_KEY_ID: env.accessKeyId, AWS_SECRET_ACCESS_KEY: env.secretAccessKey }
    const { stdout } = await rolecall(args, keys)
    expect(stdout).toMatch(/\n\d+ live, \d+ ended\n$/)
    expect((await rolecall(args)).stderr).toContain('--endpoint needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
    await rolecall(['account', 'create', '--id', '012345678901', '--data', running.data])
    expect((await sessions('ls', '--account', '012345678901')).stdout).toBe('no sessions\n')
  })

  test.each([
    ['nobody at all', ['revoke'], 2, /give one of --role, --user, --root and --access-key\n/],
    [
      'two at once',
      ['ls', '--role', 'app', '--user', 'ann'],
      2,
      /give one of --role, --user, --root and --access-key, or none/,
    ],
    ['an ARN', ['ls', '--role', 'arn:aws:iam::012345678901:role/p/app'], 2, /It is the name alone: app/],
    ['a role that there is not', ['revoke', '--role', 'none'], 1, /NoSuchEntity: The role with name none/],
    ['what is no key', ['revoke', '--access-key', 'AKIA0000000000000000'], 1, /is not a valid access key id/],
  ])('refuses %s', async (_what, args, exit, words) => {
    const { code, stderr } = await sessions(...args)
    expect([code, stderr]).toEqual([exit, expect.stringMatching(words)])
  })
})
