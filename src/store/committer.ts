import type { Random } from '../base/env.ts'
import { uuid } from '../base/id.ts'
import { Draft } from '../state/draft.ts'
import { sameHead } from '../state/head.ts'
import type { World } from '../state/world.ts'
import { level } from './follower.ts'
import { Gathering, type Turns } from './gathering.ts'
import { isOneLine } from './outbox.ts'
import { type Batch, HeadMoved, type Store, StoreDamaged, StoreUnavailable, type TrailRow } from './store.ts'

/**
 * What a write does, on a draft of its own. It runs in one tick, and again where another node wrote first, so nothing outside
 * the draft may come of it but its result. A throw drops the draft and rejects this write only.
 */
export type Work<T> = (draft: Draft) => { readonly result: T; readonly trail: readonly TrailRow[] } | Refused

/**
 * A write that is refused and leaves something behind, which `leave` writes: its draft is dropped all the same, and this is done on another, over
 * what the refused one was over. The refusal is told once it is durable; where that is not known, the trouble is told instead.
 */
export interface Refused {
  readonly refused: unknown
  readonly leave: (draft: Draft) => void
}

interface Waiting {
  readonly work: Work<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** How a write ended on its draft, told to its caller only once what it was run over is on disk. */
type Outcome = { readonly result: unknown } | { readonly error: unknown }

export interface CommitterOptions {
  /** For the ids of batches. */
  readonly random: Random
  /** Told of every commit with records once it is durable. Must not throw. */
  readonly onDurable?: (batch: string, rows: readonly TrailRow[]) => void
  /** Told of batches that left the outbox: nobody will deliver them again. Must not throw. */
  readonly onNoted?: (batches: readonly string[]) => void
  /** When to look at what has gathered: the machine's own turns, unless a simulation says otherwise. */
  readonly turns?: Partial<Turns>
  /** Writes in one transaction, at most: bounds how long the process looks nowhere else. */
  readonly batchMax?: number
  /** How long a write is run again where others write first, and the store is asked how a commit ended. Default ten seconds. */
  readonly patienceMilliseconds?: number
  /** Waits before the store is asked once more how a commit ended; the machine's timer, unless a simulation says otherwise. */
  readonly pause?: (milliseconds: number) => Promise<void>
}

/** For the caller no other than a refusal: to try again is right, and may find it done. */
const unknownEnd = 'the store does not say how a commit ended'
/** Between two questions to a store that does not answer, in milliseconds: at first, and at most. */
const pauseFirst = 10
const pauseMax = 500
/** Deliveries noted with one commit, at most. */
const deliveredMax = 1000

/**
 * The one way through which state changes. It takes everything that waits, runs each write on a draft over the last,
 * persists all in one transaction, applies it to the world in one tick, and only then replies: readers see what is durable,
 * and nothing else.
 */
export class Committer {
  readonly #world: World
  readonly #store: Store
  readonly #random: Random
  readonly #onDurable: (batch: string, rows: readonly TrailRow[]) => void
  readonly #onNoted: (batches: readonly string[]) => void
  readonly #gathering: Gathering
  readonly #batchMax: number
  readonly #patience: number
  readonly #pause: (milliseconds: number) => Promise<void>
  readonly #delivered = new Set<string>()
  #waiting: Waiting[] = []
  #underWay = false
  #closed = false
  /** A commit of which nobody knows how it ended. */
  #doubt: Batch | undefined
  #idlers: (() => void)[] = []

  constructor(world: World, store: Store, options: CommitterOptions) {
    this.#world = world
    this.#store = store
    this.#random = options.random
    this.#onDurable = options.onDurable ?? (() => undefined)
    this.#onNoted = options.onNoted ?? (() => undefined)
    this.#gathering = new Gathering(() => void this.#begin(), options.turns)
    this.#batchMax = options.batchMax ?? 1024
    this.#patience = options.patienceMilliseconds ?? 10_000
    this.#pause = options.pause ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)))
  }

