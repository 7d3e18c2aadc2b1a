// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this.
import { describe, expect, test } from 'vitest'
import { managedPolicies } from '../../src/model/managed.ts'
import { checkDocument, policySize } from '../../src/policy/check.ts'
import type { PolicyKind } from '../../src/policy/kind.ts'

const syntax = 'Syntax errors in policy.'
const version = 'Policy document must be version 2012-10-17 or greater.'
const legacy = 'The policy failed legacy parsing'
const sids = 'Statement IDs (SID) in a single policy must be unique.'
const sidLetters =
  'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*'
const noActions = 'Policy statement must contain actions.'
const noResources = 'Policy statement must contain resources.'
const prefaced = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'
const oneColon = 'Actions/Condition can contain only one colon.'
const vendor = 'Resource vendor must be fully qualified and cannot contain regexes.'
const iamPath =
  'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.'

/** A managed policy of one statement; `undefined` takes an element away. */
const one = (parts: object, top: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::b', ...parts },
    ...top,
  })
const date = (value: unknown) => one({ Condition: { DateGreaterThan: { a: value } } })

const managed: readonly [string, string, string | undefined][] = [
  // Syntax.
  ['no JSON', 'This is not JSON', syntax],
  ['a list', '[]', syntax],
  ['an element that there is not', one({}, { Extra: 1 }), syntax],
  ['a statement element that there is not', one({ Extra: 1 }), syntax],
  ['an element in the wrong case', one({ effect: 'Allow' }), syntax],
  ['an element named __proto__', '{"Version":"2012-10-17","__proto__":{},"Statement":[]}', syntax],
  ['an element that stands twice', '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}', syntax],
  ['a version that never was', one({}, { Version: '2013-10-17' }), syntax],
  ['a version that is a number', one({}, { Version: 2012 }), syntax],
  ['an Id that is a list', one({}, { Id: ['x'] }), syntax],
  ['an Id that is an object', one({}, { Id: {} }), syntax],
  ['no statement', '{"Version":"2012-10-17"}', syntax],
  ['an empty list of statements', one({}, { Statement: [] }), syntax],
  ['a statement that is a string', one({}, { Statement: ['x'] }), syntax],
  ['no effect', one({ Effect: undefined }), syntax],
  ['an effect that is neither', one({ Effect: 'Maybe' }), syntax],
  ['an effect that is a list', one({ Effect: ['Allow'] }), syntax],
  ['an action that is an object', one({ Action: {} }), syntax],
  ['an action that is a list in a list', one({ Action: [[]] }), syntax],
  ['a resource that is an object', one({ Resource: { a: 'b' } }), syntax],
  ['a resource among which is an object', one({ Resource: ['oops', {}] }), syntax],
  ['both Action and NotAction', one({ NotAction: 's3:x' }), syntax],
  ['both Action and NotAction, one of them empty', one({ NotAction: 's3:x', Action: [] }), syntax],
  ['both Resource and NotResource, one of them empty', one({ NotResource: [] }), syntax],
  ['a condition that is a list', one({ Condition: [] }), syntax],
  ['a condition that is a string', one({ Condition: 'a' }), syntax],
  ['an operator that holds a string', one({ Condition: { a: 'b' } }), syntax],
  ['an operator that holds a list', one({ Condition: { DateGreaterThan: [] } }), syntax],
  ['an operator that there is not', one({ Condition: { x: { a: '1' } } }), syntax],
  ['an operator in the wrong case', one({ Condition: { stringEquals: { a: '1' } } }), syntax],
  ['an operator with two colons', one({ Condition: { 'ForAnyValue::StringEqualsIfExists': { a: 'x' } } }), syntax],
  ['NullIfExists', one({ Condition: { NullIfExists: { a: 'true' } } }), syntax],
  ['a condition value that is an object', date({}), syntax],
  ['a condition value that is null', one({ Condition: { StringEquals: { a: null } } }), syntax],
  ['a Sid that is an object', one({ Sid: {} }), syntax],
  ['a Sid that is a list', one({ Sid: [] }), syntax],
  ['a principal that is a number', one({ Principal: 1 }), syntax],
  // Version.
  ['no version', one({}, { Version: undefined }), version],
  ['the old version', one({}, { Version: '2008-10-17' }), version],
  [
    'no version, and a Sid twice',
    one(
      {},
      {
        Version: undefined,
        Statement: [
          { Sid: 's', Effect: 'Allow' },
          { Sid: 's', Effect: 'Allow' },
        ],
      },
    ),
    version,
  ],
  ['no version, and an effect in the wrong case', one({ Effect: 'denY' }, { Version: undefined }), version],
  ['no version, and both actions', one({ NotAction: 'a:b' }, { Version: undefined }), syntax],
  // Legacy parsing.
  ['denY', one({ Effect: 'denY' }), legacy],
  ['allow, and no action', one({ Effect: 'allow', Action: undefined }), legacy],
  [
    'aLLow, and a Sid twice',
    one(
      {},
      {
        Statement: [
          { Sid: 's', Effect: 'aLLow', Action: 'a:b', Resource: '*' },
          { Sid: 's', Effect: 'Allow' },
        ],
      },
    ),
    legacy,
  ],
  ['a date that is none', date('sdfdsf'), legacy],
  ['a date that is none, and no action', one({ Action: undefined, Condition: { DateLessThan: { a: 'x' } } }), legacy],
  [
    'a date that is none, and a partition that is none',
    one({ Resource: 'arn:error:s3:::b', Condition: { DateLessThan: { a: 'x' } } }),
    legacy,
  ],
  ['month thirteen', date('234-13'), legacy],
  ['a moment after the last second', date('9223372036854775808'), legacy],
  ['a zone of one digit', date('2016-12-13t2:00:00.593194+1'), legacy],
  ['ten digits of a second', date('2016-12-13t2:00:00.1999999999+10:59'), legacy],
  ['one date among good ones', date(['2016-12-13', 'x']), legacy],
  ['a date under IfExists', one({ Condition: { DateLessThanIfExists: { a: 'x' } } }), legacy],
  ['legacy-resource: two colons in five segments', one({ Resource: 'arn:aws:s3::example' }), legacy],
  [
    'legacy-resource: two colons where no partition is',
    one({ Resource: 'aws:s3:::example' }),
    'Partition "s3" is not valid for resource "arn:s3:::example:*".',
  ],
  [
    'legacy-resource: two partitions that there are not, one of them before two colons',
    one({ Resource: ['arn:error:s3:::b', 'arn:error:s3::b'] }),
    'Partition "error" is not valid for resource "arn:error:s3:::b".',
  ],
  ['two colons in five segments of NotResource', one({ Resource: undefined, NotResource: 'arn:aws:s3::b' }), legacy],
  ['no service', one({ Resource: 'arn:aws::::b' }), legacy],
  ['no service in four segments', one({ Resource: 'arn:aws::fdsasf' }), legacy],
  // Sids, actions, resources.
  ['a Sid with a dash', one({ Sid: 'autogenerated-id' }), sidLetters],
  ['a Sid with a space', one({ Sid: 'Allow it', Action: undefined }), sidLetters],
  ['a Sid of letters and digits', one({ Sid: '1AllowIt2' }), undefined],
  [
    'a Sid with a dash, twice',
    one({}, { Statement: [1, 2].map(() => ({ Sid: 'a-b', Effect: 'Allow', Action: 'a:b', Resource: '*' })) }),
    sidLetters,
  ],
  [
    'a Sid twice',
    one(
      {},
      {
        Statement: [
          { Sid: 's', Effect: 'Allow', Action: 'a:b', Resource: '*' },
          { Sid: 's', Effect: 'Allow' },
        ],
      },
    ),
    sids,
  ],
  ['no action', one({ Action: undefined }), noActions],
  ['an empty list of actions', one({ Action: [] }), noActions],
  ['neither action nor resource', one({ Action: undefined, Resource: undefined }), noActions],
  [
    'no action in one of two',
    one({}, { Statement: [{ Effect: 'Deny' }, { Effect: 'Allow', Action: 's3:x', Resource: '*' }] }),
    noActions,
  ],
  ['no resource', one({ Resource: undefined }), noResources],
  ['an empty list of resources', one({ Resource: [] }), noResources],
  ['no resource, and an action without a vendor', one({ Action: 'invalid', Resource: undefined }), noResources],
  // Forms of resources.
  [
    'a resource that is no ARN',
    one({ Resource: 'invalid resource' }),
    'Resource invalid resource must be in ARN format or "*".',
  ],
  ['an empty resource', one({ Resource: '' }), 'Resource  must be in ARN format or "*".'],
  [
    'the first of several',
    one({ Resource: ['oops', 'arn:aws:s3:::b', 'zzz'] }),
    'Resource oops must be in ARN format or "*".',
  ],
  [
    'a resource that is no ARN, and an action with two colons',
    one({ Action: 's:3:x', Resource: 'nowhere' }),
    'Resource nowhere must be in ARN format or "*".',
  ],
  [
    'a partition, and no more',
    one({ Resource: 'a:mars' }),
    'Partition "mars" is not valid for resource "arn:mars:*:*:*:*".',
  ],
  [
    'a partition and a service',
    one({ Resource: 'a:b:moon' }),
    'Partition "b" is not valid for resource "arn:b:moon:*:*:*".',
  ],
  [
    'a partition, and more colons than any ARN',
    one({ Resource: 'a:b:c:d:e:f:g:h' }),
    'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".',
  ],
  [
    'a partition that is none, all else well',
    one({ Resource: 'arn:error:s3:::b' }),
    'Partition "error" is not valid for resource "arn:error:s3:::b".',
  ],
  ['an ARN that stops at its partition', one({ Resource: 'arn:aws' }), vendor],
  ['a vendor with a wildcard', one({ Resource: 'arn:aws:*:::b' }), vendor],
  [
    'IAM in a region',
    one({ Resource: 'arn:aws:iam:us-east-1::b' }),
    'IAM resource arn:aws:iam:us-east-1::b cannot contain region information.',
  ],
  [
    'a bucket in a region',
    one({ Resource: 'arn:aws:s3:us-east-1::b' }),
    'Resource arn:aws:s3:us-east-1::b can not contain region information.',
  ],
  ['IAM without a kind', one({ Resource: 'arn:aws:iam:::b' }), iamPath],
  ['IAM with a kind and no slash', one({ Resource: 'arn:aws:iam::111111111111:user' }), iamPath],
  // Forms of actions.
  ['an action without a vendor', one({ Action: 'invalid' }), prefaced],
  ['an empty action', one({ Action: undefined, NotAction: '' }), prefaced],
  ['an action with two colons', one({ Action: 's3:List:Bucket' }), oneColon],
  [
    'an action with two colons in the second statement',
    one(
      {},
      {
        Statement: [
          { Effect: 'Allow', Action: 's3x:y', Resource: '*' },
          { Effect: 'Allow', Action: 's:3s:x', Resource: '*' },
        ],
      },
    ),
    oneColon,
  ],
  ['a vendor with a space', one({ Action: 'a a:ListBucket' }), 'Vendor a a is not valid'],
  ['a vendor with a star', one({ Action: 's*:Get' }), 'Vendor s* is not valid'],
  ['a principal', one({ Principal: '*' }), 'Policy document should not specify a principal.'],
  [
    'a principal to be left out',
    one({ NotPrincipal: { AWS: '*' } }),
    'Policy document should not specify a principal.',
  ],
  // Fine.
  ['one resource in a list', one({ Resource: ['arn:aws:s3:::b'] }), undefined],
  ['an action with spaces after its colon', one({ Action: 'iam: asdf safdsf af ' }), undefined],
  ['every action', one({ Action: '*' }), undefined],
  [
    'vendors that there are not',
    one({ Action: ['aaaa:ListBucket', 's3-s:ListBucket', 's3.s:x', 'fsx:ListBucket'] }),
    undefined,
  ],
  ['an Id', one({}, { Id: 'x' }), undefined],
  ['an ARN that stops at its service', one({ Resource: 'arn:aws:fdsasf' }), undefined],
  ['services that there are not', one({ Resource: ['arn:aws:s33:::b', 'arn:aws:nope:us-east-1::b'] }), undefined],
  ['an access point in a region', one({ Resource: 'arn:aws:s3:us-east-1:111111111111:accesspoint/x' }), undefined],
  ['IAM without an account', one({ Resource: 'arn:aws:iam:::user/b' }), undefined],
  ['all of IAM', one({ Resource: ['arn:aws:iam::111111111111:*', 'arn:aws:iam::111111111111:root'] }), undefined],
  ['a delegation request', one({ Resource: 'arn:aws:iam::111111111111:delegation-request/*' }), undefined],
  ['a variable in a resource', one({ Resource: 'arn:aws:iam::*:user/${aws:username}' }), undefined],
  ['no condition', one({ Condition: {} }), undefined],
  ['empty-operator: operators that ask nothing', one({ Condition: { x: {}, y: {}, DateGreaterThan: {} } }), undefined],
  ['no date at all', date([]), undefined],
  ['a year and its T', date('01T'), undefined],
  ['a small t, an hour of one digit and a zone of hours', date('2016-12-13t2:00:00.593194+23'), undefined],
  ['a zone of zero', date('2016-12-13T21:20:37.593194+00:00'), undefined],
  ['the first year', date('-292275054'), undefined],
  ['seconds since 1970, as text or number', date(['1500000000', 1500000000]), undefined],
  [
    'both prefixes and the suffix',
    one({ Condition: { 'ForAnyValue:StringEqualsIfExists': { a: 'x' }, 'ForAllValues:StringLike': { b: 'y' } } }),
    undefined,
  ],
  ['numbers and truths as values', one({ Condition: { NumericEquals: { a: 1 }, Bool: { b: true } } }), undefined],
  [
    'empty-sid: empty Sids, twice',
    one(
      {},
      {
        Statement: [
          { Sid: '', Effect: 'Allow', Action: 'a:b', Resource: '*' },
          { Sid: '', Effect: 'Allow', Action: 'a:b', Resource: '*' },
        ],
      },
    ),
    undefined,
  ],
  ['everything but', one({ Action: undefined, NotAction: 's3:x', Resource: undefined, NotResource: '*' }), undefined],
]

