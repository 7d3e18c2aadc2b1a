import type { Entity } from './entity.ts'

/**
 * The entities under one index key, in the order of their ids: the same on every node and after every restart.
 * What `list` hands out is never changed afterwards: the next change copies first.
 */
export class Bucket {
  #items: Entity[]
  /** False only while a world is being built: then entities are appended, and sorted once at the first question. */
  #sorted: boolean
  /** True while somebody outside may hold `#items`. */
  #shared: boolean

  private constructor(items: Entity[], sorted: boolean, shared: boolean) {
    this.#items = items
    this.#sorted = sorted
    this.#shared = shared
  }

  static building(first: Entity, second: Entity): Bucket {
    return new Bucket([first, second], false, false)
  }

  static over(sorted: readonly Entity[]): Bucket {
    // The cast gives up `readonly` for an array that counts as shared, which is copied before anything is written to it.
    return new Bucket(sorted as Entity[], true, true)
  }

  get size(): number {
    return this.#items.length
  }

  list(): readonly Entity[] {
    if (!this.#sorted) {
      this.#items.sort((a, b) => (a.id < b.id ? -1 : 1))
      this.#sorted = true
    }
    this.#shared = true
    return this.#items
  }

  /** For building only: the caller knows that no entity of this id is here. */
  append(entity: Entity): void {
    if (this.#shared) this.put(entity)
    else {
      this.#items.push(entity)
      this.#sorted = false
    }
  }

  put(entity: Entity): void {
    const [at, found] = this.#place(entity.id)
    if (found) this.#items[at] = entity
    else this.#items.splice(at, 0, entity)
  }

  remove(id: string): void {
    const [at, found] = this.#place(id)
    if (found) this.#items.splice(at, 1)
  }

  /** Where an id is or would be, in an array that is ours to change. */
  #place(id: string): [at: number, found: boolean] {
    if (!this.#sorted) this.list()
    if (this.#shared) {
      this.#items = this.#items.slice()
      this.#shared = false
    }
    const items = this.#items
    let low = 0
    let high = items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((items[middle]?.id ?? '') < id) low = middle + 1
      else high = middle
    }
    return [low, items[low]?.id === id]
  }
}
