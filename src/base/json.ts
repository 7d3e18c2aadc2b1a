/** JSON (RFC 8259) as somebody else wrote it: every value knows where it stands, and nothing is read that two readers may read in two ways. */

/** Half-open, in UTF-16 code units from the start of the text. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface TextNode {
  readonly kind: 'string'
  /** What the string says, escapes resolved. */
  readonly value: string
  /** The whole token, quotes included. */
  readonly span: Span
}

export interface ScalarNode {
  readonly kind: 'number' | 'boolean'
  /** The literal as written: `1.50` stays `1.50`. */
  readonly value: string
  readonly span: Span
}

export interface NullNode {
  readonly kind: 'null'
  readonly span: Span
}

export interface ArrayNode {
  readonly kind: 'array'
  readonly items: readonly Node[]
  readonly span: Span
}

/** Members stand in a list, not in an object: a key such as `__proto__` is a key like any other. No key stands twice. */
export interface ObjectNode {
  readonly kind: 'object'
  readonly members: readonly Member[]
  readonly span: Span
}

export interface Member {
  readonly key: TextNode
  readonly value: Node
}

export type Node = TextNode | ScalarNode | NullNode | ArrayNode | ObjectNode

export type ParsedJson =
  | { readonly ok: true; readonly root: Node }
  | { readonly ok: false; readonly at: Span; readonly problem: string }

/** Deeper than anything that is sent to us (a policy has eight), shallow enough for any stack. */
const maxDepth = 64

class Problem {
  readonly at: Span
  readonly problem: string
  constructor(problem: string, start: number, end = start + 1) {
    this.problem = problem
    this.at = { start, end }
  }
}

/**
 * Reads JSON as RFC 8259 has it and nothing more: no byte-order mark, no comments, no trailing comma, no `NaN`, and no key twice
 * in one object (two readers may disagree about which one counts, and neither a policy nor a token must be read in two ways).
 * Never throws.
 */
export function parseJson(text: string): ParsedJson {
  if (text.charCodeAt(0) === 0xfeff) {
    return { ok: false, at: { start: 0, end: 1 }, problem: 'a byte-order mark in front of the document' }
  }
  try {
    return { ok: true, root: new Reader(text).document() }
  } catch (error) {
    if (error instanceof Problem) return { ok: false, at: error.at, problem: error.problem }
    throw error
  }
}

