import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/access/caller.ts'
import {
  boundaryPolicy,
  customerPolicy,
  identityPolicies,
  managedDocument,
  sessionPolicies,
  trustPolicy,
} from '../../src/access/layers.ts'
import type { AttachedPolicy } from '../../src/policy/decide.ts'
import {
  allow,
  away,
  deny,
  document,
  group,
  home,
  managed,
  role,
  rootCaller,
  session,
  sessionCaller,
  user,
  userCaller,
  viewOf,
} from './scene.ts'

const arnOfPolicy = (name: string, path = '/') => `arn:aws:iam::${home}:policy${path}${name}`
const effects = ({ policy }: AttachedPolicy) => policy.statements.map((statement) => statement?.effect)
const actions = ({ policy }: AttachedPolicy) => policy.statements.flatMap((statement) => statement?.actions.patterns)
const written = (action: string) => document(allow({ Action: action }))
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

describe('identity policies', () => {
  test('are none for root', () => expect(identityPolicies(viewOf(), rootCaller())).toEqual([]))

  test('are what a user has, inline before attached, and then what its groups have, in the order of joining', () => {
    const second = group({
      id: 'AGPAOPS',
      name: 'ops',
      inline: [{ name: 'in ops', document: written('o:A') }],
      attached: [arnOfPolicy('shared')],
    })
    const first = group({ inline: [{ name: 'in devs', document: written('d:A') }] })
    const alice = user({
      inline: [{ name: 'own', document: written('u:A') }],
      attached: [arnOfPolicy('shared')],
      groups: [second.id, first.id, 'AGPAGONE'],
    })
    const found = identityPolicies(viewOf(first, second, managed('shared', written('s:A'))), userCaller(alice))
    expect(found.map(({ source }) => source)).toEqual([
      { type: 'inline', name: 'own', account: home, holder: `arn:aws:iam::${home}:user/dev/Alice` },
      {
        type: 'managed',
        name: 'shared',
        arn: arnOfPolicy('shared'),
        account: home,
        holder: `arn:aws:iam::${home}:user/dev/Alice`,
      },
      { type: 'inline', name: 'in ops', account: home, holder: `arn:aws:iam::${home}:group/ops` },
      {
        type: 'managed',
        name: 'shared',
        arn: arnOfPolicy('shared'),
        account: home,
        holder: `arn:aws:iam::${home}:group/ops`,
      },
      { type: 'inline', name: 'in devs', account: home, holder: `arn:aws:iam::${home}:group/devs` },
    ])
    expect(found.flatMap(actions)).toEqual(['u:A', 's:A', 'o:A', 's:A', 'd:A'])
  })

  test('are what the role of a session has', () => {
    const worker = role({ inline: [{ name: 'own', document: written('r:A') }], attached: [readOnly] })
    const found = identityPolicies(viewOf(), sessionCaller(worker))
    expect(found.map(({ source }) => source.name)).toEqual(['own', 'ReadOnlyAccess'])
    expect(found[0] && actions(found[0])).toEqual(['r:A'])
  })

  test('are silent about an attached policy that is gone', () => {
    expect(identityPolicies(viewOf(), userCaller(user({ attached: [arnOfPolicy('gone')] })))).toEqual([])
  })

  test('compile once for as long as the entity lives', () => {
    const alice = user({ inline: [{ name: 'own', document: written('u:A') }] })
    const once = () => identityPolicies(viewOf(), userCaller(alice))[0]?.policy
    expect(once()).toBe(once())
  })

  test('are put together once for as long as nothing changes', () => {
    const alice = user({ inline: [{ name: 'own', document: written('u:A') }], attached: [arnOfPolicy('a')] })
    const view = viewOf(managed('a', written('a:A')))
    expect(identityPolicies(view, userCaller(alice))).toBe(identityPolicies(view, userCaller(alice)))
  })

  test('say what each attached policy says now, whichever of them changes', () => {
    const alice = user({ attached: [arnOfPolicy('a'), arnOfPolicy('b')] })
    const [a, b] = [managed('a', written('a:A')), managed('b', written('b:A'))]
    const says = (...policies: readonly (typeof a)[]) =>
      identityPolicies(viewOf(...policies), userCaller(alice)).flatMap(actions)
    expect(says(a, b)).toEqual(['a:A', 'b:A'])
    expect(says(a, managed('b', written('b:B')))).toEqual(['a:A', 'b:B'])
    expect(says(managed('a', written('a:B')), b)).toEqual(['a:B', 'b:A'])
    expect(says(a)).toEqual(['a:A'])
    expect(says()).toEqual([])
    expect(says(a, b)).toEqual(['a:A', 'b:A'])
    const both = [a.versions, [{ id: 'v2', document: written('a:C'), createdAt: 0 }]].flat()
    const newer = { ...a, versions: both, defaultVersion: 'v2' }
    expect(says(newer, b)).toEqual(['a:C', 'b:A'])
    expect(says({ ...newer, defaultVersion: 'v1' }, b)).toEqual(['a:A', 'b:A'])
  })

  test('INVARIANT: a stored document that does not parse denies everything', () => {
    const alice = user({ inline: [{ name: 'own', document: '{' }] })
    const [broken] = identityPolicies(viewOf(), userCaller(alice))
    expect(broken && [effects(broken), actions(broken)]).toEqual([['Deny'], ['*']])
    expect(broken?.policy.statements[0]?.resources?.patterns).toEqual(['*'])
  })
})

