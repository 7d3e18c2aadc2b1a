import { Fault } from '../base/fault.ts'
import { matches } from './pattern.ts'
import type { ServiceModel } from './service.ts'
import type { ListShape, MapShape, Ref, Shape, StructureShape } from './shape.ts'

/**
 * Checks an input against the constraints of the model, and says what is wrong in AWS's words.
 *
 * Everything that is wrong is said at once, in the order of the model's members; for one member the pattern comes before the
 * length. Answers the fault `ValidationError`, or `undefined` where nothing is wrong.
 */
export function validate(service: ServiceModel, operationName: string, input: object): Fault | undefined {
  const shape = service.operation(operationName)?.input
  if (!shape) return undefined
  const report: Report = { echo: echoing.has(service.id), count: 0, sentences: [], first: undefined }
  checkMembers(shape, input, '', report, 0)
  if (report.count === 0) return undefined
  const code = ownCodes[service.id]?.[report.first ?? '']
  if (code !== undefined) return new Fault(code, report.sentences[0], 400)
  const errors = report.count === 1 ? 'error' : 'errors'
  return new Fault(
    'ValidationError',
    `${report.count} validation ${errors} detected: ${report.sentences.join('; ')}`,
    400,
  )
}

/** QUIRK: echoed-value. STS repeats the value that it refuses; IAM no longer does. */
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

/** Sentences beyond these are counted, not written: a small request must not buy a large answer. */
const maxSentences = 100
const maxDepth = 64

interface Report {
  readonly echo: boolean
  count: number
  readonly sentences: string[]
  /** The shape of what is wrong first, by its name in the model. */
  first: string | undefined
}

function say(report: Report, path: string, ref: Ref | undefined, value: unknown, constraint: string): void {
  report.count += 1
  report.first ??= ref?.shape.name
  if (report.sentences.length >= maxSentences) return
  const told = value === undefined ? ' null' : report.echo && !ref?.sensitive ? ` '${display(value)}'` : ''
  report.sentences.push(`Value${told} at '${path}' failed to satisfy constraint: ${constraint}`)
}

function checkMembers(shape: StructureShape, value: object, prefix: string, report: Report, depth: number): void {
  for (const member of shape.members) {
    const path = `${prefix}${member.name.charAt(0).toLowerCase()}${member.name.slice(1)}`
    const inner: unknown = Object.hasOwn(value, member.name) ? Reflect.get(value, member.name) : undefined
    if (inner !== undefined && inner !== null) checkValue(member, inner, path, report, depth + 1)
    else if (member.required) say(report, path, member, undefined, 'Member must not be null')
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

/** Elements that have members are named one by one; plain ones are refused as a whole list, with every rule they have. */
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
    say(report, path, sensitiveIf(ref, shape.element), list, `Member must satisfy constraint: [${rules}]`)
}

function checkEntries(ref: Ref, shape: MapShape, map: object, path: string, report: Report, depth: number): void {
  if (shape.max !== undefined && Object.keys(map).length > shape.max) return
  const keyRules = rulesOf(shape.key.shape)
  const valueRules = rulesOf(shape.value.shape)
  const entries = Object.entries(map)
  if (keyRules !== undefined && entries.some(([key]) => broken(shape.key.shape, key).length > 0))
    say(report, path, ref, map, `Map keys must satisfy constraint: [${keyRules}]`)
  if (valueRules === undefined)
    for (const [key, value] of entries) checkValue(shape.value, value, `${path}.${key}.member`, report, depth + 1)
  else if (entries.some(([, value]) => broken(shape.value.shape, value).length > 0))
    say(report, path, sensitiveIf(ref, shape.value), map, `Map value must satisfy constraint: [${valueRules}]`)
}

const sensitiveIf = (ref: Ref, inner: Ref): Ref => (inner.sensitive ? inner : ref)

const enumRule = (values: readonly string[]): string => `Member must satisfy enum value set: [${values.join(', ')}]`
const patternRule = (pattern: string): string => `Member must satisfy regular expression pattern: ${pattern}`
const boundRule = (what: 'length' | 'value', way: 'greater' | 'less', bound: number): string =>
  `Member must have ${what} ${way} than or equal to ${bound}`

/** The constraints of a shape that a value breaks, in the order in which AWS names them. */
function broken(shape: Shape, value: unknown): readonly string[] {
  const found: string[] = []
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
  const rules: string[] = []
  const what = shape.type === 'string' || shape.type === 'character' || shape.type === 'blob' ? 'length' : 'value'
  if ('max' in shape && shape.max !== undefined) rules.push(boundRule(what, 'less', shape.max))
  if ('min' in shape && shape.min !== undefined) rules.push(boundRule(what, 'greater', shape.min))
  if ('pattern' in shape && shape.pattern !== undefined) rules.push(patternRule(shape.pattern))
  if ('enum' in shape && shape.enum !== undefined) rules.push(enumRule(shape.enum))
  return rules.join(', ')
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
