import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SqlAudit } from '../../src/audit/trail.ts'
import { foundKeyFile, ownKeyFile } from '../../src/host/key-file.ts'
import { machineClock, machineRandom } from '../../src/host/machine.ts'
import { bindingOf } from '../../src/state/entity.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { KeyRing } from '../../src/token/vault.ts'
import { signing } from '../audit/exporting.ts'
import { folder, key, record, Time, writerOptions } from '../audit/scene.ts'
import { rolecall } from '../clients/process.ts'

const dir = folder()
afterAll(() => dir.clean())

const out = dir.file('out')
const run = (...args: string[]) => rolecall(['audit', 'export', '--data', dir.path, ...args])
const check = (...args: string[]) => rolecall(['audit', 'verify', '--folder', ...args])
/** An authority that has a trail and no key that exports are signed with. */
const bare = folder()
afterAll(() => bare.clean())

beforeAll(async () => {
  const trail = openSqlite(dir.file('audit.db'), { mark: marks.audit })
  // Of 2023-11-14, from 22:13:20 on.
  const time = new Time()
  const log = await SqlAudit.open(trail, writerOptions('main', time, { schedule: () => () => {} }))
  for (let number = 0; number < 70; number++) {
    await log.append([
      {
        ...record(number, number % 10 === 9 ? '-' : '111122223333'),
        at: time.clock.now(),
        event: JSON.stringify({ awsRegion: 'us-east-1', number }),
      },
    ])
    if (number % 10 === 9) await log.seal()
    time.pass(60_000)
  }
  await log.close()

  const random = machineRandom()
  const sealing = foundKeyFile(ownKeyFile(dir.path), random)
  const vault = new KeyRing({ kind: 'directory', read: () => sealing }, machineClock, random)
  const store = await openStore(openSqlite(dir.file('rolecall.db')))
  const row = { kind: 'audit-key', id: key.id } as const
  const pair = { ...row, publicKey: key.publicKey, secret: vault.seal(key.secret, bindingOf(row)), createdAt: 1 }
  await store.commit({
    base: await store.head(),
    batch: 'one',
    changes: [{ kind: pair.kind, id: pair.id, entity: pair }],
    trail: [],
    delivered: [],
  })
  await store.close()
  cpSync(dir.path, bare.path, { recursive: true })
  const again = await openStore(openSqlite(dir.file('rolecall.db')))
  const digestRow = { kind: 'digest-key', id: signing.fingerprint } as const
  const text = signing.key.export({ format: 'pem', type: 'pkcs8' }).toString()
  await again.commit({
    base: await again.head(),
    batch: 'two',
    changes: [
      {
        ...digestRow,
        entity: {
          ...digestRow,
          publicKey: signing.publicKey,
          secret: vault.seal(text, bindingOf(digestRow)),
          createdAt: 1,
        },
      },
    ],
    trail: [],
    delivered: [],
  })
  await again.close()
})

describe('rolecall audit export', () => {
  test('writes log files and digest files, says how many, and goes on where it was', async () => {
    expect(await run('--out', out, '--to', '2023-11-14T23:00Z')).toEqual({
      code: 0,
      stdout: `${out} has what was delivered before 2023-11-14T23:00:00Z.
  36 records in 4 log files written now
  1 digest file, signed with key ${signing.fingerprint}
  4 records of no account left out
  30 newer records to come with a later run, or with --to now
`,
      stderr: '',
    })
    const { stdout } = await run('--out', out, '--to', 'now', '--json')
    expect(JSON.parse(stdout)).toEqual({
      folder: out,
      until: expect.stringMatching(/^20\d\d-.*Z$/),
      records: 27,
      logFiles: 3,
      digestFiles: 1,
      leftOut: 3,
      newer: 0,
      altered: [],
      key: signing.fingerprint,
    })
    expect(readdirSync(join(out, 'AWSLogs/111122223333/CloudTrail/us-east-1/2023/11/14'))).toHaveLength(7)
  })

  test('says so where nothing is new', async () => {
    expect((await run('--out', out, '--to', 'now')).stdout).toMatch(/ {2}0 records in 0 log files written now\n.*\n$/)
  })

  test.each([
    ['--from', 'yesterday', 'A time is a date'],
    ['--to', '2023-04-31', 'A time is a date'],
    ['--to', '2999-01-01', '--to lies ahead'],
    ['--account', '12', 'An account is twelve digits'],
    ['--bucket', 'Our Logs', 'That is no name of a bucket'],
    ['--prefix', '../..', 'A prefix is names'],
    ['--trail-name', 'a/b', 'That is no name of a trail'],
  ])('takes no %s %s, and ends with 2', async (option, value, words) => {
    const { code, stdout, stderr } = await run('--out', out, option, value)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
  })

  test('takes no range that ends before it begins, and no export without a folder', async () => {
    expect(await run('--out', out, '--from', '2023-11-15', '--to', '2023-11-15')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'rolecall: --from must be before --to\n',
    })
    expect((await run()).code).toBe(2)
  })

  test('says what is in the way of its folder', async () => {
    const file = dir.file('file')
    writeFileSync(file, '')
    const { code, stdout, stderr } = await run('--out', file)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^rolecall: cannot export to .*file: E(?:EXIST|NOTDIR)/)
    expect(await run('--out', out, '--account', '111122223333')).toEqual({
      code: 1,
      stdout: '',
      stderr: `rolecall: cannot export to ${out}: it has the logs of all accounts\n`,
    })
  })

  test('says that a running authority makes the key, and what is wrong with the one that opens it', async () => {
    const none = dir.file('none')
    const refused = await rolecall(['audit', 'export', '--data', bare.path, '--out', none])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/has no key for them yet\. A running authority makes it, and no rolecall is running/)
    const other = dir.file('other.key')
    writeFileSync(other, (await rolecall(['key', 'new'])).stdout, { mode: 0o600 })
    const shut = await run('--out', none, '--key-file', other)
    expect(shut.code).toBe(1)
    expect(shut.stderr).toMatch(/^rolecall: digest files cannot be signed: /)
    expect(existsSync(none)).toBe(false)
  })
})

