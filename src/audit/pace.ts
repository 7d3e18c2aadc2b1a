/** Work is told in bytes that are read, inflated or looked through; of these it is about a millisecond's. */
const turnBytes = 512 * 1024

/** Divides work into turns, between which whatever else waits in the process has its own. */
export class Pace {
  readonly #defer: (run: () => void) => void
  #done = 0
  #turns = 1

  constructor(defer: (run: () => void) => void) {
    this.#defer = defer
  }

  /** How many turns it was until now. */
  get turns(): number {
    return this.#turns
  }

  /** Tells of work that was done; a promise where the turn is over. */
  spent(bytes: number): Promise<void> | undefined {
    this.#done += bytes
    if (this.#done < turnBytes) return undefined
    this.#done = 0
    this.#turns++
    return new Promise((resolve) => this.#defer(resolve))
  }
}
