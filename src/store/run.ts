import type { TrailEntry, TrailRow } from './store.ts'

/**
 * Records of one account that were committed together, in one row of the database: SQLite's work is by the row, and a row for
 * each of the records of reads cost more than answering them. A refusal that was explained is a run of its own, found by its
 * request id.
 */
export interface Run {
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

/** The runs of one commit. Records of one account stay in their order. */
export function runsOf(trail: readonly TrailRow[]): readonly Run[] {
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
export function entriesOf(run: number, { account, decision, records }: Omit<Run, 'requestId'>): readonly TrailEntry[] {
  const entries = records.split('\n').map((line, index): TrailEntry => {
    const [at = '', eventId = '', requestId = '', event = ''] = line.split('\t')
    const entry = { sequence: run * places + index, at: Number(at), account, eventId, requestId, event }
    return decision === null ? entry : { ...entry, decision }
  })
  return entries.reverse()
}

/** The run in which a record of that sequence stands. */
export const runAt = (sequence: number): number => Math.floor(sequence / places)
