import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Attribute, AttributeName } from '../../src/audit/attribute.ts'
import { Signer } from '../../src/audit/key.ts'
import type { LookupPage, Question } from '../../src/audit/lookup.ts'
import { AuditReader } from '../../src/audit/reader.ts'
import type { Cost } from '../../src/audit/search.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import type { Engine } from '../../src/store/engine.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { StoreUnavailable, type TrailRow } from '../../src/store/store.ts'
import { always, called, mine, naive, theirs } from '../contract/lookup.ts'
import { folder, key, Time, writerOptions } from './scene.ts'

/*
 * What a page costs, in what no machine changes: blocks that are read, bytes that are inflated. A lookup that reads more than it
 * must is found here, whatever else the machine does.
 */
const sealedRecords = 24_000
const openRecords = 600
const dir = folder()
const sqlite = () => openSqlite(dir.file('audit.db'), { mark: marks.audit })
let log: SqlAudit
let files = 0
let blocks = 0

/** As long as records are, and one in five hundred of a user who calls seldom; `theirs` called ten times in all. */
const row = (number: number): TrailRow =>
  called(number, {
    account: number % 2400 === 7 ? theirs : mine,
    facts: {
      userAgent: `aws-sdk-js/3.1169.0 ua/2.1 os/linux#6.18 lang/js md/nodejs#20.20.2 ${'m/E,b '.repeat(90)}${number}`,
      userIdentity: {
        type: 'IAMUser',
        accessKeyId: `AKIA${number % 10}`,
        userName: number % 480 === 5 ? 'seldom' : 'often',
      },
      requestParameters: number % 600 === 9 ? { groupName: 'g' } : { roleName: `role-${number % 70}` },
      readOnly: number % 10 > 0,
    },
  })
const rows = Array.from({ length: sealedRecords + openRecords }, (_, number) => row(number))

beforeAll(async () => {
  const never = { segmentRecords: 1_000_000 }
  log = await SqlAudit.open(sqlite(), writerOptions('node', new Time(), never))
  for (let at = 0; at < sealedRecords; at += 600) {
    await log.append(rows.slice(at, at + 600))
    await log.seal()
  }
  await log.append(rows.slice(sealedRecords))
  const engine = sqlite()
  files = Number((await engine.all('SELECT count(*) AS found FROM audit_index'))[0]?.found)
  blocks = Number((await engine.all('SELECT count(*) AS found FROM audit_block'))[0]?.found)
  await engine.close()
})
afterAll(async () => {
  await log.close()
  dir.clean()
})

type Paid = LookupPage & { readonly cost: Cost }

async function first(question: Question): Promise<Paid> {
  const engine = sqlite()
  const costs: Cost[] = []
  const told = {
    alarm: expect.unreachable,
    altered: () => expect.unreachable(),
    cost: (cost: Cost) => void costs.push(cost),
  }
  const reader = new AuditReader(engine, { signer: new Signer([key]), told, defer: setImmediate })
  const page = await reader.lookup(question)
  await engine.close()
  const [cost] = costs
  if (cost === undefined) throw new Error('no cost was told')
  return { ...page, cost }
}

/** A page of fifty, which must be the right one. */
async function paid(more: Partial<Question>): Promise<Paid> {
  const question = { account: mine, limit: 50, ...always, ...more }
  const page = await first(question)
  const until = Math.min(question.until, question.after?.at ?? question.until)
  const due = naive(rows, { ...question, until }).slice(0, question.limit)
  expect(page.entries.map(({ eventId }) => eventId)).toEqual(due.map(({ eventId }) => eventId))
  return page
}
const by = (name: AttributeName, value: string): { readonly attribute: Attribute } => ({ attribute: { name, value } })
/** Behind the place of so many records. */
const behind = (number: number) => ({
  after: { at: rows[number]?.at ?? 0, sequence: Number.POSITIVE_INFINITY },
})
/** Where nothing of what is open lies. */
const sealed = { until: rows[sealedRecords - 1]?.at ?? 0 }

