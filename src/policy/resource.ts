import { bitsOf, Crowd, shortText } from '../base/crowd.ts'
import { compileTokens, type Glob, type GlobToken } from '../base/glob.ts'
import type { Lookup } from './request.ts'
import type { Truth } from './truth.ts'
import { hasVariables, isVariable, mayBegin, type Part, parseParts, resolve } from './variable.ts'

/** A resource, or any text that is matched as an ARN. Cut into its segments when first asked, and once. */
export class AskedArn {
  readonly text: string
  private cut: readonly string[] | undefined | null = null
  private readonly crowds: (Crowd | undefined)[] = []

  constructor(text: string) {
    this.text = text
  }

  /** `arn` and the five segments after it, the last with whatever colons follow; `undefined` where the text is no ARN. */
  get segments(): readonly string[] | undefined {
    if (this.cut === null) this.cut = this.text.startsWith('arn:') ? split(this.text) : undefined
    return this.cut
  }

  /** Whether the glob covers one of the segments. */
  covers(glob: Glob, at: number): boolean {
    const segment = this.segments?.[at]
    if (segment === undefined) return false
    if (!glob.walks || segment.length <= shortText) return glob.matches(segment)
    let crowd = this.crowds[at]
    if (crowd === undefined) {
      crowd = new Crowd([segment])
      this.crowds[at] = crowd
    }
    return crowd.covers(glob)
  }
}

/** Many texts that are matched as ARNs. */
export class AskedArns {
  readonly whole: Crowd
  private readonly cut: readonly (readonly string[] | undefined)[]
  /** Which of the texts are ARNs. */
  private readonly arns: Int32Array
  private readonly crowds: (Crowd | undefined)[] = []

  constructor(texts: readonly string[]) {
    this.whole = new Crowd(texts)
    this.cut = texts.map((text) => new AskedArn(text).segments)
    this.arns = bitsOf(this.cut, (segments) => segments !== undefined)
  }

  /** Of the texts whose bits are set, keeps those that are ARNs of which the globs cover all segments from the second on. */
  narrow(globs: readonly Glob[], open: Int32Array): boolean {
    for (const [at, arns] of this.arns.entries()) open[at] = (open[at] ?? 0) & arns
    for (const [at, glob] of globs.entries()) {
      let crowd = this.crowds[at]
      if (crowd === undefined) {
        crowd = new Crowd(this.cut.map((segments) => segments?.[at + 1] ?? ''))
        this.crowds[at] = crowd
      }
      if (!crowd.narrow(glob, open)) return false
    }
    return globs.length > 0
  }
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
export interface ArnPattern {
  readonly covers: (asked: AskedArn) => boolean
  /** Of the texts whose bits are set, keeps those that it covers. Answers whether any is left. */
  readonly narrow: (asked: AskedArns, open: Int32Array) => boolean
}

const never: ArnPattern = {
  covers: () => false,
  narrow: (_, open) => {
    open.fill(0)
    return false
  },
}

/**
 * Compiles an ARN pattern from tokens. `padded`: a pattern of fewer than six segments stands for all ARNs that begin so, as
 * `Resource` has it; in conditions such a pattern matches nothing.
 */
export function arnPattern(tokens: readonly GlobToken[], padded: boolean): ArnPattern {
  const segments = splitTokens(tokens)
  // Segments that are not there are not asked for.
  if (segments.length < 6 && (!padded || segments.length < 2)) return never
  const globs = segments.map((segment) => compileTokens(segment))
  const [first, ...rest] = globs
  if (first === undefined || !first.matches('arn')) return never

  // Where the five segments in front are literal, their text with its five colons can only stand at the front of an ARN that
  // has the very same segments. So one comparison settles them all.
  const literals = globs.slice(0, 5).map((glob) => glob.literal)
  const last = globs[5]
  if (last !== undefined && literals.every((literal) => literal !== undefined)) {
    const front = `${literals.join(':')}:`
    let whole: Glob | undefined
    const narrow: ArnPattern['narrow'] = (asked, open) => {
      whole ??= compileTokens([{ text: front }, ...(segments[5] ?? [])])
      return asked.whole.narrow(whole, open)
    }
    if (last.literal !== undefined) {
      const text = front + last.literal
      return { covers: (asked) => asked.text === text, narrow }
    }
    if (!last.walks) return { covers: ({ text }) => text.startsWith(front) && last.matches(text, front.length), narrow }
    return { covers: (asked) => asked.text.startsWith(front) && asked.covers(last, 5), narrow }
  }

  return {
    covers: (asked) => asked.segments !== undefined && rest.every((glob, at) => asked.covers(glob, at + 1)),
    narrow: (asked, open) => asked.narrow(rest, open),
  }
}

/** Cuts tokens at their first five literal colons. */
function splitTokens(tokens: readonly GlobToken[]): GlobToken[][] {
  let current: GlobToken[] = []
  const segments = [current]
  for (const token of tokens) {
    if (token === '*' || token === '?') {
      current.push(token)
      continue
    }
    let from = 0
    while (segments.length < 6) {
      const colon = token.text.indexOf(':', from)
      if (colon < 0) break
      current.push({ text: token.text.slice(from, colon) })
      current = []
      segments.push(current)
      from = colon + 1
    }
    current.push({ text: token.text.slice(from) })
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

/** A pattern with variables, which stand in its last segment only. What is before them is compiled for good. */
interface Template {
  /** Whether the five segments in front match. */
  readonly front: ArnPattern
  readonly parts: readonly Part[]
  /** The last segment with anything at all in place of the variables: what this refuses, the template refuses. */
  readonly widest: Glob
  /** What the parts came to last, and the glob that was made of it. */
  last: { readonly key: string; readonly glob: Glob } | undefined
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
      const template = templateOf(parts)
      if (template !== undefined) templates.push(template)
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

/** QUIRK: variables-in-the-last-segment. A variable before the fifth colon of a resource never comes to anything. */
function templateOf(parts: readonly Part[]): Template | undefined {
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
        return { front: arnPattern(front, true), parts: own, widest, last: undefined }
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
  if (matcher.everything || matcher.exact.has(asked.text)) return 'yes'
  for (const pattern of matcher.wild) if (pattern.covers(asked)) return 'yes'
  let truth: Truth = 'no'
  const last = asked.segments?.[5]
  if (last === undefined) return truth
  for (const template of matcher.templates) {
    if (!template.front.covers(asked) || !mayBegin(template.parts, last, lookup)) continue
    if (!asked.covers(template.widest, 5)) continue
    const resolved = resolve(template.parts, lookup)
    if (resolved === undefined || !asked.covers(globOf(template, resolved.tokens), 5)) continue
    if (resolved.untold.length === 0) return 'yes'
    truth = 'unknown'
  }
  return truth
}

/** The same caller asks with the same values, so the glob of the last ones is kept, under everything that it was made of. */
function globOf(template: Template, tokens: readonly GlobToken[]): Glob {
  let key = ''
  for (const token of tokens) key += typeof token === 'string' ? token : `${token.text.length}:${token.text}`
  if (template.last?.key === key) return template.last.glob
  const glob = compileTokens(tokens)
  template.last = { key, glob }
  return glob
}

/** The keys that nobody told and that the element's answer hangs on. */
export function untoldKeys(matcher: ResourceMatcher, lookup: Lookup): readonly string[] {
  const keys = new Set<string>()
  for (const { parts } of matcher.templates) for (const key of resolve(parts, lookup)?.untold ?? []) keys.add(key)
  return [...keys]
}
