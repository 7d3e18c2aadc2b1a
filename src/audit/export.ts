import type { Engine, Statements } from '../store/engine.ts'
import type { TrailEntry } from '../store/store.ts'
import { inflated } from './block.ts'
import { hexSha256 } from './chain.ts'
import { bodyAt, Evidence, nodesOf } from './evidence.ts'
import { hourDigest, type LogFile, type Previous, previousOf } from './export-digest.ts'
import {
  digestFolder,
  digestName,
  hourLength,
  logName,
  type Owner,
  signatureName,
  windowLength,
} from './export-name.ts'
import type { Signer } from './key.ts'
import { entryOf } from './line.ts'
import { Recorded } from './recorded.ts'
import { readableSchema } from './verify.ts'

type Reading = Pick<Statements, 'all'>

/** Where files are put. Each is there whole, or as it was before. */
export interface Shelf {
  /** Compresses a text into a file; false where it lies there already, the same. */
  readonly pack: (name: string, text: string) => boolean
  /** The same without compressing. */
  readonly put: (name: string, text: string) => boolean
  /** The file of the last name, in the folder or in one below it, that sorts before `before`: its name. */
  readonly lastBefore: (folder: string, before: string) => string | undefined
  /** What a compressed file holds; `undefined` where it cannot be read. */
  readonly unpacked: (name: string) => string | undefined
  /** What a file holds; `undefined` where it cannot be read. */
  readonly text: (name: string) => string | undefined
}

/** Which records. Times are whole hours, in milliseconds since the epoch. */
export interface Range {
  readonly from: number | undefined
  /** Not included. */
  readonly to: number | undefined
  readonly account: string | undefined
}

export interface Exported {
  readonly records: number
  readonly accounts: number
  readonly logFiles: number
  readonly digests: number
  /** Files that were written, and files that were there already, the same; signatures count as well. */
  readonly written: number
  readonly kept: number
}

/** Characters of records in a file, at most; one more record may be begun below it. */
const fileCharacters = 2 * 1024 * 1024
/** Where the records of global services are, and those that say they are of a region that cannot be one. */
const globalRegion = 'us-east-1'
/** Times before the last day that is written with four digits of a year. */
const lastInstant = 253_402_214_400_000
/** A block most often lies on the border of two windows, and is inflated once then. Each chain has one such block. */
const bodiesKept = 16

/** A record cannot be put into a file as it is: somebody altered it. */
export class NotExported extends Error {
  constructor(what: string) {
    super(`${what}: see "rolecall audit verify"`)
    this.name = 'NotExported'
  }
}

/**
 * Writes the records of the trail as CloudTrail writes them into a bucket, with a digest for each hour in which there were any. The
 * same trail and range make the same files, byte for byte. Everything is read as of one instant, twice: once for when its records
 * happened, once for the records. In memory are where the records of each five minutes lie, and of the records those of one
 * file for each account and region that has any in the same five minutes. Throws `NotExported`, and an `Error` where the trail is
 * of another version.
 */
export function exportTrail(
  engine: Engine,
  range: Range,
  means: { readonly signer: Signer; readonly shelf: Shelf; readonly progress?: (records: number) => void },
): Promise<Exported> {
  return engine.snapshot(async (reading) => {
    await readableSchema(reading, engine)
    const windows = await windowsOf(reading, range)
    return new Writing(reading, range, means).all(windows)
  })
}

/** Where records of one time lie: in blocks, and in runs, which are told by a place below zero. In the order of their chains. */
type Windows = ReadonlyMap<number, readonly number[]>

const refOf = (kind: 'block' | 'run', high: number): number => (kind === 'block' ? high : -1 - high)

/**
 * What is asked for by the five minutes in which it happened. Records are chained as they become durable, which is later for some
 * than for others, and by each node for itself; no span that is noted of a segment bounds the times of its records.
 */
