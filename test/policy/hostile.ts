import type { AttachedPolicy, Situation } from '../../src/policy/decide.ts'
import { allow, away, context, home, policy, request, worker } from './scene.ts'

/** A statement of a row; `at` counts the statements of the whole set, so that no two policies need to say the same. */
type Statement = (at: number) => object

/** Statements until a policy of this many characters is full. */
function full(characters: number, statement: () => object): AttachedPolicy {
  const statements: object[] = [statement()]
  for (let left = characters - 50 - JSON.stringify(statements[0]).length; ; ) {
    const next = statement()
    left -= JSON.stringify(next).length + 1
    if (left < 0) return policy(statements)
    statements.push(next)
  }
}

/** Every quota at its maximum: ten managed policies for a role and its inline ones, and everything that may stand above them. */
function everywhere(made: Statement, parts: Partial<Situation['request']>): Situation {
  let count = 0
  const next = () => made(count++)
  const managed = () => full(6_144, next)
  const organization = () => full(5_120, next)
  const times = <T>(count: number, one: () => T): readonly T[] => Array.from({ length: count }, one)
  return {
    request: request({ principal: worker, ...parts }),
    identity: [...times(20, managed), full(10_240, next)],
    boundary: managed(),
    session: [...times(10, managed), full(2_048, next)],
    scps: times(7, () => times(5, organization)),
    rcps: times(7, () => times(5, organization)),
    resource: {
      account: away,
      rule: 'ordinary',
      policies: [full(20_480, () => ({ ...next(), Principal: { AWS: home } }))],
    },
  }
}

const s3 = 'arn:aws:s3:::'
const long = `${s3}${'a'.repeat(2_030)}`
const many = <T>(count: number, one: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => one(at))
/** The same numbers every time, in no order that anything could make use of. */
const scattered = (seed: number): number => {
  const mixed = Math.imul(seed + 1, 0x9e3779b1)
  return (mixed ^ (mixed >>> 15)) >>> 1
}
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const letter = (seed: number, of = letters.length): string => letters.charAt(scattered(seed) % of)
const scatter = (length: number, of?: number): string => many(length, (at) => letter(at, of)).join('')

/** `count` patterns to a statement, which go on counting in the next one. */
const resources =
  (count: number, pattern: (index: number) => string): Statement =>
  (at) =>
    allow({ Resource: many(count, (index) => `${s3}${pattern(at * count + index)}`) })
const condition =
  (operator: string, key: string, count: number, pattern: (index: number) => string): Statement =>
  (at) =>
    allow({ Condition: { [operator]: { [key]: many(count, (index) => pattern(at * count + index)) } } })

/** Letters of both halves of the alphabet, so that two places from each other never stand two of the same half. */
const halves = (length: number): string => many(length, (at) => half(at, at % 4 < 2)).join('')
const half = (seed: number, first: boolean): string => letters.charAt((first ? 0 : 13) + (scattered(seed) % 13))
/** Each letter stands in such a text, and the first two as far from each other as here, but never all three. */
const asked = (at: number): string => `*${half(at, true)}?${half(at + 9, false)}?${half(at + 77, false)}*`

const run = (char: string, length: number): string => char.repeat(length)
/** Two pieces that stand in a text of many letters and one other at its end, but not in this order. */
const turned = (at: number): string => `*${run('a', 5 + (at % 7))}b*${run('a', 3 + (at % 9))}*`
const keys = many(50, (at) => `${run('b', 40)}${run('a', 60)}${at}`)
const eight = (at: number): string => 'abcdefgh'.charAt(at % 8)
const agents = 'aws:UserAgent'

