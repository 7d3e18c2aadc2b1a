import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, openDatabase } from './database.ts'

/** Who holds a data directory. */
export interface Holder {
  readonly pid: number
  /** Where it listens, once it does: `http://127.0.0.1:4080`. */
  readonly endpoint?: string
}

/**
 * One process for each data directory. The lock itself is SQLite's exclusive lock on a small database of its own: the kernel
 * gives it back when its holder ends, however that ends, so there is no stale lock and no process id to be taken for another.
 * Who holds it stands in a file beside it, which means nothing while nobody does.
 */
export class Lock {
  readonly #database: Database
  readonly #directory: string
  readonly #pid: number

  constructor(database: Database, directory: string, pid: number) {
    this.#database = database
    this.#directory = directory
    this.#pid = pid
    this.#write({ pid })
  }

  /** Lets others know where to find us. */
  describe(endpoint: string): void {
    this.#write({ pid: this.#pid, endpoint })
  }

  release(): void {
    rmSync(holderFile(this.#directory), { force: true })
    this.#database.exec('ROLLBACK')
    this.#database.close()
  }

  /** In one step, for those who read it meanwhile. */
  #write(holder: Holder): void {
    const file = holderFile(this.#directory)
    writeFileSync(`${file}.new`, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
    chmodSync(`${file}.new`, 0o600)
    renameSync(`${file}.new`, file)
  }
}

/** A holder's workers that lost it let open requests finish, which is five seconds' work at most. */
const leavingMilliseconds = 8000

/**
 * Takes the directory (made where it is missing), or says who has it. Waits for those who serve for a holder that is gone:
 * whoever believes to be alone must be.
 */
export function acquireLock(
  directory: string,
  holder: { readonly pid: number },
  waitMilliseconds = leavingMilliseconds,
): Lock | Holder {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const database = openDatabase(lockFile(directory))
  // Those who only look hold it for a moment, so a moment is waited.
  if (hold(database, 250)) {
    if (left(directory, waitMilliseconds)) return new Lock(database, directory, holder.pid)
    database.exec('ROLLBACK')
  }
  database.close()
  return written(directory) ?? { pid: 0 }
}

/** Whether nobody serves for a holder any more. */
function left(directory: string, waitMilliseconds: number): boolean {
  const workers = openDatabase(workersFile(directory))
  try {
    const nobody = hold(workers, waitMilliseconds)
    if (nobody) workers.exec('ROLLBACK')
    return nobody
  } finally {
    workers.close()
  }
}

/**
 * Joins those who serve for the holder of a directory. Until this process ends, or hands itself back, nobody else takes the
 * directory, also where its holder is gone.
 */
export function joinHolder(directory: string): () => void {
  const workers = openDatabase(workersFile(directory))
  // A transaction that reads keeps SQLite's shared lock for as long as it is open (SQLite, "File Locking And Concurrency").
  workers.exec('PRAGMA busy_timeout = 250')
  workers.exec('BEGIN')
  workers.prepare('SELECT count(*) FROM sqlite_master').get()
  return () => {
    // Its statement keeps a closed connection alive until it is collected, but not what it has locked.
    workers.exec('ROLLBACK')
    workers.close()
  }
}

/** Who holds the directory now; `undefined` where nobody does, whatever is written there. */
export function readHolder(directory: string): Holder | undefined {
  if (!existsSync(lockFile(directory))) return undefined
  const database = openDatabase(lockFile(directory))
  try {
    return isHeld(database) ? (written(directory) ?? { pid: 0 }) : undefined
  } finally {
    database.close()
  }
}

const lockFile = (directory: string): string => join(directory, 'lock.db')
const workersFile = (directory: string): string => join(directory, 'lock.workers.db')
const holderFile = (directory: string): string => join(directory, 'lock.json')

function hold(database: Database, waitMilliseconds: number): boolean {
  return isFree(() => {
    database.exec(`PRAGMA busy_timeout = ${waitMilliseconds}`)
    database.exec('BEGIN EXCLUSIVE')
  })
}

/** Looked at through SQLite's shared lock: of two who look at the same time, neither takes the other for a holder. */
function isHeld(database: Database): boolean {
  return !isFree(() => {
    database.exec('PRAGMA busy_timeout = 0')
    database.exec('SELECT count(*) FROM sqlite_master')
  })
}

function isFree(take: () => void): boolean {
  try {
    take()
    return true
  } catch (error) {
    if (error instanceof Error && /locked/.test(error.message)) return false
    throw error
  }
}

function written(directory: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(holderFile(directory), 'utf8'))
    if (typeof holder !== 'object' || holder === null || !('pid' in holder) || typeof holder.pid !== 'number')
      return undefined
    const endpoint = 'endpoint' in holder && typeof holder.endpoint === 'string' ? holder.endpoint : undefined
    return { pid: holder.pid, ...(endpoint !== undefined && { endpoint }) }
  } catch {
    return undefined
  }
}
