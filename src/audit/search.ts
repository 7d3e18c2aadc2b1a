import type { Engine, Row, Statements } from '../store/engine.ts'
import { numberOf, textOf } from '../store/row.ts'
import { StoreUnavailable, type TrailEntry } from '../store/store.ts'
import { hasAttribute } from './attribute.ts'
import { Pieces } from './block.ts'
import { Heap } from './heap.ts'
import { type IndexFile, type IndexHead, keyOf, ordinalOf, partOf, piecesOf, refsIn } from './index-file.ts'
import { covering, IndexAltered, soundHead, soundPart } from './indexer.ts'
import type { Signer } from './key.ts'
import { accountOf, entryOf } from './line.ts'
import { linesWith, literalOf } from './literal.ts'
import { type LookupPage, type Position, type Question, within } from './lookup.ts'
import { Pace } from './pace.ts'
import { sql } from './sql.ts'

type Reading = Pick<Statements, 'all'>

/**
 * Work on blocks for one page, at most, unless it would get nowhere: enough for fifty records that lie each in a block of its own. It
 * is told in bytes that are inflated; to find a block costs as much as some.
 */
const workMost = 4 * 1024 * 1024
const blockWork = 32 * 1024
/** What a block costs at least, before it is known. */
const blockWorkLeast = 2 * blockWork
/** And to look into a part of a file, beside its bytes. */
const partWork = 16 * 1024
/** To read a record's JSON is so much dearer than to find it. */
const readingFactor = 4
/**
 * Files whose part is read at the same time, at most, and blocks: what is rare is in few of them, and a database across a network
 * is waited for seldom. What is frequent is in the first, so the number doubles from one.
 */
const atOnceMost = 16
const runsAtOnce = 16
/** Blocks whose spans are kept in memory; a million take some seventy megabytes. */
const spansKept = 500_000

/** Lookups under way, at most, in one process: each has a turn of its own, and in memory what is open of an account. */
const lookupsAtOnce = 4

/** A block that may hold what is asked for, by when its newest record is. */
interface Candidate {
  readonly high: number
  readonly until: number
  /** A bit for each piece that does, the lowest for the first. */
  readonly pieces: number
}

/** Where records may be, in the order in which it is looked there: by the newest that they may hold. */
type Lead =
  | { readonly kind: 'file'; readonly at: number; readonly file: Known }
  /** The newest of them comes last, and is first. */
  | { readonly kind: 'blocks'; readonly at: number; readonly blocks: Candidate[] }
  /** A record that may have what is asked for; whether it has is seen when it is its turn. */
  | { readonly kind: 'line'; readonly at: number; readonly sequence: number; readonly line: string }

interface Known extends IndexFile {
  readonly head: IndexHead
}

/** Of one instant, leads come before records: they may hold some that are newer yet. */
const sooner = (a: Lead, b: Lead): boolean => {
  if (a.at !== b.at) return a.at > b.at
  if (a.kind !== 'line' || b.kind !== 'line') return a.kind !== 'line' && b.kind === 'line'
  return a.sequence > b.sequence
}

/** What a page cost, in what does not depend on the machine. */
export interface Cost {
  /** Parts of index files that were read. */
  parts: number
  blocks: number
  /** Bytes of blocks that were inflated. */
  inflated: number
  /** Bytes of records that were not sealed yet, and looked through. */
  open: number
  /** Records whose JSON was read. */
  read: number
  /** Turns that it took: between them others had theirs. */
  turns: number
}

/** Whom a search tells of what it meets. */
export interface SearchTold {
  readonly alarm: (what: string) => void
  /** Called with files that are not what was written: they are to be made anew. */
  readonly altered: (file: IndexFile) => void
  /** Called with what each page cost. */
  readonly cost?: (cost: Readonly<Cost>) => void
}

/** Answers lookups: from open runs as they are, from what is sealed by the index. */
export class Search {
  readonly #engine: Engine
  readonly #signer: Signer
  readonly #told: SearchTold
  readonly #defer: (run: () => void) => void
  readonly #heads = new Map<string, IndexHead>()
  #spans = 0
  #underWay = 0
  readonly #waiting: (() => void)[] = []

  constructor(engine: Engine, signer: Signer, told: SearchTold, defer: (run: () => void) => void) {
    this.#engine = engine
    this.#signer = signer
    this.#told = told
    this.#defer = defer
  }

  /** Rejects with `StoreUnavailable` while the index does not cover everything: what it hides would not be found. */
  async lookup(question: Question): Promise<LookupPage> {
    if (this.#underWay < lookupsAtOnce) this.#underWay++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await this.#lookup(question)
    } finally {
      const next = this.#waiting.shift()
      // Whoever waits takes the place over.
      if (next === undefined) this.#underWay--
      else next()
    }
  }