const sums: readonly [string, Statement, Partial<Situation['request']>][] = [
  ['stars between letters', resources(1, () => `${'a*'.repeat(200)}b*`), { resource: long }],
  ['pieces that almost stand there', resources(100, (at) => `*aaaaaab${at % 100}*`), { resource: long }],
  ['one long piece', resources(1, () => `*${run('a', 1_500)}b*`), { resource: long }],
  ['question marks', resources(10, () => `*${'a?'.repeat(100)}b*`), { resource: long }],
  ['wild segments', () => allow({ Resource: many(100, () => 'arn:*:*:*:*:*ab*') }), { resource: long }],
  [
    'patterns in a condition',
    condition('StringLike', agents, 300, () => '*aab*'),
    { lookup: context({ [agents]: run('a', 8_000) }) },
  ],
  [
    'variables between stars',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables look like this.
    resources(100, () => '*${aws:username}*b*'),
    { resource: long, lookup: context({ 'aws:username': 'aaa' }) },
  ],
  [
    'variables in a condition',
    condition('StringLike', agents, 100, (at) => `*b*\${aws:username}*${run('a', at % 9)}*`),
    { lookup: context({ [agents]: `${run('a', 2_000)}b`, 'aws:username': 'aaa' }) },
  ],
  [
    'patterns over many values',
    condition('ForAnyValue:StringLike', 'aws:TagKeys', 500, (at) => `*a${at % 10}`),
    { lookup: context({ 'aws:TagKeys': many(50, (at) => `${run('a', 120)}${at}b`) }) },
  ],
  ['pieces in another order', resources(100, turned), { resource: `${s3}${run('a', 2_029)}b` }],
  [
    'pieces in another order, wild segments',
    (at) => allow({ Resource: many(100, (index) => `arn:*:s*:*:*:${turned(at + index)}`) }),
    { resource: `${s3}${run('a', 2_029)}b` },
  ],
  [
    'pieces in another order, in a condition',
    condition('StringLike', agents, 100, turned),
    { lookup: context({ [agents]: `${run('a', 7_999)}b` }) },
  ],
  [
    'pieces in another order, in a condition that wants an ARN',
    condition('ArnLike', 'aws:SourceArn', 100, (at) => s3 + turned(at)),
    { lookup: context({ 'aws:SourceArn': `${s3}${run('a', 7_980)}b` }) },
  ],
  [
    'pieces in another order, under one key after the other',
    (at) =>
      allow({
        Condition: {
          StringNotLike: Object.fromEntries(
            many(16, (index): [string, readonly string[]] => [
              `aws:RequestTag/${index}`,
              many(4, (more) => turned(at * 4 + more)),
            ]),
          ),
          StringLike: { 'aws:RequestTag/0': 'no' },
        },
      }),
    {
      lookup: context(
        Object.fromEntries(many(16, (at): [string, string] => [`aws:RequestTag/${at}`, `${run('a', 240 + at)}b`])),
      ),
    },
  ],
  [
    'three pieces of which the last stands too early',
    resources(60, (at) => `*${run('ab', 1 + (at % 5))}*${run('ba', 1 + (at % 3))}*bb*`),
    { resource: `${s3}${run('b', 400)}${run('ab', 800)}` },
  ],
  [
    'stars between letters, of which one is missing at the end',
    resources(1, () => `*${'a*'.repeat(380)}b*`),
    { resource: `${s3}${run('b', 1_000)}${run('a', 379)}b${run('a', 1)}` },
  ],
  [
    'runs of every length',
    resources(1, (at) => `*b*${run('a', 1 + (at % 900))}*`),
    { resource: `${s3}${run('a', 2_029)}b` },
  ],
  [
    'short pieces of a text without order',
    resources(200, (at) => `*${letter(3 * at)}${letter(3 * at + 1)}*${letter(3 * at + 2)}${letter(at)}*.`),
    { resource: s3 + scatter(2_030) },
  ],
  [
    'short pieces of a long text without order',
    condition('StringLike', agents, 200, (at) => `*${letter(3 * at)}${letter(3 * at + 1)}*${letter(3 * at + 2)}*${at}`),
    { lookup: context({ [agents]: scatter(8_000) }) },
  ],
  [
    'nothing but question marks',
    resources(100, (at) => `*${'?'.repeat(20 + (at % 50))}*b*`),
    { resource: `${s3}b${run('a', 2_029)}` },
  ],
  [
    'letters of every script',
    resources(100, (at) => `*${String.fromCharCode(0x4e00 + (at % 900))}*${String.fromCharCode(0x4dff + (at % 900))}*`),
    { resource: s3 + many(900, (at) => String.fromCharCode(0x4e00 + at)).join('') },
  ],
  [
    'variables over many values',
    condition('ForAnyValue:StringLike', 'aws:TagKeys', 200, (at) => `\${aws:username}*${at}`),
    { lookup: context({ 'aws:TagKeys': keys, 'aws:username': 'b' }) },
  ],
  [
    'variables that must be a value, over many values',
    condition('ForAnyValue:StringEquals', 'aws:TagKeys', 200, (at) => `\${aws:username}${at}`),
    { lookup: context({ 'aws:TagKeys': keys, 'aws:username': 'b' }) },
  ],
]

