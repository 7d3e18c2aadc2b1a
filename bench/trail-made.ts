import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeAuditKey, Signer } from '../src/audit/key.ts'
import { SqlAudit } from '../src/audit/trail.ts'
import { marks, openSqlite } from '../src/store/sqlite.ts'
import type { TrailRow } from '../src/store/store.ts'
import { seeded } from '../test/audit/scene.ts'
import { World } from './world.ts'

const inAppend = 256
const samplesKept = 200

/** A trail in a file, and what is known of how it was made. */
export interface Made {
  readonly path: string
  readonly records: number
  /** Microseconds a record, to chain, commit, seal and index it: of each tenth. */
  readonly tenths: readonly number[]
  /** Some of everything that was written, drawn evenly over the whole time. */
  readonly samples: readonly TrailRow[]
}

export const key = makeAuditKey(seeded(1))
export const signer = new Signer([key])

const nothing = () => undefined

const openTrail = (path: string): Promise<SqlAudit> =>
  SqlAudit.open(openSqlite(path, { mark: marks.audit }), {
    node: 'bench',
    keys: [key],
    clock: { now: () => Date.now() },
    schedule: () => nothing,
    alarm: (what, error) => console.error(what, error ?? ''),
  })

/** The trail of so many records in a folder: the one that is there already, where it was made to its end. */
export async function madeIn(folder: string, records: number): Promise<Made> {
  const path = join(folder, 'audit.db')
  const note = join(folder, `made-${records}.json`)
  // Written below, by a bench before.
  if (existsSync(note)) return { ...(JSON.parse(readFileSync(note, 'utf8')) as Omit<Made, 'path'>), path }
  if (existsSync(path)) throw new Error(`${folder} holds a trail, but none of ${records} records that is complete`)
  mkdirSync(folder, { recursive: true })
  const log = await openTrail(path)
  const world = new World(records)
  const samples: TrailRow[] = []
  const every = Math.max(1, Math.floor(records / samplesKept))
  const tenth = Math.floor(records / 10)
  const tenths: number[] = []
  let number = 0
  for (let part = 0; part < 10; part++) {
    process.stderr.write(`writing ${records} records: ${part * 10} %\n`)
    let spent = 0
    for (let done = 0; done < tenth; done += inAppend) {
      const rows = Array.from({ length: Math.min(inAppend, tenth - done) }, () => world.next())
      for (const row of rows) if (number++ % every === 0) samples.push(row)
      const began = performance.now()
      await log.append(rows)
      spent += performance.now() - began
    }
    const began = performance.now()
    await log.seal()
    tenths.push(((spent + performance.now() - began) * 1000) / tenth)
  }
  await log.close()
  writeFileSync(note, JSON.stringify({ records, tenths, samples }))
  return { path, records, tenths, samples }
}
