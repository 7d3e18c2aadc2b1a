import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Attribute } from '../../src/audit/attribute.ts'
import {
  headBody,
  headOf,
  headOver,
  IndexBuilder,
  type IndexHead,
  indexText,
  keyOf,
  ordinalOf,
  PartWriter,
  type Posting,
  partOf,
  partsFor,
  partsIn,
  piecesOf,
  postingsIn,
  refOf,
  refsIn,
} from '../../src/audit/index-file.ts'
import { VarintReader, VarintWriter } from '../../src/audit/varint.ts'

// What stands in a file, byte for byte: files that were written stay, so another way to write them could not read them.

/** Whole numbers, seven bits to a byte, the lowest first; as anybody may write it down who has the documentation. */
const bytes = (...numbers: readonly number[]): string =>
  Buffer.from(
    numbers.flatMap((number) => {
      const found: number[] = []
      for (let left = BigInt(number); ; left >>= 7n) {
        if (left < 128n) return [...found, Number(left)]
        found.push(Number(left & 127n) | 128)
      }
    }),
  ).toString('base64')

describe('numbers', () => {
  const numbers = [0, 1, 127, 128, 300, 16_383, 16_384, 2 ** 31, 2 ** 32 + 5, 2 ** 40, 2 ** 53 - 1]

  test('are written seven bits to a byte, and come back', () => {
    const writer = new VarintWriter()
    for (const number of numbers) writer.write(number)
    expect(writer.length).toBe(Buffer.from(bytes(...numbers), 'base64').length)
    const text = writer.take()
    expect(text).toBe(bytes(...numbers))
    expect(writer.length).toBe(0)
    expect(writer.take()).toBe('')
    const reader = new VarintReader(text)
    for (const number of numbers) {
      expect(reader.done).toBe(false)
      expect(reader.read()).toBe(number)
    }
    expect(reader.done).toBe(true)
    expect(reader.read()).toBe(0)
  })

  test('may be negative: then they are odd', () => {
    const writer = new VarintWriter()
    for (const number of [0, 1, -1, 64, -64, -1000, 1000]) writer.writeSigned(number)
    const text = writer.take()
    expect(text).toBe(bytes(0, 2, 1, 128, 127, 1999, 2000))
    const reader = new VarintReader(text)
    expect([0, 1, -1, 64, -64, -1000, 1000].map(() => reader.readSigned())).toEqual([0, 1, -1, 64, -64, -1000, 1000])
  })

  test('are passed over by their count, and no further than there are', () => {
    const text = bytes(1, 300, 2 ** 40, 5, 6)
    for (const [count, next] of [
      [0, 1],
      [1, 300],
      [2, 2 ** 40],
      [3, 5],
      [4, 6],
    ] as const) {
      const reader = new VarintReader(text)
      reader.pass(count)
      expect(reader.read()).toBe(next)
    }
    const reader = new VarintReader(text)
    reader.pass(7)
    expect(reader.done).toBe(true)
  })

  test('are written however many they are', () => {
    const many = Array.from({ length: 5000 }, (_, at) => at * 1_000_003)
    const writer = new VarintWriter()
    for (const number of many) writer.write(number)
    expect(writer.take()).toBe(bytes(...many))
  })
})

describe('a head', () => {
  const head: IndexHead = {
    from: 5,
    until: 300,
    keys: 3,
    parts: 2,
    blocks: [
      { high: 10, from: 5, until: 9 },
      // Begins before the other ended.
      { high: 400, from: 7, until: 300 },
      { high: 401, from: 300, until: 300 },
    ],
  }
  const body = `5 300 3 2 3 ${bytes(10, 0, 4, 390, 3, 293, 1, 0, 0)}`

  test('is written down in one way, and read again', () => {
    expect(headBody(head)).toBe(body)
    expect(headOf(body)).toEqual(head)
    expect(partsIn(body)).toBe(2)
    expect(headOf('0 0 0 1 0 ')).toEqual({ from: 0, until: 0, keys: 0, parts: 1, blocks: [] })
    expect(headBody({ from: 0, until: 0, keys: 0, parts: 1, blocks: [] })).toBe('0 0 0 1 0 ')
  })

  test('is over its blocks, from the first time to the last, whatever their order; or over none at all', () => {
    expect(headOver(head.blocks, 3, 2)).toEqual(head)
    expect(headOver(head.blocks.toReversed(), 3, 2)).toMatchObject({ from: 5, until: 300 })
    expect(headOver([], 0, 1)).toEqual({ from: 0, until: 0, keys: 0, parts: 1, blocks: [] })
  })

  test('and parts are vouched for in words that nothing else has', () => {
    expect(indexText({ node: 'one', first: 3, last: 18 }, 4, 8, 'BODY')).toBe(
      'rolecall audit index 2\tone\t3\t18\t4\t8\tBODY',
    )
  })
})