class Reader {
  private at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  document(): Node {
    const root = this.value(0)
    this.space()
    if (this.at < this.text.length) throw new Problem('text after the end of the document', this.at)
    return root
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.at++
    }
  }

  private value(depth: number): Node {
    if (depth > maxDepth) throw new Problem(`more than ${maxDepth} levels of nesting`, this.at)
    this.space()
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth)
      case '[':
        return this.array(depth)
      case '"':
        return this.string()
      case 't':
        return this.word('true', 'boolean')
      case 'f':
        return this.word('false', 'boolean')
      case 'n':
        return this.word('null', 'null')
      case undefined:
        throw new Problem('the document ends too early', this.at, this.at)
      default:
        return this.number()
    }
  }

  private object(depth: number): ObjectNode {
    const start = this.at++
    const members: Member[] = []
    const keys = new Set<string>()
    this.space()
    if (this.text[this.at] === '}') {
      this.at++
      return { kind: 'object', members, span: { start, end: this.at } }
    }
    for (;;) {
      this.space()
      if (this.text[this.at] !== '"') throw new Problem('a key in quotes belongs here', this.at)
      const key = this.string()
      if (keys.has(key.value)) {
        throw new Problem(`the key ${shown(key.value)} stands twice in one object`, key.span.start, key.span.end)
      }
      keys.add(key.value)
      this.space()
      if (this.text[this.at] !== ':') throw new Problem('a colon belongs here', this.at)
      this.at++
      members.push({ key, value: this.value(depth + 1) })
      if (this.more('}')) return { kind: 'object', members, span: { start, end: this.at } }
    }
  }

  private array(depth: number): ArrayNode {
    const start = this.at++
    const items: Node[] = []
    this.space()
    if (this.text[this.at] === ']') {
      this.at++
      return { kind: 'array', items, span: { start, end: this.at } }
    }
    for (;;) {
      items.push(this.value(depth + 1))
      if (this.more(']')) return { kind: 'array', items, span: { start, end: this.at } }
    }
  }

  /** Whether the list that `close` ends is over, after one of its entries. */
  private more(close: '}' | ']'): boolean {
    this.space()
    const found = this.text[this.at]
    if (found !== ',' && found !== close) throw new Problem(`a comma or ${close} belongs here`, this.at)
    this.at++
    return found === close
  }

  private string(): TextNode {
    const { text } = this
    const start = this.at++
    let value = ''
    let from = this.at
    for (;;) {
      const code = text.charCodeAt(this.at)
      if (code === 0x22) {
        value += text.slice(from, this.at++)
        return { kind: 'string', value, span: { start, end: this.at } }
      }
      if (Number.isNaN(code)) throw new Problem('a string without its closing quote', start, text.length)
      if (code < 0x20) throw new Problem('a control character inside a string', this.at)
      if (code === 0x5c) {
        value += text.slice(from, this.at) + this.escape()
        from = this.at
      } else this.at++
    }
  }

  private escape(): string {
    const start = this.at
    const letter = this.text[start + 1] ?? ''
    this.at += 2
    if (letter === 'u') {
      const digits = this.text.slice(this.at, this.at + 4)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Problem('four hex digits belong after \\u', start, this.at)
      this.at += 4
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const plain = escapes.get(letter)
    if (plain === undefined) throw new Problem('an escape that JSON does not know', start, this.at)
    return plain
  }

  private word<K extends 'boolean' | 'null'>(word: string, kind: K): Node {
    const start = this.at
    if (!this.text.startsWith(word, start)) throw new Problem('this is no JSON value', start)
    this.at += word.length
    const span = { start, end: this.at }
    return kind === 'null' ? { kind: 'null', span } : { kind: 'boolean', value: word, span }
  }

  private number(): ScalarNode {
    const start = this.at
    if (this.text[this.at] === '-') this.at++
    if (this.text[this.at] === '0') this.at++
    else this.digits(start)
    if (this.text[this.at] === '.') {
      this.at++
      this.digits(start)
    }
    if (this.text[this.at] === 'e' || this.text[this.at] === 'E') {
      this.at++
      if (this.text[this.at] === '+' || this.text[this.at] === '-') this.at++
      this.digits(start)
    }
    return { kind: 'number', value: this.text.slice(start, this.at), span: { start, end: this.at } }
  }

  private digits(start: number): void {
    const from = this.at
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (!(code >= 0x30 && code <= 0x39)) break
      this.at++
    }
    if (this.at === from) throw new Problem('this is no JSON value', start)
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

const shown = (key: string): string => JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key)

export interface Position {
  readonly line: number
  readonly column: number
}

/** One-based line and column of an offset, as an editor counts them. Lines end at LF, CR LF or CR. */
export function positionOf(text: string, offset: number): Position {
  return positionsOf(text, [offset])[0] ?? { line: 1, column: 1 }
}

/** The positions of several offsets, which must ascend, in one pass. */
export function positionsOf(text: string, offsets: readonly number[]): readonly Position[] {
  let line = 1
  let lineStart = 0
  let at = 0
  return offsets.map((offset) => {
    const until = Math.min(offset, text.length)
    for (; at < until; at++) {
      const code = text.charCodeAt(at)
      if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) {
        line++
        lineStart = at + 1
      }
    }
    return { line, column: until - lineStart + 1 }
  })
}

/** The value under a key, where the node is an object that has it. */
export function memberOf(node: Node | undefined, key: string): Node | undefined {
  if (node?.kind !== 'object') return undefined
  for (const member of node.members) if (member.key.value === key) return member.value
  return undefined
}
