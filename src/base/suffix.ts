import { lowestBit, setBit } from './bits.ts'
import { effort } from './effort.ts'

/**
 * Where every piece of a text stands: the suffix automaton (Blumer and others, 1985). A node stands for all pieces that end at the
 * same places, and a piece is found by walking its characters from node 0. It is made in linear time, with at most two nodes and
 * three steps between them for each character of the text.
 */
export class Suffixes {
  /** How many characters the text has. */
  readonly length: number

  private nodes = 1
  private readonly links: Int32Array
  private readonly depths: Int32Array
  /** The text up to here is the longest piece of the node; -1 for nodes that were split off another. */
  private readonly own: Int32Array

  /**
   * The steps between nodes, by node and code: four numbers for each, which are the node and one, the code and the node that it leads to.
   * What is asked together stands together here and below, for most of the time goes into fetching it.
   */
  private table: Int32Array
  private slots: number
  private steps = 0
  /** The codes of each node's steps, as lists: the latest step, and for every step its code and the one before it. */
  private readonly latest: Int32Array
  private readonly code: Int32Array
  private readonly before: Int32Array

  /** The places where pieces end. Those of a node stand side by side. */
  private readonly ends: Int32Array
  /** For each node, where its places begin and how many there are, the smallest and the largest. */
  private readonly spans: Int32Array

  private readonly sets = new Map<number, Int32Array>()
  /** Of a set, without the empty ones at its edges. */
  readonly words: number
  private readonly summary: number

  constructor(codes: Int32Array) {
    const { length } = codes
    this.length = length
    const nodes = 2 * length + 2
    this.links = new Int32Array(nodes).fill(-1)
    this.depths = new Int32Array(nodes)
    this.own = new Int32Array(nodes).fill(-1)
    this.latest = new Int32Array(nodes).fill(-1)
    const steps = 3 * length + 4
    this.code = new Int32Array(steps)
    this.before = new Int32Array(steps)
    this.slots = 256
    this.table = new Int32Array(this.slots * 4)
    let last = 0
    for (let at = 0; at < length; at++) last = this.append(last, codes[at] ?? 0, at)

    this.ends = new Int32Array(length)
    this.spans = new Int32Array(this.nodes * 4)
    this.words = Math.ceil(length / 32)
    this.summary = this.words + 2
    this.gather()
    effort.steps += 4 * length
  }

  /** The node of a piece that is one character longer, or -1 where it stands nowhere. */
  after(node: number, code: number): number {
    const slot = this.slotOf(node, code)
    return this.table[slot] === 0 ? -1 : (this.table[slot + 2] ?? -1)
  }

  /** How often a piece stands in the text. */
  count(node: number): number {
    return this.spans[node * 4 + 1] ?? 0
  }

  /** The first place at which a piece ends, and the last. */
  lowest(node: number): number {
    return this.spans[node * 4 + 2] ?? -1
  }
  highest(node: number): number {
    return this.spans[node * 4 + 3] ?? -1
  }

  /** Whether a piece stands so seldom that its places are better tried one by one. */
  few(node: number): boolean {
    return this.count(node) <= fewPlaces
  }

  /** The places where a piece ends, in no order. */
  placesOf(node: number): Int32Array {
    const begin = this.spans[node * 4] ?? 0
    return this.ends.subarray(begin, begin + this.count(node))
  }

  /**
   * The places where a piece ends, as bits. The first word is empty, and so is one behind the last: whoever shifts a set reads over
   * its edges. Behind them stands a summary, a bit for each word that is not empty.
   */
  setOf(node: number): Int32Array {
    const known = this.sets.get(node)
    if (known !== undefined) return known
    const set = new Int32Array(this.summary + Math.ceil(this.words / 32))
    const begin = this.spans[node * 4] ?? 0
    const end = begin + this.count(node)
    for (let at = begin; at < end; at++) {
      const place = this.ends[at] ?? 0
      setBit(set, place + 32)
    }
    for (let word = 0; word < this.words; word++) {
      if (set[word + 1] !== 0) setBit(set, this.summary * 32 + word)
    }
    effort.steps += end - begin + this.words
    // Sets that are forgotten are made again. Their number is bounded, or a long text could fill the memory.
    if (this.sets.size * set.length >= mostWords) this.sets.clear()
    this.sets.set(node, set)
    return set
  }

  /** The first of a rare piece's places at or after `from`. There must be one. */
  nextOfFew(node: number, from: number): number {
    const begin = this.spans[node * 4] ?? 0
    const end = begin + this.count(node)
    let next = this.length
    for (let at = begin; at < end; at++) {
      const place = this.ends[at] ?? 0
      if (place >= from && place < next) next = place
    }
    effort.steps += end - begin
    return next
  }

  /** The first place of a set at or after `from`. There must be one. */
  nextIn(set: Int32Array, from: number): number {
    let word = from >>> 5
    const bits = (set[word + 1] ?? 0) & (-1 << (from & 31))
    effort.steps++
    if (bits !== 0) return word * 32 + lowestBit(bits)
    word++
    let above = word >>> 5
    let words = (set[this.summary + above] ?? 0) & (-1 << (word & 31))
    while (words === 0 && above * 32 < this.words) {
      words = set[this.summary + ++above] ?? 0
      effort.steps++
    }
    word = above * 32 + lowestBit(words)
    return word * 32 + lowestBit(set[word + 1] ?? 0)
  }

