import { copyFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hasAttribute } from '../../src/audit/attribute.ts'
import {
  headBody,
  headOf,
  IndexBuilder,
  keyOf,
  PartWriter,
  partOf,
  partsFor,
  postingsIn,
  refOf,
  refsIn,
} from '../../src/audit/index-file.ts'
import { covering } from '../../src/audit/indexer.ts'
import { Signer } from '../../src/audit/key.ts'
import type { Question } from '../../src/audit/lookup.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { verify } from '../../src/audit/verify.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import type { Engine } from '../../src/store/engine.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { StoreUnavailable, type TrailRow } from '../../src/store/store.ts'
import { always, called, everything, mine, naive, random, wanted } from '../contract/lookup.ts'
import { folder, key, seeded, Time, writerOptions } from './scene.ts'

let dir = folder()
dir.clean()
beforeEach(() => {
  dir = folder()
})
afterEach(() => dir.clean())

const path = () => dir.file('audit.db')
const open = async (more: Parameters<typeof writerOptions>[2] = {}) => {
  const options = writerOptions('node', new Time(), more)
  const log = await SqlAudit.open(openSqlite(path(), { mark: marks.audit }), options)
  return { log, alarms: options.alarms }
}

/** A trail of as many segments as there are portions of rows. */
async function sealed(rows: readonly TrailRow[], portion: number): Promise<SqlAudit> {
  const { log } = await open()
  for (let at = 0; at < rows.length; at += portion) {
    await log.append(rows.slice(at, at + portion))
    await log.seal()
  }
  return log
}

/** As an intruder has it: somebody who can write to the file, and has no key. */
function altering<T>(file: string, work: (database: Database) => T): T {
  const database = openDatabase(file)
  try {
    return work(database)
  } finally {
    database.close()
  }
}
const files = () =>
  altering(path(), (database) =>
    database
      .prepare('SELECT first, last FROM audit_index ORDER BY first')
      .all()
      .map(({ first, last }) => [first, last]),
  )

const verdict = async () => {
  const engine = openSqlite(path(), { mark: marks.audit })
  try {
    return await verify(engine, { keys: [key], signer: new Signer([key]) })
  } finally {
    await engine.close()
  }
}

async function agrees(log: SqlAudit, rows: readonly TrailRow[], each = 3): Promise<void> {
  for (const attribute of [undefined, ...wanted(rows, each)]) {
    const question = { account: mine, limit: 50, ...always, ...(attribute && { attribute }) }
    const found = await everything(log, question)
    expect(new Set(found.map(({ eventId }) => eventId)), JSON.stringify(attribute)).toEqual(
      new Set(naive(rows, question).map(({ eventId }) => eventId)),
    )
  }
}

describe('a file of the index', () => {
  test('gives back the blocks of each key, and none of any other', () => {
    const builder = new IndexBuilder()
    const rows = random(3000, 9)
    const line = (row: TrailRow) =>
      `mark\t1\t1\t${row.account}\t${row.at}\t${row.eventId}\t${row.requestId}\t${row.event}`
    for (let at = 0; at < rows.length; at += 100) {
      const lines = rows.slice(at, at + 100).map(line)
      builder.block(at + 7, [lines.slice(0, 30), lines.slice(30, 60), lines.slice(60)])
    }
    const { head, parts } = builder.file()
    expect(parts.length).toBe(head.parts)
    expect(head.parts).toBeGreaterThan(4)
    expect(headOf(headBody(head))).toEqual(head)
    expect([head.from, head.until]).toEqual([
      Math.min(...rows.map(({ at }) => at)),
      Math.max(...rows.map(({ at }) => at)),
    ])
    for (const attribute of wanted(rows, 20)) {
      const wantedKey = keyOf(mine, attribute)
      const part = partOf(wantedKey, head.parts)
      const due = head.blocks.flatMap((_, block) => {
        const has = (from: number, to: number) =>
          rows
            .slice(block * 100 + from, block * 100 + to)
            .some((row) => row.account === mine && hasAttribute(row, attribute))
        const pieces = (has(0, 30) ? 1 : 0) + (has(30, 60) ? 2 : 0) + (has(60, 100) ? 4 : 0)
        return pieces === 0 ? [] : [refOf(block, pieces)]
      })
      expect(refsIn(parts[part - 1] ?? '', part, head.parts, wantedKey), JSON.stringify(attribute)).toEqual(due)
    }
  })

  test('holds keys at the edges of its parts', () => {
    const edges = [0, 1, 2 ** 38 - 1, 2 ** 38, 2 ** 39, 2 ** 40 - 1]
    const writer = new PartWriter(4)
    const refs = (at: number) => [refOf(at, 255), refOf(at + 1, 1), refOf(at + 200, 129), refOf(at + 70_000, 128)]
    const bodies = edges.flatMap((edge, at) => [...writer.add([edge, refs(at)])])
    while (bodies.length < 4) bodies.push(writer.next())
    const found = bodies.flatMap((body, at) => [...postingsIn(body, at + 1, 4)])
    expect(found).toEqual(edges.map((edge, at) => [edge, refs(at)]))
    for (const [at, edge] of edges.entries()) {
      const part = partOf(edge, 4)
      expect(refsIn(bodies[part - 1] ?? '', part, 4, edge)).toEqual(refs(at))
    }
    expect(edges.map((edge) => partOf(edge, 4))).toEqual([1, 1, 1, 2, 3, 4])
    expect([0, 1, 1024, 1025, 5_000_000].map(partsFor)).toEqual([1, 1, 1, 2, 8192])
  })

  test('counts where it begins behind the last: the longest first, gaps told', () => {
    const file = (first: number, last: number) => ({ first, last })
    expect(covering([file(1, 1), file(2, 2), file(1, 16)], 18)).toEqual({
      files: [file(1, 16)],
      gaps: [file(17, 18)],
    })
    expect(covering([file(3, 4), file(9, 9)], 9)).toEqual({
      files: [file(3, 4), file(9, 9)],
      gaps: [file(1, 2), file(5, 8)],
    })
    expect(covering([], 2).gaps).toEqual([file(1, 2)])
    // What reaches beyond what is sealed is not of this chain as it is.
    expect(covering([file(1, 16)], 3).gaps).toEqual([file(1, 3)])
  })
})

