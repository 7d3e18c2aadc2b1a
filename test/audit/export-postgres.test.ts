import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '../../src/store/postgres.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { missing, Server } from '../postgres/server.ts'
import { exported, files, happened, hour, verified } from './exporting.ts'
import { folder } from './scene.ts'

const none = missing()
const dir = folder()
afterAll(() => dir.clean())

describe.skipIf(none !== undefined)(none ?? 'an export over PostgreSQL', () => {
  let server: Server
  beforeAll(async () => {
    server = await Server.start()
  })
  afterAll(() => server.remove())

  test('comes to the same bytes as one over SQLite of the same records, at once and in ranges', async () => {
    const url = server.url(await server.database())
    const [postgres, sqlite] = [() => openPostgres(url), () => openSqlite(dir.file('audit.db'), { mark: marks.audit })]
    const { time, start } = await happened(postgres)
    await happened(sqlite)
    const now = time.clock.now()
    const [one, other, ranges] = [dir.file('one'), dir.file('other'), dir.file('ranges')]
    const { records } = await exported(postgres, now, one)
    expect(records).toBeGreaterThan(100)
    await exported(sqlite, now, other)
    expect(files(one)).toEqual(files(other))
    await exported(postgres, now, ranges, { until: start + 2 * hour })
    await exported(postgres, now, ranges)
    expect(files(ranges)).toEqual(files(one))
    expect(verified(one)).toMatchObject({ flaws: [], unfinished: 0 })
  })
})
