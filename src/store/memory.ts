import type { Entity } from '../state/entity.ts'
import { type Head, origin, sameHead } from '../state/head.ts'
import type { Change } from '../state/view.ts'
import { frozen } from '../state/world.ts'
import { type Batch, type Delivery, HeadMoved, type Store } from './store.ts'

/** How many revisions back a store knows what was touched, unless it is told otherwise. */
export const revisionsKept = 100_000

/** The store without a disk: for tests, and for an authority that is to leave nothing behind. */
export class MemoryStore implements Store {
  readonly #revisionsKept: number
  readonly #entities = new Map<string, Entity>()
  /** What each commit touched, by its revision. */
  readonly #history = new Map<number, { readonly batch: string; readonly changes: readonly Change[] }>([
    [origin.revision, { batch: origin.batch, changes: [] }],
  ])
  readonly #outbox = new Map<string, Delivery>()
  #head = origin

  constructor(options: { readonly revisionsKept?: number } = {}) {
    this.#revisionsKept = options.revisionsKept ?? revisionsKept
  }

  async load(): Promise<{ readonly head: Head; readonly entities: readonly Entity[] }> {
    return { head: this.#head, entities: [...this.#entities.values()] }
  }

  async commit({ base, batch, changes, trail, delivered }: Batch): Promise<Head> {
    const raises = changes.length > 0 || trail.length > 0
    if (raises) {
      if (!sameHead(base, this.#head)) throw new HeadMoved(base)
      this.#head = { revision: base.revision + 1, batch }
      this.#history.set(this.#head.revision, { batch, changes })
      this.#history.delete(this.#head.revision - this.#revisionsKept - 1)
      for (const { kind, id, entity } of changes) {
        if (entity === undefined) this.#entities.delete(`${kind} ${id}`)
        else this.#entities.set(`${kind} ${id}`, frozen(entity))
      }
      if (trail.length > 0) this.#outbox.set(batch, { batch, rows: [...trail] })
    }
    for (const each of delivered) this.#outbox.delete(each)
    return raises ? this.#head : base
  }

  async head(): Promise<Head> {
    return this.#head
  }

  async changesSince(head: Head): Promise<{ readonly head: Head; readonly changes: readonly Change[] } | undefined> {
    if (this.#history.get(head.revision)?.batch !== head.batch) return undefined
    const last = new Map<string, Change>()
    for (let revision = head.revision + 1; revision <= this.#head.revision; revision++)
      for (const change of this.#history.get(revision)?.changes ?? []) last.set(`${change.kind} ${change.id}`, change)
    return { head: this.#head, changes: [...last.values()] }
  }

  async outbox(limit = 1000): Promise<readonly Delivery[]> {
    return [...this.#outbox.values()].slice(0, limit)
  }

  async close(): Promise<void> {}
}
