import { describe, expect, test } from 'vitest'
import { named } from '../../src/state/index-keys.ts'
import { World } from '../../src/state/world.ts'
import { Committer } from '../../src/store/committer.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { type Batch, HeadMoved, type Store, StoreUnavailable } from '../../src/store/store.ts'
import { put, row, user } from '../contract/store.ts'

const account = '111122223333'

/** A memory store that keeps what it was asked to commit, and can be told to do otherwise. */
class Watched extends MemoryStore {
  readonly batches: Batch[] = []
  before: (() => Promise<void> | void) | undefined
  after: (() => Promise<void> | void) | undefined
  override async commit(batch: Batch): Promise<number> {
    this.batches.push(batch)
    await this.before?.()
    const revision = await super.commit(batch)
    await this.after?.()
    return revision
  }
}

const create =
  (id: string, name = id) =>
  (draft: Parameters<Parameters<Committer['write']>[0]>[0]) => {
    if (draft.one('user', named(account, name)) !== undefined) throw new Error(`${name} exists`)
    draft.put(user(id, name))
    return { result: id, trail: [row(1)] }
  }

async function equalToDisk(world: World, store: Store): Promise<void> {
  const { revision, entities } = await store.load()
  expect(world.revision).toBe(revision)
  const kept = [...entities]
  expect(world.count('user')).toBe(kept.length)
  for (const entity of kept) expect(world.get(entity.kind, entity.id)).toEqual(entity)
}

describe('the committer', () => {
  test('makes writes and records that wait together durable in one transaction', async () => {
    const store = new Watched()
    const world = new World()
    const committer = new Committer(world, store)
    const results = await Promise.all([
      committer.write(create('A')),
      committer.append([row(2)]),
      committer.write(create('B')),
      committer.append([row(3), row(4)]),
    ])
    expect(results).toEqual(['A', undefined, 'B', undefined])
    expect(store.batches).toHaveLength(1)
    expect(world.revision).toBe(1)
    expect((await store.trail(account, 10)).entries).toHaveLength(5)
    await equalToDisk(world, store)
  })

  test('shows nothing of a write to readers before it is durable', async () => {
    const store = new Watched()
    const world = new World()
    store.after = () => expect(world.get('user', 'A')).toBeUndefined()
    await new Committer(world, store).write(create('A'))
    expect(world.get('user', 'A')).toEqual(user('A'))
  })

  test('lets a write see those before it in the same batch, and a refusal undo only itself', async () => {
    const store = new Watched()
    const world = new World()
    const committer = new Committer(world, store)
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
    const committer = new Committer(new World(), store)
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

  test('rejects all of a batch that the store refuses, changes nothing, and goes on when the store does', async () => {
    const store = new Watched()
    const world = new World()
    const committer = new Committer(world, store)
    store.before = () => {
      throw new StoreUnavailable('disk full')
    }
    const outcomes = await Promise.allSettled([committer.write(create('A')), committer.append([row(1)])])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await equalToDisk(world, store)
    store.before = undefined
    await committer.write(create('A'))
    await equalToDisk(world, store)
  })

  test('runs a batch again, on the newer state, where another node wrote first', async () => {
    const store = new Watched()
    const world = new World()
    const committer = new Committer(world, store)
    let others = 3
    store.before = async () => {
      if (others-- > 0)
        await MemoryStore.prototype.commit.call(store, {
          base: await store.head(),
          changes: [put(user(`other ${others}`))],
          trail: [],
        })
    }
    let runs = 0
    const seen = await committer.write((draft) => {
      runs++
      draft.put(user('mine'))
      return { result: draft.get('user', 'other 0') !== undefined, trail: [row(1)] }
    })
    expect([seen, runs]).toEqual([true, 4])
    expect(world.revision).toBe(4)
    expect((await store.trail(account, 10)).entries).toHaveLength(1)
    await equalToDisk(world, store)
  })

  test('gives up where others always write first, and says so', async () => {
    const store = new Watched()
    const committer = new Committer(new World(), store)
    store.before = () => {
      throw new HeadMoved(0)
    }
    await expect(committer.write(create('A'))).rejects.toBeInstanceOf(HeadMoved)
  })

  test('learns from the store how a commit ended that failed after it was made', async () => {
    const store = new Watched()
    const world = new World()
    const committer = new Committer(world, store)
    store.after = () => {
      throw new Error('connection lost')
    }
    await expect(committer.write(create('A'))).rejects.toThrow('connection lost')
    expect(world.get('user', 'A')).toEqual(user('A'))
    await equalToDisk(world, store)
  })

  test('takes no write while nobody knows how the last commit ended, and goes on as soon as the store tells', async () => {
    const store = new Watched()
    const world = new World()
    const committer = new Committer(world, store)
    store.after = () => {
      throw new Error('connection lost')
    }
    let asked = 0
    store.changesSince = async () => {
      asked++
      throw new StoreUnavailable('still away')
    }
    await expect(committer.write(create('A'))).rejects.toThrow('connection lost')
    store.after = undefined
    await expect(committer.write(create('B'))).rejects.toThrow('still away')
    expect([asked, store.batches.length]).toEqual([2, 1])
    Reflect.deleteProperty(store, 'changesSince')
    await expect(committer.write(create('C', 'A'))).rejects.toThrow('A exists')
    await committer.write(create('D'))
    await equalToDisk(world, store)
  })

  test('hands in order: what was waiting first is written first', async () => {
    const store = new Watched()
    const committer = new Committer(new World(), store, { batchMax: 3 })
    await Promise.all(Array.from({ length: 10 }, (_, number) => committer.append([row(number)])))
    expect(store.batches.map(({ trail }) => trail.length)).toEqual([3, 3, 3, 1])
    const events = (await store.trail(account, 20)).entries.map(({ eventId }) => eventId).reverse()
    expect(events).toEqual(Array.from({ length: 10 }, (_, number) => `event-${number}`))
  })

  test('a write that changes nothing and records nothing does not trouble the store', async () => {
    const store = new Watched()
    expect(await new Committer(new World(), store).write(() => ({ result: 7, trail: [] }))).toBe(7)
    expect(store.batches).toEqual([])
  })

  test('is idle when everything was answered, and takes nothing once it is closed', async () => {
    const store = new Watched()
    const committer = new Committer(new World(), store)
    await committer.idle()
    let answered = false
    const write = committer.write(create('A')).then(() => {
      answered = true
    })
    await committer.close()
    await write
    expect(answered).toBe(true)
    await expect(committer.append([row(1)])).rejects.toThrow('closed')
  })
})
