import { describe, expect, test } from 'vitest'
import { type Answer, answerQuestion, type Decided, type Question } from '../../src/policy/question.ts'

const home = '111111111111'
const away = '222222222222'
const user = `arn:aws:iam::${home}:user/dev/alice`
const session = `arn:aws:sts::${home}:assumed-role/worker/job-1`
const role = `arn:aws:iam::${home}:role/team/worker`
const guest = `arn:aws:sts::${home}:federated-user/guest`

type Asked = Question['request']
type Policies = Question['policies']

const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
const allow = (parts: object = {}) => ({ Effect: 'Allow', Action: '*', Resource: '*', ...parts })
const deny = (parts: object = {}) => ({ Effect: 'Deny', Action: '*', Resource: '*', ...parts })
const identity = (...statements: object[]) => [{ name: 'own', document: document(...statements) }]
const everything = document(allow())
const nothing = document(allow({ Action: 'none:None' }))

const request = (parts: Partial<Asked> = {}): Asked => ({
  principal: user,
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::bucket/key',
  ...parts,
})

const answer = (asked: Partial<Asked>, policies: Policies): Answer =>
  answerQuestion({ id: 'q', request: request(asked), policies })
function decided(asked: Partial<Asked>, policies: Policies): Decided {
  const given = answer(asked, policies)
  if ('error' in given) throw new Error(JSON.stringify(given))
  return given
}
const effect = (asked: Partial<Asked>, policies: Policies) => decided(asked, policies).effect

describe('the keys that follow from who asks', () => {
  const rows: readonly [string, Partial<Asked>, Readonly<Record<string, string | null>>][] = [
    [
      'a root user',
      { principal: `arn:aws:iam::${home}:root` },
      {
        'aws:PrincipalArn': `arn:aws:iam::${home}:root`,
        'aws:PrincipalType': 'Account',
        'aws:userid': home,
        'aws:username': null,
      },
    ],
    [
      'a user whose id is known',
      { principal: user, principalId: 'AIDAALICE' },
      {
        'aws:PrincipalArn': user,
        'aws:PrincipalAccount': home,
        'aws:PrincipalType': 'User',
        'aws:username': 'alice',
        'aws:userid': 'AIDAALICE',
        'aws:PrincipalIsAWSService': 'false',
        'aws:CurrentTime': null,
        'aws:MultiFactorAuthPresent': null,
        'aws:ResourceAccount': null,
      },
    ],
    ['a user whose id is not', { principal: user }, { 'aws:userid': null, 'aws:username': 'alice' }],
    [
      'a session of which the role and its id are known',
      { principal: session, principalId: 'AROAWORKER', roleArn: role },
      {
        'aws:PrincipalArn': role,
        'aws:PrincipalType': 'AssumedRole',
        'aws:userid': 'AROAWORKER:job-1',
        'aws:username': null,
      },
    ],
    [
      'a session of which only the ARN is known has a role without a path',
      { principal: session },
      { 'aws:PrincipalArn': `arn:aws:iam::${home}:role/worker`, 'aws:userid': null },
    ],
    [
      'a role itself, as a session that nobody named',
      { principal: role, principalId: 'AROAWORKER' },
      { 'aws:PrincipalArn': role, 'aws:PrincipalType': 'AssumedRole', 'aws:userid': null },
    ],
    [
      'a federated user',
      { principal: guest, userArn: user },
      {
        'aws:PrincipalArn': guest,
        'aws:PrincipalType': 'FederatedUser',
        'aws:userid': `${home}:guest`,
        'aws:username': null,
      },
    ],
    [
      'a service',
      { principal: { service: 'ec2.amazonaws.com' } },
      {
        'aws:PrincipalIsAWSService': 'true',
        'aws:PrincipalServiceName': 'ec2.amazonaws.com',
        'aws:PrincipalServiceNamesList': 'ec2.amazonaws.com',
        'aws:PrincipalArn': null,
        'aws:PrincipalAccount': null,
      },
    ],
    [
      'the anonymous',
      { principal: 'anonymous' },
      {
        'aws:PrincipalType': 'Anonymous',
        'aws:PrincipalAccount': 'anonymous',
        'aws:userid': 'anonymous',
        'aws:PrincipalArn': null,
        'aws:PrincipalIsAWSService': null,
      },
    ],
    [
      'what is listed wins, in any case',
      { principal: user, context: { 'AWS:UserName': 'bob', 'aws:principaltype': null } },
      { 'aws:username': 'bob', 'aws:PrincipalType': null },
    ],
  ]
  for (const [name, asked, keys] of rows) {
    for (const [key, value] of Object.entries(keys)) {
      test(`${name}: ${key} is ${value ?? 'absent'}`, () => {
        const condition = value === null ? { Null: { [key]: 'true' } } : { StringEquals: { [key]: value } }
        const onlyIf = document({ ...allow(), Principal: '*', Condition: condition })
        expect(effect(asked, { resource: onlyIf })).toBe('allow')
      })
    }
  }
})

