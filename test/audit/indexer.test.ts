import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { attributesOf } from '../../src/audit/attribute.ts'
import { Pieces } from '../../src/audit/block.ts'
import { type IndexFile, indexText, keyOf, ordinalOf, piecesOf, postingsIn } from '../../src/audit/index-file.ts'
import { fanout, IndexAltered, Indexer, soundHead, soundPart } from '../../src/audit/indexer.ts'
import { makeAuditKey, Signer } from '../../src/audit/key.ts'
import { entryOf } from '../../src/audit/line.ts'
import { Sealer } from '../../src/audit/sealer.ts'
import { migrations, sql } from '../../src/audit/sql.ts'
import type { Engine, Value } from '../../src/store/engine.ts'
import { migrate } from '../../src/store/migrate.ts'
import { numberOf, textOf } from '../../src/store/row.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { append } from './appending.ts'
import { folder, key, record, seeded } from './scene.ts'

// The index says where records are. One that leaves records out hides them, so whatever of it is not what was written is made anew.

const node = 'node'
const signer = new Signer([key])
let dir = folder()
dir.clean()
let engine: Engine
let told: string[]
let turns: number
let indexer: Indexer
const always = () => true

const fresh = () =>
  new Indexer(
    engine,
    signer,
    (run) => {
      turns++
      setImmediate(run)
    },
    (what) => void told.push(what),
  )

beforeEach(async () => {
  dir = folder()
  told = []
  turns = 0
  engine = openSqlite(dir.file('audit.db'), { mark: marks.audit })
  await migrate(engine, 'audit', migrations(engine.dialect))
  indexer = fresh()
})
afterEach(async () => {
  await engine.close()
  dir.clean()
})

/** Segments of two records each, under numbers of their own. */
async function segments(count: number, to = node): Promise<void> {
  const sealer = new Sealer(engine, signer, { now: () => 1 }, (run) => run())
  for (let at = 0; at < count; at++) {
    await append(engine, to, [record(2 * at), record(2 * at + 1, '444455556666')], 1)
    await sealer.seal(to, 100)
  }
}
const alter = (text: string, values: readonly Value[] = []) =>
  engine.write((statements) => statements.run(text, values))
const files = async (of = node) =>
  (await engine.all(sql.indexFilesOf, [of]))
    .map((row) => [numberOf(row, 'first'), numberOf(row, 'last')])
    .toSorted(([a = 0], [b = 0]) => a - b)
const unindexed = async () => {
  await alter('DELETE FROM audit_index')
  await alter('DELETE FROM audit_index_part')
}

/** What the index says: of each key the blocks, by the places of their last records, and the bits of their pieces. */
async function said(): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, string[]>()
  for (const [first = 0, last = 0] of await files()) {
    const file: IndexFile = { node, first, last }
    const [row] = await engine.all(sql.indexHead, [node, first, last])
    const head = soundHead(row, file, signer)
    let keys = 0
    for (let part = 1; part <= head.parts; part++) {
      const [each] = await engine.all(sql.indexPart, [node, first, last, part])
      for (const [wanted, refs] of postingsIn(soundPart(each, file, part, head.parts, signer), part, head.parts)) {
        keys++
        const at = refs.map((ref) => `${head.blocks[ordinalOf(ref)]?.high} ${piecesOf(ref)}`)
        found.set(wanted, [...(found.get(wanted) ?? []), ...at])
      }
    }
    expect(head.keys).toBe(keys)
    const [none] = await engine.all(sql.indexPart, [node, first, last, head.parts + 1])
    expect(none).toBeUndefined()
  }
  return found
}

/** And what it ought to say, as the blocks themselves have it. */
async function due(): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, Map<number, number>>()
  for (const row of await engine.all('SELECT high, body FROM audit_block ORDER BY high'))
    for (const [piece, lines] of new Pieces(textOf(row, 'body')).lines().entries())
      for (const entry of lines.map(entryOf))
        for (const attribute of [undefined, ...attributesOf(entry)]) {
          const wanted = keyOf(entry.account, attribute)
          const blocks = found.get(wanted) ?? new Map<number, number>()
          const high = numberOf(row, 'high')
          found.set(wanted, blocks.set(high, (blocks.get(high) ?? 0) | (1 << piece)))
        }
  return new Map([...found].map(([wanted, blocks]) => [wanted, [...blocks].map(([high, bits]) => `${high} ${bits}`)]))
}

