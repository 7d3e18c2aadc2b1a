import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Random } from '../base/env.ts'

export interface SessionTag {
  readonly key: string
  readonly value: string
}

export interface SessionHop {
  readonly key: string
  readonly identity: string
}
export interface SessionFederation {
  readonly provider: string
  readonly keys: Readonly<Record<string, readonly string[]>>
}

/** What a session is of: a role, a user or root (GetSessionToken), or a federated user. */
export type SessionKind = 'role' | 'user' | 'root' | 'federated'

/** All that is known of a session. It is stored nowhere else: the token carries it. */
export interface SessionClaims {
  /** `ASIA…`: the token is good with this key only. */
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly kind: SessionKind
  readonly account: string
  /** The unique id of what the session is of: `AROA…`; `AIDA…`; the account id for root's. A federated user's is that of who called. */
  readonly principalId: string
  /** RoleSessionName, or the name of the federated user. */
  readonly sessionName?: string
  /** The inline session policy, its exact text. */
  readonly inlinePolicy?: string
  readonly policyArns?: readonly string[]
  /** Session tags, passed and inherited. */
  readonly tags?: readonly SessionTag[]
  readonly transitiveTagKeys?: readonly string[]
  readonly sourceIdentity?: string
  /** When the second factor was shown, milliseconds since the epoch; absent where none was. */
  readonly mfaAt?: number
  /** Milliseconds since the epoch, both. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** How many role sessions stand between this one and long-term credentials: 0 for the first. */
  readonly chainDepth: number
  /** The hops that led here, from the first: the key that was shown, and the unique id of whose it was. */
  readonly via?: readonly SessionHop[]
  /** Of a session that began with an identity provider's token: who vouched, and the condition keys that go on. */
  readonly federation?: SessionFederation
  /** The number of the state that it was made on: it knows of every revocation that is in it. */
  readonly revision?: number
}

/** One key of the ring: eight hex digits, and 32 bytes in base64. */
export interface TokenKeyLike {
  readonly id: string
  readonly secret: string
}

/** The shape of the sealed bytes. It is part of what is authenticated; another number is another reader. */
const version = 1
const headBytes = 1 + 4
const nonceBytes = 12
const tagBytes = 16
/** AWS promises no size; 4 KB is what clients are known to store. */
const tokenCharactersMax = 4096
const claimBytesMax = 64 * 1024
/** Below this, compressing costs more time than the bytes that it saves are worth. */
const compressFrom = 1024
const plain = 0
const deflated = 1
const kinds: readonly SessionKind[] = ['role', 'user', 'root', 'federated']

/** What is in the token: positions for what every session has, one letter for what some have. */
type Packed = readonly [
  kind: number,
  accessKeyId: string,
  secretAccessKey: string,
  account: string,
  principalId: string,
  issuedAt: number,
  expiresAt: number,
  chainDepth: number,
  some: {
    readonly n?: string | undefined
    readonly p?: string | undefined
    readonly a?: readonly string[] | undefined
    /** Key, value, key, value, … */
    readonly t?: readonly string[] | undefined
    readonly x?: readonly string[] | undefined
    readonly s?: string | undefined
    readonly m?: number | undefined
    /** Key, identity, key, identity, … */
    readonly v?: readonly string[] | undefined
    readonly f?: SessionFederation | undefined
    readonly r?: number | undefined
  },
]

/**
 * A session token: base64 of version, key id, nonce, AES-256-GCM over the claims, and tag. Version and key id are
 * authenticated with it. Nonces are random, so a key may seal 2^32 tokens (NIST SP 800-38D, 8.3): rotate the ring before.
 * Throws where the key is none, or where the claims do not fit in 4096 characters: whoever asks for no more than
 * 100 percent of `packedSize` and keeps hops and federation under a kilobyte stays below.
 */
export function sealSession(claims: SessionClaims, key: TokenKeyLike, random: Random): string {
  const secret = keyObject(key.secret)
  if (secret === undefined || !/^[0-9a-f]{8}$/.test(key.id)) throw new Error(`token key ${key.id} is malformed`)
  const body = pack(claims)
  const head = Buffer.from(`0${version}${key.id}`, 'hex')
  const nonce = random.bytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', secret, nonce)
  cipher.setAAD(head)
  const sealed = cipher.update(body)
  cipher.final()
  const token = Buffer.concat([head, nonce, sealed, cipher.getAuthTag()]).toString('base64')
  if (token.length > tokenCharactersMax) throw new Error(`a session token of ${token.length} characters is too long`)
  return token
}

