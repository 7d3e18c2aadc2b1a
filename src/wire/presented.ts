import { Fault } from '../base/fault.ts'
import { isoSeconds } from '../base/instant.ts'
import { decodePercent, pairs } from './form.ts'
import { count, type HttpRequest, header } from './http.ts'

/** What a request says about who signed it. Nothing of it is believed yet: it has been read, not verified. */
export interface Presented {
  readonly source: 'header' | 'query'
  readonly accessKeyId: string
  /** The credential scope: eight digits, region, service, terminator, as sent. */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly terminator: string
  /** Lower case, ascending. */
  readonly signedHeaders: readonly string[]
  /** 64 lower-case hex digits. */
  readonly signature: string
  readonly token: string | undefined
  /** The time of signing as the string to sign has it, `20150830T123600Z`, and in milliseconds since the epoch. */
  readonly time: string
  readonly amzDate: number
  /** Of a presigned URL: how long it says that it is good for. */
  readonly expiresSeconds: number | undefined
}

export const algorithm = 'AWS4-HMAC-SHA256'

const incomplete = (message: string): Fault => new Fault('IncompleteSignature', message, 400)

/**
 * Reads the credentials of a request: `undefined` where it has none, so that the caller is anonymous. Throws the Fault
 * `IncompleteSignature` where there are some that cannot be read, or that could be read in more than one way: a request that
 * tries to be signed is never taken for an anonymous one.
 */
export function present(request: HttpRequest): Presented | undefined {
  const authorization = single(request, 'authorization')
  const parameters = queryCredentials(request)
  if (authorization !== undefined) {
    // INVARIANT: one-source. What is verified and what is believed come from the same place.
    if (parameters.size > 0)
      throw incomplete(
        'Only one authentication mechanism is allowed: the Authorization header or the query-string parameters.',
      )
    return fromHeader(request, authorization)
  }
  return parameters.size > 0 ? fromQuery(request, parameters) : undefined
}

/** A header that may be there once. */
function single(request: HttpRequest, name: string): string | undefined {
  if (count(request, name) > 1) throw incomplete(`The header '${name}' must not be repeated.`)
  return header(request, name)
}

function fromHeader(request: HttpRequest, authorization: string): Presented {
  const space = authorization.indexOf(' ')
  const scheme = space < 0 ? authorization : authorization.slice(0, space)
  if (/^AWS4-/i.test(scheme) && scheme !== algorithm) throw incomplete(`Unsupported AWS 'algorithm': '${scheme}'.`)
  const fields = new Map<string, string>()
  if (scheme === algorithm && space >= 0) {
    for (const piece of authorization.slice(space + 1).split(/[, \t]/)) {
      if (piece === '') continue
      const equals = piece.indexOf('=')
      if (equals < 0)
        throw incomplete(
          `'${piece}' not a valid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`,
        )
      const name = piece.slice(0, equals)
      if (!headerFields.has(name) || fields.has(name))
        throw incomplete(`'${piece}' is not expected in Authorization header: '${authorization}'.`)
      fields.set(name, piece.slice(equals + 1))
    }
  }
  const basicDate = single(request, 'x-amz-date')
  const date = basicDate ?? single(request, 'date')
  const credential = fields.get('Credential')
  const signature = fields.get('Signature')
  const names = fields.get('SignedHeaders')
  if (!credential || !signature || !names || !date) throw lacking(authorization, fields, date)

  const signedHeaders = readSignedHeaders(names)
  const token = single(request, 'x-amz-security-token')
  mustSign(request, signedHeaders, basicDate === undefined ? withDate : withAmzDate)
  const { accessKeyId, date: day, region, service, terminator } = readCredential(credential)
  const signed = readSignature(signature)
  const { time, amzDate } = readTime(date)
  return {
    source: 'header',
    accessKeyId,
    date: day,
    region,
    service,
    terminator,
    signedHeaders,
    signature: signed,
    token,
    time,
    amzDate,
    expiresSeconds: undefined,
  }
}

function lacking(authorization: string, fields: ReadonlyMap<string, string>, date: string | undefined): Fault {
  const sentences = [...headerFields]
    .filter((name) => !fields.get(name))
    .map((name) => `Authorization header requires '${name}' parameter. `)
  if (!date) sentences.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
  return incomplete(`${sentences.join('')}Authorization=${authorization}`)
}

/** In the order in which AWS says that they are missing. */
const headerFields: ReadonlySet<string> = new Set(['Credential', 'Signature', 'SignedHeaders'])

/** Headers that change who asks or what is asked: where they are present, the signature must cover them. */
const headersWithMeaning = ['x-amz-security-token', 'x-amz-target']
const withDate = ['host', 'date', ...headersWithMeaning]
const withAmzDate = ['host', 'x-amz-date', ...headersWithMeaning]

const requiredParameters = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
]
const allParameters = [...requiredParameters, 'X-Amz-Expires', 'X-Amz-Security-Token']
const exactName = new Map(allParameters.map((name) => [name.toLowerCase(), name]))

const noParameters: ReadonlyMap<string, string> = new Map()

