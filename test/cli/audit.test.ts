import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Anchor } from '../../src/audit/digest.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { foundKeyFile, ownKeyFile } from '../../src/host/key-file.ts'
import { machineClock, machineRandom } from '../../src/host/machine.ts'
import { bindingOf } from '../../src/state/entity.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { KeyRing } from '../../src/token/vault.ts'
import { folder, key, record, Time, writerOptions } from '../audit/scene.ts'
import { rolecall } from '../clients/process.ts'

const dir = folder()
afterAll(() => dir.clean())

const audit = (...args: string[]) => rolecall(['audit', ...args, '--data', dir.path])
const trail = dir.file('audit.db')

beforeAll(async () => {
  const time = new Time()
  let noted: Anchor | undefined
  const log = await SqlAudit.open(
    openSqlite(trail, { mark: marks.audit }),
    writerOptions('main', time, {
      anchor: (anchor) => {
        noted = anchor
      },
    }),
  )
  await log.append(Array.from({ length: 120 }, (_, number) => record(number)))
  await log.close()
  const again = await SqlAudit.open(openSqlite(trail, { mark: marks.audit }), writerOptions('other', time))
  await again.append([record(1)])
  await again.close()

  const random = machineRandom()
  const sealing = foundKeyFile(ownKeyFile(dir.path), random)
  const vault = new KeyRing({ kind: 'directory', read: () => sealing }, machineClock, random)
  const store = await openStore(openSqlite(dir.file('rolecall.db')))
  const row = { kind: 'audit-key', id: key.id } as const
  const pair = { ...row, publicKey: key.publicKey, secret: vault.seal(key.secret, bindingOf(row)), createdAt: 1 }
  if (noted === undefined) throw new Error('nothing was sealed')
  const { node, ...digest } = noted
  const anchor = { kind: 'audit-anchor', id: node, ...digest } as const
  await store.commit({
    base: await store.head(),
    batch: 'one',
    changes: [pair, anchor].map((entity) => ({ kind: entity.kind, id: entity.id, entity })),
    trail: [],
    delivered: [],
  })
  await store.close()
})

describe('rolecall audit verify', () => {
  test('says what it found sound, and what it held it against', async () => {
    const { code, stdout, stderr } = await audit('verify')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^The audit trail is as it was written\.\n/)
    expect(stdout).toContain('chain main\n    120 records\n')
    expect(stdout).toContain('2023-11-14T22:13:20.000Z to 2023-11-14T22:13:20.119Z')
    expect(stdout).toContain('in all 121 records, 2 segments')
    expect(stdout).toContain(
      'signatures checked\n  ends of chains checked\n  index checked\n  1 digest noted in the store, checked\n',
    )
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('prints one JSON object for programs', async () => {
    const { code, stdout } = await audit('verify', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      sound: true,
      findings: [],
      records: 121,
      segments: 2,
      checked: { signatures: true, heads: true, anchors: 1 },
    })
  })

  test('says so where there is no trail, and makes none', async () => {
    const { code, stdout, stderr } = await rolecall(['audit', 'verify', '--data', join(dir.path, 'none')])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/holds no store/)
  })

  test('names the first record that is not as it was written, and ends with 1', async () => {
    const database = openDatabase(trail)
    const [block] = database.prepare('SELECT high, body FROM audit_block WHERE node = ?').all('main')
    const body = Buffer.from(String(block?.body), 'base64')
    body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1
    database.prepare('UPDATE audit_block SET body = ? WHERE high = ?').run(body.toString('base64'), Number(block?.high))
    database.close()
    const { code, stdout, stderr } = await audit('verify')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(/^The audit trail was altered\.\n\n {2}chain main: record \d+ /)
    const told = await audit('verify', '--json')
    expect(told.code).toBe(1)
    expect(JSON.parse(told.stdout)).toMatchObject({ sound: false, findings: [{ node: 'main', what: 'edited' }] })
  })

  test('tells a database that is gone from one that was altered', async () => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${trail}${end}`, { force: true })
    const { code, stderr } = await audit('verify')
    expect(code).toBe(1)
    expect(stderr).toMatch(/holds no audit trail/)
  })
})

describe('rolecall audit key', () => {
  test('prints the public key as PEM', async () => {
    openDatabase(trail).close()
    const { code, stdout } = await audit('key')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\w+/=]+\n-----END PUBLIC KEY-----\n$/)
    expect(JSON.parse((await audit('key', '--json')).stdout)).toEqual({ keys: [{ id: key.id, pem: stdout }] })
  })
})
