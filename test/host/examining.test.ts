import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../../src/host/examining.ts'
import { origin } from '../../src/state/head.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { root } from '../clients/process.ts'
import { batchOn, put, user } from '../contract/store.ts'

let directory = ''
let path = ''
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rolecall-examining-'))
  path = join(directory, 'rolecall.db')
  const store = await openStore(openSqlite(path))
  await store.commit(batchOn(origin, [put(user('AIDAALICE')), put(user('AIDABOB'))]))
  await store.close()
})
afterEach(() => rmSync(directory, { recursive: true }))

/** Changes a letter of an id where the index has it, so that it leads to no row. */
function breakIndex(): void {
  const database = openDatabase(path, undefined)
  const [index] = database
    .prepare(`SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'entity'`)
    .all()
  const [size] = database.prepare('PRAGMA page_size').all()
  database.close()
  const pageSize = Number(size?.page_size)
  const from = (Number(index?.rootpage) - 1) * pageSize
  const handle = openSync(path, 'r+')
  const page = Buffer.alloc(pageSize)
  readSync(handle, page, 0, pageSize, from)
  const at = page.indexOf('AIDABOB')
  expect(at).toBeGreaterThan(0)
  writeSync(handle, 'X', from + at + 4)
  closeSync(handle)
}

// The compiled one has a thread; a file of any size is looked through there.
const compiled = (await import(pathToFileURL(join(root, 'dist', 'host', 'examining.js')).href)) as {
  readonly examine: typeof examine
}

describe.each([
  ['in this thread', examine, undefined],
  ['in a thread of its own', compiled.examine, 0],
] as const)('a database that is looked through %s', (_where, look, threadFrom) => {
  const examined = async () => {
    const engine = openSqlite(path)
    try {
      await look(engine, path, threadFrom)
    } finally {
      await engine.close()
    }
  }

  test('is fine as it was written', async () => {
    await expect(examined()).resolves.toBeUndefined()
  })

  test('is damaged where an index leads nowhere, and the file is named', async () => {
    breakIndex()
    await expect(examined()).rejects.toMatchObject({
      name: 'StoreDamaged',
      message: expect.stringMatching(/^the store is damaged: \S+rolecall\.db: \w/),
    })
  })
})
