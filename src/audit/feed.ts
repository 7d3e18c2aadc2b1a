import type { Row, Statements } from '../store/engine.ts'

/** What is wrong at the first place of a chain where anything is. */
export interface Finding {
  readonly node: string
  /** Sequence of the first record that is not as it was written, where one can be named. */
  readonly sequence?: number
  readonly segment?: number
  readonly what: What
  /** The same in words. */
  readonly detail: string
}

export type What =
  | 'edited'
  | 'missing'
  | 'reordered'
  | 'duplicate'
  | 'extra'
  | 'cut'
  | 'segment'
  | 'digest'
  | 'unsigned'
  | 'head'
  | 'anchor'
  | 'index'
  | 'mark'
  | 'unreadable'

/** Ends the walk over a chain. */
export class Bad extends Error {
  readonly finding: Omit<Finding, 'node'>
  constructor(what: What, detail: string, at: { readonly sequence?: number; readonly segment?: number } = {}) {
    super(detail)
    this.finding = { ...at, what, detail }
  }
}

/** A whole number as a column's text; whoever alters a database may have put anything there. */
export function whole(row: Row, column: string): number {
  const value = row[column]
  if (typeof value === 'string' && /^(?:0|-?[1-9][0-9]{0,15})$/.test(value) && Number.isSafeInteger(Number(value)))
    return Number(value)
  throw new Bad('unreadable', `column ${column} holds no number`)
}

export function words(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw new Bad('unreadable', `column ${column} holds no text`)
}

/** Rows of one chain in the order of a key, read as they are wanted. */
export class Feed<T> {
  readonly #reading: Pick<Statements, 'all'>
  readonly #text: string
  readonly #node: string
  readonly #atOnce: number
  readonly #key: string
  readonly #parse: (row: Row) => T
  #rows: readonly Row[] = []
  #at = 0
  #after: number | undefined

  /** The statement takes the node, the key after which to go on, and how many rows. */
  constructor(
    reading: Pick<Statements, 'all'>,
    text: string,
    node: string,
    key: string,
    atOnce: number,
    parse: (row: Row) => T,
    after = -1,
  ) {
    this.#reading = reading
    this.#text = text
    this.#node = node
    this.#key = key
    this.#atOnce = atOnce
    this.#parse = parse
    this.#after = after
  }

  /** The next row, which stays the next until it is taken. */
  async peek(): Promise<T | undefined> {
    if (this.#at === this.#rows.length) {
      if (this.#after === undefined) return undefined
      this.#rows = await this.#reading.all(this.#text, [this.#node, this.#after, this.#atOnce])
      this.#at = 0
      const last = this.#rows.at(-1)
      this.#after = last === undefined || this.#rows.length < this.#atOnce ? undefined : whole(last, this.#key)
    }
    const row = this.#rows[this.#at]
    return row && this.#parse(row)
  }

  async take(): Promise<T | undefined> {
    const row = await this.peek()
    if (row !== undefined) this.#at++
    return row
  }
}
