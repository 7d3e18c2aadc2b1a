import { describe, expect, test } from 'vitest'
import { type CheckOptions, checkDocument, policySize } from '../../src/policy/check.ts'
import type { PolicyKind } from '../../src/policy/kind.ts'
import { home } from './scene.ts'

/** What is said beside AWS's own words, and which token it points at. */
const syntax = 'Syntax errors in policy.'
const legacy = 'The policy failed legacy parsing'
const orgs = 'The provided policy document does not meet the requirements of the specified policy type.'

const statement = (parts: object, top: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 's3:x', Resource: '*', ...parts },
    ...top,
  })
/** The statement that stands in a text that `statement` made. */
const inner = (text: string): string => JSON.stringify(JSON.parse(text).Statement)
const pointed = (kind: PolicyKind, text: string, options: CheckOptions = {}) => {
  const found = checkDocument(kind, text, options)
  return found && [found.message, found.hint, found.at && text.slice(found.at.start, found.at.end)]
}

describe('of a document that is none it is said what is wrong, and where:', () => {
  const list = statement({}, { Statement: [] })
  const bare = statement({ Effect: undefined })
  const rows: readonly [string, string, string, string][] = [
    ['no object', '[1]', 'a policy is a JSON object', '[1]'],
    ['a version', statement({}, { Version: '2013' }), 'Version is "2012-10-17"', '"2013"'],
    ['a version that is no text', statement({}, { Version: 2012 }), 'Version is "2012-10-17"', '2012'],
    ['a version that is null', statement({}, { Version: null }), 'Version is "2012-10-17"', 'null'],
    ['an Id', statement({}, { Id: 7 }), 'Id is a string', '7'],
    ['no statement', '{"Version":"2012-10-17"}', 'Statement is missing', '{"Version":"2012-10-17"}'],
    ['no statements', list, 'Statement holds nothing', '[]'],
    ['a statement', statement({}, { Statement: ['x'] }), 'a statement is a JSON object', '"x"'],
    [
      'the second statement',
      statement({}, { Statement: [{ Effect: 'Allow', Action: 'a:b', Resource: '*' }, 'x'] }),
      'a statement is a JSON object',
      '"x"',
    ],
    ['an element', statement({ Extra: 1 }), 'there is no element Extra', '"Extra"'],
    ['an element in another case', statement({ SID: 'x' }), 'SID is spelled Sid', '"SID"'],
    ['an element at the top', statement({}, { Extra: 1 }), 'there is no element Extra', '"Extra"'],
    ['both actions', statement({ NotAction: 'b:c' }), 'a statement has Action or NotAction, not both', '"b:c"'],
    ['both resources', statement({ NotResource: '?' }), 'a statement has Resource or NotResource, not both', '"?"'],
    [
      'both principals',
      statement({ Principal: '*', NotPrincipal: { AWS: '1' } }),
      'a statement has Principal or NotPrincipal, not both',
      '{"AWS":"1"}',
    ],
    ['no effect', bare, 'Effect is missing', inner(bare)],
    ['an effect', statement({ Effect: 'Maybe' }), 'Effect is "Allow" or "Deny"', '"Maybe"'],
    ['an effect that is no text', statement({ Effect: true }), 'Effect is "Allow" or "Deny"', 'true'],
    ['an action', statement({ Action: ['a:b', 1] }), 'Action is a string or a list of strings', '1'],
    ['a resource', statement({ Resource: 1 }), 'Resource is a string or a list of strings', '1'],
    [
      'an action to be left out',
      statement({ Action: undefined, NotAction: 1 }),
      'NotAction is a string or a list of strings',
      '1',
    ],
    [
      'a resource to be left out',
      statement({ Resource: undefined, NotResource: 1 }),
      'NotResource is a string or a list of strings',
      '1',
    ],
    ['a Sid', statement({ Sid: 1 }), 'Sid is a string', '1'],
    ['a principal that is a list', statement({ Principal: ['*'] }), 'a principal is "*" or an object', '["*"]'],
    [
      'a principal without its kind',
      statement({ Principal: 'x' }),
      'a principal stands under its kind: { "AWS": "…" }',
      '"x"',
    ],
    [
      'a principal to be left out',
      statement({ NotPrincipal: 'x' }),
      'a principal stands under its kind: { "AWS": "…" }',
      '"x"',
    ],
    ['a kind of principal', statement({ Principal: { AWS: '*', Aws: 'x' } }), 'Aws is spelled AWS', '"Aws"'],
    [
      'a principal that is no text',
      statement({ Principal: { AWS: '*', Service: ['x', 1] } }),
      'Service is a string or a list of strings',
      '1',
    ],
    ['a condition', statement({ Condition: [] }), 'Condition is an object of operators', '[]'],
    ['an operator', statement({ Condition: { Nope: { a: 1 } } }), 'there is no condition operator Nope', '"Nope"'],
    [
      'what stands under an operator',
      statement({ Condition: { Bool: 'x' } }),
      'what stands under Bool is an object of keys',
      '"x"',
    ],
    [
      'a value',
      statement({ Condition: { Bool: { a: 'true', b: ['true', null] } } }),
      'a value of b is text, a number, or true or false',
      'null',
    ],
  ]
  for (const [name, text, hint, at] of rows) {
    test(name, () => expect(pointed('managed', text)).toEqual([syntax, hint, at]))
  }
  test('what is wrong with its JSON', () => {
    expect(pointed('managed', '{"a":1,}')).toEqual([syntax, 'a key in quotes belongs here', '}'])
  })
})

