import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportTrail } from '../../src/audit/export.ts'
import type { Flaw } from '../../src/audit/export-check.ts'
import { Verifier } from '../../src/audit/key.ts'
import { exportFolder } from '../../src/host/export-folder.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { digestsIn, exported, files, happened, hour, logsIn, newKey, signing, verified } from './exporting.ts'
import { folder, key } from './scene.ts'

const dir = folder()
afterAll(() => dir.clean())
const open = () => openSqlite(dir.file('audit.db'), { mark: marks.audit })
let now: number
let start: number
/** What every row of the table begins with, what another key signed, and what begins later. */
const [sound, alien, late] = [dir.file('sound'), dir.file('alien'), dir.file('late')]
beforeAll(async () => {
  const scene = await happened(open)
  now = scene.time.clock.now()
  start = scene.start
  await exported(open, now, sound)
  await exported(open, now, alien, { key: newKey() })
  await exported(open, now, late, { settings: { from: start + 2 * hour } })
})

let victims = 0
/** A folder to be altered, and names of files in it: three of one account and region, in the order of their times. */
class Victim {
  readonly path = dir.file(`victim-${++victims}`)
  readonly digests: readonly [string, string, string]
  readonly logs: readonly [string, string]
  constructor() {
    cpSync(sound, this.path, { recursive: true })
    const mine = [...files(sound)].filter(([name]) => name.includes('/111122223333/'))
    const [first = '', second = '', ...more] = digestsIn(new Map(mine)).filter((name) => name.includes('us-east-1/'))
    this.digests = [first, second, more.at(-1) ?? '']
    const [log = '', other = ''] = logsIn(new Map(mine))
    this.logs = [log, other]
  }
  at(name: string): string {
    return join(this.path, name)
  }
  edit(name: string, change: (text: string) => string): void {
    const before = gunzipSync(readFileSync(this.at(name))).toString()
    const after = change(before)
    expect(after).not.toBe(before)
    writeFileSync(this.at(name), gzipSync(after))
  }
  remove(...names: readonly string[]): void {
    for (const name of names) rmSync(this.at(name))
  }
  /** Takes a digest file out of another export, with its signature. */
  take(from: string, name: string): void {
    for (const one of [name, `${name}.metadata.json`]) cpSync(join(from, one), this.at(one))
  }
}
/** The first digest file of the export that begins later. */
const beginning = () =>
  digestsIn(files(late)).find((name) => name.includes('/111122223333/CloudTrail-Digest/us-east-1/')) ?? ''
const metadata = (name: string) => `${name}.metadata.json`

