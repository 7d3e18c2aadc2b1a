// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this.
import { describe, expect, test } from 'vitest'
import { askedAction, concerned, indexActions } from '../../src/policy/action.ts'
import { AskedArn } from '../../src/policy/arn.ts'
import { compileText } from '../../src/policy/compile.ts'
import { compileResources, coversResource, untoldKeys } from '../../src/policy/resource.ts'
import type { Truth } from '../../src/policy/truth.ts'
import { context } from './scene.ts'

describe('an action', () => {
  const rows: readonly [string | readonly string[], string, boolean][] = [
    ['*', 'iam:CreateUser', true],
    ['iam:CreateUser', 'iam:CreateUser', true],
    ['IAM:createuser', 'iam:CreateUser', true],
    ['s3:GetObject', 'S3:getobject', true],
    ['iam:CreateUser', 'iam:CreateUsers', false],
    ['iam:CreateUsers', 'iam:CreateUser', false],
    ['iam:*', 'iam:x', true],
    ['iam:*', 'iamx:x', false],
    ['iam:*AccessKey*', 'iam:CreateAccessKey', true],
    ['iam:*AccessKey*', 'iam:UpdateAccessKeyNow', true],
    ['iam:*AccessKey*', 'iam:CreateUser', false],
    ['s3:Get?bject', 's3:GetObject', true],
    ['s3:Get?bject', 's3:Getbject', false],
    ['s3:G*', 's3:PutObject', false],
    ['s*:Get', 's3:Get', true],
    ['*:Get*', 'sqs:GetQueueUrl', true],
    ['*:Get*', 'sqs:SendMessage', false],
    ['s?s:Get*', 'sqs:GetQueueUrl', true],
    ['s3*', 's3:GetObject', true],
    ['s3*', 'sqs:GetQueueUrl', false],
    [['s3:Get*', 'iam:x'], 's3:GetObject', true],
    [['s3:Get*', '*'], 's3:PutObject', true],
    [['*', 's3:PutObject'], 's3:PutObject', true],
    [['s3:PutObject', 's3:PutObject'], 's3:PutObject', true],
    [['*', '*'], 's3:PutObject', true],
    ['s3', 's3:GetObject', false],
    ['${aws:username}:x', 'bob:x', false],
    [['a:b', 'c:d'], 'c:d', true],
    ['__proto__:x', '__proto__:x', true],
    ['constructor:*', 'toString:x', false],
  ]
  for (const [patterns, action, expected] of rows) {
    const list = typeof patterns === 'string' ? [patterns] : patterns
    test(`${list.join(', ')} ${expected ? 'covers' : 'does not cover'} ${action}, and NotAction the other way`, () => {
      const asked = askedAction(action)
      expect(concerned(indexActions([{ patterns: list, negated: false }]), asked)).toEqual(expected ? [0] : [])
      expect(concerned(indexActions([{ patterns: list, negated: true }]), asked)).toEqual(expected ? [] : [0])
    })
  }

  test('concerns whoever names it and whoever means everything', () => {
    const list = (...patterns: string[]) => ({ patterns, negated: false })
    const index = indexActions([list('s3:GetObject'), list('*'), list('s3:PutObject')])
    expect(concerned(index, askedAction('s3:GetObject'))).toEqual([0, 1])
    expect(concerned(index, askedAction('s3:PutObject'))).toEqual([1, 2])
    expect(concerned(index, askedAction('s3:ListBucket'))).toEqual([1])
    expect(concerned(index, askedAction('iam:GetUser'))).toEqual([1])
    const named = indexActions([list('s3:GetObject'), list('s3:PutObject', 's3:GetObject'), list('s3:GetObject')])
    expect(concerned(named, askedAction('s3:GetObject'))).toEqual([0, 1, 2])
    expect(concerned(named, askedAction('s3:PutObject'))).toEqual([1])
    expect(concerned(named, askedAction('s3:ListBucket'))).toEqual([])
  })

  test('concerns statements in their order, each once', () => {
    const index = indexActions([
      { patterns: ['s3:Get*', 's3:*', 's3:GetObject'], negated: false },
      { patterns: ['iam:x'], negated: true },
      { patterns: ['s3:Put*'], negated: false },
      { patterns: ['s3:getobject', '*'], negated: false },
      undefined,
      { patterns: ['*:GetObject'], negated: false },
    ])
    expect(concerned(index, askedAction('s3:GetObject'))).toEqual([0, 1, 3, 5])
    expect(concerned(index, askedAction('iam:X'))).toEqual([3])
  })
})

