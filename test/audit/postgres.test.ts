import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SqlAudit } from '../../src/audit/trail.ts'
import { verify } from '../../src/audit/verify.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { auditContract } from '../contract/audit.ts'
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
})
