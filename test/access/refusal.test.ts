import { describe, expect, test } from 'vitest'
import { ask } from '../../src/access/ask.ts'
import type { Caller } from '../../src/access/caller.ts'
import type { Need } from '../../src/access/need.ts'
import { refusalText } from '../../src/access/refusal.ts'
import { both, entities, fullResources, manager, policy } from './governed.ts'
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

describe('AWS’s AccessDenied for a member of an organization', () => {
  const scp = 'service control policy'
  const rcp = 'resource control policy'
  const noAssume = policy('p-scp', 'SERVICE', deny({ Action: ['sts:AssumeRole', 'iam:GetUser'] }))
  const noRoles = policy('p-rcp', 'RESOURCE', deny({ Principal: '*', Action: 'sts:*' }))
  const onlyS3 = policy('p-s3', 'SERVICE', allow({ Action: 's3:*' }))
  const under = (attached: Parameters<typeof entities>[0], caller: Caller, parts: Partial<Need>) => {
    const asked = circumstances({ caller, need: parts })
    return refusalText(caller, asked.need, ask(viewOf(...entities(attached), noAssume, noRoles, onlyS3), asked))
  }
  const everything = having(allow())
  const arn = (type: string, id: string) =>
    `arn:aws:organizations::${manager}:policy/o-exampleone/${type}_control_policy/${id}`
  const rows: readonly [string, Parameters<typeof entities>[0], Partial<Need>, string][] = [
    [
      'names the policy that denies',
      { in: [...both, 'p-scp'] },
      {},
      `${noun(alice)} with an explicit deny in a ${scp}: ${arn('service', 'p-scp')}`,
    ],
    [
      'says that none allows',
      { root: [fullResources, 'p-s3'] },
      {},
      `${noun(alice)} because no ${scp} allows the iam:GetUser action`,
    ],
    [
      'tells of assuming a role of its own account which policy denies',
      { account: [...both, 'p-scp'] },
      assuming(home, trusting({ AWS: home })),
      `${noun(target(home), 'sts:AssumeRole')} with an explicit deny in a ${scp}: ${arn('service', 'p-scp')}`,
    ],
    [
      'tells of assuming a role of its own account that none allows it',
      { out: [fullResources, 'p-s3'] },
      assuming(home, trusting({ AWS: home })),
      `${noun(target(home), 'sts:AssumeRole')} because no ${scp} allows the sts:AssumeRole action`,
    ],
    [
      'tells of a role of its own account which policy denies over resources',
      { out: [...both, 'p-rcp'] },
      assuming(home, trusting({ AWS: home })),
      `${noun(target(home), 'sts:AssumeRole')} with an explicit deny in a ${rcp}: ${arn('resource', 'p-rcp')}`,
    ],
    [
      'tells nothing across accounts; QUIRK: assume-role-tells-no-side',
      { account: [...both, 'p-scp'] },
      assuming(away, trusting({ AWS: home })),
      noun(target(away), 'sts:AssumeRole'),
    ],
  ]
  for (const [name, attached, parts, text] of rows)
    test(name, () => expect(under(attached, everything, parts)).toBe(text))

  test('tells nobody from elsewhere that it is the role’s organization that refuses', () => {
    const asked = { caller: { ...everything, account: away } as Caller, need: assuming(home, trusting({ AWS: '*' })) }
    const { need, ...rest } = circumstances(asked)
    const view = viewOf(...entities({ out: [...both, 'p-rcp'] }), noRoles)
    expect(ask(view, { need, ...rest }).blocking).toBe('rcp')
    expect(refusalText(asked.caller, need, ask(view, { need, ...rest }))).toBe(noun(target(home), 'sts:AssumeRole'))
  })
})
