// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this.
import { describe, expect, test } from 'vitest'
import { type AttachedPolicy, type Decision, decide, type Situation } from '../../src/policy/decide.ts'
import type { Principal } from '../../src/policy/request.ts'
import {
  alice,
  allow,
  away,
  context,
  deny,
  ec2,
  github,
  guest,
  guestArn,
  home,
  nobody,
  policy,
  request,
  roleArn,
  root,
  rootOf,
  sessionArn,
  worker,
} from './scene.ts'

const aliceArn = alice.arns[0] ?? ''
const grants = [policy(allow())]
const silent: readonly AttachedPolicy[] = []
const refuses = [policy(deny())]
const nothing = policy(allow({ Action: 'none:None' }))

/** A resource of an account that lets in the principals named. */
const letsIn = (Principal: unknown, account = home, rule: 'ordinary' | 'trust' | 'key' = 'ordinary') => ({
  account,
  rule,
  policies: Principal === undefined ? [] : [policy(allow({ Principal }), { account, type: 'resource' })],
})

const situation = (principal: Principal, parts: Partial<Situation>): Situation => ({
  request: request({ principal }),
  ...parts,
})
const said = ({ effect, because, blocking }: Decision): string =>
  [effect, because, blocking].filter((word) => word !== undefined).join(' ')

type Row = readonly [string, Situation, string]
function section(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    for (const [sentence, given, expected] of rows) {
      test(`${sentence}: ${expected}`, () => expect(said(decide(given))).toBe(expected))
    }
  })
}

section('one account (IAM User Guide, "Policy evaluation for requests within a single account")', [
  ['nothing says anything', situation(alice, { identity: silent }), 'deny no-grant identity'],
  ['identity grants', situation(alice, { identity: grants }), 'allow granted'],
  ['a user whose identity side is left out has none', situation(alice, {}), 'deny no-grant identity'],
  ['one Deny ends it', situation(alice, { identity: [...grants, ...refuses] }), 'deny explicit-deny identity'],
  [
    'a Deny of a group ends a bucket policy that names the user',
    situation(alice, { identity: refuses, resource: letsIn({ AWS: aliceArn }) }),
    'deny explicit-deny identity',
  ],
  [
    'a boundary grants nothing',
    situation(alice, { identity: silent, boundary: policy(allow()) }),
    'deny no-grant identity',
  ],
  ['a silent boundary limits', situation(alice, { identity: grants, boundary: nothing }), 'deny ceiling boundary'],
  [
    'a boundary that allows lets through',
    situation(alice, { identity: grants, boundary: policy(allow()) }),
    'allow granted',
  ],
  [
    'a boundary denies',
    situation(alice, { identity: grants, boundary: policy(deny()) }),
    'deny explicit-deny boundary',
  ],
  [
    'a session policy grants nothing',
    situation(worker, { identity: silent, session: grants }),
    'deny no-grant identity',
  ],
  [
    'a silent session policy limits',
    situation(worker, { identity: grants, session: [nothing] }),
    'deny ceiling session',
  ],
  [
    'one of two session policies is enough',
    situation(worker, { identity: grants, session: [nothing, policy(allow())] }),
    'allow granted',
  ],
  [
    "a session without session policies has its role's rights",
    situation(worker, { identity: grants }),
    'allow granted',
  ],
  [
    'an empty list of session policies allows nothing',
    situation(worker, { identity: grants, session: [] }),
    'deny ceiling session',
  ],
  [
    'a federated user without session policies may do nothing',
    situation(guest, { identity: grants }),
    'deny ceiling session',
  ],
  [
    'a federated user has what user and session policy agree on',
    situation(guest, { identity: grants, session: grants }),
    'allow granted',
  ],
  ['an SCP that allows lets through', situation(alice, { identity: grants, scps: [grants, grants] }), 'allow granted'],
  ['an SCP grants nothing', situation(alice, { identity: silent, scps: [grants] }), 'deny no-grant identity'],
  [
    'every level of SCPs must allow',
    situation(alice, { identity: grants, scps: [grants, [nothing], grants] }),
    'deny ceiling scp',
  ],
  [
    'a level without SCPs allows nothing',
    situation(alice, { identity: grants, scps: [grants, []] }),
    'deny ceiling scp',
  ],
  [
    'one SCP of a level is enough',
    situation(alice, { identity: grants, scps: [[nothing, policy(allow())]] }),
    'allow granted',
  ],
  [
    'an SCP denies at any level',
    situation(alice, { identity: grants, scps: [grants, [policy(allow()), policy(deny())]] }),
    'deny explicit-deny scp',
  ],
  ['an RCP must allow', situation(alice, { identity: grants, rcps: [[nothing]] }), 'deny ceiling rcp'],
  [
    'an RCP denies',
    situation(alice, { identity: grants, rcps: [[policy(allow()), policy(deny({ Principal: '*' }))]] }),
    'deny explicit-deny rcp',
  ],
  [
    'the RCP is named before the SCP',
    situation(alice, { identity: grants, rcps: [[nothing]], scps: [[nothing]] }),
    'deny ceiling rcp',
  ],
  ['an endpoint limits', situation(alice, { identity: grants, endpoint: nothing }), 'deny ceiling endpoint'],
  [
    'an endpoint of everyone lets through',
    situation(alice, { identity: grants, endpoint: policy(allow({ Principal: '*' })) }),
    'allow granted',
  ],
  [
    'an endpoint denies',
    situation(alice, { identity: grants, endpoint: policy(deny({ Principal: '*' })) }),
    'deny explicit-deny endpoint',
  ],
  [
    'SCPs limit a bucket policy that names the user',
    situation(alice, { identity: silent, scps: [[nothing]], resource: letsIn({ AWS: aliceArn }) }),
    'deny ceiling scp',
  ],
])