describe('a managed policy with', () => {
  for (const [name, text, message] of managed) {
    test(`${name}: ${message ?? 'fine'}`, () => {
      const found = checkDocument('managed', text)
      expect(found?.message).toBe(message)
      if (found?.at !== undefined) expect(found.at.end).toBeLessThanOrEqual(Math.max(text.length, found.at.start + 1))
    })
  }
})

test('AWS accepts what AWS publishes: each of its managed policies', () => {
  const refused = []
  for (const { arn, document } of managedPolicies()) {
    const found = checkDocument('managed', document)
    if (found !== undefined) refused.push(`${arn}: ${found.message}`)
  }
  expect(refused).toEqual([])
})

test('QUIRK: old-version-inline', () => {
  for (const kind of ['inline', 'session'] as const) {
    expect(checkDocument(kind, one({}, { Version: undefined }))).toBeUndefined()
    expect(checkDocument(kind, one({}, { Version: '2008-10-17' }))).toBeUndefined()
    expect(checkDocument(kind, one({}, { Version: '2013-10-17' }))?.message).toBe(syntax)
    expect(checkDocument(kind, one({ Action: 'x' }))?.message).toBe(prefaced)
  }
})

test('QUIRK: sid-letters. Only managed policies are asked for Sids of letters and digits', () => {
  const text = one({ Sid: 'Allow it' })
  expect(checkDocument('managed', text)?.message).toBe(sidLetters)
  for (const kind of ['inline', 'session', 'boundary'] as const) expect(checkDocument(kind, text)).toBeUndefined()
})

