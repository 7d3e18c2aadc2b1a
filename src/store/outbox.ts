import type { TrailRow } from './store.ts'

// INVARIANT: one-line-one-record. JSON writes tabs and line feeds as escapes, and ids are made by us without any.
const line = ({ at, eventId, requestId, account, decision = '', event, session }: TrailRow): string =>
  `${at}\t${eventId}\t${requestId}\t${account}\t${decision}\t${event}${session === undefined ? '' : `\t${session}`}`

/** Whether a record can stand in the outbox. */
export const isOneLine = ({ event, decision = '', session = '' }: TrailRow): boolean =>
  [event, decision, session].every((text) => !text.includes('\n') && !text.includes('\t'))

/**
 * Records as the outbox keeps them: a line each, with tabs between time, event id, request id, account, explanation, event and, where
 * one was made, session.
 */
export function writeRecords(rows: readonly TrailRow[]): string {
  if (!rows.every(isOneLine)) throw new Error('an audit record is one line without tabs')
  return rows.map(line).join('\n')
}

export const readRecords = (records: string): readonly TrailRow[] =>
  records.split('\n').map((text): TrailRow => {
    const [at = '', eventId = '', requestId = '', account = '', decision = '', event = '', session] = text.split('\t')
    return {
      eventId,
      at: Number(at),
      account,
      requestId,
      event,
      ...(decision === '' ? {} : { decision }),
      ...(session === undefined ? {} : { session }),
    }
  })