test('ends with 1 where a chain was altered, and writes what is not behind that', async () => {
  const altered = dir.file('altered-data')
  mkdirSync(altered)
  for (const file of ['rolecall.db', 'audit.db', 'key']) cpSync(dir.file(file), join(altered, file))
  const database = openDatabase(join(altered, 'audit.db'))
  database.exec("UPDATE audit_block SET body = 'A' || body WHERE segment = 3")
  database.close()
  const args = ['audit', 'export', '--data', altered, '--out', dir.file('altered-out'), '--to', 'now']
  const { code, stdout, stderr } = await rolecall(args)
  expect(code).toBe(1)
  expect(stdout).toContain('18 records in 2 log files written now')
  expect(stderr).toMatch(
    /^rolecall: the audit trail was altered, and what is behind that is not exported: chain main: a block of segment 3 was altered\. To see where: .*audit verify\n$/,
  )
})

describe('rolecall audit verify --folder', () => {
  test('tells what is there, by the key in the store or in a file', async () => {
    const pem = dir.file('export.pem')
    const { stdout } = await rolecall(['audit', 'key', '--export', '--data', dir.path])
    expect(stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n/)
    writeFileSync(pem, stdout)
    const listed = dir.file('keys.json')
    writeFileSync(listed, JSON.stringify({ PublicKeyList: [{ Value: signing.publicKey, Fingerprint: 'whatever' }] }))
    const report = `${out} is as it was exported.

  111122223333 us-east-1
    2 digest files, 7 log files
    2023-11-14T22:00:00Z to 2023-11-15T00:00:00Z

  in all 2 digest files, 7 log files
  newest digest files held against what the export noted
`
    for (const keys of [
      ['--data', dir.path],
      ['--public-key', pem],
      ['--public-key', listed],
    ])
      expect(await check(out, ...keys)).toEqual({ code: 0, stdout: report, stderr: '' })
    const copy = dir.file('copy')
    cpSync(join(out, 'AWSLogs'), join(copy, 'AWSLogs'), { recursive: true })
    expect((await check(copy, '--public-key', pem)).stdout).toContain('newest digest files NOT checked')
  })

  test('ends with 1 and names what was altered, to programs as well', async () => {
    const copy = dir.file('altered')
    cpSync(out, copy, { recursive: true })
    const logs = 'AWSLogs/111122223333/CloudTrail/us-east-1/2023/11/14'
    const [first = '', second = ''] = readdirSync(join(copy, logs))
    cpSync(join(copy, logs, first), join(copy, logs, second))
    writeFileSync(join(copy, 'AWSLogs', '\u001b[2Jnote'), '')
    const told = await check(copy, '--data', dir.path)
    expect(told).toMatchObject({ code: 1, stderr: '' })
    expect(told.stdout).toContain(`${copy} was altered.\n\n  ${logs}/${second} is not what AWSLogs/`)
    expect(told.stdout).not.toContain('\u001b')
    rmSync(join(copy, logs, second))
    const { code, stdout } = await check(copy, '--data', dir.path, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      sound: false,
      keys: [signing.fingerprint],
      flaws: [
        { file: `${logs}/${second}`, what: 'missing' },
        { file: 'AWSLogs/\u001b[2Jnote', what: 'extra' },
      ],
    })
  })

  test('says what it cannot work with', async () => {
    const empty = dir.file('empty')
    mkdirSync(empty)
    for (const [args, code, words] of [
      [[empty, '--data', dir.path], 1, 'holds no files of an export'],
      [[dir.file('nowhere'), '--data', dir.path], 1, `${dir.file('nowhere')}: it is not there`],
      [[out, '--public-key', dir.file('nowhere')], 1, `can be read from ${dir.file('nowhere')}: it is not there`],
      [[out, '--public-key', dir.file('audit.db')], 1, 'neither one as PEM nor what list-public-keys prints'],
      [[out, '--data', bare.path], 1, 'the store has no key of digest files'],
    ] as const) {
      const refused = await check(...args)
      expect(refused).toMatchObject({ code, stdout: '' })
      expect(refused.stderr).toContain(words)
    }
    const alone = await rolecall(['audit', 'verify', '--public-key', 'x', '--data', dir.path])
    expect(alone).toEqual({ code: 2, stdout: '', stderr: 'rolecall: --public-key is for --folder\n' })
  })
})
