import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudTrailClient, ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Sealed } from '../../src/base/sealed.ts'
import { readKeyFile, textOfKey } from '../../src/host/key-file.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { openDatabase } from '../../src/store/database.ts'
import { KeyRing, keyIdOf, type SealingKey } from '../../src/token/vault.ts'
import { call, type Keys } from '../clients/call.ts'
import { clientOf, type Env, envOf, type Running, rolecall, run, startRolecall } from '../clients/process.ts'
import { freshKey, keysFrom } from '../token/keys.ts'

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

const start = async (...args: readonly string[]): Promise<Running> => {
  running = await startRolecall({ data, args })
  return running
}
/** The key that exports are signed with is made some seconds after the first start, and at once where it is asked for: then secrets can be counted. */
async function startWhole(...args: readonly string[]): Promise<Running> {
  const started = await start(...args)
  await new CloudTrailClient(clientOf(await envOf(started))).send(new ListPublicKeysCommand({}))
  return started
}
const key = (...args: readonly string[]) => rolecall(['key', ...args, '--data', data])
const own = (): readonly SealingKey[] => readKeyFile(join(data, 'key'))
const ids = (): readonly string[] => own().map(({ id }) => id)

interface Row {
  readonly kind: string
  readonly id: string
  readonly account?: string
  readonly secret: Sealed
}
/** Every sealed secret as it stands on disk. */
function rows(): readonly Row[] {
  const database = openDatabase(join(data, 'rolecall.db'))
  try {
    return database
      .prepare('SELECT body FROM entity')
      .all()
      .map(({ body }) => JSON.parse(String(body)) as Row)
      .filter(({ secret }) => secret !== undefined)
  } finally {
    database.close()
  }
}
const sealedUnder = (): readonly string[] => [...new Set(rows().map(({ secret }) => keyIdOf(secret)))].sort()
/** How many of them a key opens, whatever is written on them. */
function openedBy(held: SealingKey): number {
  const ring = new KeyRing(keysFrom([held]), { now: () => 0 }, machineRandom())
  return rows().filter(({ kind, id, account = '', secret }) => {
    const renamed = secret.replace(keyIdOf(secret), held.id) as Sealed
    return [secret, renamed].some((text) => {
      try {
        return ring.open(text, { kind, id, account }) !== ''
      } catch {
        return false
      }
    })
  }).length
}

/** Users with keys, and a session: what must stay good. */
async function people({ endpoint }: Running, env: Env, count: number): Promise<readonly Keys[]> {
  const made: Keys[] = [env]
  for (let number = 0; number < count; number++) {
    const UserName = `user-${number}`
    await call(endpoint, env, 'iam', 'CreateUser', { UserName })
    const { AccessKey } = (await call(endpoint, env, 'iam', 'CreateAccessKey', { UserName })).result
    made.push({
      accessKeyId: String(AccessKey?.AccessKeyId),
      secretAccessKey: String(AccessKey?.SecretAccessKey),
    })
  }
  const { Credentials } = (await call(endpoint, env, 'sts', 'GetSessionToken')).result
  made.push({
    accessKeyId: String(Credentials?.AccessKeyId),
    secretAccessKey: String(Credentials?.SecretAccessKey),
    sessionToken: String(Credentials?.SessionToken),
  })
  return made
}
const allGood = async (endpoint: string, people: readonly Keys[]) => {
  const statuses = await Promise.all(
    people.map(async (keys) => (await call(endpoint, keys, 'sts', 'GetCallerIdentity')).status),
  )
  expect(new Set(statuses)).toEqual(new Set([200]))
}

describe('rolecall key new', () => {
  test('prints a key that nobody has seen, and its id where it does not get into the file', async () => {
    const [one, two] = [await rolecall(['key', 'new']), await rolecall(['key', 'new'])]
    expect(one.stdout).toMatch(/^[A-Za-z0-9+/]{43}=\n$/)
    expect(one.stdout).not.toBe(two.stdout)
    const file = join(data, 'fresh')
    writeFileSync(file, one.stdout, { mode: 0o600 })
    expect(one.stderr).toBe(`key ${readKeyFile(file)[0]?.id}\n`)
  })

  test('as its help has it, makes a file that is taken', async () => {
    const script = `(umask 077; "${process.execPath}" bin/rolecall.js key new > "${data}/rolecall.key")`
    expect((await run('bash', ['-c', script])).code).toBe(0)
    await start('--key-file', join(data, 'rolecall.key'))
  })
})

