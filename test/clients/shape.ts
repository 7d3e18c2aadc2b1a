import { readXml, type XmlElement } from '../../src/base/xml.ts'
import { matches } from '../../src/model/pattern.ts'
import type { ServiceModel } from '../../src/model/service.ts'
import type { ListShape, MapShape, Ref, Shape, StructureShape } from '../../src/model/shape.ts'
import { excused } from '../service/excused.ts'

/** What a body of the query protocol is, held against AWS's model by a reader that shares nothing with what wrote it. */
export interface Seen {
  /** Where it is not as the model has it, and how. Empty: all is well. */
  readonly wrong: readonly string[]
  /** Every member that stood in it, by its path: `Users[].Tags[].Key`. */
  readonly members: ReadonlySet<string>
  /** The error's code, where it is one. */
  readonly code: string | undefined
}

const requestId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An answer with status 200. */
export function seenInAnswer(service: ServiceModel, name: string, body: string): Seen {
  const reading = new Reading(name)
  const model = service.operation(name)
  const root = readXml(body)
  if (model === undefined || root === undefined) return reading.done(root === undefined ? 'no XML' : 'no operation')
  if (root.name !== `${name}Response`) reading.say('', `is called ${root.name}`)
  if (root.attributes.get('xmlns') !== service.xmlNamespace) reading.say('', 'is in another namespace')
  const parts = [...(model.output === undefined ? [] : [model.resultWrapper ?? '']), 'ResponseMetadata']
  if (root.children.map((child) => child.name).join() !== parts.join())
    return reading.done(`holds ${root.children.map((child) => child.name).join()}, not ${parts.join()}`)
  const result = model.output === undefined ? undefined : root.children[0]
  if (model.output !== undefined && result !== undefined) reading.structure(model.output, result, '')
  const [id, ...more] = root.children.at(-1)?.children ?? []
  if (more.length > 0 || id?.name !== 'RequestId' || !requestId.test(id.text)) reading.say('', 'has no request id')
  return reading.done()
}

/** Codes that no model lists: the gate's own, and those that any operation may answer with. */
const common: ReadonlySet<string> = new Set([
  'AccessDenied',
  'ExpiredToken',
  'IncompleteSignature',
  'InternalFailure',
  'InvalidAction',
  'InvalidClientTokenId',
  'InvalidParameterValue',
  'MalformedInput',
  'MissingAuthenticationToken',
  'NotImplemented',
  'ServiceUnavailable',
  'SignatureDoesNotMatch',
  'ValidationError',
])

/** An error: its form, and that the model lets the operation answer with it, under that status. */
export function seenInError(service: ServiceModel, name: string, status: number, body: string): Seen {
  const reading = new Reading(name)
  const root = readXml(body)
  const [error, id, ...more] = root?.children ?? []
  if (root?.name !== 'ErrorResponse' || error?.name !== 'Error' || id?.name !== 'RequestId' || more.length > 0)
    return reading.done('no ErrorResponse')
  const text = (part: string) => error.children.find((child) => child.name === part)?.text
  const code = text('Code') ?? ''
  const told = service.error(code)
  const declared = service.operation(name)?.faults.includes(code) === true || excused.faults[name]?.includes(code)
  if (!common.has(code) && !declared) reading.say('', `must not end in ${code}`)
  if (told !== undefined && told.status !== status) reading.say('', `ends in ${code} with status ${status}`)
  if (text('Type') !== (status < 500 ? 'Sender' : 'Receiver')) reading.say('', `blames ${text('Type')} with ${status}`)
  if (error.children.some((child) => !['Type', 'Code', 'Message'].includes(child.name)))
    reading.say('', 'holds more than type, code and message')
  if (!requestId.test(id.text)) reading.say('', 'has no request id')
  return { ...reading.done(), code }
}

class Reading {
  readonly #operation: string
  readonly #wrong: string[] = []
  readonly #members = new Set<string>()

  constructor(operation: string) {
    this.#operation = operation
  }

