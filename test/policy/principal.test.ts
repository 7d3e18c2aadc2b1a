import { describe, expect, test } from 'vitest'
import type { PrincipalSpan } from '../../src/policy/document.ts'
import {
  accountNamed,
  compilePrincipals,
  exceptsNot,
  namedAs,
  type Pins,
  type Tier,
} from '../../src/policy/principal.ts'
import type { Principal } from '../../src/policy/request.ts'
import {
  alice,
  away,
  ec2,
  github,
  guest,
  guestArn,
  home,
  nobody,
  roleArn,
  root,
  rootOf,
  sessionArn,
  worker,
} from './scene.ts'

const aliceArn = alice.arns[0] ?? ''
const id = alice.uniqueId ?? ''
const roleId = worker.uniqueId ?? ''
const saml: Principal = { kind: 'saml', arns: [], federated: `arn:aws:iam::${home}:saml-provider/corp` }
const twoNames: Principal = { kind: 'service', arns: [], services: ['a.amazonaws.com', 'b.amazonaws.com'] }
/** Someone who was not told by unique id. */
const stranger: Principal = { kind: 'user', account: home, arns: [aliceArn] }

type Named = Partial<Record<PrincipalSpan['type'], string | readonly string[]>>
const spans = (named: Named): PrincipalSpan[] =>
  Object.entries(named).flatMap(([type, values]) =>
    // The keys are those of `Named`.
    [values].flat().map((value) => ({ type: type as PrincipalSpan['type'], value, span: { start: 0, end: 0 } })),
  )
const matcher = (named: Named, negated = false) => compilePrincipals(spans(named), negated)

describe('an account as a principal', () => {
  const rows: readonly [string, string, string | undefined][] = [
    ['is its digits', home, home],
    ['is its root', `arn:aws:iam::${home}:root`, home],
    ['is its root in any partition', `arn:aws-cn:iam::${home}:root`, home],
    ['is not a user', `arn:aws:iam::${home}:user/root`, undefined],
    ['is not eleven digits', home.slice(1), undefined],
    ['is not the root of no account', 'arn:aws:iam:::root', undefined],
    ['is not the root of AWS', 'arn:aws:iam::aws:root', undefined],
    ['is not of another service', `arn:aws:sts::${home}:root`, undefined],
    ['is in no region', `arn:aws:iam:eu-west-1:${home}:root`, undefined],
    ['is in some partition', `arn::iam::${home}:root`, undefined],
    ['is an ARN', `nra:aws:iam::${home}:root`, undefined],
    ['is an ARN of six parts', `arn:aws:iam::${home}:root:x`, undefined],
    ['is not five of them', `arn:aws:iam::${home}`, undefined],
  ]
  for (const [name, value, account] of rows) test(name, () => expect(accountNamed(value)).toBe(account))
})

describe('how closely a policy names who asks', () => {
  const rows: readonly [string, Principal, Named, Tier | undefined, Pins?][] = [
    ['a user by its ARN: itself', alice, { AWS: aliceArn }, 'direct'],
    ['a user by its unique id: itself', alice, { AWS: id }, 'direct'],
    ['a user by its account: a delegation', alice, { AWS: home }, 'account'],
    ['a user by the root of its account: a delegation', alice, { AWS: rootOf(home) }, 'account'],
    ['a user by itself and its account: itself', alice, { AWS: [home, aliceArn] }, 'direct'],
    ['a user by its unique id and its account: itself', alice, { AWS: [home, id] }, 'direct'],
    ['a user by another account: not', alice, { AWS: away }, undefined],
    ['root by its account: itself', root, { AWS: home }, 'direct'],
    ['root by everyone: itself', root, { AWS: '*' }, 'direct'],
    ['a session by its ARN: itself', worker, { AWS: sessionArn }, 'direct'],
    ['a session by its role: its issuer', worker, { AWS: roleArn }, 'issuer'],
    ['a session by its role’s unique id: its issuer', worker, { AWS: roleId }, 'issuer'],
    ['a session by itself and its role: itself', worker, { AWS: [sessionArn, roleArn] }, 'direct'],
    ['a session by itself and its role’s id: itself', worker, { AWS: [sessionArn, roleId] }, 'direct'],
    ['a session by its role and its account: its issuer', worker, { AWS: [roleArn, home] }, 'issuer'],
    ['a session by itself and its account: itself', worker, { AWS: [sessionArn, home] }, 'direct'],
    ['a session by its account: a delegation', worker, { AWS: home }, 'account'],
    ['a federated user by its ARN: itself', guest, { AWS: guestArn }, 'direct'],
    ['a federated user by its user: its issuer', guest, { AWS: aliceArn }, 'issuer'],
    ['a federated user by its user’s unique id: its issuer', guest, { AWS: id }, 'issuer'],
    ['a service by its name', ec2, { Service: 'ec2.amazonaws.com' }, 'direct'],
    ['a service by one of its names', twoNames, { Service: 'b.amazonaws.com' }, 'direct'],
    ['a service by another’s name: not', ec2, { Service: 'lambda.amazonaws.com' }, undefined],
    ['a service by its name as a provider: not', ec2, { Federated: 'ec2.amazonaws.com' }, undefined],
    ['a foreign token by its provider', github, { Federated: github.federated ?? '' }, 'direct'],
    ['a foreign token by another: not', github, { Federated: saml.federated ?? '' }, undefined],
    ['a foreign token by its provider as a service: not', github, { Service: github.federated ?? '' }, undefined],
    ['a foreign token by its account: not', { ...github, account: home }, { AWS: home }, undefined],
    ['nobody by everyone', nobody, { AWS: '*' }, 'direct'],
    ['nobody by a bare star', nobody, { STAR: '*' }, 'direct'],
    ['a canonical user called * is not everyone', alice, { CanonicalUser: '*' }, undefined],
    ['a service called * is not everyone', alice, { Service: '*' }, undefined],
    ['a provider called * is not everyone', alice, { Federated: '*' }, undefined],
    ['a canonical user is no ARN', alice, { CanonicalUser: [aliceArn, id] }, undefined],
    ['a canonical user is no account', alice, { CanonicalUser: home }, undefined],
    ['a pinned ARN: who it was', alice, { AWS: aliceArn }, 'direct', { [aliceArn]: id }],
    ['a pinned ARN: not who has its name now', alice, { AWS: aliceArn }, undefined, { [aliceArn]: 'AIDAOTHER' }],
    [
      'a pinned ARN: who it was, by its new name',
      { ...alice, arns: ['arn:new'] },
      { AWS: aliceArn },
      'direct',
      { [aliceArn]: id },
    ],
    ['a pinned ARN: not whom nobody knows the id of', stranger, { AWS: aliceArn }, undefined, { [aliceArn]: id }],
    ['a pin of an ARN that is not listed: not', alice, { AWS: roleArn }, undefined, { [aliceArn]: id }],
    ['a pinned role: its sessions', worker, { AWS: roleArn }, 'issuer', { [roleArn]: roleId }],
    ['a pinned role: not the sessions of its heir', worker, { AWS: roleArn }, undefined, { [roleArn]: 'AROAOTHER' }],
    ['an ARN beside a pinned one', alice, { AWS: [aliceArn, roleArn] }, 'direct', { [roleArn]: roleId }],
    ['an ARN that nobody told the id of', stranger, { AWS: aliceArn }, 'direct'],
  ]
  for (const [name, principal, named, tier, pins] of rows) {
    test(name, () => expect(namedAs(matcher(named), principal, pins, false)).toBe(tier))
  }
  test('is written as it was', () => {
    expect(matcher({ AWS: [home, '*'], Service: 'x.y' }).written).toEqual([home, '*', 'x.y'])
  })
})

