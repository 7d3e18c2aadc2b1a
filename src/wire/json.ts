import { Fault } from '../base/fault.ts'
import type { ErrorModel } from '../model/service.ts'
import type { NumberShape, Ref, Shape, StructureShape } from '../model/shape.ts'
import { type HttpRequest, header } from './http.ts'
import type { Protocol, Refusal, Values } from './protocol.ts'
import { requestIdHeader } from './refusal.ts'
import { readBlob, readNumber, readTimestamp, writeTimestamp } from './text.ts'

/** AWS's JSON protocol, 1.1: the operation in a header, JSON in, JSON out. Organizations, CloudTrail and KMS speak it. */
export const json: Protocol = {
  name: 'json',
  claims: (request) =>
    request.method === 'POST' &&
    header(request, 'x-amz-target') !== undefined &&
    /^application\/x-amz-json-1\.1(?:\s*;|$)/i.test(header(request, 'content-type') ?? ''),

  operation(request) {
    const target = header(request, 'x-amz-target') ?? ''
    const dot = target.lastIndexOf('.')
    return dot < 0 ? undefined : { name: target.slice(dot + 1), target: target.slice(0, dot) }
  },

  decode(_service, { input }, request) {
    const body = parse(request)
    return input ? readStructure(input, body, 0) : {}
  },

  encode: (_service, { output: shape }, output, requestId) =>
    answer(200, requestId, shape ? writeStructure(shape, output) : {}),

  refuse(service, refusal, requestId) {
    const { code, status } = refusal
    // A service may have the common name among its own errors, with its own way of writing the message.
    const model = service?.error(code) ?? service?.error(names[code] ?? code)
    // QUIRK: json-refuses-with-400. What other protocols refuse with 403 or 404 is a 400 here, unless the model says otherwise.
    const final = model?.status ?? (status !== undefined && status >= 500 ? status : (statuses[code] ?? 400))
    return answer(final, requestId, {
      __type: service?.error(code) === undefined ? (names[code] ?? code) : code,
      ...told(model, refusal),
    })
  },
}

/** The names that the common refusals have in this protocol (AWS's "Common errors" of its JSON services). */
const names: Readonly<Record<string, string | undefined>> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
  InvalidAction: 'UnknownOperationException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MalformedInput: 'SerializationException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  ValidationError: 'ValidationException',
}
const statuses: Readonly<Record<string, number | undefined>> = { InternalFailure: 500, ServiceUnavailable: 503 }

/** The message under the name that the service's model has for it, and what else a refusal tells. */
function told(model: ErrorModel | undefined, { message, details }: Refusal): object {
  const name = model?.shape?.members.some((member) => member.name === 'Message') ? 'Message' : 'message'
  return { ...(message === '' ? {} : { [name]: message }), ...details }
}

const answer = (status: number, requestId: string, value: object) => ({
  status,
  headers: { 'x-amzn-RequestId': requestIdHeader(requestId), 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(value),
})

const malformed = (message = ''): Fault => new Fault('MalformedInput', message, 400)

const strict = new TextDecoder('utf-8', { fatal: true })

function parse({ body }: HttpRequest): object {
  let value: unknown
  try {
    const text = strict.decode(body)
    value = text === '' ? {} : JSON.parse(text)
  } catch {
    throw malformed()
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed()
  return value
}

/** Deeper than any request of these services goes. */
const maxDepth = 64

function readStructure(shape: StructureShape, value: object, depth: number): Values {
  const values: Record<string, unknown> = {}
  for (const member of shape.members) {
    const name = member.locationName ?? member.name
    if (!Object.hasOwn(value, name)) continue
    const read = readValue(member, Reflect.get(value, name), depth + 1)
    if (read !== undefined) values[member.name] = read
  }
  return values
}

/** `null` is the absence of a value. */
function readValue({ shape }: Ref, value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw malformed()
  if (value === null || value === undefined) return undefined
  switch (shape.type) {
    case 'structure':
      if (shape.document) return value
      return readStructure(shape, objectIn(value), depth)
    case 'list':
      if (!Array.isArray(value)) throw unexpected(value, 'a list')
      return value.map((element) => readValue(shape.element, element, depth + 1)).filter((read) => read !== undefined)
    case 'map': {
      // INVARIANT: no-prototype. The caller names the keys.
      const values: Record<string, unknown> = Object.create(null)
      for (const [key, inner] of Object.entries(objectIn(value))) {
        const read = readValue(shape.value, inner, depth + 1)
        if (read !== undefined) values[key] = read
      }
      return values
    }
    default:
      return readPlain(shape, value)
  }
}

function objectIn(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(value, 'a structure or map')
  return value
}

function readPlain(shape: Exclude<Shape, { type: 'structure' | 'list' | 'map' }>, value: unknown): unknown {
  switch (shape.type) {
    case 'string':
    case 'character':
      if (typeof value === 'string') return value
      break
    case 'boolean':
      if (typeof value === 'boolean') return value
      break
    case 'blob':
      if (typeof value === 'string') return readBlob(value)
      break
    case 'timestamp':
      if (typeof value === 'number' || typeof value === 'string') return readTimestamp(String(value))
      break
    default:
      if (typeof value === 'number' || typeof value === 'string') return numberIn(shape, value)
  }
  throw unexpected(value, wordFor(shape.type))
}

/** What JSON has no number for comes as text; no other text is a number. */
function numberIn({ type }: NumberShape, value: number | string): number {
  if (typeof value === 'string' && !['NaN', 'Infinity', '-Infinity'].includes(value))
    throw unexpected(value, wordFor(type))
  return readNumber(String(value), type)
}

const wordFor = (type: string): string => `a ${type.charAt(0).toUpperCase()}${type.slice(1)}`

function unexpected(value: unknown, wanted: string): Fault {
  if (Array.isArray(value)) return malformed('Start of list found where not expected')
  if (typeof value === 'object') return malformed('Start of structure or map found where not expected.')
  const given =
    typeof value === 'boolean' ? (value ? 'TRUE_VALUE' : 'FALSE_VALUE') : `${typeof value}_VALUE`.toUpperCase()
  return malformed(`${given} can not be converted to ${wanted}`)
}

/** Members in the order in which AWS writes them; those that are absent are left out. */
function writeStructure(shape: StructureShape, value: object): object {
  const members: [string, unknown][] = []
  for (const member of shape.written) {
    const given: unknown = Reflect.get(value, member.name)
    if (given !== undefined) members.push([member.locationName ?? member.name, writeValue(member, given)])
  }
  return Object.fromEntries(members)
}

function writeValue({ shape, timestampFormat }: Ref, value: unknown): unknown {
  switch (shape.type) {
    case 'structure':
      return shape.document || typeof value !== 'object' || value === null ? value : writeStructure(shape, value)
    case 'list':
      return Array.isArray(value) ? value.map((element) => writeValue(shape.element, element)) : []
    case 'map':
      return Object.fromEntries(
        Object.entries(value ?? {}).map(([key, inner]) => [key, writeValue(shape.value, inner)]),
      )
    case 'blob':
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
    case 'timestamp':
      return timeOf(value, timestampFormat)
    default:
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
  }
}

/** Seconds since the epoch, with the milliseconds behind the point; or text, where the model wants it. */
function timeOf(value: unknown, format: string | undefined): unknown {
  if (typeof value !== 'number') return value
  if (format === undefined || format === 'unixTimestamp') return value / 1000
  return format === 'iso8601' && value % 1000 !== 0 ? new Date(value).toISOString() : writeTimestamp(value, format)
}
