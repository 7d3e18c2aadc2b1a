import { bitsOf, clearBit, keep, nextBit } from '../base/bits.ts'
import { shortText } from '../base/crowd.ts'
import { compileGlob, compileTokens, type Glob, type GlobToken } from '../base/glob.ts'
import { ArnPatterns, AskedArn } from './arn.ts'
import type { Lookup } from './request.ts'
import { type Seen, seenUnder } from './seen.ts'
import { Template } from './template.ts'
import { type Truth, truthOf } from './truth.ts'
import { type Part, parseParts, type Resolved, resolve } from './variable.ts'

// How the values that a condition wants agree with those of a request: by family, each made ready once, at compile time.

/** Whether any of the wanted values agrees with one value of the request. */
export interface Agrees {
  (actual: string, lookup: Lookup): Truth
  /** The same for all values of a key, looked at together: for families in which that costs less than one after the other. */
  readonly among?: (seen: Seen, lookup: Lookup) => Agrees
}

/** From so many values on, or from one long one, looking at them together pays. */
const manyValues = 4

/** Readies the comparison for the values that it is about to be asked for. */
export function readied(agrees: Agrees, key: string, actual: readonly string[], lookup: Lookup): Agrees {
  if (agrees.among === undefined) return agrees
  if (actual.length < manyValues && actual.every(({ length }) => length <= shortText)) return agrees
  return agrees.among(seenUnder(key, actual, lookup), lookup)
}

/** One family of operators: how it makes ready the wanted values, once, at compile time. */
export type Family = (wanted: readonly string[], templates: readonly (readonly Part[])[]) => Agrees

/** Text, compared as it is or folded. */
export const equal =
  (fold: (text: string) => string): Family =>
  (wanted, templates) => {
    const values = new Set(wanted.map(fold))
    const [only] = values
    const fixed: (actual: string) => boolean =
      values.size === 1 ? (actual) => actual === only : (actual) => values.has(actual)
    if (templates.length === 0) return (actual) => truthOf(fixed(fold(actual)))
    const folded = (tokens: readonly GlobToken[]) => compileTokens(tokens.map(foldToken(fold)))
    const one: Agrees = (actual, lookup) => {
      const value = fold(actual)
      return fixed(value) ? 'yes' : anyTemplate(templates, lookup, ({ tokens }) => folded(tokens).matches(value))
    }
    const among = ({ values }: Seen, lookup: Lookup): Agrees => {
      const literal = new Set<string>()
      const untold: Glob[] = []
      for (const resolved of resolveAll(templates, lookup)) {
        const glob = folded(resolved.tokens)
        if (glob.literal === undefined) untold.push(glob)
        else literal.add(glob.literal)
      }
      return tabled(values, (actual) => {
        const value = fold(actual)
        if (fixed(value) || literal.has(value)) return 'yes'
        return untold.some((glob) => glob.matches(value)) ? 'unknown' : 'no'
      })
    }
    return Object.assign(one, { among })
  }

const foldToken =
  (fold: (text: string) => string) =>
  (token: GlobToken): GlobToken =>
    typeof token === 'object' ? { text: fold(token.text) } : token

export const like: Family = (wanted, templates) => {
  const exact = new Set<string>()
  const globs: Glob[] = []
  for (const pattern of wanted) {
    const glob = compileGlob(pattern)
    if (glob.literal !== undefined) exact.add(glob.literal)
    else globs.push(glob)
  }
  const owned = templates.map((parts) => new Template(parts))
  const one: Agrees = (actual, lookup) => {
    if (exact.has(actual)) return 'yes'
    for (const glob of globs) if (glob.matches(actual)) return 'yes'
    return anyOf(owned, lookup, (glob) => glob.matches(actual))
  }
  if (globs.length === 0 && templates.length === 0) return one
  const among = (seen: Seen, lookup: Lookup): Agrees => {
    const { values, crowd } = seen
    if (values.length === 1) {
      return (actual) => {
        if (exact.has(actual)) return 'yes'
        for (const glob of globs) if (crowd.covers(glob)) return 'yes'
        return anyOf(owned, lookup, (glob) => crowd.covers(glob))
      }
    }
    const open = new Open(values, (value) => !exact.has(value))
    for (const glob of globs) if (open.settle('yes', (bits) => crowd.narrow(glob, bits))) return open.agrees
    for (const template of owned) {
      const made = template.made(lookup)
      if (made === undefined) continue
      const truth = made.untold.length === 0 ? 'yes' : 'unknown'
      if (open.settle(truth, (bits) => crowd.narrow(made.glob, bits))) break
    }
    return open.agrees
  }
  return Object.assign(one, { among })
}

/** Like `anyTemplate`, of templates that keep what they were last. */
function anyOf(templates: readonly Template[], lookup: Lookup, matches: (glob: Glob) => boolean): Truth {
  let truth: Truth = 'no'
  for (const template of templates) {
    const made = template.made(lookup)
    if (made === undefined || !matches(made.glob)) continue
    if (made.untold.length === 0) return 'yes'
    truth = 'unknown'
  }
  return truth
}

