import { Bucket } from './bucket.ts'
import type { Entity, EntityOf, Kind } from './entity.ts'
import { indexKeysOf } from './index-keys.ts'
import type { Change, View } from './view.ts'

/** All entities of one kind. A key under which one entity stands holds it bare: most keys are names, and sets of one are dear. */
interface Table {
  readonly byId: Map<string, Entity>
  readonly byKey: Map<string, Entity | Bucket>
}

/**
 * What is durable, in memory, at one revision. Only the committer changes it, and a whole revision at a time in one tick, so
 * nobody ever reads half of one. Look-ups by id and key are O(1); `find` answers in the order of ids.
 */
export class World implements View {
  readonly #tables = new Map<Kind, Table>()
  #revision: number

  /** Ids must be unique within their kind, as a store's rows are. */
  constructor(entities: Iterable<Entity> = [], revision = 0) {
    this.#revision = revision
    for (const entity of entities) {
      const table = this.#table(entity.kind)
      const kept = frozen(entity)
      table.byId.set(kept.id, kept)
      for (const key of indexKeysOf(kept)) {
        const there = table.byKey.get(key)
        if (there === undefined) table.byKey.set(key, kept)
        else if (there instanceof Bucket) there.append(kept)
        else table.byKey.set(key, Bucket.building(there, kept))
      }
    }
  }

  /** The revision of the store that this is equal to. */
  get revision(): number {
    return this.#revision
  }

  /** Takes over what a transaction has made durable. Revisions come whole and in order. */
  apply(changes: readonly Change[], revision: number): void {
    if (revision <= this.#revision) throw new Error(`revision ${revision} applied over ${this.#revision}`)
    for (const { kind, id, entity } of changes) {
      const table = this.#table(kind)
      const before = table.byId.get(id)
      const kept = entity === undefined ? undefined : frozen(entity)
      const keys = kept === undefined ? [] : indexKeysOf(kept)
      if (before !== undefined) for (const key of indexKeysOf(before)) if (!keys.includes(key)) drop(table, key, id)
      if (kept === undefined) table.byId.delete(id)
      else {
        table.byId.set(id, kept)
        for (const key of keys) place(table, key, kept)
      }
    }
    this.#revision = revision
  }

  get<K extends Kind>(kind: K, id: string): EntityOf<K> | undefined {
    // A table holds entities of its own kind only, which the compiler cannot see: so here and below.
    return this.#tables.get(kind)?.byId.get(id) as EntityOf<K> | undefined
  }

  find<K extends Kind>(kind: K, indexKey: string): readonly EntityOf<K>[] {
    const there = this.#tables.get(kind)?.byKey.get(indexKey)
    if (there === undefined) return []
    return (there instanceof Bucket ? there.list() : [there]) as readonly EntityOf<K>[]
  }

  one<K extends Kind>(kind: K, indexKey: string): EntityOf<K> | undefined {
    const there = this.#tables.get(kind)?.byKey.get(indexKey)
    return (there instanceof Bucket ? there.list()[0] : there) as EntityOf<K> | undefined
  }

  count(kind: Kind): number {
    return this.#tables.get(kind)?.byId.size ?? 0
  }

  #table(kind: Kind): Table {
    let table = this.#tables.get(kind)
    if (table === undefined) {
      table = { byId: new Map(), byKey: new Map() }
      this.#tables.set(kind, table)
    }
    return table
  }
}

function place(table: Table, key: string, entity: Entity): void {
  const there = table.byKey.get(key)
  if (there instanceof Bucket) there.put(entity)
  else if (there === undefined || there.id === entity.id) table.byKey.set(key, entity)
  else {
    const bucket = Bucket.over([there])
    bucket.put(entity)
    table.byKey.set(key, bucket)
  }
}

function drop(table: Table, key: string, id: string): void {
  const there = table.byKey.get(key)
  if (there instanceof Bucket) {
    there.remove(id)
    const [last] = there.size === 1 ? there.list() : []
    if (last !== undefined) table.byKey.set(key, last)
  } else if (there?.id === id) table.byKey.delete(key)
}

/** Entities are shared by everybody who reads, so nobody may write to one. Its parts are as deep as its type, four levels. */
export function frozen<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part)
  return Object.freeze(value)
}
