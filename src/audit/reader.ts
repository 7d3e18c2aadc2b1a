import type { Engine, Row, Statements } from '../store/engine.ts'
import { numberOf, textOf } from '../store/row.ts'
import type { DecisionRow, TrailEntry, TrailPage } from '../store/store.ts'
import { inflated, linesOf } from './block.ts'
import type { Signer } from './key.ts'
import { entryOf } from './line.ts'
import type { LookupPage, Question } from './lookup.ts'
import { Search, type SearchTold } from './search.ts'
import { sql } from './sql.ts'

type Reading = Pick<Statements, 'all'>

/** Records of one account that lie behind one another in a chain: an open run, or what is the account's in a sealed block. */
interface Stretch {
  /** The place of its last record. */
  readonly high: number
  /** The records, newest first. */
  readonly entries: () => Promise<readonly TrailEntry[]>
}

const blocksKept = 16
const stretchesAtOnce = 16

/** What records are looked up with: only who has the keys can tell an index that we wrote from another. */
export interface ReaderMeans {
  readonly signer: Signer
  readonly told: SearchTold
  /** Lets whatever else is due have its turn. */
  readonly defer: (run: () => void) => void
}

/** Finds records wherever they are, open or sealed. Every question is answered as of one instant, so that sealing is not seen. */
export class AuditReader {
  readonly #engine: Engine
  /** Blocks that were read last, inflated: the next page of a trail most often lies in the same. */
  readonly #blocks = new Map<number, Buffer>()
  readonly #search: Search | undefined

  constructor(engine: Engine, means?: ReaderMeans) {
    this.#engine = engine
    this.#search = means && new Search(engine, means.signer, means.told, means.defer)
  }

  decision(requestId: string, account: string): Promise<DecisionRow | undefined> {
    return this.#refusal(sql.refusal, [requestId, account], account)
  }

  lastDecision(account: string): Promise<DecisionRow | undefined> {
    return this.#refusal(sql.lastRefusal, [account], account)
  }

  trail(account: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<TrailPage> {
    return this.#engine.snapshot(async (reading) => {
      const entries: TrailEntry[] = []
      let heap: TrailEntry[] = []
      const ahead = new Ahead(this, reading, account, before)
      // One more than is wanted tells whether there is more.
      while (entries.length <= limit) {
        const next = await ahead.peek()
        // What is above the next stretch is above everything that was not read yet.
        if (next === undefined || (heap[0] !== undefined && heap[0].sequence > next.high)) {
          const [newest] = heap
          if (newest === undefined) break
          entries.push(newest)
          heap = heap.slice(1)
          continue
        }
        ahead.take()
        const found = (await next.entries()).filter((entry) => entry.sequence < before)
        heap = heap.length === 0 ? [...found] : [...heap, ...found].sort((a, b) => b.sequence - a.sequence)
      }
      const more = entries.length > limit
      if (more) entries.length = limit
      return { entries, next: more ? entries.at(-1)?.sequence : undefined }
    })
  }

  async lookup(question: Question): Promise<LookupPage> {
    if (this.#search === undefined) throw new Error('records are looked up with the keys of the trail')
    return this.#search.lookup(question)
  }

  async #refusal(text: string, values: readonly string[], account: string): Promise<DecisionRow | undefined> {
    return this.#engine.snapshot(async (reading) => {
      const [row] = await reading.all(text, values)
      if (row === undefined) return undefined
      const place = numberOf(row, 'place')
      const [run] = await reading.all(sql.runAround, [account, place])
      let entry = run && openEntries(run).find((one) => one.sequence === place)
      if (entry === undefined) {
        const [page] = await reading.all(sql.pageAround, [account, textOf(row, 'node'), place])
        entry = page && (await this.sealedEntries(reading, account, page)).find((one) => one.sequence === place)
      }
      if (entry?.decision === undefined) return undefined
      const { requestId, at, event, decision } = entry
      return { requestId, at, account, event, decision }
    })
  }

  /** An account's records in the block of a page, newest first. */
  async sealedEntries(reading: Reading, account: string, page: Row): Promise<readonly TrailEntry[]> {
    const block = await this.#block(reading, numberOf(page, 'block'))
    return block === undefined ? [] : linesOf(block.toString(), account).map(entryOf)
  }

  async #block(reading: Reading, high: number): Promise<Buffer | undefined> {
    let block = this.#blocks.get(high)
    if (block === undefined) {
      const [row] = await reading.all(sql.block, [high])
      if (row === undefined) return undefined
      block = inflated(textOf(row, 'body'))
    }
    this.#blocks.delete(high)
    this.#blocks.set(high, block)
    for (const [oldest] of this.#blocks) {
      if (this.#blocks.size <= blocksKept) break
      this.#blocks.delete(oldest)
    }
    return block
  }
}

