import { compileTokens, type Glob, type GlobToken } from '../base/glob.ts'
import { ArnPatterns, type AskedArn, splitArn } from './arn.ts'
import type { Lookup } from './request.ts'
import { Template } from './template.ts'
import type { Truth } from './truth.ts'
import { hasVariables, isVariable, mayBegin, type Part, parseParts, resolve } from './variable.ts'

/** `Resource` or `NotResource`, compiled. */
export interface ResourceMatcher {
  readonly negated: boolean
  /** As written. */
  readonly patterns: readonly string[]
  /** Whether `*` is among them. */
  readonly everything: boolean
  readonly exact: ReadonlySet<string>
  readonly wild: ArnPatterns
  readonly templates: readonly Fronted[]
}

/** A pattern with variables, which stand in its last segment only. What is before them is compiled for good. */
interface Fronted {
  /** Whether the five segments in front match. */
  readonly front: ArnPatterns
  readonly own: Template
  /** The last segment with anything at all in place of the variables: what this refuses, the template refuses. */
  readonly widest: Glob
}

export function compileResources(patterns: readonly string[], negated: boolean, variables: boolean): ResourceMatcher {
  const exact = new Set<string>()
  const wild: (readonly GlobToken[])[] = []
  const templates: Fronted[] = []
  let everything = false
  for (const pattern of patterns) {
    if (pattern === '*') {
      everything = true
      continue
    }
    const parts = parseParts(pattern, { variables, wildcards: true })
    if (hasVariables(parts)) {
      const template = templateOf(parts)
      if (template !== undefined) templates.push(template)
      continue
    }
    // No variables are left, so every part is a token.
    const tokens = parts as readonly GlobToken[]
    const [only] = tokens
    if (tokens.length === 1 && typeof only === 'object' && splitArn(only.text) !== undefined) exact.add(only.text)
    else wild.push(tokens)
  }
  return { negated, patterns, everything, exact, wild: new ArnPatterns(wild, true), templates }
}

/** QUIRK: variables-in-the-last-segment. A variable before the fifth colon of a resource never comes to anything. */
function templateOf(parts: readonly Part[]): Fronted | undefined {
  const front: GlobToken[] = []
  let colons = 0
  for (const [index, part] of parts.entries()) {
    if (isVariable(part)) return undefined
    if (typeof part === 'object') {
      for (let at = part.text.indexOf(':'); at >= 0; at = part.text.indexOf(':', at + 1)) {
        if (++colons < 5) continue
        front.push(part, '*')
        const own = [{ text: part.text.slice(at + 1) }, ...parts.slice(index + 1)]
        const widest = compileTokens(own.map((part) => (isVariable(part) ? '*' : part)))
        return { front: new ArnPatterns([front], true), own: new Template(own), widest }
      }
    }
    front.push(part)
  }
  return undefined
}

/** Whether the element covers the resource. `unknown` hangs on keys of variables that nobody told. */
export function coversResource(matcher: ResourceMatcher, asked: AskedArn, lookup: Lookup): Truth {
  const listed = lists(matcher, asked, lookup)
  return matcher.negated ? (listed === 'yes' ? 'no' : listed === 'no' ? 'yes' : 'unknown') : listed
}

function lists(matcher: ResourceMatcher, asked: AskedArn, lookup: Lookup): Truth {
  if (matcher.everything || matcher.exact.has(asked.text) || matcher.wild.cover(asked)) return 'yes'
  let truth: Truth = 'no'
  const last = asked.segments?.[5]
  if (last === undefined) return truth
  for (const template of matcher.templates) {
    if (!template.front.cover(asked) || !mayBegin(template.own.parts, last, lookup)) continue
    if (!asked.covers(template.widest, 5)) continue
    const made = template.own.made(lookup)
    if (made === undefined || !asked.covers(made.glob, 5)) continue
    if (made.untold.length === 0) return 'yes'
    truth = 'unknown'
  }
  return truth
}

/** The keys that nobody told and that the element's answer hangs on. */
export function untoldKeys(matcher: ResourceMatcher, lookup: Lookup): readonly string[] {
  const keys = new Set<string>()
  for (const { own } of matcher.templates) for (const key of resolve(own.parts, lookup)?.untold ?? []) keys.add(key)
  return [...keys]
}
