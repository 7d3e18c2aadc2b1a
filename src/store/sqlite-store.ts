import type { Entity } from '../state/entity.ts'
import type { Change } from '../state/view.ts'
import { type Database, openDatabase, type Statement } from './database.ts'
import { changeOf, decisionOf, entityReader, recordsOf, textOf } from './row.ts'
import { runAt, runsOf } from './run.ts'
import { migrations, sql } from './sql.ts'
import {
  type Batch,
  type DecisionRow,
  HeadMoved,
  type Store,
  StoreUnavailable,
  type TrailEntry,
  type TrailPage,
} from './store.ts'

/** SQLite's result codes, low byte (SQLite, "Result and Error Codes"). */
const busy = 5
const full = 13
/** `rcll`: marks a database file as ours (PRAGMA application_id). */
const applicationId = 0x72636c6c

export interface SqliteOptions {
  /** How long a commit waits for another process to finish its own, holding everything up meanwhile. Default five seconds. */
  readonly waitMilliseconds?: number
  /** The file grows to so many pages of 4 KB and no further. Default: as far as the disk goes. */
  readonly pagesMax?: number
}

/** The store in one SQLite file: a commit is one fsync of its write-ahead log. */
export class SqliteStore implements Store {
  readonly #database: Database
  readonly #begin: Statement
  readonly #commit: Statement
  readonly #rollback: Statement
  readonly #prepared: { readonly [K in keyof typeof sql]: Statement }

  /** Throws where the file is not ours, was written by a newer rolecall, or cannot be opened. */
  constructor(path: string, options: SqliteOptions = {}) {
    const database = openDatabase(path)
    this.#database = database
    try {
      adopt(database, path)
      database.exec('PRAGMA journal_mode = WAL')
      database.exec('PRAGMA synchronous = FULL')
      database.exec('PRAGMA foreign_keys = OFF')
      database.exec(`PRAGMA busy_timeout = ${options.waitMilliseconds ?? 5000}`)
      if (options.pagesMax !== undefined) database.exec(`PRAGMA max_page_count = ${options.pagesMax}`)
      database.exec('PRAGMA wal_autocheckpoint = 2000')
      database.exec('PRAGMA journal_size_limit = 67108864')
      migrate(database, path)
      this.#begin = database.prepare('BEGIN IMMEDIATE')
      this.#commit = database.prepare('COMMIT')
      this.#rollback = database.prepare('ROLLBACK')
      const prepared = Object.entries(sql).map(([name, text]) => [name, database.prepare(numbered(text))])
      // One statement for each text: the same names.
      this.#prepared = Object.fromEntries(prepared) as { readonly [K in keyof typeof sql]: Statement }
    } catch (error) {
      database.close()
      throw error
    }
  }

