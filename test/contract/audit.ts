import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditLog } from '../../src/audit/log.ts'
import type { Question } from '../../src/audit/lookup.ts'
import { hopsIn, type Minted, mintedText } from '../../src/audit/minted.ts'
import { type SessionsAsked, sessionsIn } from '../../src/audit/session-list.ts'
import { accessKeyId } from '../../src/base/id.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { lookupContract } from './lookup.ts'
import { row } from './store.ts'

/** How a suite comes by a log that is empty. `again` opens the same one anew, as after a restart; one without a disk has none. */
export interface AuditSource {
  readonly open: () => Promise<AuditLog>
  readonly again?: () => Promise<AuditLog>
  readonly clean: () => void | Promise<void>
}

const mine = '111122223333'
const theirs = '444455556666'

let chance = 0
const random = {
  bytes: (count: number) =>
    Uint8Array.from({ length: count }, () => {
      chance = (chance * 1103 + 12_345) % 65_521
      return chance & 255
    }),
}
const keyOf = (prefix: 'AKIA' | 'ASIA', account: string): string => accessKeyId(random, prefix, account)

/** A session of a role, whose time comes after so many seconds. */
const session = (seconds: number, parts: Partial<Minted> = {}): Minted => ({
  key: keyOf('ASIA', parts.account ?? mine),
  kind: 'role',
  account: mine,
  principal: 'AROAONE',
  arn: `arn:aws:sts::${mine}:assumed-role/one/ünï`,
  issuedAt: start,
  expiresAt: start + seconds * 1000,
  revision: 7,
  mfa: false,
  sourceIdentity: 'hal',
  tagKeys: ['team', 'a "b" \u0000\t\n'],
  via: [],
  ...parts,
})
const start = row(0).at

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

    lookupContract(() => log)

    /** The record of the call that made a session. */
    const birth = (number: number, minted: Minted, account = mine): TrailRow => ({
      ...row(number, account),
      at: minted.issuedAt,
      session: mintedText(minted),
    })
    /** Sessions as they are listed, a few at a time. */
    const listed = async (account: string, asked: Partial<SessionsAsked> = {}): Promise<readonly Minted[]> => {
      const seen: Minted[] = []
      let before: SessionsAsked['before']
      do {
        const { made, next } = await sessionsIn((question) => log.lookup(question), account, {
          of: undefined,
          after: start,
          limit: 3,
          ...asked,
          before,
        })
        expect(made.length).toBe(next === undefined ? made.length : (asked.limit ?? 3))
        for (const { minted, event } of made) {
          expect(event).toContain('AssumeRole')
          seen.push(minted)
        }
        before = next
      } while (before !== undefined)
      return seen
    }

    test('a record that tells of a session comes back with it', async () => {
      const rows = [birth(1, session(900)), row(2), birth(3, session(900), theirs)]
      await log.append(rows)
      await log.deliver([{ batch: 'one', rows: [birth(4, session(901))] }])
      expect((await trailOf(mine)).slice(0, 2)).toEqual(rows.slice(0, 2))
      expect(await trailOf(theirs)).toEqual([rows[2]])
      expect(await log.lastDecision(mine)).toBeUndefined()
    })

    test('sessions are listed while their time has not come, newest first, a page at a time', async () => {
      const all = Array.from({ length: 40 }, (_, number) => session(60 * ((number * 7) % 20)))
      await log.append([...all.slice(0, 15).map((minted, at) => birth(at, minted)), row(99)])
      for (const [at, minted] of all.slice(15).entries()) await log.append([row(15 + at), birth(15 + at, minted)])
      const after = start + 60_000 * 4
      const living = all.filter(({ expiresAt }) => expiresAt > after)
      expect(await listed(mine, { after })).toEqual(living.toReversed())
      expect(await listed(mine, { after, limit: 200 })).toEqual(living.toReversed())
      expect(await listed(mine, { after: start + 60_000 * 20 })).toEqual([])
      const lookup = (question: Question) => log.lookup(question)
      expect(await sessionsIn(lookup, mine, { of: undefined, after, limit: living.length })).toMatchObject({
        next: undefined,
      })
    })

    test('sessions are found by what they are of and by everything that they grew out of, in the accounts that these are in', async () => {
      const akia = keyOf('AKIA', mine)
      const first = session(900, { via: [{ key: akia, identity: 'AIDAANN' }] })
      const second = session(900, {
        account: theirs,
        key: keyOf('ASIA', theirs),
        principal: 'AROATHEIRS',
        via: [...first.via, { key: first.key, identity: 'AROAONE' }],
      })
      const third = session(900, {
        account: theirs,
        key: keyOf('ASIA', theirs),
        principal: 'AROADEEPER',
        via: [...second.via, { key: second.key, identity: 'AROATHEIRS' }],
      })
      // A call across accounts is in both trails, one within an account in its own.
      await log.append([birth(1, first), birth(2, second), birth(2, second, theirs), birth(3, third, theirs)])
      const by = async (account: string, of?: string) => (await listed(account, { of })).map(({ key }) => key).sort()
      const sorted = (...minted: readonly Minted[]) => minted.map(({ key }) => key).sort()
      for (const of of [undefined, akia, 'AIDAANN', first.key, 'AROAONE'])
        expect(await by(mine, of), of).toEqual(sorted(first, second))
      for (const of of [undefined, second.key, 'AROATHEIRS'])
        expect(await by(theirs, of)).toEqual(sorted(second, third))
      for (const of of [third.key, 'AROADEEPER']) expect(await by(theirs, of)).toEqual(sorted(third))
      // What stands behind a session in another account is not told there, nor what became of it elsewhere.
      for (const of of [akia, 'AIDAANN', first.key, 'AROAONE', '']) expect(await by(theirs, of)).toEqual([])
      for (const of of [second.key, 'AROATHEIRS', third.key, 'AROADEEPER']) expect(await by(mine, of)).toEqual([])
    })

    test('a session that began with a login lies where its provider is', async () => {
      const login = { key: '', identity: 'arn:aws:iam::111122223333:oidc-provider/idp:aud:sub' }
      const first = session(900, { via: [login] })
      await log.append([birth(1, first)])
      expect(await listed(mine, { of: 'AROAONE' })).toEqual([first])
      expect(hopsIn(first, mine)).toEqual([login])
      const second = session(900, {
        account: theirs,
        key: keyOf('ASIA', theirs),
        via: [login, { key: first.key, identity: 'AROAONE' }],
      })
      expect(hopsIn(second, mine)).toEqual(second.via)
      expect(hopsIn(second, theirs)).toEqual([])
    })

    test.skipIf(source.again === undefined)(
      'everything is there when it is opened anew, and is not taken again',
      async () => {
        await log.append([row(1, mine, '{"n":1}')])
        await log.deliver([{ batch: 'one', rows: [row(2)] }])
        const minted = session(900)
        await log.append([birth(4, minted, theirs)])
        await log.close()
        log = (await source.again?.()) ?? log
        await log.deliver([
          { batch: 'one', rows: [row(2)] },
          { batch: 'two', rows: [row(3)] },
        ])
        expect(await trailOf(mine)).toEqual([row(1, mine, '{"n":1}'), row(2), row(3)])
        expect((await log.lastDecision(mine))?.decision).toBe('{"n":1}')
        expect(await listed(theirs)).toEqual([minted])
      },
    )
  })
}
