import { expect, test } from 'vitest'
import { crash } from './run.ts'

test('a server that is killed under load loses nothing that it acknowledged, and leaves nothing by half', async () => {
  const seed = Math.floor(Math.random() * 1e6)
  const outcome = await crash({ rounds: 20, seed })
  expect(outcome.failures, `seed ${seed}`).toEqual([])
  expect(outcome.rounds).toBe(20)
  // There was something to lose: requests of every kind were answered, and others were under way when it was killed.
  expect(outcome.acknowledged).toBeGreaterThan(200)
  expect(outcome.minted).toBeGreaterThan(20)
  expect(outcome.unanswered).toBeGreaterThan(100)
}, 180_000)