describe('files of an index', () => {
  test('become one when they are sixteen that follow one another, and it says what they said', async () => {
    await segments(fanout - 1)
    await indexer.tend(node, fanout - 1, always)
    expect(await files()).toHaveLength(fanout - 1)
    await segments(3)
    expect(await said()).toEqual(await due())
    await indexer.tend(node, fanout + 2, always)
    expect(await files()).toEqual([
      [1, 16],
      [17, 17],
      [18, 18],
    ])
    expect(await said()).toEqual(await due())
    expect(await engine.all('SELECT part FROM audit_index_part WHERE first = 2')).toEqual([])
    expect(told).toEqual([])
  })

  test('begin at multiples of sixteen, so that two who merge write the same', async () => {
    await segments(34)
    await alter('DELETE FROM audit_index WHERE first < 17')
    await alter('DELETE FROM audit_index_part WHERE first < 17')
    await indexer.tend(node, 34, always)
    expect(await files()).toEqual([
      [1, 16],
      [17, 32],
      [33, 33],
      [34, 34],
    ])
    expect(await said()).toEqual(await due())
  })

  test('of one chain are not those of another', async () => {
    await segments(fanout)
    await segments(3, 'other')
    await indexer.tend('other', 3, always)
    expect(await files()).toHaveLength(fanout)
    await indexer.tend(node, fanout, always)
    expect(await files()).toEqual([[1, 16]])
    expect(await files('other')).toHaveLength(3)
  })
})

describe('what was sealed without an index', () => {
  test('is indexed, whole groups at once where they are whole', async () => {
    await segments(20)
    const wanted = await due()
    await unindexed()
    await indexer.tend(node, 20, always)
    expect(await files()).toEqual([
      [1, 16],
      [17, 17],
      [18, 18],
      [19, 19],
      [20, 20],
    ])
    expect(await said()).toEqual(wanted)
    // Few segments are no news.
    expect(told).toEqual([])
    expect(turns).toBe(20)
  })

  test('is indexed from the newest on, and no further than it goes on', async () => {
    await segments(20)
    await unindexed()
    let left = 3
    await indexer.tend(node, 20, () => left-- > 0)
    expect(await files()).toEqual([
      [18, 18],
      [19, 19],
      [20, 20],
    ])
    left = 0
    await indexer.tend(node, 20, () => left-- > 0)
    expect(await files()).toHaveLength(3)
    await indexer.tend(node, 20, always)
    expect(await said()).toEqual(await due())
  })

  test('is indexed where gaps are between files, too', async () => {
    await segments(6)
    await alter('DELETE FROM audit_index WHERE first IN (2, 3, 5)')
    await indexer.tend(node, 6, always)
    expect(await files()).toHaveLength(6)
    expect(await said()).toEqual(await due())
  })

  test('has nothing of blocks that are missing or damaged, at any time', async () => {
    await segments(3)
    const before = await due()
    const [first, second] = (await engine.all('SELECT high FROM audit_block ORDER BY high')).map((row) =>
      numberOf(row, 'high'),
    )
    await alter('DELETE FROM audit_block WHERE high = $1', [first ?? 0])
    await alter(`UPDATE audit_block SET body = 'AAAA' WHERE high = $1`, [second ?? 0])
    await unindexed()
    await indexer.tend(node, 3, always)
    const left = [...before].map(([wanted, at]) => [wanted, at.slice(2)] as const)
    const rest = await said()
    expect([...rest.values()].flat().every((at) => !at.startsWith(`${first} `) && !at.startsWith(`${second} `))).toBe(
      true,
    )
    expect(rest.get(keyOf('111122223333'))).toEqual(left.find(([wanted]) => wanted === keyOf('111122223333'))?.[1])
    expect(await files()).toHaveLength(3)
    expect(told).toEqual([])
  })

  test.each([
    ['gone', 'DELETE FROM audit_digest WHERE segment = 2'],
    ['none', `UPDATE audit_digest SET body = 'x' WHERE segment = 2`],
    ['another', `UPDATE audit_digest SET body = replace(body, '"from"', '"fromm"') WHERE segment = 2`],
    ['signed by nobody', `UPDATE audit_digest SET signature = 'x' WHERE segment = 2`],
  ])('is told where a digest is %s: nothing says which its blocks are', async (_what, text) => {
    await segments(3)
    await alter(text)
    await unindexed()
    await indexer.tend(node, 3, always)
    expect(told).toEqual([
      'segment 2 of chain node cannot be indexed, since its digest was altered: see "rolecall audit verify"',
    ])
    expect(await files()).toHaveLength(3)
    expect((await said()).get(keyOf('111122223333'))).toHaveLength(2)
  })
})

