import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Head, origin } from '../../src/state/head.ts'
import type { User } from '../../src/state/identity.ts'
import { World } from '../../src/state/world.ts'
import { Committer } from '../../src/store/committer.ts'
import { Follower, level } from '../../src/store/follower.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { type Store, StoreDamaged, StoreUnavailable } from '../../src/store/store.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { batchOn, put, row, user } from '../contract/store.ts'

/** A memory store that counts what it is asked, and answers when it is told to. */
class Slow extends MemoryStore {
  heads = 0
  hints: (() => void)[] = []
  gate: Promise<void> | undefined
  trouble: Error | undefined
  readonly onHint = (wake: () => void) => {
    this.hints.push(wake)
    return () => {
      this.hints = this.hints.filter((each) => each !== wake)
    }
  }
  override async head(): Promise<Head> {
    this.heads++
    if (this.trouble !== undefined) throw this.trouble
    const head = await super.head()
    await this.gate
    return head
  }
  hold(): () => void {
    let release = () => {}
    this.gate = new Promise((resolve) => {
      release = () => {
        this.gate = undefined
        resolve()
      }
    })
    return () => release()
  }
}

const commit = async (store: Store, ...ids: readonly string[]) =>
  store.commit(
    batchOn(
      await MemoryStore.prototype.head.call(store),
      ids.map((id) => put(user(id))),
    ),
  )

describe('a follower', () => {
  test('brings the world level with what others wrote', async () => {
    const store = new Slow()
    const world = new World()
    const follower = new Follower(world, store)
    const head = await commit(store, 'A')
    await follower.fresh()
    expect([world.head, world.get('user', 'A')]).toEqual([head, user('A')])
  })

  test('asks once for all who came before it asked, and once more for those who came after', async () => {
    const store = new Slow()
    const world = new World()
    const ticks: (() => void)[] = []
    const follower = new Follower(world, store, (run) => ticks.push(run))
    const tick = async () => {
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      for (const run of ticks.splice(0)) run()
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    }
    const release = store.hold()
    // Those who come in one tick are served by one reading.
    const first = Promise.all([follower.fresh(), follower.fresh()])
    expect(store.heads).toBe(0)
    await tick()
    expect(store.heads).toBe(1)
    await commit(store, 'A')
    // The reading that is under way began before this was written, so it may not serve who came after.
    const rest = Array.from({ length: 100 }, () => follower.fresh())
    await tick()
    expect(store.heads).toBe(1)
    release()
    await first
    await tick()
    await Promise.all(rest)
    expect(store.heads).toBe(2)
    expect(world.get('user', 'A')).toBeDefined()
  })

  test.each([
    ['says that it is away', new StoreUnavailable('away')],
    ['says anything else', new Error('socket hang up')],
  ])('rejects with StoreUnavailable where the store %s, and asks anew the next time', async (_what, trouble) => {
    const store = new Slow()
    const world = new World()
    const follower = new Follower(world, store)
    await commit(store, 'A')
    store.trouble = trouble
    const both = await Promise.allSettled([follower.fresh(), follower.fresh()])
    for (const outcome of both) expect(outcome).toMatchObject({ reason: { name: 'StoreUnavailable' } })
    store.trouble = undefined
    await follower.fresh()
    expect(world.revision).toBe(1)
  })

  test('passes it on where the store is damaged', async () => {
    const store = new Slow()
    store.trouble = new StoreDamaged('user A is not what was written')
    await expect(new Follower(new World(), store).fresh()).rejects.toBeInstanceOf(StoreDamaged)
  })

  test('follows a hint by itself, until it is closed', async () => {
    const store = new Slow()
    const world = new World()
    const follower = new Follower(world, store)
    await commit(store, 'A')
    for (const wake of store.hints) wake()
    await follower.fresh()
    expect(world.revision).toBe(1)
    follower.close()
    expect(store.hints).toEqual([])
  })

  test('loads everything anew where the history is another, also where that is the shorter one', async () => {
    const ours = new Slow()
    await commit(ours, 'A')
    await commit(ours, 'B')
    const theirs = new Slow()
    const head = await commit(theirs, 'C')
    const { entities, head: at } = await loadWhole(ours)
    const world = new World(entities, at)
    await new Follower(world, theirs).fresh()
    expect([world.head, world.get('user', 'A'), world.get('user', 'C')]).toEqual([head, undefined, user('C')])
    expect(world.generation).toBe(1)
  })

  test('goes back for nobody: what it read before the world went on is not applied after', async () => {
    const store = new Slow()
    const world = new World()
    await commit(store, 'A')
    const { changesSince } = store
    store.changesSince = async (head) => {
      const since = await changesSince.call(store, head)
      Reflect.deleteProperty(store, 'changesSince')
      // Meanwhile another leveller goes further.
      const next = await commit(store, 'B')
      await level(world, store)
      expect(world.head).toEqual(next)
      return since
    }
    await level(world, store)
    expect([world.revision, world.count('user')]).toEqual([2, 2])
  })

  test('an old load does not undo a newer one', async () => {
    const store = new Slow({ revisionsKept: 1 })
    for (const id of ['A', 'B', 'C']) await commit(store, id)
    const world = new World()
    const { load } = store
    store.load = async () => {
      const old = await load.call(store)
      Reflect.deleteProperty(store, 'load')
      await commit(store, 'D')
      await level(world, store)
      return old
    }
    await level(world, store)
    expect([world.revision, world.count('user')]).toEqual([4, 4])
  })
})

