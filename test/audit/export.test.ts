import { createHash, verify as verifySignature } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { exportTrail, NotExported, type Range } from '../../src/audit/export.ts'
import { pemOf, Signer } from '../../src/audit/key.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { exportFolder } from '../../src/host/export-folder.ts'
import { openDatabase } from '../../src/store/database.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { folder, key, record, Time, writerOptions } from './scene.ts'

const cleanings: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})
const scratch = () => {
  const dir = folder()
  cleanings.push(dir.clean)
  return dir
}

const first = '111122223333'
const second = '444455556666'
/** A day begins here; the records of most tests are around it. */
const day = Date.parse('2023-11-15T00:00:00Z')
const minute = 60_000
const hour = 60 * minute
const everything: Range = { from: undefined, to: undefined, account: undefined }

const at = (time: number, number: number, account = first, region = 'us-east-1', padding = ''): TrailRow => ({
  ...record(number, account),
  at: time,
  event: JSON.stringify({ eventTime: new Date(time).toISOString(), awsRegion: region, eventID: `e${number}`, padding }),
})

/** Two nodes whose records happened in between one another, some told late; what the second wrote is not sealed. */
const rows: readonly (readonly [node: string, row: TrailRow])[] = [
  ['one', at(day - 2 * minute, 1)],
  ['one', at(day + 1, 2, second)],
  ['one', at(day + 4 * minute, 3)],
  ['one', at(day + 3 * hour, 4, first, 'eu-central-1')],
  ['one', at(day + 2 * hour, 5)],
  ['one', at(day + 5 * minute, 6)],
  ['two', at(day + minute, 7)],
  ['two', at(day - minute, 8)],
  ['two', at(day + 2 * hour + 1, 9, second)],
]

async function trailOf(all: typeof rows, sealed: readonly string[]): Promise<string> {
  const file = scratch().file('audit.db')
  const time = new Time()
  for (const node of new Set(all.map(([name]) => name))) {
    const log = await SqlAudit.open(openSqlite(file, { mark: marks.audit }), writerOptions(node, time))
    for (const [name, row] of all) if (name === node) await log.append([row])
    if (sealed.includes(node)) {
      await log.close()
      continue
    }
    // Closing it would seal.
    cleanings.push(() => log.close())
    const open = openDatabase(file)
    const kept = open.prepare('SELECT * FROM audit_run WHERE node = ?').all(node)
    expect(kept.length).toBeGreaterThan(0)
    open.close()
  }
  return file
}

async function exported(file: string, out: string, range: Partial<Range> = {}) {
  const engine = openSqlite(file, { mark: marks.audit })
  const shelf = exportFolder(out)
  try {
    return await exportTrail(engine, { ...everything, ...range }, { signer: new Signer([key]), shelf })
  } finally {
    shelf.close()
    await engine.close()
  }
}

const filesIn = (out: string): readonly string[] =>
  readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .sort()
const bytesIn = (out: string) => new Map(filesIn(out).map((name) => [name, readFileSync(join(out, name), 'base64')]))

interface Digest {
  readonly [member: string]: unknown
  readonly digestEndTime: string
  readonly digestS3Bucket: string
  readonly digestS3Object: string
  readonly previousDigestS3Object: string | null
  readonly previousDigestHashValue: string | null
  readonly previousDigestSignature: string | null
  readonly logFiles: readonly { readonly s3Object: string; readonly hashValue: string }[]
}

const textAt = (out: string, name: string) => gunzipSync(readFileSync(join(out, name))).toString()
const recordsAt = (out: string, name: string) =>
  (JSON.parse(textAt(out, name)) as { Records: { eventID: string; padding: string }[] }).Records
const idsAt = (out: string, name: string) => recordsAt(out, name).map(({ eventID }) => eventID)
const logsIn = (out: string) => filesIn(out).filter((name) => name.includes('/CloudTrail/'))
const digestsIn = (out: string) =>
  filesIn(out).filter((name) => name.includes('/CloudTrail-Digest/') && name.endsWith('.json.gz'))
const digestAt = (out: string, name: string) => JSON.parse(textAt(out, name)) as Digest
const sha = (text: string) => createHash('sha256').update(text).digest('hex')

