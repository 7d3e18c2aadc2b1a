import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Signer } from '../../src/audit/key.ts'
import type { AuditLog } from '../../src/audit/log.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { verify } from '../../src/audit/verify.ts'
import { secretOf } from '../../src/gate/safe.ts'
import { keySource } from '../../src/host/key.ts'
import { machineClock, machineRandom } from '../../src/host/machine.ts'
import { openVault } from '../../src/host/sealing.ts'
import { everywhere } from '../../src/state/index-keys.ts'
import { World } from '../../src/state/world.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { loadWhole } from '../../src/store/whole.ts'

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
  /** The place of the newest that was in the trail already. What was on its way there may come to another place than here. */
  readonly top: number
  /** What SQLite says of the file: `ok`. */
  readonly integrity: string
  /** What is wrong with the chains of the trail, and whatever the audit log had to tell: nothing, where all is well. */
  readonly complaints: readonly string[]
}

/**
 * Reads a copy of the database, write-ahead log included: the server itself is to recover the original. Records are read down to
 * a sequence that is known already.
 */
export async function readDisk(data: string, scratch: string, account: string, known: number): Promise<Disk> {
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch)
  for (const file of ['rolecall.db', 'rolecall.db-wal', 'audit.db', 'audit.db-wal'])
    if (existsSync(join(data, file))) copyFileSync(join(data, file), join(scratch, file))
  const path = join(scratch, 'rolecall.db')
  const database = openDatabase(path)
  const integrity = String(database.prepare('PRAGMA integrity_check').get()?.integrity_check)
  database.close()

  const store = await openStore(openSqlite(path))
  const { head, entities } = await loadWhole(store)
  const world = new World(entities, head)
  const vault = openVault(world, keySource({}, {}, data), machineClock, machineRandom())
  const keys = world.find('audit-key', everywhere).map((key) => ({ ...key, secret: secretOf(vault, key) }))
  const complaints: string[] = []
  const trail = openSqlite(join(scratch, 'audit.db'), { mark: marks.audit })
  const log = await SqlAudit.open(trail, {
    node: 'main',
    keys,
    clock: machineClock,
    schedule: () => () => undefined,
    alarm: (what, error) => complaints.push(`${what}: ${String(error)}`),
  })
  try {
    const { top } = await readTrail(log, account, known)
    // What was on its way between the two is brought there, as the server itself does when it starts.
    await log.deliver(await store.outbox(Number.MAX_SAFE_INTEGER))
    const idsOf = (kind: string) => entities.filter((entity) => entity.kind === kind).map(({ id }) => id)
    const { records } = await readTrail(log, account, known)
    const anchors = world.find('audit-anchor', everywhere).map(({ id, ...digest }) => ({ node: id, ...digest }))
    const { findings } = await verify(trail, { keys, signer: new Signer(keys), anchors })
    return {
      world,
      complaints: [...complaints, ...findings.map((finding) => JSON.stringify(finding))],
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
