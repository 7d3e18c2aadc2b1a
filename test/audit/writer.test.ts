import { copyFileSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { genesis, linked, markOf, movedText } from '../../src/audit/chain.ts'
import type { Anchor } from '../../src/audit/digest.ts'
import { makeAuditKey, Signer } from '../../src/audit/key.ts'
import { lineOf } from '../../src/audit/line.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { verify } from '../../src/audit/verify.ts'
import { AuditWriter, type WriterOptions } from '../../src/audit/writer.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { Engine, Statements } from '../../src/store/engine.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { StoreUnavailable } from '../../src/store/store.ts'
import { folder, key, record, seeded, Time, type Told, writerOptions } from './scene.ts'

let dir = folder()
dir.clean()
let time: Time
let options: WriterOptions & Told
let log: SqlAudit
const sqlite = () => openSqlite(dir.file('audit.db'), { mark: marks.audit })

const reopened = async (engine: Engine = sqlite(), more: Partial<WriterOptions> = {}) => {
  options = writerOptions('node', time, more)
  return SqlAudit.open(engine, options)
}
const seen = async () => (await log.trail('111122223333', 1000)).entries.map(({ at }) => at % 1000).reverse()
const verdict = async () => {
  const engine = sqlite()
  const found = await verify(engine, { keys: [key], signer: new Signer([key]) })
  await engine.close()
  return found
}
const checkpointed = (path: string) => {
  alter('PRAGMA wal_checkpoint(TRUNCATE)')
  copyFileSync(dir.file('audit.db'), path)
}
const alter = (text: string) => {
  const database = openDatabase(dir.file('audit.db'))
  database.exec(text)
  database.close()
}

beforeEach(async () => {
  dir = folder()
  time = new Time()
})
afterEach(async () => {
  await log.close()
  dir.clean()
})

describe('a database that fails', () => {
  test('before anything is durable: the append is refused, and it is healthy again by itself when the fault is gone', async () => {
    const engine = sqlite()
    let fault: unknown
    log = await reopened({
      ...faces(engine),
      write: (work) => (fault === undefined ? engine.write(work) : Promise.reject(fault)),
    })
    await log.append([record(1)])
    fault = new StoreUnavailable('disk full')
    await expect(log.append([record(2)])).rejects.toBeInstanceOf(StoreUnavailable)
    expect(log.healthy()).toBe(false)
    expect(options.alarms).toEqual(['the audit trail takes no records'])
    time.pass(500)
    await expect.poll(() => log.healthy()).toBe(false)
    fault = undefined
    time.pass(500)
    await expect.poll(() => log.healthy()).toBe(true)
    await log.append([record(3)])
    expect(await seen()).toEqual([1, 3])
    expect((await verdict()).findings).toEqual([])
  })

  test('after all was durable: the head tells, and the append counts', async () => {
    const engine = sqlite()
    let failing = false
    log = await reopened({
      ...faces(engine),
      async write(work) {
        const result = await engine.write(work)
        if (!failing) return result
        failing = false
        throw new Error('the line broke')
      },
    })
    await log.append([record(1)])
    failing = true
    await log.append([record(2)])
    await log.append([record(3)])
    expect(await seen()).toEqual([1, 2, 3])
    expect((await verdict()).findings).toEqual([])
  })

  test('somewhere on the way, with nothing durable: the head tells, and the append is refused', async () => {
    const engine = sqlite()
    let failing = false
    log = await reopened({
      ...faces(engine),
      async write<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
        if (!failing) return engine.write(work)
        failing = false
        return engine.write(async (statements) => {
          await work(statements)
          throw new Error('the line broke')
        })
      },
    })
    await log.append([record(1)])
    failing = true
    await expect(log.append([record(2)])).rejects.toBeInstanceOf(StoreUnavailable)
    await log.append([record(3)])
    expect(await seen()).toEqual([1, 3])
    expect((await verdict()).findings).toEqual([])
  })

  test('a full one refuses, keeps what it has, and its chain holds', async () => {
    log = await reopened(openSqlite(dir.file('audit.db'), { mark: marks.audit, pagesMax: 60 }), { segmentRecords: 1e6 })
    let taken = 0
    for (; taken < 1000; taken++) {
      const done = await log.append([record(taken)]).then(
        () => true,
        (error: unknown) => error,
      )
      if (done === true) continue
      expect(done).toBeInstanceOf(StoreUnavailable)
      break
    }
    expect(taken).toBeGreaterThan(10)
    expect(taken).toBeLessThan(1000)
    expect(await seen()).toHaveLength(taken)
    expect((await verdict()).findings).toEqual([])
  })
})

