// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AttachedPolicy, decide, type Situation } from '../../src/policy/decide.ts'
import type { Lookup, Principal, Request } from '../../src/policy/request.ts'
import {
  alice,
  away,
  context,
  ec2,
  guest,
  guestArn,
  home,
  nobody,
  policy,
  roleArn,
  root,
  rootOf,
  sessionArn,
  worker,
} from './scene.ts'

/** Small worlds, so that statements and requests meet often. */
type Statement = Readonly<Record<string, unknown>>

const actions = ['s3:GetObject', 's3:PutObject', 'iam:GetUser']
const actionPattern = fc.constantFrom('*', 's3:*', 's3:Get*', 's3:getobject', 'iam:GetUser', 's3:?utObject', '*:Get*')
const resources = ['arn:aws:s3:::b/bob/x', 'arn:aws:s3:::b/amy', 'arn:aws:iam::111111111111:user/bob']
const resourcePattern = fc.constantFrom(
  '*',
  'arn:aws:s3:::b/*',
  'arn:aws:s3:::b/${aws:username}/*',
  'arn:aws:s3:::b/amy',
  'arn:aws:iam::*:user/*',
  'arn:aws:s3:::*/x',
  'arn:aws:s3',
)
const keys = ['aws:username', 'aws:MultiFactorAuthPresent', 'aws:TagKeys', 'aws:SourceIp']
const value = fc.constantFrom('bob', 'amy', 'true', 'false', '10.0.0.0/8', '10.0.0.1', '5', '')
const operator = fc
  .tuple(
    fc.constantFrom('', '', 'ForAnyValue:', 'ForAllValues:'),
    fc.constantFrom(
      'StringEquals',
      'StringNotEquals',
      'StringLike',
      'Bool',
      'IpAddress',
      'NotIpAddress',
      'NumericLessThan',
      'Null',
    ),
    fc.constantFrom('', '', 'IfExists'),
  )
  .map(([set, base, suffix]) => (base === 'Null' ? 'Null' : `${set}${base}${suffix}`))
const someOf = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 })
const condition = fc.dictionary(
  operator,
  fc.dictionary(fc.constantFrom(...keys), someOf(value), { minKeys: 1, maxKeys: 2 }),
  { maxKeys: 2 },
)
const principalElement = fc.oneof(
  fc.constant('*'),
  someOf(fc.constantFrom(home, away, rootOf(home), alice.arns[0] ?? '', roleArn, sessionArn, guestArn, '*')).map(
    (AWS) => ({ AWS }),
  ),
  fc.constant({ Service: 'ec2.amazonaws.com' }),
)

const effect = fc.constantFrom('Allow', 'Deny')
const statementOf = (effects: fc.Arbitrary<string>, principal: boolean): fc.Arbitrary<Statement> =>
  fc
    .record({
      Effect: effects,
      actions: fc.tuple(fc.constantFrom('Action', 'Action', 'NotAction'), someOf(actionPattern)),
      resources: fc.tuple(fc.constantFrom('Resource', 'Resource', 'NotResource'), someOf(resourcePattern)),
      Condition: fc.option(condition, { nil: undefined, freq: 2 }),
      who: fc.tuple(fc.constantFrom('Principal', 'Principal', 'NotPrincipal'), principalElement),
    })
    .map(({ Effect, actions: [a, as], resources: [r, rs], Condition, who: [p, ps] }) => ({
      Effect,
      [a]: as,
      [r]: rs,
      ...(Condition === undefined ? {} : { Condition }),
      ...(principal ? { [p]: ps } : {}),
    }))
const anyStatement = statementOf(effect, false)
const statements = fc.array(anyStatement, { maxLength: 4 })
const allowing = statementOf(fc.constant('Allow'), false)
const denying = statementOf(fc.constant('Deny'), false)

type Table = Readonly<Record<string, readonly string[] | null | undefined>>
const contextTable: fc.Arbitrary<Table> = fc.record({
  'aws:username': fc.constantFrom(['bob'], ['amy'], null, undefined),
  'aws:multifactorauthpresent': fc.constantFrom(['true'], ['false'], null, undefined),
  'aws:tagkeys': fc.constantFrom<readonly string[] | null | undefined>(
    [],
    [''],
    ['bob'],
    ['bob', 'amy'],
    null,
    undefined,
  ),
  'aws:sourceip': fc.constantFrom(['10.0.0.1'], ['11.0.0.1'], null, undefined),
})
const lookupIn =
  (table: Table): Lookup =>
  (key) =>
    Object.hasOwn(table, key) ? table[key] : null

