import { effort } from './effort.ts'

/**
 * The one wildcard matcher: `*` stands for any run of characters, also an empty one, and `?` for exactly one. There is no escape
 * character; who needs a literal star hands in tokens.
 *
 * A pattern is cut at its stars into chunks. The first chunk is tied to the start of the text and the last to its end; those
 * between are found from left to right, each at its earliest place, and no choice is ever taken back: if any way to match exists,
 * the earliest one does (each earlier place leaves more of the text to the rest). So the whole is one pass over the text.
 */

/** A piece of a pattern. Only the wildcards `*` and `?` are wild: `text` is taken literally, stars included. */
export type GlobToken = '*' | '?' | { readonly text: string }

export interface Glob {
  /** Whether the whole text, from `from` on, is covered by the pattern. */
  readonly matches: (text: string, from?: number) => boolean
  /** The text that any match must be, where the pattern has no wildcard. */
  readonly literal: string | undefined
  /** Literal text that any match begins with. */
  readonly prefix: string
  /** What must stand in the text, one after the other. Empty where anything will do. */
  readonly chunks: readonly Chunk[]
  /** The length of the shortest match. */
  readonly least: number
  /** Whether `matches` may have to walk the text, and not only look at its edges. */
  readonly walks: boolean
}

export function compileGlob(pattern: string): Glob {
  return compileTokens(tokensOf(pattern))
}

/** Cuts a pattern into literal runs and wildcards. */
export function tokensOf(pattern: string): GlobToken[] {
  const tokens: GlobToken[] = []
  let from = 0
  for (let at = 0; at <= pattern.length; at++) {
    const char = pattern[at]
    if (char !== '*' && char !== '?' && char !== undefined) continue
    if (at > from) tokens.push({ text: pattern.slice(from, at) })
    if (char !== undefined) tokens.push(char)
    from = at + 1
  }
  return tokens
}

/** A glob from tokens that are already told apart: what was substituted for a variable comes in as `text` and is never wild. */
export function compileTokens(tokens: readonly GlobToken[]): Glob {
  const chunks: Chunk[] = []
  let first: Chunk | undefined
  let text = ''
  let holes: number[] | undefined
  let least = 0
  for (const token of tokens) {
    if (token === '?') {
      holes ??= []
      holes.push(text.length)
      text += '?'
    } else if (token !== '*') text += token.text
    else {
      const chunk = chunkOf(text, holes, first === undefined, false)
      first ??= chunk
      least += text.length
      // Stars side by side leave empty chunks between them; they ask for nothing.
      if (text !== '') chunks.push(chunk)
      text = ''
      holes = undefined
    }
  }
  const last = chunkOf(text, holes, first === undefined, true)
  least += text.length
  if (first === undefined) return wholeGlob(last)
  if (text !== '') chunks.push(last)

  const prefix = first.holes === undefined ? first.text : first.text.slice(0, first.holes[0])
  const begin = first.text === '' ? 0 : 1
  const end = text === '' ? chunks.length : chunks.length - 1
  if (begin === end && first.holes === undefined && holes === undefined) {
    return { literal: undefined, prefix, chunks, least, walks: false, matches: edges(first.text, text) }
  }
  return { literal: undefined, prefix, chunks, least, walks: begin < end, matches: walk(chunks, first, last, least) }
}

/** Edges that fit, and between them everything that has to be found. */
function walk(chunks: readonly Chunk[], first: Chunk, last: Chunk, least: number): Glob['matches'] {
  return (subject, from = 0) => {
    if (subject.length - from < least) return false
    if (!standsAt(first, subject, from)) return false
    const end = subject.length - last.text.length
    if (!standsAt(last, subject, end)) return false
    let at = from + first.text.length
    for (const chunk of chunks) {
      if (chunk.atStart || chunk.atEnd) continue
      at = find(chunk, subject, at, end)
      if (at < 0) return false
      at += chunk.text.length
    }
    return true
  }
}

/** A pattern without a star. */
function wholeGlob(chunk: Chunk): Glob {
  const { text, holes } = chunk
  if (holes === undefined) return literalGlob(chunk)
  return {
    literal: undefined,
    prefix: text.slice(0, holes[0]),
    chunks: [chunk],
    least: text.length,
    walks: false,
    matches: (subject, from = 0) => subject.length - from === text.length && standsAt(chunk, subject, from),
  }
}

function literalGlob(chunk: Chunk): Glob {
  const { text } = chunk
  return {
    literal: text,
    prefix: text,
    chunks: [chunk],
    least: text.length,
    walks: false,
    matches: (subject, from = 0) =>
      from === 0 ? subject === text : subject.length - from === text.length && subject.startsWith(text, from),
  }
}

/** `head*tail`: the shape that most patterns have. */
function edges(head: string, tail: string): Glob['matches'] {
  const least = head.length + tail.length
  if (least === 0) return () => true
  if (tail === '') return (subject, from = 0) => subject.startsWith(head, from)
  return (subject, from = 0) =>
    subject.length - from >= least && subject.startsWith(head, from) && subject.endsWith(tail)
}

/** What stands between two stars. Where it has `?`, `holes` lists their places (and `text` holds a filler there). */
export interface Chunk {
  readonly text: string
  readonly holes: readonly number[] | undefined
  /** Tied to the start of the text. */
  readonly atStart: boolean
  /** Tied to its end. */
  readonly atEnd: boolean
  /** What is made when a chunk is first looked for, in a walk or in an index. Most never are. */
  failure: Int32Array | undefined
  holed: Holed | undefined
  runs: readonly Run[] | undefined
}

/** Of a chunk with holes: the places at which a character may stand, as bits, 31 to a number. */
interface Holed {
  readonly masks: ReadonlyMap<number, Int32Array>
  /** The places at which any character may. */
  readonly open: Int32Array
}

