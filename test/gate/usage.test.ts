import { beforeEach, describe, expect, test } from 'vitest'
import type { Keys, Part } from '../clients/call.ts'
import { allow, noon, Scene } from './scene.ts'

let scene: Scene
let ada: Keys
beforeEach(async () => {
  scene = await Scene.open()
  ada = await scene.user('ada', allow('iam:GetUser'))
  await scene.done(scene.administrator, 'sts', 'GetCallerIdentity')
  await scene.quiet()
})

/** AWS's answer on a key; times as seconds since the epoch. */
const lastUsed = async ({ accessKeyId }: Keys): Promise<Part | undefined> => {
  await scene.quiet()
  const parameters = { AccessKeyId: accessKeyId }
  return (await scene.done(scene.administrator, 'iam', 'GetAccessKeyLastUsed', parameters)).AccessKeyLastUsed
}
const seconds = (passed: number): number => Math.floor(noon / 1000) + passed
const ask = (service: 'iam' | 'sts') =>
  service === 'iam'
    ? scene.call(ada, 'iam', 'GetUser', { UserName: 'ada' })
    : scene.call(ada, 'sts', 'GetCallerIdentity')

describe('when a key was last used', () => {
  test('is not known before it was', async () => {
    expect(await lastUsed(ada)).toEqual({ ServiceName: 'N/A', Region: 'N/A' })
  })

  test('is known after its first use: service, region, and the second', async () => {
    scene.pass(10)
    await ask('iam')
    expect(await lastUsed(ada)).toEqual({ ServiceName: 'iam', Region: 'us-east-1', LastUsedDate: seconds(10) })
  })

  test('is known also of a use that was refused, and not of one that proved nothing', async () => {
    await scene.call({ ...ada, secretAccessKey: 'x' }, 'iam', 'GetUser')
    expect(await lastUsed(ada)).toEqual({ ServiceName: 'N/A', Region: 'N/A' })
    expect((await scene.call(ada, 'iam', 'ListUsers')).code).toBe('AccessDenied')
    expect(await lastUsed(ada)).toMatchObject({ ServiceName: 'iam' })
  })

  test.each([
    ['the same service within a quarter of an hour: as it was', 'iam', 899, 'iam', 0],
    ['the same service after a quarter of an hour: anew', 'iam', 900, 'iam', 900],
    ['another service within a minute: as it was', 'sts', 59, 'iam', 0],
    ['another service after a minute: anew', 'sts', 60, 'sts', 60],
  ] as const)('%s', async (_what, service, passed, told, at) => {
    await ask('iam')
    await scene.quiet()
    scene.pass(passed)
    await ask(service)
    expect(await lastUsed(ada)).toMatchObject({ ServiceName: told, LastUsedDate: seconds(at) })
  })

  test('costs one small write however often it is used at once, and leaves no record', async () => {
    const before = scene.store.commits.length
    await Promise.all(Array.from({ length: 50 }, () => ask('sts')))
    await scene.quiet()
    const changes = scene.store.commits.slice(before).flatMap((batch) => batch.changes)
    expect(changes.map(({ kind }) => kind)).toEqual(['access-key', 'activity'])
    expect(changes[0]?.id).toBe(ada.accessKeyId)
    const names = (await scene.trail()).map(({ eventName }) => eventName)
    expect(names.filter((name) => name === 'GetCallerIdentity')).toHaveLength(51)
  })

  test('does not bring back a key that was deleted meanwhile', async () => {
    const parameters = { UserName: 'ada', AccessKeyId: ada.accessKeyId }
    const [gone, used] = await Promise.all([
      scene.call(scene.administrator, 'iam', 'DeleteAccessKey', parameters),
      ask('sts'),
    ])
    expect([gone.status, used.status]).toEqual([200, 200])
    await scene.quiet()
    expect((await ask('sts')).code).toBe('InvalidClientTokenId')
  })

  test('waits where the store takes nothing, and is noted with the next use', async () => {
    scene.block()
    expect((await ask('sts')).status).toBe(200)
    await scene.quiet()
    scene.heal()
    scene.pass(5)
    await ask('sts')
    expect(await lastUsed(ada)).toMatchObject({ ServiceName: 'sts', LastUsedDate: seconds(5) })
  })
})