interface World {
  readonly principal: Principal
  readonly action: string
  readonly resource: string
  readonly table: Table
  readonly identity: readonly Statement[]
  readonly boundary: readonly Statement[] | undefined
  readonly session: readonly Statement[] | undefined
  readonly scp: readonly Statement[] | undefined
  readonly rcp: readonly Statement[] | undefined
  readonly onResource: readonly Statement[] | undefined
  readonly owner: string
  readonly rule: 'ordinary' | 'trust' | 'key'
}

const world: fc.Arbitrary<World> = fc.record({
  principal: fc.constantFrom(alice, worker, guest, root, ec2, nobody),
  action: fc.constantFrom(...actions),
  resource: fc.constantFrom(...resources),
  table: contextTable,
  identity: statements,
  boundary: fc.option(statements, { nil: undefined, freq: 1 }),
  session: fc.option(statements, { nil: undefined, freq: 1 }),
  scp: fc.option(statements, { nil: undefined, freq: 1 }),
  rcp: fc.option(statements, { nil: undefined, freq: 1 }),
  onResource: fc.option(fc.array(statementOf(effect, true), { maxLength: 3 }), { nil: undefined, freq: 2 }),
  owner: fc.constantFrom(home, home, away),
  rule: fc.constantFrom('ordinary', 'ordinary', 'trust', 'key'),
})

const hung = (list: readonly Statement[]): AttachedPolicy => policy(list)
function situationOf(given: World): Situation {
  const request: Request = {
    principal: given.principal,
    action: given.action,
    resource: given.resource,
    resourceAccount: given.owner,
    lookup: lookupIn(given.table),
  }
  return {
    request,
    ...(given.principal.account === undefined ? {} : { identity: [hung(given.identity)] }),
    ...(given.boundary === undefined ? {} : { boundary: hung(given.boundary) }),
    ...(given.session === undefined ? {} : { session: [hung(given.session)] }),
    ...(given.scp === undefined ? {} : { scps: [[hung(given.scp)]] }),
    ...(given.rcp === undefined ? {} : { rcps: [[hung(given.rcp)]] }),
    ...(given.onResource === undefined
      ? {}
      : { resource: { account: given.owner, rule: given.rule, policies: [hung(given.onResource)] } }),
  }
}
const effectOf = (given: World): string => decide(situationOf(given)).effect
const rank = { deny: 0, unknown: 1, allow: 2 } as const
const height = (given: World): number => rank[decide(situationOf(given)).effect]

const runs = { numRuns: 3_000 }
const law = (name: string, ...rest: readonly [...fc.Arbitrary<unknown>[], (...args: never[]) => void]): void => {
  test(name, () => {
    const arbitraries = rest.slice(0, -1) as fc.Arbitrary<unknown>[]
    // The last argument is the predicate, by the type above.
    const predicate = rest[rest.length - 1] as (...args: unknown[]) => void
    fc.assert(
      fc.property(fc.tuple(...arbitraries), (args) => predicate(...args)),
      runs,
    )
  })
}
type Layer = 'identity' | 'boundary' | 'session' | 'scp' | 'rcp'
const layer = fc.constantFrom<Layer>('identity', 'boundary', 'session', 'scp', 'rcp')
const withMore = (given: World, where: Layer, more: Statement): World =>
  given[where] === undefined ? given : { ...given, [where]: [...(given[where] ?? []), more] }

