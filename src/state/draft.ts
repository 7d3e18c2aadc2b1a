import { Bucket } from './bucket.ts'
import type { Entity, EntityOf, Kind } from './entity.ts'
import { indexKeysOf } from './index-keys.ts'
import type { Change, View } from './view.ts'
import { frozen } from './world.ts'

/**
 * Changes gathered over a view, and the view as it is with them: a write reads what it has written, by id and by index key.
 * Drafts nest, one draft a write over one draft a batch. What is below must not change while a draft over it is in use,
 * and a draft that is dropped has changed nothing.
 */
export class Draft implements View {
  readonly #base: View
  readonly #changes = new Map<string, Change>()
  /** The keys whose answer differs from what is below, in whole. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(base: View) {
    this.#base = base
  }

  put(entity: Entity): void {
    this.#set(entity.kind, entity.id, frozen(entity))
  }

  /** Deletes an entity; one that is not there may be removed too, and that changes nothing. */
  remove(kind: Kind, id: string): void {
    this.#set(kind, id, undefined)
  }

  /** The last state of every entity that was touched, in the order of first touching. */
  changes(): readonly Change[] {
    return [...this.#changes.values()]
  }

  /** Hands everything on to a draft below. */
  mergeInto(parent: Draft): void {
    for (const { kind, id, entity } of this.#changes.values()) parent.#set(kind, id, entity)
  }

  get<K extends Kind>(kind: K, id: string): EntityOf<K> | undefined {
    const change = this.#changes.get(`${kind} ${id}`)
    // A change holds an entity of its own kind, which the compiler cannot see: so here and below.
    return change === undefined ? this.#base.get(kind, id) : (change.entity as EntityOf<K> | undefined)
  }

  find<K extends Kind>(kind: K, indexKey: string): readonly EntityOf<K>[] {
    const bucket = this.#buckets.get(`${kind} ${indexKey}`)
    return bucket === undefined ? this.#base.find(kind, indexKey) : (bucket.list() as readonly EntityOf<K>[])
  }

  one<K extends Kind>(kind: K, indexKey: string): EntityOf<K> | undefined {
    const bucket = this.#buckets.get(`${kind} ${indexKey}`)
    return bucket === undefined ? this.#base.one(kind, indexKey) : (bucket.list()[0] as EntityOf<K> | undefined)
  }

  #set(kind: Kind, id: string, entity: Entity | undefined): void {
    const before = this.get(kind, id)
    const keys = entity === undefined ? [] : indexKeysOf(entity)
    if (before !== undefined)
      for (const key of indexKeysOf(before)) if (!keys.includes(key)) this.#bucket(kind, key).remove(id)
    if (entity !== undefined) for (const key of keys) this.#bucket(kind, key).put(entity)

    // What was made and unmade in the same draft never was: no row is written, no revision raised for it.
    if (entity === undefined && this.#base.get(kind, id) === undefined) this.#changes.delete(`${kind} ${id}`)
    else this.#changes.set(`${kind} ${id}`, { kind, id, entity })
  }

  #bucket(kind: Kind, key: string): Bucket {
    const name = `${kind} ${key}`
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      bucket = Bucket.over(this.#base.find(kind, key))
      this.#buckets.set(name, bucket)
    }
    return bucket
  }
}
