import { describe, expect, test } from 'vitest'
import { effective, managementFlaw } from '../../../src/service/organizations/inheritance.ts'
import { guest, House, manager } from './house.ts'

const tag = (parts: object) => JSON.stringify({ tags: { team: parts } })
const of = (...levels: readonly (readonly string[])[]): unknown => {
  const text = effective(levels)
  return text === undefined ? undefined : JSON.parse(text)
}
const value = (team: unknown) => ({ tags: { team } })
const control = (...words: string[]) => ({ '@@operators_allowed_for_child_policies': words })

describe('what policies come to', () => {
  const rows: readonly [string, readonly (readonly string[])[], unknown][] = [
    ['nothing, of none', [], undefined],
    ['nothing, of an empty one', [[tag({})]], undefined],
    ['what one assigns', [[tag({ a: { '@@assign': 'x' } })]], value({ a: 'x' })],
    ['a list stays a list', [[tag({ a: { '@@assign': ['x'] } })]], value({ a: ['x'] })],
    [
      'numbers and truths stay such',
      [[tag({ a: { '@@assign': 1 }, b: { '@@assign': true } })]],
      value({ a: 1, b: true }),
    ],
    [
      'the one nearer to the account assigns anew',
      [[tag({ a: { '@@assign': 'x' } })], [], [tag({ a: { '@@assign': 'y' } })]],
      value({ a: 'y' }),
    ],
    [
      'what is added comes behind, once',
      [[tag({ a: { '@@assign': ['x', 'y'] } })], [tag({ a: { '@@append': ['y', 'z'] } })]],
      value({ a: ['x', 'y', 'z'] }),
    ],
    ['what is added to nothing is all', [[tag({ a: { '@@append': 'x' } })]], value({ a: ['x'] })],
    [
      'what is removed is gone',
      [[tag({ a: { '@@assign': ['x', 'y'] } })], [tag({ a: { '@@remove': 'x' } })]],
      value({ a: ['y'] }),
    ],
    ['what is removed from nothing makes nothing', [[tag({ a: { '@@remove': 'x' } })]], undefined],
    [
      'names come together from all levels',
      [[tag({ a: { '@@assign': 'x' } })], [tag({ b: { '@@assign': 'y' } })]],
      value({ a: 'x', b: 'y' }),
    ],
    [
      'on one level, the later of two',
      [[tag({ a: { '@@assign': 'x' } }), tag({ a: { '@@assign': 'y' } })]],
      value({ a: 'y' }),
    ],
    [
      'a name of the machinery is a name',
      [['{"tags":{"__proto__":{"@@assign":"x"},"constructor":{"@@assign":"y"}}}']],
      JSON.parse('{"tags":{"__proto__":"x","constructor":"y"}}'),
    ],
    [
      'an operator that is not allowed is passed over',
      [[tag({ a: { '@@assign': ['x'], ...control('@@append') } })], [tag({ a: { '@@assign': ['y'] } })]],
      value({ a: ['x'] }),
    ],
    [
      'and one that is, is not',
      [[tag({ a: { '@@assign': ['x'], ...control('@@append') } })], [tag({ a: { '@@append': ['y'] } })]],
      value({ a: ['x', 'y'] }),
    ],
    [
      'none allows none',
      [[tag({ a: { '@@assign': 'x', ...control('@@none') } })], [tag({ a: { '@@append': 'y' } })]],
      value({ a: 'x' }),
    ],
    [
      'all allows all',
      [[tag({ a: { '@@assign': 'x', ...control('@@all') } })], [tag({ a: { '@@assign': 'y' } })]],
      value({ a: 'y' }),
    ],
    [
      'nothing is named anew below what allows no child to assign',
      [
        [tag({ ...control('@@none'), a: { '@@assign': 'x' } })],
        [tag({ a: { '@@assign': 'z' }, b: { '@@assign': 'y' } })],
      ],
      value({ a: 'z' }),
    ],
    [
      'a child does not give back what was taken',
      [
        [tag({ a: { '@@assign': 'x', ...control('@@none') } })],
        [tag({ a: control('@@all') })],
        [tag({ a: { '@@assign': 'y' } })],
      ],
      value({ a: 'x' }),
    ],
    [
      'who is on the same level is nobody’s child',
      [[tag({ a: { '@@assign': 'x', ...control('@@none') } }), tag({ a: { '@@assign': 'y' } })]],
      value({ a: 'y' }),
    ],
  ]
  for (const [name, levels, wanted] of rows) test(name, () => expect(of(...levels)).toEqual(wanted))
})

test('a document is told what it lacks', () => {
  expect(managementFlaw('TAG_POLICY', tag({ a: { '@@assign': 'x' } }))).toBeUndefined()
  expect(managementFlaw('TAG_POLICY', '{"tags":{},"tags":{}}')).toContain('tags')
  expect(managementFlaw('TAG_POLICY', '{"plans":{}}')).toBe('there is no element plans')
  expect(managementFlaw('NETWORK_SECURITY_DIRECTOR_POLICY', '{"anything":{}}')).toBeUndefined()
})

describe('an effective policy', () => {
  test('is of the root, the units and the account, and of its own type', () => {
    const house = new House()
    const root = house.found()
    for (const PolicyType of ['TAG_POLICY', 'BACKUP_POLICY'] as const)
      house.do('EnablePolicyType', { RootId: root, PolicyType })
    const dev = house.unit(root, 'dev')
    const alpha = house.account('alpha')
    house.do('MoveAccount', { AccountId: alpha, SourceParentId: root, DestinationParentId: dev })
    const attach = (TargetId: string, parts: object, name: string) =>
      house.do('AttachPolicy', { TargetId, PolicyId: house.policy(name, tag(parts), 'TAG_POLICY') })
    attach(root, { a: { '@@assign': ['1'] } }, 'one')
    attach(dev, { a: { '@@append': ['2'] } }, 'two')
    attach(alpha, { a: { '@@append': ['3'] } }, 'three')
    const ask = (TargetId?: string, account = manager) =>
      house.do('DescribeEffectivePolicy', { PolicyType: 'TAG_POLICY', TargetId }, account).EffectivePolicy
    expect(JSON.parse(ask(alpha)?.PolicyContent ?? '')).toEqual(value({ a: ['1', '2', '3'] }))
    expect(JSON.parse(ask()?.PolicyContent ?? '')).toEqual(value({ a: ['1'] }))
    expect(ask(undefined, alpha)).toEqual(ask(alpha))
    expect(ask(alpha)).toMatchObject({ LastUpdatedTimestamp: house.now, TargetId: alpha, PolicyType: 'TAG_POLICY' })

    const told = (input: object, account = manager) =>
      house.told('DescribeEffectivePolicy', { PolicyType: 'TAG_POLICY', ...input }, account)
    expect(told({ TargetId: manager }, alpha)).toBe('AccessDeniedException')
    expect(told({ TargetId: dev })).toBe('InvalidInputException TARGET_NOT_SUPPORTED')
    expect(told({ TargetId: guest })).toBe('TargetNotFoundException')
    expect(told({ PolicyType: 'BACKUP_POLICY' })).toBe('EffectivePolicyNotFoundException')
    expect(told({ PolicyType: 'CHATBOT_POLICY' })).toBe('EffectivePolicyNotFoundException')
    house.do('DisablePolicyType', { RootId: root, PolicyType: 'TAG_POLICY' })
    expect(told({})).toBe('EffectivePolicyNotFoundException')
  })
})
