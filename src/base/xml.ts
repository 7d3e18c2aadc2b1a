/** An element of an XML document as `readXml` gives it. Attributes are left out where there are none. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** The character data directly inside, entities resolved. */
  readonly text: string
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A bare carriage return would be read back as a line feed.
  '\r': '&#xD;',
}

// Everything that XML 1.0 cannot carry, not even as a reference, and what must be written as one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it looks for
const special = /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

/** Nearly every text is ASCII with nothing to escape in it, and that is seen at a glance. */
const remarkable = /[^\t\n !#-%'-;=?-~]/

/** Text as it stands between two tags or inside double quotes. What XML 1.0 cannot carry becomes U+FFFD. */
export const escapeXml = (text: string): string =>
  remarkable.test(text) ? text.replace(special, (char) => escapes[char] ?? '\ufffd') : text

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])
const longestReference = '&#1114111;'.length
const maxDepth = 64
/** An element takes many times the memory of the four bytes that it can be written in. */
const maxElements = 50_000

/**
 * Reads a small XML document, or answers `undefined` where it is none that is well formed. No DOCTYPE, no entities but the
 * five of XML itself and character references, at most 64 elements deep and 50,000 in all: nothing that is read can grow or reach
 * out.
 */
export function readXml(source: string): XmlElement | undefined {
  interface Open {
    readonly name: string
    readonly attributes: Map<string, string>
    readonly children: Open[]
    text: string
  }
  const open: Open[] = []
  let root: Open | undefined
  let elements = 0
  let at = source.startsWith('\ufeff') ? 1 : 0

  while (at < source.length) {
    const tag = source.indexOf('<', at)
    const until = tag < 0 ? source.length : tag
    const text = source.slice(at, until)
    const inside = open.at(-1)
    if (inside) {
      const resolved = resolve(text)
      if (resolved === undefined) return undefined
      inside.text += resolved
    } else if (text.trim() !== '') return undefined
    if (tag < 0) break

    if (source.startsWith('<!--', tag)) {
      const end = source.indexOf('-->', tag + 4)
      if (end < 0) return undefined
      at = end + 3
    } else if (source.startsWith('<![CDATA[', tag)) {
      const end = source.indexOf(']]>', tag)
      if (end < 0 || !inside) return undefined
      inside.text += source.slice(tag + 9, end)
      at = end + 3
    } else if (source.startsWith('<?', tag)) {
      const end = source.indexOf('?>', tag)
      if (end < 0) return undefined
      at = end + 2
    } else if (source.startsWith('</', tag)) {
      const end = source.indexOf('>', tag)
      if (end < 0 || open.pop()?.name !== source.slice(tag + 2, end).trimEnd()) return undefined
      at = end + 1
    } else {
      const start = readStart(source, tag)
      if (!start || open.length >= maxDepth || ++elements > maxElements) return undefined
      const element: Open = { name: start.name, attributes: start.attributes, children: [], text: '' }
      if (inside) inside.children.push(element)
      else if (root) return undefined
      else root = element
      if (!start.closed) open.push(element)
      at = start.end
    }
  }
  return open.length === 0 ? root : undefined
}

const name = /[A-Za-z_:][\w:.-]*/y
const attribute = /\s+([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const tagEnd = /\s*(\/?)>/y

function readStart(source: string, tag: number) {
  name.lastIndex = tag + 1
  const named = name.exec(source)
  if (!named) return undefined
  const attributes = new Map<string, string>()
  let at = name.lastIndex
  for (;;) {
    attribute.lastIndex = at
    const found = attribute.exec(source)
    if (!found) break
    const [, key = '', double, single] = found
    const value = resolve(double ?? single ?? '')
    if (value === undefined || attributes.has(key)) return undefined
    attributes.set(key, value)
    at = attribute.lastIndex
  }
  tagEnd.lastIndex = at
  const ended = tagEnd.exec(source)
  return ended ? { name: named[0], attributes, closed: ended[1] === '/', end: tagEnd.lastIndex } : undefined
}

/** Text with its entities resolved, or `undefined` at the first that is none. */
function resolve(text: string): string | undefined {
  let resolved = ''
  for (let from = 0; ; ) {
    const start = text.indexOf('&', from)
    if (start < 0) return resolved + text.slice(from)
    const reach = text.slice(start, start + longestReference)
    const inner = reach.slice(1, Math.max(1, reach.indexOf(';')))
    const char = entities.get(inner) ?? reference(inner)
    if (char === undefined) return undefined
    resolved += text.slice(from, start) + char
    from = start + inner.length + 2
  }
}

function reference(inner: string): string | undefined {
  const hex = /^#x([0-9a-fA-F]{1,6})$/.exec(inner)
  const decimal = /^#(\d{1,7})$/.exec(inner)
  const code = hex ? Number.parseInt(hex[1] ?? '', 16) : decimal ? Number(decimal[1]) : Number.NaN
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
