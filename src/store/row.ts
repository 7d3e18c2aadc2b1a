import type { Entity, Kind } from '../state/entity.ts'
import type { Change } from '../state/view.ts'
import { frozen } from '../state/world.ts'
import type { Row } from './engine.ts'
import { entriesOf } from './run.ts'
import type { DecisionRow, TrailEntry } from './store.ts'

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

export const decisionOf = (row: Row): DecisionRow | undefined => {
  const [entry] = recordsOf({ ...row, run: 0 })
  if (entry?.decision === undefined) return undefined
  const { requestId, at, account, event, decision } = entry
  return { requestId, at, account, event, decision }
}

/** The records of a run, newest first. */
export const recordsOf = (row: Row): readonly TrailEntry[] =>
  entriesOf(Number(row.run), {
    account: textOf(row, 'account'),
    decision: typeof row.decision === 'string' ? row.decision : null,
    records: textOf(row, 'records'),
  })

export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new Error(`column ${column} holds no text`)
  return value
}

/** A bigint column, which stays below 2^53. */
export function numberOf(row: Row, column: string): number {
  const value = Number(row[column])
  if (!Number.isSafeInteger(value)) throw new Error(`column ${column} holds no number`)
  return value
}