describe('who is named by the resource, and what then limits the grant', () => {
  const names = (principal: object | string) => document({ ...allow(), Principal: principal })
  const rows: readonly [string, Partial<Asked>, Policies, Decided['effect']][] = [
    ['a user by its ARN, past its boundary', {}, { resource: names({ AWS: user }), boundary: [nothing] }, 'allow'],
    ['the account, which only delegates', {}, { resource: names({ AWS: home }) }, 'deny'],
    [
      'a session by its role, within its session policy',
      { principal: session, roleArn: role },
      { resource: names({ AWS: role }), session: [nothing] },
      'deny',
    ],
    [
      'a session by its role, of which nobody told the path',
      { principal: session },
      { resource: names({ AWS: role }) },
      'deny',
    ],
    [
      'a session by its own ARN, past its session policy',
      { principal: session, roleArn: role },
      { resource: names({ AWS: session }), session: [nothing] },
      'allow',
    ],
    [
      'a role by its unique id',
      { principal: session, principalId: 'AROAWORKER' },
      { resource: names({ AWS: 'AROAWORKER' }) },
      'allow',
    ],
    ['a role that asks itself', { principal: role }, { resource: names({ AWS: role }) }, 'allow'],
    [
      'a role that asks itself is no session by name',
      { principal: role },
      { resource: names({ AWS: session }) },
      'deny',
    ],
    ['a federated user by its own ARN', { principal: guest }, { resource: names({ AWS: guest }) }, 'allow'],
    [
      'a federated user by its user, within the session policies that it was not given',
      { principal: guest, userArn: user },
      { resource: names({ AWS: user }) },
      'deny',
    ],
    [
      'a federated user by its user, with a session policy',
      { principal: guest, userArn: user },
      { resource: names({ AWS: user }), session: [everything] },
      'allow',
    ],
    [
      'a federated user without a session policy, by its user’s own policies',
      { principal: guest },
      { identity: identity(allow()) },
      'deny',
    ],
    [
      'a service',
      { principal: { service: 'ec2.amazonaws.com' } },
      { resource: names({ Service: 'ec2.amazonaws.com' }) },
      'allow',
    ],
    [
      'a web identity by its provider',
      { principal: { federated: 'accounts.google.com' }, resource: role },
      { resource: names({ Federated: 'accounts.google.com' }), resourceRule: 'trust' },
      'allow',
    ],
    ['the anonymous, as everyone', { principal: 'anonymous' }, { resource: names('*') }, 'allow'],
    ['another account’s user, on one side only', { resourceAccount: away }, { resource: names({ AWS: user }) }, 'deny'],
    [
      'another account’s user, on both sides',
      { resourceAccount: away },
      { resource: names({ AWS: user }), identity: identity(allow()) },
      'allow',
    ],
    [
      'the account in the resource’s ARN is the owner',
      { resource: `arn:aws:sqs:eu-west-1:${away}:queue` },
      { identity: identity(allow()) },
      'deny',
    ],
    [
      'nobody, by a trust policy that is not there',
      { resource: role },
      { identity: identity(allow()), resourceRule: 'trust' },
      'deny',
    ],
    [
      'root, by a key that does not name its account',
      { principal: `arn:aws:iam::${home}:root` },
      { resource: names({ AWS: user }), resourceRule: 'key' },
      'deny',
    ],
  ]
  for (const [name, asked, policies, wanted] of rows) {
    test(`${name}: ${wanted}`, () => expect(effect(asked, policies)).toBe(wanted))
  }
})

