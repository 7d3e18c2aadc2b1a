import { afterWrong, type Guarded, mayGuess, type Verdict } from '../base/guesses.ts'
import type { Draft } from '../state/draft.ts'

/** Says whether a guess at a row's secret counts, and remembers it where it was wrong. */
export type Judge = (row: Guarded, right: boolean) => Verdict

/**
 * The guesses of one run of an operation. What a refused run has changed is dropped, and that a guess was wrong must not be: it is
 * written over the state as it was before the run, and the refusal is told once that is durable. So guesses at several nodes, or at
 * once, or before and after a restart, are counted as one after the other. A run that is repeated has a trial of its own.
 */
export class Trial {
  readonly #now: number
  readonly #wrong = new Map<string, Guarded>()

  constructor(now: number) {
    this.#now = now
  }

  /** INVARIANT: whether the guess is right is worked out before, also where it does not count, so that time does not tell. */
  readonly judge: Judge = (row, right) => {
    if (!mayGuess(row.guesses, this.#now)) return 'too many'
    if (right) return 'right'
    this.#wrong.set(`${row.kind} ${row.id}`, row)
    return 'wrong'
  }

  /** Whether there is something to remember. */
  get failed(): boolean {
    return this.#wrong.size > 0
  }

  /** Writes down what was wrong. */
  leave(draft: Draft): void {
    for (const { kind, id } of this.#wrong.values()) {
      const row = draft.get(kind, id)
      if (row !== undefined) draft.put({ ...row, guesses: afterWrong(row.guesses, this.#now) })
    }
  }
}

/** Where a wrong guess could not be remembered, nobody guesses. */
export const untried: Judge = () => {
  throw new Error('an operation that lets guess at secrets is no write, and spends nothing')
}
