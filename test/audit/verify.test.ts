import { copyFileSync, rmSync } from 'node:fs'
import { constants, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inflated, packed } from '../../src/audit/block.ts'
import { type Head, headText, linked, markOf, sha256 } from '../../src/audit/chain.ts'
import type { Means } from '../../src/audit/chain-walk.ts'
import { type Anchor, anchorOf, type Digest, digestOf, digestText, signedText } from '../../src/audit/digest.ts'
import { headBody, headOf, type IndexHead, indexText } from '../../src/audit/index-file.ts'
import { makeAuditKey, Signer } from '../../src/audit/key.ts'
import { mintedText } from '../../src/audit/minted.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { type Verdict, verify } from '../../src/audit/verify.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { folder, key, record, seeded, Time, writerOptions } from './scene.ts'

// What `tamper.test.ts` draws by chance is told here one by one: each way in which a trail can be altered, and the words for it.

const dir = folder()
afterAll(() => dir.clean())

const signer = new Signer([key])
const stranger = makeAuditKey(seeded(99))
const [own, other] = ['111122223333', '444455556666']
/** What was noted of each digest, in the order in which they were made, but for those made when the trail was closed. */
let anchors: readonly Anchor[] = []
const sound = dir.file('sound.db')
const live = dir.file('live.db')
const open = (path: string) => openSqlite(path, { mark: marks.audit })

/** A session that a call made: it stands behind an explanation that is empty. */
const session = mintedText({
  key: 'ASIAQQQQQQQQQQQQQQQQ',
  kind: 'role',
  account: own,
  principal: 'AROAONE',
  arn: 'arn:aws:sts::111122223333:assumed-role/one/x',
  issuedAt: 1,
  expiresAt: 2,
  revision: 1,
  mfa: false,
  tagKeys: [],
  via: [],
})

/**
 * The chain `one`: segment 1 of two blocks, records 1 to 262 and 263 to 267; segment 2 of one, 268 to 270; and a tail of three runs,
 * 271 to 273, 274 and 275. Records 6, 270 and 274 are refusals that were explained. The chain `two`: one segment of two records.
 */
beforeAll(async () => {
  const time = new Time()
  const told: Anchor[] = []
  const opened = (node: string) =>
    SqlAudit.open(
      open(live),
      writerOptions(node, time, { schedule: () => () => {}, anchor: (anchor) => told.push(anchor) }),
    )
  const [one, two] = [await opened('one'), await opened('two')]
  let number = 0
  const rows = (count: number, account = own, decision?: string) =>
    Array.from({ length: count }, () => record(++number, account, decision))
  await one.append([
    ...rows(3).map((row) => ({ ...row, session })),
    ...rows(2, other),
    ...rows(1, other, '{"why":"no"}'),
  ])
  for (let times = 0; times < 4; times++) await one.append(rows(64))
  await one.append([...rows(2), ...rows(2, other)])
  await one.deliver([{ batch: 'batch-1', rows: rows(1) }])
  await one.seal()
  await two.append(rows(2))
  await one.append([...rows(2), ...rows(1, own, '{"why":"no"}')])
  await one.seal()
  await two.seal()
  await one.append([...rows(3), ...rows(1, other, '{"why":"no"}')])
  await one.append(rows(1))
  const database = openDatabase(live)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  // Before they are closed: then the tail would be sealed too.
  copyFileSync(live, sound)
  anchors = [...told]
  await Promise.all([one.close(), two.close()])
})

const noted = (): readonly Anchor[] =>
  ['one', 'two'].flatMap((node) => anchors.filter((one) => one.node === node).at(-1) ?? [])

const all = (): Means => ({ keys: [key], signer, anchors: noted() })
const unanchored: Means = { keys: [key], signer }
const none: Means = { keys: [] }

async function verdictOf(path: string, means: Means = all()): Promise<Verdict> {
  const engine = open(path)
  try {
    return await verify(engine, means)
  } finally {
    await engine.close()
  }
}

let copies = 0
/** What verification says of a copy that somebody has altered. */
async function altered(alter: (database: Database) => void, means?: Means): Promise<Verdict> {
  const path = dir.file(`copy-${++copies}.db`)
  copyFileSync(sound, path)
  const database = openDatabase(path)
  alter(database)
  database.close()
  try {
    return await verdictOf(path, means)
  } finally {
    rmSync(path)
  }
}

type Alter = (database: Database) => void
const run =
  (...statements: readonly string[]): Alter =>
  (database) => {
    for (const statement of statements) database.exec(statement)
  }
const cell = (database: Database, query: string): string =>
  String(Object.values(database.prepare(query).get() ?? {})[0])

