import { type Attribute, attributesOf } from './attribute.ts'
import { fortyBits } from './chain.ts'
import { entryOf } from './line.ts'
import { VarintReader, VarintWriter } from './varint.ts'

/**
 * An index over what was sealed in some segments of a chain: which of their blocks hold records with a certain attribute. A file
 * is written once, in the order of its keys, and never changed; several are put together to one by merging. So adding to the index
 * costs the same however large it is.
 */
export interface IndexFile {
  readonly node: string
  /** The segments that it covers, both included. */
  readonly first: number
  readonly last: number
}

export interface IndexHead {
  /** When its oldest and its newest record happened. */
  readonly from: number
  readonly until: number
  /** Keys, and so about how much it takes to merge it. */
  readonly keys: number
  /** In so many parts, a power of two, its keys are divided by their first bits. */
  readonly parts: number
  readonly blocks: readonly BlockSpan[]
}

/** A block, by the place of its last record, and the times of its records. */
export interface BlockSpan {
  readonly high: number
  readonly from: number
  readonly until: number
}

/** Which blocks of a file hold a key: their ordinals, rising. */
export type Posting = readonly [key: number, blocks: readonly number[]]

/** Keys are so many; that a lookup meets another's by chance costs the reading of one block. */
const keySpace = 2 ** 40
/** In one part, about. */
const keysInPart = 1024

/**
 * What a record of an account is found under. It is a hash, so that nothing of what is looked for stands in the index; without
 * an attribute the key is that of all the account's records.
 */
export const keyOf = (account: string, attribute?: Attribute): number => fortyBits(keyText(account, attribute))

const keyText = (account: string, attribute: Attribute | undefined): string =>
  attribute === undefined ? account : `${account}\t${attribute.name}\t${attribute.value}`

export const partsFor = (keys: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(keys / keysInPart)))

/** The part, counted from 1, that a key is in. */
export const partOf = (key: number, parts: number): number => Math.floor(key / (keySpace / parts)) + 1

/** What the authentication code of a part is computed over; the head is part 0. */
export const indexText = ({ node, first, last }: IndexFile, part: number, parts: number, body: string): string =>
  `rolecall audit index 1\t${node}\t${first}\t${last}\t${part}\t${parts}\t${body}`

export function headBody({ from, until, keys, parts, blocks }: IndexHead): string {
  const writer = new VarintWriter()
  let high = 0
  let at = from
  for (const block of blocks) {
    writer.write(block.high - high)
    writer.writeSigned(block.from - at)
    writer.write(block.until - block.from)
    high = block.high
    at = block.until
  }
  return `${from} ${until} ${keys} ${parts} ${blocks.length} ${writer.take()}`
}

/** Reads what `headBody` wrote. */
export function headOf(body: string): IndexHead {
  const [from = 0, until = 0, keys = 0, parts = 1, count = 0] = body.split(' ', 5).map(Number)
  const reader = new VarintReader(body.slice(body.lastIndexOf(' ') + 1))
  const blocks: BlockSpan[] = []
  let high = 0
  let at = from
  for (let number = 0; number < count; number++) {
    high += reader.read()
    const begin = at + reader.readSigned()
    at = begin + reader.read()
    blocks.push({ high, from: begin, until: at })
  }
  return { from, until, keys, parts, blocks }
}

/** How many parts a head says that there are, without reading the rest. */
export const partsIn = (body: string): number => Number(body.split(' ', 4)[3])

/** Writes the parts of a file from its postings, which come in the order of their keys. */
export class PartWriter {
  readonly #width: number
  readonly #writer = new VarintWriter()
  #part = 1
  #last = 0

  constructor(parts: number) {
    this.#width = keySpace / parts
  }

  /** Answers the parts that are full now: those before the key's own. */
  *add([key, blocks]: Posting): Iterable<string> {
    const part = Math.floor(key / this.#width) + 1
    while (this.#part < part) yield this.next()
    const [first = 0, ...more] = blocks
    // One bit says whether there is one block, as for most there is, or a number of them.
    this.#writer.write((key - this.#last) * 2 + (more.length > 0 ? 1 : 0))
    if (more.length > 0) this.#writer.write(blocks.length)
    this.#writer.write(first)
    let last = first
    for (const block of more) {
      this.#writer.write(block - last - 1)
      last = block
    }
    this.#last = key
  }

  /** The part that is being written, which ends with this. */
  next(): string {
    const body = this.#writer.take()
    this.#last = this.#part * this.#width
    this.#part++
    return body
  }
}

/** The postings of a part, in the order of their keys. */
export function* postingsIn(body: string, part: number, parts: number): Iterable<Posting> {
  const reader = new VarintReader(body)
  let key = (part - 1) * (keySpace / parts)
  while (!reader.done) {
    const step = reader.read()
    key += Math.floor(step / 2)
    const count = step % 2 === 0 ? 1 : reader.read()
    const blocks = [reader.read()]
    for (let at = 1; at < count; at++) blocks.push((blocks[at - 1] ?? 0) + 1 + reader.read())
    yield [key, blocks]
  }
}

/** The blocks of one key in the part where it belongs. */
export function blocksIn(body: string, part: number, parts: number, wanted: number): readonly number[] {
  for (const [key, blocks] of postingsIn(body, part, parts)) {
    if (key === wanted) return blocks
    if (key > wanted) break
  }
  return []
}

/** Gathers what blocks hold, one after the other, for a file over all of them. */
export class IndexBuilder {
  readonly #postings = new Map<number, number[]>()
  readonly #blocks: BlockSpan[] = []
  /** Most of what records say, they all say: each is hashed once. */
  readonly #keys = new Map<string, number>()

  /** The lines of the next block, and the place of its last record. */
  block(high: number, lines: Iterable<string>): void {
    const ordinal = this.#blocks.length
    let from = Number.POSITIVE_INFINITY
    let until = Number.NEGATIVE_INFINITY
    for (const line of lines) {
      const entry = entryOf(line)
      const { account, at } = entry
      from = Math.min(from, at)
      until = Math.max(until, at)
      this.#put(keyText(account, undefined), ordinal)
      for (const attribute of attributesOf(entry)) this.#put(keyText(account, attribute), ordinal)
    }
    this.#blocks.push({ high, from, until })
  }

  /** Head and parts of the file over everything that was gathered. */
  file(): { readonly head: IndexHead; readonly parts: readonly string[] } {
    const parts = partsFor(this.#postings.size)
    const writer = new PartWriter(parts)
    const bodies: string[] = []
    for (const key of Float64Array.from(this.#postings.keys()).sort())
      for (const body of writer.add([key, this.#postings.get(key) ?? []])) bodies.push(body)
    while (bodies.length < parts) bodies.push(writer.next())
    return { head: headOver(this.#blocks, this.#postings.size, parts), parts: bodies }
  }

  #put(text: string, ordinal: number): void {
    let key = this.#keys.get(text)
    if (key === undefined) {
      key = fortyBits(text)
      this.#keys.set(text, key)
    }
    const blocks = this.#postings.get(key)
    if (blocks === undefined) this.#postings.set(key, [ordinal])
    else if (blocks.at(-1) !== ordinal) blocks.push(ordinal)
  }
}

export function headOver(blocks: readonly BlockSpan[], keys: number, parts: number): IndexHead {
  let from = Number.POSITIVE_INFINITY
  let until = Number.NEGATIVE_INFINITY
  for (const block of blocks) {
    from = Math.min(from, block.from)
    until = Math.max(until, block.until)
  }
  return { from, until, keys, parts, blocks }
}
