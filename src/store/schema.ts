import { checksum, wholeOf } from './checksum.ts'
import type { Row, Statements } from './engine.ts'
import type { Step } from './migrate.ts'
import { writeRecords } from './outbox.ts'
import { numberOf, textOf } from './row.ts'
import type { TrailRow } from './store.ts'

/** Rows that are looked at together while a schema is walked forward. */
const rowsAtOnce = 256

/** What the store's schema is called in `meta`. */
export const schemaName = 'schema'

/**
 * What leads from each schema version to the next; a new database walks them all. Only ever add to the end: what stands here
 * has been run on somebody's data. (The tables of records number their rows no longer by themselves: nothing is written to them
 * any more but what the next step takes away.)
 */
export const schema: readonly Step[] = [
  [
    'CREATE TABLE head (revision bigint NOT NULL)',
    'INSERT INTO head (revision) VALUES (0)',
    `CREATE TABLE entity (
      kind text NOT NULL, id text NOT NULL, revision bigint NOT NULL, body text NOT NULL, PRIMARY KEY (kind, id))`,
    `CREATE TABLE change (
      revision bigint NOT NULL, kind text NOT NULL, id text NOT NULL, PRIMARY KEY (revision, kind, id))`,
    `CREATE TABLE trail (
      sequence bigint PRIMARY KEY, event_id text NOT NULL, at bigint NOT NULL, account text NOT NULL, request_id text NOT NULL,
      event text NOT NULL, decision text)`,
    'CREATE INDEX trail_by_account ON trail (account, sequence)',
    'CREATE INDEX decision_by_request ON trail (request_id) WHERE decision IS NOT NULL',
    'CREATE INDEX decision_by_account ON trail (account, sequence) WHERE decision IS NOT NULL',
  ],
  // Records move from a row each into runs of many: SQLite's work is by the row, and most records come in batches.
  [
    `CREATE TABLE trail_run (
      run bigint PRIMARY KEY, account text NOT NULL, request_id text, decision text, records text NOT NULL)`,
    `INSERT INTO trail_run (run, account, request_id, decision, records)
      SELECT sequence, account, CASE WHEN decision IS NULL THEN NULL ELSE request_id END, decision,
        at || '\t' || event_id || '\t' || request_id || '\t' || event FROM trail`,
    'DROP TABLE trail',
    'CREATE INDEX trail_by_account ON trail_run (account, run)',
    'CREATE INDEX decision_by_request ON trail_run (request_id) WHERE decision IS NOT NULL',
    'CREATE INDEX decision_by_account ON trail_run (account, run) WHERE decision IS NOT NULL',
  ],
  // The head names its commit, and says what the entities come to. The trail moves to the audit log, by way of the outbox.
  [
    `ALTER TABLE head ADD COLUMN batch text NOT NULL DEFAULT ''`,
    'ALTER TABLE head ADD COLUMN entities bigint NOT NULL DEFAULT 0',
    'ALTER TABLE head ADD COLUMN fingerprint bigint NOT NULL DEFAULT 0',
    'ALTER TABLE entity ADD COLUMN crc bigint NOT NULL DEFAULT 0',
    // A commit notes itself beside what it touched: no kind, and its id.
    `INSERT INTO change (revision, kind, id) SELECT revision, '', '' FROM head`,
    'CREATE TABLE outbox (batch text PRIMARY KEY, revision bigint NOT NULL, records text NOT NULL)',
    fingerprint,
    postTrail,
    'DROP TABLE trail_run',
  ],
]

async function fingerprint(statements: Statements): Promise<void> {
  let entities = 0
  let all = 0
  let last: readonly [string, string] = ['', '']
  for (;;) {
    const rows = await statements.all(
      `SELECT kind, id, body FROM entity WHERE (kind, id) > ($1, $2) ORDER BY kind, id LIMIT ${rowsAtOnce}`,
      last,
    )
    for (const row of rows) {
      last = [textOf(row, 'kind'), textOf(row, 'id')]
      const crc = checksum(wholeOf(...last, textOf(row, 'body')))
      await statements.run('UPDATE entity SET crc = $1 WHERE kind = $2 AND id = $3', [crc, ...last])
      entities++
      all = (all ^ crc) >>> 0
    }
    if (rows.length < rowsAtOnce) break
  }
  await statements.run('UPDATE head SET entities = $1, fingerprint = $2', [entities, all])
}

/** What was recorded so far goes out in front of all that comes, in the order of writing. */
async function postTrail(statements: Statements): Promise<void> {
  let last = -1
  for (;;) {
    const runs = await statements.all(
      `SELECT run, account, decision, records FROM trail_run WHERE run > $1 ORDER BY run LIMIT ${rowsAtOnce}`,
      [last],
    )
    const [first] = runs
    if (first === undefined) return
    // Batches of one revision go out in the order of their names.
    const batch = `trail ${String(numberOf(first, 'run')).padStart(16, '0')}`
    await statements.run('INSERT INTO outbox (batch, revision, records) VALUES ($1, 0, $2)', [
      batch,
      writeRecords(runs.flatMap(recordsOf)),
    ])
    last = runs.reduce((newest, run) => Math.max(newest, numberOf(run, 'run')), last)
  }
}

/** The records of a run of the second schema: a line each, with tabs between time, event id, request id and event. */
const recordsOf = (run: Row): readonly TrailRow[] =>
  textOf(run, 'records')
    .split('\n')
    .map((line) => {
      const [at = '', eventId = '', requestId = '', event = ''] = line.split('\t')
      const row = { eventId, at: Number(at), account: textOf(run, 'account'), requestId, event }
      return typeof run.decision === 'string' ? { ...row, decision: run.decision } : row
    })