test('when a role was last used is when its sessions were, not when it was assumed', async () => {
  const roleUsed = async () => {
    await scene.quiet()
    const { Role } = await scene.done(scene.administrator, 'iam', 'GetRole', { RoleName: 'app' })
    return Role?.RoleLastUsed
  }
  await scene.role('app')
  const session = await scene.session('app')
  expect(await roleUsed()).toEqual({})
  scene.pass(30)
  await scene.call(session, 'sts', 'GetCallerIdentity')
  expect(await roleUsed()).toEqual({ LastUsedDate: seconds(30), Region: 'us-east-1' })
})

describe('what a principal last did', () => {
  const activities = () =>
    scene.store.commits.flatMap(({ changes }) => changes.filter(({ kind }) => kind === 'activity'))
  const id = async () =>
    String((await scene.done(scene.administrator, 'iam', 'GetUser', { UserName: 'ada' })).User?.UserId)

  test('is gathered of all of them, and written at once', async () => {
    const bob = await scene.user('bob', allow('iam:GetUser'))
    await scene.quiet()
    const before = activities().length
    const commits = scene.store.commits.length
    for (let round = 0; round < 20; round++) {
      await ask('iam')
      await ask('sts')
      await scene.call(bob, 'iam', 'GetUser', { UserName: 'bob' })
    }
    await scene.quiet()
    const written = scene.store.commits
      .slice(commits)
      .filter(({ changes }) => changes.some(({ kind }) => kind === 'activity'))
    expect(written).toHaveLength(1)
    expect(activities().length - before).toBe(2)
  })

  test('is told by service and action, also where it was refused', async () => {
    scene.pass(10)
    await ask('iam')
    await ask('sts')
    expect((await scene.call(ada, 'iam', 'ListUsers')).code).toBe('AccessDenied')
    await scene.quiet()
    const use = { at: seconds(10) * 1000, region: 'us-east-1' }
    const user = await id()
    expect(activities().findLast((change) => change.id === user)).toMatchObject({
      entity: { services: { iam: { GetUser: use, ListUsers: use }, sts: { GetCallerIdentity: use } } },
    })
  })

  test.each([
    ['within a quarter of an hour is not noted again', 899, 0],
    ['after a quarter of an hour is', 900, 1],
  ] as const)('%s', async (_what, passed, more) => {
    await ask('iam')
    await scene.quiet()
    const user = await id()
    const count = () => activities().filter((change) => change.id === user).length
    const before = count()
    scene.pass(passed)
    await ask('iam')
    await scene.quiet()
    expect(count() - before).toBe(more)
  })

  test('of a role session is the role’s', async () => {
    await scene.role('app')
    const session = await scene.session('app')
    await scene.call(session, 'sts', 'GetCallerIdentity')
    await scene.quiet()
    const { Role } = await scene.done(scene.administrator, 'iam', 'GetRole', { RoleName: 'app' })
    expect(activities().some((change) => change.id === String(Role?.RoleId))).toBe(true)
  })

  test('goes with who did it', async () => {
    await ask('iam')
    await scene.quiet()
    const user = await id()
    await scene.done(scene.administrator, 'iam', 'DeleteUserPolicy', { UserName: 'ada', PolicyName: 'own' })
    await scene.done(scene.administrator, 'iam', 'DeleteAccessKey', { UserName: 'ada', AccessKeyId: ada.accessKeyId })
    await scene.done(scene.administrator, 'iam', 'DeleteUser', { UserName: 'ada' })
    expect(activities().findLast((change) => change.id === user)).toEqual({ kind: 'activity', id: user })
  })
})
