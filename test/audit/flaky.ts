import type { Question } from '../../src/audit/lookup.ts'
import type { MarkedLog } from '../../src/audit/outbox.ts'
import type { SqlAudit } from '../../src/audit/trail.ts'
import { type Delivery, StoreUnavailable } from '../../src/store/store.ts'

/** A log that can be taken away, before it wrote or before it answered. */
export class Flaky implements MarkedLog {
  readonly #log: SqlAudit
  down: 'no' | 'before' | 'after' = 'no'
  deliveries = 0
  /** Told once a delivery has come about. */
  delivered: () => void = () => undefined

  constructor(log: SqlAudit) {
    this.#log = log
  }

  async append(): Promise<void> {
    throw new Error('whoever may be refused delivers')
  }

  async deliver(deliveries: readonly Delivery[]): Promise<void> {
    this.deliveries++
    if (this.down === 'before') throw new StoreUnavailable('away')
    await this.#log.deliver(deliveries)
    if (this.down === 'after') throw new StoreUnavailable('away')
    this.delivered()
  }

  healthy = () => this.#log.healthy()
  marks = () => this.#log.marks()
  forget = (batches: readonly string[]) => this.#log.forget(batches)
  decision = (requestId: string, account: string) => this.#log.decision(requestId, account)
  lastDecision = (account: string) => this.#log.lastDecision(account)
  trail = (account: string, limit: number, before?: number) => this.#log.trail(account, limit, before)
  lookup = (question: Question) => this.#log.lookup(question)
  close = () => this.#log.close()
}
