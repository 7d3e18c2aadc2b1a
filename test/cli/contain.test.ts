import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, type Keys, type Part } from '../clients/call.ts'
import { discard, type Env, envOf, type Running, rolecall, startRolecall } from '../clients/process.ts'

/** A leaked key, what was done with it in two accounts, and what is left of it. */
const home = '012345678901'
const other = '987654321098'

let running: Running
let env: Env
let there: Keys

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
const assume = async (keys: Keys, RoleArn: string, RoleSessionName = 'one') =>
  keysIn((await ask(keys, 'sts', 'AssumeRole', { RoleArn, RoleSessionName })).Credentials)
const lives = async (keys: Keys) => (await call(running.endpoint, keys, 'sts', 'GetCallerIdentity')).status === 200
const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const all = policy({ Effect: 'Allow', Action: '*', Resource: '*' })
const contain = (...args: readonly string[]) => rolecall(['contain', ...args, '--data', running.data])
const roleArn = (account: string) => `arn:aws:iam::${account}:role/app`

async function user(UserName: string): Promise<Keys> {
  await ask(env, 'iam', 'CreateUser', { UserName })
  await ask(env, 'iam', 'PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument: all })
  return keysIn((await ask(env, 'iam', 'CreateAccessKey', { UserName })).AccessKey)
}

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  env = await envOf(running)
  const made = await rolecall(['account', 'create', '--data', running.data, '--id', other, '--json'])
  there = JSON.parse(made.stdout)
  for (const keys of [env, there]) {
    await ask(keys, 'iam', 'CreateRole', {
      RoleName: 'app',
      AssumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: { AWS: home }, Action: 'sts:AssumeRole' }),
    })
    await ask(keys, 'iam', 'PutRolePolicy', { RoleName: 'app', PolicyName: 'all', PolicyDocument: all })
  }
})
afterAll(() => discard(running))

