import type { Value } from './engine.ts'

/** `($1, $2), ($3, $4)`: places for rows, the last column being a constant where one is given. */
function places(rows: number, columns: number): string {
  const tuples: string[] = []
  for (let row = 0; row < rows; row++) {
    const tuple: string[] = []
    for (let column = 1; column <= columns; column++) tuple.push(`$${row * columns + column}`)
    tuples.push(`(${tuple.join(', ')})`)
  }
  return tuples.join(', ')
}

/** Texts for every number of rows, each made once. */
function forRows(columns: number, text: (places: string) => string): (rows: number) => string {
  const made = new Map<number, string>()
  return (rows) => {
    let there = made.get(rows)
    if (there === undefined) {
      there = text(places(rows, columns))
      made.set(rows, there)
    }
    return there
  }
}

/** The entities of those keys. A single one is asked for plainly: SQLite would make a table of the list first. */
const isOne = (rows: string): string =>
  rows === places(1, 2) ? 'kind = $1 AND id = $2' : `(kind, id) IN (VALUES ${rows})`

/** Cuts rows into as many as one statement takes. */
export function inStatements(
  rows: readonly (readonly Value[])[],
  rowsMax: number,
): readonly { readonly rows: number; readonly values: readonly Value[] }[] {
  const statements = []
  for (let at = 0; at < rows.length; at += rowsMax) {
    const values: Value[] = []
    const end = Math.min(at + rowsMax, rows.length)
    for (let row = at; row < end; row++) for (const value of rows[row] ?? []) values.push(value)
    statements.push({ rows: end - at, values })
  }
  return statements
}

/**
 * The store's language, one text for every engine: placeholders are `$1`, `$2`, …; types are text and bigint; entities are
 * JSON as text. An engine turns the placeholders into its own, and says how many rows it likes to have in one statement.
 */
export const sql = {
  head: 'SELECT revision, batch, entities, fingerprint FROM head',
  raise: `UPDATE head SET revision = $1, batch = $2, entities = $3, fingerprint = $4
    WHERE revision = $5 AND batch = $6`,
  checksums: forRows(2, (rows) => `SELECT crc FROM entity WHERE ${isOne(rows)}`),
  put: forRows(
    5,
    (rows) => `INSERT INTO entity (kind, id, revision, crc, body) VALUES ${rows}
      ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, crc = excluded.crc, body = excluded.body`,
  ),
  drop: forRows(2, (rows) => `DELETE FROM entity WHERE ${isOne(rows)}`),
  note: forRows(3, (rows) => `INSERT INTO change (revision, kind, id) VALUES ${rows}`),
  /** What a checksum is over is put together by the database: a row of two columns is handed over in half the time of one of four. */
  entities: `SELECT id, crc, kind || ' ' || id || ' ' || body AS whole FROM entity`,
  known: `SELECT revision FROM change WHERE revision = $1 AND kind = '' AND id = $2`,
  since: `SELECT touched.kind, touched.id, entity.crc, entity.kind || ' ' || entity.id || ' ' || entity.body AS whole
    FROM (SELECT DISTINCT kind, id FROM change WHERE revision > $1 AND kind <> '') AS touched
    LEFT JOIN entity ON entity.kind = touched.kind AND entity.id = touched.id`,
  forget: 'DELETE FROM change WHERE revision < $1',
  post: 'INSERT INTO outbox (batch, revision, records) VALUES ($1, $2, $3)',
  outbox: 'SELECT batch, records FROM outbox ORDER BY revision, batch LIMIT $1',
  posted: forRows(1, (rows) => `DELETE FROM outbox WHERE batch IN (VALUES ${rows})`),
} as const