const a = '111111111111'
const trust = (parts: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: a }, Action: 'sts:AssumeRole', ...parts },
  })
const aws = (value: unknown) => trust({ Principal: { AWS: value } })
const invalid = (value: string) => `Invalid principal in policy: "AWS":"${value}"`
const family = 'AssumeRole policy may only specify STS AssumeRole actions.'
const federated = 'Federated principals must be valid domain names or SAML metadata ARNs'

const trusts: readonly [string, string, string | undefined, string?][] = [
  ['no JSON', '{', 'This policy contains invalid Json'],
  ['an element twice', '{"Statement":[],"Statement":[]}', 'This policy contains invalid Json'],
  ['an element that there is not', trust({ Extra: 1 }), syntax],
  ['unknown-field-in-trust: a member that there is not', '{"invalid":true}', 'Unknown field invalid'],
  [
    'unknown-field-in-trust: a member in the wrong case',
    '{"Version":"2012-10-17","statement":[]}',
    'Unknown field statement',
  ],
  [
    'a member that there is not is told of before the statements',
    '{"Statement":[{}],"_comment":""}',
    'Unknown field _comment',
  ],
  ['an effect in the wrong case', trust({ Effect: 'allow' }), legacy],
  ['no action', trust({ Action: [] }), noActions],
  ['an action without a vendor', trust({ Action: 'AssumeRole' }), prefaced],
  ['an action of S3', trust({ Action: ['sts:AssumeRole', 's3:GetObject'] }), family],
  ['another action of STS', trust({ Action: 'sts:GetCallerIdentity' }), family],
  ['every action', trust({ Action: '*' }), family],
  ['every action but one', trust({ Action: undefined, NotAction: 'sts:AssumeRole' }), family],
  ['a resource', trust({ Resource: '*' }), 'Has prohibited field Resource'],
  ['a resource to be left out', trust({ NotResource: '*' }), 'Has prohibited field NotResource'],
  ['an action of S3 and a resource', trust({ Action: 's3:x', Resource: '*' }), family],
  [
    'a principal to be left out',
    trust({ Principal: undefined, NotPrincipal: { AWS: a } }),
    'Has prohibited field NotPrincipal',
  ],
  ['no principal', trust({ Principal: undefined }), 'Missing required field Principal'],
  ['an empty principal', trust({ Principal: {} }), 'Missing required field Principal'],
  ['a principal of a kind that there is not', trust({ Principal: { Aws: a } }), syntax],
  ['a principal without its kind', trust({ Principal: `arn:aws:iam::${a}:user/x` }), syntax],
  [
    'star-in-trust: a bare star',
    trust({ Principal: '*' }),
    'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
    '{ "AWS": "*" }',
  ],
  ['an account id of eleven digits', aws('11111111111'), invalid('11111111111'), 'twelve digits'],
  [
    'an ARN of an account of eleven digits',
    aws('arn:aws:iam::11111111111:user/x'),
    invalid('arn:aws:iam::11111111111:user/x'),
    'twelve digits',
  ],
  [
    'a role of STS',
    aws(`arn:aws:sts::${a}:role/X`),
    invalid(`arn:aws:sts::${a}:role/X`),
    `did you mean arn:aws:iam::${a}:role/X?`,
  ],
  [
    'a session of IAM',
    aws(`arn:aws:iam::${a}:assumed-role/X/s`),
    invalid(`arn:aws:iam::${a}:assumed-role/X/s`),
    `did you mean arn:aws:sts::${a}:assumed-role/X/s?`,
  ],
  ['roles in part', aws(`arn:aws:iam::${a}:role/*`), invalid(`arn:aws:iam::${a}:role/*`), 'aws:PrincipalArn'],
  [
    'sessions in part',
    aws(`arn:aws:sts::${a}:assumed-role/X/*`),
    invalid(`arn:aws:sts::${a}:assumed-role/X/*`),
    'aws:PrincipalArn',
  ],
  ['a group', aws(`arn:aws:iam::${a}:group/x`), invalid(`arn:aws:iam::${a}:group/x`), 'group'],
  [
    'a session of a role with its path',
    aws(`arn:aws:sts::${a}:assumed-role/team/X/s`),
    invalid(`arn:aws:sts::${a}:assumed-role/team/X/s`),
    'without the path',
  ],
  ['a policy', aws(`arn:aws:iam::${a}:policy/x`), invalid(`arn:aws:iam::${a}:policy/x`)],
  ['a role without its name', aws(`arn:aws:iam::${a}:role/`), invalid(`arn:aws:iam::${a}:role/`)],
  ['a bucket', aws('arn:aws:s3:::b'), invalid('arn:aws:s3:::b')],
  ['an ARN with a region', aws(`arn:aws:iam:us-east-1:${a}:role/x`), invalid(`arn:aws:iam:us-east-1:${a}:role/x`)],
  ['a word', aws('alice'), invalid('alice')],
  ['an unknown user', aws(`arn:aws:iam::${a}:user/gone`), invalid(`arn:aws:iam::${a}:user/gone`)],
  ['an unknown id', aws('AROAGONE0000000000000'), invalid('AROAGONE0000000000000')],
  ['the second of two', aws([`arn:aws:iam::${a}:user/x`, 'bob']), invalid('bob')],
  [
    'an unknown service',
    trust({ Principal: { Service: 'nope.amazonaws.com' } }),
    'Invalid principal in policy: "SERVICE":"nope.amazonaws.com"',
  ],
  ['every service', trust({ Principal: { Service: '*' } }), 'Invalid principal in policy: "SERVICE":"*"'],
  ['a federation that is none', trust({ Principal: { Federated: 'nope' } }), federated],
  ['every federation', trust({ Principal: { Federated: '*' } }), federated],
  ['a federation that is a role', trust({ Principal: { Federated: `arn:aws:iam::${a}:role/x` } }), federated],
  [
    'a canonical user',
    trust({ Principal: { CanonicalUser: 'abc' } }),
    'Invalid principal in policy: "CANONICALUSER":"abc"',
  ],
  ['everyone', aws('*'), undefined],
  [
    'an account, its root, a user, a role, sessions and ids',
    aws([
      a,
      `arn:aws:iam::${a}:root`,
      `arn:aws:iam::${a}:user/p/x`,
      `arn:aws-cn:iam::${a}:role/x`,
      `arn:aws:sts::${a}:assumed-role/X/s`,
      `arn:aws:sts::${a}:federated-user/f`,
      'AIDAHERE0000000000000',
    ]),
    undefined,
  ],
  ['a service', trust({ Principal: { Service: ['ec2.amazonaws.com'] } }), undefined],
  [
    'providers',
    trust({
      Principal: {
        Federated: [
          'accounts.google.com',
          `arn:aws:iam::${a}:saml-provider/x`,
          `arn:aws:iam::${a}:oidc-provider/host.example/path`,
        ],
      },
    }),
    undefined,
  ],
  [
    'the whole family',
    trust({
      Action: [
        'sts:assumerole',
        'sts:AssumeRoleWithSAML',
        'sts:AssumeRoleWithWebIdentity',
        'sts:TagSession',
        'sts:SetSourceIdentity',
        'sts:SetContext',
        'sts:*',
        'sts:Assume*',
      ],
    }),
    undefined,
  ],
]

