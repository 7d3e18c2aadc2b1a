// Writes to a store as fast as it can, and says on stdout what was acknowledged, until it is killed: see `kill.test.ts`.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import process from 'node:process'
import type { User } from '../../src/state/identity.ts'
import { World } from '../../src/state/world.ts'
import { Committer } from '../../src/store/committer.ts'
import { acquireLock, Lock } from '../../src/store/lock.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { loadWhole } from '../../src/store/whole.ts'

const [, , directory = '', first = '0'] = process.argv
const lock = acquireLock(directory, { pid: process.pid })
if (!(lock instanceof Lock)) throw new Error(`held by ${lock.pid}`)
lock.describe('http://127.0.0.1:4080')

const store = await openStore(openSqlite(join(directory, 'state.db')))
const { head, entities } = await loadWhole(store)
const world = new World(entities, head)
const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) }
const committer = new Committer(world, store, { random })

const account = '111122223333'
const user = (id: string): User => ({
  kind: 'user',
  id,
  account,
  name: id,
  path: '/',
  createdAt: 0,
  inline: [{ name: 'filler', document: 'x'.repeat(2000) }],
  attached: [],
  tags: [],
  groups: [],
})
const row = (number: number) => ({
  eventId: `${number}`,
  at: number,
  account,
  requestId: `request-${number}`,
  event: 'y'.repeat(1000),
  decision: '{}',
})

let next = Number(first)
/** A write of two entities that belong together and their record, then a record alone, and again. */
async function work(): Promise<void> {
  for (;;) {
    const write = next++
    await committer.write((draft) => {
      draft.put(user(`left-${write}`))
      draft.put(user(`right-${write}`))
      if (write % 3 === 2) draft.remove('user', `gone-${write - 1}`)
      else draft.put(user(`gone-${write}`))
      return { result: undefined, trail: [row(write)] }
    })
    process.stdout.write(`write ${write} ${world.revision}\n`)
    const record = next++
    await committer.write(() => ({ result: undefined, trail: [row(record)] }))
    process.stdout.write(`record ${record} ${world.revision}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, work))