/** The guide's table of which implicit denies a grant of the resource's policy passes by. */
section('who is named in a resource policy of the same account', [
  [
    'user ARN, and no identity policy',
    situation(alice, { identity: silent, resource: letsIn({ AWS: aliceArn }) }),
    'allow granted',
  ],
  [
    'user ARN, and a silent boundary',
    situation(alice, { identity: silent, boundary: nothing, resource: letsIn({ AWS: aliceArn }) }),
    'allow granted',
  ],
  [
    "another user's ARN",
    situation(alice, { identity: silent, resource: letsIn({ AWS: `arn:aws:iam::${home}:user/bob` }) }),
    'deny no-grant identity',
  ],
  [
    "the user's ARN in another case",
    situation(alice, { identity: silent, resource: letsIn({ AWS: aliceArn.replace('alice', 'Alice') }) }),
    'deny no-grant identity',
  ],
  [
    'role ARN, and no identity policy',
    situation(worker, { identity: silent, resource: letsIn({ AWS: roleArn }) }),
    'allow granted',
  ],
  [
    'role ARN, and a silent boundary',
    situation(worker, { identity: silent, boundary: nothing, resource: letsIn({ AWS: roleArn }) }),
    'deny ceiling boundary',
  ],
  [
    'role ARN, and a silent session policy',
    situation(worker, { identity: silent, session: [nothing], resource: letsIn({ AWS: roleArn }) }),
    'deny ceiling session',
  ],
  [
    'session ARN, and no identity policy',
    situation(worker, { identity: silent, resource: letsIn({ AWS: sessionArn }) }),
    'allow granted',
  ],
  [
    'session ARN, and a silent boundary and session policy',
    situation(worker, {
      identity: silent,
      boundary: nothing,
      session: [nothing],
      resource: letsIn({ AWS: sessionArn }),
    }),
    'allow granted',
  ],
  [
    "another session's ARN",
    situation(worker, { identity: silent, resource: letsIn({ AWS: `${sessionArn}2` }) }),
    'deny no-grant identity',
  ],
  [
    'user behind a federated user, and no identity policy',
    situation(guest, { identity: silent, session: grants, resource: letsIn({ AWS: aliceArn }) }),
    'allow granted',
  ],
  [
    'user behind a federated user, and a silent boundary',
    situation(guest, { identity: silent, boundary: nothing, session: grants, resource: letsIn({ AWS: aliceArn }) }),
    'deny ceiling boundary',
  ],
  [
    'user behind a federated user, and a silent session policy',
    situation(guest, { identity: silent, session: [nothing], resource: letsIn({ AWS: aliceArn }) }),
    'deny ceiling session',
  ],
  [
    'federated user ARN, and nothing else',
    situation(guest, { identity: silent, boundary: nothing, session: [nothing], resource: letsIn({ AWS: guestArn }) }),
    'allow granted',
  ],
  [
    'everyone, and nothing else',
    situation(worker, { identity: silent, boundary: nothing, session: [nothing], resource: letsIn('*') }),
    'allow granted',
  ],
  [
    'every AWS principal, and nothing else',
    situation(worker, { identity: silent, boundary: nothing, session: [nothing], resource: letsIn({ AWS: '*' }) }),
    'allow granted',
  ],
  [
    'account id, and no identity policy',
    situation(alice, { identity: silent, resource: letsIn({ AWS: home }) }),
    'deny no-grant identity',
  ],
  [
    'account root, and no identity policy',
    situation(worker, { identity: silent, resource: letsIn({ AWS: rootOf(home) }) }),
    'deny no-grant identity',
  ],
  [
    'account root, and an identity policy',
    situation(alice, { identity: grants, resource: letsIn({ AWS: rootOf(home) }) }),
    'allow granted',
  ],
  [
    'account and user at once',
    situation(alice, { identity: silent, resource: letsIn({ AWS: [home, aliceArn] }) }),
    'allow granted',
  ],
  [
    'the unique id of the user',
    situation(alice, { identity: silent, resource: letsIn({ AWS: alice.uniqueId }) }),
    'allow granted',
  ],
  [
    'the unique id of the role, and a silent session policy',
    situation(worker, { identity: silent, session: [nothing], resource: letsIn({ AWS: worker.uniqueId }) }),
    'deny ceiling session',
  ],
  [
    'roles in part',
    situation(worker, { identity: silent, resource: letsIn({ AWS: `arn:aws:iam::${home}:role/*` }) }),
    'deny no-grant identity',
  ],
  [
    'nobody',
    situation(alice, { identity: silent, resource: { account: home, rule: 'ordinary', policies: [policy(allow())] } }),
    'deny no-grant identity',
  ],
  [
    'a Deny of the resource',
    situation(alice, {
      identity: grants,
      resource: { account: home, rule: 'ordinary', policies: [policy(deny({ Principal: { AWS: aliceArn } }))] },
    }),
    'deny explicit-deny resource',
  ],
  [
    'a Deny for the account reaches all in it',
    situation(worker, {
      identity: grants,
      resource: { account: home, rule: 'ordinary', policies: [policy(deny({ Principal: { AWS: home } }))] },
    }),
    'deny explicit-deny resource',
  ],
  [
    'a Deny for another account does not',
    situation(alice, {
      identity: grants,
      resource: { account: home, rule: 'ordinary', policies: [policy(deny({ Principal: { AWS: away } }))] },
    }),
    'allow granted',
  ],
])

