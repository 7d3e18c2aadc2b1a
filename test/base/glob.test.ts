import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { effort } from '../../src/base/effort.ts'
import { compileGlob, compileTokens, type GlobToken, tokensOf } from '../../src/base/glob.ts'
import { covers } from './naive.ts'

/** Pattern, text, whether the one covers the other. */
const table: readonly [string, string, boolean][] = [
  ['', '', true],
  ['', 'a', false],
  ['a', 'a', true],
  ['a', 'A', false],
  ['a', 'aa', false],
  ['*', '', true],
  ['*', 'anything/at:all', true],
  ['**', '', true],
  ['?', '', false],
  ['?', 'x', true],
  ['?', 'xy', false],
  ['?*', '', false],
  ['?*', 'x', true],
  ['*?', 'xyz', true],
  ['a*', 'abc', true],
  ['a*', 'ba', false],
  ['*c', 'abc', true],
  ['*c', 'cb', false],
  ['a*c', 'ac', true],
  ['a*c', 'abbbc', true],
  ['aba*aba', 'aba', false],
  ['ab*ba', 'aba', false],
  ['*b*', 'abc', true],
  ['*b*', 'ac', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'a1c2b', false],
  ['*aab*', 'aaaab', true],
  ['*a?b*c', 'xxazbyyc', true],
  ['*a?b*c', 'xxabyyc', false],
  ['*abcde*', 'ababcabcde', true],
  ['*abcab*abcab', 'abcabcab', false],
  ['*abcab*abcab', 'abcababcab', true],
  ['[a-z]', 'b', false],
  ['.*', 'x', false],
  ['user/*', 'user/div/sub/Bob', true],
  ['*?a', 'aa', true],
  ['??*??', 'abc', false],
]

describe('a glob', () => {
  for (const [pattern, text, expected] of table) {
    test(`${JSON.stringify(pattern)} ${expected ? 'covers' : 'does not cover'} ${JSON.stringify(text)}`, () => {
      expect(compileGlob(pattern).matches(text)).toBe(expected)
      expect(compileGlob(pattern).matches(`##${text}`, 2)).toBe(expected)
    })
  }

  test('knows the text that it must be where nothing in it is wild, and how it begins where something is', () => {
    expect(compileGlob('abc').literal).toBe('abc')
    expect(compileGlob('ab*').literal).toBeUndefined()
    expect(compileGlob('ab*c').prefix).toBe('ab')
    expect(compileGlob('ab?c').prefix).toBe('ab')
  })

  test('takes a star inside a literal token as a star', () => {
    const tokens: GlobToken[] = [{ text: 'home/' }, { text: '*' }, { text: '/' }, '*']
    expect(compileTokens(tokens).matches('home/*/x')).toBe(true)
    expect(compileTokens(tokens).matches('home/bob/x')).toBe(false)
    expect(compileTokens([{ text: '?' }]).matches('x')).toBe(false)
    expect(compileTokens(['*', { text: 'a?b*' }, '*', { text: '?' }]).matches('--a?b*--?')).toBe(true)
  })
})

const few = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 })
const pattern = fc.string({ unit: fc.constantFrom('a', 'a', 'b', 'c', '*', '?'), maxLength: 12 })

test('agrees with trying every way', () => {
  fc.assert(
    fc.property(pattern, few, (written, text) => {
      expect(compileGlob(written).matches(text)).toBe(covers(tokensOf(written), text))
    }),
    { numRuns: 20_000 },
  )
})

test('agrees with trying every way on tokens whose text holds stars', () => {
  const token: fc.Arbitrary<GlobToken> = fc.oneof(
    fc.constantFrom<GlobToken>('*', '?'),
    fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 3 }).map((text) => ({ text })),
  )
  const subject = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 14 })
  fc.assert(
    fc.property(fc.array(token, { maxLength: 6 }), subject, (tokens, text) => {
      expect(compileTokens(tokens).matches(text)).toBe(covers(tokens, text))
    }),
    { numRuns: 10_000 },
  )
})

test('finds chunks longer than a machine word that hold question marks', () => {
  const chunk = `${'ab?'.repeat(25)}z`
  const filled = `${'abc'.repeat(25)}z`
  expect(compileGlob(`*${chunk}*`).matches(`xx${filled}yy`)).toBe(true)
  expect(compileGlob(`*${chunk}*`).matches(`xx${filled.replace('z', 'y')}yy`)).toBe(false)
})

describe('no input makes matching super-linear', () => {
  const text = 'a'.repeat(2048)
  const hostile: readonly [string, string][] = [
    ['stars between every letter', `${'a*'.repeat(1000)}b*`],
    ['one long chunk that almost fits', `*${'a'.repeat(1000)}b*`],
    ['one long chunk that fails at its front', `*b${'a'.repeat(1000)}*`],
    ['many chunks that almost fit', `*${'aaaaaaab*'.repeat(200)}`],
    ['many short chunks', `*${'aab*'.repeat(400)}`],
    ['a periodic chunk', `*${'aaab'.repeat(250)}aaac*`],
  ]
  for (const [name, written] of hostile) {
    test(name, () => {
      const glob = compileGlob(written)
      effort.steps = 0
      glob.matches(text)
      glob.matches('aaab'.repeat(512))
      expect(effort.steps).toBeLessThanOrEqual(6 * (2 * text.length + written.length))
    })
  }

  test('with question marks the pattern costs one step for every thirty-one of its characters', () => {
    const written = `*${'?a'.repeat(500)}b*`
    effort.steps = 0
    compileGlob(written).matches(text)
    expect(effort.steps).toBeGreaterThan(0)
    expect(effort.steps).toBeLessThanOrEqual(text.length * Math.ceil(written.length / 31) + written.length)
  })
})