describe('the ceilings', () => {
  const own = identity(allow())
  const named = (...documents: object[]) => documents.map((each) => ({ name: 'ceiling', document: each }))
  const rows: readonly [string, Policies, Decided['effect']][] = [
    ['of several boundaries each must allow', { boundary: [everything, nothing] }, 'deny'],
    ['and where each allows, it is allowed', { boundary: [everything, everything] }, 'allow'],
    ['no boundary in the list is no boundary', { boundary: [] }, 'allow'],
    ['of several session policies one is enough', { session: [nothing, everything] }, 'allow'],
    ['an empty list of session policies allows nothing', { session: [] }, 'deny'],
    ['every level of the organization must allow', { scp: [named(everything), named(nothing)] }, 'deny'],
    ['within a level one is enough', { scp: [named(nothing, everything), named(everything)] }, 'allow'],
    ['a level without a policy allows nothing', { scp: [named(everything), []] }, 'deny'],
    ['so it is with resource control policies', { rcp: [named(everything), named(nothing)] }, 'deny'],
    ['of several endpoints each must allow', { vpce: [everything, nothing] }, 'deny'],
  ]
  for (const [name, policies, wanted] of rows) {
    test(name, () => expect(effect({}, { identity: own, ...policies })).toBe(wanted))
  }

  test('a service is of no account, so no service control policy limits it', () => {
    const resource = document({ ...allow(), Principal: { Service: 'ec2.amazonaws.com' } })
    const ceilings = { scp: [named(nothing)] }
    expect(effect({ principal: { service: 'ec2.amazonaws.com' } }, { resource, ...ceilings })).toBe('allow')
    expect(effect({}, { identity: own, ...ceilings })).toBe('deny')
  })
})

