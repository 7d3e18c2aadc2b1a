import type { Guesses } from '../base/guesses.ts'
import type { PasswordHash } from '../base/password.ts'
import type { Sealed } from '../base/sealed.ts'
import type { LastUsed, Tag } from './identity.ts'

/** What its owner shows to be believed. */

export interface AccessKey {
  readonly kind: 'access-key'
  /** `AKIA…` */
  readonly id: string
  readonly account: string
  /** Id of the user (`AIDA…`), or the account id where it is the root user's. */
  readonly owner: string
  readonly secret: Sealed
  readonly status: 'Active' | 'Inactive'
  readonly createdAt: number
  readonly lastUsed?: LastUsed
}

/** A user's password, as hashes only. */
export interface LoginProfile {
  readonly kind: 'login-profile'
  /** The user's; the account's for the root user, whose password is kept nowhere here. */
  readonly id: string
  readonly account: string
  readonly createdAt: number
  readonly changedAt: number
  /** Newest in front: the password, and those before it, as many as a policy can ask about. */
  readonly hashes: readonly PasswordHash[]
  readonly resetRequired: boolean
  /** The last sign-in with it. */
  readonly usedAt?: number
  /** Wrong passwords since the right one was last shown. */
  readonly guesses?: Guesses
}

/** A virtual device that shows codes. */
export interface MfaDevice {
  readonly kind: 'mfa-device'
  /** The serial number: the device's ARN, which never changes. */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
  readonly tags: readonly Tag[]
  /** The seed, base32, sealed. */
  readonly secret: Sealed
  /** Whose it is, once it is enabled: the id of a user, or the account for its root user; and since when. */
  readonly enabled?: { readonly owner: string; readonly at: number }
  /** The step of the newest code that was good. No code of this or an earlier step is good again, on any node. */
  readonly lastStep?: number
  /** Steps by which the device's clock is ahead. */
  readonly drift: number
  /** Wrong codes since the last good one. */
  readonly guesses?: Guesses
}

/** A key that its user signs in to SSH with. */
export interface SshPublicKey {
  readonly kind: 'ssh-public-key'
  /** `APKA…` */
  readonly id: string
  readonly account: string
  /** Id of the user. */
  readonly owner: string
  /** `ssh-rsa` and base64. */
  readonly body: string
  readonly fingerprint: string
  readonly status: 'Active' | 'Inactive'
  readonly createdAt: number
}

/** A certificate that its user signs requests with. */
export interface SigningCertificate {
  readonly kind: 'signing-certificate'
  readonly id: string
  readonly account: string
  /** Id of the user, or the account id where it is the root user's. */
  readonly owner: string
  /** The exact text as it was put. */
  readonly body: string
  readonly fingerprint: string
  readonly status: 'Active' | 'Inactive'
  readonly createdAt: number
}

/** A certificate that services show to those who connect, and its key. */
export interface ServerCertificate {
  readonly kind: 'server-certificate'
  /** `ASCA…` */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly tags: readonly Tag[]
  readonly body: string
  readonly chain?: string
  /** The private key, sealed. */
  readonly secret: Sealed
}

/** A user name and password for one service, or an API key of it. */
export interface ServiceCredential {
  readonly kind: 'service-credential'
  /** `ACCA…` */
  readonly id: string
  readonly account: string
  /** Id of the user. */
  readonly owner: string
  /** `codecommit.amazonaws.com` */
  readonly service: string
  /** The name that goes with the password, or the public part of the key. */
  readonly login: string
  readonly secret: Sealed
  readonly status: 'Active' | 'Inactive'
  readonly createdAt: number
  readonly expiresAt?: number
}

/** The end, before their time, of the sessions of one key or one identity, and of all that grew out of them. */
export interface Revocation {
  readonly kind: 'revocation'
  /** `AKIA…`, `ASIA…`; `AIDA…`, `AROA…`; the account's for its root. */
  readonly id: string
  readonly account: string
  /** Sessions that were made on this state, or on one before it, are over. */
  readonly revision: number
  /** When that was, in milliseconds. */
  readonly at: number
}
