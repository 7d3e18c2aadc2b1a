import type { Entity, EntityOf, Kind } from './entity.ts'

/**
 * The state as one request sees it: the durable world, or a draft over it. Reading is synchronous and does no I/O.
 * `find` answers from an index; the index keys of every kind are declared once, in `index-keys.ts`.
 */
export interface View {
  readonly get: <K extends Kind>(kind: K, id: string) => EntityOf<K> | undefined
  readonly find: <K extends Kind>(kind: K, indexKey: string) => readonly EntityOf<K>[]
  readonly one: <K extends Kind>(kind: K, indexKey: string) => EntityOf<K> | undefined
}

/** One entity as it is after a change; `undefined` where the change deleted it. */
export interface Change {
  readonly kind: Kind
  readonly id: string
  readonly entity: Entity | undefined
}
