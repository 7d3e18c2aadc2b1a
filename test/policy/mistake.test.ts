import { describe, expect, test } from 'vitest'
import { compiledText, compileWhole } from '../../src/policy/kept.ts'
import { type Answer, answerQuestion, type Decided, type Question, requestIn } from '../../src/policy/question.ts'
import { away, home } from './scene.ts'

const user = `arn:aws:iam::${home}:user/alice`
const asked = { principal: user, action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key' }
const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }
const open = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' } }
const denied = { Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } }
// Whoever has read this from a file has not checked its type either.
const answer = (question: unknown): Answer => answerQuestion(question as Question)
const asking = (parts: object) => ({ request: { ...asked, ...parts }, policies: {} })
const under = (policies: object) => ({ request: asked, policies })
const layersOf = (policies: object, parts: object = {}) => {
  const given = answer({ request: { ...asked, ...parts }, policies })
  if ('error' in given) throw new Error(given.error.message)
  return given.layers
}

describe('what is no question is told in full:', () => {
  const action = 'what is asked for is one action, as in s3:GetObject'
  const resource = 'a resource is an ARN, arn:PARTITION:SERVICE:REGION:ACCOUNT:NAME, or "*"'
  const account = 'an account is twelve digits, as text'
  const rows: readonly [string, unknown, string, string?][] = [
    ['nothing', undefined, 'a question is an object'],
    ['null', null, 'a question is an object'],
    ['a list', [], 'a question is an object'],
    ['an id that is true', { ...asking({}), id: true }, 'an id is a text or a number', 'id'],
    ['no policies', { request: asked }, 'this is missing', 'policies'],
    ['policies that are a text', { request: asked, policies: 'x' }, 'an object belongs here, not a string', 'policies'],
    ['no request', { policies: {} }, 'this is missing', 'request'],
    ['no action', asking({ action: undefined }), 'this is missing', 'request.action'],
    ['an action without its service', asking({ action: ':Get' }), action, 'request.action'],
    ['an action without its name', asking({ action: 's3:' }), action, 'request.action'],
    ['an action without a colon', asking({ action: 's3' }), action, 'request.action'],
    ['an action of two colons', asking({ action: 's3:Get:Object' }), action, 'request.action'],
    ['a wild action', asking({ action: 's3:Get?bject' }), action, 'request.action'],
    ['an action with a space', asking({ action: 's3:Get Object' }), action, 'request.action'],
    ['an empty resource', asking({ resource: '' }), 'a text belongs here, not an empty text', 'request.resource'],
    ['a resource that is no ARN', asking({ resource: 'bucket' }), resource, 'request.resource'],
    ['a resource of no partition', asking({ resource: 'arn::s3:::b' }), resource, 'request.resource'],
    ['a resource of no service', asking({ resource: 'arn:aws::::b' }), resource, 'request.resource'],
    ['a resource of no name', asking({ resource: 'arn:aws:s3:::' }), resource, 'request.resource'],
    ['an owner of eleven digits', asking({ resourceAccount: '11111111111' }), account, 'request.resourceAccount'],
    ['a context of true', asking({ context: true }), 'an object of condition keys belongs here', 'request.context'],
    [
      'a key that stands twice',
      asking({ context: { a: null, A: 'x' } }),
      'this key stands here twice: keys have no case',
      'request.context["A"]',
    ],
    ['a value of true', asking({ context: { a: true } }), 'a list belongs here, not a boolean', 'request.context["a"]'],
    [
      'a list that holds null',
      asking({ context: { a: ['x', null] } }),
      'a list of texts belongs here, and this holds null',
      'request.context["a"]',
    ],
    [
      'a list that holds a list',
      asking({ unknown: [[]] }),
      'a list of texts belongs here, and this holds a list',
      'request.unknown',
    ],
    ['what nobody knows, as a text', asking({ unknown: 'a' }), 'a list belongs here, not a string', 'request.unknown'],
    [
      'a key that is told and unknown',
      asking({ context: { A: null, b: 'x' }, unknown: ['B'] }),
      'B is in the context, so it is not unknown',
      'request.unknown',
    ],
    [
      'a key that is absent and unknown',
      asking({ context: { a: null }, unknown: ['a'] }),
      'a is in the context, so it is not unknown',
      'request.unknown',
    ],
    [
      'a member that nobody knows',
      asking({ who: 1 }),
      'there is no member "who" here: principal, action, resource, resourceAccount, context, unknown, principalId, roleArn, userArn',
      'request',
    ],
    [
      'a layer that nobody knows',
      under({ scps: [] }),
      'there is no member "scps" here: identity, resource, resourceRule, boundary, session, scp, rcp, vpce',
      'policies',
    ],
    ['a rule', under({ resourceRule: null }), 'one of ordinary, trust and key belongs here', 'policies.resourceRule'],
    [
      'a policy that is a text',
      under({ identity: ['x'] }),
      'an object belongs here, not a string',
      'policies.identity[0]',
    ],
    [
      'a policy of more members',
      under({ identity: [{ document: everything, arn: 'x' }] }),
      'there is no member "arn" here: name, document',
      'policies.identity[0]',
    ],
    [
      'a name that is empty',
      under({ identity: [{ name: '', document: everything }] }),
      'a text belongs here, not an empty text',
      'policies.identity[0].name',
    ],
    ['a document that is missing', under({ rcp: [[], [{}]] }), 'this is missing', 'policies.rcp[1][0].document'],
    [
      'a document of null',
      under({ vpce: [everything, null] }),
      'a policy document is an object, or its text',
      'policies.vpce[1]',
    ],
    [
      'a document that cannot be written',
      under({ resource: { toJSON: () => undefined } }),
      'this object cannot be written as JSON',
      'policies.resource',
    ],
    [
      'a document that is no JSON',
      under({ session: ['{'] }),
      'session policy 1 is no policy: a key in quotes belongs here (line 1, column 2)',
      'policies.session[0]',
    ],
    [
      'a document that is no policy',
      under({ scp: [[{ document: '{\n  "Statement": [7]}' }]] }),
      'level 0 scp policy 1 is no policy: a statement is a JSON object (line 2, column 17)',
      'policies.scp[0][0].document',
    ],
    [
      'a statement that makes no sense',
      under({ boundary: [everything, { Statement: { Effect: 'allow', Action: 'a:b' } }] }),
      'boundary policy 2 is no policy: Effect is Allow or Deny (line 1, column 14)',
      'policies.boundary[1]',
    ],
    [
      'a trust policy that is none',
      under({ resource: '[]', resourceRule: 'trust' }),
      'trust policy is no policy: a policy is a JSON object (line 1, column 1)',
      'policies.resource',
    ],
    [
      'a resource’s policy that is none',
      under({ resource: '[]' }),
      'resource policy is no policy: a policy is a JSON object (line 1, column 1)',
      'policies.resource',
    ],
  ]
  for (const [name, question, message, at] of rows) {
    test(name, () => expect(answer(question)).toEqual({ id: undefined, error: { message, at } }))
  }
  test('under its id, where it has one', () => {
    expect(answer({ id: 'q', request: asked })).toEqual({
      id: 'q',
      error: { message: 'this is missing', at: 'policies' },
    })
    expect(answer({ id: {}, request: asked }).id).toBeUndefined()
    expect(answer(Object.create({ id: 'inherited' })).id).toBeUndefined()
  })
})

