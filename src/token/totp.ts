import { Buffer } from 'node:buffer'
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Seconds that one code is shown for. The codes of one device are numbered by them, from the epoch on. */
const stepSeconds = 30
const digits = 6

/** The step that a time, milliseconds since the epoch, is in. */
export const stepAt = (now: number): number => Math.floor(now / (stepSeconds * 1000))

/** The code that a device shows in a step: RFC 6238 over RFC 4226, with SHA-1 and six digits, as every authenticator app has it. */
export function codeAt(seed: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', seed).update(counter).digest()
  const offset = (mac[mac.length - 1] ?? 0) & 0xf
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0')
}

function same(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/**
 * The step of the last of several codes that a device showed one after the other, where the first was shown in one of the steps
 * from `from` to `to`; `undefined` where it never showed them so. As long for a code that is wrong as for one that is right.
 */
export function stepOf(seed: Uint8Array, codes: readonly string[], from: number, to: number): number | undefined {
  const shown: string[] = []
  for (let step = from; step < to + codes.length; step++) shown.push(codeAt(seed, step))
  let found: number | undefined
  for (let at = 0; at <= to - from; at++) {
    // Every code is compared, also after one that differs.
    const agree = codes.map((code, next) => same(code, shown[at + next] ?? ''))
    if (agree.every(Boolean)) found ??= from + at + codes.length - 1
  }
  return found
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The bytes of a seed as it is told: base32 without padding (RFC 4648). Throws for any other text. */
export function seedBytes(text: string): Uint8Array {
  const bytes = Buffer.alloc(Math.floor((text.length * 5) / 8))
  let held = 0
  let bits = 0
  let at = 0
  for (const char of text) {
    const value = alphabet.indexOf(char)
    if (value < 0) throw new Error('a seed is not in base32')
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (held >> bits) & 0xff
  }
  return bytes
}
