import { mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, type Keys, type Reply } from '../clients/call.ts'
import { type Env, envOf, type Running, run, startRolecall } from '../clients/process.ts'
import { type Dice, dice } from '../fuzz/dice.ts'
import { type Disk, readDisk } from './disk.ts'
import { type Estate, estatesIn, nothing, type Step, stepOf, textOf } from './estate.ts'

export interface Outcome {
  readonly rounds: number
  /** Writes that were acknowledged, credentials that were given out, and requests whose answer never came. */
  readonly acknowledged: number
  readonly minted: number
  readonly unanswered: number
  /** Of those without an answer, how many were on disk. */
  readonly applied: number
  /** How many rounds there were of each kind. */
  readonly ways: Readonly<Partial<Record<Way, number>>>
  /** The longest that a start after a kill took. */
  readonly slowestStartMilliseconds: number
  readonly failures: readonly string[]
}

const clients = 16
const accountId = '000000000001'
const roleArn = `arn:aws:iam::${accountId}:role/app`
/** A round lasts a moment or a while. */
const longestMilliseconds = 700
/** How long what was killed, or lost its parent, may take to be gone. */
const endMilliseconds = 20_000
/** Sessions and keys that are tried after a restart: those that were given out last. */
const triedMax = 40

/**
 * What runs, and what of it is killed: the one process of `up`; of two that serve together with the one that started them, all at
 * once, or first a worker, which is started again, and then all; or only the one that started them, which its workers notice.
 */
const ways = ['up', 'worker', 'up', 'workers', 'up', 'parent'] as const
type Way = (typeof ways)[number]

/** What one client knows: what it was told, and the request that it waits for. */
interface Client {
  number: number
  estate: Estate
  pending: Step | undefined
}

interface Minted {
  readonly keys: Keys
  readonly arn: string
}

/**
 * Kills a server under load at random moments, again and again over the same data, and compares what it left with what it had
 * acknowledged: nothing is lost, nothing is there by half, every acknowledged call has its record, credentials go on working.
 */
export async function crash(options: {
  readonly rounds: number
  readonly seed: number
  readonly progress?: (round: number, outcome: Outcome) => void
}): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-crash-'))
  const trial = new Trial(folder, dice(options.seed))
  try {
    for (let round = 1; round <= options.rounds; round++) {
      await trial.round(round)
      options.progress?.(round, trial.outcome)
      if (trial.outcome.failures.length > 0) break
    }
    if (trial.outcome.failures.length === 0) await trial.whole()
    const { failures } = trial.outcome
    return failures.length === 0
      ? trial.outcome
      : { ...trial.outcome, failures: [...failures, `the data is in ${folder}`] }
  } finally {
    trial.kill()
    if (trial.outcome.failures.length === 0) rmSync(folder, { recursive: true, force: true })
  }
}

