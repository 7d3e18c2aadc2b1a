import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { call, type Keys, type Reply, type Service } from '../clients/call.ts'
import { envOf, type Running, rolecall, startRolecall } from '../clients/process.ts'
import { accountId, complaintsIn, trailIn } from './estate.ts'
import { freeze, missing, stint, unfreezable, unlimitable, Volume } from './volume.ts'

const files = { store: ['rolecall.db', 'rolecall.db-wal'], trail: ['audit.db', 'audit.db-wal'] }
type Half = keyof typeof files

let top = ''
let data = ''
let mounted: Volume[] = []
let frozen: string[] = []
let running: Running | undefined
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'rolecall-disk-'))
  data = join(top, 'data')
  mkdirSync(data, { mode: 0o700 })
})
afterEach(() => {
  running?.child.kill('SIGKILL')
  running = undefined
  if (frozen.length > 0) freeze(frozen, false)
  frozen = []
  for (const volume of mounted) volume.unmount()
  mounted = []
  rmSync(top, { recursive: true, force: true })
})

/** A small disk of its own. */
function disk(name: string): Volume {
  const volume = new Volume(join(top, name), 4)
  mounted.push(volume)
  return volume
}

/** What befalls the files of a half, or of both, and how it passes. */
interface Trouble {
  readonly name: string
  readonly halves: readonly Half[]
  readonly missing: () => string | undefined
  /** Before anything runs. */
  readonly prepare?: () => void
  readonly begin: (running: Running) => void
  readonly end: (running: Running) => void
}

function full(name: string, halves: readonly Half[]): Trouble {
  return {
    name,
    halves,
    missing,
    prepare() {
      for (const half of halves) {
        const { folder } = disk(half)
        const [file = ''] = files[half]
        symlinkSync(join(folder, file), join(data, file))
      }
    },
    begin() {
      for (const volume of mounted) volume.fill()
    },
    end() {
      for (const volume of mounted) volume.drain()
    },
  }
}

function readOnly(name: string, half: Half): Trouble {
  return {
    name,
    halves: [half],
    missing: unfreezable,
    begin() {
      frozen = files[half].map((file) => join(data, file))
      freeze(frozen, true)
    },
    end() {
      freeze(frozen, false)
      frozen = []
    },
  }
}

const troubles: readonly Trouble[] = [
  full('the disk of both is full', ['store', 'trail']),
  full('the disk of the store is full', ['store']),
  full('the disk of the trail is full', ['trail']),
  readOnly('the store’s disk takes no write', 'store'),
  readOnly('the trail’s disk takes no write', 'trail'),
  {
    name: 'the system lets no file grow',
    halves: ['store', 'trail'],
    missing: unlimitable,
    begin: ({ child }) => stint(child.pid ?? 0, 1),
    end: ({ child }) => stint(child.pid ?? 0, undefined),
  },
]

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'sts:AssumeRole' },
})
const assume = { RoleArn: `arn:aws:iam::${accountId}:role/app`, RoleSessionName: 'disk' }

const keysOf = ({ result: { AccessKey, Credentials } }: Reply): Keys => {
  const { AccessKeyId, SecretAccessKey, SessionToken } = AccessKey ?? Credentials ?? {}
  return {
    accessKeyId: String(AccessKeyId),
    secretAccessKey: String(SecretAccessKey),
    ...(SessionToken === undefined ? {} : { sessionToken: String(SessionToken) }),
  }
}

/** Calls, and remembers what was told. */
class Client {
  readonly #running: Running
  readonly admin: Keys
  /** Request ids of what was acknowledged. */
  readonly owed: string[] = []
  /** Names of users whose making was acknowledged, and was refused. */
  readonly made: string[] = []
  readonly refused: string[] = []
  readonly minted: Keys[] = []

  constructor(rolecall: Running, admin: Keys) {
    this.#running = rolecall
    this.admin = admin
  }