describe('a sound trail', () => {
  test('is told of chain by chain, and counted', async () => {
    const read: number[] = []
    const verdict = await verdictOf(sound, { ...all(), progress: (bytes) => read.push(bytes) })
    expect(verdict).toEqual({
      findings: [],
      chains: [
        { node: 'one', records: 275, segments: 2, open: 5, from: 1_700_000_000_001, until: 1_700_000_000_277 },
        { node: 'two', records: 2, segments: 1, open: 0, from: 1_700_000_000_268, until: 1_700_000_000_269 },
      ],
      records: 277,
      segments: 3,
      refusals: 3,
      unindexed: 0,
      bytes: read.at(-1),
      checked: { signatures: true, heads: true, index: true, anchors: 2 },
    })
    // After each of four blocks and three runs.
    expect(read).toHaveLength(7)
    expect(read).toEqual([...new Set(read)].sort((a, b) => a - b))
    expect(verdict.bytes).toBeGreaterThan(70_000)
  })

  test('says what it could not be held against', async () => {
    const verdict = await verdictOf(sound, none)
    expect(verdict.findings).toEqual([])
    expect(verdict.checked).toEqual({ signatures: false, heads: false, index: false, anchors: 0 })
  })

  test('is not read where another version of rolecall wrote it', async () => {
    const of = (version: string) => altered(run(`UPDATE meta SET value = '${version}' WHERE name = 'audit'`))
    await expect(of('5')).rejects.toThrow(
      'the trail was written by a newer rolecall (audit 5, this one reads up to 4): upgrade rolecall',
    )
    await expect(of('3')).rejects.toThrow(
      'the trail was written by an older rolecall (audit 3, this one reads 4): start this one once, and it is walked forward',
    )
    for (const odd of ['four', ' 4'])
      expect((await of(odd)).findings).toEqual([
        { node: '', what: 'unreadable', detail: `the trail's tables are of version ${odd}, not 4` },
      ])
  })
})

/** Gives a digest another content, signed by whoever is said to: what a bug in sealing would leave, or who has stolen the key. */
const signed =
  (segment: number, change: (digest: Digest) => Partial<Digest>, by = signer): Alter =>
  (database) => {
    const where = `node = 'one' AND segment = ${segment}`
    const digest = digestOf(cell(database, `SELECT body FROM audit_digest WHERE ${where}`))
    if (digest === undefined) throw new Error('no digest')
    const body = digestText({ ...digest, ...change(digest) })
    database
      .prepare(`UPDATE audit_digest SET body = ?, signature = ? WHERE ${where}`)
      .run(body, by.sign(signedText(body)))
  }

/** Gives a chain another head, with the code of the key. */
const headed =
  (change: (head: Head) => Partial<Head>): Alter =>
  (database) => {
    const row = database.prepare(`SELECT * FROM audit_chain WHERE node = 'one'`).get() as unknown as Head
    const head = { ...row, ...change(row) }
    database
      .prepare(`UPDATE audit_chain SET sequence = ?, number = ?, hash = ?, at = ?, mac = ? WHERE node = 'one'`)
      .run(head.sequence, head.number, head.hash, head.at, signer.code(headText('one', head)))
  }

/** Gives a file of the index by attributes another head, with the code of the key: what a bug in indexing would leave. */
const indexed =
  (segment: number, change: (blocks: IndexHead['blocks']) => IndexHead['blocks']): Alter =>
  (database) => {
    const where = `node = 'one' AND first = ${segment} AND last = ${segment}`
    const head = headOf(cell(database, `SELECT body FROM audit_index WHERE ${where}`))
    const body = headBody({ ...head, blocks: change(head.blocks) })
    const mac = signer.code(indexText({ node: 'one', first: segment, last: segment }, 0, head.parts, body))
    database.prepare(`UPDATE audit_index SET body = ?, mac = ? WHERE ${where}`).run(body, mac)
  }

/** Changes the body of the run that begins with a record. */
const runBody =
  (first: number, change: (body: string) => string): Alter =>
  (database) => {
    const body = cell(database, `SELECT body FROM audit_run WHERE first = ${first}`)
    const after = change(body)
    expect(after).not.toBe(body)
    database.prepare('UPDATE audit_run SET body = ? WHERE first = ?').run(after, first)
  }

const block = `node = 'one' AND segment = 1 AND block =`
const blockBody =
  (number: number, change: (body: string) => string): Alter =>
  (database) => {
    const body = cell(database, `SELECT body FROM audit_block WHERE ${block} ${number}`)
    database.prepare(`UPDATE audit_block SET body = ? WHERE ${block} ${number}`).run(change(body))
  }

