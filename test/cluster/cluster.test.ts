import { describe, expect, test } from 'vitest'
import { missing } from '../postgres/server.ts'
import { cluster } from './run.ts'

const none = missing()

describe.skipIf(none !== undefined)(none ?? 'three nodes over PostgreSQL', () => {
  test('tell nobody anything that does not fit together, whatever is broken meanwhile', async () => {
    const seed = Math.floor(Math.random() * 1e6)
    const done: string[] = []
    const outcome = await cluster({ seconds: 15, seed, tell: (what) => done.push(what) })
    const again = `npm run cluster -- --minutes 1 --seed ${seed}\n${done.join('\n')}`
    expect(outcome.failures, again).toEqual([])
    expect(outcome.undecided, again).toBe(0)
    // There was something to get wrong.
    expect(outcome.answered, again).toBeGreaterThan(200)
    expect(outcome.refused, again).toBeGreaterThan(5)
    expect(outcome.over, again).toBeGreaterThan(0)
    expect(outcome.deeds, again).toBeGreaterThan(5)
  })
})
