import type { AuditLog } from '../audit/log.ts'
import type { TrailRow } from '../store/store.ts'

/** How long the record of a read may wait for others to be written with it. */
const patienceMilliseconds = 500
const rowsAtOnce = 512
/** More than these wait only where no sink takes anything; the oldest give way, and it is said. */
const rowsMax = 50_000

/** Runs something later; hands back how to call it off. Given by the host, so that a test can turn the clock by hand. */
export type Schedule = (milliseconds: number, run: () => void) => () => void

/**
 * The trail of what changed nothing. Records that must be durable before the reply go straight to the audit log; those of
 * reads gather here and are written together, at most half a second later. Records of writes do not come this way: they
 * become durable with their change.
 */
export class Ledger {
  readonly #log: AuditLog
  readonly #schedule: Schedule
  readonly #alarm: (what: string, error?: unknown) => void
  #waiting: TrailRow[] = []
  #cancel: (() => void) | undefined
  #underWay = 0
  /** The operator knows that records wait. */
  #told = false

  constructor(log: AuditLog, schedule: Schedule, alarm: (what: string, error?: unknown) => void) {
    this.#log = log
    this.#schedule = schedule
    this.#alarm = alarm
  }

  /** False from the first records that no sink took until some are taken again. */
  get healthy(): boolean {
    return this.#log.healthy()
  }

  /** Records that are not durable yet. */
  get queue(): number {
    return this.#waiting.length + this.#underWay
  }

  /** Resolves when the rows are durable. */
  async now(rows: readonly TrailRow[]): Promise<void> {
    this.#underWay += rows.length
    try {
      await this.#log.append(rows)
    } finally {
      this.#underWay -= rows.length
    }
  }

  soon(rows: readonly TrailRow[]): void {
    this.#waiting.push(...rows)
    if (this.#waiting.length >= rowsAtOnce && this.healthy) void this.flush()
    else this.#cancel ??= this.#schedule(patienceMilliseconds, () => void this.flush())
  }

  /** Writes what waits. Where no sink takes it, the rows wait on, and the next attempt comes by itself. */
  async flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    const rows = this.#waiting
    if (rows.length === 0) return
    this.#waiting = []
    try {
      await this.now(rows)
      this.#told = false
    } catch (error) {
      const kept = [...rows, ...this.#waiting]
      if (kept.length > rowsMax)
        this.#alarm(`${kept.length - rowsMax} audit records of reads were lost: no sink takes any`)
      this.#waiting = kept.slice(-rowsMax)
      if (!this.#told) this.#alarm('audit records of reads wait: no sink takes any', error)
      this.#told = true
      this.#cancel ??= this.#schedule(patienceMilliseconds, () => void this.flush())
    }
  }
}