describe('a page of a lookup reads', () => {
  test('of what nearly every record has no more than a block, or two on a border', async () => {
    for (const attribute of [{}, by('EventSource', 'iam.amazonaws.com'), by('ResourceType', 'AWS::IAM::Role')]) {
      const { entries, cost } = await paid({ ...attribute, ...sealed })
      expect(entries.length).toBe(50)
      expect(cost.parts).toBe(1)
      expect(cost.blocks).toBeLessThanOrEqual(2)
      expect(cost.inflated).toBeLessThanOrEqual(2 * 160_000)
      expect(cost.read).toBeLessThanOrEqual(60)
    }
  })

  test('the same far behind the first, and in a time long ago', async () => {
    for (const attribute of [{}, by('EventSource', 'iam.amazonaws.com')])
      for (const where of [behind(3000), behind(12_345), { from: rows[700]?.at ?? 0, until: rows[800]?.at ?? 0 }]) {
        const { entries, cost } = await paid({ ...attribute, ...where })
        expect(entries.length).toBe(50)
        expect(cost.parts).toBeLessThanOrEqual(2)
        // One that begins or ends there, and two that are read at once behind it.
        expect(cost.blocks).toBeLessThanOrEqual(3)
        expect(cost.inflated).toBeLessThanOrEqual(3 * 160_000)
      }
  })

  test('of what is seldom two pieces of each block where it is, so that a page of fifty is full', async () => {
    const { entries, next, cost } = await paid({ ...by('Username', 'seldom'), ...sealed })
    expect(entries.length).toBe(50)
    expect(next).toBeUndefined()
    expect(cost.parts).toBe(files)
    expect(cost.blocks).toBe(50)
    expect(cost.inflated).toBeLessThan(50 * 2 * 20_000)
    expect(cost.read).toBe(50)
    // And others have their turns meanwhile.
    expect(cost.turns).toBeGreaterThan(5)
  })

  test('where only the kind of a thing says it, the JSON of the records in those pieces and of no others', async () => {
    const { entries, cost } = await paid({ ...by('ResourceType', 'AWS::IAM::Group'), ...sealed })
    expect(entries.length).toBe(40)
    expect(cost.blocks).toBe(40)
    expect(cost.inflated).toBeLessThan(40 * 2 * 20_000)
    expect(cost.read).toBeLessThan(40 * 25)
  })

  test('of an account of few calls the pieces where they are', async () => {
    const { entries, cost } = await paid({ account: theirs })
    expect(entries.length).toBe(11)
    expect(cost.blocks).toBe(10)
    expect(cost.inflated).toBeLessThan(10 * 2 * 20_000)
  })

  test('of what is nowhere, or not in that time, a part of each file and no block', async () => {
    expect(files).toBeLessThan(16)
    expect(blocks).toBeGreaterThan(180)
    const nowhere = await paid(by('AccessKeyId', 'nobody'))
    expect(nowhere.cost).toMatchObject({ parts: files, blocks: 0, inflated: 0, read: 0 })
    const hour = { from: rows[700]?.at ?? 0, until: rows[800]?.at ?? 0 }
    expect((await paid({ ...by('Username', 'nobody'), ...hour })).cost).toMatchObject({ parts: 1, blocks: 0 })
  })

  test('what is not sealed only where it stands in it', async () => {
    const { cost } = await paid(by('EventId', rows.at(-300)?.eventId ?? ''))
    expect(cost.open).toBeGreaterThan(openRecords * 500)
    expect(cost.read).toBe(1)
    expect(cost.blocks).toBe(0)
  })
})

test('a page reads so much and no more, and says that there may be others', async () => {
  const question = { account: mine, limit: 400, ...always, ...by('AccessKeyId', 'AKIA5'), ...sealed }
  const { entries, next, cost } = await first(question)
  expect(cost.inflated).toBeLessThan(5_000_000)
  expect(entries.length).toBeGreaterThan(50)
  expect(entries.length).toBeLessThan(400)
  const due = naive(rows, question).map(({ eventId }) => eventId)
  const found = entries.map(({ eventId }) => eventId)
  for (let after = next; after !== undefined; ) {
    const page = await log.lookup({ ...question, after })
    found.push(...page.entries.map(({ eventId }) => eventId))
    after = page.next
  }
  expect(found).toEqual(due)
})

test('four lookups are under way at once, and the others have their turn behind them, also where one fails', async () => {
  const engine = sqlite()
  let [now, most, fails] = [0, 0, true]
  const counting: Engine = Object.assign(Object.create(engine), {
    async snapshot(work: Parameters<Engine['snapshot']>[0]) {
      now++
      most = Math.max(most, now)
      try {
        if (fails) throw new StoreUnavailable('away')
        return await engine.snapshot(work)
      } finally {
        now--
      }
    },
  })
  const told = { alarm: expect.unreachable, altered: () => expect.unreachable() }
  const reader = new AuditReader(counting, { signer: new Signer([key]), told, defer: setImmediate })
  const question = { account: mine, limit: 50, ...always, ...by('Username', 'seldom') }
  const all = () => Promise.allSettled(Array.from({ length: 30 }, () => reader.lookup(question)))
  expect((await all()).map(({ status }) => status)).toEqual(Array(30).fill('rejected'))
  fails = false
  const due = await log.lookup(question)
  expect(await all()).toEqual(Array(30).fill({ status: 'fulfilled', value: due }))
  expect(most).toBe(4)
  await engine.close()
})
