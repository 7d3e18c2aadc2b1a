import type { Statements } from '../store/engine.ts'
import { numberOf, textOf } from '../store/row.ts'
import type { TrailEntry } from '../store/store.ts'
import { inflated } from './block.ts'
import { sha256 } from './chain.ts'
import { type Digest, digestOf, signedText } from './digest.ts'
import { type DigestRow, digestsOf } from './evidence.ts'
import type { Feed } from './feed.ts'
import type { Verifier } from './key.ts'
import { entryOf } from './line.ts'
import { sql } from './sql.ts'

type Reading = Pick<Statements, 'all'>

/** How far a chain was read. */
export interface Reach {
  readonly segment: number
  /** Sequence of its last record, and the signature of its digest. */
  readonly last: number
  readonly signature: string
  /** When it counts as delivered. */
  readonly delivered: number
}

const unread: Reach = { segment: 0, last: 0, signature: '', delivered: 0 }

/** A sealed segment on its way out. */
export interface Parcel extends Reach {
  readonly node: string
  readonly blocks: Digest['blocks']
}

/** How far to read: chains to the segment named here, and of these what was delivered before `until`. */
export interface Bounds {
  readonly until: number
  readonly ends: Readonly<Record<string, number>>
}

/** Where all chains are sealed to, and how many records there are behind that. */
export async function sealedNow(reading: Reading): Promise<{ readonly ends: Record<string, number>; records: number }> {
  const ends: Record<string, number> = {}
  for (const row of await reading.all(sql.sealedTo))
    if (row.segment !== null) ends[textOf(row, 'node')] = numberOf(row, 'segment')
  const heads = await reading.all(sql.heads)
  return { ends, records: heads.reduce((sum, row) => sum + numberOf(row, 'sequence'), 0) }
}

interface Chain {
  readonly feed: Feed<DigestRow>
  reach: Reach
  next?: Parcel | undefined
}

/**
 * The sealed segments of all chains in the order of their delivery: when they were sealed, as their signed digests say, and never
 * before the one in front. Whatever is handed out was held against digest, signature and the digest before. A chain ends where it
 * was altered, and the others go on: nobody shuts the way out for all records by touching one.
 */
export class Deliveries {
  readonly #reading: Reading
  readonly #verifier: Verifier
  readonly #bounds: Bounds
  readonly #chains = new Map<string, Chain>()
  readonly #altered = new Map<string, string>()

  private constructor(reading: Reading, verifier: Verifier, bounds: Bounds) {
    this.#reading = reading
    this.#verifier = verifier
    this.#bounds = bounds
  }

  /** Goes on behind what was read before. What was sealed late is delivered then, not in a past that was already told. */
  static async open(
    reading: Reading,
    verifier: Verifier,
    bounds: Bounds,
    before: { readonly chains: Readonly<Record<string, Reach>>; readonly until: number },
  ): Promise<Deliveries> {
    const made = new Deliveries(reading, verifier, bounds)
    for (const node of Object.keys(bounds.ends)) {
      const reach = before.chains[node] ?? unread
      made.#chains.set(node, {
        reach: { ...reach, delivered: Math.max(reach.delivered, before.until) },
        feed: digestsOf(reading, node, reach.segment),
      })
    }
    for (const [node, { segment, signature }] of Object.entries(before.chains)) {
      if (segment === 0) continue
      const [row] = await reading.all(sql.digest, [node, segment])
      if (row === undefined || textOf(row, 'signature') !== signature)
        made.#end(node, `segment ${segment} is not the one that was exported`)
    }
    return made
  }

  /** What is wrong with chains that ended before their end, a line each. */
  get altered(): readonly string[] {
    return [...this.#altered].sort(([a], [b]) => (a < b ? -1 : 1)).map(([node, what]) => `chain ${node}: ${what}`)
  }

  /** The next segment, which stays the next until it is taken. */
  async peek(): Promise<Parcel | undefined> {
    let first: Parcel | undefined
    for (const [node, chain] of this.#chains) {
      chain.next ??= await this.#read(node, chain)
      const { next } = chain
      if (next === undefined) this.#chains.delete(node)
      else if (first === undefined || comesBefore(next, first)) first = next
    }
    return first
  }

  /** Takes the next segment without its records. */
  pass(parcel: Parcel): void {
    const chain = this.#chains.get(parcel.node)
    if (chain === undefined) return
    chain.reach = parcel
    chain.next = undefined
  }

  /** Takes the next segment: its records, a block at a time, in their order. `undefined` where its chain ends in front of it. */
  async take(parcel: Parcel): Promise<Iterable<readonly TrailEntry[]> | undefined> {
    const bodies: string[] = []
    for (const { high, content } of parcel.blocks) {
      const [row] = await this.#reading.all(sql.block, [high])
      const body = row === undefined ? '' : textOf(row, 'body')
      // Before any of its records is handed out.
      if (sha256(body) !== content) return this.#end(parcel.node, `a block of segment ${parcel.segment} was altered`)
      bodies.push(body)
    }
    this.pass(parcel)
    return entriesIn(bodies)
  }

  #end(node: string, what: string): undefined {
    this.#chains.delete(node)
    this.#altered.set(node, what)
  }

  async #read(node: string, { reach, feed }: Chain): Promise<Parcel | undefined> {
    const end = this.#bounds.ends[node] ?? 0
    if (reach.segment >= end) return undefined
    const row = await feed.take()
    const segment = reach.segment + 1
    const digest = row === undefined ? undefined : digestOf(row.body)
    const sound =
      row?.segment === segment &&
      digest?.node === node &&
      digest.segment === segment &&
      digest.first === reach.last + 1 &&
      digest.previousSignature === reach.signature &&
      this.#verifier.verifies(digest.key, signedText(row.body), row.signature)
    if (!sound) return this.#end(node, `the digest of segment ${segment} was altered`)
    const delivered = Math.max(digest.sealed, reach.delivered)
    if (delivered >= this.#bounds.until) return undefined
    const { blocks, last } = digest
    return { node, segment, last, signature: row.signature, delivered, blocks }
  }
}

function* entriesIn(bodies: readonly string[]): Iterable<readonly TrailEntry[]> {
  for (const body of bodies) yield inflated(body).toString().split('\n').map(entryOf)
}

const comesBefore = (a: Parcel, b: Parcel): boolean =>
  a.delivered < b.delivered || (a.delivered === b.delivered && a.node < b.node)
