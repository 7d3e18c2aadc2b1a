import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, type Keys, type Part } from '../clients/call.ts'
import { discard, type Env, envOf, type Running, rolecall, startRolecall } from '../clients/process.ts'

/** A user of one account becomes a role there, with that a role of another account, and does things everywhere. */
const home = '012345678901'
const other = '987654321098'

let running: Running
let env: Env
let there: Keys
let hal: Keys
let eks: Keys
let ecs: Keys

const keysIn = (part: Part | undefined): Keys => ({
  accessKeyId: String(part?.AccessKeyId),
  secretAccessKey: String(part?.SecretAccessKey),
  ...(part?.SessionToken === undefined ? {} : { sessionToken: String(part.SessionToken) }),
})
async function ask(
  keys: Keys,
  service: 'iam' | 'sts' | 'rolecall',
  action: string,
  parameters: Readonly<Record<string, string>> = {},
) {
  const reply = await call(running.endpoint, keys, service, action, parameters)
  if (reply.status !== 200) throw new Error(`${action}: ${reply.text}`)
  return reply
}
const assume = async (keys: Keys, RoleArn: string, RoleSessionName: string) =>
  keysIn((await ask(keys, 'sts', 'AssumeRole', { RoleArn, RoleSessionName })).result.Credentials)
const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const all = { Effect: 'Allow', Action: '*', Resource: '*' }

async function role(keys: Keys, RoleName: string): Promise<void> {
  await ask(keys, 'iam', 'CreateRole', {
    RoleName,
    AssumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: { AWS: home }, Action: 'sts:AssumeRole' }),
  })
  await ask(keys, 'iam', 'PutRolePolicy', { RoleName, PolicyName: 'all', PolicyDocument: policy(all) })
}

const run = async (...args: readonly string[]) => rolecall([...args, '--data', running.data])

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  env = await envOf(running)
  const made = await rolecall(['account', 'create', '--data', running.data, '--id', other, '--json'])
  const { accessKeyId, secretAccessKey } = JSON.parse(made.stdout)
  there = { accessKeyId, secretAccessKey }
  await ask(env, 'iam', 'CreateUser', { UserName: 'halJordan' })
  await ask(env, 'iam', 'PutUserPolicy', { UserName: 'halJordan', PolicyName: 'p', PolicyDocument: policy(all) })
  hal = keysIn((await ask(env, 'iam', 'CreateAccessKey', { UserName: 'halJordan' })).result.AccessKey)
  await role(env, 'EksAdminRole')
  await role(there, 'EcsAuditorRole')
  eks = await assume(hal, `arn:aws:iam::${home}:role/EksAdminRole`, 'admin')
  ecs = await assume(eks, `arn:aws:iam::${other}:role/EcsAuditorRole`, 'audit')
  await ask(hal, 'iam', 'ListUsers')
  await ask(eks, 'iam', 'CreateUser', { UserName: 'made-by-eks' })
  await ask(ecs, 'iam', 'ListRoles')
  const refused = await call(running.endpoint, ecs, 'iam', 'GetUser', { UserName: 'missing' })
  expect(refused.status).toBe(404)
})
afterAll(() => discard(running))

/** What `--json` prints, as far as it is looked into. */
interface Traced {
  readonly accountId: string
  readonly accessKeyId?: string
  readonly origin?: { readonly arn?: string; readonly accessKeyId?: string; readonly type: string }
  readonly beyond?: string
  readonly steps: readonly {
    readonly accessKeyId: string
    readonly arn: string
    readonly source: { readonly arn?: string }
  }[]
  readonly sessions: readonly { readonly accessKeyId: string }[]
  readonly unseen: readonly string[]
  readonly calls: readonly {
    readonly eventName: string
    readonly accountId: string
    readonly error?: string
    readonly event: object
  }[]
}
async function traced(what: string, ...more: readonly string[]): Promise<Traced> {
  const { code, stdout, stderr } = await run('trace', what, '--json', ...more)
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Traced
}
const halArn = `arn:aws:iam::${home}:user/halJordan`
const eksArn = `arn:aws:sts::${home}:assumed-role/EksAdminRole/admin`
const ecsArn = `arn:aws:sts::${other}:assumed-role/EcsAuditorRole/audit`

