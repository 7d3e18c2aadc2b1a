import { pairs } from './form.ts'
import type { HttpRequest } from './http.ts'

/** The canonical request of Signature Version 4 (AWS General Reference, "Create a canonical request"). Without cryptography. */

export interface CanonicalStyle {
  /** S3 encodes the path once and takes it as it is; every other service resolves dots and double slashes and encodes again. */
  readonly path: 'normalized' | 'as-sent'
}

const encoder = new TextEncoder()
const hex = '0123456789ABCDEF'

const percent = (byte: number): string => `%${hex.charAt(byte >> 4)}${hex.charAt(byte & 15)}`

const encodeBytes = (text: string): string => {
  let encoded = ''
  for (const byte of encoder.encode(text)) encoded += percent(byte)
  return encoded
}

const reserved = /[^A-Za-z0-9._~-]+/g

/** RFC 3986 with nothing but the unreserved characters left alone. */
export const encodePercent = (text: string): string => text.replace(reserved, encodeBytes)

/** Text that is already encoded, in the one way in which AWS writes it: `+` is a space, `%7e` is `~`, a stray `%` is `%25`. */
const recode = (text: string): string =>
  text.replace(/%([0-9a-fA-F]{2})|\+|[^A-Za-z0-9._~-]/gu, (whole, digits: string | undefined) => {
    if (digits === undefined) return whole === '+' ? '%20' : encodeBytes(whole)
    const byte = Number.parseInt(digits, 16)
    const char = String.fromCharCode(byte)
    return /[A-Za-z0-9._~-]/.test(char) ? char : percent(byte)
  })

/** A path without dot segments and empty segments; the slash at its end stays. What begins otherwise is no path, and stays. */
export function canonicalPath(path: string): string {
  if (path !== '' && !path.startsWith('/')) return path
  const kept: string[] = []
  const segments = path.split('/')
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const last = segments.at(-1)
  const closed = kept.length > 0 && (last === '' || last === '.' || last === '..')
  return `/${kept.join('/')}${closed ? '/' : ''}`
}

function pathOf(path: string, style: CanonicalStyle): string {
  // What nearly every request of these services has.
  if (path === '/') return path
  const encode = (text: string) => text.split('/').map(encodePercent).join('/')
  if (style.path === 'normalized') return encode(canonicalPath(path))
  return path === '' ? '/' : path.split('/').map(recodePath).join('/')
}

/** In a path `+` is a plus. */
const recodePath = (segment: string): string => recode(segment.replaceAll('+', '%2B'))

function queryOf(query: string): string {
  if (query === '') return ''
  const encoded: string[] = []
  for (const [name, value] of pairs(query)) {
    const key = recode(name)
    if (key !== 'X-Amz-Signature') encoded.push(`${key} ${recode(value)}`)
  }
  // Encoded text is ASCII, so the order of UTF-16 units is the order of bytes; and a space is below all of it, so that names come first.
  return encoded.sort().join('&').replaceAll(' ', '=')
}

/** ASCII white space only: a no-break space is a character of the value, and one flipped bit away from a space. */
const collapse = (value: string): string =>
  /[\t\n\v\f\r]| {2}|^ | $/.test(value) ? value.replace(/[\t\n\v\f\r ]+/g, ' ').replace(/^ | $/g, '') : value

/** The line of one header: its values in the order of arrival, with commas between them. */
function lineOf({ headers }: Pick<HttpRequest, 'headers'>, name: string): string {
  let line: string | undefined
  for (const [key, value] of headers)
    if (key === name) line = line === undefined ? collapse(value) : `${line},${collapse(value)}`
  return `${name}:${line ?? ''}\n`
}

/**
 * The text that is signed, in its six parts. `signedHeaders` are lower case and sorted; one that the request does not have has an
 * empty line, which no signature of an honest client covers.
 */
export function canonicalRequest(
  request: Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers'>,
  signedHeaders: readonly string[],
  payloadHash: string,
  style: CanonicalStyle,
): string {
  let lines = ''
  for (const name of signedHeaders) lines += lineOf(request, name)
  return `${request.method}\n${pathOf(request.path, style)}\n${queryOf(request.query)}\n${lines}\n${signedHeaders.join(';')}\n${payloadHash}`
}
