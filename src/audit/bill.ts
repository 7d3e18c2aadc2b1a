import { type Recorded, textOf } from './recorded.ts'

/** Why an account is billed for a call. */
export type BillReason =
  | 'own-call'
  | 'role-session'
  | 'session-began'
  | 'resource-owner'
  | 'requester-pays'
  | 'caller-without-account'

export interface Billed {
  /** The account that owns what the call is about. */
  readonly owner: string
  /** The account that is billed for it. */
  readonly account: string
  readonly because: BillReason
}

/**
 * Who pays for a recorded call. It follows from the record alone, and from each of the records of one event the same follows: so an
 * event that stands in several trails is counted once, in that of the account that is billed.
 *
 * Whoever acts as a role acts as the role's account (IAM User Guide, "Roles terms and concepts"). Across accounts the owner of the
 * resource pays, unless the request says that the requester does (Amazon S3 User Guide, "Using Requester Pays general purpose buckets").
 * To begin a session in another account is the caller's own call to STS, whoever owns the role.
 * `undefined` for a record that belongs to no account.
 */
export function billedFor(event: Recorded): Billed | undefined {
  const recipient = event.text('recipientAccountId')
  if (recipient === undefined || !isAccount(recipient)) return undefined
  const caller = event.text('userIdentity', 'accountId')
  // Providers of identities and services of AWS have no account that could pay.
  if (caller === undefined) return { owner: recipient, account: recipient, because: 'caller-without-account' }
  const owner = ownerIn(event, caller)
  if (owner === undefined) {
    const acting = event.text('userIdentity', 'type') === 'AssumedRole'
    return { owner: caller, account: caller, because: acting ? 'role-session' : 'own-call' }
  }
  if (event.text('eventSource') === 'sts.amazonaws.com') return { owner, account: caller, because: 'session-began' }
  if (event.text('requestParameters', 'x-amz-request-payer') === 'requester')
    return { owner, account: caller, because: 'requester-pays' }
  return { owner, account: owner, because: 'resource-owner' }
}

/** The other account whose resource is used. Only what happened between accounts has a shared id. */
function ownerIn(event: Recorded, caller: string): string | undefined {
  if (event.text('sharedEventID') === undefined) return undefined
  for (const resource of event.list('resources')) {
    const account = textOf(resource, 'accountId')
    if (account !== undefined && account !== caller && isAccount(account)) return account
  }
  return undefined
}

const isAccount = (text: string): boolean => /^\d{12}$/.test(text)