const openEntries = (run: Row): readonly TrailEntry[] => textOf(run, 'body').split('\n').map(entryOf).reverse()

/** An account's stretches below a place, those that reach highest first. */
class Ahead {
  readonly #reader: AuditReader
  readonly #reading: Reading
  readonly #account: string
  #stretches: Stretch[] = []
  /** The straddling ones are read first: they begin below the place and end above it. */
  #started = false
  #runsBelow: number | undefined
  #pagesBelow: number | undefined
  readonly #before: number

  constructor(reader: AuditReader, reading: Reading, account: string, before: number) {
    this.#reader = reader
    this.#reading = reading
    this.#account = account
    this.#before = before
    this.#runsBelow = before
    this.#pagesBelow = before
  }

  async peek(): Promise<Stretch | undefined> {
    if (!this.#started) await this.#start()
    // Both kinds are read on until what is in front is above whatever may still come of either.
    for (;;) {
      const [first] = this.#stretches
      const floor = Math.max(this.#runsBelow ?? -1, this.#pagesBelow ?? -1)
      if (first !== undefined && first.high >= floor) return first
      if (floor < 0) return first
      if (this.#runsBelow === floor) await this.#readRuns(floor)
      else await this.#readPages(floor)
      this.#stretches.sort((a, b) => b.high - a.high)
    }
  }

  take(): void {
    this.#stretches.shift()
  }

  async #start(): Promise<void> {
    this.#started = true
    if (this.#before === Number.MAX_SAFE_INTEGER) return
    const [run] = await this.#reading.all(sql.runAround, [this.#account, this.#before])
    if (run !== undefined) this.#stretches.push(this.#run(run))
    for (const page of await this.#reading.all(sql.pagesAround, [this.#account, this.#account, this.#before]))
      this.#stretches.push(this.#page(page))
    this.#stretches.sort((a, b) => b.high - a.high)
  }

  async #readRuns(below: number): Promise<void> {
    const rows = await this.#reading.all(sql.runsBelow, [this.#account, below, stretchesAtOnce])
    const last = rows.at(-1)
    this.#runsBelow = rows.length < stretchesAtOnce || last === undefined ? undefined : numberOf(last, 'high')
    for (const row of rows) this.#stretches.push(this.#run(row))
  }

  async #readPages(below: number): Promise<void> {
    const rows = await this.#reading.all(sql.pagesBelow, [this.#account, below, stretchesAtOnce])
    const last = rows.at(-1)
    this.#pagesBelow = rows.length < stretchesAtOnce || last === undefined ? undefined : numberOf(last, 'high')
    for (const row of rows) this.#stretches.push(this.#page(row))
  }

  #run(row: Row): Stretch {
    return { high: numberOf(row, 'high'), entries: async () => openEntries(row) }
  }

  #page(row: Row): Stretch {
    return {
      high: numberOf(row, 'high'),
      entries: () => this.#reader.sealedEntries(this.#reading, this.#account, row),
    }
  }
}
