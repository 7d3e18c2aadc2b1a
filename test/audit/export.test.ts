import { createHash, createPublicKey, verify } from 'node:crypto'
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
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Unfit } from '../../src/audit/export-progress.ts'
import { Shelves } from '../../src/audit/export-shelves.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { exportFolder } from '../../src/host/export-folder.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { Engine } from '../../src/store/engine.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import type { TrailRow } from '../../src/store/store.ts'
import {
  digestsIn,
  event,
  exported,
  files,
  happened,
  hour,
  logsIn,
  minute,
  newKey,
  numbersIn,
  recordsIn,
  regions,
  rowOf,
  signing,
  textOf,
  verified,
} from './exporting.ts'
import { folder, seeded, Time, writerOptions } from './scene.ts'

const dir = folder()
afterAll(() => dir.clean())
const open = () => openSqlite(dir.file('audit.db'), { mark: marks.audit })
let scene: Awaited<ReturnType<typeof happened>>
let now: number
/** The last hour that a run without an end goes to. */
let closed: number
beforeAll(async () => {
  scene = await happened(open)
  now = scene.time.clock.now()
  closed = Math.floor((now - 15 * minute) / hour) * hour
})

type More = Parameters<typeof exported>[3]
const run = (out: string, more?: More) => exported(open, now, dir.file(out), more)
const tree = (out: string) => files(dir.file(out))
const due = (wanted: (row: TrailRow) => boolean) => scene.rows.flatMap((row, at) => (wanted(row) ? [at] : []))
const fresh = (() => {
  let count = 0
  return () => `out-${++count}`
})()

interface DigestFile {
  readonly digestStartTime: string
  readonly digestEndTime: string
  readonly digestS3Bucket: string
  readonly digestS3Object: string
  readonly previousDigestS3Object: string | null
  readonly previousDigestHashValue: string | null
  readonly previousDigestSignature: string | null
  readonly logFiles: readonly { readonly s3Object: string; readonly hashValue: string }[]
}
const hex = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Walks the digest files from the last to the first, as CloudTrail's guide says; answers the log files. Shares no code with `check`. */
function walked(found: ReadonlyMap<string, Buffer>, account: string, region: string) {
  const names = digestsIn(found).filter((name) => name.includes(`/${account}/CloudTrail-Digest/${region}/`))
  const publicKey = createPublicKey({ key: Buffer.from(signing.publicKey, 'base64'), format: 'der', type: 'pkcs1' })
  const logs: string[] = []
  const ends: string[] = []
  let starts: string | undefined
  let owed: { readonly hash: string | null; readonly signature: string | null } | undefined
  for (let next: string | null = names.at(-1) ?? null; next !== null; ) {
    const name: string = next
    const bytes = gunzipSync(found.get(name) ?? Buffer.alloc(0))
    const digest = JSON.parse(bytes.toString()) as DigestFile
    const metadata = JSON.parse(found.get(`${name}.metadata.json`)?.toString() ?? '{}') as Record<string, string>
    const signature = metadata.signature ?? ''
    expect(metadata['signature-algorithm']).toBe('SHA256withRSA')
    expect(digest.digestS3Object).toBe(name)
    const signed = `${digest.digestEndTime}\n${digest.digestS3Bucket}/${name}\n${hex(bytes)}\n${digest.previousDigestSignature ?? 'null'}`
    expect(verify('sha256', Buffer.from(signed), publicKey, Buffer.from(signature, 'hex'))).toBe(true)
    if (owed !== undefined) expect({ hash: hex(bytes), signature }).toEqual(owed)
    if (starts !== undefined) expect(digest.digestEndTime).toBe(starts)
    for (const file of digest.logFiles) {
      expect(hex(gunzipSync(found.get(file.s3Object) ?? Buffer.alloc(0)))).toBe(file.hashValue)
      logs.push(file.s3Object)
    }
    ends.push(digest.digestEndTime)
    starts = digest.digestStartTime
    owed = { hash: digest.previousDigestHashValue, signature: digest.previousDigestSignature }
    next = digest.previousDigestS3Object
  }
  expect(ends).toHaveLength(names.length)
  return { logs, ends }
}