  async load(): Promise<{ readonly revision: number; readonly entities: Iterable<Entity> }> {
    return { revision: this.#head(), entities: parsed(this.#prepared.entities) }
  }

  async commit(batch: Batch): Promise<number> {
    const { base, changes, trail } = batch
    if (changes.length === 0 && trail.length === 0) return base
    const { raise, put, drop, note, record } = this.#prepared
    const revision = changes.length === 0 ? base : base + 1
    let last = false
    try {
      this.#begin.run()
      if (changes.length > 0) {
        if (Number(raise.run(revision, base).changes) !== 1) throw new HeadMoved(base)
        for (const { kind, id, entity } of changes) {
          if (entity === undefined) drop.run(kind, id)
          else put.run(kind, id, revision, JSON.stringify(entity))
          note.run(revision, kind, id)
        }
      }
      for (const { account, requestId, decision, records } of runsOf(trail))
        record.run(account, requestId, decision, records)
      last = true
      this.#commit.run()
      return revision
    } catch (error) {
      const undone = this.#undo()
      if (error instanceof HeadMoved) throw error
      // INVARIANT: only what certainly left nothing behind is called unavailable. Short of COMMIT nothing was made durable; at
      // COMMIT a full disk and a lock are refusals, and anything else (an fsync that failed) may be on disk after all.
      const refused = !last || resultCode(error) === full || resultCode(error) === busy
      if (refused && undone) throw new StoreUnavailable(`the database refused: ${messageOf(error)}`, { cause: error })
      throw error
    }
  }

  async head(): Promise<number> {
    return this.#head()
  }

  async changesSince(revision: number): Promise<{ readonly revision: number; readonly changes: readonly Change[] }> {
    // Both are read in one transaction, so that no revision falls between them.
    this.#database.exec('BEGIN')
    try {
      const head = this.#head()
      const changes = this.#prepared.since.all(revision).map(changeOf)
      return { revision: head, changes }
    } finally {
      this.#undo()
    }
  }

  async decision(requestId: string, account: string): Promise<DecisionRow | undefined> {
    const row = this.#prepared.decision.get(requestId, account)
    return row && decisionOf(row)
  }

  async lastDecision(account: string): Promise<DecisionRow | undefined> {
    const row = this.#prepared.lastDecision.get(account)
    return row && decisionOf(row)
  }

  async trail(account: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<TrailPage> {
    const entries: TrailEntry[] = []
    // Two runs more than records are wanted: the one that `before` stands in may have none, and another tells if there is more.
    for (const row of this.#prepared.trail.iterate(account, runAt(before), limit + 2)) {
      for (const entry of recordsOf(row)) if (entry.sequence < before) entries.push(entry)
      if (entries.length > limit) break
    }
    const more = entries.length > limit
    if (more) entries.length = limit
    return { entries, next: more ? entries.at(-1)?.sequence : undefined }
  }

  async scrub(): Promise<void> {
    // The log holds pages as they were, and the file's free pages what was on them: the file is written anew without them, and
    // the log, which has grown by that, is cut to nothing (SQLite, "VACUUM" and "PRAGMA wal_checkpoint").
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#database.exec('VACUUM')
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  }

  async close(): Promise<void> {
    this.#database.close()
  }

  #head(): number {
    const row = this.#prepared.head.get()
    if (row === undefined) throw new Error('the database has no head')
    return Number(row.revision)
  }

  /** False where the transaction may still be open. */
  #undo(): boolean {
    try {
      this.#rollback.run()
      return true
    } catch (error) {
      // SQLite has already rolled back by itself, as it does where the disk is full; or BEGIN never came about.
      return /no transaction/i.test(messageOf(error))
    }
  }
}

/** `$1` is PostgreSQL's way to write it; SQLite would take `$1` for a name, and reads `?1` as the first. */
const numbered = (text: string): string => text.replaceAll('$', '?')

/** Marks a new file as ours, and refuses to touch somebody else's. */
function adopt(database: Database, path: string): void {
  const mark = Number(database.prepare('PRAGMA application_id').get()?.application_id ?? 0)
  if (mark === applicationId) return
  const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_master').get()
  if (mark !== 0 || Number(tables?.tables ?? 0) > 0) throw new Error(`${path} is a database, but not rolecall's`)
  database.exec(`PRAGMA application_id = ${applicationId}`)
}

/** Walks the schema forward to what this version speaks, all of it or nothing. */
function migrate(database: Database, path: string): void {
  const steps = migrations('INTEGER PRIMARY KEY')
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('CREATE TABLE IF NOT EXISTS meta (name text PRIMARY KEY, value text NOT NULL)')
    const stored = database.prepare(sql.schema).get()
    const version = stored === undefined ? 0 : Number(stored.value)
    if (!(version <= steps.length))
      throw new Error(
        `${path} was written by a newer rolecall (schema ${version}, this one reads up to ${steps.length}): upgrade rolecall`,
      )
    for (const step of steps.slice(version)) for (const statement of step) database.exec(statement)
    if (version < steps.length) database.prepare(numbered(sql.setSchema)).run(String(steps.length))
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function* parsed(entities: Statement): Iterable<Entity> {
  const read = entityReader()
  for (const row of entities.iterate()) yield read(textOf(row, 'body'))
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The low byte of SQLite's extended result code, or -1 where the error is none of SQLite's. */
function resultCode(error: unknown): number {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code & 0xff : -1
}