section('two accounts (IAM User Guide, "Cross-account policy evaluation logic")', [
  [
    'identity alone',
    situation(alice, { identity: grants, resource: letsIn(undefined, away) }),
    'deny no-grant resource',
  ],
  [
    'identity alone, and the resource is of a service that has no policies',
    { request: request({ resourceAccount: away }), identity: grants },
    'deny no-grant resource',
  ],
  [
    'the resource alone, naming the user',
    situation(alice, { identity: silent, resource: letsIn({ AWS: aliceArn }, away) }),
    'deny no-grant identity',
  ],
  [
    'the resource alone, naming everyone',
    situation(alice, { identity: silent, resource: letsIn('*', away) }),
    'deny no-grant identity',
  ],
  [
    'both, naming the account',
    situation(alice, { identity: grants, resource: letsIn({ AWS: home }, away) }),
    'allow granted',
  ],
  [
    'both, naming the user',
    situation(alice, { identity: grants, resource: letsIn({ AWS: aliceArn }, away) }),
    'allow granted',
  ],
  [
    'both, naming the role',
    situation(worker, { identity: grants, resource: letsIn({ AWS: roleArn }, away) }),
    'allow granted',
  ],
  [
    'both, naming the session',
    situation(worker, { identity: grants, resource: letsIn({ AWS: sessionArn }, away) }),
    'allow granted',
  ],
  [
    "both, naming the resource's own account",
    situation(alice, { identity: grants, resource: letsIn({ AWS: away }, away) }),
    'deny no-grant resource',
  ],
  [
    'both, and a silent boundary',
    situation(alice, { identity: grants, boundary: nothing, resource: letsIn({ AWS: aliceArn }, away) }),
    'deny ceiling boundary',
  ],
  [
    'both, naming the session, and a silent session policy',
    situation(worker, { identity: grants, session: [nothing], resource: letsIn({ AWS: sessionArn }, away) }),
    'deny ceiling session',
  ],
  [
    'both, and a silent SCP',
    situation(alice, { identity: grants, scps: [[nothing]], resource: letsIn({ AWS: home }, away) }),
    'deny ceiling scp',
  ],
  [
    'both, and a silent RCP',
    situation(alice, { identity: grants, rcps: [[nothing]], resource: letsIn({ AWS: home }, away) }),
    'deny ceiling rcp',
  ],
  [
    'both, and a Deny there',
    situation(alice, {
      identity: grants,
      resource: {
        ...letsIn({ AWS: home }, away),
        policies: [policy([allow({ Principal: '*' }), deny({ Principal: '*' })])],
      },
    }),
    'deny explicit-deny resource',
  ],
  [
    'both, and a Deny here',
    situation(alice, { identity: refuses, resource: letsIn({ AWS: home }, away) }),
    'deny explicit-deny identity',
  ],
  [
    'the root user, named by account',
    situation(root, { root: true, resource: letsIn({ AWS: home }, away) }),
    'allow granted',
  ],
  [
    'the root user, named by nobody',
    situation(root, { root: true, resource: letsIn(undefined, away) }),
    'deny no-grant resource',
  ],
])

