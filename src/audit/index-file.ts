import { type Attribute, type AttributeName, attributesOf } from './attribute.ts'
import { piecesMax } from './block.ts'
import { fortyBits } from './chain.ts'
import { entryOf } from './line.ts'
import { VarintReader, VarintWriter } from './varint.ts'

/**
 * An index over what was sealed in some segments of a chain: which pieces of their blocks hold records with a certain attribute. A file
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

/** Where in a file's blocks a key is: references, rising. */
export type Posting = readonly [key: number, refs: readonly number[]]

/** In a reference, the ordinal of a block stands above a bit for each of its pieces, the lowest for the first. */
const pieceBits = 2 ** piecesMax
export const refOf = (ordinal: number, pieces: number): number => ordinal * pieceBits + pieces
export const ordinalOf = (ref: number): number => Math.floor(ref / pieceBits)
export const piecesOf = (ref: number): number => ref % pieceBits

/** Keys are so many; that a lookup meets another's by chance costs the reading of one block. */
const keySpace = 2 ** 40
/** In one part, about. */
const keysInPart = 1024

/**
 * What a record of an account is found under. It is a hash, so that nothing of what is looked for stands in the index; without
 * an attribute the key is that of all the account's records.
 */
export const keyOf = (account: string, attribute?: Attribute): number =>
  fortyBits(attribute === undefined ? account : `${account}\t${attribute.name}\t${attribute.value}`)

/** What a piece alone is told by. */
const soleBits = Array.from({ length: piecesMax }, (_, piece) => 2 ** piece)

export const partsFor = (keys: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(keys / keysInPart)))

/** The part, counted from 1, that a key is in. */
export const partOf = (key: number, parts: number): number => Math.floor(key / (keySpace / parts)) + 1

/** What the authentication code of a part is computed over; the head is part 0. */
export const indexText = ({ node, first, last }: IndexFile, part: number, parts: number, body: string): string =>
  `rolecall audit index 2\t${node}\t${first}\t${last}\t${part}\t${parts}\t${body}`

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
  *add([key, refs]: Posting): Iterable<string> {
    const part = Math.floor(key / this.#width) + 1
    while (this.#part < part) yield this.next()
    const [first = 0] = refs
    const piece = soleBits.indexOf(piecesOf(first))
    // One bit says whether there is one piece, as for most there is, or a number of blocks.
    const sole = refs.length === 1 && piece >= 0
    this.#writer.write((key - this.#last) * 2 + (sole ? 0 : 1))
    if (sole) this.#writer.write(ordinalOf(first) * piecesMax + piece)
    else {
      this.#writer.write(refs.length)
      let due = 0
      for (const ref of refs) {
        this.#writer.write(ref - refOf(due, 0))
        due = ordinalOf(ref) + 1
      }
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
    yield [key, refsOf(reader, step)]
  }
}

function refsOf(reader: VarintReader, step: number): number[] {
  if (step % 2 === 0) {
    const sole = reader.read()
    return [refOf(Math.floor(sole / piecesMax), soleBits[sole % piecesMax] ?? 0)]
  }
  const count = reader.read()
  const refs: number[] = []
  let due = 0
  for (let at = 0; at < count; at++) {
    const ref = refOf(due, 0) + reader.read()
    refs.push(ref)
    due = ordinalOf(ref) + 1
  }
  return refs
}

/** Where one key is, in the part where it belongs. Those before it are passed over, not read. */
export function refsIn(body: string, part: number, parts: number, wanted: number): readonly number[] {
  const reader = new VarintReader(body)
  let key = (part - 1) * (keySpace / parts)
  while (!reader.done) {
    const step = reader.read()
    key += Math.floor(step / 2)
    if (key === wanted) return refsOf(reader, step)
    if (key > wanted) break
    reader.pass(step % 2 === 0 ? 1 : reader.read())
  }
  return []
}

/** Of these every record has its own: who remembered them would only fill memory. */
const neverAgain: ReadonlySet<string> = new Set<AttributeName>(['EventId', 'RequestId'])

/** Gathers what blocks hold, one after the other, for a file over all of them. */
export class IndexBuilder {
  /** References by key. */
  readonly #postings = new Map<number, number[]>()
  readonly #blocks: BlockSpan[] = []
  /**
   * The same of an account, by attribute's name and value: most of what records say, they all say, and it is hashed once. Three steps,
   * because to put one text together of all three costs more than to take them.
   */
  readonly #known = new Map<string, Map<string, Map<string, number[]>>>()

  /** The next block, by the place of its last record, and the lines of each of its pieces: none where it cannot be read. */
  block(high: number, pieces: readonly (readonly string[])[]): void {
    const ordinal = this.#blocks.length
    let from = Number.POSITIVE_INFINITY
    let until = Number.NEGATIVE_INFINITY
    for (const [piece, lines] of pieces.entries()) {
      const ref = refOf(ordinal, soleBits[piece] ?? 0)
      for (const line of lines) {
        const entry = entryOf(line)
        const { account, at } = entry
        from = Math.min(from, at)
        until = Math.max(until, at)
        this.#put(account, undefined, ref)
        for (const attribute of attributesOf(entry)) this.#put(account, attribute, ref)
      }
    }
    // Whoever reads a time that is none, of a record that was altered, finds nothing at it.
    this.#blocks.push(Number.isSafeInteger(until - from) ? { high, from, until } : { high, from: 0, until: 0 })
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

  #put(account: string, attribute: Attribute | undefined, ref: number): void {
    const { name, value } = attribute ?? { name: '', value: '' }
    const known = neverAgain.has(name) ? undefined : within(within(this.#known, account), name)
    let refs = known?.get(value)
    if (refs === undefined) {
      const key = keyOf(account, attribute)
      refs = this.#postings.get(key)
      if (refs === undefined) {
        // Nearly all stay alone, and one that begins empty takes room for many with its first.
        refs = [ref]
        this.#postings.set(key, refs)
      }
      known?.set(value, refs)
    }
    join(refs, ref)
  }
}

function within<Value>(maps: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  let found = maps.get(name)
  if (found === undefined) {
    found = new Map()
    maps.set(name, found)
  }
  return found
}

/** Takes a piece among references, which rise: it is of the last block that they name, or of a later one. */
function join(refs: number[], ref: number): void {
  const last = refs.at(-1) ?? 0
  if (ordinalOf(last) !== ordinalOf(ref)) refs.push(ref)
  // Numbers beyond 32 bits have no place in bit operations, but what is above the pieces is left out of this one.
  else if ((piecesOf(last) & piecesOf(ref)) === 0) refs[refs.length - 1] = last + piecesOf(ref)
}

export function headOver(blocks: readonly BlockSpan[], keys: number, parts: number): IndexHead {
  let from = Number.POSITIVE_INFINITY
  let until = Number.NEGATIVE_INFINITY
  for (const block of blocks) {
    from = Math.min(from, block.from)
    until = Math.max(until, block.until)
  }
  // Over no blocks at all, as over segments of which none can be read, nothing is found at any time.
  if (blocks.length === 0) from = until = 0
  return { from, until, keys, parts, blocks }
}
