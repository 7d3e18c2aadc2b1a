import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CannotOpen } from '../../src/base/sealed.ts'
import { BackupDamaged } from '../../src/host/backup.ts'
import { restore } from '../../src/host/copy.ts'
import { readCredentials } from '../../src/host/credentials.ts'
import type { Node } from '../../src/host/node.ts'
import { StoreDamaged, StoreUnavailable } from '../../src/store/store.ts'
import type { Dice } from '../fuzz/dice.ts'
import {
  ask,
  complaintsIn,
  copyOf,
  databasesIn,
  type Estate,
  holding,
  openOver,
  type Standing,
  scratch,
  stateIn,
  trailIn,
  users,
} from './estate.ts'

/** What befalls a file: it ends there, or one bit of the byte there is another. */
export type Wound =
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }

/** What may be wounded: a file of an authority that ran or was stopped, or a backup. */
export const targets = [
  { name: 'rolecall.db of one that was stopped', of: 'stopped', file: 'rolecall.db' },
  { name: 'audit.db of one that was stopped', of: 'stopped', file: 'audit.db' },
  { name: 'rolecall.db of one that ran', of: 'running', file: 'rolecall.db' },
  { name: 'rolecall.db-wal', of: 'running', file: 'rolecall.db-wal' },
  { name: 'audit.db of one that ran', of: 'running', file: 'audit.db' },
  { name: 'audit.db-wal', of: 'running', file: 'audit.db-wal' },
  { name: 'key', of: 'stopped', file: 'key' },
  { name: 'credentials.json', of: 'stopped', file: 'credentials.json' },
  { name: 'backup', of: undefined, file: 'backup.gz' },
] as const
export type Target = (typeof targets)[number]

const pathOf = (estate: Estate, { of, file }: Target): string =>
  of === undefined ? estate.backup.file : join(estate[of].folder, file)

/** How a start over a wounded file ended. */
export type End =
  /** It was told of by name, before anything was served. */
  | 'refused'
  /** The wound was where nothing is, or mended by the log: everything is there. */
  | 'whole'
  /** What came last is not there, because the log ends sooner. */
  | 'prefix'
  /** The store is whole, and the trail is told to be altered. */
  | 'told'

/** Something that must not be: what befell which file, and what came of it. */
export class Violation extends Error {}

/** How much of a file's end is wounded: all of what is no log here. */
export const tailBytes = 256 * 1024
const patienceMilliseconds = 20_000

export const woundsAt = (dice: Dice, at: number): readonly Wound[] => [
  { kind: 'cut', at },
  { kind: 'flip', at, bit: dice.upTo(8) },
]

export function wounded(bytes: Buffer, wound: Wound): Buffer {
  if (wound.kind === 'cut') return bytes.subarray(0, wound.at)
  const altered = Buffer.from(bytes)
  altered[wound.at] = (altered[wound.at] ?? 0) ^ (1 << wound.bit)
  return altered
}

/** Starts over a wounded copy, and looks at what is served. Throws `Violation`. */
export async function suffer(estate: Estate, target: Target, wound: Wound, folder: string): Promise<End> {
  let late: NodeJS.Timeout | undefined
  const hung = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(new Violation('it hangs')), patienceMilliseconds)
  })
  const bytes = wounded(readFileSync(pathOf(estate, target)), wound)
  try {
    const ended = target.of === undefined ? restored(estate, bytes, folder) : started(estate, target, bytes, folder)
    return await Promise.race([hung, ended])
  } catch (error) {
    throw new Violation(`${target.name}, ${JSON.stringify(wound)}: ${String(error)}`, { cause: error })
  } finally {
    clearTimeout(late)
  }
}

async function restored({ backup, history }: Estate, bytes: Buffer, top: string): Promise<End> {
  const folder = join(top, 'restored')
  rmSync(folder, { recursive: true, force: true })
  const file = join(top, 'wounded.gz')
  writeFileSync(file, bytes)
  const refusal = await refusalOf(() => holding(databasesIn(folder), (databases) => restore(file, databases)))
  const { revision, text } = await stateIn(folder)
  if (refusal !== undefined) {
    if (revision !== 0) throw new Violation('a part of it was restored')
    return 'refused'
  }
  if (text !== history.get(backup.revision)) throw new Violation('something else was restored')
  return 'whole'
}

type Started = Exclude<Target, { of: undefined }>

