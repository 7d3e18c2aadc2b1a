import type { Engine, Row, Statements, Streaming, Value } from '../../src/store/engine.ts'

/** What befalls an engine at one point of its work. */
export interface Fault {
  /** The how-manieth point it is, from 0, and how many after one another. */
  readonly at: number
  readonly times: number
  /** What is thrown at a point of that name; nothing where that cannot befall it. */
  readonly error: (point: string) => Error | undefined
}

/**
 * An engine at which something goes wrong at a chosen point. Points are, in the order in which they come: before and after every
 * statement, before and after every beginning and every commit. What goes wrong after a commit, goes wrong with the answer only.
 */
export class FaultyEngine implements Engine {
  readonly #inner: Engine
  #fault: Fault | undefined
  /** The points that were passed, by name. */
  points: string[] = []

  constructor(inner: Engine) {
    this.#inner = inner
  }

  /** A row a statement: that makes the most points. */
  get dialect() {
    return { ...this.#inner.dialect, rowsMax: 1 }
  }

  /** From here on points are counted anew. */
  arm(fault: Fault | undefined): void {
    this.points = []
    this.#fault = fault
  }

  all(text: string, values?: readonly Value[]): Promise<readonly Row[]> {
    return this.#around(text, () => this.#inner.all(text, values))
  }

  snapshot<T>(work: (statements: Statements & Streaming) => Promise<T>): Promise<T> {
    return this.#inner.snapshot((statements) =>
      work({
        ...this.#through(statements),
        stream: (text, values) => {
          this.#pass(`before ${text}`)
          return statements.stream(text, values)
        },
      }),
    )
  }

  async write<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    this.#pass('before BEGIN')
    const result = await this.#inner.write(async (statements) => {
      this.#pass('after BEGIN')
      const done = await work(this.#through(statements))
      this.#pass('before COMMIT')
      return done
    })
    this.#pass('after COMMIT')
    return result
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #through(statements: Statements): Statements {
    return {
      run: (text, values) => this.#around(text, () => statements.run(text, values)),
      all: (text, values) => this.#around(text, () => statements.all(text, values)),
    }
  }

  async #around<T>(text: string, ask: () => Promise<T>): Promise<T> {
    this.#pass(`before ${text}`)
    const answer = await ask()
    this.#pass(`after ${text}`)
    return answer
  }

  #pass(point: string): void {
    this.points.push(point)
    if (this.#fault === undefined) return
    const { at, times, error } = this.#fault
    const past = this.points.length - 1 - at
    const thrown = past >= 0 && past < times ? error(point) : undefined
    if (thrown !== undefined) throw thrown
  }
}
