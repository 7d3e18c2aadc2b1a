// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this.
import { describe, expect, test } from 'vitest'
import { compileClause, parseOperator } from '../../src/policy/condition.ts'
import type { Lookup } from '../../src/policy/request.ts'
import type { Truth } from '../../src/policy/truth.ts'
import { context } from './scene.ts'

function holds(operator: string, wanted: readonly string[], lookup: Lookup, variables = true): Truth {
  const clause = compileClause(operator, 'aws:Key', wanted, { start: 0, end: 0 }, variables)
  if (clause === undefined) throw new Error(`no operator ${operator}`)
  return clause.holds(lookup)
}
const yes = (truth: boolean): Truth => (truth ? 'yes' : 'no')

/** Every operator: whether it is negated, what it is asked for, a value that agrees and one that does not. */
const families: readonly { name: string; negated: boolean; wanted: string; agrees: string; differs: string }[] = [
  { name: 'StringEquals', negated: false, wanted: 'a', agrees: 'a', differs: 'A' },
  { name: 'StringNotEquals', negated: true, wanted: 'a', agrees: 'a', differs: 'A' },
  { name: 'StringEqualsIgnoreCase', negated: false, wanted: 'a', agrees: 'A', differs: 'b' },
  { name: 'StringNotEqualsIgnoreCase', negated: true, wanted: 'a', agrees: 'A', differs: 'b' },
  { name: 'StringLike', negated: false, wanted: 'a?c*', agrees: 'abcd', differs: 'ac' },
  { name: 'StringNotLike', negated: true, wanted: 'a?c*', agrees: 'abcd', differs: 'ac' },
  { name: 'NumericEquals', negated: false, wanted: '10', agrees: '10.0', differs: '9' },
  { name: 'NumericNotEquals', negated: true, wanted: '10', agrees: '10.0', differs: '9' },
  { name: 'NumericLessThan', negated: false, wanted: '10', agrees: '9.5', differs: '10' },
  { name: 'NumericLessThanEquals', negated: false, wanted: '10', agrees: '10', differs: '11' },
  { name: 'NumericGreaterThan', negated: false, wanted: '10', agrees: '10.5', differs: '10' },
  { name: 'NumericGreaterThanEquals', negated: false, wanted: '10', agrees: '10', differs: '9' },
  { name: 'DateEquals', negated: false, wanted: '2020-01-01T00:00:00Z', agrees: '1577836800', differs: '2020-01-02' },
  { name: 'DateNotEquals', negated: true, wanted: '2020-01-01T00:00:00Z', agrees: '1577836800', differs: '2020-01-02' },
  { name: 'DateLessThan', negated: false, wanted: '2020-01-01', agrees: '2019-12-31T23:59:59Z', differs: '2020-01-01' },
  { name: 'DateLessThanEquals', negated: false, wanted: '2020-01-01', agrees: '2020-01-01', differs: '2020-01-02' },
  {
    name: 'DateGreaterThan',
    negated: false,
    wanted: '1577836800',
    agrees: '2020-01-01T00:00:01Z',
    differs: '2020-01-01',
  },
  { name: 'DateGreaterThanEquals', negated: false, wanted: '1577836800', agrees: '2020-01-01', differs: '2019' },
  { name: 'Bool', negated: false, wanted: 'true', agrees: 'TRUE', differs: 'false' },
  { name: 'BinaryEquals', negated: false, wanted: 'aGk=', agrees: 'aGk=', differs: 'aGo=' },
  { name: 'IpAddress', negated: false, wanted: '10.0.0.0/8', agrees: '10.1.2.3', differs: '11.0.0.1' },
  { name: 'NotIpAddress', negated: true, wanted: '10.0.0.0/8', agrees: '10.1.2.3', differs: '11.0.0.1' },
  {
    name: 'ArnEquals',
    negated: false,
    wanted: 'arn:aws:s3:::b*',
    agrees: 'arn:aws:s3:::bucket',
    differs: 'arn:aws:s3:::c',
  },
  {
    name: 'ArnLike',
    negated: false,
    wanted: 'arn:aws:s3:::b*',
    agrees: 'arn:aws:s3:::bucket',
    differs: 'arn:aws:s3:::c',
  },
  {
    name: 'ArnNotEquals',
    negated: true,
    wanted: 'arn:aws:s3:::b*',
    agrees: 'arn:aws:s3:::bucket',
    differs: 'arn:aws:s3:::c',
  },
  {
    name: 'ArnNotLike',
    negated: true,
    wanted: 'arn:aws:s3:::b*',
    agrees: 'arn:aws:s3:::bucket',
    differs: 'arn:aws:s3:::c',
  },
]

