import type { Engine, Statements } from '../store/engine.ts'
import { numberOf, textOf } from '../store/row.ts'
import { StoreUnavailable, type TrailEntry } from '../store/store.ts'
import { type Attribute, type AttributeName, everySession, hasAttribute } from './attribute.ts'
import { Heap } from './heap.ts'
import { type BlockSpan, blocksIn, type IndexFile, type IndexHead, keyOf, partOf } from './index-file.ts'
import { covering, IndexAltered, soundHead, soundPart } from './indexer.ts'
import type { Signer } from './key.ts'
import { accountOf, entryOf } from './line.ts'
import { type LookupPage, type Position, type Question, within } from './lookup.ts'
import { mintedBeginning } from './minted.ts'
import { sql } from './sql.ts'

type Reading = Pick<Statements, 'all'>

/** Blocks that one page of an answer reads, at most, unless it would get nowhere: some tens of milliseconds. */
const blocksMost = 32
/**
 * Files whose part is read at the same time, at most: what is rare is in few of them, and a database across a network is waited for
 * seldom. What is frequent is in the first, so the number doubles from one.
 */
const filesAtOnce = 16
const runsAtOnce = 64
/** Blocks whose spans are kept in memory; a million take some fifty megabytes. */
const spansKept = 500_000

/** The lines of a block by its place; `undefined` where it is not there. */
export type BlockReader = (reading: Reading, high: number) => Promise<Buffer | undefined>

/** Where records may be, in the order in which it is looked there: by the newest that they may hold. */
type Lead =
  | { readonly kind: 'file'; readonly at: number; readonly file: Known }
  | { readonly kind: 'block'; readonly at: number; readonly high: number }
  | { readonly kind: 'entry'; readonly at: number; readonly entry: TrailEntry }

interface Known extends IndexFile {
  readonly head: IndexHead
}

/** Of one instant, leads come before records: they may hold some that are newer yet. */
const sooner = (a: Lead, b: Lead): boolean => {
  if (a.at !== b.at) return a.at > b.at
  if (a.kind !== 'entry' || b.kind !== 'entry') return a.kind !== 'entry' && b.kind === 'entry'
  return a.entry.sequence > b.entry.sequence
}

/** Answers lookups: from open runs as they are, from what is sealed by the index. */
export class Search {
  readonly #engine: Engine
  readonly #signer: Signer
  readonly #block: BlockReader
  readonly #alarm: (what: string) => void
  /** Called with files that are not what was written. */
  readonly #altered: (file: IndexFile) => void
  readonly #heads = new Map<string, IndexHead>()
  #spans = 0

  constructor(
    engine: Engine,
    signer: Signer,
    block: BlockReader,
    told: { readonly alarm: (what: string) => void; readonly altered: (file: IndexFile) => void },
  ) {
    this.#engine = engine
    this.#signer = signer
    this.#block = block
    this.#alarm = told.alarm
    this.#altered = told.altered
  }

  /** Rejects with `StoreUnavailable` while the index does not cover everything: what it hides would not be found. */
  async lookup(question: Question): Promise<LookupPage> {
    try {
      return await this.#engine.snapshot((reading) => this.#page(reading, question))
    } catch (error) {
      if (!(error instanceof IndexAltered)) throw error
      this.#altered(error.file)
      throw new StoreUnavailable(`${error.message}, and is made anew`)
    }
  }

  async #page(reading: Reading, question: Question): Promise<LookupPage> {
    const { from, limit, after } = question
    // Nothing newer than this is wanted.
    const top = Math.min(question.until, after?.at ?? Number.POSITIVE_INFINITY)
    const leads = new Heap<Lead>(sooner)
    for (const file of await this.#files(reading))
      if (file.head.until >= from && file.head.from <= top) leads.push({ kind: 'file', at: file.head.until, file })
    await this.#openRuns(reading, question, leads)
    const entries: TrailEntry[] = []
    let read = 0
    let atOnce = 1
    for (let lead = leads.pop(); lead !== undefined; lead = leads.pop()) {
      if (lead.kind === 'file') {
        const files = [lead.file]
        for (let more = leads.peek(); more?.kind === 'file' && files.length < atOnce; more = leads.peek()) {
          leads.pop()
          files.push(more.file)
        }
        atOnce = Math.min(2 * atOnce, filesAtOnce)
        for (const { high, from: oldest, until } of (
          await Promise.all(files.map((file) => this.#blocksOf(reading, file, question)))
        ).flat())
          if (until >= from && oldest <= top) leads.push({ kind: 'block', at: until, high })
      } else if (lead.kind === 'block') {
        if (read >= blocksMost && lead.at < (entries.at(-1)?.at ?? top))
          // Everything newer was told. What is left begins with records of that instant.
          return { entries, next: { at: lead.at, sequence: Number.POSITIVE_INFINITY } }
        read++
        await this.#entriesOf(reading, lead.high, question, leads)
      } else {
        if (entries.length === limit) return { entries, next: positionOf(entries.at(-1)) }
        entries.push(lead.entry)
      }
    }
    return { entries, next: undefined }
  }

  async #openRuns(reading: Reading, question: Question, leads: Heap<Lead>): Promise<void> {
    for (let high = -1; ; ) {
      const rows = await reading.all(sql.openRuns, [question.account, high, runsAtOnce])
      for (const row of rows) {
        high = numberOf(row, 'high')
        this.#take(textOf(row, 'body').split('\n'), question, leads)
      }
      if (rows.length < runsAtOnce) return
    }
  }

  async #entriesOf(reading: Reading, high: number, question: Question, leads: Heap<Lead>): Promise<void> {
    const block = await this.#block(reading, high)
    if (block === undefined)
      this.#alarm(`a block of the audit trail is missing, which ends at place ${high}: see "rolecall audit verify"`)
    else this.#take(linesWith(block, question.attribute), question, leads)
  }

