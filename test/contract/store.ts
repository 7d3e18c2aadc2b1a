import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Sealed } from '../../src/base/sealed.ts'
import type { Entity, User } from '../../src/state/entity.ts'
import type { Change } from '../../src/state/view.ts'
import { HeadMoved, type Store, type TrailRow } from '../../src/store/store.ts'

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

/** What every engine must do. `again` opens the same store anew, as after a restart; an engine without a disk has none. */
export function storeContract(
  name: string,
  engine: { readonly open: () => Store; readonly again?: () => Store; readonly clean: () => void },
): void {
  describe(`${name} keeps the store's contract`, () => {
    let store: Store
    beforeEach(() => {
      store = engine.open()
    })
    afterEach(async () => {
      await store.close()
      engine.clean()
    })

    const loaded = async (from: Store = store) => {
      const { revision, entities } = await from.load()
      return { revision, entities: [...entities].sort((a, b) => (a.id < b.id ? -1 : 1)) }
    }

    test('a new store is empty, at revision 0', async () => {
      expect(await loaded()).toEqual({ revision: 0, entities: [] })
      expect(await store.head()).toBe(0)
    })

    test('entities come back as they were put, to the last character', async () => {
      expect(await store.commit({ base: 0, changes: [put(user('A')), put(user('B'))], trail: [] })).toBe(1)
      expect(await loaded()).toEqual({ revision: 1, entities: [user('A'), user('B')] })
    })

    test('the last state of an entity counts, and a deleted one is gone', async () => {
      await store.commit({ base: 0, changes: [put(user('A')), put(user('B'))], trail: [] })
      await store.commit({ base: 1, changes: [put(user('A', 'renamed')), drop(user('B'))], trail: [] })
      expect(await loaded()).toEqual({ revision: 2, entities: [user('A', 'renamed')] })
    })

    test('what is loaded cannot be written to, at any depth', async () => {
      await store.commit({ base: 0, changes: [put(user('A'))], trail: [] })
      const [entity] = (await loaded()).entities
      expect(Object.isFrozen(entity)).toBe(true)
      expect(entity?.kind === 'user' && Object.isFrozen(entity.tags[0])).toBe(true)
    })

    test('a batch without changes leaves the revision where it is, and its records are kept', async () => {
      await store.commit({ base: 0, changes: [put(user('A'))], trail: [] })
      expect(await store.commit({ base: 1, changes: [], trail: [row(1)] })).toBe(1)
      expect(await store.head()).toBe(1)
      expect((await store.trail('111122223333', 10)).entries).toHaveLength(1)
    })

    test('records need no head: they are taken also where another writer raised it', async () => {
      await store.commit({ base: 0, changes: [put(user('A'))], trail: [] })
      await store.commit({ base: 0, changes: [], trail: [row(1)] })
      expect((await store.trail('111122223333', 10)).entries).toHaveLength(1)
    })

    test('changes made on a revision that is not the head are refused, and nothing of the batch is kept', async () => {
      await store.commit({ base: 0, changes: [put(user('A'))], trail: [] })
      const stale = store.commit({ base: 0, changes: [put(user('B'))], trail: [row(1)] })
      await expect(stale).rejects.toBeInstanceOf(HeadMoved)
      expect(await loaded()).toEqual({ revision: 1, entities: [user('A')] })
      expect((await store.trail('111122223333', 10)).entries).toEqual([])
      expect(await store.commit({ base: 1, changes: [put(user('B'))], trail: [row(1)] })).toBe(2)
    })

    test('changesSince tells the last state of what was touched after a revision, deletions too', async () => {
      await store.commit({ base: 0, changes: [put(user('A')), put(user('B'))], trail: [] })
      await store.commit({ base: 1, changes: [put(user('B', 'once'))], trail: [] })
      await store.commit({ base: 2, changes: [put(user('B', 'twice')), put(user('C'))], trail: [] })
      await store.commit({ base: 3, changes: [drop(user('C'))], trail: [] })
      const { revision, changes } = await store.changesSince(1)
      expect(revision).toBe(4)
      expect([...changes].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([put(user('B', 'twice')), drop(user('C'))])
      expect(await store.changesSince(4)).toEqual({ revision: 4, changes: [] })
    })

    test('two kinds may share an id', async () => {
      const key: Entity = { kind: 'token-key', id: 'A', secret: 's' as Sealed, createdAt: 0 }
      await store.commit({ base: 0, changes: [put(user('A')), put(key)], trail: [] })
      await store.commit({ base: 1, changes: [drop(user('A'))], trail: [] })
      expect((await loaded()).entities).toEqual([key])
    })

    test('a refusal is found by its request id, in its own account only', async () => {
      const refused = row(1, '111122223333', '{"effect":"deny"}')
      await store.commit({ base: 0, changes: [], trail: [row(0), refused] })
      const { requestId, at, account, event, decision } = refused
      expect(await store.decision('request-1', '111122223333')).toEqual({ requestId, at, account, event, decision })
      expect(await store.decision('request-1', '999999999999')).toBeUndefined()
      expect(await store.decision('request-0', '111122223333')).toBeUndefined()
      expect(await store.decision('request-7', '111122223333')).toBeUndefined()
    })

    test('the last refusal is the one written last, whatever the clock said', async () => {
      await store.commit({ base: 0, changes: [], trail: [row(5, '111122223333', '{"n":5}')] })
      await store.commit({ base: 0, changes: [], trail: [row(3, '111122223333', '{"n":3}'), row(9)] })
      await store.commit({ base: 0, changes: [], trail: [row(7, '444455556666', '{"n":7}')] })
      expect((await store.lastDecision('111122223333'))?.decision).toBe('{"n":3}')
      expect(await store.lastDecision('777788889999')).toBeUndefined()
    })

    test('a trail is listed newest first, a page at a time, without gap or repetition, and no other account is in it', async () => {
      const rows = Array.from({ length: 25 }, (_, number) => row(number, number % 5 === 4 ? '444455556666' : undefined))
      await store.commit({ base: 0, changes: [], trail: rows.slice(0, 10) })
      await store.commit({ base: 0, changes: [], trail: rows.slice(10) })
      const seen: string[] = []
      let next: number | undefined
      do {
        const page = await store.trail('111122223333', 7, next)
        seen.push(...page.entries.map((entry) => entry.event))
        next = page.next
      } while (next !== undefined)
      const mine = rows.filter(({ account }) => account === '111122223333')
      expect(seen).toEqual(mine.map(({ event }) => event).reverse())
    })

    test('a page that ends with the last record says that there is no other', async () => {
      await store.commit({ base: 0, changes: [], trail: [row(1), row(2)] })
      expect((await store.trail('111122223333', 2)).next).toBeUndefined()
      expect((await store.trail('111122223333', 1)).next).toBeDefined()
    })

    test('a large commit of two accounts, with refusals between, is paged through whole and in order', async () => {
      const rows = Array.from({ length: 300 }, (_, number) =>
        row(number, number % 3 === 0 ? '444455556666' : undefined, number % 50 === 7 ? `{"n":${number}}` : undefined),
      )
      await store.commit({ base: 0, changes: [], trail: rows })
      for (const account of ['111122223333', '444455556666']) {
        const seen: TrailRow[] = []
        let before: number | undefined
        do {
          const { entries, next } = await store.trail(account, 11, before)
          expect(entries.length).toBe(next === undefined ? entries.length : 11)
          for (const { sequence: _, ...entry } of entries) seen.push(entry)
          before = next
        } while (before !== undefined)
        expect(seen.reverse()).toEqual(rows.filter((entry) => entry.account === account))
      }
      expect((await store.decision('request-157', '111122223333'))?.event).toBe(rows[157]?.event)
    })

    test('sequences rise in the order of writing', async () => {
      await store.commit({ base: 0, changes: [], trail: [row(1), row(2)] })
      await store.commit({ base: 0, changes: [], trail: [row(3)] })
      const sequences = (await store.trail('111122223333', 10)).entries.map(({ sequence }) => sequence).reverse()
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
      expect(new Set(sequences).size).toBe(3)
    })

    test.skipIf(engine.again === undefined)('everything is there when the store is opened anew', async () => {
      await store.commit({ base: 0, changes: [put(user('A'))], trail: [row(1, undefined, '{"n":1}')] })
      await store.close()
      store = engine.again?.() ?? store
      expect(await loaded()).toEqual({ revision: 1, entities: [user('A')] })
      expect((await store.lastDecision('111122223333'))?.decision).toBe('{"n":1}')
      expect(await store.commit({ base: 1, changes: [put(user('B'))], trail: [row(2)] })).toBe(2)
    })
  })
}
