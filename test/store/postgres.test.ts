import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgres } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { engineContract } from '../contract/engine.ts'
import { storeContract } from '../contract/store.ts'
import { missing, Server } from '../postgres/server.ts'

const none = missing()

describe.skipIf(none !== undefined)(none ?? 'PostgreSQL', () => {
  let server: Server
  beforeAll(async () => {
    server = await Server.start()
  })
  afterAll(() => server.remove())

  let database = ''
  const open = async () => openPostgres(server.url(database))
  engineContract('PostgreSQL', {
    async open() {
      database = await server.database()
      return open()
    },
    again: open,
    clean: () => undefined,
  })
  storeContract('PostgreSQL', {
    async open(options) {
      database = await server.database()
      return openStore(await open(), options)
    },
    again: async () => openStore(await open()),
    clean: () => undefined,
  })
})
