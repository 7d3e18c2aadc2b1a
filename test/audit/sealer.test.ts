import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inflated, Pieces } from '../../src/audit/block.ts'
import { genesis, type Head, linked, markOf } from '../../src/audit/chain.ts'
import { Altered, mustHave, raise, readHead, readSealed } from '../../src/audit/desk.ts'
import { digestOf, digestText, signedText } from '../../src/audit/digest.ts'
import { headOf, keyOf, partOf, refOf, refsIn } from '../../src/audit/index-file.ts'
import { makeAuditKey, Signer } from '../../src/audit/key.ts'
import { entryOf } from '../../src/audit/line.ts'
import { Sealer } from '../../src/audit/sealer.ts'
import { migrations, sql } from '../../src/audit/sql.ts'
import { verify } from '../../src/audit/verify.ts'
import type { Engine, Value } from '../../src/store/engine.ts'
import { migrate } from '../../src/store/migrate.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { append as appended } from './appending.ts'
import { folder, key, record, seeded } from './scene.ts'

// What is signed is what `verify` takes for true ever after. So each thing that must fit before it is has a row of its own here, in
// which all the others do: some of them can be made by who writes to the database, some only by who has the key as well.

const node = 'node'
const signer = new Signer([key])
const now = 1_700_000_900_000
let dir = folder()
dir.clean()
let engine: Engine
let turns: number
/** What happens while the sealer lets others have their turn. */
let meanwhile: () => Promise<void>

const sealer = (over: Engine = engine) =>
  new Sealer(over, signer, { now: () => now }, (run) => {
    turns++
    void meanwhile().then(run)
  })

beforeEach(async () => {
  dir = folder()
  turns = 0
  meanwhile = async () => undefined
  engine = openSqlite(dir.file('audit.db'), { mark: marks.audit })
  await migrate(engine, 'audit', migrations(engine.dialect))
})
afterEach(async () => {
  await engine.close()
  dir.clean()
})

const append = (rows: readonly TrailRow[], to = node): Promise<Head> => appended(engine, to, rows, now)
const alter = (text: string, values: readonly Value[] = []) =>
  engine.write((statements) => statements.run(text, values))
const rowsOf = (from: number, count: number, account?: string) =>
  Array.from({ length: count }, (_, at) => record(from + at, account))
const counted = async (table: string) => Number((await engine.all(`SELECT count(*) AS found FROM ${table}`))[0]?.found)
const findings = async () => (await verify(engine, { keys: [key], signer })).findings

/** Whoever has the key writes the head of a chain that they have made up. */
async function vouch(to: Head): Promise<void> {
  await engine.write(async (statements) => {
    await raise(statements, node, await readHead(statements, node, signer), to, signer)
  })
}

