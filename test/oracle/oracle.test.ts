// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of policies.
import { describe, expect, test } from 'vitest'
import { questionOf } from './generate.ts'
import { keys } from './keys.ts'
import { decide } from './oracle.ts'
import type { Conditions, Document, Policies, Question, Request, Scalar, Statement } from './question.ts'
import { readings } from './readings.ts'
import { shrink } from './shrink.ts'

const account = '111111111111'
const user = `arn:aws:iam::${account}:user/dev/Bob`
const root = `arn:aws:iam::${account}:root`
const role = `arn:aws:iam::${account}:role/team/Ops`
const session = `arn:aws:sts::${account}:assumed-role/Ops/Ann`
const federated = `arn:aws:sts::${account}:federated-user/Fay`
const stranger = 'arn:aws:iam::222222222222:user/Eve'
const object = 'arn:aws:s3:::box/home/Bob/x'

const document = (...Statement: Statement[]): Document => ({ Version: '2012-10-17', Statement })
const named = (...statements: Statement[]) => [{ name: 'p', document: document(...statements) }]
const allow: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }
const deny: Statement = { ...allow, Effect: 'Deny' }
const to = (Principal: Statement['Principal'] & {}, more: Partial<Statement> = {}): Document =>
  document({ ...allow, Principal, ...more })
const nothing = document({ ...allow, Action: 'none:None' })

const ask = (policies: Partial<Policies>, request: Partial<Request> = {}): string => {
  const question: Question = {
    id: 'q',
    request: {
      principal: user,
      action: 's3:GetObject',
      resource: object,
      resourceAccount: account,
      context: {},
      ...request,
    },
    policies: { identity: [], ...policies },
  }
  const { effect, because } = decide(question)
  return effect === 'deny' ? because : effect
}

