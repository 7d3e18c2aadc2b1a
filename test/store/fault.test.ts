import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { World } from '../../src/state/world.ts'
import { Committer } from '../../src/store/committer.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { type Store, StoreUnavailable } from '../../src/store/store.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { row, user } from '../contract/store.ts'
import { type Fault, FaultyEngine } from './faulty.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rolecall-fault-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

let chance = 0
const random = { bytes: (count: number) => new Uint8Array(count).map(() => ++chance) }

interface Stage {
  readonly engine: FaultyEngine
  readonly store: Store
  readonly world: World
  readonly committer: Committer
  readonly durable: string[]
}

let files = 0
async function stage(): Promise<Stage> {
  const engine = new FaultyEngine(openSqlite(join(directory, `${++files}.db`)))
  const store = await openStore(engine)
  const world = new World()
  const durable: string[] = []
  const committer: Committer = new Committer(world, store, {
    random,
    onDurable: (batch) => void durable.push(batch),
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  })
  await committer.write((draft) => {
    for (const id of ['A', 'B', 'gone']) draft.put(user(id))
    return { result: undefined, trail: [row(0)] }
  })
  committer.delivered(durable.splice(0))
  return { engine, store, world, committer, durable }
}

/** Three writes that meet in one commit, and one after them. */
async function play({ committer }: Stage): Promise<readonly PromiseSettledResult<string>[]> {
  const change = (number: number) =>
    committer.write((draft) => {
      draft.put(user(`new-${number}`))
      draft.put(user('A', `renamed-by-${number}`))
      if (number === 1) draft.remove('user', 'gone')
      return { result: `new-${number}`, trail: [row(number)] }
    })
  const together = await Promise.allSettled([change(1), change(2), change(3)])
  return [...together, ...(await Promise.allSettled([change(4)]))]
}

/** What must be true whatever went wrong: nothing is half there, and whoever was told knows. */
async function hold({ store, world, durable, committer }: Stage, outcomes: readonly PromiseSettledResult<string>[]) {
  await committer.idle()
  const { head, entities } = await loadWhole(store)
  expect(world.head).toEqual(head)
  expect(world.count('user')).toBe(entities.length)
  for (const entity of entities) expect(world.get(entity.kind, entity.id)).toEqual(entity)
  const recorded = (await store.outbox()).filter(({ batch }) => durable.includes(batch)).flatMap(({ rows }) => rows)
  for (const [index, { status }] of outcomes.entries()) {
    const there = status === 'fulfilled'
    expect(world.get('user', `new-${index + 1}`) !== undefined).toBe(there)
    expect(recorded.filter(({ eventId }) => eventId === `event-${index + 1}`)).toHaveLength(there ? 1 : 0)
  }
  expect(world.get('user', 'gone') === undefined).toBe(outcomes[0]?.status === 'fulfilled')
  const last = outcomes.findLastIndex(({ status }) => status === 'fulfilled')
  expect(world.get('user', 'A')?.name).toBe(last < 0 ? 'A' : `renamed-by-${last + 1}`)
}

/** Runs the play once for every point at which something can go wrong. */
async function everywhere(
  fault: Omit<Fault, 'at'>,
  check: (point: string, outcomes: readonly PromiseSettledResult<string>[]) => void,
): Promise<number> {
  for (let at = 0; ; at++) {
    const set = await stage()
    set.engine.arm({ ...fault, at })
    const outcomes = await play(set)
    const point = set.engine.points[at]
    set.engine.arm(undefined)
    await hold(set, outcomes)
    // And it goes on.
    await set.committer.write((draft) => ({ result: draft.put(user('after')), trail: [] }))
    expect(set.world.get('user', 'after')).toBeDefined()
    await set.committer.close()
    await set.store.close()
    if (point === undefined) return at
    check(point, outcomes)
  }
}

test.each([1, 4])(
  'wherever a connection is lost, %i times in a row, before or after any statement or commit, no write is lost, halved, doubled or refused',
  async (times) => {
    const points = await everywhere({ times, error: () => new Error('connection lost') }, (point, outcomes) =>
      expect([point, outcomes.map(({ status }) => status)]).toEqual([point, Array(4).fill('fulfilled')]),
    )
    expect(points).toBeGreaterThan(60)
  },
  120_000,
)

test('wherever the database refuses, those who were in the commit are told so, nothing of it is there, and the others go on', async () => {
  // Of what is committed no engine says so.
  const error = (point: string) => (point === 'after COMMIT' ? undefined : new StoreUnavailable('the disk is full'))
  await everywhere({ times: 1, error }, (point, outcomes) => {
    const told = outcomes.map(({ status }) => status)
    const possible = [
      [...Array(3).fill('rejected'), 'fulfilled'],
      [...Array(3).fill('fulfilled'), 'rejected'],
    ]
    if (point === 'after COMMIT') expect(told).toEqual(Array(4).fill('fulfilled'))
    else expect(possible).toContainEqual(told)
  })
})