const github = `arn:aws:iam::${a}:oidc-provider/token.actions.githubusercontent.com`
const sub = 'token.actions.githubusercontent.com:sub'
const jobs = (condition: unknown, more: object = {}) =>
  trust({
    Principal: { Federated: github },
    Action: 'sts:AssumeRoleWithWebIdentity',
    ...(condition === undefined ? {} : { Condition: condition }),
    ...more,
  })
const everybody = (provider: string, key: string) =>
  `Trust policy with trusted principal ${provider} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, ${key} which is not scoped to all.`

describe('QUIRK: shared-issuer. A trust policy that lets the jobs of a shared issuer in', () => {
  const one = 'repo:octo-org/octo-repo:ref:refs/heads/main'
  test.each<[string, string, [provider: string, key: string]?]>([
    ['for a subject', jobs({ StringEquals: { [sub]: one } })],
    ['for subjects alike', jobs({ StringLike: { [sub]: ['repo:octo-org/*', one] } })],
    ['whatever the case', jobs({ StringEqualsIgnoreCase: { [sub.toUpperCase()]: one } })],
    ['for any of a list', jobs({ 'ForAnyValue:StringLike': { [sub]: 'repo:octo-org/*' } })],
    [
      'for a subject and an audience',
      jobs({ StringEquals: { 'token.actions.githubusercontent.com:aud': 'x' }, StringLike: { [sub]: one } }),
    ],
    ['for both in one block', jobs({ StringEquals: { 'token.actions.githubusercontent.com:aud': 'x', [sub]: one } })],
    ['for subjects that end alike', jobs({ StringLike: { [sub]: '*:ref:refs/heads/main' } })],
    ['for all subjects, by two stars', jobs({ StringLike: { [sub]: '**' } }), [github, sub]],
    ['by a Deny alone', jobs(undefined, { Effect: 'Deny' })],
    ['for tags of who is let in elsewhere', jobs(undefined, { Action: 'sts:TagSession' })],
    ['without a condition', jobs(undefined), [github, sub]],
    ['by a star among the actions', jobs(undefined, { Action: 'sts:*' }), [github, sub]],
    [
      'for the audience only',
      jobs({ StringEquals: { 'token.actions.githubusercontent.com:aud': 'x' } }),
      [github, sub],
    ],
    ['for all subjects', jobs({ StringLike: { [sub]: '*' } }), [github, sub]],
    ['for one subject and all', jobs({ StringLike: { [sub]: [one, '*'] } }), [github, sub]],
    ['unless a subject is another', jobs({ StringNotEquals: { [sub]: one } }), [github, sub]],
    ['where the subject may be missing', jobs({ StringEqualsIfExists: { [sub]: one } }), [github, sub]],
    ['for all of perhaps none', jobs({ 'ForAllValues:StringEquals': { [sub]: one } }), [github, sub]],
    [
      'of an enterprise',
      jobs({ StringEquals: { [sub]: one } }, { Principal: { Federated: `${github}/octo` } }),
      [`${github}/octo`, 'token.actions.githubusercontent.com/octo:sub'],
    ],
    [
      'of another issuer that many share',
      jobs(undefined, { Principal: { Federated: `arn:aws:iam::${a}:oidc-provider/gitlab.com` } }),
      [`arn:aws:iam::${a}:oidc-provider/gitlab.com`, 'gitlab.com:sub'],
    ],
    [
      'of identity pools',
      jobs(undefined, { Principal: { Federated: 'cognito-identity.amazonaws.com' } }),
      ['cognito-identity.amazonaws.com', 'cognito-identity.amazonaws.com:aud'],
    ],
    [
      'of an issuer of its own',
      jobs(undefined, { Principal: { Federated: `arn:aws:iam::${a}:oidc-provider/gitlab.com.example` } }),
    ],
  ])('%s', (_what, text, refused) => {
    expect(checkDocument('trust', text)?.message).toBe(refused === undefined ? undefined : everybody(...refused))
  })
})