describe('of a document that AWS refuses it is said how to mend it:', () => {
  const noVersion = statement({}, { Version: undefined })
  const versionHint = 'add "Version": "2012-10-17"; without it policy variables are plain text'
  const missing = statement({ Resource: undefined })
  const two = (sid: string) =>
    statement({}, { Statement: [1, 2].map(() => ({ Sid: sid, Effect: 'Allow', Action: 'a:b', Resource: '*' })) })
  const rows: readonly [PolicyKind, string, string, string, string | undefined, string | undefined][] = [
    [
      'managed',
      'no version',
      noVersion,
      'Policy document must be version 2012-10-17 or greater.',
      versionHint,
      undefined,
    ],
    [
      'boundary',
      'an old version',
      statement({}, { Version: '2008-10-17' }),
      'Policy document must be version 2012-10-17 or greater.',
      versionHint,
      '"2008-10-17"',
    ],
    [
      'inline',
      'an effect in another case',
      statement({ Effect: 'ALLOW' }),
      legacy,
      'Effect is "Allow" or "Deny", with its capital',
      '"ALLOW"',
    ],
    [
      'inline',
      'a date',
      statement({ Condition: { DateLessThan: { a: ['2020', 'x'] } } }),
      legacy,
      'this is no date',
      '"x"',
    ],
    [
      'inline',
      'an ARN',
      statement({ Resource: 'arn:aws:s3::x' }),
      legacy,
      'an ARN is arn:partition:service:region:account:resource',
      '"arn:aws:s3::x"',
    ],
    ['inline', 'no resource', missing, 'Policy statement must contain resources.', undefined, inner(missing)],
    ['inline', 'one name twice', two('x'), 'Statement IDs (SID) in a single policy must be unique.', undefined, '"x"'],
    ['scp', 'a flaw that has a hint', statement({ Extra: 1 }), orgs, 'there is no element Extra', '"Extra"'],
    ['scp', 'a flaw that has none', two('x'), orgs, 'Statement IDs (SID) in a single policy must be unique.', '"x"'],
    ['rcp', 'an Allow', statement({ Principal: '*' }), orgs, 'Effect is "Deny"', '"Allow"'],
    [
      'rcp',
      'some principals',
      statement({ Effect: 'Deny', Principal: { AWS: '*' } }),
      orgs,
      'Principal is "*"',
      '{"AWS":"*"}',
    ],
    [
      'rcp',
      'no principal',
      statement({ Effect: 'Deny' }),
      orgs,
      'Principal is "*"',
      inner(statement({ Effect: 'Deny' })),
    ],
    [
      'resource',
      'no principal',
      statement({}),
      'Missing required field Principal',
      'name who is meant: { "AWS": "…" }',
      inner(statement({})),
    ],
    [
      'trust',
      'another action',
      statement({ Resource: undefined, Principal: '*', Action: ['sts:AssumeRole', 's3:x'] }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
      'sts:AssumeRole, sts:AssumeRoleWithSAML, sts:AssumeRoleWithWebIdentity, sts:TagSession, sts:SetSourceIdentity',
      '"s3:x"',
    ],
    [
      'trust',
      'an action of another service by the name of one of STS',
      statement({ Resource: undefined, Principal: '*', Action: 'xxx:AssumeRole' }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
      'sts:AssumeRole, sts:AssumeRoleWithSAML, sts:AssumeRoleWithWebIdentity, sts:TagSession, sts:SetSourceIdentity',
      '"xxx:AssumeRole"',
    ],
  ]
  for (const [kind, name, text, message, hint, at] of rows) {
    test(`${kind}: ${name}`, () => expect(pointed(kind, text)).toEqual([message, hint, at]))
  }
  test('what has no place and no hint says neither', () => {
    expect(Object.keys(checkDocument('managed', noVersion) ?? {})).toEqual(['code', 'message', 'hint'])
    expect(checkDocument('inline', missing)).toEqual({
      code: 'MalformedPolicyDocument',
      message: 'Policy statement must contain resources.',
      at: expect.anything(),
    })
    expect(Object.keys(checkDocument('inline', missing) ?? {})).toEqual(['code', 'message', 'at'])
  })
  test('a resource’s policy may leave someone out', () => {
    expect(pointed('resource', statement({ NotPrincipal: { AWS: home } }))).toBeUndefined()
    expect(pointed('resource', statement({ Principal: { AWS: home } }))).toBeUndefined()
  })
})

describe('a resource of', () => {
  const rows: readonly [string, string, string | undefined][] = [
    ['no partition but a service', 'arn:x:s3', 'Partition "x" is not valid for resource "arn:x:s3:*:*:*".'],
    ['a partition alone', 'arn:x', 'Partition "x" is not valid for resource "arn:x:*:*:*:*".'],
    ['a wild partition', 'arn:*:s3:::b', undefined],
    ['another partition', 'arn:x:s3:r:a:b:c', 'Partition "x" is not valid for resource "arn:x:s3:r:a:b:c".'],
    ['IAM with colons in its name', `arn:aws:iam::${home}:user/a:b`, undefined],
    ['IAM without a name', 'arn:aws:iam:', undefined],
    ['IAM alone', 'arn:aws:iam', undefined],
    [
      'S3 alone in a region',
      'arn:aws:s3:eu-west-1',
      'Resource arn:aws:s3:eu-west-1 can not contain region information.',
    ],
    ['S3 in a region, where S3 has such', `arn:aws:s3:eu-west-1:${home}:accesspoint/a`, undefined],
    ['everything', '*', undefined],
  ]
  for (const [name, resource, message] of rows) {
    test(name, () => expect(checkDocument('inline', statement({ Resource: resource }))?.message).toBe(message))
  }
  const actions: readonly [string, string, string | undefined][] = [
    ['any service is fine', '*:Get', undefined],
    ['no service in front of its colon is none', ':Get', 'Vendor  is not valid'],
    ['a service with a star is none', 's*:Get', 'Vendor s* is not valid'],
  ]
  for (const [name, action, message] of actions) {
    test(`${name}: ${action}`, () =>
      expect(checkDocument('inline', statement({ Action: action }))?.message).toBe(message))
  }
})

describe('a trust policy that names', () => {
  const trust = (Principal: object) => statement({ Resource: undefined, Action: 'sts:AssumeRole', Principal })
  const id = 'AIDAHERE0000000000000'
  const word = 'this is no ARN, account id or unique id'
  const digits = 'an account id has twelve digits'
  const session = 'this names no session'
  const entity = 'this names no user or role'
  const region = 'ARNs of IAM and STS name no region'
  const everything = 'a principal cannot be matched in part; use "*" with a condition on aws:PrincipalArn'
  const group = 'a group cannot be a principal: it has members, but never asks itself'
  const rows: readonly [string, string | undefined][] = [
    [id, undefined],
    [`x${id}`, word],
    [`${id}x`, word],
    ['AIDASHORT', word],
    ['AGPAGROUP000000000000', word],
    ['alice', word],
    ['1234', digits],
    ['x1234', word],
    ['1234x', word],
    ['arn:aws:iam', word],
    [`arn:aws:iam::${home}`, word],
    [`nra:aws:iam::${home}:user/x`, word],
    [`arn:azure:iam::${home}:user/x`, 'the partition is aws'],
    [`arn:xaws:iam::${home}:user/x`, 'the partition is aws'],
    [`arn:aws1:iam::${home}:user/x`, 'the partition is aws'],
    [`arn:aws-us-gov:iam::${home}:user/x`, undefined],
    [`arn:aws:iam:eu-west-1:${home}:user/x`, region],
    ['arn:aws:iam::1234:user/x', digits],
    ['arn:aws:iam:::user/x', digits],
    [`arn:aws:iam::${home}:user/*`, everything],
    [`arn:aws:iam::${home}:user/x?`, everything],
    [`arn:aws:sts::${home}:role/x`, `did you mean arn:aws:iam::${home}:role/x?`],
    [`arn:aws:sts::${home}:user/x`, `did you mean arn:aws:iam::${home}:user/x?`],
    [`arn:aws:sts::${home}:user/x:y`, `did you mean arn:aws:iam::${home}:user/x:y?`],
    [`arn:aws:sts::${home}:assumed-role/R/s`, undefined],
    [`arn:aws:sts::${home}:assumed-role/R`, 'a session is assumed-role/ROLE/SESSION, without the path of the role'],
    [`arn:aws:sts::${home}:assumed-role/R/`, 'a session is assumed-role/ROLE/SESSION, without the path of the role'],
    [`arn:aws:sts::${home}:federated-user/f`, undefined],
    [`arn:aws:sts::${home}:federated-user/f/g`, session],
    [`arn:aws:sts::${home}:federated-user/`, session],
    [`arn:aws:sts::${home}:federated-user`, session],
    [`arn:aws:sts::${home}:other/x`, session],
    [`arn:aws:sts::${home}:other/x/y`, session],
    [`arn:aws:s3::${home}:user/x`, 'principals are of IAM or STS'],
    [`arn:aws:iam::${home}:group/x`, group],
    [`arn:aws:iam::${home}:assumed-role/R/s`, `did you mean arn:aws:sts::${home}:assumed-role/R/s?`],
    [`arn:aws:iam::${home}:user/p/x`, undefined],
    [`arn:aws:iam::${home}:role/p//q/x`, undefined],
    [`arn:aws:iam::${home}:user//x`, entity],
    [`arn:aws:iam::${home}:user/x//`, entity],
    [`arn:aws:iam::${home}:user`, entity],
    [`arn:aws:iam::${home}:role/`, entity],
    [`arn:aws:iam::${home}:policy/x`, entity],
  ]
  for (const [value, hint] of rows) {
    test(`${value}: ${hint ?? 'fine'}`, () => {
      const message = `Invalid principal in policy: "AWS":"${value}"`
      expect(pointed('trust', trust({ AWS: value }))).toEqual(hint && [message, hint, `"${value}"`])
    })
  }

  test('one that there is not', () => {
    const nobody = { principalExists: () => false, serviceExists: () => false }
    const hint = (value: string) => checkDocument('trust', trust({ AWS: value }), nobody)?.hint
    expect(hint(id)).toBe('nobody has this unique id any more')
    expect(hint(`arn:aws:iam::${home}:user/x`)).toBe('there is no such user or role')
    expect(hint(`arn:aws:sts::${home}:assumed-role/R/s`)).toBeUndefined()
    expect(hint('*')).toBeUndefined()
    expect(checkDocument('trust', trust({ Service: 'ec2.amazonaws.com' }), nobody)?.message).toBe(
      'Invalid principal in policy: "SERVICE":"ec2.amazonaws.com"',
    )
  })

  test('a canonical user', () => {
    expect(checkDocument('trust', trust({ CanonicalUser: 'x' }))?.hint).toBe('canonical users are known to S3 only')
  })

  const label = 'a'.repeat(63)
  const longest = `${label}.${label}.${label}.${'a'.repeat(61)}`
  const services: readonly [string, boolean][] = [
    ['ec2.amazonaws.com', true],
    [longest, true],
    [`${longest}a`, false],
    ['ec2', false],
    ['.amazonaws.com', false],
    ['*.amazonaws.com', false],
    ['ec2.amazonaws.com/', false],
    ['ec2.amazonaws.com.', false],
  ]
  for (const [name, fine] of services) {
    test(`${fine ? 'a service' : 'what is no service'}: ${name.slice(0, 40)}`, () =>
      expect(checkDocument('trust', trust({ Service: name })) === undefined).toBe(fine))
  }

  const providers: readonly [string, boolean][] = [
    ['accounts.google.com', true],
    ['host.example/path', true],
    ['host.example/pa th', false],
    ['host.example/*', false],
    ['host/path', false],
    ['host.example.', false],
    ['/host.example', false],
    [`arn:aws:iam::${home}:saml-provider/x`, true],
    [`arn:aws-cn:iam::${home}:oidc-provider/host.example/a:b`, true],
    [`arn:aws:iam::${home}:oidc-provider/`, false],
    [`arn:aws:iam::${home}:oidc-provider/a*`, false],
    [`arn:aws:iam::${home}:oidc-provider/a b`, false],
    [`arn:aws:iam::${home}:oidc-provider/a:b*`, false],
    [`arn:aws:iam::${home}:x-saml-provider/x`, false],
    [`arn:aws:iam::${home}:role/x`, false],
    [`arn:xaws:iam::${home}:saml-provider/x`, false],
    [`arn:aws:sts::${home}:saml-provider/x`, false],
    [`arn:aws:iam:r:${home}:saml-provider/x`, false],
    ['arn:aws:iam::1234:saml-provider/x', false],
    [`nra:aws:iam::${home}:saml-provider/x`, false],
    ['arn:aws:iam', false],
  ]
  for (const [name, fine] of providers) {
    test(`${fine ? 'a provider' : 'what is no provider'}: ${name}`, () =>
      expect(checkDocument('trust', trust({ Federated: name })) === undefined).toBe(fine))
  }
})

test('a size counts what a string holds to its end, also where it has none', () => {
  expect(policySize('"a\\')).toBe(3)
  expect(policySize('"a\\"')).toBe(4)
  expect(policySize('"\\\\" "b"')).toBe(7)
})
