import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PasswordHash } from '../../src/base/password.ts'
import type { LoginProfile } from '../../src/state/credential.ts'
import type { Entity, Kind } from '../../src/state/entity.ts'
import { surveyOver } from '../../src/state/survey.ts'
import { Unread } from '../../src/state/unread.ts'
import type { Change } from '../../src/state/view.ts'
import { World } from '../../src/state/world.ts'

const account = '111122223333'
const profile = (id: string, changedAt: number): LoginProfile => ({
  kind: 'login-profile',
  id,
  account,
  createdAt: 0,
  changedAt,
  hashes: ['hash' as PasswordHash],
  resetRequired: false,
})
const unread = (entity: LoginProfile) =>
  new Unread(entity, JSON.stringify(entity), (text) => JSON.parse(text) as Entity)

/** Turns that a test lets come one by one. */
class Turns {
  readonly #waiting: (() => void)[] = []
  readonly defer = (run: () => void): void => void this.#waiting.push(run)
  get due(): number {
    return this.#waiting.length
  }
  async next(): Promise<void> {
    this.#waiting.shift()?.()
    // What goes on in a turn goes on in microtasks only.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('sees everything as it was when it began, each once, whatever becomes durable between its turns', async () => {
  const step = fc.record({
    id: fc.integer({ min: 0, max: 1500 }),
    at: fc.integer({ min: 1, max: 9 }),
    gone: fc.boolean(),
  })
  const history = fc.array(fc.array(step, { maxLength: 40 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), history, async (size, revisions) => {
      const first = Array.from({ length: size }, (_, at) => profile(`AIDA${at}`, 0))
      const world = new World(first.map((entity, at) => (at % 2 === 0 ? unread(entity) : entity)))
      const turns = new Turns()
      const seen: LoginProfile[] = []
      let done = false
      const over = surveyOver(world, turns.defer)(['login-profile'], (entity) => void seen.push(entity)).then(() => {
        done = true
      })
      for (const [number, steps] of revisions.entries()) {
        const last = new Map<string, Change>()
        for (const { id, at, gone } of steps) {
          const entity = gone ? undefined : profile(`AIDA${id}`, at)
          last.set(`${id}`, { kind: 'login-profile', id: `AIDA${id}`, entity })
        }
        world.apply([...last.values()], { revision: number + 1, batch: `${number}` })
        await turns.next()
      }
      while (turns.due > 0) await turns.next()
      await over
      expect(done).toBe(true)
      expect(seen).toEqual(first)
    }),
    { numRuns: 40 },
  )
})

test('takes no more than two hundred in a turn, over all kinds together', async () => {
  const kinds: readonly Kind[] = ['login-profile', 'user', 'password-policy']
  const policy = (id: string): Entity => ({
    kind: 'password-policy',
    id,
    account: id,
    minimumLength: 6,
    symbols: false,
    numbers: false,
    uppercase: false,
    lowercase: false,
    usersMayChange: false,
  })
  const world = new World([
    ...Array.from({ length: 450 }, (_, at) => profile(`AIDA${at}`, 0)),
    ...Array.from({ length: 100 }, (_, at) => policy(String(at))),
  ])
  const turns = new Turns()
  let seen = 0
  const over = surveyOver(world, turns.defer)(kinds, () => void seen++)
  const counts = [seen]
  while (turns.due > 0) {
    await turns.next()
    counts.push(seen)
  }
  await over
  expect(counts).toEqual([0, 200, 400, 550])
})

test('reads for nobody else: what was unread stays so', async () => {
  const entity = profile('AIDA1', 0)
  let reads = 0
  const kept = new Unread(entity, '', () => {
    reads++
    return entity
  })
  const world = new World([kept])
  const over = surveyOver(world, setImmediate)(['login-profile'], () => undefined)
  await over
  expect([reads, world.every('login-profile')[0] === kept]).toEqual([1, true])
})