section('those without policies of their own', [
  [
    'a service that is named',
    situation(ec2, { resource: letsIn({ Service: 'ec2.amazonaws.com' }, away) }),
    'allow granted',
  ],
  [
    'a service that is not named',
    situation(ec2, { resource: letsIn({ Service: 'lambda.amazonaws.com' }) }),
    'deny no-grant resource',
  ],
  ['a service, and everyone is named', situation(ec2, { resource: letsIn('*') }), 'allow granted'],
  ['a service, and an account is named', situation(ec2, { resource: letsIn({ AWS: home }) }), 'deny no-grant resource'],
  ['a service on a resource without a policy', situation(ec2, {}), 'deny no-grant resource'],
  ['a service, and a silent RCP', situation(ec2, { rcps: [[nothing]], resource: letsIn('*') }), 'deny ceiling rcp'],
  [
    'a service, and a Deny for everyone',
    situation(ec2, {
      resource: {
        account: home,
        rule: 'ordinary',
        policies: [policy([allow({ Principal: { Service: 'ec2.amazonaws.com' } }), deny({ Principal: '*' })])],
      },
    }),
    'deny explicit-deny resource',
  ],
  ['the anonymous, and everyone is named', situation(nobody, { resource: letsIn('*') }), 'allow granted'],
  [
    'the anonymous, and every AWS principal is named',
    situation(nobody, { resource: letsIn({ AWS: '*' }) }),
    'allow granted',
  ],
  [
    'the anonymous, and an account is named',
    situation(nobody, { resource: letsIn({ AWS: home }) }),
    'deny no-grant resource',
  ],
  [
    'the anonymous, and identity policies by mistake',
    situation(nobody, { identity: grants }),
    'deny no-grant resource',
  ],
])

