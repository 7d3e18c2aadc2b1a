import { namespaceOf, type XmlAttribute, type XmlNode } from './xml-node.ts'

/** What elements around have declared in the output, by prefix. */
interface Rendered {
  readonly declared: ReadonlyMap<string, string>
  readonly outer: Rendered | undefined
}

function renderedAs(prefix: string, rendered: Rendered | undefined): string | undefined {
  for (let at = rendered; at !== undefined; at = at.outer) {
    const namespace = at.declared.get(prefix)
    if (namespace !== undefined) return namespace
  }
  return undefined
}

/** Far more than any message that is taken in comes to, unless it was made to grow. */
const charactersMax = 1_000_000

const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byName = (a: XmlAttribute, b: XmlAttribute): number => before(a.namespace, b.namespace) || before(a.name, b.name)

/**
 * The canonical form of an element ("Exclusive XML Canonicalization 1.0"): the same for every way to write down the same thing.
 * There are no comments in what we read, so the form with them and the form without are one. `inclusive` are prefixes that are
 * declared also where nothing uses them, with the empty one for the default namespace; `without` is a child that is left out.
 * `undefined` where it would become too large.
 */
export function canonical(
  apex: XmlNode,
  { inclusive = [], without }: { readonly inclusive?: readonly string[]; readonly without?: XmlNode } = {},
): string | undefined {
  const out: string[] = []
  let room = charactersMax

  const put = (text: string): boolean => {
    room -= text.length
    if (room >= 0) out.push(text)
    return room >= 0
  }

  const write = (node: XmlNode, around: Rendered | undefined): boolean => {
    const declared = declarations(node, inclusive, around)
    const rendered = declared.size === 0 ? around : { declared, outer: around }
    const name = node.prefix === '' ? node.name : `${node.prefix}:${node.name}`
    const prefixes = [...declared].sort(([a], [b]) => before(a, b))
    const start = [
      `<${name}`,
      ...prefixes.map(([prefix, namespace]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${quoted(namespace)}"`),
      ...node.attributes.toSorted(byName).map(written),
      '>',
    ]
    if (!put(start.join(''))) return false
    for (const part of node.content) {
      if (part === without) continue
      if (!(typeof part === 'string' ? put(plain(part)) : write(part, rendered))) return false
    }
    return put(`</${name}>`)
  }

  return write(apex, undefined) ? out.join('') : undefined
}

/** What an element must declare: the prefixes that it uses itself and those that are always told, where nobody around has said so. */
function declarations(
  node: XmlNode,
  inclusive: readonly string[],
  rendered: Rendered | undefined,
): ReadonlyMap<string, string> {
  const prefixes = [node.prefix, ...inclusive]
  for (const { prefix } of node.attributes) if (prefix !== '') prefixes.push(prefix)
  const declared = new Map<string, string>()
  for (const prefix of prefixes) {
    const namespace = namespaceOf(prefix, node.scope)
    // Of a default namespace there is none, nothing is told but its end.
    const known = renderedAs(prefix, rendered) ?? (prefix === '' ? '' : undefined)
    if (namespace !== undefined && prefix !== 'xml' && namespace !== known) declared.set(prefix, namespace)
  }
  return declared
}

const written = ({ prefix, name, value }: XmlAttribute): string =>
  ` ${prefix === '' ? '' : `${prefix}:`}${name}="${quoted(value)}"`

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}
const plain = (text: string): string => text.replace(/[&<>\r]/g, (char) => escapes[char] ?? '')
const quoted = (text: string): string => text.replace(/[&<"\t\n\r]/g, (char) => escapes[char] ?? '')
