import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerQuestion, type Question } from '../../src/policy/question.ts'

const home = '111111111111'
const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
const allow = (parts: object = {}) => ({ Effect: 'Allow', Action: '*', Resource: '*', ...parts })
const identity = (...statements: object[]) => [{ name: 'own', document: document(...statements) }]
const everything = document(allow())

const request = (parts: Partial<Question['request']> = {}): Question['request'] => ({
  principal: `arn:aws:iam::${home}:user/dev/alice`,
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::bucket/key',
  ...parts,
})
function effectOf(resource: string, own: Question['policies']['identity']): string {
  const given = answerQuestion({ request: request({ resource }), policies: { identity: own } })
  return 'error' in given ? given.error.message : given.effect
}

test('as many documents as anyone likes, each for itself', () => {
  for (let at = 0; at < 3_000; at++) {
    const one = identity(allow({ Resource: `arn:aws:s3:::bucket-${at}/*` }))
    const on = (bucket: number) => effectOf(`arn:aws:s3:::bucket-${bucket}/key`, one)
    expect([on(at), on(at + 1)]).toEqual(['allow', 'deny'])
  }
})

test('whatever JSON is put in whatever place, there is an answer', () => {
  const whole: Question = {
    id: 'q',
    request: request({ context: { a: 'b', c: ['d'], e: null }, unknown: ['f'], resourceAccount: home }),
    policies: {
      identity: identity(allow()),
      resource: everything,
      boundary: [everything],
      session: [everything],
      scp: [[{ name: 's', document: everything }]],
    },
  }
  const places: (readonly (string | number)[])[] = []
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    places.push(path)
    if (Array.isArray(value)) for (const [at, item] of value.entries()) walk(item, [...path, at])
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) walk(item, [...path, key])
  }
  walk(whole, [])
  const put = (value: unknown, [key, ...rest]: readonly (string | number)[], what: unknown): unknown => {
    if (key === undefined) return what
    if (Array.isArray(value)) return value.map((item, at) => (at === key ? put(item, rest, what) : item))
    const members = Object.entries(value as object)
    return Object.fromEntries(members.map(([name, item]) => [name, name === key ? put(item, rest, what) : item]))
  }
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue(), (path, what) => {
      const given = answerQuestion(put(whole, path, what) as Question)
      expect('error' in given ? given.error.message : given.effect).toMatch(/./)
      expect(() => JSON.stringify(given)).not.toThrow()
    }),
    { numRuns: 2_000 },
  )
})