describe('rolecall contain', () => {
  test('shuts a user out: keys, sessions, and what grew out of them in another account, and tells what remains', async () => {
    const alice = await user('alice')
    await ask(env, 'iam', 'CreateLoginProfile', { UserName: 'alice', Password: 'Correct-horse-7-battery' })
    const own = keysIn((await ask(alice, 'sts', 'GetSessionToken')).Credentials)
    const app = await assume(alice, roleArn(home))
    const away = await assume(app, roleArn(other))
    await ask(app, 'iam', 'CreateUser', { UserName: 'left-behind' })
    const bystander = await assume(await user('bob'), roleArn(home), 'bob')

    const looked = await contain('user/alice', '--dry-run')
    expect([looked.code, looked.stderr]).toEqual([0, ''])
    for (const said of [
      `deactivate key ${alice.accessKeyId}`,
      own.accessKeyId,
      app.accessKeyId,
      away.accessKeyId,
      'a password',
      'iam CreateUser user/left-behind',
    ])
      expect(looked.stdout).toContain(said)
    expect(looked.stdout).not.toContain(bystander.accessKeyId)
    expect(looked.stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
    // Nothing was done yet, and without somebody to ask nothing is.
    expect((await contain('user/alice')).code).toBe(2)
    for (const keys of [alice, own, app, away]) expect((await lives(keys)) || keys === own).toBe(true)

    const { code, stdout, stderr } = await contain('user/alice', '--yes', '--json')
    expect([code, stderr]).toEqual([0, ''])
    const done = JSON.parse(stdout) as {
      readonly done: boolean
      readonly keys: readonly string[]
      readonly sessions: readonly { readonly accessKeyId: string }[]
      readonly remains: readonly { readonly what: string }[]
    }
    expect(done).toMatchObject({ done: true, keys: [alice.accessKeyId] })
    expect(done.sessions.map(({ accessKeyId }) => accessKeyId)).toEqual(
      [own, app, away].map((keys) => keys.accessKeyId),
    )
    expect(done.remains.map(({ what }) => what)).toEqual(['a password', 'iam CreateUser user/left-behind'])
    for (const keys of [alice, own, app, away]) expect(await lives(keys)).toBe(false)
    expect(await lives(bystander)).toBe(true)
    // Whom the role trusts may go on becoming it.
    expect(await lives(await assume(env, roleArn(home)))).toBe(true)
  })

  test('shuts out a leaked key alone, and says which others its user has', async () => {
    const eve = await user('eve')
    const second = keysIn((await ask(env, 'iam', 'CreateAccessKey', { UserName: 'eve' })).AccessKey)
    const app = await assume(eve, roleArn(home))
    const byOther = await assume(second, roleArn(home))
    const { code, stdout } = await contain(eve.accessKeyId, '--yes')
    expect(code).toBe(0)
    expect(stdout).toContain(`another key of user eve, ${second.accessKeyId}`)
    expect([await lives(eve), await lives(app), await lives(second), await lives(byOther)]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  test('shuts out one session, and says who began it', async () => {
    const dan = await user('dan')
    const app = await assume(dan, roleArn(home))
    const away = await assume(app, roleArn(other))
    const { stdout } = await contain(app.accessKeyId, '--yes')
    expect(stdout).toContain(` contain ${dan.accessKeyId} --data ${running.data}\n`)
    expect([await lives(app), await lives(away), await lives(dan)]).toEqual([false, false, true])
  })

  test('ends the sessions of a role in the account of its ARN', async () => {
    const before = await assume(env, roleArn(other))
    const { code, stdout } = await contain(roleArn(other), '--yes')
    expect(code).toBe(0)
    expect(stdout).toContain('whoever it trusts can begin a new session at once')
    expect(await lives(before)).toBe(false)
    expect(await lives(await assume(env, roleArn(other)))).toBe(true)
  })

  describe('of the keys that it acts with', () => {
    const made = async (id: string) => {
      const { stdout } = await rolecall(['account', 'create', '--data', running.data, '--id', id, '--json'])
      const keys = JSON.parse(stdout) as Keys & {
        readonly rootAccessKeyId: string
        readonly rootSecretAccessKey: string
      }
      return { keys, root: { accessKeyId: keys.rootAccessKeyId, secretAccessKey: keys.rootSecretAccessKey } }
    }

    test.each([
      ['the administrator’s key', '222233334444', (keys: Keys) => keys.accessKeyId],
      ['the administrator', '333344445555', () => 'user/administrator'],
    ])('shuts out %s whole, by root, and says how to get another', async (_what, id, suspect) => {
      const { keys, root } = await made(id)
      const own = keysIn((await ask(keys, 'sts', 'GetSessionToken')).Credentials)
      const looked = await contain(suspect(keys), '--account', id, '--dry-run')
      expect([looked.code, looked.stderr]).toEqual([0, ''])
      expect(looked.stdout).toContain(`deactivate key ${keys.accessKeyId}`)
      const { code, stdout, stderr } = await contain(suspect(keys), '--account', id, '--yes')
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain('1 key deactivated, 1 session ended')
      expect(stdout).toContain(`account rotate --id ${id} --data ${running.data}`)
      expect([await lives(keys), await lives(own), await lives(root)]).toEqual([false, false, true])
      const [last = ''] = (await rolecall(['why', '--last', '--account', id, '--data', running.data])).stderr.split(
        '\n',
      )
      expect(last).toMatch(/^rolecall: InvalidClientTokenId: .* renewed by: .* account rotate --data /)
      // Again, now that it is shut out: what is left is told again.
      const again = await contain(suspect(keys), '--account', id, '--yes')
      expect([again.code, again.stderr]).toEqual([0, ''])
      expect(again.stdout).toContain('0 keys deactivated')
      expect(again.stdout).toContain(`account rotate --id ${id}`)
    })

    test('shuts out root, and tells what it changed', async () => {
      const { keys, root } = await made('666677778888')
      await ask(root, 'iam', 'CreateUser', { UserName: 'by-root' })
      const session = keysIn((await ask(root, 'sts', 'GetSessionToken')).Credentials)
      const arn = 'arn:aws:iam::666677778888:root'
      const looked = await contain(arn, '--dry-run')
      expect(looked.stdout).toContain('To contain root of account 666677778888:')
      expect(looked.stdout).toContain(`deactivate key ${root.accessKeyId}`)
      const { code, stdout } = await contain('root', '--account', '666677778888', '--yes')
      expect(code).toBe(0)
      expect(stdout).toContain('1 key deactivated, 1 session ended')
      expect(stdout).toContain('iam CreateUser user/by-root: changed at')
      expect([await lives(keys), await lives(root), await lives(session)]).toEqual([true, false, false])
    })

    test('shuts out root’s key by the administrator', async () => {
      const { keys, root } = await made('444455556666')
      const session = keysIn((await ask(root, 'sts', 'GetSessionToken')).Credentials)
      const { code, stdout } = await contain(root.accessKeyId, '--yes')
      expect(code).toBe(0)
      expect(stdout).toContain('1 key deactivated, 1 session ended')
      expect(stdout).toContain('no key of root in the data directory')
      expect([await lives(keys), await lives(root), await lives(session)]).toEqual([true, false, false])
    })

    test('shuts out the only key that it has, at an address, and says that nobody could look again', async () => {
      const eve = await user('frank')
      const app = await assume(eve, roleArn(home))
      const environment = { AWS_ACCESS_KEY_ID: eve.accessKeyId, AWS_SECRET_ACCESS_KEY: eve.secretAccessKey }
      const args = ['contain', eve.accessKeyId, '--yes', '--endpoint', running.endpoint]
      const { code, stdout, stderr } = await rolecall(args, environment)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain('1 key deactivated, 1 session ended')
      expect(stdout.replace(/\s+/g, ' ')).toContain('nobody could look again')
      expect([await lives(eve), await lives(app)]).toEqual([false, false])
    })
  })

  test('tells what it may not look for, instead of passing over it', async () => {
    const grace = await user('grace')
    await ask(env, 'iam', 'CreateLoginProfile', { UserName: 'grace', Password: 'Correct-horse-7-battery' })
    const denied = { Effect: 'Deny', Action: 'iam:GetLoginProfile', Resource: '*' }
    const PolicyDocument = policy({ Effect: 'Allow', Action: '*', Resource: '*' }, denied)
    const judy = await user('judy')
    await ask(env, 'iam', 'PutUserPolicy', { UserName: 'judy', PolicyName: 'p', PolicyDocument })
    const environment = { AWS_ACCESS_KEY_ID: judy.accessKeyId, AWS_SECRET_ACCESS_KEY: judy.secretAccessKey }
    const args = ['contain', 'user/grace', '--yes', '--json', '--endpoint', running.endpoint]
    const { code, stdout } = await rolecall(args, environment)
    expect(code).toBe(0)
    expect(JSON.parse(stdout).remains).toEqual([
      { what: 'a password, perhaps', why: expect.stringContaining('it could not be looked for: AccessDenied: ') },
    ])
    expect(await lives(grace)).toBe(false)
  })

  test('does nothing about whom there is not, and refuses what is no principal', async () => {
    const missing = await contain('user/nobody', '--yes')
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('NoSuchEntity')])
    expect((await contain('nobody')).code).toBe(2)
    expect((await contain('user/alice', '--yes', '--dry-run')).code).toBe(2)
  })
})
