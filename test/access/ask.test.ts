import { describe, expect, test } from 'vitest'
import { ask, principalOf, situationOf } from '../../src/access/ask.ts'
import {
  allow,
  away,
  circumstances,
  deny,
  document,
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

describe('as policies see it', () => {
  test('root is its account’s root', () =>
    expect(principalOf(rootCaller())).toEqual({ kind: 'root', account: home, arns: [`arn:aws:iam::${home}:root`] }))
  test('a user is its ARN and its id', () =>
    expect(principalOf(userCaller())).toEqual({
      kind: 'user',
      account: home,
      arns: [`arn:aws:iam::${home}:user/dev/Alice`],
      uniqueId: 'AIDAALICE',
    }))
  test('a session is itself before it is its role', () =>
    expect(principalOf(sessionCaller())).toEqual({
      kind: 'role-session',
      account: home,
      arns: [`arn:aws:sts::${home}:assumed-role/worker/job-1`, `arn:aws:iam::${home}:role/team/worker`],
      uniqueId: 'AROAWORKER',
    }))
})

describe('over a request stand', () => {
  const limit = managed('limit', document(allow()))
  const arn = `arn:aws:iam::${home}:policy/limit`
  const bare = () => situationOf(viewOf(), circumstances())

  test('what is asked', () => {
    const plain = bare()
    expect(plain.request).toMatchObject({
      action: 'iam:GetUser',
      resource: `arn:aws:iam::${home}:user/dev/Alice`,
      resourceAccount: home,
      principal: { kind: 'user' },
    })
    expect(plain.request.lookup('aws:username')).toEqual(['Alice'])
  })
  test('the caller’s own policies', () => {
    const alice = user({ inline: [{ name: 'own', document: document(allow()) }] })
    const { identity } = situationOf(viewOf(), circumstances({ caller: userCaller(alice) }))
    expect(identity?.map(({ source }) => source.name)).toEqual(['own'])
  })
  test('nothing else that is not there', () => {
    expect(Object.keys(bare()).sort()).toEqual(['identity', 'request'])
  })
  test('the boundary, where there is one', () => {
    const caller = userCaller(user({ boundary: arn }))
    expect(situationOf(viewOf(limit), circumstances({ caller })).boundary).toMatchObject({ source: { arn } })
  })
  test('the session’s policies, where there are some', () => {
    const caller = sessionCaller(role(), session({ policyArns: [arn] }))
    expect(situationOf(viewOf(limit), circumstances({ caller })).session).toMatchObject([{ source: { arn } }])
  })
  test('the trust policy of the role that is to be assumed', () => {
    const target = role({ account: away, id: 'AROATARGET' })
    const need = { assuming: { account: away, role: target } }
    expect(situationOf(viewOf(), circumstances({ need })).resource).toMatchObject({
      account: away,
      rule: 'trust',
      policies: [{ source: { type: 'trust', account: away } }],
    })
  })
  test('the silence of a role that there is not', () => {
    const need = { assuming: { account: away, role: undefined } }
    expect(situationOf(viewOf(), circumstances({ need })).resource).toEqual({
      account: away,
      rule: 'trust',
      policies: [],
    })
  })
  test('nobody, over root', () => {
    expect(situationOf(viewOf(), circumstances({ caller: rootCaller() })).root).toBe(true)
    expect(bare().root).toBeUndefined()
  })
})

describe('the question is answered', () => {
  const rows: readonly [string, object[], 'allow' | 'deny'][] = [
    ['no, without a policy', [], 'deny'],
    ['yes, with a grant', [allow()], 'allow'],
    ['no, with a grant and a denial', [allow(), deny()], 'deny'],
  ]
  for (const [name, statements, effect] of rows) {
    test(name, () => {
      const caller = userCaller(user({ inline: [{ name: 'own', document: document(...statements) }] }))
      expect(ask(viewOf(), circumstances({ caller })).effect).toBe(effect)
    })
  }
})
