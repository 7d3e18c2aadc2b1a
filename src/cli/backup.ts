import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { BackupDamaged } from '../host/backup.ts'
import { backUp, type Restored, restore } from '../host/copy.ts'
import { acquireLock, Lock } from '../store/lock.ts'
import { openPostgres } from '../store/postgres.ts'
import { openStore } from '../store/sql-store.ts'
import { StoreDamaged } from '../store/store.ts'
import { postgresAt, type WhereOptions, whereOptions, withDatabases, withFiles } from './databases.ts'
import { Failure, wordsOf } from './failure.ts'
import { self, shown } from './place.ts'
import { word } from './shell.ts'
import { version } from './version.ts'

interface Options extends WhereOptions {
  readonly json?: boolean
}

export function addBackup(program: Command): void {
  whereOptions(
    program
      .command('backup')
      .summary('write everything into one file, while it runs')
      .description(
        'Writes the store and the audit trail, as of one instant, into one compressed file that notices whatever is done to it. ' +
          'It can be restored into a folder or a PostgreSQL, whichever it came from. Secrets stand in it sealed: keep the key too, elsewhere.',
      )
      .argument('<file>', 'the file to write; one of that name is replaced once the new one is whole'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall backup /backups/rolecall-$(date +%F).gz
  rolecall backup all.gz --store postgres://rolecall@db/rolecall`,
    )
    .action(writeOne)
}

export function addRestore(program: Command): void {
  whereOptions(
    program
      .command('restore')
      .summary('make an empty store into what a backup holds')
      .description(
        'Fills an empty store from a backup: all of it, or nothing where the file is not whole. What was restored is checked.',
      )
      .argument('<file>', 'a file that `rolecall backup` wrote'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  rolecall restore rolecall.gz --data /var/lib/rolecall
  rolecall restore rolecall.gz --store postgres://rolecall@db/rolecall`,
    )
    .action(restoreOne)
}

async function writeOne(file: string, options: Options): Promise<void> {
  process.umask(0o077)
  const path = resolve(file)
  await withDatabases(options, async (databases) => {
    const written = await backUp(databases, path, { at: Date.now(), version: version() })
    const bytes = statSync(path).size
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ file: path, bytes, ...written })}\n`
        : `${databases.name} is backed up to ${shown(path)} (${sizeOf(bytes)})\n`,
    )
  })
}

async function restoreOne(file: string, options: Options): Promise<void> {
  process.umask(0o077)
  const path = resolve(file)
  if (!existsSync(path)) throw new Failure(`${shown(path)} is not there`)
  try {
    const restored =
      options.store === undefined ? await intoFolder(path, options.data) : await intoPostgres(path, options.store)
    process.stdout.write(options.json ? `${JSON.stringify(restored)}\n` : told(restored, options))
  } catch (error) {
    if (error instanceof BackupDamaged || error instanceof StoreDamaged) throw new Failure(error.message)
    const words = wordsOf(error)
    throw words === undefined ? error : new Failure(`cannot restore ${shown(path)}: ${words}`)
  }
}

/** Beside its place first: what is moved there is whole, checked, and closed. */
async function intoFolder(file: string, data: string): Promise<Restored> {
  const directory = resolve(data)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = acquireLock(directory, { pid: process.pid })
  if (!(lock instanceof Lock)) throw new Failure(`${shown(directory)} is in use by process ${lock.pid}: stop it first`)
  const fresh = join(directory, 'restoring')
  try {
    if (existsSync(join(directory, 'rolecall.db')))
      throw new Failure(`${shown(directory)} holds a store already: choose another --data, or move that one away`)
    rmSync(fresh, { recursive: true, force: true })
    const restored = await withFiles(fresh, async (databases) => {
      const done = await restore(file, databases)
      await (await openStore(databases.store)).load()
      return done
    })
    // The store comes last: a folder without it holds nothing yet, and this can be done again.
    for (const name of ['audit.db', 'rolecall.db']) renameSync(join(fresh, name), join(directory, name))
    return restored
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    lock.release()
  }
}

async function intoPostgres(file: string, url: string): Promise<Restored> {
  const engine = openPostgres(postgresAt(url))
  try {
    const restored = await restore(file, { store: engine, trail: engine })
    await (await openStore(engine)).load()
    return restored
  } finally {
    await engine.close()
  }
}

function told({ at, entities, revision, sealedUnder }: Restored, { data, store }: Options): string {
  const key =
    sealedUnder === undefined
      ? ''
      : `Its secrets are sealed under key ${sealedUnder}. Bring that key${store === undefined ? ` to ${shown(join(resolve(data), 'key'))}` : ''}, or name it with --key-file.\n`
  const start = store === undefined ? `${self()} serve --store ${word(data)}` : `${self()} serve --store …`
  return `Restored ${entities.toLocaleString('en-US')} entities at revision ${revision}, as of ${new Date(at).toISOString()}.
${key}Check it with: ${self()} check${store === undefined ? ` --data ${word(data)}` : ' --store …'}
Start it with: ${start}
`
}

const sizeOf = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
