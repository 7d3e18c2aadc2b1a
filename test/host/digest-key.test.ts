import { expect, test } from 'vitest'
import { MemoryAudit } from '../../src/audit/memory.ts'
import { openAuthority } from '../../src/host/authority.ts'
import { machineKeyMaker } from '../../src/host/key-maker.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { digestKeyOf } from '../../src/host/witness.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { DigestVerifier, signedDigest } from '../../src/token/digest-key.ts'
import { KeyRing } from '../../src/token/vault.ts'
import { keysFrom } from '../token/keys.ts'

const minute = 60_000

/** Nodes over one store, whose timers go off when the test says so. */
function nodesOver(store: MemoryStore) {
  const keys = keysFrom()
  const maker = machineKeyMaker()
  const made: Promise<string>[] = []
  const alarms: string[] = []
  return {
    keys,
    made,
    alarms,
    async open() {
      const soon: (() => void)[] = []
      const authority = await openAuthority(
        {
          store,
          openLog: async () => new MemoryAudit(),
          founding: { propose: () => undefined, settle: () => undefined },
        },
        {
          clock: { now: () => Date.UTC(2026, 10, 23) },
          random: machineRandom(),
          keys,
          keyMaker: {
            make(algorithm) {
              const key = maker.make(algorithm)
              made.push(key)
              return key
            },
          },
          schedule: (milliseconds, run) => {
            if (milliseconds < minute) soon.push(run)
            return () => void soon.splice(soon.indexOf(run), 1)
          },
          alarm: (what) => void alarms.push(what),
        },
      )
      return { authority, ring: () => [...soon].forEach((run) => void run()) }
    },
    async settled() {
      await Promise.all(made)
      for (let turn = 0; turn < 16; turn++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const digestKeys = async (store: MemoryStore) =>
  (await store.load()).entities.flatMap((entity) => (entity.kind === 'digest-key' ? [entity] : []))

test('an authority makes the key of exports soon after its start, and of several nodes the first one’s is taken', async () => {
  const store = new MemoryStore()
  const nodes = nodesOver(store)
  const [one, two, three] = [await nodes.open(), await nodes.open(), await nodes.open()]
  expect(await digestKeys(store)).toEqual([])
  for (const node of [one, two, three]) node.ring()
  expect(nodes.made).toHaveLength(3)
  await nodes.settled()
  const [key, ...more] = await digestKeys(store)
  expect(more).toEqual([])
  if (key === undefined) throw new Error('there is no key')
  const opened = digestKeyOf(key, new KeyRing(nodes.keys, { now: () => 0 }, machineRandom()))
  expect(opened.fingerprint).toBe(key.id)
  expect(
    new DigestVerifier([{ fingerprint: key.id, publicKey: key.publicKey }]).verifies(
      key.id,
      'text',
      signedDigest(opened, 'text'),
    ),
  ).toBe(true)
  expect(JSON.stringify(key)).not.toContain('PRIVATE')
  // Whoever starts later has it.
  const four = await nodes.open()
  four.ring()
  await nodes.settled()
  expect(nodes.made).toHaveLength(3)
  expect(await digestKeys(store)).toEqual([key])
  expect(nodes.alarms).toEqual([])
})

test('one that is closed meanwhile makes none, and the next start over its store does', async () => {
  const store = new MemoryStore()
  const nodes = nodesOver(store)
  const first = await nodes.open()
  first.ring()
  await first.authority.close()
  await nodes.settled()
  expect(await digestKeys(store)).toEqual([])
  const second = await nodes.open()
  second.ring()
  await nodes.settled()
  expect(await digestKeys(store)).toHaveLength(1)
  expect(nodes.alarms).toEqual([])
})
