import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Channel, type Order, type Report, ThreadAudit } from '../../src/audit/thread.ts'
import { serveAudit } from '../../src/audit/worker.ts'
import { AuditWriter } from '../../src/audit/writer.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { StoreUnavailable } from '../../src/store/store.ts'
import { auditContract } from '../contract/audit.ts'
import { folder, key, record, Time, writerOptions } from './scene.ts'

let dir = folder()
dir.clean()
let time = new Time()

/** What stands for a thread: messages are copied, and come in a later turn; it can be ended from outside at any time. */
class Thread implements Channel {
  static messages = 0
  #alive = true
  #take: (message: unknown) => void = () => undefined
  #ended: (error: unknown) => void = () => undefined
  #orders: (order: Order) => void = () => undefined
  #writer: Promise<AuditWriter> | undefined

  constructor() {
    serveAudit(
      {
        post: (report: Report) => this.#carry(report, (copy) => this.#take(copy)),
        onOrder: (take) => {
          this.#orders = take
        },
      },
      (told) => {
        const engine = openSqlite(dir.file('audit.db'), { mark: marks.audit })
        this.#writer = AuditWriter.open(engine, { ...writerOptions('node', time, { segmentRecords: 50 }), ...told })
        return this.#writer
      },
    )
  }

  readonly post = (message: unknown) => {
    Thread.messages++
    // What `ThreadAudit` posts.
    this.#carry(message, (copy) => this.#orders(copy as Order))
  }
  readonly onMessage = (take: (message: unknown) => void) => {
    this.#take = take
  }
  readonly onEnd = (ended: (error: unknown) => void) => {
    this.#ended = ended
  }

  async end(): Promise<void> {
    await this.die()
  }

  /** Nothing that is under way is answered any more. */
  async die(): Promise<void> {
    if (!this.#alive) return
    this.#alive = false
    await (await this.#writer)?.close()
    this.#ended(new Error('it died'))
  }

  #carry(message: unknown, arrive: (copy: unknown) => void): void {
    const copy: unknown = structuredClone(message)
    setImmediate(() => {
      if (this.#alive) arrive(copy)
    })
  }
}

let threads: Thread[] = []
const alarms: string[] = []
const open = () =>
  ThreadAudit.open({
    keys: [key],
    spawn: () => {
      const thread = new Thread()
      threads.push(thread)
      return thread
    },
    open: () => openSqlite(dir.file('audit.db'), { mark: marks.audit }),
    schedule: time.schedule,
    alarm: (what) => alarms.push(what),
  })

const fresh = () => {
  dir = folder()
  time = new Time()
  threads = []
  return open()
}

auditContract('the log behind a thread', { open: fresh, again: open, clean: () => dir.clean() })

describe('a thread', () => {
  let log: ThreadAudit
  beforeEach(async () => {
    log = await fresh()
  })
  afterEach(async () => {
    await log.close()
    dir.clean()
  })

  test('is sent everything that gathers in a tick in one message', async () => {
    const before = Thread.messages
    await Promise.all(Array.from({ length: 100 }, (_, number) => log.append([record(number)])))
    expect(Thread.messages - before).toBe(1)
    expect((await log.trail('111122223333', 1000)).entries).toHaveLength(100)
  })

  test('that ends rejects what waits, and another takes over where it stopped', async () => {
    await log.append([record(1)])
    const waiting = log.append([record(2)])
    void threads[0]?.die()
    await expect(waiting).rejects.toBeInstanceOf(StoreUnavailable)
    expect(log.healthy()).toBe(false)
    await expect(log.append([record(3)])).rejects.toBeInstanceOf(StoreUnavailable)
    time.pass(250)
    await expect.poll(() => log.healthy()).toBe(true)
    await log.append([record(4)])
    const seen = (await log.trail('111122223333', 10)).entries.map(({ eventId }) => eventId)
    expect(seen[0]).toBe(record(4).eventId)
    expect(seen.at(-1)).toBe(record(1).eventId)
  })

  test('that cannot open its database is ended: nobody else would, and it would keep the whole process', async () => {
    let ended = 0
    const opening = ThreadAudit.open({
      keys: [key],
      spawn: () => ({
        post: () => undefined,
        onMessage: (take) => take({ kind: 'unfit', message: 'no database', unavailable: true }),
        onEnd: () => undefined,
        end: async () => void ended++,
      }),
      open: () => openSqlite(dir.file('audit.db'), { mark: marks.audit }),
      schedule: time.schedule,
      alarm: (what) => alarms.push(what),
    })
    await expect(opening).rejects.toThrow('no database')
    expect(ended).toBe(1)
  })

  test('refuses what is no record, and takes what comes beside it', async () => {
    const bad = { ...record(1), event: '{"two":\n"lines"}' }
    await expect(log.append([bad])).rejects.toThrow('one line')
    await log.append([record(2)])
    expect((await log.trail('111122223333', 10)).entries).toHaveLength(1)
  })
})
