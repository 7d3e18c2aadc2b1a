import type { AuditLog } from './log.ts'

/** A log that remembers which batches were delivered until it is told that nobody will deliver them again. */
export interface MarkedLog extends AuditLog {
  /** Batches that were delivered and of which a mark is still kept. */
  marks(): Promise<readonly string[]>
  forget(batches: readonly string[]): void
}
