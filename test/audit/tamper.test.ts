import { copyFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { genesis, linked, markOf } from '../../src/audit/chain.ts'
import { type Anchor, digestOf, digestText, lastHash, signedText } from '../../src/audit/digest.ts'
import { makeAuditKey, Signer } from '../../src/audit/key.ts'
import { type Minted, mintedText } from '../../src/audit/minted.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { type Verdict, verify } from '../../src/audit/verify.ts'
import { accessKeyId } from '../../src/base/id.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { folder, key, record, seeded, Time, writerOptions } from './scene.ts'

const dir = folder()
afterAll(() => dir.clean())

const signer = new Signer([key])
const anchors = new Map<string, Anchor>()
/** As they stood when the sound copy was made. */
let noted: readonly Anchor[] = []
const total = { one: 0, two: 0 }

const chanceOfKeys = seeded(13)
/** A session that a call made. */
const born = (account: string): Minted => ({
  key: accessKeyId(chanceOfKeys, 'ASIA', account),
  kind: 'role',
  account,
  principal: 'AROAONE',
  arn: 'arn:aws:sts::111122223333:assumed-role/one/ünï',
  issuedAt: 1_700_000_000_000,
  expiresAt: 1_700_000_000_000 + 3_600_000 * (1 + chanceOfKeys.below(12)),
  revision: 1,
  mfa: false,
  tagKeys: [],
  via: [{ key: accessKeyId(chanceOfKeys, 'AKIA', account), identity: 'AIDAONE' }],
})

/** Two nodes' chains, each with segments, an open tail, refusals and deliveries; and the same database as it was before. */
beforeAll(async () => {
  const time = new Time()
  const chance = seeded(11)
  const path = dir.file('audit.db')
  const open = (node: 'one' | 'two') =>
    SqlAudit.open(
      openSqlite(path, { mark: marks.audit }),
      writerOptions(node, time, { segmentRecords: 60, anchor: (anchor) => anchors.set(anchor.node, anchor) }),
    )
  const logs = { one: await open('one'), two: await open('two') }
  for (let number = 0; number < 240; ) {
    const node = chance.below(3) === 0 ? 'two' : 'one'
    const rows = Array.from({ length: 1 + chance.below(9) }, () => {
      number++
      const account = number % 4 === 0 ? '444455556666' : '111122223333'
      const row = record(number, account, number % 11 === 0 ? `{"why":"because of ${number}"}` : undefined)
      return row.decision === undefined && number % 3 === 0 ? { ...row, session: mintedText(born(account)) } : row
    })
    if (chance.below(4) === 0) await logs[node].deliver([{ batch: `batch-${number}`, rows }])
    else await logs[node].append(rows)
    total[node] += rows.length
    time.pass(1000)
    if (number > 90 && !before) {
      before = true
      await Promise.all([logs.one.seal(), logs.two.seal()])
      await checkpointed(path, dir.file('before.db'))
    }
  }
  await logs.one.append([record(1000)])
  total.one++
  await checkpointed(path, dir.file('sound.db'))
  noted = [...anchors.values()]
  await Promise.all([logs.one.close(), logs.two.close()])
})
let before = false

async function checkpointed(from: string, to: string): Promise<void> {
  const database = openDatabase(from)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  copyFileSync(from, to)
}

async function verdictOf(path: string, noted: readonly Anchor[]): Promise<Verdict> {
  const engine = openSqlite(path, { mark: marks.audit })
  try {
    return await verify(engine, { keys: [key], signer, anchors: noted })
  } finally {
    await engine.close()
  }
}

test('untouched data verifies, and is counted', async () => {
  const verdict = await verdictOf(dir.file('sound.db'), noted)
  expect(verdict.findings).toEqual([])
  expect(verdict.chains.map(({ node, records }) => [node, records])).toEqual([
    ['one', total.one],
    ['two', total.two],
  ])
  expect(verdict.segments).toBeGreaterThan(3)
  expect(verdict.chains.some(({ open }) => open > 0)).toBe(true)
})

type Cells = Record<string, unknown>

/** What a tampering did, and what must be found of it. */
interface Deed {
  readonly what: string
  readonly node?: string
  /** The first bad record, where it is defined; or where it must lie. */
  readonly sequence?: number
  readonly within?: readonly [number, number]
}

const tables = {
  audit_chain: ['node', 'sequence', 'number', 'hash', 'at', 'mac'],
  audit_run: ['high', 'node', 'first', 'last', 'account', 'body'],
  audit_refusal: ['place', 'node', 'account', 'request_id'],
  audit_block: ['high', 'node', 'segment', 'block', 'first', 'last', 'body'],
  audit_page: ['high', 'node', 'account', 'block'],
  audit_digest: ['node', 'segment', 'body', 'signature'],
  audit_moved: ['batch', 'node', 'mac'],
} as const
type Table = keyof typeof tables

/** Alters a database file as somebody would who can write to it but has no key. */
class Intruder {
  readonly #database: Database
  readonly #chance: ReturnType<typeof seeded>

  constructor(database: Database, chance: ReturnType<typeof seeded>) {
    this.#database = database
    this.#chance = chance
  }

  strike(): Deed {
    const kinds = [
      () => this.#editLine(),
      () => this.#editLine(),
      () => this.#flipBlock(),
      () => this.#flipBlock(),
      () => this.#editCell(),
      () => this.#editCell(),
      () => this.#dropRow(),
      () => this.#dropRow(),
      () => this.#swapBodies(),
      () => this.#swapLines(),
      () => this.#cutTail(),
      () => this.#repeatRow(),
      () => this.#forgeClock(),
      () => this.#chainAnew(),
      () => this.#signAnew(),
      () => this.#swapDigests(),
      () => this.#goOn(),
    ]
    for (;;) {
      const deed = this.#pick(kinds)()
      if (deed !== undefined) return deed
    }
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#chance.below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }

  #rows(table: Table, where = ''): readonly Cells[] {
    return this.#database.prepare(`SELECT rowid AS row, * FROM ${table} ${where}`).all() as Cells[]
  }

  #set(table: Table, row: unknown, column: string, value: unknown): void {
    this.#database.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(value as string, row as number)
  }

  #altered(text: string, at: number): string {
    const old = text.charAt(at)
    let letter = old
    while (letter === old) letter = this.#pick([...'abcXYZ019{}",\t\n/+= é'])
    return text.slice(0, at) + letter + text.slice(at + 1)
  }

  #editLine(): Deed {
    const run = this.#pick(this.#rows('audit_run'))
    const body = String(run.body)
    const at = this.#chance.below(body.length)
    this.#set('audit_run', run.row, 'body', this.#altered(body, at))
    const sequence = Number(run.first) + body.slice(0, at).split('\n').length - 1
    return { what: `character ${at} of a run`, node: String(run.node), sequence }
  }

  #flipBlock(): Deed {
    const block = this.#pick(this.#rows('audit_block'))
    const bytes = Buffer.from(String(block.body), 'base64')
    const at = this.#chance.below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#chance.below(8))
    this.#set('audit_block', block.row, 'body', bytes.toString('base64'))
    return {
      what: `byte ${at} of a block`,
      node: String(block.node),
      within: [Number(block.first), Number(block.last)],
    }
  }

  #editCell(): Deed | undefined {
    const table = this.#pick(Object.keys(tables) as Table[])
    const column = this.#pick(tables[table])
    const row = this.#pick(this.#rows(table))
    const value = row[column]
    const fresh =
      typeof value === 'number'
        ? this.#pick<unknown>([
            value + 1,
            value - 1,
            value * 4096,
            -value,
            'no number',
            Buffer.from('00'),
            1.5,
            '9007199254740993',
          ])
        : value === ''
          ? 'x'
          : this.#pick<unknown>([
              this.#altered(String(value), this.#chance.below(String(value).length)),
              '',
              Buffer.from([7]),
            ])
    if (fresh === value) return undefined
    try {
      this.#set(table, row.row, column, fresh)
    } catch {
      // A key that is taken.
      return undefined
    }
    return { what: `${table}.${column} ${String(value).slice(0, 20)} -> ${String(fresh).slice(0, 20)}` }
  }

  #dropRow(): Deed {
    // A mark tells only that a batch need not be delivered again.
    const table = this.#pick((Object.keys(tables) as Table[]).filter((name) => name !== 'audit_moved'))
    const row = this.#pick(this.#rows(table))
    this.#database.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(row.row as number)
    const named = table === 'audit_run' || table === 'audit_block'
    return {
      what: `a row of ${table} is dropped`,
      node: String(row.node),
      ...(named && { sequence: Number(row.first) }),
    }
  }

  #swapBodies(): Deed | undefined {
    const table = this.#pick(['audit_run', 'audit_block'] as const)
    const [one, two] = [this.#pick(this.#rows(table)), this.#pick(this.#rows(table))]
    if (one.row === two.row) return undefined
    this.#set(table, one.row, 'body', two.body)
    this.#set(table, two.row, 'body', one.body)
    const first = one.node === two.node ? Math.min(Number(one.first), Number(two.first)) : Number(one.first)
    return { what: `two bodies of ${table} are swapped`, node: String(one.node), sequence: first }
  }

  #swapLines(): Deed | undefined {
    const run = this.#pick(this.#rows('audit_run'))
    const lines = String(run.body).split('\n')
    const at = this.#chance.below(lines.length)
    const to = this.#chance.below(lines.length)
    if (at === to) return undefined
    const swapped = lines.map((line, index) => (index === at ? lines[to] : index === to ? lines[at] : line))
    this.#set('audit_run', run.row, 'body', swapped.join('\n'))
    return { what: 'two lines are swapped', node: String(run.node), sequence: Number(run.first) + Math.min(at, to) }
  }

  #cutTail(): Deed {
    const runs = this.#rows('audit_run', `WHERE node = 'one' ORDER BY high`)
    const from = this.#chance.below(runs.length)
    this.#database.prepare(`DELETE FROM audit_run WHERE node = 'one' AND high >= ?`).run(Number(runs[from]?.high))
    return { what: 'the tail is cut', node: 'one', sequence: Number(runs[from]?.first) }
  }

  #repeatRow(): Deed {
    const table = this.#pick(['audit_run', 'audit_refusal', 'audit_block', 'audit_page'] as const)
    const row = this.#pick(this.#rows(table))
    const key = table === 'audit_refusal' ? 'place' : 'high'
    const columns = tables[table]
    const top = Number(this.#database.prepare(`SELECT max(${key}) AS top FROM ${table}`).get()?.top) + 1
    this.#database
      .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
      .run(...columns.map((column) => (column === key ? top : (row[column] as string))))
    return { what: `a row of ${table} is there twice`, node: String(row.node) }
  }

  /** Another time in a record, its mark made to fit. */
  #forgeClock(): Deed {
    const run = this.#pick(this.#rows('audit_run'))
    const lines = String(run.body).split('\n')
    const at = this.#chance.below(lines.length)
    const fields = String(lines[at]).split('\t')
    fields[4] = String(Number(fields[4]) - 86_400_000)
    lines[at] = fields.join('\t')
    this.#set('audit_run', run.row, 'body', lines.join('\n'))
    return { what: 'a clock is forged', node: String(run.node), sequence: Number(run.first) + at }
  }

  /** A record is edited and everything after it chained anew, its head too: only the key for the head's code is not there. */
  #chainAnew(): Deed {
    const node = this.#pick(['one', 'two'])
    const runs = this.#rows('audit_run', `WHERE node = '${node}' ORDER BY high`)
    const digest = digestOf(String(this.#rows('audit_digest', `WHERE node = '${node}' ORDER BY segment`).at(-1)?.body))
    let hash = digest === undefined ? genesis(node) : lastHash(digest)
    for (const run of runs) {
      const lines = String(run.body)
        .split('\n')
        .map((kept) => {
          const line = kept.slice(13).replace('GetUser', 'PutUser').replace('AssumeRole', 'DeleteRole')
          hash = linked(hash, line)
          return `${markOf(hash)}\t${line}`
        })
      this.#set('audit_run', run.row, 'body', lines.join('\n'))
    }
    const [head] = this.#rows('audit_chain', `WHERE node = '${node}'`)
    if (runs.length === 0) this.#set('audit_chain', head?.row, 'at', Number(head?.at) + 1)
    else this.#set('audit_chain', head?.row, 'hash', hash)
    return { what: 'the tail is chained anew', node }
  }

  /** A record that never was is chained behind the last. */
  #goOn(): Deed {
    const [head] = this.#rows('audit_chain', `WHERE node = 'one'`)
    const sequence = Number(head?.sequence) + 1
    const place = (Number(head?.number) + 1) * 4096
    const line = `${sequence}\t${place}\t111122223333\t0\te\tr\t{}`
    const body = `${markOf(linked(String(head?.hash), line))}\t${line}`
    this.#database
      .prepare('INSERT INTO audit_run (high, node, first, last, account, body) VALUES (?, ?, ?, ?, ?, ?)')
      .run(place, 'one', sequence, sequence, '111122223333', body)
    return { what: 'a record is made up', node: 'one', sequence }
  }

  /** A digest is changed and signed with another key, under its own name or ours. */
  #signAnew(): Deed {
    const row = this.#pick(this.#rows('audit_digest'))
    const digest = digestOf(String(row.body))
    if (digest === undefined) throw new Error('no digest')
    const stranger = new Signer([makeAuditKey(this.#chance)])
    const body = digestText({ ...digest, sealed: digest.sealed + 1, key: this.#pick([key.id, stranger.id]) })
    this.#set('audit_digest', row.row, 'body', body)
    this.#set('audit_digest', row.row, 'signature', stranger.sign(signedText(body)))
    return { what: 'a digest is signed by a stranger', node: String(row.node), sequence: digest.first }
  }

  #swapDigests(): Deed | undefined {
    const [one, two] = [this.#pick(this.#rows('audit_digest')), this.#pick(this.#rows('audit_digest'))]
    if (one.row === two.row) return undefined
    for (const column of ['body', 'signature']) {
      this.#set('audit_digest', one.row, column, two[column])
      this.#set('audit_digest', two.row, column, one[column])
    }
    return { what: 'two digests are swapped', node: String(one.node) }
  }
}

test('a thousand random tamperings are each found, and the first bad record is named where it is defined', async () => {
  const found = new Map<string, number>()
  for (let seed = 1; seed <= 1000; seed++) {
    // A file of its own each time: what one left of its write-ahead log would be read into the next.
    const path = dir.file(`tampered-${seed}.db`)
    copyFileSync(dir.file('sound.db'), path)
    const database = openDatabase(path)
    const deed = new Intruder(database, seeded(seed)).strike()
    database.close()
    const { findings } = await verdictOf(path, noted)
    rmSync(path)
    const told = `seed ${seed}: ${deed.what}: ${JSON.stringify(findings)}`
    expect(findings.length, told).toBeGreaterThan(0)
    for (const { what } of findings) found.set(what, (found.get(what) ?? 0) + 1)
    if (deed.node === undefined) continue
    const finding = findings.find(({ node }) => node === deed.node)
    expect(finding, told).toBeDefined()
    if (deed.sequence !== undefined) expect(finding?.sequence, told).toBe(deed.sequence)
    if (deed.within !== undefined) {
      expect(finding?.sequence, told).toBeGreaterThanOrEqual(deed.within[0])
      expect(finding?.sequence, told).toBeLessThanOrEqual(deed.within[1])
    }
  }
  // The ways in which a trail can be altered were all met.
  const ways = [
    'edited',
    'missing',
    'reordered',
    'duplicate',
    'extra',
    'cut',
    'digest',
    'unsigned',
    'head',
    'index',
    'mark',
  ]
  for (const way of ways) expect([...found.keys()]).toContain(way)
})

test('an older copy is found out by what was noted of its digests elsewhere', async () => {
  const { findings } = await verdictOf(dir.file('before.db'), [...anchors.values()])
  expect(findings.map(({ what }) => what)).toEqual(['cut', 'cut'])
  const engine = openSqlite(dir.file('before.db'), { mark: marks.audit })
  expect((await verify(engine, { keys: [key], signer })).findings).toEqual([])
  await engine.close()
})
