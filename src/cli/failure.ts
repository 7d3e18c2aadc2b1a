import { CannotOpen } from '../base/sealed.ts'
import { BackupDamaged } from '../host/backup.ts'
import { StoreDamaged, StoreUnavailable } from '../store/store.ts'

/** What went wrong, in words for the one who typed the command: printed without a stack, and the command ends with `code`. */
export class Failure extends Error {
  readonly code: number
  constructor(message: string, code = 1) {
    super(message)
    this.name = 'Failure'
    this.code = code
  }
}

/** Exit codes that scripts rely on. */
export const exitFailed = 1
export const exitUsage = 2

const named = [StoreDamaged, StoreUnavailable, BackupDamaged, CannotOpen]

/** What there is to say of an error that is no bug of ours: the store's, the database's and the system's own words. */
export function wordsOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return error.constructor === Error || named.some((kind) => error instanceof kind) ? error.message : undefined
}

const systemWords: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'it is not for this user to read',
  EPERM: 'it is not for this user to read',
}

/** Why something cannot be read, where the system says one of the usual reasons: its own words name calls that nobody made. */
export const systemWordsOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? systemWords[error.code] : undefined
