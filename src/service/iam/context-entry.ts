import type * as Shape from '../../model/calls/iam.ts'
import { plainNumber, readBool, readHost, readMoment } from '../../policy/value.ts'
import type { Failing } from '../operation.ts'

/** The values of a simulated request's context keys, by key in lower case. */
export type Context = ReadonlyMap<string, readonly string[]>

type Kind = 'string' | 'numeric' | 'boolean' | 'ip' | 'binary' | 'date'

interface Reading {
  /** How AWS calls what is expected. */
  readonly expected: string
  /** The value as conditions compare it; `undefined` where the text is none of the kind. */
  readonly read: (text: string) => string | undefined
}

/** No part of it can be matched in two ways, so a long text is refused as soon as it is read. */
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

const readings: Readonly<Record<Kind, Reading>> = {
  string: { expected: '', read: (text) => text },
  numeric: {
    expected: 'numeric format',
    read: (text) => (number.test(text) ? plainNumber(text.replace(/^\+/, '')) : undefined),
  },
  // QUIRK: simulated-boolean. Whatever does not say true is false.
  boolean: { expected: '', read: (text) => String(readBool(text) === true) },
  ip: { expected: 'IP address', read: (text) => (readHost(text) === undefined ? undefined : text) },
  binary: { expected: 'base-64 encoded binary format', read: (text) => (isBase64(text) ? text : undefined) },
  date: { expected: 'DateTime format', read: (text) => (readMoment(text) === undefined ? undefined : text) },
}

/** Padded and without bits that mean nothing, so that written again it is the same text. */
function isBase64(text: string): boolean {
  try {
    return btoa(atob(text)) === text
  } catch {
    return false
  }
}

/** Reads the context that a simulation is given, in AWS's words for what is wrong with it. */
export function contextFrom(scene: Failing<'InvalidInput'>, entries: readonly Shape.ContextEntry[] = []): Context {
  const context = new Map<string, readonly string[]>()
  const refuse = (message: string): never => scene.fail('InvalidInput', message)
  for (const { ContextKeyName: name, ContextKeyType: type, ContextKeyValues: values = [] } of entries) {
    // QUIRK: empty-context-entry. An entry that says nothing at all is passed over.
    if (name === undefined && type === undefined && values.length === 0) continue
    if (name === undefined) return refuse('ContextKeyName cannot be null or empty.')
    if (type === undefined) return refuse(`Context key ${name} has invalid type null.`)
    if (values.length === 0) refuse(`Context values for context key ${name} cannot be null or empty.`)
    // QUIRK: context-key-named-by-type. What AWS calls the key here is its type.
    if (!type.endsWith('List') && values.length > 1)
      refuse(`Context key ${type} expected a single value, but received ${values.length}.`)
    // The types are the kinds, and their lists.
    const { expected, read } = readings[type.replace(/List$/, '') as Kind]
    const key = name.toLowerCase()
    if (context.has(key)) refuse(`Duplicate context key: ${name}.`)
    const told = values.map(
      (text) => read(text) ?? refuse(`Invalid context value for key ${name}: expected ${expected}.`),
    )
    // QUIRK: simulated-list. A list is one also where it has one value, so that no operator without a set is met by it: said
    // twice, the value is what it was to every set, and no single one.
    context.set(key, type.endsWith('List') && told.length === 1 ? [...told, ...told] : told)
  }
  return context
}
