import { afterEach, beforeEach, expect, test } from 'vitest'
import { Signer } from '../../src/audit/key.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { verify } from '../../src/audit/verify.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { folder, key, record, Time, writerOptions } from './scene.ts'

// Apart from the other tests of the writer, since it takes seconds and mutants are many.

let dir = folder()
dir.clean()
let log: SqlAudit
const sqlite = () => openSqlite(dir.file('audit.db'), { mark: marks.audit })

beforeEach(() => {
  dir = folder()
})
afterEach(async () => {
  await log.close()
  dir.clean()
})

test('whoever appends without a pause waits for what is sealed: so much is open and no more, and index files stay few', async () => {
  log = await SqlAudit.open(sqlite(), writerOptions('node', new Time(), { segmentRecords: 64 }))
  const watching = sqlite()
  const sum = async (text: string) => Number((await watching.all(text))[0]?.found)
  let [number, open, files] = [0, 0, 0]
  const appending = async () => {
    while (number < 12_000) {
      await log.append(Array.from({ length: 32 }, () => record(number++)))
      open = Math.max(open, await sum('SELECT sum(last - first + 1) AS found FROM audit_run'))
      files = Math.max(files, await sum('SELECT count(*) AS found FROM audit_index'))
    }
  }
  await Promise.all([appending(), appending(), appending(), appending()])
  // Four segments, and what four who append had waiting.
  expect(open).toBeGreaterThan(64)
  expect(open).toBeLessThanOrEqual(4 * 64 + 4 * 32)
  expect(files).toBeLessThan(64)
  await log.seal()
  const verdict = await verify(watching, { keys: [key], signer: new Signer([key]) })
  await watching.close()
  expect(verdict).toMatchObject({ findings: [], unindexed: 0 })
}, 60_000)
