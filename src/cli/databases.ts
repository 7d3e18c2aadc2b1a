import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Databases } from '../host/copy.ts'
import { isPostgres, parseLocation } from '../store/location.ts'
import { openPostgres } from '../store/postgres.ts'
import { marks, openSqlite } from '../store/sqlite.ts'
import { exitUsage, Failure } from './failure.ts'
import { dataArgument, defaultData, mustBeOurs, shown } from './place.ts'

/** Where the databases are that a command reads or fills. */
export interface WhereOptions {
  readonly data: string
  readonly store?: string
}

/**
 * Reads a location of PostgreSQL's. It is looked at after the line was parsed, and not while: what does not fit there is repeated
 * on the terminal, and a password may stand in it.
 */
export function postgresAt(text: string): string {
  if (!isPostgres(text))
    throw new Failure(
      '--store names a PostgreSQL here: postgres://user@host/database. A folder is named by --data.',
      exitUsage,
    )
  try {
    parseLocation(text)
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), exitUsage)
  }
  return text
}

/** The two options that say where. */
export const whereOptions = (command: Command): Command =>
  command
    .option('--data <dir>', 'data directory', dataArgument, defaultData)
    .option('--store <url>', 'a PostgreSQL store instead: postgres://…')

/** The databases and how they are called. */
export interface Named extends Databases {
  readonly name: string
  /** The data directory; `undefined` for a PostgreSQL. */
  readonly directory: string | undefined
}

/** Opens the databases of an authority for one command, running or not, and closes them after it. None of them is made here. */
export async function withDatabases<T>(options: WhereOptions, work: (databases: Named) => Promise<T>): Promise<T> {
  if (options.store !== undefined) {
    const store = openPostgres(postgresAt(options.store))
    try {
      return await work({ name: String(store), directory: undefined, store, trail: store })
    } finally {
      await store.close()
    }
  }
  const directory = resolve(options.data)
  mustBeOurs(directory)
  for (const [file, what] of [
    ['rolecall.db', 'store'],
    ['audit.db', 'audit trail'],
  ] as const)
    if (!existsSync(join(directory, file))) throw new Failure(`${shown(directory)} holds no ${what}`)
  return withFiles(directory, (databases) => work({ ...databases, name: shown(directory), directory }))
}

/** Opens, and where they are missing makes, the two files of a data directory. */
export async function withFiles<T>(directory: string, work: (databases: Databases) => Promise<T>): Promise<T> {
  const store = openSqlite(join(directory, 'rolecall.db'))
  try {
    const trail = openSqlite(join(directory, 'audit.db'), { mark: marks.audit })
    try {
      return await work({ store, trail })
    } finally {
      await trail.close()
    }
  } finally {
    await store.close()
  }
}
