import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { marks, openSqlite } from '../src/store/sqlite.ts'
import { timedExport } from './export.ts'
import { key, madeIn } from './trail-made.ts'
import { questionsOf, smallFileQuestions, whileWrittenQuestions } from './trail-question.ts'
import { type Timed, timed } from './trail-timed.ts'
import { type Written, writing } from './trail-writing.ts'
import { days } from './world.ts'

/** What a trail of so many records comes to. */
export interface Trail {
  readonly records: number
  /** Microseconds a record, to chain, commit, seal and index it: of the first tenth, and of the last. Missing where the trail was there. */
  readonly first?: number
  readonly last?: number
  readonly megabytes: { readonly blocks: number; readonly index: number }
  /** Megabytes of memory that the process has after the lookups. */
  readonly memory: number
  readonly written: Written
  readonly lookups: readonly Lookup[]
  /** Microseconds of CPU a record, and how large the files are. */
  readonly export: { readonly each: number; readonly megabytes: number }
}
interface Lookup extends Timed {
  readonly by: string
}

export interface TrailBench {
  readonly records: number
  /** A folder where the trail is kept, and found again by the next bench. */
  readonly trail: string | undefined
  readonly json: boolean
}

export async function benchTrail(options: TrailBench): Promise<void> {
  const trail = await measure(options.records, options.trail)
  if (options.json) {
    console.log(JSON.stringify(trail))
    return
  }
  const { records, first, last, megabytes, lookups, memory, written } = trail
  console.log(`\n  ${records.toLocaleString('en-US')} records over ${days} days`)
  if (first !== undefined && last !== undefined)
    console.log(
      `  a record written, sealed and indexed: ${first.toFixed(0)} µs in the first tenth, ${last.toFixed(0)} µs in the last`,
    )
  console.log(`  blocks ${megabytes.blocks.toFixed(0)} MB, index ${megabytes.index.toFixed(0)} MB`)
  console.log(`  memory of the process after the lookups: ${memory.toFixed(0)} MB`)
  console.log(
    `  written meanwhile: ${written.perSecond.toFixed(0)} records a second; not sealed yet were ${written.open} at the most, index files ${written.files}`,
  )
  console.log(
    '\n  one page of fifty, looked up by                  median       p99   CPU: median       p99        in a turn   blocks   inflated',
  )
  for (const { by, median, slow, cpuMedian, cpuSlow, turn, blocks, inflated } of lookups) {
    const cells = [median, slow, cpuMedian, cpuSlow, turn].map((time, at) =>
      `${time.toFixed(1)} ms`.padStart([10, 10, 14, 10, 15][at] ?? 10),
    )
    console.log(
      `  ${by.padEnd(45)}${cells.join('')}${String(blocks).padStart(9)}${`${(inflated / 1000).toFixed(0)} kB`.padStart(11)}`,
    )
  }
  console.log(
    `\n  a record exported: ${trail.export.each.toFixed(0)} µs of CPU, log files ${trail.export.megabytes.toFixed(0)} MB`,
  )
  console.log(
    '\n  goal: 50 ms at ten million records (--records 10000000; --trail FOLDER keeps them for the next time)',
  )
  console.log('  p99 and turns: the median of three runs; blocks, and what of them was inflated: the most of any page.')
  console.log(
    '  Turns: the CPU of the thread that answers. While it is written, the rest is that of the writing thread as well.',
  )
}

async function measure(records: number, kept: string | undefined): Promise<Trail> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'rolecall-bench-trail-'))
  try {
    const { path, tenths, samples } = await madeIn(folder, records)
    const lookups: Lookup[] = []
    for (const [by, questions] of questionsOf(samples, records)) {
      process.stderr.write(`looking up by ${by}\n`)
      lookups.push({ by, ...(await timed(path, questions)) })
    }
    const memory = process.memoryUsage().rss / 1e6
    const copy = mkdtempSync(join(folder, 'written-'))
    try {
      const trail = await writing(path, copy)
      for (const [by, questions] of whileWrittenQuestions(samples)) {
        process.stderr.write(`looking up by ${by}\n`)
        lookups.push({ by, ...(await timed(trail.path, questions)) })
      }
      const written = await trail.stop()
      for (const [by, questions] of smallFileQuestions(samples)) {
        process.stderr.write(`looking up by ${by}\n`)
        lookups.push({ by, ...(await timed(trail.path, questions)) })
      }
      process.stderr.write('exporting\n')
      const exported = await timedExport(folder, path, key)
      const [first, last] = [tenths[0], tenths.at(-1)]
      const cost = first === undefined || last === undefined ? {} : { first, last }
      return { records, ...cost, megabytes: await sizes(path), memory, written, lookups, export: exported }
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

async function sizes(path: string): Promise<Trail['megabytes']> {
  const engine = openSqlite(path, { mark: marks.audit })
  const sum = async (table: string) => {
    const [row] = await engine.all(`SELECT sum(length(body)) AS bytes FROM ${table}`)
    return Number(row?.bytes) / 1e6
  }
  const megabytes = {
    blocks: await sum('audit_block'),
    index: (await sum('audit_index_part')) + (await sum('audit_index')),
  }
  await engine.close()
  return megabytes
}