/** Twenty-six operators in six forms on seven contexts: what the guide's tables of absent keys and of set operators say. */
describe('QUIRK: absent-key, forallvalues-on-nothing, several-want-a-set', () => {
  for (const { name, negated, wanted, agrees, differs } of families) {
    const values = {
      'no value': null,
      'an empty list': [],
      'an empty string': [''],
      'a value that agrees': [agrees],
      'a value that does not': [differs],
      'one that agrees and one that does not': [agrees, differs],
      'two that do not': [differs, differs],
    } as const
    for (const set of ['', 'ForAnyValue:', 'ForAllValues:'] as const) {
      for (const suffix of ['', 'IfExists'] as const) {
        const operator = `${set}${name}${suffix}`
        for (const [what, actual] of Object.entries(values)) {
          const expected = yes(expectation(actual))
          test(`${operator} on ${what}: ${expected}`, () => {
            expect(holds(operator, [wanted], () => actual)).toBe(expected)
          })
        }
        test(`${operator} on what nobody told: unknown`, () => {
          expect(holds(operator, [wanted], () => undefined)).toBe('unknown')
        })

        function expectation(actual: readonly string[] | null): boolean {
          const absent = actual === null || actual.length === 0
          const one = (value: string) => (value === agrees) !== negated
          if (set === 'ForAllValues:') return absent || actual.every((value) => value === '') || actual.every(one)
          if (absent) return suffix === 'IfExists' || (set === '' && negated)
          if (set === 'ForAnyValue:') return actual.some(one)
          return negated ? !actual.includes(agrees) : actual.length === 1 && actual.includes(agrees)
        }
      }
    }
  }
})

