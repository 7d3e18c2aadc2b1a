import type { Engine, Row, Statements } from '../store/engine.ts'
import { numberOf, textOf } from '../store/row.ts'
import type { DecisionRow, TrailEntry, TrailPage } from '../store/store.ts'
import { hasAttribute } from './attribute.ts'
import { inflated, lineAt, linesOf } from './block.ts'
import { entryOf } from './line.ts'
import type { SessionPage, SessionsAsked } from './log.ts'
import { type LookupPage, newestFirst, type Question, within } from './lookup.ts'
import { readMinted } from './minted.ts'
import { birthLine } from './run.ts'
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

/** Finds records wherever they are, open or sealed. Every question is answered as of one instant, so that sealing is not seen. */
export class AuditReader {
  readonly #engine: Engine
  /** Texts of blocks that were read last: the next page of a trail most often lies in the same. */
  readonly #blocks = new Map<number, string>()

  constructor(engine: Engine) {
    this.#engine = engine
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
    const found: TrailEntry[] = []
    for (let before: number | undefined, first = true; first || before !== undefined; first = false) {
      const page = await this.trail(question.account, 1000, before)
      for (const entry of page.entries)
        if (within(question, entry) && (!question.attribute || hasAttribute(entry.event, question.attribute)))
          found.push(entry)
      before = page.next
    }
    found.sort(newestFirst)
    const entries = found.slice(0, question.limit)
    const last = entries.at(-1)
    return {
      entries,
      next: found.length > entries.length && last ? { at: last.at, sequence: last.sequence } : undefined,
    }
  }

  /** What the index says of a session and its record does not is somebody else's making, and is passed over. */
  sessions(account: string, asked: SessionsAsked): Promise<SessionPage> {
    return this.#engine.snapshot(async (reading) => {
      const { births, next } = await findBirths(reading, account, asked)
      const entries = await this.#entriesAt(reading, account, births)
      const made = births.flatMap(({ place, line }) => {
        const { event, session } = entries.get(place) ?? {}
        const minted = session === undefined ? undefined : readMinted(session)
        return event === undefined || minted === undefined || birthLine(minted, account, place) !== line
          ? []
          : [{ minted, event }]
      })
      return { made, next }
    })
  }

  /** An account's records at certain places. What lies together is read together, wherever it was asked for. */
  async #entriesAt(
    reading: Reading,
    account: string,
    wanted: readonly { readonly place: number; readonly node: string }[],
  ): Promise<ReadonlyMap<number, TrailEntry>> {
    const found = new Map<number, TrailEntry>()
    // Of what reaches up to a place, the lowest; so it is for all places in between.
    let run: Row | undefined
    const pages = new Map<string, Row | undefined>()
    for (const { place, node } of [...wanted].sort((a, b) => a.place - b.place)) {
      if (run === undefined || numberOf(run, 'high') < place) [run] = await reading.all(sql.runAround, [account, place])
      let entry = run && lineAt(textOf(run, 'body'), account, place)
      if (entry === undefined) {
        let page = pages.get(node)
        if (page === undefined || numberOf(page, 'high') < place) {
          ;[page] = await reading.all(sql.pageAround, [account, node, place])
          pages.set(node, page)
        }
        entry = page && lineAt(await this.#blockText(reading, numberOf(page, 'block')), account, place)
      }
      if (entry !== undefined) found.set(place, entryOf(entry))
    }
    return found
  }

  async #refusal(text: string, values: readonly string[], account: string): Promise<DecisionRow | undefined> {
    return this.#engine.snapshot(async (reading) => {
      const [row] = await reading.all(text, values)
      if (row === undefined) return undefined
      const place = numberOf(row, 'place')
      const entry = (await this.#entriesAt(reading, account, [{ place, node: textOf(row, 'node') }])).get(place)
      if (entry?.decision === undefined) return undefined
      const { requestId, at, event, decision } = entry
      return { requestId, at, account, event, decision }
    })
  }

  /** An account's records in the block of a page, newest first. */
  async sealedEntries(reading: Reading, account: string, page: Row): Promise<readonly TrailEntry[]> {
    return linesOf(await this.#blockText(reading, numberOf(page, 'block')), account).map(entryOf)
  }

  async #blockText(reading: Reading, block: number): Promise<string> {
    let text = this.#blocks.get(block)
    if (text === undefined) {
      const [row] = await reading.all(sql.block, [block])
      if (row === undefined) return ''
      text = inflated(textOf(row, 'body')).toString()
    }
    this.#blocks.delete(block)
    this.#blocks.set(block, text)
    for (const [oldest] of this.#blocks) {
      if (this.#blocks.size <= blocksKept) break
      this.#blocks.delete(oldest)
    }
    return text
  }
}

interface Birth {
  readonly place: number
  readonly node: string
  /** As the index has it. */
  readonly line: string
}

const birthRowsAtOnce = 64
/** Characters of the index that one page looks through, about: some ten thousand sessions, in some milliseconds. */
const birthCharactersMax = 2 * 1024 * 1024

/** Goes through the index, newest first, until a page is full, or enough was looked at. */
async function findBirths(
  reading: Reading,
  account: string,
  { of, after, limit, before = Number.MAX_SAFE_INTEGER }: SessionsAsked,
): Promise<{ readonly births: readonly Birth[]; readonly next: number | undefined }> {
  const births: Birth[] = []
  // The row in which the page before this one ended reaches above that place.
  const around = before === Number.MAX_SAFE_INTEGER ? [] : await reading.all(sql.birthsAround, [account, before])
  let rows = around
  let looked = 0
  for (let below = before; ; ) {
    for (const row of rows) {
      const node = textOf(row, 'node')
      const body = textOf(row, 'body')
      looked += body.length
      if (of !== undefined && !body.includes(of)) continue
      for (const line of body.split('\n').reverse()) {
        const [at, end, ...subjects] = line.split(' ')
        const place = Number(at)
        if (place >= before || Number(end) <= after || (of !== undefined && !subjects.includes(of))) continue
        if (births.length === limit) return { births, next: births.at(-1)?.place }
        births.push({ place, node, line })
      }
    }
    const last = rows.at(-1)
    if (rows !== around) {
      if (rows.length < birthRowsAtOnce || last === undefined) return { births, next: undefined }
      below = numberOf(last, 'high')
      if (looked >= birthCharactersMax) return { births, next: below }
    }
    rows = await reading.all(sql.births, [account, below, after, birthRowsAtOnce])
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