describe('sealing', () => {
  test('comes with time, and tells the newest digest', async () => {
    const anchors: Anchor[] = []
    log = await reopened(sqlite(), { anchor: (anchor) => anchors.push(anchor) })
    await log.append([record(1), record(2)])
    expect(anchors).toEqual([])
    time.pass(300_000)
    await expect.poll(() => anchors.length).toBe(1)
    expect(anchors[0]).toMatchObject({ node: 'node', segment: 1, sequence: 2 })
    expect(await seen()).toEqual([1, 2])
    await log.append([record(3)])
    time.pass(300_000)
    await expect.poll(() => anchors.length).toBe(2)
  })

  test('of a tail that a crash left open is done at the next start, and the digest told again', async () => {
    const crashed = await reopened()
    await crashed.append([record(1)])
    const anchors: Anchor[] = []
    log = await reopened(sqlite(), { anchor: (anchor) => anchors.push(anchor) })
    expect(anchors.map(({ sequence }) => sequence)).toEqual([1])
    expect((await verdict()).chains).toMatchObject([{ records: 1, open: 0 }])
    await crashed.close()
  })

  test('is told again at the next start, since it may not have been noted before', async () => {
    log = await reopened()
    await log.append([record(1)])
    await log.close()
    const anchors: Anchor[] = []
    log = await reopened(sqlite(), { anchor: (anchor) => anchors.push(anchor) })
    expect(anchors).toMatchObject([{ node: 'node', segment: 1, sequence: 1 }])
  })

  test('of a chain whose node is gone is done by another after a while, and not before', async () => {
    const gone = await SqlAudit.open(sqlite(), writerOptions('gone', new Time()))
    await gone.append([record(1)])
    log = await reopened()
    await log.append([record(2)])
    time.pass(300_000)
    await log.seal()
    expect((await verdict()).chains).toMatchObject([
      { node: 'gone', open: 1 },
      { node: 'node', open: 0 },
    ])
    time.pass(900_000)
    await log.seal()
    expect((await verdict()).chains).toMatchObject([
      { node: 'gone', open: 0 },
      { node: 'node', open: 0 },
    ])
    await gone.close()
  })

  test('signs nothing that was altered: the chain is left as it is, another begins, and verify names the record', async () => {
    log = await reopened()
    await log.append([record(1), record(2), record(3)])
    alter(`UPDATE audit_run SET body = replace(body, '"number":2', '"number":7')`)
    await log.seal()
    expect(log.node).toBe('node~2')
    expect(options.alarms).toEqual(['the audit trail was altered; it goes on in a new chain, node~2'])
    await log.append([record(4)])
    await log.seal()
    const { findings, chains } = await verdict()
    expect(findings).toMatchObject([{ node: 'node', sequence: 2, what: 'edited' }])
    expect(chains).toMatchObject([{ node: 'node' }, { node: 'node~2', records: 1, open: 0 }])
  })

  /** As who can write to the database and has no key: a record is edited, and all behind it chained anew. */
  const chainAnew = (edit: (line: string) => string) => {
    const database = openDatabase(dir.file('audit.db'))
    let hash = genesis('node')
    for (const { high, body } of database.prepare('SELECT high, body FROM audit_run ORDER BY high').all()) {
      const lines = String(body)
        .split('\n')
        .map((kept) => {
          const line = edit(kept.slice(kept.indexOf('\t') + 1))
          hash = linked(hash, line)
          return `${markOf(hash)}\t${line}`
        })
      database.prepare('UPDATE audit_run SET body = ? WHERE high = ?').run(lines.join('\n'), Number(high))
    }
    database.close()
  }

  test('signs nothing of what was chained anew: the head tells where the chain ends', async () => {
    log = await reopened()
    await log.append([record(1)])
    await log.append([record(2), record(3)])
    chainAnew((line) => line.replace('"number":3', '"number":7'))
    await log.seal()
    expect(log.node).toBe('node~2')
    expect(options.alarms).toEqual(['the audit trail was altered; it goes on in a new chain, node~2'])
    const { findings, segments } = await verdict()
    expect(findings).toMatchObject([{ node: 'node', what: 'head' }])
    expect(segments).toBe(0)
  })

  test('nor at the next start, nor what is sound before it, nor of a chain that its node has left', async () => {
    log = await reopened()
    await log.append([record(1), record(2)])
    // Taken away from under it, as from a process that was killed.
    const kept = dir.file('kept.db')
    checkpointed(kept)
    await log.close()
    for (const [name, more] of [
      ['node', {}],
      ['node', { segmentRecords: 1 }],
      ['other', {}],
    ] as const) {
      copyFileSync(kept, dir.file('audit.db'))
      for (const end of ['-wal', '-shm']) rmSync(`${dir.file('audit.db')}${end}`, { force: true })
      chainAnew((line) => line.replace('"number":2', '"number":7'))
      time.pass(3_600_000)
      log = await SqlAudit.open(sqlite(), writerOptions(name, time, more))
      await log.seal()
      await log.close()
      const { findings, segments } = await verdict()
      expect(findings).toMatchObject([{ node: 'node', what: 'head' }])
      expect(segments).toBe(0)
    }
  })

  test('signs no record whose mark was cut short, though what is left of it is right', async () => {
    log = await reopened()
    await log.append([record(1), record(2)])
    // The last characters of the twelve, of the first record.
    alter(`UPDATE audit_run SET body = substr(body, 1, 7) || substr(body, 13)`)
    await log.seal()
    expect(log.node).toBe('node~2')
    const { findings } = await verdict()
    expect(findings).toMatchObject([{ node: 'node', sequence: 1, what: 'edited' }])
  })

  test('and a restart goes on in the chain that is sound', async () => {
    log = await reopened()
    await log.append([record(1)])
    await log.close()
    alter('UPDATE audit_chain SET sequence = 0')
    log = await reopened()
    expect(log.node).toBe('node~2')
    await log.append([record(2)])
    await log.close()
    log = await reopened()
    expect(log.node).toBe('node~2')
    await log.append([record(3)])
    const { findings, chains } = await verdict()
    expect(findings.map(({ node }) => node)).toEqual(['node'])
    expect(chains).toMatchObject([{ node: 'node' }, { node: 'node~2', records: 2 }])
  })

  test('goes on under a new key, and both are known', async () => {
    log = await reopened()
    await log.append([record(1)])
    await log.close()
    const fresh = makeAuditKey(seeded(99))
    log = await reopened(sqlite(), { keys: [fresh, key] })
    await log.append([record(2)])
    await log.close()
    const engine = sqlite()
    const held = { keys: [fresh, key], signer: new Signer([fresh, key]) }
    expect(await verify(engine, held)).toMatchObject({ findings: [], records: 2, segments: 2 })
    expect((await verify(engine, { keys: [fresh] })).findings).toMatchObject([{ what: 'unsigned', segment: 1 }])
    await engine.close()
  })
})

