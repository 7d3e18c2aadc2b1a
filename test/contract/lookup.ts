import { expect, test } from 'vitest'
import { type Attribute, type AttributeName, attributesOf, hasAttribute } from '../../src/audit/attribute.ts'
import type { AuditLog } from '../../src/audit/log.ts'
import { newestFirst, type Question } from '../../src/audit/lookup.ts'
import type { TrailRow } from '../../src/store/store.ts'
import { seeded } from '../audit/scene.ts'

export const mine = '111122223333'
export const theirs = '444455556666'
const noon = Date.UTC(2026, 10, 22, 12)

/** An event as the gate writes it, as far as anything of it is looked up. */
export function called(number: number, more: Partial<TrailRow> & { readonly facts?: object } = {}): TrailRow {
  const { facts, ...row } = more
  const account = row.account ?? mine
  const at = row.at ?? noon + number * 1000
  const eventId = `e0000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const requestId = `a0000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const event = JSON.stringify({
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLE',
      accountId: account,
      accessKeyId: 'AKIAEXAMPLE',
      userName: 'alice',
    },
    eventSource: 'iam.amazonaws.com',
    eventName: 'GetUser',
    requestParameters: { userName: `user-${number}` },
    responseElements: null,
    requestID: requestId,
    eventID: eventId,
    readOnly: true,
    ...facts,
  })
  return { eventId, at, account, requestId, event, ...row }
}

/** Random calls of two accounts: few users, some keys, many sessions, and clocks that go back now and then. */
export function random(count: number, seed: number): readonly TrailRow[] {
  const chance = seeded(seed)
  const pick = <T>(items: readonly T[]): T => items[chance.below(items.length)] as T
  let at = noon
  return Array.from({ length: count }, (_, number) => {
    at += chance.below(3) * 400
    const late = chance.below(20) === 0 ? chance.below(120_000) : 0
    const account = chance.below(4) === 0 ? theirs : mine
    const user = pick(['alice', 'bob', 'é "quoted"', 'x'.repeat(300)])
    const minted = `ASIA${number}`
    return called(number, {
      account,
      at: at - late,
      ...(chance.below(9) === 0 ? { decision: `{"why":"number ${number}"}` } : {}),
      facts: {
        eventName: pick(['GetUser', 'GetUser', 'GetUser', 'AssumeRole', 'CreateUser', 'DeleteUser']),
        eventSource: pick(['iam.amazonaws.com', 'sts.amazonaws.com']),
        readOnly: chance.below(3) > 0,
        userIdentity: pick([
          { type: 'IAMUser', principalId: `AIDA${user.length}`, accessKeyId: `AKIA${chance.below(5)}`, userName: user },
          { type: 'Root', principalId: account, accessKeyId: 'AKIAROOT' },
          { type: 'AssumedRole', principalId: `AROA1:${user}`, accessKeyId: `ASIA${chance.below(number + 1)}` },
          { type: 'AWSAccount', principalId: 'AROA2:elsewhere', accountId: theirs },
        ]),
        requestParameters: pick([
          null,
          { userName: user },
          { roleArn: 'arn:aws:iam::1:role/r', roleName: `r-${chance.below(9)}` },
        ]),
        responseElements: chance.below(3) === 0 ? { credentials: { accessKeyId: minted } } : null,
        ...(chance.below(5) === 0 ? { sharedEventID: `shared-${chance.below(40)}` } : {}),
      },
    })
  })
}

/** Everything that a question finds, a page behind the other. */
export async function everything(log: AuditLog, question: Question): Promise<readonly TrailRow[]> {
  const found: TrailRow[] = []
  let { after } = question
  for (let page = 0; page < 10_000; page++) {
    const { entries, next } = await log.lookup({ ...question, ...(after === undefined ? {} : { after }) })
    expect(entries.length).toBeLessThanOrEqual(question.limit)
    for (const { sequence: _, ...row } of entries) found.push(row)
    if (next === undefined) return found
    // Whatever a page holds, it gets on.
    if (after !== undefined) expect(newestFirst(after, next)).toBeLessThan(0)
    after = next
  }
  throw new Error('the pages have no end')
}

export const always = { from: 0, until: Number.MAX_SAFE_INTEGER }

