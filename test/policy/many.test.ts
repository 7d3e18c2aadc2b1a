import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileClause } from '../../src/policy/condition.ts'
import type { Lookup } from '../../src/policy/request.ts'
import { context } from './scene.ts'

const holds = (operator: string, wanted: readonly string[], lookup: Lookup) =>
  compileClause(operator, 'k', wanted, { start: 0, end: 0 }, true)?.holds(lookup)

/** Untold in all: `me` may be anything. The first letters come from the texts, so that much agrees. */
const told = (values: readonly string[]) => context({ k: values, me: 'a' }, ['who'])

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: policy variables look like this.
const piece = fc.constantFrom('a', 'b', 'ab', 'A', '*', '*', '?', '${me}', '${who}', '${nobody}')
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: no more of them.
const word = fc.array(fc.constantFrom('a', 'b', 'A'), { maxLength: 6 }).map((all) => all.join(''))
const words = fc.oneof(
  word,
  fc.tuple(word, word).map(([first, last]) => first + 'ab'.repeat(40) + last),
)
const pattern = fc.array(piece, { maxLength: 5 }).map((all) => all.join(''))
const arn = <T>(segment: fc.Arbitrary<T>) =>
  fc
    .tuple(fc.constantFrom('aws', 'a'), segment, word, segment)
    .map((all) => `arn:${all[0]}:${all[1]}::${all[2]}:${all[3]}`)

for (const [base, patterns, texts] of [
  ['StringLike', pattern, words],
  ['StringEquals', pattern, words],
  ['StringEqualsIgnoreCase', pattern, words],
  ['ArnLike', fc.oneof(arn(pattern), pattern), fc.oneof(arn(words), words)],
] as const) {
  test(`${base} says of many values what it says of each, one after the other`, () => {
    fc.assert(
      fc.property(
        fc.array(patterns, { minLength: 1, maxLength: 40 }),
        fc.array(texts, { minLength: 4, maxLength: 40 }),
        (wanted, values) => {
          const each = values.map((value) => holds(base, wanted.slice(0, 40), told([value])))
          const any = each.includes('yes') ? 'yes' : each.includes('unknown') ? 'unknown' : 'no'
          expect(holds(`ForAnyValue:${base}`, wanted, told(values))).toBe(any)
          const all = each.includes('no') ? 'no' : each.includes('unknown') ? 'unknown' : 'yes'
          if (values.some((value) => value !== ''))
            expect(holds(`ForAllValues:${base}`, wanted, told(values))).toBe(all)
        },
      ),
      { numRuns: 400 },
    )
  })
}

test('what is kept of the values of a request is not said of others', () => {
  let values: readonly string[] = ['aa', 'ab', 'ba', 'bb']
  const lookup: Lookup = () => values
  const wanted = Array.from({ length: 40 }, (_, at) => `c${at}*`)
  const asked = () => holds('ForAnyValue:StringLike', [...wanted, 'b*'], lookup)
  expect(asked()).toBe('yes')
  values = ['aa', 'ab', 'ac', 'ad']
  expect(asked()).toBe('no')
  values = ['aa', 'ab', 'ac', 'c7']
  expect(asked()).toBe('yes')
  values = ['a'.repeat(100)]
  expect(holds('StringLike', ['*a*b*'], lookup)).toBe('no')
  values = [`${'a'.repeat(100)}b`]
  expect(holds('StringLike', ['*a*b*'], lookup)).toBe('yes')
})
