import { afterEach, beforeEach, expect, test } from 'vitest'
import { Signer } from '../../src/audit/key.ts'
import { type Minted, mintedText } from '../../src/audit/minted.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { verify } from '../../src/audit/verify.ts'
import { accessKeyId } from '../../src/base/id.ts'
import { openDatabase } from '../../src/store/database.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { folder, key, record, seeded, Time, writerOptions } from './scene.ts'

const account = '111122223333'
const minute = 60_000
const chance = seeded(17)

let dir = folder()
dir.clean()
let time: Time
let log: SqlAudit
const sqlite = () => openSqlite(dir.file('audit.db'), { mark: marks.audit })
const open = async () => SqlAudit.open(sqlite(), writerOptions('node', time))
beforeEach(async () => {
  dir = folder()
  time = new Time()
  log = await open()
})
afterEach(async () => {
  await log.close()
  dir.clean()
})

/** The record of a call that made a session of so many minutes. */
function birth(number: number, minutes: number, parts: Partial<Minted> = {}): TrailRow {
  const now = time.clock.now()
  const minted: Minted = {
    key: accessKeyId(chance, 'ASIA', account),
    kind: 'role',
    account,
    principal: 'AROAONE',
    arn: `arn:aws:sts::${account}:assumed-role/one/two`,
    issuedAt: now,
    expiresAt: now + minutes * minute,
    revision: 1,
    mfa: false,
    tagKeys: [],
    via: [],
    ...parts,
  }
  return { ...record(number), at: now, session: mintedText(minted) }
}

const rowsOf = () => {
  const database = openDatabase(dir.file('audit.db'))
  const rows = database.prepare('SELECT high, body FROM audit_session ORDER BY high').all()
  database.close()
  return rows.map(({ body }) => String(body).split('\n').length)
}
const living = async () => {
  const { made } = await log.sessions(account, { of: undefined, after: time.clock.now(), limit: 100 })
  return made.length
}
const findings = async () => {
  const engine = sqlite()
  const { findings: found } = await verify(engine, { keys: [key], signer: new Signer([key]), now: time.clock.now() })
  await engine.close()
  return found
}

test('what has ended is taken out of the index, in time and not before, and the trail goes on to verify', async () => {
  await log.append([birth(1, 15), birth(2, 60), record(3)])
  await log.append([birth(4, 15)])
  await log.append([birth(5, 600)])
  await log.seal()
  expect(rowsOf()).toEqual([2, 1, 1])
  time.pass(16 * minute)
  expect(await living()).toBe(2)
  // Whoever's clock is behind by five minutes may still list it.
  await log.seal()
  expect(rowsOf()).toEqual([2, 1, 1])
  time.pass(10 * minute)
  await log.seal()
  expect(rowsOf()).toEqual([2, 1])
  expect([await living(), await findings()]).toEqual([2, []])
  time.pass(60 * minute)
  await log.append([record(6)])
  await log.seal()
  expect(rowsOf()).toEqual([1])
  expect([await living(), await findings()]).toEqual([1, []])
})

test('a page ends early where much was looked through for little, and what follows is found from there', async () => {
  const via = Array.from({ length: 8 }, () => ({ key: accessKeyId(chance, 'ASIA', account), identity: 'AROABETWEEN' }))
  const rare = birth(0, 60, { principal: 'AROARARE' })
  await log.append([rare])
  for (let call = 0; call < 80; call++)
    await log.append(Array.from({ length: 128 }, (_, at) => birth(call * 128 + at, 60, { via })))
  const pages: number[] = []
  let before: number | undefined
  do {
    const page = await log.sessions(account, { of: 'AROARARE', after: 0, limit: 10, before })
    pages.push(page.made.length)
    before = page.next
  } while (before !== undefined)
  expect(pages.length).toBeGreaterThan(1)
  expect(pages.slice(0, -1).every((found) => found === 0)).toBe(true)
  expect(pages.at(-1)).toBe(1)
})

test('what was put into the index by others is not listed, and what was taken out of it is found missing', async () => {
  await log.append([birth(1, 60), birth(2, 60)])
  await log.append([birth(3, 60)])
  await log.seal()
  const database = openDatabase(dir.file('audit.db'))
  database.exec(`UPDATE audit_session SET body = replace(body, 'AROAONE', 'AROATWO') WHERE high % 2 = 1`)
  database.close()
  const of = async (id: string) =>
    (await log.sessions(account, { of: id, after: 0, limit: 10 })).made.map(({ event }) => event)
  expect(await of('AROATWO')).toEqual([])
  expect(await findings()).toMatchObject([{ what: 'index' }])
  const again = openDatabase(dir.file('audit.db'))
  again.exec('DELETE FROM audit_session')
  again.close()
  expect(await findings()).toEqual([
    { node: 'node', sequence: 1, what: 'index', detail: 'the index of sessions does not lead to record 1' },
  ])
  // Once they have ended, nobody can tell, nor does it matter.
  time.pass(61 * minute)
  expect(await findings()).toEqual([])
})