section("a role's trust policy", [
  [
    'nobody is trusted',
    situation(alice, { identity: grants, resource: letsIn(undefined, home, 'trust') }),
    'deny no-grant resource',
  ],
  [
    'someone else is trusted',
    situation(alice, { identity: grants, resource: letsIn({ AWS: away }, home, 'trust') }),
    'deny no-grant resource',
  ],
  [
    'the account is trusted, and no identity policy',
    situation(alice, { identity: silent, resource: letsIn({ AWS: home }, home, 'trust') }),
    'deny no-grant identity',
  ],
  [
    'the account is trusted, and an identity policy',
    situation(alice, { identity: grants, resource: letsIn({ AWS: home }, home, 'trust') }),
    'allow granted',
  ],
  [
    'the account is trusted, and a silent boundary',
    situation(alice, { identity: grants, boundary: nothing, resource: letsIn({ AWS: home }, home, 'trust') }),
    'deny ceiling boundary',
  ],
  [
    'the user is trusted, and no identity policy',
    situation(alice, { identity: silent, resource: letsIn({ AWS: aliceArn }, home, 'trust') }),
    'allow granted',
  ],
  [
    'the user is trusted, and an identity Deny',
    situation(alice, { identity: refuses, resource: letsIn({ AWS: aliceArn }, home, 'trust') }),
    'deny explicit-deny identity',
  ],
  [
    'every AWS principal is trusted',
    situation(alice, { identity: silent, resource: letsIn({ AWS: '*' }, home, 'trust') }),
    'allow granted',
  ],
  [
    'the role is trusted, and a silent session policy',
    situation(worker, { identity: grants, session: [nothing], resource: letsIn({ AWS: roleArn }, home, 'trust') }),
    'deny ceiling session',
  ],
  [
    'the session is trusted, and a silent session policy',
    situation(worker, { identity: silent, session: [nothing], resource: letsIn({ AWS: sessionArn }, home, 'trust') }),
    'allow granted',
  ],
  [
    'a role does not trust itself',
    {
      request: request({ principal: worker, action: 'sts:AssumeRole', resource: roleArn }),
      identity: grants,
      resource: letsIn({ AWS: aliceArn }, home, 'trust'),
    },
    'deny no-grant resource',
  ],
  [
    'the other account is trusted, and no identity policy',
    situation(alice, { identity: silent, resource: letsIn({ AWS: aliceArn }, away, 'trust') }),
    'deny no-grant identity',
  ],
  [
    'the other account is trusted, and an identity policy',
    situation(alice, { identity: grants, resource: letsIn({ AWS: home }, away, 'trust') }),
    'allow granted',
  ],
  [
    'a service is trusted',
    situation(ec2, { resource: letsIn({ Service: 'ec2.amazonaws.com' }, home, 'trust') }),
    'allow granted',
  ],
  [
    'a provider is trusted',
    situation(github, { resource: letsIn({ Federated: github.federated }, home, 'trust') }),
    'allow granted',
  ],
  [
    'another provider is trusted',
    situation(github, { resource: letsIn({ Federated: 'accounts.google.com' }, home, 'trust') }),
    'deny no-grant resource',
  ],
  [
    'a foreign token is not an AWS principal',
    situation(github, { resource: letsIn({ AWS: '*' }, home, 'trust') }),
    'deny no-grant resource',
  ],
  [
    'a foreign token is not of the account that its provider is in',
    situation({ ...github, account: home }, { resource: letsIn({ AWS: home }, home, 'trust') }),
    'deny no-grant resource',
  ],
  [
    'the anonymous is never trusted',
    situation(nobody, { resource: letsIn({ AWS: '*' }, home, 'trust') }),
    'deny no-grant resource',
  ],
  [
    'a Deny for everyone reaches foreign tokens',
    situation(github, {
      resource: {
        account: home,
        rule: 'trust',
        policies: [policy([allow({ Principal: { Federated: github.federated } }), deny({ Principal: '*' })])],
      },
    }),
    'deny explicit-deny resource',
  ],
  [
    'a trust policy names no resource',
    situation(alice, {
      identity: silent,
      resource: {
        account: home,
        rule: 'trust',
        policies: [policy({ Effect: 'Allow', Action: '*', Principal: { AWS: aliceArn } })],
      },
    }),
    'allow granted',
  ],
])

section("a key's policy", [
  [
    'identity alone',
    situation(alice, { identity: grants, resource: letsIn(undefined, home, 'key') }),
    'deny no-grant resource',
  ],
  [
    'the account, and identity',
    situation(alice, { identity: grants, resource: letsIn({ AWS: rootOf(home) }, home, 'key') }),
    'allow granted',
  ],
  [
    'the account, and no identity policy',
    situation(alice, { identity: silent, resource: letsIn({ AWS: rootOf(home) }, home, 'key') }),
    'deny no-grant identity',
  ],
  [
    'the user',
    situation(alice, { identity: silent, resource: letsIn({ AWS: aliceArn }, home, 'key') }),
    'allow granted',
  ],
  [
    'the root user, and nobody is named',
    situation(root, { root: true, resource: letsIn(undefined, home, 'key') }),
    'deny no-grant resource',
  ],
  [
    'the root user, and the account is named',
    situation(root, { root: true, resource: letsIn({ AWS: home }, home, 'key') }),
    'allow granted',
  ],
])