/**
 * The claims of a token that was sealed under a key of the ring; `undefined` for every other text. It never throws, and says
 * nothing about time: an expired session opens too, because AWS tells an expired token from an invalid one.
 */
export function openSession(token: string, keys: (id: string) => string | undefined): SessionClaims | undefined {
  if (token.length > tokenCharactersMax) return undefined
  const bytes = Buffer.from(token, 'base64')
  if (bytes.length <= headBytes + nonceBytes + tagBytes || bytes[0] !== version) return undefined
  // INVARIANT: one session has one token. What decodes to the same bytes but is written otherwise (white space, the URL
  // alphabet, loose bits at the end) is another text, and refused.
  if (bytes.toString('base64') !== token) return undefined
  const secret = keys(bytes.toString('hex', 1, headBytes))
  const key = secret === undefined ? undefined : keyObject(secret)
  if (key === undefined) return undefined
  try {
    const sealedFrom = headBytes + nonceBytes
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(headBytes, sealedFrom), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(bytes.subarray(0, headBytes))
    decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
    const body = decipher.update(bytes.subarray(sealedFrom, bytes.length - tagBytes))
    decipher.final()
    return unpack(body)
  } catch {
    return undefined
  }
}

function pack(claims: SessionClaims): Buffer {
  // JSON leaves out what is undefined.
  const some: Packed[8] = {
    n: claims.sessionName,
    p: claims.inlinePolicy,
    a: claims.policyArns,
    t: claims.tags?.flatMap(({ key, value }) => [key, value]),
    x: claims.transitiveTagKeys,
    s: claims.sourceIdentity,
    m: claims.mfaAt,
    v: claims.via?.flatMap(({ key, identity }) => [key, identity]),
    f: claims.federation,
    r: claims.revision,
  }
  const packed: Packed = [
    kinds.indexOf(claims.kind),
    claims.accessKeyId,
    claims.secretAccessKey,
    claims.account,
    claims.principalId,
    claims.issuedAt,
    claims.expiresAt,
    claims.chainDepth,
    some,
  ]
  const text = Buffer.from(`\0${JSON.stringify(packed)}`)
  if (text.length > claimBytesMax) throw new Error(`${text.length} bytes of claims are too many for a session token`)
  if (text.length > compressFrom) {
    const small = deflateRawSync(text.subarray(1))
    if (small.length + 1 < text.length) return Buffer.concat([Buffer.of(deflated), small])
  }
  return text
}

function unpack(body: Buffer): SessionClaims | undefined {
  const rest = body.subarray(1)
  if (body[0] !== plain && body[0] !== deflated) return undefined
  const text = body[0] === plain ? rest : inflateRawSync(rest, { maxOutputLength: claimBytesMax })
  // The tag has vouched that these bytes are what `pack` made.
  const packed = JSON.parse(text.toString()) as Packed
  const [kindNumber, accessKeyId, secretAccessKey, account, principalId, issuedAt, expiresAt, chainDepth, some] = packed
  const kind = kinds[kindNumber]
  if (kind === undefined) return undefined
  return {
    accessKeyId,
    secretAccessKey,
    kind,
    account,
    principalId,
    issuedAt,
    expiresAt,
    chainDepth,
    ...(some.n !== undefined && { sessionName: some.n }),
    ...(some.p !== undefined && { inlinePolicy: some.p }),
    ...(some.a !== undefined && { policyArns: some.a }),
    ...(some.t !== undefined && { tags: pairs(some.t).map(([key, value]) => ({ key, value })) }),
    ...(some.x !== undefined && { transitiveTagKeys: some.x }),
    ...(some.s !== undefined && { sourceIdentity: some.s }),
    ...(some.m !== undefined && { mfaAt: some.m }),
    ...(some.v !== undefined && { via: pairs(some.v).map(([key, identity]) => ({ key, identity })) }),
    ...(some.f !== undefined && { federation: some.f }),
    ...(some.r !== undefined && { revision: some.r }),
  }
}

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  const two: [string, string][] = []
  for (let at = 0; at + 1 < flat.length; at += 2) two.push([flat[at] ?? '', flat[at + 1] ?? ''])
  return two
}

/** Importing a key costs as much as using it, and a ring holds a few. */
const keyObjects = new Map<string, KeyObject>()

function keyObject(secret: string): KeyObject | undefined {
  const known = keyObjects.get(secret)
  if (known !== undefined) return known
  const bytes = Buffer.from(secret, 'base64')
  if (bytes.length !== 32) return undefined
  if (keyObjects.size >= 64) keyObjects.clear()
  const made = createSecretKey(bytes)
  keyObjects.set(secret, made)
  return made
}
