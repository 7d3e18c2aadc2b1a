import { beforeEach, describe, expect, test } from 'vitest'
import type { TokenKey } from '../../src/state/key.ts'
import type { Keys } from '../clients/call.ts'
import { allow, noon, roleArn, Scene } from '../gate/scene.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour
/** The first second that 32 bits with a sign cannot count, and the day that not every year has. */
const late = Date.UTC(2038, 0, 19, 3, 14, 8)
const leap = Date.UTC(2028, 1, 29, 23, 59, 59)

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
  await scene.role('app', allow('iam:GetUser'))
})

const who = async (keys: Keys): Promise<string> => {
  const { status, code } = await scene.call(keys, 'sts', 'GetCallerIdentity')
  return status === 200 ? 'welcome' : (code ?? '')
}
const ring = async (): Promise<readonly TokenKey[]> =>
  (await scene.store.entities())
    .filter((entity): entity is TokenKey => entity.kind === 'token-key')
    .sort((a, b) => b.createdAt - a.createdAt)

describe('a session of fifteen minutes', () => {
  test.each([
    ['is good while the clock stands still', 0, 'welcome'],
    ['and until its last second', 15 * minute - 1, 'welcome'],
    ['and no longer', 15 * minute, 'ExpiredToken'],
    ['is over where the clock goes ahead by a day', day, 'ExpiredToken'],
    ['is good where the clock goes back by as much as clocks may disagree', -5 * minute, 'welcome'],
    ['is none yet where it goes back further', -5 * minute - 1, 'InvalidClientTokenId'],
    ['nor where it goes back by a day', -day, 'InvalidClientTokenId'],
  ])('%s', async (_sentence, seconds, told) => {
    scene.now = noon - (noon % 1000)
    const session = await scene.session('app', 15 * minute)
    scene.pass(seconds)
    expect(await who(session)).toBe(told)
    // Whoever proves themselves by a key of their own is let in at any time.
    expect(await who(scene.administrator)).toBe('welcome')
  })

  test('that was made while the clock was a day ahead is good for no minute more than that', async () => {
    scene.pass(day)
    const session = await scene.session('app', 15 * minute)
    expect(await who(session)).toBe('welcome')
    let good = 0
    for (scene.now = noon; scene.now < noon + 2 * day * 1000; scene.pass(5 * minute))
      if ((await who(session)) === 'welcome') good += 5
    expect(good).toBeLessThanOrEqual(15 + 5)
  })

  test.each([
    ['2038', late],
    ['the last second of a leap day', leap],
  ])('is made and ends as ever in %s', async (_when, now) => {
    scene.now = now
    const session = await scene.session('app', 15 * minute)
    expect(await who(session)).toBe('welcome')
    scene.pass(15 * minute - 1)
    expect(await who(session)).toBe('welcome')
    scene.pass(1)
    expect(await who(session)).toBe('ExpiredToken')
  })
})

describe('the ring of token keys', () => {
  test('turns on after the clock was years ahead for a while, and no session ended for it', async () => {
    const before = await scene.session('app', hour)
    const [first] = await ring()
    scene.now = late
    await scene.quiet()
    const ahead = await scene.session('app', hour)
    expect((await ring())[1]?.id).toBe(first?.id)

    scene.now = noon + 30 * minute * 1000
    await scene.quiet()
    // The key that was made then seals from now on, as old as it is.
    const [second] = await ring()
    expect(second?.id).not.toBe(first?.id)
    expect(second?.createdAt).toBe(scene.now)
    expect(await who(before)).toBe('welcome')
    expect(await who(ahead)).toBe('InvalidClientTokenId')
    const after = await scene.session('app', hour)
    expect(await who(after)).toBe('welcome')

    scene.pass(30 * day)
    await scene.quiet()
    const [third] = await ring()
    expect(third?.id).not.toBe(second?.id)
    scene.pass(2 * day)
    await scene.quiet()
    expect(await ring()).toHaveLength(1)
    expect(scene.alarms).toEqual([])
  })

  test('grows by no key where the clock goes back and forth by a day, again and again', async () => {
    for (let turn = 0; turn < 20; turn++) {
      scene.now = noon + (turn % 2 === 0 ? day : -day) * 1000
      await scene.quiet()
      expect(await ring()).toHaveLength(1)
      const session = await scene.session('app', hour)
      expect(await who(session)).toBe('welcome')
    }
  })
})

describe('after the clock was years ahead', () => {
  test('it is known again when a key was last used', async () => {
    const ada = await scene.user('ada')
    const used = async () => {
      await who(ada)
      await scene.quiet()
      const answer = await scene.done(scene.administrator, 'iam', 'GetAccessKeyLastUsed', {
        AccessKeyId: ada.accessKeyId,
      })
      return Number(answer.AccessKeyLastUsed?.LastUsedDate)
    }
    scene.now = late
    expect(await used()).toBe(late / 1000)
    scene.now = noon
    expect(await used()).toBe(Math.floor(noon / 1000))
  })

  test('the trail tells what happened in the order in which it did, each with the time of its clock', async () => {
    const asked: string[] = []
    const times: number[] = []
    for (const now of [noon, late, noon - day * 1000, leap, noon, noon]) {
      scene.now = now
      const { requestId } = await scene.call(scene.administrator, 'sts', 'AssumeRole', {
        RoleArn: roleArn('app'),
        RoleSessionName: 'one',
      })
      asked.push(requestId)
      times.push(Math.floor(now / 1000) * 1000)
    }
    const records = (await scene.trail()).filter(({ requestID }) => asked.includes(requestID))
    expect(records.map(({ requestID }) => requestID)).toEqual(asked)
    expect(records.map((record) => Date.parse(String(Reflect.get(record, 'eventTime'))))).toEqual(times)
  })
})
