// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this.
import { describe, expect, test } from 'vitest'
import { mayBegin, type Part, parseParts, resolve } from '../../src/policy/variable.ts'
import { context } from './scene.ts'

const read = (text: string) => parseParts(text, { variables: true, wildcards: true })
const variable = (key: string, fallback?: string): Part => ({ key, fallback })

describe('a text is cut', () => {
  const rows: readonly [string, string, readonly Part[]][] = [
    ['nothing at all', '', []],
    ['text alone', 'abc', [{ text: 'abc' }]],
    ['at its wildcards', 'a*b?', [{ text: 'a' }, '*', { text: 'b' }, '?']],
    ['at its variables', 'a${k}b', [{ text: 'a' }, variable('k'), { text: 'b' }]],
    ['at variables side by side', '${a}${b}', [variable('a'), variable('b')]],
    ['keys in lower case', '${AWS:UserName}', [variable('aws:username')]],
    ['not at escaped characters', 'a${*}b${?}c${$}', [{ text: 'a*b?c$' }]],
    ['with its default', "${k, 'd'}", [variable('k', 'd')]],
    ['with an empty default', "${k, ''}", [variable('k', '')]],
    ['with braces and commas in its default', "${k, 'a}, b'}x", [variable('k', 'a}, b'), { text: 'x' }]],
    ['before a comma that comes later', '${k}, x', [variable('k'), { text: ', x' }]],
    ['before a comma and quotes that come later', "${k}, 'd'}", [variable('k'), { text: ", 'd'}" }]],
    ['a default without quotes is part of a name', '${k, d}x', [variable('k, d'), { text: 'x' }]],
    ['a default without its space is part of a name', "${k,'d'}", [variable("k,'d'")]],
    ['a default with more after it is part of a name', "${k, 'd' }", [variable("k, 'd' ")]],
    ['a default that is never closed is part of a name', "}${k, 'd}", [{ text: '}' }, variable("k, 'd")]],
    ['a brace that is never closed is text', 'a${b', [{ text: 'a${b' }]],
    ['a dollar without its brace is text', '$k} ${', [{ text: '$k} ${' }]],
    ['a brace without its dollar is text', 'a{k}', [{ text: 'a{k}' }]],
  ]
  for (const [name, text, parts] of rows) test(`${name}: ${text}`, () => expect(read(text)).toEqual(parts))

  test('not at what is not wild here, or no variable yet', () => {
    expect(parseParts('a*${k}', { variables: true, wildcards: false })).toEqual([{ text: 'a*' }, variable('k')])
    expect(parseParts('a*${*}', { variables: false, wildcards: true })).toEqual([
      { text: 'a' },
      '*',
      { text: '${' },
      '*',
      { text: '}' },
    ])
  })
})

const lookup = context({ 'aws:username': 'bob', 'aws:tagkeys': ['one'], 'aws:several': ['a', 'b'], 'aws:empty': [] }, [
  'aws:later',
])

describe('a variable comes to', () => {
  const rows: readonly [string, string, ReturnType<typeof resolve>][] = [
    ['its value', 'a${aws:username}*', { tokens: [{ text: 'a' }, { text: 'bob' }, '*'], untold: [] }],
    ['nothing where its key is absent', 'a${aws:none}', undefined],
    ['its default where its key is absent', "${aws:none, 'd'}", { tokens: [{ text: 'd' }], untold: [] }],
    ['its default where its key is empty', "${aws:empty, 'd'}", { tokens: [{ text: 'd' }], untold: [] }],
    ['nothing where its key is empty', '${aws:empty}', undefined],
    ['nothing where its key has several values', "${aws:several, 'd'}", undefined],
    ['nothing where its key may have several values, also where it has one', '${aws:tagkeys}', undefined],
    ['anything where nobody told', '${aws:later}', { tokens: ['*'], untold: ['aws:later'] }],
    ['nothing at all, also beside what nobody told', '${aws:later}${aws:none}', undefined],
  ]
  for (const [name, text, resolved] of rows) {
    test(`${name}: ${text}`, () => expect(resolve(read(text), lookup)).toEqual(resolved))
  }
})

describe('a text may begin as a pattern does:', () => {
  const rows: readonly [string, string, boolean][] = [
    ['a', 'a', true],
    ['a', 'ab', false],
    ['b', 'ab', false],
    ['a*', 'ab', true],
    ['b*', 'ab', false],
    ['a?', 'a', true],
    ['x${aws:username}', 'xbob', true],
    ['x${aws:username}', 'xbobby', false],
    ['x${aws:username}', 'xann', false],
    ['x${aws:username}/*', 'xbob/1', true],
    ['${aws:none}x', 'x', false],
    ['${aws:later}x', 'y', true],
  ]
  for (const [pattern, text, may] of rows) {
    test(`${pattern} and ${text}: ${may ? 'it may' : 'it does not'}`, () =>
      expect(mayBegin(read(pattern), text, lookup)).toBe(may))
  }
})
