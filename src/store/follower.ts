import { sameHead } from '../state/head.ts'
import type { World } from '../state/world.ts'
import { type Store, StoreDamaged, StoreUnavailable } from './store.ts'

/**
 * Brings a world to where the store is, or further where it gets there by itself meanwhile. Any number of these may be under way
 * at once, and commits beside them: what a store says of a head holds for every later world of the same history, because it says
 * how things ended and not what was done to them.
 */
export async function level(world: World, store: Store): Promise<void> {
  for (;;) {
    const { head: from, generation } = world
    const since = await store.changesSince(from)
    if (since !== undefined) {
      if (world.generation !== generation) continue
      if (since.head.revision > world.revision) world.apply(since.changes, since.head)
      return
    }
    const { head, entities } = await store.load()
    if (world.head !== from) continue
    world.replace(entities, head)
    return
  }
}

/** Keeps a world as new as a store to which others write too. */
export class Follower {
  readonly #world: World
  readonly #store: Store
  readonly #stop: (() => void) | undefined
  readonly #defer: (run: () => void) => void
  #reading: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(world: World, store: Store, defer: (run: () => void) => void = (run) => setImmediate(run)) {
    this.#world = world
    this.#store = store
    this.#defer = defer
    // Who asks later finds most of it done. Where it fails, the one who asks is told.
    this.#stop = store.onHint?.(() => void this.fresh().catch(() => undefined))
  }

  /**
   * Resolves once the world is at least as new as the store was at the call. One reading of the head serves everybody who came
   * before it began, and it begins once the present tick's input has come in: so those who come together are served together.
   * Rejects with `StoreUnavailable` where the store cannot be asked.
   */
  fresh(): Promise<void> {
    // A reading that is under way may have begun before what this caller must see was written.
    this.#next ??= this.#begin(this.#reading)
    return this.#next
  }

  close(): void {
    this.#stop?.()
  }

  async #begin(before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => undefined)
    await new Promise<void>((resolve) => this.#defer(resolve))
    this.#next = undefined
    this.#reading = this.#look()
    await this.#reading
  }

  async #look(): Promise<void> {
    try {
      const head = await this.#store.head()
      if (!sameHead(head, this.#world.head)) await level(this.#world, this.#store)
    } catch (error) {
      if (error instanceof StoreUnavailable || error instanceof StoreDamaged) throw error
      throw new StoreUnavailable('the store does not say where it is', { cause: error })
    }
  }
}
