import type { AttachedPolicy, Situation } from '../../src/policy/decide.ts'
import { allow, away, context, home, policy, request, worker } from './scene.ts'

/** Statements until a policy of this many characters is full. */
function full(characters: number, statement: object): AttachedPolicy {
  const each = JSON.stringify(statement).length + 1
  return policy(Array.from({ length: Math.max(1, Math.floor((characters - 50) / each)) }, () => statement))
}

/** Every quota at its maximum: ten managed policies for a role and its inline ones, and everything that may stand above them. */
function everywhere(statement: object, parts: Partial<Situation['request']>): Situation {
  const managed = full(6_144, statement)
  const organization = full(5_120, statement)
  const times = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one)
  return {
    request: request({ principal: worker, ...parts }),
    identity: [...times(20, managed), full(10_240, statement)],
    boundary: managed,
    session: [...times(10, managed), full(2_048, statement)],
    scps: times(7, times(5, organization)),
    rcps: times(7, times(5, organization)),
    resource: { account: away, rule: 'ordinary', policies: [full(20_480, { ...statement, Principal: { AWS: home } })] },
  }
}

const long = `arn:aws:s3:::${'a'.repeat(2_030)}`
const many = (count: number, pattern: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => pattern(at))

const rows: readonly [string, object, Partial<Situation['request']>][] = [
  ['stars between letters', allow({ Resource: `arn:aws:s3:::${'a*'.repeat(200)}b*` }), { resource: long }],
  [
    'pieces that almost stand there',
    allow({ Resource: many(100, (at) => `arn:aws:s3:::*aaaaaab${at}*`) }),
    { resource: long },
  ],
  ['one long piece', allow({ Resource: `arn:aws:s3:::*${'a'.repeat(1_500)}b*` }), { resource: long }],
  ['question marks', allow({ Resource: many(10, () => `arn:aws:s3:::*${'a?'.repeat(100)}b*`) }), { resource: long }],
  ['wild segments', allow({ Resource: many(100, () => 'arn:*:*:*:*:*ab*') }), { resource: long }],
  [
    'patterns in a condition',
    allow({ Condition: { StringLike: { 'aws:UserAgent': many(300, () => '*aab*') } } }),
    { lookup: context({ 'aws:UserAgent': 'a'.repeat(8_000) }) },
  ],
  [
    'variables between stars',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables look like this.
    allow({ Resource: many(100, () => 'arn:aws:s3:::*${aws:username}*b*') }),
    { resource: long, lookup: context({ 'aws:username': 'aaa' }) },
  ],
  [
    'patterns over many values',
    allow({ Condition: { 'ForAnyValue:StringLike': { 'aws:TagKeys': many(500, (at) => `*a${at % 10}`) } } }),
    { lookup: context({ 'aws:TagKeys': many(50, (at) => `${'a'.repeat(120)}${at}b`) }) },
  ],
]

/** The worst that the quotas of AWS let anybody write, each under a name. None of it allows anything. */
export const hostile = (): readonly (readonly [string, Situation])[] =>
  rows.map(([name, statement, parts]) => [name, everywhere(statement, parts)])

/**
 * What no quick no refuses yet: the pieces all stand in the text, but in another order, so every pattern walks it. Linear in the
 * policies and in the text, and still too long.
 */
export const disordered = (): readonly [string, Situation] => [
  'pieces in another order',
  everywhere(
    allow({
      Resource: many(100, (at) => `arn:aws:s3:::*${'a'.repeat(5 + (at % 7))}b*${'a'.repeat(3 + (at % 9))}*`),
    }),
    { resource: `arn:aws:s3:::${'a'.repeat(2_029)}b` },
  ),
]
