import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Random } from '../../../src/base/env.ts'
import { machineRandom } from '../../../src/host/machine.ts'
import { openingMilliseconds, sealingMilliseconds, turnRing } from '../../../src/service/rolecall/token-ring.ts'
import { Draft } from '../../../src/state/draft.ts'
import { everywhere } from '../../../src/state/index-keys.ts'
import type { TokenKey } from '../../../src/state/key.ts'
import { World } from '../../../src/state/world.ts'
import { glassSafe } from '../../token/keys.ts'

const hour = 3_600_000
const day = 24 * hour
const random = machineRandom()

const ringIn = (state: Draft): readonly TokenKey[] =>
  [...state.find('token-key', everywhere)].sort((a, b) => b.createdAt - a.createdAt)
const turn = (state: Draft, now: number, asked = false, dice: Random = random): void =>
  turnRing({ state, random: dice, now, vault: glassSafe }, asked)
const ids = (state: Draft): readonly string[] => ringIn(state).map(({ id }) => id)

describe('the ring of token keys', () => {
  test('gets its first key, 32 bytes, sealed in its row', () => {
    const state = new Draft(new World())
    turn(state, 5)
    const [key] = ringIn(state)
    expect(key?.id).toMatch(/^[0-9a-f]{8}$/)
    expect(key?.createdAt).toBe(5)
    expect(Buffer.from(String(key?.secret).replace('glass ', ''), 'base64')).toHaveLength(32)
  })

  test('stays as it is for thirty days, then gets a fresh key in front, and the old one opens on for two days', () => {
    const state = new Draft(new World())
    turn(state, 0)
    const [old = ''] = ids(state)
    const settled = new Draft(state)
    turn(settled, 30 * day - 1)
    expect(settled.changes()).toEqual([])
    turn(state, 30 * day)
    const [fresh = '', second] = ids(state)
    expect([second, fresh === old]).toEqual([old, false])
    turn(state, 32 * day - 1)
    expect(ids(state)).toEqual([fresh, old])
    turn(state, 32 * day)
    expect(ids(state)).toEqual([fresh])
  })

  test('turns before its time where it is asked to, and the fresh key is the newest also where the clock was set back', () => {
    const state = new Draft(new World())
    turn(state, 10 * day)
    const [old = ''] = ids(state)
    turn(state, 9 * day, true)
    const [fresh, second] = ids(state)
    expect(second).toBe(old)
    turn(state, 9 * day)
    expect(ids(state)).toEqual([fresh, old])
  })

  test('gives no two keys one id', () => {
    const state = new Draft(new World())
    // The dice fall alike twice, and then otherwise.
    const rolls = [7, 7, 7, 8]
    const dice: Random = { bytes: (count) => new Uint8Array(count).fill(count === 4 ? (rolls.shift() ?? 9) : 1) }
    turn(state, 0, false, dice)
    turn(state, 1, true, dice)
    expect(ids(state)).toEqual(['08080808', '07070707'])
  })

  test('never drops a key that a living session is sealed under: any rhythm, any request, a node half a day behind', () => {
    const lag = openingMilliseconds - 36 * hour
    const step = fc.record({
      after: fc.integer({ min: 0, max: 20 * day }),
      asked: fc.boolean(),
      behind: fc.integer({ min: 0, max: lag - 1 }),
      seconds: fc.integer({ min: 900, max: 129_600 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const state = new Draft(new World())
        const sessions: { readonly key: string; readonly expiresAt: number }[] = []
        /** Which key was the newest, from when on: what a node that is behind takes for the newest. */
        const known: { readonly from: number; readonly key: string }[] = []
        let now = 0
        for (const { after, asked, behind, seconds } of steps) {
          now += after
          turn(state, now, asked)
          const [newest = ''] = ids(state)
          known.push({ from: now, key: newest })
          const heard = known.filter(({ from }) => from <= now - behind).at(-1) ?? known[0]
          sessions.push({ key: heard?.key ?? '', expiresAt: now + seconds * 1000 })
          const there = ids(state)
          for (const session of sessions) if (session.expiresAt > now) expect(there).toContain(session.key)
          // Nor does it keep what nobody can need: one that seals, and those that were replaced within two days.
          expect(there.length - 1).toBeLessThanOrEqual(
            new Set(known.filter(({ from }) => now - from < openingMilliseconds).map(({ key }) => key)).size,
          )
          expect(now - (ringIn(state)[0]?.createdAt ?? 0)).toBeLessThan(sealingMilliseconds)
        }
      }),
    )
  })
})