  #take(lines: Iterable<string>, question: Question, leads: Heap<Lead>): void {
    const { account, attribute } = question
    for (const line of lines) {
      if (accountOf(line) !== account) continue
      const entry = entryOf(line)
      if (within(question, entry) && (attribute === undefined || hasAttribute(entry, attribute)))
        leads.push({ kind: 'entry', at: entry.at, entry })
    }
  }

  /** The files that cover everything that is sealed, each once. */
  async #files(reading: Reading): Promise<readonly Known[]> {
    const [sealed, rows] = await Promise.all([reading.all(sql.sealedTo), reading.all(sql.indexFiles)])
    const known: Known[] = []
    const names = new Set<string>()
    for (const { node, segment } of sealed) {
      if (segment === null) continue
      const listed = rows
        .filter((row) => row.node === node)
        .map((row) => ({ row, first: numberOf(row, 'first'), last: numberOf(row, 'last') }))
      const { files, gaps } = covering(listed, Number(segment))
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
        known.push({ ...file, head: await this.#head(reading, name, file) })
      }
    }
    this.#forget(names)
    return known
  }

  async #head(reading: Reading, name: string, file: IndexFile): Promise<IndexHead> {
    const known = this.#heads.get(name)
    if (known !== undefined) return known
    const [row] = await reading.all(sql.indexHead, [file.node, file.first, file.last])
    const head = soundHead(row, file, this.#signer)
    if (this.#spans + head.blocks.length <= spansKept) {
      this.#heads.set(name, head)
      this.#spans += head.blocks.length
    }
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

  /** The blocks of a file that hold what is asked for. Throws `IndexAltered`. */
  async #blocksOf(reading: Reading, file: Known, { account, attribute }: Question): Promise<readonly BlockSpan[]> {
    const { parts, blocks } = file.head
    const key = keyOf(account, attribute)
    const part = partOf(key, parts)
    const [row] = await reading.all(sql.indexPart, [file.node, file.first, file.last, part])
    return blocksIn(soundPart(row, file, part, parts, this.#signer), part, parts, key).flatMap(
      (ordinal) => blocks[ordinal] ?? [],
    )
  }
}

const lineFeed = 10

/** The lines of a block that may have an attribute. Most have not, and are never made a text of. */
function* linesWith(block: Buffer, attribute: Attribute | undefined): Iterable<string> {
  const written = attribute && literal(attribute)
  if (written === undefined) {
    yield* block.toString().split('\n')
    return
  }
  for (let at = block.indexOf(written); at >= 0; ) {
    const feed = block.indexOf(lineFeed, at)
    const end = feed < 0 ? block.length : feed
    yield block.toString('utf8', block.lastIndexOf(lineFeed, at) + 1, end)
    at = block.indexOf(written, end)
  }
}

/** Members of a record in which an attribute stands as it is. */
const members: Partial<Readonly<Record<AttributeName, string>>> = {
  EventId: 'eventID',
  EventName: 'eventName',
  EventSource: 'eventSource',
  AccessKeyId: 'accessKeyId',
  RequestId: 'requestID',
  SharedEventId: 'sharedEventID',
}

/**
 * What stands in a record's line, letter for letter, wherever it has this attribute; `undefined` where that cannot be said. Records
 * are written without white space, so a name that begins another is told from it by the quotation mark behind.
 */
function literal({ name, value }: Attribute): string | undefined {
  if (name === 'Session' && value === everySession) return mintedBeginning
  if (name === 'ReadOnly') return `"readOnly":${value}`
  // Types are concluded from the names of parameters, and root is called so whatever its record says.
  const concluded = name === 'ResourceType' || (name === 'Username' && value === 'root')
  if (concluded || !/^[\w+=,.@:/ -]+$/.test(value)) return undefined
  if (name === 'PrincipalId') return value
  const member = members[name]
  return member === undefined ? `${value}"` : `"${member}":"${value}"`
}

const positionOf = (entry: TrailEntry | undefined): Position | undefined =>
  entry && { at: entry.at, sequence: entry.sequence }
