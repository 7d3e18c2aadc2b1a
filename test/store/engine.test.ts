import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { type DriverName, hasDriver } from '../../src/store/database.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { engineContract } from '../contract/engine.ts'

for (const driver of ['node:sqlite', '@photostructure/sqlite'] as const satisfies readonly DriverName[]) {
  if (!hasDriver(driver)) {
    describe.skip(`${driver} is not here: its suite is left out`, () => test('nothing', () => undefined))
    continue
  }
  let directory = ''
  const open = async () => openSqlite(join(directory, 'deep', 'state.db'), { driver })
  engineContract(driver, {
    open() {
      directory = mkdtempSync(join(tmpdir(), 'rolecall-engine-'))
      return open()
    },
    again: open,
    clean: () => rmSync(directory, { recursive: true }),
  })
}
