import type { Random } from './env.ts'

/** The kinds of unique id (IAM User Guide, "Unique identifiers"). */
export type IdPrefix = 'AGPA' | 'AIDA' | 'AIPA' | 'ANPA' | 'AROA' | 'ASCA' | 'APKA' | 'ACCA' | 'SAMLSP' | 'SAMLPK'
export type KeyPrefix = 'AKIA' | 'ASIA'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const secretAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A unique id: the prefix and 17 characters, 21 in all. 85 random bits, so a clash is not a case to handle. */
export function uniqueId(random: Random, prefix: IdPrefix): string {
  let text: string = prefix
  for (const byte of random.bytes(17)) text += alphabet[byte & 31]
  return text
}

const lower = '0123456789abcdefghijklmnopqrstuvwxyz'

/** An id as Organizations and others give them: a prefix, and small letters and digits, drawn without bias. */
export function lowerId(random: Random, prefix: string, length: number): string {
  let text = ''
  while (text.length < length)
    for (const byte of random.bytes(length * 2))
      if (byte < 252 && text.length < length) text += lower[byte % lower.length]
  return prefix + text
}

/** An id of a request to create an account: 32 hex digits, as a UUID has without its dashes. */
export const carId = (random: Random): string => `car-${uuid(random).replaceAll('-', '')}`

/** The id of a signing certificate: 32 characters without a prefix. */
export const certificateId = (random: Random): string => base32(random.bytes(20))

const codes = (letters: string): readonly number[] => Array.from(letters, (letter) => letter.charCodeAt(0))
const alphabetCodes = codes(alphabet)
const secretCodes = codes(secretAlphabet)

/** Base32 of whole groups of five bytes, without padding. */
export function base32(bytes: Uint8Array): string {
  const text: number[] = []
  let held = 0
  let bits = 0
  for (let at = 0; at < bytes.length; at++) {
    held = ((held << 8) | (bytes[at] ?? 0)) & 0xfff
    for (bits += 8; bits >= 5; ) {
      bits -= 5
      text.push(alphabetCodes[(held >> bits) & 31] ?? 0)
    }
  }
  return String.fromCharCode(...text)
}

/**
 * An access key id: 20 characters. As AWS's do, it carries its account: the sixteen characters after the prefix are base32
 * over ten bytes, whose first 48 bits hold one set bit, the account number in forty bits, and seven bits more.
 */
export function accessKeyId(random: Random, prefix: KeyPrefix, account: string): string {
  const chance = random.bytes(5)
  const bytes = new Uint8Array(10)
  bytes.set(chance, 5)
  let head = 2 ** 40 + Number(account)
  // The account stands one bit to the left of where bytes end, so the seven bits of chance are shifted in with its last one.
  bytes[5] = ((head & 1) << 7) | ((chance[0] ?? 0) & 0x7f)
  head = Math.floor(head / 2)
  for (let at = 4; at >= 0; at--) {
    bytes[at] = head & 0xff
    head = Math.floor(head / 256)
  }
  return prefix + base32(bytes)
}

/** The account inside an access key id, or `undefined` where the text is no such id. */
export function accountOfKey(keyId: string): string | undefined {
  if (!/^A[KS]IA[A-Z2-7]{16}$/.test(keyId)) return undefined
  let head = 0
  for (let at = 4; at < 12; at++) head = head * 32 + alphabet.indexOf(keyId.charAt(at))
  head = head * 2 + (alphabet.indexOf(keyId.charAt(12)) >> 4)
  const text = String(head % 2 ** 40).padStart(12, '0')
  return text.length === 12 ? text : undefined
}

/** A secret access key: forty characters, 240 random bits. */
export function secretAccessKey(random: Random): string {
  const text: number[] = []
  for (const byte of random.bytes(40)) text.push(secretCodes[byte & 63] ?? 0)
  return String.fromCharCode(...text)
}

const hex: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A version 4 UUID (RFC 9562), as request and event ids are. */
export function uuid(random: Random): string {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  let text = ''
  for (let at = 0; at < 16; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += '-'
    text += hex[bytes[at] ?? 0]
  }
  return text
}

/** A random account id: twelve digits, drawn without bias. */
export function randomAccountId(random: Random): string {
  let digits = ''
  while (digits.length < 12)
    for (const byte of random.bytes(16)) if (byte < 250 && digits.length < 12) digits += byte % 10
  return digits
}
