import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  DeleteUserPolicyCommand,
  ListGroupsCommand,
  ListUsersCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  deny,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  statement,
  textOf,
} from './actor.ts'
import { call } from './call.ts'
import { discard, type Env, envOf, type Running, rolecall, startRolecall } from './process.ts'

/** Every refusal can be asked why, at once, by the owner of either side, and each is told its own side only. */
const home = '012345678901'
const other = '987654321098'
const otherRole = (name: string) => `arn:aws:iam::${other}:role/${name}`

let running: Running
let here: Actor
let there: Actor

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  there = (await makeAccount(running, other)).administrator
})
afterAll(() => discard(running))

interface Told {
  readonly requestId: string
  readonly decision: {
    readonly effect: string
    readonly because: string
    readonly blocking?: string
    readonly layers: readonly { readonly kind: string; readonly account: string; readonly says: string }[]
    readonly missing: readonly { readonly account: string; readonly text: string }[]
    readonly hints: readonly { readonly account: string; readonly text: string }[]
  }
  readonly event: unknown
}

async function why(account: string): Promise<{ readonly page: string; readonly json: string; readonly told: Told }> {
  const ask = async (...more: readonly string[]) => {
    const ran = await rolecall(['why', '--last', '--data', running.data, '--account', account, ...more])
    expect(ran.stderr).toBe('')
    expect(ran.code).toBe(0)
    return ran.stdout
  }
  const [page, json] = await Promise.all([ask(), ask('--json')])
  return { page, json, told: JSON.parse(json) as Told }
}

/** The same decision straight from the authority, without the command line between. */
async function decisionFor(owner: Actor): Promise<Told['decision']> {
  const { result } = await call(running.endpoint, owner.env, 'rolecall', 'GetDecision')
  return JSON.parse(String(result.Decision))
}

/** The page as one line, so that where it was broken does not matter. */
const flat = (page: string): string => page.replace(/\s+/g, ' ')