const bob = context({ 'aws:username': 'bob', 'aws:star': '*', 'aws:tagkeys': ['a', 'b'] }, ['aws:later'])
const covers = (pattern: string, resource: string, variables = true): Truth =>
  coversResource(compileResources([pattern], false, variables), new AskedArn(resource), bob)

describe('a resource', () => {
  const rows: readonly [string, string, Truth][] = [
    ['*', 'arn:aws:s3:::b', 'yes'],
    ['*', '*', 'yes'],
    ['arn:aws:s3:::*', '*', 'no'],
    ['arn:*:*:*:*:*', '*', 'no'],
    ['arn:aws:s3:::b', 'arn:aws:s3:::b', 'yes'],
    ['arn:aws:s3:::b', 'arn:aws:s3:::B', 'no'],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b', 'no'],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/', 'yes'],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/k/l', 'yes'],
    ['arn:aws:s3:::b/Key', 'arn:aws:s3:::b/key', 'no'],
    ['arn:aws:s3:::b?', 'arn:aws:s3:::bc', 'yes'],
    ['arn:aws:s3:::b?', 'arn:aws:s3:::b', 'no'],
    ['arn:aws:iam::1:user/*', 'arn:aws:iam::1:user/a/b/c', 'yes'],
    ['arn:aws:iam::1:user/div*', 'arn:aws:iam::1:user/division/x', 'yes'],
    ['arn:aws:iam::1:user/div*', 'arn:aws:iam::1:user/x/div', 'no'],
    ['arn:aws:iam::*:user/x', 'arn:aws:iam::1:user/x', 'yes'],
    ['arn:aws:iam::*:user/x', 'arn:aws:iam::1:2:user/x', 'no'],
    ['arn:aws:x:*:1:a', 'arn:aws:x:r:2:1:a', 'no'],
    ['arn:aws:sns:*:*:*', 'arn:aws:sns:r:1:topic:sub', 'yes'],
    ['arn:aws:logs:r:1:*:x', 'arn:aws:logs:r:1:log-group:g:x', 'yes'],
    ['arn:aws-cn:s3:::b', 'arn:aws:s3:::b', 'no'],
    ['arn:*:s3:::b', 'arn:aws-cn:s3:::b', 'yes'],
    ['arn:aws:dynamodb', 'arn:aws:dynamodb:r:1:table/t', 'yes'],
    ['arn:aws:s3*', 'arn:aws:s3-object-lambda:r:1:x', 'yes'],
    ['arn:aws:iam::1', 'arn:aws:iam::1:user/x', 'yes'],
    ['arn:aws:iam::1', 'arn:aws:iam::2:user/x', 'no'],
    ['arn', 'arn:aws:s3:::b', 'no'],
    ['arn:aws:s3:::b', 'b', 'no'],
    ['b', 'b', 'no'],
    ['arn:aws:iam::1:user/${aws:username}', 'arn:aws:iam::1:user/bob', 'yes'],
    ['arn:aws:iam::1:user/${AWS:UserName}', 'arn:aws:iam::1:user/bob', 'yes'],
    ['arn:aws:iam::1:user/${aws:username}', 'arn:aws:iam::1:user/alice', 'no'],
    ['arn:aws:iam::*:user/${aws:username}', 'arn:aws:iam::1:user/bob', 'yes'],
    ['arn:aws:s3:::${aws:username}/*', 'arn:aws:s3:::bob/x', 'yes'],
    ['arn:aws:s3:::${aws:none}/*', 'arn:aws:s3:::/x', 'no'],
    ['arn:aws:s3:::${aws:none}/*', 'arn:aws:s3:::${aws:none}/x', 'no'],
    ["arn:aws:s3:::${aws:none, 'd'}/*", 'arn:aws:s3:::d/x', 'yes'],
    ['arn:aws:s3:::home/${aws:star}', 'arn:aws:s3:::home/x', 'no'],
    ['arn:aws:s3:::home/${aws:star}', 'arn:aws:s3:::home/*', 'yes'],
    ['arn:aws:s3:::home/${*}', 'arn:aws:s3:::home/x', 'no'],
    ['arn:aws:s3:::home/${*}', 'arn:aws:s3:::home/*', 'yes'],
    ['arn:aws:s3:::home/${?}*', 'arn:aws:s3:::home/?x', 'yes'],
    ['arn:aws:s3:::home/${$}', 'arn:aws:s3:::home/$', 'yes'],
    ['arn:aws:s3:::${aws:tagkeys}', 'arn:aws:s3:::a', 'no'],
    // QUIRK: variables-in-the-last-segment
    ['arn:aws:iam::${aws:username}:user/x', 'arn:aws:iam::bob:user/x', 'no'],
    ['${aws:username}', 'bob', 'no'],
    ['arn:aws:s3:::${aws:later}/x', 'arn:aws:s3:::q/x', 'unknown'],
    ['arn:aws:s3:::${aws:later}/x', 'arn:aws:s3:::q/y', 'no'],
    ['arn:aws:s3:::${aws:later}/x', 'arn:aws:iam::1:user/x', 'no'],
    ['arn:aws:*:::b', 'nra:aws:s3:::b', 'no'],
    ['nra:*:s3:::b', 'arn:aws:s3:::b', 'no'],
    ['?rn:aws:s3:::b*', 'arn:aws:s3:::b', 'yes'],
    ['arn:aws', 'arn:aws:s3:::b', 'yes'],
    ['arn:aws', 'arn:aws-cn:s3:::b', 'no'],
    ['arn:*:s3', 'arn:aws:s3:::b', 'yes'],
    ['arn:*:s3', 'arn:aws:sqs:::b', 'no'],
    ['arn:*:s3', 'arn:aws', 'no'],
    ['arn:*:*:r?:1:a', 'arn:aws:x:r1:1:a', 'yes'],
    ['arn:aws:s3:::b:c', 'arn:aws:s3:::b:c', 'yes'],
    ['arn:aws:s3:::*:c', 'arn:aws:s3:::b:c', 'yes'],
    ['arn:*:s3:::b:c', 'arn:aws:s3:::b:d', 'no'],
    ['arn:aws:s3:::*/${aws:username}', 'arn:aws:s3:::a/bob', 'yes'],
    ['arn:aws:s3:::*/${aws:username}', 'arn:aws:s3:::a/alice', 'no'],
    ['arn:aws:s3:::*/${aws:none}', 'arn:aws:s3:::a/', 'no'],
    ['arn:aws:s3:::*/${aws:username}', '*', 'no'],
    ['arn:aws:logs:r:1:group:${aws:username}', 'arn:aws:logs:r:1:group:bob', 'yes'],
    ['arn:aws:logs:r:1:group:${aws:username}', 'arn:aws:logs:r:1:bob', 'no'],
    ['arn:*:s3:::a${aws:username}', 'arn:aws:s3:::abob', 'yes'],
  ]
  for (const [pattern, resource, expected] of rows) {
    test(`${pattern} on ${resource}: ${expected}`, () => {
      expect(covers(pattern, resource)).toBe(expected)
      const turned = coversResource(compileResources([pattern], true, true), new AskedArn(resource), bob)
      expect(turned).toBe(expected === 'unknown' ? 'unknown' : expected === 'yes' ? 'no' : 'yes')
    })
  }

  test('a variable is whatever it is for the one who asks now', () => {
    const matcher = compileResources(['arn:aws:s3:::*/${aws:username}'], false, true)
    const asking = (name: string, resource: string) =>
      coversResource(matcher, new AskedArn(`arn:aws:s3:::home/${resource}`), context({ 'aws:username': name }))
    expect([asking('bob', 'bob'), asking('ann', 'bob'), asking('ann', 'ann'), asking('bob', 'bob')]).toEqual([
      'yes',
      'no',
      'yes',
      'yes',
    ])
  })

  test('one pattern of several is enough, and a certain one more than one that hangs', () => {
    const of = (...patterns: string[]) =>
      coversResource(compileResources(patterns, false, true), new AskedArn('arn:aws:s3:::bob'), bob)
    expect(of('arn:aws:s3:::a', 'arn:aws:s3:::bob')).toBe('yes')
    expect(of('arn:aws:s3:::${aws:later}', 'arn:aws:s3:::${aws:username}')).toBe('yes')
    expect(of('arn:aws:s3:::${aws:later}', 'arn:aws:s3:::${aws:none}')).toBe('unknown')
    expect(of('arn:aws:s3:::a', 'arn:aws:s3:::c*')).toBe('no')
  })

  test('the keys that it hangs on are those that nobody told', () => {
    const keys = (...patterns: string[]) => untoldKeys(compileResources(patterns, false, true), bob)
    expect(keys('arn:aws:s3:::${aws:later}/${aws:username}', 'arn:aws:s3:::${aws:none}${aws:later}', '*')).toEqual([
      'aws:later',
    ])
    expect(keys('arn:aws:s3:::${aws:none}', 'arn:aws:s3:::b')).toEqual([])
  })

  test('before 2012 variables are text', () => {
    expect(covers('arn:aws:s3:::${aws:username}', 'arn:aws:s3:::bob', false)).toBe('no')
    expect(covers('arn:aws:s3:::${aws:username}', 'arn:aws:s3:::${aws:username}', false)).toBe('yes')
  })
})

