import { describe, expect, test } from 'vitest'
import {
  compareDecimals,
  inCidr,
  plainNumber,
  readBytes,
  readCidr,
  readDecimal,
  readMoment,
} from '../../src/policy/value.ts'

describe('a moment', () => {
  const rows: readonly [string, number | undefined][] = [
    ['0', 0],
    ['1500000000', 1_500_000_000_000],
    ['1970-01-01T00:00:00Z', 0],
    ['2017-07-01T00:00:00Z', Date.UTC(2017, 6, 1)],
    ['2017-07-01', Date.UTC(2017, 6, 1)],
    ['2017-07', Date.UTC(2017, 6, 1)],
    ['2017T', Date.UTC(2017, 0, 1)],
    ['2016-02-29T23:59:59.999Z', Date.UTC(2016, 1, 29, 23, 59, 59, 999)],
    ['2000-03-01T00:00Z', Date.UTC(2000, 2, 1)],
    ['1900-03-01t05', Date.UTC(1900, 2, 1, 5)],
    ['2020-01-01T00:00:00+02:00', Date.UTC(2019, 11, 31, 22)],
    ['2020-01-01T00:00:00-0230', Date.UTC(2020, 0, 1, 2, 30)],
    ['-0001-01-01', Date.UTC(-1, 0, 1)],
    ['01T', new Date('0001-01-01T00:00:00Z').getTime()],
    ['2017', 2_017_000],
    ['2000-03-01T00:00', Date.UTC(2000, 2, 1)],
    ['2000-03-01T00:00:01', Date.UTC(2000, 2, 1, 0, 0, 1)],
    ['2020-01-01T00:00:00+00:59', Date.UTC(2019, 11, 31, 23, 1)],
    ['2020-01-01T00:00:00+23:00', Date.UTC(2019, 11, 31, 1)],
    [`${'0'.repeat(23)}1`, 1_000],
    ['2020-01-01T00:00:00+24:00', undefined],
    ['2020-01-01T00:00:00+00:60', undefined],
    ['2017-01-00', undefined],
    ['2017-12', Date.UTC(2017, 11, 1)],
    ['-292275055-01-01', undefined],
    ['2017-13', undefined],
    ['2017-00', undefined],
    ['2017-01-32', undefined],
    ['2017-01-01T24:00', undefined],
    ['2017-01-01T00:60', undefined],
    ['2017-01-01T00:00:60', undefined],
    ['2017-01-01 00:00:00', undefined],
    ['292278994-01', undefined],
    ['9223372036854775808', undefined],
    ['1.5', undefined],
    ['', undefined],
    ['T', undefined],
    ['now', undefined],
  ]
  for (const [text, expected] of rows) {
    test(JSON.stringify(text), () => expect(readMoment(text)).toBe(expected))
  }
  test('the ends of time', () => {
    expect(readMoment('9223372036854775807')).toBeGreaterThan(0)
    expect(readMoment('-292275054')).toBeLessThan(0)
    expect(readMoment('292278993-12-31')).toBeGreaterThan(0)
  })
})

