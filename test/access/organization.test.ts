import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ask, situationOf } from '../../src/access/ask.ts'
import type { Caller } from '../../src/access/caller.ts'
import { contextOf } from '../../src/access/context.ts'
import type { Need } from '../../src/access/need.ts'
import { organizationPath, resourceControl, serviceControl } from '../../src/access/organization.ts'
import { Draft } from '../../src/state/draft.ts'
import type { Entity } from '../../src/state/entity.ts'
import type { Role } from '../../src/state/identity.ts'
import { inAccount } from '../../src/state/index-keys.ts'
import type { View } from '../../src/state/view.ts'
import { World } from '../../src/state/world.ts'
import { both, entities, full, fullResources, manager, member, organization, policy, unit } from './governed.ts'
import {
  allow,
  away,
  circumstances,
  deny,
  document,
  home,
  role,
  rootCaller,
  session,
  sessionCaller,
  user,
  userCaller,
} from './scene.ts'

const worldOf = (...more: readonly (Entity | readonly Entity[])[]): World => new World(more.flat())

const mighty = user({ inline: [{ name: 'all', document: document(allow()) }] })
const alice = userCaller(mighty)
const userOf = (account: string): Caller => ({
  kind: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/dev/Alice`,
  userId: mighty.id,
  accessKeyId: 'AKIAALICE',
  user: { ...mighty, account },
})
const denied = (view: View, caller: Caller = alice, need: Partial<Need> = {}) => {
  const { effect, because, blocking } = ask(view, circumstances({ caller, need }))
  return effect === 'allow' ? 'allow' : `${because} ${blocking}`
}
const noIam = policy('p-noiam', 'SERVICE', deny({ Action: 'iam:*' }))
const notAssumed = policy('p-res', 'RESOURCE', deny({ Principal: '*', Action: 'sts:AssumeRole' }))
const onlyS3 = policy('p-onlys3', 'SERVICE', allow({ Action: 's3:*' }))

describe('service control policies', () => {
  test('stand over a member at every level, the root first, each with its name and where it hangs', () => {
    const { scps } = situationOf(worldOf(entities({ in: [full, 'p-noiam', fullResources] }), noIam), circumstances())
    expect(scps?.map((level) => level.map(({ source }) => [source.name, source.holder]))).toEqual([
      [['FullAWSAccess', `arn:aws:organizations::${manager}:root/o-exampleone/r-root`]],
      [['FullAWSAccess', `arn:aws:organizations::${manager}:ou/o-exampleone/ou-out`]],
      [
        ['FullAWSAccess', `arn:aws:organizations::${manager}:ou/o-exampleone/ou-in`],
        ['named p-noiam', `arn:aws:organizations::${manager}:ou/o-exampleone/ou-in`],
      ],
      [['FullAWSAccess', `arn:aws:organizations::${manager}:account/o-exampleone/${home}`]],
    ])
    expect(scps?.[2]?.[1]?.source).toMatchObject({
      type: 'scp',
      account: manager,
      arn: `arn:aws:organizations::${manager}:policy/o-exampleone/service_control_policy/p-noiam`,
    })
  })

  test('that allow everything stop nothing', () => expect(denied(worldOf(entities()))).toBe('allow'))

  for (const level of ['root', 'out', 'in', 'account'] as const) {
    test(`deny from the level ${level}`, () =>
      expect(denied(worldOf(entities({ [level]: [...both, 'p-noiam'] }), noIam))).toBe('explicit-deny scp'))
    test(`must allow at the level ${level} too`, () =>
      expect(denied(worldOf(entities({ [level]: [fullResources, 'p-onlys3'] }), onlyS3))).toBe('ceiling scp'))
  }

  const blocked = worldOf(entities({ root: [...both, 'p-noiam'], manager: [...both, 'p-noiam'] }), noIam)
  test('hold for the root user of a member', () => expect(denied(blocked, rootCaller())).toBe('explicit-deny scp'))
  test('hold for a role’s session', () => {
    const worker = role({ inline: [{ name: 'all', document: document(allow()) }] })
    expect(denied(blocked, sessionCaller(worker))).toBe('explicit-deny scp')
  })
  test('hold for root with credentials that were lent', () =>
    expect(denied(blocked, rootCaller({ session: session() }))).toBe('explicit-deny scp'))
  test('QUIRK: management-account-unbound. Do not hold in the account that manages', () => {
    expect(situationOf(blocked, circumstances({ caller: userOf(manager) })).scps).toBeUndefined()
    expect(situationOf(blocked, circumstances({ caller: alice })).scps).toHaveLength(4)
  })
  test('do not hold for service-linked roles', () => {
    const linked = role({
      path: '/aws-service-role/ec2.amazonaws.com/',
      inline: [{ name: 'all', document: document(allow()) }],
    })
    expect(denied(blocked, sessionCaller(linked))).toBe('allow')
  })
  test('do not hold in accounts of no organization', () => {
    expect(situationOf(blocked, circumstances({ caller: userOf(away) })).scps).toBeUndefined()
  })
  test('do not hold where their type is not enabled', () => {
    const off = organization({ policyTypes: [] })
    expect(denied(worldOf(entities({ root: [...both, 'p-noiam'] }, off), noIam))).toBe('allow')
  })
  test('grant nothing', () => expect(denied(worldOf(entities()), userCaller())).toBe('no-grant identity'))

  test('hold for who assumes a role of another account, and not in that account', () => {
    const noAssume = policy('p-noassume', 'SERVICE', deny({ Action: 'sts:AssumeRole' }))
    const view = worldOf(entities({ account: [...both, 'p-noassume'] }), noAssume)
    const trusting = (account: string): Role =>
      role({
        account,
        trust: { document: document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*' }), pins: {} },
      })
    const assuming = (account: string): Partial<Need> => ({
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${account}:role/team/worker`,
      assuming: { account, role: trusting(account) },
    })
    expect(denied(view, alice, assuming(away))).toBe('explicit-deny scp')
    expect(denied(view, userOf(away), assuming(home))).toBe('allow')
  })
})

