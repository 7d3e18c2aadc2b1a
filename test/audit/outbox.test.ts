import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Outbox } from '../../src/audit/outbox.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import type { Delivery } from '../../src/store/store.ts'
import { Flaky } from './flaky.ts'
import { folder, record, Time, writerOptions } from './scene.ts'

describe('the outbox', () => {
  let dir = folder()
  dir.clean()
  let time: Time
  let log: SqlAudit
  let flaky: Flaky
  let standing: Map<string, Delivery>
  let outbox: Outbox

  /** What a commit does: the batch stands in the outbox, and we are told. */
  const commit = (...numbers: number[]) => {
    const batch = `batch-${numbers.join('-')}`
    const delivery = { batch, rows: numbers.map((number) => record(number)) }
    standing.set(batch, delivery)
    return delivery
  }
  const seen = async () => (await log.trail('111122223333', 100)).entries.map(({ at }) => at % 1000).reverse()

  beforeEach(async () => {
    dir = folder()
    time = new Time()
    standing = new Map()
    log = await SqlAudit.open(openSqlite(dir.file('audit.db'), { mark: marks.audit }), writerOptions('node', time))
    flaky = new Flaky(log)
    outbox = new Outbox({
      log: flaky,
      outbox: async () => [...standing.values()],
      delivered: (batches) => {
        for (const batch of batches) standing.delete(batch)
      },
      schedule: time.schedule,
      alarm: () => undefined,
    })
  })
  afterEach(async () => {
    await outbox.close()
    await log.close()
    dir.clean()
  })

  test('delivers what a commit made durable, in order, and has it leave the store', async () => {
    await outbox.start()
    for (const { batch, rows } of [commit(1, 2), commit(3), commit(4, 5)]) outbox.take(batch, rows)
    await outbox.idle()
    expect(await seen()).toEqual([1, 2, 3, 4, 5])
    expect(standing.size).toBe(0)
  })

  test('delivers at its start what a crash left behind', async () => {
    commit(1)
    commit(2, 3)
    await outbox.start()
    expect(await seen()).toEqual([1, 2, 3])
    expect(standing.size).toBe(0)
  })

  test('delivers once what the log had taken although it did not say so', async () => {
    await outbox.start()
    flaky.down = 'after'
    const { batch, rows } = commit(1)
    outbox.take(batch, rows)
    await outbox.idle()
    expect(standing.size).toBe(1)
    flaky.down = 'no'
    time.pass(1000)
    await outbox.idle()
    expect(await seen()).toEqual([1])
    expect(standing.size).toBe(0)
  })

  test('delivers what is committed in the very turn in which all before it has been delivered', async () => {
    await outbox.start()
    const second = commit(2)
    // However many steps after the end of the one before it comes.
    for (let steps = 0; steps < 12; steps++) {
      standing.clear()
      let later: Promise<void> | undefined
      flaky.delivered = () => {
        flaky.delivered = () => undefined
        later = (async () => {
          for (let step = 0; step < steps; step++) await undefined
          outbox.take(`${second.batch}-${steps}`, second.rows)
        })()
      }
      outbox.take(`first-${steps}`, [record(1)])
      await outbox.idle()
      await later
      await outbox.idle()
      expect(outbox.waiting, `after ${steps} steps`).toBe(0)
    }
  })

  test('is not closed before a sweep that is under way has ended', async () => {
    await outbox.start()
    const alarms: string[] = []
    const other = new Outbox({
      log: flaky,
      outbox: async () => [...standing.values()],
      delivered: (batches) => {
        for (const batch of batches) standing.delete(batch)
      },
      schedule: time.schedule,
      alarm: (what) => alarms.push(what),
    })
    await other.start()
    commit(1)
    time.pass(20_000)
    await outbox.close()
    await other.close()
    expect(standing.size).toBe(0)
    expect(alarms).toEqual([])
  })

  test('keeps what the log refuses, and goes on in its order when it is back', async () => {
    await outbox.start()
    flaky.down = 'before'
    for (const { batch, rows } of [commit(1), commit(2)]) outbox.take(batch, rows)
    await outbox.idle()
    expect(outbox.waiting).toBe(2)
    flaky.down = 'no'
    const { batch, rows } = commit(3)
    outbox.take(batch, rows)
    time.pass(1000)
    await outbox.idle()
    expect(await seen()).toEqual([1, 2, 3])
    expect(outbox.waiting).toBe(0)
  })

  test('leaves alone what another node has delivered while the log was away, also where no mark is left of it', async () => {
    await outbox.start()
    flaky.down = 'after'
    const { batch, rows } = commit(1)
    outbox.take(batch, rows)
    await outbox.idle()
    standing.delete(batch)
    log.forget([batch])
    await log.append([record(9)])
    flaky.down = 'no'
    time.pass(1000)
    await outbox.idle()
    expect(await seen()).toEqual([1, 9])
    expect(outbox.waiting).toBe(0)
  })

  test('drops the mark of a batch once it was gone from the store for two sweeps', async () => {
    await outbox.start()
    const { batch, rows } = commit(1)
    outbox.take(batch, rows)
    await outbox.idle()
    await outbox.sweep()
    await log.append([record(2)])
    expect(await log.marks()).toEqual([batch])
    await outbox.sweep()
    await log.append([record(3)])
    expect(await log.marks()).toEqual([])
  })
})
