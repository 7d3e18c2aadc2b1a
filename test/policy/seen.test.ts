import { describe, expect, test } from 'vitest'
import type { Lookup } from '../../src/policy/request.ts'
import { seenUnder } from '../../src/policy/seen.ts'

describe('what is kept of a request’s values', () => {
  const lookup = (() => ({ state: 'absent' })) as unknown as Lookup
  const long = 'x'.repeat(200)

  test('is the same as long as the values are', () => {
    const seen = seenUnder('aws:a', [long, 'b'], lookup)
    expect(seenUnder('aws:a', [long, 'b'], lookup)).toBe(seen)
    expect(seen.values).toEqual([long, 'b'])
  })

  test.each([
    ['other values', [long, 'c']],
    ['fewer values', [long]],
    ['more values', [long, 'b', 'c']],
    ['the same in another order', ['b', long]],
  ])('answers nothing for %s under the same key', (_what, values) => {
    const seen = seenUnder('aws:a', [long, 'b'], lookup)
    const other = seenUnder('aws:a', values, lookup)
    expect(other).not.toBe(seen)
    expect(other.values).toEqual(values)
  })

  test('answers nothing for another key, nor for another request', () => {
    const seen = seenUnder('aws:a', [long], lookup)
    expect(seenUnder('aws:b', ['y'], lookup).values).toEqual(['y'])
    expect(seenUnder('aws:a', [long], (() => ({ state: 'absent' })) as unknown as Lookup)).not.toBe(seen)
  })

  test('does not follow an array that is written to afterwards', () => {
    const values = [long]
    seenUnder('aws:a', values, lookup)
    values[0] = 'other'
    expect(seenUnder('aws:a', values, lookup).values).toEqual(['other'])
  })
})
