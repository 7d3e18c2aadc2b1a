import { deflateSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inflated } from '../../src/audit/block.ts'
import { Signer } from '../../src/audit/key.ts'
import { type Segments, segmentsWithin } from '../../src/audit/span.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { openDatabase } from '../../src/store/database.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { always, called, everything, mine, random } from '../contract/lookup.ts'
import { folder, key, seeded, Time, writerOptions } from './scene.ts'

let dir = folder()
dir.clean()
beforeEach(() => {
  dir = folder()
})
afterEach(() => dir.clean())

const sqlite = () => openSqlite(dir.file('audit.db'), { mark: marks.audit })
const open = () => SqlAudit.open(sqlite(), writerOptions('node', new Time()))
const minute = 60_000
const start = Date.UTC(2026, 10, 22)

async function within(from: number, to: number): Promise<readonly Segments[]> {
  const engine = sqlite()
  const found = await segmentsWithin(engine, new Signer([key]), { from, to })
  await engine.close()
  return found.get('node') ?? []
}
const alter = (text: string) => {
  const database = openDatabase(dir.file('audit.db'))
  database.exec(text)
  database.close()
}

test('the segments of a time are those with its records, however late they were written', async () => {
  const log = await open()
  // A segment for each minute, and in the fifth a record of the first.
  for (let segment = 1; segment <= 20; segment++) {
    const at = start + segment * minute
    const late = segment === 5 ? [called(1000, { at: start + minute + 7 })] : []
    await log.append([...[1, 2, 3].map((number) => called(segment * 10 + number, { at: at + number })), ...late])
    await log.seal()
  }
  await log.close()
  const one = (at: number) => ({ first: at, last: at })
  expect(await within(0, start)).toEqual([])
  expect(await within(start + minute, start + 2 * minute)).toEqual([one(1), one(5)])
  // The end is not included, the beginning is.
  expect(await within(start + 2 * minute + 3, start + 3 * minute + 1)).toEqual([one(2), one(5)])
  expect(await within(start + 2 * minute + 4, start + 3 * minute + 1)).toEqual([one(5)])
  expect(await within(start + 15 * minute, start + 19 * minute)).toEqual([{ first: 15, last: 18 }])
  expect(await within(0, Number.MAX_SAFE_INTEGER)).toEqual([{ first: 1, last: 20 }])
})

test('no segment is left out that holds a record of the time, whatever clocks said', async () => {
  const log = await open()
  const rows = random(900, 77)
  for (let at = 0; at < rows.length; at += 9) {
    await log.append(rows.slice(at, at + 9))
    await log.seal()
  }
  await log.close()
  const chance = seeded(78)
  const [oldest, newest] = [rows[0]?.at ?? 0, rows.at(-1)?.at ?? 0]
  let narrow = 0
  for (let turn = 0; turn < 60; turn++) {
    const from = oldest - 130_000 + chance.below(newest - oldest + 130_000)
    const to = from + 1 + chance.below(20_000)
    const found = await within(from, to)
    const due = rows.flatMap(({ at }, number) => (at >= from && at < to ? [Math.floor(number / 9) + 1] : []))
    for (const segment of due) expect(found.some(({ first, last }) => first <= segment && segment <= last)).toBe(true)
    const segments = found.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    expect(segments).toBe(new Set(due).size > segments ? -1 : segments)
    if (segments < 50) narrow++
  }
  expect(narrow).toBeGreaterThan(30)
})

test('what the index does not cover, or is altered in it, may hold anything', async () => {
  const log = await open()
  for (let segment = 1; segment <= 34; segment++) {
    await log.append([called(segment, { at: start + segment * minute })])
    await log.seal()
  }
  await log.close()
  alter(`UPDATE audit_index SET body = '0 1' || substr(body, 4) WHERE first = 1`)
  alter('DELETE FROM audit_index WHERE first = 33')
  expect(await within(start + 20 * minute, start + 21 * minute)).toEqual([
    { first: 1, last: 16 },
    { first: 20, last: 20 },
    { first: 33, last: 33 },
  ])
})

test('a segment of which a block was damaged or exchanged is indexed as far as it can be, and may hold anything', async () => {
  let log = await open()
  for (let segment = 1; segment <= 4; segment++) {
    await log.append([called(segment, { at: start + segment * minute })])
    await log.seal()
  }
  await log.close()
  const { body } = rowOf('SELECT body FROM audit_block WHERE segment = 3')
  const later = inflated(String(body))
    .toString()
    .replace(String(start + 3 * minute), String(start + 9 * minute))
  alter(`UPDATE audit_block SET body = substr(body, 1, 40) WHERE segment = 2`)
  alter(`UPDATE audit_block SET body = '${deflateSync(later).toString('base64')}' WHERE segment = 3`)
  alter('DELETE FROM audit_index')
  alter('DELETE FROM audit_index_part')
  log = await open()
  await log.seal()
  const found = await everything(log, {
    account: mine,
    limit: 50,
    ...always,
    attribute: { name: 'Username', value: 'alice' },
  })
  expect(found.map(({ eventId }) => eventId.at(-1))).toEqual(['3', '4', '1'])
  await log.close()
  expect(await within(start + 4 * minute, start + 5 * minute)).toEqual([{ first: 2, last: 4 }])
  expect(await within(start + 20 * minute, start + 21 * minute)).toEqual([{ first: 2, last: 3 }])
}, 20_000)

function rowOf(text: string): { readonly body?: unknown } {
  const database = openDatabase(dir.file('audit.db'))
  try {
    return database.prepare(text).get() ?? {}
  } finally {
    database.close()
  }
}