section('the root user', [
  ['may do everything at home', situation(root, { root: true }), 'allow root'],
  ['an SCP limits it', situation(root, { root: true, scps: [[nothing]] }), 'deny ceiling scp'],
  ['an RCP limits it', situation(root, { root: true, rcps: [[nothing]] }), 'deny ceiling rcp'],
  [
    'a resource policy denies it',
    situation(root, {
      root: true,
      resource: { account: home, rule: 'ordinary', policies: [policy(deny({ Principal: '*' }))] },
    }),
    'deny explicit-deny resource',
  ],
  ['a session policy limits it', situation(root, { root: true, session: [nothing] }), 'deny ceiling session'],
])

describe('pinned principals', () => {
  const trusted = (pins: Record<string, string>, principal: string) => ({
    account: home,
    rule: 'trust' as const,
    policies: [policy({ Effect: 'Allow', Principal: { AWS: principal }, Action: '*' }, {}, { pins })],
  })
  const rows: readonly [string, Principal, Record<string, string>, string, string][] = [
    ['the one that was meant', alice, { [aliceArn]: 'AIDAALICE00000000' }, aliceArn, 'allow granted'],
    ['another of the same name', alice, { [aliceArn]: 'AIDAOTHER00000000' }, aliceArn, 'deny no-grant resource'],
    [
      'one without an id',
      { kind: 'user', account: home, arns: alice.arns },
      { [aliceArn]: 'AIDAALICE00000000' },
      aliceArn,
      'deny no-grant resource',
    ],
    [
      'one that was renamed',
      alice,
      { [`arn:aws:iam::${home}:user/old`]: 'AIDAALICE00000000' },
      `arn:aws:iam::${home}:user/old`,
      'allow granted',
    ],
    ['a role that was made anew', worker, { [roleArn]: 'AROAOLD0000000000' }, roleArn, 'deny no-grant resource'],
    ["a session's ARN, which is never pinned", worker, {}, sessionArn, 'allow granted'],
    [
      'a pin that no longer stands in the document',
      alice,
      { [aliceArn]: 'AIDAALICE00000000' },
      away,
      'deny no-grant resource',
    ],
    ['a unique id as it is', worker, {}, 'AROAWORKER0000000', 'allow granted'],
    ['a name out of Object', { ...alice, arns: ['toString'] }, {}, 'toString', 'allow granted'],
  ]
  for (const [name, principal, pins, named, expected] of rows) {
    test(`${name}: ${expected}`, () => {
      expect(said(decide(situation(principal, { identity: [], resource: trusted(pins, named) })))).toBe(expected)
    })
  }
})

describe('QUIRK: notprincipal-deny-needs-the-account', () => {
  const spares = (NotPrincipal: unknown) => ({
    account: home,
    rule: 'ordinary' as const,
    policies: [policy(deny({ NotPrincipal }))],
  })
  const rows: readonly [string, Principal, unknown, boolean][] = [
    ['the user alone', alice, { AWS: aliceArn }, false],
    ['the account alone', alice, { AWS: home }, false],
    ['user and account', alice, { AWS: [aliceArn, home] }, true],
    ['session and account', worker, { AWS: [sessionArn, home] }, false],
    ['session and role', worker, { AWS: [sessionArn, roleArn] }, false],
    ['session, role and account', worker, { AWS: [sessionArn, roleArn, rootOf(home)] }, true],
    ['role and account', worker, { AWS: [roleArn, home] }, false],
    ['everyone', alice, '*', true],
    ['the account of root', root, { AWS: home }, true],
    ['another account', root, { AWS: away }, false],
    ['the service', ec2, { Service: 'ec2.amazonaws.com' }, true],
  ]
  for (const [name, principal, NotPrincipal, spared] of rows) {
    test(`a Deny that lists ${name} ${spared ? 'spares' : 'reaches'} a ${principal.kind}`, () => {
      const decision = decide(situation(principal, { identity: grants, resource: spares(NotPrincipal) }))
      expect(decision.because === 'explicit-deny').toBe(!spared)
    })
  }

  test('an Allow passes over whoever is listed, closely or by account', () => {
    for (const [listed, effect] of [
      [aliceArn, 'deny'],
      [home, 'deny'],
      [away, 'allow'],
    ] as const) {
      const resource = {
        account: home,
        rule: 'ordinary' as const,
        policies: [policy(allow({ NotPrincipal: { AWS: listed } }))],
      }
      expect(decide(situation(alice, { identity: [], resource })).effect).toBe(effect)
    }
  })
})

