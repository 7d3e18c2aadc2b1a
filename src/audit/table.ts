import type { Engine, Row, Statements } from '../store/engine.ts'
import { migrate } from '../store/migrate.ts'
import { numberOf, textOf } from '../store/row.ts'
import type { DecisionRow, Delivery, TrailEntry, TrailPage, TrailRow } from '../store/store.ts'
import type { AuditLog } from './log.ts'

const sql = {
  record: 'INSERT INTO trail_run (account, request_id, decision, records) VALUES ($1, $2, $3, $4)',
  decision: `SELECT run, account, decision, records FROM trail_run
    WHERE request_id = $1 AND account = $2 AND decision IS NOT NULL ORDER BY run DESC LIMIT 1`,
  lastDecision: `SELECT run, account, decision, records FROM trail_run
    WHERE account = $1 AND decision IS NOT NULL ORDER BY run DESC LIMIT 1`,
  trail: `SELECT run, account, decision, records FROM trail_run
    WHERE account = $1 AND run <= $2 ORDER BY run DESC LIMIT $3`,
  deliver: 'INSERT INTO delivered (batch) VALUES ($1) ON CONFLICT (batch) DO NOTHING',
} as const

const schema = (rowNumber: string) => [
  [
    `CREATE TABLE trail_run (
      run ${rowNumber}, account text NOT NULL, request_id text, decision text, records text NOT NULL)`,
    'CREATE INDEX trail_by_account ON trail_run (account, run)',
    'CREATE INDEX decision_by_request ON trail_run (request_id) WHERE decision IS NOT NULL',
    'CREATE INDEX decision_by_account ON trail_run (account, run) WHERE decision IS NOT NULL',
    'CREATE TABLE delivered (batch text PRIMARY KEY)',
  ],
]

interface Waiting {
  /** Missing where the rows came by themselves. */
  readonly batch: string | undefined
  readonly rows: readonly TrailRow[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** The audit log as plain rows of a database: no chain yet, and nothing signed. The engine is its own, and closes with it. */
export async function openTable(engine: Engine): Promise<AuditLog> {
  await migrate(engine, 'trail', schema(engine.dialect.rowNumber))
  return new Table(engine)
}

class Table implements AuditLog {
  readonly #engine: Engine
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

  constructor(engine: Engine) {
    this.#engine = engine
  }

  append(rows: readonly TrailRow[]): Promise<void> {
    return this.#enqueue(undefined, rows)
  }

  async deliver(deliveries: readonly Delivery[]): Promise<void> {
    await Promise.all(deliveries.map(({ batch, rows }) => this.#enqueue(batch, rows)))
  }

  async decision(requestId: string, account: string): Promise<DecisionRow | undefined> {
    return decisionOf(await this.#engine.all(sql.decision, [requestId, account]))
  }

  async lastDecision(account: string): Promise<DecisionRow | undefined> {
    return decisionOf(await this.#engine.all(sql.lastDecision, [account]))
  }

  async trail(account: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<TrailPage> {
    const entries: TrailEntry[] = []
    // Two runs more than records are wanted: the one that `before` stands in may have none, and another tells if there is more.
    const runs = await this.#engine.all(sql.trail, [account, Math.floor(before / places), limit + 2])
    for (const run of runs) {
      for (const entry of entriesOf(run)) if (entry.sequence < before) entries.push(entry)
      if (entries.length > limit) break
    }
    const more = entries.length > limit
    if (more) entries.length = limit
    return { entries, next: more ? entries.at(-1)?.sequence : undefined }
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#engine.close()
  }

  #enqueue(batch: string | undefined, rows: readonly TrailRow[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, rows, resolve, reject })
      this.#writing ??= new Promise<void>((done) => setImmediate(done)).then(() => this.#write())
    })
  }

  /** Everything that waits in one transaction, until nothing does. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      try {
        await this.#engine.write((statements) => record(statements, waiting))
        for (const { resolve } of waiting) resolve()
      } catch (error) {
        for (const { reject } of waiting) reject(error)
      }
    }
    this.#writing = undefined
  }
}

async function record(statements: Statements, waiting: readonly Waiting[]): Promise<void> {
  const rows: TrailRow[] = []
  for (const each of waiting)
    if (each.batch === undefined || (await statements.run(sql.deliver, [each.batch])) === 1) rows.push(...each.rows)
  for (const { account, requestId, decision, records } of runsOf(rows))
    await statements.run(sql.record, [account, requestId, decision, records])
}

/** Records of one account that were written together, in one row. A refusal is a run of its own, found by its request id. */
interface Run {
  readonly account: string
  readonly requestId: string | null
  readonly decision: string | null
  /** A line each: time, event id, request id and the record's JSON, with tabs between them. */
  readonly records: string
}

/** Few enough that a page of the trail reads little that it does not show. */
const recordsMax = 64
/** What a run's number is multiplied by to make place for those of its records. */
const places = 4096

function runsOf(trail: readonly TrailRow[]): readonly Run[] {
  const runs: Run[] = []
  const open = new Map<string, string[]>()
  const close = (account: string) => {
    const lines = open.get(account)
    if (lines !== undefined) runs.push({ account, requestId: null, decision: null, records: lines.join('\n') })
    open.delete(account)
  }
  for (const row of trail) {
    const { account, decision } = row
    if (decision !== undefined) {
      close(account)
      runs.push({ account, requestId: row.requestId, decision, records: lineOf(row) })
      continue
    }
    const lines = open.get(account)
    if (lines === undefined) open.set(account, [lineOf(row)])
    else if (lines.push(lineOf(row)) === recordsMax) close(account)
  }
  for (const account of open.keys()) close(account)
  return runs
}

// INVARIANT: one-line-one-record. JSON writes tabs and line feeds as escapes, and ids are made by us without any.
const lineOf = ({ at, eventId, requestId, event }: TrailRow): string => `${at}\t${eventId}\t${requestId}\t${event}`

/** The records of a run, newest first. */
function entriesOf(row: Row): readonly TrailEntry[] {
  const run = numberOf(row, 'run')
  const account = textOf(row, 'account')
  const lines = textOf(row, 'records').split('\n')
  const entries = lines.map((line, index): TrailEntry => {
    const [at = '', eventId = '', requestId = '', event = ''] = line.split('\t')
    const entry = { sequence: run * places + index, at: Number(at), account, eventId, requestId, event }
    return typeof row.decision === 'string' ? { ...entry, decision: row.decision } : entry
  })
  return entries.reverse()
}

function decisionOf([row]: readonly Row[]): DecisionRow | undefined {
  const [entry] = row === undefined ? [] : entriesOf(row)
  if (entry?.decision === undefined) return undefined
  const { requestId, at, account, event, decision } = entry
  return { requestId, at, account, event, decision }
}