describe('a managed policy', () => {
  const shared = managed('Shared', written('s:A'), { path: '/team/' })
  const view = viewOf(shared, managed('other', written('o:A')))

  test('is found by its ARN', () => expect(customerPolicy(view, arnOfPolicy('Shared', '/team/'))).toBe(shared))
  test('is not found under another path', () => expect(customerPolicy(view, arnOfPolicy('Shared'))).toBeUndefined())
  test('is not found in another case', () =>
    expect(customerPolicy(view, arnOfPolicy('shared', '/team/'))).toBeUndefined())
  test('is not found in another account', () =>
    expect(customerPolicy(view, `arn:aws:iam::${away}:policy/team/Shared`)).toBeUndefined())
  test('is not found by what is no ARN', () => {
    for (const text of ['', 'Shared', 'arn:aws:iam', `arn:aws:iam::${home}`]) {
      expect(customerPolicy(view, text)).toBeUndefined()
    }
  })
  test('of AWS is known to everyone', () => {
    expect(managedDocument(viewOf(), readOnly)?.document).toContain('"Version"')
    expect(managedDocument(viewOf(), readOnly)?.owner).toBe(managedDocument(viewOf(), readOnly)?.owner)
  })
  test('says what its default version says', () => {
    const versions = [
      { id: 'v1', document: written('s:Old'), createdAt: 0 },
      { id: 'v2', document: written('s:New'), createdAt: 0 },
    ]
    const two = managed('Two', '', { versions, defaultVersion: 'v2', lastVersion: 2 })
    expect(managedDocument(viewOf(two), arnOfPolicy('Two'))).toEqual({ owner: versions[1], document: written('s:New') })
  })
  test('that is not there says nothing', () => expect(managedDocument(viewOf(), arnOfPolicy('gone'))).toBeUndefined())
  test('whose default version is not there says nothing', () => {
    const odd = managed('odd', written('s:A'), { defaultVersion: 'v9' })
    expect(managedDocument(viewOf(odd), arnOfPolicy('odd'))).toBeUndefined()
  })
})

describe('a permissions boundary', () => {
  const view = viewOf(managed('limit', written('b:A')))
  test('is none where none is set', () => {
    expect(boundaryPolicy(view, userCaller())).toBeUndefined()
    expect(boundaryPolicy(view, sessionCaller())).toBeUndefined()
    expect(boundaryPolicy(view, rootCaller())).toBeUndefined()
  })
  test('is the user’s', () => {
    const found = boundaryPolicy(view, userCaller(user({ boundary: arnOfPolicy('limit') })))
    expect(found?.source).toEqual({
      type: 'boundary',
      name: 'limit',
      arn: arnOfPolicy('limit'),
      account: home,
      holder: `arn:aws:iam::${home}:user/dev/Alice`,
    })
    expect(found && actions(found)).toEqual(['b:A'])
  })
  test('is that of a session’s role', () => {
    const found = boundaryPolicy(view, sessionCaller(role({ boundary: arnOfPolicy('limit') })))
    expect(found?.source.holder).toBe(`arn:aws:iam::${home}:role/team/worker`)
  })
  test('INVARIANT: that cannot be found allows nothing', () => {
    const found = boundaryPolicy(viewOf(), userCaller(user({ boundary: arnOfPolicy('gone') })))
    expect(found?.policy.statements).toEqual([])
    expect(found?.policy.version).toBe('2012-10-17')
    expect(found?.source).toEqual({
      type: 'boundary',
      name: arnOfPolicy('gone'),
      arn: arnOfPolicy('gone'),
      account: home,
      holder: `arn:aws:iam::${home}:user/dev/Alice`,
    })
  })
})

