import { describe, expect, test } from 'vitest'
import { nearly } from '../../src/policy/nearly.ts'

const sub = 'repo:octo-org/octo-repo:ref:refs/heads/main'
const failed = (operator: string, wanted: readonly string[], seen: readonly string[] | null = [sub]) =>
  nearly({ part: 'condition', operator, key: 'token.actions.githubusercontent.com:sub', wanted, seen })
const wildcard = /a letter like any other: StringLike/
const letters = /capital and small letters only/

describe('what is most likely meant', () => {
  test.each([
    ['StringEquals', 'repo:octo-org/*'],
    ['StringEqualsIfExists', 'repo:octo-org/octo-repo:ref:refs/heads/????'],
    ['ForAnyValue:StringEquals', '*'],
    ['ForAllValues:StringEquals', 'repo:*'],
  ])('under %s with %s is a wildcard', (operator, want) => {
    expect(failed(operator, ['something else', want])).toMatch(wildcard)
  })

  test.each([
    ['StringEquals', 'repo:Octo-Org/octo-repo:ref:refs/heads/main'],
    ['StringEqualsIfExists', sub.toUpperCase()],
    ['StringLike', 'repo:Octo-Org/*'],
    ['ForAnyValue:StringLike', 'REPO:*'],
  ])('under %s with %s are other letters', (operator, want) => {
    expect(failed(operator, ['something else', want])).toMatch(letters)
  })

  test.each([
    ['StringEquals', 'repo:evil/*'],
    ['StringEquals', 'repo:octo-org'],
    ['StringLike', 'repo:evil/*'],
    ['StringNotEquals', sub],
    ['StringNotLike', 'repo:*'],
    ['StringEqualsIgnoreCase', 'repo:octo-org/*'],
    ['ArnEquals', 'repo:*'],
    ['NumericEquals', '*'],
  ])('is nothing where %s wants %s', (operator, want) => {
    expect(failed(operator, [want])).toBeUndefined()
  })

  test('is nothing where there is nothing to compare', () => {
    expect(failed('StringEquals', ['repo:*'], null)).toBeUndefined()
    expect(failed('StringEquals', [])).toBeUndefined()
    expect(nearly({ part: 'principal', wanted: ['*'], seen: ['a'] })).toBeUndefined()
  })
})
