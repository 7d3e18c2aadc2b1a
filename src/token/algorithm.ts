import { constants, type KeyObject, sign, verify } from 'node:crypto'

/** The kinds of key that tokens are signed with (RFC 7518, 6.1; RFC 8037, 2). */
export type KeyType = 'RSA' | 'EC' | 'OKP'

/** One way to sign a token: what it takes of a key, and nothing that a token could choose. */
export interface Algorithm {
  readonly name: string
  readonly kty: KeyType
  /** The curve that a key must be on, where keys have one. */
  readonly crv?: string
  /** Bytes that every signature has, where that does not hang on the key. */
  readonly signatureBytes?: number
  readonly sign: (bytes: Uint8Array, key: KeyObject) => Buffer
  readonly verify: (bytes: Uint8Array, signature: Uint8Array, key: KeyObject) => boolean
}

function rsa(name: string, hash: string, padding: object): Algorithm {
  return {
    name,
    kty: 'RSA',
    sign: (bytes, key) => sign(hash, bytes, { key, ...padding }),
    verify: (bytes, signature, key) => verify(hash, bytes, { key, ...padding }, signature),
  }
}

const pkcs1 = { padding: constants.RSA_PKCS1_PADDING }
/** RFC 7518, 3.5: as many bytes of salt as the hash has. */
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }

/** RFC 7518, 3.4: the two numbers one after the other, each as long as the curve's. */
const plain = { dsaEncoding: 'ieee-p1363' } as const

const ecdsa = (name: string, hash: string, crv: string, signatureBytes: number): Algorithm => ({
  name,
  kty: 'EC',
  crv,
  signatureBytes,
  sign: (bytes, key) => sign(hash, bytes, { key, ...plain }),
  verify: (bytes, signature, key) => verify(hash, bytes, { key, ...plain }, signature),
})

const edwards: Algorithm = {
  name: 'EdDSA',
  kty: 'OKP',
  crv: 'Ed25519',
  signatureBytes: 64,
  sign: (bytes, key) => sign(null, bytes, key),
  verify: (bytes, signature, key) => verify(null, bytes, key, signature),
}

/**
 * The algorithms that tokens may be signed with (RFC 7518, RFC 8037). INVARIANT: all of them take a public key. `none` and the `HS`
 * family are not refused here: there is no way to say them.
 */
export const algorithms: ReadonlyMap<string, Algorithm> = new Map(
  [
    rsa('RS256', 'sha256', pkcs1),
    rsa('RS384', 'sha384', pkcs1),
    rsa('RS512', 'sha512', pkcs1),
    rsa('PS256', 'sha256', pss),
    rsa('PS384', 'sha384', pss),
    rsa('PS512', 'sha512', pss),
    ecdsa('ES256', 'sha256', 'P-256', 64),
    ecdsa('ES384', 'sha384', 'P-384', 96),
    ecdsa('ES512', 'sha512', 'P-521', 132),
    edwards,
  ].map((algorithm) => [algorithm.name, algorithm]),
)