  private append(last: number, code: number, place: number): number {
    const { links, depths } = this
    const made = this.nodes++
    depths[made] = (depths[last] ?? 0) + 1
    this.own[made] = place
    let node = last
    let found = -1
    while (node >= 0) {
      found = this.after(node, code)
      if (found >= 0) break
      this.addStep(node, code, made)
      node = links[node] ?? -1
    }
    if (node < 0) {
      links[made] = 0
      return made
    }
    if ((depths[node] ?? 0) + 1 === depths[found]) {
      links[made] = found
      return made
    }
    // The shorter pieces of the node that was found now stand at one more place than its longer ones.
    const split = this.nodes++
    depths[split] = (depths[node] ?? 0) + 1
    links[split] = links[found] ?? -1
    for (let step = this.latest[found] ?? -1; step >= 0; step = this.before[step] ?? -1) {
      const along = this.code[step] ?? 0
      this.addStep(split, along, this.after(found, along))
    }
    while (node >= 0 && this.after(node, code) === found) {
      this.table[this.slotOf(node, code) + 2] = split
      node = links[node] ?? -1
    }
    links[found] = split
    links[made] = split
    return made
  }

  /** Where in the table a step stands, or would. */
  private slotOf(node: number, code: number): number {
    const { table } = this
    const mask = table.length - 1
    for (let at = hashOf(node, code) & mask; ; at = (at + 4) & mask) {
      const owner = table[at]
      if (owner === 0 || (owner === node + 1 && table[at + 1] === code)) return at
    }
  }

  private addStep(node: number, code: number, to: number): void {
    const step = this.steps++
    this.code[step] = code
    this.before[step] = this.latest[node] ?? -1
    this.latest[node] = step
    this.enter(node, code, to)
  }

  private enter(node: number, code: number, to: number): void {
    const slot = this.slotOf(node, code)
    this.table[slot] = node + 1
    this.table[slot + 1] = code
    this.table[slot + 2] = to
    // Whoever writes the text must not be able to crowd the table at one place.
    const mask = this.table.length - 1
    const away = (slot - (hashOf(node, code) & mask)) & mask
    const crowded = away >= mostProbes * 4 && this.slots < mostSlots * this.before.length
    if (!crowded && this.slots > 2 * this.steps) return
    const full = this.table
    this.slots *= 2
    this.table = new Int32Array(this.slots * 4)
    for (let at = 0; at < full.length; at += 4) {
      const owner = full[at] ?? 0
      if (owner !== 0) this.enter(owner - 1, full[at + 1] ?? 0, full[at + 2] ?? 0)
    }
  }

  /** A node's pieces end where its own longest one does, and where those of the nodes that link to it do. */
  private gather(): void {
    const { nodes, links, own, spans } = this
    const byDepth = this.byDepth()
    for (let node = 0; node < nodes; node++) {
      const place = own[node] ?? -1
      spans[node * 4 + 1] = place < 0 ? 0 : 1
      spans[node * 4 + 2] = place < 0 ? this.length : place
      spans[node * 4 + 3] = place
    }
    for (let at = nodes - 1; at > 0; at--) {
      const from = (byDepth[at] ?? 0) * 4
      const to = (links[byDepth[at] ?? 0] ?? 0) * 4
      spans[to + 1] = (spans[to + 1] ?? 0) + (spans[from + 1] ?? 0)
      spans[to + 2] = Math.min(spans[to + 2] ?? 0, spans[from + 2] ?? 0)
      spans[to + 3] = Math.max(spans[to + 3] ?? 0, spans[from + 3] ?? 0)
    }
    const free = new Int32Array(nodes)
    for (let at = 0; at < nodes; at++) {
      const node = byDepth[at] ?? 0
      const link = links[node] ?? -1
      if (link >= 0) {
        spans[node * 4] = free[link] ?? 0
        free[link] = (free[link] ?? 0) + (spans[node * 4 + 1] ?? 0)
      }
      free[node] = spans[node * 4] ?? 0
      const place = own[node] ?? -1
      if (place < 0) continue
      this.ends[free[node] ?? 0] = place
      free[node] = (free[node] ?? 0) + 1
    }
  }

  private byDepth(): Int32Array {
    const from = new Int32Array(this.length + 2)
    for (let node = 0; node < this.nodes; node++) {
      const depth = (this.depths[node] ?? 0) + 1
      from[depth] = (from[depth] ?? 0) + 1
    }
    for (let depth = 1; depth < from.length; depth++) from[depth] = (from[depth] ?? 0) + (from[depth - 1] ?? 0)
    const sorted = new Int32Array(this.nodes)
    for (let node = 0; node < this.nodes; node++) {
      const depth = this.depths[node] ?? 0
      const at = from[depth] ?? 0
      sorted[at] = node
      from[depth] = at + 1
    }
    return sorted
  }
}

const fewPlaces = 16
const mostProbes = 24
/** So much larger than what is in it a table may become. */
const mostSlots = 64
/** Sixteen megabytes of sets. */
const mostWords = 4_194_304

function hashOf(node: number, code: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(code, 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) << 2
}
