import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Sealed } from '../../../src/base/sealed.ts'
import { machineRandom } from '../../../src/host/machine.ts'
import { fail } from '../../../src/service/operation.ts'
import { resealSecrets } from '../../../src/service/rolecall/key.ts'
import type { AccessKey } from '../../../src/state/credential.ts'
import { Draft } from '../../../src/state/draft.ts'
import { bindingOf, type Secretive } from '../../../src/state/entity.ts'
import type { AuditKeyPair } from '../../../src/state/key.ts'
import { World } from '../../../src/state/world.ts'
import { MemoryStore } from '../../../src/store/memory.ts'
import { loadWhole } from '../../../src/store/whole.ts'
import { KeyRing, keyIdOf, type SealingKey } from '../../../src/token/vault.ts'
import { type Inside, type Keys, openInside } from '../../matrix/inside.ts'
import { freshKey, glassSafe, keysFrom } from '../../token/keys.ts'
import { samlMetadata } from '../../token/saml.ts'

const home = '111122223333'
const [one, two, three] = [freshKey(), freshKey(), freshKey()]

const secretsIn = async (store: MemoryStore): Promise<readonly Secretive[]> =>
  [...(await loadWhole(store)).entities].filter((entity) => 'secret' in entity)
/** How many secrets are sealed under each key. */
async function tally(store: MemoryStore): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { secret } of await secretsIn(store)) counts[keyIdOf(secret)] = (counts[keyIdOf(secret)] ?? 0) + 1
  return counts
}
/** Those that a key of its own opens. */
const openedBy = async (key: SealingKey, store: MemoryStore): Promise<number> => {
  const ring = new KeyRing(keysFrom([key]), { now: () => 0 }, machineRandom())
  return (await secretsIn(store)).filter((entity) => {
    try {
      return ring.open(entity.secret, bindingOf(entity)) !== ''
    } catch {
      return false
    }
  }).length
}

async function user(inside: Inside, name: string): Promise<Keys> {
  await inside.call(inside.keys, 'iam', 'CreateUser', { UserName: name })
  const { field } = await inside.call(inside.keys, 'iam', 'CreateAccessKey', { UserName: name })
  return { accessKeyId: field('AccessKeyId'), secretAccessKey: field('SecretAccessKey') }
}
async function session(inside: Inside, keys: Keys): Promise<Keys> {
  const { field } = await inside.call(keys, 'sts', 'GetSessionToken')
  return {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
  }
}
const reseal = (inside: Inside, parameters: Readonly<Record<string, string>> = {}, keys: Keys = inside.keys) =>
  inside.call(keys, 'rolecall', 'ResealSecrets', parameters)

/** Calls until nothing remains; answers how many secrets each call has sealed. */
async function resealAll(inside: Inside, keyId: string, most = '2'): Promise<readonly number[]> {
  const counts: number[] = []
  for (let marker = '', more = true; more; ) {
    const { code, message, field } = await reseal(inside, {
      KeyId: keyId,
      MaxItems: most,
      ...(marker === '' ? {} : { Marker: marker }),
    })
    if (code !== undefined) throw new Error(`${code}: ${message}`)
    counts.push(Number(field('ResealedCount')))
    marker = field('Marker')
    more = field('IsTruncated') === 'true'
    expect(marker !== '').toBe(more)
  }
  return counts
}
const who = async (inside: Inside, keys: Keys): Promise<string> =>
  (await inside.call(keys, 'sts', 'GetCallerIdentity')).code ?? 'ok'

