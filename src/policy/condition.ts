import { bitsOf, clearBit, nextBit } from '../base/bits.ts'
import { shortText } from '../base/crowd.ts'
import { compileGlob, compileTokens, type Glob, type GlobToken } from '../base/glob.ts'
import { ArnPatterns, AskedArn } from './arn.ts'
import type { Span } from './document.ts'
import type { Lookup } from './request.ts'
import { type Seen, seenUnder } from './seen.ts'
import { Template } from './template.ts'
import { either, not, type Truth, truthOf } from './truth.ts'
import { compareDecimals, inCidr, readBool, readBytes, readCidr, readDecimal, readHost, readMoment } from './value.ts'
import { type Part, parseParts, type Resolved, resolve } from './variable.ts'

/** One line of a `Condition` block: an operator, a key and the values wanted. All lines of a statement must hold. */
export interface Clause {
  /** As written, prefix and suffix included. */
  readonly operator: string
  /** As written. */
  readonly key: string
  /** In lower case, as lookups want it. */
  readonly askedKey: string
  readonly wanted: readonly string[]
  /** Where the key stands in the document. */
  readonly span: Span
  readonly holds: (lookup: Lookup) => Truth
  /** The keys that nobody told and that `holds` asks for; meant for after it answered `unknown`. */
  readonly untold: (lookup: Lookup) => readonly string[]
}

/** Whether any of the wanted values agrees with one value of the request. */
interface Agrees {
  (actual: string, lookup: Lookup): Truth
  /** The same for all values of a key, looked at together: for families in which that costs less than one after the other. */
  readonly among?: (seen: Seen, lookup: Lookup) => Agrees
}

/** From so many values on, or from one long one, looking at them together pays. */
const manyValues = 4

/** Readies the comparison for the values that it is about to be asked for. */
function readied(agrees: Agrees, key: string, actual: readonly string[], lookup: Lookup): Agrees {
  if (agrees.among === undefined) return agrees
  if (actual.length < manyValues && actual.every(({ length }) => length <= shortText)) return agrees
  return agrees.among(seenUnder(key, actual, lookup), lookup)
}

/** One family of operators: how it makes ready the wanted values, once, at compile time. */
type Family = (wanted: readonly string[], templates: readonly (readonly Part[])[]) => Agrees

/** Text, compared as it is or folded. */
const equal =
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
      return fixed(value) ? 'yes' : anyTemplate(templates, lookup, (tokens) => folded(tokens).matches(value))
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

