import { expect, test } from 'vitest'
import { crash } from './run.ts'

test('a server that is killed under load loses nothing that it acknowledged, and leaves nothing by half', async () => {
  const seed = Math.floor(Math.random() * 1e6)
  const outcome = await crash({ rounds: 6, seed })
  expect(outcome.failures, `seed ${seed}`).toEqual([])
  expect(outcome.rounds).toBe(6)
  // There was something to lose: requests of every kind were answered, and others were under way when it was killed.
  expect(outcome.acknowledged).toBeGreaterThan(50)
  expect(outcome.minted).toBeGreaterThan(10)
  expect(outcome.unanswered).toBeGreaterThan(40)
}, 180_000)
