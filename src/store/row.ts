import type { Entity, Kind } from '../state/entity.ts'
import type { Change } from '../state/view.ts'
import { frozen } from '../state/world.ts'
import type { DecisionRow, TrailEntry } from './store.ts'

/** A row as an engine hands it out, whatever the engine: bigints may come as number, bigint or text. */
export type Row = Readonly<Record<string, unknown>>

/** Bodies are written by `commit` from an entity, and by nobody else. */
export const entityOf = (body: string): Entity => frozen(JSON.parse(body) as Entity)

export const changeOf = (row: Row): Change => ({
  // Written by `commit` from a change's own kind.
  kind: textOf(row, 'kind') as Kind,
  id: textOf(row, 'id'),
  entity: typeof row.body === 'string' ? entityOf(row.body) : undefined,
})

export const decisionOf = (row: Row): DecisionRow => ({
  requestId: textOf(row, 'request_id'),
  at: Number(row.at),
  account: textOf(row, 'account'),
  event: textOf(row, 'event'),
  decision: textOf(row, 'decision'),
})

export const entryOf = (row: Row): TrailEntry => ({
  sequence: Number(row.sequence),
  eventId: textOf(row, 'event_id'),
  at: Number(row.at),
  account: textOf(row, 'account'),
  requestId: textOf(row, 'request_id'),
  event: textOf(row, 'event'),
  ...(typeof row.decision === 'string' && { decision: row.decision }),
})

export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new Error(`column ${column} holds no text`)
  return value
}
