import type { Entity, Kind } from '../state/entity.ts'
import type { Change } from '../state/view.ts'
import { frozen } from '../state/world.ts'
import type { DecisionRow, TrailEntry } from './store.ts'

/** A row as an engine hands it out, whatever the engine: bigints may come as number, bigint or text. */
export type Row = Readonly<Record<string, unknown>>

/** Bodies are written by `commit` from an entity, and by nobody else. */
export const entityOf = (body: string): Entity => frozen(JSON.parse(body) as Entity)

/**
 * Reads entities by the million: what many of them say alike (no tags, no groups, the same account) is kept once for all.
 * That saves a tenth of the memory, and the time to collect it.
 */
export function entityReader(): (body: string) => Entity {
  const accounts = new Map<string, string>()
  const none: readonly never[] = Object.freeze([])
  return (body) => {
    // As in `entityOf`; not frozen yet, so that parts can be exchanged for equal ones.
    const entity = JSON.parse(body) as Record<string, unknown>
    for (const key in entity) {
      const part = entity[key]
      if (Array.isArray(part) && part.length === 0) entity[key] = none
    }
    const { account } = entity
    if (typeof account === 'string') {
      const known = accounts.get(account)
      if (known === undefined) accounts.set(account, account)
      else entity.account = known
    }
    // The same object again.
    return frozen(entity) as unknown as Entity
  }
}

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
