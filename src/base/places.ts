import { clearBit, keep, nextBit, setBit } from './bits.ts'
import { effort } from './effort.ts'
import { type Chunk, type Glob, runsOf } from './glob.ts'
import { Suffixes } from './suffix.ts'

/** What stands before, between and behind the texts. No character of theirs has this code. */
const edge = 0x10000

/**
 * Texts made ready to be asked by many globs: one after the other with edges between them, and an index over the whole. A chunk is
 * looked up in the index, in as many steps as it has characters, and its next place in a few more, however long the texts are.
 */
export class Places {
  private readonly codes: Int32Array
  /** Where the edge before each text stands, and the one behind the last. */
  private readonly edges: Int32Array
  /** For every place which text it is in, its leading edge included. */
  private readonly owners: Int32Array
  private readonly suffixes: Suffixes
  private readonly longest: number
  private readonly atEdge: number
  /** To work in. */
  private readonly open: Int32Array

  /** The glob that was looked up last: for each chunk the node of what it is found by, where that ends, and its places. */
  private chunks: readonly Chunk[] = []
  private readonly nodes: number[] = []
  /** Counted from the chunk's first character. */
  private readonly endsAt: number[] = []
  private readonly sets: (Int32Array | undefined)[] = []
  /** The nodes of all its runs, where a chunk has holes. */
  private readonly runs: (readonly number[] | undefined)[] = []

  /** For each chunk without holes, the texts that have it; only when many are asked. */
  private readonly held: (Holders | undefined)[] = []

  /** Which texts a node's pieces stand in, and which are at least so long, as bits. */
  private readonly holders = new Map<number, Holders>()
  private readonly longer = new Map<number, Int32Array>()

  constructor(texts: readonly string[]) {
    let length = 1
    let longest = 0
    for (const text of texts) {
      length += text.length + 1
      longest = Math.max(longest, text.length)
    }
    this.longest = longest
    this.codes = new Int32Array(length)
    this.owners = new Int32Array(length)
    this.edges = new Int32Array(texts.length + 1)
    let place = 0
    for (const [owner, text] of texts.entries()) {
      this.edges[owner] = place
      this.owners[place] = owner
      this.codes[place++] = edge
      for (let at = 0; at < text.length; at++) {
        this.owners[place] = owner
        this.codes[place++] = text.charCodeAt(at)
      }
    }
    this.edges[texts.length] = place
    this.owners[place] = texts.length
    this.codes[place] = edge
    this.suffixes = new Suffixes(this.codes)
    this.atEdge = this.suffixes.after(0, edge)
    this.open = new Int32Array(this.suffixes.words)
  }

  /** Looks a glob's chunks up. `false` where one of them stands nowhere, so that the glob covers no text. */
  find(glob: Glob): boolean {
    if (glob.least > this.longest) return false
    const { chunks } = glob
    this.chunks = chunks
    for (let at = 0; at < chunks.length; at++) {
      const chunk = chunks[at]
      if (chunk === undefined) break
      this.sets[at] = undefined
      this.runs[at] = undefined
      if (chunk.holes !== undefined) {
        if (!this.findHoled(chunk, at)) return false
        continue
      }
      const node = this.nodeOf(chunk.text, chunk.atStart, chunk.atEnd)
      if (node < 0) return false
      this.nodes[at] = node
      this.endsAt[at] = chunk.atEnd ? chunk.text.length : chunk.text.length - 1
    }
    return true
  }

  /** A chunk with holes is found by the rarest of its runs. */
  private findHoled(chunk: Chunk, at: number): boolean {
    const nodes: number[] = []
    let fewest = this.suffixes.length + 1
    for (const { text, atStart, atEnd, endsAt } of runsOf(chunk)) {
      const node = this.nodeOf(text, atStart, atEnd)
      if (node < 0) return false
      nodes.push(node)
      const count = this.suffixes.count(node)
      if (count >= fewest) continue
      fewest = count
      this.nodes[at] = node
      this.endsAt[at] = endsAt
    }
    this.runs[at] = nodes
    return true
  }

