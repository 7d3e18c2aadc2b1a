import type { Entity, Kind } from '../state/entity.ts'
import type { Change } from '../state/view.ts'
import { frozen } from '../state/world.ts'
import { checksum } from './checksum.ts'
import type { Row } from './engine.ts'
import { StoreDamaged } from './store.ts'

/** The body of an entity's row, once it is known to be the one that was written. */
export function soundBody(row: Row): string {
  const { whole } = row
  if (typeof whole !== 'string') throw new StoreDamaged('a row holds no text')
  if (checksum(whole) !== Number(row.crc))
    throw new StoreDamaged(`${whole.split(' ', 2).join(' ')} is not what was written`)
  // Neither kinds nor ids have a brace in them, and every body begins with one.
  return whole.slice(whole.indexOf('{'))
}

/**
 * Reads entities by the million: what many of them say alike (no tags, no groups, the same account) is kept once for all.
 * That saves a tenth of the memory, and the time to collect it.
 */
export function entityReader(): (row: Row) => Entity {
  const accounts = new Map<string, string>()
  const none: readonly never[] = Object.freeze([])
  return (row) => {
    // Bodies are written by `commit` from an entity, and by nobody else. Not frozen yet, so that parts can be exchanged for
    // equal ones.
    const entity = JSON.parse(soundBody(row)) as Record<string, unknown>
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
  // As in `entityReader`.
  entity: row.whole === null ? undefined : frozen(JSON.parse(soundBody(row)) as Entity),
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