const like: Family = (wanted, templates) => {
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

/** QUIRK: arnequals-is-arnlike. Both match the six segments one by one, with wildcards inside each. */
const arn: Family = (wanted, templates) => {
  // Variables are not read here, so every part is a token.
  const tokens = wanted.map((pattern) => parseParts(pattern, { variables: false, wildcards: true }))
  const patterns = new ArnPatterns(tokens as readonly (readonly GlobToken[])[], false)
  const covers = (asked: AskedArn, lookup: Lookup): Truth => {
    if (asked.segments === undefined) return 'no'
    if (patterns.cover(asked)) return 'yes'
    return anyTemplate(templates, lookup, (tokens) => new ArnPatterns([tokens], false).cover(asked))
  }
  const one: Agrees = (actual, lookup) => covers(new AskedArn(actual), lookup)
  const among = (seen: Seen, lookup: Lookup): Agrees => {
    if (seen.values.length === 1) return () => covers(seen.arn, lookup)
    const { values, arns } = seen
    const open = new Open(values, () => true)
    if (patterns.ask(arns, (narrow) => open.settle('yes', narrow))) return open.agrees
    for (const { tokens, untold } of resolveAll(templates, lookup)) {
      const truth = untold.length === 0 ? 'yes' : 'unknown'
      if (new ArnPatterns([tokens], false).ask(arns, (narrow) => open.settle(truth, narrow))) break
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
  matches: (tokens: readonly GlobToken[]) => boolean,
): Truth {
  let truth: Truth = 'no'
  for (const parts of templates) {
    // QUIRK: unresolved-variable-in-condition. A variable that comes to nothing agrees with nothing, so a negated operator holds.
    const resolved = resolve(parts, lookup)
    if (resolved === undefined || !matches(resolved.tokens)) continue
    if (resolved.untold.length === 0) return 'yes'
    truth = 'unknown'
  }
  return truth
}

/** Values that are read into something else before they are compared. What cannot be read agrees with nothing. */
const compared =
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

const same = <T>(a: T, b: T): boolean => a === b
const below = (a: number, b: number): boolean => a < b
const atMost = (a: number, b: number): boolean => a <= b
const above = (a: number, b: number): boolean => a > b
const atLeast = (a: number, b: number): boolean => a >= b

/** Which values may hold variables and wildcards (IAM User Guide, "Where you can use policy variables"). */
type Wording = 'plain' | 'variables' | 'patterns'

interface Operator {
  readonly family: Family
  readonly negated: boolean
  readonly wording: Wording
}

const positive = (family: Family, wording: Wording = 'plain'): Operator => ({ family, negated: false, wording })
const negative = (family: Family, wording: Wording = 'plain'): Operator => ({ family, negated: true, wording })

const exactly = equal((text) => text)
const ignoringCase = equal((text) => text.toLowerCase())
const number = (agree: (actual: number, wanted: number) => boolean) =>
  compared(readDecimal, (actual, wanted) => agree(compareDecimals(actual, wanted), 0))
const moment = (agree: (actual: number, wanted: number) => boolean) => compared(readMoment, agree)
const address = compared(readCidr, inCidr, readHost)

/** Every operator there is but `Null`, which asks for the key and not for its value. A negated one is its twin turned over. */
const operators: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', positive(exactly, 'variables')],
  ['StringNotEquals', negative(exactly, 'variables')],
  ['StringEqualsIgnoreCase', positive(ignoringCase, 'variables')],
  ['StringNotEqualsIgnoreCase', negative(ignoringCase, 'variables')],
  ['StringLike', positive(like, 'patterns')],
  ['StringNotLike', negative(like, 'patterns')],
  ['NumericEquals', positive(number(same))],
  ['NumericNotEquals', negative(number(same))],
  ['NumericLessThan', positive(number(below))],
  ['NumericLessThanEquals', positive(number(atMost))],
  ['NumericGreaterThan', positive(number(above))],
  ['NumericGreaterThanEquals', positive(number(atLeast))],
  ['DateEquals', positive(moment(same))],
  ['DateNotEquals', negative(moment(same))],
  ['DateLessThan', positive(moment(below))],
  ['DateLessThanEquals', positive(moment(atMost))],
  ['DateGreaterThan', positive(moment(above))],
  ['DateGreaterThanEquals', positive(moment(atLeast))],
  ['Bool', positive(compared(readBool, same))],
  ['BinaryEquals', positive(compared(readBytes, same))],
  ['IpAddress', positive(address)],
  ['NotIpAddress', negative(address)],
  ['ArnEquals', positive(arn, 'patterns')],
  ['ArnLike', positive(arn, 'patterns')],
  ['ArnNotEquals', negative(arn, 'patterns')],
  ['ArnNotLike', negative(arn, 'patterns')],
])

/** An operator's name taken apart. `Null` is the base of the one that is in no family. */
export interface OperatorName {
  readonly set: 'ForAllValues' | 'ForAnyValue' | undefined
  readonly base: string
  readonly ifExists: boolean
}

/** `undefined` where AWS has no such operator. Names are matched with their case. */
export function parseOperator(written: string): OperatorName | undefined {
  let base = written
  let set: OperatorName['set']
  for (const prefix of ['ForAllValues', 'ForAnyValue'] as const) {
    if (!base.startsWith(`${prefix}:`)) continue
    set = prefix
    base = base.slice(prefix.length + 1)
    break
  }
  if (base === 'Null') return { set, base, ifExists: false }
  const ifExists = base.endsWith('IfExists')
  if (ifExists) base = base.slice(0, -'IfExists'.length)
  return operators.has(base) ? { set, base, ifExists } : undefined
}

export function compileClause(
  written: string,
  key: string,
  wanted: readonly string[],
  span: Span,
  variables: boolean,
): Clause | undefined {
  const name = parseOperator(written)
  if (name === undefined) return undefined
  const asked = key.toLowerCase()
  const clause = { operator: written, key, askedKey: asked, wanted, span }
  const untoldKey = (lookup: Lookup) => (lookup(asked) === undefined ? [key] : [])
  const operator = operators.get(name.base)
  if (operator === undefined) return { ...clause, holds: absence(asked, wanted), untold: untoldKey }

  const reading = { variables: variables && operator.wording !== 'plain', wildcards: operator.wording === 'patterns' }
  const fixed: string[] = []
  const templates: (readonly Part[])[] = []
  for (const value of wanted) {
    // Also what came of `${*}`: that is a literal star, which only tokens can say.
    if (reading.variables && value.includes('${')) templates.push(parseParts(value, reading))
    else fixed.push(value)
  }
  const agrees = operator.family(fixed, templates)
  return {
    ...clause,
    holds: judged(name, operator.negated, asked, agrees),
    untold: (lookup) => [
      ...untoldKey(lookup),
      ...new Set(templates.flatMap((parts) => resolve(parts, lookup)?.untold ?? [])),
    ],
  }
}

/** `Null`: `true` wants the key absent, `false` wants it there. */
function absence(key: string, wanted: readonly string[]): Clause['holds'] {
  const values = wanted.map(readBool)
  const [whenAbsent, whenThere] = [values.includes(true), values.includes(false)]
  return (lookup) => {
    const actual = lookup(key)
    if (actual === undefined) return whenAbsent === whenThere ? truthOf(whenAbsent) : 'unknown'
    return truthOf(actual === null || actual.length === 0 ? whenAbsent : whenThere)
  }
}

function judged({ set, ifExists }: OperatorName, negated: boolean, key: string, agrees: Agrees): Clause['holds'] {
  // QUIRK: absent-key. An absent key fails a positive operator, satisfies a negated one, and satisfies any IfExists;
  // ForAllValues is satisfied by an absent key, and ForAnyValue, negated or not, is failed by it.
  const absent: Truth = truthOf(ifExists || set === 'ForAllValues' || (set === undefined && negated))

  if (set === undefined) {
    return (lookup) => {
      const actual = lookup(key)
      if (actual === undefined) return 'unknown'
      if (actual === null || actual.length === 0) return absent
      const truth = some(actual, readied(agrees, key, actual, lookup), lookup)
      return negated ? not(truth) : truth
    }
  }

  const each = (actual: readonly string[], lookup: Lookup): Agrees => {
    const ready = readied(agrees, key, actual, lookup)
    return negated ? (value, lookup) => not(ready(value, lookup)) : ready
  }
  if (set === 'ForAnyValue') {
    return (lookup) => {
      const actual = lookup(key)
      if (actual === undefined) return 'unknown'
      return actual === null || actual.length === 0 ? absent : some(actual, each(actual, lookup), lookup)
    }
  }

  return (lookup) => {
    const actual = lookup(key)
    if (actual === undefined) return 'unknown'
    // QUIRK: forallvalues-on-nothing. A set that holds nothing but the empty string counts as none.
    if (actual === null || actual.every((value) => value === '')) return absent
    const one = each(actual, lookup)
    return not(some(actual, (value) => not(one(value, lookup)), lookup))
  }
}

function some(values: readonly string[], holds: Agrees, lookup: Lookup): Truth {
  let truth: Truth = 'no'
  for (const value of values) {
    truth = either(truth, holds(value, lookup))
    if (truth === 'yes') return 'yes'
  }
  return truth
}