describe('policies are called', () => {
  const call = (policies: object, parts: object = {}) =>
    layersOf(policies, parts).map(({ kind, level, account, statements }) => [
      kind,
      level,
      account,
      ...statements.map(({ policy }) => `${policy.type} ${policy.name}`),
    ])
  test('by their names, or by their places', () => {
    expect(
      call({
        identity: [{ name: 'own', document: everything }, { document: everything }],
        boundary: [everything],
        session: [everything, everything],
        vpce: [everything],
        scp: [[{ document: everything }], [{ name: 'guard', document: everything }, { document: everything }]],
        rcp: [[{ document: everything }]],
        resource: open,
      }),
    ).toEqual([
      ['rcp', 0, home, 'rcp level 0 rcp policy 1'],
      ['scp', 0, home, 'scp level 0 scp policy 1'],
      ['scp', 1, home, 'scp guard', 'scp level 1 scp policy 2'],
      ['endpoint', undefined, home, 'endpoint endpoint policy 1'],
      ['resource', undefined, home, 'resource resource policy'],
      ['identity', undefined, home, 'inline own', 'inline inline policy 2'],
      ['boundary', undefined, home, 'boundary boundary policy 1'],
      ['session', undefined, home, 'session session policy 1', 'session session policy 2'],
    ])
  })
  test('by the rule that they follow', () => {
    expect(call({ resource: open, resourceRule: 'trust' })[0]).toEqual([
      'resource',
      undefined,
      home,
      'trust trust policy',
    ])
    expect(call({ resource: open, resourceRule: 'key' })[0]).toEqual([
      'resource',
      undefined,
      home,
      'resource key policy',
    ])
    expect(call({ resource: open, resourceRule: 'ordinary' })[0]?.[3]).toBe('resource resource policy')
  })
  test('and are the owner’s where they stand over the resource', () => {
    const policies = { rcp: [[{ document: everything }]], resource: open, scp: [[{ document: everything }]] }
    expect(call(policies, { resourceAccount: away }).map(([kind, , account]) => [kind, account])).toEqual([
      ['rcp', away],
      ['scp', home],
      ['resource', away],
      ['identity', home],
    ])
  })
  test('and are nobody’s where there is no account', () => {
    const nobody = { principal: 'anonymous' }
    expect(
      call({ rcp: [[{ document: everything }]], resource: open }, nobody).map(([kind, , account]) => [kind, account]),
    ).toEqual([
      ['rcp', ''],
      ['resource', ''],
      ['identity', ''],
    ])
  })
})