const hashed = (text: string) => Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 10), 16)

test('a key is forty bits of a hash, of the account alone or with what is looked for', () => {
  expect(keyOf('111122223333')).toBe(hashed('111122223333'))
  expect(keyOf('111122223333', { name: 'EventName', value: 'GetUser' })).toBe(
    hashed('111122223333\tEventName\tGetUser'),
  )
})

test('a reference is a block with a bit for each of eight pieces', () => {
  expect(refOf(0, 1)).toBe(1)
  expect(refOf(3, 129)).toBe(3 * 256 + 129)
  expect([ordinalOf(3 * 256 + 255), piecesOf(3 * 256 + 255)]).toEqual([3, 255])
})

test('keys are divided into as many parts as there are thousands of them, rounded up to a power of two', () => {
  expect([0, 1, 1024, 1025, 2048, 2049, 5_000_000].map(partsFor)).toEqual([1, 1, 1, 2, 2, 4, 8192])
  expect([0, 2 ** 38 - 1, 2 ** 38, 2 ** 39, 2 ** 40 - 1].map((key) => partOf(key, 4))).toEqual([1, 1, 2, 3, 4])
  expect(partOf(2 ** 40 - 1, 1)).toBe(1)
})

describe('the parts of a file', () => {
  const half = 2 ** 39
  const postings: readonly Posting[] = [
    // In one piece of one block, the first or the last.
    [0, [refOf(0, 1)]],
    [7, [refOf(9, 128)]],
    // In several pieces, in several blocks, and in those that are next to one another.
    [8, [refOf(9, 129)]],
    [2 ** 30, [refOf(0, 1), refOf(1, 2), refOf(500, 255)]],
    [half - 1, [refOf(2, 4)]],
    [half, [refOf(1, 1)]],
    [half + 5, [refOf(0, 3), refOf(1, 1)]],
    [2 ** 40 - 1, [refOf(70_000, 2)]],
  ]
  const first = bytes(
    ...[0, 0],
    ...[7 * 2, 9 * 8 + 7],
    ...[1 * 2 + 1, 1, 9 * 256 + 129],
    ...[(2 ** 30 - 8) * 2 + 1, 3, 1, 2, 498 * 256 + 255],
    ...[(half - 1 - 2 ** 30) * 2, 2 * 8 + 2],
  )
  const second = bytes(0, 8, 5 * 2 + 1, 2, 3, 1, (half - 1 - 5) * 2, 70_000 * 8 + 1)
  const written = () => {
    const writer = new PartWriter(2)
    const bodies = postings.flatMap((posting) => [...writer.add(posting)])
    return [...bodies, writer.next()]
  }

  test('are written down in one way', () => {
    expect(written()).toEqual([first, second])
  })

  test('give back what was put in, in its order', () => {
    expect([...postingsIn(first, 1, 2), ...postingsIn(second, 2, 2)]).toEqual(postings)
  })

  test('are passed on as soon as a key lies behind them, the empty ones too', () => {
    const writer = new PartWriter(8)
    expect([...writer.add([2 ** 37, [1]])]).toEqual([''])
    expect([...writer.add([2 ** 40 - 1, [1]])]).toEqual([bytes(0, 0), '', '', '', '', ''])
    expect(writer.next()).toBe(bytes((2 ** 37 - 1) * 2, 0))
  })

  test('tell where each key is, and that there is no other', () => {
    for (const [key, refs] of postings) {
      const part = partOf(key, 2)
      const body = part === 1 ? first : second
      expect(refsIn(body, part, 2, key)).toEqual(refs)
    }
    for (const other of [1, 6, 9, 2 ** 30 + 1, half - 2]) expect(refsIn(first, 1, 2, other)).toEqual([])
    for (const other of [half + 1, half + 6, 2 ** 40 - 2]) expect(refsIn(second, 2, 2, other)).toEqual([])
    expect(refsIn('', 1, 2, 0)).toEqual([])
  })
})

