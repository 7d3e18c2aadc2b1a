import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam'
import type { Account } from '../src/state/account.ts'
import type { Entity } from '../src/state/entity.ts'
import type { User } from '../src/state/identity.ts'
import type { ManagedPolicy } from '../src/state/managed-policy.ts'
import { openStore } from '../src/store/sql-store.ts'
import { openSqlite } from '../src/store/sqlite.ts'
import { clientOf, discard, envOf, type Running, startRolecall } from '../test/clients/process.ts'
import { cpuSeconds } from './cpu.ts'
import { load } from './load.ts'
import { signedRequest } from './request.ts'

/** What a server comes to that has so many principals, and as many managed policies. */
export interface Size {
  readonly principals: number
  /** From starting the process until it says that it is ready. */
  readonly startSeconds: number
  /** CPU seconds of that, all threads, which do not depend on what else the machine does; not a number where it does not tell. */
  readonly startCpuSeconds: number
  /** Resident memory in megabytes: at its highest during the start, and under load afterwards. */
  readonly peakMegabytes: number
  readonly megabytes: number
  /** CPU milliseconds of one signed call whose decision asks the caller's own two policies. */
  readonly callMilliseconds: number
}

const sizes = [1_000, 100_000, 1_000_000]
/** As many principals to an account as make ten thousand accounts of a million. */
const inAccount = 100
/** Entities in one commit. */
const atOnce = 20_000
const callers = 32
const connections = 16

export async function benchSize(options: { readonly seconds: number; readonly json: boolean }): Promise<void> {
  const rows: Size[] = []
  for (const principals of sizes) {
    process.stderr.write(`measuring ${principals} principals\n`)
    rows.push(await measure(principals, options.seconds))
  }
  if (options.json) {
    console.log(JSON.stringify(rows))
    return
  }
  console.log('\n  principals (and as many policies)    start   its CPU      peak     under load    CPU of a call')
  for (const { principals, startSeconds, startCpuSeconds, peakMegabytes, megabytes, callMilliseconds } of rows) {
    const cells = [
      String(principals).padStart(12),
      `${startSeconds.toFixed(1)} s`.padStart(29),
      `${startCpuSeconds.toFixed(1)} s`.padStart(10),
      `${peakMegabytes.toFixed(0)} MB`.padStart(10),
      `${megabytes.toFixed(0)} MB`.padStart(13),
      `${callMilliseconds.toFixed(3)} ms`.padStart(16),
    ]
    console.log(cells.join(''))
  }
  console.log('\n  goals at a million: start 10 s, 2048 MB, a call at 1.5 times what it costs at a thousand')
}

async function measure(principals: number, seconds: number): Promise<Size> {
  const empty = await startRolecall()
  let running: Running = empty
  try {
    const { accountId } = await envOf(empty)
    await empty.stop()
    await fill(join(empty.data, 'rolecall.db'), accountId, principals)
    const began = performance.now()
    running = await startRolecall({ data: empty.data })
    const startSeconds = (performance.now() - began) / 1000
    const startCpuSeconds = cpuSeconds(running.child.pid ?? 0) ?? Number.NaN
    const peakMegabytes = memory(running, 'VmHWM')
    const asks = await requests(running)
    const port = Number(new URL(running.endpoint).port)
    // Twice as long to warm up: the first size would otherwise pay for what the compiler learns.
    await load(port, asks, { connections, seconds: 2 * seconds })
    const pid = running.child.pid ?? 0
    const before = cpuSeconds(pid) ?? 0
    const { answers } = await load(port, asks, { connections, seconds })
    const used = (cpuSeconds(pid) ?? 0) - before
    return {
      principals,
      startSeconds,
      startCpuSeconds,
      peakMegabytes,
      megabytes: memory(running, 'VmRSS'),
      callMilliseconds: (used * 1000) / answers,
    }
  } finally {
    await discard(running)
  }
}

/** Calls of users, each about itself, each by a key of its own. */
async function requests(running: Running): Promise<readonly Uint8Array[]> {
  const env = await envOf(running)
  const iam = new IAMClient(clientOf(env))
  const asks: Uint8Array[] = []
  for (let number = 0; number < callers; number++) {
    const UserName = nameOf(number)
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    const signer = {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    }
    asks.push(signedRequest(running.endpoint, signer, 'iam', { Action: 'GetUser', Version: '2010-05-08', UserName }))
  }
  return asks
}

/** A line of /proc/PID/status, in megabytes; not a number where the system has none. */
function memory({ child }: Running, line: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    return Number(new RegExp(`^${line}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

const nameOf = (number: number): string => `user-${number}`

/** Writes principals and policies into a store that nobody has open, an account after the other; the first is the home account. */
async function fill(path: string, home: string, principals: number): Promise<void> {
  const store = await openStore(openSqlite(path))
  try {
    let base = await store.head()
    let waiting: Entity[] = []
    const flush = async () => {
      const changes = waiting.map((entity) => ({ kind: entity.kind, id: entity.id, entity }))
      base = await store.commit({ base, batch: `fill-${base.revision}`, changes, trail: [], delivered: [] })
      waiting = []
    }
    for (let number = 0; number < principals; number++) {
      const at = Math.floor(number / inAccount)
      const account = at === 0 ? home : String(100_000_000_000 + at)
      if (at > 0 && number % inAccount === 0) waiting.push(accountOf(account))
      waiting.push(...principal(account, number))
      if (waiting.length >= atOnce) await flush()
    }
    await flush()
  } finally {
    await store.close()
  }
}

const createdAt = Date.UTC(2026, 0, 1)
const idOf = (prefix: string, number: number): string => `${prefix}${String(number).padStart(17, '0')}`

const accountOf = (id: string): Account => ({ kind: 'account', id, name: `account-${id}`, createdAt, home: false })

/** A user and its managed policy, which lets it do what many may and what only it may. */
function principal(account: string, number: number): readonly [User, ManagedPolicy] {
  const name = nameOf(number)
  const arn = `arn:aws:iam::${account}:policy/own-${number}`
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: `arn:aws:s3:::home/${name}/*` },
      { Effect: 'Allow', Action: 'iam:GetUser', Resource: `arn:aws:iam::${account}:user/${name}` },
    ],
  })
  const inline = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Action: 's3:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ],
  })
  return [
    {
      kind: 'user',
      id: idOf('AIDA', number),
      account,
      name,
      path: '/',
      createdAt,
      inline: [{ name: 'transport', document: inline }],
      attached: [arn],
      tags: [],
      groups: [],
    },
    {
      kind: 'policy',
      id: idOf('ANPA', number),
      account,
      name: `own-${number}`,
      path: '/',
      createdAt,
      updatedAt: createdAt,
      tags: [],
      versions: [{ id: 'v1', document, createdAt }],
      defaultVersion: 'v1',
      lastVersion: 1,
    },
  ]
}
