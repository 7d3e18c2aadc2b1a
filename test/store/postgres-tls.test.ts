import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { StoreUnavailable } from '../../src/store/store.ts'
import { missing, Server } from '../postgres/server.ts'
import { issue } from '../token/x509.ts'

const none = missing()
const now = Date.now()
const authority = issue('authority', undefined, now, [-1, 90], undefined, { authority: true })
const stranger = issue('stranger', undefined, now, [-1, 90], undefined, { authority: true })
const client = issue('postgres', authority, now)

const serverOf = (hosts: readonly string[]) => {
  const shown = issue('postgresql', authority, now, [-1, 90], undefined, { hosts })
  return Server.start({
    settings: { ssl: 'on', ssl_cert_file: 'server.pem', ssl_key_file: 'server.key', ssl_ca_file: 'clients.pem' },
    files: { 'server.pem': shown.certificate, 'server.key': shown.key, 'clients.pem': authority.certificate },
    // This database is for clients with a certificate only.
    hba: 'hostssl guarded all 127.0.0.1/32 scram-sha-256 clientcert=verify-full\nhost guarded all all reject\n',
  })
}

describe.skipIf(none !== undefined)(none ?? 'a PostgreSQL that speaks TLS', () => {
  let server: Server
  let elsewhere: Server
  let plain: Server
  let directory = ''
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return encodeURIComponent(join(directory, name))
  }
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rolecall-tls-'))
    ;[server, elsewhere, plain] = await Promise.all([
      serverOf(['127.0.0.1']),
      serverOf(['db.example.com']),
      Server.start(),
    ])
    await server.ask('CREATE DATABASE guarded')
  })
  afterAll(async () => {
    await Promise.all([server, elsewhere, plain].map((each) => each.remove()))
    rmSync(directory, { recursive: true })
  })

  let engine: Engine | undefined
  afterEach(async () => {
    await engine?.close()
    engine = undefined
  })
  const secret = async (of: Server, query: string, database = 'postgres') => {
    engine = openPostgres(`${of.url(database)}?${query}`)
    const [row] = await engine.all('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    return row?.ssl === 't'
  }
  const refused = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      (ssl) => expect.fail(`it connected, with ssl ${String(ssl)}`),
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(StoreUnavailable)
    expect(String(error)).not.toContain('horse')
  }
  const ours = () => `sslrootcert=${file('ca.pem', authority.certificate)}`

  test('is spoken to where its certificate is its own, and of an authority that is believed', async () => {
    expect(await secret(server, `sslmode=verify-full&${ours()}`)).toBe(true)
  })

  test('is not spoken to where nobody vouches for the certificate', async () => {
    await refused(secret(server, 'sslmode=verify-full'))
    await refused(secret(server, `sslmode=verify-full&sslrootcert=${file('other.pem', stranger.certificate)}`))
    await refused(secret(server, `sslmode=verify-ca&sslrootcert=${file('other.pem', stranger.certificate)}`))
  })

  test('is not spoken to where the certificate is another server’s, unless that is waived', async () => {
    await refused(secret(elsewhere, `sslmode=verify-full&${ours()}`))
    expect(await secret(elsewhere, `sslmode=verify-ca&${ours()}`)).toBe(true)
  })

  test('is spoken to in secret, whoever it is, where no more is asked', async () => {
    expect(await secret(elsewhere, 'sslmode=require')).toBe(true)
  })

  test('is never spoken to in plain text where TLS was asked for', async () => {
    for (const mode of ['require', 'verify-ca', 'verify-full'])
      await refused(secret(plain, `sslmode=${mode}&${ours()}`))
    expect(await secret(plain, 'sslmode=disable')).toBe(false)
  })

  test('is shown a certificate where it asks for one', async () => {
    const shown = `sslcert=${file('client.pem', client.certificate)}&sslkey=${file('client.key', client.key)}`
    expect(await secret(server, `sslmode=verify-full&${ours()}&${shown}`, 'guarded')).toBe(true)
    await refused(secret(server, `sslmode=verify-full&${ours()}`, 'guarded'))
  })
})