const chunkOf = (text: string, holes: readonly number[] | undefined, atStart: boolean, atEnd: boolean): Chunk => ({
  text,
  holes,
  atStart,
  atEnd,
  failure: undefined,
  holed: undefined,
  runs: undefined,
})

/** Literal text between holes. What is tied to an edge of the text runs over it, by one. */
export interface Run {
  readonly text: string
  readonly atStart: boolean
  readonly atEnd: boolean
  /** Where its last character stands, from the chunk's first; the edge counts as one. */
  readonly endsAt: number
}

/** At least one: a chunk of nothing but holes has an empty run, which stands everywhere. */
export function runsOf(chunk: Chunk): readonly Run[] {
  if (chunk.runs !== undefined) return chunk.runs
  const { text, holes, atStart, atEnd } = chunk
  const runs: Run[] = []
  let from = 0
  for (const hole of [...(holes ?? []), text.length]) {
    const edges = { atStart: atStart && from === 0, atEnd: atEnd && hole === text.length }
    if (hole > from || edges.atStart || edges.atEnd) {
      runs.push({ text: text.slice(from, hole), ...edges, endsAt: edges.atEnd ? hole : hole - 1 })
    }
    from = hole + 1
  }
  if (runs.length === 0) runs.push({ text: '', atStart: false, atEnd: false, endsAt: 0 })
  chunk.runs = runs
  return runs
}

function standsAt(chunk: Chunk, subject: string, at: number): boolean {
  if (chunk.holes === undefined) return subject.startsWith(chunk.text, at)
  let hole = 0
  for (let index = 0; index < chunk.text.length; index++) {
    if (chunk.holes[hole] === index) hole++
    else if (subject.charCodeAt(at + index) !== chunk.text.charCodeAt(index)) return false
  }
  return true
}

/** Up to this length the engine's own search is faster, and its worst case no worse than this many times the text. */
const shortChunk = 4

/** The earliest place at or after `at` where the chunk stands and ends by `end`, or -1. */
function find(chunk: Chunk, subject: string, at: number, end: number): number {
  if (chunk.holes !== undefined) return findHoled(chunk, subject, at, end)
  if (chunk.text.length <= shortChunk) {
    const found = subject.indexOf(chunk.text, at)
    effort.steps += (found < 0 ? subject.length : found) - at + chunk.text.length
    return found < 0 || found + chunk.text.length > end ? -1 : found
  }
  return findLong(chunk, subject, at, end)
}

/** Knuth-Morris-Pratt: the engine's own search compares quadratically often on hostile text, this never. */
function findLong(chunk: Chunk, subject: string, at: number, end: number): number {
  const { text } = chunk
  const first = subject.indexOf(text.charAt(0), at)
  if (first < 0) return -1
  chunk.failure ??= failureOf(text)
  const { failure } = chunk
  let matched = 0
  let index = first
  for (; index < end; index++) {
    const code = subject.charCodeAt(index)
    while (matched > 0 && text.charCodeAt(matched) !== code) {
      matched = failure[matched - 1] ?? 0
      effort.steps++
    }
    if (text.charCodeAt(matched) === code) matched++
    if (matched === text.length) {
      effort.steps += index - at + 1
      return index - text.length + 1
    }
  }
  effort.steps += index - at
  return -1
}

function failureOf(text: string): Int32Array {
  const failure = new Int32Array(text.length)
  let matched = 0
  for (let index = 1; index < text.length; index++) {
    while (matched > 0 && text.charCodeAt(index) !== text.charCodeAt(matched)) matched = failure[matched - 1] ?? 0
    if (text.charCodeAt(index) === text.charCodeAt(matched)) matched++
    failure[index] = matched
  }
  effort.steps += 2 * text.length
  return failure
}

const wordBits = 31

/**
 * The bits of `state` say which beginnings of the chunk end here (Baeza-Yates and Gonnet's shift-and). A hole is a place where
 * every character may stand. Thirty-one places of the chunk are tried in one step.
 */
function findHoled(chunk: Chunk, subject: string, at: number, end: number): number {
  const { text } = chunk
  const words = Math.ceil(text.length / wordBits)
  chunk.holed ??= holedOf(chunk, words)
  const { masks, open } = chunk.holed
  const state = new Int32Array(words)
  const goalWord = words - 1
  const goalBit = 1 << ((text.length - 1) % wordBits)
  for (let index = at; index < end; index++) {
    const mask = masks.get(subject.charCodeAt(index)) ?? open
    let carry = 1
    for (let word = 0; word < words; word++) {
      const before = state[word] ?? 0
      state[word] = ((before << 1) | carry) & (mask[word] ?? 0) & 0x7fffffff
      carry = (before >>> (wordBits - 1)) & 1
    }
    effort.steps += words
    if (((state[goalWord] ?? 0) & goalBit) !== 0) return index - text.length + 1
  }
  return -1
}

function holedOf(chunk: Chunk, words: number): Holed {
  const open = new Int32Array(words)
  for (const hole of chunk.holes ?? []) setBit(open, hole)
  const masks = new Map<number, Int32Array>()
  let hole = 0
  for (let index = 0; index < chunk.text.length; index++) {
    if (chunk.holes?.[hole] === index) {
      hole++
      continue
    }
    const code = chunk.text.charCodeAt(index)
    let mask = masks.get(code)
    if (mask === undefined) {
      mask = open.slice()
      masks.set(code, mask)
    }
    setBit(mask, index)
  }
  return { masks, open }
}

function setBit(words: Int32Array, place: number): void {
  const word = Math.floor(place / wordBits)
  words[word] = (words[word] ?? 0) | (1 << (place % wordBits))
}