describe('what blocks hold', () => {
  const line = (account: string, at: number | string, name: string, more = '') =>
    `mark\t1\t1\t${account}\t${at}\te\tr\t${JSON.stringify({ eventName: name })}${more}`
  const [one, two] = ['111122223333', '444455556666']
  const found = (builder: IndexBuilder, account: string, value?: string) => {
    const { head, parts } = builder.file()
    const attribute: Attribute | undefined = value === undefined ? undefined : { name: 'EventName', value }
    const wanted = keyOf(account, attribute)
    const part = partOf(wanted, head.parts)
    return refsIn(parts[part - 1] ?? '', part, head.parts, wanted)
  }
  const over = () => {
    const builder = new IndexBuilder()
    builder.block(7, [[line(one, 20, 'A'), line(one, 10, 'A'), line(two, 15, 'B')], [], [line(one, 30, 'A')]])
    builder.block(9, [[line(two, 40, 'A'), line(two, 41, 'B')]])
    builder.block(12, [[line(one, 5, 'B')], [line(one, 6, 'A')]])
    return builder
  }

  test('is found by block and piece, each once, and by account', () => {
    const builder = over()
    expect(found(builder, one)).toEqual([refOf(0, 5), refOf(2, 3)])
    expect(found(builder, one, 'A')).toEqual([refOf(0, 5), refOf(2, 2)])
    expect(found(builder, one, 'B')).toEqual([refOf(2, 1)])
    expect(found(builder, two, 'B')).toEqual([refOf(0, 1), refOf(1, 1)])
    expect(found(builder, two, 'C')).toEqual([])
    expect(found(builder, '777788889999')).toEqual([])
  })

  test('is told with the times of each block, and how many keys there are', () => {
    const { head, parts } = over().file()
    expect(head).toEqual({
      from: 5,
      until: 41,
      // Of each of the two: all that is its own, and two names.
      keys: 6,
      parts: 1,
      blocks: [
        { high: 7, from: 10, until: 30 },
        { high: 9, from: 40, until: 41 },
        { high: 12, from: 5, until: 6 },
      ],
    })
    expect(parts).toHaveLength(1)
  })

  test('is at no time where a block cannot be read, or has a time that is none', () => {
    const builder = new IndexBuilder()
    builder.block(7, [])
    builder.block(9, [[line(one, 'x', 'A'), line(one, 5, 'A')]])
    expect(builder.file().head).toMatchObject({
      from: 0,
      until: 0,
      blocks: [
        { high: 7, from: 0, until: 0 },
        { high: 9, from: 0, until: 0 },
      ],
    })
    expect(found(builder, one, 'A')).toEqual([refOf(1, 1)])
    expect(new IndexBuilder().file()).toEqual({
      head: { from: 0, until: 0, keys: 0, parts: 1, blocks: [] },
      parts: [''],
    })
  })

  test('is in order, and in all of its parts, however much it is', () => {
    const builder = new IndexBuilder()
    for (let block = 0; block < 30; block++)
      builder.block(block, [Array.from({ length: 100 }, (_, at) => line(one, 1, `name-${block * 100 + at}`))])
    const { head, parts } = builder.file()
    expect(head).toMatchObject({ keys: 3001, parts: 4 })
    expect(parts).toHaveLength(4)
    const keys = parts.flatMap((body, at) => [...postingsIn(body, at + 1, 4)].map(([key]) => key))
    expect(keys).toHaveLength(3001)
    expect(keys).toEqual(keys.toSorted((a, b) => a - b))
    expect(found(builder, one, 'name-1234')).toEqual([refOf(12, 1)])
    expect(found(builder, one)).toEqual(Array.from({ length: 30 }, (_, block) => refOf(block, 1)))
  })
})
