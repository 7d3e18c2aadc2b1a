import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import { type CanonicalStyle, canonicalRequest } from './canonical.ts'
import { type HttpRequest, header } from './http.ts'
import { algorithm, basicTime, type Presented } from './presented.ts'

/** Signature Version 4 (IAM User Guide, "Create a signed AWS API request"): one canonicaliser, a verifier and a signer over it. */

export interface SigningStyle extends CanonicalStyle {
  /** Whether a body may go unsigned (`UNSIGNED-PAYLOAD`). Only S3 allows it. */
  readonly unsignedPayload: boolean
}

/** Every service but S3. */
export const standardStyle: SigningStyle = { path: 'normalized', unsignedPayload: false }
export const s3Style: SigningStyle = { path: 'as-sent', unsignedPayload: true }

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Uint8Array, data: string): Uint8Array =>
  createHmac('sha256', key).update(data, 'utf8').digest()

/** Header values come as one character a byte; what is signed is the bytes. */
const bytesOf = (text: string): Uint8Array =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of one byte
  Buffer.from(text, /^[\u0000-\u00ff]*$/.test(text) ? 'latin1' : 'utf8')

/** The signing keys last used. They hold for a day, a region and a service; deriving one costs four HMACs. */
export class KeyCache {
  readonly #keys = new Map<string, Uint8Array>()
  readonly #most: number
  constructor(most = 4096) {
    this.#most = most
  }

  /** INVARIANT: structured-key. The parts are quoted, so no two scopes share a key however they are spelled. */
  key(secret: string, date: string, region: string, service: string): Uint8Array {
    const parts = JSON.stringify([secret, date, region, service])
    const known = this.#keys.get(parts)
    if (known) {
      this.#keys.delete(parts)
      this.#keys.set(parts, known)
      return known
    }
    const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request')
    this.#keys.set(parts, key)
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
  style: SigningStyle = standardStyle,
): Fault | undefined {
  const hash = payloadHash(presented, request, style)
  if (hash === undefined) return notMatching()
  const { date, region, service, time } = presented
  const canonical = canonicalRequest(request, presented.signedHeaders, hash, style)
  const key = keys.key(secret, date, region, service)
  const expected = hmac(key, stringToSign(time, `${date}/${region}/${service}/aws4_request`, canonical))
  const given = Buffer.from(presented.signature, 'hex')
  const same = given.length === expected.length && timingSafeEqual(given, expected)
  return same && presented.terminator === 'aws4_request' ? undefined : notMatching()
}

/** What stands for the body in the canonical request; `undefined` where the request says of its body what is not so. */
function payloadHash(presented: Presented, request: HttpRequest, style: SigningStyle): string | undefined {
  const said = header(request, 'x-amz-content-sha256')
  if (request.headers.filter(([name]) => name === 'x-amz-content-sha256').length > 1) return undefined
  if (style.unsignedPayload) {
    if (said === 'UNSIGNED-PAYLOAD') return said
    if (said === undefined && presented.source === 'query') return 'UNSIGNED-PAYLOAD'
  }
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
  style: SigningStyle = standardStyle,
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
  const signature = Buffer.from(hmac(key, stringToSign(time, scope, canonical))).toString('hex')
  const authorization = `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  return [...headers, ['authorization', authorization]]
}
