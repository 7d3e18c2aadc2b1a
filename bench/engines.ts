// The second half of `npm run bench` (alone: `npm run bench -- --only engines`): the evaluator in process, beside Cedar and Casbin with the
// same rules and the same requests, in the same process and the same run. What is measured is decisions per CPU second.
import { decide, explain } from '../src/policy/library.ts'
import { again, dearer, type Hostile, hostile } from '../test/policy/hostile.ts'
import { casbin } from './engines/casbin.ts'
import { cedar } from './engines/cedar.ts'
import { bare, reasoned } from './engines/rolecall.ts'
import { type Ask, asksOf, type Engine, rulesOf } from './engines/scene.ts'

interface Row {
  readonly name: string
  readonly perCpuSecond: number
}

interface Goal {
  readonly name: string
  readonly value: number
  readonly goal: string
  readonly met: boolean
}

const say = (text: string) => process.stderr.write(`${text}\n`)

/** CPU seconds of this process, all threads. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Asks one request after the other, in rounds, until the CPU time is used. Answers how many, and in how many seconds. */
function ask({ name, allows }: Engine, asks: readonly Ask[], seconds: number): { asked: number; used: number } {
  let asked = 0
  let allowed = 0
  const start = cpu()
  let used = 0
  do {
    // The clock is read seldom: a decision takes less time than reading it.
    for (let at = 0; at < 200; at++) {
      const one = asks[asked++ % asks.length]
      if (one !== undefined && allows(one)) allowed++
    }
    used = cpu() - start
  } while (used < seconds)
  if (allowed === 0) throw new Error(`${name} allows nothing`)
  return { asked, used }
}

const turns = 8

/** Warms every engine up, and then lets them take turns: whatever else the machine does meanwhile, it does to all of them. */
function measure(engines: readonly Engine[], asks: readonly Ask[], seconds: number): readonly Row[] {
  for (const engine of engines) ask(engine, asks, Math.min(1, seconds))
  const sums = engines.map(({ name }) => ({ name, asked: 0, used: 0 }))
  for (let turn = 0; turn < turns; turn++) {
    for (const [at, engine] of engines.entries()) {
      const { asked, used } = ask(engine, asks, seconds / turns)
      const sum = sums[at]
      if (sum === undefined) continue
      sum.asked += asked
      sum.used += used
    }
  }
  return sums.map(({ name, asked, used }) => ({ name, perCpuSecond: asked / used }))
}

/** The engines must say the same before it counts how quickly. */
function agree(engines: readonly Engine[], asks: readonly Ask[]): void {
  let allowed = 0
  for (const ask of asks) {
    const said = engines.map(({ allows }) => allows(ask))
    if (new Set(said).size > 1) {
      throw new Error(`${JSON.stringify(ask)}: ${engines.map(({ name }, at) => `${name} says ${said[at]}`).join(', ')}`)
    }
    if (said[0]) allowed++
  }
  say(`the engines agree about ${asks.length} requests, ${allowed} of them allowed`)
}

/** Milliseconds of CPU for the slowest of some situations, decided and explained: the median, for neighbours only make it more. */
function worst(rows: readonly Hostile[]): { readonly name: string; readonly milliseconds: number } {
  let slowest = { name: '', milliseconds: 0 }
  for (const [name, made] of rows) {
    const situation = made()
    for (let at = 0; at < 5; at++) explain(decide(again(situation)))
    const times: number[] = []
    for (let at = 0; at < 31; at++) {
      const start = cpu()
      explain(decide(again(situation)))
      times.push((cpu() - start) * 1_000)
    }
    const milliseconds = times.sort((a, b) => a - b)[15] ?? 0
    say(`${name}: ${milliseconds.toFixed(2)} ms`)
    if (milliseconds > slowest.milliseconds) slowest = { name, milliseconds }
  }
  return slowest
}

/** Measures, and prints the table or one line of JSON. */
export async function benchEngines(options: { readonly seconds: number; readonly json: boolean }): Promise<void> {
  const tables: { readonly title: string; readonly rows: readonly Row[] }[] = []
  const goals: Goal[] = []
  for (const [policies, statements] of [
    [1, 1],
    [10, 10],
  ] as const) {
    const rules = rulesOf(policies, statements)
    const asks = asksOf(5_000, policies, statements)
    const engines = [bare(rules), reasoned(rules), cedar(rules), await casbin(rules)]
    agree(engines, asks)
    const title = policies === 1 ? '1 statement' : `${policies} policies of ${statements} statements, with conditions`
    say(`measuring ${title}`)
    const rows = measure(engines, asks, options.seconds)
    tables.push({ title, rows })
    const [decision, reason, ...others] = rows
    if (decision === undefined || reason === undefined || policies === 1) continue
    for (const other of others) {
      const value = reason.perCpuSecond / other.perCpuSecond
      goals.push({ name: `with the full reason, against ${other.name}`, value, goal: '>= 100x', met: value >= 100 })
    }
    const value = decision.perCpuSecond / reason.perCpuSecond
    goals.push({ name: 'what the full reason costs, in decisions', value, goal: '<= 5x', met: value <= 5 })
  }
  for (const [title, rows] of [
    ['the worst legal policies', hostile],
    ['the same with question marks or many values', dearer],
  ] as const) {
    const { name, milliseconds } = worst(rows)
    goals.push({ name: `${title}, ms (${name})`, value: milliseconds, goal: '<= 10 ms', met: milliseconds <= 10 })
  }

  if (options.json) {
    console.log(JSON.stringify({ engines: tables, goals }))
    return
  }
  console.log(`\ndecisions per CPU second, ${options.seconds} s each, every request different`)
  for (const { title, rows } of tables) {
    console.log(`\n  ${title}`)
    for (const { name, perCpuSecond } of rows)
      console.log(`    ${name.padEnd(48)} ${perCpuSecond.toFixed(0).padStart(10)}`)
  }
  console.log('')
  for (const { name, value, goal, met } of goals) {
    console.log(`  ${name.padEnd(70)} ${value.toFixed(1).padStart(8)}  (goal ${goal}${met ? '' : ', missed'})`)
  }
}
