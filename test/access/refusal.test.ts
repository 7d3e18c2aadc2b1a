import { describe, expect, test } from 'vitest'
import { ask } from '../../src/access/ask.ts'
import type { Caller } from '../../src/access/caller.ts'
import type { Need } from '../../src/access/need.ts'
import { refusalText } from '../../src/access/refusal.ts'
import { allow, away, circumstances, deny, document, home, managed, role, user, userCaller, viewOf } from './scene.ts'

const alice = `arn:aws:iam::${home}:user/dev/Alice`
const target = (account: string) => `arn:aws:iam::${account}:role/team/worker`
const trusting = (...Principal: object[]) => ({
  document: document(
    ...Principal.map((one) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: one })),
    ...(Principal.length === 0 ? [{ Effect: 'Deny', Action: 'sts:AssumeRole', Principal: '*' }] : []),
  ),
  pins: {},
})
const assuming = (account: string, trust?: ReturnType<typeof trusting>): Partial<Need> => ({
  action: 'sts:AssumeRole',
  resource: target(account),
  assuming: { account, role: trust && role({ account, trust }) },
})
const having = (...statements: object[]): Caller =>
  userCaller(user({ inline: [{ name: 'own', document: document(...statements) }] }))
const refused = (caller: Caller, parts: Partial<Need>) => {
  const asked = circumstances({ caller, need: parts })
  return refusalText(caller, asked.need, ask(viewOf(managed('limit', document())), asked))
}
const noun = (what: string, action = 'iam:GetUser') =>
  `User: ${alice} is not authorized to perform: ${action} on resource: ${what}`

describe('AWS’s AccessDenied', () => {
  const rows: readonly [string, Caller, Partial<Need>, string][] = [
    [
      'names who, what, on what and why',
      having(),
      {},
      `${noun(alice)} because no identity-based policy allows the iam:GetUser action`,
    ],
    [
      'names the resource in IAM’s odd words, where it has some',
      having(deny()),
      { noun: 'user Alice' },
      `${noun('user Alice')} with an explicit deny in an identity-based policy`,
    ],
    [
      'tells of assuming a role what refuses on the caller’s side',
      having(),
      assuming(home, trusting({ AWS: home })),
      `${noun(target(home), 'sts:AssumeRole')} because no identity-based policy allows the sts:AssumeRole action`,
    ],
    [
      'tells of assuming a role which boundary refuses',
      userCaller(
        user({
          inline: [{ name: 'own', document: document(allow()) }],
          boundary: `arn:aws:iam::${home}:policy/limit`,
        }),
      ),
      assuming(home, trusting({ AWS: home })),
      `${noun(target(home), 'sts:AssumeRole')} because no permissions boundary allows the sts:AssumeRole action`,
    ],
    [
      'QUIRK: assume-role-tells-no-side. Nothing of what the role does not trust',
      having(allow()),
      assuming(home, trusting({ AWS: away })),
      noun(target(home), 'sts:AssumeRole'),
    ],
    ['nor of what it denies', having(allow()), assuming(home, trusting()), noun(target(home), 'sts:AssumeRole')],
    ['nor whether it exists', having(allow()), assuming(home), noun(target(home), 'sts:AssumeRole')],
    [
      'nor anything across accounts, also of the caller’s own side',
      having(),
      assuming(away, trusting({ AWS: home })),
      noun(target(away), 'sts:AssumeRole'),
    ],
  ]
  for (const [name, caller, parts, text] of rows) test(name, () => expect(refused(caller, parts)).toBe(text))
})