/** A stream of whole records that says it goes on, and does not. */
const cutBehind = (records: number): Alter =>
  blockBody(2, (body) => {
    const lines = inflated(body).toString().split('\n').slice(0, records).join('\n')
    const whole = deflateSync(lines, { finishFlush: constants.Z_SYNC_FLUSH })
    return whole.toString('base64')
  })

const edited = (line: string, at: number, field: (was: string) => string): string =>
  line
    .split('\t')
    .map((was, index) => (index === at ? field(was) : was))
    .join('\t')

/** Chains a line anew behind the hash before it, as who has no key can. */
const remarked = (hash: string, kept: string): string => {
  const line = kept.slice(kept.indexOf('\t') + 1)
  return `${markOf(linked(hash, line))}\t${line}`
}
/** The hash before the tail of `one`. */
const sealedHash = (database: Database): string =>
  digestOf(cell(database, `SELECT body FROM audit_digest WHERE node = 'one' AND segment = 2`))?.blocks.at(-1)?.hash ??
  ''

type Due = Omit<Verdict['findings'][number], 'node'> & { readonly node?: string }
const rows: readonly (readonly [what: string, alter: Alter, due: Due | readonly Due[]])[] = [
  [
    'a row that names no chain',
    run(`UPDATE audit_index_part SET node = x'07' WHERE node = 'one' AND first = 2`),
    [
      { node: '', what: 'unreadable', detail: 'there are rows that name no chain' },
      { what: 'index', segment: 2, detail: 'the index over segments 2 to 2 is not as it was written' },
    ],
  ],
  [
    'a mark of delivery that somebody made up',
    run(`INSERT INTO audit_moved VALUES ('batch-2', 'two', 'x.y')`),
    { node: 'two', what: 'mark', detail: 'batch batch-2 was marked as delivered by somebody else' },
  ],
  [
    'a mark of delivery moved to another batch',
    run(`UPDATE audit_moved SET batch = 'batch-2'`),
    { what: 'mark', detail: 'batch batch-2 was marked as delivered by somebody else' },
  ],

  [
    'a digest dropped at the end',
    run(`DELETE FROM audit_digest WHERE node = 'one' AND segment = 2`),
    { what: 'digest', sequence: 268, segment: 2, detail: 'the digest of segment 2 is missing' },
  ],
  [
    'a digest dropped before others',
    run(`DELETE FROM audit_digest WHERE node = 'one' AND segment = 1`),
    { what: 'digest', sequence: 1, segment: 1, detail: 'the digest of segment 1 is missing; the next there is 2' },
  ],
  [
    'a digest that is none',
    run(`UPDATE audit_digest SET body = body || ' ' WHERE node = 'one' AND segment = 2`),
    { what: 'digest', sequence: 268, segment: 2, detail: 'the digest of segment 2 is none' },
  ],
  [
    'a digest that is none, over a record that was edited: the record is named',
    (database) => {
      run(`UPDATE audit_digest SET body = '{}' WHERE node = 'one' AND segment = 2`)(database)
      run(
        `UPDATE audit_block SET body = (SELECT body FROM audit_block WHERE node = 'two') WHERE node = 'one' AND segment = 2`,
      )(database)
    },
    {
      what: 'duplicate',
      sequence: 268,
      segment: 2,
      detail: 'record 268 is not there: what stands in its place says that it is record 1',
    },
  ],
  [
    'a digest signed with a key that is not ours',
    signed(2, () => ({ key: stranger.id }), new Signer([stranger])),
    { what: 'unsigned', sequence: 268, segment: 2, detail: 'the digest of segment 2 is signed with an unknown key' },
  ],
  [
    'a digest signed by a stranger in our name',
    signed(2, () => ({ sealed: 0 }), new Signer([stranger])),
    {
      what: 'unsigned',
      sequence: 268,
      segment: 2,
      detail: 'the digest of segment 2 does not have the signature of its key',
    },
  ],
  [
    'the signature of another digest',
    run(
      `UPDATE audit_digest SET signature = (SELECT signature FROM audit_digest WHERE node = 'two')
       WHERE node = 'one' AND segment = 2`,
    ),
    {
      what: 'unsigned',
      sequence: 268,
      segment: 2,
      detail: 'the digest of segment 2 does not have the signature of its key',
    },
  ],
  [
    'a digest that is signed, of another chain',
    signed(2, () => ({ node: 'two' })),
    { what: 'digest', sequence: 268, segment: 2, detail: 'the digest of segment 2 is that of another chain' },
  ],
  [
    'a digest that is signed, of another segment',
    signed(2, () => ({ segment: 3 })),
    { what: 'digest', sequence: 268, segment: 2, detail: 'the digest of segment 2 is that of another segment' },
  ],
  [
    'a digest that is signed, and follows another',
    signed(2, () => ({ previousSignature: '' })),
    { what: 'digest', sequence: 268, segment: 2, detail: 'the digest of segment 2 does not follow the one before' },
  ],
  ...(['first', 'last', 'from', 'until'] as const).map((name): readonly [string, Alter, Due] => [
    `a digest that is signed, of records with another ${name}`,
    signed(2, (digest) => ({ [name]: digest[name] + 1 })),
    { what: 'digest', sequence: 268, segment: 2, detail: 'the digest of segment 2 tells of other records' },
  ]),

  [
    'the first block of a segment dropped',
    run(`DELETE FROM audit_block WHERE ${block} 1`),
    { what: 'missing', sequence: 1, segment: 1, detail: 'block 1 of segment 1 is missing' },
  ],
  [
    'the last block of a segment dropped',
    run(`DELETE FROM audit_block WHERE ${block} 2`),
    { what: 'missing', sequence: 263, segment: 1, detail: 'block 2 of segment 1 is missing' },
  ],
  [
    'a block that says it is another',
    run(`UPDATE audit_block SET block = 3 WHERE ${block} 2`),
    { what: 'missing', sequence: 263, segment: 1, detail: 'block 2 of segment 1 is missing' },
  ],
  [
    'a block that says it goes on where the segment before ends',
    run(`UPDATE audit_block SET block = 3 WHERE node = 'one' AND segment = 2`),
    { what: 'missing', sequence: 268, segment: 2, detail: 'block 1 of segment 2 is missing' },
  ],
  [
    'a digest of other blocks, signed by a stranger: the signature is named',
    signed(2, ({ blocks }) => ({ blocks: blocks.map((one) => ({ ...one, hash: 'x' })) }), new Signer([stranger])),
    {
      what: 'unsigned',
      sequence: 268,
      segment: 2,
      detail: 'the digest of segment 2 does not have the signature of its key',
    },
  ],
  [
    'all pages of the index dropped',
    run('DELETE FROM audit_page'),
    [
      {
        what: 'index',
        sequence: 1,
        segment: 1,
        detail: `the index does not lead to the records of account ${other} in the block`,
      },
      {
        node: 'two',
        what: 'index',
        sequence: 1,
        segment: 1,
        detail: `the index does not lead to the records of account ${own} in the block`,
      },
    ],
  ],
  [
    'a block that says it begins later',
    run(`UPDATE audit_block SET first = 264 WHERE ${block} 2`),
    { what: 'missing', sequence: 263, segment: 1, detail: 'block 2 does not begin with record 263' },
  ],
  [
    'a block that says it begins earlier',
    run(`UPDATE audit_block SET first = 262 WHERE ${block} 2`),
    { what: 'duplicate', sequence: 263, segment: 1, detail: 'block 2 does not begin with record 263' },
  ],
  [
    'a block that says it ends later',
    run(`UPDATE audit_block SET last = 268 WHERE ${block} 2`),
    { what: 'missing', sequence: 268, segment: 1, detail: 'block 2 does not end with its last record' },
  ],
  [
    'a block that says its place is another',
    run(`UPDATE audit_block SET high = high + 1 WHERE ${block} 2`),
    { what: 'missing', sequence: 268, segment: 1, detail: 'block 2 does not end with its last record' },
  ],
  [
    'a block cut off in the middle of a record',
    blockBody(2, (body) => body.slice(0, 40)),
    { what: 'edited', sequence: 263, segment: 1, detail: 'record 263 is not as it was written' },
  ],
  [
    'a block cut off behind a record',
    cutBehind(2),
    { what: 'edited', sequence: 265, segment: 1, detail: 'record 265 cannot be read: its block is damaged' },
  ],
  [
    'a block cut off behind its last record: that one is named',
    blockBody(2, (body) => Buffer.from(body, 'base64').subarray(0, -1).toString('base64')),
    { what: 'edited', sequence: 267, segment: 1, detail: 'record 267 cannot be read: its block is damaged' },
  ],
  [
    'a block of another record than was sealed',
    (database) => {
      // Packed as we pack, and chained as anybody can: only the digest tells.
      const blocks = digestOf(
        cell(database, `SELECT body FROM audit_digest WHERE node = 'one' AND segment = 1`),
      )?.blocks
      const line = `268\t36864\t${own}\t1700000000270\te\tr\t{}`
      const body = remarked(sealedBefore(database), `\t${line}`)
      expect(blocks).toHaveLength(2)
      database
        .prepare(`UPDATE audit_block SET body = ?, last = 268, high = 36864 WHERE node = 'one' AND segment = 2`)
        .run(packed([{ high: 36864, first: 268, last: 268, account: own, body }]).body)
    },
    {
      what: 'edited',
      sequence: 268,
      segment: 2,
      detail: 'records 268 to 268 are not those that were sealed',
    },
  ],
  ...(['hash', 'last', 'high'] as const).map((name): readonly [string, Alter, Due] => [
    `a digest that is signed, of a block with another ${name}`,
    signed(2, ({ blocks }) => ({
      blocks: blocks.map((one) => ({ ...one, [name]: name === 'hash' ? 'x' : one[name] + 1 })),
    })),
    { what: 'edited', sequence: 268, segment: 2, detail: 'records 268 to 270 are not those that were sealed' },
  ]),
  [
    'a block packed in another way',
    blockBody(2, (body) => `${body}=`),
    {
      what: 'edited',
      sequence: 263,
      segment: 1,
      detail: 'the block of records 263 to 267 is not the one that was sealed',
    },
  ],
  [
    'a page of the index dropped',
    run(`DELETE FROM audit_page WHERE node = 'one' AND account = '${other}' AND block = 20543`),
    {
      what: 'index',
      sequence: 1,
      segment: 1,
      detail: `the index does not lead to the records of account ${other} in the block`,
    },
  ],
  [
    'a page of the index of another place',
    run(`UPDATE audit_page SET high = high - 1 WHERE node = 'one' AND account = '${other}' AND block = 28672`),
    {
      what: 'index',
      sequence: 263,
      segment: 1,
      detail: `the index does not lead to the records of account ${other} in the block`,
    },
  ],
  [
    'a page of the index of another account',
    run(`UPDATE audit_page SET account = '${other}' WHERE high = 28672`),
    {
      what: 'index',
      sequence: 263,
      segment: 1,
      detail: `the index does not lead to the records of account ${own} in the block`,
    },
  ],
  [
    'a page of the index that leads to another block',
    run('UPDATE audit_page SET block = 20543 WHERE high = 28672'),
    {
      what: 'index',
      sequence: 263,
      segment: 1,
      detail: `the index does not lead to the records of account ${own} in the block`,
    },
  ],
  [
    'a page of the index more than there is',
    run(`INSERT INTO audit_page VALUES (99999, 'one', '${other}', 28672)`),
    { what: 'index', detail: `the index has a page more than there is, for ${other}` },
  ],

  [
    'a record edited',
    runBody(271, (body) => body.replace('GetUser', 'PutUser')),
    { what: 'edited', sequence: 272, detail: 'record 272 is not as it was written' },
  ],
  [
    'a record whose mark was cut short',
    runBody(271, (body) => body.slice(11)),
    { what: 'edited', sequence: 271, detail: 'record 271 is not as it was written' },
  ],
  [
    'a record without a number',
    runBody(271, (body) => edited(body, 1, () => 'x')),
    { what: 'edited', sequence: 271, detail: 'record 271 is not as it was written' },
  ],
  [
    'a record that says its number is 0',
    runBody(271, (body) => edited(body, 1, () => '0')),
    { what: 'edited', sequence: 271, detail: 'record 271 is not as it was written' },
  ],
  [
    'a record dropped out of a run',
    runBody(271, (body) => body.slice(body.indexOf('\n') + 1)),
    {
      what: 'missing',
      sequence: 271,
      detail: 'record 271 is not there: what stands in its place says that it is record 272',
    },
  ],
  [
    'two records of a run swapped',
    runBody(271, (body) => {
      const [one = '', two = '', three = ''] = body.split('\n')
      return [two, one, three].join('\n')
    }),
    {
      what: 'reordered',
      sequence: 271,
      detail: 'record 271 is not there: what stands in its place says that it is record 272',
    },
  ],
  [
    'a record told twice',
    runBody(271, (body) => {
      const [one = '', ...more] = body.split('\n')
      return [one, one, ...more].join('\n')
    }),
    {
      what: 'duplicate',
      sequence: 272,
      detail: 'record 272 is not there: what stands in its place says that it is record 271',
    },
  ],
  [
    'a record dropped that another one mentions',
    runBody(271, (body) => {
      const [, two = '', ...more] = body.split('\n')
      return [edited(two, 7, (event) => `${event}\t271\t`), ...more].join('\n')
    }),
    {
      what: 'missing',
      sequence: 271,
      detail: 'record 271 is not there: what stands in its place says that it is record 272',
    },
  ],
  [
    'a run dropped before others',
    run('DELETE FROM audit_run WHERE first = 271'),
    { what: 'missing', sequence: 271, detail: 'record 271 is not there' },
  ],
  [
    'a run that says it begins earlier',
    run('UPDATE audit_run SET first = 270 WHERE first = 271'),
    { what: 'duplicate', sequence: 271, detail: 'record 271 is not there' },
  ],
  ...(['last = 274', 'high = 40964', `account = '${other}'`] as const).map((change): readonly [string, Alter, Due] => [
    `a run with ${change}`,
    run('DELETE FROM audit_run WHERE first > 271', `UPDATE audit_run SET ${change} WHERE first = 271`),
    { what: 'edited', sequence: 271, detail: 'the row of records 271 to 273 is not as it was written' },
  ]),
  [
    'the records of two accounts in one run, chained as they should be',
    (database) => {
      const hash = sealedHash(database)
      runBody(271, (body) => {
        const [one = '', ...more] = body.split('\n')
        let last = hash
        return [edited(one, 3, () => other), ...more]
          .map((kept) => {
            const line = remarked(last, kept)
            last = linked(last, line.slice(13))
            return line
          })
          .join('\n')
      })(database)
    },
    { what: 'edited', sequence: 271, detail: 'the row of records 271 to 273 is not as it was written' },
  ],
  [
    'the last record of a run given to another account, chained as it should be',
    (database) => {
      let last = sealedHash(database)
      runBody(271, (body) =>
        body
          .split('\n')
          .map((kept, at) => {
            const line = remarked(last, at === 2 ? edited(kept, 3, () => other) : kept)
            last = linked(last, line.slice(13))
            return line
          })
          .join('\n'),
      )(database)
    },
    { what: 'edited', sequence: 271, detail: 'the row of records 271 to 273 is not as it was written' },
  ],
  [
    'a record without an event, chained as it should be: its run is not whole',
    (database) => {
      const hash = sealedHash(database)
      runBody(271, () => remarked(hash, `\t271\t40960\t${own}\t1\te\tr\t`))(database)
    },
    { what: 'edited', sequence: 271, detail: 'the row of records 271 to 271 is not as it was written' },
  ],
  [
    'a record whose number has a stroke in it',
    runBody(271, (body) => edited(body, 1, () => '27/')),
    { what: 'edited', sequence: 271, detail: 'record 271 is not as it was written' },
  ],
  [
    'a record put in a place that another has had, chained as it should be',
    (database) => {
      const hash = sealedHash(database)
      runBody(271, (body) =>
        remarked(
          hash,
          edited(body.slice(0, body.indexOf('\n')), 2, () => '36866'),
        ),
      )(database)
    },
    { what: 'edited', sequence: 271, detail: 'record 271 is not where it belongs' },
  ],
  [
    'a record under another number, chained as it should be',
    (database) => {
      const hash = sealedHash(database)
      runBody(271, (body) =>
        remarked(
          hash,
          edited(body.slice(0, body.indexOf('\n')), 1, () => '272'),
        ),
      )(database)
    },
    { what: 'edited', sequence: 271, detail: 'record 271 is not where it belongs' },
  ],
  [
    'a record of too few fields, chained as it should be',
    (database) => {
      const hash = sealedHash(database)
      runBody(271, () => remarked(hash, `\t271\t40960\t${own}\t1\te\tr`))(database)
    },
    { what: 'edited', sequence: 271, detail: 'record 271 is not where it belongs' },
  ],

  [
    'a refusal that is not found any more',
    run('DELETE FROM audit_refusal WHERE place = 40963'),
    { what: 'index', sequence: 274, detail: 'the index of refusals does not lead to record 274' },
  ],
  ...([`account = '${own}'`, `request_id = 'x'`, 'place = 40962'] as const).map(
    (change): readonly [string, Alter, Due] => [
      `a refusal with ${change}`,
      run(`UPDATE audit_refusal SET ${change} WHERE place = 4101`),
      { what: 'index', sequence: 6, detail: 'the index of refusals does not lead to record 6' },
    ],
  ),
  [
    'a refusal more than there is',
    run(`INSERT INTO audit_refusal VALUES (99999, 'one', '${own}', 'made-up')`),
    { what: 'index', detail: 'the index has a refusal more than there is, request made-up' },
  ],

  [
    'the head dropped',
    run(`DELETE FROM audit_chain WHERE node = 'one'`),
    { what: 'head', detail: 'the chain has no head' },
  ],
  [
    'a head that somebody raised',
    run(`UPDATE audit_chain SET at = at + 1 WHERE node = 'one'`),
    { what: 'head', detail: 'the head, at record 275, was not written with our key' },
  ],
  [
    'the last record dropped',
    run('DELETE FROM audit_run WHERE first = 275'),
    { what: 'cut', sequence: 275, detail: 'records 275 to 275 are missing at the end' },
  ],
  [
    'a head of before put back',
    headed(() => ({ sequence: 274 })),
    { what: 'extra', sequence: 275, detail: 'the chain goes on after its last record 274' },
  ],
  [
    'a head with the hash of another chain',
    headed(() => ({ hash: sha256('x') })),
    { what: 'head', detail: 'the chain does not end with the hash of its head, at record 275' },
  ],
  [
    'a head whose append comes before its records',
    headed(() => ({ number: 10 })),
    { what: 'head', detail: 'the number of the last append is not the one of the head' },
  ],
  [
    'a head whose append comes before its records, and the number of theirs dropped',
    (database) => {
      headed(() => ({ number: 10 }))(database)
      run('DELETE FROM audit_number WHERE number > 10')(database)
    },
    { what: 'head', detail: 'the number of the last append is not the one of the head' },
  ],
  [
    'a head that says there were more appends than numbers were given',
    headed(() => ({ number: 12 })),
    { what: 'head', detail: 'the number of the last append is not the one of the head' },
  ],
  [
    'the numbers of appends dropped',
    run(`DELETE FROM audit_number WHERE node = 'one'`),
    { what: 'head', detail: 'the number of the last append is not the one of the head' },
  ],
  [
    'a head without a number',
    run(`UPDATE audit_chain SET number = 'x' WHERE node = 'one'`),
    { what: 'unreadable', sequence: 276, detail: 'column number holds no number' },
  ],
  [
    'a head without a code',
    run(`UPDATE audit_chain SET mac = x'00' WHERE node = 'one'`),
    { what: 'unreadable', sequence: 276, detail: 'column mac holds no text' },
  ],

  [
    'a part of the index by attributes altered',
    run(`UPDATE audit_index_part SET body = body || 'A' WHERE node = 'one' AND first = 2`),
    { what: 'index', segment: 2, detail: 'the index over segments 2 to 2 is not as it was written' },
  ],
  [
    'a part of the index by attributes dropped',
    run(`DELETE FROM audit_index_part WHERE node = 'one' AND first = 2`),
    { what: 'index', segment: 2, detail: 'the index over segments 2 to 2 is not as it was written' },
  ],
  [
    'a part of the index by attributes under another number',
    run(`UPDATE audit_index_part SET part = 2 WHERE node = 'one' AND first = 2`),
    { what: 'index', segment: 2, detail: 'the index over segments 2 to 2 is not as it was written' },
  ],
  ...(
    [
      ['another block', (blocks) => blocks.map((one, at) => (at === 1 ? { ...one, high: one.high + 1 } : one))],
      ['a block less', (blocks) => blocks.slice(0, 1)],
      ['a block more', (blocks) => [...blocks, { ...(blocks[1] ?? { from: 0, until: 0 }), high: 99_999 }]],
    ] as readonly (readonly [string, (blocks: IndexHead['blocks']) => IndexHead['blocks']])[]
  ).map(([what, change]): readonly [string, Alter, Due] => [
    `an index by attributes with the code of the key, over ${what}`,
    indexed(1, change),
    { what: 'index', segment: 1, detail: 'the index over segments 1 to 1 is over other blocks' },
  ]),
  [
    'the head of the index by attributes altered',
    run(`UPDATE audit_index SET body = 'x' WHERE node = 'one' AND first = 2`),
    { what: 'index', segment: 2, detail: 'the index over segments 2 to 2 is not as it was written' },
  ],
]