/** Operator, wanted, the key's values, whether it holds. */
const rows: readonly [string, string, readonly string[], readonly string[] | null | undefined, Truth][] = [
  ['any of several values is enough', 'StringEquals', ['a', 'b'], ['b'], 'yes'],
  ['a negated operator wants none of several', 'StringNotEquals', ['a', 'b'], ['b'], 'no'],
  ['a negated operator wants none of several', 'StringNotEquals', ['a', 'b'], ['c'], 'yes'],
  ['StringEquals knows no wildcards', 'StringEquals', ['a*'], ['ab'], 'no'],
  ['StringEquals takes a star as a star', 'StringEquals', ['a*'], ['a*'], 'yes'],
  ['StringNotEqualsIgnoreCase knows no wildcards', 'StringNotEqualsIgnoreCase', ['a*'], ['ab'], 'yes'],
  ['StringLike minds case', 'StringLike', ['A*'], ['ab'], 'no'],
  ['an empty list of values agrees with nothing', 'StringEquals', [], ['a'], 'no'],
  ['an empty list of values, negated, holds', 'StringNotEquals', [], ['a'], 'yes'],
  ['a value that is no number agrees with nothing', 'NumericEquals', ['1'], ['one'], 'no'],
  ['a value that is no number, negated, holds', 'NumericNotEquals', ['1'], ['one'], 'yes'],
  ['a wanted value that is no number agrees with nothing', 'NumericLessThan', ['one'], ['0'], 'no'],
  ['no variables in numbers', 'NumericEquals', ['${aws:n}'], ['5'], 'no'],
  [
    'a moment may be text on one side and seconds on the other',
    'DateLessThan',
    ['1577836801'],
    ['2020-01-01T00:00:00Z'],
    'yes',
  ],
  ['a value that is no date, negated, holds', 'DateNotEquals', ['2020-01-01'], ['soon'], 'yes'],
  ['Bool of false', 'Bool', ['false'], ['false'], 'yes'],
  ['Bool of neither', 'Bool', ['maybe'], ['maybe'], 'no'],
  ['no variables in truths', 'Bool', ['${aws:yes}'], ['true'], 'no'],
  ['an address of the other family is in no range', 'IpAddress', ['0.0.0.0/0'], ['::1'], 'no'],
  ['an address of the other family is outside every range', 'NotIpAddress', ['0.0.0.0/0'], ['::1'], 'yes'],
  ['an address alone is its own range', 'IpAddress', ['10.0.0.1'], ['10.0.0.1'], 'yes'],
  ['Null true wants the key absent', 'Null', ['true'], null, 'yes'],
  ['Null true wants the key absent', 'Null', ['true'], ['x'], 'no'],
  ['Null false wants the key there', 'Null', ['false'], null, 'no'],
  ['Null false wants the key there', 'Null', ['false'], [''], 'yes'],
  ['Null of both is always', 'Null', ['true', 'false'], null, 'yes'],
  ['Null takes TRUE', 'Null', ['TRUE'], null, 'yes'],
  ['Null of neither is never', 'Null', ['x'], null, 'no'],
  ['an ARN pattern matches segment by segment', 'ArnLike', ['arn:aws:x:*:1:a/*'], ['arn:aws:x:r:2:b:1:a/c'], 'no'],
  ['a text pattern does not', 'StringLike', ['arn:aws:x:*:1:a/*'], ['arn:aws:x:r:2:b:1:a/c'], 'yes'],
  ['the last segment may hold colons', 'ArnLike', ['arn:aws:sns:*:*:topic*'], ['arn:aws:sns:r:1:topic:sub'], 'yes'],
  ['ArnEquals knows wildcards', 'ArnEquals', ['arn:aws:iam::*:role/R'], ['arn:aws:iam::1:role/R'], 'yes'],
  ['ArnEquals minds case', 'ArnEquals', ['arn:aws:iam::1:role/r'], ['arn:aws:iam::1:role/R'], 'no'],
  ['a value that is no ARN matches no pattern', 'ArnLike', ['*'], ['alice'], 'no'],
  ['a value that is no ARN, negated, holds', 'ArnNotLike', ['arn:aws:iam::1:*'], ['alice'], 'yes'],
  ['a pattern of fewer segments matches nothing', 'ArnLike', ['arn:aws:iam::1'], ['arn:aws:iam::1:root'], 'no'],
  ['(several-want-a-set) without a set operator several values are never met', 'StringEquals', ['a'], ['b', 'a'], 'no'],
  ['nor are several of which each is wanted', 'StringEqualsIfExists', ['a', 'b'], ['b', 'a'], 'no'],
  ['without a set operator a negated one wants none', 'StringNotEquals', ['a'], ['b', 'a'], 'no'],
  ['ignoring case is letter for letter', 'StringEqualsIgnoreCase', ['ss'], ['ß'], 'no'],
  ['an empty value among others is a value', 'ForAllValues:StringEquals', ['a'], ['', 'b'], 'no'],
  ['an empty value among others is a value', 'ForAllValues:StringEquals', ['a'], ['', 'a'], 'no'],
  ['Null of both is always, also of what nobody told', 'Null', ['true', 'false'], undefined, 'yes'],
  ['Null of neither is never, also of what nobody told', 'Null', ['x'], undefined, 'no'],
  ['Null true hangs on what nobody told', 'Null', ['true'], undefined, 'unknown'],
]
for (const [name, operator, wanted, actual, expected] of rows) {
  test(`${name}: ${operator} ${JSON.stringify(wanted)} on ${JSON.stringify(actual)} is ${expected}`, () => {
    expect(holds(operator, wanted, () => actual)).toBe(expected)
  })
}

