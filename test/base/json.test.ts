import { describe, expect, test } from 'vitest'
import { memberOf, type Node, parseJson, positionOf, positionsOf } from '../../src/base/json.ts'

const read = (text: string): Node => {
  const parsed = parseJson(text)
  if (!parsed.ok) throw new Error(`${parsed.problem} at ${parsed.at.start}`)
  return parsed.root
}

describe('is read:', () => {
  const rows: readonly [string, string, object][] = [
    ['a string', '"a"', { kind: 'string', value: 'a' }],
    ['an empty string', '""', { kind: 'string', value: '' }],
    ['every escape', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', { kind: 'string', value: '"\\/\b\f\n\r\t' }],
    ['an escape between letters', '"a\\nb\\nc"', { kind: 'string', value: 'a\nb\nc' }],
    ['a letter by its number', '"\\u0041\\u00e9\\uD83D\\uDE00"', { kind: 'string', value: 'Aé😀' }],
    ['a letter by its number among others', '"x\\u0041y"', { kind: 'string', value: 'xAy' }],
    ['a space in a string', '" "', { kind: 'string', value: ' ' }],
    ['true', 'true', { kind: 'boolean', value: 'true' }],
    ['false', 'false', { kind: 'boolean', value: 'false' }],
    ['null', 'null', { kind: 'null' }],
    ['zero', '0', { kind: 'number', value: '0' }],
    ['a number', '1029384756', { kind: 'number', value: '1029384756' }],
    ['a number below zero', '-1', { kind: 'number', value: '-1' }],
    ['zero below zero', '-0', { kind: 'number', value: '-0' }],
    ['a fraction as it is written', '1.50', { kind: 'number', value: '1.50' }],
    ['a fraction of zero', '0.09', { kind: 'number', value: '0.09' }],
    ['an exponent', '1e5', { kind: 'number', value: '1e5' }],
    ['an exponent with its sign', '1.5E+5', { kind: 'number', value: '1.5E+5' }],
    ['an exponent below zero', '12e-10', { kind: 'number', value: '12e-10' }],
    ['an empty list', '[]', { kind: 'array', items: [] }],
    ['an empty object', '{}', { kind: 'object', members: [] }],
  ]
  for (const [name, text, node] of rows) {
    test(name, () => {
      expect(read(text)).toEqual({ ...node, span: { start: 0, end: text.length } })
      const spaced = ` \n\r\t${text}\t\r\n `
      expect(read(spaced)).toEqual({ ...node, span: { start: 4, end: 4 + text.length } })
    })
  }

  test('white space anywhere between the tokens', () => {
    const text = '{ "a" : [ 1 , 2 ] , "b" : { } , "c" : [ ] }'.replaceAll(' ', ' \t\r\n')
    expect(read(text)).toMatchObject({
      members: [
        { key: { value: 'a' }, value: { items: [{ value: '1' }, { value: '2' }] } },
        { key: { value: 'b' }, value: { members: [] } },
        { key: { value: 'c' }, value: { items: [] } },
      ],
    })
  })

  test('sixty-four levels of nesting, and not one more', () => {
    const nested = (levels: number) => parseJson(`${'['.repeat(levels)}0${']'.repeat(levels)}`)
    expect(nested(64).ok).toBe(true)
    expect(nested(65)).toEqual({ ok: false, at: { start: 65, end: 66 }, problem: 'more than 64 levels of nesting' })
    const objects = (levels: number) => parseJson(`${'{"a":'.repeat(levels)}0${'}'.repeat(levels)}`)
    expect(objects(64).ok).toBe(true)
    expect(objects(65)).toMatchObject({ ok: false, problem: 'more than 64 levels of nesting' })
  })
})

describe('what is wrong is said, and where:', () => {
  const rows: readonly [string, string, string, number, number][] = [
    ['nothing at all', '', 'the document ends too early', 0, 0],
    ['the end where a value belongs', '[1,', 'the document ends too early', 3, 3],
    ['a byte-order mark', '\ufeff{}', 'a byte-order mark in front of the document', 0, 1],
    ['a byte-order mark further on', '{\ufeff}', 'a key in quotes belongs here', 1, 2],
    ['text after the end', '{} x', 'text after the end of the document', 3, 4],
    ['a control character between the tokens', '[\u000b1]', 'this is no JSON value', 1, 2],
    ['a key that is none', '{"a":1,b:2}', 'a key in quotes belongs here', 7, 8],
    ['a key that stands twice', '{"a":1,"a":2}', 'the key "a" stands twice in one object', 7, 10],
    [
      'a long key that stands twice, in part',
      `{"${'k'.repeat(61)}":1,"${'k'.repeat(61)}":2}`,
      `the key "${'k'.repeat(60)}…" stands twice in one object`,
      67,
      130,
    ],
    [
      'a key of sixty letters that stands twice, in full',
      `{"${'k'.repeat(60)}":1,"${'k'.repeat(60)}":2}`,
      `the key "${'k'.repeat(60)}" stands twice in one object`,
      66,
      128,
    ],
    ['a colon that is missing', '{"a" 1}', 'a colon belongs here', 5, 6],
    ['a comma that is missing in an object', '{"a":1 "b":2}', 'a comma or } belongs here', 7, 8],
    ['a comma that is missing in a list', '[1 2]', 'a comma or ] belongs here', 3, 4],
    ['a list that another bracket ends', '[1}', 'a comma or ] belongs here', 2, 3],
    ['a string that never ends', '["ab', 'a string without its closing quote', 1, 4],
    ['a control character in a string', '"a\u001fb"', 'a control character inside a string', 2, 3],
    ['a short letter number', '"a\\u12"', 'four hex digits belong after \\u', 2, 4],
    ['a letter number with more in front', '"\\ug0041"', 'four hex digits belong after \\u', 1, 3],
    ['an escape that there is not', '"a\\x"', 'an escape that JSON does not know', 2, 4],
    ['a word that there is not', '[trve]', 'this is no JSON value', 1, 2],
    ['another word that there is not', '[nul]', 'this is no JSON value', 1, 2],
    ['a third', '[fals]', 'this is no JSON value', 1, 2],
    ['a sign without a number', '[-]', 'this is no JSON value', 1, 2],
    ['a number without digits after its point', '[10.]', 'this is no JSON value', 1, 2],
    ['a number without digits in its exponent', '[10e+]', 'this is no JSON value', 1, 2],
    ['a number that begins with its point', '[.5]', 'this is no JSON value', 1, 2],
    ['a letter after a number', '[1a]', 'a comma or ] belongs here', 2, 3],
    ['a digit of another script', '[１]', 'this is no JSON value', 1, 2],
    ['a sign that stands twice', '[--1]', 'this is no JSON value', 1, 2],
    ['a slash among digits', '[1/2]', 'a comma or ] belongs here', 2, 3],
    ['a colon among digits', '[1:2]', 'a comma or ] belongs here', 2, 3],
  ]
  for (const [name, text, problem, start, end] of rows) {
    test(name, () => expect(parseJson(text)).toEqual({ ok: false, problem, at: { start, end } }))
  }
})

describe('a position', () => {
  test('of many offsets is that of each', () => {
    const text = 'a\n\nb\r\r\nc'
    const offsets = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    expect(positionsOf(text, offsets)).toEqual(offsets.map((offset) => positionOf(text, offset)))
    expect(positionsOf(text, offsets).map(({ line, column }) => `${line}:${column}`)).toEqual([
      '1:1',
      '1:2',
      '2:1',
      '3:1',
      '3:2',
      '4:1',
      '4:2',
      '5:1',
      '5:2',
    ])
  })
  test('of a carriage return at the very end is on the line that it ends', () => {
    expect([positionOf('a\r', 1), positionOf('a\r', 2)]).toEqual([
      { line: 1, column: 2 },
      { line: 2, column: 1 },
    ])
  })
})

test('only an object has members, and only those that it has', () => {
  expect(memberOf(read('{"a":1,"b":2}'), 'b')).toMatchObject({ value: '2' })
  expect(memberOf(read('{"a":1}'), 'b')).toBeUndefined()
  expect(memberOf(read('["a"]'), 'a')).toBeUndefined()
  expect(memberOf(undefined, 'a')).toBeUndefined()
})
