import { describe, expect, test } from 'vitest'
import { ask } from '../../src/access/ask.ts'
import { ofAuthority } from '../../src/access/authority.ts'
import type { Caller } from '../../src/access/caller.ts'
import { accessDeniedReason } from '../../src/policy/explain.ts'
import type { Account } from '../../src/state/account.ts'
import { allow, away, circumstances, document, home, rootCaller, user, userCaller, viewOf } from './scene.ts'

/** What is the business of whoever runs the authority: the law is asked about it, as about everything else. */
const accounts = [home, away].map((id): Account => ({ kind: 'account', id, name: id, createdAt: 0, home: id === home }))
const need = ofAuthority('rolecall:CreateAccount')
const decide = (caller: Caller, what = need) => ask(viewOf(...accounts), circumstances({ caller, need: what }))
const everything = [{ name: 'own', document: document(allow()) }]
const there = { ...userCaller(user({ account: away, inline: everything })), account: away }

describe('the authority is run', () => {
  test('by principals of the first account, as their policies allow', () => {
    expect(decide(userCaller(user({ inline: everything }))).effect).toBe('allow')
    expect(decide(rootCaller()).effect).toBe('allow')
    expect(decide(userCaller(user()))).toMatchObject({ effect: 'deny', because: 'no-grant', blocking: 'identity' })
  })

  test('by nobody else, root or not, and everybody is shown why', () => {
    for (const caller of [there, { ...rootCaller(), account: away, arn: `arn:aws:iam::${away}:root`, userId: away }]) {
      const decision = decide(caller)
      expect(decision).toMatchObject({ effect: 'deny', because: 'explicit-deny', blocking: 'scp' })
      expect(accessDeniedReason(decision, need.action)).toBe('with an explicit deny in a service control policy')
      const layer = decision.layers.find(({ kind }) => kind === 'scp')
      expect(layer?.account).toBe('')
      expect(layer?.matched.map(({ statement }) => statement.sid)).toContain('OnlyTheFirstAccount')
    }
  })

  test('by nobody of an account that is not there', () => {
    const { effect } = ask(viewOf(), circumstances({ caller: there, need }))
    expect(effect).toBe('deny')
  })

  test('and nothing else is kept from an account', () => {
    const own = decide(there, { action: 'rolecall:ListQuotas', resource: '*' })
    expect(own.effect).toBe('allow')
    expect(own.layers.map(({ kind }) => kind)).not.toContain('scp')
  })
})
