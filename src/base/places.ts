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

  private chunks: readonly Chunk[] = []
  /** For each chunk the node of what it is looked up by, and where that ends, from the chunk's first character. */
  private readonly nodes: number[] = []
  private readonly endsAt: number[] = []
  /** For each chunk that has holes, where its other runs stand. */
  private readonly holed: (readonly Found[] | undefined)[] = []

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
  }

  /** Looks a glob's chunks up. `false` where one of them stands nowhere, so that the glob covers no text. */
  find(glob: Glob): boolean {
    if (glob.least > this.longest) return false
    const { chunks } = glob
    this.chunks = chunks
    for (let at = 0; at < chunks.length; at++) {
      const chunk = chunks[at]
      if (chunk === undefined) break
      if (chunk.holes === undefined) {
        const node = this.nodeOf(chunk.text, chunk.atStart, chunk.atEnd)
        if (node < 0) return false
        this.nodes[at] = node
        this.endsAt[at] = chunk.atEnd ? chunk.text.length : chunk.text.length - 1
        this.holed[at] = undefined
        continue
      }
      const found = this.findHoled(chunk)
      const [rarest] = found
      if (rarest === undefined) return false
      this.nodes[at] = rarest.node
      this.endsAt[at] = rarest.endsAt
      this.holed[at] = found
    }
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

  /** All runs of a chunk, the rarest first, or none if one of them stands nowhere. */
  private findHoled(chunk: Chunk): readonly Found[] {
    const found: Found[] = []
    for (const { text, atStart, atEnd, endsAt } of runsOf(chunk)) {
      const node = this.nodeOf(text, atStart, atEnd)
      if (node < 0) return []
      found.push({ node, endsAt, count: this.suffixes.count(node) })
    }
    return found.sort((a, b) => a.count - b.count)
  }

  /**
   * The first text from `from` on that the glob covers which was looked up last, or -1. Where a chunk is not in the text that the
   * first one was found in, none of the texts before the chunk's next place is covered.
   */
  covered(from: number): number {
    const { chunks, edges, owners } = this
    let text = from
    for (let tried = 0; ; ) {
      let at = (edges[text] ?? 0) + 1
      for (tried = 0; tried < chunks.length; tried++) {
        const chunk = chunks[tried]
        if (chunk === undefined) return -1
        const place = this.next(chunk, tried, at)
        if (place < 0) return -1
        const owner = owners[place - 1] ?? 0
        at = place + chunk.text.length
        if (owner === text) continue
        text = owner
        if (tried > 0) break
      }
      if (tried === chunks.length) return text
    }
  }

  /** The first place at or after `from` where a chunk stands inside one text, or -1. */
  private next(chunk: Chunk, index: number, from: number): number {
    const node = this.nodes[index] ?? 0
    const endsAt = this.endsAt[index] ?? 0
    const found = this.holed[index]
    if (found === undefined) {
      const end = this.suffixes.next(node, from + endsAt)
      return end < 0 ? -1 : end - endsAt
    }
    const few = this.suffixes.few(node)
    for (let at = from; at < this.codes.length; ) {
      const place = few ? this.nextOfFew(chunk, node, endsAt, at) : this.nextOfMany(found, at)
      if (place < 0) return -1
      const end = this.edges[(this.owners[place - 1] ?? 0) + 1] ?? 0
      if (place + chunk.text.length <= end) return place
      // Holes must not run over an edge, and from all later places in this text they do as well.
      at = end + 1
    }
    return -1
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

  /** All runs stand at many places: 32 of them are tried in one step, in all that the rarest leaves open. */
  private nextOfMany(found: readonly Found[], at: number): number {
    const sets = found.map(({ node }) => this.suffixes.setOf(node))
    const words = Math.ceil(this.codes.length / 32)
    let steps = 0
    let open = -1 << (at & 31)
    for (let word = at >>> 5; word < words; word++) {
      for (let run = 0; run < sets.length && open !== 0; run++) {
        steps++
        open &= shifted(sets[run], word * 32 + (found[run]?.endsAt ?? 0), words)
      }
      if (open !== 0) {
        effort.steps += steps
        return word * 32 + 31 - Math.clz32(open & -open)
      }
      open = -1
    }
    effort.steps += steps
    return -1
  }
}

interface Found {
  readonly node: number
  readonly endsAt: number
  readonly count: number
}

/** The 32 bits of a set from a place on, which may be one before the first. Behind the last of them all are 0. */
function shifted(set: Int32Array | undefined, from: number, words: number): number {
  const index = (from >> 5) + 1
  if (set === undefined || index > words) return 0
  const shift = from & 31
  const low = (set[index] ?? 0) >>> shift
  return shift === 0 ? low : low | ((set[index + 1] ?? 0) << (32 - shift))
}
