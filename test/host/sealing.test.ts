import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Sealed } from '../../src/base/sealed.ts'
import { textOfKey } from '../../src/host/key-file.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { bindingOf, type Entity } from '../../src/state/entity.ts'
import { openDatabase } from '../../src/store/database.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable } from '../../src/store/store.ts'
import { isSealed, KeyRing, type SealingKey } from '../../src/token/vault.ts'
import { call, type Keys } from '../clients/call.ts'
import { type Running, rolecall, root, startRolecall } from '../clients/process.ts'
import { openInside } from '../matrix/inside.ts'
import { freshKey, keysFrom } from '../token/keys.ts'

const before = readFileSync(join(root, 'test/data/schema-2.sql'), 'utf8')
/** Every secret that stands in the clear in the data of before. */
const plain = [...before.matchAll(/"secret":"([^"]+)"/g)].map(([, secret = '']) => secret)
const keyOf = (id: string): Keys => ({
  accessKeyId: id,
  secretAccessKey: new RegExp(`"id":"${id}"[^\\n]*?"secret":"([^"]+)"`).exec(before)?.[1] ?? '',
})
const administrator = keyOf('AKIARTX3GSDSTLV7GEMT')
const ada = keyOf('AKIARTX3GSDS43VK7AYG')

let data: string
let running: Running | undefined
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'rolecall-'))
})
afterEach(async () => {
  await running?.stop('SIGKILL')
  running = undefined
  rmSync(data, { recursive: true, force: true })
})

/** The files in which a secret stands, with the secret. */
const found = (secrets: readonly string[]): readonly string[] =>
  readdirSync(data).flatMap((file) => {
    const bytes = readFileSync(join(data, file), 'latin1')
    return secrets.filter((secret) => bytes.includes(secret)).map((secret) => `${secret} in ${file}`)
  })

describe('data from before secrets were sealed', () => {
  test('is sealed at the next start, opens with the same keys, and leaves no byte of a secret on disk', async () => {
    const database = openDatabase(join(data, 'rolecall.db'))
    database.exec(before)
    database.close()
    expect(plain).toHaveLength(4)
    expect(found(plain)).toHaveLength(4)

    running = await startRolecall({ data })
    expect(found(plain)).toEqual([])
    for (const keys of [administrator, ada]) {
      const { status, result } = await call(running.endpoint, keys, 'sts', 'GetCallerIdentity')
      expect([status, String(result.Account)]).toEqual([200, '111122223333'])
    }
    const { status } = await call(running.endpoint, ada, 'sts', 'GetSessionToken')
    expect(status).toBe(200)
    await running.stop('SIGKILL')
    expect(found(plain)).toEqual([])
    running = await startRolecall({ data })
    expect((await call(running.endpoint, ada, 'sts', 'GetCallerIdentity')).status).toBe(200)
  })

  test('is sealed to the end whenever the sealing ended, and wiped before it counts as sealed', async () => {
    const key = freshKey()
    const ring = new KeyRing(keysFrom([key]), { now: () => 0 }, machineRandom())
    const store = new FromBefore(ring)
    const { keys } = await openInside('111122223333', store, keysFrom([key]))
    // Each of the commits in turn is refused, and at last none.
    for (let refused = 1; ; refused++) {
      store.forget()
      store.refuse = refused
      const opened = await openInside('111122223333', store, keysFrom([key]), keys).catch((error: unknown) => error)
      if (!(opened instanceof Error)) break
      expect(opened).toBeInstanceOf(StoreUnavailable)
      expect(refused).toBeLessThan(10)
    }
    expect(store.steps.slice(-3)).toEqual(['sealed', 'wiped', 'noted'])
    store.refuse = 0
    const { call: ask } = await openInside('111122223333', store, keysFrom([key]), keys)
    expect((await ask(keys, 'sts', 'GetCallerIdentity')).code).toBeUndefined()
    const secrets = (await store.stored()).flatMap((entity) => ('secret' in entity ? [entity.secret] : []))
    expect(secrets.length).toBeGreaterThan(2)
    expect(secrets.every(isSealed)).toBe(true)
  })
})

/** A store that comes up as one from before did, and writes down in which order it is brought level. */
class FromBefore extends MemoryStore {
  /** Which commit from now on is refused; 0 for none. */
  refuse = 0
  steps: string[] = []
  #old = false
  readonly #ring: KeyRing

  constructor(ring: KeyRing) {
    super()
    this.#ring = ring
  }

  /** From here on everything that is loaded is as it was before. */
  forget(): void {
    this.#old = true
    this.steps = []
  }

  async stored(): Promise<readonly Entity[]> {
    return [...(await super.load()).entities]
  }