describe('everyone, in a trust policy,', () => {
  const rows: readonly [string, Principal, Tier | undefined][] = [
    ['is a user', alice, 'direct'],
    ['is a service', ec2, 'direct'],
    ['is not the anonymous', nobody, undefined],
    ['is not the holder of a web identity', github, undefined],
    ['is not the holder of an assertion', saml, undefined],
  ]
  for (const [name, principal, tier] of rows) {
    test(name, () => expect(namedAs(matcher({ AWS: '*' }), principal, undefined, true)).toBe(tier))
  }
})

describe('NotPrincipal', () => {
  const rows: readonly [string, Principal, Named, 'Allow' | 'Deny', boolean, Pins?][] = [
    ['of everyone: no one is left to allow', alice, { AWS: '*' }, 'Allow', false],
    ['of everyone: not even the anonymous is left to allow', nobody, { STAR: '*' }, 'Allow', false],
    ['of everyone: no one is left to deny', alice, { AWS: '*' }, 'Deny', false],
    ['an Allow passes over a user that is listed', alice, { AWS: aliceArn }, 'Allow', false],
    ['an Allow passes over a user whose account is listed', alice, { AWS: home }, 'Allow', false],
    ['an Allow reaches the others', alice, { AWS: away }, 'Allow', true],
    ['a Deny reaches a user without its account', alice, { AWS: aliceArn }, 'Deny', true],
    ['a Deny reaches a user of a listed account', alice, { AWS: home }, 'Deny', true],
    ['a Deny spares a user with its account', alice, { AWS: [aliceArn, home] }, 'Deny', false],
    ['a Deny spares a user by its unique id, with its account', alice, { AWS: [id, home] }, 'Deny', false],
    [
      'a Deny spares a user by its pin, with its account',
      { ...alice, arns: ['arn:new'] },
      { AWS: [aliceArn, home] },
      'Deny',
      false,
      { [aliceArn]: id },
    ],
    [
      'a Deny reaches a user whose name another had',
      alice,
      { AWS: [aliceArn, home] },
      'Deny',
      true,
      { [aliceArn]: 'AIDAOTHER' },
    ],
    ['a Deny spares a session with role and account', worker, { AWS: [sessionArn, roleArn, home] }, 'Deny', false],
    [
      'a Deny spares a session with its role’s unique id and account',
      worker,
      { AWS: [sessionArn, roleId, home] },
      'Deny',
      false,
    ],
    ['a Deny reaches a session without its role', worker, { AWS: [sessionArn, home] }, 'Deny', true],
    ['a Deny reaches a session without itself', worker, { AWS: [roleArn, home] }, 'Deny', true],
    ['a Deny reaches a session without its account', worker, { AWS: [sessionArn, roleArn] }, 'Deny', true],
    ['a Deny spares a federated user with user and account', guest, { AWS: [guestArn, aliceArn, home] }, 'Deny', false],
    ['a Deny reaches a federated user alone', guest, { AWS: guestArn }, 'Deny', true],
    [
      'a Deny reaches a federated user without its user',
      { ...guest, uniqueId: undefined },
      { AWS: [guestArn, home] },
      'Deny',
      true,
    ],
    ['a Deny spares a service that is listed', ec2, { Service: 'ec2.amazonaws.com' }, 'Deny', false],
    ['a Deny reaches another service', ec2, { Service: 'lambda.amazonaws.com' }, 'Deny', true],
    ['a Deny spares root by its account', root, { AWS: home }, 'Deny', false],
  ]
  for (const [name, principal, named, effect, left, pins] of rows) {
    test(name, () => expect(exceptsNot(matcher(named, true), principal, pins, effect)).toBe(left))
  }
})
