import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import process from 'node:process'
import type { Row, Value } from './engine.ts'

/** What we use of `node:sqlite`, and of the package that speaks like it. */
export interface Statement {
  run(...values: Value[]): { readonly changes: number | bigint }
  get(...values: Value[]): Row | undefined
  all(...values: Value[]): Row[]
  iterate(...values: Value[]): IterableIterator<Row>
}
export interface Database {
  exec(text: string): void
  prepare(text: string): Statement
  close(): void
}
interface Driver {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly?: boolean }) => Database
}

/** Who brings SQLite: Node itself (22.13 and later), or the package of the same API. */
export type DriverName = 'node:sqlite' | '@photostructure/sqlite'

const drivers = new Map<DriverName, Driver | Error>()

function loadDriver(name: DriverName): Driver | Error {
  let driver = drivers.get(name)
  if (driver === undefined) {
    driver = requireDriver(name)
    drivers.set(name, driver)
  }
  return driver
}

function requireDriver(name: DriverName): Driver | Error {
  const require = createRequire(import.meta.url)
  const { emitWarning } = process
  try {
    // Node calls its SQLite experimental each time a process starts. We know, and whoever runs us need not read it; every
    // other warning goes through.
    process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
      if (!String(warning).includes('SQLite is an experimental feature'))
        Reflect.apply(emitWarning, process, [warning, ...rest])
    }
    // Both answer with this class: one documents the API, the other is made to be put in its place.
    return require(name) as Driver
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Whether this Node, as it is installed, has that SQLite. */
export const hasDriver = (name: DriverName): boolean => !(loadDriver(name) instanceof Error)

/** The driver of that name; without one, Node's own SQLite where Node has it, else the package. */
function driverOf(name: DriverName | undefined): Driver {
  const driver = loadDriver(name ?? (hasDriver('node:sqlite') ? 'node:sqlite' : '@photostructure/sqlite'))
  if (!(driver instanceof Error)) return driver
  throw new Error(
    'no SQLite: use Node 22.13 or later, which has one, or install the package @photostructure/sqlite for this platform',
    { cause: driver },
  )
}

/** Opens a database file that only its owner can read, in a directory that is made where it is missing. */
export function openDatabase(path: string, driver?: DriverName): Database {
  const { DatabaseSync } = driverOf(driver)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // SQLite gives its journals the mode of the database file, so this one is made first. An existing one is only looked at by
  // name: opening and closing it here would drop the locks that this process holds on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode
    if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(file, 0o600)
  }
  return new DatabaseSync(path)
}
