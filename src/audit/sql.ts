import type { Dialect } from '../store/engine.ts'

/** The trail's language, one text for every engine, as in `store/sql.ts`. Rows that come by the many are put by `putting`. */
export const sql = {
  head: 'SELECT sequence, number, hash, at, mac FROM audit_chain WHERE node = $1',
  heads: 'SELECT node, sequence, at FROM audit_chain',
  found: `INSERT INTO audit_chain (node, sequence, number, hash, at, mac) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (node) DO NOTHING`,
  raise: `UPDATE audit_chain SET sequence = $1, number = $2, hash = $3, at = $4, mac = $5
    WHERE node = $6 AND sequence = $7 AND hash = $8`,
  /** Waits for whoever holds the row: what is read afterwards in the transaction is how that one ended. */
  hold: 'UPDATE audit_chain SET node = node WHERE node = $1',
  number: 'INSERT INTO audit_number (node) VALUES ($1) RETURNING number',
  dropNumbers: `DELETE FROM audit_number WHERE node = $1
    AND number < (SELECT number FROM audit_chain WHERE audit_chain.node = audit_number.node)`,

  moved: 'INSERT INTO audit_moved (batch, node, mac) VALUES ($1, $2, $3) ON CONFLICT (batch) DO NOTHING',
  mark: 'SELECT node, mac FROM audit_moved WHERE batch = $1',
  remark: 'UPDATE audit_moved SET node = $1, mac = $2 WHERE batch = $3',
  marks: 'SELECT batch FROM audit_moved',
  forget: 'DELETE FROM audit_moved WHERE batch = $1',

  lastDigest: 'SELECT segment, body, signature FROM audit_digest WHERE node = $1 ORDER BY segment DESC LIMIT 1',
  putDigest: `INSERT INTO audit_digest (node, segment, body, signature) VALUES ($1, $2, $3, $4)
    ON CONFLICT (node, segment) DO NOTHING`,
  runs: `SELECT high, first, last, account, body FROM audit_run
    WHERE node = $1 AND high > $2 ORDER BY high LIMIT $3`,
  dropRuns: 'DELETE FROM audit_run WHERE node = $1 AND high <= $2',

  refusal: 'SELECT place, node FROM audit_refusal WHERE request_id = $1 AND account = $2 ORDER BY place DESC LIMIT 1',
  lastRefusal: 'SELECT place, node FROM audit_refusal WHERE account = $1 ORDER BY place DESC LIMIT 1',
  runsBelow: `SELECT high, body FROM audit_run WHERE account = $1 AND high < $2 ORDER BY high DESC LIMIT $3`,
  runAround: 'SELECT high, body FROM audit_run WHERE account = $1 AND high >= $2 ORDER BY high LIMIT 1',
  pagesBelow: `SELECT high, block FROM audit_page WHERE account = $1 AND high < $2 ORDER BY high DESC LIMIT $3`,
  /** Blocks of several nodes lie over one another: of each the one that the place may stand in. */
  pagesAround: `SELECT page.high, page.block FROM audit_chain JOIN audit_page AS page ON page.node = audit_chain.node
    AND page.account = $1 AND page.high = (SELECT min(high) FROM audit_page AS other
      WHERE other.account = $2 AND other.node = audit_chain.node AND other.high >= $3)`,
  pageAround: `SELECT high, block FROM audit_page WHERE account = $1 AND node = $2 AND high >= $3 ORDER BY high LIMIT 1`,
  block: 'SELECT body FROM audit_block WHERE high = $1',

  openRuns: 'SELECT high, body FROM audit_run WHERE account = $1 AND high > $2 ORDER BY high LIMIT $3',

  sealedTo: `SELECT node, (SELECT max(segment) FROM audit_digest WHERE audit_digest.node = audit_chain.node) AS segment
    FROM audit_chain`,
  digest: 'SELECT body, signature FROM audit_digest WHERE node = $1 AND segment = $2',
  indexFiles: 'SELECT node, first, last, mac FROM audit_index ORDER BY node, first, last DESC',
  indexFilesOf: 'SELECT first, last, mac FROM audit_index WHERE node = $1 ORDER BY first, last DESC',
  indexHead: 'SELECT mac, body FROM audit_index WHERE node = $1 AND first = $2 AND last = $3',
  indexPart: `SELECT mac, body FROM audit_index_part WHERE node = $1 AND first = $2 AND last = $3 AND part = $4`,
  indexParts: `SELECT part, mac, body FROM audit_index_part WHERE node = $1 AND first = $2 AND last = $3 AND part > $4
    ORDER BY part LIMIT $5`,
  putIndexHead: `INSERT INTO audit_index (node, first, last, mac, body) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (node, first, last) DO UPDATE SET mac = excluded.mac, body = excluded.body`,
  putIndexPart: `INSERT INTO audit_index_part (node, first, last, part, mac, body) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (node, first, last, part) DO UPDATE SET mac = excluded.mac, body = excluded.body`,
  dropIndexHead: 'DELETE FROM audit_index WHERE node = $1 AND first = $2 AND last = $3',
  dropIndexParts: 'DELETE FROM audit_index_part WHERE node = $1 AND first = $2 AND last = $3',
} as const