describe('a condition', () => {
  /** Whether a statement with this condition applies: with a single value, several, none, or one that nobody knows. */
  const holds = (operator: string, wanted: Scalar | Scalar[], value: string | string[] | null | undefined): string => {
    const Condition: Conditions = { [operator]: { 'x:Key': wanted } }
    const known = value === undefined ? { unknown: ['X:key'] } : { context: { 'X:KEY': value } }
    return ask({ identity: named({ ...allow, Condition }) }, known)
      .replace('implicit-deny', 'no')
      .replace('allow', 'yes')
  }

  test.each<[string, Scalar | Scalar[], string | string[] | null, 'yes' | 'no']>([
    ['StringEquals', 'a', 'a', 'yes'],
    ['StringEquals', 'a', 'A', 'no'],
    ['StringEquals', 'a*', 'ab', 'no'],
    ['StringEquals', ['b', 'a'], 'a', 'yes'],
    ['StringEquals', [], 'a', 'no'],
    ['StringEquals', 7, '7', 'yes'],
    ['StringEquals', true, 'true', 'yes'],
    ['StringNotEquals', 'a', 'A', 'yes'],
    ['StringNotEquals', ['a', 'b'], 'a', 'no'],
    ['StringNotEquals', ['a', 'b'], 'c', 'yes'],
    ['StringEqualsIgnoreCase', 'RED', 'red', 'yes'],
    ['StringEqualsIgnoreCase', 'R*', 'red', 'no'],
    ['StringNotEqualsIgnoreCase', 'RED', 'red', 'no'],
    ['StringLike', 'r?d*', 'redder', 'yes'],
    ['StringLike', 'R*', 'red', 'no'],
    ['StringLike', 're?', 're', 'no'],
    ['StringNotLike', ['x*', 'r*'], 'red', 'no'],
    ['NumericEquals', '7', '7.0', 'yes'],
    ['NumericNotEquals', 7, '8', 'yes'],
    ['NumericLessThan', '10', '9', 'yes'],
    ['NumericLessThan', '10', '10', 'no'],
    ['NumericLessThanEquals', '10', '10', 'yes'],
    ['NumericGreaterThan', '-1', '0.5', 'yes'],
    ['NumericGreaterThanEquals', '9007199254740993', '9007199254740992', 'no'],
    ['NumericLessThan', '10', 'many', 'no'],
    ['DateEquals', '2026-03-04T05:06:07Z', '1772600767', 'yes'],
    ['DateEquals', 1772600767, '2026-03-04T07:06:07+02:00', 'yes'],
    ['DateNotEquals', '2026-03-04', '2026-03-04T00:00:00Z', 'no'],
    ['DateLessThan', '2026-03-04T05:06:08Z', '2026-03-04T05:06:07.9Z', 'yes'],
    ['DateLessThanEquals', '2026-03', '2026-03-01T00:00:00', 'yes'],
    ['DateGreaterThan', '2026-03-04T05:06:07Z', '1772600768', 'yes'],
    ['DateGreaterThanEquals', '2026-03-04T05:06:07Z', 'soon', 'no'],
    ['DateGreaterThan', '2026-03-04', '9223372036854775808', 'no'],
    ['Bool', true, 'TRUE', 'yes'],
    ['Bool', 'False', 'true', 'no'],
    ['BinaryEquals', 'cmVk', 'cmVk', 'yes'],
    ['BinaryEquals', 'cmVk', 'red', 'no'],
    ['IpAddress', '10.0.0.0/8', '10.1.2.3', 'yes'],
    ['IpAddress', '10.1.2.3', '10.1.2.4', 'no'],
    ['IpAddress', '0.0.0.0/0', '2001:db8::1', 'no'],
    ['IpAddress', '::/0', '10.1.2.3', 'no'],
    ['IpAddress', '2001:db8::/32', '2001:DB8:0::1', 'yes'],
    ['IpAddress', '::ffff:10.1.2.3/128', '::ffff:a01:203', 'yes'],
    ['NotIpAddress', '10.0.0.0/8', '11.0.0.1', 'yes'],
    ['NotIpAddress', ['11.0.0.0/8', '10.0.0.0/8'], '10.0.0.1', 'no'],
    ['ArnEquals', 'arn:aws:iam::*:role/*', role, 'yes'],
    ['ArnLike', 'arn:aws:x:*:1:a/*', 'arn:aws:x:r:2:b:1:a/c', 'no'],
    ['StringLike', 'arn:aws:x:*:1:a/*', 'arn:aws:x:r:2:b:1:a/c', 'yes'],
    ['ArnLike', 'arn:aws:x:::a*c', 'arn:aws:x:::a:b:c', 'yes'],
    ['ArnNotLike', 'arn:aws:iam::*:role/*', 'no arn', 'yes'],
    ['ArnNotEquals', 'arn:aws:iam::*:role/*', role, 'no'],
    ['Null', 'true', null, 'yes'],
    ['Null', true, 'a', 'no'],
    ['Null', 'False', 'a', 'yes'],
    ['Null', 'false', [], 'no'],
    ['StringEqualsIfExists', 'a', 'b', 'no'],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], 'yes'],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], 'no'],
    ['ForAllValues:StringEquals', 'a', [], 'yes'],
    ['ForAllValues:StringEquals', 'a', [''], 'yes'],
    ['ForAllValues:StringNotLike', 'r*', ['blue', 'green'], 'yes'],
    ['ForAllValues:StringNotLike', 'r*', ['blue', 'red'], 'no'],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'b'], 'yes'],
    ['ForAnyValue:StringEquals', 'a', [], 'no'],
    ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], 'yes'],
    ['ForAnyValue:StringNotEquals', 'a', ['a'], 'no'],
    ['ForAnyValue:StringLikeIfExists', 'a*', ['b'], 'no'],
  ])('%s %j of %j: %s', (operator, wanted, value, expected) => {
    expect(holds(operator, wanted, value)).toBe(expected)
  })

  const positive = [
    'StringEquals',
    'StringLike',
    'NumericEquals',
    'DateLessThan',
    'Bool',
    'IpAddress',
    'ArnLike',
    'BinaryEquals',
  ]
  const negated = [
    'StringNotEquals',
    'StringNotLike',
    'StringNotEqualsIgnoreCase',
    'NumericNotEquals',
    'DateNotEquals',
    'NotIpAddress',
    'ArnNotEquals',
    'ArnNotLike',
  ]
  test.each([...positive.map((name) => [name, 'no']), ...negated.map((name) => [name, 'yes'])])(
    '%s of an absent key: %s; IfExists and ForAllValues hold, ForAnyValue does not',
    (operator, expected) => {
      expect(holds(operator, '1', null)).toBe(expected)
      expect(holds(`${operator}IfExists`, '1', null)).toBe('yes')
      expect(holds(`ForAllValues:${operator}`, '1', null)).toBe('yes')
      expect(holds(`ForAnyValue:${operator}`, '1', null)).toBe('no')
      expect(holds(`ForAnyValue:${operator}IfExists`, '1', null)).toBe('yes')
      expect(holds(operator, '1', undefined)).toBe('unknown')
    },
  )
})