describe('resource control policies', () => {
  const noStrangers = policy('p-nostrangers', 'RESOURCE', {
    Effect: 'Deny',
    Principal: '*',
    Action: 'sts:*',
    Resource: '*',
    Condition: { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-exampleone' } },
  })
  const view = worldOf(entities({ out: [...both, 'p-nostrangers'], manager: [...both, 'p-nostrangers'] }), noStrangers)
  const trust = {
    document: document({ Effect: 'Allow', Action: 'sts:*', Principal: { AWS: '*', Federated: 'idp' } }),
    pins: {},
  }
  const assuming = (account: string, action = 'sts:AssumeRole'): Partial<Need> => ({
    action,
    resource: `arn:aws:iam::${account}:role/team/worker`,
    assuming: { account, role: role({ account, trust }) },
  })
  const foreigner = userOf(away)
  const login: Caller = {
    kind: 'web-identity',
    account: home,
    provider: 'idp',
    issuer: 'idp',
    subject: 'x',
    audience: 'x',
    keys: {},
    lasting: [],
    tags: [],
    transitiveTagKeys: [],
  }

  test('hold for whoever assumes a member’s role, of whatever account', () => {
    expect(denied(view, foreigner, assuming(home))).toBe('explicit-deny rcp')
    expect(denied(view, alice, assuming(home))).toBe('allow')
  })
  test('hold for who comes with a provider’s token', () =>
    expect(denied(view, login, assuming(home, 'sts:AssumeRoleWithWebIdentity'))).toBe('explicit-deny rcp'))
  test('do not hold for roles of the account that manages, or of no organization', () => {
    expect(denied(view, foreigner, assuming(manager))).toBe('allow')
    expect(denied(view, foreigner, assuming(away))).toBe('allow')
  })
  test('do not hold for what is no resource that can be controlled', () => {
    const everything = policy('p-all', 'RESOURCE', { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' })
    const closed = worldOf(entities({ root: [...both, 'p-all'] }), everything)
    expect(denied(closed)).toBe('allow')
    expect(denied(closed, alice, { action: 'sts:GetAccessKeyInfo', resource: '*' })).toBe('allow')
    expect(denied(closed, alice, assuming(home))).toBe('explicit-deny rcp')
    expect(denied(closed, alice, { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' })).toBe('explicit-deny rcp')
  })
  test('must allow at every level', () => {
    const onlyS3 = policy('p-onlys3', 'RESOURCE', { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' })
    expect(denied(worldOf(entities({ account: [full, 'p-onlys3'] }), onlyS3), alice, assuming(home))).toBe(
      'ceiling rcp',
    )
  })
})

describe('a condition may ask for', () => {
  const view = worldOf(entities())
  const lookup = (key: string, caller: Caller = alice, resource = `arn:aws:iam::${away}:role/r`) =>
    contextOf(circumstances({ caller, need: { resource } }), view)(key)
  const path = 'o-exampleone/r-root/ou-out/ou-in/'
  const outsider = userOf(away)
  test('the organization of who asks', () => {
    expect(lookup('aws:principalorgid')).toEqual(['o-exampleone'])
    expect(lookup('aws:principalorgid', outsider)).toBeNull()
  })
  test('where in it; QUIRK: one-path', () => {
    expect(lookup('aws:principalorgpaths')).toEqual([path])
    expect(lookup('aws:principalorgpaths', userOf(manager))).toEqual(['o-exampleone/r-root/'])
    expect(lookup('aws:principalorgpaths', outsider)).toBeNull()
  })
  test('the organization of the resource, and where in it', () => {
    const own = `arn:aws:iam::${home}:role/r`
    expect([lookup('aws:resourceorgid'), lookup('aws:resourceorgpaths')]).toEqual([null, null])
    expect(lookup('aws:resourceorgid', outsider, own)).toEqual(['o-exampleone'])
    expect(lookup('aws:resourceorgpaths', outsider, own)).toEqual([path])
  })
})

describe('what was put together for an account', () => {
  test('is kept as long as nothing of it has changed', () => {
    const view = worldOf(entities())
    expect(serviceControl(view, home)).toBe(serviceControl(view, home))
  })

  /** One change each, after which something else must stand over the account than before. */
  const changes: readonly [string, (draft: Draft) => void, string][] = [
    [
      'a policy that is changed',
      (draft) => draft.put({ ...noIam, document: document(deny({ Action: 's3:*' })) }),
      'allow',
    ],
    ['one that is taken off a unit', (draft) => draft.put(unit('ou-out', 'r-root')), 'allow'],
    ['an account that moves', (draft) => draft.put(member(home, both, 'r-root')), 'allow'],
    ['a type that is disabled', (draft) => draft.put(organization({ policyTypes: [] })), 'allow'],
    ['an account that leaves', (draft) => draft.remove('membership', home), 'allow'],
    [
      'one that is put on the account',
      (draft) => draft.put(member(home, [fullResources, 'p-onlys3'])),
      'explicit-deny scp',
    ],
  ]
  for (const [name, change, after] of changes) {
    test(`follows ${name}, and only in the view that has it`, () => {
      const world = worldOf(entities({ out: [...both, 'p-noiam'] }), noIam, onlyS3)
      expect(denied(world)).toBe('explicit-deny scp')
      const draft = new Draft(world)
      change(draft)
      expect(denied(draft)).toBe(after)
      expect(denied(world)).toBe('explicit-deny scp')
      expect(denied(draft)).toBe(after)
    })
  }

  /** What stands over an account, in words: by name, by what it lets be done, and where the account is. */
  const over = (view: View, account: string) => ({
    scps: named(serviceControl(view, account)),
    rcps: named(resourceControl(view, account)),
    path: organizationPath(view, account),
    told: ['iam:GetUser', 's3:GetObject'].map((action) => denied(view, userOf(account), { action, resource: '*' })),
  })
  const named = (levels: ReturnType<typeof serviceControl>) =>
    levels?.map((level) => level.map(({ source: { name, holder, arn } }) => [name, holder, arn]))

  /** The parts of one entity that are written anew; `undefined`: the account leaves. */
  type Edit = readonly [id: string, parts: object | undefined]
  const of = (ids: readonly string[], parts: fc.Arbitrary<object>): fc.Arbitrary<Edit> =>
    fc.tuple(fc.constantFrom(...ids), parts)
  const under = (...units: string[]) => fc.record({ parent: fc.constantFrom(...units) })
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    of(
      ['r-root', 'ou-out', 'ou-side', 'ou-in', home, manager],
      fc.record({ policies: fc.subarray([...both, 'p-noiam', 'p-onlys3', 'p-res']) }),
    ),
    of([home], under('r-root', 'ou-out', 'ou-side', 'ou-in')),
    of(['ou-side'], under('r-root', 'ou-out')),
    of(['ou-in'], under('r-root', 'ou-out', 'ou-side')),
    of(
      ['p-noiam', 'p-onlys3'],
      fc
        .tuple(fc.constantFrom(allow, deny), fc.constantFrom('iam:*', 's3:*', 'sts:*'))
        .map(([statement, Action]) => ({ document: document(statement({ Action })) })),
    ),
    of(
      ['o-exampleone'],
      fc.record({ policyTypes: fc.subarray(['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY']) }),
    ),
    // The same once more is another entity.
    of(['r-root', 'o-exampleone', home, 'p-noiam'], fc.constant({})),
    fc.constant<Edit>([home, undefined]),
  )
  const edited = (estate: readonly Entity[], [id, parts]: Edit): readonly Entity[] => {
    if (parts === undefined) return estate.filter((entity) => entity.id !== id)
    const known = estate.some((entity) => entity.id === id)
    // The cast stands for parts that are of the kind of what has this id.
    return known
      ? estate.map((entity) => (entity.id === id ? ({ ...entity, ...parts } as Entity) : entity))
      : [...estate, member(id)]
  }

  test('is what would be put together anew, through whatever edits, in every view that there was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(edit, fc.nat()), { maxLength: 12 }), (edits) => {
        const carrying = entities({ in: [...both, 'p-noiam'] })
        const first = new World([...carrying, unit('ou-side', 'r-root'), noIam, onlyS3, notAssumed])
        const kinds = ['organization', 'organization-unit', 'membership', 'organization-policy'] as const
        const all = (view: View) => kinds.flatMap((kind): readonly Entity[] => view.find(kind, inAccount(manager)))
        let estate = [...all(first), ...first.find('membership', inAccount(home))]
        const views = [estate]
        for (const [one, which] of edits) {
          estate = [...edited(estate, one)]
          views.push(estate)
          for (const now of [estate, views[which % views.length] ?? estate])
            for (const account of [home, manager])
              expect(over(new World(now), account)).toEqual(
                over(new World(now.map((entity) => structuredClone(entity))), account),
              )
        }
      }),
      { numRuns: 300 },
    )
  })
})