describe('resealing', () => {
  test('goes over every secret of every account, some in each call, while keys and sessions stay good', async () => {
    const keys = [one]
    const inside = await openInside(home, new MemoryStore(), keysFrom(keys))
    const live = [inside.keys as Keys]
    for (const name of ['ada', 'bob', 'cleo', 'dan']) live.push(await user(inside, name))
    for (const AccountId of ['000000000001', '999999999999'])
      expect((await inside.call(inside.keys, 'rolecall', 'CreateAccount', { AccountId })).code).toBeUndefined()
    live.push(await session(inside, inside.keys))
    for (const VirtualMFADeviceName of ['phone', 'watch', 'token'])
      await inside.call(inside.keys, 'iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName, Path: '/a/b/' })
    // A ring key, the trail's key, two keys of each of three accounts, four users', and three devices.
    expect(await tally(inside.store)).toEqual({ [one.id]: 15 })

    keys.unshift(two)
    const counts = await resealAll(inside, two.id)
    expect(counts.reduce((sum, count) => sum + count)).toBe(15)
    expect(Math.max(...counts)).toBe(2)
    // Every secret, and the key that the ring has got with it.
    expect(await tally(inside.store)).toEqual({ [two.id]: 16 })
    expect([await openedBy(one, inside.store), await openedBy(two, inside.store)]).toEqual([0, 16])
    live.push(await session(inside, inside.keys))
    for (const each of live) expect(await who(inside, each)).toBe('ok')

    keys.pop()
    expect(await resealAll(inside, two.id)).toEqual([0])
    for (const each of live) expect(await who(inside, each)).toBe('ok')
    expect(inside.alarms).toEqual([])
    const again = await openInside(home, inside.store, keysFrom([two]), inside.keys)
    expect(await who(again, inside.keys)).toBe('ok')
  })

  test('what is made meanwhile is sealed under the new key from the first call on', async () => {
    const keys = [one]
    const inside = await openInside(home, new MemoryStore(), keysFrom(keys))
    for (const name of ['ada', 'bob']) await user(inside, name)
    keys.unshift(two)
    const { field } = await reseal(inside, { MaxItems: '1' })
    expect([field('KeyId'), field('IsTruncated')]).toEqual([two.id, 'true'])
    const late = await user(inside, 'late')
    const row = (await secretsIn(inside.store)).find(({ id }) => id === late.accessKeyId)
    expect(row && keyIdOf(row.secret)).toBe(two.id)
    // Whoever goes on from there has them all.
    let marker = field('Marker')
    while (marker !== '') marker = (await reseal(inside, { KeyId: two.id, Marker: marker })).field('Marker')
    expect(Object.keys(await tally(inside.store))).toEqual([two.id])
  })

  test('goes over secrets of every kind in an account, some in each call', async () => {
    const keys = [one]
    const inside = await openInside(home, new MemoryStore(), keysFrom(keys))
    const pem = String(
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
    )
    const provider = { SAMLMetadataDocument: samlMetadata(), AddPrivateKey: pem }
    for (const Name of ['a', 'b'])
      expect((await inside.call(inside.keys, 'iam', 'CreateSAMLProvider', { ...provider, Name })).code).toBeUndefined()
    const before = (await secretsIn(inside.store)).length
    keys.unshift(two)
    expect(await resealAll(inside, two.id, '1')).toContain(1)
    expect(await tally(inside.store)).toEqual({ [two.id]: before + 1 })
    expect(await openedBy(two, inside.store)).toBe(before + 1)
  })

  test('goes over the keys that the audit trail is signed with, too', async () => {
    const keys = [one]
    const store = new MemoryStore()
    const inside = await openInside(home, store, keysFrom(keys))
    const row = { kind: 'audit-key', id: '0123456789abcdef' } as const
    const secret = new KeyRing(keysFrom(keys), { now: () => 0 }, machineRandom()).seal('s', bindingOf(row))
    const pair: AuditKeyPair = { ...row, publicKey: 'p', secret, createdAt: 0 }
    const change = { kind: row.kind, id: row.id, entity: pair }
    await store.commit({ base: await store.head(), batch: 'b', changes: [change], trail: [], delivered: [] })
    // A write brings the node level with what another has written.
    await user(inside, 'ada')
    keys.unshift(two)
    await resealAll(inside, two.id)
    expect(Object.keys(await tally(store))).toEqual([two.id])
    const { field } = await inside.call(inside.keys, 'rolecall', 'DescribeKeys')
    expect([field('KeyId'), field('SecretCount')]).toEqual([two.id, '7'])
  })

  test('a new key that stands in the list seals nothing before it is asked to', async () => {
    const keys = [one]
    const inside = await openInside(home, new MemoryStore(), keysFrom(keys))
    keys.unshift(two)
    await inside.call(inside.keys, 'rolecall', 'DescribeKeys')
    await user(inside, 'ada')
    expect(Object.keys(await tally(inside.store))).toEqual([one.id])
    const again = await openInside(home, inside.store, keysFrom([two, one]), inside.keys)
    await user(again, 'bob')
    expect(Object.keys(await tally(inside.store))).toEqual([one.id])
  })

  test('is refused under a key that is not the first here, and to another rotation that comes between', async () => {
    const keys = [one]
    const inside = await openInside(home, new MemoryStore(), keysFrom(keys))
    await user(inside, 'ada')
    expect(await reseal(inside, { KeyId: two.id })).toMatchObject({
      code: 'KeyNotFirst',
      message: `Key ${one.id} is the first that this node reads, not ${two.id}.`,
    })
    keys.unshift(two)
    const { field } = await reseal(inside, { KeyId: two.id, MaxItems: '1' })
    keys.unshift(three)
    expect((await reseal(inside, { KeyId: three.id, MaxItems: '1' })).code).toBeUndefined()
    expect((await reseal(inside, { KeyId: two.id, Marker: field('Marker') })).code).toBe('KeyNotFirst')
    await resealAll(inside, three.id)
    expect(Object.keys(await tally(inside.store))).toEqual([three.id])
  })

  test('goes on at another node, which looks for the key where it does not have it, and only then', async () => {
    const store = new MemoryStore()
    const [here, there] = [[one], [one]]
    let reads = 0
    const source = {
      ...keysFrom(there),
      read() {
        reads++
        return [...there]
      },
    }
    const first = await openInside(home, store, keysFrom(here))
    for (const name of ['ada', 'bob', 'cleo']) await user(first, name)
    const second = await openInside(home, store, source, first.keys)
    for (const ring of [here, there]) ring.unshift(two)
    const begun = await reseal(first, { KeyId: two.id, MaxItems: '1' })
    expect(reads).toBe(1)
    let marker = begun.field('Marker')
    for (let calls = 0; marker !== '' && calls < 10; calls++) {
      const { code, field } = await reseal(second, { KeyId: two.id, Marker: marker, MaxItems: '2' })
      expect(code).toBeUndefined()
      marker = field('Marker')
    }
    expect(Object.keys(await tally(store))).toEqual([two.id])
    expect(reads).toBe(2)
  })

  test('looks at no more than twenty thousand secrets in a call, whatever they are sealed under', () => {
    const rows = Array.from({ length: 20_003 }, (_, number): AccessKey => {
      const id = `AKIA${String(number).padStart(16, '0')}`
      const secret = `v1.${number < 20_002 ? two.id : one.id}.AAAA` as Sealed
      return { kind: 'access-key', id, account: home, owner: home, secret, status: 'Active', createdAt: 0 }
    })
    const account = { kind: 'account', id: home, name: 'main', createdAt: 0, home: true } as const
    const world = new World([account, { kind: 'sealing', id: 'current', keyId: two.id, since: 0 }, ...rows])
    const round = (Marker?: string) => {
      const state = new Draft(world)
      const vault = { ...glassSafe, keyIds: () => [two.id] }
      // What the gate would hand over; the operation looks at no more of its caller than the account.
      const scene = { state, vault, caller: { account: home }, now: 0, random: machineRandom(), fail }
      const run = resealSecrets.run as (scene: unknown, input: object) => Record<string, unknown>
      return run(scene, { KeyId: two.id, Marker })
    }
    const first = round()
    expect(first).toMatchObject({
      ResealedCount: 0,
      IsTruncated: true,
      Marker: `${home}/access-key/${rows[19_999]?.id}`,
    })
    expect(round(String(first.Marker))).toMatchObject({ ResealedCount: 1, IsTruncated: false })
  })

  test('keys without the one that is in use are not taken', async () => {
    const keys = [one]
    const inside = await openInside(home, new MemoryStore(), keysFrom(keys))
    keys.splice(0, 1, two)
    for (const action of ['ResealSecrets', 'DescribeKeys'])
      expect(await inside.call(inside.keys, 'rolecall', action)).toMatchObject({
        code: 'KeysUnreadable',
        message: `key ${one.id}, which secrets are sealed under, is not among the keys (${two.id})`,
      })
    expect(await who(inside, await user(inside, 'ada'))).toBe('ok')
  })

  test('keys that cannot be read are told in the source’s words, and those of before go on', async () => {
    let broken = false
    const source = {
      ...keysFrom([one]),
      read() {
        if (broken) throw new Error('the key file /keys is not there')
        return [one]
      },
    }
    const inside = await openInside(home, new MemoryStore(), source)
    broken = true
    for (const action of ['ResealSecrets', 'DescribeKeys'])
      expect(await inside.call(inside.keys, 'rolecall', action)).toMatchObject({
        code: 'KeysUnreadable',
        message: 'the key file /keys is not there',
      })
    expect(await who(inside, await user(inside, 'ada'))).toBe('ok')
  })

  test.each(['DescribeKeys', 'ResealSecrets'])('%s is for whoever may, of the first account', async (action) => {
    const inside = await openInside(home, new MemoryStore(), keysFrom([one]))
    const ada = await user(inside, 'ada')
    expect(await inside.call(ada, 'rolecall', action)).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining(
        `User: arn:aws:iam::${home}:user/ada is not authorized to perform: rolecall:${action} on resource: * because no identity-based policy allows the rolecall:${action} action. `,
      ),
    })
    await inside.call(inside.keys, 'iam', 'PutUserPolicy', {
      UserName: 'ada',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: `rolecall:${action}`, Resource: '*' },
      }),
    })
    expect((await inside.call(ada, 'rolecall', action)).code).toBeUndefined()
    const { field } = await inside.call(inside.keys, 'rolecall', 'CreateAccount', { AccountId: '999999999999' })
    const other = { accessKeyId: field('AccessKeyId'), secretAccessKey: field('SecretAccessKey') }
    expect((await inside.call(other, 'rolecall', action)).code).toBe('AccessDenied')
  })
})

