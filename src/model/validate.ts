import { Fault } from '../base/fault.ts'
import { asComplainedOf, ownWords, told } from './complaint.ts'
import { matches } from './pattern.ts'
import type { ServiceModel } from './service.ts'
import type { ListShape, MapShape, Ref, Shape, StructureShape } from './shape.ts'

/**
 * Checks an input against the constraints of the model, and says what is wrong in AWS's words.
 *
 * Everything that is wrong is said at once, in AWS's order; for one member the pattern comes before the length. Answers the fault
 * `ValidationError`, or `undefined` where nothing is wrong. A service that gives reasons says the first thing that is wrong in a
 * fault of its own.
 */
export function validate(service: ServiceModel, operationName: string, input: object): Fault | undefined {
  const shape = service.operation(operationName)?.input
  if (!shape) return undefined
  const report: Report = { service: service.id, count: 0, sentences: [], first: undefined, own: undefined }
  checkMembers(shape, input, '', report, 0)
  if (report.own !== undefined) return new Fault('ValidationError', report.own, 400)
  if (report.count === 0) return undefined
  const code = ownCodes[service.id]?.[report.first?.shape ?? '']
  if (code !== undefined) return new Fault(code, report.sentences[0], 400)
  const reasoned = reasons.get(service.id)
  if (reasoned !== undefined && report.first !== undefined) return reasoned(report.first)
  const errors = report.count === 1 ? 'error' : 'errors'
  return new Fault(
    'ValidationError',
    `${report.count} validation ${errors} detected: ${report.sentences.join('; ')}`,
    400,
  )
}

/** QUIRK: echoed-value. STS repeats the value that it refuses, secrets left aside; IAM no longer does, nor says that there is none. */
const echoing: ReadonlySet<string> = new Set(['sts'])

/** Services that have a fault of their own for some shapes of their model: it tells the first thing that is wrong. */
const ownCodes: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> = {
  cloudtrail: {
    LookupAttributeKey: 'InvalidLookupAttributesException',
    LookupAttributeValue: 'InvalidLookupAttributesException',
    EventCategory: 'InvalidEventCategoryException',
    MaxResults: 'InvalidMaxResultsException',
  },
}

/** What kind of rule of its model a value breaks. */
type Rule =
  | 'required'
  | 'enum'
  | 'pattern'
  | 'least-length'
  | 'most-length'
  | 'least-value'
  | 'most-value'
  /** A list or a map of plain values, one of which breaks a rule. */
  | 'element'

interface Broken {
  readonly rule: Rule
  /** The shape's name in the model. */
  readonly shape: string
}

/** AWS Organizations API Reference, InvalidInputException: a reason for every rule, and a sentence for every reason. */
const organizationsReasons: Readonly<Record<Rule, readonly [reason: string, message: string]>> = {
  required: ['INPUT_REQUIRED', 'You must include a value for all required parameters.'],
  enum: ['INVALID_ENUM', 'You specified an invalid value.'],
  pattern: ['INVALID_PATTERN', 'You provided a value that does not match the required pattern.'],
  'least-length': ['MIN_LENGTH_EXCEEDED', 'You provided a string parameter that is shorter than allowed.'],
  'most-length': ['MAX_LENGTH_EXCEEDED', 'You provided a string parameter that is longer than allowed.'],
  'least-value': ['MIN_VALUE_EXCEEDED', 'You provided a numeric parameter that has a smaller value than allowed.'],
  'most-value': ['MAX_VALUE_EXCEEDED', 'You provided a numeric parameter that has a larger value than allowed.'],
  element: ['INVALID_LIST_MEMBER', 'You provided a list to a parameter that contains at least one invalid value.'],
}

/** Some shapes have a reason to themselves. QUIRK: reason-names-resource. The id of what is tagged is told in a reason of two words. */
const ownReasons: Readonly<Record<string, string>> = {
  'enum PolicyType': 'INVALID_ENUM_POLICY_TYPE',
  'enum EffectivePolicyType': 'INVALID_ENUM_POLICY_TYPE',
  'pattern PolicyTargetId': 'INVALID_PATTERN_TARGET_ID',
  'pattern TaggableResourceId': 'INVALID_PATTERN:RESOURCE_ID',
}

