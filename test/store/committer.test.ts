import { beforeEach, describe, expect, test } from 'vitest'
import { type Head, origin } from '../../src/state/head.ts'
import { named } from '../../src/state/index-keys.ts'
import { World } from '../../src/state/world.ts'
import { Committer, type CommitterOptions } from '../../src/store/committer.ts'
import { level } from '../../src/store/follower.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { type Batch, HeadMoved, type Store, StoreUnavailable } from '../../src/store/store.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { batchOn, drop, put, row, user } from '../contract/store.ts'

const account = '111122223333'

let chance = 0
/** Not random, and so told apart by looking. */
const random = { bytes: (count: number) => new Uint8Array(count).fill(++chance % 256) }
const committerOver = (world: World, store: Store, options: Partial<CommitterOptions> = {}) =>
  new Committer(world, store, { random, patienceMilliseconds: 0, ...options })

/** A memory store that keeps what it was asked to commit, and can be told to do otherwise. */
class Watched extends MemoryStore {
  readonly batches: Batch[] = []
  before: (() => Promise<void> | void) | undefined
  after: (() => Promise<void> | void) | undefined
  override async commit(batch: Batch): Promise<Head> {
    this.batches.push(batch)
    await this.before?.()
    const head = await super.commit(batch)
    await this.after?.()
    return head
  }
  async trail() {
    return (await this.outbox()).flatMap(({ rows }) => rows)
  }
}

const create =
  (id: string, name = id) =>
  (draft: Parameters<Parameters<Committer['write']>[0]>[0]) => {
    if (draft.one('user', named(account, name)) !== undefined) throw new Error(`${name} exists`)
    draft.put(user(id, name))
    return { result: id, trail: [row(1)] }
  }

const record =
  (...numbers: readonly number[]) =>
  () => ({ result: undefined, trail: numbers.map((number) => row(number)) })

async function equalToDisk(world: World, store: Store): Promise<void> {
  const { head, entities } = await loadWhole(store)
  expect(world.head).toEqual(head)
  const kept = [...entities]
  expect(world.count('user')).toBe(kept.length)
  for (const entity of kept) expect(world.get(entity.kind, entity.id)).toEqual(entity)
}