/**
 * QUIRK: arnequals-is-arnlike. Both match the six segments one by one, with wildcards inside each. What nobody told may hold colons, and so
 * any number of segments: whether it could agree is asked of the text as a whole.
 */
export const arn: Family = (wanted, templates) => {
  // Variables are not read here, so every part is a token.
  const tokens = wanted.map((pattern) => parseParts(pattern, { variables: false, wildcards: true }))
  const patterns = new ArnPatterns(tokens as readonly (readonly GlobToken[])[], false)
  const covers = (asked: AskedArn, lookup: Lookup): Truth => {
    if (asked.segments === undefined) return 'no'
    if (patterns.cover(asked)) return 'yes'
    return anyTemplate(templates, lookup, ({ tokens, untold }) =>
      untold.length === 0 ? new ArnPatterns([tokens], false).cover(asked) : compileTokens(tokens).matches(asked.text),
    )
  }
  const one: Agrees = (actual, lookup) => covers(new AskedArn(actual), lookup)
  const among = (seen: Seen, lookup: Lookup): Agrees => {
    if (seen.values.length === 1) return () => covers(seen.arn, lookup)
    const { values, arns } = seen
    const open = new Open(values, () => true)
    if (patterns.ask(arns, (narrow) => open.settle('yes', narrow))) return open.agrees
    for (const { tokens, untold } of resolveAll(templates, lookup)) {
      if (untold.length > 0) {
        const glob = compileTokens(tokens)
        open.settle('unknown', (bits) => keep(bits, arns.arns) && arns.whole.narrow(glob, bits))
      } else if (new ArnPatterns([tokens], false).ask(arns, (narrow) => open.settle('yes', narrow))) break
    }
    return open.agrees
  }
  return Object.assign(one, { among })
}

/** Those of several values that nothing has agreed with yet, as bits. */
class Open {
  private readonly values: readonly string[]
  private readonly truths: Truth[]
  private readonly open: Int32Array
  private readonly bits: Int32Array

  constructor(values: readonly string[], isOpen: (value: string) => boolean) {
    this.values = values
    this.truths = values.map((value) => (isOpen(value) ? 'no' : 'yes'))
    this.open = bitsOf(this.truths, (truth) => truth === 'no')
    this.bits = new Int32Array(this.open.length)
  }

  /** `narrow` keeps the bits of those that agree. What may agree stays open to what does. Answers whether none is open any more. */
  settle(truth: 'yes' | 'unknown', narrow: (bits: Int32Array) => boolean): boolean {
    const { bits, open } = this
    bits.set(open)
    if (!narrow(bits)) return false
    for (let at = nextBit(bits, 0); at >= 0; at = nextBit(bits, at + 1)) {
      this.truths[at] = truth
      if (truth === 'yes') clearBit(open, at)
    }
    return truth === 'yes' && nextBit(open, 0) < 0
  }

  get agrees(): Agrees {
    return tabled(this.values, (_, at) => this.truths[at] ?? 'no')
  }
}

/** What was found out about every value, to be asked for one by one. */
function tabled(values: readonly string[], truth: (value: string, at: number) => Truth): Agrees {
  const table = new Map(values.map((value, at) => [value, truth(value, at)]))
  return (value) => table.get(value) ?? 'no'
}

/** What templates come to, without those that come to nothing. */
function resolveAll(templates: readonly (readonly Part[])[], lookup: Lookup): readonly Resolved[] {
  return templates.map((parts) => resolve(parts, lookup)).filter((resolved) => resolved !== undefined)
}

/** A template with untold keys matches `unknown`, unless it matches for no value that they could have. */
function anyTemplate(
  templates: readonly (readonly Part[])[],
  lookup: Lookup,
  matches: (resolved: Resolved) => boolean,
): Truth {
  let truth: Truth = 'no'
  for (const parts of templates) {
    // QUIRK: unresolved-variable-in-condition. A variable that comes to nothing agrees with nothing, so a negated operator holds.
    const resolved = resolve(parts, lookup)
    if (resolved === undefined || !matches(resolved)) continue
    if (resolved.untold.length === 0) return 'yes'
    truth = 'unknown'
  }
  return truth
}

/** Values that are read into something else before they are compared. What cannot be read agrees with nothing. */
export const compared =
  <T>(
    read: (text: string) => T | undefined,
    agree: (actual: T, wanted: T) => boolean,
    readActual: (text: string) => T | undefined = read,
  ): Family =>
  (wanted) => {
    const values = wanted.map(read).filter((value) => value !== undefined)
    return (actual) => {
      const value = readActual(actual)
      return truthOf(value !== undefined && values.some((candidate) => agree(value, candidate)))
    }
  }
