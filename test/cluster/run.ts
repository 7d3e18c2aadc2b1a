import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { call } from '../clients/call.ts'
import { type Env, rolecall } from '../clients/process.ts'
import { dice } from '../fuzz/dice.ts'
import { byKey, linearizable, type Model, type Operation } from './history.ts'
import { harmDatabase, harmNodes, type Mischief } from './nemesis.ts'
import { Node } from './node.ts'
import { Pair } from './pair.ts'
import { acceptedAfterRevocation, actor, person, seat } from './things.ts'
import { Workload } from './workload.ts'

export interface ClusterOptions {
  readonly seconds: number
  readonly seed: number
  readonly nodes?: number
  readonly clients?: number
  readonly tell?: (what: string) => void
}

export interface ClusterOutcome {
  readonly answered: number
  readonly unknown: number
  /** Things whose histories were checked, each with everything that was done to it. */
  readonly histories: number
  /** Histories that the checker gave up on. */
  readonly undecided: number
  /** Requests that were accepted with a key, and those refused because it was revoked. */
  readonly accepted: number
  readonly refused: number
  /** Requests that were refused because their session had been ended. */
  readonly over: number
  readonly deeds: number
  readonly failures: readonly string[]
}

/**
 * Several nodes over a primary and its standby, clients that ask all of them at once, and somebody who breaks the database, the
 * nodes and the lines between them. Afterwards everything that the clients were told must fit together.
 */
export async function cluster(options: ClusterOptions): Promise<ClusterOutcome> {
  const { seconds, seed, tell = () => undefined } = options
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-cluster-'))
  const nodes: Node[] = []
  let pair: Pair | undefined
  let workload: Workload | undefined
  const failures: string[] = []
  let deeds = 0
  try {
    pair = await Pair.start()
    const keyFile = join(folder, 'key')
    const key = await rolecall(['key', 'new'])
    if (key.code !== 0) throw new Error(key.stderr)
    writeFileSync(keyFile, key.stdout, { mode: 0o600 })
    for (let number = 1; number <= (options.nodes ?? 3); number++) {
      const { primary: server, ports } = pair
      nodes.push(await Node.start({ name: `node${number}`, folder, keyFile, database: 'postgres', server, ports }))
    }
    const [first] = nodes
    if (first === undefined) throw new Error('a cluster has a node')
    const told = await rolecall(['env', '--data', first.folder, '--json'])
    if (told.code !== 0) throw new Error(told.stderr)
    // What the binary prints for programs.
    const admin = JSON.parse(told.stdout) as Env
    workload = new Workload(nodes, admin, dice(seed))
    await workload.prepare()

    const end = performance.now() + seconds * 1000
    const over = () => performance.now() >= end
    const from = performance.now()
    const mischief = (salt: number): Mischief => ({
      pair: pair as Pair,
      nodes,
      chance: dice(seed + salt),
      over,
      pause: (milliseconds) =>
        new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(milliseconds, end - performance.now())))),
      tell(what) {
        deeds++
        tell(`${((performance.now() - from) / 1000).toFixed(1).padStart(6)} s  ${what}`)
      },
    })
    const busy = workload
    await Promise.all([
      harmDatabase(mischief(1)),
      harmNodes(mischief(2)),
      ...Array.from({ length: options.clients ?? 9 }, (_, number) => busy.client(number, over)),
    ])
    tell('everything is whole again; every node is asked about everything')
    for (const node of nodes) {
      node.heal()
      if (!node.running) failures.push(`${node.name} ended by itself:\n${node.output}`)
      else await ready(node, admin)
    }
    await workload.closing()
    failures.push(...(await different(pair, nodes, admin)))
    failures.push(...workload.histories.oddities.slice(0, 5))
    const { people, actors, seats } = workload.histories
    const judged = [
      judge('person', person, people, folder, failures),
      judge('actor', actor, actors, folder, failures),
      judge('seat', seat, seats, folder, failures),
    ]
    for (const late of [...byKey(actors).values()].flatMap((each) => acceptedAfterRevocation(each)))
      failures.push(`a revoked key was accepted: ${shown(late)}`)
    const all = [...people, ...actors, ...seats]
    const results = (kind: string) =>
      actors.filter(({ outcome }) => outcome.kind === 'answered' && outcome.result.kind === kind).length
    return {
      answered: all.filter(({ outcome }) => outcome.kind === 'answered').length,
      unknown: all.filter(({ outcome }) => outcome.kind === 'unknown').length,
      histories: judged.reduce((sum, { histories }) => sum + histories, 0),
      undecided: judged.reduce((sum, { undecided }) => sum + undecided, 0),
      accepted: results('accepted') + results('denied'),
      refused: results('no such key'),
      over: seats.filter(({ outcome }) => outcome.kind === 'answered' && outcome.result.kind === 'over').length,
      deeds,
      failures,
    }
  } finally {
    workload?.close()
    await Promise.allSettled(nodes.map((node) => node.remove()))
    await pair?.remove()
    if (failures.length === 0) rmSync(folder, { recursive: true, force: true })
  }
}

