import { stateOf } from './session.ts'
import { StoreUnavailable } from './store.ts'

/** COMMIT was sent, and what became of it is not known. */
export class OutcomeUnknown extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`it is not known whether the transaction was committed: ${why}`, options)
    this.name = 'OutcomeUnknown'
  }
}

/** Given up for another transaction's sake: run again, it may well succeed. */
export const contended = (error: unknown): boolean => ['40001', '40P01'].includes(stateOf(error))

/**
 * Classes of errors (PostgreSQL, "PostgreSQL Error Codes") that have to do with the moment and not with what was asked:
 * connection, transaction state (read only, idle for too long), authorization and database to connect to, rollback, resources,
 * object in use, intervention, system.
 */
const momentary: readonly string[] = ['08', '25', '28', '3D', '40', '53', '55', '57', '58']
const passing = (error: unknown): boolean =>
  stateOf(error) === '' ? !(error instanceof RangeError) : momentary.includes(stateOf(error).slice(0, 2))

/**
 * Errors after which a COMMIT certainly was none: rolled back, a constraint, cancelled before it began, and a transaction that
 * had already been ended for being idle. PostgreSQL turns whatever fails once the commit is in its log into a crash.
 */
export function undone(error: unknown): boolean {
  const state = stateOf(error)
  return (state.startsWith('40') && state !== '40003') || state.startsWith('23') || ['57014', '25P03'].includes(state)
}

/** An error that the server or the connection gave, as those outside are told it, short of COMMIT. */
export const tellable = (error: unknown): unknown => (passing(error) ? refusalOf(error) : error)

export async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw tellable(error)
  }
}

export const refusalOf = (error: unknown): StoreUnavailable =>
  error instanceof StoreUnavailable
    ? error
    : new StoreUnavailable(`the database refused: ${messageOf(error)}`, { cause: error })

export const unconfirmed = (why: string, cause: unknown): StoreUnavailable =>
  new StoreUnavailable(`no standby confirms that the server still is the primary: ${why}`, { cause })

export const closedError = (): StoreUnavailable => new StoreUnavailable('the database is closed')

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
