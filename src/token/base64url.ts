import { Buffer } from 'node:buffer'

const alphabet = /^[A-Za-z0-9_-]+$/

/**
 * The bytes of a text in base64url without padding (RFC 7515, 2), or `undefined`. INVARIANT: bytes have one spelling. A text whose last
 * character says more than its bytes do is another spelling of them, and refused.
 */
export function bytesIn(text: string): Buffer | undefined {
  if (!alphabet.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that bytes are in UTF-8, a byte-order mark included; `undefined` where they are no such text. */
export function textIn(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