describe('DescribeKeys', () => {
  test('tells keys by their ids, what is sealed under them, and which one is missing; and no byte of a key', async () => {
    const keys = [one]
    const inside = await openInside(home, new MemoryStore(), keysFrom(keys))
    await user(inside, 'ada')
    await inside.call(inside.keys, 'rolecall', 'CreateAccount', { AccountId: '000000000001' })
    const live = await session(inside, inside.keys)
    keys.unshift(two)
    await reseal(inside, { MaxItems: '1' })
    keys.splice(1, 1, three)
    const { text } = await inside.call(inside.keys, 'rolecall', 'DescribeKeys')
    const listed = [...text.matchAll(/<KeyId>(\w+)<\/KeyId>\s*<Present>(\w+)<\/Present>\s*<SecretCount>(\d+)</g)]
    // What belongs to no account comes with the first call: the trail's key, the ring's old one, and the new one as it came.
    expect(listed.map(([, ...told]) => told)).toEqual([
      [two.id, 'true', '3'],
      [three.id, 'true', '0'],
      [one.id, 'false', '5'],
    ])
    // What cannot be opened stops nothing, and stays as it is until its key is back. A session needs the ring only.
    const rounds: string[] = []
    for (let marker: string | undefined = ''; marker !== undefined && rounds.length < 10; ) {
      const more: Record<string, string> = marker === '' ? {} : { Marker: marker }
      const { field } = await reseal(inside, { MaxItems: '1', ...more }, live)
      rounds.push(`${field('ResealedCount')} ${field('UnopenedCount')}`)
      marker = field('IsTruncated') === 'true' ? field('Marker') : undefined
    }
    // One in each round, each of them once.
    expect(rounds.filter((round) => round === '0 1')).toHaveLength(5)
    expect(rounds.filter((round) => round !== '0 1' && round !== '0 0')).toEqual([])
    expect(await tally(inside.store)).toEqual({ [one.id]: 5, [two.id]: 3 })
    for (const { key } of [one, two, three])
      for (const form of ['base64', 'hex'] as const) expect(text).not.toContain(key.export().toString(form))
  })

  test('counts thousands of secrets in turns, between which others are answered, and tells what there was when it was called', async () => {
    const keys = [one]
    const store = new MemoryStore()
    const before = await openInside(home, store, keysFrom(keys))
    const ada = await user(before, 'ada')
    const [some] = (await secretsIn(store)).filter((entity) => entity.kind === 'access-key')
    if (some === undefined) throw new Error('no access key')
    const many = Array.from({ length: 5000 }, (_, at): AccessKey => ({ ...some, id: `AKIAMANY${at}` }))
    const changes = many.map((entity) => ({ kind: entity.kind, id: entity.id, entity }))
    await store.commit({ base: await store.head(), batch: 'many', changes, trail: [], delivered: [] })
    const inside = await openInside(home, store, keysFrom(keys), before.keys)
    const there = (await secretsIn(store)).length

    keys.unshift(two)
    let counted = false
    const described = inside.call(inside.keys, 'rolecall', 'DescribeKeys').then((answer) => {
      counted = true
      return answer
    })
    expect(await who(inside, ada)).toBe('ok')
    // Writes, too, also such as change what is being counted.
    expect((await reseal(inside, { MaxItems: '10' })).code).toBeUndefined()
    await user(inside, 'late')
    expect(counted).toBe(false)
    const listed = ({ text }: { readonly text: string }) =>
      [...text.matchAll(/<KeyId>(\w+)<\/KeyId>\s*<Present>\w+<\/Present>\s*<SecretCount>(\d+)</g)].map(
        ([, id, count]) => [id, Number(count)],
      )
    const answer = await described
    expect(answer.field('CurrentKeyId')).toBe(one.id)
    expect(listed(answer)).toEqual([
      [two.id, 0],
      [one.id, there],
    ])
    const after = await inside.call(inside.keys, 'rolecall', 'DescribeKeys')
    expect(after.field('CurrentKeyId')).toBe(two.id)
    expect(Object.fromEntries(listed(after))).toEqual(await tally(store))
  })
})

