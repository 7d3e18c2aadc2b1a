import type { Engine, Row, Statements } from '../store/engine.ts'
import { numberOf, textOf } from '../store/row.ts'
import { Pieces } from './block.ts'
import { type DigestBlock, digestOf, signedText } from './digest.ts'
import {
  type BlockSpan,
  headBody,
  headOf,
  headOver,
  IndexBuilder,
  type IndexFile,
  type IndexHead,
  indexText,
  PartWriter,
  type Posting,
  partsFor,
  partsIn,
  postingsIn,
  refOf,
} from './index-file.ts'
import type { Signer } from './key.ts'
import { sql } from './sql.ts'

/** Files that are merged into one. */
export const fanout = 16
/** Files with more keys than this in all stay as they are: merging them would save a lookup little and cost much. */
const keysMax = 4 * 1024 * 1024
/** Keys that are merged before others have their turn: some milliseconds' work. */
const keysInTurn = 2048
/** Parts that are read, or written in one transaction. */
const partsAtOnce = 64

/** What the index holds is not what we wrote, or a part of it is missing. */
export class IndexAltered extends Error {
  readonly file: IndexFile
  constructor(file: IndexFile) {
    super(`the index over segments ${file.first} to ${file.last} of chain ${file.node} was altered`)
    this.name = 'IndexAltered'
    this.file = file
  }
}

/** Puts a whole file: its parts, then the head that makes it count. */
export async function putFile(
  statements: Statements,
  file: IndexFile,
  { head, parts }: { readonly head: IndexHead; readonly parts: readonly string[] },
  signer: Signer,
): Promise<void> {
  await Promise.all([
    ...parts.map((body, at) => putPart(statements, file, at + 1, parts.length, body, signer)),
    putHead(statements, file, head, signer),
  ])
}

function putPart(
  statements: Statements,
  file: IndexFile,
  part: number,
  parts: number,
  body: string,
  signer: Signer,
): Promise<number> {
  const { node, first, last } = file
  const mac = signer.code(indexText(file, part, parts, body))
  return statements.run(sql.putIndexPart, [node, first, last, part, mac, body])
}

function putHead(statements: Statements, file: IndexFile, head: IndexHead, signer: Signer): Promise<number> {
  const { node, first, last } = file
  const body = headBody(head)
  return statements.run(sql.putIndexHead, [node, first, last, signer.code(indexText(file, 0, head.parts, body)), body])
}

/** The body of a head or a part, once it is known to be the one that was written. Throws `IndexAltered`. */
export function soundPart(row: Row | undefined, file: IndexFile, part: number, parts: number, signer: Signer): string {
  const { mac, body } = row ?? {}
  if (typeof mac !== 'string' || typeof body !== 'string') throw new IndexAltered(file)
  if (!signer.coded(indexText(file, part, parts, body), mac)) throw new IndexAltered(file)
  return body
}

/** A head, once it is known to be the one that was written. Throws `IndexAltered`. */
export function soundHead(row: Row | undefined, file: IndexFile, signer: Signer): IndexHead {
  const parts = typeof row?.body === 'string' ? partsIn(row.body) : 0
  return headOf(soundPart(row, file, 0, parts, signer))
}

/** Segments of a chain that no file covers, and the files that cover the rest, in their order. */
export function covering<File extends { readonly first: number; readonly last: number }>(
  files: readonly File[],
  segments: number,
): { readonly files: readonly File[]; readonly gaps: readonly { readonly first: number; readonly last: number }[] } {
  const used: File[] = []
  const gaps: { first: number; last: number }[] = []
  let next = 1
  // By their first segment, the longest first: what a longer one covers was merged into it.
  for (const file of [...files].sort((a, b) => a.first - b.first || b.last - a.last)) {
    if (file.first < next || file.last > segments) continue
    if (file.first > next) gaps.push({ first: next, last: file.first - 1 })
    used.push(file)
    next = file.last + 1
  }
  if (next <= segments) gaps.push({ first: next, last: segments })
  return { files: used, gaps }
}

/**
 * Keeps the index of chains whole and its files few: indexes what was sealed without (by an older version, or after a file was
 * found altered and dropped), and merges files of equal size, sixteen at a time. Files begin and end at multiples, so two
 * processes that do the same write the same.
 */
export class Indexer {
  readonly #engine: Engine
  readonly #signer: Signer
  readonly #defer: (run: () => void) => void
  readonly #tell: (what: string) => void
  /** How many keys each file has, by chain and by what makes a file that very one. */
  readonly #keys = new Map<string, ReadonlyMap<string, number>>()

  constructor(engine: Engine, signer: Signer, defer: (run: () => void) => void, tell: (what: string) => void) {
    this.#engine = engine
    this.#signer = signer
    this.#defer = defer
    this.#tell = tell
  }

