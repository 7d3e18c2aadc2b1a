import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Engine, Statements } from '../../src/store/engine.ts'
import { openPostgres, type Postgres, type PostgresOptions } from '../../src/store/postgres.ts'
import { OutcomeUnknown } from '../../src/store/postgres-error.ts'
import { StoreUnavailable } from '../../src/store/store.ts'
import { Line } from '../postgres/proxy.ts'
import { missing, Server } from '../postgres/server.ts'

const none = missing()
/** A whole statement: BEGIN says COMMITTED. */
const commit = 'COMMIT\u0000'
const bound = 600

const add = (name: string) => (statements: Statements) => statements.run('INSERT INTO note (name) VALUES ($1)', [name])
const names = async (engine: Engine) => (await engine.all('SELECT name FROM note ORDER BY name')).map((row) => row.name)
const make = (engine: Engine) =>
  engine.write((statements) => statements.run('CREATE TABLE note (name text PRIMARY KEY)'))
const took = async (work: Promise<unknown>) => {
  const from = performance.now()
  await work.catch(() => undefined)
  return performance.now() - from
}

describe.skipIf(none !== undefined)(none ?? 'PostgreSQL behind a bad line', () => {
  let server: Server
  let proxy: Line
  let near: Postgres
  let far: Postgres
  const opened: Postgres[] = []
  const open = (location: string, options?: PostgresOptions) => {
    const engine = openPostgres(location, options)
    opened.push(engine)
    return engine
  }
  const through = (database: string) =>
    `${server.url(database, [proxy])}?answer_timeout=${bound / 1000}&connect_timeout=1`

  beforeAll(async () => {
    server = await Server.start()
    proxy = await Line.to(server.port)
  })
  afterAll(async () => {
    await proxy.close()
    await server.remove()
  })
  beforeEach(async () => {
    proxy.lead(server.port)
    proxy.heal()
    const database = await server.database()
    near = open(server.url(database))
    await make(near)
    far = open(through(database))
    await far.write(add('before'))
    await names(far)
  })
  afterEach(async () => {
    proxy.heal()
    await Promise.all(opened.splice(0).map((engine) => engine.close()))
  })

  test.each(['reset before', 'silence before', 'reset after', 'silence after', 'truncate', 'race'] as const)(
    'a line that breaks at COMMIT (%s): nobody says that it is there, nor that it is not',
    async (fault) => {
      const sprung = proxy.trap(commit, fault)
      const write = far.write(add('a'))
      await expect(write).rejects.toBeInstanceOf(OutcomeUnknown)
      await sprung
      const there = await names(near)
      if (fault.endsWith('before')) expect(there).toEqual(['before'])
      else if (fault !== 'race') expect(there).toEqual(['a', 'before'])
      await far.write(add('next'))
      expect(await names(far)).toContain('next')
    },
  )

  test.each([['BEGIN'], ['INSERT'], ['COMMIT', commit]])(
    'the bound holds wherever the line falls silent: %s',
    async (word, text = word) => {
      void proxy.trap(text, 'silence before')
      // A kept connection that fails at BEGIN is tried once more on a new one, which is let through.
      expect(await took(far.write(add('a')))).toBeLessThan(bound + 1500)
    },
  )

  test('a line that breaks before COMMIT leaves certainly brought nothing', async () => {
    const write = far.write(async (statements) => {
      await add('a')(statements)
      proxy.cut()
      await expect(statements.all('SELECT 1')).rejects.toBeInstanceOf(StoreUnavailable)
    })
    await expect(write).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await names(near)).toEqual(['before'])
  })

  test('a work that looks away from a broken line is not taken for done', async () => {
    const write = far.write(async (statements) => {
      proxy.cut()
      await add('a')(statements).catch(() => undefined)
    })
    await expect(write).rejects.toBeInstanceOf(StoreUnavailable)
  })

  test('connections that were cut while idle are no reason to fail', async () => {
    proxy.cut()
    await far.write(add('a'))
    proxy.cut()
    expect(await names(far)).toEqual(['a', 'before'])
    proxy.cut()
    expect(await far.snapshot((statements) => statements.all('SELECT 1 AS one'))).toEqual([{ one: 1 }])
  })

  test('a line that was pulled is noticed by reads and writes within the bound, and they recover with it', async () => {
    proxy.silence()
    expect(await took(far.all('SELECT 1'))).toBeLessThan(bound + 1500)
    await expect(far.all('SELECT 1')).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(far.write(add('a'))).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(far.snapshot(async () => 1)).rejects.toBeInstanceOf(StoreUnavailable)
    proxy.heal()
    await far.write(add('a'))
    expect(await names(far)).toEqual(['a', 'before'])
  })

  test.each(['up', 'down'] as const)('a line that carries one way only (%s is lost) is a broken one', async (way) => {
    proxy.silence(way)
    await expect(far.write(add('a'))).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await names(near)).toEqual(['before'])
  })

  test('a server that refuses is told of by name, without the password', async () => {
    proxy.refuse()
    const error: unknown = await far.all('SELECT 1').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoreUnavailable)
    expect(String(error)).toContain(`127.0.0.1:${proxy.port}`)
    expect(String(error)).not.toContain('correct')
  })

  test('a wrong password is told of, and is not told', async () => {
    const wrong = open(server.url().replace(/:[^:@]*@/, ':hunter2@'))
    const error: unknown = await wrong.all('SELECT 1').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoreUnavailable)
    expect(String(error)).toContain('password authentication failed')
    expect(String(error)).not.toContain('hunter2')
  })

  test('a slow line is slow and nothing else', async () => {
    proxy.latency(40)
    await far.write(add('a'))
    expect(await names(far)).toEqual(['a', 'before'])
  })

  test('one that stops inside its transaction does not hold up the others for longer than the bound', async () => {
    const paused = far.write(async (statements) => {
      await statements.run('UPDATE note SET name = $1', ['held'])
      await expect(near.write((others) => others.run('UPDATE note SET name = $1', ['taken']))).resolves.toBe(1)
      await statements.run('UPDATE note SET name = $1', ['late'])
    })
    await expect(paused).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await names(near)).toEqual(['taken'])
  })

  test('two that wait for one another both come through: one of them is run again', async () => {
    await near.write(add('other'))
    const patient = () => open(`${server.url(databaseOf(near))}?answer_timeout=25`)
    let runs = 0
    let meet: () => void = () => undefined
    const both = new Promise<void>((resolve) => {
      meet = resolve
    })
    const update = (first: string, second: string) => async (statements: Statements) => {
      await statements.run(`UPDATE note SET name = name WHERE name = $1`, [first])
      if (++runs === 2) meet()
      await both
      await statements.run(`UPDATE note SET name = name WHERE name = $1`, [second])
    }
    // On a machine that is busy with something else it takes a while until both have met: nobody may be idle for too long then.
    const [one, two] = [patient(), patient()]
    await Promise.all([one.write(update('before', 'other')), two.write(update('other', 'before'))])
    // Who was given up may have met the other one anew.
    expect(runs).toBeGreaterThan(2)
  })

  test('what is wrong with a statement is told as it is, and the transaction is undone', async () => {
    const wrong = near.write(async (statements) => {
      await add('a')(statements)
      await statements.run('INSERT INTO note (name) VALUES ($1)', ['nul \u0000'])
    })
    await expect(wrong).rejects.not.toBeInstanceOf(StoreUnavailable)
    await expect(near.all('SELECT 9007199254740993::bigint AS large')).rejects.toBeInstanceOf(RangeError)
    await expect(near.snapshot((statements) => statements.run('DELETE FROM note'))).rejects.toThrow(/read-only/)
    await expect(near.snapshot(() => Promise.reject(new Error('own')))).rejects.toThrow(/^own$/)
    expect(await names(near)).toEqual(['before'])
  })

  test('a transaction that is over takes nothing more', async () => {
    let kept: Statements | undefined
    await near.write(async (statements) => {
      kept = statements
    })
    await expect(kept?.run('DELETE FROM note')).rejects.toThrow('over')
    expect(await names(near)).toEqual(['before'])
  })

  test('statements that nobody waits for in between arrive in their order', async () => {
    await near.write(async (statements) => {
      await Promise.all(
        Array.from({ length: 500 }, (_, number) => add(`n${String(number).padStart(3, '0')}`)(statements)),
      )
    })
    expect(await names(near)).toHaveLength(501)
    const clash = near.write((statements) => Promise.all(['x', 'before', 'y'].map((name) => add(name)(statements))))
    await expect(clash).rejects.toThrow(/duplicate key/)
    await near.write(add('x'))
    expect(await names(near)).toHaveLength(502)
  })

  test('a million rows come in pieces', async () => {
    let rows = 0
    let most = 0
    await near.snapshot(async (statements) => {
      for await (const some of statements.stream(
        'SELECT n, n::text AS body FROM generate_series(1, $1::int) AS n',
        [1_000_000],
      )) {
        rows += some.length
        most = Math.max(most, some.length)
      }
    })
    expect(rows).toBe(1_000_000)
    expect(most).toBeLessThan(5000)
  })

  test('many readers at once share a few connections', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => near.all('SELECT $1::int AS n', [n])))
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    const [row] = await near.all(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rolecall'`,
    )
    expect(row?.n).toBeLessThanOrEqual(11)
  })

  test('a hint wakes whoever listens, also after its line was cut', async () => {
    const database = databaseOf(near)
    const teller = open(server.url(database), { channel: 'rolecall' })
    const hearer = open(through(database), { channel: 'rolecall' })
    let woken: () => void = () => undefined
    const wake = () =>
      new Promise<void>((resolve) => {
        woken = resolve
      })
    // The first comes of having begun to listen.
    const first = wake()
    const stop = hearer.onHint(() => woken())
    await first
    for (const cut of [false, true]) {
      if (cut) {
        const again = wake()
        proxy.cut()
        await again
      }
      const next = wake()
      await teller.write(add(`cut ${cut}`))
      await next
    }
    stop()
  })

  test('a socket is spoken to as well', async () => {
    expect(await names(open(server.socketUrl(databaseOf(near))))).toEqual(['before'])
  })
})

