import { describe, expect, test } from 'vitest'
import { compile, decide, Fault, requestFrom } from '../../src/policy/library.ts'
import { home } from './scene.ts'

const statement = { Effect: 'Allow', Action: 'billing:Refund', Resource: '*' }
const asked = { principal: `arn:aws:iam::${home}:user/alice`, action: 'billing:Refund', resource: '*' }
const fault = (attempt: () => unknown): readonly string[] | undefined => {
  try {
    attempt()
    return undefined
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [error.code, error.message]
  }
}

describe('for programs, a policy', () => {
  test('is its compiled form under a name', () => {
    const { policy, source } = compile('clerk', { Statement: statement })
    expect(policy.statements[0]?.actions.patterns).toEqual(['billing:Refund'])
    expect(source).toEqual({ type: 'inline', account: '', name: 'clerk' })
  })
  test('may say where it is from, but not another name', () => {
    const arn = 'arn:aws:iam::aws:policy/x'
    expect(
      compile('clerk', { Statement: statement }, { type: 'managed', account: home, arn, name: 'x' }).source,
    ).toEqual({ type: 'managed', account: home, arn, name: 'clerk' })
  })
  test('that is none is a fault', () => {
    const rows: readonly [string | object, string][] = [
      ['{', 'clerk is no policy: a key in quotes belongs here (line 1, column 2)'],
      [{}, 'clerk is no policy: Statement is missing (line 1, column 1)'],
      [
        { Statement: { Effect: 'deny', Action: '*' } },
        'clerk is no policy: Effect is Allow or Deny (line 1, column 14)',
      ],
      [[], 'a policy document is an object, or its text'],
    ]
    for (const [document, message] of rows) {
      expect(fault(() => compile('clerk', document))).toEqual(['MalformedPolicyDocument', message])
    }
  })
})

describe('for programs, a request', () => {
  test('is read with the keys that follow', () => {
    const request = requestFrom(asked)
    expect(request.lookup('aws:username')).toEqual(['alice'])
    expect(decide({ request, identity: [compile('clerk', { Statement: statement })] }).effect).toBe('allow')
  })
  test('of the shortest action is one', () => expect(requestFrom({ ...asked, action: 'a:b' }).action).toBe('a:b'))
  test('that is none is a fault that says which member', () => {
    expect(fault(() => requestFrom({ ...asked, action: 'x' }))).toEqual([
      'ValidationError',
      'request.action: what is asked for is one action, as in s3:GetObject',
    ])
  })
  test('that fails for a reason of its own fails with it', () => {
    const broken = {
      ...asked,
      get context(): never {
        throw new RangeError('no context here')
      },
    }
    expect(() => requestFrom(broken)).toThrow(RangeError)
  })
})
