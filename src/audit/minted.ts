import { accountOfKey } from '../base/id.ts'
import type { SessionHop, SessionKind } from '../token/session.ts'

/** What the trail keeps of a session beside the record of the call that made it: whose it is, what it grew out of, and how long it lasts. */
export interface Minted {
  /** `ASIA…` */
  readonly key: string
  readonly kind: SessionKind
  /** Whose the session is, by number, unique id and name: the account and id of a federated user are those of who vouched. */
  readonly account: string
  readonly principal: string
  readonly arn: string
  /** Milliseconds since the epoch, both. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** Of the state that it was made on. */
  readonly revision: number
  /** Whether it says itself that a second factor was shown. */
  readonly mfa: boolean
  readonly sourceIdentity?: string
  readonly tagKeys: readonly string[]
  readonly via: readonly SessionHop[]
}

/** How its text begins, and nothing else in a record reads so, since JSON within JSON has its quotes escaped. */
export const mintedBeginning = '{"minted":'

export const mintedText = (minted: Minted): string => `${mintedBeginning}${JSON.stringify(minted)}}`

/** The text of `mintedText`, read again. */
// Nobody but `mintedText` writes it, and the chain vouches for it.
export const readMinted = (text: string): Minted => (JSON.parse(text) as { readonly minted: Minted }).minted

/** The hops that lie in an account. A login shows no key: it lies where the session lies that it began. */
export function hopsIn({ key, via }: Minted, account: string): readonly SessionHop[] {
  return via.filter((hop, at) => accountOfKey(hop.key === '' ? (via[at + 1]?.key ?? key) : hop.key) === account)
}

/**
 * What a session is found by in an account's trail: each key and identity of the account that it is of or grew out of. An account does
 * not learn what stands behind a session in others.
 */
export function subjectsOf(minted: Minted, account: string): readonly string[] {
  const subjects = minted.account === account ? [minted.key, minted.principal] : []
  for (const { key, identity } of hopsIn(minted, account)) if (key !== '') subjects.push(key, identity)
  return subjects
}