/** The signing parameters of the query string, each of which may be there once and in AWS's spelling only. */
function queryCredentials(request: HttpRequest): ReadonlyMap<string, string> {
  if (request.query === '') return noParameters
  const found = new Map<string, string>()
  for (const [name, value] of pairs(request.query)) {
    const key = decodePercent(name)
    const exact = exactName.get(key.toLowerCase())
    if (exact === undefined) continue
    // INVARIANT: one-reading. Another reader may compare names without case, or take the last of two: then it would see
    // other credentials than were verified.
    if (key !== exact) throw incomplete(`The query-string parameter '${key}' must be written '${exact}'.`)
    if (found.has(key)) throw incomplete(`The query-string parameter '${key}' must not be repeated.`)
    found.set(key, decodePercent(value))
  }
  return found
}

function fromQuery(request: HttpRequest, parameters: ReadonlyMap<string, string>): Presented {
  const named = (name: string): string => parameters.get(name) ?? ''
  const lacking = requiredParameters.filter((name) => named(name) === '')
  if (lacking.length > 0) {
    const sentences = lacking.map((name) => `AWS query-string parameters must include '${name}'. `)
    throw incomplete(`${sentences.join('')}Re-examine the query-string parameters.`)
  }
  if (named('X-Amz-Algorithm') !== algorithm)
    throw incomplete(`Unsupported AWS 'algorithm': '${named('X-Amz-Algorithm')}'.`)
  if (header(request, 'x-amz-security-token') !== undefined)
    throw incomplete('The security token of a presigned request belongs to its query-string parameters.')

  const signedHeaders = readSignedHeaders(named('X-Amz-SignedHeaders'))
  mustSign(request, signedHeaders, withAmzDate)
  return {
    source: 'query',
    ...readCredential(named('X-Amz-Credential')),
    signedHeaders,
    signature: readSignature(named('X-Amz-Signature')),
    token: parameters.get('X-Amz-Security-Token'),
    ...readTime(named('X-Amz-Date')),
    expiresSeconds: readLife(parameters.get('X-Amz-Expires')),
  }
}

function readLife(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text))
    throw incomplete("The query-string parameter 'X-Amz-Expires' must be a number of seconds.")
  const seconds = Number(text)
  if (seconds < 1 || seconds > 604_800)
    throw incomplete("The query-string parameter 'X-Amz-Expires' must be between 1 and 604800.")
  return seconds
}

function readCredential(credential: string) {
  const parts = credential.split('/')
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = parts
  if (parts.length !== 5 || accessKeyId === '')
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    )
  return { accessKeyId, date, region, service, terminator }
}

function readSignature(text: string): string {
  if (text.length !== 64 || /[^0-9a-f]/.test(text))
    throw incomplete('The signature must be 64 lower-case hexadecimal digits.')
  return text
}

/** Lists that were read before: a client signs the same headers each time. None is longer than a header may be. */
const listsRead = new Map<string, readonly string[]>()
const listsKept = 256

function readSignedHeaders(text: string): readonly string[] {
  const known = listsRead.get(text)
  if (known !== undefined) return known
  const names = text.split(';')
  let before = ''
  for (const name of names) {
    // A list in one order only, so that there is one canonical request for it.
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || before >= name)
      throw incomplete('The signed headers must be lower-case names, sorted, without repetition.')
    before = name
  }
  if (listsRead.size >= listsKept) listsRead.clear()
  listsRead.set(text, names)
  return names
}

/** Every one of these that the request has must be signed; `host` in any case. */
function mustSign(request: HttpRequest, signedHeaders: readonly string[], names: readonly string[]): void {
  if (!signedHeaders.includes('host')) throw unsigned("'Host' or ':authority'")
  for (const name of names)
    if (single(request, name) !== undefined && !signedHeaders.includes(name)) throw unsigned(`'${name}'`)
  for (const name of signedHeaders)
    if (header(request, name) === undefined) throw incomplete(`The signed header '${name}' is not in the request.`)
}

const unsigned = (what: string): Fault =>
  new Fault('SignatureDoesNotMatch', `${what} must be a 'SignedHeader' in the AWS Authorization.`, 403)

interface SigningTime {
  readonly time: string
  readonly amzDate: number
}

/** Requests come in the second in which they are signed, so that most carry the same time as the one before. */
let lastRead: { readonly text: string; readonly read: SigningTime } | undefined

function readTime(text: string): SigningTime {
  if (lastRead?.text !== text) lastRead = { text, read: parseTime(text) }
  return lastRead.read
}

const basicForm = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/** ISO 8601 in its basic form, or the date of HTTP that a `Date` header has. */
function parseTime(text: string): SigningTime {
  const amzDate = Date.parse(text.replace(basicForm, '$1-$2-$3T$4:$5:$6Z'))
  // Written back it must be what was read, in one form or the other: the 31st of February is no day.
  if (Number.isNaN(amzDate) || (basicTime(amzDate) !== text && new Date(amzDate).toUTCString() !== text))
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    )
  return { time: basicTime(amzDate), amzDate }
}

/** `20150830T123600Z`. */
export const basicTime = (ms: number): string => isoSeconds(ms).replace(/[-:]/g, '')
