import { Buffer } from 'node:buffer'
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import type { Clock, Random } from '../base/env.ts'
import { type Binding, CannotOpen, type KeyOrigin, type Sealed, type Vault } from '../base/sealed.ts'

/** A key-encryption key. Its bytes are held where neither JSON nor a printed object shows them. */
export interface SealingKey {
  /** Eight hex digits, derived from the key: the same key has the same id wherever it is kept. */
  readonly id: string
  readonly key: KeyObject
}

export const sealingKeyBytes = 32

/** Throws where there are not 32 bytes. */
export function sealingKey(bytes: Uint8Array): SealingKey {
  if (bytes.length !== sealingKeyBytes) throw new Error(`a key has ${sealingKeyBytes} bytes, not ${bytes.length}`)
  const id = createHash('sha256').update('rolecall key id\0').update(bytes).digest('hex').slice(0, 8)
  return { id, key: createSecretKey(bytes) }
}

/** The shape of sealed texts: `v1.KEYID.` and base64url of salt, ciphertext and tag. */
const version = 'v1'
const form = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/
const saltBytes = 16
const tagBytes = 16

/** Whether a text is a sealed one by its looks. No secret of ours has a dot in it, so none is taken for one. */
export const isSealed = (text: string): text is Sealed => form.test(text)

/** The id of the key that a secret is sealed under. */
export const keyIdOf = (secret: Sealed): string => secret.slice(version.length + 1, version.length + 9)

/**
 * What is authenticated with a secret: the shape, the key and the row, each with its length in front, so that no two rows say
 * the same however their parts are spelled.
 */
const aadOf = (keyId: string, { kind, account, id }: Binding): Buffer =>
  Buffer.from([version, keyId, kind, account, id].map((part) => `${part.length}:${part}`).join(''))

/**
 * Key and nonce of one seal, out of the key-encryption key and a random salt of 128 bits (one block of NIST SP 800-108's
 * counter mode with HMAC-SHA-512). Two seals share them only where two salts are equal, so a key-encryption key may seal as
 * many secrets as there will ever be, not the 2^32 that random nonces allow (NIST SP 800-38D, 8.3).
 */
function derive(key: KeyObject, salt: Uint8Array): readonly [key: Buffer, nonce: Buffer] {
  const bytes = createHmac('sha512', key).update('\x01rolecall seal v1\0').update(salt).digest()
  return [bytes.subarray(0, 32), bytes.subarray(32, 44)]
}

/** How long a key that is not there is not looked for again: whoever asks for its rows must not make us read all the time. */
const rereadMilliseconds = 10_000
/** Opened secrets that are kept at hand, those last used. */
const openedMax = 16_384

/** Where a ring comes from, and how it is read. */
export interface Keys {
  readonly kind: KeyOrigin
  readonly read: () => readonly SealingKey[]
}

interface Opened {
  readonly secret: string
  readonly row: Binding
}

/**
 * A vault over a ring of key-encryption keys: the first seals, all open. The ring is read where it is made, when asked to, and
 * when a key turns up that is not in it, as when another node has begun to seal under a new one.
 */
export class KeyRing implements Vault {
  readonly source: KeyOrigin
  readonly #read: () => readonly SealingKey[]
  readonly #clock: Clock
  readonly #random: Random
  #keys: readonly SealingKey[]
  #missedAt = Number.NEGATIVE_INFINITY
  readonly #opened = new Map<Sealed, Opened>()

  /** Throws what `read` throws, and where it names no key, or two keys of one id. */
  constructor({ kind, read }: Keys, clock: Clock, random: Random) {
    this.source = kind
    this.#read = read
    this.#clock = clock
    this.#random = random
    this.#keys = checked(read())
  }

  readonly keyIds = (): readonly string[] => this.#keys.map(({ id }) => id)

