import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { migrations, sql } from '../../src/store/sql.ts'
import { SqliteStore } from '../../src/store/sqlite-store.ts'
import { StoreUnavailable } from '../../src/store/store.ts'
import { drop, put, row, user } from '../contract/store.ts'

let directory = ''
let path = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rolecall-sqlite-'))
  path = join(directory, 'state.db')
})
afterEach(() => rmSync(directory, { recursive: true }))

const mode = (file: string) => statSync(file).mode & 0o777

describe('the SQLite store', () => {
  test('keeps its files, journals too, from everybody but their owner', async () => {
    const store = new SqliteStore(path)
    await store.commit({ base: 0, changes: [put(user('A'))], trail: [] })
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(mode(file)).toBe(0o600)
    await store.close()
  })

  test('takes back what others were allowed on a file that was there before', async () => {
    await new SqliteStore(path).close()
    chmodSync(path, 0o644)
    await new SqliteStore(path).close()
    expect(mode(path)).toBe(0o600)
  })

  test('commits through a write-ahead log that is synced each time', async () => {
    const store = new SqliteStore(path)
    const other = openDatabase(path)
    expect(other.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    other.close()
    await store.close()
  })

  test('refuses the data of a newer version by name, and leaves it alone', async () => {
    await new SqliteStore(path).close()
    const database = openDatabase(path)
    database.exec("UPDATE meta SET value = '99' WHERE name = 'schema'")
    database.close()
    expect(() => new SqliteStore(path)).toThrow(/newer rolecall \(schema 99/)
    expect(() => new SqliteStore(path)).toThrow(/upgrade rolecall/)
  })

  test('refuses a database that is not ours, and a file that is none', () => {
    const database = openDatabase(path)
    database.exec('CREATE TABLE theirs (x)')
    database.close()
    expect(() => new SqliteStore(path)).toThrow(/not rolecall's/)
    const noise = join(directory, 'noise.db')
    writeFileSync(noise, 'this is a text file, and was never anything else\n'.repeat(100))
    expect(() => new SqliteStore(noise)).toThrow(/not a database/)
    expect(readFileSync(noise, 'utf8')).toContain('text file')
  })

  test('refuses where another process is in the middle of writing, and takes the batch afterwards', async () => {
    const store = new SqliteStore(path, { waitMilliseconds: 0 })
    const other = openDatabase(path)
    other.exec('BEGIN IMMEDIATE')
    const refused = store.commit({ base: 0, changes: [put(user('A'))], trail: [] })
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable)
    other.exec('ROLLBACK')
    expect(await store.commit({ base: 0, changes: [put(user('A'))], trail: [] })).toBe(1)
    other.close()
    await store.close()
  })

  test('refuses a batch whole where there is no room, goes on reading, and takes it once there is room', async () => {
    const store = new SqliteStore(path, { pagesMax: 100 })
    const large = (id: string) => ({ ...user(id), inline: [{ name: 'p', document: 'x'.repeat(200_000) }] })
    await store.commit({ base: 0, changes: [put(large('A'))], trail: [row(1)] })
    const refused = store.commit({ base: 1, changes: [put(user('B')), put(large('C'))], trail: [row(2)] })
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable)
    expect([...(await store.load()).entities]).toEqual([large('A')])
    expect((await store.trail('111122223333', 10)).entries).toHaveLength(1)
    await store.commit({ base: 1, changes: [drop(large('A'))], trail: [] })
    expect(await store.commit({ base: 2, changes: [put(user('B')), put(large('C'))], trail: [row(2)] })).toBe(3)
    await store.close()
  })

  test('reads the trail of a database of the first schema', async () => {
    const database = openDatabase(path)
    database.exec('PRAGMA application_id = 0x72636c6c')
    for (const statement of migrations('INTEGER PRIMARY KEY')[0] ?? []) database.exec(statement)
    database.exec(
      "CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL); INSERT INTO meta VALUES ('schema', '1')",
    )
    const rows = [row(1), row(2, '444455556666'), row(3, undefined, '{"n":3}'), row(4)]
    const insert = database.prepare(
      'INSERT INTO trail (event_id, at, account, request_id, event, decision) VALUES (?, ?, ?, ?, ?, ?)',
    )
    for (const { eventId, at, account, requestId, event, decision } of rows)
      insert.run(eventId, at, account, requestId, event, decision ?? null)
    database.close()

    const store = new SqliteStore(path)
    await store.commit({ base: 0, changes: [], trail: [row(5)] })
    const { entries } = await store.trail('111122223333', 10)
    const plain = entries.map(({ sequence: _, ...entry }) => entry)
    expect(plain).toEqual([row(5), row(4), row(3, undefined, '{"n":3}'), row(1)])
    expect((await store.lastDecision('111122223333'))?.requestId).toBe('request-3')
    expect(await store.decision('request-4', '111122223333')).toBeUndefined()
    await store.close()
  })

  test('finds every refusal and every page of a trail by an index', async () => {
    await new SqliteStore(path).close()
    const database = openDatabase(path)
    for (const question of [sql.decision, sql.lastDecision, sql.trail, sql.since]) {
      const steps = database.prepare(`EXPLAIN QUERY PLAN ${question.replaceAll('$', '?')}`).all(...bound(question))
      const scans = steps
        .map((step) => String(step.detail))
        .filter((detail) => /^SCAN (trail|change|entity)/.test(detail))
      expect(scans).toEqual([])
    }
    database.close()
  })

  test('speaks one language: no statement uses what only one engine has', () => {
    for (const text of [...Object.values(sql), ...migrations('bigint PRIMARY KEY').flat()])
      expect(text).not.toMatch(/\?|AUTOINCREMENT|WITHOUT ROWID|OR REPLACE|rowid/i)
  })
})

const bound = (text: string): number[] => Array.from(new Set(text.match(/\$\d/g)), () => 1)
