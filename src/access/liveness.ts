import type { View } from '../state/view.ts'
import type { SessionClaims } from '../token/session.ts'

/** Why a session ended before its time. */
export type Ended = 'revoked' | 'role-deleted' | 'user-deleted' | 'account-closed'

/** As much of a session as tells whether it lives. */
export type Living = Pick<
  SessionClaims,
  'accessKeyId' | 'kind' | 'account' | 'principalId' | 'via' | 'issuedAt' | 'revision'
>

/** By more than this the clocks of nodes do not disagree: one that is further off is believed by no client. Milliseconds. */
const clocks = 5 * 60_000

/**
 * Why a session is over although its time has not come; `undefined` where it lives. Whoever it is of must be there under the same
 * unique id, so that another of the same name inherits nothing. INVARIANT: what grew out of a revoked session is as dead as that,
 * so each hop on the way to it is asked about.
 */
export function endOf(view: View, session: Living): Ended | undefined {
  const { accessKeyId, kind, account, principalId, via = [] } = session
  const revoked = (id: string) => isRevoked(view, id, session)
  if (revoked(accessKeyId) || revoked(principalId)) return 'revoked'
  if (via.some(({ key, identity }) => revoked(key) || revoked(identity))) return 'revoked'
  const there = view.get('account', account)
  if (there === undefined || there.closedAt !== undefined) return 'account-closed'
  if (kind === 'role') return view.get('role', principalId) === undefined ? 'role-deleted' : undefined
  return principalId === account || view.get('user', principalId) !== undefined ? undefined : 'user-deleted'
}

/**
 * A session that was made on a state without the revocation was made before it, whatever the clocks of the two nodes said. The time
 * is asked as well for those that a store brought back from a backup does not know: its revisions begin again, the sessions live on.
 */
function isRevoked(view: View, id: string, { revision = 0, issuedAt }: Living): boolean {
  const revocation = view.get('revocation', id)
  return revocation !== undefined && (revision <= revocation.revision || issuedAt <= revocation.at - clocks)
}