async function windowsOf(reading: Reading, range: Range): Promise<Windows> {
  const windows = new Map<number, number[]>()
  const note = (ref: number, lines: string) => {
    for (const line of lines.split('\n')) {
      const entry = soundEntry(line)
      if (!asked(range, entry)) continue
      const window = Math.floor(entry.at / windowLength) * windowLength
      const refs = windows.get(window)
      if (refs === undefined) windows.set(window, [ref])
      else if (refs.at(-1) !== ref) refs.push(ref)
    }
  }
  // A database sorts texts in its own way.
  for (const node of [...(await nodesOf(reading)).nodes].sort()) {
    const { blocks, runs } = new Evidence(reading, node)
    for (let block = await blocks.take(); block !== undefined; block = await blocks.take())
      note(refOf('block', block.high), inflatedText(block.body, block.high))
    for (let run = await runs.take(); run !== undefined; run = await runs.take()) note(refOf('run', run.high), run.body)
  }
  return windows
}

function inflatedText(body: string, high: number): string {
  try {
    return inflated(body).toString()
  } catch {
    throw new NotExported(`the block that ends at place ${high} cannot be read`)
  }
}

/** Its account and time become names of files: they must be such. */
function soundEntry(line: string): TrailEntry {
  const entry = entryOf(line)
  if (!/^\d{12}$/.test(entry.account) || !Number.isSafeInteger(entry.at) || entry.at < 0 || entry.at >= lastInstant)
    throw new NotExported(`the record at place ${entry.sequence} is not as it was written`)
  return entry
}

const asked = ({ from, to, account }: Range, entry: TrailEntry): boolean =>
  (account === undefined || entry.account === account) &&
  (from === undefined || entry.at >= from) &&
  (to === undefined || entry.at < to)

/** Records of one owner and five minutes, until there are enough for a file. */
interface Open {
  readonly owner: Owner
  part: number
  entries: TrailEntry[]
  characters: number
}

class Writing {
  readonly #reading: Reading
  readonly #range: Range
  readonly #signer: Signer
  readonly #shelf: Shelf
  readonly #progress: ((records: number) => void) | undefined
  /** Blocks and runs that were read last. */
  readonly #bodies = new Map<number, string>()
  /** The newest digest of each owner. */
  readonly #previous = new Map<string, Previous | undefined>()
  readonly #accounts = new Set<string>()
  #records = 0
  #logFiles = 0
  #digests = 0
  #written = 0
  #kept = 0

  constructor(
    reading: Reading,
    range: Range,
    means: { readonly signer: Signer; readonly shelf: Shelf; readonly progress?: (records: number) => void },
  ) {
    this.#reading = reading
    this.#range = range
    this.#signer = means.signer
    this.#shelf = means.shelf
    this.#progress = means.progress
  }

  async all(windows: Windows): Promise<Exported> {
    let hour = 0
    let files = new Map<string, { readonly owner: Owner; readonly files: LogFile[] }>()
    for (const window of [...windows.keys()].sort((a, b) => a - b)) {
      if (window >= hour + hourLength) {
        this.#close(hour, files.values())
        hour = Math.floor(window / hourLength) * hourLength
        files = new Map()
      }
      for await (const { owner, file } of this.#window(window, windows.get(window) ?? [])) {
        const mine = files.get(keyOf(owner))
        if (mine === undefined) files.set(keyOf(owner), { owner, files: [file] })
        else mine.files.push(file)
      }
    }
    this.#close(hour, files.values())
    return {
      records: this.#records,
      accounts: this.#accounts.size,
      logFiles: this.#logFiles,
      digests: this.#digests,
      written: this.#written,
      kept: this.#kept,
    }
  }

