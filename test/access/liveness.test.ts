import { describe, expect, test } from 'vitest'
import { endOf, type Living } from '../../src/access/liveness.ts'
import type { Account } from '../../src/state/account.ts'
import type { Revocation } from '../../src/state/credential.ts'
import { home, role as roleOf, user as userOf, viewOf } from './scene.ts'

const [role, user] = [roleOf(), userOf()]
const account: Account = { kind: 'account', id: home, name: 'home', createdAt: 0, home: true }
const at = 1_800_000_000_000
const session: Living = {
  accessKeyId: 'ASIASELF',
  kind: 'role',
  account: home,
  principalId: role.id,
  via: [
    { key: 'AKIAFIRST', identity: user.id },
    { key: 'ASIASECOND', identity: 'AROABETWEEN' },
  ],
  issuedAt: at,
  revision: 10,
}
const revocation = (id: string, revision = 10, when = at): Revocation => ({
  kind: 'revocation',
  id,
  account: home,
  revision,
  at: when,
})
const end = (revoked: Revocation, asked: Living = session) => endOf(viewOf(account, role, user, revoked), asked)

describe('a session is over', () => {
  test.each(['ASIASELF', role.id, 'AKIAFIRST', user.id, 'ASIASECOND', 'AROABETWEEN'])('where %s is revoked', (id) => {
    expect(end(revocation(id))).toBe('revoked')
  })

  test('and not where anything else is', () => {
    expect(end(revocation('AROAOTHER'))).toBeUndefined()
    expect(end(revocation(home))).toBeUndefined()
  })

  test('where it was made on a state without the revocation, whatever the clocks said, and where it is far older', () => {
    const minutes = (count: number) => count * 60_000
    expect(end(revocation(role.id, 9))).toBeUndefined()
    expect(end(revocation(role.id, 10, at - minutes(60)))).toBe('revoked')
    // Of a history that a backup has put back.
    expect(end(revocation(role.id, 3, at + minutes(5)))).toBe('revoked')
    expect(end(revocation(role.id, 3, at + minutes(5) - 1))).toBeUndefined()
    // Tokens of before did not say what they knew.
    const { revision: _, ...old } = session
    expect(end(revocation(role.id, 0), old)).toBe('revoked')
  })

  test('where whoever it is of is gone', () => {
    const own: Living = { ...session, kind: 'user', principalId: user.id, via: [] }
    const root: Living = { ...own, kind: 'root', principalId: home }
    expect(endOf(viewOf(account, user), session)).toBe('role-deleted')
    expect(endOf(viewOf(account, role), own)).toBe('user-deleted')
    expect(endOf(viewOf(account, role), { ...own, kind: 'federated' })).toBe('user-deleted')
    for (const living of [session, own, root]) {
      expect(endOf(viewOf(role, user), living)).toBe('account-closed')
      expect(endOf(viewOf({ ...account, closedAt: at }, role, user), living)).toBe('account-closed')
    }
    for (const living of [session, own, root, { ...root, kind: 'federated' as const }])
      expect(endOf(viewOf(account, role, user), living)).toBeUndefined()
  })
})