/** Services that have a fault of their own for input that breaks their model, with a reason in it. */
const reasons: ReadonlyMap<string, (broken: Broken) => Fault> = new Map([
  [
    'organizations',
    ({ rule, shape }: Broken) => {
      const [reason, message] = organizationsReasons[rule]
      return new Fault('InvalidInputException', message, 400, { Reason: ownReasons[`${rule} ${shape}`] ?? reason })
    },
  ],
])

/** Sentences beyond these are counted, not written: a small request must not buy a large answer. */
const maxSentences = 100
const maxDepth = 64

/** Services that were recorded telling everything that is wrong, or are built as such a one is. */
const hashing: ReadonlySet<string> = new Set(['iam', 'sts'])

interface Report {
  readonly service: string
  count: number
  readonly sentences: string[]
  /** What is wrong first. */
  first: Broken | undefined
  /** The first thing that is wrong of those that the service tells in words of its own. */
  own: string | undefined
}

function say(report: Report, path: string, ref: Ref, value: unknown, { rule, text: constraint }: Constraint): void {
  const own = rule === 'pattern' ? ownWords(report.service, ref.shape.name, path) : undefined
  if (own !== undefined) {
    report.own ??= own
    return
  }
  report.count += 1
  report.first ??= { rule, shape: ref.shape.name }
  if (report.sentences.length >= maxSentences) return
  const shown =
    !echoing.has(report.service) || ref.sensitive ? '' : value === undefined ? ' null' : ` '${display(value)}'`
  report.sentences.push(
    `Value${shown} at '${path}' failed to satisfy constraint: ${listless(report, rule) ?? constraint}`,
  )
}

/** QUIRK: unlisted-words. IAM does not say which words there are to choose from. */
const listless = ({ service }: Report, rule: Rule): string | undefined =>
  service === 'iam' && rule === 'enum' ? 'Member must satisfy enum value set' : undefined

function checkMembers(shape: StructureShape, value: object, prefix: string, report: Report, depth: number): void {
  for (const member of hashing.has(report.service) ? asComplainedOf(shape) : shape.members) {
    const path = `${prefix}${told(member.name)}`
    const inner: unknown = Object.hasOwn(value, member.name) ? Reflect.get(value, member.name) : undefined
    if (inner !== undefined && inner !== null) checkValue(member, inner, path, report, depth + 1)
    else if (member.required) say(report, path, member, undefined, mustBeThere)
  }
}

function checkValue(ref: Ref, value: unknown, path: string, report: Report, depth: number): void {
  const { shape } = ref
  for (const constraint of broken(shape, value)) say(report, path, ref, value, constraint)
  if (depth > maxDepth || typeof value !== 'object' || value === null) return
  if (shape.type === 'structure') checkMembers(shape, value, `${path}.`, report, depth)
  else if (shape.type === 'list' && Array.isArray(value)) checkElements(ref, shape, value, path, report, depth)
  else if (shape.type === 'map') checkEntries(ref, shape, value, path, report, depth)
}

/**
 * Elements that have members are named one by one; plain ones are refused as a whole list, with every rule they have.
 * QUIRK: element-not-null. Of the keys of tags IAM says besides, as the last of the rules, that they must be there; of ids of clients and
 * thumbprints it does not.
 */
function checkElements(
  ref: Ref,
  shape: ListShape,
  list: readonly unknown[],
  path: string,
  report: Report,
  depth: number,
): void {
  // A list that is too long is said to be so; its elements are not gone through as well.
  if (shape.max !== undefined && list.length > shape.max) return
  const rules = rulesOf(shape.element.shape)
  if (rules === undefined)
    for (const [index, element] of list.entries())
      checkValue(shape.element, element, `${path}.${index + 1}.member`, report, depth + 1)
  else if (list.some((element) => broken(shape.element.shape, element).length > 0))
    say(
      report,
      path,
      sensitiveIf(ref, shape.element),
      list,
      within(
        `Member must satisfy constraint: [${rules}${report.service === 'iam' && shape.name === 'tagKeyListType' ? `, ${mustBeThere.text}` : ''}]`,
      ),
    )
}

