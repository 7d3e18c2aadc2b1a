import fc from 'fast-check'
import { TOTP } from 'otpauth'
import { describe, expect, test } from 'vitest'
import { base32 } from '../../src/base/id.ts'
import { codeAt, seedBytes, stepAt, stepOf } from '../../src/token/totp.ts'

/** RFC 6238, appendix B: the rows of SHA-1, whose eight digits end in ours. */
const seed = Buffer.from('12345678901234567890')

describe('the codes of RFC 6238', () => {
  test.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('at second %i', (seconds, code) => {
    expect(codeAt(seed, stepAt(seconds * 1000))).toBe(code.slice(-6))
  })
})

/** RFC 4226, appendix D. */
test('the codes of RFC 4226', () => {
  const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489']
  expect(codes.map((_, counter) => codeAt(seed, counter))).toEqual(codes)
})

test('are those of a library that authenticators are built with, whatever the seed and the time', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 40 }), fc.nat(4_102_444_800), (bytes, seconds) => {
      const text = base32(bytes)
      expect(seedBytes(text)).toEqual(Buffer.from(bytes))
      const timestamp = seconds * 1000
      expect(codeAt(seedBytes(text), stepAt(timestamp))).toBe(new TOTP({ secret: text }).generate({ timestamp }))
    }),
  )
})

test('a step is of thirty seconds, and begins with the first millisecond', () => {
  expect([0, 29_999, 30_000, 59_999, 60_000].map(stepAt)).toEqual([0, 0, 1, 1, 2])
})

test('a seed of any length is read, to its last whole byte', () => {
  expect(seedBytes('')).toEqual(Buffer.alloc(0))
  expect(seedBytes('74')).toEqual(Buffer.of(255))
  expect(seedBytes('777')).toEqual(Buffer.of(255))
  expect(seedBytes('MZXW6YTB')).toEqual(Buffer.from('fooba'))
  expect(seedBytes('MZXW6YTBOI')).toEqual(Buffer.from('foobar'))
})

test('a seed that is not in base32 is none', () => {
  expect(() => seedBytes('ABC1')).toThrow('base32')
  expect(() => seedBytes('abcd')).toThrow('base32')
})

describe('the step of codes', () => {
  const code = (step: number) => codeAt(seed, step)
  test.each<[string, readonly string[], number, number, number | undefined]>([
    ['one code in the middle', [code(10)], 9, 11, 10],
    ['one code at the first step', [code(9)], 9, 11, 9],
    ['one code at the last step', [code(11)], 9, 11, 11],
    ['one code before', [code(8)], 9, 11, undefined],
    ['one code after', [code(12)], 9, 11, undefined],
    ['two in a row are at the second', [code(10), code(11)], 9, 11, 11],
    ['two in a row, the second beyond', [code(11), code(12)], 9, 11, 12],
    ['two the wrong way round', [code(11), code(10)], 9, 11, undefined],
    ['two with one between', [code(9), code(11)], 9, 11, undefined],
    ['the same twice', [code(10), code(10)], 9, 11, undefined],
    ['a code of another length', [`0${code(10)}`], 9, 11, undefined],
    ['no digits', ['abcdef'], 9, 11, undefined],
    ['as many letters, of more bytes', ['éééééé'], 9, 11, undefined],
    ['nothing', [''], 9, 11, undefined],
    ['one code where it could be of one step only', [code(9)], 9, 9, 9],
    ['one code where there is no step', [code(9)], 9, 8, undefined],
    ['three in a row', [code(9), code(10), code(11)], 9, 9, 11],
    ['three of which the middle one is another', [code(9), code(8), code(11)], 9, 9, undefined],
  ])('%s', (_, codes, from, to, step) => {
    expect(stepOf(seed, codes, from, to)).toBe(step)
  })
})
