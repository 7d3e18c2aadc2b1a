import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BackupDamaged } from '../../src/host/backup.ts'
import { check } from '../../src/host/check.ts'
import { backUp, type Databases, restore } from '../../src/host/copy.ts'
import { readCredentials } from '../../src/host/credentials.ts'
import { keySource } from '../../src/host/key.ts'
import { machineClock, machineMonotonic, machineRandom, machineSchedule } from '../../src/host/machine.ts'
import { openNode } from '../../src/host/node.ts'
import { loadService } from '../../src/model/service.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { KeyRing } from '../../src/token/vault.ts'
import { sign } from '../../src/wire/sigv4.ts'
import { folder } from '../audit/scene.ts'
import { missing, Server } from '../postgres/server.ts'

const dir = folder()
const source = dir.file('source')
const backup = dir.file('backup.gz')
let server: Server | undefined
const vault = () => new KeyRing(keySource({}, {}, source), machineClock, machineRandom())
const filesIn = (directory: string): Databases => ({
  store: openSqlite(join(directory, 'rolecall.db')),
  trail: openSqlite(join(directory, 'audit.db'), { mark: marks.audit }),
})
const closed = async ({ store, trail }: Databases) => {
  await trail.close()
  if (store !== trail) await store.close()
}
async function holding<T>(databases: Databases, work: (databases: Databases) => Promise<T>): Promise<T> {
  try {
    return await work(databases)
  } finally {
    await closed(databases)
  }
}
const everything = async (databases: Databases) => {
  const { head, entities } = await loadWhole(await openStore(databases.store))
  const trail = await databases.trail.all('SELECT high, body FROM audit_run ORDER BY high')
  return {
    head,
    entities: [...entities].sort((a, b) => (a.id < b.id ? -1 : 1)),
    trail: trail.map((row) => ({ ...row, high: Number(row.high) })),
  }
}

/** Creates users through the front door, so that there are records and refusals beside the entities. */
async function live(
  directory: string,
  work: (create: (name: string) => Promise<number>) => Promise<void>,
): Promise<void> {
  const node = await openNode(
    { directory, store: { kind: 'directory', directory }, name: 'main', shared: false, key: {} },
    {
      clock: machineClock,
      random: machineRandom(),
      schedule: machineSchedule,
      monotonic: machineMonotonic,
      alarm: (what, error) => {
        throw new Error(what, { cause: error })
      },
    },
  )
  const [keys] = readCredentials(directory)
  if (keys === undefined) throw new Error('there are no keys')
  try {
    await work(async (UserName) => {
      const body = new TextEncoder().encode(
        new URLSearchParams({ Action: 'CreateUser', Version: loadService('iam').apiVersion, UserName }).toString(),
      )
      const headers = [
        ['host', 'rolecall.test'],
        ['content-type', 'application/x-www-form-urlencoded'],
      ] as const
      const plain = { method: 'POST', path: '/', query: '', headers, body, sourceIp: '127.0.0.1', secure: false }
      const scope = { region: 'us-east-1', service: 'iam', now: Date.now() }
      return (await node.answer({ ...plain, headers: sign(plain, { ...keys }, scope) })).status
    })
  } finally {
    await node.close()
  }
}

beforeAll(async () => {
  server = missing() === undefined ? await Server.start() : undefined
  await live(source, async (create) => {
    for (const name of ['ada', 'bob', 'ada', 'cleo']) await create(name)
    // While it runs.
    await holding(filesIn(source), (databases) => backUp(databases, backup, { at: 1, version: '0' }))
  })
})
afterAll(async () => {
  await server?.stop()
  dir.clean()
})