describe('a file that is not what was written is told, taken away and made anew', () => {
  const anew = (first: number, last = first) =>
    `the index over segments ${first} to ${last} of chain node is not as it was written, and is made anew`
  /** As who can write to the database, and has a key of their own. */
  const stranger = new Signer([makeAuditKey(seeded(99))])
  const ways: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a head that says something else', () => alter(`UPDATE audit_index SET body = body || 'A' WHERE first = 3`)],
    [
      'the head of another file',
      () =>
        alter(
          `UPDATE audit_index SET (mac, body) = (SELECT mac, body FROM audit_index WHERE first = 4) WHERE first = 3`,
        ),
    ],
    ['a head without a code', () => alter(`UPDATE audit_index SET mac = 'x' WHERE first = 3`)],
    [
      'a head that somebody else vouches for',
      async () => {
        const [row = {}] = await engine.all(sql.indexHead, [node, 3, 3])
        const code = stranger.code(indexText({ node, first: 3, last: 3 }, 0, 1, textOf(row, 'body')))
        await alter('UPDATE audit_index SET mac = $1 WHERE first = 3', [code])
      },
    ],
    [
      'a part that says something else',
      () => alter(`UPDATE audit_index_part SET body = substr(body, 1, 8) WHERE first = 3`),
    ],
    [
      'the part of another file',
      () =>
        alter(
          `UPDATE audit_index_part SET (mac, body) = (SELECT mac, body FROM audit_index_part WHERE first = 4) WHERE first = 3`,
        ),
    ],
    ['a part that is missing', () => alter('DELETE FROM audit_index_part WHERE first = 3')],
    ['a part in the place of another', () => alter('UPDATE audit_index_part SET part = 2 WHERE first = 3')],
  ]
  for (const [what, way] of ways)
    test(`when it is merged: ${what}`, async () => {
      await segments(fanout)
      const wanted = await due()
      await way()
      await indexer.tend(node, fanout, always)
      expect(told).toEqual([anew(3)])
      expect(await files()).toEqual([[1, 16]])
      expect(await said()).toEqual(wanted)
    })

  test('when its head is read for the first time, and when it has become another', async () => {
    await segments(2)
    await indexer.tend(node, 2, always)
    await alter(`UPDATE audit_index SET body = body || 'A' WHERE first = 2`)
    // It is known by its code, and is not read again before it is needed.
    await indexer.tend(node, 2, always)
    expect(told).toEqual([])
    await fresh().tend(node, 2, always)
    expect(told).toEqual([anew(2)])
    await alter(`UPDATE audit_index SET mac = mac || 'x' WHERE first = 1`)
    await indexer.tend(node, 2, always)
    expect(told).toEqual([anew(2), anew(1)])
    expect(await said()).toEqual(await due())
  })

  test('and what is no text is nothing that was written', () => {
    const file = { node, first: 1, last: 1 }
    for (const row of [undefined, {}, { mac: 'x' }, { body: 'x' }, { mac: 1, body: 'x' }, { mac: 'x', body: 1 }]) {
      expect(() => soundPart(row, file, 1, 1, signer)).toThrow(IndexAltered)
      expect(() => soundHead(row, file, signer)).toThrow('the index over segments 1 to 1 of chain node was altered')
    }
    const body = '0 0 0 1 0 '
    expect(soundHead({ mac: signer.code(indexText(file, 0, 1, body)), body }, file, signer)).toMatchObject({ keys: 0 })
    const failed = (() => {
      try {
        return soundPart({}, file, 1, 1, signer)
      } catch (error) {
        return error
      }
    })()
    expect(failed).toMatchObject({ name: 'IndexAltered', file })
  })
})
