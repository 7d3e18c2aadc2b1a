import type { Random, Schedule } from '../base/env.ts'
import { uuid } from '../base/id.ts'
import type { Engine } from '../store/engine.ts'
import { migrate } from '../store/migrate.ts'
import { numberOf, textOf } from '../store/row.ts'
import type { DecisionRow, Delivery, TrailPage, TrailRow } from '../store/store.ts'
import { lineOf } from './line.ts'
import type { AuditLog } from './log.ts'
import type { LookupPage, Question } from './lookup.ts'
import type { MarkedLog } from './outbox.ts'

const sql = {
  put: 'INSERT INTO audit_spool (batch, body) VALUES ($1, $2)',
  oldest: 'SELECT number, batch, body FROM audit_spool WHERE number > $1 ORDER BY number LIMIT $2',
  newest: 'SELECT number, body FROM audit_spool WHERE number < $1 ORDER BY number DESC LIMIT $2',
  drop: 'DELETE FROM audit_spool WHERE number = $1',
  count: 'SELECT count(*) AS waiting FROM audit_spool',
} as const

const schema = (rowNumber: string) => [
  [`CREATE TABLE audit_spool (number ${rowNumber}, batch text NOT NULL, body text NOT NULL)`],
]

export interface SpoolOptions {
  /** The same name as the primary's chain has. */
  readonly node: string
  readonly random: Random
  readonly schedule: Schedule
  readonly alarm: (what: string, error?: unknown) => void
  readonly defer?: (run: () => void) => void
}

