import type { Row, Statements } from '../store/engine.ts'
import { type Digest, digestOf } from './digest.ts'
import { Feed, whole, words } from './feed.ts'

/**
 * What verification reads. Numbers come as text: in SQLite a column holds what was put there, and a number of more than 53 bits
 * would not be read at all.
 */
const sql = {
  nodes: `SELECT node FROM audit_chain UNION SELECT node FROM audit_number UNION SELECT node FROM audit_run
    UNION SELECT node FROM audit_refusal UNION SELECT node FROM audit_block UNION SELECT node FROM audit_page
    UNION SELECT node FROM audit_digest UNION SELECT node FROM audit_index UNION SELECT node FROM audit_index_part
    ORDER BY node`,
  head: `SELECT CAST(sequence AS text) AS sequence, CAST(number AS text) AS number, hash, CAST(at AS text) AS at, mac
    FROM audit_chain WHERE node = $1`,
  lastNumber: 'SELECT CAST(max(number) AS text) AS number FROM audit_number WHERE node = $1',
  digests: `SELECT CAST(segment AS text) AS segment, body, signature FROM audit_digest
    WHERE node = $1 AND segment > $2 ORDER BY audit_digest.segment LIMIT $3`,
  blocks: `SELECT CAST(high AS text) AS high, CAST(segment AS text) AS segment, CAST(block AS text) AS block,
    CAST(first AS text) AS first, CAST(last AS text) AS last, body FROM audit_block
    WHERE node = $1 AND high > $2 ORDER BY audit_block.high LIMIT $3`,
  pages: `SELECT CAST(high AS text) AS high, account, CAST(block AS text) AS block FROM audit_page
    WHERE node = $1 AND high > $2 ORDER BY audit_page.high LIMIT $3`,
  refusals: `SELECT CAST(place AS text) AS place, account, request_id FROM audit_refusal
    WHERE node = $1 AND place > $2 ORDER BY audit_refusal.place LIMIT $3`,
  runs: `SELECT CAST(high AS text) AS high, CAST(first AS text) AS first, CAST(last AS text) AS last, account, body
    FROM audit_run WHERE node = $1 AND high > $2 ORDER BY audit_run.high LIMIT $3`,
  index: `SELECT CAST(first AS text) AS first, CAST(last AS text) AS last, mac, body FROM audit_index WHERE node = $1
    ORDER BY audit_index.first, audit_index.last`,
  indexParts: `SELECT CAST(part AS text) AS part, mac, body FROM audit_index_part
    WHERE node = $1 AND first = $2 AND last = $3 AND part > $4 ORDER BY audit_index_part.part LIMIT $5`,
  below: `SELECT 'audit_digest' AS place FROM audit_digest WHERE node = $1 AND segment < 0
    UNION ALL SELECT 'audit_block' AS place FROM audit_block WHERE node = $2 AND high < 0
    UNION ALL SELECT 'audit_page' AS place FROM audit_page WHERE node = $3 AND high < 0
    UNION ALL SELECT 'audit_refusal' AS place FROM audit_refusal WHERE node = $4 AND place < 0
    UNION ALL SELECT 'audit_run' AS place FROM audit_run WHERE node = $5 AND high < 0`,
  schema: `SELECT value FROM meta WHERE name = 'audit'`,
  marks: 'SELECT batch, node, mac FROM audit_moved ORDER BY batch',
} as const

type Reading = Pick<Statements, 'all'>

export interface DigestRow {
  readonly segment: number
  readonly body: string
  readonly signature: string
  /** What the body says; `undefined` where it is no digest. */
  readonly digest: Digest | undefined
}
export interface BlockRow {
  readonly high: number
  readonly segment: number
  readonly block: number
  readonly first: number
  readonly last: number
  readonly body: string
}
export interface RunRow {
  readonly high: number
  readonly first: number
  readonly last: number
  readonly account: string
  readonly body: string
}
export interface PageRow {
  readonly high: number
  readonly account: string
  readonly block: number
}
export interface RefusalRow {
  readonly place: number
  readonly account: string
  readonly requestId: string
}

