import { Fault } from '../base/fault.ts'
import { isoSeconds } from '../base/instant.ts'
import type { NumberShape, PlainShape, Ref } from '../model/shape.ts'

/** Values as text, in both directions: what the XML protocols write between tags and the query protocol behind `=`. */

/** AWS tells nothing more than the code where a value cannot be read as its type. */
const malformed = (message = ''): Fault => new Fault('MalformedInput', message, 400)

const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  byte: [-128, 127],
  short: [-32768, 32767],
  integer: [-2147483648, 2147483647],
  long: [-(2 ** 63), 2 ** 63],
}

export function readNumber(text: string, type: NumberShape['type']): number {
  // QUIRK: malformed-integer. An empty number has a message of its own; `+900` and `0900` are numbers, `900.0` is none.
  if (text === '') throw malformed('missing value for decimal type')
  const range = ranges[type]
  const form = range ? /^[+-]?\d+$/ : /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/
  if (!range && (text === 'NaN' || text === 'Infinity' || text === '-Infinity')) return Number(text)
  if (!form.test(text)) throw malformed()
  const value = Number(text)
  if (range && (value < range[0] || value > range[1])) throw malformed()
  return value
}

export function readBoolean(text: string): boolean {
  if (text === 'true') return true
  if (text === 'false') return false
  throw malformed()
}

export function readBlob(text: string): Uint8Array {
  const packed = text.replace(/[\r\n]/g, '')
  if (packed.length % 4 === 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) throw malformed()
  return new Uint8Array(Buffer.from(packed, 'base64'))
}

const iso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?$/

/** Milliseconds since the epoch, of ISO 8601 text or of seconds since the epoch. */
export function readTimestamp(text: string): number {
  const value = iso.test(text)
    ? Date.parse(/T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`)
    : /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)
      ? Date.parse(text)
      : /^-?\d{1,12}(?:\.\d{1,9})?$/.test(text)
        ? Number(text) * 1000
        : Number.NaN
  if (Number.isNaN(value)) throw malformed()
  return value
}

/** A time as AWS's XML has it: whole seconds, in UTC. */
export function writeTimestamp(ms: number, format: string | undefined): string {
  if (format === 'unixTimestamp') return String(ms / 1000)
  return format === 'rfc822' ? new Date(ms).toUTCString() : isoSeconds(ms)
}

/** A value that has no members as text. A value of another type than the model says is a bug of ours, not the caller's. */
export function writeScalar(ref: Ref, value: unknown): string {
  const { shape } = ref
  switch (shape.type) {
    case 'string':
    case 'character':
      if (typeof value === 'string') return value
      break
    case 'boolean':
      if (typeof value === 'boolean') return String(value)
      break
    case 'timestamp':
      if (typeof value === 'number') return writeTimestamp(value, ref.timestampFormat)
      break
    case 'blob':
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
      break
    case 'structure':
    case 'list':
    case 'map':
      break
    default:
      if (typeof value === 'number') return String(value)
  }
  throw new Error(`${shape.name} cannot be written from a ${typeof value}`)
}

export const scalarReader: Readonly<
  Record<NumberShape['type'] | PlainShape['type'] | 'blob', (text: string) => unknown>
> = {
  boolean: readBoolean,
  timestamp: readTimestamp,
  blob: readBlob,
  byte: (text) => readNumber(text, 'byte'),
  short: (text) => readNumber(text, 'short'),
  integer: (text) => readNumber(text, 'integer'),
  long: (text) => readNumber(text, 'long'),
  float: (text) => readNumber(text, 'float'),
  double: (text) => readNumber(text, 'double'),
  bigdecimal: (text) => readNumber(text, 'bigdecimal'),
  biginteger: (text) => readNumber(text, 'biginteger'),
}
