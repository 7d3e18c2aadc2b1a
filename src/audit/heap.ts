/** Hands out what was put in, the first by its order first. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = items[above]
      if (other === undefined || !this.#before(item, other)) break
      items[at] = other
      at = above
    }
    items[at] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const [first] = items
    const last = items.pop()
    if (last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      const left = items[below]
      if (left === undefined) break
      const right = items[below + 1]
      let least = left
      if (right !== undefined && this.#before(right, left)) {
        below++
        least = right
      }
      if (!this.#before(least, last)) break
      items[at] = least
      at = below
    }
    items[at] = last
    return first
  }
}