  async #lookup(question: Question): Promise<LookupPage> {
    const pace = new Pace(this.#defer)
    try {
      return await this.#engine.snapshot(async (reading) => {
        const files = await this.#files(reading, pace)
        const page = new Page(reading, question, pace, { signer: this.#signer, alarm: this.#told.alarm })
        const found = await page.find(files)
        this.#told.cost?.({ ...page.cost, turns: pace.turns })
        return found
      })
    } catch (error) {
      if (!(error instanceof IndexAltered)) throw error
      this.#told.altered(error.file)
      throw new StoreUnavailable(`${error.message}, and is made anew`)
    }
  }

  /** The files that cover everything that is sealed, each once. */
  async #files(reading: Reading, pace: Pace): Promise<readonly Known[]> {
    const [sealed, rows] = await Promise.all([reading.all(sql.sealedTo), reading.all(sql.indexFiles)])
    const known: Known[] = []
    const names = new Set<string>()
    const byNode = new Map<unknown, { readonly row: Row; readonly first: number; readonly last: number }[]>()
    for (const row of rows) {
      const file = { row, first: numberOf(row, 'first'), last: numberOf(row, 'last') }
      const listed = byNode.get(row.node)
      if (listed === undefined) byNode.set(row.node, [file])
      else listed.push(file)
    }
    for (const { node, segment } of sealed) {
      if (segment === null) continue
      const { files, gaps } = covering(byNode.get(node) ?? [], Number(segment))
      if (gaps.length > 0) {
        const open = gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0)
        throw new StoreUnavailable(
          `the audit trail is being indexed: ${open} segments are left of chain ${String(node)}`,
        )
      }
      for (const { row, first, last } of files) {
        const file = { node: String(node), first, last }
        const name = `${file.node} ${first} ${last} ${String(row.mac)}`
        names.add(name)
        known.push({ ...file, head: this.#heads.get(name) ?? (await this.#head(reading, name, file, pace)) })
      }
    }
    this.#forget(names)
    return known
  }

  async #head(reading: Reading, name: string, file: IndexFile, pace: Pace): Promise<IndexHead> {
    const [row] = await reading.all(sql.indexHead, [file.node, file.first, file.last])
    const head = soundHead(row, file, this.#signer)
    // Another lookup may have read it meanwhile.
    if (!this.#heads.has(name) && this.#spans + head.blocks.length <= spansKept) {
      this.#heads.set(name, head)
      this.#spans += head.blocks.length
    }
    await pace.spent(partWork + 64 * head.blocks.length)
    return head
  }

  /** Heads of files that were merged into others are not needed again. */
  #forget(names: ReadonlySet<string>): void {
    for (const [name, { blocks }] of this.#heads) {
      if (names.has(name)) continue
      this.#heads.delete(name)
      this.#spans -= blocks.length
    }
  }
}

/** One page of an answer, on its way. */
class Page {
  readonly #reading: Reading
  readonly #question: Question
  readonly #pace: Pace
  readonly #signer: Signer
  readonly #alarm: (what: string) => void
  /** Nothing newer than this is wanted. */
  readonly #top: number
  readonly #literal: string | undefined
  readonly #leads = new Heap<Lead>(sooner)
  readonly #entries: TrailEntry[] = []
  readonly cost: Cost = { parts: 0, blocks: 0, inflated: 0, open: 0, read: 0, turns: 0 }

  constructor(
    reading: Reading,
    question: Question,
    pace: Pace,
    means: { readonly signer: Signer; readonly alarm: (what: string) => void },
  ) {
    this.#reading = reading
    this.#question = question
    this.#pace = pace
    this.#signer = means.signer
    this.#alarm = means.alarm
    this.#top = Math.min(question.until, question.after?.at ?? Number.POSITIVE_INFINITY)
    this.#literal = question.attribute && literalOf(question.attribute)
  }