interface Waiting {
  readonly rows: readonly TrailRow[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Batches that are brought home at once. */
const batchesAtOnce = 64
const pauseMilliseconds = 1000

/**
 * The audit log of a node that goes on while its database cannot be reached. What the primary does not take becomes durable in a
 * file of the node's own, and is brought home, each batch once, when the primary is back. While anything waits there, what comes
 * later waits behind it, so that a trail stays in its order.
 */
export class SpooledAudit implements AuditLog {
  readonly #primary: MarkedLog
  readonly #spool: Engine
  readonly #options: SpoolOptions
  readonly #defer: (run: () => void) => void
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #draining: Promise<void> | undefined
  #cancelDrain: (() => void) | undefined
  /** Rows in the spool. */
  #spooled = 0
  #healthy = true
  #closed = false

  private constructor(primary: MarkedLog, spool: Engine, options: SpoolOptions) {
    this.#primary = primary
    this.#spool = spool
    this.#options = options
    this.#defer = options.defer ?? ((run) => setImmediate(run))
  }

  /** Takes both over: they are closed with it. */
  static async open(primary: MarkedLog, spool: Engine, options: SpoolOptions): Promise<SpooledAudit> {
    await migrate(spool, 'spool', schema(spool.dialect.rowNumber))
    const log = new SpooledAudit(primary, spool, options)
    const [row] = await spool.all(sql.count)
    log.#spooled = numberOf(row ?? {}, 'waiting')
    void log.#drain()
    return log
  }

  /** Whether the last records became durable anywhere. */
  healthy(): boolean {
    return this.#healthy
  }

  /** Batches of records that are not in the primary yet. */
  get spooled(): number {
    return this.#spooled
  }

  append(rows: readonly TrailRow[]): Promise<void> {
    return new Promise((resolve, reject) => {
      // What is no record must not stand in everybody's way.
      for (const row of rows) lineOf(row)
      if (rows.length === 0) return resolve()
      this.#waiting.push({ rows, resolve, reject })
      this.#running ??= new Promise<void>((done) => this.#defer(() => void this.#loop().then(done)))
    })
  }

  /** What comes from the outbox is durable there until the primary has it. */
  deliver(deliveries: readonly Delivery[]): Promise<void> {
    return this.#primary.deliver(deliveries)
  }

  async decision(requestId: string, account: string): Promise<DecisionRow | undefined> {
    return (
      (await this.#newest((row) => row.account === account && row.requestId === requestId)) ??
      this.#primary.decision(requestId, account)
    )
  }

  async lastDecision(account: string): Promise<DecisionRow | undefined> {
    return (await this.#newest((row) => row.account === account)) ?? this.#primary.lastDecision(account)
  }

  /** As far as the primary has it. */
  trail(account: string, limit: number, before?: number): Promise<TrailPage> {
    return this.#primary.trail(account, limit, before)
  }

  lookup(question: Question): Promise<LookupPage> {
    return this.#primary.lookup(question)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    await this.#running
    this.#closed = true
    this.#cancelDrain?.()
    await this.#draining
    if (this.#spooled > 0) await this.#bringHome().catch(() => undefined)
    await this.#primary.close()
    await this.#spool.close()
  }

  async #loop(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      const rows = waiting.flatMap((each) => each.rows)
      try {
        await this.#keep({ batch: `${this.#options.node}/${uuid(this.#options.random)}`, rows })
        this.#healthy = true
        for (const { resolve } of waiting) resolve()
      } catch (error) {
        if (this.#healthy) this.#options.alarm('no audit trail takes records', error)
        this.#healthy = false
        for (const { reject } of waiting) reject(error)
      }
      if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#defer(resolve))
    }
    this.#running = undefined
  }

  /** Makes a batch durable in the one or the other. Its id goes with it, so that it counts once where both have it. */
  async #keep(delivery: Delivery): Promise<void> {
    if (this.#spooled === 0) {
      try {
        await this.#primary.deliver([delivery])
        this.#primary.forget([delivery.batch])
        return
      } catch (error) {
        this.#options.alarm('audit records are kept in the spool: the database takes none', error)
      }
    }
    const body = JSON.stringify(delivery.rows)
    await this.#spool.write((statements) => statements.run(sql.put, [delivery.batch, body]))
    this.#spooled++
    this.#drainLater()
  }

  #drainLater(): void {
    if (this.#closed || this.#draining !== undefined) return
    this.#cancelDrain ??= this.#options.schedule(pauseMilliseconds, () => {
      this.#cancelDrain = undefined
      void this.#drain()
    })
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#bringHome()
      .catch(() => undefined)
      .finally(() => {
        this.#draining = undefined
        if (this.#spooled > 0) this.#drainLater()
      })
    return this.#draining
  }

  /** Throws where the primary takes nothing. */
  async #bringHome(): Promise<void> {
    for (;;) {
      const rows = await this.#spool.all(sql.oldest, [-1, batchesAtOnce])
      if (rows.length === 0) break
      const deliveries = rows.map((row) => ({ batch: textOf(row, 'batch'), rows: rowsOf(textOf(row, 'body')) }))
      await this.#primary.deliver(deliveries)
      await this.#spool.write(async (statements) => {
        for (const row of rows) await statements.run(sql.drop, [numberOf(row, 'number')])
      })
      this.#spooled -= rows.length
      this.#primary.forget(deliveries.map(({ batch }) => batch))
    }
    // Marks of ours that a crash left behind: nobody but we would deliver their batches again.
    const own = `${this.#options.node}/`
    const standing = new Set<string>()
    for (let after = -1; ; ) {
      const rows = await this.#spool.all(sql.oldest, [after, batchesAtOnce])
      for (const row of rows) standing.add(textOf(row, 'batch'))
      const last = rows.at(-1)
      if (last === undefined) break
      after = numberOf(last, 'number')
    }
    if (this.#running !== undefined) return
    const gone = (await this.#primary.marks()).filter((batch) => batch.startsWith(own) && !standing.has(batch))
    if (gone.length > 0 && this.#running === undefined) this.#primary.forget(gone)
  }

  async #newest(matches: (row: TrailRow) => boolean): Promise<DecisionRow | undefined> {
    for (let before = Number.MAX_SAFE_INTEGER; this.#spooled > 0; ) {
      const rows = await this.#spool.all(sql.newest, [before, batchesAtOnce])
      for (const row of rows) {
        const found = rowsOf(textOf(row, 'body')).findLast((one) => one.decision !== undefined && matches(one))
        if (found?.decision === undefined) continue
        const { requestId, at, account, event, decision } = found
        return { requestId, at, account, event, decision }
      }
      const last = rows.at(-1)
      if (last === undefined) break
      before = numberOf(last, 'number')
    }
    return undefined
  }
}

/** What `append` put there. */
const rowsOf = (body: string): readonly TrailRow[] => JSON.parse(body) as readonly TrailRow[]