async function started(estate: Estate, { of, file }: Started, bytes: Buffer, top: string): Promise<End> {
  const standing = estate[of]
  const folder = copyOf(standing.folder, join(top, 'node'))
  writeFileSync(join(folder, file), bytes)
  // What is not understood is told of in words; what is altered opens no door.
  await refusalOf(async () => readCredentials(folder))

  // What is on disk, before anything starts.
  let before: { readonly revision: number; readonly text: string } | undefined
  const damage = await refusalOf(async () => {
    before = await stateIn(folder)
  })
  if (before !== undefined) {
    if (before.text !== estate.history.get(before.revision)) throw new Violation('the state is none that ever was')
    if (before.revision !== standing.revision && file !== 'rolecall.db-wal')
      throw new Violation(`it went back to revision ${before.revision}, and the log was not cut`)
  }

  const alarms: string[] = []
  const { node, refusal } = await openedOver(folder, alarms)
  if (node === undefined) {
    if (refusal === '') throw new Violation('it is refused without a word')
    return 'refused'
  }
  try {
    if (damage !== undefined) throw new Violation(`it serves a store that is damaged: ${damage}`)
    const who = await ask(node, estate.keys, 'sts', 'GetCallerIdentity')
    if (who.status !== 200) throw new Violation(`the administrator is told ${who.text}`)
    await write(node, estate, alarms)
  } finally {
    await node.close()
  }
  const after = await refusalOf(() => stateIn(folder))
  if (after !== undefined) throw new Violation(`after a write it is damaged: ${after}`)
  return judged(standing, folder, { isLog: file.endsWith('-wal'), cut: before?.revision !== standing.revision, alarms })
}

/** Changes everybody there is, so that each row is looked for and written once more, and adds somebody. */
async function write(node: Node, { keys }: Estate, alarms: readonly string[]): Promise<void> {
  const tag = { 'Tags.member.1.Key': 'wound', 'Tags.member.1.Value': 'healed' }
  const told = await Promise.all([
    ...users.map((UserName) => ask(node, keys, 'iam', 'TagUser', { UserName, ...tag })),
    ask(node, keys, 'iam', 'CreateUser', { UserName: 'after' }),
  ])
  for (const { status, text } of told) {
    // Whom the log was cut before is not there. A wound that turns up only now is told of; nothing else is a reason to refuse.
    const named = status >= 500 && alarms.some((alarm) => /damaged|altered|no audit sink/.test(alarm))
    if (status !== 200 && status !== 404 && !named) throw new Violation(`a write is told ${text}; ${alarms.join('; ')}`)
  }
}

async function openedOver(
  folder: string,
  alarms: string[],
): Promise<{ readonly node?: Node; readonly refusal?: string }> {
  let node: Node | undefined
  const refusal = await refusalOf(async () => {
    node = await openOver(folder, (what, error) => void alarms.push(`${what} ${String(error)}`))
  })
  return { ...(node === undefined ? {} : { node }), ...(refusal === undefined ? {} : { refusal }) }
}

/** Whatever was told of the trail, an altered one never passes for sound. */
async function judged(
  standing: Standing,
  folder: string,
  { isLog, cut, alarms }: { readonly isLog: boolean; readonly cut: boolean; readonly alarms: readonly string[] },
): Promise<End> {
  let complaints: readonly string[] = []
  const unreadable = await refusalOf(async () => {
    complaints = await complaintsIn(folder)
  })
  if (unreadable !== undefined || complaints.length > 0) return 'told'
  const there = await trailIn(folder)
  const first = standing.trail.findIndex((entry, index) => there[index] !== entry)
  if (first < 0) return cut ? 'prefix' : 'whole'
  if (!isLog) throw new Violation(`record ${first} is another, and nothing was told of it; ${alarms.join('; ')}`)
  // Nothing of what was written may stand behind the place where the log was cut.
  const lost = new Set(standing.trail.slice(first))
  const stray = there.slice(first).find((entry) => lost.has(entry))
  if (stray !== undefined) throw new Violation(`there is a hole in the trail before ${stray}`)
  return 'prefix'
}

/** The words in which something was refused; `undefined` where it was not. What is no refusal but a bug is thrown on. */
async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    const named = [StoreDamaged, StoreUnavailable, BackupDamaged, CannotOpen]
    if (error instanceof Violation || !(error instanceof Error)) throw error
    if (error.constructor === Error || named.some((kind) => error instanceof kind)) return error.message
    throw error
  }
}

export interface Seen {
  readonly target: Target
  readonly bytes: number
  readonly wounds: number
  readonly ends: Readonly<Partial<Record<End, number>>>
  readonly violations: readonly string[]
}

/** Wounds a file in many places, one after the other; `places`: so many, by chance, or every byte of its end. */
export async function wound(estate: Estate, target: Target, dice: Dice, places: number | 'all'): Promise<Seen> {
  const folder = scratch()
  const bytes = statSync(pathOf(estate, target)).size
  const from = Math.max(0, bytes - tailBytes)
  const ends: Partial<Record<End, number>> = {}
  const violations: string[] = []
  let wounds = 0
  try {
    for (let index = 0; index < (places === 'all' ? bytes - from : places); index++) {
      const at = from + (places === 'all' ? index : dice.upTo(bytes - from))
      for (const each of woundsAt(dice, at)) {
        wounds++
        const end = await suffer(estate, target, each, folder).catch((error: unknown) => {
          if (!(error instanceof Violation)) throw error
          violations.push(error.message)
        })
        if (end !== undefined) ends[end] = (ends[end] ?? 0) + 1
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { target, bytes, wounds, ends, violations }
}