test('sixteen files of one size become one, so that they stay few, and everything is found in them', async () => {
  const rows = random(1200, 21)
  const log = await sealed(rows, 4)
  expect(files()).toEqual([
    [1, 256],
    [257, 272],
    [273, 288],
    ...Array.from({ length: 12 }, (_, at) => [289 + at, 289 + at]),
  ])
  await agrees(log, rows)
  await log.close()
  expect(await verdict()).toMatchObject({ findings: [], unindexed: 0 })
})

test('records of one instant are each told once, however many blocks they fill', async () => {
  const rows = Array.from({ length: 130 }, (_, number) => called(number, { at: 1_800_000_000_000 }))
  const log = await sealed(rows, 1)
  const found = await everything(log, { account: mine, limit: 50, ...always })
  expect(found.map(({ eventId }) => eventId)).toEqual(rows.map(({ eventId }) => eventId).toReversed())
  await log.close()
})

describe('a trail that was sealed without an index', () => {
  const rows = random(1600, 33)
  const unindexed = async () => {
    await (await sealed(rows, 4)).close()
    altering(path(), (database) => database.exec('DELETE FROM audit_index; DELETE FROM audit_index_part'))
  }

  test('is indexed at the next start, and nothing is looked up before that is done', async () => {
    await unindexed()
    expect(await verdict()).toMatchObject({ findings: [], unindexed: 400 })
    let go: (() => void)[] = []
    const { log, alarms } = await open({ defer: (run) => void go.push(run) })
    await expect(log.lookup({ account: mine, limit: 1, ...always })).rejects.toThrow(StoreUnavailable)
    const turning = setInterval(() => {
      const due = go
      go = []
      for (const run of due) run()
    }, 0)
    await expect
      .poll(
        () =>
          log.lookup({ account: mine, limit: 1, ...always }).then(
            () => 'found',
            () => 'refused',
          ),
        { timeout: 20_000 },
      )
      .toBe('found')
    await agrees(log, rows, 2)
    expect(alarms[0]).toBe('the audit trail of chain node is being indexed: 400 segments')
    expect(alarms.at(-1)).toBe('the audit trail of chain node is being indexed: 100 %')
    await log.close()
    clearInterval(turning)
    expect(await verdict()).toMatchObject({ findings: [], unindexed: 0 })
  })

  test('is indexed anew where its index leads to whole blocks, as it did before there were pieces', async () => {
    await (await sealed(rows.slice(0, 400), 40)).close()
    altering(path(), (database) => {
      database.exec(`UPDATE meta SET value = '3' WHERE name = 'audit'`)
      database.exec(`UPDATE audit_index SET body = '0 9 1 1 1 AAAA'`)
    })
    const { log, alarms } = await open()
    await log.seal()
    await agrees(log, rows.slice(0, 400), 2)
    await log.close()
    expect(alarms).toEqual([])
    expect(await verdict()).toMatchObject({ findings: [], unindexed: 0 })
  })

  test('may be stopped in between, and goes on from there', async () => {
    await unindexed()
    for (let start = 0; start < 3; start++) await (await open()).log.close()
    const { log } = await open()
    await log.seal()
    await agrees(log, rows, 2)
    await log.close()
  })
})