describe('a chain that is sound', () => {
  test('is sealed under a digest of what it holds, and what it takes its place of is gone', async () => {
    await append([...rowsOf(1, 3), ...rowsOf(4, 2, '444455556666')])
    const head = await append(rowsOf(6, 1))
    const runs = (await engine.all(sql.runs, [node, -1, 64])).map(({ body }) => String(body)).join('\n')
    const sealed = await sealer().seal(node, 100)
    const [block = {}] = await engine.all('SELECT high, node, segment, block, first, last, body FROM audit_block')
    expect(inflated(String(block.body)).toString()).toBe(runs)
    const digest = {
      node,
      segment: 1,
      first: 1,
      last: 6,
      from: record(1).at,
      until: record(6).at,
      sealed: now,
      previousHash: genesis(node),
      blocks: [{ last: 6, high: head.number * 4096, hash: head.hash, content: expect.any(String) }],
      previousSignature: '',
      key: key.id,
    }
    expect(sealed).toMatchObject({ segment: 1, last: 6, high: head.number * 4096, hash: head.hash, digest })
    expect(sealed).toEqual(await readSealed(engine, node, signer))
    expect(block).toMatchObject({ high: head.number * 4096, node, segment: 1, block: 1, first: 1, last: 6 })
    expect(await engine.all('SELECT high, account, block FROM audit_page ORDER BY high')).toMatchObject([
      { high: 4096 + 4, account: '444455556666', block: block.high },
      { high: block.high, account: '111122223333', block: block.high },
    ])
    // The number of the head stays, since the next is counted from it.
    expect([await counted('audit_run'), await counted('audit_number'), await counted('audit_index')]).toEqual([0, 1, 1])
    expect(await findings()).toEqual([])
  })

  test('goes on in the next segment from where the last ended', async () => {
    const first = await append(rowsOf(1, 2))
    const before = await sealer().seal(node, 100)
    await append(rowsOf(3, 2))
    const { digest } = await sealer().seal(node, 100)
    expect(digest).toMatchObject({ segment: 2, first: 3, last: 4, from: record(3).at, until: record(4).at })
    expect(digest).toMatchObject({ previousHash: first.hash, previousSignature: before.signature })
    expect(await findings()).toEqual([])
  })

  test('with nothing open, or of which there is nothing, is sealed as far as it was', async () => {
    expect(await sealer().seal(node, 100)).toEqual({
      segment: 0,
      last: 0,
      high: -1,
      hash: genesis(node),
      signature: '',
      digest: undefined,
    })
    await append(rowsOf(1, 2))
    const sealed = await sealer().seal(node, 100)
    expect(await sealer().seal(node, 100)).toEqual(sealed)
    expect(await counted('audit_digest')).toBe(1)
  })

  test('is sealed up to the run in which the records are as many as are wanted, and the rest stays open', async () => {
    for (const at of [0, 1, 2, 3]) await append(rowsOf(at * 3, 3))
    expect(await sealer().seal(node, 6)).toMatchObject({ segment: 1, last: 6 })
    expect(await counted('audit_run')).toBe(2)
    expect(await sealer().seal(node, 4)).toMatchObject({ segment: 2, last: 12 })
    expect(await findings()).toEqual([])
  })

  test('of more runs than are read at once is sealed whole, in blocks of 256 records', async () => {
    for (let at = 0; at < 10; at++) await append(rowsOf(at * 64, 64))
    const { digest } = await sealer().seal(node, 1000)
    expect(digest?.blocks.map(({ last }) => last)).toEqual([256, 512, 640])
    for (let at = 0; at < 130; at++) await append(rowsOf(at, 1))
    expect(await sealer().seal(node, 1000)).toMatchObject({ segment: 2, last: 770 })
    expect(await counted('audit_run')).toBe(0)
    expect(await findings()).toEqual([])
    const blocks = await engine.all('SELECT segment, block, first FROM audit_block ORDER BY high')
    expect(blocks.map(({ segment, block, first }) => [segment, block, first])).toEqual([
      [1, 1, 1],
      [1, 2, 257],
      [1, 3, 513],
      [2, 1, 641],
    ])
  })

  test('is read to its end, though little of it is packed, and others have their turn at every block', async () => {
    const long = (number: number) => ({ ...record(number), event: JSON.stringify({ long: 'x'.repeat(50_000) }) })
    for (let at = 0; at < 10; at++) await append([long(at)])
    const { digest } = await sealer().seal(node, 4)
    // A block of three records, one of a fourth; of the six that are only read, three at a time.
    expect(digest?.blocks.map(({ last }) => last)).toEqual([3, 4])
    expect(turns).toBe(2 + 2)
  })

  test('is sealed up to where it stood when that began: what comes meanwhile is for the next time', async () => {
    for (let at = 0; at < 5; at++) await append(rowsOf(at * 64, 64))
    meanwhile = async () => {
      await append(rowsOf(1000, 1))
    }
    expect(await sealer().seal(node, 1000)).toMatchObject({ segment: 1, last: 320 })
    meanwhile = async () => undefined
    expect(await counted('audit_run')).toBeGreaterThan(0)
    await sealer().seal(node, 1000)
    expect(await counted('audit_run')).toBe(0)
    expect(await findings()).toEqual([])
  })

  test('is not read beyond that, also where as much was read at once as there was', async () => {
    for (let at = 0; at < 64; at++) await append(rowsOf(at, 1))
    meanwhile = async () => {
      await append(rowsOf(1000, 1))
    }
    expect(await sealer().seal(node, 10)).toMatchObject({ segment: 1, last: 10 })
  })

  test('is indexed by the pieces of its blocks that its records are in', async () => {
    const long = (number: number): TrailRow => ({
      ...record(number, number % 3 === 0 ? '444455556666' : '111122223333'),
      event: JSON.stringify({ eventID: `id-${number}`, long: `${number} `.repeat(600) }),
    })
    for (let at = 0; at < 6; at++) await append(Array.from({ length: 20 }, (_, number) => long(at * 20 + number)))
    await sealer().seal(node, 1000)
    const blocks = await engine.all('SELECT body FROM audit_block ORDER BY high')
    const [index = {}] = await engine.all(sql.indexHead, [node, 1, 1])
    const { parts } = headOf(String(index.body))
    const bodies = (await engine.all(sql.indexParts, [node, 1, 1, 0, 64])).map(({ body }) => String(body))
    let pieces = 0
    for (const [ordinal, { body }] of blocks.entries())
      for (const [piece, lines] of new Pieces(String(body)).lines().entries()) {
        pieces++
        for (const line of lines) {
          const { account, event } = entryOf(line)
          const value = /id-\d+/.exec(event)?.[0] ?? ''
          const wanted = keyOf(account, { name: 'EventId', value })
          const part = partOf(wanted, parts)
          expect(refsIn(bodies[part - 1] ?? '', part, parts, wanted), value).toEqual([refOf(ordinal, 1 << piece)])
        }
      }
    expect(blocks.length).toBeGreaterThan(1)
    expect(pieces).toBeGreaterThan(2 * blocks.length)
  })

  test('is sealed once where two do it: who comes second says what the first has done, and writes nothing', async () => {
    for (const number of [1, 2]) await append(rowsOf(number, 1))
    let first: unknown
    meanwhile = async () => {
      meanwhile = async () => undefined
      first = await sealer().seal(node, 1)
    }
    const second = await sealer().seal(node, 100)
    expect(second).toEqual(first)
    expect(second).toMatchObject({ segment: 1, last: 1 })
    expect([await counted('audit_digest'), await counted('audit_block')]).toEqual([1, 1])
    expect(await findings()).toEqual([])
  })
})