  async call(service: Service, action: string, parameters = {}, keys = this.admin): Promise<Reply> {
    const reply = await call(this.#running.endpoint, keys, service, action, parameters)
    if (reply.status === 200) this.owed.push(reply.requestId)
    return reply
  }

  async create(name: string): Promise<number> {
    const { status, text } = await this.call('iam', 'CreateUser', { UserName: name })
    if (status !== 200) expect(text).toContain('ServiceUnavailable')
    ;(status === 200 ? this.made : this.refused).push(name)
    return status
  }

  async mint(service: 'sts' | 'iam', action: string, parameters = {}): Promise<number> {
    const reply = await this.call(service, action, parameters)
    if (reply.status === 200) this.minted.push(keysOf(reply))
    else expect(reply.text).toContain('ServiceUnavailable')
    return reply.status
  }
}

describe('where', () => {
  test.for(troubles)(
    '$name, nothing is changed or given out that is not recorded, all else goes on, and it heals by itself',
    async (trouble, context) => {
      const why = trouble.missing()
      if (why !== undefined) return context.skip(why)
      trouble.prepare?.()
      running = await startRolecall({ data, args: ['--account-id', accountId] })
      const client = new Client(running, await envOf(running))
      await client.create('ada')
      await client.create('bob')
      const ada = keysOf(await client.call('iam', 'CreateAccessKey', { UserName: 'ada' }))
      await client.call('iam', 'CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: trust })
      const session = keysOf(await client.call('sts', 'AssumeRole', assume))

      trouble.begin(running)
      const unrecorded = trouble.halves.includes('trail')
      // A change whose record can still become durable with it is one; from the first record on that is refused, none is any more.
      if (!trouble.halves.includes('store')) await client.mint('sts', 'AssumeRole', assume)
      for (let round = 0; round < 3; round++) {
        expect(await client.create(`during-${round}`)).toBe(503)
        expect(await client.mint('iam', 'CreateAccessKey', { UserName: 'bob' })).toBe(503)
        expect(await client.mint('sts', 'AssumeRole', assume)).toBe(unrecorded ? 503 : 200)
        expect(await client.mint('sts', 'GetSessionToken')).toBe(unrecorded ? 503 : 200)
        for (const keys of [client.admin, session, ada])
          expect((await call(running.endpoint, keys, 'sts', 'GetCallerIdentity')).status).toBe(200)
        expect((await call(running.endpoint, client.admin, 'iam', 'GetUser', { UserName: 'ada' })).status).toBe(200)
        expect((await call(running.endpoint, ada, 'iam', 'ListUsers')).code).toBe('AccessDenied')
      }

      trouble.end(running)
      // Within the time that a sink which takes nothing is left alone for.
      const until = performance.now() + 5000
      while ((await client.create(`after-${client.refused.length}`)) !== 200)
        expect(performance.now(), running.output()).toBeLessThan(until)
      expect(await client.mint('sts', 'AssumeRole', assume)).toBe(200)
      for (const keys of client.minted)
        expect((await call(running.endpoint, keys, 'sts', 'GetCallerIdentity')).status).toBe(200)
      const there = async (UserName: string) =>
        (await call(running?.endpoint ?? '', client.admin, 'iam', 'GetUser', { UserName })).status
      for (const name of client.made) expect([name, await there(name)]).toEqual([name, 200])
      for (const name of client.refused) expect([name, await there(name)]).toEqual([name, 404])

      expect(await running.stop()).toBe(0)
      expect(await complaintsIn(data)).toEqual([])
      const recorded = (await trailIn(data)).map((entry) => String(Reflect.get(JSON.parse(entry), 'requestId')))
      for (const id of client.owed) expect(recorded.filter((one) => one === id)).toHaveLength(1)
      // What tells of it does not fill another disk.
      expect(running.output().match(/records of reads wait/g)?.length ?? 0).toBeLessThanOrEqual(1)
    },
  )

  test('it is killed over a full disk, it says so until there is space again, and has lost nothing', async (context) => {
    const why = missing()
    if (why !== undefined) return context.skip(why)
    const volume = disk('whole')
    data = join(volume.folder, 'data')
    running = await startRolecall({ data, args: ['--account-id', accountId] })
    const client = new Client(running, await envOf(running))
    await client.create('ada')
    volume.fill()
    expect(await client.create('bob')).toBe(503)
    await running.stop('SIGKILL')

    const { code, stderr } = await rolecall(['up', '--port', '0', '--data', data])
    expect([code, stderr.trim().split('\n').length, stderr]).toEqual([1, 1, expect.stringMatching(/full|no space/i)])
    volume.drain()
    running = await startRolecall({ data })
    const again = new Client(running, await envOf(running))
    expect((await again.call('iam', 'GetUser', { UserName: 'ada' })).status).toBe(200)
    expect(await again.create('cleo')).toBe(200)
    expect(await running.stop()).toBe(0)
    expect(await complaintsIn(data)).toEqual([])
  })

  test('the disk can only be read, it says so in a line', async (context) => {
    const why = missing()
    if (why !== undefined) return context.skip(why)
    const volume = disk('whole')
    data = join(volume.folder, 'data')
    running = await startRolecall({ data })
    await running.stop()
    running = undefined
    volume.remount('ro')
    for (const verb of [
      ['up', '--port', '0'],
      ['serve', '--listen', '127.0.0.1:0'],
    ]) {
      const { code, stderr } = await rolecall([...verb, '--data', data])
      expect([code, stderr.trim().split('\n').length, stderr]).toEqual([1, 1, expect.stringMatching(/read-?only/i)])
    }
    volume.remount('rw')
    expect(await complaintsIn(data)).toEqual([])
  })

  test('there is nothing yet and the disk is full, nothing is begun that cannot be gone on with', async (context) => {
    const why = missing()
    if (why !== undefined) return context.skip(why)
    const volume = disk('whole')
    data = join(volume.folder, 'data')
    mkdirSync(data)
    chmodSync(data, 0o700)
    volume.fill()
    const { code, stderr } = await rolecall(['up', '--port', '0', '--data', data])
    expect([code, stderr.trim().split('\n').length, stderr]).toEqual([1, 1, expect.stringMatching(/full|no space/i)])
    volume.drain()
    running = await startRolecall({ data })
    expect((await new Client(running, await envOf(running)).call('iam', 'ListUsers')).status).toBe(200)
    await running.stop()
    expect(await complaintsIn(data)).toEqual([])
  })
})
