import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { AccountKeys } from '../service/rolecall/account.ts'
import { exclusively } from './exclusive.ts'

/** The keys that were told when an account was made, as the one who runs the authority keeps them: readable by them alone. */
export interface KeptKeys extends AccountKeys {
  readonly name: string
}

const fileOf = (directory: string): string => join(directory, 'credentials.json')

/** Every account's first keys, the first account's in front. Throws where the file is there and cannot be understood. */
export function readCredentials(directory: string): readonly KeptKeys[] {
  const file = fileOf(directory)
  if (!existsSync(file)) return []
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null || !('accounts' in parsed) || !Array.isArray(parsed.accounts)) {
    throw new Error(`${file} is not a credentials file of rolecall`)
  }
  return parsed.accounts.filter(isKept)
}

const texts = ['accountId', 'name', 'accessKeyId', 'secretAccessKey', 'rootAccessKeyId', 'rootSecretAccessKey'] as const

const isKept = (value: unknown): value is KeptKeys =>
  typeof value === 'object' && value !== null && texts.every((key) => typeof Reflect.get(value, key) === 'string')

/** Adds one account's keys to those that are kept. Several processes may do so at once: each reads and writes under a lock. */
export const addCredentials = (directory: string, keys: KeptKeys): void =>
  exclusively(join(directory, 'credentials.lock'), () =>
    writeCredentials(directory, [...readCredentials(directory), keys]),
  )

/** Written beside, flushed, and moved into place: whoever reads sees all of it, or all of what was before. */
export function writeCredentials(directory: string, accounts: readonly KeptKeys[]): void {
  const file = fileOf(directory)
  const fresh = `${file}.${process.pid}`
  const handle = openSync(fresh, 'w', 0o600)
  try {
    writeSync(handle, `${JSON.stringify({ accounts }, null, 2)}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  chmodSync(fresh, 0o600)
  renameSync(fresh, file)
}
