import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Sealed } from '../../src/base/sealed.ts'
import type { AccessKey } from '../../src/state/credential.ts'
import { Draft } from '../../src/state/draft.ts'
import type { Entity, Kind } from '../../src/state/entity.ts'
import type { Head } from '../../src/state/head.ts'
import type { InstanceProfile, User } from '../../src/state/identity.ts'
import {
  accountIn,
  attaching,
  inAccount,
  indexKeysOf,
  keysAcross,
  keysInAccount,
  memberOf,
  named,
  ownedBy,
  withRole,
} from '../../src/state/index-keys.ts'
import { Unread } from '../../src/state/unread.ts'
import type { View } from '../../src/state/view.ts'
import { World } from '../../src/state/world.ts'

const account = '111122223333'
const at = (revision: number): Head => ({ revision, batch: `batch-${revision}` })
const user = (id: string, more: Partial<User> = {}): User => ({
  kind: 'user',
  id,
  account,
  name: id,
  path: '/',
  createdAt: 0,
  inline: [],
  attached: [],
  tags: [],
  groups: [],
  ...more,
})
const key = (id: string, owner: string): AccessKey => ({
  kind: 'access-key',
  id,
  account,
  owner,
  secret: 's' as Sealed,
  status: 'Active',
  createdAt: 0,
})
/** The same, as a store hands it over that has not read it. */
const unread = (entity: Extract<Entity, { account: string }>, reads: string[] = []): Unread =>
  new Unread(entity, JSON.stringify(entity), (text) => {
    reads.push(entity.id)
    return JSON.parse(text) as Entity
  })
const ids = (entities: readonly Entity[]) => entities.map(({ id }) => id)

/** The slow and obvious view: a list, searched from end to end. */
class Plain implements View {
  readonly all = new Map<string, Entity>()
  set(kind: Kind, id: string, entity: Entity | undefined) {
    if (entity === undefined) this.all.delete(`${kind} ${id}`)
    else this.all.set(`${kind} ${id}`, entity)
  }
  get: View['get'] = (kind, id) => this.all.get(`${kind} ${id}`) as never
  find: View['find'] = (kind, indexKey) =>
    [...this.all.values()]
      .filter((entity) => entity.kind === kind && indexKeysOf(entity).includes(indexKey))
      .sort((a, b) => (a.id < b.id ? -1 : 1)) as never
  one: View['one'] = (kind, indexKey) => this.find(kind, indexKey)[0]
}

const name = fc.constantFrom('A', 'B', 'C', 'D', '__proto__')
const arn = fc.constantFrom('arn:p', 'arn:q')
const anyEntity: fc.Arbitrary<Entity> = fc.oneof(
  fc
    .record({ id: name, name, account: fc.constantFrom(account, '999999999999') })
    .chain((some) =>
      fc
        .record({ attached: fc.uniqueArray(arn), groups: fc.uniqueArray(name), boundary: fc.option(arn) })
        .map(({ attached, groups, boundary }) =>
          user(some.id, { ...some, attached, groups, ...(boundary !== null && { boundary }) }),
        ),
    ),
  fc.record({ id: name, owner: name }).map(({ id, owner }) => key(id, owner)),
)
/** A step: put an entity, remove one, or keep or drop the draft so far. */
const step = fc.oneof(
  { weight: 6, arbitrary: anyEntity.map((entity) => ({ put: entity }) as const) },
  { weight: 3, arbitrary: anyEntity.map((entity) => ({ remove: entity }) as const) },
  { weight: 1, arbitrary: fc.constantFrom({ end: 'keep' } as const, { end: 'drop' } as const) },
)

const questions: readonly string[] = [account, '999999999999'].flatMap((of) => [
  inAccount(of),
  ...['A', 'B', 'C', 'D', '__proto__'].flatMap((n) => [
    named(of, n),
    memberOf({ account: of, id: n }),
    ownedBy({ account: of, id: n }),
  ]),
  ...['arn:p', 'arn:q'].flatMap((p) => [attaching(of, p), `boundary ${of} ${p}`]),
])
function alike(view: View, plain: View): void {
  for (const kind of ['user', 'access-key'] as const) {
    for (const id of ['A', 'B', 'C', 'D', '__proto__']) expect(view.get(kind, id)).toEqual(plain.get(kind, id))
    for (const question of questions) {
      expect(view.find(kind, question)).toEqual(plain.find(kind, question))
      expect(view.one(kind, question)).toEqual(plain.one(kind, question))
    }
  }
}

