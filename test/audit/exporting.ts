import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Exporting, exportTrail } from '../../src/audit/export.ts'
import { checkExport } from '../../src/audit/export-check.ts'
import type { Settings } from '../../src/audit/export-progress.ts'
import { Verifier } from '../../src/audit/key.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { exportFolder, foundFolder } from '../../src/host/export-folder.ts'
import type { Engine } from '../../src/store/engine.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { DigestVerifier, digestKeyIn } from '../../src/token/digest-key.ts'
import { key, record, seeded, Time, writerOptions } from './scene.ts'

export const minute = 60_000
export const hour = 60 * minute
export const accounts = ['111122223333', '444455556666', '-'] as const
export const regions = ['us-east-1', 'eu-central-1'] as const

export const newKey = () =>
  digestKeyIn(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  )
export const signing = newKey()

/** Where the trail of a test is; every engine is a connection of its own. */
export type Open = () => Engine

export const event = (number: number, account: string, region: string, padding = ''): string =>
  JSON.stringify({
    eventID: `e-${number}`,
    userIdentity: { userName: '"awsRegion":"xx-evil-9"' },
    awsRegion: region,
    number,
    account,
    padding,
  })

export const rowOf = (number: number, at: number, account: string, region: string, padding = ''): TrailRow => ({
  ...record(number, account),
  at,
  event: event(number, account, region, padding),
})

/** Two nodes that take turns, over some seven hours of which one is empty. Some records are told long after they happened. */
export async function happened(open: Open) {
  const time = new Time()
  /** The first full hour behind the beginning. */
  const start = Math.ceil(time.clock.now() / hour) * hour
  const rows: TrailRow[] = []
  // It is sealed when it is said, and not whenever a timer comes to it: segments are the same each time.
  const options = (node: string) => writerOptions(node, time, { schedule: () => () => {} })
  const nodes = await Promise.all(['one', 'two'].map((node) => SqlAudit.open(open(), options(node))))
  const random = seeded(3)
  time.pass(start - time.clock.now() + minute)
  for (let at = 0; at < 60; at++) {
    const log = nodes[random.below(3) === 0 ? 1 : 0]
    const made = Array.from({ length: 1 + random.below(12) }, (_, one) => {
      const number = rows.length + one
      const late = random.below(9) === 0 ? random.below(5 * hour) : 0
      const account = accounts[number % accounts.length] ?? '-'
      return rowOf(number, time.clock.now() + number - late, account, regions[number % 5 === 0 ? 1 : 0] ?? '')
    })
    rows.push(...made)
    await log?.append(made)
    await log?.seal()
    time.pass(at === 30 ? 2 * hour : 5 * minute + random.below(3 * minute))
  }
  await Promise.all(nodes.map((log) => log.close()))
  return { time, start, rows }
}

type More = Omit<Partial<Exporting>, 'settings'> & { readonly settings?: Partial<Settings> }

/** Exports to a folder, all that is sealed unless something else is said. */
export async function exported(open: Open, now: number, out: string, { settings = {}, ...more }: More = {}) {
  const trail = open()
  try {
    const folder = exportFolder(out, () => 0)
    try {
      return await exportTrail({
        trail,
        folder,
        settings: { bucket: 'logs', prefix: '', trail: 'rolecall', ...settings },
        now,
        verifier: new Verifier([key]),
        key: signing,
        told: () => undefined,
        ...more,
      })
    } finally {
      folder.close()
    }
  } finally {
    await trail.close()
  }
}

export const verified = (out: string) => checkExport(foundFolder(out), new DigestVerifier([signing]))

/** Every file below a folder, but what the export keeps for itself. */
export function files(out: string): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>()
  const walk = (below: string) => {
    for (const entry of readdirSync(join(out, below), { withFileTypes: true })) {
      if (entry.name === '.rolecall-export') continue
      const name = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) walk(name)
      else found.set(name, readFileSync(join(out, name)))
    }
  }
  walk('')
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

export const textOf = (tree: ReadonlyMap<string, Buffer>, name: string): string =>
  gunzipSync(tree.get(name) ?? Buffer.alloc(0)).toString()

export const logsIn = (tree: ReadonlyMap<string, Buffer>) =>
  [...tree.keys()].filter((name) => name.includes('/CloudTrail/'))
export const digestsIn = (tree: ReadonlyMap<string, Buffer>) =>
  [...tree.keys()].filter((name) => name.includes('/CloudTrail-Digest/') && name.endsWith('.json.gz'))

export const recordsIn = (tree: ReadonlyMap<string, Buffer>, names: Iterable<string>) =>
  [...names].flatMap(
    (name) => (JSON.parse(textOf(tree, name)) as { Records: { number: number; account: string }[] }).Records,
  )
/** The numbers of all records in log files, in order. */
export const numbersIn = (tree: ReadonlyMap<string, Buffer>): readonly number[] =>
  recordsIn(tree, logsIn(tree))
    .map(({ number }) => number)
    .sort((a, b) => a - b)
