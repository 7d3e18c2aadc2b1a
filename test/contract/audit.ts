import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditLog } from '../../src/audit/log.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { row } from './store.ts'

/** How a suite comes by a log that is empty. `again` opens the same one anew, as after a restart; one without a disk has none. */
export interface AuditSource {
  readonly open: () => Promise<AuditLog>
  readonly again?: () => Promise<AuditLog>
  readonly clean: () => void | Promise<void>
}

const mine = '111122223333'
const theirs = '444455556666'

/** What every audit log must do, wherever it keeps what it is given. */
export function auditContract(name: string, source: AuditSource): void {
  describe(`${name} keeps the audit log's contract`, () => {
    let log: AuditLog
    beforeEach(async () => {
      log = await source.open()
    })
    afterEach(async () => {
      await log.close()
      await source.clean()
    })

    /** An account's whole trail in the order of writing, read a page at a time. */
    const trailOf = async (account: string, page = 7): Promise<readonly TrailRow[]> => {
      const seen: TrailRow[] = []
      let before: number | undefined
      do {
        const { entries, next } = await log.trail(account, page, before)
        expect(entries.length).toBe(next === undefined ? entries.length : page)
        for (const { sequence: _, ...entry } of entries) seen.push(entry)
        before = next
      } while (before !== undefined)
      return seen.reverse()
    }

    test('is empty at first', async () => {
      expect(await log.trail(mine, 10)).toEqual({ entries: [], next: undefined })
      expect(await log.lastDecision(mine)).toBeUndefined()
      expect(await log.decision('request-1', mine)).toBeUndefined()
    })

    test('records come back as they were written, to the last character', async () => {
      const rows = [row(1), row(2, mine, '{"why":"ünï 🎭"}'), row(3)]
      await log.append(rows)
      expect(await trailOf(mine)).toEqual(rows)
    })

    test('a refusal is found by its request id, in its own account only', async () => {
      const refused = row(1, mine, '{"effect":"deny"}')
      await log.append([row(0), refused])
      const { requestId, at, account, event, decision } = refused
      expect(await log.decision('request-1', mine)).toEqual({ requestId, at, account, event, decision })
      expect(await log.decision('request-1', '999999999999')).toBeUndefined()
      expect(await log.decision('request-0', mine)).toBeUndefined()
      expect(await log.decision('request-7', mine)).toBeUndefined()
    })

    test('the last refusal is the one written last, whatever the clock said', async () => {
      await log.append([row(5, mine, '{"n":5}')])
      await log.append([row(3, mine, '{"n":3}'), row(9)])
      await log.append([row(7, theirs, '{"n":7}')])
      expect((await log.lastDecision(mine))?.decision).toBe('{"n":3}')
      expect(await log.lastDecision('777788889999')).toBeUndefined()
    })

    test('a trail is listed newest first, a page at a time, without gap or repetition, and no other account is in it', async () => {
      const rows = Array.from({ length: 25 }, (_, number) => row(number, number % 5 === 4 ? theirs : mine))
      await log.append(rows.slice(0, 10))
      await log.append(rows.slice(10))
      for (const account of [mine, theirs])
        expect(await trailOf(account)).toEqual(rows.filter((each) => each.account === account))
    })

    test('a page that ends with the last record says that there is no other', async () => {
      await log.append([row(1), row(2)])
      expect((await log.trail(mine, 2)).next).toBeUndefined()
      expect((await log.trail(mine, 1)).next).toBeDefined()
    })

    test('many records of two accounts, with refusals between, are paged through whole and in order', async () => {
      const rows = Array.from({ length: 300 }, (_, number) =>
        row(number, number % 3 === 0 ? theirs : mine, number % 50 === 7 ? `{"n":${number}}` : undefined),
      )
      await log.append(rows)
      for (const account of [mine, theirs])
        expect(await trailOf(account, 11)).toEqual(rows.filter((each) => each.account === account))
      expect((await log.decision('request-157', mine))?.event).toBe(rows[157]?.event)
    })

    test('sequences rise in the order of writing', async () => {
      await log.append([row(1), row(2)])
      await log.append([row(3)])
      const sequences = (await log.trail(mine, 10)).entries.map(({ sequence }) => sequence).reverse()
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
      expect(new Set(sequences).size).toBe(3)
    })

    test('records that are appended at the same time are all there, those of one call in their order', async () => {
      const calls = Array.from({ length: 20 }, (_, call) => [row(call * 2), row(call * 2 + 1)])
      await Promise.all(calls.map((rows) => log.append(rows)))
      const numbers = (await trailOf(mine)).map(({ at }) => at - row(0).at)
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, number) => number))
      for (let call = 0; call < 20; call++) expect(numbers.indexOf(call * 2 + 1)).toBe(numbers.indexOf(call * 2) + 1)
    })

    test('what is delivered comes in the order of the deliveries, refusals among it', async () => {
      await log.deliver([
        { batch: 'one', rows: [row(1), row(2, mine, '{"n":2}')] },
        { batch: 'two', rows: [row(3), row(4, theirs)] },
      ])
      expect(await trailOf(mine)).toEqual([row(1), row(2, mine, '{"n":2}'), row(3)])
      expect(await trailOf(theirs)).toEqual([row(4, theirs)])
      expect((await log.decision('request-2', mine))?.decision).toBe('{"n":2}')
    })

    test('a batch is taken once, however often and beside whatever else it is delivered', async () => {
      const one = { batch: 'one', rows: [row(1)] }
      const two = { batch: 'two', rows: [row(2)] }
      await log.deliver([one])
      await log.deliver([one, two])
      await Promise.all([log.deliver([two, one]), log.deliver([one]), log.append([row(3)])])
      await log.deliver([])
      expect((await trailOf(mine)).map(({ eventId }) => eventId).toSorted()).toEqual(['event-1', 'event-2', 'event-3'])
    })

    test.skipIf(source.again === undefined)(
      'everything is there when it is opened anew, and is not taken again',
      async () => {
        await log.append([row(1, mine, '{"n":1}')])
        await log.deliver([{ batch: 'one', rows: [row(2)] }])
        await log.close()
        log = (await source.again?.()) ?? log
        await log.deliver([
          { batch: 'one', rows: [row(2)] },
          { batch: 'two', rows: [row(3)] },
        ])
        expect(await trailOf(mine)).toEqual([row(1, mine, '{"n":1}'), row(2), row(3)])
        expect((await log.lastDecision(mine))?.decision).toBe('{"n":1}')
      },
    )
  })
}