describe('rolecall trace', () => {
  test('goes from a key back through two accounts to the person it began with, and on to what was done', async () => {
    const found = await traced(ecs.accessKeyId)
    expect(found).toMatchObject({
      accountId: other,
      accessKeyId: ecs.accessKeyId,
      origin: { type: 'IAMUser', arn: halArn, accessKeyId: hal.accessKeyId },
      steps: [
        { accessKeyId: eks.accessKeyId, arn: eksArn, source: { arn: halArn } },
        { accessKeyId: ecs.accessKeyId, arn: ecsArn, source: { arn: eksArn } },
      ],
      sessions: [],
      unseen: [],
    })
    expect(found.calls.map(({ eventName, error }) => [eventName, error])).toEqual([
      ['GetUser', 'NoSuchEntityException'],
      ['ListRoles', undefined],
    ])
  })

  test('goes from where it began on through every session, into the other account', async () => {
    const found = await traced(hal.accessKeyId)
    expect(found).toMatchObject({ accountId: home, origin: { arn: halArn }, steps: [] })
    expect(found.sessions.map(({ accessKeyId }) => accessKeyId)).toEqual([eks.accessKeyId, ecs.accessKeyId])
    expect(found.calls.map(({ eventName, accountId }) => `${eventName} ${accountId}`).toSorted()).toEqual(
      [
        `AssumeRole ${home}`,
        `AssumeRole ${home}`,
        `CreateUser ${home}`,
        `GetUser ${other}`,
        `ListRoles ${other}`,
        `ListUsers ${home}`,
      ].toSorted(),
    )
  })

  test('says where the way goes on, where only one account can be asked', async () => {
    const found = await traced(ecs.accessKeyId, '--account', other)
    expect(found).toMatchObject({ beyond: home, origin: { type: 'AWSAccount' } })
    expect(found.steps.map(({ accessKeyId }) => accessKeyId)).toEqual([ecs.accessKeyId])
    const { stdout } = await run('trace', ecs.accessKeyId, '--account', other)
    expect(stdout).toContain(`What stands behind that is in account ${home}, whose trail cannot be asked`)
    expect(stdout).not.toContain('halJordan')
    // The other way round, what was done there is not told.
    expect(await traced(hal.accessKeyId, '--account', home)).toMatchObject({ unseen: [other] })
  })

  test('takes a session’s ARN, an event id and a request id as well', async () => {
    const { requestId } = await ask(ecs, 'iam', 'ListUsers')
    const byRequest = await traced(requestId)
    const byArn = await traced(ecsArn)
    for (const found of [byRequest, byArn])
      expect(found).toMatchObject({ accessKeyId: ecs.accessKeyId, origin: { arn: halArn } })
    const { eventID } = (byRequest as unknown as { readonly event: { readonly eventID: string } }).event
    expect(await traced(eventID)).toMatchObject({ accessKeyId: ecs.accessKeyId, event: { eventName: 'ListUsers' } })
  })

  test('tells people in lines that fit a terminal', async () => {
    const { code, stdout } = await run('trace', ecs.accessKeyId)
    expect(code).toBe(0)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      `${ecs.accessKeyId} is a session of role EcsAuditorRole, session audit, account`,
      `${other}.`,
    ])
    for (const said of [
      `It began with user halJordan of account ${home}.`,
      `  1  user halJordan of account ${home}`,
      `  2  role EksAdminRole, session admin of account ${home}`,
      `  3  role EcsAuditorRole, session audit of account ${other}`,
      'No sessions grew out of it.',
      'iam GetUser user/missing: NoSuchEntityException',
    ])
      expect(stdout).toContain(said)
  })

  test('says what each call was about, who began before who followed', async () => {
    const { stdout } = await run('trace', hal.accessKeyId)
    const done = stdout.slice(stdout.indexOf('What was done')).split('\n').slice(1)
    const calls = done
      .join('\n')
      .replace(/\n {4,}(?! )/g, ' ')
      .replace(/\d{4}-\d\d-\d\d [\d:]{8} +/g, '')
    const places = [
      '  1  sts AssumeRole role/EksAdminRole',
      `  2  sts AssumeRole arn:aws:iam::${other}:role/EcsAuditorRole`,
      '  3  iam GetUser user/missing: NoSuchEntityException',
    ].map((line) => calls.indexOf(line))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(calls).toContain('iam CreateUser user/made-by-eks')
    const { calls: told } = await traced(eks.accessKeyId)
    const made = told.find(({ eventName }) => eventName === 'CreateUser')
    expect(made).toMatchObject({ touched: ['user/made-by-eks'] })
  })

  test('takes a user or a role as well, in the account that its ARN says', async () => {
    for (const what of ['user/halJordan', halArn]) {
      const found = await traced(what)
      expect(found).toMatchObject({ accountId: home, origin: { arn: halArn } })
      expect(found.calls.map(({ eventName }) => eventName)).toEqual(expect.arrayContaining(['ListUsers', 'GetUser']))
    }
    expect((await traced('role/EcsAuditorRole')).calls.map(({ eventName }) => eventName)).toContain('ListRoles')
    const stranger = await run('trace', `arn:aws:iam::${other}:user/halJordan`)
    expect([stranger.code, stranger.stdout]).toEqual([1, ''])
    expect(stranger.stderr).toContain('The user with name halJordan cannot be found.')
    const nowhere = await run('trace', 'arn:aws:iam::111122223333:user/halJordan')
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      expect.stringContaining('there are no keys of account 111122223333 here'),
    ])
  })

  test('says of a key that no trail knows that none does', async () => {
    const own = `${hal.accessKeyId.slice(0, 16)}${hal.accessKeyId.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
    for (const [key, more] of [
      [own, ''],
      ['AKIAIOSFODNN7EXAMPLE', '; it is of account 581039954779, whose trail cannot be asked with these keys'],
    ])
      expect(await run('trace', key ?? '')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `rolecall: ${key} is in no record of ${home}, ${other}${more}\n`,
      })
  })

  test('refuses what is none of these, and says so of what nobody knows', async () => {
    expect(await run('trace', 'nonsense')).toMatchObject({ code: 2, stdout: '' })
    const unknown = await run('trace', '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d')
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('is in no record of account')])
  })
})

describe('rolecall activity', () => {
  const listed = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run('activity', '--json', ...args)
    expect([code, stderr]).toEqual([0, ''])
    return (JSON.parse(stdout) as Traced['calls']).map(({ eventName, accountId }) => `${eventName} ${accountId}`)
  }

  test('lists what a user did, and what was done through roles only where that is asked for', async () => {
    expect((await listed('--user', 'halJordan')).toSorted()).toEqual([`AssumeRole ${home}`, `ListUsers ${home}`])
    const through = await listed('--user', 'halJordan', '--through-roles')
    expect(through).toEqual(expect.arrayContaining([`CreateUser ${home}`, `ListRoles ${other}`, `ListUsers ${home}`]))
    expect(await listed('--user', 'halJordan', '--through-roles', '--writes')).toEqual([`CreateUser ${home}`])
  })

  test('lists what sessions of a role did', async () => {
    expect(await listed('--role', 'EksAdminRole')).toEqual([`CreateUser ${home}`, `AssumeRole ${home}`])
    expect(await listed('--role', `arn:aws:iam::${other}:role/EcsAuditorRole`, '--limit', '1')).toHaveLength(1)
    expect((await run('activity', '--role', `arn:aws:iam::${home}:role/EcsAuditorRole`)).code).toBe(1)
  })

  test('finds logins for which no second factor was shown', async () => {
    const logins = await listed('--logins', '--without-mfa')
    // The call between accounts is in both trails, and told by the one that it was made from.
    expect(logins).toEqual([`AssumeRole ${home}`, `AssumeRole ${home}`])
    expect(await listed('--logins', '--account', other)).toEqual([`AssumeRole ${other}`])
  })

  test('refuses what does not go together', async () => {
    for (const args of [
      ['--user', 'a', '--role', 'b'],
      ['--through-roles'],
      ['--without-mfa'],
      ['--user', 'role/a'],
      ['--user', 'a b'],
    ])
      expect((await run('activity', ...args)).code).toBe(2)
  })
})

test('still knows who was deleted', async () => {
  await ask(env, 'iam', 'CreateUser', { UserName: 'ghost', Path: '/gone/' })
  await ask(env, 'iam', 'PutUserPolicy', { UserName: 'ghost', PolicyName: 'p', PolicyDocument: policy(all) })
  const ghost = keysIn((await ask(env, 'iam', 'CreateAccessKey', { UserName: 'ghost' })).result.AccessKey)
  await role(env, 'Fleeting')
  const fleeting = await assume(ghost, `arn:aws:iam::${home}:role/Fleeting`, 'haunt')
  await ask(fleeting, 'iam', 'ListGroups')
  await ask(env, 'iam', 'CreateUser', { UserName: 'idle' })
  await ask(env, 'iam', 'DeleteUser', { UserName: 'idle' })
  await ask(env, 'iam', 'DeleteUserPolicy', { UserName: 'ghost', PolicyName: 'p' })
  await ask(env, 'iam', 'DeleteAccessKey', { UserName: 'ghost', AccessKeyId: ghost.accessKeyId })
  await ask(env, 'iam', 'DeleteUser', { UserName: 'ghost' })
  await ask(env, 'iam', 'DeleteRolePolicy', { RoleName: 'Fleeting', PolicyName: 'all' })
  await ask(env, 'iam', 'DeleteRole', { RoleName: 'Fleeting' })
  const named = ({ calls }: Traced) => calls.map(({ eventName }) => eventName)
  const user = await traced('user/ghost')
  expect(user).toMatchObject({
    origin: { type: 'IAMUser', arn: `arn:aws:iam::${home}:user/gone/ghost` },
    sessions: [{ accessKeyId: fleeting.accessKeyId }],
  })
  expect(named(user)).toEqual(['ListGroups', 'AssumeRole'])
  const became = await traced('role/Fleeting')
  expect(became).toMatchObject({ origin: { type: 'Role', arn: `arn:aws:iam::${home}:role/Fleeting` } })
  expect(named(became)).toEqual(['ListGroups'])
  expect(await traced('user/idle')).toMatchObject({ origin: { arn: `arn:aws:iam::${home}:user/idle` }, calls: [] })
  const { stdout } = await run('activity', '--user', 'ghost', '--through-roles')
  expect(stdout).toContain('sts AssumeRole role/Fleeting  (ghost, ')
  expect(stdout).toContain('iam ListGroups  (haunt, ')
  expect(stdout).not.toMatch(/ \n/)
})

// Last: what root does here is found by others, too.
describe('root', () => {
  test('is traced as users are, in the account of its ARN', async () => {
    const kept = JSON.parse(readFileSync(join(running.data, 'credentials.json'), 'utf8')).accounts
    const { rootAccessKeyId, rootSecretAccessKey } = kept.find(
      (each: { accountId: string }) => each.accountId === other,
    )
    const root = { accessKeyId: rootAccessKeyId, secretAccessKey: rootSecretAccessKey }
    const session = keysIn((await ask(root, 'sts', 'GetSessionToken')).result.Credentials)
    await ask(root, 'iam', 'CreateUser', { UserName: 'by-root' })
    await ask(session, 'sts', 'GetCallerIdentity')
    const told = ['GetSessionToken', 'CreateUser', 'GetCallerIdentity']
    const found = await traced(`arn:aws:iam::${other}:root`)
    expect(found).toMatchObject({
      accountId: other,
      origin: { type: 'Root', arn: `arn:aws:iam::${other}:root` },
      sessions: [{ accessKeyId: session.accessKeyId }],
    })
    expect(found.calls.map(({ eventName }) => eventName).toSorted()).toEqual(told.toSorted())
    // Of no account in particular, every account's root is meant; nobody else did anything by that name.
    const calls = async (...more: readonly string[]) => {
      const { stdout } = await run('activity', '--root', '--json', ...more)
      return JSON.parse(stdout)
        .map((each: { eventName: string }) => each.eventName)
        .toSorted()
    }
    expect(await calls()).toEqual(told.toSorted())
    expect(await calls('--account', home)).toEqual([])
    expect((await run('activity', '--root', '--user', 'halJordan')).code).toBe(2)
  })
})