/** The runs anew, with marks and hashes that fit them; answers the last hash. Anybody can do this who can write. */
async function chainAnew(edit: (fields: string[], at: number) => void): Promise<string> {
  let hash = genesis(node)
  let at = 0
  for (const { high, body } of await engine.all(sql.runs, [node, -1, 64])) {
    const lines = String(body)
      .split('\n')
      .map((kept) => {
        const fields = kept.split('\t').slice(1)
        edit(fields, at++)
        const line = fields.join('\t')
        hash = linked(hash, line)
        return `${markOf(hash)}\t${line}`
      })
    await alter('UPDATE audit_run SET body = $1 WHERE high = $2', [lines.join('\n'), Number(high)])
  }
  return hash
}

describe('nothing is signed of a chain', () => {
  const at = (number: number) => `chain node was altered at record ${number}`
  /** Runs of records 1 to 3 and of 4 and 5, and one of 6. */
  const three = async () => {
    await append([...rowsOf(1, 3), ...rowsOf(4, 2, '444455556666')])
    return append(rowsOf(6, 1))
  }
  const ways: readonly (readonly [string, string, (head: Head) => Promise<unknown>])[] = [
    ['whose first run is missing', at(1), () => alter('DELETE FROM audit_run WHERE first = 1')],
    ['a run of which is missing between others', at(4), () => alter('DELETE FROM audit_run WHERE first = 4')],
    ['whose last run is missing', at(6), () => alter('DELETE FROM audit_run WHERE first = 6')],
    [
      'a run of which says that it begins earlier',
      at(4),
      () => alter('UPDATE audit_run SET first = 3 WHERE first = 4'),
    ],
    ['a run of which says that it ends later', at(6), () => alter('UPDATE audit_run SET last = 6 WHERE first = 4')],
    ['a run of which says that it ends earlier', at(4), () => alter('UPDATE audit_run SET last = 2 WHERE first = 1')],
    [
      'a run of which stands in another place',
      at(6),
      () => alter('UPDATE audit_run SET high = high + 1 WHERE first = 4'),
    ],
    [
      'a run of which is put down to another account',
      at(4),
      () => alter(`UPDATE audit_run SET account = '777788889999' WHERE first = 4`),
    ],
    [
      'a record of which is of another account than its run',
      at(2),
      async (head) => {
        const hash = await chainAnew((fields, record) => {
          if (record === 1) fields[2] = '777788889999'
        })
        await vouch({ ...head, hash })
      },
    ],
    [
      'a record of which has another number',
      at(2),
      async (head) => {
        const hash = await chainAnew((fields, record) => {
          if (record === 1) fields[0] = '7'
        })
        await vouch({ ...head, hash })
      },
    ],
    [
      'two records of which have one place',
      at(2),
      async (head) => {
        const hash = await chainAnew((fields, record) => {
          if (record === 1) fields[1] = String(4096)
        })
        await vouch({ ...head, hash })
      },
    ],
    [
      'a record of which was edited',
      at(1),
      () => alter(`UPDATE audit_run SET body = replace(body, '"number":1', '"number":9')`),
    ],
    [
      'a mark of which is another, though the record is what was written',
      at(1),
      () => alter(`UPDATE audit_run SET body = 'AAAAAAAAAAAA' || substr(body, 13) WHERE first = 1`),
    ],
    [
      'that leads elsewhere than its head',
      at(7),
      () =>
        chainAnew((fields, record) => {
          if (record === 5) fields[6] = '{}'
        }),
    ],
    [
      'whose head says less than there is',
      at(6),
      async (head) => {
        await vouch({ ...head, sequence: 5 })
      },
    ],
    [
      'whose head says more than there is, though all that there is leads to it',
      at(7),
      async (head) => {
        await vouch({ ...head, sequence: 7 })
      },
    ],
    [
      'whose head was not written with our key',
      'the head of chain node, at record 6, was not written with our key',
      () => alter(`UPDATE audit_chain SET mac = 'x'`),
    ],
    [
      'whose head is missing',
      at(4),
      async () => {
        await sealer().seal(node, 3)
        await alter('DELETE FROM audit_chain')
      },
    ],
  ]
  for (const [what, message, way] of ways)
    test(what, async () => {
      const head = await three()
      await way(head)
      const [digests, blocks] = [await counted('audit_digest'), await counted('audit_block')]
      const failed: unknown = await sealer()
        .seal(node, 100)
        .catch((error: unknown) => error)
      expect(failed).toBeInstanceOf(Altered)
      expect(failed).toMatchObject({ name: 'Altered', message: expect.stringContaining(message) })
      expect([await counted('audit_digest'), await counted('audit_block')]).toEqual([digests, blocks])
    })

  test('whose records behind those that are to be packed were altered', async () => {
    for (const number of [1, 2, 3]) await append(rowsOf(number, 1))
    await alter(`UPDATE audit_run SET body = replace(body, '"number":3', '"number":9')`)
    await expect(sealer().seal(node, 1)).rejects.toThrow(at(3))
    expect(await counted('audit_digest')).toBe(0)
  })

  test('whose first place is below those that were sealed', async () => {
    await append(rowsOf(1, 2))
    await sealer().seal(node, 100)
    const head = await append(rowsOf(3, 1))
    await alter('UPDATE audit_run SET high = 5000')
    await expect(sealer().seal(node, 100)).rejects.toThrow(at(4))
    expect(head.sequence).toBe(3)
    expect(await counted('audit_digest')).toBe(1)
  })
})