describe('a statement that makes no sense compiles to nothing, and says so:', () => {
  const good = { Effect: 'Allow', Action: '*', Resource: '*' }
  const rows: readonly [string, unknown, string][] = [
    ['no object', 'x', 'a statement is an object'],
    ['no effect', { ...good, Effect: undefined }, 'Effect is Allow or Deny'],
    ['an effect in another case', { ...good, Effect: 'allow' }, 'Effect is Allow or Deny'],
    ['an effect that is a list', { ...good, Effect: ['Allow'] }, 'Effect is Allow or Deny'],
    ['no action', { ...good, Action: undefined }, 'Action or NotAction is missing'],
    ['both actions', { ...good, NotAction: 'x' }, 'both Action and NotAction'],
    ['both resources', { ...good, NotResource: 'x' }, 'both Resource and NotResource'],
    ['an action that is a number', { ...good, Action: [1] }, 'Action holds something that is no string'],
    [
      'a NotAction that is a number',
      { ...good, Action: undefined, NotAction: 1 },
      'NotAction holds something that is no string',
    ],
    ['a resource that is an object', { ...good, Resource: {} }, 'Resource holds something that is no string'],
    ['an empty Action', { ...good, Action: [] }, 'Action holds nothing'],
    ['an empty NotAction', { ...good, Action: undefined, NotAction: [] }, 'NotAction holds nothing'],
    ['an empty Resource', { ...good, Resource: [] }, 'Resource holds nothing'],
    ['an empty NotResource', { ...good, Resource: undefined, NotResource: [] }, 'NotResource holds nothing'],
    ['an empty NotPrincipal', { ...good, NotPrincipal: {} }, 'no principal is named'],
    ['both principals', { ...good, Principal: '*', NotPrincipal: '*' }, 'both Principal and NotPrincipal'],
    ['a principal that is a list', { ...good, Principal: ['*'] }, 'a principal is "*" or an object'],
    ['a condition that is a list', { ...good, Condition: [] }, 'Condition is an object'],
    [
      'an operator that there is not',
      { ...good, Condition: { Nope: { a: 'b' } } },
      'there is no condition operator Nope',
    ],
    ['an operator over a string', { ...good, Condition: { Bool: 'x' } }, 'what stands under Bool is no object'],
    [
      'a value that is null',
      { ...good, Condition: { Bool: { a: null } } },
      'a value of a is neither text, number nor true or false',
    ],
  ]
  for (const [name, statement, problem] of rows) {
    test(name, () => {
      const policy = compileText(JSON.stringify({ Version: '2012-10-17', Statement: [good, statement] }))
      expect(policy?.statements.map((compiled) => compiled !== undefined)).toEqual([true, false])
      expect(policy?.nonsense.map(({ index, problem }) => [index, problem])).toEqual([[1, problem]])
    })
  }
  test('an operator that asks nothing may be anything', () => {
    const policy = compileText(JSON.stringify({ Statement: { ...good, Condition: { Nope: {} } } }))
    expect(policy?.nonsense).toEqual([])
    expect(policy?.statements[0]?.clauses).toEqual([])
  })
  test('a number in a condition is the number that it is, and a text is that text', () => {
    const written = '{"NumericEquals":{"a":[1e3,1.50,-2E-2,1e12,"1e3",true]}}'
    const text = JSON.stringify({ Statement: { ...good, Condition: 'c' } }).replace('"c"', written)
    expect(compileText(text)?.statements[0]?.clauses[0]?.wanted).toEqual([
      '1000.0',
      '1.50',
      '-0.020',
      '1000000000000.0',
      '1e3',
      'true',
    ])
  })
  test('a version is the new one, or the old one', () => {
    const version = (written: unknown) => compileText(JSON.stringify({ Version: written, Statement: [] }))?.version
    expect([version('2012-10-17'), version('2008-10-17'), version(undefined), version(['2012-10-17'])]).toEqual([
      '2012-10-17',
      '2008-10-17',
      '2008-10-17',
      '2008-10-17',
    ])
  })
  test('a name is a text with something in it', () => {
    const sid = (Sid: unknown) => compileText(JSON.stringify({ Statement: { ...good, Sid } }))?.statements[0]?.sid
    expect([sid('A'), sid(''), sid(1), sid(undefined)]).toEqual(['A', undefined, undefined, undefined])
  })
  test('a document that is no object', () =>
    expect(compileText(' [1]')?.nonsense).toEqual([
      { index: 0, span: { start: 1, end: 4 }, problem: 'a policy is an object' },
    ]))
  test('no JSON is no policy', () => expect(compileText('{')).toBeUndefined())
})