describe('variables in values', () => {
  const lookup = context(
    {
      'aws:key': 'home/bob',
      'aws:username': 'bob',
      'aws:star': 'h*',
      'aws:tagkeys': ['a', 'b'],
      'aws:PrincipalTag/Team': 'red',
      'aws:me': 'arn:aws:iam::1:role/a:b',
    },
    ['aws:later'],
  )
  const cases: readonly [string, string, string, string, Truth][] = [
    ['a variable is its value', 'StringEquals', 'home/${aws:username}', 'home/bob', 'yes'],
    ['keys are found in any case', 'StringEquals', 'home/${AWS:UserName}', 'home/bob', 'yes'],
    ['tag keys are found in any case', 'StringEquals', '${aws:principaltag/TEAM}', 'red', 'yes'],
    ['a value is never a wildcard', 'StringLike', '${aws:star}', 'home', 'no'],
    ['a value with a star is that star', 'StringLike', '${aws:star}', 'h*', 'yes'],
    ['a wildcard beside a variable is wild', 'StringLike', '*/${aws:username}', 'home/bob', 'yes'],
    ['a literal star', 'StringLike', 'a${*}', 'ab', 'no'],
    ['a literal star', 'StringLike', 'a${*}', 'a*', 'yes'],
    ['a literal question mark', 'StringLike', 'a${?}*', 'a?b', 'yes'],
    ['a literal dollar', 'StringEquals', '${$}{x}', '${x}', 'yes'],
    ['an absent key agrees with nothing', 'StringEquals', '${aws:none}', '', 'no'],
    ['QUIRK: unresolved-variable-in-condition', 'StringNotEquals', '${aws:none}', 'x', 'yes'],
    ['a fallback stands in for an absent key', 'StringEquals', "${aws:none, 'x'}", 'x', 'yes'],
    ['a fallback does not for one that is there', 'StringEquals', "${aws:username, 'x'}", 'x', 'no'],
    ['a fallback is never a wildcard', 'StringLike', "${aws:none, '*'}", 'x', 'no'],
    ['several values are none', 'StringEquals', '${aws:tagkeys}', 'a', 'no'],
    ['a variable folds with the rest', 'StringEqualsIgnoreCase', 'HOME/${aws:username}', 'home/BOB', 'yes'],
    ['a variable of a strange name comes to nothing', 'StringEquals', '${}', '${}', 'no'],
    ['a default without quotes comes to nothing', 'StringEquals', '${aws:none, x}', 'x', 'no'],
    ['a brace that never closes is text', 'StringEquals', 'a${b', 'a${b', 'yes'],
    ['a whole ARN may come from a variable', 'ArnLike', '${aws:me}', 'arn:aws:iam::1:role/a:b', 'yes'],
    [
      'a segment may come from a variable',
      'ArnLike',
      'arn:aws:iam::1:user/${aws:username}',
      'arn:aws:iam::1:user/bob',
      'yes',
    ],
    ['StringEquals knows no wildcard beside a variable', 'StringEquals', 'a*${aws:username}', 'axbob', 'no'],
    ['a star beside a variable is a star to it', 'StringEquals', 'a*${aws:username}', 'a*bob', 'yes'],
    [
      'a pattern of fewer segments matches nothing, with a variable as without',
      'ArnLike',
      'arn:aws:iam::${aws:username}',
      'arn:aws:iam::bob:root',
      'no',
    ],
    ['an untold key is unknown', 'StringEquals', 'x${aws:later}', 'xy', 'unknown'],
    ['an untold key is unknown, negated', 'StringNotLike', 'x${aws:later}', 'xy', 'unknown'],
    ['an untold key that could not help is no', 'StringEquals', 'x${aws:later}', 'yx', 'no'],
    ['an untold key beside a value that agrees is yes', 'StringLike', '*', 'xy', 'yes'],
    ['an untold key may be a whole ARN', 'ArnLike', '${aws:later}', 'arn:aws:iam::1:role/x', 'unknown'],
    ['an untold key may be several segments', 'ArnLike', 'arn:${aws:later}/x', 'arn:aws:iam::1:role/x', 'unknown'],
    ['an untold key may be no ARN', 'ArnNotLike', '${aws:later}', 'arn:aws:iam::1:role/x', 'unknown'],
    ['an untold key that could be no part of it', 'ArnLike', 'arn:${aws:later}/y', 'arn:aws:iam::1:role/x', 'no'],
    ['an untold key and what is no ARN', 'ArnLike', '${aws:later}', 'role/x', 'no'],
  ]
  for (const [name, operator, wanted, actual, expected] of cases) {
    test(`${name}: ${wanted} on ${actual} is ${expected}`, () => {
      const at: Lookup = (key) => (key === 'aws:key' ? [actual] : lookup(key))
      expect(holds(operator, [wanted], at)).toBe(expected)
    })
  }

  test('an untold key may be a whole ARN, beside values that are ARNs and others that are none', () => {
    const [first, second] = ['arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/y']
    const at =
      (...actual: readonly string[]): Lookup =>
      (key) =>
        key === 'aws:key' ? actual : undefined
    for (const [wanted, actual, truth] of [
      [['${aws:later}'], [first, second], 'unknown'],
      [['${aws:later}', first], [first, second], 'unknown'],
      [['${aws:later}', first, second], [first, second], 'yes'],
      [['${aws:later}'], [first, 'role/x'], 'no'],
      [['arn:${aws:later}/x'], [first, second], 'no'],
    ] as const)
      expect([wanted, holds('ForAllValues:ArnLike', [...wanted], at(...actual))]).toEqual([wanted, truth])
  })

  test('before 2012 they are text', () => {
    const at = context({ 'aws:key': '${aws:username}', 'aws:username': 'bob' })
    expect(holds('StringEquals', ['${aws:username}'], at, false)).toBe('yes')
    expect(holds('StringLike', ['${*}'], context({ 'aws:key': '${anything}' }), false)).toBe('yes')
  })

  test('a value without one counts beside a value with one', () => {
    const at = (actual: string): Lookup => context({ 'aws:key': actual, 'aws:username': 'bob' })
    for (const operator of ['StringEquals', 'StringEqualsIgnoreCase', 'StringLike']) {
      for (const [actual, truth] of [
        ['a', 'yes'],
        ['bob', 'yes'],
        ['c', 'no'],
      ] as const) {
        expect(holds(operator, ['a', '${aws:username}'], at(actual)), `${operator} on ${actual}`).toBe(truth)
      }
    }
  })

  test('a clause asks for no variable where its operator knows none', () => {
    const clause = compileClause('NumericEquals', 'aws:Key', ['${aws:later}'], { start: 0, end: 0 }, true)
    expect(clause?.untold(context({ 'aws:key': '1' }, ['aws:later']))).toEqual([])
  })

  test('a clause names no key of a value that comes to nothing', () => {
    const wanted = ['${aws:none}${aws:later}', '${aws:other}']
    const clause = compileClause('StringEquals', 'aws:Key', wanted, { start: 0, end: 0 }, true)
    expect(clause?.untold(context({ 'aws:key': '1' }, ['aws:later', 'aws:other']))).toEqual(['aws:other'])
  })

  test('a clause names the keys that nobody told', () => {
    const clause = compileClause('StringEquals', 'aws:Key', ['${aws:Later}'], { start: 0, end: 0 }, true)
    expect(clause?.untold(context({}, ['aws:key', 'aws:later']))).toEqual(['aws:Key', 'aws:later'])
  })
})

