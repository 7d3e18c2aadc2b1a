import type { Span } from '../base/json.ts'
import { type Agrees, arn, compared, equal, type Family, like, readied } from './family.ts'
import type { Lookup } from './request.ts'
import { either, not, type Truth, truthOf } from './truth.ts'
import { compareDecimals, inCidr, readBool, readBytes, readCidr, readDecimal, readHost, readMoment } from './value.ts'
import { type Part, parseParts, resolve } from './variable.ts'

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
      // QUIRK: several-want-a-set. Without a set operator, no positive one is met by several values, whichever they are.
      if (actual.length > 1 && !negated) return 'no'
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