describe('QUIRK: never-asked', () => {
  const asking = (action: string, principal: Principal, identity: Situation['identity'] = []) =>
    decide({ request: request({ principal, action, resource: '*' }), identity }).effect
  const refused = [policy(deny())]
  test.each(['sts:GetCallerIdentity', 'STS:getsessiontoken'])('%s is for nobody to refuse', (action) => {
    expect(asking(action, alice)).toBe('allow')
    expect(asking(action, alice, refused)).toBe('allow')
  })
  test('what stands beside them is refused, and the anonymous are', () => {
    expect(asking('sts:GetAccessKeyInfo', alice, refused)).toBe('deny')
    expect(asking('sts:GetCallerIdentity', nobody)).toBe('deny')
  })
})

describe('three truths', () => {
  const maybe = { Condition: { StringEquals: { 'aws:SourceVpc': 'v' } } }
  const untold = request({ lookup: context({}, ['aws:sourcevpc']) })
  const rows: readonly [string, Partial<Situation>, string, number][] = [
    ['an Allow that hangs', { identity: [policy(allow(maybe))] }, 'unknown unknown', 1],
    [
      'an Allow that hangs beside one that does not',
      { identity: [policy([allow(maybe), allow()])] },
      'allow granted',
      0,
    ],
    ['a Deny that hangs', { identity: [policy([allow(), deny(maybe)])] }, 'unknown unknown', 1],
    [
      'a Deny that hangs beside one that does not',
      { identity: [policy([deny(), deny(maybe)])] },
      'deny explicit-deny identity',
      0,
    ],
    ['a Deny that hangs where nothing allows', { identity: [policy(deny(maybe))] }, 'deny no-grant identity', 0],
    [
      'an Allow that hangs under a silent boundary',
      { identity: [policy(allow(maybe))], boundary: nothing },
      'deny ceiling boundary',
      0,
    ],
    [
      'an Allow and a boundary that hang',
      { identity: [policy(allow(maybe))], boundary: policy(allow(maybe)) },
      'unknown unknown',
      2,
    ],
    [
      'a hanging condition beside one that fails',
      { identity: [policy(allow({ Condition: { StringEquals: { 'aws:SourceVpc': 'v', 'aws:none': 'x' } } }))] },
      'deny no-grant identity',
      0,
    ],
    [
      'a resource that hangs',
      { identity: [policy(allow({ Resource: 'arn:aws:s3:::${aws:SourceVpc}/key' }))] },
      'unknown unknown',
      1,
    ],
    [
      'a resource that could not match',
      { identity: [policy(allow({ Resource: 'arn:aws:s3:::${aws:SourceVpc}/other' }))] },
      'deny no-grant identity',
      0,
    ],
  ]
  for (const [sentence, parts, expected, hangs] of rows) {
    test(`${sentence}: ${expected}`, () => {
      const decision = decide({ request: untold, ...parts })
      expect(said(decision)).toBe(expected)
      expect(decision.pending).toHaveLength(hangs)
      for (const { part } of decision.pending) {
        expect((part.untold ?? []).map((key) => key.toLowerCase())).toEqual(['aws:sourcevpc'])
      }
    })
  }
})

