import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Entity } from '../../src/state/entity.ts'
import { type Head, origin } from '../../src/state/head.ts'
import type { User } from '../../src/state/identity.ts'
import type { Change } from '../../src/state/view.ts'
import type { StoreOptions } from '../../src/store/sql-store.ts'
import { type Batch, HeadMoved, type Store, type TrailRow } from '../../src/store/store.ts'
import { loadWhole } from '../../src/store/whole.ts'

export const user = (id: string, name = id, account = '111122223333'): User => ({
  kind: 'user',
  id,
  account,
  name,
  path: '/',
  createdAt: 1_700_000_000_000,
  inline: [{ name: 'p', document: '{ "Version": "2012-10-17" }' }],
  attached: [],
  tags: [{ key: '__proto__', value: 'ünï 🎭 "quoted" \u0000' }],
  groups: [],
})

export const put = (entity: Entity): Change => ({ kind: entity.kind, id: entity.id, entity })
export const drop = (entity: Entity): Change => ({ kind: entity.kind, id: entity.id, entity: undefined })

export const row = (number: number, account = '111122223333', decision?: string): TrailRow => ({
  eventId: `event-${number}`,
  at: 1_700_000_000_000 + number,
  account,
  requestId: `request-${number}`,
  event: JSON.stringify({ eventName: 'AssumeRole', number, agent: 'a "b" \u0000 ünï' }),
  ...(decision !== undefined && { decision }),
})

let batches = 0
/** A commit that changes what is given, over a head. */
export const batchOn = (base: Head, changes: readonly Change[] = [], more: Partial<Batch> = {}): Batch => ({
  base,
  batch: `batch-${++batches}`,
  changes,
  trail: [],
  delivered: [],
  ...more,
})

/** How a suite comes by a store over nothing, and by another over the same, as another process would or the same one later. */
export interface StoreSource {
  readonly open: (options?: StoreOptions) => Promise<Store>
  /** Missing where the store goes with its process. */
  readonly again?: () => Promise<Store>
  readonly clean: () => void | Promise<void>
}

