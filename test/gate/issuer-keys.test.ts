import { describe, expect, test } from 'vitest'
import { IssuerKeys } from '../../src/gate/issuer-keys.ts'
import { type Issuer, IssuerTrouble, type KeySet } from '../../src/token/issuer.ts'
import { readKeySet, type VerificationKey } from '../../src/token/jwk.ts'
import { edPair, keySet } from '../token/forge.ts'

const pair = edPair()
const keysNamed = (...kids: readonly string[]): KeySet => ({
  keys: readKeySet(keySet(...kids.map((kid) => [pair, { kid }] as const))) ?? [],
})
const named = (kid: string) => (keys: readonly VerificationKey[]) => keys.some((key) => key.kid === kid)
const kidsOf = ({ keys }: KeySet) => keys.map(({ kid }) => kid).join(',')
const issuer: Issuer = { url: 'https://issuer.example', thumbprints: [] }
const minutes = 60_000

interface Scene {
  readonly clock: { at: number; readonly now: () => number }
  readonly asked: Issuer[]
  answer: () => Promise<KeySet>
  /** The ids of the keys that are had for a token that names one. */
  readonly kids: (kid: string, from?: Issuer) => Promise<string>
}

/** An issuer whose answers, and how often it was asked, are the test's. */
function scene(): Scene {
  const clock = { at: 1_000_000, now: () => clock.at }
  const it: Scene = {
    clock,
    asked: [],
    answer: () => Promise.resolve(keysNamed('a')),
    kids: async (kid, from = issuer) => kidsOf(await keys.keysOf(from, named(kid))),
  }
  const keys = new IssuerKeys(
    (from) => {
      it.asked.push(from)
      return it.answer()
    },
    clock,
    () => {},
  )
  return it
}
const down = () => Promise.reject(new IssuerTrouble('unreachable', 'down'))

test('an issuer is asked once for keys that go on', async () => {
  const it = scene()
  expect(await it.kids('a')).toBe('a')
  it.clock.at += 10 * minutes - 1
  expect(await it.kids('a')).toBe('a')
  expect(it.asked).toHaveLength(1)
  it.clock.at += 1
  it.answer = () => Promise.resolve(keysNamed('b'))
  // Taken out of its set, and so no longer good here.
  expect(await it.kids('a')).toBe('b')
  expect(it.asked).toHaveLength(2)
})

test('those who wait for one issuer wait for one answer', async () => {
  const it = scene()
  let answered: (keys: KeySet) => void = () => {}
  it.answer = () => new Promise((resolve) => (answered = resolve))
  const all = Promise.all(Array.from({ length: 20 }, (_, at) => it.kids(at % 2 === 0 ? 'a' : 'other')))
  answered(keysNamed('a'))
  expect(new Set(await all)).toEqual(new Set(['a']))
  expect(it.asked).toHaveLength(1)
})

test('a key that is not there is asked for at once, and then no more often than every five seconds', async () => {
  const it = scene()
  await it.kids('a')
  it.clock.at += 5_000
  it.answer = () => Promise.resolve(keysNamed('a', 'b'))
  expect(await it.kids('b')).toBe('a,b')
  expect(it.asked).toHaveLength(2)
  for (let garbage = 0; garbage < 1000; garbage++) {
    expect(await it.kids(`garbage ${garbage}`)).toBe('a,b')
    it.clock.at += 10
  }
  // Ten seconds have passed meanwhile.
  expect(it.asked.length).toBeLessThanOrEqual(4)
})

describe('while an issuer is down', () => {
  test('its keys are taken for an hour, and it is asked every five seconds', async () => {
    const it = scene()
    await it.kids('a')
    it.answer = down
    it.clock.at += 59 * minutes
    expect(await it.kids('a')).toBe('a')
    expect(await it.kids('a')).toBe('a')
    expect(it.asked).toHaveLength(2)
    it.clock.at += minutes
    await expect(it.kids('a')).rejects.toThrow('down')
    expect(it.asked).toHaveLength(3)
    it.answer = () => Promise.resolve(keysNamed('a'))
    it.clock.at += 4_999
    await expect(it.kids('a')).rejects.toThrow('down')
    it.clock.at += 1
    expect(await it.kids('a')).toBe('a')
    expect(it.asked).toHaveLength(4)
  })

  test('who was never reached is no trouble that lasts', async () => {
    const it = scene()
    it.answer = down
    await expect(it.kids('a')).rejects.toMatchObject({ kind: 'unreachable' })
    await expect(it.kids('a')).rejects.toMatchObject({ kind: 'unreachable' })
    expect(it.asked).toHaveLength(1)
    it.answer = () => Promise.resolve(keysNamed('a'))
    it.clock.at += 5_000
    expect(await it.kids('a')).toBe('a')
  })

  test('others are served', async () => {
    const it = scene()
    it.answer = () => new Promise(() => {})
    const waiting = Array.from({ length: 16 }, (_, at) =>
      it.kids('a', { url: `https://${at}.example`, thumbprints: [] }),
    )
    await expect(it.kids('a', { url: 'https://more.example', thumbprints: [] })).rejects.toThrow('16 other issuers')
    expect(waiting).toHaveLength(16)
    expect(it.asked).toHaveLength(16)
  })
})

test('a bug in asking is told as one, and does not keep the next from asking', async () => {
  const it = scene()
  it.answer = () => Promise.reject(new TypeError('a bug'))
  await expect(it.kids('a')).rejects.toThrow(TypeError)
  it.clock.at += 5_000
  it.answer = () => Promise.resolve(keysNamed('a'))
  expect(await it.kids('a')).toBe('a')
})

test('a clock that was set back makes no key young', async () => {
  const it = scene()
  await it.kids('a')
  it.clock.at -= 365 * 24 * 60 * minutes
  it.answer = () => Promise.resolve(keysNamed('b'))
  expect(await it.kids('a')).toBe('b')
})

test('who believes another certificate asks by itself', async () => {
  const it = scene()
  const print = 'AB'.repeat(20)
  await it.kids('a')
  await it.kids('a', { ...issuer, thumbprints: [print] })
  await it.kids('a', { ...issuer, thumbprints: [print.toLowerCase()] })
  expect(it.asked.map(({ thumbprints }) => thumbprints.length)).toEqual([0, 1])
})

test('what is known has an end', async () => {
  const it = scene()
  for (let at = 0; at < 513; at++) await it.kids('a', { url: `https://${at}.example`, thumbprints: [] })
  it.answer = down
  expect(await it.kids('a', { url: 'https://512.example', thumbprints: [] })).toBe('a')
  await expect(it.kids('a', { url: 'https://0.example', thumbprints: [] })).rejects.toThrow('down')
})
