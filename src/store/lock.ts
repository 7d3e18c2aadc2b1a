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

/** Takes the directory (made where it is missing), or says who has it. */
export function acquireLock(directory: string, holder: { readonly pid: number }): Lock | Holder {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const database = openDatabase(lockFile(directory))
  // Those who only look hold it for a moment, so a moment is waited.
  if (hold(database, 250)) return new Lock(database, directory, holder.pid)
  database.close()
  return written(directory) ?? { pid: 0 }
}

/** Who holds the directory now; `undefined` where nobody does, whatever is written there. */
export function readHolder(directory: string): Holder | undefined {
  if (!existsSync(lockFile(directory))) return undefined
  const database = openDatabase(lockFile(directory))
  try {
    return hold(database, 0) ? undefined : (written(directory) ?? { pid: 0 })
  } finally {
    database.close()
  }
}

const lockFile = (directory: string): string => join(directory, 'lock.db')
const holderFile = (directory: string): string => join(directory, 'lock.json')

function hold(database: Database, waitMilliseconds: number): boolean {
  try {
    database.exec(`PRAGMA busy_timeout = ${waitMilliseconds}`)
    database.exec('BEGIN EXCLUSIVE')
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
