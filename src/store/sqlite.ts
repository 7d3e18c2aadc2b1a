import { type Database, type DriverName, openDatabase, type Statement } from './database.ts'
import type { Dialect, Engine, Row, Statements, Streaming, Value } from './engine.ts'
import { StoreDamaged, StoreUnavailable } from './store.ts'

/** What a database file is ours for (PRAGMA application_id): a file of the one kind is never taken for one of the other. */
export const marks = {
  /** `rcll` */
  store: 0x72636c6c,
  /** `rcla` */
  audit: 0x72636c61,
} as const

export interface SqliteOptions {
  /** What the file is for. Default: the store. */
  readonly mark?: number
  /** How long a write waits for another process to finish its own. Default five seconds. */
  readonly waitMilliseconds?: number
  /** The file grows to so many pages of 4 KB and no further. Default: as far as the disk goes. */
  readonly pagesMax?: number
  readonly driver?: DriverName
}

export const sqliteDialect: Dialect = { name: 'sqlite', rowNumber: 'INTEGER PRIMARY KEY', rowsMax: 8 }

/** SQLite's result codes, low byte (SQLite, "Result and Error Codes"). */
const busy = 5
const full = 13
/** Malformed, or no database at all. */
const damaged: readonly number[] = [11, 26]
/** And its extended ones, of which a write that the system refused is one. */
const writeRefused = 778

const waitDefault = 5000
/** Texts are few; a batch that is written in rows of many has one for each size. */
const preparedMax = 256
/** In a stream: few enough that they are forgotten young, which is what rows by the million cost most. */
const rowsAtOnce = 128

/** Opens the database in a file. Throws where the file is not ours, or cannot be opened. */
export const openSqlite = (path: string, options: SqliteOptions = {}): Engine => new Sqlite(path, options)

/**
 * One SQLite file, which other processes may have open too. One connection writes, one reads, and every snapshot has one to
 * itself. A commit is one fsync of the write-ahead log, and nobody sees it before that: SQLite puts frames into the log's index
 * once they are synced. The calls of SQLite are synchronous, so what is asked of it alone never waits longer than its disk.
 */