describe('of two nodes over one store', () => {
  test('one that cannot read the new key refuses what is sealed under it, and nothing else; and goes on once it can', async () => {
    const store = new MemoryStore()
    const [here, there] = [[one], [one]]
    const first = await openInside(home, store, keysFrom(here))
    const second = await openInside(home, store, keysFrom(there), first.keys)
    const ada = await user(first, 'ada')
    here.unshift(two)
    await resealAll(first, two.id)

    // Its own write tells the second node what the first has done meanwhile: it is refused, for its seal is not to be had.
    const told = await second.call(first.keys, 'iam', 'CreateAccessKey', { UserName: 'administrator' })
    expect(told.code).toBe('ServiceUnavailable')
    expect(await who(second, first.keys)).toBe('ServiceUnavailable')
    expect(await who(second, ada)).toBe('ServiceUnavailable')
    expect(await who(first, ada)).toBe('ok')
    const words = second.alarms.flat().map(String).join('\n')
    expect(words).toContain(`under key ${two.id}, which is not among the keys here (${one.id})`)
    for (const { secretAccessKey } of [first.keys, ada]) expect(words).not.toContain(secretAccessKey)

    there.unshift(two)
    second.clock.now += 10_000
    for (const keys of [first.keys, ada]) expect(await who(second, keys)).toBe('ok')
    const late = await user(second, 'late')
    const row = (await secretsIn(store)).find(({ id }) => id === late.accessKeyId)
    expect(row && keyIdOf(row.secret)).toBe(two.id)
  })

  test('one that can read the new key finds it by itself, and no request fails', async () => {
    const store = new MemoryStore()
    const [here, there] = [[one], [one]]
    const first = await openInside(home, store, keysFrom(here))
    const second = await openInside(home, store, keysFrom(there), first.keys)
    for (const ring of [here, there]) ring.unshift(two)
    await resealAll(first, two.id)
    await user(second, 'ada')
    expect(await who(second, first.keys)).toBe('ok')
    expect(Object.keys(await tally(store))).toEqual([two.id])
    expect(second.alarms).toEqual([])
  })

  test('both find the ring of token keys due, and it turns once', async () => {
    const store = new MemoryStore()
    const first = await openInside(home, store, keysFrom([one]))
    const second = await openInside(home, store, keysFrom([one]), first.keys)
    for (const node of [first, second]) {
      node.clock.now += 30 * 24 * 3_600_000
      node.ring()
    }
    // Whatever came before is done when a write is.
    for (const node of [first, second]) await user(node, 'x')
    expect((await secretsIn(store)).filter(({ kind }) => kind === 'token-key')).toHaveLength(2)
  })
})
