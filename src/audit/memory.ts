import type { DecisionRow, Delivery, TrailEntry, TrailPage, TrailRow } from '../store/store.ts'
import { hasAttribute } from './attribute.ts'
import { type LookupPage, newestFirst, type Question, within } from './lookup.ts'
import type { MarkedLog } from './outbox.ts'

/** The audit log without a disk: for tests, and for an authority that is to leave nothing behind. */
export class MemoryAudit implements MarkedLog {
  readonly #entries: TrailEntry[] = []
  readonly #delivered = new Set<string>()

  async append(rows: readonly TrailRow[]): Promise<void> {
    for (const row of rows) this.#entries.push({ ...row, sequence: this.#entries.length + 1 })
  }

  async deliver(deliveries: readonly Delivery[]): Promise<void> {
    for (const { batch, rows } of deliveries) {
      if (this.#delivered.has(batch)) continue
      this.#delivered.add(batch)
      await this.append(rows)
    }
  }

  async decision(requestId: string, account: string): Promise<DecisionRow | undefined> {
    return this.#newest((entry) => entry.account === account && entry.requestId === requestId)
  }

  async lastDecision(account: string): Promise<DecisionRow | undefined> {
    return this.#newest((entry) => entry.account === account)
  }

  async trail(account: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<TrailPage> {
    const mine = this.#entries.filter((entry) => entry.account === account && entry.sequence < before).reverse()
    const entries = mine.slice(0, limit)
    return { entries, next: mine.length > limit ? entries.at(-1)?.sequence : undefined }
  }

  async lookup(question: Question): Promise<LookupPage> {
    const { account, attribute, limit } = question
    const found = this.#entries
      .filter((entry) => entry.account === account && within(question, entry))
      .filter((entry) => attribute === undefined || hasAttribute(entry, attribute))
      .sort(newestFirst)
    const entries = found.slice(0, limit)
    const last = entries.at(-1)
    return { entries, next: found.length > limit && last ? { at: last.at, sequence: last.sequence } : undefined }
  }

  healthy(): boolean {
    return true
  }

  async marks(): Promise<readonly string[]> {
    return [...this.#delivered]
  }

  forget(batches: readonly string[]): void {
    for (const batch of batches) this.#delivered.delete(batch)
  }

  async close(): Promise<void> {}

  #newest(matches: (entry: TrailEntry) => boolean): DecisionRow | undefined {
    for (let at = this.#entries.length - 1; at >= 0; at--) {
      const entry = this.#entries[at]
      if (entry?.decision === undefined || !matches(entry)) continue
      const { requestId, account, event, decision } = entry
      return { requestId, at: entry.at, account, event, decision }
    }
    return undefined
  }
}
