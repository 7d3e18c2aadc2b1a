import type { GlobToken } from '../base/glob.ts'
import type { Lookup } from './request.ts'

/** A variable inside a pattern: `${key}` or `${key, 'fallback'}` (IAM User Guide, "IAM policy elements: Variables and tags"). */
export interface Variable {
  /** In lower case, as lookups want it. */
  readonly key: string
  readonly fallback: string | undefined
}

export type Part = GlobToken | Variable

export interface Reading {
  /** Variables are substituted from version 2012-10-17 on; before it `${` is text like any other. */
  readonly variables: boolean
  /** Whether `*` and `?` are wild here. */
  readonly wildcards: boolean
}

export const isVariable = (part: Part): part is Variable => typeof part === 'object' && 'key' in part

export const hasVariables = (parts: readonly Part[]): boolean => parts.some(isVariable)

/** Cuts a text into literal runs, wildcards and variables. `${*}`, `${?}` and `${$}` are the characters themselves. */
export function parseParts(text: string, reading: Reading): readonly Part[] {
  const parts: Part[] = []
  let run = ''
  const flush = () => {
    if (run !== '') parts.push({ text: run })
    run = ''
  }
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at)
    if (reading.wildcards && (char === '*' || char === '?')) {
      flush()
      parts.push(char)
      at++
      continue
    }
    if (reading.variables && char === '$' && text[at + 1] === '{') {
      const found = variableAt(text, at + 2)
      if (found !== undefined) {
        if (typeof found.what === 'string') run += found.what
        else {
          flush()
          parts.push(found.what)
        }
        at = found.end
        continue
      }
    }
    run += char
    at++
  }
  flush()
  return parts
}

/** Reads what stands after `${`. A brace that is never closed opens no variable. */
function variableAt(text: string, from: number): { what: string | Variable; end: number } | undefined {
  const close = text.indexOf('}', from)
  if (close < 0) return undefined
  const comma = text.indexOf(',', from)
  if (comma < 0 || comma > close) {
    const inside = text.slice(from, close)
    const what = inside === '*' || inside === '?' || inside === '$' ? inside : variable(inside, undefined)
    return { what, end: close + 1 }
  }
  const key = text.slice(from, comma)
  // A comma, one space, and the default in single quotes: nothing else is a default.
  if (text.startsWith(" '", comma + 1)) {
    const from = comma + 3
    const quote = text.indexOf("'", from)
    if (quote > 0 && text[quote + 1] === '}') return { what: variable(key, text.slice(from, quote)), end: quote + 2 }
  }
  // A default that is not written as one leaves a variable of a name that no request carries.
  return { what: variable(text.slice(from, close), undefined), end: close + 1 }
}

const variable = (key: string, fallback: string | undefined): Variable => ({ key: key.toLowerCase(), fallback })

/** Keys of several values by their nature: none of them may be a variable, also where a request happens to carry just one. */
const multivalued: ReadonlySet<string> = new Set([
  'aws:calledvia',
  'aws:principalorgpaths',
  'aws:principalservicenameslist',
  'aws:resourceorgpaths',
  'aws:sourceorgpaths',
  'aws:tagkeys',
  'aws:vpceorgpaths',
  'sts:identitytokenaudience',
  'sts:transitivetagkeys',
])

/** The one value of a variable; `null` where it comes to nothing, `undefined` where nobody told. */
function oneValue({ key, fallback }: Variable, lookup: Lookup): string | null | undefined {
  const values = lookup(key)
  if (values === undefined) return undefined
  // No value at all is an absent key, for which the default stands in.
  if (values === null || values.length === 0) return fallback ?? null
  return values.length > 1 || multivalued.has(key) ? null : (values[0] ?? null)
}

/** Whether a text begins as the parts do, up to their first wildcard. A cheap no before all is put together. */
export function mayBegin(parts: readonly Part[], text: string, lookup: Lookup): boolean {
  let at = 0
  for (const part of parts) {
    if (typeof part === 'string') return true
    const piece = isVariable(part) ? oneValue(part, lookup) : part.text
    if (piece === undefined) return true
    if (piece === null || !text.startsWith(piece, at)) return false
    at += piece.length
  }
  return at === text.length
}

export interface Resolved {
  readonly tokens: readonly GlobToken[]
  /** Keys that nobody told: in their place stands `*`, so what does not match now matches for no value. */
  readonly untold: readonly string[]
}

/**
 * Puts values in place of variables, as text that is never wild. `undefined` where a variable comes to nothing: its key is absent
 * and it has no fallback, or it has several values, which no variable may.
 */
export function resolve(parts: readonly Part[], lookup: Lookup): Resolved | undefined {
  const tokens: GlobToken[] = []
  const untold: string[] = []
  for (const part of parts) {
    if (!isVariable(part)) {
      tokens.push(part)
      continue
    }
    const text = oneValue(part, lookup)
    if (text === null) return undefined
    if (text === undefined) {
      untold.push(part.key)
      tokens.push('*')
      continue
    }
    tokens.push({ text })
  }
  return { tokens, untold }
}
