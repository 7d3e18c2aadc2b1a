import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditReader } from '../../src/audit/reader.ts'
import { check } from '../../src/host/check.ts'
import { backUp, type Databases } from '../../src/host/copy.ts'
import { type KeptKeys, readCredentials } from '../../src/host/credentials.ts'
import { keySource } from '../../src/host/key.ts'
import { machineClock, machineMonotonic, machineRandom, machineSchedule } from '../../src/host/machine.ts'
import { type Node, openNode } from '../../src/host/node.ts'
import type { Entity } from '../../src/state/entity.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import type { TrailEntry } from '../../src/store/store.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { KeyRing } from '../../src/token/vault.ts'
import { sign } from '../../src/wire/sigv4.ts'
import { type Keys, type Service, versions } from '../clients/call.ts'

export const accountId = '000000000001'
/** Accounts whose records are compared: the one that there is, and nobody's. */
const recorded = [accountId, '-']

/** How often it is started while it grows. */
const parts = 3

/** Everything that a data directory holds and a fault may befall. */
export const files = ['rolecall.db', 'rolecall.db-wal', 'audit.db', 'audit.db-wal', 'key', 'credentials.json'] as const

/** Folders of memory where the machine has them: nothing here is about what an fsync costs. */
export const scratch = (): string => mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rolecall-torn-'))

/** Opens a node as `up` does, in this process. */
export const openOver = (directory: string, alarm: (what: string, error?: unknown) => void): Promise<Node> =>
  openNode(
    { directory, store: { kind: 'directory', directory }, name: 'main', shared: false, key: {}, accountId },
    { clock: machineClock, random: machineRandom(), schedule: machineSchedule, monotonic: machineMonotonic, alarm },
  )

/** One call through the front door. */
export async function ask(
  node: Pick<Node, 'answer'>,
  keys: Keys,
  service: Service,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const body = Buffer.from(
    new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString(),
  )
  const headers = [
    ['host', 'rolecall.test'],
    ['content-type', 'application/x-www-form-urlencoded'],
  ] as const
  const plain = { method: 'POST', path: '/', query: '', headers, body, sourceIp: '127.0.0.1', secure: false }
  const scope = { region: 'us-east-1', service, now: Date.now() }
  const { status, body: answered } = await node.answer({ ...plain, headers: sign(plain, { ...keys }, scope) })
  return { status, text: typeof answered === 'string' ? answered : Buffer.from(answered).toString() }
}

export const databasesIn = (directory: string): Databases => ({
  store: openSqlite(join(directory, 'rolecall.db')),
  trail: openSqlite(join(directory, 'audit.db'), { mark: marks.audit }),
})

export async function holding<T>(databases: Databases, work: (databases: Databases) => Promise<T>): Promise<T> {
  try {
    return await work(databases)
  } finally {
    await databases.trail.close()
    await databases.store.close()
  }
}

/** Entities as a text: equal texts are equal states. */
export const textOf = (entities: readonly Entity[]): string =>
  entities
    .map((entity) => JSON.stringify(entity))
    .sort()
    .join('\n')

/** A store's revision and entities as they are on disk. Rejects as `Store.load` does. */
export async function stateIn(directory: string): Promise<{ readonly revision: number; readonly text: string }> {
  const engine = openSqlite(join(directory, 'rolecall.db'))
  try {
    const { head, entities } = await loadWhole(await openStore(engine))
    return { revision: head.revision, text: textOf(entities) }
  } finally {
    await engine.close()
  }
}

/** What is recorded, as whoever asks is told it: place, and all that is said. Oldest first. */
export async function trailIn(directory: string): Promise<readonly string[]> {
  const engine = openSqlite(join(directory, 'audit.db'), { mark: marks.audit })
  const reader = new AuditReader(engine)
  try {
    const entries: TrailEntry[] = []
    for (const account of recorded) {
      for (let before: number | undefined, more = true; more; ) {
        const page = await reader.trail(account, 500, before)
        entries.push(...page.entries)
        before = page.next
        more = page.next !== undefined
      }
    }
    return entries.sort((a, b) => a.sequence - b.sequence).map((entry) => JSON.stringify(entry))
  } finally {
    await engine.close()
  }
}

/** What `rolecall check` complains of. */
export const complaintsIn = (directory: string): Promise<readonly string[]> =>
  holding(databasesIn(directory), async (databases) => {
    const vault = new KeyRing(keySource({}, {}, directory), machineClock, machineRandom())
    return (await check(databases, vault)).complaints
  })