/** The same without any index: every record is looked at. `rows` in the order of writing. */
export function naive(rows: readonly TrailRow[], { account, attribute, from, until }: Question): readonly TrailRow[] {
  const has = (row: TrailRow) => attribute === undefined || hasAttribute(row, attribute)
  return rows
    .map((row, sequence) => ({ row, at: row.at, sequence }))
    .filter(({ row }) => row.account === account && row.at >= from && row.at <= until && has(row))
    .sort(newestFirst)
    .map(({ row }) => row)
}

/** Some values that records have, of every name, and one that none has. */
export function wanted(rows: readonly TrailRow[], each: number): readonly Attribute[] {
  const values = new Map<AttributeName, Set<string>>()
  for (const row of rows)
    for (const { name, value } of attributesOf(row)) values.set(name, (values.get(name) ?? new Set()).add(value))
  return [...values].flatMap(([name, found]) =>
    [...[...found].filter((_, at, all) => at % Math.max(1, Math.ceil(all.length / each)) === 0), 'nobody'].map(
      (value) => ({ name, value }),
    ),
  )
}

/** What every log must find. `settled` waits until it can be asked. */
export function lookupContract(open: () => AuditLog): void {
  test('records are looked up by every attribute, and each once, the newest first whatever the order of writing', async () => {
    const log = open()
    const rows = random(400, 3)
    for (let at = 0; at < rows.length; at += 9) await log.append(rows.slice(at, at + 9))
    const written = await log.trail(mine, 1000)
    const order = new Map(written.entries.map(({ eventId, sequence }) => [eventId, sequence]))
    for (const { eventId, sequence } of (await log.trail(theirs, 1000)).entries) order.set(eventId, sequence)
    const sorted = [...rows].sort((a, b) => (order.get(a.eventId) ?? 0) - (order.get(b.eventId) ?? 0))
    for (const attribute of [undefined, ...wanted(rows, 6)])
      for (const account of [mine, theirs]) {
        const question = { account, limit: 7, ...always, ...(attribute && { attribute }) }
        expect(await everything(log, question), JSON.stringify(attribute)).toEqual(naive(sorted, question))
      }
  })

  test('records are looked up between two times, both included', async () => {
    const log = open()
    const rows = random(200, 5)
    await log.append(rows)
    const times = rows.map(({ at }) => at).sort((a, b) => a - b)
    const spans = [
      [times[50], times[120]],
      [times[60], times[60]],
      [0, times[3]],
      [times[190], Number.MAX_SAFE_INTEGER],
      [times[199] ?? 0 + 1, Number.MAX_SAFE_INTEGER],
    ]
    for (const [from = 0, until = 0] of spans) {
      const found = await everything(log, { account: mine, from, until, limit: 5 })
      const due = rows.filter((row) => row.account === mine && row.at >= from && row.at <= until)
      expect(found.map(({ eventId }) => eventId).toSorted()).toEqual(due.map(({ eventId }) => eventId).toSorted())
      expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).toSorted((a, b) => b - a))
    }
  })

  test('what comes while pages are turned is on none that is older, and moves nothing', async () => {
    const log = open()
    await log.append(Array.from({ length: 10 }, (_, number) => called(number)))
    const question: Question = { account: mine, limit: 4, ...always, attribute: { name: 'Username', value: 'alice' } }
    const first = await log.lookup(question)
    await log.append([called(50), called(51)])
    const { next } = first
    if (next === undefined) throw new Error('there is another page')
    const rest = await everything(log, { ...question, after: next })
    const seen = [...first.entries, ...rest].map(({ eventId }) => Number(eventId.slice(-12)))
    expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
  })

  test('a record that is no event is found among all of its account, and hinders no other', async () => {
    const log = open()
    const odd = ['nonsense', '[]', 'null', '{"eventID":7,"requestParameters":["a"],"resources":{"a":1}}']
    await log.append([called(1), ...odd.map((event, at) => ({ ...called(2 + at), event })), called(9)])
    expect(await everything(log, { account: mine, limit: 50, ...always })).toHaveLength(6)
    const attribute = { name: 'EventName', value: 'GetUser' } as const
    expect(await everything(log, { account: mine, limit: 50, ...always, attribute })).toHaveLength(2)
  })
}
