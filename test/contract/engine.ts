import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.ts'
import { migrate, type Step } from '../../src/store/migrate.ts'
import { numberOf } from '../../src/store/row.ts'

/** How a suite comes by an engine over an empty database, and by another over the same one, as another process would. */
export interface EngineSource {
  readonly open: () => Promise<Engine>
  readonly again: () => Promise<Engine>
  readonly clean: () => void | Promise<void>
}

/** What every engine must do, whatever is kept in it. */
export function engineContract(name: string, source: EngineSource): void {
  describe(`${name} keeps the engine's contract`, () => {
    let engine: Engine
    let others: Engine[] = []
    const again = async () => {
      const other = await source.again()
      others.push(other)
      return other
    }
    beforeEach(async () => {
      engine = await source.open()
      await engine.write(async (statements) => {
        await statements.run('CREATE TABLE note (name text PRIMARY KEY, value bigint, body text)')
      })
    })
    afterEach(async () => {
      await Promise.all([engine, ...others].map((each) => each.close()))
      others = []
      await source.clean()
    })

    const put = (from: Engine, key: string, value: number, body: string | null = null) =>
      from.write((statements) =>
        statements.run('INSERT INTO note (name, value, body) VALUES ($1, $2, $3)', [key, value, body]),
      )
    const names = async (from: Engine) =>
      (await from.all('SELECT name FROM note ORDER BY name')).map(({ name: key }) => key)

    test('values come back as they were given, text to the last character and numbers up to 2^53', async () => {
      const body = 'ünï 🎭 "quoted" \t\n\\ $1 ?1'
      expect(await put(engine, 'a', Number.MAX_SAFE_INTEGER, body)).toBe(1)
      expect(await put(engine, 'b', -1, null)).toBe(1)
      const [first, second] = await engine.all('SELECT value, body FROM note ORDER BY name')
      expect([numberOf(first ?? {}, 'value'), first?.body]).toEqual([Number.MAX_SAFE_INTEGER, body])
      expect([numberOf(second ?? {}, 'value'), second?.body]).toEqual([-1, null])
    })

    test('run tells how many rows it touched', async () => {
      for (const key of ['a', 'b', 'c']) await put(engine, key, 1)
      const counts = await engine.write(async (statements) => [
        await statements.run('UPDATE note SET value = $1 WHERE name <> $2', [2, 'a']),
        await statements.run('DELETE FROM note WHERE value = $1', [7]),
      ])
      expect(counts).toEqual([2, 0])
    })

    test('a write is all of it, and is seen by everybody at once', async () => {
      const other = await again()
      await engine.write(async (statements) => {
        await statements.run('INSERT INTO note (name, value) VALUES ($1, $2)', ['a', 1])
        expect(await names(engine)).toEqual([])
        expect(await names(other)).toEqual([])
        expect(await statements.all('SELECT name FROM note')).toHaveLength(1)
        await statements.run('INSERT INTO note (name, value) VALUES ($1, $2)', ['b', 1])
      })
      expect(await names(engine)).toEqual(['a', 'b'])
      expect(await names(other)).toEqual(['a', 'b'])
    })

    test('a write that throws is nothing of it, and its error is passed on', async () => {
      const bug = new Error('changed its mind')
      const write = engine.write(async (statements) => {
        await statements.run('INSERT INTO note (name, value) VALUES ($1, $2)', ['a', 1])
        throw bug
      })
      await expect(write).rejects.toBe(bug)
      expect(await names(engine)).toEqual([])
      await put(engine, 'b', 1)
      expect(await names(engine)).toEqual(['b'])
    })

    test('a statement that the database refuses undoes its whole transaction, and the next one goes on', async () => {
      const write = engine.write(async (statements) => {
        await statements.run('INSERT INTO note (name, value) VALUES ($1, $2)', ['a', 1])
        await statements.run('INSERT INTO note (name, value) VALUES ($1, $2)', ['a', 1])
      })
      await expect(write).rejects.toThrow()
      expect(await names(engine)).toEqual([])
      await put(engine, 'b', 1)
    })

    test('writes of one engine queue up: each sees the one before whole', async () => {
      await put(engine, 'count', 0)
      const read = 'SELECT value FROM note'
      await Promise.all(
        Array.from({ length: 20 }, () =>
          engine.write(async (statements) => {
            const [row] = await statements.all(read)
            await statements.run('UPDATE note SET value = $1', [numberOf(row ?? {}, 'value') + 1])
          }),
        ),
      )
      expect(numberOf((await engine.all(read))[0] ?? {}, 'value')).toBe(20)
    })

    test('writes of two engines lose nothing to one another', async () => {
      const other = await again()
      await put(engine, 'count', 0)
      await Promise.all(
        [engine, other].flatMap((each) =>
          Array.from({ length: 20 }, () =>
            each.write((statements) => statements.run('UPDATE note SET value = value + 1')),
          ),
        ),
      )
      expect(numberOf((await engine.all('SELECT value FROM note'))[0] ?? {}, 'value')).toBe(40)
    })

    test('a snapshot reads one instant, whatever is written meanwhile, and several go on side by side', async () => {
      await put(engine, 'a', 1)
      await engine.snapshot(async (first) => {
        const seen = async (from: typeof first) => (await from.all('SELECT name FROM note')).length
        expect(await seen(first)).toBe(1)
        await put(engine, 'b', 1)
        await engine.snapshot(async (second) => {
          expect(await seen(second)).toBe(2)
          await put(engine, 'c', 1)
          expect(await seen(second)).toBe(2)
        })
        expect(await seen(first)).toBe(1)
      })
      expect(await names(engine)).toHaveLength(3)
    })

    test('a stream hands out every row in order, and may be left before its end', async () => {
      await engine.write(async (statements) => {
        for (let number = 0; number < 3000; number++)
          await statements.run('INSERT INTO note (name, value) VALUES ($1, $2)', [`n${number}`, number])
      })
      const seen: number[] = []
      await engine.snapshot(async (snapshot) => {
        for await (const rows of snapshot.stream('SELECT value FROM note WHERE value >= $1 ORDER BY value', [10]))
          for (const row of rows) seen.push(numberOf(row, 'value'))
      })
      expect(seen).toEqual(Array.from({ length: 2990 }, (_, index) => index + 10))
      await engine.snapshot(async (snapshot) => {
        for await (const rows of snapshot.stream('SELECT value FROM note ORDER BY value')) {
          expect(rows.length).toBeGreaterThan(0)
          break
        }
        expect(await snapshot.all('SELECT count(*) AS rows FROM note')).toHaveLength(1)
      })
    })

    test('close lets what was taken before end, and takes nothing after', async () => {
      const write = put(engine, 'a', 1)
      await engine.close()
      expect(await write).toBe(1)
      await expect(put(engine, 'b', 1)).rejects.toThrow()
      expect(await names(await again())).toEqual(['a'])
    })

    test('migrations run once, in order, whoever comes first; a newer schema is refused and left alone', async () => {
      const other = await again()
      const steps: readonly Step[] = [
        ['CREATE TABLE step (number bigint)', 'INSERT INTO step (number) VALUES (1)'],
        [async (statements) => void (await statements.run('UPDATE step SET number = number + 1'))],
      ]
      await Promise.all([engine, other, engine].map((each) => migrate(each, 'own', steps)))
      expect((await engine.all('SELECT number FROM step')).map((row) => numberOf(row, 'number'))).toEqual([2])
      await expect(migrate(engine, 'own', steps.slice(0, 1))).rejects.toThrow(
        /newer rolecall \(own 2.*upgrade rolecall/,
      )
      await migrate(engine, 'other', [])
    })
  })
}