class Sqlite implements Engine {
  readonly dialect = sqliteDialect
  readonly #path: string
  readonly #options: SqliteOptions
  readonly #wait: number
  readonly #reader: Connection
  /** Missing only where it was given up because nobody knew whether its transaction had ended. */
  #writer: Connection | undefined
  readonly #idle: Connection[] = []
  #last: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(path: string, options: SqliteOptions) {
    this.#path = path
    this.#options = options
    this.#wait = options.waitMilliseconds ?? waitDefault
    this.#writer = told(path, () => this.#writing())
    try {
      this.#reader = told(path, () => this.#reading())
    } catch (error) {
      this.#writer.close()
      throw error
    }
  }

  async all(text: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    this.#mustBeOpen()
    return told(this.#path, () => this.#reader.statement(text).all(...values))
  }

  async snapshot<T>(work: (statements: Statements & Streaming) => Promise<T>): Promise<T> {
    this.#mustBeOpen()
    const connection = this.#idle.pop() ?? told(this.#path, () => this.#reading())
    try {
      told(this.#path, () => connection.statement('BEGIN').run())
      return await work(connection)
    } finally {
      if (connection.undo() && !this.#closed) this.#idle.push(connection)
      else connection.close()
    }
  }

  write<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError())
    const done = this.#last.then(() => this.#transaction(work))
    this.#last = done.catch(() => undefined)
    return done
  }

  /**
   * The log holds pages as they were, and the file's free pages what was on them: the file is written anew without them, and the
   * log, which has grown by that, is cut to nothing (SQLite, "VACUUM" and "PRAGMA wal_checkpoint").
   */
  async scrub(): Promise<void> {
    const done = this.#last.then(() => {
      this.#writer ??= told(this.#path, () => this.#writing())
      this.#writer.scrub(this.#wait)
    })
    this.#last = done.catch(() => undefined)
    await done
  }

  /**
   * INVARIANT: no write is acknowledged that a broken index would make the last one. Rows are read by a walk over their table, and
   * found by the index where they are written: one that leads nowhere would have the next write put a row there twice.
   */
  async examine(): Promise<void> {
    this.#mustBeOpen()
    const found = told(this.#path, () => this.#reader.statement('PRAGMA integrity_check(1)').get())
    const said = String(found?.integrity_check)
    if (said !== 'ok') throw new StoreDamaged(`${this.#path}: ${said}`)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#last
    for (const connection of this.#idle) connection.close()
    this.#reader.close()
    this.#writer?.bringHome()
    this.#writer?.close()
    this.#writer = undefined
  }

  async #transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    this.#writer ??= told(this.#path, () => this.#writing())
    const connection = this.#writer
    await begin(connection, this.#wait)
    let result: T
    try {
      result = await work(connection)
    } catch (error) {
      if (connection.undo()) throw error
      this.#giveUp(connection)
      throw new Error('a transaction could not be rolled back', { cause: error })
    }
    try {
      connection.statement('COMMIT').run()
      return result
    } catch (error) {
      const undone = connection.undo()
      if (!undone) this.#giveUp(connection)
      throw undone && refusedAtCommit(error) ? refusal(this.#path, error) : error
    }
  }

  /** Closing ends whatever transaction there still is. */
  #giveUp(connection: Connection): void {
    connection.close()
    this.#writer = undefined
  }

  #mustBeOpen(): void {
    if (this.#closed) throw closedError()
  }

  #writing(): Connection {
    const { mark = marks.store, pagesMax, driver } = this.#options
    const database = openDatabase(this.#path, driver)
    try {
      // Opening waits for others, as every process does that comes up at the same time.
      database.exec(`PRAGMA busy_timeout = ${Math.max(this.#wait, 250)}`)
      adopt(database, this.#path, mark)
      database.exec('PRAGMA journal_mode = WAL')
      database.exec('PRAGMA synchronous = FULL')
      database.exec('PRAGMA foreign_keys = OFF')
      if (pagesMax !== undefined) database.exec(`PRAGMA max_page_count = ${pagesMax}`)
      database.exec('PRAGMA wal_autocheckpoint = 2000')
      database.exec('PRAGMA journal_size_limit = 67108864')
      // From here on it is `begin` that waits, without holding up everything else in the process.
      database.exec('PRAGMA busy_timeout = 0')
      return new Connection(database, this.#path)
    } catch (error) {
      database.close()
      throw error
    }
  }

  #reading(): Connection {
    const database = openDatabase(this.#path, this.#options.driver)
    try {
      database.exec(`PRAGMA busy_timeout = ${this.#wait}`)
      database.exec('PRAGMA query_only = ON')
      return new Connection(database, this.#path)
    } catch (error) {
      database.close()
      throw error
    }
  }
}

/** A connection and what was prepared on it. */
class Connection implements Statements, Streaming {
  readonly #database: Database
  /** The file behind it. */
  readonly path: string
  readonly #prepared = new Map<string, Statement>()

  constructor(database: Database, path: string) {
    this.#database = database
    this.path = path
  }

  statement(text: string): Statement {
    let statement = this.#prepared.get(text)
    if (statement === undefined) {
      if (this.#prepared.size >= preparedMax) this.#prepared.clear()
      statement = this.#database.prepare(numbered(text))
      this.#prepared.set(text, statement)
    }
    return statement
  }

  async run(text: string, values: readonly Value[] = []): Promise<number> {
    return told(this.path, () => Number(this.statement(text).run(...values).changes))
  }

  async all(text: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return told(this.path, () => this.statement(text).all(...values))
  }

  async *stream(text: string, values: readonly Value[] = []): AsyncIterable<readonly Row[]> {
    // A statement of its own: another that is asked by the same text meanwhile would start it anew.
    const rows = told(this.path, () => this.#database.prepare(numbered(text)).iterate(...values))
    try {
      for (let more = true; more; ) {
        const [chunk, ended] = told(this.path, () => taken(rows))
        if (chunk.length > 0) yield chunk
        more = !ended
      }
    } finally {
      rows.return?.()
    }
  }

  /** False where the transaction may still be open. */
  undo(): boolean {
    try {
      this.statement('ROLLBACK').run()
      return true
    } catch (error) {
      // SQLite has already rolled back by itself, as it does where the disk is full.
      return /no transaction/i.test(messageOf(error))
    }
  }

  scrub(waitMilliseconds: number): void {
    told(this.path, () => {
      this.#database.exec(`PRAGMA busy_timeout = ${waitMilliseconds}`)
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      this.#database.exec('VACUUM')
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      this.#database.exec('PRAGMA busy_timeout = 0')
    })
  }

  /**
   * Empties the log into the file. SQLite does so when the last connection closes, but one closes only once its statements have been
   * collected, and whoever moves the file will not wait. Where others are at work it is theirs to do.
   */
  bringHome(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // The log stays, and is read with the file.
    }
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }
}

/** The next rows, and whether they were the last: who asks an iterator of Node's again that has ended begins anew in some versions. */
function taken(rows: Iterator<Row>): readonly [chunk: readonly Row[], ended: boolean] {
  const chunk: Row[] = []
  while (chunk.length < rowsAtOnce) {
    const next = rows.next()
    if (next.done === true) return [chunk, true]
    chunk.push(next.value)
  }
  return [chunk, false]
}

/** Takes the write lock, or waits until the process that has it lets go, and lets this one do other things meanwhile. */
async function begin(connection: Connection, waitMilliseconds: number): Promise<void> {
  const from = performance.now()
  for (;;) {
    try {
      connection.statement('BEGIN IMMEDIATE').run()
      return
    } catch (error) {
      if (resultCode(error) !== busy || performance.now() - from >= waitMilliseconds)
        throw refusal(connection.path, error)
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** `$1` is PostgreSQL's way to write it; SQLite would take `$1` for a name, and reads `?1` as the first. */
const numbered = (text: string): string => text.replaceAll('$', '?')

/** Marks a new file as ours, and refuses to touch somebody else's. */
function adopt(database: Database, path: string, mark: number): void {
  const marked = () => Number(database.prepare('PRAGMA application_id').get()?.application_id ?? 0)
  if (marked() === mark) return
  // Another process may be doing the same.
  database.exec('BEGIN IMMEDIATE')
  try {
    const there = marked()
    const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_master').get()
    if (there !== mark && (there !== 0 || Number(tables?.tables ?? 0) > 0))
      throw new Error(`${path} is a database, but not rolecall's${there in kinds ? ` ${kinds[mark]}` : ''}`)
    database.exec(`PRAGMA application_id = ${mark}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

const kinds: Readonly<Record<number, string>> = { [marks.store]: 'store', [marks.audit]: 'audit trail' }

/**
 * Short of COMMIT nothing is durable, so whatever SQLite says there is a refusal. What did not come of SQLite (a work's own
 * error, a bug) is passed on as it is.
 */
function told<T>(path: string, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw resultCode(error) < 0 ? error : refusal(path, error)
  }
}

/** To try again helps against everything but a file that is no longer what SQLite wrote. */
const refusal = (path: string, error: unknown): StoreUnavailable | StoreDamaged =>
  damaged.includes(resultCode(error))
    ? new StoreDamaged(`${path}: ${messageOf(error)}`, { cause: error })
    : new StoreUnavailable(`the database refused: ${messageOf(error)}`, { cause: error })

const closedError = (): StoreUnavailable => new StoreUnavailable('the database is closed')

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * INVARIANT: only what certainly left nothing behind is called unavailable. At COMMIT a lock, a full disk, and one that takes no
 * write are refusals: the commit's own frame comes last in the log, and whatever could not be written is that frame or one
 * before it (SQLite, "WAL-mode File Format"). Anything else, as an fsync that failed, may be on disk after all.
 */
const refusedAtCommit = (error: unknown): boolean =>
  [busy, full].includes(resultCode(error)) || extendedCode(error) === writeRefused

/** The low byte of SQLite's extended result code, or -1 where the error is none of SQLite's. */
function resultCode(error: unknown): number {
  const code = extendedCode(error)
  return code < 0 ? code : code & 0xff
}

function extendedCode(error: unknown): number {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code : -1
}
