import type { Sealed } from '../base/sealed.ts'
import type { Tag } from './identity.ts'

/** Identity providers outside, and what was shown from them. */

/** An identity provider whose ID tokens are believed. */
export interface OidcProvider {
  readonly kind: 'oidc-provider'
  /** Its ARN, which is made of the URL and never changes. */
  readonly id: string
  readonly account: string
  /** The issuer as tokens write it, without `https://`. */
  readonly url: string
  /** Audiences that are taken, in the order in which they came. */
  readonly clientIds: readonly string[]
  /** Forty characters each, as they were given. */
  readonly thumbprints: readonly string[]
  readonly createdAt: number
  readonly tags: readonly Tag[]
}

/** An identity provider whose SAML assertions are believed. */
export interface SamlProvider {
  readonly kind: 'saml-provider'
  /** Its UUID, as IAM calls it: `SAMLSP…`. */
  readonly id: string
  readonly account: string
  readonly name: string
  /** The document exactly as it came. */
  readonly metadata: string
  /** What the document says, read when it came: the entity id, and the certificates that assertions are signed with (DER, base64). */
  readonly issuer: string
  readonly certificates: readonly string[]
  readonly validUntil: number
  readonly createdAt: number
  readonly tags: readonly Tag[]
  /** Whether assertions must come encrypted, or may. */
  readonly encryption?: 'Required' | 'Allowed'
}

/** A key that encrypted assertions are opened with. */
export interface SamlKey {
  readonly kind: 'saml-key'
  /** `SAMLPK…` */
  readonly id: string
  readonly account: string
  /** Id of the provider. */
  readonly provider: string
  /** The RSA private key, PEM, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** An assertion that bought a session: it buys no other, on any node, until it is good for nothing anyway. */
export interface SpentAssertion {
  readonly kind: 'spent-assertion'
  /** `until` in front, so that those that may be forgotten come first; then a digest of issuer and assertion. */
  readonly id: string
  readonly account: string
  /** When it may be forgotten. */
  readonly until: number
}