describe('rolecall key rotate', () => {
  test('seals everything under a new key while it is used, and drops the old one, which opens nothing any more', async () => {
    const { endpoint } = await startWhole()
    const env = await envOf(running as Running)
    const live = await people(running as Running, env, 3)
    const [old] = own()
    if (old === undefined) throw new Error('no key')
    expect(openedBy(old)).toBe(8)

    const { code, stdout, stderr } = await key('rotate')
    const [fresh, ...rest] = own()
    expect([code, stdout, rest]).toEqual([0, `every secret is sealed under key ${fresh?.id}\n`, []])
    expect(stderr).toBe(`sealing under key ${fresh?.id}\nsealed 8 secrets anew\ndropped key ${old.id}\n`)
    expect(statSync(join(data, 'key')).mode & 0o777).toBe(0o600)
    expect(fresh?.id).not.toBe(old.id)
    expect(sealedUnder()).toEqual([fresh?.id])
    expect([openedBy(old), fresh && openedBy(fresh)]).toEqual([0, 9])
    await allGood(endpoint, live)

    await running?.stop('SIGKILL')
    const again = await start()
    await allGood(again.endpoint, live)
    const listed = await key('ls')
    expect(listed.stdout).toMatch(new RegExp(`^${fresh?.id} {2}9 secrets +seals\\n$`))
  })

  test('goes on where it was interrupted, wherever that was', async () => {
    const { endpoint } = await start()
    const env = await envOf(running as Running)
    const live = await people(running as Running, env, 3)
    const [old] = own()
    const next = freshKey()
    // The new key is in the file, and nothing else is done.
    if (old === undefined) throw new Error('no key')
    writeFileSync(join(data, 'key'), `${textOfKey(next)}\n${textOfKey(old)}\n`)
    // The authority dies in the midst of it.
    const { result } = await call(endpoint, env, 'rolecall', 'ResealSecrets', { KeyId: next.id, MaxItems: '2' })
    expect(String(result.IsTruncated)).toBe('true')
    expect(sealedUnder()).toEqual([old.id, next.id].sort())
    await running?.stop('SIGKILL')
    const again = await start()
    await allGood(again.endpoint, live)
    expect(sealedUnder()).toEqual([old.id, next.id].sort())

    const { code, stdout } = await key('rotate')
    expect([code, stdout]).toEqual([0, `every secret is sealed under key ${next.id}\n`])
    expect([ids(), sealedUnder(), openedBy(old)]).toEqual([[next.id], [next.id], 0])
    await allGood(again.endpoint, live)
  })

  test('with --keep-old leaves the old key for backups, and a later one makes another all the same', async () => {
    await start()
    const [old] = ids()
    expect((await key('rotate', '--keep-old')).code).toBe(0)
    const [second, ...kept] = ids()
    expect(kept).toEqual([old])
    expect((await key('rotate')).code).toBe(0)
    const [third, ...rest] = ids()
    expect([rest, sealedUnder()]).toEqual([[], [third]])
    expect(new Set([old, second, third]).size).toBe(3)
  })

  test('two at once end with one key, and nothing lost', async () => {
    const { endpoint } = await start()
    const live = await people(running as Running, await envOf(running as Running), 3)
    const ended = await Promise.all([key('rotate'), key('rotate')])
    // One may find that the other has taken over; what counts is what is left.
    expect(ended.some(({ code }) => code === 0)).toBe(true)
    expect((await key('rotate')).code).toBe(0)
    expect(ids()).toHaveLength(1)
    expect(sealedUnder()).toEqual(ids())
    await allGood(endpoint, live)
  })

  test('where others keep the keys, says what to do, does its part, and says what is left to do', async () => {
    const [old, next] = [freshKey(), freshKey()]
    const file = join(data, 'keys')
    const bring = (...keys: readonly SealingKey[]) => {
      writeFileSync(file, keys.map((each) => `${textOfKey(each)}\n`).join(''))
      chmodSync(file, 0o600)
    }
    bring(old)
    const { endpoint } = await startWhole('--key-file', file)
    const first = await key('rotate')
    expect([first.code, first.stdout]).toEqual([1, ''])
    expect(first.stderr).toMatch(
      /1\. make a new one.*\n.*2\. .*in the key file, on a line before the old one\n.*3\. .*\n.*4\. /,
    )
    expect(sealedUnder()).toEqual([old.id])

    bring(next, old)
    const second = await key('rotate')
    expect([second.code, second.stdout]).toEqual([0, `every secret is sealed under key ${next.id}\n`])
    expect(second.stderr).toContain(`nothing is sealed any more under ${old.id}: take it out of every node’s keys\n`)
    expect(readFileSync(file, 'utf8')).toContain(textOfKey(old))
    bring(next)
    const env = await envOf(running as Running)
    const elsewhere = await rolecall(['key', 'ls', '--endpoint', endpoint], {
      AWS_ACCESS_KEY_ID: env.accessKeyId,
      AWS_SECRET_ACCESS_KEY: env.secretAccessKey,
    })
    expect([elsewhere.code, elsewhere.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^${next.id}  6 secrets +seals\\n$`)),
    ])
  })

  test('a key that is taken out too early is missed before anything is lost', async () => {
    const [early, next] = [freshKey(), freshKey()]
    const file = join(data, 'keys')
    writeFileSync(file, textOfKey(early), { mode: 0o600 })
    const { endpoint } = await start('--key-file', file)
    const env = await envOf(running as Running)
    writeFileSync(file, textOfKey(next))
    for (const verb of ['ls', 'rotate']) {
      const { code, stderr } = await key(verb)
      expect([code, stderr]).toEqual([
        1,
        `rolecall: KeysUnreadable: key ${early.id}, which secrets are sealed under, is not among the keys (${next.id})\n`,
      ])
    }
    await allGood(endpoint, [env])
    expect(sealedUnder()).toEqual([early.id])
  })
})
