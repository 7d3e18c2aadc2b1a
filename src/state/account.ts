/** An account, and what it chose for all that is in it. */

export interface Account {
  readonly kind: 'account'
  /** The twelve digits. */
  readonly id: string
  readonly name: string
  readonly createdAt: number
  /** The account that came first: its principals may, where their policies allow it, create further ones. */
  readonly home: boolean
  /** The address of its root user, where it was given one. No two accounts have the same. */
  readonly email?: string
  /** The account that it goes back to, where an organization made it: whoever made the first in the line. */
  readonly founder?: string
  /** When it was closed. Nobody acts in a closed account. */
  readonly closedAt?: number
}

/** The name of an account for people. */
export interface AccountAlias {
  readonly kind: 'account-alias'
  /** The alias: of all accounts, one has it. */
  readonly id: string
  readonly account: string
}

/** What an account chose for itself. */
export interface AccountSettings {
  readonly kind: 'account-settings'
  /** The account. */
  readonly id: string
  readonly account: string
  /** Of the tokens of STS's global endpoint. */
  readonly tokenVersion: 1 | 2
  /** Federation into services outside AWS: the issuer of the account's tokens, which it keeps for life, and the UUID in it. */
  readonly outbound?: { readonly issuer: string; readonly id: string; readonly enabled: boolean }
}

/** What an account asks of its users' passwords. Where there is none, AWS's default stands. */
export interface PasswordPolicy {
  readonly kind: 'password-policy'
  /** The account. */
  readonly id: string
  readonly account: string
  readonly minimumLength: number
  readonly symbols: boolean
  readonly numbers: boolean
  readonly uppercase: boolean
  readonly lowercase: boolean
  readonly usersMayChange: boolean
  /** Days. */
  readonly maxAge?: number
  /** How many passwords back none may be used again. */
  readonly reusePrevention?: number
  readonly hardExpiry?: boolean
}

/** Quotas of an account that are not AWS's defaults, by name. */
export interface Quotas {
  readonly kind: 'quotas'
  /** The account. */
  readonly id: string
  readonly account: string
  readonly limits: Readonly<Record<string, number>>
}
