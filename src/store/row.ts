import type { Entity, Kind } from '../state/entity.ts'
import { type Kept, Unread } from '../state/unread.ts'
import type { Change } from '../state/view.ts'
import { frozen } from '../state/world.ts'
import { checksum } from './checksum.ts'
import type { Row } from './engine.ts'
import { StoreDamaged } from './store.ts'

/** An entity's row in one, once it is known to be what was written. */
function sound({ whole, crc }: Row): string {
  if (typeof whole !== 'string') throw new StoreDamaged('a row holds no text')
  if (checksum(whole) !== Number(crc))
    throw new StoreDamaged(`${whole.split(' ', 2).join(' ')} is not what was written`)
  return whole
}

/** Neither kinds nor ids have a brace in them, and every body begins with one. */
const bodyIn = (whole: string): string => whole.slice(whole.indexOf('{'))

/** The body of an entity's row, once it is known to be the one that was written. */
export const soundBody = (row: Row): string => bodyIn(sound(row))

/**
 * Takes entities by the million. One whose account can be told by how its body begins is left unread; of the rest, and of those
 * when they are read, what many say alike (no tags, no groups, the same account) is kept once for all. Throws `StoreDamaged`.
 */
export function entityTaker(): (row: Row) => Kept {
  const known = new Map<string, string>()
  const shared = (text: string): string => {
    const there = known.get(text)
    if (there === undefined) known.set(text, text)
    return there ?? text
  }
  const none: readonly never[] = Object.freeze([])
  const entityOf = (whole: string): Entity => {
    // Bodies are written by `commit` from an entity, and by nobody else. Not frozen yet, so that parts can be exchanged for
    // equal ones.
    const entity = JSON.parse(bodyIn(whole)) as Record<string, unknown>
    for (const key in entity) {
      const part = entity[key]
      if (Array.isArray(part) && part.length === 0) entity[key] = none
    }
    if (typeof entity.account === 'string') entity.account = shared(entity.account)
    // The same object again.
    return frozen(entity) as unknown as Entity
  }
  return (row) => {
    const whole = sound(row)
    const [kind, id] = [shared(whole.slice(0, whole.indexOf(' '))), textOf(row, 'id')]
    const account = accountAfter(`${kind} ${id} {"kind":"${kind}","id":"${id}","account":"`, whole)
    if (account === undefined) return entityOf(whole)
    // Written by `commit` from an entity's own kind.
    return new Unread({ kind: kind as Kind, id, account: shared(account) }, whole, entityOf)
  }
}

/** The account id that follows a beginning; `undefined` where the text begins otherwise, or goes on otherwise. */
function accountAfter(beginning: string, whole: string): string | undefined {
  const end = beginning.length + 12
  return whole.startsWith(beginning) && whole[end] === '"' ? whole.slice(beginning.length, end) : undefined
}

export const changeOf = (row: Row): Change => ({
  // Written by `commit` from a change's own kind.
  kind: textOf(row, 'kind') as Kind,
  id: textOf(row, 'id'),
  // As in `entityTaker`.
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
