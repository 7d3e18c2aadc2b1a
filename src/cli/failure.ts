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
