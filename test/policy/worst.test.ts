import { describe, expect, test } from 'vitest'
import { effort } from '../../src/base/effort.ts'
import { decide } from '../../src/policy/decide.ts'
import { hostile } from './hostile.ts'

/** Work is counted in steps of the matcher, not in time. The policies hold half a million characters, the text two thousand. */
describe('the worst legal policies cost little more than reading them once:', () => {
  for (const [name, made] of hostile) {
    test(name, () => {
      const situation = made()
      effort.steps = 0
      const decision = decide(situation)
      expect(decision.effect).toBe('deny')
      expect(effort.steps).toBeLessThanOrEqual(2_000_000)
    })
  }
})