/** The digests of a chain, from the one behind a segment. */
export const digestsOf = (reading: Reading, node: string, after = -1): Feed<DigestRow> =>
  new Feed(
    reading,
    sql.digests,
    node,
    'segment',
    64,
    (row) => ({
      segment: whole(row, 'segment'),
      body: words(row, 'body'),
      signature: words(row, 'signature'),
      digest: digestOf(words(row, 'body')),
    }),
    after,
  )

/** Everything that is kept of one chain. */
export class Evidence {
  readonly digests: Feed<DigestRow>
  readonly blocks: Feed<BlockRow>
  readonly pages: Feed<PageRow>
  readonly refusals: Feed<RefusalRow>
  readonly runs: Feed<RunRow>
  readonly #reading: Reading
  readonly #node: string

  constructor(reading: Reading, node: string) {
    this.#reading = reading
    this.#node = node
    this.digests = digestsOf(reading, node)
    this.blocks = new Feed(reading, sql.blocks, node, 'high', 16, (row) => ({
      high: whole(row, 'high'),
      segment: whole(row, 'segment'),
      block: whole(row, 'block'),
      first: whole(row, 'first'),
      last: whole(row, 'last'),
      body: words(row, 'body'),
    }))
    this.pages = new Feed(reading, sql.pages, node, 'high', 256, (row) => ({
      high: whole(row, 'high'),
      account: words(row, 'account'),
      block: whole(row, 'block'),
    }))
    this.refusals = new Feed(reading, sql.refusals, node, 'place', 1024, (row) => ({
      place: whole(row, 'place'),
      account: words(row, 'account'),
      requestId: words(row, 'request_id'),
    }))
    this.runs = new Feed(reading, sql.runs, node, 'high', 64, (row) => ({
      high: whole(row, 'high'),
      first: whole(row, 'first'),
      last: whole(row, 'last'),
      account: words(row, 'account'),
      body: words(row, 'body'),
    }))
  }

  async head(): Promise<Row | undefined> {
    return (await this.#reading.all(sql.head, [this.#node]))[0]
  }

  /**
   * The table of a row that stands below the first of the chain. Places are counted from 0, and what is read here begins there; whoever
   * reads a trail from its end would be shown it.
   */
  async below(): Promise<string | undefined> {
    const [row] = await this.#reading.all(
      sql.below,
      Array.from({ length: 5 }, () => this.#node),
    )
    return row && words(row, 'place')
  }

  /** The heads of the files of the chain's index. */
  async index(): Promise<readonly { readonly first: number; readonly last: number; readonly row: Row }[]> {
    const rows = await this.#reading.all(sql.index, [this.#node])
    return rows.map((row) => ({ first: whole(row, 'first'), last: whole(row, 'last'), row }))
  }

  /** The next parts of such a file, in their order. */
  indexParts(first: number, last: number, after: number): Promise<readonly Row[]> {
    return this.#reading.all(sql.indexParts, [this.#node, first, last, after, 64])
  }

  /** The highest number that was given to an append of this chain. */
  async lastNumber(): Promise<number | undefined> {
    const [row] = await this.#reading.all(sql.lastNumber, [this.#node])
    return row === undefined || row.number === null ? undefined : whole(row, 'number')
  }
}

/** The version of the tables, as their maker noted it. */
export const schemaOf = async (reading: Reading): Promise<string> => String((await reading.all(sql.schema))[0]?.value)

/** Every chain of which anything is kept, and whether there is anything that says of no chain that it is of it. */
export async function nodesOf(reading: Reading): Promise<{ readonly nodes: readonly string[]; readonly odd: boolean }> {
  const found = (await reading.all(sql.nodes)).map((row) => row.node)
  const nodes = found.filter((node) => typeof node === 'string')
  return { nodes, odd: nodes.length < found.length }
}

export const marksOf = (reading: Reading): Promise<readonly Row[]> => reading.all(sql.marks)