/** What every store must do, whatever it is kept in. */
export function storeContract(name: string, source: StoreSource): void {
  describe(`${name} keeps the store's contract`, () => {
    let store: Store
    beforeEach(async () => {
      store = await source.open()
    })
    afterEach(async () => {
      await store.close()
      await source.clean()
    })

    const loaded = async (from: Store = store) => {
      const { head, entities } = await loadWhole(from)
      return { head, entities: [...entities].sort((a, b) => (a.id < b.id ? -1 : 1)) }
    }
    const commit = async (changes: readonly Change[], more: Partial<Batch> = {}) =>
      store.commit(batchOn(await store.head(), changes, more))

    test('a new store is empty, at the origin', async () => {
      expect(await loaded()).toEqual({ head: origin, entities: [] })
      expect(await store.head()).toEqual(origin)
      expect(await store.outbox()).toEqual([])
      expect(await store.changesSince(origin)).toEqual({ head: origin, changes: [] })
    })

    test('entities come back as they were put, to the last character, under the name of the commit', async () => {
      const head = await store.commit(batchOn(origin, [put(user('A')), put(user('B'))], { batch: 'first' }))
      expect(head).toEqual({ revision: 1, batch: 'first' })
      expect(await store.head()).toEqual(head)
      expect(await loaded()).toEqual({ head, entities: [user('A'), user('B')] })
    })

    test('the last state of an entity counts, and a deleted one is gone', async () => {
      await commit([put(user('A')), put(user('B'))])
      const head = await commit([put(user('A', 'renamed')), drop(user('B'))])
      expect(await loaded()).toEqual({ head, entities: [user('A', 'renamed')] })
    })

    test('what was never there may be deleted, and counts for nothing', async () => {
      await commit([put(user('A'))])
      const head = await commit([drop(user('B'))])
      expect(await loaded()).toEqual({ head, entities: [user('A')] })
    })

    test('what is loaded cannot be written to, at any depth', async () => {
      await commit([put(user('A'))])
      const [entity] = (await loaded()).entities
      expect(Object.isFrozen(entity)).toBe(true)
      expect(entity?.kind === 'user' && Object.isFrozen(entity.tags[0])).toBe(true)
    })

    test('a thousand entities in one commit, and another that changes, deletes and adds hundreds', async () => {
      const id = (number: number) => `U${String(number).padStart(4, '0')}`
      const all = Array.from({ length: 1000 }, (_, number) => user(id(number)))
      await commit(all.map(put))
      expect((await loaded()).entities).toEqual(all)
      const after = all
        .filter((_, number) => number % 3 !== 0)
        .map((each, index) => (index % 2 ? each : user(each.id, 'x')))
      const changes = [
        ...all.filter((_, number) => number % 3 === 0).map(drop),
        ...after.filter((each) => each.name === 'x').map(put),
        put(user('V')),
      ]
      await commit(changes)
      expect((await loaded()).entities).toEqual([...after, user('V')])
    })

    test('a commit of records alone raises the revision too: what it rests on was the head', async () => {
      const base = await commit([put(user('A'))])
      const head = await store.commit(batchOn(base, [], { trail: [row(1)] }))
      expect(head.revision).toBe(2)
      expect(await store.changesSince(base)).toEqual({ head, changes: [] })
      await expect(store.commit(batchOn(base, [], { trail: [row(2)] }))).rejects.toBeInstanceOf(HeadMoved)
    })

    test('a commit of nothing does nothing', async () => {
      const head = await commit([put(user('A'))])
      expect(await commit([])).toEqual(head)
      expect(await store.head()).toEqual(head)
    })

    test('changes made on a revision that is not the head are refused, and nothing of the batch is kept', async () => {
      const delivered = await commit([put(user('A'))], { trail: [row(1)] })
      const stale = store.commit(batchOn(origin, [put(user('B'))], { trail: [row(2)], delivered: [delivered.batch] }))
      await expect(stale).rejects.toBeInstanceOf(HeadMoved)
      expect(await loaded()).toEqual({ head: delivered, entities: [user('A')] })
      expect(await store.outbox()).toEqual([{ batch: delivered.batch, rows: [row(1)] }])
      expect((await commit([put(user('B'))])).revision).toBe(2)
    })

    test('a head that counts alike but is of another history is not the head', async () => {
      await commit([put(user('A'))], { batch: 'ours' })
      const other = batchOn({ revision: 1, batch: 'theirs' }, [put(user('B'))])
      await expect(store.commit(other)).rejects.toBeInstanceOf(HeadMoved)
      expect((await loaded()).entities).toEqual([user('A')])
    })

    test('the same batch is never taken twice', async () => {
      const batch = batchOn(origin, [put(user('A'))], { trail: [row(1)] })
      await store.commit(batch)
      await expect(store.commit(batch)).rejects.toBeInstanceOf(HeadMoved)
      expect(await store.outbox()).toHaveLength(1)
    })

    test('changesSince tells the last state of what was touched after a head, deletions too', async () => {
      const base = await commit([put(user('A')), put(user('B'))])
      await commit([put(user('B', 'once'))])
      await commit([put(user('B', 'twice')), put(user('C'))])
      const head = await commit([drop(user('C'))])
      const since = await store.changesSince(base)
      expect(since?.head).toEqual(head)
      const changes = [...(since?.changes ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
      expect(changes).toEqual([put(user('B', 'twice')), drop(user('C'))])
      expect((await store.changesSince(origin))?.changes).toHaveLength(3)
      expect(await store.changesSince(head)).toEqual({ head, changes: [] })
    })

    test('changesSince knows no head of another history, and none that has not come yet', async () => {
      await commit([put(user('A'))], { batch: 'ours' })
      await commit([put(user('B'))])
      expect(await store.changesSince({ revision: 1, batch: 'ours' })).toBeDefined()
      expect(await store.changesSince({ revision: 1, batch: 'theirs' })).toBeUndefined()
      expect(await store.changesSince({ revision: 2, batch: 'ours' })).toBeUndefined()
      expect(await store.changesSince({ revision: 3, batch: 'ours' })).toBeUndefined()
      expect(await store.changesSince({ revision: 0, batch: 'theirs' })).toBeUndefined()
    })

    test('what was touched long ago is forgotten: who is that far behind loads anew', async () => {
      await store.close()
      await source.clean()
      store = await source.open({ revisionsKept: 8 })
      const heads: Head[] = [origin]
      for (let number = 0; number < 40; number++) heads.push(await commit([put(user(`U${number % 5}`, `n${number}`))]))
      expect(await store.changesSince(heads[10] ?? origin)).toBeUndefined()
      expect(await store.changesSince(origin)).toBeUndefined()
      for (let back = 0; back < 8; back++) {
        const since = await store.changesSince(heads[40 - back] ?? origin)
        expect(since?.changes).toHaveLength(Math.min(back, 5))
      }
      expect((await loaded()).entities).toHaveLength(5)
    })

    test('two kinds may share an id', async () => {
      const account: Entity = { kind: 'account', id: 'A', name: 'a', createdAt: 0, home: true }
      await commit([put(user('A')), put(account)])
      await commit([drop(user('A'))])
      expect((await loaded()).entities).toEqual([account])
    })

    test('records wait in the outbox, oldest commit first, until their delivery is noted', async () => {
      const rows = [row(1), row(2, '444455556666'), row(3, undefined, '{"why":"ünï 🎭"}')]
      const first = await commit([put(user('A'))], { trail: rows })
      const second = await commit([put(user('B'))], { trail: [row(4)] })
      const third = await commit([], { trail: [row(5)] })
      expect(await store.outbox()).toEqual([
        { batch: first.batch, rows },
        { batch: second.batch, rows: [row(4)] },
        { batch: third.batch, rows: [row(5)] },
      ])
      expect((await store.outbox(1)).map(({ batch }) => batch)).toEqual([first.batch])
      await commit([put(user('C'))], { delivered: [first.batch, third.batch, 'never heard of'] })
      expect((await store.outbox()).map(({ batch }) => batch)).toEqual([second.batch])
    })

    test('deliveries alone are noted whatever the head is, and do not raise it', async () => {
      const first = await commit([put(user('A'))], { trail: [row(1)] })
      const head = await commit([put(user('B'))], { trail: [row(2)] })
      expect(await store.commit(batchOn(first, [], { delivered: [first.batch] }))).toEqual(first)
      expect(await store.head()).toEqual(head)
      expect((await store.outbox()).map(({ batch }) => batch)).toEqual([head.batch])
    })

    test.skipIf(source.again === undefined)('everything is there when the store is opened anew', async () => {
      const head = await commit([put(user('A'))], { trail: [row(1, undefined, '{"n":1}')] })
      await store.close()
      store = (await source.again?.()) ?? store
      expect(await loaded()).toEqual({ head, entities: [user('A')] })
      expect(await store.outbox()).toEqual([{ batch: head.batch, rows: [row(1, undefined, '{"n":1}')] }])
      expect((await commit([put(user('B'))])).revision).toBe(2)
    })

    test.skipIf(source.again === undefined)(
      'of two that commit on the same head one is first, and the other learns what it did',
      async () => {
        const other = (await source.again?.()) ?? store
        try {
          const first = await store.commit(batchOn(origin, [put(user('A'))]))
          await expect(other.commit(batchOn(origin, [put(user('B'))]))).rejects.toBeInstanceOf(HeadMoved)
          expect(await other.changesSince(origin)).toEqual({ head: first, changes: [put(user('A'))] })
          const second = await other.commit(batchOn(first, [put(user('A', 'renamed')), put(user('B'))]))
          const both = Array.from({ length: 10 }, (_, number) =>
            (number % 2 ? store : other).commit(batchOn(second, [put(user(`C${number}`))])),
          )
          const won = (await Promise.allSettled(both)).filter(({ status }) => status === 'fulfilled')
          expect(won).toHaveLength(1)
          expect(await loaded()).toEqual(await loaded(other))
          expect((await loaded()).entities).toHaveLength(3)
        } finally {
          await other.close()
        }
      },
    )
  })
}
