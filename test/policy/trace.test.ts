import { describe, expect, test } from 'vitest'
import { decide, type LayerTrace, type Situation } from '../../src/policy/decide.ts'
import type { Principal } from '../../src/policy/request.ts'
import {
  alice,
  allow,
  away,
  context,
  deny,
  ec2,
  github,
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

/** What a decision says beside yes and no: which layer said what, whose it is, and what almost applied. */
const aliceArn = alice.arns[0] ?? ''
const asking = (principal: Principal, parts: Partial<Situation> = {}): Situation => ({
  request: request({ principal }),
  ...parts,
})
const of = (kind: LayerTrace['kind'], situation: Situation): readonly LayerTrace[] =>
  decide(situation).layers.filter((layer) => layer.kind === kind)
const only = (kind: LayerTrace['kind'], situation: Situation): LayerTrace => {
  const [layer, ...more] = of(kind, situation)
  if (layer === undefined || more.length > 0) throw new Error(`${more.length} layers of ${kind}`)
  return layer
}
const silent = policy(allow({ Action: 'none:None' }))
const untold = context({}, ['aws:A', 'aws:B'])
const on = (key: string, value = 'x') => ({ Condition: { StringEquals: { [key]: value } } })

describe('a side that is not there', () => {
  test('is absent: a service, the anonymous and a foreign token have no policies of their own', () => {
    for (const principal of [ec2, nobody, github]) {
      for (const identity of [undefined, []]) {
        expect(only('identity', asking(principal, { identity }))).toEqual({
          kind: 'identity',
          account: '',
          level: undefined,
          says: 'absent',
          policies: [],
          matched: [],
          near: [],
          hanging: [],
          elsewhere: [],
          omitted: 0,
        })
      }
    }
  })
  test('is absent where another account owns what is asked for and says nothing', () => {
    const situation: Situation = { request: request({ resourceAccount: away }), identity: [policy(allow())] }
    expect(only('resource', situation)).toMatchObject({ says: 'absent', account: away })
    expect(decide(situation)).toMatchObject({ effect: 'deny', because: 'no-grant', blocking: 'resource' })
  })
  test('is not absent but silent for a user who has none', () => {
    expect(only('identity', asking(alice))).toMatchObject({ says: 'silent', account: home })
  })
  test('is not missed where the resource is of the own account', () => {
    expect(of('resource', asking(alice))).toEqual([])
  })
})

describe('policies that are handed in for one who has no side', () => {
  const resource = { account: home, rule: 'ordinary' as const, policies: [policy(allow({ Principal: '*' }))] }
  test('deny', () => {
    const decision = decide(asking(ec2, { resource, identity: [policy(deny())] }))
    expect(decision).toMatchObject({ effect: 'deny', because: 'explicit-deny', blocking: 'identity' })
    expect(only('identity', asking(ec2, { resource, identity: [policy(deny())] }))).toMatchObject({
      says: 'deny',
      account: '',
    })
  })
  test('grant nothing', () => {
    expect(decide(asking(ec2, { identity: [policy(allow())] })).effect).toBe('deny')
  })
})

describe('a request is across accounts', () => {
  const rows: readonly [string, Principal, string, boolean][] = [
    ['where the resource is of another', alice, away, true],
    ['not where it is of the own', alice, home, false],
    ['not where who asks is of none', ec2, away, false],
  ]
  for (const [name, principal, account, crossing] of rows) {
    test(name, () => {
      const resource = { account, rule: 'ordinary' as const, policies: [] }
      expect(decide(asking(principal, { resource })).crossAccount).toBe(crossing)
      const request_ = request({ principal, resourceAccount: account })
      expect(decide({ request: request_ }).crossAccount).toBe(crossing)
    })
  }
})

describe('a layer is owned by', () => {
  const organization = policy(allow(), { type: 'scp', account: '999999999999' })
  test('whoever wrote an organization’s policy', () => {
    const situation = asking(alice, { scps: [[organization], [organization]], rcps: [[organization]] })
    expect(of('scp', situation)).toMatchObject([
      { account: '999999999999', level: 0 },
      { account: '999999999999', level: 1 },
    ])
    expect(of('rcp', situation)).toMatchObject([{ account: '999999999999', level: 0 }])
  })
  test('the account under it, where a level holds none', () => {
    expect(of('scp', asking(alice, { scps: [[]] }))).toMatchObject([{ account: home, says: 'silent' }])
    const elsewhere = { request: request({ resourceAccount: away }), rcps: [[]] }
    expect(of('rcp', elsewhere)).toMatchObject([{ account: away, says: 'silent' }])
    expect(of('rcp', asking(alice, { rcps: [[]] }))).toMatchObject([{ account: home }])
  })
  test('no one, where there is no account', () => {
    expect(of('rcp', asking(ec2, { rcps: [[]] }))).toMatchObject([{ account: '' }])
  })
  test('whoever owns the endpoint, the principal and the resource', () => {
    const endpoint = policy(allow(), { type: 'endpoint', account: away })
    const resource = { account: away, rule: 'ordinary' as const, policies: [] }
    const layers = decide(
      asking(worker, { endpoint, resource, identity: [], boundary: silent, session: [silent] }),
    ).layers
    expect(layers.map(({ kind, account, says }) => [kind, account, says])).toEqual([
      ['endpoint', away, 'allow'],
      ['resource', away, 'silent'],
      ['identity', home, 'silent'],
      ['boundary', home, 'silent'],
      ['session', home, 'silent'],
    ])
  })
})

describe('what nobody needs to ask for', () => {
  const action = 'sts:GetCallerIdentity'
  const everything = policy([allow(), deny({ Action: 'sts:*' })])
  test('no Deny keeps from', () => {
    const asked = { request: request({ action, resource: '*' }), identity: [everything] }
    expect(decide(asked)).toMatchObject({ effect: 'allow', because: 'granted' })
  })
  test('needs no Allow', () => {
    expect(decide({ request: request({ action, resource: '*' }) }).effect).toBe('allow')
  })
  test('is granted to root as everything is: for being root', () => {
    const asked = { request: request({ principal: root, action, resource: '*' }) }
    expect(decide(asked)).toMatchObject({ effect: 'allow', because: 'root' })
  })
})

describe('root-keeps-its-bucket-policy: root and the policy of its own bucket', () => {
  const action = 's3:PutBucketPolicy'
  const resource = { account: home, rule: 'ordinary' as const, policies: [policy(deny({ Principal: '*' }))] }
  const asked = { request: request({ principal: root, action }), resource }
  test('is not kept from it by that policy', () => expect(decide(asked).effect).toBe('allow'))
  test('is kept from it by an organization, and that is what is named', () => {
    const forbidden = policy(deny(), { type: 'scp' })
    expect(decide({ ...asked, scps: [[forbidden]] })).toMatchObject({ effect: 'deny', blocking: 'scp' })
  })
  test('is kept from it by a policy of its own, and not the bucket’s is named', () => {
    expect(decide({ ...asked, identity: [policy(deny())] })).toMatchObject({ effect: 'deny', blocking: 'identity' })
  })
  test('is kept from everything else by it', () => {
    const other = { ...asked, request: request({ principal: root, action: 's3:GetObject' }) }
    expect(decide(other)).toMatchObject({ effect: 'deny', blocking: 'resource' })
  })
})

describe('service-linked-role-unbound: an organization does not bind a service-linked role', () => {
  const forbidden = [[policy(deny(), { type: 'scp' })]]
  const granted = [policy(allow())]
  const rows: readonly [string, Principal, 'allow' | 'deny'][] = [
    ['one is free', { ...worker, arns: [sessionArn, `arn:aws:iam::${home}:role/aws-service-role/x/R`] }, 'allow'],
    ['a user of that path is not', { ...alice, arns: [`arn:aws:iam::${home}:role/aws-service-role/x/R`] }, 'deny'],
    [
      'a role that holds the path in its name is not',
      { ...worker, arns: [sessionArn, `arn:aws:iam::${home}:role/x/arn:aws:iam::${home}:role/aws-service-role/R`] },
      'deny',
    ],
    ['another role is not', worker, 'deny'],
  ]
  for (const [name, principal, effect] of rows) {
    test(name, () => expect(decide(asking(principal, { scps: forbidden, identity: granted })).effect).toBe(effect))
  }
})

describe('the root of an account that is told by its kind', () => {
  test('is granted for what it is', () =>
    expect(decide({ request: request({ principal: root }) })).toMatchObject({ because: 'root' }))
  test('may be told by the situation as well', () =>
    expect(decide({ request: request(), root: true })).toMatchObject({ because: 'root' }))
  test('has a side of its own, which is silent', () =>
    expect(only('identity', { request: request({ principal: root }) }).says).toBe('silent'))
})

describe('what refuses is named', () => {
  const trusted = (Principal: unknown) => ({
    account: home,
    rule: 'trust' as const,
    policies: [policy(allow({ Principal }), { type: 'trust' })],
  })
  const rows: readonly [string, Principal, Partial<Situation>, string][] = [
    [
      'the session policy, where role trust and identity agree',
      worker,
      { resource: trusted({ AWS: home }), identity: [policy(allow())], session: [silent] },
      'session',
    ],
    [
      'the boundary before the session policy',
      worker,
      { resource: trusted({ AWS: home }), identity: [policy(allow())], boundary: silent, session: [silent] },
      'boundary',
    ],
    [
      'the identity before both',
      worker,
      { resource: trusted({ AWS: home }), boundary: silent, session: [silent] },
      'identity',
    ],
    [
      'the session policy, where the role itself is trusted',
      worker,
      { resource: trusted({ AWS: roleArn }), session: [silent] },
      'session',
    ],
    [
      'the role, where it trusts another',
      worker,
      { resource: trusted({ AWS: rootOf(away) }), session: [silent] },
      'resource',
    ],
  ]
  for (const [name, principal, parts, blocking] of rows) {
    test(name, () => expect(decide(asking(principal, parts))).toMatchObject({ effect: 'deny', blocking }))
  }
})

describe('what a decision hangs on', () => {
  const pending = (statements: readonly object[]) =>
    decide({ request: request({ lookup: untold }), identity: [policy(statements)] }).pending.map(
      ({ kind, statement, part }) => [kind, statement.statement.sid, part.key],
    )
  test('is the Deny alone, where the Allow is certain', () => {
    expect(pending([allow(), allow({ Sid: 'A', ...on('aws:A') }), deny({ Sid: 'D', ...on('aws:B') })])).toEqual([
      ['identity', 'D', 'aws:B'],
    ])
  })
  test('is Allow and Deny, where neither is certain', () => {
    expect(pending([allow({ Sid: 'A', ...on('aws:A') }), deny({ Sid: 'D', ...on('aws:B') })])).toEqual([
      ['identity', 'A', 'aws:A'],
      ['identity', 'D', 'aws:B'],
    ])
  })
  test('is nothing where it does not hang', () => {
    expect(pending([deny(), allow(on('aws:A'))])).toEqual([])
    expect(pending([deny(on('aws:A'))])).toEqual([])
  })
})

describe('a layer says', () => {
  const rows: readonly [string, readonly object[], string][] = [
    ['allow, where one allows', [allow(on('aws:A')), allow()], 'allow'],
    ['deny, whatever else', [allow(), deny(), deny(on('aws:A'))], 'deny'],
    ['unknown, where a Deny hangs over an Allow', [allow(), deny(on('aws:A'))], 'unknown'],
    ['unknown, where an Allow hangs', [allow(on('aws:A'))], 'unknown'],
    ['nothing, where nothing applies', [allow({ Action: 'none:None' })], 'silent'],
  ]
  for (const [name, statements, says] of rows) {
    test(name, () => {
      const situation = { request: request({ lookup: untold }), identity: [policy(statements)] }
      expect(only('identity', situation).says).toBe(says)
    })
  }
})

describe('a statement that almost applies', () => {
  const elsewhere = 'arn:aws:s3:::other/*'
  const resourceOf = (...statements: object[]): Partial<Situation> => ({
    resource: { account: home, rule: 'ordinary', policies: [policy(statements, { type: 'resource' })] },
  })

  test('on another resource is kept where it allows, with what it wants and what is asked for', () => {
    const { elsewhere: kept, near } = only(
      'identity',
      asking(alice, { identity: [policy([allow({ Resource: elsewhere }), deny({ Resource: elsewhere })])] }),
    )
    expect(kept.map(({ statement, failed }) => [statement.effect, failed])).toEqual([
      ['Allow', { part: 'resource', wanted: [elsewhere], seen: ['arn:aws:s3:::bucket/key'], untold: undefined }],
    ])
    expect(near).toEqual([])
  })
  test('on another resource is kept eight times, and then counted', () => {
    for (const [many, kept, omitted] of [
      [8, 8, 0],
      [9, 8, 1],
      [11, 8, 3],
    ] as const) {
      const statements = Array.from({ length: many }, () => allow({ Resource: elsewhere }))
      const layer = only('identity', asking(alice, { identity: [policy(statements)] }))
      expect([layer.elsewhere.length, layer.omitted]).toEqual([kept, omitted])
    }
  })
  test('by another principal is kept thirty-two times, and then counted', () => {
    for (const [many, kept, omitted] of [
      [32, 32, 0],
      [33, 32, 1],
      [35, 32, 3],
    ] as const) {
      const statements = Array.from({ length: many }, () => allow({ Principal: { AWS: away } }))
      const layer = only('resource', asking(alice, resourceOf(...statements)))
      expect([layer.near.length, layer.omitted]).toEqual([kept, omitted])
    }
  })
  test('by its condition is kept thirty-two times, and then counted', () => {
    for (const [many, kept, omitted] of [
      [32, 32, 0],
      [33, 32, 1],
      [35, 32, 3],
    ] as const) {
      const statements = Array.from({ length: many }, () => allow(on('aws:A')))
      const layer = only('identity', asking(alice, { identity: [policy(statements)] }))
      expect([layer.near.length, layer.omitted]).toEqual([kept, omitted])
    }
  })

  const names: readonly [string, Principal, readonly string[]][] = [
    ['a user by its ARN', alice, [aliceArn]],
    ['a session by its ARN and its role’s', worker, [sessionArn, roleArn]],
    ['a service by its name', ec2, ['ec2.amazonaws.com']],
    ['a foreign token by its provider', github, [github.federated ?? '']],
    ['the anonymous as that', nobody, ['anonymous']],
  ]
  for (const [name, principal, seen] of names) {
    test(`for another principal says who asked: ${name}`, () => {
      const [near] = only('resource', asking(principal, resourceOf(allow({ Principal: { AWS: away } })))).near
      expect(near?.failed).toEqual({ part: 'principal', wanted: [away], seen })
    })
  }

  test('for a condition says which: the first that certainly fails, and not one that nobody can tell', () => {
    const Condition = { StringEquals: { 'aws:A': 'x', 'aws:C': 'y', 'aws:D': 'z' } }
    const asked = { request: request({ lookup: untold }), identity: [policy(allow({ Condition }))] }
    expect(only('identity', asked).near.map(({ failed }) => failed)).toEqual([
      { part: 'condition', operator: 'StringEquals', key: 'aws:C', wanted: ['y'], seen: null, untold: undefined },
    ])
  })
  test('for a condition passes over the clauses that hold', () => {
    const Condition = { StringEquals: { 'aws:C': 'y', 'aws:D': 'z' } }
    const asked = {
      request: request({ lookup: context({ 'aws:C': 'y' }) }),
      identity: [policy(allow({ Condition }))],
    }
    expect(only('identity', asked).near[0]?.failed?.key).toBe('aws:D')
    const last = {
      ...asked,
      identity: [policy(allow({ Condition: { StringEquals: { 'aws:D': 'z', 'aws:C': 'y' } } }))],
    }
    expect(only('identity', last).near[0]?.failed?.key).toBe('aws:D')
  })
  test('for what nobody can tell says the first such clause, and its keys', () => {
    const Condition = { StringEquals: { 'aws:A': 'x', 'aws:B': 'y', 'aws:C': 'z' } }
    const asked = {
      request: request({ lookup: context({ 'aws:C': 'z' }, ['aws:A', 'aws:B']) }),
      identity: [policy(allow({ Condition }))],
    }
    expect(only('identity', asked).hanging.map(({ failed }) => failed)).toEqual([
      {
        part: 'condition',
        operator: 'StringEquals',
        key: 'aws:A',
        wanted: ['x'],
        seen: undefined,
        untold: ['aws:A'],
      },
    ])
  })
  test('for a resource that nobody can tell names the keys in it', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables look like this.
    const wanted = 'arn:aws:s3:::bucket/${aws:A}'
    const asked = { request: request({ lookup: untold }), identity: [policy(allow({ Resource: wanted }))] }
    expect(only('identity', asked).hanging.map(({ failed }) => failed)).toEqual([
      { part: 'resource', wanted: [wanted], seen: ['arn:aws:s3:::bucket/key'], untold: ['aws:a'] },
    ])
  })
})

