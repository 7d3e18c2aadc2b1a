import type { Random } from './env.ts'

/** The kinds of unique id (IAM User Guide, "Unique identifiers"; SEMANTICS 3.1). */
export type IdPrefix = 'AGPA' | 'AIDA' | 'AIPA' | 'ANPA' | 'AROA' | 'ASCA' | 'APKA'
export type KeyPrefix = 'AKIA' | 'ASIA'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const secretAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A unique id: the prefix and 17 characters, 21 in all. 85 random bits, so a clash is not a case to handle. */
export function uniqueId(random: Random, prefix: IdPrefix): string {
  let text: string = prefix
  for (const byte of random.bytes(17)) text += alphabet[byte & 31]
  return text
}

/** Forty bits, which a number holds exactly, as eight characters. */
function base32(value: number): string {
  let text = ''
  for (let unit = 2 ** 35; unit >= 1; unit /= 32) text += alphabet[Math.floor(value / unit) % 32]
  return text
}

/**
 * An access key id: 20 characters. As AWS's do, it carries its account: the sixteen characters after the prefix are base32
 * over ten bytes, whose first 48 bits hold one set bit, the account number in forty bits, and seven bits more.
 */
export function accessKeyId(random: Random, prefix: KeyPrefix, account: string): string {
  const rest = random.bytes(5)
  const noise = (rest[0] ?? 0) & 0x7f
  const head = 2 ** 47 + Number(account) * 128 + noise
  const tail = new DataView(rest.buffer, rest.byteOffset + 1, 4).getUint32(0)
  return prefix + base32(Math.floor(head / 256)) + base32((head % 256) * 2 ** 32 + tail)
}

/** The account inside an access key id, or `undefined` where the text is no such id. */
export function accountOfKey(keyId: string): string | undefined {
  if (!/^A[KS]IA[A-Z2-7]{16}$/.test(keyId)) return undefined
  let value = 0n
  for (const char of keyId.slice(4)) value = (value << 5n) | BigInt(alphabet.indexOf(char))
  const account = ((value >> 32n) >> 7n) & ((1n << 40n) - 1n)
  const text = account.toString().padStart(12, '0')
  return text.length === 12 ? text : undefined
}

/** A secret access key: forty characters, 240 random bits. */
export function secretAccessKey(random: Random): string {
  let text = ''
  for (const byte of random.bytes(40)) text += secretAlphabet[byte & 63]
  return text
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
