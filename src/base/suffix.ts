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

  private steps = 0
  private readonly origin: Int32Array
  private readonly code: Int32Array
  private readonly target: Int32Array
  /** The next step from the same node, and the latest from each. */
  private readonly sibling: Int32Array
  private readonly latest: Int32Array
  /** Steps by origin and code, as their number and one; 0 is free. */
  private table: Int32Array

  /** The places where a node's pieces end stand side by side in `ends`: so many, from here on; the smallest and the largest of them. */
  private readonly ends: Int32Array
  private readonly counts: Int32Array
  private readonly begins: Int32Array
  private readonly lowests: Int32Array
  private readonly highests: Int32Array

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
    this.origin = new Int32Array(steps)
    this.code = new Int32Array(steps)
    this.target = new Int32Array(steps)
    this.sibling = new Int32Array(steps)
    let size = 64
    while (size < 2 * steps) size *= 2
    this.table = new Int32Array(size)
    let last = 0
    for (let at = 0; at < length; at++) last = this.append(last, codes[at] ?? 0, at)

    this.ends = new Int32Array(length)
    this.counts = new Int32Array(this.nodes)
    this.begins = new Int32Array(this.nodes)
    this.lowests = new Int32Array(this.nodes).fill(length)
    this.highests = new Int32Array(this.nodes).fill(-1)
    this.words = Math.ceil(length / 32)
    this.summary = this.words + 2
    this.gather()
    effort.steps += 4 * length
  }

  /** The node of a piece that is one character longer, or -1 where it stands nowhere. */
  after(node: number, code: number): number {
    const step = this.stepOf(node, code)
    return step < 0 ? -1 : (this.target[step] ?? -1)
  }

  /** How often a piece stands in the text. */
  count(node: number): number {
    return this.counts[node] ?? 0
  }

  /** The first place at which a piece ends, and the last. */
  lowest(node: number): number {
    return this.lowests[node] ?? -1
  }
  highest(node: number): number {
    return this.highests[node] ?? -1
  }

  /** Whether a piece stands so seldom that its places are better tried one by one. */
  few(node: number): boolean {
    return (this.counts[node] ?? 0) <= fewPlaces
  }

  /** The places where a piece ends, in no order. */
  placesOf(node: number): Int32Array {
    const begin = this.begins[node] ?? 0
    return this.ends.subarray(begin, begin + (this.counts[node] ?? 0))
  }

  /**
   * The places where a piece ends, as bits. The first word is empty, and so is one behind the last: whoever shifts a set reads over
   * its edges. Behind them stands a summary, a bit for each word that is not empty.
   */
  setOf(node: number): Int32Array {
    const known = this.sets.get(node)
    if (known !== undefined) return known
    const set = new Int32Array(this.summary + Math.ceil(this.words / 32))
    const begin = this.begins[node] ?? 0
    const end = begin + (this.counts[node] ?? 0)
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
    const begin = this.begins[node] ?? 0
    const end = begin + (this.counts[node] ?? 0)
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
    const { links, depths, target } = this
    const made = this.nodes++
    depths[made] = (depths[last] ?? 0) + 1
    this.own[made] = place
    let node = last
    let step = -1
    while (node >= 0) {
      step = this.stepOf(node, code)
      if (step >= 0) break
      this.addStep(node, code, made)
      node = links[node] ?? -1
    }
    if (node < 0) {
      links[made] = 0
      return made
    }
    const found = target[step] ?? 0
    if ((depths[node] ?? 0) + 1 === depths[found]) {
      links[made] = found
      return made
    }
    // The shorter pieces of the node that was found now stand at one more place than its longer ones.
    const split = this.nodes++
    depths[split] = (depths[node] ?? 0) + 1
    links[split] = links[found] ?? -1
    for (let at = this.latest[found] ?? -1; at >= 0; at = this.sibling[at] ?? -1) {
      this.addStep(split, this.code[at] ?? 0, target[at] ?? 0)
    }
    while (node >= 0) {
      step = this.stepOf(node, code)
      if (step < 0 || target[step] !== found) break
      target[step] = split
      node = links[node] ?? -1
    }
    links[found] = split
    links[made] = split
    return made
  }

  private stepOf(node: number, code: number): number {
    const { table, origin } = this
    const mask = table.length - 1
    for (let slot = slotOf(node, code); ; slot++) {
      const step = (table[slot & mask] ?? 0) - 1
      if (step < 0) return -1
      if (origin[step] === node && this.code[step] === code) return step
    }
  }

  private addStep(node: number, code: number, to: number): void {
    const step = this.steps++
    this.origin[step] = node
    this.code[step] = code
    this.target[step] = to
    this.sibling[step] = this.latest[node] ?? -1
    this.latest[node] = step
    this.enter(step)
  }

  private enter(step: number): void {
    const { table } = this
    const mask = table.length - 1
    const first = slotOf(this.origin[step] ?? 0, this.code[step] ?? 0)
    let slot = first
    while (table[slot & mask] !== 0) slot++
    table[slot & mask] = step + 1
    // Whoever writes the text must not be able to crowd the table at one place.
    if (slot - first < mostProbes || table.length >= 64 * this.origin.length) return
    this.table = new Int32Array(table.length * 2)
    for (let each = 0; each <= step; each++) this.enter(each)
  }

  /** A node's pieces end where its own longest one does, and where those of the nodes that link to it do. */
  private gather(): void {
    const { nodes, links, own, counts, begins, lowests, highests } = this
    const byDepth = this.byDepth()
    for (let at = nodes - 1; at >= 0; at--) {
      const node = byDepth[at] ?? 0
      const place = own[node] ?? -1
      if (place >= 0) {
        counts[node] = (counts[node] ?? 0) + 1
        lowests[node] = Math.min(lowests[node] ?? 0, place)
        highests[node] = Math.max(highests[node] ?? 0, place)
      }
      const link = links[node] ?? -1
      if (link < 0) continue
      counts[link] = (counts[link] ?? 0) + (counts[node] ?? 0)
      lowests[link] = Math.min(lowests[link] ?? 0, lowests[node] ?? 0)
      highests[link] = Math.max(highests[link] ?? 0, highests[node] ?? 0)
    }
    const free = new Int32Array(nodes)
    for (let at = 0; at < nodes; at++) {
      const node = byDepth[at] ?? 0
      const link = links[node] ?? -1
      if (link >= 0) {
        begins[node] = free[link] ?? 0
        free[link] = (free[link] ?? 0) + (counts[node] ?? 0)
      }
      free[node] = begins[node] ?? 0
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
/** Sixteen megabytes of sets. */
const mostWords = 4_194_304

function slotOf(node: number, code: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(code, 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) >>> 1
}
