import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Random } from '../base/env.ts'
import type { TokenKeyLike } from './session.ts'

/** What a refusal carries for those who may know: which one it is, and the decoded message, JSON. */
export interface AuthorizationMessage {
  readonly requestId: string
  readonly decoded: string
}

/** STS's `encodedMessageType` has no more characters (STS API Reference, DecodeAuthorizationMessage). */
export const messageCharactersMax = 10_240

/** The shape of the sealed bytes. It is part of what is authenticated; another number is another reader. */
const version = 1
const headBytes = 1 + 4
const saltBytes = 16
const tagBytes = 16
const plainBytesMax = 256 * 1024

/**
 * Key and nonce of one message, out of the ring's key and a random salt of 128 bits (one block of NIST SP 800-108's counter mode
 * with HMAC-SHA-512). Whoever is refused makes us seal: so messages take nothing of the number of session tokens that a key may
 * seal, and have no key in common with them.
 */
function derive(secret: string, salt: Uint8Array): readonly [key: Buffer, nonce: Buffer] | undefined {
  const ring = Buffer.from(secret, 'base64')
  if (ring.length !== 32) return undefined
  const bytes = createHmac('sha512', ring).update('\x01rolecall authorization message v1\0').update(salt).digest()
  return [bytes.subarray(0, 32), bytes.subarray(32, 44)]
}

/** INVARIANT: message-is-no-token. What is authenticated begins with a word that no session token has, and ends with the account. */
const aadOf = (head: Uint8Array, account: string): Buffer =>
  Buffer.concat([Buffer.from('authorization message\0'), head, Buffer.from(account)])

/**
 * An encoded authorization message: base64url of version, key id, salt, AES-256-GCM over the compressed message, and tag, bound to
 * the account that may decode it. `undefined` where it would have more than 10,240 characters: whoever tells less may try again.
 * Throws where the key is none.
 */
export function sealMessage(
  { requestId, decoded }: AuthorizationMessage,
  account: string,
  key: TokenKeyLike,
  random: Random,
): string | undefined {
  const salt = random.bytes(saltBytes)
  const derived = derive(key.secret, salt)
  if (derived === undefined || !/^[0-9a-f]{8}$/.test(key.id)) throw new Error(`token key ${key.id} is malformed`)
  const plain = Buffer.from(`${requestId}\n${decoded}`)
  if (plain.length > plainBytesMax) return undefined
  const body = deflateRawSync(plain)
  const bytes = headBytes + saltBytes + body.length + tagBytes
  if (Math.ceil((bytes * 4) / 3) > messageCharactersMax) return undefined
  const head = Buffer.from(`0${version}${key.id}`, 'hex')
  const cipher = createCipheriv('aes-256-gcm', ...derived)
  cipher.setAAD(aadOf(head, account))
  const sealed = Buffer.concat([head, salt, cipher.update(body), cipher.final(), cipher.getAuthTag()])
  return sealed.toString('base64url')
}

/** The message that was sealed for this account under a key of the ring; `undefined` for every other text. It never throws. */
export function openMessage(
  text: string,
  account: string,
  keys: (id: string) => string | undefined,
): AuthorizationMessage | undefined {
  if (text.length > messageCharactersMax) return undefined
  const bytes = Buffer.from(text, 'base64url')
  // INVARIANT: one message has one text. What decodes to the same bytes but is written otherwise is another text, and refused.
  if (bytes.length <= headBytes + saltBytes + tagBytes || bytes.toString('base64url') !== text) return undefined
  const head = bytes.subarray(0, headBytes)
  const sealedFrom = headBytes + saltBytes
  const secret = keys(head.toString('hex', 1))
  const derived = secret === undefined ? undefined : derive(secret, bytes.subarray(headBytes, sealedFrom))
  if (derived === undefined) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', ...derived, { authTagLength: tagBytes })
    decipher.setAAD(aadOf(head, account))
    decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
    const body = decipher.update(bytes.subarray(sealedFrom, bytes.length - tagBytes))
    decipher.final()
    const plain = inflateRawSync(body, { maxOutputLength: plainBytesMax }).toString()
    const end = plain.indexOf('\n')
    return { requestId: plain.slice(0, end), decoded: plain.slice(end + 1) }
  } catch {
    return undefined
  }
}
