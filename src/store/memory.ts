import type { Entity } from '../state/entity.ts'
import type { Change } from '../state/view.ts'
import { frozen } from '../state/world.ts'
import { type Batch, type DecisionRow, HeadMoved, type Store, type TrailEntry, type TrailPage } from './store.ts'

/** The store without a disk: for tests, and for an authority that is to leave nothing behind. */
export class MemoryStore implements Store {
  #revision = 0
  readonly #entities = new Map<string, Entity>()
  readonly #touched: { readonly revision: number; readonly change: Change }[] = []
  readonly #trail: TrailEntry[] = []

  async load(): Promise<{ readonly revision: number; readonly entities: Iterable<Entity> }> {
    return { revision: this.#revision, entities: [...this.#entities.values()] }
  }

  async commit({ base, changes, trail }: Batch): Promise<number> {
    if (changes.length > 0) {
      if (base !== this.#revision) throw new HeadMoved(base)
      this.#revision++
      for (const change of changes) {
        const { kind, id, entity } = change
        if (entity === undefined) this.#entities.delete(`${kind} ${id}`)
        else this.#entities.set(`${kind} ${id}`, frozen(entity))
        this.#touched.push({ revision: this.#revision, change })
      }
    }
    for (const row of trail) this.#trail.push({ ...row, sequence: this.#trail.length + 1 })
    return changes.length > 0 ? this.#revision : base
  }

  async head(): Promise<number> {
    return this.#revision
  }

  async changesSince(revision: number): Promise<{ readonly revision: number; readonly changes: readonly Change[] }> {
    const last = new Map<string, Change>()
    for (const { revision: at, change } of this.#touched)
      if (at > revision) last.set(`${change.kind} ${change.id}`, change)
    return { revision: this.#revision, changes: [...last.values()] }
  }

  async decision(requestId: string, account: string): Promise<DecisionRow | undefined> {
    return this.#newest((entry) => entry.account === account && entry.requestId === requestId)
  }

  async lastDecision(account: string): Promise<DecisionRow | undefined> {
    return this.#newest((entry) => entry.account === account)
  }

  async trail(account: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<TrailPage> {
    const mine = this.#trail.filter((entry) => entry.account === account && entry.sequence < before).reverse()
    const entries = mine.slice(0, limit)
    return { entries, next: mine.length > limit ? entries.at(-1)?.sequence : undefined }
  }

  async close(): Promise<void> {}

  #newest(matches: (entry: TrailEntry) => boolean): DecisionRow | undefined {
    for (let at = this.#trail.length - 1; at >= 0; at--) {
      const entry = this.#trail[at]
      if (entry?.decision === undefined || !matches(entry)) continue
      const { requestId, account, event, decision } = entry
      return { requestId, at: entry.at, account, event, decision }
    }
    return undefined
  }
}