describe('a request is read', () => {
  test('with the account that its resource names, or that is told', () => {
    const owner = (parts: object) => requestIn({ ...asked, ...parts }).resourceAccount
    expect(owner({})).toBeUndefined()
    expect(owner({ resource: '*' })).toBeUndefined()
    expect(owner({ resource: `arn:aws:sqs:r:${away}:q` })).toBe(away)
    expect(owner({ resource: 'arn:aws:iam::aws:policy/X' })).toBeUndefined()
    expect(owner({ resource: `arn:aws:sqs:r:${away}:q`, resourceAccount: home })).toBe(home)
    expect(owner({ resource: '*', resourceAccount: away })).toBe(away)
  })
  test('with the keys that are told before those that follow', () => {
    const { lookup } = requestIn({
      ...asked,
      context: { 'AWS:UserName': ['bob'], 'aws:PrincipalArn': null, K: 'v', many: ['a', 'b'], none: [] },
      unknown: ['Later'],
    })
    expect(lookup('aws:username')).toEqual(['bob'])
    expect(lookup('aws:principalarn')).toBeNull()
    expect(lookup('k')).toEqual(['v'])
    expect(lookup('many')).toEqual(['a', 'b'])
    expect(lookup('none')).toEqual([])
    expect(lookup('later')).toBeUndefined()
    expect(lookup('aws:principaltype')).toEqual(['User'])
    expect(lookup('aws:sourceip')).toBeNull()
  })
})

describe('AWS’s sentence', () => {
  const message = (parts: object, policies: object) => {
    const given = answer({ request: { ...asked, ...parts }, policies })
    if ('error' in given) throw new Error(given.error.message)
    return given.message
  }
  const start = `User: ${user} is not authorized to perform: `
  const role = `arn:aws:iam::${home}:role/r`
  const own = { identity: [{ document: denied }] }
  test('is none where nothing is refused', () => expect(message({}, { identity: [{ document: everything }] })).toBe(''))
  test('ends with the reason', () =>
    expect(message({}, own)).toBe(
      `${start}s3:GetObject on resource: arn:aws:s3:::bucket/key with an explicit deny in an identity-based policy`,
    ))
  test('tells of a role’s own account what its own side refuses', () =>
    expect(
      message({ action: 'sts:AssumeRole', resource: role }, { ...own, resource: open, resourceRule: 'trust' }),
    ).toBe(`${start}sts:AssumeRole on resource: ${role} with an explicit deny in an identity-based policy`))
})

describe('a document is compiled', () => {
  test('once, for as long as it is in use', () => {
    const text = JSON.stringify({ ...everything, Id: 'kept' })
    const first = compiledText(text)
    expect(compiledText(text)).toBe(first)
    for (let at = 0; at < 1_000; at++) compiledText(JSON.stringify({ ...everything, Id: `other ${at}` }))
    expect(compiledText(text)).toBe(first)
    for (let at = 0; at < 3_000; at++) compiledText(JSON.stringify({ ...everything, Id: `more ${at}` }))
    const again = compiledText(text)
    expect(again).not.toBe(first)
    expect(again).toEqual(first)
  })
  test('and not kept where it is longer than a million characters', () => {
    const text = `${JSON.stringify(everything)}${' '.repeat(1_000_000)}`
    expect(compiledText(text)).not.toBe(compiledText(text))
  })
  test('and forgotten after two times a million characters of others', () => {
    const sized = (name: string, characters: number) => {
      const text = JSON.stringify({ ...everything, Id: name })
      return text + ' '.repeat(characters - text.length)
    }
    const [a, b, c] = [sized('a', 600_000), sized('b', 600_000), sized('c', 600_000)]
    const [first, second] = [compiledText(a), compiledText(b)]
    expect(compiledText(a)).toBe(first)
    expect(compiledText(b)).toBe(second)
    compiledText(c)
    expect(compiledText(a)).not.toBe(first)
    const whole = sized('whole', 1_000_000)
    expect(compiledText(whole)).toBe(compiledText(whole))
  })
  test('by nobody, where nobody keeps it', () => {
    const text = JSON.stringify(everything)
    expect(compileWhole(text)).not.toBe(compileWhole(text))
  })
})

test('a decision that is open says what it hangs on, and gives no sentence', () => {
  const hanging = {
    Statement: { Sid: 'S', Effect: 'Allow', Action: '*', Resource: '*', Condition: { Bool: { 'aws:A': 'true' } } },
  }
  const given = answer({
    id: 0,
    request: { ...asked, unknown: ['aws:a'] },
    policies: { identity: [{ name: 'p', document: hanging }] },
  }) as Decided
  expect(given).toMatchObject({ id: 0, effect: 'unknown', because: 'unknown', message: '' })
  expect(given.pending).toEqual([
    {
      layer: 'identity',
      policy: 'p',
      effect: 'Allow',
      sid: 'S',
      index: 0,
      operator: 'Bool',
      key: 'aws:A',
      untold: ['aws:A'],
    },
  ])
})