type Due = (victim: Victim) => readonly [what: Flaw['what'], file: string, detail: RegExp]
const rows: readonly (readonly [name: string, alter: (victim: Victim) => void, due: Due])[] = [
  [
    'a record changed',
    (victim) => victim.edit(victim.logs[0], (text) => text.replace('"number":', '"numbers":')),
    ({ logs }) => ['altered', logs[0], /^is not what AWSLogs.* lists$/],
  ],
  [
    'a log file put in the place of another',
    (victim) => cpSync(victim.at(victim.logs[0]), victim.at(victim.logs[1])),
    ({ logs }) => ['altered', logs[1], /^is not what .* lists$/],
  ],
  [
    'a log file cut off',
    (victim) => truncateSync(victim.at(victim.logs[0]), 30),
    ({ logs }) => ['altered', logs[0], /^is not what .* lists$/],
  ],
  [
    'a log file taken away',
    (victim) => victim.remove(victim.logs[0]),
    ({ logs }) => ['missing', logs[0], /^is missing: .* lists it$/],
  ],
  [
    'a log file put in',
    (victim) => cpSync(victim.at(victim.logs[0]), victim.at(victim.logs[0].replace(/_\w{16}\./, '_0123456789abcdef.'))),
    ({ logs }) => ['extra', logs[0].replace(/_\w{16}\./, '_0123456789abcdef.'), /^is listed by no digest file$/],
  ],
  [
    'a digest file changed',
    (victim) =>
      victim.edit(victim.digests[1], (text) => text.replace('"newestEventTime":"2023', '"newestEventTime":"2022')),
    ({ digests }) => ['altered', digests[1], /^is not what was signed$/],
  ],
  [
    'a digest file that is no JSON',
    (victim) => victim.edit(victim.digests[1], () => '[]'),
    ({ digests }) => ['altered', digests[1], /^is no digest file$/],
  ],
  [
    'a digest file that is not compressed',
    (victim) => writeFileSync(victim.at(victim.digests[1]), '{}'),
    ({ digests }) => ['altered', digests[1], /^cannot be unpacked$/],
  ],
  [
    'a signature changed',
    (victim) => cpSync(victim.at(metadata(victim.digests[0])), victim.at(metadata(victim.digests[1]))),
    ({ digests }) => ['altered', digests[1], /^is not what was signed$/],
  ],
  [
    'a signature written otherwise',
    (victim) => {
      const file = victim.at(metadata(victim.digests[1]))
      const { signature } = JSON.parse(readFileSync(file, 'utf8')) as { signature: string }
      writeFileSync(file, JSON.stringify({ signature: signature.toUpperCase() }))
    },
    ({ digests }) => ['altered', digests[1], /^is not what was signed$/],
  ],
  [
    'a signature emptied',
    (victim) => writeFileSync(victim.at(metadata(victim.digests[1])), ''),
    ({ digests }) => ['altered', digests[1], /^has no signature beside it$/],
  ],
  [
    'a signature taken away',
    (victim) => victim.remove(metadata(victim.digests[1])),
    ({ digests }) => ['missing', metadata(digests[1]), /^is missing, and with it the signature$/],
  ],
  [
    'a digest file signed with another key',
    (victim) => victim.take(alien, victim.digests[1]),
    ({ digests }) => ['altered', digests[1], /^is signed with a key that is not known$/],
  ],
  [
    'a digest file signed with another key under the name of ours',
    (victim) => {
      victim.take(alien, victim.digests[1])
      victim.edit(victim.digests[1], (text) =>
        text.replace(/("digestPublicKeyFingerprint":")\w+/, `$1${signing.fingerprint}`),
      )
    },
    ({ digests }) => ['altered', digests[1], /^is not what was signed$/],
  ],
  [
    'a digest file of another algorithm',
    (victim) => victim.edit(victim.digests[1], (text) => text.replace('SHA256withRSA', 'none')),
    ({ digests }) => ['altered', digests[1], /^is not signed by SHA256withRSA$/],
  ],
  [
    'the first digest file taken away',
    (victim) => victim.remove(victim.digests[0], metadata(victim.digests[0])),
    ({ digests }) => ['missing', digests[0], /^is what .* follows$/],
  ],
  [
    'a digest file in the midst taken away',
    (victim) => victim.remove(victim.digests[1], metadata(victim.digests[1])),
    ({ digests }) => ['missing', digests[1], /^is what .* follows$/],
  ],
  [
    'the newest digest file taken away',
    (victim) => victim.remove(victim.digests[2], metadata(victim.digests[2])),
    ({ digests }) => ['missing', digests[2], /^is missing: the export wrote it$/],
  ],
  [
    'a digest file with its signature under the name of another',
    (victim) => {
      cpSync(victim.at(victim.digests[0]), victim.at(victim.digests[1]))
      cpSync(victim.at(metadata(victim.digests[0])), victim.at(metadata(victim.digests[1])))
    },
    ({ digests }) => ['altered', digests[1], /^is the file of AWSLogs/],
  ],
  [
    'a digest file with its signature in the folder of another account',
    (victim) => {
      const other = victim.digests[1].replaceAll('111122223333', '444455556666')
      renameSync(victim.at(victim.digests[1]), victim.at(other))
      renameSync(victim.at(metadata(victim.digests[1])), victim.at(metadata(other)))
    },
    ({ digests }) => ['altered', digests[1].replaceAll('111122223333', '444455556666'), /^is the file of AWSLogs/],
  ],
  [
    'a digest file of an export that begins there',
    (victim) => victim.take(late, beginning()),
    () => ['chain', beginning(), /^begins anew, and does not follow /],
  ],
  [
    'a digest file of an export that began elsewhere',
    (victim) => victim.take(late, victim.digests[2]),
    ({ digests }) => ['chain', digests[2], /^does not follow .* as that is now$/],
  ],
  [
    'a file that is none of them',
    (victim) => {
      mkdirSync(dirname(victim.at('notes/mine')))
      writeFileSync(victim.at('notes/mine'), '')
    },
    () => ['extra', 'notes/mine', /^is none of CloudTrail’s files$/],
  ],
  [
    'a signature of nothing',
    (victim) => writeFileSync(victim.at('AWSLogs/x.metadata.json'), ''),
    () => ['extra', 'AWSLogs/x.metadata.json', /^is of no digest file$/],
  ],
  [
    'a link',
    (victim) => {
      victim.remove(victim.logs[0])
      symlinkSync(join(sound, victim.logs[0]), victim.at(victim.logs[0]))
    },
    ({ logs }) => ['extra', logs[0], /^is no file$/],
  ],
  [
    'the notes of the export',
    (victim) => writeFileSync(victim.at('.rolecall-export/progress.json'), '{"digests":'),
    () => ['altered', 'progress.json', /^is not what an export notes$/],
  ],
]

describe('a folder that was exported to', () => {
  test('is sound as it was written, and is told of', () => {
    const { flaws, series, digestFiles, logFiles, unfinished, ends } = verified(sound)
    expect(flaws).toEqual([])
    expect(series.map(({ account, region }) => `${account} ${region}`)).toEqual([
      '111122223333 eu-central-1',
      '111122223333 us-east-1',
      '444455556666 eu-central-1',
      '444455556666 us-east-1',
    ])
    expect(series[1]).toMatchObject({ from: new Date(start).toISOString().replace('.000Z', 'Z') })
    expect([digestFiles, logFiles]).toEqual([digestsIn(files(sound)).length, logsIn(files(sound)).length])
    expect([unfinished, ends]).toEqual([0, true])
  })

  test.each(rows)('is not, with %s', (_, alter, due) => {
    const victim = new Victim()
    alter(victim)
    const [what, file, detail] = due(victim)
    expect(verified(victim.path).flaws).toContainEqual({ file, what, detail: expect.stringMatching(detail) })
  })

  test('is sound without what the export noted, and says that its ends are not checked', () => {
    const victim = new Victim()
    rmSync(victim.at('.rolecall-export'), { recursive: true })
    expect(verified(victim.path)).toMatchObject({ flaws: [], ends: false })
  })

  test('is told to be unfinished where an export was cut off, and is finished by the next one', async () => {
    const out = dir.file('cut-off')
    const trail = open()
    let clock = now
    const shelf = exportFolder(out, () => clock)
    let digests = 0
    const folder = {
      ...shelf,
      put(name: string, text: string) {
        // The first hour has one for each account and region. The second one's log files are written by then.
        if (digests++ === 4) throw new Error('the disk is full')
        shelf.put(name, text)
      },
    }
    const run = exportTrail({
      trail,
      folder,
      settings: { bucket: 'logs', prefix: '', trail: 'rolecall' },
      now,
      verifier: new Verifier([key]),
      key: signing,
      told: () => {
        clock += hour
      },
    })
    await expect(run).rejects.toThrow('the disk is full')
    shelf.close()
    await trail.close()
    const cut = verified(out)
    expect(cut.flaws).toEqual([])
    expect(cut.unfinished).toBeGreaterThan(0)
    await exported(open, now, out)
    expect(files(out)).toEqual(files(sound))
    expect(verified(out)).toMatchObject({ flaws: [], unfinished: 0 })
  })
})
