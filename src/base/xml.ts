/** An element of an XML document as `readXml` gives it. Attributes are left out where there are none. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** The character data directly inside, entities resolved. */
  readonly text: string
  /** Both in the order in which they stand: elements, and the texts between them. */
  readonly content: readonly (XmlElement | string)[]
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

/** Characters that no XML document has (XML 1.0, "Char"). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it looks for
const noXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u
const space = /^[ \t\n]*$/

interface Open {
  readonly name: string
  readonly attributes: Map<string, string>
  readonly children: Open[]
  text: string
  readonly content: (Open | string)[]
}

function addText(to: Open, text: string): void {
  if (text === '') return
  to.text += text
  const last = to.content.length - 1
  const before = to.content[last]
  if (typeof before === 'string') to.content[last] = before + text
  else to.content.push(text)
}

/**
 * Reads a small XML document, or answers `undefined` where it is none that is well formed. No DOCTYPE, no entities but the
 * five of XML itself and character references, at most 64 elements deep and 50,000 in all: nothing that is read can grow or reach
 * out. Remarks, which are comments and processing instructions, are passed over, or make it none. An XML declaration is taken in any
 * case where it comes first.
 */
export function readXml(document: string, remarks: 'passed over' | 'refused' = 'passed over'): XmlElement | undefined {
  if (noXml.test(document)) return undefined
  // XML 1.0, 2.11: whatever the document has at the ends of its lines, its reader sees a line feed.
  const source = document.replace(/\r\n?/g, '\n')
  const open: Open[] = []
  let root: Open | undefined
  let elements = 0
  let at = source.startsWith('\ufeff') ? 1 : 0
  declaration.lastIndex = at
  if (declaration.test(source)) at = declaration.lastIndex

  while (at < source.length) {
    const tag = source.indexOf('<', at)
    const until = tag < 0 ? source.length : tag
    const text = source.slice(at, until)
    const inside = open.at(-1)
    if (inside) {
      const resolved = text.includes(']]>') ? undefined : resolve(text)
      if (resolved === undefined) return undefined
      addText(inside, resolved)
    } else if (!space.test(text)) return undefined
    if (tag < 0) break

    if (source.startsWith('<!--', tag)) {
      const end = source.indexOf('-->', tag + 4)
      if (end < 0 || remarks === 'refused') return undefined
      at = end + 3
    } else if (source.startsWith('<![CDATA[', tag)) {
      const end = source.indexOf(']]>', tag)
      if (end < 0 || !inside) return undefined
      addText(inside, source.slice(tag + 9, end))
      at = end + 3
    } else if (source.startsWith('<?', tag)) {
      const end = source.indexOf('?>', tag)
      if (end < 0 || remarks === 'refused') return undefined
      at = end + 2
    } else if (source.startsWith('</', tag)) {
      const closing = open.pop()
      if (!closing || !source.startsWith(closing.name, tag + 2)) return undefined
      tagEnd.lastIndex = tag + 2 + closing.name.length
      if (tagEnd.exec(source)?.[1] !== '') return undefined
      at = tagEnd.lastIndex
    } else {
      const start = readStart(source, tag)
      if (!start || open.length >= maxDepth || ++elements > maxElements) return undefined
      const element: Open = { name: start.name, attributes: start.attributes, children: [], text: '', content: [] }
      if (inside) {
        inside.children.push(element)
        inside.content.push(element)
      } else if (root) return undefined
      else root = element
      if (!start.closed) open.push(element)
      at = start.end
    }
  }
  return open.length === 0 ? root : undefined
}

const declaration =
  /<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*["']1\.\d["'](?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*["']utf-8["'])?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*["'](?:yes|no)["'])?[ \t\n]*\?>/iy
const name = /[A-Za-z_:][\w:.-]*/y
const attribute = /[ \t\n]+([A-Za-z_:][\w:.-]*)[ \t\n]*=[ \t\n]*(?:"([^"<]*)"|'([^'<]*)')/y
const tagEnd = /[ \t\n]*(\/?)>/y

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
    // XML 1.0, 3.3.3: white space that is written out, not as a reference, is a space there.
    const value = resolve((double ?? single ?? '').replace(/[\t\n]/g, ' '))
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
  if (!(code > 0 && code <= 0x10ffff)) return undefined
  const char = String.fromCodePoint(code)
  return noXml.test(char) ? undefined : char
}