describe('an address', () => {
  const rows: readonly [string, string, boolean][] = [
    ['203.0.113.7', '203.0.113.0/24', true],
    ['203.0.114.7', '203.0.113.0/24', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '0.0.0.0/0', true],
    ['255.255.255.255', '128.0.0.0/1', true],
    ['10.1.2.3', '10.9.9.9/8', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1', true],
    ['2001:db8:0:0:ffff::1', '2001:db8::/64', true],
    ['2001:db8:0:1::1', '2001:db8::/64', false],
    ['::1', '::/0', true],
    ['1.2.3.4', '::/0', false],
    ['::ffff:1.2.3.4', '1.2.3.4/32', false],
    ['::ffff:1.2.3.4', '::ffff:102:304', true],
    ['0:0:0:0:0:ffff:1.2.3.4', '::ffff:102:304', true],
    ['1.2.3.4', '1.2.3.4/32', true],
    ['1.2.3.5', '1.2.3.4/32', false],
    ['10.0.0.0/8', '10.0.0.0/16', false],
    ['10.0.0.0/16', '10.0.0.0/8', true],
    ['2001:db9::1', '2001:db8::/48', false],
    ['2001:db8:1::1', '2001:db8::/48', false],
    ['2001:db8:0:1::1', '2001:db8::/48', true],
    ['2002:db8::1', '2001:db8::/32', false],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', true],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8/128', true],
    ['::', '::1', false],
  ]
  for (const [inner, range, expected] of rows) {
    test(`${inner} is ${expected ? '' : 'not '}in ${range}`, () => {
      const [a, b] = [readCidr(inner), readCidr(range)]
      expect(a !== undefined && b !== undefined && inCidr(a, b)).toBe(expected)
    })
  }
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4/33',
    '1.2.3.4/',
    '::1/129',
    ':::',
    '1::2::3',
    'g::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7::8',
    '1.2.3.4::',
    '1.2.3.4:2:3:4:5:6:7',
    '1:2:3:4::5:6:7:8::',
    '1:2:3:4:5:6:7:8::1::2',
    '::1.2.3.4:1',
    '::1.2.3',
    '::1.2.3.256',
    '1..2.3',
    '1.2.3.',
    '.1.2.3',
    '1.2.3.a',
    '1.2.3./',
    '1.2.3.-5',
    '1.2.3.4.5',
    '1.2.3.4/x8',
    '1.2.3.4/8x',
    '1.2.3.4/1000',
    '/8',
    '::10000',
    `1${'0'.repeat(45)}::`,
    'x',
  ]) {
    test(`${JSON.stringify(text)} is none`, () => expect(readCidr(text)).toBeUndefined())
  }
})

test('a number of JSON is the decimal that it is, also with an exponent', () => {
  const rows: readonly [string, string][] = [
    ['1.5e9', '1500000000'],
    ['15E8', '1500000000'],
    ['1e0', '1'],
    ['-2.50e-2', '-0.025'],
    ['1e-1', '0.1'],
    ['12', '12'],
  ]
  for (const [json, plain] of rows) expect(readDecimal(plainNumber(json)), json).toEqual(readDecimal(plain))
  expect(plainNumber('1e401')).toBe('1e401')
  expect(plainNumber('text')).toBe('text')
})

test('numbers are integers and decimals, and no digit of them is lost', () => {
  const order = (a: string, b: string): number | undefined => {
    const [left, right] = [readDecimal(a), readDecimal(b)]
    return left === undefined || right === undefined ? undefined : Math.sign(compareDecimals(left, right)) + 0
  }
  const rows: readonly [string, string, number][] = [
    ['1', '1.0', 0],
    ['+2', '002', 0],
    ['-0.0', '0', 0],
    ['-1.50', '-1.5', 0],
    ['9', '10', -1],
    ['-9', '-10', 1],
    ['-1', '1', -1],
    ['-0.5', '0.5', -1],
    ['-0.5', '0', -1],
    ['0.5', '000.50', 0],
    ['007', '7', 0],
    ['0.9', '0.10', 1],
    ['1.05', '1.5', -1],
    ['9007199254740993', '9007199254740992', 1],
    ['1.0000000000000000001', '1', 1],
  ]
  for (const [a, b, expected] of rows) {
    expect(order(a, b), `${a} and ${b}`).toBe(expected)
    expect(order(b, a), `${b} and ${a}`).toBe(0 - expected)
  }
  for (const text of [
    '',
    ' 1',
    '0x10',
    'NaN',
    'Infinity',
    '1.',
    '.5',
    '1e3',
    '1,0',
    '--1',
    '1x',
    '1.5x',
    '-',
    '1.2.3',
  ]) {
    expect(readDecimal(text), text).toBeUndefined()
  }
})

test('bytes are the same however they are padded', () => {
  expect(readBytes('aGk=')).toBe('hi')
  expect(readBytes('aGk')).toBe('hi')
  expect(readBytes('aA==')).toBe('h')
  expect(readBytes('aA=')).toBe('h')
  expect(readBytes('AAAA')).toBe('\0\0\0')
  expect(readBytes('')).toBe('')
  expect(readBytes('a')).toBeUndefined()
  expect(readBytes('aA===')).toBeUndefined()
  expect(readBytes('a*Gk')).toBeUndefined()
})