class Trial {
  readonly #data: string
  readonly #scratch: string
  readonly #dice: Dice
  readonly #clients: Client[] = Array.from({ length: clients }, () => ({
    number: 0,
    estate: nothing,
    pending: undefined,
  }))
  #running: Running | undefined
  #env: Env | undefined
  /** The highest sequence of the trail that was compared. */
  #known = -1
  /** Request ids of everything that must have its record, over all rounds and in this one. */
  readonly #owed = new Set<string>()
  #owedNow = new Set<string>()
  readonly #sessions: Minted[] = []
  readonly #told = new Map<string, Minted>()
  #counts = { rounds: 0, acknowledged: 0, minted: 0, unanswered: 0, applied: 0, slowestStartMilliseconds: 0 }
  readonly #ways: Partial<Record<Way, number>> = {}
  /** Of the last round: what was on its way to the trail then is met once more. */
  #met = new Set<string>()
  readonly #failures: string[] = []

  constructor(folder: string, chance: Dice) {
    this.#data = join(folder, 'data')
    this.#scratch = join(folder, 'copy')
    this.#dice = chance
  }

  get outcome(): Outcome {
    return { ...this.#counts, ways: this.#ways, failures: this.#failures }
  }

  kill(): void {
    if (this.#running !== undefined) killGroup(this.#running)
  }

  async round(number: number): Promise<void> {
    // Each in turn, so that a few rounds have all of them.
    const way = ways[number % ways.length] ?? 'up'
    this.#ways[way] = (this.#ways[way] ?? 0) + 1
    const began = performance.now()
    const running = await startRolecall({
      data: this.#data,
      group: true,
      ...(way === 'up'
        ? { args: ['--account-id', accountId] }
        : { workers: 2, args: ['--account-id', accountId, '--node', 'crash'] }),
    })
    this.#running = running
    const took = performance.now() - began
    this.#counts.slowestStartMilliseconds = Math.max(this.#counts.slowestStartMilliseconds, Math.round(took))
    this.#env = await envOf(running)
    if (number === 1) await this.#prepare()
    else await this.#tryCredentials()

    this.#owedNow = new Set()
    const agent = new Agent({ keepAlive: true })
    const stop = { now: false }
    const working = this.#clients.map((client, index) => this.#work(client, index, agent, stop))
    await pause(5 + this.#dice.upTo(longestMilliseconds))
    if (running.child.exitCode !== null) this.#failures.push(`the server ended by itself:\n${running.output()}`)
    await this.#kill(way, running)
    stop.now = true
    await Promise.all(working)
    agent.destroy()
    if (/failed|did not start/.test(running.output()))
      this.#failures.push(`the server told of trouble:\n${running.output()}`)
    this.#compare(await readDisk(this.#data, this.#scratch, accountId, this.#known))
    this.#counts.rounds = number
  }

  async #kill(way: Way, running: Running): Promise<void> {
    if (way === 'worker') {
      const worker = this.#dice.pick(await workersOf(running))
      process.kill(worker, 'SIGKILL')
      // Until it has buried it, the one that started it hands connections to it, which nobody answers.
      await running.said(/ended with SIGKILL: another is started/)
      await pause(50 + this.#dice.upTo(longestMilliseconds))
      // Connections of their own go to each worker in turn, the fresh one too where it is up already.
      await this.#try(this.#sessions.slice(-8))
    }
    if (way === 'parent') running.child.kill('SIGKILL')
    else killGroup(running)
    await running.stop('SIGKILL')
    const until = performance.now() + endMilliseconds
    while ((await groupOf(running)).length > 0 && performance.now() < until) await pause(10)
    if ((await groupOf(running)).length === 0) return
    this.#failures.push('processes are left that did not end')
    killGroup(running)
  }

  /** At the end once more: everything that was ever acknowledged has its record still. */
  async whole(): Promise<void> {
    const { records } = await readDisk(this.#data, this.#scratch, accountId, -1)
    const there = new Set(records.map(({ requestId }) => requestId))
    if (there.size !== records.length) this.#failures.push('a request has two records')
    for (const id of this.#owed) if (!there.has(id)) this.#failures.push(`request ${id} has lost its record`)
  }

  async #prepare(): Promise<void> {
    const trust = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'sts:AssumeRole' },
    }
    await this.#call('iam', 'CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: JSON.stringify(trust) })
    await this.#call('iam', 'CreateGroup', { GroupName: 'everybody' })
  }

  #call(
    ...[service, action, parameters, agent]: [Step['service'], string, Step['parameters'], Agent?]
  ): Promise<Reply> {
    const env = this.#env
    if (env === undefined) throw new Error('nothing is running')
    return call(env.endpoint, env, service, action, parameters, agent)
  }

  /** One client: a request, its answer, the next, until there is no answer any more. */
  async #work(client: Client, index: number, agent: Agent, stop: { readonly now: boolean }): Promise<void> {
    while (!stop.now) {
      const step = stepOf(this.#dice, index, client.number++, client.estate, roleArn)
      client.pending = step
      const reply = await this.#call(step.service, step.action, step.parameters, agent).catch(() => undefined)
      if (reply === undefined) return
      client.pending = undefined
      if (reply.status !== 200) {
        this.#failures.push(`${step.action} ${JSON.stringify(step.parameters)} was answered ${reply.text}`)
        return
      }
      client.estate = step.change(client.estate, reply.result)
      this.#acknowledge(step, reply)
    }
  }

  #acknowledge({ action, parameters }: Step, { requestId, result }: Reply): void {
    if (action === 'GetCallerIdentity') return
    this.#counts.acknowledged++
    this.#owed.add(requestId)
    this.#owedNow.add(requestId)
    if (action === 'AssumeRole') {
      this.#counts.minted++
      const { AccessKeyId, SecretAccessKey, SessionToken } = result.Credentials ?? {}
      const keys = {
        accessKeyId: String(AccessKeyId),
        secretAccessKey: String(SecretAccessKey),
        sessionToken: String(SessionToken),
      }
      this.#sessions.push({ keys, arn: String(result.AssumedRoleUser?.Arn) })
    }
    if (action === 'CreateAccessKey') {
      const accessKeyId = String(result.AccessKey?.AccessKeyId)
      const keys = { accessKeyId, secretAccessKey: String(result.AccessKey?.SecretAccessKey) }
      this.#told.set(accessKeyId, { keys, arn: `arn:aws:iam::${accountId}:user/${parameters.UserName}` })
    }
  }

  /** What was given out before the kill opens the door after it. */
  async #tryCredentials(): Promise<void> {
    const held = this.#clients.flatMap(({ estate }) =>
      Object.entries(estate.people).flatMap(([name, { keys }]) =>
        keys.flatMap((id): Minted[] => {
          const told = this.#told.get(id)
          return told === undefined ? [] : [{ keys: told.keys, arn: `arn:aws:iam::${accountId}:user/${name}` }]
        }),
      ),
    )
    await this.#try([...this.#sessions.slice(-triedMax), ...held.slice(-triedMax)])
  }

  async #try(tried: readonly Minted[]): Promise<void> {
    const endpoint = this.#env?.endpoint ?? ''
    await Promise.all(
      tried.map(async ({ keys, arn }) => {
        const { result, text } = await call(endpoint, keys, 'sts', 'GetCallerIdentity')
        if (String(result.Arn) !== arn) this.#failures.push(`credentials of ${arn} are told: ${text}`)
      }),
    )
  }

  #compare(disk: Disk): void {
    if (disk.integrity !== 'ok') this.#failures.push(`integrity_check: ${disk.integrity}`)
    for (const complaint of disk.complaints) this.#failures.push(`the trail: ${complaint}`)
    const recorded = new Set(disk.records.map(({ requestId }) => requestId))
    if (recorded.size !== disk.records.length) this.#failures.push('a request has two records')
    const records = disk.records.filter(({ requestId }) => !this.#met.has(requestId))
    this.#met = recorded
    for (const id of this.#owedNow)
      if (!recorded.has(id)) this.#failures.push(`request ${id} was acknowledged and has no record`)
    this.#known = disk.top

    const { estates, torn } = estatesIn(disk.world, accountId, disk, clients)
    this.#failures.push(...torn)
    // Successes that no client was told of: each must be what a client waited for, and be on disk.
    const untold = records.filter((record) => !record.failed && !this.#owed.has(record.requestId))
    for (const [index, client] of this.#clients.entries()) {
      const { pending } = client
      const there = estates[index] ?? nothing
      const told = (key: string) => this.#told.has(key)
      const text = textOf(there, told)
      const before = textOf(client.estate, told)
      const after = pending === undefined ? before : textOf(pending.change(client.estate, undefined), told)
      const recordOf = pending === undefined ? undefined : untold.find((record) => isOf(record, pending))
      if (pending !== undefined) this.#counts.unanswered++
      if (text !== before && text !== after) {
        this.#failures.push(
          `client ${index} waits for ${pending?.action ?? 'nothing'}\nhad ${before}\nmay have ${after}\nhas ${text}`,
        )
      } else if (after !== before && (text === after) !== (recordOf !== undefined)) {
        this.#failures.push(
          `${pending?.action} of client ${index} is ${text === after ? '' : 'not '}on disk, its record is otherwise`,
        )
      }
      if (after !== before && text === after) this.#counts.applied++
      client.estate = there
      client.pending = undefined
    }
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** It, and what it has started. */
export function killGroup({ child }: Running): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    // Where nobody is left, there is nobody to kill.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

interface Listed {
  readonly pid: number
  readonly parent: number
}

/** Every process of the group that lives yet: those that nobody has buried (`Z`) hold nothing any more. */
async function groupOf({ child }: Running): Promise<readonly Listed[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='])
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, group, state = 'Z'] = line.trim().split(/\s+/)
    return Number(group) === child.pid && !state.startsWith('Z') ? [{ pid: Number(pid), parent: Number(parent) }] : []
  })
}

/** The processes that it has started. */
export const workersOf = async (running: Running): Promise<readonly number[]> =>
  (await groupOf(running)).filter(({ parent }) => parent === running.child.pid).map(({ pid }) => pid)

/** Whether a record is of that very request: the first letter of its members' names is small in CloudTrail. */
const isOf = ({ eventName, parameters }: Disk['records'][number], step: Step): boolean =>
  eventName === step.action &&
  Object.entries(step.parameters).every(([name, value]) => {
    if (name.includes('.')) return true
    const member = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`
    return parameters[member] === undefined ? name === 'PolicyDocument' : parameters[member] === value
  })
