import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRecording } from '../src/host/recording.ts'
import { marks, openSqlite } from '../src/store/sqlite.ts'
import { key } from './trail-made.ts'
import { days, since, World } from './world.ts'

/** How it went to write as fast as the trail takes it. */
export interface Written {
  readonly perSecond: number
  /** The most records that were durable and not sealed yet. */
  readonly open: number
  /** The most files that the index had. */
  readonly files: number
}

const inFlight = 8
const inAppend = 64
/** Records that are drawn. */
const made = 512 * inAppend
const day = 86_400_000

/**
 * Writes to a copy of a trail as fast as it takes records, by a thread of its own as a node does, until it is stopped; then until
 * the index has as many small files as it ever has, all of them just before being merged.
 */
export async function writing(path: string, folder: string) {
  const copy = join(folder, 'audit.db')
  copyFileSync(path, copy)
  const nothing = () => undefined
  const log = await openRecording(
    { place: { kind: 'sqlite', path: copy }, node: 'bench', keys: [key] },
    { clock: { now: Date.now }, schedule: () => nothing, alarm: (what, error) => console.error(what, error ?? '') },
  )
  const engine = openSqlite(copy, { mark: marks.audit })
  const count = async (text: string) => Number((await engine.all(text))[0]?.found)
  // Drawn before, so that nothing but appending and looking up takes time here; each time they are used, they are a day later.
  const world = new World(made, since + days * day, 1)
  const pool = Array.from({ length: made }, () => world.next())
  let [going, records, open, files] = [true, 0, 0, 0]
  const append = async () => {
    const later = Math.floor(records / made) * day
    const rows = pool.slice(records % made, (records % made) + inAppend).map((row) => ({ ...row, at: row.at + later }))
    records += rows.length
    await log.append(rows)
  }
  const began = performance.now()
  const writers = Array.from({ length: inFlight }, async () => {
    while (going) await append()
  })
  const watching = (async () => {
    while (going) {
      open = Math.max(open, await count('SELECT sum(last - first + 1) AS found FROM audit_run'))
      files = Math.max(files, await count('SELECT count(*) AS found FROM audit_index'))
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  })()
  return {
    path: copy,
    async stop(): Promise<Written> {
      going = false
      await Promise.all([...writers, watching])
      const perSecond = records / ((performance.now() - began) / 1000)
      await log.seal()
      // Fifteen of each size that is merged.
      while ((await count('SELECT max(segment) AS found FROM audit_digest')) % 256 !== 255) {
        for (let done = 0; done < 2048; done += inAppend) await append()
        await log.seal()
      }
      files = Math.max(files, await count('SELECT count(*) AS found FROM audit_index'))
      await log.close()
      await engine.close()
      return { perSecond, open, files }
    },
  }
}
