import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, document, ec2Trust, here, there, trusting } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  iam.do('CreateUser', { UserName: 'bob' })
  iam.do('CreateRole', { RoleName: 'caller', Path: '/x/', AssumeRolePolicyDocument: ec2Trust })
  iam.do('CreateRole', { RoleName: 'oddly', Path: '/x//y/', AssumeRolePolicyDocument: ec2Trust })
  iam.do('CreateUser', { UserName: 'eve' }, iam.root(there))
})
const bob = `arn:aws:iam::${here}:user/bob`
const caller = `arn:aws:iam::${here}:role/x/caller`
const oddly = `arn:aws:iam::${here}:role/x//y/oddly`
const eve = `arn:aws:iam::${there}:user/eve`

const put = (text: string) => iam.told('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: text })
const read = () => decodeURIComponent(iam.do('GetRole', { RoleName: 'r' }).Role.AssumeRolePolicyDocument ?? '')
const pins = () => {
  const role = iam.entity('role', 'r')
  return role.kind === 'role' ? role.trust.pins : undefined
}

describe('a trust policy may name', () => {
  test.each([
    ['an account by its number', { AWS: '999999999999' }],
    ['an account by its root, also one that is not here', { AWS: 'arn:aws:iam::999999999999:root' }],
    ['everyone, under AWS', { AWS: '*' }],
    ['a service', { Service: 'lambda.amazonaws.com' }],
    ['a user', { AWS: bob }],
    ['a role under a path', { AWS: caller }],
    ['QUIRK: empty-segments: one under a path with two slashes in a row', { AWS: oddly }],
    ['a user of another account of this authority', { AWS: eve }],
    ['a session, which is not looked up', { AWS: `arn:aws:sts::${here}:assumed-role/caller/s1` }],
    ['a provider', { Federated: `arn:aws:iam::${here}:oidc-provider/token.example.com` }],
  ])('%s', (_what, principal) => {
    expect(put(trusting(principal))).toBe('ok')
    expect(read()).toBe(trusting(principal))
  })
})

describe('a trust policy may not name', () => {
  const invalid = (what: string) => `MalformedPolicyDocument: Invalid principal in policy: ${what}`
  test.each([
    [
      'a user that is not there',
      { AWS: `arn:aws:iam::${here}:user/x` },
      invalid(`"AWS":"arn:aws:iam::${here}:user/x"`),
    ],
    [
      'a user under another path',
      { AWS: `arn:aws:iam::${here}:user/p/bob` },
      invalid(`"AWS":"arn:aws:iam::${here}:user/p/bob"`),
    ],
    [
      'a user in another case',
      { AWS: `arn:aws:iam::${here}:user/BOB` },
      invalid(`"AWS":"arn:aws:iam::${here}:user/BOB"`),
    ],
    ['a user as a role', { AWS: `arn:aws:iam::${here}:role/bob` }, invalid(`"AWS":"arn:aws:iam::${here}:role/bob"`)],
    [
      'a user of an account that is not here',
      { AWS: 'arn:aws:iam::999999999999:user/x' },
      invalid('"AWS":"arn:aws:iam::999999999999:user/x"'),
    ],
    ['the unique id of nobody', { AWS: 'AIDAAAAAAAAAAAAAAAAAA' }, invalid('"AWS":"AIDAAAAAAAAAAAAAAAAAA"')],
    ['a service that is none', { Service: 'nope.amazonaws.com' }, invalid('"SERVICE":"nope.amazonaws.com"')],
    [
      'a bad provider',
      { Federated: 'not a domain' },
      'MalformedPolicyDocument: Federated principals must be valid domain names or SAML metadata ARNs',
    ],
    ['everyone, bare', '*', 'MalformedPolicyDocument: AssumeRolepolicy contained an invalid principal: "STAR":"*".'],
  ])('%s', (_what, principal, expected) => {
    expect(put(trusting(principal))).toBe(expected)
  })
})

test.each([
  ['is no JSON', '{', 'MalformedPolicyDocument: This policy contains invalid Json'],
  [
    'allows something else than assuming',
    document({ Effect: 'Allow', Principal: { AWS: here }, Action: 's3:GetObject' }),
    'MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions.',
  ],
  [
    'has a resource',
    document({ Effect: 'Allow', Principal: { AWS: here }, Action: 'sts:AssumeRole', Resource: '*' }),
    'MalformedPolicyDocument: Has prohibited field Resource',
  ],
  [
    'is too long',
    document({ Sid: 'x'.repeat(2048), Effect: 'Allow', Principal: { AWS: here }, Action: 'sts:AssumeRole' }),
    'LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048',
  ],
])('a trust policy that %s is refused, at creation and later', (_what, text, expected) => {
  expect(put(text)).toBe(expected)
  expect(iam.told('UpdateAssumeRolePolicy', { RoleName: 'caller', PolicyDocument: text })).toBe(expected)
})

test('white space does not count against the size', () => {
  expect(put(trusting({ AWS: here }).replace('"Statement":', `"Statement":${' '.repeat(4000)}`))).toBe('ok')
})

describe('principals of a trust policy', () => {
  test('are bound to the users and roles that they mean, accounts and services are not', () => {
    put(
      trusting({
        AWS: [bob, caller, eve, here, `arn:aws:sts::${here}:assumed-role/caller/s`],
        Service: 'ec2.amazonaws.com',
      }),
    )
    expect(pins()).toEqual({
      [bob]: iam.entity('user', 'bob').id,
      [caller]: iam.entity('role', 'caller').id,
      [eve]: iam.entity('user', 'eve', there).id,
    })
  })

  test('are read under the name of today, and everything else as it was put', () => {
    const text = `{ "Version":"2012-10-17",\n\t"Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":["${bob}" , "${eve}"]},"Action":"sts:AssumeRole"}]}`
    put(text)
    iam.do('UpdateUser', { UserName: 'bob', NewUserName: 'robert', NewPath: '/staff/' })
    expect(read()).toBe(text.replace(bob, `arn:aws:iam::${here}:user/staff/robert`))
  })

  test('that are gone are read as the id that they had, and stay dead when another takes the name', () => {
    put(trusting({ AWS: bob }))
    const { id } = iam.entity('user', 'bob')
    iam.do('DeleteUser', { UserName: 'bob' })
    iam.do('CreateUser', { UserName: 'bob' })
    expect(read()).toBe(trusting({ AWS: id }))
    expect(pins()).toEqual({ [bob]: id })
    expect(iam.told('UpdateAssumeRolePolicy', { RoleName: 'r', PolicyDocument: read() })).toBe(
      `MalformedPolicyDocument: Invalid principal in policy: "AWS":"${id}"`,
    )
  })

  test('may be written as unique ids, and are read as ARNs', () => {
    put(trusting({ AWS: iam.entity('role', 'caller').id }))
    expect(read()).toBe(trusting({ AWS: caller }))
  })

  test('in an ARN with escapes are the same principals', () => {
    put(trusting({ AWS: bob }).replace(bob, bob.replace('/', '\\/')))
    iam.do('UpdateUser', { UserName: 'bob', NewUserName: 'rob' })
    expect(read()).toBe(trusting({ AWS: `arn:aws:iam::${here}:user/rob` }))
  })

  test('are not looked for in conditions, which keep what they say', () => {
    const condition = { ArnEquals: { 'aws:PrincipalArn': bob } }
    const statement = { Effect: 'Allow', Principal: { AWS: [bob] }, Action: 'sts:AssumeRole', Condition: condition }
    put(document(statement))
    iam.do('UpdateUser', { UserName: 'bob', NewUserName: 'rob' })
    expect(read()).toBe(document({ ...statement, Principal: { AWS: [`arn:aws:iam::${here}:user/rob`] } }))
  })

  test('that see themselves: a role may trust itself from its second policy on', () => {
    const self = `arn:aws:iam::${here}:role/r`
    expect(put(trusting({ AWS: self }))).toMatch(/^MalformedPolicyDocument: Invalid principal/)
    put(ec2Trust)
    expect(iam.told('UpdateAssumeRolePolicy', { RoleName: 'r', PolicyDocument: trusting({ AWS: self }) })).toBe('ok')
  })
})

test('whatever text is put, it is refused as a document or comes back as it was', () => {
  fc.assert(
    fc.property(
      fc
        .oneof(fc.json().map(String), fc.string(), fc.constant(trusting({ AWS: bob })))
        .filter((text) => /^[\t\n\r\x20-\u00ff]+$/.test(text)),
      (text) => {
        iam = new Authority()
        iam.do('CreateUser', { UserName: 'bob' })
        const told = put(text)
        if (told === 'ok') expect(read()).toBe(text)
        else expect(told).toMatch(/^(MalformedPolicyDocument|LimitExceeded): /)
      },
    ),
    { numRuns: 200 },
  )
})