/** An authority's folder, and what is in it. */
export interface Standing {
  readonly folder: string
  readonly revision: number
  readonly trail: readonly string[]
}

export interface Estate {
  /** As it stands while the authority runs, a part of everything in the logs. */
  readonly running: Standing
  /** As it was left when it was stopped, with everything in the files. */
  readonly stopped: Standing
  /** Entities at each revision there ever was. */
  readonly history: ReadonlyMap<number, string>
  readonly keys: KeptKeys
  /** A backup's file, and the revision that it is of. */
  readonly backup: { readonly file: string; readonly revision: number }
  readonly close: () => void
}

/**
 * Makes one: users, groups, policies, keys, sessions and refusals, some of it in the files, some in their logs, some of the
 * records sealed and some not.
 */
export async function makeEstate(): Promise<Estate> {
  const top = scratch()
  const live = join(top, 'live')
  const file = join(top, 'backup.gz')
  const history = new Map<number, string>()
  const standing = async (name: string): Promise<Standing> => {
    const folder = copyOf(live, join(top, name))
    const read = copyOf(live, join(top, 'read'))
    return { folder, revision: (await stateIn(read)).revision, trail: await trailIn(read) }
  }
  let running: Standing | undefined
  for (let part = 0; part < parts; part++) {
    const node = await openOver(live, (what, error) => {
      throw new Error(what, { cause: error })
    })
    const keys = keysIn(live)
    // Looks on, and stays open until the files are copied: whoever closes a file last empties its log into it.
    const looking = await openStore(openSqlite(join(live, 'rolecall.db')))
    const note = async () => {
      const { head, entities } = await loadWhole(looking)
      history.set(head.revision, textOf(entities))
    }
    await note()
    const must = async (service: Service, action: string, parameters: Readonly<Record<string, string>>) => {
      const { status, text } = await ask(node, keys, service, action, parameters)
      if (status !== 200) throw new Error(`${action}: ${text}`)
      await note()
    }
    for (let number = 0; number < changes; number++) await change(must, part, number)
    // A refusal with its explanation, and a read.
    await ask(node, keys, 'iam', 'GetUser', { UserName: 'nobody' })
    await ask(node, { ...keys, secretAccessKey: 'wrong' }, 'iam', 'ListUsers')
    if (part === parts - 1) {
      // Records of reads wait for half a second, at most.
      await new Promise((resolve) => setTimeout(resolve, 700))
      await note()
      running = await standing('running')
      await holding(databasesIn(live), (databases) => backUp(databases, file, { at: 1, version: '0' }))
    }
    await looking.close()
    await node.close()
    const { revision, text } = await stateIn(live)
    history.set(revision, text)
  }
  if (running === undefined) throw new Error('nothing ran')
  return {
    running,
    stopped: await standing('stopped'),
    history,
    keys: keysIn(live),
    backup: { file, revision: running.revision },
    close: () => rmSync(top, { recursive: true, force: true }),
  }
}

function keysIn(directory: string): KeptKeys {
  const [keys] = readCredentials(directory)
  if (keys === undefined) throw new Error('there are no keys')
  return keys
}

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'sts:AssumeRole' },
})
const allow = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } })

type Must = (service: Service, action: string, parameters: Readonly<Record<string, string>>) => Promise<void>

const changes = 12
const nameOf = (part: number, number: number) => `user-${part}-${number}`
/** Everybody who was ever made; some have left. */
export const users: readonly string[] = Array.from({ length: parts * changes }, (_, index) =>
  nameOf(Math.floor(index / changes), index % changes),
)

async function change(must: Must, part: number, number: number): Promise<void> {
  const UserName = nameOf(part, number)
  await must('iam', 'CreateUser', { UserName })
  switch (number % 4) {
    case 0:
      return must('iam', 'PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument: allow })
    case 1:
      return must('iam', 'CreateAccessKey', { UserName })
    case 2:
      await must('iam', 'CreateRole', { RoleName: `role-${part}-${number}`, AssumeRolePolicyDocument: trust })
      return must('sts', 'AssumeRole', {
        RoleArn: `arn:aws:iam::${accountId}:role/role-${part}-${number}`,
        RoleSessionName: 'torn',
      })
    default:
      return must('iam', 'DeleteUser', { UserName })
  }
}

/** The same files in a fresh folder. */
export function copyOf(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { mode: 0o700 })
  for (const file of files) if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file))
  return to
}
