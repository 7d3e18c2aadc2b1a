import type { TokenAlgorithm } from '../base/key-pair.ts'
import type { Sealed } from '../base/sealed.ts'

/** The keys that the authority holds itself, and what it noted under them. */

/** One key of the ring under which session tokens are sealed. */
export interface TokenKey {
  readonly kind: 'token-key'
  /** Eight hex digits. */
  readonly id: string
  /** 32 bytes, base64, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** A key that an account's web identity tokens are signed with. */
export interface JwtKey {
  readonly kind: 'jwt-key'
  /** The thumbprint of the public key (RFC 7638): tokens name it so. */
  readonly id: string
  readonly account: string
  readonly algorithm: TokenAlgorithm
  /** The public key as a JWK Set lists it (RFC 7517). */
  readonly publicKey: Readonly<Record<string, string>>
  /** The private key, PKCS #8 in PEM, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** The key-encryption key that secrets are sealed under: one word for all nodes, so that none goes on under one that is leaving. */
export interface Sealing {
  readonly kind: 'sealing'
  readonly id: 'current'
  /** Eight hex digits. */
  readonly keyId: string
  /** When it was taken up. */
  readonly since: number
}

/** One key that digests of the audit trail are signed with, the newest of them. */
export interface AuditKeyPair {
  readonly kind: 'audit-key'
  /** Sixteen hex digits, the beginning of the SHA-256 of the public key. */
  readonly id: string
  /** Ed25519, 32 bytes, base64: plain, so that anybody can verify the trail. */
  readonly publicKey: string
  /** The private key, 32 bytes, base64, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** The key that digest files of exported trails are signed with. There is one. */
export interface DigestKeyPair {
  readonly kind: 'digest-key'
  /** Its fingerprint, by which digest files name it. */
  readonly id: string
  /** RSA, DER as PKCS #1 has it, base64: plain, so that anybody can verify what was exported. */
  readonly publicKey: string
  /** The private key, PKCS #8 in PEM, sealed. */
  readonly secret: Sealed
  readonly createdAt: number
}

/** The newest digest of a chain of the audit trail, noted here so that the trail cannot be put back to an older state unseen. */
export interface AuditAnchor {
  readonly kind: 'audit-anchor'
  /** The chain's node. */
  readonly id: string
  readonly segment: number
  /** Sequence of the last record that is sealed. */
  readonly sequence: number
  readonly hash: string
  readonly signature: string
}
