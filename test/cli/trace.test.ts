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
      'iam GetUser: NoSuchEntityException',
    ])
      expect(stdout).toContain(said)
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
  })

  test('finds logins for which no second factor was shown', async () => {
    const logins = await listed('--logins', '--without-mfa')
    // The call between accounts is in both trails, and told by the one that it was made from.
    expect(logins).toEqual([`AssumeRole ${home}`, `AssumeRole ${home}`])
    expect(await listed('--logins', '--account', other)).toEqual([`AssumeRole ${other}`])
  })

  test('refuses what does not go together', async () => {
    for (const args of [['--user', 'a', '--role', 'b'], ['--through-roles'], ['--without-mfa']])
      expect((await run('activity', ...args)).code).toBe(2)
  })
})
