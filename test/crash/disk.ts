import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditLog } from '../../src/audit/log.ts'
import { openTable } from '../../src/audit/table.ts'
import { World } from '../../src/state/world.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'

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
  for (const file of ['rolecall.db', 'rolecall.db-wal', 'trail.db', 'trail.db-wal'])
    if (existsSync(join(data, file))) copyFileSync(join(data, file), join(scratch, file))
  const path = join(scratch, 'rolecall.db')
  const database = openDatabase(path)
  const integrity = String(database.prepare('PRAGMA integrity_check').get()?.integrity_check)
  database.close()

  const store = await openStore(openSqlite(path))
  const log = await openTable(openSqlite(join(scratch, 'trail.db'), { mark: marks.audit }))
  try {
    const { head, entities } = await store.load()
    // What was on its way between the two is brought there, as the server itself does when it starts.
    await log.deliver(await store.outbox(Number.MAX_SAFE_INTEGER))
    const idsOf = (kind: string) => entities.filter((entity) => entity.kind === kind).map(({ id }) => id)
    const { records, top } = await readTrail(log, account, known)
    return {
      world: new World(entities, head),
      users: idsOf('user'),
      accounts: idsOf('account'),
      keys: idsOf('access-key'),
      records,
      top,
      integrity,
    }
  } finally {
    await store.close()
    await log.close()
  }
}

async function readTrail(log: AuditLog, account: string, known: number) {
  const records: Record[] = []
  let top = known
  for (let before: number | undefined, more = true; more; ) {
    const { entries, next } = await log.trail(account, 500, before)
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