  done(wrong?: string): Seen {
    if (wrong !== undefined) this.say('', wrong)
    return { wrong: this.#wrong, members: this.#members, code: undefined }
  }

  say(path: string, what: string): void {
    this.#wrong.push(path === '' ? what : `${path} ${what}`)
  }

  structure(shape: StructureShape, element: XmlElement, path: string): void {
    this.#bare(element, path)
    const found = new Map<string, XmlElement>()
    for (const child of element.children) {
      if (found.has(child.name)) this.say(path, `has ${child.name} twice`)
      found.set(child.name, child)
    }
    for (const member of shape.members) {
      const name = member.locationName ?? member.name
      const at = path === '' ? member.name : `${path}.${member.name}`
      const child = found.get(name)
      found.delete(name)
      if (child !== undefined) {
        this.#members.add(at)
        this.#value(member, child, at)
      } else if (member.required && !excused.absent[this.#operation]?.includes(at)) this.say(at, 'is missing')
    }
    for (const name of found.keys()) this.say(path, `has ${name}, which the model does not know`)
  }

  /** Nothing but elements inside, and none of it in attributes. */
  #bare(element: XmlElement, path: string): void {
    if (element.text.trim() !== '') this.say(path, 'has text between its members')
    if (path !== '' && element.attributes.size > 0) this.say(path, 'has attributes')
  }

  #value({ shape }: Ref, element: XmlElement, path: string): void {
    switch (shape.type) {
      case 'structure':
        this.structure(shape, element, path)
        break
      case 'list':
        this.#list(shape, element, path)
        break
      case 'map':
        this.#map(shape, element, path)
        break
      default: {
        if (element.children.length > 0 || element.attributes.size > 0) this.say(path, 'is more than a value')
        const odd = oddity(shape, element.text)
        if (odd !== undefined) this.say(path, `${odd}: ${element.text.slice(0, 80)}`)
      }
    }
  }

  #list(shape: ListShape, element: XmlElement, path: string): void {
    this.#bare(element, path)
    if (!fits(shape, element.children.length)) this.say(path, `has ${element.children.length} elements`)
    for (const child of element.children) {
      if (child.name !== (shape.element.locationName ?? 'member')) this.say(path, `has an element called ${child.name}`)
      this.#members.add(`${path}[]`)
      this.#value(shape.element, child, `${path}[]`)
    }
  }

  #map(shape: MapShape, element: XmlElement, path: string): void {
    this.#bare(element, path)
    for (const entry of element.children) {
      const [key, value, ...more] = entry.children
      if (entry.name !== 'entry' || key?.name !== 'key' || value?.name !== 'value' || more.length > 0) {
        this.say(path, 'has an entry without key and value')
        continue
      }
      this.#members.add(`${path}{}`)
      this.#value(shape.key, key, `${path}{}`)
      this.#value(shape.value, value, `${path}{}`)
    }
  }
}

const fits = ({ min, max }: { readonly min?: number | undefined; readonly max?: number | undefined }, size: number) =>
  size >= (min ?? 0) && size <= (max ?? Number.MAX_SAFE_INTEGER)

/** What is wrong with a value's text, or `undefined`. */
function oddity(shape: Exclude<Shape, StructureShape | ListShape | MapShape>, text: string): string | undefined {
  const excuse = excused.values[shape.name]
  if (excuse !== undefined) return excuse.test(text) ? undefined : 'is not even what AWS says instead'
  switch (shape.type) {
    case 'string':
    case 'character':
      if (shape.enum !== undefined && !shape.enum.includes(text)) return 'is none of the words'
      if (shape.pattern !== undefined && !matches(shape.pattern, text)) return 'is not of the pattern'
      return fits(shape, [...text].length) ? undefined : 'is too short or too long'
    case 'boolean':
      return text === 'true' || text === 'false' ? undefined : 'is no boolean'
    case 'timestamp':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text))
        ? undefined
        : 'is no time in whole seconds'
    case 'blob':
      return Buffer.from(text, 'base64').toString('base64') === text ? undefined : 'is no base64'
    case 'integer':
    case 'long':
      return /^(?:0|-?[1-9]\d*)$/.test(text) && Number(text) >= (shape.min ?? -Infinity) ? undefined : 'is no number'
    default:
      return `is ${shape.type}, which no service here has`
  }
}
