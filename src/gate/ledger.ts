import type { AuditLog } from '../audit/log.ts'
import type { TrailRow } from '../store/store.ts'

/** How long the record of a read may wait for others to be written with it. */
const patienceMilliseconds = 500
const rowsAtOnce = 512
/** More than these wait only where the disk takes nothing; the oldest give way, and it is said. */
const rowsMax = 50_000

/** Runs something later; hands back how to call it off. Given by the host, so that a test can turn the clock by hand. */
export type Schedule = (milliseconds: number, run: () => void) => () => void

/**
 * The trail of what changed nothing. Records that must be durable before the reply go straight to the audit log; those of
 * reads gather here and are written together, at most half a second later. Records of writes become durable with their change.
 */
export class Ledger {
  readonly #log: AuditLog
  readonly #schedule: Schedule
  readonly #alarm: (what: string, error?: unknown) => void
  #waiting: TrailRow[] = []
  #cancel: (() => void) | undefined

  constructor(log: AuditLog, schedule: Schedule, alarm: (what: string, error?: unknown) => void) {
    this.#log = log
    this.#schedule = schedule
    this.#alarm = alarm
  }

  /** Resolves when the rows are on disk. */
  now(rows: readonly TrailRow[]): Promise<void> {
    return this.#log.append(rows)
  }

  soon(rows: readonly TrailRow[]): void {
    this.#waiting.push(...rows)
    if (this.#waiting.length >= rowsAtOnce) void this.flush()
    else this.#cancel ??= this.#schedule(patienceMilliseconds, () => void this.flush())
  }

  /** Writes what waits. Where the disk refuses, the rows wait on. */
  async flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#waiting.length === 0) return
    const rows = this.#waiting
    this.#waiting = []
    try {
      await this.#log.append(rows)
    } catch (error) {
      const kept = [...rows, ...this.#waiting]
      if (kept.length > rowsMax)
        this.#alarm(`${kept.length - rowsMax} audit records of reads were lost: the store takes none`)
      this.#waiting = kept.slice(-rowsMax)
      this.#alarm('audit records of reads wait: the store takes none', error)
      this.#cancel ??= this.#schedule(patienceMilliseconds, () => void this.flush())
    }
  }
}
