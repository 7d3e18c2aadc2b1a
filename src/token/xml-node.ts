import { Buffer } from 'node:buffer'
import type { XmlElement } from '../base/xml.ts'

/** The namespaces that are declared at an element, and those around it. */
export interface Scope {
  /** By prefix; the default namespace under the empty one. */
  readonly declared: ReadonlyMap<string, string>
  readonly outer: Scope | undefined
}

interface Named {
  /** Empty where there is none. */
  readonly prefix: string
  readonly name: string
  /** Empty where it is in none. */
  readonly namespace: string
}

export interface XmlAttribute extends Named {
  readonly value: string
}

/** An element whose names are resolved ("Namespaces in XML 1.0"). Declarations are in its scope, not among its attributes. */
export interface XmlNode extends Named {
  readonly attributes: readonly XmlAttribute[]
  readonly scope: Scope
  readonly content: readonly (XmlNode | string)[]
}

/** The prefix that every document has without declaring it. */
export const outermost: Scope = {
  declared: new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]),
  outer: undefined,
}

/** The namespace that a prefix stands for; `undefined` where it is not declared. */
export function namespaceOf(prefix: string, scope: Scope): string | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const declared = at.declared.get(prefix)
    if (declared !== undefined) return declared
  }
  return prefix === '' ? '' : undefined
}

/** Longer ones than any that is in use would make a canonical form much larger than its document. */
const namespaceMax = 256
/** Without white space and without anything beyond ASCII: the order of two is the same however it is asked. */
const namespaceForm = /^[\x21-\x7e]*$/

/**
 * The names of an element and of all in it, resolved. `undefined` where a prefix is not declared, or declared against the
 * rules, where a name has two colons, or where two attributes turn out to be the same.
 */
export function resolveNames(element: XmlElement, outer: Scope = outermost): XmlNode | undefined {
  const declared = new Map<string, string>()
  const plain: (readonly [string, string])[] = []
  for (const [name, value] of element.attributes) {
    const prefix = name === 'xmlns' ? '' : name.startsWith('xmlns:') ? name.slice('xmlns:'.length) : undefined
    if (prefix === undefined) plain.push([name, value])
    else if (mayDeclare(prefix, name, value)) declared.set(prefix, value)
    else return undefined
  }
  const scope: Scope = declared.size === 0 ? outer : { declared, outer }

  const own = resolved(element.name, scope, true)
  if (own === undefined) return undefined
  const attributes: XmlAttribute[] = []
  const seen = new Set<string>()
  for (const [qualified, value] of plain) {
    const named = resolved(qualified, scope, false)
    if (named === undefined) return undefined
    const identity = `${named.namespace} ${named.name}`
    if (seen.has(identity)) return undefined
    seen.add(identity)
    attributes.push({ ...named, value })
  }

  const content: (XmlNode | string)[] = []
  for (const part of element.content) {
    const node = typeof part === 'string' ? part : resolveNames(part, scope)
    if (node === undefined) return undefined
    content.push(node)
  }
  return { ...own, attributes, scope, content }
}

/** Namespaces in XML 1.0, 3 and 5: no prefix is undeclared, and the two that belong to XML itself are nobody's to declare. */
const mayDeclare = (prefix: string, name: string, namespace: string): boolean =>
  (name === 'xmlns' || (prefix !== '' && namespace !== '' && !prefix.includes(':'))) &&
  prefix !== 'xml' &&
  prefix !== 'xmlns' &&
  namespace.length <= namespaceMax &&
  namespaceForm.test(namespace) &&
  namespace !== 'http://www.w3.org/2000/xmlns/' &&
  namespace !== 'http://www.w3.org/XML/1998/namespace'

function resolved(qualified: string, scope: Scope, isElement: boolean): Named | undefined {
  const colon = qualified.indexOf(':')
  const prefix = colon < 0 ? '' : qualified.slice(0, colon)
  const name = qualified.slice(colon + 1)
  if (colon === 0 || !/^[A-Za-z_][\w.-]*$/.test(name)) return undefined
  // The default namespace is for elements only.
  const namespace = prefix === '' && !isElement ? '' : namespaceOf(prefix, scope)
  return namespace === undefined ? undefined : { prefix, name, namespace }
}

export const is = (node: XmlNode, namespace: string, name: string): boolean =>
  node.name === name && node.namespace === namespace

const isNode = (part: XmlNode | string): part is XmlNode => typeof part !== 'string'
export const childrenOf = (node: XmlNode): readonly XmlNode[] => node.content.filter(isNode)
export const childrenNamed = (node: XmlNode, namespace: string, name: string): readonly XmlNode[] =>
  childrenOf(node).filter((child) => is(child, namespace, name))

/** The one child of that name; `undefined` where there is none, or more than one. */
export function childNamed(node: XmlNode, namespace: string, name: string): XmlNode | undefined {
  const [first, ...more] = childrenNamed(node, namespace, name)
  return more.length === 0 ? first : undefined
}

/** The text of an element that has nothing else in it; `undefined` where there are elements in it. */
export function textOf(node: XmlNode): string | undefined {
  const [text = '', ...more] = node.content
  return typeof text === 'string' && more.length === 0 ? text : undefined
}

/** The value of an attribute that is in no namespace. */
export const attributeOf = (node: XmlNode, name: string): string | undefined =>
  node.attributes.find((attribute) => attribute.namespace === '' && attribute.name === name)?.value

/** An element and all elements in it, in the order of the document. */
export function* everyNode(node: XmlNode): Generator<XmlNode> {
  yield node
  for (const child of childrenOf(node)) yield* everyNode(child)
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

/** The bytes of an element's base64, broken into lines or not; `undefined` for text that is not exactly that. */
export function bytesOf(node: XmlNode): Buffer | undefined {
  const compact = textOf(node)?.replace(/[ \t\n]+/g, '') ?? ''
  if (compact === '' || !base64.test(compact)) return undefined
  const bytes = Buffer.from(compact, 'base64')
  // INVARIANT: one value has one text. Loose bits at the end are not passed over.
  return bytes.toString('base64') === compact ? bytes : undefined
}
