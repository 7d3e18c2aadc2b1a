import { expect, test } from 'vitest'
import { answerQuestion } from '../../src/policy/question.ts'
import { compare, type Evaluator } from './differential.ts'
import { decide } from './oracle.ts'

// A new seed for each run looks where nobody has looked; the fixed one keeps every run comparable with the last.
const anew = Math.floor(Math.random() * 1e6)

test.each([
  ['a fixed seed', 1, 30_000],
  [`the seed ${anew}`, anew, 70_000],
])('the policy engine answers as the oracle does, from %s', { timeout: 300_000 }, (_what, seed, cases) => {
  console.log(`npm run differential -- --seed ${seed} --cases ${cases}`)
  const outcome = compare(answerQuestion, { cases, seed, most: 10 })
  expect(outcome.examples.map((example) => JSON.stringify(example))).toEqual([])
  expect(outcome.differences).toBe(0)
})

/** Engines that are wrong in one small way; each must be found out. */
const wrong: [string, Evaluator][] = [
  ['forgets IfExists', (question) => decide(altered(question, /IfExists"/g, '"'))],
  ['takes ForAnyValue for ForAllValues', (question) => decide(altered(question, /ForAnyValue:/g, 'ForAllValues:'))],
  ['takes every version for 2012', (question) => decide(altered(question, /"2008-10-17"/g, '"2012-10-17"'))],
  ['minds the case of values', (question) => decide(altered(question, /EqualsIgnoreCase/g, 'Equals'))],
  ['takes less for less or equal', (question) => decide(altered(question, /LessThanEquals/g, 'LessThan'))],
  ['reads wildcards in StringEquals', (question) => decide(altered(question, /StringEquals"/g, 'StringLike"'))],
  ['reads ArnLike as StringLike', (question) => decide(altered(question, /Arn(Not)?(Like|Equals)/g, 'String$1Like'))],
  ['spares a NotPrincipal', (question) => decide(altered(question, /"NotPrincipal":\{[^}]*\}/g, '"NotPrincipal":"*"'))],
  ['forgets escapes', (question) => decide(altered(question, /\$\{([*?$])\}/g, '$1'))],
  [
    'takes a role for its account',
    (question) => decide(altered(question, /("AWS":\s*"arn:aws:iam::\d+):role\/[^"]*"/g, '$1:root"')),
  ],
  ['forgets what is unknown', (question) => decide({ ...question, request: { ...question.request, unknown: [] } })],
  [
    'forgets the endpoint',
    ({ policies: { vpce: _gone, ...policies }, ...question }) => decide({ ...question, policies }),
  ],
  [
    'forgets the boundary',
    ({ policies: { boundary: _gone, ...policies }, ...question }) => decide({ ...question, policies }),
  ],
  [
    'forgets the session',
    ({ policies: { session: _gone, ...policies }, ...question }) => decide({ ...question, policies }),
  ],
  [
    'takes a key for a queue',
    ({ policies: { resourceRule: _gone, ...policies }, ...question }) => decide({ ...question, policies }),
  ],
]
test.each(wrong)('an engine that %s is found out within 10,000 questions', (_what, engine) => {
  const outcome = compare(engine, { cases: 10_000, seed: 7, until: 1 })
  expect(outcome.differences).toBeGreaterThan(0)
  // The smallest case fits on a screen.
  expect(JSON.stringify(outcome.examples[0]?.question).length).toBeLessThan(1500)
})

function altered<T>(question: T, what: RegExp, by: string): T {
  // The words of policies change, and the shape stays.
  return JSON.parse(
    JSON.stringify(question).replaceAll('\\"', '\u0001').replace(what, by).replaceAll('\u0001', '\\"'),
  ) as T
}
