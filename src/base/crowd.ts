import { compileGlob, effort, type Glob } from './glob.ts'
import { everyGram, gramsOf } from './gram.ts'

/**
 * Many patterns over many texts. One by one that is their product; here each pattern is held against up to 32 texts at once. A table says,
 * for the hash of a piece, which of the texts begin with it, end with it or have it anywhere, as bits of one number; a pattern's candidates
 * are the texts that have all its pieces. Collisions only make more candidates, and every candidate is tried: no answer changes.
 */
export class Patterns {
  private readonly globs: readonly Glob[]
  private readonly written: readonly string[]
  private pieces: readonly Pieces[] | undefined

  constructor(written: readonly string[], globs: readonly Glob[] = written.map(compileGlob)) {
    this.written = written
    this.globs = globs
  }

  /** Those of the texts that any of the patterns covers. */
  covered(texts: readonly string[]): ReadonlySet<string> {
    const covered = new Set<string>()
    this.pieces ??= this.written.map(piecesOf)
    const { pieces, globs } = this
    for (const crowd of crowdsOf(texts)) {
      let open = crowd.everyone
      for (let at = 0; at < pieces.length && open !== 0; at++) {
        const needed = pieces[at]
        if (needed === undefined) continue
        let candidates = crowd.having(needed, open)
        effort.steps++
        for (; candidates !== 0; candidates &= candidates - 1) {
          const bit = candidates & -candidates
          const text = crowd.texts[31 - Math.clz32(bit)] ?? ''
          effort.steps++
          if (globs[at]?.matches(text) !== true) continue
          covered.add(text)
          open &= ~bit
        }
      }
    }
    return covered
  }
}

/** What a text must have if a pattern is to cover it, as hashes; 0 where it need not have any. */
interface Pieces {
  readonly start: number
  readonly end: number
  readonly anywhere: readonly number[]
}

/** So much of a beginning or an end is told apart. */
const mostEdge = 64
const atStart = 0x51ed270b
const atEnd = 0x2545f491

const step = (hash: number, code: number): number => {
  const mixed = Math.imul(hash ^ code, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

function startHash(text: string): number {
  let hash = atStart
  for (let at = 0; at < Math.min(text.length, mostEdge); at++) hash = step(hash, text.charCodeAt(at))
  return hash
}

function endHash(text: string): number {
  let hash = atEnd
  for (let at = text.length - 1; at >= Math.max(0, text.length - mostEdge); at--) hash = step(hash, text.charCodeAt(at))
  return hash
}

function piecesOf(pattern: string): Pieces {
  const runs = pattern.split(/[*?]/)
  const [head = ''] = runs
  const tail = runs.length > 1 ? (runs[runs.length - 1] ?? '') : ''
  const anywhere = new Set<number>()
  for (const run of runs.slice(1, -1).sort((a, b) => b.length - a.length)) {
    if (anywhere.size >= mostAnywhere) break
    if (run !== '') for (const hash of gramsOf(run)) anywhere.add(hash)
  }
  return {
    start: head === '' ? 0 : startHash(head),
    end: tail === '' ? 0 : endHash(tail),
    anywhere: [...anywhere],
  }
}
const mostAnywhere = 8

/** Up to 32 texts, and who of them has which piece. */
class Crowd {
  readonly texts: readonly string[]
  readonly everyone: number
  private readonly edges: Int32Array
  private grams: Int32Array | undefined

  constructor(texts: readonly string[]) {
    this.texts = texts
    this.everyone = texts.length === 32 ? -1 : (1 << texts.length) - 1
    let entries = 0
    for (const { length } of texts) entries += 2 * Math.min(length, mostEdge)
    this.edges = tableFor(entries)
    const mask = this.edges.length - 1
    const { edges } = this
    for (const [index, text] of texts.entries()) {
      const bit = 1 << index
      const most = Math.min(text.length, mostEdge)
      let start = atStart
      let end = atEnd
      for (let at = 0; at < most; at++) {
        start = step(start, text.charCodeAt(at))
        end = step(end, text.charCodeAt(text.length - 1 - at))
        edges[start & mask] = (edges[start & mask] ?? 0) | bit
        edges[end & mask] = (edges[end & mask] ?? 0) | bit
      }
    }
  }

  /** Of the texts among `bits`, those that have all the pieces. */
  having({ start, end, anywhere }: Pieces, bits: number): number {
    const { edges } = this
    let having = bits
    if (start !== 0) having &= edges[start & (edges.length - 1)] ?? 0
    if (having !== 0 && end !== 0) having &= edges[end & (edges.length - 1)] ?? 0
    if (having === 0 || anywhere.length === 0) return having
    this.grams ??= gramTable(this.texts)
    const { grams } = this
    for (const hash of anywhere) having &= grams[hash & (grams.length - 1)] ?? 0
    return having
  }
}

function gramTable(texts: readonly string[]): Int32Array {
  let entries = 0
  for (const { length } of texts) entries += 6 * length
  const table = tableFor(entries)
  const mask = table.length - 1
  for (const [index, text] of texts.entries()) {
    const bit = 1 << index
    everyGram(text, (hash) => {
      table[hash & mask] = (table[hash & mask] ?? 0) | bit
    })
  }
  return table
}

/** Four places for every entry, between a kilobyte and a megabyte. */
function tableFor(entries: number): Int32Array {
  let size = 256
  while (size < entries * 4 && size < 262_144) size *= 2
  return new Int32Array(size)
}

/** The same values are asked about by one policy after the other. Crowds are a function of them, so keeping the last changes no answer. */
let last: { readonly texts: readonly string[]; readonly crowds: readonly Crowd[] } = { texts: [], crowds: [] }

function crowdsOf(texts: readonly string[]): readonly Crowd[] {
  if (last.texts.length === texts.length && last.texts.every((text, at) => text === texts[at])) return last.crowds
  const crowds: Crowd[] = []
  for (let from = 0; from < texts.length; from += 32) crowds.push(new Crowd(texts.slice(from, from + 32)))
  last = { texts: [...texts], crowds }
  return crowds
}