/** Rows of a table, up to `rowsAtOnce` in one statement. */
export const tables = {
  run: ['audit_run', ['high', 'node', 'first', 'last', 'account', 'body']],
  refusal: ['audit_refusal', ['place', 'node', 'account', 'request_id']],
  block: ['audit_block', ['high', 'node', 'segment', 'block', 'first', 'last', 'body']],
  page: ['audit_page', ['high', 'node', 'account', 'block']],
} as const satisfies Readonly<Record<string, readonly [string, readonly string[]]>>

const putTexts = new Map<string, string>()

/** The statement that puts `rows` rows into a table. */
export function putting(table: keyof typeof tables, rows: number): string {
  const name = `${table} ${rows}`
  let text = putTexts.get(name)
  if (text === undefined) {
    const [into, columns] = tables[table]
    const row = (at: number) => `(${columns.map((_, column) => `$${at * columns.length + column + 1}`).join(', ')})`
    text = `INSERT INTO ${into} (${columns.join(', ')}) VALUES ${Array.from({ length: rows }, (_, at) => row(at)).join(', ')}`
    putTexts.set(name, text)
  }
  return text
}

/**
 * What leads from each schema version to the next; a new database walks them all. Only ever add to the end: what stands here
 * has been run on somebody's data. Rows lie in the order of their places, which is the order in which they are written: an
 * append touches the last page of each table and no other, but for the index over request ids of refusals.
 */
export const migrations = ({ name, rowNumber }: Dialect): readonly (readonly string[])[] => {
  // In SQLite a key of this type is the row's own number and needs no index; in PostgreSQL `integer` would have 32 bits.
  const place = name === 'sqlite' ? 'INTEGER PRIMARY KEY' : 'bigint PRIMARY KEY'
  return [
    [
      `CREATE TABLE audit_chain (
        node text PRIMARY KEY, sequence bigint NOT NULL, number bigint NOT NULL, hash text NOT NULL, at bigint NOT NULL,
        mac text NOT NULL)`,
      `CREATE TABLE audit_number (number ${rowNumber}, node text NOT NULL)`,
      `CREATE TABLE audit_run (
        high ${place}, node text NOT NULL, first bigint NOT NULL, last bigint NOT NULL, account text NOT NULL,
        body text NOT NULL)`,
      'CREATE INDEX audit_run_by_account ON audit_run (account, high)',
      `CREATE TABLE audit_refusal (
        place ${place}, node text NOT NULL, account text NOT NULL, request_id text NOT NULL)`,
      'CREATE INDEX audit_refusal_by_request ON audit_refusal (request_id)',
      'CREATE INDEX audit_refusal_by_account ON audit_refusal (account, place)',
      `CREATE TABLE audit_block (
        high ${place}, node text NOT NULL, segment bigint NOT NULL, block bigint NOT NULL, first bigint NOT NULL,
        last bigint NOT NULL, body text NOT NULL)`,
      `CREATE TABLE audit_page (
        high ${place}, node text NOT NULL, account text NOT NULL, block bigint NOT NULL)`,
      'CREATE INDEX audit_page_by_account ON audit_page (account, high)',
      'CREATE INDEX audit_page_by_chain ON audit_page (account, node, high)',
      `CREATE TABLE audit_digest (
        node text NOT NULL, segment bigint NOT NULL, body text NOT NULL, signature text NOT NULL,
        PRIMARY KEY (node, segment))`,
      'CREATE TABLE audit_moved (batch text PRIMARY KEY, node text NOT NULL, mac text NOT NULL)',
    ],
    // Where sessions are told of that have not ended.
    [
      `CREATE TABLE audit_session (
        high ${place}, node text NOT NULL, account text NOT NULL, expires bigint NOT NULL, body text NOT NULL)`,
      'CREATE INDEX audit_session_by_account ON audit_session (account, high)',
    ],
    // Whatever is looked up is found by one index, sessions too.
    [
      'DROP TABLE audit_session',
      // The body comes last, so that a list of files reads none of them.
      `CREATE TABLE audit_index (
        node text NOT NULL, first bigint NOT NULL, last bigint NOT NULL, mac text NOT NULL, body text NOT NULL,
        PRIMARY KEY (node, first, last))`,
      `CREATE TABLE audit_index_part (
        node text NOT NULL, first bigint NOT NULL, last bigint NOT NULL, part bigint NOT NULL, mac text NOT NULL,
        body text NOT NULL, PRIMARY KEY (node, first, last, part))`,
    ],
    // It leads to pieces of blocks, and says of segments when their records are: it is made anew from the blocks.
    ['DELETE FROM audit_index', 'DELETE FROM audit_index_part'],
  ]
}