  /** Brings the index of a chain up to a segment. `going` is asked between pieces of work. */
  async tend(node: string, segments: number, going: () => boolean): Promise<void> {
    for (;;) {
      try {
        const { files, gaps } = covering(await this.#files(node), segments)
        if (gaps.length > 0) await this.#fill(node, gaps, going)
        else if (!(await this.#mergeOne(files))) return
      } catch (error) {
        if (!(error instanceof IndexAltered)) throw error
        await this.drop(error.file)
      }
      if (!going()) return
    }
  }

  /** The files of a chain. Their heads are read once. Throws `IndexAltered`. */
  async #files(node: string): Promise<readonly Listed[]> {
    const files: Listed[] = []
    const known = new Map<string, number>()
    for (const row of await this.#engine.all(sql.indexFilesOf, [node])) {
      const file = { node, first: numberOf(row, 'first'), last: numberOf(row, 'last') }
      const name = `${file.first} ${file.last} ${String(row.mac)}`
      const keys = this.#keys.get(node)?.get(name) ?? (await this.#head(file)).keys
      known.set(name, keys)
      files.push({ ...file, keys })
    }
    this.#keys.set(node, known)
    return files
  }

  async #head(file: IndexFile): Promise<IndexHead> {
    const [row] = await this.#engine.all(sql.indexHead, [file.node, file.first, file.last])
    return soundHead(row, file, this.#signer)
  }

  /** Takes a file away that is not what was written; `tend` makes it anew. */
  async drop({ node, first, last }: IndexFile): Promise<void> {
    this.#tell(
      `the index over segments ${first} to ${last} of chain ${node} is not as it was written, and is made anew`,
    )
    await this.#engine.write(async (statements) => {
      await statements.run(sql.dropIndexHead, [node, first, last])
      await statements.run(sql.dropIndexParts, [node, first, last])
    })
  }

  /** Newest first: those are what is looked for most. */
  async #fill(
    node: string,
    gaps: readonly { readonly first: number; readonly last: number }[],
    going: () => boolean,
  ): Promise<void> {
    const all = gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    const large = all > 8 * fanout
    if (large) this.#tell(`the audit trail of chain ${node} is being indexed: ${all} segments`)
    let done = 0
    let told = 0
    for (const { first, last } of [...gaps].reverse()) {
      for (let to = last; to >= first; ) {
        if (!going()) return
        // A whole group at once where it lies in the gap, else the segments one by one.
        const from = to % fanout === 0 && to - fanout >= first - 1 ? to - fanout + 1 : to
        await this.#build({ node, first: from, last: to })
        done += to - from + 1
        to = from - 1
        if (large && Math.floor((done / all) * 10) > told) {
          told = Math.floor((done / all) * 10)
          this.#tell(`the audit trail of chain ${node} is being indexed: ${told * 10} %`)
        }
      }
    }
  }

  /** Indexes sealed segments from their blocks. */
  async #build(file: IndexFile): Promise<void> {
    const builder = new IndexBuilder()
    for (let segment = file.first; segment <= file.last; segment++) {
      for (const { high } of await this.#blocksOf(file.node, segment)) {
        const [block] = await this.#engine.all(sql.block, [high])
        // What was altered is looked up as it reads now.
        builder.block(high, block === undefined ? [] : readable(textOf(block, 'body')))
        await this.#turn()
      }
    }
    await this.#engine.write((statements) => putFile(statements, file, builder.file(), this.#signer))
  }

  /** The blocks of a segment, as its digest names them. Where that is none of ours, nothing says which they are: it is told. */
  async #blocksOf(node: string, segment: number): Promise<readonly DigestBlock[]> {
    const [row] = await this.#engine.all(sql.digest, [node, segment])
    const { body, signature } = row ?? {}
    const digest = typeof body === 'string' ? digestOf(body) : undefined
    const ours =
      digest !== undefined && this.#signer.verifier.verifies(digest.key, signedText(String(body)), String(signature))
    if (ours) return digest.blocks
    this.#tell(
      `segment ${segment} of chain ${node} cannot be indexed, since its digest was altered: see "rolecall audit verify"`,
    )
    return []
  }

  /** Merges the first sixteen neighbours that make one of the next size. False where there are none. */
  async #mergeOne(files: readonly Listed[]): Promise<boolean> {
    for (let at = 0; at + fanout <= files.length; at++) {
      const group = files.slice(at, at + fanout)
      const [{ first } = { first: 1 }] = group
      const last = group.at(-1)?.last ?? 0
      const size = (last - first + 1) / fanout
      const alike = group.every((file) => file.last - file.first + 1 === size)
      const keys = group.reduce((sum, file) => sum + file.keys, 0)
      if (!alike || (first - 1) % (size * fanout) !== 0 || keys > keysMax) continue
      await this.#merge({ node: group[0]?.node ?? '', first, last }, group, keys)
      return true
    }
    return false
  }

  /** Goes through all of them in the order of their keys at once. Throws `IndexAltered`. */
  async #merge(target: IndexFile, sources: readonly Listed[], keys: number): Promise<void> {
    const parts = partsFor(keys)
    const writer = new PartWriter(parts)
    const blocks: BlockSpan[] = []
    const offsets: number[] = []
    const streams: Stream[] = []
    for (const source of sources) {
      const head = await this.#head(source)
      offsets.push(refOf(blocks.length, 0))
      for (const block of head.blocks) blocks.push(block)
      streams.push(await Stream.open(this.#engine, source, head.parts, this.#signer))
    }
    let full: string[] = []
    let part = 1
    const flush = async () => {
      const bodies = full
      const from = part
      full = []
      part += bodies.length
      await this.#engine.write(async (statements) => {
        await Promise.all(bodies.map((body, at) => putPart(statements, target, from + at, parts, body, this.#signer)))
      })
      await this.#turn()
    }
    let written = 0
    for (;;) {
      let key = Number.POSITIVE_INFINITY
      for (const stream of streams) if (stream.key < key) key = stream.key
      if (key === Number.POSITIVE_INFINITY) break
      const held: number[] = []
      for (const [at, stream] of streams.entries()) {
        if (stream.key !== key) continue
        const offset = offsets[at] ?? 0
        for (const ref of stream.refs) held.push(offset + ref)
        // Waits only where another portion of parts is due.
        const more = stream.next()
        if (more !== undefined) await more
      }
      for (const body of writer.add([key, held])) full.push(body)
      written++
      if (full.length >= partsAtOnce) await flush()
      else if (written % keysInTurn === 0) await this.#turn()
    }
    while (part + full.length <= parts) full.push(writer.next())
    while (full.length > 0) await flush()
    await this.#engine.write(async (statements) => {
      await putHead(statements, target, headOver(blocks, written, parts), this.#signer)
      for (const { node, first, last } of sources) {
        await statements.run(sql.dropIndexHead, [node, first, last])
        await statements.run(sql.dropIndexParts, [node, first, last])
      }
    })
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#defer(resolve))
  }
}

