import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'

/** What anybody may know of a key that digest files are signed with, as CloudTrail signs its own (SHA256withRSA). */
export interface DigestPublicKey {
  /** 32 hex digits, the beginning of the SHA-256 of the public key: the same key has the same name wherever it is kept. */
  readonly fingerprint: string
  /** DER as PKCS #1 has it, base64: what ListPublicKeys answers. */
  readonly publicKey: string
}

export interface DigestKey extends DigestPublicKey {
  readonly key: KeyObject
}

/** What a public key in base64 is called. */
export const fingerprintOf = (publicKey: string): string =>
  hash('sha256', Buffer.from(publicKey, 'base64'), 'hex').slice(0, 32)

function publicOf(key: KeyObject): DigestPublicKey {
  if (key.asymmetricKeyType !== 'rsa') throw new Error('digest files are signed with keys of RSA only')
  const publicKey = key.export({ format: 'der', type: 'pkcs1' }).toString('base64')
  return { fingerprint: fingerprintOf(publicKey), publicKey }
}

function keyOf(publicKey: string): KeyObject {
  const read = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'pkcs1' })
  // Node 24 cannot write PKCS #1 of a key that it read from that, and can once it was read from the other form.
  return createPublicKey({ key: read.export({ format: 'der', type: 'spki' }), format: 'der', type: 'spki' })
}

/** A key from the text of a private one. Throws where it is none of RSA. */
export function digestKeyIn(text: string): DigestKey {
  const key = createPrivateKey(text)
  return { ...publicOf(createPublicKey(key)), key }
}

/** Hexadecimal (RSASSA-PKCS1-v1_5 with SHA-256). */
export const signedDigest = ({ key }: DigestKey, text: string): string =>
  sign('sha256', Buffer.from(text), key).toString('hex')

/** The public key as other programs read it. */
export const digestKeyPem = ({ publicKey }: Pick<DigestPublicKey, 'publicKey'>): string =>
  keyOf(publicKey).export({ format: 'pem', type: 'spki' }).toString()

/** The keys in a PEM, or in what `aws cloudtrail list-public-keys` printed. Throws where there is none. */
export function publicDigestKeys(text: string): readonly DigestPublicKey[] {
  if (!text.trimStart().startsWith('{')) return [publicOf(createPublicKey(text))]
  // Whatever it is: what is no list of keys has none.
  const { PublicKeyList: list } = JSON.parse(text) as { readonly PublicKeyList?: unknown }
  const keys = (Array.isArray(list) ? list : []).flatMap((one: { readonly Value?: unknown } | null) =>
    typeof one?.Value === 'string' ? [publicOf(keyOf(one.Value))] : [],
  )
  if (keys.length === 0) throw new Error('there is no public key in it')
  return keys
}

/** Knows signatures of digest files again, by the fingerprint of the key. */
export class DigestVerifier {
  readonly #keys: ReadonlyMap<string, KeyObject>

  constructor(keys: readonly DigestPublicKey[]) {
    this.#keys = new Map(keys.map(({ fingerprint, publicKey }) => [fingerprint, keyOf(publicKey)]))
  }

  knows(fingerprint: string): boolean {
    return this.#keys.has(fingerprint)
  }

  /** False also where the key is not known, or the signature none. */
  verifies(fingerprint: string, text: string, signature: string): boolean {
    const key = this.#keys.get(fingerprint)
    const bytes = Buffer.from(signature, 'hex')
    // Written in one way only: a signature that reads the same in other characters is not the one that was written.
    if (key === undefined || bytes.toString('hex') !== signature) return false
    return verify('sha256', Buffer.from(text), key, bytes)
  }
}
