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
    expect(changes.map(({ kind, id }) => [kind, id])).toEqual([['access-key', ada.accessKeyId]])
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