describe('a pattern', () => {
  const covers = (Resource: string, resource: string, request: Partial<Request> = {}, old = false): boolean =>
    ask(
      {
        identity: [
          { name: 'p', document: { ...(old ? {} : { Version: '2012-10-17' }), Statement: { ...allow, Resource } } },
        ],
      },
      { resource, ...request },
    ) === 'allow'
  const tagged = (value: string | string[]) => ({ context: { 'aws:PrincipalTag/team': value } })

  test.each<[string, string, string, boolean, Partial<Request>?]>([
    ['covers what is below', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b/c/d', true],
    ['does not cover the bucket itself', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b', false],
    ['takes ? for one character', 'arn:aws:s3:::b/?', 'arn:aws:s3:::b/cd', false],
    ['minds the case', 'arn:aws:s3:::b/Key', 'arn:aws:s3:::b/key', false],
    ['keeps a * in its part', 'arn:aws:sqs:*:q', 'arn:aws:sqs:eu:1:q', false],
    ['spans colons in the last part', 'arn:aws:sns:::a*c', 'arn:aws:sns:::a:b:c', true],
    ['may be short', 'arn:aws:s3:*', 'arn:aws:s3:::b', true],
    ['of one thing does not cover calls without a thing', 'arn:aws:s3:::b', '*', false],
    ['covers everything as *', '*', '*', true],
    ['knows the user', 'arn:aws:s3:::b/${aws:username}', 'arn:aws:s3:::b/Bob', true],
    ['knows keys in any case', 'arn:aws:s3:::b/${AWS:UserName}', 'arn:aws:s3:::b/Bob', true],
    [
      'without a value covers nothing',
      'arn:aws:s3:::b/${aws:username}*',
      'arn:aws:s3:::b/Ann',
      false,
      { principal: session },
    ],
    ['falls back', "arn:aws:s3:::b/${aws:username, 'all'}", 'arn:aws:s3:::b/all', true, { principal: session }],
    [
      'takes wildcards in values as they are',
      'arn:aws:s3:::b/${aws:PrincipalTag/team}',
      'arn:aws:s3:::b/x',
      false,
      tagged('*'),
    ],
    ['covers a * that a value has', 'arn:aws:s3:::b/${aws:PrincipalTag/team}', 'arn:aws:s3:::b/*', true, tagged('*')],
    [
      'puts a value in place once',
      'arn:aws:s3:::b/${aws:PrincipalTag/team}',
      'arn:aws:s3:::b/Bob',
      false,
      tagged('${aws:username}'),
    ],
    [
      'has no variables for lists',
      'arn:aws:s3:::b/${aws:PrincipalTag/team}',
      'arn:aws:s3:::b/x',
      false,
      tagged(['x', 'y']),
    ],
    ['spells a star', 'arn:aws:s3:::b/${*}', 'arn:aws:s3:::b/x', false],
    ['spells a dollar', 'arn:aws:s3:::b/${$}${?}', 'arn:aws:s3:::b/$?', true],
    ['has no variables before the name', 'arn:aws:s3:${aws:username}::b', 'arn:aws:s3:Bob::b', false],
  ])('%s: %s and %s: %s', (_what, pattern, resource, expected, request) => {
    expect(covers(pattern, resource, request)).toBe(expected)
  })

  test('of 2008 has no variables', () => {
    expect(covers('arn:aws:s3:::b/${aws:username}', 'arn:aws:s3:::b/Bob', {}, true)).toBe(false)
    expect(covers('arn:aws:s3:::b/${aws:username}', 'arn:aws:s3:::b/${aws:username}', {}, true)).toBe(true)
  })

  test.each([
    ['s3:getobject', true],
    ['S3:Get*', true],
    ['s3:Get?bject', true],
    ['*', true],
    ['s3:Get', false],
    ['s3:?', false],
  ])('of actions minds no case: %s: %s', (Action, expected) => {
    expect(ask({ identity: named({ ...allow, Action }) }) === 'allow').toBe(expected)
    expect(ask({ identity: named({ Effect: 'Allow', NotAction: Action, Resource: '*' }) }) === 'allow').toBe(!expected)
  })

  test('without a value in a condition matches nothing, so that a negated test holds', () => {
    const where = (operator: string) => named({ ...allow, Condition: { [operator]: { 'aws:userid': '${no:Key}' } } })
    const request = { principalId: 'AIDAEXAMPLE' }
    expect(ask({ identity: where('StringEquals') }, request)).toBe('implicit-deny')
    expect(ask({ identity: where('StringNotEquals') }, request)).toBe('allow')
  })
})

describe('who asks says', () => {
  test.each<[string, Request['principal'], string, string]>([
    ['root', root, 'aws:PrincipalArn', root],
    ['root', root, 'aws:userid', account],
    ['root', root, 'aws:PrincipalType', 'Account'],
    ['a user', user, 'aws:username', 'Bob'],
    ['a user', user, 'aws:PrincipalArn', user],
    ['a user', user, 'aws:userid', 'ID'],
    ['a session', session, 'aws:PrincipalArn', role],
    ['a session', session, 'aws:userid', 'ID:Ann'],
    ['a session', session, 'aws:PrincipalType', 'AssumedRole'],
    ['a session', session, 'aws:PrincipalIsAWSService', 'false'],
    ['a federated user', federated, 'aws:userid', `${account}:Fay`],
    ['a federated user', federated, 'aws:PrincipalAccount', account],
    ['a service', { service: 'ec2.amazonaws.com' }, 'aws:PrincipalServiceName', 'ec2.amazonaws.com'],
    ['a service', { service: 'ec2.amazonaws.com' }, 'aws:PrincipalIsAWSService', 'true'],
    ['nobody', 'anonymous', 'aws:PrincipalAccount', 'anonymous'],
  ])('of %s (%j): %s is %s', (_who, principal, key, value) => {
    const resource = to('*', { Condition: { StringEquals: { [key]: value } } })
    const extra = { principal, principalId: 'ID', ...(principal === session ? { roleArn: role } : {}) }
    // Root may do all without a policy, so it is the denial below that tells.
    expect(ask({ resource }, extra)).toBe('allow')
    expect(ask({ resource: to('*', { Effect: 'Deny', Condition: { StringEquals: { [key]: value } } }) }, extra)).toBe(
      'explicit-deny',
    )
    expect(ask({ resource }, { ...extra, principal: stranger })).not.toBe('allow')
  })

  test('a session is not the ARN of its session, to aws:PrincipalArn', () => {
    const resource = (arn: string) => to('*', { Condition: { ArnLike: { 'aws:PrincipalArn': arn } } })
    expect(ask({ resource: resource(role) }, { principal: session, roleArn: role })).toBe('allow')
    expect(ask({ resource: resource(session) }, { principal: session, roleArn: role })).toBe('implicit-deny')
  })
})

describe("a resource's policy in the caller's own account", () => {
  const boundary = [nothing]
  const held = [nothing]
  const by = (AWS: string | string[]) => to({ AWS })
  test.each<[string, Partial<Policies>, Request['principal'], string]>([
    ['user by its ARN', { resource: by(user) }, user, 'allow'],
    ['user by its ARN, whatever its boundary', { resource: by(user), boundary }, user, 'allow'],
    ['user by its id', { resource: by('ID'), boundary }, user, 'allow'],
    ['role by its ARN', { resource: by(role) }, session, 'allow'],
    ['role by its ARN, within its boundary', { resource: by(role), boundary }, session, 'implicit-deny'],
    ['role by its ARN, within the session policy', { resource: by(role), session: held }, session, 'implicit-deny'],
    ['role by its id, within its boundary', { resource: by('ID'), boundary }, session, 'implicit-deny'],
    ['session by its ARN, whatever limits it', { resource: by(session), boundary, session: held }, session, 'allow'],
    ['federated user by its ARN', { resource: by(federated) }, federated, 'allow'],
    ['everyone', { resource: to('*'), boundary, session: held }, session, 'allow'],
    ['everyone, as AWS', { resource: by('*'), boundary, session: held }, federated, 'allow'],
    ['account: its own policies count', { resource: by(root) }, user, 'implicit-deny'],
    ['account: its own policies count, by number', { resource: by(account), identity: named(allow) }, user, 'allow'],
    ['account, within the boundary', { resource: by(root), identity: named(allow), boundary }, user, 'implicit-deny'],
    [
      'account, within the session policy',
      { resource: by(root), identity: named(allow), session: held },
      session,
      'implicit-deny',
    ],
    ['root user', { resource: by(root) }, root, 'allow'],
    ['another', { resource: by(stranger) }, user, 'implicit-deny'],
    ['nobody with an account', { resource: by(root) }, 'anonymous', 'implicit-deny'],
    ['anybody', { resource: to('*') }, 'anonymous', 'allow'],
    ['service', { resource: to({ Service: 'ec2.amazonaws.com' }) }, { service: 'ec2.amazonaws.com' }, 'allow'],
    [
      'other service',
      { resource: to({ Service: 'ec2.amazonaws.com' }) },
      { service: 's3.amazonaws.com' },
      'implicit-deny',
    ],
  ])('allows %s', (_what, policies, principal, expected) => {
    expect(ask(policies, { principal, principalId: 'ID', ...(principal === session ? { roleArn: role } : {}) })).toBe(
      expected,
    )
  })

  test('that denies all but some spares only those whose session, role and account it lists', () => {
    const but = (...AWS: string[]): Partial<Policies> => ({
      identity: named(allow),
      resource: document({ ...deny, NotPrincipal: { AWS } }),
    })
    expect(ask(but(user, root))).toBe('allow')
    expect(ask(but(user))).toBe('explicit-deny')
    expect(ask(but(root))).toBe('explicit-deny')
    const extra = { principal: session, roleArn: role }
    expect(ask(but(session, role, root), extra)).toBe('allow')
    expect(ask(but(role, root), extra)).toBe('explicit-deny')
    expect(ask(but(session, root), extra)).toBe('explicit-deny')
  })
})

describe('the layers', () => {
  const full = [{ name: 'full', document: document(allow) }]
  const fullForAll = [{ name: 'full', document: to('*') }]
  const guest = { principal: stranger }
  test.each<[string, Partial<Policies>, Partial<Request>, string]>([
    [
      'a denial in a group beats a bucket policy',
      { identity: named(deny), resource: to({ AWS: user }) },
      {},
      'explicit-deny',
    ],
    ['a denial in a boundary', { identity: named(allow), boundary: [document(deny, allow)] }, {}, 'explicit-deny'],
    ['a boundary grants nothing', { boundary: [document(allow)] }, {}, 'implicit-deny'],
    ['a boundary holds', { identity: named(allow), boundary: [nothing] }, {}, 'implicit-deny'],
    ['a session policy holds', { identity: named(allow), session: [nothing] }, { principal: session }, 'implicit-deny'],
    [
      'session policies add up',
      { identity: named(allow), session: [nothing, document(allow)] },
      { principal: session },
      'allow',
    ],
    [
      'a federated user without a session policy',
      { identity: named(allow) },
      { principal: federated },
      'implicit-deny',
    ],
    [
      'a federated user with one',
      { identity: named(allow), session: [document(allow)] },
      { principal: federated },
      'allow',
    ],
    ['every level of SCPs must allow', { identity: named(allow), scp: [full, [], full] }, {}, 'implicit-deny'],
    ['every level of SCPs allows', { identity: named(allow), scp: [full, full] }, {}, 'allow'],
    ['an SCP denies', { identity: named(allow), scp: [full, [...full, ...named(deny)]] }, {}, 'explicit-deny'],
    ['an SCP holds root', { scp: [[]] }, { principal: root }, 'implicit-deny'],
    ['an SCP does not hold a service', { resource: to('*'), scp: [[]] }, { principal: { service: 'a' } }, 'allow'],
    [
      'an SCP does not hold the role of a service',
      { identity: named(allow), scp: [[]] },
      { principal: session, roleArn: `arn:aws:iam::${account}:role/aws-service-role/x/Ops` },
      'allow',
    ],
    [
      'an RCP denies root',
      { rcp: [[...fullForAll, { name: 'd', document: to('*', { Effect: 'Deny' }) }]] },
      { principal: root },
      'explicit-deny',
    ],
    [
      'an RCP denies nobody',
      { resource: to('*'), rcp: [[...fullForAll, { name: 'd', document: to('*', { Effect: 'Deny' }) }]] },
      { principal: 'anonymous' },
      'explicit-deny',
    ],
    ['an endpoint must allow', { identity: named(allow), vpce: [to({ AWS: stranger })] }, {}, 'implicit-deny'],
    ['root may do all', {}, { principal: root }, 'allow'],
    ['root is denied by a resource', { resource: to('*', { Effect: 'Deny' }) }, { principal: root }, 'explicit-deny'],
    [
      "root mends its bucket's policy",
      { resource: to('*', { Effect: 'Deny' }) },
      { principal: root, action: 's3:PutBucketPolicy' },
      'allow',
    ],
    ['across accounts one side is too little', { identity: named(allow) }, guest, 'implicit-deny'],
    ['across accounts the other side is too little', { resource: to({ AWS: stranger }) }, guest, 'implicit-deny'],
    ['across accounts both', { identity: named(allow), resource: to({ AWS: '222222222222' }) }, guest, 'allow'],
    [
      'across accounts within the boundary',
      { identity: named(allow), resource: to('*'), boundary: [nothing] },
      guest,
      'implicit-deny',
    ],
    ['who am I', { identity: named(deny) }, { action: 'sts:GetCallerIdentity' }, 'allow'],
  ])('%s', (_what, policies, request, expected) => {
    expect(ask(policies, request)).toBe(expected)
  })

  const trust = { resourceRule: 'trust' as const }
  const key = { resourceRule: 'key' as const }
  test.each<[string, Partial<Policies>, Partial<Request>, string]>([
    ['trust in the account needs the own policy', { ...trust, resource: to({ AWS: root }) }, {}, 'implicit-deny'],
    [
      'trust in the account, and the own policy',
      { ...trust, resource: to({ AWS: root }), identity: named(allow) },
      {},
      'allow',
    ],
    ['trust in the user', { ...trust, resource: to({ AWS: user }) }, {}, 'allow'],
    ['trust in everyone', { ...trust, resource: to({ AWS: '*' }) }, {}, 'allow'],
    [
      'trust in everyone, but not in nobody',
      { ...trust, resource: to({ AWS: '*' }) },
      { principal: 'anonymous' },
      'implicit-deny',
    ],
    [
      'no trust, whatever the own policy says',
      { ...trust, identity: named(allow), resource: to({ AWS: stranger }) },
      {},
      'implicit-deny',
    ],
    [
      'trust in a role, within its boundary',
      { ...trust, resource: to({ AWS: role }), boundary: [nothing] },
      { principal: session, roleArn: role },
      'implicit-deny',
    ],
    [
      'trust in a stranger, who needs its own policy',
      { ...trust, resource: to({ AWS: stranger }) },
      guest,
      'implicit-deny',
    ],
    [
      'trust in a provider',
      { ...trust, resource: to({ Federated: 'accounts.google.com' }) },
      { principal: { federated: 'accounts.google.com' } },
      'allow',
    ],
    [
      'a key ignores policies unless it names the account',
      { ...key, identity: named(allow), resource: to({ AWS: role }) },
      {},
      'implicit-deny',
    ],
    ['a key that names the account', { ...key, identity: named(allow), resource: to({ AWS: root }) }, {}, 'allow'],
    [
      'a key that names the account grants nothing by itself',
      { ...key, resource: to({ AWS: root }) },
      {},
      'implicit-deny',
    ],
    ['a key that names the user', { ...key, resource: to({ AWS: user }) }, {}, 'allow'],
    ['a key holds even root', { ...key, resource: to({ AWS: user }) }, { principal: root }, 'implicit-deny'],
  ])('%s', (_what, policies, request, expected) => {
    expect(ask(policies, request)).toBe(expected)
  })

  test.each<[string, string, Partial<Request>, string]>([
    ['Bool', 'false', {}, 'allow'],
    ['BoolIfExists', 'false', {}, 'explicit-deny'],
    ['Bool', 'false', { context: { 'aws:MultiFactorAuthPresent': 'false' } }, 'explicit-deny'],
    ['BoolIfExists', 'false', { unknown: ['aws:MultiFactorAuthPresent'] }, 'unknown'],
  ])('%s aws:MultiFactorAuthPresent %s with %j: %s', (operator, value, request, expected) => {
    const Condition = { [operator]: { 'aws:MultiFactorAuthPresent': value } }
    expect(ask({ identity: named(allow, { ...deny, Condition }) }, request)).toBe(expected)
  })
})

describe('the questions', () => {
  test('are the same for the same seed, and differ for another', () => {
    expect(questionOf(1, 2)).toEqual(questionOf(1, 2))
    expect(questionOf(1, 2)).not.toEqual(questionOf(2, 2))
  })

  test('are answered in every way, often enough', () => {
    const counts = new Map<string, number>()
    for (let number = 0; number < 5000; number++) {
      const { effect, because } = decide(questionOf(1, number))
      counts.set(`${effect}, ${because}`, (counts.get(`${effect}, ${because}`) ?? 0) + 1)
    }
    for (const answer of ['allow, granted', 'deny, explicit-deny', 'deny, implicit-deny'])
      expect(counts.get(answer), answer).toBeGreaterThan(500)
    for (const answer of ['allow, root', 'unknown, unknown']) expect(counts.get(answer), answer).toBeGreaterThan(50)
  })

  test('whose answer is known without some keys have it for whatever these hold', () => {
    let tried = 0
    for (let number = 0; number < 8_000; number++) {
      const question = questionOf(3, number)
      const { unknown, ...known } = question.request
      const { effect } = decide(question)
      if (unknown === undefined || effect === 'unknown') continue
      tried++
      for (const pick of [0, 1, 2, 3]) {
        const context = { ...known.context }
        for (const name of unknown) {
          const key = keys.find((each) => each.name.toLowerCase() === name.toLowerCase())
          context[name] = pick === 3 ? null : (key?.values[(number + pick) % key.values.length] ?? 'x')
        }
        expect(decide({ ...question, request: { ...known, context } }).effect, question.id).toBe(effect)
      }
    }
    expect(tried).toBeGreaterThan(500)
  })

  test('do not change where a reading has nothing to say', () => {
    const question = questionOf(1, 1)
    const silent = {
      ...question,
      policies: { identity: [] },
      request: { ...question.request, principal: user, context: {} },
    }
    for (const { name, read } of readings) expect(read(silent), name).toBe(silent)
  })

  test('are made as small as they can be', () => {
    const allowed = (question: Question) => decide(question).because === 'granted'
    const found = Array.from({ length: 200 }, (_, number) => questionOf(4, number))
      .filter(allowed)
      .slice(0, 20)
    for (const question of found) {
      const small = shrink(question, allowed)
      expect(decide(small).effect).toBe('allow')
      expect(JSON.stringify(small).length).toBeLessThan(700)
    }
  })
})