test('a database that was put back under a running log is noticed with the next append after it', async () => {
  log = await reopened()
  await log.append([record(1)])
  await log.append([record(2)])
  alter(`UPDATE audit_chain SET sequence = 1, hash = 'x'`)
  await log.append([record(3)])
  expect(log.node).toBe('node~2')
  expect(await seen()).toEqual([1, 2, 3])
})

describe('what was noted of a trail elsewhere', () => {
  let noted: Anchor
  /** Two segments of one record, of which the second was noted; as it was after the first it is in a file of its own. */
  beforeEach(async () => {
    const anchors: Anchor[] = []
    for (const number of [1, 2]) {
      log = await reopened(sqlite(), { anchor: (anchor) => anchors.push(anchor) })
      await log.append([record(number)])
      await log.close()
      if (number === 1) checkpointed(dir.file('before.db'))
    }
    const second = anchors.find(({ segment }) => segment === 2)
    if (second === undefined) throw new Error('there is no second segment')
    noted = second
    expect(noted).toMatchObject({ node: 'node', segment: 2, sequence: 2 })
  })
  const startedWith = async (...anchors: readonly Anchor[]) => {
    log = await reopened(sqlite(), { noted: anchors })
    const { node } = log
    await log.append([record(3)])
    await log.close()
    return node
  }

  test('is in it: the chain goes on, as often as it is started, and whatever was noted of others', async () => {
    for (let start = 0; start < 3; start++) {
      expect(await startedWith({ ...noted, node: 'other', signature: 'x' }, noted)).toBe('node')
      expect(options.alarms).toEqual([])
    }
    expect((await verdict()).findings).toEqual([])
  })

  test('is not in it, since it was put back: what is left of the chain stays as it is found, at every start', async () => {
    copyFileSync(dir.file('before.db'), dir.file('audit.db'))
    for (let start = 0; start < 3; start++) {
      expect(await startedWith(noted)).toBe('node~2')
      expect(options.alarms).toEqual(['the audit trail was altered; it goes on in a new chain, node~2'])
    }
    const { chains } = await verdict()
    expect(chains).toMatchObject([
      { node: 'node', records: 1 },
      { node: 'node~2', records: 3 },
    ])
  })

  test('is another digest than the one that is in its place now', async () => {
    expect(await startedWith({ ...noted, signature: `${noted.signature.slice(1)}A` })).toBe('node~2')
  })

  test('is of chains of which there is nothing any more', async () => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${dir.file('audit.db')}${end}`, { force: true })
    expect(await startedWith({ ...noted, node: 'node~2' }, noted)).toBe('node~3')
  })
})

test('a trail of a newer rolecall is refused by both who write and who verify', async () => {
  log = await reopened()
  await log.close()
  alter(`UPDATE meta SET value = '99' WHERE name = 'audit'`)
  await expect(reopened()).rejects.toThrow(/newer rolecall/)
  await expect(verdict()).rejects.toThrow(/newer rolecall/)
})

/** The same engine, for one of whose doors another is put in. */
const faces = (engine: Engine): Engine => ({
  dialect: engine.dialect,
  all: (text, values) => engine.all(text, values),
  snapshot: (work) => engine.snapshot(work),
  write: (work) => engine.write(work),
  close: () => engine.close(),
})

describe('appending', () => {
  /** The sizes of appends: how many numbers were given out, and how long the chain is. */
  const head = async () => {
    const engine = sqlite()
    const [row = {}] = await engine.all('SELECT sequence, number FROM audit_chain WHERE node = $1', ['node'])
    await engine.close()
    return [Number(row.sequence ?? 0), Number(row.number ?? 0)]
  }
  const line = (number: number) => lineOf(record(number))
  let writer: AuditWriter
  const opened = async (engine: Engine = sqlite(), more: Partial<WriterOptions> = {}) => {
    options = writerOptions('node', time, more)
    return AuditWriter.open(engine, options)
  }
  beforeEach(async () => {
    log = await reopened()
    await log.close()
    writer = await opened()
  })
  afterEach(() => writer.close())

  test('nothing raises no head, and is done', async () => {
    await writer.append([])
    expect(await head()).toEqual([0, 0])
    await writer.append([], 'a batch of nothing')
    expect(await head()).toEqual([0, 1])
    expect(await writer.marks()).toEqual(['a batch of nothing'])
  })

  test('to a trail that is closed is refused, and closing it again does nothing', async () => {
    await writer.append([line(1)])
    await Promise.all([writer.close(), writer.close()])
    await writer.close()
    const failed: unknown = await writer.append([line(2)]).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(StoreUnavailable)
    expect(failed).toMatchObject({ message: 'the audit trail is closed' })
    await writer.reindex({ node: 'node', first: 1, last: 1 })
    expect(options.alarms).toEqual([])
    expect(await head()).toEqual([1, 1])
  })

  test('more at once than have a place in one append takes several numbers, and is one chain', async () => {
    await writer.append(Array.from({ length: 4096 + 5 }, (_, number) => line(number)))
    expect(await head()).toEqual([4101, 2])
    await writer.close()
    expect(await verdict()).toMatchObject({ findings: [], records: 4101 })
  })

  test('what waits goes in one transaction, in the order in which it came', async () => {
    await Promise.all([1, 2, 3].map((number) => writer.append([line(number)])))
    expect(await head()).toEqual([3, 1])
    log = await reopened()
    expect(await seen()).toEqual([1, 2, 3])
  })

  test('a batch is taken once, also beside itself and by the next start, until its mark is given up', async () => {
    await Promise.all([writer.append([line(1)], 'one'), writer.append([line(1)], 'one')])
    await writer.append([line(1)], 'one')
    await writer.close()
    writer = await opened()
    await writer.append([line(1)], 'one')
    expect((await head())[0]).toBe(1)
    expect(await writer.marks()).toEqual(['one'])
    writer.forget(['one', 'another'])
    await writer.append([line(2)], 'two')
    expect(await writer.marks()).toEqual(['two'])
    writer.forget(['two'])
    await writer.close()
    writer = await opened()
    expect(await writer.marks()).toEqual([])
    expect(options.alarms).toEqual([])
  })

  test('marks by the hundred are given up a few at a time, and all of them before it closes', async () => {
    const batches = Array.from({ length: 600 }, (_, number) => `batch-${number}`)
    await Promise.all(batches.map((batch) => writer.append([], batch)))
    writer.forget(batches)
    await writer.append([line(1)])
    expect((await writer.marks()).length).toBe(600 - 256)
    await writer.close()
    writer = await opened()
    expect(await writer.marks()).toEqual([])
  })

  test('a batch that somebody without our key has marked as delivered is delivered, told, and marked by us', async () => {
    for (const [batch, mac] of [
      ['one', 'x'],
      // A code of ours, for another batch.
      ['two', new Signer([key]).code(movedText('one', 'node'))],
    ] as const) {
      alter(`INSERT INTO audit_moved (batch, node, mac) VALUES ('${batch}', 'node', '${mac}')`)
      await writer.append([line(1)], batch)
      expect(options.alarms.splice(0)).toEqual([
        `batch ${batch} was marked as delivered by somebody else: it is delivered now`,
      ])
      await writer.append([line(1)], batch)
      expect(options.alarms).toEqual([])
    }
    expect((await head())[0]).toBe(2)
    expect((await verdict()).findings).toEqual([])
  })

  test('two of one name at the same time make one chain', async () => {
    const other = await opened()
    for (let number = 0; number < 6; number++) await (number % 2 === 0 ? writer : other).append([line(number)])
    expect((await head())[0]).toBe(6)
    expect([writer.node, other.node]).toEqual(['node', 'node'])
    await other.close()
    await writer.close()
    expect((await verdict()).findings).toEqual([])
  })

  test('gives up where another is always faster', async () => {
    const engine = sqlite()
    let times = 0
    await writer.close()
    writer = await opened({
      ...faces(engine),
      write: (work) =>
        engine.write((statements) =>
          work({
            all: (text, values) => statements.all(text, values),
            // As where the head was raised meanwhile.
            run: (text, values) => {
              const raises = /audit_chain \(node/.test(text)
              if (raises) times++
              return raises ? Promise.resolve(0) : statements.run(text, values)
            },
          }),
        ),
    })
    await expect(writer.append([line(1)])).rejects.toThrow('other processes write this chain')
    expect(times).toBe(16)
    expect(writer.healthy()).toBe(false)
    expect(await head()).toEqual([0, 0])
  })

  test('tells when it turns out that records are not taken, and that they are again, and says it once', async () => {
    const engine = sqlite()
    let away = false
    await writer.close()
    writer = await opened({
      ...faces(engine),
      write: (work) => (away ? Promise.reject(new StoreUnavailable('away')) : engine.write(work)),
    })
    const health: boolean[] = []
    writer.onHealth = () => void health.push(writer.healthy())
    await writer.append([line(1)])
    expect(health).toEqual([])
    away = true
    for (const number of [2, 3]) await expect(writer.append([line(number)])).rejects.toThrow('away')
    expect(health).toEqual([false])
    expect(options.alarms).toEqual(['the audit trail takes no records'])
    away = false
    await writer.append([line(4)])
    expect(health).toEqual([false, true])
  })
})

/** An engine through whose door for writing something else may be put. */
interface Door {
  readonly engine: Engine
  write: Engine['write']
}
const doored = (engine: Engine = sqlite()): Door & { readonly behind: Engine } => {
  const door: Door & { behind: Engine } = {
    behind: engine,
    write: (work) => engine.write(work),
    engine: { ...faces(engine), write: (work) => door.write(work) },
  }
  return door
}

describe('a database that was put back while its trail was written', () => {
  const told: string[] = []
  const watching = (more: Partial<WriterOptions> = {}) => {
    told.length = 0
    return reopened(sqlite(), {
      alarm: (what, error) => void told.push(`${what}: ${error instanceof Error ? error.message : ''}`),
      ...more,
    })
  }
  const headRow = () => {
    const database = openDatabase(dir.file('audit.db'))
    const [row] = database.prepare('SELECT * FROM audit_chain').all()
    database.close()
    return row ?? {}
  }
  /** Everything behind it is gone, and the head is the one that was written then, with our code. */
  const putBack = ({ sequence, number, hash, at, mac }: Record<string, unknown>) => {
    alter(`DELETE FROM audit_run WHERE first > ${Number(sequence)}`)
    alter(`UPDATE audit_chain SET sequence = ${Number(sequence)}, number = ${Number(number)}, hash = '${String(hash)}',
      at = ${Number(at)}, mac = '${String(mac)}'`)
  }

  test('is noticed with the next append, though its head has our code: the chain is left', async () => {
    log = await watching()
    await log.append([record(1)])
    const before = headRow()
    await log.append([record(2)])
    await log.append([record(3)])
    putBack(before)
    await log.append([record(4)])
    expect(log.node).toBe('node~2')
    expect(told).toEqual([
      'the audit trail was altered; it goes on in a new chain, node~2: ' +
        'chain node ends with record 1 where 3 was durable: the database was put back',
    ])
    expect(await seen()).toEqual([1, 4])
  })

  test('is noticed where nothing of the chain is left', async () => {
    log = await watching()
    await log.append([record(1)])
    alter('DELETE FROM audit_chain; DELETE FROM audit_run')
    await log.append([record(2)])
    expect(log.node).toBe('node~2')
    expect(told).toEqual([
      'the audit trail was altered; it goes on in a new chain, node~2: ' +
        'chain node ends with record 0 where 1 was durable: the database was put back',
    ])
  })

  test('is noticed when it is sealed, where all that is left was sealed before', async () => {
    log = await watching()
    await log.append([record(1)])
    await log.seal()
    const before = headRow()
    await log.append([record(2)])
    putBack(before)
    await log.seal()
    expect(log.node).toBe('node~2')
    expect(told).toEqual([
      'the audit trail was altered; it goes on in a new chain, node~2: records of chain node after 1 are missing',
    ])
  })

  test('is none where another process of its name has written', async () => {
    log = await watching()
    await log.append([record(1)])
    const other = await SqlAudit.open(sqlite(), writerOptions('node', time))
    await other.append([record(2)])
    await other.append([record(3)])
    await log.append([record(4)])
    await other.close()
    expect(log.node).toBe('node')
    expect(told).toEqual([])
    expect(await seen()).toEqual([1, 2, 3, 4])
  })
})

describe('a transaction of which it is not known how it ended', () => {
  let door: ReturnType<typeof doored>
  let writer: AuditWriter
  const line = (number: number) => lineOf(record(number))
  const broken = new Error('the line broke')
  /** Takes the next one, and then says that it is broken. */
  const once = (write: Engine['write']) => {
    door.write = (work) => {
      door.write = (later) => door.behind.write(later)
      return write(work)
    }
  }
  const undone: Engine['write'] = (work) =>
    door.behind.write(async (statements) => {
      await work(statements)
      throw broken
    })
  const done: Engine['write'] = async (work) => {
    await door.behind.write(work)
    throw broken
  }
  beforeEach(async () => {
    log = await reopened()
    await log.close()
    door = doored()
    options = writerOptions('node', time)
    writer = await AuditWriter.open(door.engine, options)
  })
  afterEach(() => writer.close())

  test('is asked about by the number of its head, since what it appended may be nothing', async () => {
    for (const lines of [[], [line(1)]]) {
      once(undone)
      const failed: unknown = await writer.append(lines, 'one').catch((error: unknown) => error)
      expect(failed).toBeInstanceOf(StoreUnavailable)
      expect(failed).toMatchObject({ message: 'the database refused the audit records', cause: broken })
      expect(await writer.marks()).toEqual([])
    }
    once(done)
    await writer.append([], 'one')
    expect(await writer.marks()).toEqual(['one'])
    once(undone)
    await expect(writer.append([], 'two')).rejects.toThrow('the database refused')
    once(done)
    await writer.append([line(1)], 'two')
    await writer.append([line(2)])
    expect(writer.node).toBe('node')
    await writer.close()
    expect(await verdict()).toMatchObject({ findings: [], records: 2 })
  })

  test('cannot be told where another process has written meanwhile: what broke is passed on', async () => {
    await writer.append([line(1)])
    for (const [at, lines] of [[], [line(3)]].entries()) {
      const other = await AuditWriter.open(sqlite(), writerOptions('node', time))
      once(async (work) => {
        const failed = undone(work)
        await failed.catch(() => undefined)
        await other.append([line(2)], `another ${at}`)
        return failed
      })
      await expect(writer.append(lines, 'mine')).rejects.toBe(broken)
      await other.close()
    }
    expect(await writer.marks()).toEqual(['another 0', 'another 1'])
  })

  test('has done nothing where it never came to the head', async () => {
    once(() => Promise.reject(broken))
    await expect(writer.append([line(1)])).rejects.toBe(broken)
    await writer.append([line(2)])
  })

  test('is refused where the database does not say it', async () => {
    await writer.append([line(1)])
    for (const [answer, message] of [
      [new Error('and broke again'), 'the database does not say whether it took the audit records'],
      [new StoreUnavailable('away'), 'away'],
    ] as const) {
      once((work) => {
        once(() => Promise.reject(answer))
        return undone(work)
      })
      const failed: unknown = await writer.append([line(2)]).catch((error: unknown) => error)
      expect(failed).toBeInstanceOf(StoreUnavailable)
      expect(failed).toMatchObject({ message })
    }
  })
})

describe('what cannot be sealed yet', () => {
  const sealing = (statements: Statements, fails: () => boolean): Statements => ({
    all: (text, values) => statements.all(text, values),
    run: (text, values) =>
      /INTO audit_digest/.test(text) && fails()
        ? Promise.reject(new StoreUnavailable('no room'))
        : statements.run(text, values),
  })

  test('is told, and sealed when its time comes again', async () => {
    const anchors: Anchor[] = []
    const door = doored()
    let fails = true
    door.write = (work) => door.behind.write((statements) => work(sealing(statements, () => fails)))
    log = await reopened(door.engine, { anchor: (anchor) => anchors.push(anchor) })
    await log.append([record(1)])
    time.pass(300_000)
    await expect.poll(() => options.alarms).toEqual(['audit records could not be sealed'])
    expect(log.node).toBe('node')
    fails = false
    await expect
      .poll(() => {
        time.pass(300_000)
        return anchors.length
      })
      .toBe(1)
    expect((await verdict()).findings).toEqual([])
  })

  test('at a start is told, and the chain goes on; any other trouble is the end of that start', async () => {
    const crashed = await reopened()
    await crashed.append([record(1)])
    const door = doored()
    door.write = (work) => door.behind.write((statements) => work(sealing(statements, () => true)))
    log = await reopened(door.engine)
    expect(log.node).toBe('node')
    expect(options.alarms.at(0)).toBe('audit records could not be sealed')
    await log.append([record(2)])
    const other = doored()
    other.write = (work) =>
      other.behind.write((statements) =>
        work({
          all: (text, values) => statements.all(text, values),
          run: (text, values) =>
            /INTO audit_digest/.test(text) ? Promise.reject(new Error('a bug')) : statements.run(text, values),
        }),
      )
    await expect(AuditWriter.open(other.engine, writerOptions('node', time))).rejects.toThrow('a bug')
    await other.behind.close()
    await log.close()
    await crashed.close()
  })

  test('waits until there are as many records as make a segment, and no longer', async () => {
    const anchors: Anchor[] = []
    log = await reopened(sqlite(), { segmentRecords: 3, anchor: (anchor) => anchors.push(anchor) })
    for (const last of [3, 6]) {
      await log.append([record(last - 2), record(last - 1)])
      expect(anchors.at(-1)?.sequence ?? 0).toBe(last - 3)
      await log.append([record(last)])
      await expect.poll(() => anchors.at(-1)?.sequence).toBe(last)
    }
  })
})

describe('the index', () => {
  const spans = async (node: string) => {
    const engine = sqlite()
    const rows = await engine.all('SELECT first, last FROM audit_index WHERE node = $1', [node])
    await engine.close()
    return rows.map(({ first, last }) => [Number(first), Number(last)])
  }

  test('is made anew where a file of it was found altered', async () => {
    log = await reopened()
    await log.append([record(1, '111122223333', '{"why":1}')])
    await log.close()
    options = writerOptions('node', time)
    const writer = await AuditWriter.open(sqlite(), options)
    await writer.seal()
    alter(`UPDATE audit_index SET body = 'x'`)
    await writer.reindex({ node: 'node', first: 1, last: 1 })
    await writer.close()
    expect(options.alarms).toEqual([
      'the index over segments 1 to 1 of chain node is not as it was written, and is made anew',
    ])
    expect(await spans('node')).toEqual([[1, 1]])
    expect(await verdict()).toMatchObject({ findings: [], unindexed: 0, refusals: 1 })
  })

  test('of a chain whose node is gone is made by another after a while, and not before', async () => {
    const gone = await SqlAudit.open(sqlite(), writerOptions('gone', new Time()))
    await gone.append([record(1)])
    await gone.close()
    log = await reopened()
    await log.append([record(2)])
    await log.seal()
    alter('DELETE FROM audit_index')
    time.pass(900_000 - 1)
    await log.seal()
    expect(await spans('node')).toEqual([[1, 1]])
    expect(await spans('gone')).toEqual([])
    time.pass(1)
    await log.seal()
    expect(await spans('gone')).toEqual([[1, 1]])
  })

  test('that cannot be made is told, and made another time', async () => {
    const door = doored()
    let fails = false
    const engine: Engine = {
      ...door.engine,
      all: (text, values) =>
        fails && /max\(segment\)/.test(text)
          ? Promise.reject(new StoreUnavailable('away'))
          : door.behind.all(text, values),
    }
    log = await reopened(engine)
    await log.append([record(1)])
    await log.seal()
    alter('DELETE FROM audit_index')
    fails = true
    await log.seal()
    expect(options.alarms).toContain('the audit trail could not be indexed')
    expect(await spans('node')).toEqual([])
    fails = false
    await log.seal()
    expect(await spans('node')).toEqual([[1, 1]])
  })
})