describe('what was altered is found, and the first of it named', () => {
  test.each(rows.map(([what, alter, due]) => ({ what, alter, due: [due].flat() })))('$what', async ({ alter, due }) => {
    const { findings } = await altered(alter, unanchored)
    expect(findings).toStrictEqual(due.map((one) => ({ node: 'one', ...one })))
  })

  test('what of the index by attributes is not there is counted, and no finding', async () => {
    const drop = run(
      `DELETE FROM audit_index WHERE node = 'one' AND first = 2`,
      `DELETE FROM audit_index_part WHERE node = 'one' AND first = 2`,
    )
    expect(await altered(drop)).toMatchObject({ findings: [], unindexed: 1 })
    expect(await altered(drop, none)).toMatchObject({ findings: [], unindexed: 1 })
  })

  test('a database that cannot be read is nobody’s finding', async () => {
    const engine = open(sound)
    const broken: typeof engine = {
      ...engine,
      dialect: engine.dialect,
      snapshot: (work) =>
        engine.snapshot((reading) =>
          work({
            ...reading,
            all: (text, values) =>
              text.includes('FROM audit_run WHERE') ? Promise.reject(new Error('gone')) : reading.all(text, values),
          }),
        ),
    }
    await expect(verify(broken, all())).rejects.toThrow('gone')
    await engine.close()
  })

  test('without the keys, what only they tell is not told', async () => {
    const forged = [
      signed(2, () => ({ sealed: 0 }), new Signer([stranger])),
      run(`UPDATE audit_chain SET at = at + 1 WHERE node = 'one'`),
      run(`INSERT INTO audit_moved VALUES ('batch-2', 'two', 'x.y')`),
      run(`UPDATE audit_index SET body = 'x' WHERE node = 'one' AND first = 2`),
    ]
    for (const alter of forged) {
      expect((await altered(alter, unanchored)).findings).toHaveLength(1)
      expect((await altered(alter, none)).findings).toEqual([])
    }
  })
})

