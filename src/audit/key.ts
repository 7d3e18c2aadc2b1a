import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import type { Random } from '../base/env.ts'

/** What anybody may know of a key: digests are verified with it. */
export interface AuditPublicKey {
  /** Sixteen hex digits, the beginning of the SHA-256 of the public key. */
  readonly id: string
  /** Ed25519 (RFC 8032), 32 bytes, base64. */
  readonly publicKey: string
}

/** The key that digests are signed with. Never stands in the database that it speaks for. */
export interface AuditKey extends AuditPublicKey {
  /** The private key: 32 bytes, base64. */
  readonly secret: string
}

// RFC 8410: what stands before the 32 bytes of a key in PKCS #8 and in SubjectPublicKeyInfo.
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex')

const privateOf = (secret: string): KeyObject =>
  createPrivateKey({ key: Buffer.concat([privatePrefix, Buffer.from(secret, 'base64')]), format: 'der', type: 'pkcs8' })

const publicOf = (publicKey: string): KeyObject =>
  createPublicKey({ key: Buffer.concat([publicPrefix, Buffer.from(publicKey, 'base64')]), format: 'der', type: 'spki' })

const idOf = (raw: Buffer): string => hash('sha256', raw, 'hex').slice(0, 16)

export function makeAuditKey(random: Random): AuditKey {
  const secret = Buffer.from(random.bytes(32)).toString('base64')
  const raw = createPublicKey(privateOf(secret)).export({ format: 'der', type: 'spki' }).subarray(publicPrefix.length)
  return { id: idOf(raw), publicKey: raw.toString('base64'), secret }
}

/** The public key as other programs read it (`openssl pkeyutl -verify -rawin`). */
export const pemOf = ({ publicKey }: AuditPublicKey): string =>
  publicOf(publicKey).export({ format: 'pem', type: 'spki' }).toString()

/** Signs with the newest key, and knows all of them again. */
export class Signer {
  readonly id: string
  readonly #private: KeyObject
  readonly #current: Buffer
  readonly #codes: ReadonlyMap<string, Buffer>
  readonly verifier: Verifier

  /** The newest key in front. Throws where there is none. */
  constructor(keys: readonly AuditKey[]) {
    const [newest] = keys
    if (newest === undefined) throw new Error('an audit trail needs a key')
    this.id = newest.id
    this.#private = privateOf(newest.secret)
    this.#codes = new Map(keys.map((key) => [key.id, codeKey(key)]))
    this.#current = codeKey(newest)
    this.verifier = new Verifier(keys)
  }

  /** An Ed25519 signature, base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#private).toString('base64')
  }

  /** A code that only who has the key can make: the key's id, a dot, and an HMAC-SHA256. */
  code(text: string): string {
    return `${this.id}.${codeOf(this.#current, text)}`
  }

  /** Whether a code is ours, and for this text. */
  coded(text: string, code: string): boolean {
    const [id = '', value = ''] = code.split('.')
    const key = this.#codes.get(id)
    if (key === undefined) return false
    const due = Buffer.from(codeOf(key, text))
    const given = Buffer.from(value)
    return given.length === due.length && timingSafeEqual(given, due)
  }
}

/** Knows signatures again, by the id of the key. */
export class Verifier {
  readonly #keys: ReadonlyMap<string, KeyObject>

  constructor(keys: readonly AuditPublicKey[]) {
    this.#keys = new Map(keys.map(({ id, publicKey }) => [id, publicOf(publicKey)]))
  }

  get size(): number {
    return this.#keys.size
  }

  knows(id: string): boolean {
    return this.#keys.has(id)
  }

  /** False also where the key is not known, or the signature none. */
  verifies(id: string, text: string, signature: string): boolean {
    const key = this.#keys.get(id)
    const bytes = Buffer.from(signature, 'base64')
    // Written in one way only: a signature that reads the same in other characters is not the one that was written.
    if (key === undefined || bytes.toString('base64') !== signature) return false
    return verify(null, Buffer.from(text), key, bytes)
  }
}

/** One secret is enough: what codes are made with comes of it, and gives nothing of it away. */
const codeKey = ({ secret }: AuditKey): Buffer =>
  createHmac('sha256', Buffer.from(secret, 'base64')).update('rolecall audit code 1').digest()

const codeOf = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('base64url')
