import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bitsOf } from '../../src/base/bits.ts'
import { Crowd } from '../../src/base/crowd.ts'
import { effort } from '../../src/base/effort.ts'
import { compileGlob, compileTokens, type GlobToken, tokensOf } from '../../src/base/glob.ts'
import { Places } from '../../src/base/places.ts'
import { covers } from './naive.ts'

/** Which of the texts an index says are covered. */
function found(tokens: readonly GlobToken[], texts: readonly string[], places = new Places(texts)): string {
  const glob = compileTokens(tokens)
  const open = bitsOf(texts, () => true)
  const left = places.find(glob) ? places.narrow(open, glob.least) : open.fill(0).includes(1)
  const marks = texts.map((_, at) => ((((open[at >>> 5] ?? 0) >>> (at & 31)) & 1) === 1 ? '+' : '-'))
  expect(left).toBe(marks.includes('+'))
  if (places.find(glob)) expect(places.covered()).toBe(marks[0] === '+')
  return marks.join('')
}

const tried = (tokens: readonly GlobToken[], texts: readonly string[]): string =>
  texts.map((text) => (covers(tokens, text) ? '+' : '-')).join('')

describe('an index says of globs over texts what trying every way says:', () => {
  const over = (letters: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...letters), maxLength })
  const rows: readonly [string, fc.Arbitrary<string>, fc.Arbitrary<readonly string[]>, number][] = [
    ['a few short texts', over('aabc**?', 9), fc.array(over('abc', 8), { minLength: 1, maxLength: 6 }), 2_000],
    ['one letter', over('aa*?', 12), fc.array(over('a', 12), { minLength: 1, maxLength: 4 }), 1_000],
    ['one text', over('aabb***?', 14), fc.tuple(over('ab', 40)), 2_000],
    ['only wildcards', over('**??a', 6), fc.array(over('ab', 5), { minLength: 1, maxLength: 9 }), 1_000],
    [
      'a long text, in which pieces stand often',
      fc
        .array(over('aaaabb?', 7), { minLength: 1, maxLength: 6 })
        .chain((pieces) => fc.constantFrom(`*${pieces.join('*')}*`, pieces.join('*'), `*${pieces.join('*')}`)),
      fc.tuple(
        fc
          .array(fc.constantFrom('a', 'aab', 'ab', 'aaaaaaaaaaaab', 'bbbbbbbbbb'), { maxLength: 200 })
          .map((all) => all.join('')),
      ),
      2_000,
    ],
    [
      'many texts, in which pieces stand often',
      over('aab**?', 9),
      fc.array(over('aaab', 30), { minLength: 20, maxLength: 60 }),
      1_000,
    ],
    [
      'characters of every kind',
      fc
        .array(fc.constantFrom('*', '?', '\u0000', '\uffff', '\ud83d', '\ude00', 'é', '�'), { maxLength: 8 })
        .map((all) => all.join('')),
      fc.array(
        fc
          .array(fc.constantFrom('\u0000', '\uffff', '😀', '\ud83d', 'é', '�'), { maxLength: 8 })
          .map((all) => all.join('')),
        { minLength: 1, maxLength: 6 },
      ),
      3_000,
    ],
  ]
  for (const [name, pattern, texts, numRuns] of rows) {
    test(name, () => {
      fc.assert(
        fc.property(fc.array(pattern, { minLength: 1, maxLength: 6 }), texts, (patterns, texts) => {
          const places = new Places(texts)
          for (const written of patterns) {
            expect([written, found(tokensOf(written), texts, places)]).toEqual([
              written,
              tried(tokensOf(written), texts),
            ])
          }
        }),
        { numRuns },
      )
    })
  }

  test('literal stars and question marks', () => {
    const token: fc.Arbitrary<GlobToken> = fc.oneof(
      fc.constantFrom<GlobToken>('*', '?'),
      over('ab*?', 3).map((text) => ({ text })),
    )
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 6 }),
        fc.array(over('ab*?', 14), { minLength: 1, maxLength: 5 }),
        (tokens, texts) => {
          expect(found(tokens, texts)).toBe(tried(tokens, texts))
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('pieces of a long text without order', () => {
    const words = Array.from({ length: 12_000 }, (_, at) => (Math.imul(at + 1, 0x9e3779b1) >>> 7).toString(36))
    const text = words.join('')
    const places = new Places([text])
    for (let at = 0; at < text.length; at += 97) {
      const piece = text.slice(at, at + 1 + (at % 9))
      for (const wanted of [piece, `${piece}!`, [...piece].reverse().join('')]) {
        const glob = compileGlob(`*${wanted}*`)
        expect(places.find(glob) && places.covered()).toBe(text.includes(wanted))
      }
    }
  })

  test('chunks with question marks that are longer than a machine word, in texts of several words', () => {
    const chunk = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 20, max: 50 }), over('ab?', 4))
      .map(([gap, times, end]) => `a${'?'.repeat(gap)}`.repeat(times / (gap + 1)) + end)
    const text = fc.array(fc.constantFrom('aa', 'ab', 'b', 'a'.repeat(40), 'ab'.repeat(30)), { maxLength: 12 })
    fc.assert(
      fc.property(chunk, chunk, fc.array(text, { minLength: 1, maxLength: 4 }), (first, second, words) => {
        const texts = words.map((all) => all.join(''))
        for (const written of [`*${first}*`, `${first}*`, `*${first}*${second}`, `${first}*${second}*`]) {
          expect([written, found(tokensOf(written), texts)]).toEqual([written, tried(tokensOf(written), texts)])
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a crowd', () => {
  const marks = (texts: readonly string[]) => bitsOf(texts, () => true)

  test('says the same before it has an index and after', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
    fc.assert(
      fc.property(
        pattern,
        fc.array(text, { minLength: 2, maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 8 }),
        (written, texts, shut) => {
          const crowd = new Crowd(texts)
          const glob = compileGlob(written)
          const expected = texts.map((text, at) => (shut[at] !== true && glob.matches(text) ? 1 : 0))
          for (let time = 0; time < 30; time++) {
            const open = bitsOf([...texts.keys()], (at) => shut[at] !== true)
            expect(crowd.narrow(glob, open)).toBe(expected.includes(1))
            expect([...open]).toEqual([...bitsOf(expected, (bit) => bit === 1)])
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('of one long text says the same', () => {
    const text = `${'ab'.repeat(60)}c`
    const crowd = new Crowd([text])
    for (let time = 0; time < 20; time++) {
      expect(crowd.covers(compileGlob('*bab*c'))).toBe(true)
      expect(crowd.covers(compileGlob('*bb*c'))).toBe(false)
      expect(crowd.covers(compileGlob('*c*b*'))).toBe(false)
    }
  })

  test('of many texts costs the sum of patterns and texts where pieces are missing', () => {
    const texts = Array.from({ length: 50 }, (_, at) => `${'a'.repeat(100)}${at}b`)
    const globs = Array.from({ length: 1_000 }, (_, at) => compileGlob(`*a${at}`))
    const crowd = new Crowd(texts)
    effort.steps = 0
    for (const glob of globs) expect(crowd.narrow(glob, marks(texts))).toBe(false)
    // The product would be 50,000 texts to look at.
    expect(effort.steps).toBeLessThan(4 * 50 * 105 + 1_000 * 6)
  })
})

describe('an index is asked in as many steps as a pattern has characters:', () => {
  const long = 8_000
  const half = long / 2
  const rows: readonly [string, string, (at: number) => string][] = [
    ['one letter', 'a'.repeat(long), (at) => `*${'a'.repeat(at % 40)}*b*`],
    ['pieces in another order', `${'a'.repeat(long)}b`, (at) => `*${'a'.repeat(at % 40)}b*${'a'.repeat(at % 9)}a*`],
    [
      'far apart',
      `${'ab'.repeat(40)}${'c'.repeat(long)}${'ab'.repeat(40)}`,
      (at) => `*c*ab*c*${'ba'.repeat(at % 20)}*`,
    ],
    ['the last of many', 'a'.repeat(half) + 'b'.repeat(half), (at) => `*b*${'a'.repeat(1 + (at % 40))}*`],
    ['a star after every letter', 'ab'.repeat(half), (at) => `*${'a*b*'.repeat(at % 40)}c`],
    ['periods', 'aab'.repeat(2_000), (at) => `*${'aab'.repeat(at % 30)}aaa*`],
  ]
  for (const [name, text, pattern] of rows) {
    test(name, () => {
      const globs = Array.from({ length: 4_000 }, (_, at) => compileGlob(pattern(at)))
      const characters = globs.reduce((sum, { least }) => sum + least, 0)
      const crowd = new Crowd([text])
      const first = compileGlob('*x*')
      for (let time = 0; time < 20; time++) crowd.covers(first)
      effort.steps = 0
      for (const glob of globs) crowd.covers(glob)
      // Forty lengths of a piece, each of which is gathered once, and a handful of steps for each piece.
      expect(effort.steps).toBeLessThan(40 * 2 * text.length + 3 * characters + globs.length * 20)
    })
  }
})
