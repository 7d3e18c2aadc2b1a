import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import { missing, Server } from '../postgres/server.ts'
import { type Nodes, openNodes, openNodesOn } from './nodes.ts'

/** A device of the administrator's. */
async function phoneAt({ clock, ask }: Nodes) {
  const made = await ask(0, 'iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' })
  const seed = seedBytes(Buffer.from(made.field('Base32StringSeed'), 'base64').toString())
  const SerialNumber = made.field('SerialNumber')
  const code = (steps: number) => codeAt(seed, stepAt(clock.now) + steps)
  const enabled = await ask(1, 'iam', 'EnableMFADevice', {
    UserName: 'administrator',
    SerialNumber,
    AuthenticationCode1: code(-1),
    AuthenticationCode2: code(0),
  })
  expect(enabled.status).toBe(200)
  clock.now += 60_000
  const offer = (at: number, steps = 0) =>
    ask(at, 'sts', 'GetSessionToken', { SerialNumber, TokenCode: code(steps) }).then(({ status }) => status)
  return { SerialNumber, code, offer }
}

test('a code that is shown to three nodes at once is good at one of them', async () => {
  const nodes = await openNodes(0, 0, 0)
  const { offer } = await phoneAt(nodes)
  for (let round = 0; round < 30; round++) {
    nodes.clock.now += 60_000
    const answers = await Promise.all([0, 1, 2, 0, 1, 2].map((at) => offer(at)))
    expect(answers.sort()).toEqual([200, 403, 403, 403, 403, 403])
  }
})

describe('wrong codes', () => {
  test('that are shown to several nodes are counted as one after the other', async () => {
    const nodes = await openNodes(0, 0, 0)
    const { offer } = await phoneAt(nodes)
    for (const at of [0, 1, 2, 0, 1]) expect(await offer(at, 100)).toBe(403)
    for (const at of [0, 1, 2]) expect(await offer(at)).toBe(403)
    nodes.clock.now += 30_000
    expect(await offer(2)).toBe(200)
  })

  test('that are shown to three nodes at once are no more than five, and the right one among those after them is refused', async () => {
    const nodes = await openNodes(0, 0, 0)
    const { offer } = await phoneAt(nodes)
    const wrong = await Promise.all(Array.from({ length: 60 }, (_, at) => offer(at % 3, 100 + at)))
    expect(new Set(wrong)).toEqual(new Set([403]))
    expect(await Promise.all([0, 1, 2].map((at) => offer(at)))).toEqual([403, 403, 403])
    // Five were counted, and none of the others: after half a minute the next one is looked at.
    nodes.clock.now += 30_000
    expect(await offer(1)).toBe(200)
  })

  test('are not forgotten by a node that is started anew', async () => {
    const nodes = await openNodes(0, 0)
    const { offer } = await phoneAt(nodes)
    for (let at = 0; at < 5; at++) expect(await offer(0, 100)).toBe(403)
    await nodes.join()
    expect(await offer(2)).toBe(403)
    nodes.clock.now += 30_000
    expect(await offer(2)).toBe(200)
  })

  test('are no more at nodes whose clocks differ', async () => {
    const nodes = await openNodes(0, -20_000)
    const { offer } = await phoneAt(nodes)
    for (const at of [0, 1, 0, 1, 0]) expect(await offer(at, 100)).toBe(403)
    for (const at of [0, 1]) expect(await offer(at)).toBe(403)
    nodes.clock.now += 30_000
    expect(await offer(0)).toBe(200)
  })
})

const none = missing()

describe.skipIf(none !== undefined)(none ?? 'two nodes over PostgreSQL', () => {
  let server: Server
  let nodes: Nodes
  beforeAll(async () => {
    server = await Server.start()
  })
  afterAll(async () => {
    await nodes?.close()
    await server.remove()
  })

  test('take a code that both are shown at the same moment once, two hundred times', async () => {
    const database = await server.database()
    nodes = await openNodesOn(async () => openStore(await openPostgres(server.url(database))), 0, 0)
    const { offer } = await phoneAt(nodes)
    const winners = [0, 0]
    for (let round = 0; round < 200; round++) {
      nodes.clock.now += 60_000
      // Whoever is asked first must not always be the one who wins.
      const order = round % 2 === 0 ? [0, 1] : [1, 0]
      const answers = await Promise.all(order.map(async (at) => [at, await offer(at)] as const))
      const good = answers.filter(([, status]) => status === 200)
      expect(answers.map(([, status]) => status).sort()).toEqual([200, 403])
      for (const [at] of good) winners[at] = (winners[at] ?? 0) + 1
    }
    expect(Math.min(...winners)).toBeGreaterThan(0)

    nodes.clock.now += 60_000
    const wrong = await Promise.all(Array.from({ length: 20 }, (_, at) => offer(at % 2, 100 + at)))
    expect(new Set(wrong)).toEqual(new Set([403]))
    expect(await Promise.all([offer(0), offer(1)])).toEqual([403, 403])
    await nodes.join()
    expect(await offer(2)).toBe(403)
    nodes.clock.now += 30_000
    expect(await offer(2)).toBe(200)
  })
})
