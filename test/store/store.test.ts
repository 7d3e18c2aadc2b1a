import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryStore } from '../../src/store/memory.ts'
import { SqliteStore } from '../../src/store/sqlite-store.ts'
import { storeContract } from '../contract/store.ts'

storeContract('memory', { open: () => new MemoryStore(), clean: () => undefined })

let directory = ''
const file = () => join(directory, 'deep', 'down', 'state.db')
storeContract('sqlite', {
  open: () => {
    directory = mkdtempSync(join(tmpdir(), 'rolecall-store-'))
    return new SqliteStore(file())
  },
  again: () => new SqliteStore(file()),
  clean: () => rmSync(directory, { recursive: true }),
})
