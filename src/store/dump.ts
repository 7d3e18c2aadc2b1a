import type { Engine, Row, Statements, Streaming, Value } from './engine.ts'

/** Tables whose rows are all that a database holds, in the order in which they are filled. */
export type Tables = readonly string[]

/** A table of a dump: its name and its columns, and then its rows, a value for each column. */
export type Piece =
  | { readonly table: string; readonly columns: readonly string[] }
  | { readonly rows: readonly (readonly Value[])[] }

/** Every row of every table, as of the instant that the statements read at. */
export async function* dump(reading: Statements & Streaming, tables: Tables): AsyncIterable<Piece> {
  for (const table of tables) {
    let columns: readonly string[] | undefined
    for await (const rows of reading.stream(`SELECT * FROM ${table}`)) {
      const [first] = rows
      if (first === undefined) continue
      if (columns === undefined) {
        columns = Object.keys(first)
        yield { table, columns }
      }
      const names = columns
      yield { rows: rows.map((row) => names.map((name) => valueIn(row, name))) }
    }
  }
}

/** What it is depends on the engine: whole numbers may come as number, bigint or text. Numbers stay below 2^53 in ours. */
function valueIn(row: Row, column: string): Value {
  const value = row[column]
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  throw new Error(`column ${column} holds neither text nor a number`)
}

/** SQLite's and PostgreSQL's limits on parameters are far above; more would only be memory. */
const parametersMax = 5000

/**
 * Fills one table within a transaction. Names come from a file: only those of the tables that there are may be named, and a
 * column's has the form of ours.
 */
export class Filling {
  readonly #statements: Statements
  readonly #rowsMax: number
  /** PostgreSQL numbers rows itself unless it is told that their numbers are given. */
  readonly #numbers: string
  readonly #tables: Tables
  #into: { readonly table: string; readonly columns: readonly string[] } | undefined

  constructor(statements: Statements, engine: Engine, tables: Tables) {
    this.#statements = statements
    this.#rowsMax = engine.dialect.rowsMax
    this.#numbers = engine.dialect.name === 'postgres' ? 'OVERRIDING SYSTEM VALUE ' : ''
    this.#tables = tables
  }

  async take(piece: Piece): Promise<void> {
    if ('table' in piece) {
      const { table, columns } = piece
      if (!this.#tables.includes(table)) throw new Error(`it names a table that there is not: ${table.slice(0, 40)}`)
      if (columns.length === 0 || !columns.every((name) => /^[a-z_]{1,40}$/.test(name)))
        throw new Error(`it names columns of ${table} that there are not`)
      this.#into = { table, columns }
      return
    }
    if (this.#into === undefined) throw new Error('it has rows of no table')
    const { table, columns } = this.#into
    const atOnce = Math.max(1, Math.min(this.#rowsMax, Math.floor(parametersMax / columns.length)))
    for (let at = 0; at < piece.rows.length; at += atOnce) {
      const rows = piece.rows.slice(at, at + atOnce)
      if (!rows.every((row) => row.length === columns.length))
        throw new Error(`it has a row of ${table} that does not fit`)
      await this.#statements.run(inserting(table, columns, rows.length, this.#numbers), rows.flat())
    }
  }
}

function inserting(table: string, columns: readonly string[], rows: number, numbers: string): string {
  const row = (at: number) => `(${columns.map((_, column) => `$${at * columns.length + column + 1}`).join(', ')})`
  return `INSERT INTO ${table} (${columns.join(', ')}) ${numbers}VALUES ${Array.from({ length: rows }, (_, at) => row(at)).join(', ')}`
}