describe('the committer', () => {
  test('makes writes and records that wait together durable in one transaction', async () => {
    const store = new Watched()
    const world = new World()
    const committer = committerOver(world, store)
    const results = await Promise.all([
      committer.write(create('A')),
      committer.write(record(2)),
      committer.write(create('B')),
      committer.write(record(3, 4)),
    ])
    expect(results).toEqual(['A', undefined, 'B', undefined])
    expect(store.batches).toHaveLength(1)
    expect(world.revision).toBe(1)
    expect(await store.trail()).toHaveLength(5)
    await equalToDisk(world, store)
  })

  test('shows nothing of a write to readers before it is durable', async () => {
    const store = new Watched()
    const world = new World()
    store.after = () => expect(world.get('user', 'A')).toBeUndefined()
    await committerOver(world, store).write(create('A'))
    expect(world.get('user', 'A')).toEqual(user('A'))
  })

  test('lets a write see those before it in the same batch, and a refusal undo only itself', async () => {
    const store = new Watched()
    const world = new World()
    const committer = committerOver(world, store)
    const [first, second, third] = await Promise.allSettled([
      committer.write(create('A', 'same')),
      committer.write((draft) => {
        draft.put(user('half done'))
        return create('B', 'same')(draft)
      }),
      committer.write(create('C')),
    ])
    expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(store.batches).toHaveLength(1)
    expect(world.count('user')).toBe(2)
    await equalToDisk(world, store)
  })

  test('tells a refusal only once what it rests on is durable', async () => {
    const store = new Watched()
    const committer = committerOver(new World(), store)
    store.before = () => {
      throw new StoreUnavailable('disk full')
    }
    const [first, second] = await Promise.allSettled([
      committer.write(create('A', 'same')),
      committer.write(create('B', 'same')),
    ])
    for (const outcome of [first, second])
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable' } })
  })

  test('writes what a refused write leaves behind, and nothing else of it, before the refusal is told', async () => {
    const store = new Watched()
    const world = new World()
    const committer = committerOver(world, store)
    const refusing = (mark: string) =>
      committer.write((draft) => {
        draft.put(user('half done'))
        const seen = draft.get('user', 'left')?.path ?? ''
        return {
          refused: new Error(`no, ${seen}`),
          leave: (rest) => {
            expect(rest.get('user', 'half done')).toBeUndefined()
            rest.put({ ...user('left'), path: `${seen}${mark}` })
          },
        }
      })
    const outcomes = await Promise.allSettled([refusing('a'), committer.write(create('B')), refusing('b')])
    expect(outcomes).toMatchObject([
      { reason: new Error('no, ') },
      { value: 'B' },
      // Those after it in the batch see it.
      { reason: new Error('no, a') },
    ])
    expect(store.batches).toHaveLength(1)
    expect(world.get('user', 'left')?.path).toBe('ab')
    expect(world.count('user')).toBe(2)
    await equalToDisk(world, store)

    store.before = () => {
      throw new StoreUnavailable('disk full')
    }
    await expect(refusing('c')).rejects.toThrow(StoreUnavailable)
    expect(world.get('user', 'left')?.path).toBe('ab')
  })

  test('rejects all of a batch that the store refuses, changes nothing, and goes on when the store does', async () => {
    const store = new Watched()
    const world = new World()
    const committer = committerOver(world, store)
    store.before = () => {
      throw new StoreUnavailable('disk full')
    }
    const outcomes = await Promise.allSettled([committer.write(create('A')), committer.write(record(1))])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await equalToDisk(world, store)
    store.before = undefined
    await committer.write(create('A'))
    await equalToDisk(world, store)
  })

  test('runs a batch again, on the newer state, where another node wrote first', async () => {
    const store = new Watched()
    const world = new World()
    const committer = committerOver(world, store, { patienceMilliseconds: 5000 })
    let others = 3
    store.before = async () => {
      if (others-- > 0)
        await MemoryStore.prototype.commit.call(store, batchOn(await store.head(), [put(user(`other ${others}`))]))
    }
    let runs = 0
    const seen = await committer.write((draft) => {
      runs++
      draft.put(user('mine'))
      return { result: draft.get('user', 'other 0') !== undefined, trail: [row(1)] }
    })
    expect([seen, runs]).toEqual([true, 4])
    expect(world.revision).toBe(4)
    expect(await store.trail()).toHaveLength(1)
    await equalToDisk(world, store)
  })

  test('gives up where others write first for longer than it is patient, and says that nothing was written', async () => {
    const store = new Watched()
    const committer = committerOver(new World(), store)
    store.before = () => {
      throw new HeadMoved(origin)
    }
    await expect(committer.write(create('A'))).rejects.toBeInstanceOf(StoreUnavailable)
  })

  describe('where nobody knows how a commit ended,', () => {
    const durable: string[] = []
    let store = new Watched()
    let world = new World()
    let committer = committerOver(world, store)
    beforeEach(() => {
      store = new Watched()
      world = new World()
      durable.length = 0
      const onDurable = (batch: string) => void durable.push(batch)
      committer = committerOver(world, store, { onDurable, patienceMilliseconds: 2000 })
    })
    const once = (act: () => Promise<void> | void) => async () => {
      store.before = undefined
      store.after = undefined
      await act()
      throw new Error('connection lost')
    }
    const asThere = async () => {
      await equalToDisk(world, store)
      expect(durable).toEqual((await store.outbox()).map(({ batch }) => batch))
    }

    test('and it is there: the caller hears that it is', async () => {
      store.after = once(() => undefined)
      expect(await committer.write(create('A'))).toBe('A')
      expect(store.batches).toHaveLength(1)
      await asThere()
    })

    test('and it is not there: it is made as it was', async () => {
      store.before = once(() => undefined)
      expect(await committer.write(create('A'))).toBe('A')
      const [first, second] = store.batches
      expect(second).toEqual(first)
      await asThere()
    })

    test('and it is not there, and somebody else is: the write runs again over that', async () => {
      store.before = once(async () => {
        await MemoryStore.prototype.commit.call(store, batchOn(await store.head(), [put(user('B', 'A'))]))
      })
      await expect(committer.write(create('A'))).rejects.toThrow('A exists')
      await equalToDisk(world, store)
      expect(world.count('user')).toBe(1)
    })

    test('and it is there, and somebody else after it: it counts, and is not made twice', async () => {
      store.after = once(async () => {
        await MemoryStore.prototype.commit.call(store, batchOn(await store.head(), [drop(user('A'))]))
      })
      expect(await committer.write(create('A'))).toBe('A')
      await level(world, store)
      await asThere()
      expect(world.count('user')).toBe(0)
    })

    test('and it comes through while it is made again: it is taken once', async () => {
      store.before = () => {
        store.before = async () => {
          // The first attempt reaches the database only now.
          store.before = undefined
          const [first] = store.batches
          if (first !== undefined) await MemoryStore.prototype.commit.call(store, first)
        }
        throw new Error('connection lost')
      }
      expect(await committer.write(create('A'))).toBe('A')
      expect(store.batches).toHaveLength(2)
      await asThere()
    })

    test('and the store is away for a while: the caller waits, and hears how it was', async () => {
      store.after = once(() => undefined)
      let away = 3
      const { changesSince } = store
      store.changesSince = (head) => {
        if (away-- > 0) return Promise.reject(new StoreUnavailable('away'))
        return changesSince.call(store, head)
      }
      expect(await committer.write(create('A'))).toBe('A')
      await asThere()
    })
  })

  test('takes no write while nobody knows how the last commit ended, and goes on as soon as the store tells', async () => {
    const store = new Watched()
    const world = new World()
    const durable: string[] = []
    const committer = committerOver(world, store, { onDurable: (batch) => void durable.push(batch) })
    store.after = () => {
      throw new Error('connection lost')
    }
    store.changesSince = async () => {
      throw new StoreUnavailable('still away')
    }
    await expect(committer.write(create('A'))).rejects.toThrow('the store does not say how a commit ended')
    store.after = undefined
    await expect(committer.write(create('B'))).rejects.toThrow('still away')
    expect(store.batches).toHaveLength(1)
    expect(durable).toEqual([])
    Reflect.deleteProperty(store, 'changesSince')
    await expect(committer.write(create('C', 'A'))).rejects.toThrow('A exists')
    await committer.write(create('D'))
    expect(durable).toEqual(store.batches.map(({ batch }) => batch))
    await equalToDisk(world, store)
  })

  test('notes what was delivered with the next commit, and when it closes', async () => {
    const store = new Watched()
    const noted: string[] = []
    const committer: Committer = committerOver(new World(), store, {
      onDurable: (batch) => committer.delivered([batch]),
      onNoted: (batches) => void noted.push(...batches),
    })
    await committer.write(create('A'))
    expect(await store.outbox()).toHaveLength(1)
    await committer.write(create('B'))
    expect((await store.outbox()).map(({ batch }) => batch)).toEqual([store.batches[1]?.batch])
    await committer.close()
    expect(await store.outbox()).toEqual([])
    expect(noted).toEqual(store.batches.flatMap(({ trail, batch }) => (trail.length > 0 ? [batch] : [])))
    expect((await store.head()).revision).toBe(2)
  })

  test('notes a delivery again where the commit that it went with was refused', async () => {
    const store = new Watched()
    const committer: Committer = committerOver(new World(), store, {
      onDurable: (batch) => committer.delivered([batch]),
    })
    await committer.write(create('A'))
    store.before = () => {
      throw new StoreUnavailable('disk full')
    }
    await expect(committer.write(create('B'))).rejects.toThrow('disk full')
    store.before = undefined
    await committer.write(create('C'))
    expect((await store.outbox()).map(({ batch }) => batch)).toEqual([store.batches[2]?.batch])
  })

  test('refuses a record that is not one line, and nobody else in the batch', async () => {
    const store = new Watched()
    const committer = committerOver(new World(), store)
    const broken = { ...row(1), event: '{\n}' }
    const outcomes = await Promise.allSettled([
      committer.write((draft) => ({ result: draft.put(user('A')), trail: [broken] })),
      committer.write(create('B')),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect((await loadWhole(store)).entities).toEqual([user('B')])
  })

  test('hands in order: what was waiting first is written first', async () => {
    const store = new Watched()
    const committer = committerOver(new World(), store, { batchMax: 3 })
    await Promise.all(Array.from({ length: 10 }, (_, number) => committer.write(record(number))))
    expect(store.batches.map(({ trail }) => trail.length)).toEqual([3, 3, 3, 1])
    const events = (await store.trail()).map(({ eventId }) => eventId)
    expect(events).toEqual(Array.from({ length: 10 }, (_, number) => `event-${number}`))
  })

  test('a write that changes nothing and records nothing does not trouble the store', async () => {
    const store = new Watched()
    expect(await committerOver(new World(), store).write(() => ({ result: 7, trail: [] }))).toBe(7)
    expect(store.batches).toEqual([])
  })

  test('is idle when everything was answered, and takes nothing once it is closed', async () => {
    const store = new Watched()
    const committer = committerOver(new World(), store)
    await committer.idle()
    let answered = false
    const write = committer.write(create('A')).then(() => {
      answered = true
    })
    await committer.close()
    await write
    expect(answered).toBe(true)
    await expect(committer.write(record(1))).rejects.toThrow('closed')
  })
})