test('whoever is killed between two transactions, whichever they are, leaves an index that is whole or is made so', async () => {
  const rows = random(900, 51)
  const chance = seeded(52)
  let cut = 0
  for (let turn = 0; turn < 8; turn++) {
    const file = dir.file(`killed-${turn}.db`)
    const engine = openSqlite(file, { mark: marks.audit })
    // More than half of all writes are appends; the rest seals and merges, the last of the sixteen sixteens among them.
    let left = 20 + chance.below(turn < 4 ? 200 : 640)
    const killed: Engine = Object.assign(Object.create(engine), {
      all: engine.all.bind(engine),
      snapshot: engine.snapshot.bind(engine),
      write: (work: Parameters<Engine['write']>[0]) =>
        left-- > 0 ? engine.write(work) : Promise.reject(new StoreUnavailable('killed')),
      close: async () => undefined,
    })
    const log = await SqlAudit.open(killed, writerOptions('node', new Time()))
    let written = 0
    for (; written < rows.length && left > 0; written += 3) {
      await log.append(rows.slice(written, written + 3)).catch(() => {
        written -= 3
      })
      await log.seal()
    }
    if (left <= 0) cut++
    await log.close()
    await engine.close()
    const after = await SqlAudit.open(openSqlite(file, { mark: marks.audit }), writerOptions('node', new Time()))
    await after.seal()
    await agrees(after, rows.slice(0, written), 1)
    await after.close()
    const again = openSqlite(file, { mark: marks.audit })
    const found = await verify(again, { keys: [key], signer: new Signer([key]) })
    await again.close()
    expect(found, `turn ${turn}`).toMatchObject({ findings: [], unindexed: 0, records: written })
  }
  expect(cut).toBeGreaterThan(4)
})

test('an altered index hides nothing: it is noticed, made anew, and answers rightly then', async () => {
  const rows = random(600, 41)
  await (await sealed(rows, 8)).close()
  copyFileSync(path(), dir.file('sound.db'))
  const met = new Map<string, number>()
  for (let seed = 1; seed <= 40; seed++) {
    copyFileSync(dir.file('sound.db'), path())
    const deed = altering(path(), (database) => strike(database, seeded(seed)))
    const told = `seed ${seed}: ${deed}`
    const { findings, unindexed } = await verdict()
    expect(findings.some(({ what }) => what === 'index' || what === 'unreadable') || unindexed > 0, told).toBe(true)
    met.set(deed.split(' ')[0] ?? '', (met.get(deed.split(' ')[0] ?? '') ?? 0) + 1)

    const { log, alarms } = await open()
    // Whatever is asked, right away: the answer is right, or there is none yet.
    for (const attribute of [undefined, ...wanted(rows, 1)]) {
      const question = { account: mine, limit: 50, ...always, ...(attribute && { attribute }) }
      expect(await answered(log, question), told).toEqual(new Set(naive(rows, question).map(({ eventId }) => eventId)))
    }
    await log.seal()
    await log.close()
    expect(
      alarms.filter((alarm) => !/index/.test(alarm)),
      told,
    ).toEqual([])
  }
  expect([...met.keys()].toSorted()).toEqual(['cut', 'edited', 'exchanged', 'gone', 'headless', 'replaced'])
}, 180_000)

/** The first answer that there is. */
async function answered(log: SqlAudit, question: Question): Promise<ReadonlySet<string>> {
  for (;;) {
    try {
      return new Set((await everything(log, question)).map(({ eventId }) => eventId))
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      await log.seal()
    }
  }
}

/** Alters one thing in the index; answers what. */
function strike(database: Database, chance: ReturnType<typeof seeded>): string {
  const pick = <T>(items: readonly T[]): T => items[chance.below(items.length)] as T
  const table = pick(['audit_index', 'audit_index_part'])
  const rows = database.prepare(`SELECT rowid AS row, * FROM ${table}`).all()
  const row = pick(rows)
  const set = (at: unknown, column: string, value: unknown) =>
    database.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(value as string, at as number)
  switch (chance.below(6)) {
    case 0: {
      const body = String(row.body)
      const at = chance.below(body.length + 1)
      set(row.row, 'body', `${body.slice(0, at)}${pick(['A', '1', 'z', ' ', '='])}${body.slice(at + 1)}x`)
      return `edited ${table}`
    }
    case 1: {
      set(row.row, 'body', String(row.body).slice(0, -pick([1, 2, 4, 8])))
      return `cut ${table}`
    }
    case 2: {
      database.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(row.row as number)
      return `gone ${table}`
    }
    case 3: {
      const other = pick(rows.filter((each) => each.row !== row.row))
      for (const column of ['mac', 'body']) {
        set(row.row, column, other[column])
        set(other.row, column, row[column])
      }
      return `exchanged ${table}`
    }
    case 4: {
      const other = pick(rows.filter((each) => each.row !== row.row))
      set(row.row, 'body', other.body)
      return `replaced ${table}`
    }
    default: {
      database.prepare('DELETE FROM audit_index WHERE first = ?').run(row.first as number)
      return 'headless audit_index'
    }
  }
}