const databaseOf = (engine: Postgres): string => String(engine).split('/').at(-1) ?? ''

describe.skipIf(none !== undefined)(none ?? 'PostgreSQL with a standby that commits wait for', () => {
  let primary: Server
  let standby: Server
  const opened: Postgres[] = []
  const open = (text: string) => {
    const engine = openPostgres(`${text}?answer_timeout=1&connect_timeout=1`)
    opened.push(engine)
    return engine
  }
  beforeEach(async () => {
    primary = await Server.start()
    standby = await Server.follow(primary)
    await primary.synchronous()
    await make(open(primary.url()))
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((engine) => engine.close()))
    await primary.remove()
    await standby.remove()
  })

  test('of several servers the writable one is taken, and the next one after a failover: nothing acknowledged is lost', async () => {
    const engine = open(primary.url('postgres', [standby, primary]))
    const acknowledged: string[] = []
    let killed = false
    let promoted: Promise<void> | undefined
    // However long a failover takes; the time that a test has is the bound.
    for (let number = 0; !killed || acknowledged.length < 60; number++) {
      const name = `n${String(number).padStart(4, '0')}`
      const done = await engine.write(add(name)).then(
        () => true,
        (error: unknown) => {
          expect(error instanceof StoreUnavailable || error instanceof OutcomeUnknown).toBe(true)
          return false
        },
      )
      if (done) acknowledged.push(name)
      if (acknowledged.length === 30 && !killed) {
        killed = true
        promoted = primary.kill().then(() => standby.promote())
      }
      if (!done) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await promoted
    const there = new Set(await names(engine))
    expect(acknowledged.filter((name) => !there.has(name))).toEqual([])
  })

  test('a commit whose wait for the standby is broken off is unknown, and a read does not see it as a fact', async () => {
    const engine = open(primary.url())
    await engine.write(add('before'))
    await standby.stop()
    // Connected before there is anything to see: the engine waits no longer than its bound.
    const watcher = await primary.connect()
    const write = engine.write(add('lonely'))
    const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%COMMIT%'`
    while ((await watcher.query(waiting)).rows.length === 0);
    await watcher.query(`SELECT pg_cancel_backend(pid) FROM (${waiting}) AS waiting`)
    await expect(write).rejects.toBeInstanceOf(OutcomeUnknown)
    // It is there for everyone who asks the primary alone, and would be gone with it.
    expect((await watcher.query('SELECT name FROM note ORDER BY name')).rows).toHaveLength(2)
    await watcher.end()
    await expect(names(engine)).rejects.toThrow('no standby confirms')
    // Nobody is left behind on the server, waiting for it.
    await primary.until(`SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep')`)
    await expect(engine.snapshot((statements) => statements.all('SELECT name FROM note'))).rejects.toThrow(
      'no standby confirms',
    )
    await standby.boot()
    await primary.synchronous()
    expect(await names(engine)).toEqual(['before', 'lonely'])
  })

  test('a commit that waits for a standby for too long is unknown', async () => {
    const engine = open(primary.url())
    await standby.stop()
    const write = engine.write(add('a'))
    const time = took(write)
    await expect(write).rejects.toBeInstanceOf(OutcomeUnknown)
    expect(await time).toBeLessThan(3000)
  })

  test('a primary that slept through a failover tells nobody what is no longer true, and nobody goes back to it', async () => {
    const asleep = open(primary.url())
    const careless = openPostgres(`${primary.url()}?reads=unconfirmed`)
    opened.push(careless)
    const both = open(primary.url('postgres', [primary, standby]))
    await both.write(add('key'))
    expect(await names(asleep)).toEqual(['key'])
    expect(await names(careless)).toEqual(['key'])
    primary.pause()
    await standby.promote()
    const revoke = () => both.write((statements) => statements.run('DELETE FROM note'))
    await revoke().catch(revoke)
    primary.resume()
    await expect(names(asleep)).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(asleep.write(add('lost'))).rejects.toBeInstanceOf(OutcomeUnknown)
    // What the confirmation is for: without it, this is what was told.
    expect(await names(careless)).toContain('key')
    expect(await names(both)).toEqual([])
    const late = open(primary.url('postgres', [primary, standby]))
    expect(await names(late)).toEqual([])
  })
})
