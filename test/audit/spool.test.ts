import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpooledAudit } from '../../src/audit/spool.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { Flaky } from './flaky.ts'
import { folder, record, seeded, Time, writerOptions } from './scene.ts'

describe('the spool', () => {
  let dir = folder()
  dir.clean()
  let time: Time
  let flaky: Flaky
  let log: SpooledAudit
  let opened = 0

  const open = async () => {
    const primary = await SqlAudit.open(
      openSqlite(dir.file('audit.db'), { mark: marks.audit }),
      writerOptions('node', time),
    )
    flaky = new Flaky(primary)
    return SpooledAudit.open(flaky, openSqlite(dir.file('spool.db'), { mark: marks.audit }), {
      node: 'node',
      random: seeded(++opened),
      schedule: time.schedule,
      alarm: () => undefined,
    })
  }
  const seen = async () => (await log.trail('111122223333', 100)).entries.map(({ at }) => at % 1000).reverse()

  beforeEach(async () => {
    dir = folder()
    time = new Time()
    log = await open()
  })
  afterEach(async () => {
    await log.close()
    dir.clean()
  })

  test('is passed by while the primary takes records, and no mark is left', async () => {
    await log.append([record(1)])
    await log.append([record(2), record(3)])
    expect(await seen()).toEqual([1, 2, 3])
    expect(log.spooled).toBe(0)
    await log.append([record(4)])
    // The mark of the last goes with the next.
    expect(await flaky.marks()).toHaveLength(1)
  })

  test('keeps what the primary refuses, and brings it home in its order', async () => {
    await log.append([record(1)])
    flaky.down = 'before'
    await log.append([record(2)])
    await Promise.all([log.append([record(3)]), log.append([record(4)])])
    expect(log.healthy()).toBe(true)
    expect(await seen()).toEqual([1])
    flaky.down = 'no'
    time.pass(1000)
    await expect.poll(() => log.spooled).toBe(0)
    await log.append([record(5)])
    expect(await seen()).toEqual([1, 2, 3, 4, 5])
  })

  test('counts once what the primary had taken although it did not say so', async () => {
    flaky.down = 'after'
    await log.append([record(1)])
    expect(log.spooled).toBe(1)
    time.pass(1000)
    flaky.down = 'no'
    await expect
      .poll(() => log.spooled)
      .toBe(0)
      .catch(() => undefined)
    time.pass(1000)
    await expect.poll(() => log.spooled).toBe(0)
    expect(await seen()).toEqual([1])
  })

  test('is durable: what a restart finds there is brought home', async () => {
    flaky.down = 'before'
    await log.append([record(1), record(2, undefined, '{"why":2}')])
    expect((await log.lastDecision('111122223333'))?.decision).toBe('{"why":2}')
    expect((await log.decision(record(2).requestId, '111122223333'))?.decision).toBe('{"why":2}')
    await log.close()
    log = await open()
    await expect.poll(() => log.spooled).toBe(0)
    expect(await seen()).toEqual([1, 2])
  })

  test('refuses what is no record before it stands in the way of others', async () => {
    flaky.down = 'before'
    await expect(log.append([{ ...record(1), event: 'a\tb' }])).rejects.toThrow('one line')
    expect(log.spooled).toBe(0)
  })
})
