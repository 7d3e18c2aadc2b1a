import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AttributeName } from '../src/audit/attribute.ts'
import { auditRow } from '../src/audit/event.ts'
import type { Identity } from '../src/audit/identity.ts'
import { makeAuditKey } from '../src/audit/key.ts'
import type { Question } from '../src/audit/lookup.ts'
import { SqlAudit } from '../src/audit/trail.ts'
import type { Random } from '../src/base/env.ts'
import { accessKeyId, uuid } from '../src/base/id.ts'
import { marks, openSqlite } from '../src/store/sqlite.ts'
import type { TrailRow } from '../src/store/store.ts'
import { timedExport } from './export.ts'

const inAppend = 256
const days = 60
const samplesEach = 200
const since = Date.UTC(2026, 8, 24)

/** What a trail of so many records comes to. */
export interface Trail {
  readonly records: number
  /** Microseconds a record, to chain, commit, seal and index it: of the first tenth, and of the last. */
  readonly first: number
  readonly last: number
  readonly megabytes: { readonly blocks: number; readonly index: number }
  readonly lookups: readonly Lookup[]
  /** Microseconds a record, and how large the files are. */
  readonly export: { readonly each: number; readonly megabytes: number }
}
interface Lookup {
  readonly by: string
  /** Milliseconds to the first page of fifty: the median, and of a hundred the slowest but one. */
  readonly median: number
  readonly slow: number
  /** The same in CPU milliseconds, which do not depend on what else the machine does. */
  readonly cpuMedian: number
  readonly cpuSlow: number
}

export async function benchTrail(options: { readonly records: number; readonly json: boolean }): Promise<void> {
  const trail = await measure(options.records)
  if (options.json) {
    console.log(JSON.stringify(trail))
    return
  }
  const { records, first, last, megabytes, lookups } = trail
  console.log(`\n  ${records.toLocaleString('en-US')} records over ${days} days`)
  console.log(
    `  a record written, sealed and indexed: ${first.toFixed(0)} µs in the first tenth, ${last.toFixed(0)} µs in the last`,
  )
  console.log(`  blocks ${megabytes.blocks.toFixed(0)} MB, index ${megabytes.index.toFixed(0)} MB`)
  console.log('\n  the first page looked up by                   median        p99     its CPU: median        p99')
  for (const { by, median, slow, cpuMedian, cpuSlow } of lookups) {
    const cells = [median, slow, cpuMedian, cpuSlow].map((time, at) =>
      `${time.toFixed(1)} ms`.padStart(at === 2 ? 21 : 11),
    )
    console.log(`  ${by.padEnd(40)}${cells.join('')}`)
  }
  console.log(
    `\n  a record exported: ${trail.export.each.toFixed(0)} µs, log files ${trail.export.megabytes.toFixed(0)} MB`,
  )
  console.log('\n  goal: 50 ms at ten million records (--records 10000000)')
}

/** Numbers that repeat. */
function dice(seed: number): Random & { readonly below: (bound: number) => number } {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    below: (bound) => Math.floor((next() / 2 ** 32) * bound),
  }
}

const nothing = () => undefined
const reads = ['GetUser', 'GetRole', 'ListUsers', 'ListRoles', 'GetPolicy', 'ListAttachedRolePolicies', 'GetRolePolicy']
const writes = ['CreateUser', 'PutUserPolicy', 'TagRole', 'AttachRolePolicy', 'UpdateRole', 'DeleteUser']

/** A session, and how many calls it will still make. */
interface Live {
  readonly identity: Identity
  left: number
}

/**
 * Calls as an organization makes them: twenty accounts of very different size, users with lasting keys, and above all workloads
 * that become a role, work for some calls and are gone. So most access keys are new, and seen a dozen times.
 */
class World {
  readonly #dice = dice(2026)
  readonly #live: Live[] = []
  readonly #records: number
  #number = 0

  constructor(records: number) {
    this.#records = records
  }

