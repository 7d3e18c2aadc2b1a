import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SqlAudit } from '../../src/audit/trail.ts'
import { foundKeyFile, ownKeyFile } from '../../src/host/key-file.ts'
import { machineClock, machineRandom } from '../../src/host/machine.ts'
import { bindingOf } from '../../src/state/entity.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { KeyRing } from '../../src/token/vault.ts'
import { folder, key, record, Time, writerOptions } from '../audit/scene.ts'
import { rolecall, root } from '../clients/process.ts'

const dir = folder()
afterAll(() => dir.clean())

const out = dir.file('out')
const run = (...args: string[]) => rolecall(['audit', 'export', '--data', dir.path, ...args])

beforeAll(async () => {
  const trail = openSqlite(dir.file('audit.db'), { mark: marks.audit })
  const log = await SqlAudit.open(trail, writerOptions('main', new Time()))
  await log.append(
    Array.from({ length: 70 }, (_, number) => ({
      ...record(number),
      at: Date.parse('2023-11-14T22:00:00Z') + number * 60_000,
      event: JSON.stringify({ awsRegion: 'us-east-1', number }),
    })),
  )
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
})

describe('rolecall audit export', () => {
  test('writes files and digests, and says how many; a second time it finds them there', async () => {
    expect(await run('--out', out)).toEqual({
      code: 0,
      stdout: `70 records of 1 account in 14 files and 2 digests in ${out}\n(18 files written, 0 there already)\n`,
      stderr: '',
    })
    const logs = readdirSync(join(out, 'AWSLogs/111122223333/CloudTrail/us-east-1/2023/11/14'))
    expect(logs).toHaveLength(14)
    const again = await run('--out', out, '--json')
    expect(JSON.parse(again.stdout)).toEqual({
      folder: out,
      records: 70,
      accounts: 1,
      logFiles: 14,
      digests: 2,
      written: 0,
      kept: 18,
    })
  })

  test('tells programs which range they have', async () => {
    const { stdout } = await run(
      '--out',
      dir.file('range'),
      '--from',
      '2023-11-14T22:00Z',
      '--to',
      '2023-11-14T23:00Z',
      '--json',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      from: '2023-11-14T22:00:00.000Z',
      to: '2023-11-14T23:00:00.000Z',
      records: 60,
    })
  })

  test('says so where there is nothing to write', async () => {
    const none = dir.file('none')
    expect(await run('--out', none, '--account', '999999999999')).toEqual({
      code: 0,
      stdout: `There are no such records; nothing was written to ${none}.\n`,
      stderr: '',
    })
    expect(existsSync(join(none, 'AWSLogs'))).toBe(false)
  })

  test.each([
    ['--from', '2023-11-14T22:30Z', 'A time is a day or a whole hour'],
    ['--to', '2023-04-31', 'A time is a day or a whole hour'],
    ['--to', 'yesterday', 'A time is a day or a whole hour'],
    ['--account', '12', 'An account is twelve digits'],
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
    expect(stderr).toMatch(/^rolecall: cannot export to .*file: EEXIST/)
  })

  test('writes digests that are verified as the guide for operators says', async () => {
    const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8')
    const script = /```\n(# verify a digest\n[^`]+)```/.exec(guide)?.[1]
    if (script === undefined) throw new Error('the guide does not say how')
    const pem = dir.file('audit.pem')
    writeFileSync(pem, (await rolecall(['audit', 'key', '--data', dir.path])).stdout)
    const folders = 'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2023/11/'
    const [last = ''] = readdirSync(join(out, folders, '15'))
    const digest = join(folders, '15', last)
    const verified = (file: string) =>
      execFileSync(process.execPath, ['--input-type=module', '-', file, pem], {
        cwd: out,
        input: script.replace(/^.*\n.*<<'END'\n/, '').replace(/END\n$/, ''),
        encoding: 'utf8',
      })
    expect(verified(digest)).toBe('sound: 2 files\n')
    const { logFiles } = JSON.parse(gunzipSync(readFileSync(join(out, digest))).toString()) as {
      logFiles: { s3Object: string }[]
    }
    writeFileSync(join(out, logFiles[0]?.s3Object ?? ''), readFileSync(join(out, logFiles[1]?.s3Object ?? '')))
    expect(() => verified(digest)).toThrow(/was altered/)
  })
})