describe('what is answered', () => {
  const because = (asked: Partial<Asked>, policies: Policies) => {
    const { because, blocking, message } = decided(asked, policies)
    return { because, blocking, message }
  }
  const noAllow = (kind: string) =>
    `User: ${user} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::bucket/key because no ${kind} allows the s3:GetObject action`

  test('a grant, in no words', () => {
    expect(because({}, { identity: identity(allow()) })).toEqual({
      because: 'granted',
      blocking: undefined,
      message: '',
    })
  })
  test('the root of an account is granted for what it is', () => {
    expect(because({ principal: `arn:aws:iam::${home}:root` }, {}).because).toBe('root')
  })
  test('what is missing, as AWS says it', () => {
    expect(because({}, {})).toEqual({
      because: 'implicit-deny',
      blocking: 'identity',
      message: noAllow('identity-based policy'),
    })
    expect(because({}, { identity: identity(allow()), boundary: [nothing] })).toEqual({
      because: 'implicit-deny',
      blocking: 'boundary',
      message: noAllow('permissions boundary'),
    })
  })
  test('an explicit deny, as AWS says it', () => {
    expect(because({}, { identity: identity(allow(), deny()) })).toEqual({
      because: 'explicit-deny',
      blocking: 'identity',
      message: `User: ${user} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::bucket/key with an explicit deny in an identity-based policy`,
    })
  })
  test('of a trust policy and of another account’s role, no reason', () => {
    const asked = { action: 'sts:AssumeRole', resource: role }
    const text = `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${role}`
    const trust = { ...document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: away } }) }
    expect(because(asked, { resource: trust, resourceRule: 'trust' }).message).toBe(text)
    const foreign = { ...asked, resourceAccount: away }
    expect(because(foreign, { resource: trust, resourceRule: 'trust' }).message).toBe(text)
  })
  test('who brings a foreign token is not named', () => {
    const asked = {
      principal: { federated: 'accounts.google.com' },
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: role,
    }
    expect(because(asked, { resourceRule: 'trust' }).message).toBe(
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    )
  })
  test('a decision that hangs on an unknown key names the clause', () => {
    const secure = allow({ Sid: 'Secure', Condition: { Bool: { 'aws:SecureTransport': 'true' } } })
    const given = decided({ unknown: ['AWS:SecureTransport'] }, { identity: identity(secure) })
    expect(given).toMatchObject({ effect: 'unknown', because: 'unknown', message: '' })
    expect(given.pending).toEqual([
      {
        layer: 'identity',
        policy: 'own',
        effect: 'Allow',
        sid: 'Secure',
        index: 0,
        operator: 'Bool',
        key: 'aws:SecureTransport',
        untold: ['aws:SecureTransport'],
      },
    ])
  })
  test('a key that follows may be declared unknown', () => {
    const mine = identity(allow({ Condition: { StringEquals: { 'aws:username': 'alice' } } }))
    expect(effect({ unknown: ['aws:username'] }, { identity: mine })).toBe('unknown')
  })
  test('a document as text points at its lines', () => {
    const text = `{\n  "Statement": [\n    ${JSON.stringify(allow())}\n  ]\n}`
    const { layers } = decided({}, { identity: [{ name: 'written', document: text }] })
    expect(layers[0]?.statements[0]).toMatchObject({ policy: { name: 'written' }, line: 3, column: 5 })
  })
  test('the id comes back, and no id is no id', () => {
    const plain: Question = { request: request(), policies: {} }
    expect(answerQuestion({ ...plain, id: 7 }).id).toBe(7)
    expect('id' in JSON.parse(JSON.stringify(answerQuestion(plain)))).toBe(false)
  })
})

