import type { Account } from '../../state/account.ts'
import { addressed } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'

/** A name that no mail is ever sent to (RFC 2606). */
const nowhere = '@account.invalid'

/** Accounts that were made without an address have one that says which they are. */
export const emailOf = ({ id, email }: Account): string => email ?? id + nowhere

export function accountAt(state: View, email: string): Account | undefined {
  const found = state.one('account', addressed(email))
  if (found !== undefined || !email.toLowerCase().endsWith(nowhere)) return found
  const named = state.get('account', email.slice(0, -nowhere.length))
  return named?.email === undefined ? named : undefined
}