  private nodeOf(text: string, atStart: boolean, atEnd: boolean): number {
    const { suffixes } = this
    let node = atStart ? this.atEdge : 0
    let at = 0
    while (at < text.length && node >= 0) node = suffixes.after(node, text.charCodeAt(at++))
    effort.steps += at + 1
    return atEnd && node >= 0 ? suffixes.after(node, edge) : node
  }

  /** Of the texts whose bits are set, keeps those that the glob covers which was looked up last. Answers whether any is left. */
  narrow(open: Int32Array, least: number): boolean {
    const { chunks } = this
    let left = keep(open, this.longerThan(least))
    let ordered =
      chunks.length === 1 || (chunks.length === 2 && chunks[0]?.atStart === true && chunks[1]?.atEnd === true)
    for (let at = 0; at < chunks.length && left; at++) {
      const holders = this.runs[at] === undefined ? this.holdersOf(this.nodes[at] ?? 0) : undefined
      this.held[at] = holders
      if (holders === undefined) ordered = false
      else left = keep(open, holders.texts)
    }
    // All chunks are there. In which order, each text has to be asked.
    if (!left || ordered) return left
    left = false
    for (let text = nextBit(open, 0); text >= 0; text = nextBit(open, text + 1)) {
      if (this.inOrder(text)) left = true
      else clearBit(open, text)
    }
    return left
  }

  /** Whether a text that has all chunks without holes has all of them, in their order. */
  private inOrder(text: number): boolean {
    const { chunks } = this
    effort.steps++
    const end = this.edges[text + 1] ?? 0
    let at = (this.edges[text] ?? 0) + 1
    const last = chunks.length - 1
    for (let index = 0; index <= last; index++) {
      const holders = this.held[index]
      const endsAt = this.endsAt[index] ?? 0
      const width = chunks[index]?.text.length ?? 0
      if (holders !== undefined && index === 0) at = (holders.first[text] ?? 0) - endsAt + width
      else if (holders !== undefined && (holders.last[text] ?? 0) < at + endsAt) return false
      else if (holders === undefined || index < last) {
        const place = this.next(index, at)
        at = place + width
        if (place < 0 || at > end) return false
      }
    }
    return true
  }

  private longerThan(least: number): Int32Array {
    const known = this.longer.get(least)
    if (known !== undefined) return known
    const { edges } = this
    const longer = new Int32Array(Math.ceil((edges.length - 1) / 32))
    for (let at = 0; at + 1 < edges.length; at++) {
      if ((edges[at + 1] ?? 0) - (edges[at] ?? 0) > least) setBit(longer, at)
    }
    effort.steps += edges.length
    this.longer.set(least, longer)
    return longer
  }

  private holdersOf(node: number): Holders {
    const known = this.holders.get(node)
    if (known !== undefined) return known
    const { owners, suffixes } = this
    const count = this.edges.length - 1
    const holders = {
      texts: new Int32Array(Math.ceil(count / 32)),
      first: new Int32Array(count).fill(this.codes.length),
      last: new Int32Array(count).fill(-1),
    }
    // The edge behind a text is the one before the next.
    const back = this.codes[suffixes.lowest(node)] === edge ? 1 : 0
    const ends = suffixes.placesOf(node)
    for (const end of ends) {
      const text = owners[end - back] ?? 0
      setBit(holders.texts, text)
      holders.first[text] = Math.min(holders.first[text] ?? 0, end)
      holders.last[text] = Math.max(holders.last[text] ?? 0, end)
    }
    effort.steps += ends.length + count
    if (this.holders.size * count >= mostHolders) this.holders.clear()
    this.holders.set(node, holders)
    return holders
  }

  /** Whether the first text is covered by the glob that was looked up last. For one text this is quicker. */
  covered(): boolean {
    const end = this.edges[1] ?? 0
    let at = 1
    for (let index = 0; index < this.chunks.length; index++) {
      const place = this.next(index, at)
      at = place + (this.chunks[index]?.text.length ?? 0)
      if (place < 0 || at > end) return false
    }
    return true
  }