describe("the guide's own examples", () => {
  test('a boundary without S3 and a bucket policy: user yes, role no, session yes', () => {
    const outcome = (principal: Principal, named: string) =>
      decide(situation(principal, { identity: silent, boundary: nothing, resource: letsIn({ AWS: named }) })).effect
    expect([outcome(alice, aliceArn), outcome(worker, roleArn), outcome(worker, sessionArn)]).toEqual([
      'allow',
      'deny',
      'allow',
    ])
  })

  const conditioned = (Condition: object, lookup = context(), effect: 'Allow' | 'Deny' = 'Allow') =>
    decide({
      request: request({ lookup }),
      identity: [
        policy([allow(effect === 'Deny' ? {} : { Condition }), ...(effect === 'Deny' ? [deny({ Condition })] : [])]),
      ],
    }).effect

  test('an untagged caller satisfies StringNotEquals on a principal tag', () => {
    expect(conditioned({ StringNotEquals: { 'aws:PrincipalTag/x': 'y' } })).toBe('allow')
  })
  test('no tags satisfy ForAllValues and fail ForAnyValue', () => {
    expect(conditioned({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'y' } })).toBe('allow')
    expect(conditioned({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'y' } })).toBe('deny')
  })
  test('a Deny on Bool false of MFA does not reach long-term keys, and BoolIfExists does', () => {
    expect(conditioned({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } }, context(), 'Deny')).toBe('allow')
    expect(conditioned({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }, context(), 'Deny')).toBe('deny')
  })
  test("aws:PrincipalArn of a session is its role's", () => {
    const lookup = context({ 'aws:PrincipalArn': roleArn })
    expect(conditioned({ ArnLike: { 'aws:PrincipalArn': roleArn } }, lookup)).toBe('allow')
    expect(conditioned({ ArnLike: { 'aws:PrincipalArn': sessionArn } }, lookup)).toBe('deny')
  })
  test('aws:username in a role session matches nothing, and its default matches', () => {
    const on = (Resource: string) =>
      decide({
        request: request({ principal: worker, resource: 'arn:aws:s3:::home/x' }),
        identity: [policy(allow({ Resource }))],
      }).effect
    expect(on('arn:aws:s3:::home/${aws:username}')).toBe('deny')
    expect(on("arn:aws:s3:::home/${aws:username, 'x'}")).toBe('allow')
  })
  test('in a policy of 2008 a variable is text', () => {
    const old = policy(allow({ Resource: 'arn:aws:s3:::home/${aws:username}' }), {}, { version: '2008-10-17' })
    const on = (resource: string) =>
      decide({ request: request({ resource, lookup: context({ 'aws:username': 'bob' }) }), identity: [old] }).effect
    expect([on('arn:aws:s3:::home/bob'), on('arn:aws:s3:::home/${aws:username}')]).toEqual(['deny', 'allow'])
  })
})

test('the trace tells each layer, what applied, what nearly did, and the value it failed on', () => {
  const decision = decide({
    request: request({ lookup: context({ 'aws:SourceIp': '10.0.0.1' }) }),
    identity: [
      policy([
        allow({
          Sid: 'Near',
          Condition: { Bool: { 'aws:SecureTransport': 'true' }, IpAddress: { 'aws:SourceIp': '11.0.0.0/8' } },
        }),
        allow({ Sid: 'Elsewhere', Resource: 'arn:aws:s3:::other/*' }),
        allow({ Action: 'iam:*' }),
      ]),
    ],
    boundary: policy(allow()),
    resource: { account: home, rule: 'ordinary', policies: [policy(allow({ Principal: { AWS: away } }))] },
  })
  expect(decision.layers.map(({ kind, says, account }) => [kind, says, account])).toEqual([
    ['resource', 'silent', home],
    ['identity', 'silent', home],
    ['boundary', 'allow', home],
  ])
  const [resource, identity] = decision.layers
  expect(resource?.near[0]?.failed).toMatchObject({ part: 'principal', wanted: [away], seen: alice.arns })
  expect(identity?.near.map(({ statement, failed }) => [statement.sid, failed])).toEqual([
    ['Near', { part: 'condition', operator: 'Bool', key: 'aws:SecureTransport', wanted: ['true'], seen: null }],
  ])
  expect(identity?.elsewhere.map(({ statement }) => statement.sid)).toEqual(['Elsewhere'])
})

test('a policy of ten thousand near misses is counted, not kept', () => {
  const many = policy(Array.from({ length: 2_000 }, () => allow({ Condition: { Bool: { 'aws:x': 'true' } } })))
  const [layer] = decide({ request: request(), identity: [many] }).layers
  expect(layer?.near.length).toBeLessThanOrEqual(32)
  expect((layer?.near.length ?? 0) + (layer?.omitted ?? 0)).toBe(2_000)
})
