import { describe, expect, test } from 'vitest'
import { effort } from '../../src/base/effort.ts'
import { decide } from '../../src/policy/decide.ts'
import { dearer, type Hostile, hostile } from './hostile.ts'

/** Work is counted in steps of the matcher, not in time. The policies hold half a million characters, the texts two to eight thousand. */
function costs(rows: readonly Hostile[], most: number): void {
  for (const [name, made] of rows) {
    test(name, () => {
      const situation = made()
      effort.steps = 0
      expect(decide(situation).effect).toBe('deny')
      expect(effort.steps).toBeLessThanOrEqual(most)
    })
  }
}

describe('the worst legal policies about one value cost little more than reading them once:', () =>
  costs(hostile, 1_000_000))

/** One by one, pattern for pattern and text for text, these would be hundreds of millions. */
describe('with question marks or many values they cost', () => costs(dearer, 40_000_000))
