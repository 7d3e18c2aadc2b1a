import type { TrailRow } from './store.ts'

// INVARIANT: one-line-one-record. JSON writes tabs and line feeds as escapes, and ids are made by us without any.
const line = ({ at, eventId, requestId, account, decision = '', event }: TrailRow): string =>
  `${at}\t${eventId}\t${requestId}\t${account}\t${decision}\t${event}`

/** Whether a record can stand in the outbox. */
export const isOneLine = ({ event, decision = '' }: TrailRow): boolean =>
  !event.includes('\n') && !event.includes('\t') && !decision.includes('\n') && !decision.includes('\t')

/** Records as the outbox keeps them: a line each, with tabs between time, event id, request id, account, explanation and event. */
export function writeRecords(rows: readonly TrailRow[]): string {
  if (!rows.every(isOneLine)) throw new Error('an audit record is one line without tabs')
  return rows.map(line).join('\n')
}

export const readRecords = (records: string): readonly TrailRow[] =>
  records.split('\n').map((text): TrailRow => {
    const [at = '', eventId = '', requestId = '', account = '', decision = '', event = ''] = text.split('\t')
    const row = { eventId, at: Number(at), account, requestId, event }
    return decision === '' ? row : { ...row, decision }
  })
