/**
 * The store's language, one text for every engine: placeholders are `$1`, `$2`, …; types are text and bigint; entities are
 * JSON as text. An engine turns the placeholders into its own and says how it numbers rows.
 */
export const sql = {
  head: 'SELECT revision FROM head',
  raise: 'UPDATE head SET revision = $1 WHERE revision = $2',
  put: `INSERT INTO entity (kind, id, revision, body) VALUES ($1, $2, $3, $4)
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, body = excluded.body`,
  drop: 'DELETE FROM entity WHERE kind = $1 AND id = $2',
  note: 'INSERT INTO change (revision, kind, id) VALUES ($1, $2, $3)',
  record: 'INSERT INTO trail_run (account, request_id, decision, records) VALUES ($1, $2, $3, $4)',
  entities: 'SELECT body FROM entity',
  since: `SELECT touched.kind, touched.id, entity.body
    FROM (SELECT DISTINCT kind, id FROM change WHERE revision > $1) AS touched
    LEFT JOIN entity ON entity.kind = touched.kind AND entity.id = touched.id`,
  decision: `SELECT account, request_id, decision, records FROM trail_run
    WHERE request_id = $1 AND account = $2 AND decision IS NOT NULL ORDER BY run DESC LIMIT 1`,
  lastDecision: `SELECT account, request_id, decision, records FROM trail_run
    WHERE account = $1 AND decision IS NOT NULL ORDER BY run DESC LIMIT 1`,
  trail: `SELECT run, account, decision, records FROM trail_run
    WHERE account = $1 AND run <= $2 ORDER BY run DESC LIMIT $3`,
  schema: `SELECT value FROM meta WHERE name = 'schema'`,
  setSchema: `INSERT INTO meta (name, value) VALUES ('schema', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
} as const

/**
 * What leads from each schema version to the next; a new database walks them all. Only ever add to the end: what stands here
 * has been run on somebody's data. Decisions have their own indexes over refusals alone: an index over every request id would
 * touch a page for each record, and double what AssumeRole costs.
 */
export const migrations = (rowNumber: string): readonly (readonly string[])[] => [
  [
    'CREATE TABLE head (revision bigint NOT NULL)',
    'INSERT INTO head (revision) VALUES (0)',
    `CREATE TABLE entity (
      kind text NOT NULL, id text NOT NULL, revision bigint NOT NULL, body text NOT NULL, PRIMARY KEY (kind, id))`,
    `CREATE TABLE change (
      revision bigint NOT NULL, kind text NOT NULL, id text NOT NULL, PRIMARY KEY (revision, kind, id))`,
    `CREATE TABLE trail (
      sequence ${rowNumber}, event_id text NOT NULL, at bigint NOT NULL, account text NOT NULL, request_id text NOT NULL,
      event text NOT NULL, decision text)`,
    'CREATE INDEX trail_by_account ON trail (account, sequence)',
    'CREATE INDEX decision_by_request ON trail (request_id) WHERE decision IS NOT NULL',
    'CREATE INDEX decision_by_account ON trail (account, sequence) WHERE decision IS NOT NULL',
  ],
  // Records move from a row each into runs of many (`run.ts`): SQLite's work is by the row, and most records come in batches.
  [
    `CREATE TABLE trail_run (
      run ${rowNumber}, account text NOT NULL, request_id text, decision text, records text NOT NULL)`,
    `INSERT INTO trail_run (run, account, request_id, decision, records)
      SELECT sequence, account, CASE WHEN decision IS NULL THEN NULL ELSE request_id END, decision,
        at || '\t' || event_id || '\t' || request_id || '\t' || event FROM trail`,
    'DROP TABLE trail',
    'CREATE INDEX trail_by_account ON trail_run (account, run)',
    'CREATE INDEX decision_by_request ON trail_run (request_id) WHERE decision IS NOT NULL',
    'CREATE INDEX decision_by_account ON trail_run (account, run) WHERE decision IS NOT NULL',
  ],
]
