import { compileTokens, type GlobToken } from '../base/glob.ts'
import type { Lookup } from './request.ts'
import type { Truth } from './truth.ts'
import { hasVariables, type Part, parseParts, resolve } from './variable.ts'

/** A resource, or any text that is matched as an ARN, cut into its segments once. */
export interface AskedArn {
  readonly text: string
  /** Partition, service, region, account and the rest; `undefined` where the text is no ARN. */
  readonly segments: readonly string[] | undefined
}

/** `arn` and the five segments after it. The last one holds whatever colons follow. */
export function askedArn(text: string): AskedArn {
  return { text, segments: text.startsWith('arn:') ? split(text) : undefined }
}

function split(text: string): readonly string[] | undefined {
  const segments: string[] = []
  let from = 0
  while (segments.length < 5) {
    const colon = text.indexOf(':', from)
    if (colon < 0) return undefined
    segments.push(text.slice(from, colon))
    from = colon + 1
  }
  segments.push(text.slice(from))
  return segments
}

/** A pattern over ARNs: wildcards match inside their own segment, and freely only in the sixth. */
export type ArnPattern = (asked: AskedArn) => boolean

const never: ArnPattern = () => false

/**
 * Compiles an ARN pattern from tokens. `padded`: a pattern of fewer than six segments stands for all ARNs that begin so, as
 * `Resource` has it; in conditions such a pattern matches nothing.
 */
export function arnPattern(tokens: readonly GlobToken[], padded: boolean): ArnPattern {
  const segments = splitTokens(tokens)
  if (segments.length < 6) {
    if (!padded || segments.length < 2) return never
    while (segments.length < 6) segments.push(['*'])
  }
  const globs = segments.map((segment) => compileTokens(segment))
  const [first, ...rest] = globs
  if (first === undefined || !first.matches('arn')) return never

  // Where the five segments in front are literal, their text with its five colons can only stand at the front of an ARN that
  // has the very same segments. So one comparison settles them all.
  const literals = globs.slice(0, 5).map((glob) => glob.literal)
  const last = globs[5]
  if (last !== undefined && literals.every((literal) => literal !== undefined)) {
    const front = `${literals.join(':')}:`
    if (last.literal !== undefined) {
      const whole = front + last.literal
      return ({ text }) => text === whole
    }
    return ({ text }) => text.startsWith(front) && last.matches(text, front.length)
  }

  return ({ segments: actual }) => {
    if (actual === undefined) return false
    for (let at = 0; at < rest.length; at++) {
      const glob = rest[at]
      const segment = actual[at + 1]
      if (glob === undefined || segment === undefined || !glob.matches(segment)) return false
    }
    return true
  }
}

/** Cuts tokens at their first five literal colons. */
function splitTokens(tokens: readonly GlobToken[]): GlobToken[][] {
  const segments: GlobToken[][] = [[]]
  for (const token of tokens) {
    if (token === '*' || token === '?') {
      segments[segments.length - 1]?.push(token)
      continue
    }
    let from = 0
    while (segments.length < 6) {
      const colon = token.text.indexOf(':', from)
      if (colon < 0) break
      if (colon > from) segments[segments.length - 1]?.push({ text: token.text.slice(from, colon) })
      segments.push([])
      from = colon + 1
    }
    if (from < token.text.length) segments[segments.length - 1]?.push({ text: token.text.slice(from) })
  }
  return segments
}

/** `Resource` or `NotResource`, compiled. */
export interface ResourceMatcher {
  readonly negated: boolean
  /** As written. */
  readonly patterns: readonly string[]
  /** Whether `*` is among them. */
  readonly everything: boolean
  readonly exact: ReadonlySet<string>
  readonly wild: readonly ArnPattern[]
  readonly templates: readonly Template[]
}

/** A pattern with variables. `front` is the literal text before the first of anything else: a cheap way to say no. */
interface Template {
  readonly front: string
  readonly parts: readonly Part[]
}

export function compileResources(patterns: readonly string[], negated: boolean, variables: boolean): ResourceMatcher {
  const exact = new Set<string>()
  const wild: ArnPattern[] = []
  const templates: Template[] = []
  let everything = false
  for (const pattern of patterns) {
    if (pattern === '*') {
      everything = true
      continue
    }
    const parts = parseParts(pattern, { variables, wildcards: true })
    if (hasVariables(parts)) {
      // QUIRK: variables stand only in the last segment of a resource. One before it never comes to anything.
      if (variablesLast(parts)) templates.push({ front: frontOf(parts), parts })
      continue
    }
    // No variables are left, so every part is a token.
    const tokens = parts as readonly GlobToken[]
    const [only] = tokens
    if (tokens.length === 1 && typeof only === 'object' && split(only.text) !== undefined) exact.add(only.text)
    else wild.push(arnPattern(tokens, true))
  }
  return { negated, patterns, everything, exact, wild, templates }
}

function frontOf(parts: readonly Part[]): string {
  const [first] = parts
  return typeof first === 'object' && 'text' in first ? first.text : ''
}

function variablesLast(parts: readonly Part[]): boolean {
  let colons = 0
  for (const part of parts) {
    if (typeof part !== 'object') continue
    if ('key' in part) return colons >= 5
    for (const char of part.text) if (char === ':') colons++
  }
  return false
}

/** Whether the element covers the resource. `unknown` hangs on keys of variables that nobody told. */
export function coversResource(matcher: ResourceMatcher, asked: AskedArn, lookup: Lookup): Truth {
  const listed = lists(matcher, asked, lookup)
  return matcher.negated ? (listed === 'yes' ? 'no' : listed === 'no' ? 'yes' : 'unknown') : listed
}

function lists(matcher: ResourceMatcher, asked: AskedArn, lookup: Lookup): Truth {
  if (matcher.everything || matcher.exact.has(asked.text)) return 'yes'
  for (const pattern of matcher.wild) if (pattern(asked)) return 'yes'
  let truth: Truth = 'no'
  for (const { front, parts } of matcher.templates) {
    if (!asked.text.startsWith(front)) continue
    const resolved = resolve(parts, lookup)
    if (resolved === undefined || !arnPattern(resolved.tokens, true)(asked)) continue
    if (resolved.untold.length === 0) return 'yes'
    truth = 'unknown'
  }
  return truth
}

/** The keys that nobody told and that the element's answer hangs on. */
export function untoldKeys(matcher: ResourceMatcher, lookup: Lookup): readonly string[] {
  const keys = new Set<string>()
  for (const { parts } of matcher.templates) for (const key of resolve(parts, lookup)?.untold ?? []) keys.add(key)
  return [...keys]
}