test('a head is raised by who has seen it as it is, and by nobody else', async () => {
  const first = { sequence: 1, number: 1, hash: 'A', at: now }
  const second = { sequence: 2, number: 2, hash: 'B', at: now }
  const raised = (from: Head | undefined, to: Head) =>
    engine.write((statements) => raise(statements, node, from, to, signer))
  expect(await raised(undefined, first)).toBe(true)
  expect(await raised(undefined, second)).toBe(false)
  expect(await raised(second, first)).toBe(false)
  expect(await raised({ ...first, hash: 'C' }, second)).toBe(false)
  expect(await readHead(engine, node, signer)).toEqual(first)
  expect(await raised(first, second)).toBe(true)
  expect(await readHead(engine, node, signer)).toEqual(second)
})

test('what was noted of a chain is in it, or the chain was put back to an older state', async () => {
  await append(rowsOf(1, 2))
  const { signature } = await sealer().seal(node, 100)
  const noted = { node, segment: 1, sequence: 2, hash: 'x', signature }
  await mustHave(engine, noted)
  for (const other of [
    { ...noted, node: 'other' },
    { ...noted, segment: 2 },
    { ...noted, signature: 'x' },
  ]) {
    const failed: unknown = await mustHave(engine, other).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(Altered)
    expect(failed).toMatchObject({
      message: `chain ${other.node} does not have segment ${other.segment} as it was noted: it was put back to an older state`,
    })
  }
})

describe('the last digest of a chain is the one that was signed', () => {
  const message = 'the last digest of chain node was not signed with our key'
  const refused = async () => {
    const failed: unknown = await readSealed(engine, node, signer).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(Altered)
    expect(failed).toMatchObject({ message })
    await expect(sealer().seal(node, 100)).rejects.toThrow(message)
  }
  beforeEach(async () => {
    await append(rowsOf(1, 2))
    await sealer().seal(node, 100)
  })

  test('or it is refused: one that is no digest', async () => {
    await alter(`UPDATE audit_digest SET body = 'x'`)
    await refused()
  })

  test('or it is refused: one that says something else', async () => {
    await alter(`UPDATE audit_digest SET body = replace(body, '"last":2', '"last":3')`)
    await refused()
  })

  test('or it is refused: one of another chain, which has our signature', async () => {
    await append(rowsOf(3, 1), 'other')
    await sealer().seal('other', 100)
    await alter(
      `UPDATE audit_digest SET (body, signature) = (SELECT body, signature FROM audit_digest WHERE node = 'other')`,
    )
    await refused()
  })

  test('or it is refused: one that stands in the place of another', async () => {
    await alter('UPDATE audit_digest SET segment = 2')
    await refused()
  })

  test('or it is refused: one that somebody else has signed', async () => {
    const stranger = new Signer([makeAuditKey(seeded(99))])
    const { digest } = await readSealed(engine, node, signer)
    if (digest === undefined) throw new Error('nothing is sealed')
    for (const id of [digest.key, stranger.id]) {
      const body = digestText({ ...digest, key: id })
      await alter('UPDATE audit_digest SET body = $1, signature = $2', [body, stranger.sign(signedText(body))])
      await refused()
    }
    expect(digestOf('x')).toBeUndefined()
  })
})