  /** Resolves with the result once the changes and their records are on disk and in the world. */
  write<T>(work: Work<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('the committer is closed'))
    return new Promise<T>((resolve, reject) => {
      // Each one who waits is handed back what its own work answered, so `unknown` is `T` here.
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject })
      if (!this.#underWay) this.#gathering.waits(this.#waiting.length)
    })
  }

  /** Says that the records of these batches are in the audit log. It is noted with the next commit: to forget it costs nothing. */
  delivered(batches: readonly string[]): void {
    for (const batch of batches) this.#delivered.add(batch)
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    const busy = this.#underWay || this.#waiting.length > 0
    return busy ? new Promise((resolve) => this.#idlers.push(resolve)) : Promise.resolve()
  }

  /** Takes nothing more, and resolves when everything taken before has been answered. The store stays open: it is its owner's. */
  async close(): Promise<void> {
    this.#closed = true
    await this.idle()
    // What cannot be noted now is delivered once more after the next start, and passed over there.
    while (this.#delivered.size > 0) {
      const delivered = this.#someDelivered()
      try {
        await this.#store.commit({ base: this.#world.head, batch: '', changes: [], trail: [], delivered })
      } catch {
        return
      }
      this.#noted(delivered)
    }
  }

  /** Answers those who wait, all together. */
  async #begin(): Promise<void> {
    if (this.#waiting.length === 0 || this.#underWay) return
    this.#underWay = true
    const batch = this.#waiting.splice(0, this.#batchMax)
    try {
      const outcomes = await this.#settle(batch)
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index]
        if (outcome !== undefined && 'error' in outcome) reject(outcome.error)
        else resolve(outcome?.result)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    this.#underWay = false
    this.#gathering.answered(batch.length, this.#waiting.length)
    if (this.#waiting.length > 0) return
    for (const resolve of this.#idlers.splice(0)) resolve()
  }

  /** Runs a batch and makes it durable, again as long as others write first; throws where it is not known that it counts. */
  async #settle(waiting: readonly Waiting[]): Promise<readonly Outcome[]> {
    const until = performance.now() + this.#patience
    for (;;) {
      if (this.#doubt !== undefined) await this.#dispel(this.#doubt)
      const { outcomes, changes, trail } = this.#run(waiting)
      if (changes.length === 0 && trail.length === 0) return outcomes
      const { head: base } = this.#world
      const batch = { base, batch: uuid(this.#random), changes, trail, delivered: this.#someDelivered() }
      if (await this.#landed(batch, until)) return outcomes
      if (performance.now() >= until) throw new StoreUnavailable('others wrote first, again and again')
    }
  }

  #run(waiting: readonly Waiting[]) {
    const whole = new Draft(this.#world)
    const trail: TrailRow[] = []
    const outcomes = waiting.map(({ work }): Outcome => {
      const own = new Draft(whole)
      try {
        const done = work(own)
        if ('refused' in done) {
          const rest = new Draft(whole)
          done.leave(rest)
          rest.mergeInto(whole)
          return { error: done.refused }
        }
        if (!done.trail.every(isOneLine)) throw new Error('an audit record is one line without tabs')
        own.mergeInto(whole)
        for (const row of done.trail) trail.push(row)
        return { result: done.result }
      } catch (error) {
        return { error }
      }
    })
    return { outcomes, changes: whole.changes(), trail }
  }

  #someDelivered(): readonly string[] {
    if (this.#delivered.size === 0) return []
    return [...this.#delivered].slice(0, deliveredMax)
  }

  /**
   * Makes a batch durable. False where others wrote first, and the world has been brought level. A commit of which nobody knows how
   * it ended is asked about, and tried again as it is: it cannot be taken twice, because it raises one certain head.
   */
  async #landed(batch: Batch, until: number): Promise<boolean> {
    const failure = await this.#commit(batch)
    if (failure === undefined) return true
    if (failure instanceof HeadMoved) {
      await level(this.#world, this.#store)
      return false
    }
    if (failure instanceof StoreUnavailable || failure instanceof StoreDamaged) throw failure
    this.#doubt = batch
    for (let pause = pauseFirst; ; pause = Math.min(2 * pause, pauseMax)) {
      const landed = await this.#settled(batch)
      if (landed !== undefined) return landed
      if (performance.now() + pause >= until) throw new StoreUnavailable(unknownEnd, { cause: failure })
      await this.#pause(pause)
    }
  }

  /** Why it is not known to have become durable; `undefined` where it has, and is in the world. */
  async #commit(batch: Batch): Promise<unknown> {
    try {
      await this.#store.commit(batch)
    } catch (error) {
      return error
    }
    try {
      await this.#take(batch)
      return undefined
    } catch (error) {
      return new Error('a commit is durable, but the world could not be brought there', { cause: error })
    }
  }

  /** How a doubtful batch ended, tried again where it has not; `undefined` where that is still not known. */
  async #settled(doubt: Batch): Promise<boolean | undefined> {
    try {
      if (!(await this.#isThere(doubt))) {
        const failure = await this.#commit(doubt)
        if (failure === undefined) return true
        if (!(failure instanceof HeadMoved)) return undefined
        // Either it has come through after all, or another stands where it would: then it never will.
      }
      return await this.#dispel(doubt)
    } catch {
      return undefined
    }
  }

  /**
   * INVARIANT: the world is never ahead of the disk nor beside it. Where it is not known how a commit ended, the next write waits
   * until the store has said what is there.
   */
  async #dispel(doubt: Batch): Promise<boolean> {
    const there = await this.#isThere(doubt)
    if (there) await this.#take(doubt)
    else await level(this.#world, this.#store)
    this.#doubt = undefined
    return there
  }

  async #isThere({ base, batch }: Batch): Promise<boolean> {
    return (await this.#store.changesSince({ revision: base.revision + 1, batch })) !== undefined
  }

  /** What has become durable becomes what is read. */
  async #take({ base, batch, changes, trail, delivered }: Batch): Promise<void> {
    const head = { revision: base.revision + 1, batch }
    if (sameHead(this.#world.head, base)) this.#world.apply(changes, head)
    // The follower was here before us, and may have gone further, or over to another history.
    else if (!sameHead(this.#world.head, head)) await level(this.#world, this.#store)
    this.#doubt = undefined
    this.#noted(delivered)
    if (trail.length > 0) this.#onDurable(batch, trail)
  }

  #noted(delivered: readonly string[]): void {
    for (const batch of delivered) this.#delivered.delete(batch)
    if (delivered.length > 0) this.#onNoted(delivered)
  }
}