  override async load() {
    const loaded = await super.load()
    if (!this.#old) return loaded
    const entities = [...loaded.entities].flatMap((entity): Entity[] => {
      if (entity.kind === 'sealing') return []
      if (entity.kind !== 'access-key' && entity.kind !== 'token-key') return [entity]
      // What a database of that time holds, whatever the type says today.
      return [{ ...entity, secret: this.#ring.open(entity.secret, bindingOf(entity)) as typeof entity.secret }]
    })
    return { ...loaded, entities }
  }

  override commit(batch: Parameters<MemoryStore['commit']>[0]): ReturnType<MemoryStore['commit']> {
    if (this.refuse > 0 && --this.refuse === 0) return Promise.reject(new StoreUnavailable('refused'))
    if (batch.changes.some(({ kind }) => kind === 'access-key')) this.steps.push('sealed')
    if (batch.changes.some(({ kind }) => kind === 'sealing')) this.steps.push('noted')
    return super.commit(batch)
  }

  async scrub(): Promise<void> {
    this.steps.push('wiped')
  }
}

describe('a start', () => {
  const started = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const { code, stderr } = await rolecall(['up', '--port', '0', '--data', data, ...args], environment)
    return `${code} ${stderr.trim()}`
  }
  const keyFile = (name: string, ...keys: readonly SealingKey[]): string => {
    const path = join(data, name)
    writeFileSync(path, `${keys.map(textOfKey).join('\n')}\n`, { mode: 0o600 })
    return path
  }

  test('with a wrong key, or without one, is refused in a line that names the keys by their ids', async () => {
    const [right, wrong] = [freshKey(), freshKey()]
    running = await startRolecall({ data, args: ['--key-file', keyFile('right', right)] })
    await running.stop()
    const sealed = `the secrets are sealed under key ${right.id}, and`

    const wrongFile = keyFile('wrong', wrong)
    expect(await started(['--key-file', wrongFile])).toBe(
      `1 rolecall: cannot open ${data}: ${sealed} the key file ${wrongFile} has ${wrong.id}`,
    )
    // The directory's own key was never made, and none is made over what another seals.
    expect(await started([])).toBe(
      `1 rolecall: cannot open ${data}: ${sealed} the key file ${join(data, 'key')} is not there`,
    )
    expect(await started([], { ROLECALL_KEY: textOfKey(wrong) })).toMatch(`${sealed} ROLECALL_KEY has ${wrong.id}`)
    expect(await started(['--key-command', 'false'])).toMatch(`${sealed} the key command gave no key: it ended with 1`)
    expect(await started(['--key-file', wrongFile, '--key-command', 'false'])).toMatch(/two sources of one key/)
    expect(readdirSync(data)).not.toContain('key')

    running = await startRolecall({ data, args: ['--key-file', keyFile('both', wrong, right)] })
    const { code } = await rolecall(['env', '--data', data, '--json'])
    expect(code).toBe(0)
  })

  test('opens no secret of those that it loads: one that cannot be opened is refused when it is used, and nothing else is', async () => {
    const keys = keysFrom()
    const store = new Sabotaged()
    const first = await openInside('111122223333', store, keys)
    store.victim = first.keys.rootAccessKeyId
    store.sealed = new KeyRing(keysFrom(), { now: () => 0 }, machineRandom()).seal('s', {
      kind: 'access-key',
      id: store.victim,
      account: '111122223333',
    })
    const second = await openInside('111122223333', store, keys, first.keys)
    expect(second.alarms).toEqual([])
    const { rootAccessKeyId: accessKeyId, rootSecretAccessKey: secretAccessKey } = first.keys
    const refused = await second.call({ accessKeyId, secretAccessKey }, 'sts', 'GetCallerIdentity')
    expect(refused.code).toBe('ServiceUnavailable')
    const trouble = String(second.alarms.flat()[1])
    expect(trouble).toMatch(`the secret of access-key ${store.victim} is sealed under key ${store.sealed.slice(3, 11)}`)
    expect(trouble).not.toContain(store.sealed.slice(12))
    expect((await second.call(first.keys, 'sts', 'GetCallerIdentity')).code).toBeUndefined()
  })
})

/** A store in which one key was sealed under a key that nobody has. */
class Sabotaged extends MemoryStore {
  victim: string | undefined
  sealed: Sealed = '' as Sealed

  override async load() {
    const loaded = await super.load()
    const entities = [...loaded.entities].map((entity) =>
      entity.kind === 'access-key' && entity.id === this.victim ? { ...entity, secret: this.sealed } : entity,
    )
    return { ...loaded, entities }
  }
}
