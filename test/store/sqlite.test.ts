import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Entity } from '../../src/state/entity.ts'
import { origin } from '../../src/state/head.ts'
import { readOf, Unread } from '../../src/state/unread.ts'
import { openDatabase } from '../../src/store/database.ts'
import { schema } from '../../src/store/schema.ts'
import { sql } from '../../src/store/sql.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { marks, openSqlite, type SqliteOptions } from '../../src/store/sqlite.ts'
import { StoreDamaged, StoreUnavailable } from '../../src/store/store.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { batchOn, drop, put, row, user } from '../contract/store.ts'

let directory = ''
let path = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rolecall-sqlite-'))
  path = join(directory, 'state.db')
})
afterEach(() => rmSync(directory, { recursive: true }))

const open = (options?: SqliteOptions) => openStore(openSqlite(path, options))
const mode = (file: string) => statSync(file).mode & 0o777

describe('the SQLite store', () => {
  test('keeps its files, journals too, from everybody but their owner', async () => {
    const store = await open()
    await store.commit(batchOn(origin, [put(user('A'))]))
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(mode(file)).toBe(0o600)
    await store.close()
  })

  test('hands over unread what it can tell the account of, and reads the rest', async () => {
    const store = await open()
    const odd = { id: 'B', kind: 'user', account: '111122223333' } as unknown as Entity
    await store.commit(batchOn(origin, [put(user('A')), { kind: 'user', id: 'B', entity: odd }]))
    const [first, second, ...more] = [...(await store.load()).entities].sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(first).toBeInstanceOf(Unread)
    expect(first).toMatchObject({ kind: 'user', id: 'A', account: user('A').account })
    expect(readOf(first ?? odd)).toEqual(user('A'))
    expect(second).toEqual(odd)
    expect(more).toEqual([])
    await store.close()
  })

  test('takes back what others were allowed on a file that was there before', async () => {
    await (await open()).close()
    chmodSync(path, 0o644)
    await (await open()).close()
    expect(mode(path)).toBe(0o600)
  })

  test('commits through a write-ahead log that is synced each time', async () => {
    const store = await open()
    const other = openDatabase(path)
    expect(other.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    other.close()
    await store.close()
  })

  test('refuses the data of a newer version by name, and leaves it alone', async () => {
    await (await open()).close()
    const database = openDatabase(path)
    database.exec("UPDATE meta SET value = '99' WHERE name = 'schema'")
    const all = () => [
      database.prepare('SELECT * FROM sqlite_master').all(),
      database.prepare('SELECT * FROM meta').all(),
      database.prepare('SELECT * FROM head').all(),
    ]
    const before = all()
    await expect(open()).rejects.toThrow(/newer rolecall \(schema 99.*upgrade rolecall/)
    expect(all()).toEqual(before)
    database.close()
  })

  test('takes no file of the audit trail for one of the store', async () => {
    await openSqlite(path, { mark: marks.audit }).close()
    expect(() => openSqlite(path)).toThrow(/not rolecall's store/)
  })

  test('refuses a database that is not ours, and a file that is none', () => {
    const database = openDatabase(path)
    database.exec('CREATE TABLE theirs (x)')
    database.close()
    expect(() => openSqlite(path)).toThrow(/not rolecall's/)
    const noise = join(directory, 'noise.db')
    writeFileSync(noise, 'this is a text file, and was never anything else\n'.repeat(100))
    expect(() => openSqlite(noise)).toThrow(/not a database/)
    expect(readFileSync(noise, 'utf8')).toContain('text file')
  })

  test('refuses where another process is in the middle of writing, and takes the batch afterwards', async () => {
    const store = await open({ waitMilliseconds: 0 })
    const other = openDatabase(path)
    other.exec('BEGIN IMMEDIATE')
    const refused = store.commit(batchOn(origin, [put(user('A'))]))
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable)
    other.exec('ROLLBACK')
    expect(await store.commit(batchOn(origin, [put(user('A'))]))).toMatchObject({ revision: 1 })
    other.close()
    await store.close()
  })

  test('refuses a batch whole where there is no room, goes on reading, and takes it once there is room', async () => {
    const store = await open({ pagesMax: 100 })
    const large = (id: string) => ({ ...user(id), inline: [{ name: 'p', document: 'x'.repeat(200_000) }] })
    const first = await store.commit(batchOn(origin, [put(large('A'))], { trail: [row(1)] }))
    const refused = store.commit(batchOn(first, [put(user('B')), put(large('C'))], { trail: [row(2)] }))
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable)
    expect((await loadWhole(store)).entities).toEqual([large('A')])
    expect(await store.outbox()).toHaveLength(1)
    const second = await store.commit(batchOn(first, [drop(large('A'))], { delivered: [first.batch] }))
    const third = await store.commit(batchOn(second, [put(user('B')), put(large('C'))], { trail: [row(2)] }))
    expect(third.revision).toBe(3)
    await store.close()
  })

  test('brings a database of the first schema up to date: its entities are vouched for, its trail goes to the outbox', async () => {
    const database = openDatabase(path)
    database.exec(`PRAGMA application_id = ${marks.store}`)
    for (const statement of schema[0] ?? []) if (typeof statement === 'string') database.exec(statement)
    database.exec(
      "CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL); INSERT INTO meta VALUES ('schema', '1')",
    )
    const rows = Array.from({ length: 700 }, (_, number) =>
      row(number, number % 3 === 0 ? '444455556666' : undefined, number % 50 === 7 ? `{"n":${number}}` : undefined),
    )
    const insert = database.prepare(
      'INSERT INTO trail (sequence, event_id, at, account, request_id, event, decision) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    for (const [index, { eventId, at, account, requestId, event, decision }] of rows.entries())
      insert.run(index + 1, eventId, at, account, requestId, event, decision ?? null)
    const users = Array.from({ length: 600 }, (_, number) => user(`U${1000 + number}`))
    const place = database.prepare("INSERT INTO entity (kind, id, revision, body) VALUES ('user', ?, 7, ?)")
    for (const each of users) place.run(each.id, JSON.stringify(each))
    database.exec('UPDATE head SET revision = 7')
    database.close()

    const store = await open()
    const { head, entities } = await loadWhole(store)
    expect(head).toEqual({ revision: 7, batch: '' })
    expect(entities).toEqual(users)
    expect((await store.outbox()).flatMap((delivery) => delivery.rows)).toEqual(rows)
    expect(await store.changesSince({ revision: 6, batch: '' })).toBeUndefined()
    const next = await store.commit(batchOn(head, [drop(user('U1000'))], { trail: [row(900)] }))
    expect((await store.changesSince(head))?.changes).toEqual([drop(user('U1000'))])
    expect((await store.outbox()).at(-1)).toEqual({ batch: next.batch, rows: [row(900)] })
    expect((await loadWhole(store)).entities).toHaveLength(599)
    await store.close()
  })

  test('finds every entity that a commit touches, and every change since, by an index', async () => {
    await (await open()).close()
    const database = openDatabase(path)
    for (const question of [sql.checksums(1), sql.checksums(7), sql.drop(7), sql.known, sql.since, sql.posted(1)]) {
      const steps = database.prepare(`EXPLAIN QUERY PLAN ${question.replaceAll('$', '?')}`).all(...bound(question))
      const scans = steps
        .map((step) => String(step.detail))
        .filter((detail) => /^SCAN (outbox|change|entity)/.test(detail))
      expect([question, scans]).toEqual([question, []])
    }
    database.close()
  })

  test('speaks one language: no statement uses what only one engine has', () => {
    const texts = Object.values(sql).map((text) => (typeof text === 'string' ? text : text(2)))
    for (const text of [...texts, ...schema.flat().filter((part) => typeof part === 'string')])
      expect(text).not.toMatch(/\?|AUTOINCREMENT|WITHOUT ROWID|OR REPLACE|rowid/i)
  })
})

describe('what is not what was written is never served:', () => {
  test.each([
    ['a body', "UPDATE entity SET body = replace(body, '/', '/x/') WHERE id = 'B'", /user B is not what was written/],
    ['an id', "UPDATE entity SET id = 'X' WHERE id = 'B'", /user X is not what was written/],
    ['a kind', "UPDATE entity SET kind = 'role' WHERE id = 'B'", /role B is not what was written/],
    ['a checksum', "UPDATE entity SET crc = crc + 1 WHERE id = 'B'", /user B is not what was written/],
    ['a body that is none', "UPDATE entity SET body = x'00' WHERE id = 'B'", /user B is not what was written/],
    ['a row that is gone', "DELETE FROM entity WHERE id = 'B'", /holds 2 entities instead of 3/],
    [
      'a row as it was before',
      'UPDATE entity SET (body, crc) = (SELECT body, crc FROM old)',
      /not those of revision 3/,
    ],
    ['the head', 'DELETE FROM head', /it has no head/],
  ])('%s', async (_what, damage, told) => {
    const store = await open()
    const first = await store.commit(batchOn(origin, [put(user('B'))]))
    const database = openDatabase(path)
    database.exec("CREATE TABLE old AS SELECT * FROM entity WHERE id = 'B'")
    const second = await store.commit(batchOn(first, [put(user('B', 'renamed'))]))
    const third = await store.commit(batchOn(second, [put(user('A')), put(user('C'))]))
    database.exec(damage.includes('old') ? `${damage} WHERE id = 'B'` : damage)
    database.close()
    await expect(store.load()).rejects.toThrow(told)
    await expect(store.load()).rejects.toBeInstanceOf(StoreDamaged)
    if (/body|checksum/.test(_what) && !damage.includes('old'))
      await expect(store.changesSince(first)).rejects.toBeInstanceOf(StoreDamaged)
    expect(third.revision).toBe(3)
    await store.close()
  })
})

describe('several processes with one file', () => {
  test('wait for one another without holding up anything else', async () => {
    const store = await open({ waitMilliseconds: 5000 })
    const other = openDatabase(path)
    other.exec('BEGIN IMMEDIATE')
    let committed = false
    const waiting = store.commit(batchOn(origin, [put(user('A'))])).then(() => {
      committed = true
    })
    // Reads go on, and so does everything else in this process.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect([committed, await store.head()]).toEqual([false, origin])
    other.exec('ROLLBACK')
    await waiting
    expect((await store.head()).revision).toBe(1)
    other.close()
    await store.close()
  })

  test('open it at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => open()))
    for (const store of stores) expect(await store.head()).toEqual(origin)
    await Promise.all(stores.map((store) => store.close()))
  })
})

const bound = (text: string): number[] => Array.from(new Set(text.match(/\$\d/g)), () => 1)