describe('laws', () => {
  law('adding a Deny never grants', world, layer, denying, (given: World, where: Layer, more: Statement) => {
    expect(height(withMore(given, where, more))).toBeLessThanOrEqual(height(given))
  })
  law(
    'adding an Allow never takes away, and removing one never grants',
    world,
    layer,
    allowing,
    (given: World, where: Layer, more: Statement) => {
      expect(height(withMore(given, where, more))).toBeGreaterThanOrEqual(height(given))
    },
  )
  for (const where of ['boundary', 'session', 'scp', 'rcp'] as const) {
    law(`${where} only narrows`, world, statements, (given: World, list: readonly Statement[]) => {
      fc.pre(given.principal.kind !== 'federated-user' || where !== 'session')
      const { [where]: _, ...without } = given
      const bare = { ...without, [where]: undefined } as World
      expect(height({ ...bare, [where]: list })).toBeLessThanOrEqual(height(bare))
    })
  }
  law('the order of statements does not matter', world, (given: World) => {
    const turned = { ...given, identity: given.identity.toReversed(), onResource: given.onResource?.toReversed() }
    expect(effectOf(turned)).toBe(effectOf(given))
  })
  law(
    'neither does which policy holds a statement, nor in which order policies stand, nor how often',
    world,
    (given: World) => {
      const whole = situationOf(given)
      const each = given.identity.map((statement) => hung([statement])).toReversed()
      if (whole.identity === undefined) return
      expect(decide({ ...whole, identity: each }).effect).toBe(decide(whole).effect)
      expect(decide({ ...whole, identity: [...each, ...each] }).effect).toBe(decide(whole).effect)
    },
  )
  law('nor what a statement is called', world, (given: World) => {
    const named = { ...given, identity: given.identity.map((statement, index) => ({ ...statement, Sid: `s${index}` })) }
    expect(effectOf(named)).toBe(effectOf(given))
  })
  law('one value is a list of one', world, (given: World) => {
    const scalar = (statement: Statement): Statement =>
      Object.fromEntries(
        Object.entries(statement).map(([key, held]) => [
          key,
          Array.isArray(held) && held.length === 1 ? held[0] : held,
        ]),
      )
    expect(effectOf({ ...given, identity: given.identity.map(scalar) })).toBe(effectOf(given))
  })
  law('the case of an action does not matter', world, (given: World) => {
    expect(effectOf({ ...given, action: given.action.toUpperCase() })).toBe(effectOf(given))
    expect(effectOf({ ...given, action: given.action.toLowerCase() })).toBe(effectOf(given))
  })
  law('a statement is the union of its actions and its resources', world, allowing, (given: World, one: Statement) => {
    const parts = (key: string): readonly Statement[] =>
      Array.isArray(one[key]) ? one[key].map((single: string) => ({ ...one, [key]: single })) : [one]
    const only = { ...given, identity: [one] }
    expect(effectOf({ ...only, identity: parts('Action') })).toBe(effectOf(only))
    expect(effectOf({ ...only, identity: parts('Resource') })).toBe(effectOf(only))
  })
  law(
    'NotAction is the complement of Action, and NotResource of Resource',
    world,
    allowing,
    (given: World, one: Statement) => {
      const { Condition: _, ...plain } = one
      const base: World = {
        ...given,
        principal: alice,
        boundary: undefined,
        session: undefined,
        scp: undefined,
        rcp: undefined,
        onResource: undefined,
        owner: home,
        table: { 'aws:username': ['bob'] },
      }
      const matched = (statement: Statement) => effectOf({ ...base, identity: [statement] }) === 'allow'
      const turn = (key: 'Action' | 'Resource') => {
        const not = `Not${key}`
        const {
          [key]: listed,
          [not]: excepted,
          ...rest
        } = {
          ...plain,
          ...(key === 'Action' ? { Resource: '*' } : { Action: '*' }),
          ...(key === 'Action' ? { NotResource: undefined } : { NotAction: undefined }),
        } as Record<string, unknown>
        const patterns = listed ?? excepted
        expect(matched({ ...rest, [key]: patterns })).toBe(!matched({ ...rest, [not]: patterns }))
      }
      turn('Action')
      turn('Resource')
    },
  )
  law('"*" covers whatever any pattern does', world, allowing, (given: World, one: Statement) => {
    const { Resource: _, NotResource: __, ...rest } = one
    expect(height({ ...given, identity: [{ ...rest, Resource: '*' }] })).toBeGreaterThanOrEqual(
      height({ ...given, identity: [one] }),
    )
  })
  law('an empty policy changes nothing beside another', world, (given: World) => {
    const whole = situationOf(given)
    if (whole.identity === undefined) return
    expect(decide({ ...whole, identity: [...whole.identity, hung([])] }).effect).toBe(decide(whole).effect)
  })
  law('an explicit Deny beats everything', world, (given: World) => {
    fc.pre(given.principal.account !== undefined)
    const decision = decide(
      situationOf({ ...given, identity: [...given.identity, { Effect: 'Deny', Action: '*', Resource: '*' }] }),
    )
    expect([decision.effect, decision.because]).toEqual(['deny', 'explicit-deny'])
  })
  law('across accounts both sides are needed', world, (given: World) => {
    fc.pre(given.principal.account !== undefined && given.principal.kind !== 'root')
    const foreign = { ...given, owner: away }
    expect(effectOf({ ...foreign, onResource: undefined })).toBe('deny')
    expect(effectOf({ ...foreign, identity: [] })).toBe('deny')
  })
  law('in one account identity and resource are a union', world, (given: World) => {
    fc.pre(given.principal.account !== undefined && given.rule === 'ordinary')
    const at = { ...given, owner: home }
    const alone = effectOf({ ...at, onResource: undefined })
    const together = effectOf(at)
    if (alone === 'allow' && together !== 'allow') {
      // Only a Deny of the resource's policy can have taken it away.
      expect(at.onResource?.some(({ Effect }) => Effect === 'Deny')).toBe(true)
    }
  })
  law(
    'what nobody told is told one way or another: the answer was no other',
    world,
    contextTable,
    (given: World, other: Table) => {
      const told = Object.fromEntries(
        Object.entries(given.table).map(([key, held]) => [key, held === undefined ? (other[key] ?? null) : held]),
      )
      const before = effectOf(given)
      if (before !== 'unknown') expect(effectOf({ ...given, table: told })).toBe(before)
      expect(effectOf({ ...given, table: told })).not.toBe('unknown')
    },
  )
  law('an unknown names what it hangs on, and telling that settles it', world, (given: World) => {
    const decision = decide(situationOf(given))
    if (decision.effect !== 'unknown') return
    const untold = decision.pending.flatMap(({ part }) => part.untold ?? [])
    expect(untold.length).toBeGreaterThan(0)
    for (const key of untold) expect(lookupIn(given.table)(key.toLowerCase())).toBeUndefined()
  })
  law('a policy reads the same through JSON and back', world, (given: World) => {
    const again = JSON.parse(JSON.stringify(given.identity, undefined, 2)) as Statement[]
    expect(effectOf({ ...given, identity: again })).toBe(effectOf(given))
  })
  law('accounts may be renumbered', world, (given: World) => {
    const swapped = JSON.parse(JSON.stringify({ ...given, table: {} }).replaceAll(home, '333333333333')) as World
    expect(effectOf({ ...swapped, table: given.table })).toBe(effectOf(given))
  })
  law('the effect is the last line of its own trace', world, (given: World) => {
    const decision = decide(situationOf(given))
    const denied = decision.layers.some(({ says }) => says === 'deny')
    expect(denied).toBe(decision.because === 'explicit-deny')
    if (decision.effect === 'deny') expect(decision.blocking).toBeDefined()
    if (decision.because === 'granted') {
      const granted = decision.layers.filter(({ kind }) => kind === 'identity' || kind === 'resource')
      expect(
        granted.some(({ matched }) => matched.some(({ statement }) => statement.effect === 'Allow')) ||
          given.principal.kind === 'root',
      ).toBe(true)
    }
  })
  law('deciding twice says the same: nothing is remembered', world, (given: World) => {
    const whole = situationOf(given)
    expect(decide(whole)).toEqual(decide(whole))
  })
})

test('resources mind case', () => {
  const on = (resource: string) =>
    decide({
      request: { principal: alice, action: 's3:GetObject', resource, lookup: context() },
      identity: [policy({ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::b/Key' })],
    }).effect
  expect([on('arn:aws:s3:::b/Key'), on('arn:aws:s3:::b/key')]).toEqual(['allow', 'deny'])
})

test('no document and no request makes the engine throw', () => {
  const anything = fc.jsonValue({ maxDepth: 5 })
  const near = fc.record(
    {
      Effect: fc.oneof(effect, anything),
      Action: fc.oneof(actionPattern, anything),
      Resource: fc.oneof(resourcePattern, anything),
      Principal: fc.oneof(principalElement, anything),
      Condition: fc.oneof(condition, anything, fc.dictionary(operator, anything)),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(anything, near, fc.array(near)), fc.string(), fc.string(), (list, action, resource) => {
      const attached = policy(list as object)
      const decision = decide({
        request: { principal: alice, action, resource, lookup: () => undefined },
        identity: [attached],
        resource: { account: home, rule: 'trust', policies: [attached] },
      })
      expect(['allow', 'deny', 'unknown']).toContain(decision.effect)
    }),
    { numRuns: 5_000 },
  )
})