describe('what is no question is told what is wrong with it', () => {
  const asking = (parts: object) => ({ request: { ...request(), ...parts }, policies: {} })
  const under = (policies: object) => ({ request: request(), policies })
  const rows: readonly [string, unknown, string | undefined, RegExp][] = [
    ['no object', 7, undefined, /is an object/],
    ['a list', [], undefined, /is an object/],
    ['an id of a wrong type', { ...asking({}), id: {} }, 'id', /a text or a number/],
    ['no request', { policies: {} }, 'request', /missing/],
    ['no policies', { request: request() }, 'policies', /missing/],
    ['no principal', { request: { action: 'a:b', resource: '*' }, policies: {} }, 'request.principal', /missing/],
    ['a principal that is no ARN', asking({ principal: 'alice' }), 'request.principal', /assumed-role/],
    ['a principal of another kind', asking({ principal: `arn:aws:iam::${home}:group/g` }), 'request.principal', /user/],
    ['a principal without a name', asking({ principal: `arn:aws:iam::${home}:user/` }), 'request.principal', /user/],
    ['a wild principal', asking({ principal: `arn:aws:iam::${home}:user/*` }), 'request.principal', /user/],
    ['a short account', asking({ principal: 'arn:aws:iam::1:root' }), 'request.principal', /account/],
    [
      'a session without a name',
      asking({ principal: `arn:aws:sts::${home}:assumed-role/r` }),
      'request.principal',
      /SESSION/,
    ],
    [
      'a principal of two kinds',
      asking({ principal: { service: 'a.b', federated: 'c' } }),
      'request.principal',
      /service/,
    ],
    [
      'a service without a domain',
      asking({ principal: { service: 'ec2' } }),
      'request.principal.service',
      /ec2\.amazonaws/,
    ],
    [
      'a provider that is none',
      asking({ principal: { federated: 'arn:aws:iam::1:x' } }),
      'request.principal.federated',
      /provider/,
    ],
    ['an id of another kind', asking({ principalId: 'AROAX' }), 'request.principalId', /AIDA/],
    [
      'an id of nobody',
      asking({ principal: 'anonymous', principalId: 'AIDAX' }),
      'request.principalId',
      /users and roles/,
    ],
    ['a role behind a user', asking({ roleArn: role }), 'request.roleArn', /session/],
    [
      'another role behind a session',
      asking({ principal: session, roleArn: `${role}2` }),
      'request.roleArn',
      /PATH\/worker/,
    ],
    [
      'a role of another account',
      asking({ principal: session, roleArn: role.replace(home, away) }),
      'request.roleArn',
      /PATH/,
    ],
    ['a user behind a session', asking({ principal: session, userArn: user }), 'request.userArn', /federated/],
    ['no action', asking({ action: 's3' }), 'request.action', /one action/],
    ['a wild action', asking({ action: 's3:*' }), 'request.action', /one action/],
    ['a resource that is no ARN', asking({ resource: 'bucket' }), 'request.resource', /ARN/],
    ['an account as a number', asking({ resourceAccount: 111111111111 }), 'request.resourceAccount', /not a number/],
    ['an account that is none', asking({ resourceAccount: '1' }), 'request.resourceAccount', /twelve digits/],
    ['a context that is a list', asking({ context: [] }), 'request.context', /object/],
    ['a value that is a number', asking({ context: { k: 1 } }), 'request.context["k"]', /list/],
    ['a list that holds a number', asking({ context: { k: ['1', 1] } }), 'request.context["k"]', /list of texts/],
    ['a key twice', asking({ context: { k: 'a', K: 'b' } }), 'request.context["K"]', /twice/],
    ['a key that is told and unknown', asking({ context: { k: 'a' }, unknown: ['K'] }), 'request.unknown', /context/],
    ['a member that nobody knows', asking({ principle: user }), 'request', /"principle"/],
    ['a member that every object has', asking(JSON.parse('{"__proto__":1}')), 'request', /__proto__/],
    ['a policy that nobody knows', under({ boundaries: [] }), 'policies', /"boundaries"/],
    ['a rule that is none', under({ resourceRule: 'bucket' }), 'policies.resourceRule', /ordinary/],
    ['policies that are no list', under({ identity: {} }), 'policies.identity', /list/],
    ['a policy without a document', under({ identity: [{ name: 'p' }] }), 'policies.identity[0].document', /missing/],
    ['a document that is a list', under({ boundary: [[]] }), 'policies.boundary[0]', /document/],
    ['a text that is no JSON', under({ session: ['{'] }), 'policies.session[0]', /line 1, column 2/],
    ['an effect that is none', under({ resource: document({ Effect: 'Forbid' }) }), 'policies.resource', /Effect/],
    [
      'an operator that is none',
      under({ identity: identity(deny({ Condition: { StringIs: { a: 'b' } } })) }),
      'policies.identity[0].document',
      /StringIs/,
    ],
    ['a level that is no list', under({ scp: [{}] }), 'policies.scp[0]', /list/],
  ]
  for (const [name, question, at, message] of rows) {
    test(name, () => {
      // Whoever has read this from a file has not checked its type either.
      const { error } = answerQuestion(question as Question) as Extract<Answer, { error: object }>
      expect(error.at).toBe(at)
      expect(error.message).toMatch(message)
    })
  }

  test('an object that is more than JSON is no document', () => {
    const circle: { Statement?: unknown } = {}
    circle.Statement = circle
    for (const odd of [circle, { toJSON: () => undefined }]) {
      expect(answer({}, { resource: odd })).toMatchObject({ error: { at: 'policies.resource' } })
    }
  })
})
