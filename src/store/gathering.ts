/** As many as make company: fewer are begun with at once. */
const companyMin = 4
/** How often it is waited for those who are still on their way, at most. */
const pausesMax = 4

export interface Turns {
  /** After the present tick's input and output. */
  readonly defer: (run: () => void) => void
  /** After about a millisecond; hands back how to call it off. */
  readonly pause: (run: () => void) => () => void
}

/** The machine's own. */
const turns: Turns = {
  defer: (run) => setImmediate(run),
  pause(run) {
    const timer = setTimeout(run, 1)
    return () => clearTimeout(timer)
  },
}

/**
 * When to begin with what gathers, where beginning costs about the same for one as for many, as a commit does. Who is alone is begun
 * with at once. Where several were answered together they ask again together, but not in one instant: begun with the first of them,
 * every second commit would be for that one alone while the rest wait for the next. So it waits until as many are there again, or
 * nobody more has come for a moment. PostgreSQL's `commit_delay` with `commit_siblings` is the same thought.
 */
export class Gathering {
  readonly #begin: () => void
  readonly #turns: Turns
  /** How many were about when a group was last answered: those in it, and those who waited meanwhile. */
  #company = 0
  #waiting = 0
  #deferred = false
  #cancelPause: (() => void) | undefined

  /** `begin` may be called where nobody waits any more. */
  constructor(begin: () => void, { defer = turns.defer, pause = turns.pause }: Partial<Turns> = {}) {
    this.#begin = begin
    this.#turns = { defer, pause }
  }

  /** So many wait now, and nothing is under way. */
  waits(waiting: number): void {
    this.#waiting = waiting
    if (this.#deferred) return
    if (waiting >= this.#company) this.#deferBegin()
    else if (this.#cancelPause === undefined) this.#pause(1, waiting)
  }

  /** A group of so many was answered, while so many others wait. */
  answered(group: number, waiting: number): void {
    const company = group + waiting
    this.#company = company < companyMin ? 0 : company
    if (waiting > 0) this.waits(waiting)
  }

  #pause(number: number, before: number): void {
    this.#cancelPause = this.#turns.pause(() => {
      this.#cancelPause = undefined
      if (this.#waiting > before && number < pausesMax) this.#pause(number + 1, this.#waiting)
      else this.#deferBegin()
    })
  }

  #deferBegin(): void {
    this.#cancelPause?.()
    this.#cancelPause = undefined
    this.#deferred = true
    this.#turns.defer(() => {
      this.#deferred = false
      this.#begin()
    })
  }
}