/** Waits until a node that was harmed answers. */
async function ready(node: Node, admin: Env): Promise<void> {
  const until = performance.now() + 30_000
  for (;;) {
    const reply = await call(node.endpoint, admin, 'sts', 'GetCallerIdentity').catch(() => undefined)
    if (reply?.status === 200) return
    if (performance.now() > until)
      throw new Error(`${node.name} does not come back: ${reply?.text ?? 'no answer'}\n${node.output}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** What the worlds of the nodes and the store do not agree on. Opening the store also verifies every row of it. */
async function different(pair: Pair, nodes: readonly Node[], admin: Env): Promise<readonly string[]> {
  const store = await openStore(openPostgres(pair.primary.url('postgres')))
  try {
    const { entities } = await loadWhole(store)
    const expected = entities.flatMap((entity) => (entity.kind === 'user' ? [entity.name] : [])).sort()
    const found: string[] = []
    for (const node of nodes) {
      const names: string[] = []
      let Marker: string | undefined
      do {
        const more = Marker === undefined ? {} : { Marker }
        const { code, text, result } = await call(node.endpoint, admin, 'iam', 'ListUsers', more)
        if (code !== undefined) throw new Error(text)
        // The authority's JSON has lists and plain values where `Part` only knows members.
        const users = result.Users as unknown as readonly { readonly UserName: string }[]
        names.push(...users.map(({ UserName }) => UserName))
        Marker = result.Marker === undefined ? undefined : String(result.Marker)
      } while (Marker !== undefined)
      if (names.sort().join() !== expected.join())
        found.push(`${node.name} knows ${names.length} users, and the store holds ${expected.length} others`)
    }
    return found
  } finally {
    await store.close()
  }
}

function judge<S, C, R>(
  name: string,
  model: Model<S, C, R>,
  operations: readonly Operation<C, R>[],
  folder: string,
  failures: string[],
): { readonly histories: number; readonly undecided: number } {
  const histories = byKey(operations)
  let undecided = 0
  for (const [key, history] of histories) {
    const verdict = linearizable(model, history)
    if (verdict.kind === 'undecided') undecided++
    if (verdict.kind !== 'violated') continue
    const file = join(folder, `${key}.txt`)
    writeFileSync(
      file,
      [...history]
        .sort((a, b) => a.began - b.began)
        .map((each) => `${shown(each)}\n`)
        .join(''),
    )
    const beside = verdict.beside.map((each) => `    ${shown(each)}`)
    failures.push(
      [
        `the ${name} ${key}: nothing explains ${shown(verdict.at)}`,
        '  beside it:',
        ...beside,
        `  all of it: ${file}`,
      ].join('\n'),
    )
  }
  return { histories: histories.size, undecided }
}

function shown<C, R>({ began, ended, call: what, outcome, by }: Operation<C, R>): string {
  const times = `${began.toFixed(1)}–${ended.toFixed(1)}`
  const answer = outcome.kind === 'answered' ? JSON.stringify(outcome.result) : 'unknown'
  return `${times} ${by}: ${JSON.stringify(what)} -> ${answer}`
}