  async find(files: readonly Known[]): Promise<LookupPage> {
    const { from, limit } = this.#question
    for (const file of files)
      if (file.head.until >= from && file.head.from <= this.#top)
        this.#leads.push({ kind: 'file', at: file.head.until, file })
    await this.#openRuns()
    let [filesAtOnce, blocksAtOnce] = [1, 1]
    for (let lead = this.#leads.pop(); lead !== undefined; lead = this.#leads.pop()) {
      if (lead.kind === 'file') {
        await this.#lookInto(this.#filesFrom(lead.file, filesAtOnce))
        filesAtOnce = Math.min(2 * filesAtOnce, atOnceMost)
      } else if (lead.kind === 'blocks') {
        const left = workMost - this.cost.blocks * blockWork - this.cost.inflated
        if (left <= 0 && lead.at < (this.#entries.at(-1)?.at ?? this.#top))
          // Everything newer was told. What is left begins with records of that instant.
          return { entries: this.#entries, next: { at: lead.at, sequence: Number.POSITIVE_INFINITY } }
        await this.#open(this.#blocksFrom(lead.blocks, Math.min(blocksAtOnce, Math.ceil(left / blockWorkLeast))))
        blocksAtOnce = Math.min(2 * blocksAtOnce, atOnceMost)
      } else {
        const entry = this.#entryOf(lead.line)
        await this.#pace.spent(lead.line.length * readingFactor)
        if (entry === undefined) continue
        if (this.#entries.length === limit) return { entries: this.#entries, next: positionOf(this.#entries.at(-1)) }
        this.#entries.push(entry)
      }
    }
    return { entries: this.#entries, next: undefined }
  }

  /** A file, and those that come right behind it. */
  #filesFrom(first: Known, most: number): readonly Known[] {
    const files = [first]
    for (let more = this.#leads.peek(); more?.kind === 'file' && files.length < most; more = this.#leads.peek()) {
      this.#leads.pop()
      files.push(more.file)
    }
    return files
  }

  /** The blocks of files that hold what is asked for. Throws `IndexAltered`. */
  async #lookInto(files: readonly Known[]): Promise<void> {
    const { account, attribute, from } = this.#question
    const key = keyOf(account, attribute)
    const rows = await Promise.all(
      files.map(({ node, first, last, head }) =>
        this.#reading.all(sql.indexPart, [node, first, last, partOf(key, head.parts)]),
      ),
    )
    for (const [at, file] of files.entries()) {
      const { parts, blocks } = file.head
      const part = partOf(key, parts)
      const body = soundPart(rows[at]?.[0], file, part, parts, this.#signer)
      const found: Candidate[] = []
      const refs = refsIn(body, part, parts, key)
      for (const ref of refs) {
        const span = blocks[ordinalOf(ref)]
        if (span !== undefined && span.until >= from && span.from <= this.#top)
          found.push({ high: span.high, until: span.until, pieces: piecesOf(ref) })
      }
      this.#lead(found.sort((a, b) => a.until - b.until))
      this.cost.parts++
      await this.#pace.spent(partWork + 4 * body.length + 64 * refs.length)
    }
  }

  #lead(blocks: Candidate[]): void {
    const last = blocks.at(-1)
    if (last !== undefined) this.#leads.push({ kind: 'blocks', at: last.until, blocks })
  }

  /** The next blocks, as many as are known to be needed and no more than are wanted at once. */
  #blocksFrom(first: Candidate[], most: number): readonly Candidate[] {
    const taken: Candidate[] = []
    const missing = this.#question.limit + 1 - this.#entries.length
    let records = 0
    for (let blocks: Candidate[] | undefined = first; blocks !== undefined; ) {
      const next = blocks.pop()
      if (next !== undefined) taken.push(next)
      this.#lead(blocks)
      // Each piece holds one at least.
      records += bitsOf(next?.pieces ?? 0)
      const lead = taken.length < most && records < missing ? this.#leads.peek() : undefined
      blocks = lead?.kind === 'blocks' ? lead.blocks : undefined
      if (blocks !== undefined) this.#leads.pop()
    }
    return taken
  }

  async #open(blocks: readonly Candidate[]): Promise<void> {
    const rows = await Promise.all(blocks.map(({ high }) => this.#reading.all(sql.block, [high])))
    for (const [at, { high, pieces }] of blocks.entries()) {
      const row = rows[at]?.[0]
      this.cost.blocks++
      if (row === undefined) {
        this.#alarm(`a block of the audit trail is missing, which ends at place ${high}: see "rolecall audit verify"`)
        continue
      }
      const block = new Pieces(textOf(row, 'body'))
      for (let piece = 0; piece < block.count; piece++) {
        if (((pieces >> piece) & 1) === 0) continue
        const before = block.inflated
        this.#take(block.at(piece).toString())
        await this.#pace.spent(block.inflated - before)
      }
      this.cost.inflated += block.inflated
      await this.#pace.spent(blockWork)
    }
  }

  async #openRuns(): Promise<void> {
    for (let high = -1; ; ) {
      const rows = await this.#reading.all(sql.openRuns, [this.#question.account, high, runsAtOnce])
      for (const row of rows) {
        high = numberOf(row, 'high')
        const body = textOf(row, 'body')
        this.#take(body)
        this.cost.open += body.length
        await this.#pace.spent(2 * body.length)
      }
      if (rows.length < runsAtOnce) return
    }
  }

  /** Leads to the records of a text that may be what is asked for. */
  #take(text: string): void {
    for (const line of linesWith(text, this.#literal)) {
      if (accountOf(line) !== this.#question.account) continue
      const [, , place, , time] = line.split('\t', 5)
      const [at, sequence] = [Number(time), Number(place)]
      if (within(this.#question, { at, sequence })) this.#leads.push({ kind: 'line', at, sequence, line })
    }
  }

  /** The record of a line, where it is what is asked for. */
  #entryOf(line: string): TrailEntry | undefined {
    const { attribute } = this.#question
    const entry = entryOf(line)
    if (attribute === undefined) return entry
    this.cost.read++
    return hasAttribute(entry, attribute) ? entry : undefined
  }
}

function bitsOf(pieces: number): number {
  let bits = 0
  for (let left = pieces; left > 0; left >>= 1) bits += left & 1
  return bits
}

const positionOf = (entry: TrailEntry | undefined): Position | undefined =>
  entry && { at: entry.at, sequence: entry.sequence }
