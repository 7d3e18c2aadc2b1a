import { Draft } from '../state/draft.ts'
import type { Change } from '../state/view.ts'
import type { World } from '../state/world.ts'
import { HeadMoved, type Store, StoreUnavailable, type TrailRow } from './store.ts'

/**
 * What a write does, on a draft of its own. It runs in one tick, and again where another node wrote first, so nothing outside
 * the draft may come of it but its result. A throw drops the draft and rejects this write only.
 */
export type Work<T> = (draft: Draft) => { readonly result: T; readonly trail: readonly TrailRow[] }

/** One who waits: for a write, or (without work) for rows of the trail to be on disk. */
interface Waiting {
  readonly work: Work<unknown> | undefined
  readonly rows: readonly TrailRow[]
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** How a write ended on its draft, told to its caller only once what it was run over is on disk. */
type Outcome = { readonly result: unknown } | { readonly error: unknown }

export interface CommitterOptions {
  /** When to look at what has gathered: after the present tick's input and output, unless a simulation says otherwise. */
  readonly defer?: (flush: () => void) => void
  /** Items in one transaction, at most: bounds how long the process looks nowhere else. */
  readonly batchMax?: number
}

/** How often a batch is run again because another node wrote first. */
const attemptsMax = 16

/**
 * The one loop through which state changes. It takes everything that waits, runs each write on a draft over the last,
 * persists all in one transaction, applies it to the world in one tick, and only then replies: readers see what is durable,
 * and nothing else.
 */
export class Committer {
  readonly #world: World
  readonly #store: Store
  readonly #defer: (flush: () => void) => void
  readonly #batchMax: number
  #waiting: Waiting[] = []
  #running = false
  #closed = false
  /** True after a commit of which nobody knows how it ended, until the world has been brought level with the store. */
  #unsure = false
  #idlers: (() => void)[] = []

  constructor(world: World, store: Store, options: CommitterOptions = {}) {
    this.#world = world
    this.#store = store
    this.#defer = options.defer ?? ((flush) => setImmediate(flush))
    this.#batchMax = options.batchMax ?? 1024
  }

  /** Resolves with the result once the changes and their records are on disk and in the world. */
  write<T>(work: Work<T>): Promise<T> {
    // The loop hands back to each one who waits what its own work answered, so `unknown` is `T` here.
    return this.#enqueue(work, []) as Promise<T>
  }

  /** Resolves once the rows are on disk. */
  async append(rows: readonly TrailRow[]): Promise<void> {
    await this.#enqueue(undefined, rows)
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    return this.#running ? new Promise((resolve) => this.#idlers.push(resolve)) : Promise.resolve()
  }

  /** Takes nothing more, and resolves when everything taken before has been answered. The store stays open: it is its owner's. */
  close(): Promise<void> {
    this.#closed = true
    return this.idle()
  }

  #enqueue(work: Work<unknown> | undefined, rows: readonly TrailRow[]): Promise<unknown> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('the committer is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, rows, resolve, reject })
      if (this.#running) return
      this.#running = true
      this.#defer(() => void this.#loop())
    })
  }

  async #loop(): Promise<void> {
    while (this.#waiting.length > 0) {
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
      // Those just answered, and sockets that became readable meanwhile, join the next batch rather than wait for the one after.
      if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#defer(resolve))
    }
    this.#running = false
    const idlers = this.#idlers
    this.#idlers = []
    for (const resolve of idlers) resolve()
  }

  /** Runs a batch and makes it durable; throws where nothing of it counts. */
  async #settle(batch: readonly Waiting[]): Promise<readonly Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      if (this.#unsure) await this.#catchUp()
      const { outcomes, changes, trail } = this.#run(batch)
      if (changes.length === 0 && trail.length === 0) return outcomes
      try {
        const revision = await this.#store.commit({ base: this.#world.revision, changes, trail })
        if (changes.length > 0) this.#world.apply(changes, revision)
        return outcomes
      } catch (error) {
        if (error instanceof HeadMoved && attempt < attemptsMax) await this.#catchUp()
        else {
          // INVARIANT: the world is never ahead of the disk nor beside it. Where it is not known how a commit ended, the next
          // write waits until the store has said what is there.
          this.#unsure = !(error instanceof HeadMoved || error instanceof StoreUnavailable)
          if (this.#unsure) await this.#catchUp().catch(() => undefined)
          throw error
        }
      }
    }
  }

  #run(batch: readonly Waiting[]): { outcomes: Outcome[]; changes: readonly Change[]; trail: TrailRow[] } {
    const whole = new Draft(this.#world)
    const trail: TrailRow[] = []
    const outcomes = batch.map(({ work, rows }): Outcome => {
      if (work === undefined) {
        for (const row of rows) trail.push(row)
        return { result: undefined }
      }
      const own = new Draft(whole)
      try {
        const done = work(own)
        own.mergeInto(whole)
        for (const row of done.trail) trail.push(row)
        return { result: done.result }
      } catch (error) {
        return { error }
      }
    })
    return { outcomes, changes: whole.changes(), trail }
  }

  /** Brings the world level with the store. */
  async #catchUp(): Promise<void> {
    const { revision, changes } = await this.#store.changesSince(this.#world.revision)
    if (revision > this.#world.revision) this.#world.apply(changes, revision)
    this.#unsure = false
  }
}
