import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  makeRole,
  makeUser,
  refusal,
  textOf,
  trusting,
  whoIs,
  withKeys,
} from './actor.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** What many clients at once, and a restart between two calls, must not change. */
const home = '012345678901'

let running: Running
let here: Actor
beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  here = actorOf(await envOf(running))
})
afterAll(() => discard(running))

async function outcomes(calls: readonly Promise<unknown>[]): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const settled of await Promise.allSettled(calls)) {
    const name = settled.status === 'fulfilled' ? 'done' : (settled.reason as Error).name
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('many at once', () => {
  const times = <Result>(count: number, run: (index: number) => Promise<Result>) =>
    Array.from({ length: count }, (_, index) => run(index))

  test('one name goes to one of them', async () => {
    const UserName = 'wanted'
    expect(await outcomes(times(40, () => here.iam.send(new sdk.CreateUserCommand({ UserName }))))).toEqual({
      done: 1,
      EntityAlreadyExistsException: 39,
    })
  })

  test('a quota holds', async () => {
    const UserName = 'wanted'
    expect(await outcomes(times(20, () => here.iam.send(new sdk.CreateAccessKeyCommand({ UserName }))))).toEqual({
      done: 2,
      LimitExceededException: 18,
    })
  })

  test('none overwrites another', async () => {
    const PolicyDocument = textOf(allow('s3:GetObject'))
    const calls = times(15, (index) =>
      here.iam.send(new sdk.PutUserPolicyCommand({ UserName: 'wanted', PolicyName: `p${index}`, PolicyDocument })),
    )
    expect(await outcomes(calls)).toEqual({ done: 15 })
    const { PolicyNames } = await here.iam.send(new sdk.ListUserPoliciesCommand({ UserName: 'wanted' }))
    expect(PolicyNames?.length).toBe(15)
  })

  test('a permission that is taken away is gone for every call that begins after the answer', async () => {
    const user = await makeUser(here, 'revoked', allow('iam:ListUsers'))
    const list = () => user.iam.send(new sdk.ListUsersCommand({}))
    for (let round = 0; round < 10; round++) {
      await here.iam.send(new sdk.DeleteUserPolicyCommand({ UserName: 'revoked', PolicyName: 'own' }))
      expect(await outcomes(times(8, list))).toEqual({ AccessDenied: 8 })
      const PolicyDocument = textOf(allow('iam:ListUsers'))
      await here.iam.send(new sdk.PutUserPolicyCommand({ UserName: 'revoked', PolicyName: 'own', PolicyDocument }))
      expect(await outcomes(times(8, list))).toEqual({ done: 8 })
    }
  })
})

describe('after a restart', () => {
  test('everything is there: keys, sessions, policies; and what was deleted stays deleted', async () => {
    const user = await makeUser(here, 'stayer', allow('sts:AssumeRole'))
    await makeRole(here, 'Stay', trusting(home))
    await makeRole(here, 'Gone', trusting(home))
    const stays = await assume(user, `arn:aws:iam::${home}:role/Stay`)
    const gone = await assume(user, `arn:aws:iam::${home}:role/Gone`)
    const { UserId } = await whoIs(stays)
    await here.iam.send(new sdk.DeleteRoleCommand({ RoleName: 'Gone' }))
    expect(await running.stop()).toBe(0)

    running = await startRolecall({ data: running.data })
    const moved = (actor: Actor) => withKeys(actor, { endpoint: running.endpoint })
    expect((await whoIs(moved(user))).Arn).toBe(user.arn)
    expect((await whoIs(moved(stays))).UserId).toBe(UserId)
    expect((await refusal(whoIs(moved(gone)))).code).toBe('InvalidClientTokenId')
    expect((await refusal(moved(stays).iam.send(new sdk.ListUsersCommand({})))).code).toBe('AccessDenied')
    const { Roles } = await moved(here).iam.send(new sdk.ListRolesCommand({}))
    expect(Roles?.map(({ RoleName }) => RoleName)).toEqual(['Stay'])
  })

  test('also after one that was not announced: what was answered is kept', async () => {
    const moved = withKeys(here, { endpoint: running.endpoint })
    await moved.iam.send(new sdk.CreateUserCommand({ UserName: 'durable' }))
    await running.stop('SIGKILL')
    running = await startRolecall({ data: running.data })
    const again = withKeys(here, { endpoint: running.endpoint })
    expect((await again.iam.send(new sdk.GetUserCommand({ UserName: 'durable' }))).User?.UserName).toBe('durable')
  })
})
