/** A value of a column: text, a whole number (bigint columns stay below 2^53), or nothing. */
export type Value = string | number | null

/** A row as an engine hands it out; bigints may come as number, bigint or text, and are read by `numberOf` in `row.ts`. */
export type Row = Readonly<Record<string, unknown>>

/** Statements in one transaction. Placeholders are `$1`, `$2`, …, each used once and in order. */
export interface Statements {
  /** Runs a statement that answers nothing; resolves with the number of rows that it touched. */
  run(text: string, values?: readonly Value[]): Promise<number>
  all(text: string, values?: readonly Value[]): Promise<readonly Row[]>
}

/** How an engine writes what the two differ in; everything else is one text (`sql.ts`). */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** The type of a column whose rows are numbered by the engine, rising. */
  readonly rowNumber: string
  /** How many rows one statement is given at most: few where it is a call in this process, many where it is a round trip. */
  readonly rowsMax: number
}

/**
 * A database that speaks our SQL. Refusals: `StoreUnavailable` where nothing was written and trying again may succeed (no
 * connection, disk full, locked). After any other error of `write` it is not known whether the work is on disk.
 */
export interface Engine {
  readonly dialect: Dialect

  /** Reads, outside any transaction; sees all that was durable when it was called. */
  all(text: string, values?: readonly Value[]): Promise<readonly Row[]>

  /** Everything that is read inside is read at one instant, and nothing is written. */
  snapshot<T>(work: (statements: Statements & Streaming) => Promise<T>): Promise<T>

  /**
   * One transaction: all of it or nothing, durable when it resolves. Calls queue up behind one another. The work may be run
   * again where the engine gave it up for another's sake (serialization failure, deadlock); a throw rolls back and is passed on.
   */
  write<T>(work: (statements: Statements) => Promise<T>): Promise<T>

  /**
   * Calls `wake` when another process may have written. A hint may come late, or never, or for nothing. Answers how to stop it.
   * Missing where the engine has no way to know.
   */
  readonly onHint?: (wake: () => void) => () => void

  /** Leaves nothing on disk of what was overwritten or deleted before. Dear; missing where the engine cannot do it. */
  readonly scrub?: () => Promise<void>

  /**
   * Looks at everything that the engine itself keeps: that indexes lead to their rows, and pages to one another. Rejects with
   * `StoreDamaged`. Missing where the server does such things by itself.
   */
  readonly examine?: () => Promise<void>

  close(): Promise<void>
}

/** Rows by the million, read once and to the end, without all of them in memory. */
export interface Streaming {
  stream(text: string, values?: readonly Value[]): AsyncIterable<readonly Row[]>
}