interface Listed extends IndexFile {
  readonly keys: number
}

/** The lines of a block, by its pieces; none where it is damaged, which is for `verify` to find. */
function readable(body: string): readonly (readonly string[])[] {
  try {
    return new Pieces(body).lines()
  } catch {
    return []
  }
}

/** The postings of a file, one after the other, its parts read as they are wanted. */
class Stream {
  readonly #engine: Engine
  readonly #file: IndexFile
  readonly #parts: number
  readonly #signer: Signer
  #part = 0
  #rows: readonly Row[] = []
  #at = 0
  #postings: Iterator<Posting> = [][Symbol.iterator]()
  /** Infinity behind the last. */
  key = Number.POSITIVE_INFINITY
  refs: readonly number[] = []

  private constructor(engine: Engine, file: IndexFile, parts: number, signer: Signer) {
    this.#engine = engine
    this.#file = file
    this.#parts = parts
    this.#signer = signer
  }

  static async open(engine: Engine, file: IndexFile, parts: number, signer: Signer): Promise<Stream> {
    const stream = new Stream(engine, file, parts, signer)
    await stream.next()
    return stream
  }

  /** Goes on to the next posting; a promise only where it must wait for it. Throws `IndexAltered`. */
  next(): Promise<void> | undefined {
    for (;;) {
      const { value, done } = this.#postings.next()
      if (done !== true) {
        const [key, refs] = value
        this.key = key
        this.refs = refs
        return undefined
      }
      if (this.#part === this.#parts) {
        this.key = Number.POSITIVE_INFINITY
        return undefined
      }
      const row = this.#rows[this.#at]
      if (row === undefined) return this.#read()
      this.#at++
      this.#part++
      if (Number(row.part) !== this.#part) throw new IndexAltered(this.#file)
      const body = soundPart(row, this.#file, this.#part, this.#parts, this.#signer)
      this.#postings = postingsIn(body, this.#part, this.#parts)[Symbol.iterator]()
    }
  }

  async #read(): Promise<void> {
    const { node, first, last } = this.#file
    this.#rows = await this.#engine.all(sql.indexParts, [node, first, last, this.#part, partsAtOnce])
    this.#at = 0
    if (this.#rows.length === 0) throw new IndexAltered(this.#file)
    await this.next()
  }
}