describe('the world and drafts over it', () => {
  test('answer like a list that is searched from end to end, whatever was put, removed, merged and dropped', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyEntity, { selector: (e) => `${e.kind} ${e.id}` }),
        fc.array(step),
        fc.infiniteStream(fc.boolean()),
        (start, steps, left) => {
          const world = new World(
            start.map((entity) => (left.next().value === true && 'account' in entity ? unread(entity) : entity)),
          )
          const plain = new Plain()
          for (const entity of start) plain.set(entity.kind, entity.id, entity)
          const batch = new Draft(world)
          let own = new Draft(batch)
          let mine: [Kind, string, Entity | undefined][] = []
          const kept: typeof mine = []
          const trial = () => {
            const view = new Plain()
            for (const entity of start) view.set(entity.kind, entity.id, entity)
            for (const [kind, id, entity] of [...kept, ...mine]) view.set(kind, id, entity)
            return view
          }
          for (const now of steps) {
            if ('end' in now) {
              if (now.end === 'keep') {
                own.mergeInto(batch)
                kept.push(...mine)
              }
              own = new Draft(batch)
              mine = []
            } else if ('put' in now) {
              own.put(now.put)
              mine.push([now.put.kind, now.put.id, now.put])
            } else {
              own.remove(now.remove.kind, now.remove.id)
              mine.push([now.remove.kind, now.remove.id, undefined])
            }
            alike(own, trial())
          }
          mine = []
          alike(batch, trial())
          alike(world, plain)
          world.apply(batch.changes(), at(1))
          alike(world, trial())
          alike(new World(trial().all.values(), at(1)), trial())
        },
      ),
      { numRuns: 300 },
    )
  })

  test('read what was left unread when it is asked for, once, and of an account when the account is asked about', () => {
    const other = '999999999999'
    const reads: string[] = []
    const there = [user('A'), user('B'), user('C', { account: other }), user('D', { account: other })]
    const world = new World(
      there.map(
        (one) =>
          new Unread({ kind: one.kind, id: one.id, account: one.account }, one.id, (id) => {
            reads.push(id)
            return user(id, { account: one.account })
          }),
      ),
    )
    expect(world.count('user')).toBe(4)
    expect(reads).toEqual([])
    const first = world.get('user', 'A')
    expect(first).toEqual(user('A'))
    expect(world.get('user', 'A')).toBe(first)
    expect(Object.isFrozen(first?.tags)).toBe(true)
    expect(reads).toEqual(['A'])
    expect(world.find('user', inAccount(account))[0]).toBe(first)
    expect(world.one('user', named(account, 'b'))).toEqual(user('B'))
    expect(reads).toEqual(['A', 'B'])
    world.apply([{ kind: 'user', id: 'D', entity: undefined }], at(1))
    expect(ids(world.find('user', inAccount(other)))).toEqual(['C'])
    expect(reads).toEqual(['A', 'B', 'D', 'C'])
  })

  test('read a very large account at the start, and what is found without saying an account', () => {
    const reads: string[] = []
    const many = Array.from({ length: 10_001 }, (_, at) => unread(user(`U${at}`), reads))
    const world = new World(many)
    expect(reads).toHaveLength(10_001)
    expect(world.find('user', inAccount(account))).toHaveLength(10_001)
    const profile: InstanceProfile = {
      kind: 'instance-profile',
      id: 'P',
      account,
      name: 'p',
      path: '/',
      createdAt: 0,
      tags: [],
      role: 'R',
    }
    expect(new World([unread(profile)]).one('instance-profile', withRole('R'))?.id).toBe('P')
  })

  test('an answer stays as it was when the world goes on', () => {
    const world = new World([user('A'), user('B')])
    const before = world.find('user', inAccount(account))
    world.apply([{ kind: 'user', id: 'C', entity: user('C') }], at(1))
    world.apply([{ kind: 'user', id: 'A', entity: undefined }], at(2))
    expect(ids(before)).toEqual(['A', 'B'])
    expect(ids(world.find('user', inAccount(account)))).toEqual(['B', 'C'])
  })

  test('an answer stays as it was when the draft goes on', () => {
    const draft = new Draft(new World([user('A')]))
    draft.put(user('B'))
    const before = draft.find('user', inAccount(account))
    draft.put(user('C'))
    expect(ids(before)).toEqual(['A', 'B'])
  })

  test('answers come in the order of ids, also after a start from rows in another order', () => {
    const world = new World([user('C'), user('A'), user('B')])
    expect(ids(world.find('user', inAccount(account)))).toEqual(['A', 'B', 'C'])
  })

  test('names are found without regard to case', () => {
    expect(new World([user('A', { name: 'Alice' })]).one('user', named(account, 'ALICE'))?.id).toBe('A')
  })

  test('a write that is dropped has changed nothing', () => {
    const batch = new Draft(new World([user('A')]))
    const own = new Draft(batch)
    own.remove('user', 'A')
    own.put(user('B'))
    expect(batch.changes()).toEqual([])
    expect(ids(batch.find('user', inAccount(account)))).toEqual(['A'])
  })

  test('what is made and removed in one draft leaves no change', () => {
    const draft = new Draft(new World())
    draft.put(user('A'))
    draft.remove('user', 'A')
    expect(draft.changes()).toEqual([])
  })

  test('removing what is not there leaves no change', () => {
    const draft = new Draft(new World())
    draft.remove('user', 'nobody')
    expect(draft.changes()).toEqual([])
  })

  test('changes hold the last state of each entity, in the order of first touching', () => {
    const draft = new Draft(new World([user('B')]))
    draft.put(user('A', { name: 'first' }))
    draft.remove('user', 'B')
    draft.put(user('A', { name: 'second' }))
    expect(draft.changes()).toEqual([
      { kind: 'user', id: 'A', entity: user('A', { name: 'second' }) },
      { kind: 'user', id: 'B', entity: undefined },
    ])
  })

  test('an entity cannot be written to once it was put, at any depth', () => {
    const entity = user('A', { tags: [{ key: 'k', value: 'v' }] })
    new Draft(new World()).put(entity)
    expect(() => Object.assign(entity, { name: 'other' })).toThrow(TypeError)
    expect(() => Object.assign(entity.tags[0] ?? {}, { value: 'other' })).toThrow(TypeError)
    expect(() => (entity.groups as string[]).push('g')).toThrow(TypeError)
  })

  test('revisions are applied in order, each once', () => {
    const world = new World([], at(4))
    world.apply([], at(5))
    expect(world.revision).toBe(5)
    expect(() => world.apply([], at(5))).toThrow(/revision 5/)
  })

  test('a world that is replaced has nothing left of what it was, even where the other history is shorter', () => {
    const world = new World([user('A'), key('K', 'A')], at(5))
    world.one('user', named(account, 'A'))
    world.replace([user('B')], { revision: 3, batch: 'other' })
    expect([world.head, world.generation]).toEqual([{ revision: 3, batch: 'other' }, 1])
    expect([world.get('user', 'A'), world.one('user', named(account, 'A')), world.count('access-key')]).toEqual([
      undefined,
      undefined,
      0,
    ])
    expect(world.find('user', inAccount(account))).toEqual([user('B')])
    world.apply([{ kind: 'user', id: 'C', entity: user('C') }], at(4))
    expect([world.revision, world.generation, world.count('user')]).toEqual([4, 1, 2])
  })
})

describe('an index key', () => {
  test('of an account names it, and no other does', () => {
    fc.assert(
      fc.property(anyEntity, (entity) => {
        const own = 'account' in entity ? entity.account : undefined
        for (const indexKey of keysInAccount(entity)) expect(accountIn(indexKey)).toBe(own)
        for (const indexKey of keysAcross(entity)) expect(accountIn(indexKey)).toBeUndefined()
      }),
    )
  })
})

test('asking about accounts that do not exist leaves nothing behind and finds nothing', () => {
  const world = new World([user('A')])
  for (const question of ['name 999999999999 a', 'account 999999999999', 'name', '', 'account', ' ']) {
    expect(world.find('user', question)).toEqual([])
    expect(world.one('user', question)).toBeUndefined()
  }
  expect(world.one('user', named(account, 'A'))?.id).toBe('A')
})
