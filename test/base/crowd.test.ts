import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Patterns } from '../../src/base/crowd.ts'
import { compileGlob, effort } from '../../src/base/glob.ts'

const oneByOne = (patterns: readonly string[], texts: readonly string[]) =>
  new Set(texts.filter((text) => patterns.some((pattern) => compileGlob(pattern).matches(text))))

describe('many patterns over many texts', () => {
  const letters = (extra: string) => fc.string({ unit: fc.constantFrom('a', 'b', ...extra), maxLength: 8 })
  test('cover what they cover one by one', () => {
    fc.assert(
      fc.property(
        fc.array(letters('*?'), { maxLength: 12 }),
        fc.array(letters('c'), { maxLength: 70 }),
        (patterns, texts) => {
          expect(new Patterns(patterns).covered(texts)).toEqual(oneByOne(patterns, texts))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('so do long ones, whose edges and pieces are longer than what is told apart', () => {
    const long = fc.tuple(fc.integer({ min: 0, max: 150 }), letters('c')).map(([n, end]) => 'a'.repeat(n) + end)
    const wild = fc.tuple(long, fc.constantFrom('*', '?', '**'), long, fc.constantFrom('', '*'), long)
    fc.assert(
      fc.property(
        fc.array(
          wild.map((parts) => parts.join('')),
          { maxLength: 12 },
        ),
        fc.array(long, { maxLength: 12 }),
        (patterns, texts) => {
          expect(new Patterns(patterns).covered(texts)).toEqual(oneByOne(patterns, texts))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('are not mixed up between one list of texts and the next', () => {
    const patterns = new Patterns(['a*', '*b'])
    expect([...patterns.covered(['ax', 'cx'])]).toEqual(['ax'])
    expect([...patterns.covered(['cx', 'ax'])]).toEqual(['ax'])
    expect([...patterns.covered(['cx'])]).toEqual([])
    expect([...new Patterns(['c*']).covered(['cx'])]).toEqual(['cx'])
  })

  test('cost the sum of the two, where nothing agrees', () => {
    const texts = Array.from({ length: 50 }, (_, at) => `${'a'.repeat(100)}${at}b`)
    const written = Array.from({ length: 1_000 }, (_, at) => `*a${at}`)
    effort.steps = 0
    expect(new Patterns(written).covered(texts).size).toBe(0)
    // Twice around, for the 32 and the 18 texts, and what had to be tried for a collision: the product would be 50,000.
    expect(effort.steps).toBeLessThan(3 * 1_000)
  })
})