/** The hash before segment 2 of `one`. */
function sealedBefore(database: Database): string {
  return (
    digestOf(cell(database, `SELECT body FROM audit_digest WHERE node = 'one' AND segment = 2`))?.previousHash ?? ''
  )
}

describe('what was noted elsewhere', () => {
  const dropSegment2: Alter = run(
    `DELETE FROM audit_digest WHERE node = 'one' AND segment = 2`,
    `DELETE FROM audit_block WHERE node = 'one' AND segment = 2`,
    `DELETE FROM audit_page WHERE block = 36866`,
    `DELETE FROM audit_run WHERE node = 'one'`,
    'DELETE FROM audit_refusal WHERE place > 36000',
  )

  test('tells that a chain was cut', async () => {
    expect((await altered(dropSegment2)).findings).toEqual([
      {
        node: 'one',
        what: 'cut',
        sequence: 268,
        segment: 2,
        detail: 'segments up to 2, with records up to 270, were sealed and are not here',
      },
    ])
  })

  test('tells that a segment was sealed otherwise', async () => {
    expect((await altered(signed(2, () => ({ sealed: 1 })))).findings).toEqual([
      { node: 'one', what: 'anchor', segment: 2, detail: 'segment 2 was sealed with another digest' },
    ])
  })

  test('tells of a chain of which nothing is left', async () => {
    const lost: Anchor = anchorOf({ ...someDigest, node: 'three', segment: 7, last: 99 }, 'x')
    const { findings, chains, checked } = await altered(() => {}, { ...all(), anchors: [...noted(), lost] })
    expect(findings).toEqual([
      {
        node: 'three',
        what: 'cut',
        sequence: 1,
        segment: 1,
        detail: 'segments up to 7, with records up to 99, were sealed and are not here',
      },
    ])
    expect(chains.at(-1)).toEqual({
      node: 'three',
      records: 0,
      segments: 0,
      open: 0,
      from: undefined,
      until: undefined,
    })
    expect(checked.anchors).toBe(3)
  })

  test('is of the past where more was sealed since', async () => {
    expect((await verdictOf(sound, { ...all(), anchors: anchors.slice(0, 1) })).findings).toEqual([])
  })
})

