import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { World } from '../../src/state/world.ts'
import { openDatabase } from '../../src/store/database.ts'
import { SqliteStore } from '../../src/store/sqlite-store.ts'

/** One record of the trail, as far as the comparison needs it. */
export interface Record {
  readonly requestId: string
  readonly eventName: string
  readonly failed: boolean
  readonly parameters: Readonly<globalThis.Record<string, unknown>>
}

/** What a killed server left on its disk. */
export interface Disk {
  readonly world: World
  readonly users: readonly string[]
  readonly accounts: readonly string[]
  readonly keys: readonly string[]
  /** Newer than what was known before, oldest first. */
  readonly records: readonly Record[]
  readonly top: number
  /** What SQLite says of the file: `ok`. */
  readonly integrity: string
}

/**
 * Reads a copy of the database, write-ahead log included: the server itself is to recover the original. Records are read down to
 * a sequence that is known already.
 */
export async function readDisk(data: string, scratch: string, account: string, known: number): Promise<Disk> {
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch)
  for (const file of ['rolecall.db', 'rolecall.db-wal'])
    if (existsSync(join(data, file))) copyFileSync(join(data, file), join(scratch, file))
  const path = join(scratch, 'rolecall.db')
  const database = openDatabase(path)
  const integrity = String(database.prepare('PRAGMA integrity_check').get()?.integrity_check)
  database.close()

  const store = new SqliteStore(path)
  try {
    const { revision, entities } = await store.load()
    const all = [...entities]
    const idsOf = (kind: string) => all.filter((entity) => entity.kind === kind).map(({ id }) => id)
    const { records, top } = await readTrail(store, account, known)
    return {
      world: new World(all, revision),
      users: idsOf('user'),
      accounts: idsOf('account'),
      keys: idsOf('access-key'),
      records,
      top,
      integrity,
    }
  } finally {
    await store.close()
  }
}

async function readTrail(store: SqliteStore, account: string, known: number) {
  const records: Record[] = []
  let top = known
  for (let before: number | undefined, more = true; more; ) {
    const { entries, next } = await store.trail(account, 500, before)
    for (const { sequence, event, requestId } of entries) {
      if (sequence <= known) break
      top = Math.max(top, sequence)
      // What the authority recorded, in CloudTrail's form.
      const { eventName, errorCode, requestParameters } = JSON.parse(event) as {
        readonly eventName: string
        readonly errorCode?: string
        readonly requestParameters: Readonly<globalThis.Record<string, unknown>> | null
      }
      records.push({ requestId, eventName, failed: errorCode !== undefined, parameters: requestParameters ?? {} })
    }
    before = next
    more = next !== undefined && next > known
  }
  return { records: records.reverse(), top }
}
