import { describe, expect, test } from 'vitest'
import { effort } from '../../src/base/glob.ts'
import { decide } from '../../src/policy/decide.ts'
import { disordered, hostile } from './hostile.ts'

/** Work is counted in steps of the matcher, not in time. The policies hold half a million characters, the text two thousand. */
describe('the worst legal policies cost little more than reading them once:', () => {
  for (const [name, situation] of hostile()) {
    test(name, () => {
      effort.steps = 0
      const decision = decide(situation)
      expect(decision.effect).toBe('deny')
      expect(effort.steps).toBeLessThanOrEqual(2_000_000)
    })
  }
})

test('pieces in another order are walked, each pattern once over the text and no more', () => {
  const [, situation] = disordered()
  effort.steps = 0
  expect(decide(situation).effect).toBe('deny')
  // Half a million characters of patterns of some 30 characters each, and KMP compares a character at most twice.
  expect(effort.steps).toBeLessThanOrEqual((500_000 / 30) * 2_048 * 2)
})