describe('a backup', () => {
  test('of a running authority makes an empty folder into the same, which checks out', async () => {
    const directory = dir.file('restored')
    await holding(filesIn(directory), async (databases) => {
      expect(await restore(backup, databases)).toMatchObject({ at: 1, version: '0', sealedUnder: vault().keyIds()[0] })
      const checked = await check(databases, vault())
      expect(checked.complaints).toEqual([])
      expect(checked.records + checked.underWay).toBeGreaterThanOrEqual(3)
      expect((await everything(databases)).entities.filter(({ kind }) => kind === 'user')).toHaveLength(4)
    })
  })

  test('goes from a folder to a PostgreSQL and back', async (context) => {
    if (server === undefined) return context.skip(missing())
    const engine = openPostgres(server.url(await server.database()))
    const there = { store: engine, trail: engine }
    const again = dir.file('again.gz')
    const before = await holding(there, async (databases) => {
      await restore(backup, databases)
      expect((await check(databases, vault())).complaints).toEqual([])
      await expect(restore(backup, databases)).rejects.toThrow(/there is something already/)
      await backUp(databases, again, { at: 2, version: '0' })
      return everything(databases)
    })
    const directory = dir.file('back')
    await holding(filesIn(directory), async (databases) => {
      await restore(again, databases)
      expect(await everything(databases)).toEqual(before)
      expect((await check(databases, vault())).complaints).toEqual([])
    })
  })

  test('that is not whole leaves both databases empty', async () => {
    const bytes = readFileSync(backup)
    const cut = dir.file('cut.gz')
    writeFileSync(cut, bytes.subarray(0, bytes.length - 20))
    const directory = dir.file('empty')
    await holding(filesIn(directory), async (databases) => {
      await expect(restore(cut, databases)).rejects.toBeInstanceOf(BackupDamaged)
      expect(await everything(databases)).toEqual({ head: { revision: 0, batch: '' }, entities: [], trail: [] })
      // And can be filled after all.
      await restore(backup, databases)
      expect((await check(databases, vault())).complaints).toEqual([])
    })
  })

  test('of another schema is refused with what to do', async () => {
    const directory = dir.file('other')
    await holding(filesIn(source), async (databases) => {
      await databases.store.write((statements) => statements.run(`UPDATE meta SET value = '2' WHERE name = 'schema'`))
      await backUp(databases, dir.file('older.gz'), { at: 1, version: '0.0.9' })
      await databases.store.write((statements) => statements.run(`UPDATE meta SET value = '3' WHERE name = 'schema'`))
    })
    await holding(filesIn(directory), async (databases) => {
      await expect(restore(dir.file('older.gz'), databases)).rejects.toThrow(/made by rolecall 0\.0\.9.*upgrade/)
    })
  })
})

describe('a check', () => {
  test('finds what rows say of one another that is not so, and secrets that do not open', async () => {
    const directory = dir.file('odd')
    await holding(filesIn(directory), async (databases) => {
      await restore(backup, databases)
      const store = await openStore(databases.store)
      const { head, entities } = await loadWhole(store)
      const key = entities.find((entity) => entity.kind === 'access-key')
      const user = entities.find((entity) => entity.kind === 'user')
      if (key === undefined || user === undefined) throw new Error('there is neither')
      const changes = [
        { ...user, groups: ['AGPANOWHERE'] },
        { ...user, id: 'AIDAOTHER' },
        { ...key, id: 'AKIAOTHER', owner: 'AIDANOBODY' },
        { kind: 'digest-key', id: 'f'.repeat(32), publicKey: 'AAAA', secret: key.secret, createdAt: 1 } as const,
      ].map((entity) => ({ kind: entity.kind, id: entity.id, entity }))
      await store.commit({ base: head, batch: 'odd', changes, trail: [], delivered: [] })
      const { complaints } = await check(databases, vault())
      expect(complaints.join('\n')).toMatch(/is in group AGPANOWHERE, which there is not/)
      expect(complaints.join('\n')).toMatch(/has the name of user/)
      expect(complaints.join('\n')).toMatch(/access-key AKIAOTHER belongs to AIDANOBODY, whom there is not/)
      expect(complaints.join('\n')).toMatch(/access-key AKIAOTHER has a secret that does not open/)
      expect(complaints.join('\n')).toMatch(/digest-key f{32} has the public key of another/)
      expect(complaints.join('\n')).toMatch(/digest-key f{32} has a secret that does not open/)
      expect(complaints).toHaveLength(6)
    })
  })

  test('refuses by name to say anything of a store that was altered', async () => {
    const directory = dir.file('altered')
    await holding(filesIn(directory), async (databases) => {
      await restore(backup, databases)
      await databases.store.write((statements) =>
        statements.run(`UPDATE entity SET body = replace(body, '"ada"', '"eve"') WHERE kind = 'user'`),
      )
      await expect(check(databases, vault())).rejects.toThrow(/user AIDA\w+/)
    })
  })
})
