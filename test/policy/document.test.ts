import { describe, expect, test } from 'vitest'
import { type Node, positionOf } from '../../src/base/json.ts'
import { parseDocument, principalSpans, principalsIn } from '../../src/policy/document.ts'

const rootOf = (text: string): Node => {
  const parsed = parseDocument(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.document.root
}

test('every node stands where its span says', () => {
  const text = '{ "a" : [1.50, true, null, "x\\u0041\\n"], "b": {} }'
  const parsed = parseDocument(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  const seen: string[] = []
  const walk = (node: Node): void => {
    seen.push(text.slice(node.span.start, node.span.end))
    if (node.kind === 'array') node.items.forEach(walk)
    if (node.kind === 'object') for (const { value } of node.members) walk(value)
  }
  walk(parsed.document.root)
  expect(seen).toEqual([text, '[1.50, true, null, "x\\u0041\\n"]', '1.50', 'true', 'null', '"x\\u0041\\n"', '{}'])
})

describe('is no document:', () => {
  const rows: readonly [string, string, string][] = [
    ['nothing', '', 'too early'],
    ['white space', '  \n ', 'too early'],
    ['a byte-order mark in front', '\ufeff{}', 'byte-order mark'],
    ['a key that stands twice', '{"Effect":"Deny","Effect":"Allow"}', 'stands twice'],
    ['a key that stands twice, once with an escape', '{"Effect":"Deny","\\u0045ffect":"Allow"}', 'stands twice'],
    ['a key that stands twice deep inside', '{"a":[{"b":1,"b":1}]}', 'stands twice'],
    ['two documents', '{} {}', 'after the end'],
    ['NaN', 'NaN', 'no JSON value'],
    ['Infinity', '-Infinity', 'no JSON value'],
    ['a number with a leading zero', '01', 'after the end'],
    ['a number with a leading plus', '+1', 'no JSON value'],
    ['a number without its fraction', '1.', 'no JSON value'],
    ['a number without its exponent', '1e', 'no JSON value'],
    ['a comma after the last entry', '[1,]', 'no JSON value'],
    ['a comma after the last member', '{"a":1,}', 'key in quotes'],
    ['a comment', '{/* */}', 'key in quotes'],
    ['single quotes', "{'a':1}", 'key in quotes'],
    ['a key without quotes', '{a:1}', 'key in quotes'],
    ['a string that never ends', '{"a":"b', 'closing quote'],
    ['a newline inside a string', '"a\nb"', 'control character'],
    ['an escape that there is not', '"\\x41"', 'escape'],
    ['a short unicode escape', '"\\u12"', 'four hex digits'],
    ['a word that there is not', 'truthy', 'no JSON value'],
    ['an object that never ends', '{"a":1', 'comma or }'],
    ['a colon that is missing', '{"a" 1}', 'colon'],
  ]
  for (const [name, text, problem] of rows) {
    test(name, () => {
      const parsed = parseDocument(text)
      expect(parsed.ok).toBe(false)
      if (!parsed.ok) {
        expect(parsed.problem).toContain(problem)
        expect(parsed.at.start).toBeGreaterThanOrEqual(0)
        expect(parsed.at.start).toBeLessThanOrEqual(Math.max(text.length, 1))
      }
    })
  }

  test('nesting that would exhaust a stack', () => {
    for (const open of ['[', '{"a":']) {
      const parsed = parseDocument(open.repeat(100_000))
      expect(!parsed.ok && parsed.problem).toContain('levels of nesting')
    }
  })
})

test('a key such as __proto__ is a key like any other', () => {
  const parsed = parseDocument('{"__proto__":{"Effect":"Allow"},"constructor":1}')
  expect(parsed.ok && parsed.document.root.kind === 'object' && parsed.document.root.members.length).toBe(2)
})

test('lines and columns count from one, whatever ends a line', () => {
  const text = 'a\nbc\r\nd\re'
  expect([0, 2, 3, 6, 8, 99].map((offset) => positionOf(text, offset))).toEqual([
    { line: 1, column: 1 },
    { line: 2, column: 1 },
    { line: 2, column: 2 },
    { line: 3, column: 1 },
    { line: 4, column: 1 },
    { line: 4, column: 2 },
  ])
})

test('principals are found with the very token to replace', () => {
  const text = `{"Statement":[
    {"Effect":"Allow","NotPrincipal":{"AWS":["arn:a","arn:\\u0062"],"Service":"s"},"Action":"x"},
    {"Effect":"Allow","Principal":"*","Action":"x"},
    {"Effect":"Allow","Principal":{"Federated":"f","CanonicalUser":["c"],"Other":"no"},"Action":"x"}]}`
  const parsed = parseDocument(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  const found = principalSpans(parsed.document)
  expect(found.map(({ type, value, span }) => [type, value, text.slice(span.start, span.end)])).toEqual([
    ['AWS', 'arn:a', '"arn:a"'],
    ['AWS', 'arn:b', '"arn:\\u0062"'],
    ['Service', 's', '"s"'],
    ['STAR', '*', '"*"'],
    ['Federated', 'f', '"f"'],
    ['CanonicalUser', 'c', '"c"'],
  ])
})

test('only texts are principals', () => {
  expect(principalsIn(rootOf('{"AWS":[1,null,"a",["b"]],"Service":{"c":"d"}}')).map(({ value }) => value)).toEqual([
    'a',
  ])
  expect(principalsIn(rootOf('1'))).toEqual([])
  expect(principalsIn(undefined)).toEqual([])
})

test('principals come in the order of the text', () => {
  const parsed = parseDocument(
    '{"Statement":[{"NotPrincipal":{"Federated":"a","Service":"b","AWS":["c","d"]},"Principal":"e"},{"Principal":"f"}]}',
  )
  expect(
    parsed.ok &&
      principalSpans(parsed.document)
        .map(({ value }) => value)
        .join(''),
  ).toBe('abcdef')
})
