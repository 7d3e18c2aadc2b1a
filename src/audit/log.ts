import type { DecisionRow, Delivery, TrailPage, TrailRow } from '../store/store.ts'
import type { LookupPage, Question } from './lookup.ts'

/**
 * Where records are kept: each account's trail, and the explanations of refusals. Whoever implements it numbers and chains what
 * it is given, in the order in which it is given.
 */
export interface AuditLog {
  /** Resolves when the rows are durable. Rejects with `StoreUnavailable` where they are not, and will not be by themselves. */
  append(rows: readonly TrailRow[]): Promise<void>

  /** The same for what stands in the store's outbox: a batch that was delivered before is passed over. */
  deliver(deliveries: readonly Delivery[]): Promise<void>

  /** Whether the last records became durable. Turns true again by itself. */
  healthy(): boolean

  /** The refusal of that request in that account's trail: nobody is told of another account's. */
  decision(requestId: string, account: string): Promise<DecisionRow | undefined>

  /** The newest refusal of an account. */
  lastDecision(account: string): Promise<DecisionRow | undefined>

  /** An account's trail, newest first, `limit` at a time, those with a sequence below `before`. */
  trail(account: string, limit: number, before?: number): Promise<TrailPage>

  /** Records that have what the question asks for, newest first. Rejects with `StoreUnavailable` where that cannot be told now. */
  lookup(question: Question): Promise<LookupPage>

  close(): Promise<void>
}