  readonly reread = (needed?: string): void => {
    const keys = checked(this.#read())
    if (needed !== undefined && !keys.some(({ id }) => id === needed))
      throw new Error(`key ${needed}, which secrets are sealed under, is not among the keys (${idsOf(keys)})`)
    this.#keys = keys
    // What a dropped key has opened is not kept beyond it.
    this.#opened.clear()
  }

  readonly seal = (secret: string, row: Binding, keyId?: string): Sealed => {
    const { id, key } =
      keyId === undefined ? this.#first() : this.#key(keyId, `nothing can be sealed under key ${keyId}`)
    const salt = this.#random.bytes(saltBytes)
    const [own, nonce] = derive(key, salt)
    const cipher = createCipheriv('aes-256-gcm', own, nonce)
    cipher.setAAD(aadOf(id, row))
    const body = Buffer.concat([salt, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
    // The one place where the brand is given: this is what it stands for.
    return `${version}.${id}.${body.toString('base64url')}` as Sealed
  }

  readonly open = (secret: Sealed, row: Binding): string => {
    const known = this.#opened.get(secret)
    if (known !== undefined && sameRow(known.row, row)) {
      // Moved to the end, where the youngest are.
      this.#opened.delete(secret)
      this.#opened.set(secret, known)
      return known.secret
    }
    const opened = this.#unseal(secret, row)
    this.#opened.set(secret, { secret: opened, row })
    if (this.#opened.size > openedMax) {
      const [oldest] = this.#opened.keys()
      if (oldest !== undefined) this.#opened.delete(oldest)
    }
    return opened
  }

  /** What is opened for this is not kept at hand: a whole store goes through here. */
  readonly reseal = (secret: Sealed, row: Binding, keyId?: string): Sealed =>
    this.seal(this.#unseal(secret, row), row, keyId)

  #unseal(secret: Sealed, row: Binding): string {
    const what = `the secret of ${row.kind} ${row.id}`
    const [, keyId, text] = form.exec(secret) ?? []
    if (keyId === undefined || text === undefined) throw new CannotOpen(`${what} is not sealed as it should be`)
    const body = Buffer.from(text, 'base64url')
    // INVARIANT: one seal has one text. What decodes to the same bytes but is written otherwise is another text, and refused.
    if (body.length < saltBytes + tagBytes || body.toString('base64url') !== text)
      throw new CannotOpen(`${what} is not sealed as it should be`)
    const { key } = this.#key(keyId, `${what} is sealed under key ${keyId}`)
    const [own, nonce] = derive(key, body.subarray(0, saltBytes))
    const decipher = createDecipheriv('aes-256-gcm', own, nonce, { authTagLength: tagBytes })
    decipher.setAAD(aadOf(keyId, row))
    decipher.setAuthTag(body.subarray(body.length - tagBytes))
    try {
      const plain = decipher.update(body.subarray(saltBytes, body.length - tagBytes))
      decipher.final()
      return plain.toString('utf8')
    } catch {
      throw new CannotOpen(`${what} does not open under key ${keyId}: it was altered, or belongs to another row`)
    }
  }

  #first(): SealingKey {
    const [first] = this.#keys
    if (first === undefined) throw new Error('the ring of keys is empty')
    return first
  }

  #key(id: string, trouble: string): SealingKey {
    const there = this.#keys.find((key) => key.id === id) ?? this.#lookedFor(id)
    if (there !== undefined) return there
    throw new CannotOpen(`${trouble}, which is not among the keys here (${idsOf(this.#keys)})`)
  }

  /** Keys that cannot be read now are as good as none new. */
  #readAgain(): readonly SealingKey[] {
    try {
      return checked(this.#read())
    } catch {
      return []
    }
  }

  /** A key that another node may have brought in since. */
  #lookedFor(id: string): SealingKey | undefined {
    const now = this.#clock.now()
    // A clock that was set back must not keep us from looking.
    if (now >= this.#missedAt && now - this.#missedAt < rereadMilliseconds) return undefined
    const found = this.#readAgain().find((key) => key.id === id)
    if (found === undefined) this.#missedAt = now
    // Those of before stay: that one key came says nothing of whether another is still needed.
    else this.#keys = [found, ...this.#keys]
    return found
  }
}

const idsOf = (keys: readonly SealingKey[]): string => keys.map(({ id }) => id).join(', ')

const sameRow = (a: Binding, b: Binding): boolean => a.id === b.id && a.kind === b.kind && a.account === b.account

/** A key may be listed twice; two that only share an id cannot be told apart by what they sealed. */
function checked(keys: readonly SealingKey[]): readonly SealingKey[] {
  const ring: SealingKey[] = []
  for (const key of keys) {
    const twin = ring.find(({ id }) => id === key.id)
    if (twin === undefined) ring.push(key)
    else if (!timingSafeEqual(twin.key.export(), key.key.export()))
      throw new Error(`two different keys have the id ${key.id}: make another with "rolecall key new"`)
  }
  if (ring.length === 0) throw new Error('there is no key')
  return ring
}