describe('within one account', () => {
  const own = (Sid: string, Effect: string, Action: string, more: object = {}) =>
    statement({ Sid, Effect, Action, Resource: '*', ...more })

  test('a permission that is nowhere: what is missing, and where to add it', async () => {
    const user = await makeUser(here, 'bare')
    await refusal(user.iam.send(new ListUsersCommand({})))
    const { page, told } = await why(home)
    expect(told.decision).toMatchObject({ effect: 'deny', because: 'no-grant', blocking: 'identity' })
    expect(flat(page)).toContain('DENY iam:ListUsers on arn:aws:iam::012345678901:user/')
    expect(flat(page)).toContain(`by ${user.arn}`)
    expect(flat(page)).toContain("because no statement of bare's policies allows iam:ListUsers")
    expect(flat(page)).toContain('"Action": "iam:ListUsers"')
    for (const line of page.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  test('an explicit Deny elsewhere: the statement, the policy and the line', async () => {
    const user = await makeUser(here, 'blocked', 'arn:aws:iam::aws:policy/AdministratorAccess')
    const PolicyDocument = JSON.stringify(
      own('BlockMostAccessUnlessSignedInWithMFA', 'Deny', 'iam:ListGroups', {
        Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
      }),
      null,
      2,
    )
    await here.iam.send(new PutUserPolicyCommand({ UserName: 'blocked', PolicyName: 'mfa', PolicyDocument }))
    expect((await refusal(user.iam.send(new ListGroupsCommand({})))).message).toMatch(
      /with an explicit deny in an identity-based policy$/,
    )
    const { page, told } = await why(home)
    expect(told.decision).toMatchObject({ because: 'explicit-deny', blocking: 'identity' })
    expect(flat(page)).toContain('statement BlockMostAccessUnlessSignedInWithMFA of mfa (inline, line 4 column 5)')
    expect(flat(page)).toContain('remove or narrow statement BlockMostAccessUnlessSignedInWithMFA')
  })

  test('can be asked by the id that the client prints', async () => {
    const user = await makeUser(here, 'asker')
    const refused = await call(running.endpoint, user.env, 'iam', 'ListUsers')
    expect(refused.headers['x-rolecall-decision-id']).toBe(refused.requestId)
    await refusal(user.iam.send(new ListGroupsCommand({})))
    const ran = await rolecall(['why', refused.requestId, '--data', running.data, '--json'])
    expect(JSON.parse(ran.stdout)).toMatchObject({
      requestId: refused.requestId,
      decision: { action: 'iam:ListUsers', principal: { name: user.arn } },
      event: { requestID: refused.requestId, errorCode: 'AccessDenied', recipientAccountId: home },
    })
    const elsewhere = await rolecall(['why', refused.requestId, '--data', running.data, '--account', other])
    expect(elsewhere.code).toBe(1)
    expect(elsewhere.stderr).toContain(`No refusal with the id ${refused.requestId} is recorded in this account.`)
  })

  test('who may do nothing may not ask either', async () => {
    const user = await makeUser(here, 'curious')
    const refused = await call(running.endpoint, user.env, 'rolecall', 'GetDecision')
    expect(refused).toMatchObject({ status: 403, code: 'AccessDenied' })
  })

  test('what was no refusal has no answer', async () => {
    const { administrator } = await makeAccount(running, '222233334444')
    await administrator.iam.send(new ListUsersCommand({}))
    const ran = await rolecall(['why', '--last', '--data', running.data, '--account', '222233334444'])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('No request was refused in this account yet.')
  })
})

describe('between two accounts', () => {
  /** Words that stand in one side's policies only, and must never be told to the other side. */
  const homeWords = ['SidOfHome', 'policy-of-home', 'boundary-of-home', 'value-of-home', 'session-of-home']
  const otherWords = ['SidOfOther', 'value-of-other', 'tag-of-other']
  let count = 0

  /** A caller here and a role there, each side with as much to hide as there is room for. */
  async function couple(side: { readonly identity?: object; readonly trust?: object }) {
    const name = `x${count++}`
    const caller = await makeUser(here, name)
    const target = otherRole(name)
    await here.iam.send(
      new PutUserPolicyCommand({
        UserName: name,
        PolicyName: 'policy-of-home',
        PolicyDocument: textOf(
          statement(
            { Sid: 'SidOfHome0', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: otherRole('value-of-home') },
            ...(side.identity === undefined
              ? []
              : [{ Sid: 'SidOfHome1', Action: 'sts:AssumeRole', Resource: '*', ...side.identity }]),
          ),
        ),
      }),
    )
    if (side.trust !== undefined) {
      await makeRole(
        there,
        name,
        statement(
          {
            Sid: 'SidOfOther0',
            Effect: 'Allow',
            Principal: { AWS: home },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': 'value-of-other' } },
          },
          { Sid: 'SidOfOther1', Principal: { AWS: home }, Action: 'sts:AssumeRole', ...side.trust },
        ),
      )
      await there.iam.send(new TagRoleCommand({ RoleName: name, Tags: [{ Key: 'env', Value: 'tag-of-other' }] }))
    }
    return { caller, target }
  }

  const mine = { Effect: 'Allow' }
  const notMine = { Effect: 'Allow', Condition: { StringEquals: { 'aws:PrincipalTag/x': 'value-of-home' } } }
  const never = { Effect: 'Deny' }
  const yours = { Effect: 'Allow' }
  const notYours = { Effect: 'Allow', Condition: { StringEquals: { 'sts:RoleSessionName': 'value-of-other' } } }

  test.each([
    ['the caller lacks the permission', notMine, yours, 'identity', undefined],
    ['the role does not trust the caller', mine, notYours, undefined, 'resource'],
    ['both lack', notMine, notYours, 'identity', 'resource'],
    ['the caller is denied', never, yours, 'identity', undefined],
    ['the role denies the caller', mine, never, undefined, 'resource'],
    ['the caller lacks, and the role denies', notMine, never, 'identity', 'resource'],
    ['the caller is denied, and the role does not trust', never, notYours, 'identity', 'resource'],
    ['both deny', never, never, 'identity', 'resource'],
  ])('%s: each side sees what is its own to mend', async (_what, identity, trust, blocksHere, blocksThere) => {
    const { caller, target } = await couple({ identity, trust })
    expect((await refusal(assume(caller, target, { RoleSessionName: 'session-of-home' }))).code).toBe('AccessDenied')

    const [ours, theirs] = await Promise.all([why(home), why(other)])
    expect(ours.told.requestId).toBe(theirs.told.requestId)
    for (const word of otherWords) expect(ours.page + ours.json).not.toContain(word)
    for (const word of homeWords.filter((word) => word !== 'session-of-home'))
      expect(theirs.page + theirs.json).not.toContain(word)
    expect(ours.told.decision.layers.map(({ account }) => account)).toEqual([home])
    expect(theirs.told.decision.layers.map(({ account }) => account)).toEqual([other])
    for (const { page } of [ours, theirs]) expect(page).toContain('The other side belongs to account ')

    const expected = (blocking: string | undefined, side: { Effect: string }) =>
      blocking === undefined
        ? { because: 'no-grant', missing: [], hints: [] }
        : { because: side.Effect === 'Deny' ? 'explicit-deny' : 'no-grant', blocking }
    expect(ours.told.decision).toMatchObject(expected(blocksHere, identity))
    expect(theirs.told.decision).toMatchObject(expected(blocksThere, trust))
    // A side that blocks is told what to do; one that does not is told that the other account must agree too.
    expect(ours.told.decision.blocking).toBe(blocksHere)
    expect(theirs.told.decision.blocking).toBe(blocksThere)
    expect(ours.told.decision.hints.length > 0).toBe(blocksHere !== undefined)
    expect(theirs.told.decision.hints.length > 0).toBe(blocksThere !== undefined)
    if (blocksHere === undefined) expect(flat(ours.page)).toContain('because both accounts must agree, and they do not')
    else expect(ours.page).toContain('SidOfHome')
    if (blocksThere === undefined)
      expect(flat(theirs.page)).toContain('because both accounts must agree, and they do not')
    else expect(theirs.page).toContain('SidOfOther')
  })

  test('the answer of the authority itself holds no more than the page', async () => {
    const { caller, target } = await couple({ identity: notMine, trust: notYours })
    await refusal(assume(caller, target))
    for (const [asker, words] of [
      [here.env, otherWords],
      [there.env, homeWords],
    ] as const satisfies readonly (readonly [Env, readonly string[]])[]) {
      const { text } = await call(running.endpoint, asker, 'rolecall', 'GetDecision')
      for (const word of words) expect(text).not.toContain(word)
    }
  })

  test('whoever has the keys of an account in the environment asks as that account', async () => {
    const { caller, target } = await couple({ identity: notMine, trust: notYours })
    await refusal(assume(caller, target))
    const asks = async ({ env }: Actor) => {
      const keys = { AWS_ACCESS_KEY_ID: env.accessKeyId, AWS_SECRET_ACCESS_KEY: env.secretAccessKey }
      return (await rolecall(['why', '--last', '--data', running.data], keys)).stdout
    }
    const [ours, theirs] = await Promise.all([asks(caller), asks(there)])
    expect(ours).toContain('SidOfHome')
    expect(ours).not.toContain('SidOfOther')
    expect(theirs).toContain('SidOfOther')
    expect(theirs).not.toContain('SidOfHome')
  })

  test('boundary and session policy of the caller are the caller’s', async () => {
    const { caller, target } = await couple({ identity: mine, trust: yours })
    const PermissionsBoundary = (
      await here.iam.send(
        new CreatePolicyCommand({ PolicyName: 'boundary-of-home', PolicyDocument: textOf(allow('s3:*')) }),
      )
    ).Policy?.Arn
    await here.iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName: caller.arn.split('/').at(-1), PermissionsBoundary }),
    )
    await refusal(assume(caller, target))
    const [ours, theirs] = await Promise.all([why(home), why(other)])
    expect(ours.told.decision).toMatchObject({ blocking: 'boundary', because: 'ceiling' })
    expect(ours.page).toContain('boundary-of-home')
    expect(theirs.page + theirs.json).not.toContain('boundary')
  })

  test('a role that does not exist, one that does not trust, and one that denies look alike to the caller', async () => {
    const stories = []
    for (const trust of [undefined, notYours, never]) {
      const { caller, target } = await couple({ identity: mine, ...(trust === undefined ? {} : { trust }) })
      const refused = await refusal(assume(caller, target))
      const { page, told } = await why(home)
      const alike = (text: string) => text.replaceAll(target, 'TARGET').replaceAll(caller.arn, 'CALLER')
      stories.push({
        refused: alike(refused.message),
        page: alike(flat(page)),
        decision: alike(JSON.stringify(told.decision)),
      })
    }
    expect(stories[1]).toEqual(stories[0])
    expect(stories[2]).toEqual(stories[0])
  })

  test("the tags of another account's role cannot be asked out by conditions of one's own", async () => {
    const stories = []
    const probe = (Effect: string, value: string) => ({
      Effect,
      Condition: { StringEquals: { 'aws:ResourceTag/env': value } },
    })
    for (const trust of [undefined, notYours]) {
      for (const identity of [probe('Allow', 'tag-of-other'), probe('Deny', 'tag-of-other'), probe('Allow', 'guess')]) {
        const { caller, target } = await couple({ identity, ...(trust === undefined ? {} : { trust }) })
        const refused = await refusal(assume(caller, target))
        const text = JSON.stringify([refused.message, await decisionFor(here)])
        stories.push(
          text
            .replaceAll(target, 'TARGET')
            .replaceAll(caller.arn, 'CALLER')
            .replace(/\bx\d+\b/g, 'NAME'),
        )
      }
    }
    expect(stories.slice(3)).toEqual(stories.slice(0, 3))
  })

  test('who is let in by the other side is told what its own conditions met', async () => {
    const { caller, target } = await couple({
      identity: { Effect: 'Allow', Condition: { StringEquals: { 'aws:ResourceTag/env': 'guess' } } },
      trust: yours,
    })
    await refusal(assume(caller, target))
    const { page } = await why(home)
    expect(flat(page)).toContain('StringEquals aws:ResourceTag/env wants "guess"; the request has "tag-of-other"')
  })
})

describe('what has changed since', () => {
  test('does not change what was decided then', async () => {
    const user = await makeUser(here, 'then', deny('iam:ListUsers'))
    await refusal(user.iam.send(new ListUsersCommand({})))
    await here.iam.send(new DeleteUserPolicyCommand({ UserName: 'then', PolicyName: 'own' }))
    await here.iam.send(
      new AttachUserPolicyCommand({ UserName: 'then', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    )
    await user.iam.send(new ListUsersCommand({}))
    const { told } = await why(home)
    expect(told.decision).toMatchObject({ because: 'explicit-deny', blocking: 'identity' })
  })
})
