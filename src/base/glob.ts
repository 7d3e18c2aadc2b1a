import { gramsOf, lacks } from './gram.ts'

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
}

/** Counts character comparisons of chunk searches, so that a test can hold the matcher to its promise without a clock. */
export const effort = { steps: 0 }

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
  let text = ''
  let holes: number[] = []
  for (const token of tokens) {
    if (token === '*') {
      chunks.push(chunkOf(text, holes))
      text = ''
      holes = []
    } else if (token === '?') {
      holes.push(text.length)
      text += '?'
    } else text += token.text
  }
  chunks.push(chunkOf(text, holes))

  const first = chunks[0] ?? chunkOf('', [])
  const prefix = first.holes === undefined ? first.text : first.text.slice(0, first.holes[0])
  if (chunks.length === 1) {
    if (first.holes === undefined) return literalGlob(text)
    return {
      literal: undefined,
      prefix,
      matches: (subject, from = 0) => subject.length - from === first.text.length && standsAt(first, subject, from),
    }
  }

  const last = chunks[chunks.length - 1] ?? first
  // Stars side by side leave empty chunks between them; they ask for nothing.
  const middle = chunks.slice(1, -1).filter((chunk) => chunk.text !== '')
  if (middle.length === 0 && first.holes === undefined && last.holes === undefined) {
    return edgeGlob(first.text, last.text)
  }

  let least = first.text.length + last.text.length
  for (const chunk of middle) least += chunk.text.length
  const grams = gramsNeeded(middle)
  return {
    literal: undefined,
    prefix,
    matches: (subject, from = 0) => {
      if (subject.length - from < least) return false
      if (!standsAt(first, subject, from)) return false
      const end = subject.length - last.text.length
      if (!standsAt(last, subject, end)) return false
      if (grams.length > 0 && lacks(subject, grams)) return false
      let at = from + first.text.length
      for (const chunk of middle) {
        at = find(chunk, subject, at, end)
        if (at < 0) return false
        at += chunk.text.length
      }
      return true
    },
  }
}

const literalGlob = (literal: string): Glob => ({
  literal,
  prefix: literal,
  matches: (subject, from = 0) =>
    from === 0 ? subject === literal : subject.length - from === literal.length && subject.startsWith(literal, from),
})

/** `head*tail`: the shape that most patterns have. */
function edgeGlob(head: string, tail: string): Glob {
  const least = head.length + tail.length
  const matches: Glob['matches'] =
    least === 0
      ? () => true
      : tail === ''
        ? (subject, from = 0) => subject.startsWith(head, from)
        : (subject, from = 0) =>
            subject.length - from >= least && subject.startsWith(head, from) && subject.endsWith(tail)
  return { literal: undefined, prefix: head, matches }
}

/** The pieces of text that must stand somewhere in whatever the chunks are found in, the longest first, as hashes. */
function gramsNeeded(chunks: readonly Chunk[]): Int32Array {
  const runs = new Set<string>()
  for (const { text, holes } of chunks) {
    let from = 0
    for (const hole of [...(holes ?? []), text.length]) {
      if (hole > from) runs.add(text.slice(from, hole))
      from = hole + 1
    }
  }
  const hashes = new Set<number>()
  for (const run of [...runs].sort((a, b) => b.length - a.length)) {
    if (hashes.size >= mostGrams) break
    for (const hash of gramsOf(run)) hashes.add(hash)
  }
  return Int32Array.from(hashes)
}
const mostGrams = 16

/** What stands between two stars. Where it has `?`, `holes` lists their places (and `text` holds a filler there). */
interface Chunk {
  readonly text: string
  readonly holes: readonly number[] | undefined
  /** Knuth, Morris and Pratt's table, made when a long chunk is first looked for. */
  failure: Int32Array | undefined
  /** For a chunk with holes: the places at which a character may stand, as bits, 31 to a number. */
  masks: ReadonlyMap<number, Int32Array> | undefined
  open: Int32Array | undefined
}

const chunkOf = (text: string, holes: readonly number[]): Chunk => ({
  text,
  holes: holes.length === 0 ? undefined : holes,
  failure: undefined,
  masks: undefined,
  open: undefined,
})

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
  const { masks, open } = prepare(chunk, words)
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

function prepare(chunk: Chunk, words: number): { masks: ReadonlyMap<number, Int32Array>; open: Int32Array } {
  if (chunk.masks !== undefined && chunk.open !== undefined) return { masks: chunk.masks, open: chunk.open }
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
  chunk.masks = masks
  chunk.open = open
  return { masks, open }
}

function setBit(words: Int32Array, place: number): void {
  const word = Math.floor(place / wordBits)
  words[word] = (words[word] ?? 0) | (1 << (place % wordBits))
}