  next(): TrailRow {
    const at = since + Math.floor((this.#number++ / this.#records) * days * 86_400_000)
    const turn = this.#dice.below(100)
    if (turn < 10 || this.#live.length < 50) return this.#assume(at)
    if (turn < 30) return this.#call(at, this.#user(this.#account()))
    const index = this.#dice.below(this.#live.length)
    const live = this.#live[index]
    if (live === undefined) return this.#assume(at)
    if (--live.left <= 0) this.#live.splice(index, 1)
    return this.#call(at, live.identity)
  }

  /** Half of all calls are made in the first account, a quarter in the second, and so on. */
  #account(): string {
    let number = 0
    while (number < 19 && this.#dice.below(2) === 0) number++
    return String(100_000_000_000 + number)
  }

  #user(account: string): Identity {
    const name = `user-${this.#dice.below(200)}`
    return {
      type: 'IAMUser',
      account,
      id: `AIDA${account}${name}`,
      arn: `arn:aws:iam::${account}:user/${name}`,
      name,
      accessKeyId: `AKIA${account}${name}`,
    }
  }

  #assume(at: number): TrailRow {
    const account = this.#account()
    const roleName = `role-${this.#dice.below(300)}`
    const sessionName = `run-${this.#dice.below(1_000_000)}`
    const key = accessKeyId(this.#dice, 'ASIA', account)
    const identity: Identity = {
      type: 'AssumedRole',
      account,
      roleId: `AROA${account}${roleName}`,
      roleArn: `arn:aws:iam::${account}:role/${roleName}`,
      roleName,
      sessionName,
      accessKeyId: key,
      session: { issuedAt: at, mfa: false },
    }
    this.#live.push({ identity, left: 1 + this.#dice.below(18) })
    const parameters = { RoleArn: identity.roleArn, RoleSessionName: sessionName, DurationSeconds: 3600 }
    const response = {
      Credentials: { AccessKeyId: key, Expiration: at + 3_600_000 },
      AssumedRoleUser: {
        AssumedRoleId: `${identity.roleId}:${sessionName}`,
        Arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
      },
    }
    const touched = [{ arn: identity.roleArn, account, type: 'AWS::IAM::Role' }]
    return this.#row(at, this.#user(account), 'AssumeRole', { parameters, response, resources: touched }, true)
  }

  #call(at: number, identity: Identity): TrailRow {
    const write = this.#dice.below(10) === 0
    const names = write ? writes : reads
    const name = names[this.#dice.below(names.length)] ?? 'GetUser'
    const parameters = name.includes('User')
      ? { UserName: `user-${this.#dice.below(200)}` }
      : { RoleName: `role-${this.#dice.below(300)}` }
    return this.#row(at, identity, name, { parameters }, !write)
  }

  #row(at: number, identity: Identity, name: string, more: object, readOnly: boolean): TrailRow {
    return auditRow({
      operation: { service: name === 'AssumeRole' ? 'sts' : 'iam', name, readOnly, mints: name === 'AssumeRole' },
      identity,
      at,
      region: 'us-east-1',
      sourceIp: `10.0.${this.#dice.below(256)}.${this.#dice.below(256)}`,
      userAgent: 'aws-sdk-js/3.1169.0 ua/2.1 os/linux#6.18 lang/js md/nodejs#20.20.2 api/sts#3.1169.0',
      requestId: uuid(this.#dice),
      eventId: uuid(this.#dice),
      account: 'account' in identity ? (identity.account ?? '') : '',
      parameterFacts: () => undefined,
      responseFacts: (member) => (member === 'Expiration' ? { timestamp: true } : undefined),
      ...more,
    })
  }
}

async function measure(records: number): Promise<Trail> {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-trail-'))
  const path = join(folder, 'audit.db')
  const key = makeAuditKey(dice(1))
  const open = () =>
    SqlAudit.open(openSqlite(path, { mark: marks.audit }), {
      node: 'bench',
      keys: [key],
      clock: { now: () => Date.now() },
      schedule: () => nothing,
      alarm: (what, error) => console.error(what, error ?? ''),
    })
  try {
    let log = await open()
    const world = new World(records)
    const samples = new Samples(records)
    const tenth = Math.floor(records / 10)
    const times: number[] = []
    for (let part = 0; part < 10; part++) {
      process.stderr.write(`writing ${records} records: ${part * 10} %\n`)
      let spent = 0
      for (let done = 0; done < tenth; done += inAppend) {
        const rows = Array.from({ length: Math.min(inAppend, tenth - done) }, () => world.next())
        for (const row of rows) samples.take(row)
        const began = performance.now()
        await log.append(rows)
        spent += performance.now() - began
      }
      const began = performance.now()
      await log.seal()
      times.push(((spent + performance.now() - began) * 1000) / tenth)
    }
    await log.close()
    // What is looked up first is not what was written last.
    log = await open()
    const lookups: Lookup[] = []
    for (const [by, questions] of samples.questions(since + days * 86_400_000)) {
      process.stderr.write(`looking up by ${by}\n`)
      lookups.push({ by, ...(await timed(log, questions)) })
    }
    await log.close()
    process.stderr.write('exporting\n')
    const exported = await timedExport(folder, path, key)
    const megabytes = await sizes(path)
    return { records, first: times[0] ?? 0, last: times.at(-1) ?? 0, megabytes, lookups, export: exported }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function timed(log: SqlAudit, questions: readonly Question[]): Promise<Omit<Lookup, 'by'>> {
  const times: number[] = []
  const cpu: number[] = []
  for (const question of questions) {
    const before = process.cpuUsage()
    const began = performance.now()
    const { entries } = await log.lookup(question)
    times.push(performance.now() - began)
    const { user, system } = process.cpuUsage(before)
    cpu.push((user + system) / 1000)
    if (entries.length === 0 && question.attribute?.value !== 'nobody')
      throw new Error('what was written was not found')
  }
  const at = (values: number[], part: number) => values.sort((a, b) => a - b)[Math.floor(values.length * part)] ?? 0
  return { median: at(times, 0.5), slow: at(times, 0.99), cpuMedian: at(cpu, 0.5), cpuSlow: at(cpu, 0.99) }
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

/** Some of everything that was written, drawn evenly over the whole time. */
class Samples {
  readonly #every: number
  readonly #rows: TrailRow[] = []
  #number = 0

  constructor(records: number) {
    this.#every = Math.max(1, Math.floor(records / samplesEach))
  }

  take(row: TrailRow): void {
    if (this.#number++ % this.#every === 0) this.#rows.push(row)
  }

  *questions(until: number): Iterable<readonly [string, readonly Question[]]> {
    const always = { from: 0, until, limit: 50 }
    const by = (name: AttributeName, value: (event: Event) => string | undefined): readonly Question[] =>
      this.#rows.flatMap((row) => {
        // Written by `auditRow`.
        const found = value(JSON.parse(row.event) as Event)
        return found === undefined ? [] : [{ account: row.account, ...always, attribute: { name, value: found } }]
      })
    yield ['AccessKeyId', by('AccessKeyId', ({ userIdentity }) => userIdentity.accessKeyId)]
    yield ['EventId', by('EventId', ({ eventID }) => eventID)]
    yield [
      'ResourceName, a key that was given out',
      by('ResourceName', ({ responseElements }) => responseElements?.credentials?.accessKeyId),
    ]
    yield [
      'Username',
      by('Username', ({ userIdentity }) => userIdentity.userName ?? userIdentity.principalId?.split(':')[1]),
    ]
    yield ['EventName', by('EventName', ({ eventName }) => eventName)]
    yield ['EventSource', by('EventSource', ({ eventSource }) => eventSource)]
    yield ['ReadOnly', by('ReadOnly', ({ readOnly }) => String(readOnly))]
    yield ['ResourceType', by('ResourceType', () => 'AWS::IAM::Role')]
    yield ['AccessKeyId, one that nobody has', by('AccessKeyId', () => 'nobody')]
    yield ['no attribute', this.#rows.map(({ account }) => ({ account, ...always }))]
    yield [
      'EventName in one day long ago',
      this.#rows.map(({ account, at }) => ({
        account,
        limit: 50,
        from: at,
        until: at + 86_400_000,
        attribute: { name: 'ReadOnly', value: 'true' },
      })),
    ]
  }
}

interface Event {
  readonly eventID: string
  readonly eventName: string
  readonly eventSource: string
  readonly readOnly: boolean
  readonly userIdentity: { readonly accessKeyId?: string; readonly userName?: string; readonly principalId?: string }
  readonly responseElements?: { readonly credentials?: { readonly accessKeyId?: string } } | null
}
