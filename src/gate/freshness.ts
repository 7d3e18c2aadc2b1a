import type { Schedule } from '../base/env.ts'
import { StoreUnavailable } from '../store/store.ts'

/** What a request is answered from. */
export interface Sight {
  /** How long the store has not been seen: 0 where it was asked for this request. */
  readonly staleMilliseconds: number
}

/** How new the state is that a request is answered from. */
export interface Freshness {
  /**
   * Resolves once the state holds everything that was acknowledged before the call; `undefined` where it does already. Rejects
   * with `StoreUnavailable` where that cannot be known, and going on without knowing was not asked for.
   */
  readonly look: () => Promise<Sight> | undefined
  /** Milliseconds since the store's head was last seen. */
  readonly unseenMilliseconds: () => number
  readonly close: () => void
}

/** What brings the state level with the store: resolves when it holds everything acknowledged before the call. */
export interface Follower {
  readonly fresh: () => Promise<void>
}

/** Milliseconds of a clock that only goes forward, whatever is done to the calendar. */
export type Monotonic = () => number

/** For one who alone writes to the store: what is durable is in the world, always. */
export const alone: Freshness = { look: () => undefined, unseenMilliseconds: () => 0, close: () => undefined }

const now: Sight = { staleMilliseconds: 0 }

/** *Strong*: who cannot ask the store does not answer. */
export function strong(follower: Follower, monotonic: Monotonic): Freshness {
  let seen = monotonic()
  return {
    async look() {
      const asked = monotonic()
      await follower.fresh()
      seen = asked
      return now
    },
    unseenMilliseconds: () => monotonic() - seen,
    close: () => undefined,
  }
}

/** How long a request waits for a store that was there a moment ago. */
const patienceMilliseconds = 1000
/** How often a store that is away is looked for. */
const probeMilliseconds = 500
/** How often one that nobody asks anything looks by itself, so that it is as new as can be when the store goes away. */
const beatMilliseconds = 1000

/**
 * *Available*: while the store cannot be reached, answers go on from what was last seen, for so long. Writes are refused all the
 * same, since nothing can be committed. One request finds out that the store is away, those that follow do not wait to.
 */
export class Available implements Freshness {
  readonly #follower: Follower
  readonly #staleMilliseconds: number
  readonly #monotonic: Monotonic
  readonly #schedule: Schedule
  /** When the newest question that was answered was asked. */
  #seen: number
  #away = false
  #closed = false
  #callOff: () => void = () => undefined

  constructor(follower: Follower, staleMilliseconds: number, monotonic: Monotonic, schedule: Schedule) {
    this.#follower = follower
    this.#staleMilliseconds = staleMilliseconds
    this.#monotonic = monotonic
    this.#schedule = schedule
    this.#seen = monotonic()
    this.#beat()
  }

  async look(): Promise<Sight> {
    if (!this.#away && (await this.#asked())) return now
    this.#leave()
    const staleMilliseconds = this.unseenMilliseconds()
    if (staleMilliseconds <= this.#staleMilliseconds) return { staleMilliseconds: Math.max(1, staleMilliseconds) }
    throw new StoreUnavailable('the store has been out of reach for longer than answers may be stale')
  }

  unseenMilliseconds(): number {
    return this.#monotonic() - this.#seen
  }

  /** True where the store answered in time. */
  #asked(): Promise<boolean> {
    const asked = this.#monotonic()
    return new Promise((resolve) => {
      const callOff = this.#schedule(patienceMilliseconds, () => resolve(false))
      this.#follower.fresh().then(
        () => {
          callOff()
          this.#seen = Math.max(this.#seen, asked)
          resolve(true)
        },
        () => {
          callOff()
          resolve(false)
        },
      )
    })
  }

  close(): void {
    this.#closed = true
    this.#callOff()
  }

  #beat(): void {
    this.#later(beatMilliseconds, () => {
      if (this.unseenMilliseconds() < beatMilliseconds) this.#beat()
      else void this.#asked().then((there) => (there ? this.#beat() : this.#leave()))
    })
  }

  #leave(): void {
    if (this.#away) return
    this.#away = true
    const probe = () => {
      void this.#asked().then((there) => {
        if (!there) return this.#later(probeMilliseconds, probe)
        this.#away = false
        this.#beat()
      })
    }
    this.#later(probeMilliseconds, probe)
  }

  /** In place of what was to come: there is one thing to wait for at a time. */
  #later(milliseconds: number, run: () => void): void {
    this.#callOff()
    if (!this.#closed) this.#callOff = this.#schedule(milliseconds, run)
  }
}
