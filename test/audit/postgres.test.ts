import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Position } from '../../src/audit/lookup.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { verify } from '../../src/audit/verify.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import type { TrailEntry } from '../../src/store/store.ts'
import { auditContract } from '../contract/audit.ts'
import { always, called, mine, naive, random, wanted } from '../contract/lookup.ts'
import { missing, Server } from '../postgres/server.ts'
import { key, record, Time, writerOptions } from './scene.ts'

const none = missing()

describe.skipIf(none !== undefined)(none ?? 'PostgreSQL', () => {
  let server: Server
  beforeAll(async () => {
    server = await Server.start()
  })
  afterAll(() => server.remove())

  let database = ''
  for (const [name, segmentRecords] of [
    ['the log over PostgreSQL', undefined],
    ['the log over PostgreSQL in segments of a few records', 3],
  ] as const) {
    const open = () => {
      const options = writerOptions('node', new Time(), { ...(segmentRecords && { segmentRecords }) })
      return SqlAudit.open(openPostgres(server.url(database)), options)
    }
    auditContract(name, {
      async open() {
        database = await server.database()
        return open()
      },
      again: open,
      clean: () => undefined,
    })
  }

  test('three nodes write at the same time into one database, and their chains hold', async () => {
    const url = server.url(await server.database())
    const logs = await Promise.all(
      ['one', 'two', 'three'].map((node) =>
        SqlAudit.open(openPostgres(url), writerOptions(node, new Time(), { segmentRecords: 40 })),
      ),
    )
    await Promise.all(
      logs.map(async (log, node) => {
        for (let call = 0; call < 30; call++)
          await log.append(Array.from({ length: 5 }, (_, at) => record(node * 1000 + call * 5 + at)))
      }),
    )
    const seen = new Set<string>()
    let before: number | undefined
    do {
      const page = await (logs[0] as SqlAudit).trail('111122223333', 17, before)
      for (const { eventId } of page.entries) seen.add(eventId)
      before = page.next
    } while (before !== undefined)
    expect(seen.size).toBe(450)
    await Promise.all(logs.map((log) => log.close()))
    const engine = openPostgres(url)
    const { findings, records } = await verify(engine, { keys: [key] })
    expect({ findings, records }).toEqual({ findings: [], records: 450 })
    await engine.close()
  })

  test('two processes under one name write one chain after the other', async () => {
    const url = server.url(await server.database())
    const open = () => SqlAudit.open(openPostgres(url), writerOptions('same', new Time()))
    const logs = [await open(), await open()]
    await Promise.all(
      logs.flatMap((log, node) => Array.from({ length: 20 }, (_, call) => log.append([record(node * 100 + call)]))),
    )
    for (let call = 0; call < 5; call++) for (const log of logs) await log.append([record(call)])
    await Promise.all(logs.map((log) => log.close()))
    const engine = openPostgres(url)
    const { findings, records } = await verify(engine, { keys: [key] })
    expect({ findings, records }).toEqual({ findings: [], records: 50 })
    await engine.close()
  })

  test('two nodes find the same, whoever wrote it, and each goes on where a page of the other ended', async () => {
    const url = server.url(await server.database())
    const [one, two] = await Promise.all(
      ['one', 'two'].map((node) =>
        SqlAudit.open(openPostgres(url), writerOptions(node, new Time(), { segmentRecords: 20 })),
      ),
    )
    if (one === undefined || two === undefined) throw new Error('two nodes')
    const rows = random(1400, 5)
    for (let at = 0; at < rows.length; at += 28)
      await Promise.all([one.append(rows.slice(at, at + 14)), two.append(rows.slice(at + 14, at + 28))])
    await Promise.all([one.seal(), two.seal()])
    // And some that neither has sealed.
    const more = [one, two].map((_, at) => called(5000 + at))
    await Promise.all([one.append(more.slice(0, 1)), two.append(more.slice(1))])
    for (const attribute of [undefined, ...wanted(rows, 2)]) {
      const question = { account: mine, limit: 11, ...always, ...(attribute && { attribute }) }
      const found: TrailEntry[] = []
      let [asked, other] = [one, two]
      let next: Position | undefined
      do {
        const ask = { ...question, ...(next && { after: next }) }
        const [page, same] = await Promise.all([asked.lookup(ask), other.lookup(ask)])
        expect(page, JSON.stringify(ask)).toEqual(same)
        found.push(...page.entries)
        next = page.next
        ;[asked, other] = [other, asked]
      } while (next !== undefined)
      const due = naive([...rows, ...more], question)
      expect(found.map(({ at }) => at)).toEqual(due.map(({ at }) => at))
      expect(new Set(found.map(({ eventId }) => eventId))).toEqual(new Set(due.map(({ eventId }) => eventId)))
    }
    await Promise.all([one.close(), two.close()])
  })
})
