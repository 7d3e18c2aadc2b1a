import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openStore } from '../../src/store/sql-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { call, type Keys, type Reply, type Service } from '../clients/call.ts'
import { envOf, type Running, run, startRolecall } from '../clients/process.ts'
import { accountId, complaintsIn, trailIn } from './estate.ts'

const day = 24 * 3600
let top = ''
let preload: string | undefined
let running: Running | undefined
beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), 'rolecall-clock-'))
  // The program tells by itself where its library is.
  const told = await run('faketime', ['-f', '+0', 'sh', '-c', 'echo "$LD_PRELOAD"'])
  if (told.code === 0 && told.stdout.trim() !== '') preload = told.stdout.trim()
})
afterEach(() => vi.useRealTimers())
afterAll(() => {
  running?.child.kill('SIGKILL')
  rmSync(top, { recursive: true, force: true })
})

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'sts:AssumeRole' },
})
const assume = { RoleArn: `arn:aws:iam::${accountId}:role/app`, RoleSessionName: 'clock', DurationSeconds: '900' }

test('a server whose clock jumps gives no session more life than it has, and records all in its order', async (context) => {
  if (preload === undefined) return context.skip('faketime is not installed (Debian: apt install faketime)')
  const data = join(top, 'data')
  const offset = join(top, 'offset')
  const start = () => {
    const environment = {
      LD_PRELOAD: preload ?? '',
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: '1',
      // What only goes forward does so here, too: timers and staleness are counted by it.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      // It takes a whole date for one of the zone.
      TZ: 'UTC',
    }
    return startRolecall({ data, args: ['--account-id', accountId], environment })
  }
  /** In one step: whoever reads the time meanwhile must not read half of it. */
  const write = (text: string) => {
    writeFileSync(`${offset}.new`, `${text}\n`)
    renameSync(`${offset}.new`, offset)
  }
  write('+0')
  running = await start()
  let server = running
  const admin: Keys = await envOf(server)
  const real = Date.now()
  const acknowledged: string[] = []
  vi.useFakeTimers({ toFake: ['Date'] })
  /** Server and client have the same clock, so many seconds off. */
  const at = (seconds: number) => {
    write(`${seconds < 0 ? '' : '+'}${seconds}`)
    vi.setSystemTime(real + seconds * 1000)
  }
  const ask = async (keys: Keys, service: Service, action: string, parameters = {}): Promise<Reply> => {
    const reply = await call(server.endpoint, keys, service, action, parameters)
    if (reply.status === 200) acknowledged.push(reply.requestId)
    return reply
  }
  const who = async (keys: Keys) => (await ask(keys, 'sts', 'GetCallerIdentity')).code ?? 'welcome'
  const mint = async (): Promise<Keys> => {
    const { status, text, result } = await ask(admin, 'sts', 'AssumeRole', assume)
    expect([status, text]).toEqual([200, text])
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = result.Credentials ?? {}
    // Seconds since the epoch, in the JSON form of the protocol.
    expect(Math.abs(Number(Expiration) - Date.now() / 1000 - 900)).toBeLessThan(60)
    return {
      accessKeyId: String(AccessKeyId),
      secretAccessKey: String(SecretAccessKey),
      sessionToken: String(SessionToken),
    }
  }

  at(0)
  expect((await ask(admin, 'iam', 'CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: trust })).status).toBe(200)
  const first = await mint()
  expect(await who(first)).toBe('welcome')
  at(-240)
  expect(await who(first)).toBe('welcome')
  at(day)
  expect(await who(first)).toBe('ExpiredToken')
  const ahead = await mint()
  expect(await who(ahead)).toBe('welcome')
  at(-day)
  expect([await who(first), await who(ahead)]).toEqual(['InvalidClientTokenId', 'InvalidClientTokenId'])
  expect(await who(await mint())).toBe('welcome')
  at(Math.round((Date.UTC(2038, 0, 19, 3, 14, 8) - real) / 1000))
  const late = await mint()
  expect(await who(late)).toBe('welcome')
  // Frozen: the same second for ever.
  write('2028-02-29 23:59:59')
  vi.setSystemTime(Date.UTC(2028, 1, 29, 23, 59, 59))
  for (let turn = 0; turn < 3; turn++) expect(await who(admin)).toBe('welcome')
  expect(await who(await mint())).toBe('welcome')

  at(-day)
  await server.stop()
  running = await start()
  server = running
  expect([await who(admin), await who(first)]).toEqual(['welcome', 'InvalidClientTokenId'])
  at(1)
  expect([await who(first), await who(ahead), await who(late)]).toEqual([
    'welcome',
    'InvalidClientTokenId',
    'InvalidClientTokenId',
  ])
  expect(await server.stop()).toBe(0)
  vi.useRealTimers()

  expect(server.output()).not.toMatch(/failed|altered/)
  expect(await complaintsIn(data)).toEqual([])
  const recorded = (await trailIn(data)).map((entry) => String(Reflect.get(JSON.parse(entry), 'requestId')))
  // Reads are written a moment later than what must be durable at once; each is there, and once.
  const owed = new Set(acknowledged)
  expect(recorded.filter((id) => owed.has(id)).sort()).toEqual([...owed].sort())
  const store = await openStore(openSqlite(join(data, 'rolecall.db')))
  const { entities } = await loadWhole(store)
  await store.close()
  expect(entities.filter(({ kind }) => kind === 'token-key').length).toBeLessThanOrEqual(2)
})
