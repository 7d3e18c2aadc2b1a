import { Fault } from '../base/fault.ts'
import { escapeXml } from '../base/xml.ts'
import type { ListShape, MapShape, Member, Ref, StructureShape } from '../model/shape.ts'
import { canonicalPath } from './canonical.ts'
import { formOf, isForm } from './form.ts'
import type { HttpRequest } from './http.ts'
import type { Protocol, Refusal, Values } from './protocol.ts'
import { commonStatus, requestIdHeader } from './refusal.ts'
import { scalarReader } from './text.ts'
import { wrap, writeMembers } from './xml.ts'

/** AWS's query protocol: flat form parameters in, XML out. IAM, STS and their generation of services speak it. */
export const query: Protocol = {
  name: 'query',
  claims: (request) =>
    ((request.method === 'POST' && isForm(request)) ||
      (request.method === 'GET' && canonicalPath(request.path) === '/')) &&
    formOf(request).values.has('Action'),

  operation(request) {
    const { values } = formOf(request)
    const name = values.get('Action')
    return name === undefined ? undefined : { name, version: values.get('Version') }
  },

  decode: (_service, { input }, request) => (input ? readStructure(input, treeOf(request), 0) : {}),

  encode(service, operation, output, requestId) {
    const { name } = operation
    const result = operation.output
      ? wrap(operation.resultWrapper ?? `${name}Result`, writeMembers(operation.output, output, '    '), '  ')
      : ''
    const metadata = wrap('ResponseMetadata', `    <RequestId>${escapeXml(requestId)}</RequestId>\n`, '  ')
    const body = wrap(`${name}Response`, result + metadata, '', xmlns(service.xmlNamespace ?? ''))
    return { status: 200, headers: headers(requestId), body }
  },

  refuse(service, { code, message, status }: Refusal, requestId) {
    const model = service?.error(code)
    const final = status ?? model?.status ?? commonStatus(code)
    const type = (model?.senderFault ?? final < 500) ? 'Sender' : 'Receiver'
    const error =
      `    <Type>${type}</Type>\n    <Code>${escapeXml(code)}</Code>\n` +
      (message === '' ? '' : `    <Message>${escapeXml(message)}</Message>\n`)
    const inner = `${wrap('Error', error, '  ')}  <RequestId>${escapeXml(requestId)}</RequestId>\n`
    const body = wrap('ErrorResponse', inner, '', xmlns(service?.xmlNamespace ?? faultNamespace))
    return { status: final, headers: headers(requestId), body }
  },
}

/** QUIRK: fault-namespace. What belongs to no service's operation stands in a namespace of its own. */
const faultNamespace = 'http://webservices.amazon.com/AWSFault/2005-15-09'

const xmlns = (uri: string): string => ` xmlns="${escapeXml(uri)}"`

const headers = (requestId: string): Record<string, string> => ({
  'x-amzn-RequestId': requestIdHeader(requestId),
  'content-type': 'text/xml',
})

/** The dots in the parameters' names, as a tree. */
interface Node {
  value: string | undefined
  children: Map<string, Node> | undefined
}

/** Deeper than any model goes; a name with more dots is an unknown parameter, and those are ignored. */
const maxDepth = 32

function treeOf(request: HttpRequest): Node {
  const { values, overflow } = formOf(request)
  if (overflow) throw new Fault('MalformedInput', '', 400)
  const root: Node = { value: undefined, children: undefined }
  for (const [name, value] of values) {
    const segments = name.split('.', maxDepth + 1)
    if (segments.length > maxDepth) continue
    let node = root
    for (const segment of segments) {
      node.children ??= new Map()
      let next = node.children.get(segment)
      if (!next) {
        next = { value: undefined, children: undefined }
        node.children.set(segment, next)
      }
      node = next
    }
    node.value = value
  }
  return root
}

function readStructure(shape: StructureShape, node: Node, depth: number): Values {
  const values: Record<string, unknown> = {}
  for (const member of shape.members) {
    const child = node.children?.get(member.locationName ?? member.name) ?? flatChild(member, node)
    if (!child) continue
    const value = readValue(member, member.flattened, child, depth + 1)
    if (value !== undefined) values[member.name] = value
  }
  return values
}

/** Older clients name a flat list after its elements, where those have a name of their own. */
const flatChild = (member: Member, node: Node): Node | undefined =>
  member.flattened && member.shape.type === 'list' && member.shape.element.locationName !== undefined
    ? node.children?.get(member.shape.element.locationName)
    : undefined

function readValue({ shape }: Ref, flattened: boolean, node: Node, depth: number): unknown {
  if (depth > maxDepth) throw new Fault('MalformedInput', '', 400)
  switch (shape.type) {
    case 'structure':
      if (node.value) throw new Fault('MalformedInput', 'Unexpected complex element termination', 400)
      return readStructure(shape, node, depth)
    case 'list':
      return readList(shape, flattened, node, depth)
    case 'map':
      return readMap(shape, flattened, node, depth)
    // A name with dots behind a plain member's (`UserName.x`) is an unknown parameter.
    case 'string':
    case 'character':
      return node.value
    default:
      return node.value === undefined ? undefined : scalarReader[shape.type](node.value)
  }
}

/** The node under which the numbers stand: the list's own where it is flat, else the one named `member` or `entry`. */
function numbered(flattened: boolean, name: string, node: Node): readonly Node[] {
  const under = flattened ? node : node.children?.get(name)
  // QUIRK: empty-list. `Tags=` is the list without elements.
  if (node.value || (!under && node.children !== undefined))
    throw new Fault('MalformedInput', 'Unexpected list element termination', 400)
  const found: (readonly [number, Node])[] = []
  // Indices may have gaps and be as large as they like: they only order what is there.
  for (const [index, child] of under?.children ?? [])
    if (/^[1-9]\d{0,9}$/.test(index)) found.push([Number(index), child])
  return found.sort(([a], [b]) => a - b).map(([, child]) => child)
}

function readList(shape: ListShape, flattened: boolean, node: Node, depth: number): readonly unknown[] {
  const elements: unknown[] = []
  for (const child of numbered(flattened, shape.element.locationName ?? 'member', node)) {
    const value = readValue(shape.element, shape.element.flattened, child, depth + 1)
    if (value !== undefined) elements.push(value)
  }
  return elements
}

function readMap(shape: MapShape, flattened: boolean, node: Node, depth: number): Values {
  // INVARIANT: no-prototype. The caller names the keys.
  const values: Record<string, unknown> = Object.create(null)
  for (const child of numbered(flattened, 'entry', node)) {
    const key = child.children?.get(shape.key.locationName ?? 'key')?.value
    const inner = child.children?.get(shape.value.locationName ?? 'value')
    if (key === undefined || !inner || Object.hasOwn(values, key)) continue
    const value = readValue(shape.value, shape.value.flattened, inner, depth + 1)
    if (value !== undefined) values[key] = value
  }
  return values
}