describe('session policies', () => {
  const view = viewOf(managed('narrow', written('n:A')))
  test('are none where there is no session', () => expect(sessionPolicies(view, userCaller())).toBeUndefined())
  test('are none where none were given', () => expect(sessionPolicies(view, sessionCaller())).toBeUndefined())
  test('are the inline one before the managed ones', () => {
    const own = session({ inlinePolicy: document(deny({ Action: 'i:A' })), policyArns: [arnOfPolicy('narrow')] })
    const found = sessionPolicies(view, sessionCaller(role(), own)) ?? []
    const common = { type: 'session', account: home, holder: `arn:aws:sts::${home}:assumed-role/worker/job-1` }
    expect(found.map(({ source }) => source)).toEqual([
      { ...common, name: 'session policy' },
      { ...common, name: 'narrow', arn: arnOfPolicy('narrow') },
    ])
    expect(found.flatMap(actions)).toEqual(['i:A', 'n:A'])
  })
  test('may be the inline one alone, or managed ones alone', () => {
    const inline = session({ inlinePolicy: written('i:A') })
    expect(sessionPolicies(view, sessionCaller(role(), inline))?.flatMap(actions)).toEqual(['i:A'])
    const arns = session({ policyArns: [arnOfPolicy('narrow')] })
    expect(sessionPolicies(view, sessionCaller(role(), arns))?.flatMap(actions)).toEqual(['n:A'])
  })
  test('that are gone since allow nothing: there were some', () => {
    const own = session({ policyArns: [arnOfPolicy('gone')] })
    expect(sessionPolicies(view, sessionCaller(role(), own))).toEqual([])
  })
  describe('of a lent root', () => {
    const task = 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials'
    const names = (caller: Caller) => sessionPolicies(view, caller)?.map(({ source }) => source.name)
    test('QUIRK: root-task-denies. Leave what its task does not deny', () =>
      expect(names(rootCaller({ session: session({ policyArns: [task] }) }))).toEqual([
        'root',
        'IAMAuditRootUserCredentials',
      ]))
    test('leave nothing where its task cannot be found', () => {
      const gone = 'arn:aws:iam::aws:policy/root-task/Gone'
      expect(names(rootCaller({ session: session({ policyArns: [gone] }) }))).toEqual([])
    })
    test('widen nobody else’s session', () => {
      const own = session({ policyArns: [task], inlinePolicy: written('i:A') })
      expect(names(sessionCaller(role(), own))).toEqual(['session policy', 'IAMAuditRootUserCredentials'])
      expect(names(rootCaller({ session: session({ policyArns: [task, arnOfPolicy('narrow')] }) }))).not.toContain(
        'root',
      )
    })
  })
  test('compile once for a text, and again after more than a thousand others', () => {
    const once = (text: string) =>
      sessionPolicies(view, sessionCaller(role(), session({ inlinePolicy: text })))?.[0]?.policy
    const [first, second] = [once(written('first:A')), once(written('second:A'))]
    for (let count = 0; count < 1022; count++) once(written(`other:${count}`))
    expect(once(written('first:A'))).toBe(first)
    once(written('one:more'))
    expect(once(written('second:A'))).toBe(second)
    expect(once(written('first:A'))).not.toBe(first)
  })
})

test('a trust policy stands on its role, with the ids that its principals had', () => {
  const pins = { [`arn:aws:iam::${home}:user/dev/Alice`]: 'AIDAALICE' }
  const text = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: home } })
  const found = trustPolicy(role({ trust: { document: text, pins } }))
  expect(actions(found)).toEqual(['sts:AssumeRole'])
  expect(found.pins).toBe(pins)
  expect(found.source).toEqual({
    type: 'trust',
    name: 'trust policy',
    account: home,
    holder: `arn:aws:iam::${home}:role/team/worker`,
  })
})

test('a trust policy is put together once for as long as its role is the same', () => {
  const one = role()
  expect(trustPolicy(one)).toBe(trustPolicy(one))
  expect(trustPolicy(role())).not.toBe(trustPolicy(one))
})