describe('an export of the trail', () => {
  test('lies as CloudTrail lays it, every record once, under digest files that follow one another', async () => {
    const out = fresh()
    const told = await run(out)
    const found = tree(out)
    expect(told.until).toBe(closed)
    expect(told.records + told.leftOut + told.newer).toBe(scene.rows.length)
    const listed: string[] = []
    for (const account of ['111122223333', '444455556666']) {
      for (const region of regions) {
        const { logs, ends } = walked(found, account, region)
        expect(ends.length).toBeGreaterThan(4)
        listed.push(...logs)
        const form = new RegExp(
          `^AWSLogs/${account}/CloudTrail/${region}/2023/11/1\\d/${account}_CloudTrail_${region}_202311\\d\\dT\\d\\d\\d[05]Z_[a-z0-9]{16}\\.json\\.gz$`,
        )
        for (const name of logs) {
          expect(name).toMatch(form)
          for (const one of recordsIn(found, [name])) expect(one).toMatchObject({ account, awsRegion: region })
        }
      }
    }
    expect(listed.sort()).toEqual(logsIn(found).sort())
    expect(told).toMatchObject({ logFiles: listed.length, digestFiles: digestsIn(found).length })
    const there = numbersIn(found)
    expect(new Set(there).size).toBe(there.length)
    expect(there).toHaveLength(told.records)
    expect((await run(out, { until: now })).newer).toBe(0)
    expect(numbersIn(tree(out))).toEqual(due(({ account }) => account !== '-'))
    expect(verified(dir.file(out)).flaws).toEqual([])
  })

  test('tells of each digest file what CloudTrail tells, in its order', async () => {
    await run('all')
    const found = tree('all')
    const names = digestsIn(found).filter((name) => name.includes('/111122223333/CloudTrail-Digest/us-east-1/'))
    const [first = '', second = ''] = names
    const end = new Date(scene.start + 2 * hour).toISOString().replace('.000Z', 'Z')
    expect(second).toBe(
      `AWSLogs/111122223333/CloudTrail-Digest/us-east-1/${end.slice(0, 10).replaceAll('-', '/')}/111122223333_CloudTrail-Digest_us-east-1_rolecall_us-east-1_${end.replaceAll(/[-:]/g, '')}.json.gz`,
    )
    const digest = JSON.parse(textOf(found, second)) as object
    expect(Object.keys(digest)).toEqual([
      'awsAccountId',
      'digestStartTime',
      'digestEndTime',
      'digestS3Bucket',
      'digestS3Object',
      'digestPublicKeyFingerprint',
      'digestSignatureAlgorithm',
      'newestEventTime',
      'oldestEventTime',
      'previousDigestS3Bucket',
      'previousDigestS3Object',
      'previousDigestHashValue',
      'previousDigestHashAlgorithm',
      'previousDigestSignature',
      'logFiles',
    ])
    const seconds = expect.stringMatching(/^2023-11-1\dT\d\d:\d\d:\d\dZ$/)
    const sha = expect.stringMatching(/^[0-9a-f]{64}$/)
    expect(digest).toMatchObject({
      awsAccountId: '111122223333',
      digestStartTime: new Date(scene.start + hour).toISOString().replace('.000Z', 'Z'),
      digestEndTime: end,
      digestS3Bucket: 'logs',
      digestPublicKeyFingerprint: signing.fingerprint,
      digestSignatureAlgorithm: 'SHA256withRSA',
      newestEventTime: seconds,
      oldestEventTime: seconds,
      previousDigestS3Bucket: 'logs',
      previousDigestS3Object: first,
      previousDigestHashValue: sha,
      previousDigestHashAlgorithm: 'SHA-256',
      previousDigestSignature: expect.stringMatching(/^[0-9a-f]{512}$/),
      logFiles: expect.arrayContaining([
        {
          s3Bucket: 'logs',
          s3Object: expect.stringContaining('/CloudTrail/us-east-1/'),
          hashValue: sha,
          hashAlgorithm: 'SHA-256',
          newestEventTime: seconds,
          oldestEventTime: seconds,
        },
      ]),
    })
    expect(JSON.parse(textOf(found, first))).toMatchObject({
      previousDigestS3Bucket: null,
      previousDigestS3Object: null,
      previousDigestHashValue: null,
      previousDigestHashAlgorithm: null,
      previousDigestSignature: null,
    })
  })

  test('is the same, byte for byte, whenever it is exported, and in however many runs', async () => {
    const [once, hourly] = [fresh(), fresh()]
    await run(once)
    for (let until = scene.start + hour; until < closed; until += hour) await run(hourly, { until })
    await run(hourly, { settings: { from: closed - hour } })
    expect(tree(hourly)).toEqual(tree(once))
    expect(await run(hourly)).toMatchObject({ records: 0, logFiles: 0, digestFiles: 0 })
    expect(tree(hourly)).toEqual(tree(once))
  })

  test('in ranges that are drawn is what it is at once: in one folder all of it, in several each log file', async () => {
    const once = fresh()
    await run(once)
    const whole = tree(once)
    const random = seeded(11)
    for (let round = 0; round < 4; round++) {
      const cuts = [...new Set(Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(7)))].sort()
      const ends = [...cuts.map((at) => scene.start + at * hour).filter((end) => end < closed), closed]
      const one = fresh()
      const logs = new Map<string, Buffer>()
      let from: number | undefined
      for (const until of ends) {
        await run(one, { until, ...(from !== undefined && { settings: { from } }) })
        const apart = fresh()
        await run(apart, { until, ...(from !== undefined && { settings: { from } }) })
        const found = tree(apart)
        for (const name of logsIn(found)) {
          expect(logs.has(name)).toBe(false)
          logs.set(name, found.get(name) ?? Buffer.alloc(0))
        }
        expect(verified(dir.file(apart)).flaws).toEqual([])
        from = until
      }
      expect(tree(one), ends.join()).toEqual(whole)
      expect([...logs].sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(
        logsIn(whole).map((name) => [name, whole.get(name)]),
      )
    }
  })

  test('goes on where a run was ended, as far as that one was to go, and to the same files', async () => {
    const [once, broken] = [fresh(), fresh()]
    await run(once)
    const whole = tree(once)
    for (const after of [1, 2, 4]) {
      rmSync(dir.file(broken), { recursive: true, force: true })
      let periods = 0
      const told = () => {
        if (++periods === after) throw new Error('the power went')
      }
      await expect(run(broken, { told })).rejects.toThrow('the power went')
      const left = tree(broken)
      for (const [name, bytes] of left) expect(whole.get(name), name).toEqual(bytes)
      expect(left.size).toBeLessThan(whole.size)
      // What was not noted any more is done again.
      const [half = ''] = logsIn(left)
      truncateSync(join(dir.file(broken), half), 20)
      await run(broken, { until: scene.start + 2 * hour })
      expect(tree(broken)).toEqual(whole)
    }
  })

  test('leaves what is there already, the same', async () => {
    const out = fresh()
    await run(out)
    const [log = ''] = logsIn(tree(out))
    const before = statSync(join(dir.file(out), log), { bigint: true })
    rmSync(join(dir.file(out), '.rolecall-export', 'progress.json'))
    rmSync(join(dir.file(out), 'AWSLogs', '444455556666'), { recursive: true })
    const shelf = exportFolder(dir.file(out), () => 0)
    shelf.pack(log, textOf(tree(out), log))
    shelf.close()
    const after = statSync(join(dir.file(out), log), { bigint: true })
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs])
  })

  test('is of one account, or from a time on, where that is wanted', async () => {
    const [mine, late] = [fresh(), fresh()]
    await run(mine, { settings: { prefix: 'a/b', account: '444455556666' }, until: now })
    const found = new Map([...tree(mine)].map(([name, bytes]) => [name.replace(/^a\/b\//, ''), bytes]))
    expect(numbersIn(found)).toEqual(due(({ account }) => account === '444455556666'))
    expect(verified(dir.file(mine)).flaws).toEqual([])
    const from = scene.start + 3 * hour + 7 * minute
    await run(late, { settings: { from }, until: from + hour })
    await run(late, { until: now })
    const before = fresh()
    await run(before, { until: from })
    expect([...numbersIn(tree(before)), ...numbersIn(tree(late))].sort((a, b) => a - b)).toEqual(
      due(({ account }) => account !== '-'),
    )
    expect(verified(dir.file(late)).flaws).toEqual([])
  })

  test('of a range reads the blocks of that range and no others', async () => {
    const reads: string[] = []
    const watched = (): Engine => {
      const engine = open()
      return new Proxy(engine, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target)
          if (name === 'all')
            return (text: string, values: readonly unknown[]) => {
              if (/FROM audit_(?:block|run)\b/.test(text)) reads.push(String(values[0]))
              return engine.all(text, values as never)
            }
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    }
    const range = { until: scene.start + 3 * hour, settings: { from: scene.start + 2 * hour } }
    const { records, leftOut } = await exported(watched, now, dir.file(fresh()), range)
    expect(records).toBeGreaterThan(20)
    const database = openDatabase(dir.file('audit.db'))
    const sealed = database
      .prepare('SELECT body FROM audit_digest')
      .all()
      .map(({ body }) => JSON.parse(String(body)) as { first: number; last: number; sealed: number; blocks: object[] })
      .filter((digest) => digest.sealed >= scene.start + 2 * hour && digest.sealed < scene.start + 3 * hour)
    database.close()
    expect(reads).toHaveLength(sealed.flatMap(({ blocks }) => blocks).length)
    expect(records + leftOut).toBe(sealed.reduce((sum, { first, last }) => sum + last - first + 1, 0))
  })
})

test('what a node seals late is delivered late, and once', async () => {
  const other = dir.file('late.db')
  writeFileSync(other, readFileSync(dir.file('audit.db')))
  const lateOpen = () => openSqlite(other, { mark: marks.audit })
  const out = dir.file(fresh())
  await exported(lateOpen, now, out)
  const before = files(out)
  // Its clock is behind: it says of its segment that it was sealed hours ago.
  const behind = new Time()
  behind.pass(scene.start - behind.clock.now() + hour)
  const log = await SqlAudit.open(lateOpen(), writerOptions('behind', behind))
  await log.append([rowOf(99_999, behind.clock.now(), '111122223333', 'us-east-1')])
  await log.close()
  await exported(lateOpen, now, out, { until: now })
  const after = files(out)
  for (const [name, bytes] of before) expect(after.get(name), name).toEqual(bytes)
  const { logs } = walked(after, '111122223333', 'us-east-1')
  expect(recordsIn(after, logs).filter(({ number }) => number === 99_999)).toHaveLength(1)
})

describe('an export is refused', () => {
  const unfit = (out: string, more: More, words: string) =>
    expect(run(out, more)).rejects.toThrow(
      expect.objectContaining({ name: 'Unfit', message: expect.stringContaining(words) }),
    )

  test('where the folder was begun otherwise, or is another’s', async () => {
    const [once, late] = [fresh(), fresh()]
    await run(once)
    await unfit(once, { settings: { bucket: 'other' } }, 'begun with another bucket, "logs"')
    await unfit(once, { settings: { prefix: 'a' } }, 'begun with another prefix, ""')
    await unfit(once, { settings: { account: '111122223333' } }, 'the logs of all accounts')
    await unfit(once, { settings: { from: closed + hour } }, 'and goes on from there')
    await unfit(once, { key: newKey() }, 'another authority')
    await run(late, { settings: { from: scene.start + hour } })
    await unfit(late, { settings: { from: scene.start } }, 'and goes on from there')
    for (const [out, prefix] of [
      ['alien', ''],
      ['alien-below', 'a/b'],
    ] as const) {
      mkdirSync(join(dir.file(out), prefix, 'AWSLogs'), { recursive: true })
      await unfit(out, { settings: { prefix } }, 'not exported to it by rolecall')
    }
  })

  test.each([
    ['nothing', ''],
    ['of another version', '{"format":"rolecall export 0"}'],
    ['of another kind', '{"format":"rolecall export 1","settings":{"bucket":1}}'],
    ['with a chain that is none', (text: string) => text.replace('"segment":', '"segments":')],
    ['with a time that is none', (text: string) => text.replace(/"until":\d+/, '"until":"now"')],
  ] as const)('where its notes are %s', async (_, alter) => {
    const out = fresh()
    await run(out)
    const file = join(dir.file(out), '.rolecall-export', 'progress.json')
    const before = readFileSync(file, 'utf8')
    const after = typeof alter === 'string' ? alter : alter(before)
    expect(after).not.toBe(before)
    writeFileSync(file, after)
    await unfit(out, {}, 'none that this version of rolecall can read')
  })

  test('while another process exports there', async () => {
    const out = fresh()
    const held = exportFolder(dir.file(out), () => 0)
    expect(() => exportFolder(dir.file(out), () => 0)).toThrow(Unfit)
    held.close()
    await run(out)
  })
})

test('an altered chain is exported to where it was altered, the others whole, and it is said', async () => {
  const other = dir.file('altered.db')
  writeFileSync(other, readFileSync(dir.file('audit.db')))
  const altered = (out: string, until = now) =>
    exported(() => openSqlite(other, { mark: marks.audit }), now, dir.file(out), { until })
  const [once, block, digest] = [fresh(), fresh(), fresh()]
  await altered(once)
  const whole = numbersIn(tree(once))
  const database = openDatabase(other)
  const one = (text: string) => database.prepare(text).all()[0] ?? {}

  const row = one("SELECT segment, body FROM audit_digest WHERE node = 'two' ORDER BY segment DESC LIMIT 1 OFFSET 2")
  const change = database.prepare("UPDATE audit_digest SET body = ? WHERE node = 'two' AND segment = ?")
  change.run(String(row.body).replace(/"sealed":1/, '"sealed":2'), Number(row.segment))
  const told = await altered(digest)
  expect(told.altered).toEqual([`chain two: the digest of segment ${Number(row.segment)} was altered`])
  expect(told.newer).toBeGreaterThan(0)
  expect(verified(dir.file(digest)).flaws).toEqual([])
  // Every run says so, also one that has nothing else to do, and once it is made good the rest comes late.
  expect((await altered(digest, now + 1000)).altered).toEqual(told.altered)
  change.run(String(row.body), Number(row.segment))
  expect(await altered(digest, now + 2000)).toMatchObject({ altered: [], newer: 0 })
  expect(numbersIn(tree(digest))).toEqual(whole)
  expect(verified(dir.file(digest)).flaws).toEqual([])

  const last = one("SELECT high, segment, body FROM audit_block WHERE node = 'one' ORDER BY high DESC")
  database.prepare('UPDATE audit_block SET body = ? WHERE high = ?').run(`A${String(last.body)}`, Number(last.high))
  expect((await altered(block)).altered).toEqual([`chain one: a block of segment ${Number(last.segment)} was altered`])
  expect(numbersIn(tree(block)).length).toBeLessThan(whole.length)
  expect(numbersIn(tree(block)).length).toBeGreaterThan(whole.length - 20)
  expect(verified(dir.file(block)).flaws).toEqual([])

  // Put back to before what was exported.
  database.prepare("DELETE FROM audit_digest WHERE node = 'one' AND segment > 1").run()
  database.close()
  const back = await altered(once, now + 1000)
  expect(back.altered).toEqual([expect.stringMatching(/^chain one: segment \d+ is not the one that was exported$/)])
})

describe('the files of an export', () => {
  const shelved = (rows: readonly TrailRow[]) => {
    const shelves = new Shelves({ bucket: 'logs', prefix: '', trail: 'rolecall' })
    expect(shelves.at(scene.start)).toEqual([])
    const full = rows.flatMap((row, sequence) => shelves.put({ sequence, ...row }))
    return { full, rest: shelves.drained() }
  }

  test('do not grow without bound, neither one nor all that are begun', () => {
    const padding = 'x'.repeat(1024 * 1024)
    const many = (count: number, accountOf: (at: number) => string) =>
      Array.from({ length: count }, (_, at) => rowOf(at, at, accountOf(at), 'us-east-1', padding))
    const one = shelved(many(20, () => '111122223333'))
    expect(one.full.map(({ text }) => text.length > 16 * 1024 * 1024)).toEqual([true])
    const all = shelved(many(70, (at) => String(100_000_000_000 + at)))
    expect(all.full.length).toBeGreaterThan(50)
    expect(all.rest.length).toBeLessThan(20)
  })

  test.each(['../../../../../../x', 'a/b', '', '.', 'US-EAST-1', `a-${'b'.repeat(60)}`])(
    'lie under us-east-1 where a caller signed for %j',
    (region) => {
      const [file, ...more] = shelved([rowOf(1, 1, '111122223333', region)]).rest
      expect(more).toEqual([])
      expect(file?.name).toMatch(/^AWSLogs\/111122223333\/CloudTrail\/us-east-1\/\d{4}\/\d\d\/\d\d\/[\w.-]+$/)
      expect(file?.text).toBe(`{"Records":[${event(1, '111122223333', region)}]}`)
    },
  )

  test('are moved into place whole, and nothing else is left', async () => {
    const out = fresh()
    await run(out)
    expect(readdirSync(dir.file(out)).sort()).toEqual(['.rolecall-export', 'AWSLogs'])
    expect(existsSync(join(dir.file(out), '.rolecall-export', 'fresh.tmp'))).toBe(false)
    for (const name of tree(out).keys()) expect(name).toMatch(/\.json\.gz(?:\.metadata\.json)?$/)
  })
})
