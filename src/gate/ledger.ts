import type { AuditLog } from '../audit/log.ts'
import type { Schedule } from '../base/env.ts'
import type { TrailRow } from '../store/store.ts'

/** How long the record of a read may wait for others to be written with it. */
const patienceMilliseconds = 500
const rowsAtOnce = 512
/** More than these wait only where no sink takes anything; the oldest give way, and it is said. */
const rowsMax = 50_000
const charactersMax = 64 * 1024 * 1024

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
  /** Those of reads that are being written. */
  readonly #writing = new Set<Promise<void>>()
  /** Of the events that wait. */
  #characters = 0
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
    for (const row of rows) {
      this.#waiting.push(row)
      this.#characters += row.event.length
    }
    if (this.#waiting.length >= rowsAtOnce && this.healthy) void this.flush()
    else {
      if (this.#waiting.length > rowsMax || this.#characters > charactersMax) this.#drop()
      this.#cancel ??= this.#schedule(patienceMilliseconds, () => void this.flush())
    }
  }

  /**
   * Writes what waits, and resolves when that is written, and what was being written already. Where no sink takes it, the rows wait on,
   * and the next attempt comes by itself.
   */
  async flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    void this.#begin()
    // INVARIANT: answered-is-found. Who looks while another's flush, or that of the clock, is under way waits for it as well.
    await Promise.all(this.#writing)
  }

  #begin(): Promise<void> {
    const waiting = this.#waiting
    if (waiting.length === 0) return Promise.resolve()
    const writing = this.#write(waiting).finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
    return writing
  }

  /** Never rejects. */
  async #write(waiting: readonly TrailRow[]): Promise<void> {
    // Whether a sink takes records again is asked with a few of them: all would be copied each time.
    const rows = this.healthy ? waiting : waiting.slice(0, rowsAtOnce)
    this.#waiting = waiting.slice(rows.length)
    for (const { event } of rows) this.#characters -= event.length
    try {
      await this.now(rows)
      if (this.#told) this.#alarm('a sink takes audit records again')
      this.#told = false
      if (rows.length < waiting.length) await this.#begin()
    } catch (error) {
      this.#waiting = [...rows, ...this.#waiting]
      for (const { event } of rows) this.#characters += event.length
      // Once, however often it is tried: what tells of a full disk must not fill the next.
      if (!this.#told) this.#alarm('audit records of reads wait: no sink takes any', error)
      this.#told = true
      this.#cancel ??= this.#schedule(patienceMilliseconds, () => void this.flush())
    }
  }

  /** The oldest give way, a part of them at a time: each time is told. */
  #drop(): void {
    const rows = this.#waiting.splice(0, Math.ceil(this.#waiting.length / 8))
    for (const { event } of rows) this.#characters -= event.length
    this.#alarm(`${rows.length} audit records of reads were lost: no sink takes any`)
  }
}
