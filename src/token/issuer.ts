import type { VerificationKey } from './jwk.ts'

/** An identity provider, as far as its keys are asked for. */
export interface Issuer {
  /** As tokens write it: `https://token.actions.githubusercontent.com`. */
  readonly url: string
  /** SHA-1 of certificates, 40 hex digits each: they are believed where no certificate authority vouches for the provider's. */
  readonly thumbprints: readonly string[]
}

/**
 * Why an issuer's keys could not be had: nobody answered there (`unreachable`), its certificate is nobody's that is trusted
 * (`certificate`), or what it answered, or where it is, is not what is taken (`refused`). The message is for the operator.
 */
export class IssuerTrouble extends Error {
  readonly kind: 'unreachable' | 'certificate' | 'refused'
  constructor(kind: IssuerTrouble['kind'], message: string) {
    super(message)
    this.name = 'IssuerTrouble'
    this.kind = kind
  }
}

/** Who says that a server is the issuer's: a certificate authority, or a thumbprint that was set for the provider. */
export type Vouching = 'authority' | 'thumbprint'

/** The keys of an issuer, as they were had. */
export interface KeySet {
  readonly keys: readonly VerificationKey[]
  /** Nothing where the operator said where they are had, and no certificate was looked at. */
  readonly vouched?: Vouching | undefined
}

/** Asks an issuer for its keys, now. Throws an IssuerTrouble where it cannot be had. */
export type FetchKeys = (issuer: Issuer) => Promise<KeySet>
