/** How condition operators read values: as numbers, moments, addresses and bytes. `undefined` where the text is none. */

/** A number as it is written, so that no digit is lost: to a Deny that compares ids or amounts, the last digit may be all. */
export interface Decimal {
  readonly negative: boolean
  /** Digits before and after the point, without zeros that mean nothing. Zero is two empty texts, and not negative. */
  readonly whole: string
  readonly fraction: string
}

/** Integers and decimals; an exponent is no part of either. Read by hand: every request's numbers are, and no pattern of ours walks back. */
export function readDecimal(text: string): Decimal | undefined {
  const sign = text.charAt(0)
  const start = sign === '+' || sign === '-' ? 1 : 0
  const point = digitsFrom(text, start)
  if (point === start) return undefined
  let end = point
  if (point < text.length) {
    if (text.charAt(point) !== '.') return undefined
    end = digitsFrom(text, point + 1)
    if (end === point + 1 || end < text.length) return undefined
    while (text.charAt(end - 1) === '0') end--
  }
  let first = start
  while (first < point && text.charAt(first) === '0') first++
  const whole = text.slice(first, point)
  const fraction = text.slice(point + 1, end)
  return { negative: sign === '-' && (whole !== '' || fraction !== ''), whole, fraction }
}

/** Where the digits end that begin here. */
function digitsFrom(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++
  return at
}

/** Larger ones are no amount of anything; a few characters must not become a text of any length. */
const exponentMax = 400

/** A number of JSON, which may have an exponent, written as the decimal that it is. */
export function plainNumber(json: string): string {
  const found = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(json)
  if (found === null) return json
  const [, sign = '', whole = '', fraction = '', written = ''] = found
  const exponent = Number(written)
  if (Math.abs(exponent) > exponentMax) return json
  const digits = `${'0'.repeat(Math.max(0, -exponent))}${whole}${fraction}${'0'.repeat(Math.max(0, exponent))}`
  const point = Math.max(0, -exponent) + whole.length + exponent
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}0`
}

/** Below zero where `a` is the smaller, above where it is the larger. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1
  const size = a.whole.length - b.whole.length || order(a.whole, b.whole) || order(a.fraction, b.fraction)
  return a.negative ? -size : size
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export function readBool(text: string): boolean | undefined {
  const folded = text.toLowerCase()
  return folded === 'true' ? true : folded === 'false' ? false : undefined
}

const maxEpoch = 9_223_372_036_854_775_807n

/**
 * A moment in milliseconds since 1970: seconds since then as a whole number, or a date of ISO 8601, which may stop after the year,
 * and whose time may stop after the hour. The letters T and Z may be small. Years run from -292275054 to 292278993.
 */
export function readMoment(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    if (text.length > 24 || BigInt(text) > maxEpoch) return undefined
    return Number(text) * 1_000
  }
  const letter = text.search(/[tT]/)
  const day = readDate(letter < 0 ? text : text.slice(0, letter))
  const time = readTime(letter < 0 ? '' : text.slice(letter + 1))
  return day === undefined || time === undefined ? undefined : day + time
}

function readDate(text: string): number | undefined {
  const found = /^(-?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text)
  if (found === null) return undefined
  const year = Number(found[1])
  const month = Number(found[2] ?? 1)
  const day = Number(found[3] ?? 1)
  if (year < -292_275_054 || year > 292_278_993 || month < 1 || month > 12) return undefined
  if (day < 1 || day > daysIn(year, month)) return undefined
  return daysBefore(year, month, day) * 86_400_000
}

const daysIn = (year: number, month: number): number =>
  daysBefore(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - daysBefore(year, month, 1)

/** Days from 1970-01-01, in the Gregorian calendar carried on in both directions; JavaScript's own dates end too early. */
function daysBefore(year: number, month: number, day: number): number {
  // The year is taken to begin in March, so that the leap day is its last.
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function readTime(text: string): number | undefined {
  if (text === '') return 0
  const found = /^(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?(?:[zZ]|([+-])(\d{2})(?::?(\d{2}))?)?)?$/.exec(
    text,
  )
  if (found === null) return undefined
  const [hour, minute, second] = [Number(found[1]), Number(found[2] ?? 0), Number(found[3] ?? 0)]
  const fraction = found[4] === undefined ? 0 : Number(`0.${found[4]}`)
  const [zoneHour, zoneMinute] = [Number(found[6] ?? 0), Number(found[7] ?? 0)]
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return undefined
  const east = (zoneHour * 60 + zoneMinute) * 60_000
  return ((hour * 60 + minute) * 60 + second + fraction) * 1_000 - (found[5] === '-' ? -east : east)
}

/** An address or a range of them: IPv4 as one number of 32 bits, IPv6 as four, and how many leading bits count. */
export interface Cidr {
  readonly words: readonly number[]
  readonly bits: number
}

/** One address, without a length: what a request comes from. */
export const readHost = (text: string): Cidr | undefined => (text.includes('/') ? undefined : readCidr(text))

export function readCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const words = readAddress(slash < 0 ? text : text.slice(0, slash))
  if (words === undefined) return undefined
  const all = words.length * 32
  if (slash < 0) return { words, bits: all }
  const length = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(length) || Number(length) > all) return undefined
  return { words, bits: Number(length) }
}

/** Whether every address of `inner` lies in `range`. The two families never mix. */
export function inCidr(inner: Cidr, range: Cidr): boolean {
  if (inner.words.length !== range.words.length || inner.bits < range.bits) return false
  for (let at = 0, bits = range.bits; bits > 0; at++, bits -= 32) {
    const shift = bits >= 32 ? 0 : 32 - bits
    if ((inner.words[at] ?? 0) >>> shift !== (range.words[at] ?? 0) >>> shift) return false
  }
  return true
}

function readAddress(text: string): number[] | undefined {
  if (text.length > 45) return undefined
  if (!text.includes(':')) {
    const word = readV4(text)
    return word === undefined ? undefined : [word]
  }
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = readGroups(halves[0] ?? '', halves.length === 1)
  const tail = readGroups(halves[1] ?? '', true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  const words: number[] = []
  for (let at = 0; at < 8; at += 2) words.push((((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0)
  return words
}

/** `last`: the groups end the address, so the last two may be written as IPv4. */
function readGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    if (last && part.includes('.') && at === parts.length - 1) {
      const word = readV4(part)
      if (word === undefined) return undefined
      groups.push(word >>> 16, word & 0xffff)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}

/** Every request has an address, so this one is read by hand. */
function readV4(text: string): number | undefined {
  let word = 0
  let octet = -1
  let dots = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x2e) {
      if (octet < 0 || ++dots > 3) return undefined
      word = word * 256 + octet
      octet = -1
    } else if (code >= 0x30 && code <= 0x39) {
      // A leading zero means octal to some readers and nothing to others, so it is no address here.
      if (octet === 0) return undefined
      octet = (octet < 0 ? 0 : octet * 10) + code - 0x30
      if (octet > 255) return undefined
    } else return undefined
  }
  return octet < 0 || dots !== 3 ? undefined : word * 256 + octet
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Bytes from base64, one character each, so that equal bytes are equal text however they were padded. */
export function readBytes(text: string): string | undefined {
  const body = text.replace(/={0,2}$/, '')
  if (body.length % 4 === 1) return undefined
  let bytes = ''
  let bits = 0
  let held = 0
  for (const char of body) {
    const digit = base64.indexOf(char)
    if (digit < 0) return undefined
    held = ((held << 6) | digit) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes += String.fromCharCode((held >>> bits) & 0xff)
    }
  }
  return bytes
}