const someDigest: Digest = {
  node: 'one',
  segment: 1,
  first: 1,
  last: 1,
  from: 0,
  until: 0,
  sealed: 0,
  previousHash: '',
  blocks: [{ last: 1, high: 1, hash: 'x', content: 'x' }],
  previousSignature: '',
  key: key.id,
}

/** Places are counted from 0: what lies below is shown to whoever reads downwards, and stood before everything that was verified. */
describe('a record that was made up, and put below the first', () => {
  const line = `${'x'.repeat(12)}\t1\t-5\t${own}\t1\te-made-up\tr\t{}`
  const { body } = packed([{ high: -5, first: 1, last: 1, account: own, body: line }])
  const block = run(`INSERT INTO audit_block VALUES (-5, 'one', 1, 1, 1, 1, '${body}')`)
  const page = run(`INSERT INTO audit_page VALUES (-5, 'one', '${own}', -5)`)

  test('would be read with the others', async () => {
    const path = dir.file('below.db')
    copyFileSync(sound, path)
    const database = openDatabase(path)
    block(database)
    page(database)
    database.close()
    const trail = await SqlAudit.open(open(path), writerOptions('one', new Time()))
    const { entries } = await trail.trail(own, 1000)
    await trail.close()
    expect(entries.at(-1)?.eventId).toBe('e-made-up')
  })

  const below: readonly (readonly [table: string, alter: Alter])[] = [
    ['audit_block', block],
    ['audit_page', page],
    ['audit_run', run(`INSERT INTO audit_run VALUES (-5, 'one', 1, 1, '${own}', '${line}')`)],
    ['audit_refusal', run(`INSERT INTO audit_refusal VALUES (-5, 'one', '${own}', 'r')`)],
    ['audit_digest', run(`INSERT INTO audit_digest VALUES ('one', -5, '{}', 'x')`)],
  ]
  test.each(below)('is found in %s', async (table, alter) => {
    expect((await altered(alter)).findings).toEqual([
      { node: 'one', what: 'extra', detail: `${table} has a row below the first` },
    ])
  })
})