test('a clause of no operator is none', () => {
  expect(compileClause('Nope', 'aws:Key', ['x'], { start: 0, end: 0 }, true)).toBeUndefined()
})

test('operators have their names, prefixes and suffix, and no others', () => {
  expect(parseOperator('Null')).toEqual({ set: undefined, base: 'Null', ifExists: false })
  expect(parseOperator('ForAllValues:Bool')).toEqual({ set: 'ForAllValues', base: 'Bool', ifExists: false })
  expect(parseOperator('ForAnyValue:StringLikeIfExists')).toEqual({
    set: 'ForAnyValue',
    base: 'StringLike',
    ifExists: true,
  })
  for (const name of [
    '',
    'stringEquals',
    'NullIfExists',
    'ForAnyValue:',
    'ForAll:StringEquals',
    'StringEqualsifExists',
    'ForAnyValue:ForAllValues:Bool',
    'IfExists',
    '__proto__',
    'BinaryNotEquals',
  ]) {
    expect(parseOperator(name), name).toBeUndefined()
  }
})

describe('many patterns over many values say what one by one they would', () => {
  const patterns = Array.from({ length: 40 }, (_, at) => `*-${at}`)
  const values = (...numbers: readonly number[]) => numbers.map((at) => `v-${at}`)
  const rows: readonly [string, readonly string[], boolean][] = [
    ['ForAnyValue:StringLike', values(90, 91, 92, 93, 7), true],
    ['ForAnyValue:StringLike', values(90, 91, 92, 93, 94), false],
    ['ForAllValues:StringLike', values(1, 2, 3, 4, 5), true],
    ['ForAllValues:StringLike', values(1, 2, 3, 4, 95), false],
    ['ForAnyValue:StringNotLike', values(1, 2, 3, 4, 95), true],
    ['ForAnyValue:StringNotLike', values(1, 2, 3, 4, 5), false],
    ['ForAllValues:StringNotLike', values(91, 92, 93, 94, 95), true],
    ['ForAllValues:StringNotLike', values(91, 92, 93, 94, 5), false],
    ['ForAllValues:StringLike', ['exactly', 'templated', ...values(1, 2, 3)], true],
    ['ForAllValues:StringLike', ['exactly', 'Templated', ...values(1, 2, 3)], false],
  ]
  for (const [operator, actual, wanted] of rows) {
    test(`${operator} on ${actual.join(', ')} is ${wanted}`, () => {
      const all = [...patterns, 'exactly', '${aws:username}d']
      const lookup = context({ 'aws:Key': actual, 'aws:username': 'template' })
      expect(holds(operator, all, lookup)).toBe(yes(wanted))
    })
  }
})