function checkEntries(ref: Ref, shape: MapShape, map: object, path: string, report: Report, depth: number): void {
  if (shape.max !== undefined && Object.keys(map).length > shape.max) return
  const keyRules = rulesOf(shape.key.shape)
  const valueRules = rulesOf(shape.value.shape)
  const entries = Object.entries(map)
  if (keyRules !== undefined && entries.some(([key]) => broken(shape.key.shape, key).length > 0))
    say(report, path, ref, map, within(`Map keys must satisfy constraint: [${keyRules}]`))
  if (valueRules === undefined)
    for (const [key, value] of entries) checkValue(shape.value, value, `${path}.${key}.member`, report, depth + 1)
  else if (entries.some(([, value]) => broken(shape.value.shape, value).length > 0))
    say(report, path, sensitiveIf(ref, shape.value), map, within(`Map value must satisfy constraint: [${valueRules}]`))
}

const sensitiveIf = (ref: Ref, inner: Ref): Ref => (inner.sensitive ? inner : ref)

/** A rule, and how it is told. */
interface Constraint {
  readonly rule: Rule
  readonly text: string
}

const mustBeThere: Constraint = { rule: 'required', text: 'Member must not be null' }
const within = (text: string): Constraint => ({ rule: 'element', text })
const enumRule = (values: readonly string[]): Constraint => ({
  rule: 'enum',
  text: `Member must satisfy enum value set: [${values.join(', ')}]`,
})
const patternRule = (pattern: string): Constraint => ({
  rule: 'pattern',
  text: `Member must satisfy regular expression pattern: ${pattern}`,
})
const boundRule = (what: 'length' | 'value', way: 'greater' | 'less', bound: number): Constraint => ({
  rule: `${way === 'greater' ? 'least' : 'most'}-${what}`,
  text: `Member must have ${what} ${way} than or equal to ${bound}`,
})

/** The constraints of a shape that a value breaks, in the order in which AWS names them. */
function broken(shape: Shape, value: unknown): readonly Constraint[] {
  const found: Constraint[] = []
  const bound = (
    what: 'length' | 'value',
    size: number,
    { min, max }: { min: number | undefined; max: number | undefined },
  ) => {
    if (min !== undefined && size < min) found.push(boundRule(what, 'greater', min))
    if (max !== undefined && size > max) found.push(boundRule(what, 'less', max))
  }
  switch (shape.type) {
    case 'structure':
    case 'boolean':
    case 'timestamp':
      break
    case 'string':
    case 'character':
      if (typeof value !== 'string') break
      if (shape.enum && !shape.enum.includes(value)) found.push(enumRule(shape.enum))
      // QUIRK: pattern-before-length. Of both, the pattern is told first.
      if (shape.pattern !== undefined && !matches(shape.pattern, value)) found.push(patternRule(shape.pattern))
      if (shape.min !== undefined || shape.max !== undefined) bound('length', codePoints(value), shape)
      break
    case 'list':
      if (Array.isArray(value)) bound('length', value.length, shape)
      break
    case 'map':
      if (typeof value === 'object' && value !== null) bound('length', Object.keys(value).length, shape)
      break
    case 'blob':
      if (value instanceof Uint8Array) bound('length', value.length, shape)
      break
    default:
      if (typeof value === 'number') bound('value', value, shape)
  }
  return found
}

/** Every rule of a plain shape, as a list's or a map's refusal names them; `undefined` for shapes that hold others. */
function rulesOf(shape: Shape): string | undefined {
  if (shape.type === 'structure' || shape.type === 'list' || shape.type === 'map') return undefined
  const rules: Constraint[] = []
  const what = shape.type === 'string' || shape.type === 'character' || shape.type === 'blob' ? 'length' : 'value'
  if ('max' in shape && shape.max !== undefined) rules.push(boundRule(what, 'less', shape.max))
  if ('min' in shape && shape.min !== undefined) rules.push(boundRule(what, 'greater', shape.min))
  if ('pattern' in shape && shape.pattern !== undefined) rules.push(patternRule(shape.pattern))
  if ('enum' in shape && shape.enum !== undefined) rules.push(enumRule(shape.enum))
  return rules.map(({ text }) => text).join(', ')
}

/** AWS's lengths are of code points: an emoji is one. */
function codePoints(text: string): number {
  let count = text.length
  for (let at = 0; at < text.length - 1; at += 1) {
    const high = text.charCodeAt(at)
    if (high < 0xd800 || high > 0xdbff) continue
    const low = text.charCodeAt(at + 1)
    if (low >= 0xdc00 && low <= 0xdfff) count -= 1
  }
  return count
}

function display(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(display).join(', ')}]`
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, inner]) => `${key}=${display(inner)}`)
      .join(', ')}}`
  return String(value)
}
