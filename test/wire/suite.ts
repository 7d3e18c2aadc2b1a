import { readFileSync } from 'node:fs'
import { readService, type ServiceModel } from '../../src/model/service.ts'
import type { RawOperation, RawService, RawShape, Shape } from '../../src/model/shape.ts'

/** AWS's protocol tests, in the form in which botocore ships them: a small service model, and values with their bytes. */
export interface Suite {
  readonly description: string
  readonly metadata: RawService['metadata']
  readonly shapes: Readonly<Record<string, RawShape>>
  readonly cases: readonly {
    readonly id: string
    readonly given: RawOperation
    readonly params?: unknown
    readonly serialized?: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
    readonly result?: object
    readonly error?: Readonly<Record<string, unknown>>
    readonly errorCode?: string
    readonly errorMessage?: string
    readonly response?: { readonly status_code: number; readonly body?: string }
  }[]
}

const folder = new URL('../data/protocols/', import.meta.url)

// The files are part of the tests.
export const suites = (protocol: 'query' | 'json', way: 'input' | 'output'): readonly Suite[] =>
  JSON.parse(readFileSync(new URL(`${way}/${protocol}.json`, folder), 'utf8')) as Suite[]

export const modelOf = (suite: Suite, given: RawOperation): ServiceModel =>
  readService('suite', { metadata: suite.metadata, operations: { [given.name]: given }, shapes: suite.shapes })

/** The suites write times in seconds, bytes as text, and what JSON has no number for as text. */
export function ours(shape: Shape | undefined, value: unknown): unknown {
  if (value === null || value === undefined || !shape) return value
  switch (shape.type) {
    case 'structure':
      if (shape.document) return value
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [
          name,
          ours(shape.members.find((member) => member.name === name)?.shape, inner),
        ]),
      )
    case 'list':
      return Array.isArray(value) ? value.map((inner) => ours(shape.element.shape, inner)) : value
    case 'map':
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ours(shape.value.shape, inner)]))
    case 'timestamp':
      return Number(value) * 1000
    case 'blob':
      return new TextEncoder().encode(String(value))
    case 'float':
    case 'double':
      return Number(value)
    default:
      return value
  }
}
