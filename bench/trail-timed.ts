import { existsSync, readFileSync } from 'node:fs'
import type { Question } from '../src/audit/lookup.ts'
import { AuditReader } from '../src/audit/reader.ts'
import type { Cost } from '../src/audit/search.ts'
import { marks, openSqlite } from '../src/store/sqlite.ts'
import { signer } from './trail-made.ts'

/** What pages cost: milliseconds. */
export interface Timed {
  /** The median, and of a hundred the slowest but one. */
  readonly median: number
  readonly slow: number
  /** The same in CPU milliseconds, which do not depend on what else the machine does. */
  readonly cpuMedian: number
  readonly cpuSlow: number
  /** The most that was done, of a hundred pages the most but one, in which nothing else had its turn: CPU milliseconds. */
  readonly turn: number
  /** The most that a page read: blocks, and bytes that were inflated of them. */
  readonly blocks: number
  readonly inflated: number
}

const rounds = 3

/** A value that nothing has, so that no record is to be found. */
export const nobody = 'nobody'

/** Looks up over a connection of its own, as a node does beside the thread that writes. */
export async function timed(path: string, questions: readonly Question[]): Promise<Timed> {
  const engine = openSqlite(path, { mark: marks.audit })
  const costs: Cost[] = []
  const reader = new AuditReader(engine, {
    signer,
    told: { alarm: console.error, altered: console.error, cost: (cost) => void costs.push(cost) },
    defer: setImmediate,
  })
  const runs: Omit<Timed, 'turn' | 'blocks' | 'inflated'>[] = []
  const turns: number[] = []
  for (let round = 0; round < rounds; round++) {
    const times: number[] = []
    const cpu: number[] = []
    const gaps: number[] = []
    let found = 0
    for (const question of questions) {
      const before = process.cpuUsage()
      const began = performance.now()
      const { entries } = await reader.lookup(question)
      times.push(performance.now() - began)
      const { user, system } = process.cpuUsage(before)
      cpu.push((user + system) / 1000)
      found += entries.length
    }
    if (found === 0 && questions.some(({ attribute }) => attribute?.value !== nobody))
      throw new Error(`what was written was not found: ${JSON.stringify(questions[0])}`)
    for (const question of questions) gaps.push(await longestTurn(() => reader.lookup(question)))
    runs.push({
      median: part(times, 0.5),
      slow: part(times, 0.99),
      cpuMedian: part(cpu, 0.5),
      cpuSlow: part(cpu, 0.99),
    })
    turns.push(part(gaps, 0.99))
  }
  await engine.close()
  const middle = (of: (run: (typeof runs)[number]) => number) => part(runs.map(of), 0.5)
  return {
    median: middle((run) => run.median),
    slow: middle((run) => run.slow),
    cpuMedian: middle((run) => run.cpuMedian),
    cpuSlow: middle((run) => run.cpuSlow),
    turn: part(turns, 0.5),
    blocks: Math.max(...costs.map(({ blocks }) => blocks)),
    inflated: Math.max(...costs.map(({ inflated }) => inflated)),
  }
}

/** What was done at the most, in CPU milliseconds, before something that is always due had its turn. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = threadCpu()
  let going = true
  const tick = () => {
    longest = Math.max(longest, threadCpu() - last)
    last = threadCpu()
    if (going) setImmediate(tick)
  }
  setImmediate(tick)
  await new Promise((resolve) => setImmediate(resolve))
  await work()
  await new Promise((resolve) => setImmediate(resolve))
  going = false
  return longest
}

/** CPU milliseconds of the thread that answers, where the system tells them apart (Linux, "scheduler statistics"), else of all. */
function threadCpu(): number {
  if (existsSync(scheduled)) return Number(readFileSync(scheduled, 'utf8').split(' ', 1)[0]) / 1e6
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const scheduled = '/proc/self/schedstat'

const part = (values: readonly number[], at: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * at)] ?? 0
