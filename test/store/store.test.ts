import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { type DriverName, hasDriver } from '../../src/store/database.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { openStore, type StoreOptions } from '../../src/store/sql-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { storeContract } from '../contract/store.ts'

storeContract('memory', { open: async (options) => new MemoryStore(options), clean: () => undefined })

for (const driver of ['node:sqlite', '@photostructure/sqlite'] as const satisfies readonly DriverName[]) {
  if (!hasDriver(driver)) {
    describe.skip(`${driver} is not here: its suite is left out`, () => test('nothing', () => undefined))
    continue
  }
  let directory = ''
  const open = (options?: StoreOptions) =>
    openStore(openSqlite(join(directory, 'deep', 'down', 'state.db'), { driver }), options)
  storeContract(driver, {
    open(options) {
      directory = mkdtempSync(join(tmpdir(), 'rolecall-store-'))
      return open(options)
    },
    again: () => open(),
    clean: () => rmSync(directory, { recursive: true }),
  })
}