/** Holds every digest against its files, its signature and the one before, as anybody would who has the public key. */
function soundChain(out: string): void {
  const told = new Set<string>()
  for (const name of digestsIn(out)) {
    const text = textAt(out, name)
    const digest = digestAt(out, name)
    expect(digest.digestS3Object).toBe(name)
    for (const file of digest.logFiles) {
      expect(sha(textAt(out, file.s3Object))).toBe(file.hashValue)
      told.add(file.s3Object)
    }
    const { previousDigestS3Object: before, previousDigestSignature: signatureBefore } = digest
    if (before !== null) {
      expect(sha(textAt(out, before))).toBe(digest.previousDigestHashValue)
      expect(readFileSync(join(out, `${before}.sig`), 'utf8').trim()).toBe(signatureBefore)
    }
    const signed = `${digest.digestEndTime}\n${digest.digestS3Bucket}/${name}\n${sha(text)}\n${signatureBefore ?? 'null'}`
    const signature = Buffer.from(readFileSync(join(out, `${name}.sig`), 'utf8').trim(), 'hex')
    expect(verifySignature(null, Buffer.from(signed), pemOf(key), signature)).toBe(true)
  }
  expect([...told].sort()).toEqual(logsIn(out))
}

describe('an export of the trail', () => {
  test('has every record once, in the file of its account, region and five minutes', async () => {
    const out = scratch().path
    const done = await exported(await trailOf(rows, ['one']), out)
    const found = Object.fromEntries(
      logsIn(out).map((name) => [name.replace(/_[A-Za-z0-9]{16}\.json\.gz$/, ''), idsAt(out, name)]),
    )
    const name = (account: string, region: string, date: string, time: string) =>
      `AWSLogs/${account}/CloudTrail/${region}/${date}/${account}_CloudTrail_${region}_${date.replaceAll('/', '')}T${time}Z`
    expect(found).toEqual({
      [name(first, 'us-east-1', '2023/11/14', '2355')]: ['e1', 'e8'],
      [name(first, 'us-east-1', '2023/11/15', '0000')]: ['e7', 'e3'],
      [name(first, 'us-east-1', '2023/11/15', '0005')]: ['e6'],
      [name(first, 'us-east-1', '2023/11/15', '0200')]: ['e5'],
      [name(first, 'eu-central-1', '2023/11/15', '0300')]: ['e4'],
      [name(second, 'us-east-1', '2023/11/15', '0000')]: ['e2'],
      [name(second, 'us-east-1', '2023/11/15', '0200')]: ['e9'],
    })
    expect(done).toEqual({ records: 9, accounts: 2, logFiles: 7, digests: 6, written: 19, kept: 0 })
  })

  test('has a signed digest for each hour with records, which names the one before', async () => {
    const out = scratch().path
    await exported(await trailOf(rows, ['one']), out)
    soundChain(out)
    const names = digestsIn(out).filter((name) => name.startsWith(`AWSLogs/${first}/CloudTrail-Digest/us-east-1/`))
    const start = `${first}_CloudTrail-Digest_us-east-1_rolecall_us-east-1_20231115T`
    expect(names.map((name) => name.slice(name.lastIndexOf('/') + 1))).toEqual(
      ['00', '01', '03'].map((end) => `${start}${end}0000Z.json.gz`),
    )
    const [, middle = ''] = names
    expect(digestAt(out, middle)).toEqual({
      awsAccountId: first,
      digestStartTime: '2023-11-15T00:00:00Z',
      digestEndTime: '2023-11-15T01:00:00Z',
      digestS3Bucket: 'rolecall',
      digestS3Object: middle,
      digestPublicKeyFingerprint: key.id,
      digestSignatureAlgorithm: 'Ed25519',
      newestEventTime: '2023-11-15T00:05:00Z',
      oldestEventTime: '2023-11-15T00:01:00Z',
      previousDigestS3Bucket: 'rolecall',
      previousDigestS3Object: names[0],
      previousDigestHashValue: sha(textAt(out, names[0] ?? '')),
      previousDigestHashAlgorithm: 'SHA-256',
      previousDigestSignature: readFileSync(join(out, `${names[0]}.sig`), 'utf8').trim(),
      logFiles: [
        expect.objectContaining({
          s3Bucket: 'rolecall',
          hashAlgorithm: 'SHA-256',
          newestEventTime: '2023-11-15T00:04:00Z',
          oldestEventTime: '2023-11-15T00:01:00Z',
        }),
        expect.objectContaining({ newestEventTime: '2023-11-15T00:05:00Z', oldestEventTime: '2023-11-15T00:05:00Z' }),
      ],
    })
    expect(digestAt(out, names[0] ?? '')).toMatchObject({
      previousDigestS3Bucket: null,
      previousDigestS3Object: null,
      previousDigestHashValue: null,
      previousDigestHashAlgorithm: null,
      previousDigestSignature: null,
    })
  })

  test('is the same, byte for byte, whether records are sealed or not, and whoever wrote first', async () => {
    const [a, b] = [scratch().path, scratch().path]
    await exported(await trailOf(rows, ['one']), a)
    await exported(await trailOf(rows, ['one', 'two']), b)
    expect(bytesIn(a).size).toBe(19)
    expect(bytesIn(b)).toEqual(bytesIn(a))
  })

  test('that was cut off is gone on with: what is there and whole is left, half a file is not', async () => {
    const out = scratch().path
    const file = await trailOf(rows, ['one'])
    await exported(file, out)
    const whole = bytesIn(out)
    const [gone = '', cut = '', left = ''] = logsIn(out)
    rmSync(join(out, gone))
    truncateSync(join(out, cut), 20)
    const before = statSync(join(out, left), { bigint: true })
    // What a process that is no more left half written; no process has a number so high.
    writeFileSync(join(out, '.export-4294967295.tmp'), 'half')
    expect(await exported(file, out)).toMatchObject({ written: 2, kept: 17 })
    expect(bytesIn(out)).toEqual(whole)
    const after = statSync(join(out, left), { bigint: true })
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs])
  })

  test('of a range has what happened in it, and goes on behind the digests that are in the folder', async () => {
    const [all, parts] = [scratch().path, scratch().path]
    const file = await trailOf(rows, ['one'])
    await exported(file, all)
    expect(await exported(file, parts, { to: day })).toMatchObject({ records: 2 })
    expect(await exported(file, parts, { from: day, to: day + 2 * hour })).toMatchObject({ records: 4 })
    soundChain(parts)
    expect(await exported(file, parts, { from: day + 2 * hour })).toMatchObject({ records: 3 })
    expect(bytesIn(parts)).toEqual(bytesIn(all))
  })

  test('does not go on behind a digest that somebody altered', async () => {
    const out = scratch().path
    const file = await trailOf(rows, ['one'])
    await exported(file, out, { to: day })
    const [digest = ''] = digestsIn(out)
    writeFileSync(join(out, `${digest}.sig`), `${'0'.repeat(128)}\n`)
    await expect(exported(file, out, { from: day })).rejects.toThrow(`${digest} is not a digest of this trail`)
  })

  test('of one account has no file of another', async () => {
    const [all, one] = [scratch().path, scratch().path]
    const file = await trailOf(rows, ['one'])
    await exported(file, all)
    await exported(file, one, { account: second })
    const mine = [...bytesIn(all)].filter(([name]) => name.startsWith(`AWSLogs/${second}/`))
    expect(mine.length).toBe(6)
    expect([...bytesIn(one)]).toEqual(mine)
  })

  test('puts a record whose region cannot be one under us-east-1, and nothing outside of its folder', async () => {
    const out = join(scratch().path, 'a', 'b')
    mkdirSync(out, { recursive: true })
    const odd = ['../../../../../../x', 'a/b', '', '.', 'US-EAST-1', `a-${'b'.repeat(60)}`]
    const file = await trailOf(
      odd.map((region, number) => ['one', at(day, number, first, region)] as const),
      ['one'],
    )
    await exported(file, out)
    const [log = '', ...more] = logsIn(out)
    expect(more).toEqual([])
    expect(log).toMatch(/^AWSLogs\/111122223333\/CloudTrail\/us-east-1\/2023\/11\/15\//)
    expect(idsAt(out, log)).toEqual(odd.map((_, number) => `e${number}`))
    expect(readdirSync(join(out, '..'))).toEqual(['b'])
  })

  test('divides five minutes with many records among files, so that no more than one is in memory', async () => {
    const out = scratch().path
    const padding = 'x'.repeat(30_000)
    const many = Array.from({ length: 200 }, (_, number) => at(day + number, number, first, 'us-east-1', padding))
    const file = await trailOf(
      many.map((row) => ['one', row] as const),
      ['one'],
    )
    expect(await exported(file, out)).toMatchObject({ records: 200, logFiles: 3 })
    const found = logsIn(out).map((name) => recordsAt(out, name))
    expect(new Set(found.flat().map(({ eventID }) => eventID)).size).toBe(200)
    for (const part of found) expect(part.length * 30_000).toBeLessThan(2.2 * 1024 * 1024)
    soundChain(out)
  })

  test.each([
    ['an account that is a path', (line: string) => line.replace(first, '../../../../x')],
    ['a time that is none', (line: string) => line.replace(String(day), 'later')],
    ['an event that is no JSON', (line: string) => line.replace('{"eventTime"', '"eventTime"')],
  ])('stops at %s, and names the record', async (_, alter) => {
    const file = await trailOf([['one', at(day, 1)]], [])
    const database = openDatabase(file)
    const [run] = database.prepare('SELECT high, body FROM audit_run').all()
    const altered = alter(String(run?.body))
    expect(altered).not.toBe(run?.body)
    database.prepare('UPDATE audit_run SET body = ?').run(altered)
    database.close()
    const out = scratch().path
    const failed = exported(file, out)
    await expect(failed).rejects.toThrow(NotExported)
    await expect(failed).rejects.toThrow(`the record at place ${run?.high} is not as it was written`)
    expect(existsSync(join(out, 'AWSLogs'))).toBe(false)
  })
})
