import { escapeXml } from '../base/xml.ts'
import type { ListShape, MapShape, Member, Ref, StructureShape } from '../model/shape.ts'
import { writeScalar } from './text.ts'

/**
 * Writes values as XML the way AWS's query services do: two spaces a level, absent members left out, an empty list as an empty
 * element. The order is the shape's `written` order.
 */

/** The members of a structure, each on lines of its own, `indent` in front of each. */
export function writeMembers(shape: StructureShape, value: object, indent: string): string {
  let text = ''
  for (const member of shape.written) {
    if (member.xmlAttribute) continue
    const inner = own(value, member.name)
    if (inner !== undefined && inner !== null) text += writeMember(member, inner, indent)
  }
  return text
}

/** One element that holds whatever `inner` says, on one line where it is empty. */
export const wrap = (name: string, inner: string, indent: string, attributes = ''): string =>
  inner === '' ? `${indent}<${name}${attributes}/>\n` : `${indent}<${name}${attributes}>\n${inner}${indent}</${name}>\n`

const own = (value: object, name: string): unknown =>
  Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined

function writeMember(member: Member, value: unknown, indent: string): string {
  const name = member.locationName ?? member.name
  const { shape } = member
  if (!member.flattened) return writeElement(name, member, value, indent)
  if (shape.type === 'list') return writeElements(shape, name, value, indent)
  if (shape.type === 'map') return writeEntries(shape, name, value, indent)
  return writeElement(name, member, value, indent)
}

function writeElement(name: string, ref: Ref, value: unknown, indent: string): string {
  const { shape } = ref
  const deeper = `${indent}  `
  switch (shape.type) {
    case 'structure': {
      const structure = object(shape.name, value)
      return wrap(name, writeMembers(shape, structure, deeper), indent, namespace(ref) + attributes(shape, structure))
    }
    case 'list':
      return wrap(
        name,
        writeElements(shape, shape.element.locationName ?? 'member', value, deeper),
        indent,
        namespace(ref),
      )
    case 'map':
      return wrap(name, writeEntries(shape, 'entry', value, deeper), indent, namespace(ref))
    default: {
      const text = escapeXml(writeScalar(ref, value))
      return text === '' ? `${indent}<${name}/>\n` : `${indent}<${name}${namespace(ref)}>${text}</${name}>\n`
    }
  }
}

function writeElements(shape: ListShape, name: string, value: unknown, indent: string): string {
  if (!Array.isArray(value)) throw new Error(`${shape.name} cannot be written from a ${typeof value}`)
  let text = ''
  for (const element of value) text += writeElement(name, shape.element, element, indent)
  return text
}

function writeEntries(shape: MapShape, name: string, value: unknown, indent: string): string {
  let text = ''
  for (const [key, inner] of Object.entries(object(shape.name, value))) {
    const entry =
      writeElement(shape.key.locationName ?? 'key', shape.key, key, `${indent}  `) +
      writeElement(shape.value.locationName ?? 'value', shape.value, inner, `${indent}  `)
    text += wrap(name, entry, indent)
  }
  return text
}

const namespace = (ref: Ref): string => (ref.xmlNamespace ? ` xmlns="${escapeXml(ref.xmlNamespace)}"` : '')

function attributes(shape: StructureShape, value: object): string {
  let text = ''
  for (const member of shape.members) {
    const inner = member.xmlAttribute ? own(value, member.name) : undefined
    if (inner !== undefined && inner !== null)
      text += ` ${member.locationName ?? member.name}="${escapeXml(writeScalar(member, inner))}"`
  }
  return text
}

function object(name: string, value: unknown): object {
  if (typeof value === 'object' && value !== null) return value
  throw new Error(`${name} cannot be written from a ${typeof value}`)
}
