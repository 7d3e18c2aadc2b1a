import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { engineContract } from '../contract/engine.ts'
import { put, storeContract, user } from '../contract/store.ts'
import { Pooler, poolerMissing } from '../postgres/pooler.ts'
import { missing, Server } from '../postgres/server.ts'

const none = missing() ?? poolerMissing()

describe.skipIf(none !== undefined)(
  none ?? 'PostgreSQL behind a pooler that hands out processes by the transaction',
  () => {
    let server: Server
    let pooler: Pooler
    beforeAll(async () => {
      server = await Server.start()
      pooler = await Pooler.start(server)
    })
    afterAll(async () => {
      pooler.stop()
      await server.remove()
    })

    let database = ''
    const open = async () => openPostgres(pooler.url(server, database))
    engineContract('PostgreSQL behind a pooler', {
      async open() {
        database = await server.database()
        return open()
      },
      again: open,
      clean: () => undefined,
    })
    storeContract('PostgreSQL behind a pooler', {
      async open(options) {
        database = await server.database()
        return openStore(await open(), options)
      },
      again: async () => openStore(await open()),
      clean: () => undefined,
    })

    test('a hint that the pooler swallows is missed by nobody: what was committed is read', async () => {
      database = await server.database()
      const listening = await openStore(openPostgres(pooler.url(server, database), { channel: 'rolecall' }))
      const writing = await openStore(openPostgres(pooler.url(server, database), { channel: 'rolecall' }))
      const stop = listening.onHint?.(() => undefined)
      try {
        const base = await writing.head()
        const head = await writing.commit({ base, batch: 'one', changes: [put(user('A'))], trail: [], delivered: [] })
        expect(await listening.head()).toEqual(head)
        expect((await listening.changesSince(base))?.changes).toEqual([put(user('A'))])
      } finally {
        stop?.()
        await listening.close()
        await writing.close()
      }
    })
  },
)