  /** The first place at or after `from` where a chunk stands inside one text, or -1. */
  private next(index: number, from: number): number {
    const chunk = this.chunks[index]
    if (chunk === undefined) return -1
    const node = this.nodes[index] ?? 0
    const endsAt = this.endsAt[index] ?? 0
    const runs = this.runs[index]
    if (runs === undefined) {
      const end = this.nextEnd(index, from + endsAt)
      return end < 0 ? -1 : end - endsAt
    }
    const few = this.suffixes.few(node)
    for (let at = from; at < this.codes.length; ) {
      const place = few ? this.nextOfFew(chunk, node, endsAt, at) : this.nextOfMany(chunk, runs, at)
      if (place < 0) return -1
      const end = this.edges[(this.owners[place - 1] ?? 0) + 1] ?? 0
      if (place + chunk.text.length <= end) return place
      // Holes must not run over an edge, and from all later places in this text they do as well.
      at = end + 1
    }
    return -1
  }

  /** The first place at or after `from` where what a chunk is found by ends, or -1. */
  private nextEnd(index: number, from: number): number {
    const { suffixes } = this
    const node = this.nodes[index] ?? 0
    const lowest = suffixes.lowest(node)
    if (from <= lowest) return lowest
    const highest = suffixes.highest(node)
    if (from >= highest) return from === highest ? from : -1
    if (suffixes.few(node)) return suffixes.nextOfFew(node, from)
    let set = this.sets[index]
    if (set === undefined) {
      set = suffixes.setOf(node)
      this.sets[index] = set
    }
    return suffixes.nextIn(set, from)
  }

  /** A run stands at few places: they are tried. */
  private nextOfFew(chunk: Chunk, node: number, endsAt: number, at: number): number {
    let next = -1
    for (const end of this.suffixes.placesOf(node)) {
      const place = end - endsAt
      if (place >= at && (next < 0 || place < next) && this.standsAt(chunk, place)) next = place
    }
    return next
  }

  private standsAt({ text, holes, atStart, atEnd }: Chunk, place: number): boolean {
    const { codes } = this
    if (atStart && codes[place - 1] !== edge) return false
    if (atEnd && codes[place + text.length] !== edge) return false
    let hole = 0
    for (let at = 0; at < text.length; at++) {
      effort.steps++
      if (holes?.[hole] === at) hole++
      else if (codes[place + at] !== text.charCodeAt(at)) return false
    }
    return true
  }

  /** All runs stand at many places: 32 of them are tried in one step, and a stretch of the text run by run, each longer than the last. */
  private nextOfMany(chunk: Chunk, nodes: readonly number[], from: number): number {
    const runs = runsOf(chunk)
    const { suffixes, open } = this
    let words = suffixes.words
    for (const { endsAt } of runs) words = Math.min(words, suffixes.words - (endsAt >> 5))
    let stretch = 8
    for (let begin = from >>> 5; begin < words; begin += stretch, stretch *= 2) {
      const end = Math.min(words, begin + stretch)
      open.fill(-1, begin, end)
      if (begin === from >>> 5) open[begin] = -1 << (from & 31)
      let left = -1
      for (let run = 0; run < nodes.length && left !== 0; run++) {
        const endsAt = runs[run]?.endsAt ?? 0
        left = keepShifted(open, begin, end, suffixes.setOf(nodes[run] ?? 0), endsAt)
        effort.steps += end - begin
      }
      if (left === 0) continue
      const place = nextBit(open, begin * 32)
      if (place >= 0) return place
    }
    return -1
  }
}

/** Keeps of some words what a set has `by` places later. Answers whether anything is left: not 0. */
function keepShifted(open: Int32Array, begin: number, end: number, set: Int32Array, by: number): number {
  const shift = by & 31
  const up = 31 - shift
  // The first word of a set is empty, for an edge stands one place before its chunk.
  const offset = (by >> 5) + 1
  let left = 0
  let low = set[begin + offset] ?? 0
  for (let word = begin; word < end; word++) {
    const high = set[word + offset + 1] ?? 0
    const both = (open[word] ?? 0) & ((low >>> shift) | ((high << 1) << up))
    open[word] = both
    left |= both
    low = high
  }
  return left
}

/** The texts that have a piece, as bits, and for each of them the first place where it ends and the last. */
interface Holders {
  readonly texts: Int32Array
  readonly first: Int32Array
  readonly last: Int32Array
}

const mostHolders = 1_048_576
