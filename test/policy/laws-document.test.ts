import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Node } from '../../src/base/json.ts'
import { parseDocument } from '../../src/policy/document.ts'

/** The plain value of a node, to hold against JSON.parse. Objects become lists of pairs, so `__proto__` is nothing special. */
function plain(node: Node): unknown {
  switch (node.kind) {
    case 'string':
      return node.value
    case 'number':
      return Number(node.value)
    case 'boolean':
      return node.value === 'true'
    case 'null':
      return null
    case 'array':
      return node.items.map(plain)
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key.value, plain(value)]))
  }
}

test('reads whatever JSON.stringify writes, with any white space', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, undefined, space)
      const parsed = parseDocument(text)
      expect(parsed.ok && plain(parsed.document.root)).toEqual(JSON.parse(text))
    }),
    { numRuns: 2_000 },
  )
})

test('accepts nothing that JSON.parse does not', () => {
  const bit = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '1',
    '-',
    '.',
    'e',
    '0',
    'true',
    'null',
    ' ',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 10 }), (bits) => {
      const text = bits.join('')
      if (!parseDocument(text).ok) return
      expect(() => JSON.parse(text)).not.toThrow()
    }),
    { numRuns: 20_000 },
  )
})
