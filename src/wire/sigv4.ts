import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import { type CanonicalStyle, canonicalRequest } from './canonical.ts'
import { count, type HttpRequest, header } from './http.ts'
import { algorithm, basicTime, type Presented } from './presented.ts'

/** Signature Version 4 (IAM User Guide, "Create a signed AWS API request"): one canonicaliser, a verifier and a signer over it. */

/** Every service but S3. */
export const standardStyle: CanonicalStyle = { path: 'normalized' }

const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex')
const hmac = (key: string | Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data).digest()

/** Header values come as one character a byte; what is signed is the bytes. */
const bytesOf = (text: string): string | Uint8Array => {
  // Text of which every character takes one byte in UTF-8 is ASCII, and hashed as it stands.
  if (Buffer.byteLength(text) === text.length) return text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of one byte
  return Buffer.from(text, /^[\u0000-\u00ff]*$/.test(text) ? 'latin1' : 'utf8')
}

/** The block of SHA-256, and its digest. */
const blockBytes = 64
const digestBytes = 32

/**
 * HMAC-SHA256 (RFC 2104) under one signing key, with its two padded blocks made beforehand. It is put together from `hash`
 * because `createHmac` makes an object for every text, which takes longer than the hashing and keeps the collector busy.
 */
export class SigningKey {
  readonly #inner: Buffer
  readonly #outer: Buffer
  /** A key of 32 bytes, as deriving gives it. */
  constructor(key: Uint8Array) {
    this.#inner = Buffer.alloc(blockBytes, 0x36)
    this.#outer = Buffer.alloc(blockBytes + digestBytes, 0x5c)
    for (const [at, byte] of key.entries()) {
      this.#inner[at] = 0x36 ^ byte
      this.#outer[at] = 0x5c ^ byte
    }
  }

  /** The signature of a text: 64 lower-case hex digits. */
  sign(text: string): string {
    const message = Buffer.allocUnsafe(blockBytes + Buffer.byteLength(text))
    message.set(this.#inner)
    message.write(text, blockBytes)
    this.#outer.write(hash('sha256', message, 'hex'), blockBytes, 'hex')
    return hash('sha256', this.#outer, 'hex')
  }
}

/** The signing keys last used. They hold for a day, a region and a service; deriving one costs four HMACs. */
export class KeyCache {
  readonly #keys = new Map<string, SigningKey>()
  readonly #most: number
  #last: string | undefined
  constructor(most = 4096) {
    this.#most = most
  }

  /** INVARIANT: structured-key. Lengths stand in front, so no two scopes share a key however they are spelled. */
  key(secret: string, date: string, region: string, service: string): SigningKey {
    const parts = `${secret.length} ${date.length} ${region.length} ${secret}${date}${region}${service}`
    const known = this.#keys.get(parts)
    if (known) {
      // Moved to the end, where the youngest are; who asks twice running is there already.
      if (parts !== this.#last) {
        this.#keys.delete(parts)
        this.#keys.set(parts, known)
        this.#last = parts
      }
      return known
    }
    const key = new SigningKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request'))
    this.#keys.set(parts, key)
    this.#last = parts
    if (this.#keys.size > this.#most) {
      const [oldest] = this.#keys.keys()
      if (oldest !== undefined) this.#keys.delete(oldest)
    }
    return key
  }

  get size(): number {
    return this.#keys.size
  }
}

const notMatching = (): Fault =>
  new Fault(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    403,
  )

/**
 * Whether whoever knows the secret signed exactly this request. Answers AWS's fault where not, in the same time wherever the
 * signatures differ. Scope and time are checked elsewhere (`checkScope`, `checkTime`).
 */
export function verifySignature(
  presented: Presented,
  request: HttpRequest,
  secret: string,
  keys: KeyCache,
  style: CanonicalStyle = standardStyle,
): Fault | undefined {
  const hash = payloadHash(request)
  if (hash === undefined) return notMatching()
  const { date, region, service, time } = presented
  const canonical = canonicalRequest(request, presented.signedHeaders, hash, style)
  const key = keys.key(secret, date, region, service)
  const expected = key.sign(stringToSign(time, `${date}/${region}/${service}/aws4_request`, canonical))
  const same = sameText(presented.signature, expected)
  return same && presented.terminator === 'aws4_request' ? undefined : notMatching()
}

/** Whether two signatures are the same, in a time that does not tell where they differ. */
function sameText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** What stands for the body in the canonical request; `undefined` where the request says of its body what is not so. */
function payloadHash(request: HttpRequest): string | undefined {
  const said = header(request, 'x-amz-content-sha256')
  if (count(request, 'x-amz-content-sha256') > 1) return undefined
  // INVARIANT: signed-body. The hash is always of the body that came; what the header says can only agree with it.
  const actual = sha256(request.body)
  return said === undefined || said === actual ? actual : undefined
}

export const stringToSign = (time: string, scope: string, canonical: string): string =>
  `${algorithm}\n${time}\n${scope}\n${sha256(bytesOf(canonical))}`

export interface SigningCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface SigningScope {
  readonly region: string
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * The headers of a request, signed: those it has (`host` among them), `x-amz-date`, the session token, and `authorization`.
 */
export function sign(
  request: Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>,
  { accessKeyId, secretAccessKey, sessionToken }: SigningCredentials,
  { region, service, now }: SigningScope,
  style: CanonicalStyle = standardStyle,
): readonly (readonly [name: string, value: string])[] {
  const time = basicTime(now)
  const date = time.slice(0, 8)
  const replaced = new Set(['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'])
  const hash = sha256(request.body)
  const headers: (readonly [string, string])[] = request.headers.filter(([name]) => !replaced.has(name))
  headers.push(['x-amz-date', time], ['x-amz-content-sha256', hash])
  if (sessionToken !== undefined) headers.push(['x-amz-security-token', sessionToken])
  const signedHeaders = [...new Set(headers.map(([name]) => name))].sort()
  const canonical = canonicalRequest({ ...request, headers }, signedHeaders, hash, style)
  const scope = `${date}/${region}/${service}/aws4_request`
  const key = new KeyCache(1).key(secretAccessKey, date, region, service)
  const signature = key.sign(stringToSign(time, scope, canonical))
  const authorization = `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  return [...headers, ['authorization', authorization]]
}