const products: readonly [string, Statement, Partial<Situation['request']>][] = [
  [
    'question marks between letters that stand there, but not so far from each other',
    resources(200, asked),
    { resource: s3 + halves(2_030) },
  ],
  [
    'many question marks, of which only the last is wrong',
    resources(1, (at) => `*${many(60, (index) => `?${eight(2 * index + at)}`).join('')}?${eight(121 + at)}*`),
    { resource: s3 + run('abcdefgh', 253) },
  ],
  [
    'question marks in a long condition',
    condition('StringLike', agents, 200, asked),
    { lookup: context({ [agents]: halves(8_000) }) },
  ],
  [
    'pieces in another order, over many values',
    condition(
      'ForAnyValue:StringLike',
      'aws:TagKeys',
      200,
      (at) => `*${run('a', 1 + (at % 9))}*${run('b', 1 + (at % 7))}*`,
    ),
    { lookup: context({ 'aws:TagKeys': keys }) },
  ],
  [
    'three pieces of which one stands too early, over many values',
    condition(
      'ForAnyValue:StringLike',
      'aws:TagKeys',
      200,
      (at) => `*${run('b', 1 + (at % 9))}a*b*${run('a', 1 + (at % 7))}*`,
    ),
    { lookup: context({ 'aws:TagKeys': keys }) },
  ],
  [
    'ARNs that begin and end with a letter, over many values',
    condition('ForAnyValue:ArnLike', 'aws:TagKeys', 200, (at) => `arn:a*:s*:*:*:b*b${at % 99}*c`),
    { lookup: context({ 'aws:TagKeys': keys.map((key) => s3 + key) }) },
  ],
  [
    'ARNs over many values',
    condition(
      'ForAnyValue:ArnLike',
      'aws:TagKeys',
      200,
      (at) => `${s3}*${run('a', 1 + (at % 9))}*${run('b', 1 + (at % 7))}*`,
    ),
    { lookup: context({ 'aws:TagKeys': keys.map((key) => s3 + key) }) },
  ],
  [
    'ARNs with wild segments over many values',
    condition(
      'ForAnyValue:ArnLike',
      'aws:TagKeys',
      200,
      (at) => `arn:a*:s*:*:*:*${run('a', 1 + (at % 9))}*${run('b', 1 + (at % 7))}*`,
    ),
    { lookup: context({ 'aws:TagKeys': keys.map((key) => s3 + key) }) },
  ],
  [
    'actions',
    (at) =>
      allow({ Action: many(200, (index) => `s3:*${run('a', 1 + (index % 9))}*${run('b', 1 + ((at + index) % 7))}*`) }),
    { action: `s3:${run('b', 60)}${run('a', 60)}` },
  ],
]

/** A situation under a name, made when asked for. None of them allows anything. */
export type Hostile = readonly [string, () => Situation]

const made = (rows: typeof sums): readonly Hostile[] =>
  rows.map(([name, statement, parts]) => [name, () => everywhere(statement, parts)])

/** The worst that the quotas of AWS let anybody write about one value. It costs the sum of the patterns and of the value. */
export const hostile = made(sums)

/** Question marks, the order of pieces in each of many values, and short texts, which are walked: these cost a product, though a small one. */
export const dearer = made(products)

/** The same situation as another request: what is kept for one request is made anew. */
export const again = (situation: Situation): Situation => ({
  ...situation,
  request: { ...situation.request, lookup: (key) => situation.request.lookup(key) },
})
