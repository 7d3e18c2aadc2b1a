import type { Row, Statements, Streaming, Value } from './engine.ts'
import { told } from './postgres-error.ts'
import type { Answer, Session } from './session.ts'

const rowsAtOnce = 1000
/** A batch of rows may take the server longer to find than a single answer. */
const streamMilliseconds = 60_000

/** Statements on one connection between BEGIN and its end. */
export class Transaction implements Statements, Streaming {
  readonly #session: Session
  #cursors = 0
  #over = false
  /** The first error that the server or the connection gave. */
  failed: unknown

  constructor(session: Session) {
    this.#session = session
  }

  async run(text: string, values: readonly Value[] = []): Promise<number> {
    return (await this.#ask(text, values)).count
  }

  async all(text: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return (await this.#ask(text, values)).rows
  }

  async *stream(text: string, values: readonly Value[] = []): AsyncIterable<readonly Row[]> {
    const cursor = `stream_${++this.#cursors}`
    const fetch = () => this.#ask(`FETCH ${rowsAtOnce} FROM ${cursor}`, [], streamMilliseconds)
    await this.#ask(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${text}`, values, streamMilliseconds)
    let next = fetch()
    try {
      for (;;) {
        const { rows } = await next
        if (rows.length === 0) return
        // The server looks for the next rows while these are being read.
        next = fetch()
        next.catch(() => undefined)
        yield rows
      }
    } finally {
      await next.catch(() => undefined)
      if (this.failed === undefined) await this.#ask(`CLOSE ${cursor}`, [])
    }
  }

  /** Undoes what is not committed, where the connection still is. Whoever holds on to the transaction can do nothing more. */
  async rollback(): Promise<void> {
    if (this.#over) return
    this.#over = true
    if (this.#session.lost !== undefined) return
    await this.#session.ask('ROLLBACK').catch(() => this.#session.close())
  }

  over(): void {
    this.#over = true
  }

  #ask(text: string, values: readonly Value[], milliseconds?: number): Promise<Answer> {
    return told(async () => {
      if (this.#over) throw new RangeError('the transaction is over')
      try {
        return await this.#session.ask(text, values, milliseconds)
      } catch (error) {
        this.failed ??= error
        throw error
      }
    })
  }
}
