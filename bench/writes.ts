import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditReader } from '../src/audit/reader.ts'
import type { Entity } from '../src/state/entity.ts'
import { origin } from '../src/state/head.ts'
import { openStore } from '../src/store/sql-store.ts'
import { marks, openSqlite } from '../src/store/sqlite.ts'
import type { Store, TrailRow } from '../src/store/store.ts'
import { loadWhole } from '../src/store/whole.ts'
import type { Env, Running } from '../test/clients/process.ts'
import { load } from './load.ts'
import { signedRequest } from './request.ts'

/** How many writes are asked for at the same time. */
const inFlight = 64
const iam = { Version: '2010-05-08' }

export interface Writes {
  /** Writes a second that were answered, each of them on disk before its answer. */
  readonly answered: number
  /** Writes a second of the same bytes that the store alone takes, committed as many at a time. */
  readonly stored: number
}

/**
 * Durable writes through the whole server, against its own store without a server. Both wait for the same disk, so this is by
 * the clock. Stops the server: its store is read for what it wrote.
 */
export async function durableWrites(running: Running, env: Env, seconds: number): Promise<Writes> {
  const port = Number(new URL(running.endpoint).port)
  const names = Array.from({ length: inFlight }, (_, index) => `bench-${index}`)
  const ask = (parameters: Readonly<Record<string, string>>) =>
    signedRequest(running.endpoint, env, 'iam', { ...iam, ...parameters })
  for (const UserName of names) {
    await load(port, [ask({ Action: 'CreateUser', UserName })], { connections: 1, seconds: 0 })
  }
  const tags = names.map((UserName) =>
    ask({ Action: 'TagUser', UserName, 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'blue' }),
  )
  await load(port, tags, { connections: inFlight, seconds: Math.min(1, seconds) })
  const result = await load(port, tags, { connections: inFlight, seconds })
  await running.stop()
  return { answered: result.answers / result.seconds, stored: await storeAlone(running.data, env.accountId, seconds) }
}

async function storeAlone(data: string, account: string, seconds: number): Promise<number> {
  const written = await openStore(openSqlite(join(data, 'rolecall.db')))
  const users = (await loadWhole(written)).entities.filter(({ kind }) => kind === 'user').slice(-inFlight)
  await written.close()
  const records = openSqlite(join(data, 'audit.db'), { mark: marks.audit })
  const trail = (await new AuditReader(records).trail(account, inFlight)).entries
  await records.close()

  const directory = mkdtempSync(join(tmpdir(), 'rolecall-bench-'))
  const store = await openStore(openSqlite(join(directory, 'rolecall.db')))
  try {
    return await commits(store, users, trail, seconds)
  } finally {
    await store.close()
    rmSync(directory, { recursive: true })
  }
}

async function commits(
  store: Store,
  users: readonly Entity[],
  trail: readonly TrailRow[],
  seconds: number,
): Promise<number> {
  const changes = users.map((entity) => ({ kind: entity.kind, id: entity.id, entity }))
  const start = performance.now()
  let base = origin
  let now = start
  while (now - start < seconds * 1000) {
    // As in the server: what the last commit posted is noted as delivered by the next one.
    const delivered = base.revision === 0 ? [] : [base.batch]
    base = await store.commit({ base, batch: `batch-${base.revision}`, changes, trail, delivered })
    now = performance.now()
  }
  return (base.revision * changes.length * 1000) / (now - start)
}