  async *#window(window: number, refs: readonly number[]): AsyncIterable<{ owner: Owner; file: LogFile }> {
    const opened = new Map<string, Open>()
    for (const ref of refs) {
      for (const line of (await this.#body(ref)).split('\n')) {
        const entry = soundEntry(line)
        if (entry.at < window || entry.at >= window + windowLength || !asked(this.#range, entry)) continue
        const owner = { account: entry.account, region: regionOf(entry) }
        let open = opened.get(keyOf(owner))
        if (open === undefined) {
          open = { owner, part: 0, entries: [], characters: 0 }
          opened.set(keyOf(owner), open)
        }
        open.entries.push(entry)
        open.characters += entry.event.length
        if (open.characters >= fileCharacters) yield { owner, file: this.#file(window, open) }
      }
    }
    for (const open of opened.values())
      if (open.entries.length > 0) yield { owner: open.owner, file: this.#file(window, open) }
    this.#progress?.(this.#records)
  }

  #file(window: number, open: Open): LogFile {
    const entries = open.entries.sort((a, b) => a.at - b.at || a.sequence - b.sequence)
    const name = logName(open.owner, window, open.part)
    const text = `{"Records":[${entries.map(({ event }) => event).join(',')}]}`
    this.#count(this.#shelf.pack(name, text))
    this.#logFiles++
    this.#records += entries.length
    this.#accounts.add(open.owner.account)
    const [oldest, newest] = [entries[0]?.at ?? window, entries.at(-1)?.at ?? window]
    open.part++
    open.entries = []
    open.characters = 0
    return { name, hash: hexSha256(text), oldest, newest }
  }

  /** An hour is over: what was written of it is told by digests. */
  #close(hour: number, owners: Iterable<{ readonly owner: Owner; readonly files: readonly LogFile[] }>): void {
    for (const { owner, files } of owners) {
      const key = keyOf(owner)
      const previous = this.#previous.has(key) ? this.#previous.get(key) : this.#before(owner, hour)
      const { text, ...digest } = hourDigest(owner, hour, files, previous, this.#signer)
      this.#previous.set(key, digest)
      // The digest last: where one lies, everything that it speaks of does.
      this.#count(this.#shelf.put(signatureName(digest.name), `${digest.signature}\n`))
      this.#count(this.#shelf.pack(digest.name, text))
      this.#digests++
    }
  }

  /** Without a beginning everything is exported, and there is no digest before. */
  #before(owner: Owner, hour: number): Previous | undefined {
    if (this.#range.from === undefined) return undefined
    const name = this.#shelf.lastBefore(digestFolder(owner), digestName(owner, hour + hourLength))
    if (name === undefined) return undefined
    const [text, signature] = [this.#shelf.unpacked(name), this.#shelf.text(signatureName(name))]
    const found =
      text === undefined || signature === undefined
        ? undefined
        : previousOf(name, text, signature.trim(), this.#signer.verifier)
    if (found === undefined)
      throw new Error(`${name} is not a digest of this trail with its signature: export its hour again, or elsewhere`)
    return found
  }

  async #body(ref: number): Promise<string> {
    let body = this.#bodies.get(ref)
    if (body === undefined) {
      const high = ref < 0 ? -1 - ref : ref
      const kept = await bodyAt(this.#reading, ref < 0 ? 'run' : 'block', high)
      if (kept === undefined) throw new NotExported(`what ends at place ${high} cannot be read`)
      body = ref < 0 ? kept : inflatedText(kept, high)
    }
    this.#bodies.delete(ref)
    this.#bodies.set(ref, body)
    for (const [oldest] of this.#bodies) {
      if (this.#bodies.size <= bodiesKept) break
      this.#bodies.delete(oldest)
    }
    return body
  }

  #count(written: boolean): void {
    if (written) this.#written++
    else this.#kept++
  }
}

const keyOf = ({ account, region }: Owner): string => `${account} ${region}`

/** A caller may have signed for any region, and what it called so becomes no name of a folder. */
function regionOf({ event, sequence }: TrailEntry): string {
  const region = new Recorded(event).text('awsRegion')
  if (region === undefined) throw new NotExported(`the record at place ${sequence} is not as it was written`)
  return /^[a-z]{2,8}(?:-[a-z0-9]{1,16}){1,4}$/.test(region) ? region : globalRegion
}