describe('a trust policy with', () => {
  const options = {
    principalExists: (name: string) => !/gone/i.test(name),
    serviceExists: (name: string) => name === 'ec2.amazonaws.com',
  }
  for (const [name, text, message, hint] of trusts) {
    test(`${name}: ${message ?? 'fine'}`, () => {
      const found = checkDocument('trust', text, options)
      expect(found?.message).toBe(message)
      if (hint !== undefined) expect(found?.hint).toContain(hint)
    })
  }

  test('the old version, or none, is fine', () => {
    expect(checkDocument('trust', trust({}).replace('2012', '2008'))).toBeUndefined()
    expect(checkDocument('trust', trust({}).replace('"Version":"2012-10-17",', ''))).toBeUndefined()
  })
})

const orgs = 'The provided policy document does not meet the requirements of the specified policy type.'
const others: readonly [PolicyKind, string, string, string | undefined][] = [
  ['resource', 'a principal', one({ Principal: '*' }), undefined],
  ['resource', 'no principal', one({}), 'Missing required field Principal'],
  ['resource', 'no resource', one({ Principal: { AWS: a }, Resource: undefined }), undefined],
  ['endpoint', 'a principal', one({ Principal: '*' }), undefined],
  ['boundary', 'the old version', one({}, { Version: '2008-10-17' }), version],
  ['scp', 'a plain statement', one({}), undefined],
  ['scp', 'a principal', one({ Principal: '*' }), orgs],
  ['rcp', 'a denial for everyone', one({ Effect: 'Deny', Principal: '*' }), undefined],
  ['rcp', 'an Allow', one({ Principal: '*' }), orgs],
  ['rcp', 'the old version', one({ Effect: 'Deny', Principal: '*' }, { Version: '2008-10-17' }), orgs],
  ['rcp', 'no resource', one({ Effect: 'Deny', Principal: '*', Resource: undefined }), orgs],
  ['rcp', 'every action', one({ Effect: 'Deny', Principal: '*', Action: '*' }), orgs],
  ['rcp', 'a service that has none', one({ Effect: 'Deny', Principal: '*', Action: ['s3:*', 'ec2:*'] }), orgs],
  [
    'rcp',
    'several services that have some',
    one({ Effect: 'Deny', Principal: '*', Action: ['s3:*', 'STS:*'] }),
    undefined,
  ],
  ['rcp', 'NotAction', one({ Effect: 'Deny', Principal: '*', Action: undefined, NotAction: 's3:*' }), orgs],
  ['rcp', 'a denial for some', one({ Effect: 'Deny', Principal: { AWS: a } }), orgs],
]
for (const [kind, name, text, message] of others) {
  test(`${kind} with ${name}: ${message ?? 'fine'}`, () => expect(checkDocument(kind, text)?.message).toBe(message))
}

test('a finding points at what is odd', () => {
  const text = one({ Resource: ['arn:aws:s3:::b', 'oops'] })
  const at = checkDocument('managed', text)?.at
  expect(text.slice(at?.start, at?.end)).toBe('"oops"')
  expect(checkDocument('managed', one({ effect: 'Allow' }))?.hint).toBe('effect is spelled Effect')
})

test('a size counts what is not white space between the tokens', () => {
  expect(policySize('{ "a" :\n\t[ 1,\r 2 ] }')).toBe('{"a":[1,2]}'.length)
  expect(policySize('{"a b": " c\\" d "}')).toBe('{"a b":" c\\" d "}'.length)
  expect(policySize('')).toBe(0)
})
