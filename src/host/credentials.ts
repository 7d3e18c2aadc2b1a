import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { exclusively } from './exclusive.ts'
import type { FirstKeys, Founding } from './founding.ts'
import { writePrivately } from './private-file.ts'

/** The keys that were told when an account was made, as the one who runs the authority keeps them: readable by them alone. */
export type KeptKeys = FirstKeys

const fileOf = (directory: string): string => join(directory, 'credentials.json')
const proposalOf = (directory: string): string => join(directory, 'credentials.new')

/** Every account's first keys, the first account's in front. Throws where the file is there and cannot be understood. */
export const readCredentials = (directory: string): readonly KeptKeys[] => readKeys(fileOf(directory))

function readKeys(file: string): readonly KeptKeys[] {
  if (!existsSync(file)) return []
  const parsed = parsedFrom(readFileSync(file, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null || !('accounts' in parsed) || !Array.isArray(parsed.accounts)) {
    throw new Error(`${file} is not a credentials file of rolecall`)
  }
  return parsed.accounts.filter(isKept)
}

function parsedFrom(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What the parser would say repeats a part of the text, which holds secrets.
    return undefined
  }
}

const texts = ['accountId', 'name', 'accessKeyId', 'secretAccessKey', 'rootAccessKeyId', 'rootSecretAccessKey'] as const

const isKept = (value: unknown): value is KeptKeys =>
  typeof value === 'object' && value !== null && texts.every((key) => typeof Reflect.get(value, key) === 'string')

/** Adds one account's keys to those that are kept. Several processes may do so at once: each reads and writes under a lock. */
export const addCredentials = (directory: string, keys: KeptKeys): void =>
  exclusively(join(directory, 'credentials.lock'), () =>
    writeKeys(fileOf(directory), [...readCredentials(directory), keys]),
  )

/** Puts an account's keys in the place of those that were kept. */
export const replaceCredentials = (directory: string, keys: KeptKeys): void =>
  exclusively(join(directory, 'credentials.lock'), () =>
    writeKeys(
      fileOf(directory),
      readCredentials(directory).map((kept) => (kept.accountId === keys.accountId ? keys : kept)),
    ),
  )

/** The first account's keys are kept in the data directory. */
export const foundIn = (directory: string): Founding => ({
  propose: (keys) => writeKeys(proposalOf(directory), [keys]),
  settle(isThere) {
    const proposal = proposalOf(directory)
    const [keys] = readKeys(proposal)
    if (keys !== undefined && isThere(keys.accessKeyId)) {
      const kept = readCredentials(directory)
      if (!kept.some(({ accessKeyId }) => accessKeyId === keys.accessKeyId)) addCredentials(directory, keys)
    }
    rmSync(proposal, { force: true })
  },
})

const writeKeys = (file: string, accounts: readonly KeptKeys[]): void =>
  writePrivately(file, `${JSON.stringify({ accounts }, null, 2)}\n`)
