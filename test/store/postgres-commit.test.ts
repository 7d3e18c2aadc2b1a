import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { World } from '../../src/state/world.ts'
import { Committer } from '../../src/store/committer.ts'
import { level } from '../../src/store/follower.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/sql-store.ts'
import type { Store } from '../../src/store/store.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { put, row, user } from '../contract/store.ts'
import { dice } from '../fuzz/dice.ts'
import { type Fault, Line } from '../postgres/proxy.ts'
import { missing, Server } from '../postgres/server.ts'

const none = missing()
const faults: readonly Fault[] = ['reset before', 'silence before', 'reset after', 'silence after', 'truncate', 'race']

describe.skipIf(none !== undefined)(none ?? 'a committer over PostgreSQL behind a bad line', () => {
  let server: Server
  let line: Line
  beforeAll(async () => {
    server = await Server.start()
    line = await Line.to(server.port)
  })
  afterAll(async () => {
    await line.close()
    await server.remove()
  })

  const open = async (seed: number, url: string, patienceMilliseconds: number) => {
    const store = await openStore(openPostgres(url))
    const { head, entities } = await loadWhole(store)
    const world = new World(entities, head)
    return { store, world, committer: new Committer(world, store, { random: dice(seed), patienceMilliseconds }) }
  }
  const onDisk = async (store: Store) => {
    const { head, entities } = await loadWhole(store)
    return { head, entities: new Map(entities.map((entity) => [entity.id, entity])) }
  }
  const timesOf = (entity: unknown): number => Number(/(\d+) times/.exec(JSON.stringify(entity))?.[1])

  test.each(faults)('%s at COMMIT: the write counts once, and whoever waited for it is told so', async (fault) => {
    const database = await server.database()
    const near = await open(1, server.url(database), 5000)
    const far = await open(2, `${server.url(database, [line])}?answer_timeout=0.4&connect_timeout=1`, 10_000)
    await far.committer.write((draft) => {
      draft.put(user('counter', '0 times'))
      return { result: undefined, trail: [] }
    })
    const add = () =>
      far.committer.write((draft) => {
        const times = timesOf(draft.get('user', 'counter')) + 1
        draft.put(user('counter', `${times} times`))
        return { result: times, trail: [row(times)] }
      })
    expect(await add()).toBe(1)
    const sprung = line.trap('COMMIT\u0000', fault)
    expect(await add()).toBe(2)
    await sprung
    expect(await add()).toBe(3)
    const { head, entities } = await onDisk(near.store)
    expect(timesOf(entities.get('counter'))).toBe(3)
    expect(far.world.head).toEqual(head)
    expect((await near.store.outbox()).flatMap(({ rows }) => rows.map(({ eventId }) => eventId))).toEqual(
      [1, 2, 3].map((number) => `event-${number}`),
    )
    await Promise.all([near.store.close(), far.store.close()])
  })

  test('two nodes on lines that break again and again lose nothing, do nothing twice, and come to the same', async () => {
    const seed = Math.floor(Math.random() * 1e6)
    const chance = dice(seed)
    const database = await server.database()
    const url = `${server.url(database, [line])}?answer_timeout=0.3&connect_timeout=0.5`
    const nodes = [await open(seed, url, 3000), await open(seed + 1, url, 3000)]
    const acknowledged = new Set<string>()
    const doubtful = new Set<string>()
    let stop = false
    const chaos = (async () => {
      // A line that is broken is no news to a machine so slow that hardly anything came through before.
      for (let round = 0; round < 25 || acknowledged.size <= 20; round++) {
        await new Promise((resolve) => setTimeout(resolve, 20 + chance.upTo(120)))
        const fate = chance.upTo(4)
        if (fate === 0) line.cut()
        else if (fate === 1) {
          line.silence(...chance.pick([[], ['up'], ['down']] as const))
          await new Promise((resolve) => setTimeout(resolve, chance.upTo(500)))
          line.heal()
        } else void line.trap('COMMIT\u0000', chance.pick(faults))
      }
      line.heal()
      stop = true
    })()
    const writer = async ({ committer }: (typeof nodes)[number], name: string) => {
      for (let number = 0; !stop; number++) {
        const id = `${name}-${number}`
        const done = await committer
          .write((draft) => {
            // An id that is there already has been written twice.
            if (draft.get('user', id) !== undefined) throw new RangeError(`${id} is there already`)
            for (const { id: each, entity } of [put(user(id)), put(user(`${id}-twin`))]) {
              if (entity?.kind === 'user') draft.put({ ...entity, id: each })
            }
            return { result: true, trail: [row(number)] }
          })
          .catch((error: unknown) => {
            expect(error).not.toBeInstanceOf(RangeError)
            return false
          })
        ;(done ? acknowledged : doubtful).add(id)
      }
    }
    await Promise.all([
      chaos,
      ...nodes.flatMap((node, at) => ['a', 'b', 'c'].map((letter) => writer(node, `${at}${letter}`))),
    ])
    const { store: near } = await open(3, server.url(database), 1000)
    const { head, entities } = await onDisk(near)
    await near.close()
    const lost = [...acknowledged].filter((id) => !entities.has(id))
    expect(lost, `seed ${seed}`).toEqual([])
    for (const [id] of entities) {
      if (id.endsWith('-twin')) expect(entities.has(id.slice(0, -5)), `seed ${seed}`).toBe(true)
      else {
        expect(entities.has(`${id}-twin`), `seed ${seed}`).toBe(true)
        expect(acknowledged.has(id) || doubtful.has(id), `seed ${seed}`).toBe(true)
      }
    }
    for (const { world, store } of nodes) {
      await level(world, store)
      expect(world.head).toEqual(head)
      expect(world.count('user')).toBe(entities.size)
      for (const [id, entity] of entities) expect(world.get('user', id)).toEqual(entity)
      await store.close()
    }
  })
})
