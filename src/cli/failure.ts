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
