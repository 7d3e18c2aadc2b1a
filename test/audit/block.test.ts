import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inflated, Pieces, packed, piecesMax, salvaged } from '../../src/audit/block.ts'
import { emptyHead } from '../../src/audit/chain.ts'
import { lineOf } from '../../src/audit/line.ts'
import { chained } from '../../src/audit/run.ts'
import { record } from './scene.ts'

/** Runs of so many records, each with so much more in it. */
const runsOf = (count: number, more = 0) => {
  const lines = Array.from({ length: count }, (_, number) => {
    const row = record(number)
    return lineOf({ ...row, event: `${row.event.slice(0, -1)},"more":"${`${number} `.repeat(more / 4)}"}` })
  })
  return chained(lines, emptyHead('node'), 1, 0).runs
}
const textOf = (runs: ReturnType<typeof runsOf>) => runs.map(({ body }) => body).join('\n')

describe('a block', () => {
  test('gives back its lines, together and piece by piece, however many and long they are', () => {
    for (const [count, more] of [
      [1, 0],
      [40, 0],
      [64, 1000],
      [130, 1000],
      [256, 400],
      [64, 60_000],
    ] as const) {
      const runs = runsOf(count, more)
      const { body, lines } = packed(runs)
      expect(inflated(body).toString()).toBe(textOf(runs))
      const pieces = new Pieces(body)
      expect(pieces.count).toBeLessThanOrEqual(piecesMax)
      expect(pieces.lines().flat().join('\n')).toBe(textOf(runs))
      expect(pieces.lines().map(({ length }) => length)).toEqual(lines)
      // Each alone, without those between the first and it.
      for (let at = 0; at < pieces.count; at++) {
        const alone = new Pieces(body)
        expect(alone.at(at).toString().trimEnd().split('\n')).toEqual(pieces.lines()[at])
        expect(alone.inflated).toBeLessThanOrEqual(2 * Math.max(16_384 + 3000 + more * 2, textOf(runs).length / 6))
      }
    }
  })

  test('takes hardly more room in pieces than it would as a whole', () => {
    const runs = runsOf(128, 700)
    const whole = deflateSync(textOf(runs), { level: 6 }).toString('base64').length
    expect(packed(runs).body.length).toBeLessThan(whole * 1.25)
  })

  test('of before there were pieces is one piece', () => {
    const runs = runsOf(100, 1000)
    const body = deflateSync(textOf(runs)).toString('base64')
    expect(inflated(body).toString()).toBe(textOf(runs))
    expect(new Pieces(body).count).toBe(1)
    expect(new Pieces(body).lines()).toEqual([textOf(runs).split('\n')])
  })

  test('that is damaged is not read, and what is left of it can be had up to the damage and behind its piece', async () => {
    const runs = runsOf(128, 1000)
    const { body } = packed(runs)
    const pieces = body.split('.')
    expect(pieces.length).toBeGreaterThan(4)
    const broken = [...pieces]
    const [third = ''] = pieces.slice(2)
    broken[2] = `${third.slice(0, third.length >> 1)}AAAAAAAAAAAA${third.slice((third.length >> 1) + 12)}`
    expect(() => inflated(broken.join('.'))).toThrow()
    const left = (await salvaged(broken.join('.'))).toString().split('\n')
    const lines = textOf(runs).split('\n')
    const found = lines.filter((line) => left.includes(line)).length
    expect(found).toBeGreaterThanOrEqual(lines.length - 30)
    expect(found).toBeLessThan(lines.length)
    expect(left.slice(0, 20)).toEqual(lines.slice(0, 20))
    for (const wrong of ['', '.', `${body}.`, `${body}.${pieces.join('.')}`, `${pieces[1]}.${pieces[0]}`])
      expect(() => inflated(wrong), wrong.slice(0, 20)).toThrow()
  })
})
