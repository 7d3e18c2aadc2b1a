import { MemoryAudit } from '../../src/audit/memory.ts'
import { strong } from '../../src/gate/freshness.ts'
import { type Authority, openAuthority } from '../../src/host/authority.ts'
import type { KeptKeys } from '../../src/host/credentials.ts'
import { machineKeyMaker } from '../../src/host/key-maker.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { sign } from '../../src/wire/sigv4.ts'
import { type Keys, type Service, versions } from '../clients/call.ts'
import { keysFrom } from '../token/keys.ts'

const hour = 3_600_000

export interface Nodes {
  readonly clock: { now: number }
  /** The first account's administrator. */
  readonly administrator: Keys
  readonly ask: (
    node: number,
    service: Service,
    action: string,
    parameters?: Readonly<Record<string, string>>,
    keys?: Keys,
  ) => Promise<{ readonly status: number; readonly text: string; readonly field: (name: string) => string }>
  /** What a node publishes, as anybody gets it. */
  readonly get: (node: number, path: string) => Promise<{ readonly status: number; readonly text: string }>
  /** An hour passes, and timers go off at all nodes at once. Resolves when what they began is over. */
  readonly tick: () => Promise<void>
  /** Opens one more, which knows what the store knows: as one that was started anew. */
  readonly join: (skew?: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Nodes over one store. The clock of each is off by so many milliseconds; clients sign by the clock of the node that they ask. */
export function openNodes(...skews: readonly number[]): Promise<Nodes> {
  const store = new MemoryStore()
  return openNodesOn(async () => store, ...skews)
}

/** The same, each over a store that it opens for itself. */
export async function openNodesOn(open: () => Promise<Store>, ...wanted: readonly number[]): Promise<Nodes> {
  const clock = { now: Date.UTC(2026, 10, 22, 12) }
  const founded: KeptKeys[] = []
  const sealing = keysFrom()
  const maker = machineKeyMaker()
  const making = new Set<Promise<unknown>>()
  const kept = <T>(made: Promise<T>): Promise<T> => {
    making.add(made)
    void made.finally(() => making.delete(made))
    return made
  }
  let timers: (() => void)[] = []
  const node = async (skew: number) =>
    openAuthority(
      {
        store: await open(),
        openLog: async () => new MemoryAudit(),
        founding: { propose: (keys) => void founded.push(keys), settle: () => undefined },
        freshness: (follower) => strong(follower, () => clock.now),
      },
      {
        clock: { now: () => clock.now + skew },
        random: machineRandom(),
        keys: sealing,
        keyMaker: { make: (algorithm) => kept(maker.make(algorithm)) },
        origin: () => 'https://rolecall.test',
        schedule: (milliseconds, run) => {
          if (milliseconds >= hour) timers.push(run)
          return () => undefined
        },
        alarm: () => undefined,
      },
    )
  const nodes: Authority[] = []
  const skews: number[] = []
  const join = async (skew = 0) => {
    nodes.push(await node(skew))
    skews.push(skew)
  }
  for (const skew of wanted) await join(skew)
  const [administrator] = founded
  if (administrator === undefined) throw new Error('nothing was founded')

  return {
    clock,
    administrator,
    join,
    async close() {
      for (const each of nodes) await each.close()
    },
    async get(at, path) {
      const headers = [['host', 'rolecall.test']] as const
      const bare = {
        method: 'GET',
        path,
        query: '',
        headers,
        body: Buffer.alloc(0),
        sourceIp: '127.0.0.1',
        secure: false,
      }
      const response = await nodes[at]?.answer(bare)
      return { status: response?.status ?? 0, text: String(response?.body) }
    },
    async tick() {
      clock.now += hour
      const due = timers
      timers = []
      for (const timer of due) timer()
      do {
        await Promise.all(making)
        for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
      } while (making.size > 0)
    },
    async ask(at, service, action, parameters = {}, keys = administrator) {
      const body = Buffer.from(
        new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString(),
      )
      const headers = [
        ['host', 'rolecall.test'],
        ['content-type', 'application/x-www-form-urlencoded'],
      ] as const
      const bare = { method: 'POST', path: '/', query: '', headers, body, sourceIp: '127.0.0.1', secure: false }
      const scope = { region: 'us-east-1', service, now: clock.now + (skews[at] ?? 0) }
      const response = await nodes[at]?.answer({ ...bare, headers: sign(bare, { ...keys }, scope) })
      const text = String(response?.body)
      const field = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1] ?? ''
      return { status: response?.status ?? 0, text, field }
    },
  }
}