describe('two authorities over one file', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rolecall-two-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const names = ['A', 'B', 'C', 'D']
  /** Who does it, to whom, and how many turns of the loop pass before the next. */
  const act = fc.record({
    node: fc.nat(1),
    what: fc.constantFrom('create', 'raise', 'raise', 'raise', 'delete', 'look'),
    name: fc.constantFrom(...names),
    turns: fc.nat(3),
  })
  let files = 0

  test('whatever each writes, no write is lost, none is made twice, and both worlds end as the store is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts) => {
        const path = join(directory, `${++files}.db`)
        const nodes = []
        for (let node = 0; node < 2; node++) {
          const store = await openStore(openSqlite(path))
          const world = new World()
          const durable: string[] = []
          const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) }
          const committer: Committer = new Committer(world, store, {
            random,
            onDurable: (batch) => void durable.push(batch),
            batchMax: 3,
          })
          nodes.push({ store, world, committer, durable, follower: new Follower(world, store) })
        }
        /** What acknowledged writes come to, for each name: how often it was raised since it was made. */
        const work: Promise<unknown>[] = []
        const acked: {
          readonly what: string
          readonly name: string
          readonly revision: number
          readonly value: number
        }[] = []
        for (const { node: which, what, name, turns } of acts) {
          const node = nodes[which]
          if (node === undefined) throw new Error('there are two')
          if (what === 'look') work.push(node.follower.fresh())
          else {
            const done = node.committer.write((draft) => {
              const there = draft.get('user', name)
              if (what === 'create' && there !== undefined) throw new Error('exists')
              if (what !== 'create' && there === undefined) throw new Error('is not there')
              const value = what === 'raise' ? Number(there?.path) + 1 : 0
              if (what === 'delete') draft.remove('user', name)
              else draft.put({ ...user(name), path: String(value) } satisfies User)
              return { result: value, trail: [row(work.length)] }
            })
            work.push(
              done.then(
                (value) => acked.push({ what, name, revision: node.world.revision, value }),
                (error: unknown) => expect(String(error)).toMatch(/exists|is not there/),
              ),
            )
          }
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
        }
        await Promise.all(work)
        await Promise.all(nodes.map(({ follower }) => follower.fresh()))

        const [one, two] = nodes
        if (one === undefined || two === undefined) throw new Error('there are two')
        const { head, entities } = await loadWhole(one.store)
        for (const { world, store } of nodes) {
          expect(world.head).toEqual(head)
          expect(world.count('user')).toBe(entities.length)
          for (const entity of entities) expect(world.get('user', entity.id)).toEqual(entity)
          expect(await store.changesSince(origin)).toBeDefined()
        }
        for (const name of names) {
          const mine = acked.filter((each) => each.name === name)
          const count = (what: string) => mine.filter((each) => each.what === what).length
          const there = count('create') - count('delete')
          expect(entities.filter(({ id }) => id === name)).toHaveLength(there)
          // Each raise since some creation has a number of its own: none was made on what another had already changed.
          const raises = mine.filter((each) => each.what === 'raise').map(({ value }) => value)
          if (count('create') === 1)
            expect(raises.toSorted((a, b) => a - b)).toEqual(raises.map((_, index) => index + 1))
        }
        // Every acknowledged write has its record, once, and nothing else has one.
        const outbox = await one.store.outbox()
        expect(outbox.map(({ batch }) => batch).toSorted()).toEqual([...one.durable, ...two.durable].toSorted())
        expect(outbox.flatMap(({ rows }) => rows)).toHaveLength(acked.length)
        for (const { store, committer, follower } of nodes) {
          follower.close()
          await committer.close()
          await store.close()
        }
      }),
      { numRuns: 60 },
    )
  })
})