describe('a statement that leaves something out', () => {
  const bare = { Effect: 'Allow', Action: '*' }
  test('means its own resource where it stands on one', () => {
    const policies = [policy({ ...bare, Principal: '*' }, { type: 'resource' })]
    expect(decide(asking(alice, { resource: { account: home, rule: 'ordinary', policies } })).effect).toBe('allow')
  })
  test('means no resource where it stands on none', () => {
    const layer = only('identity', asking(alice, { identity: [policy(bare)] }))
    expect(layer.says).toBe('silent')
    expect(layer.elsewhere.map(({ failed }) => failed)).toEqual([
      { part: 'resource', wanted: [], seen: ['arn:aws:s3:::bucket/key'], untold: undefined },
    ])
  })
  test('means no principal where it stands on a resource', () => {
    const policies = [policy(allow(), { type: 'resource' })]
    const layer = only('resource', asking(alice, { resource: { account: home, rule: 'ordinary', policies } }))
    expect(layer.near.map(({ failed }) => failed)).toEqual([{ part: 'principal', wanted: [], seen: [aliceArn] }])
  })
  test('means who has it elsewhere', () => {
    const layer = only('identity', asking(alice, { identity: [policy(allow())] }))
    expect(layer.matched.map(({ tier }) => tier)).toEqual(['direct'])
  })
})
