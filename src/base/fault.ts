/**
 * Why a request was refused where no policy refused it: for the owner of an account, who may know more than the caller is told. It
 * never goes on the wire.
 */
export interface Reason {
  /** The end of a sentence that begins with "because", for each account that may know. */
  readonly missing: readonly Told[]
  /** What would help, on whose side it is. */
  readonly hints: readonly Told[]
  /** What was asked for, where that is something. */
  readonly resource?: { readonly arn: string; readonly account: string }
}
export interface Told {
  readonly account: string
  readonly text: string
}

/**
 * What a caller may be told. Everything else that goes wrong is a bug: assert it, never fault it.
 *
 * `code` is the wire code (`NoSuchEntity`, not the shape's name). `status` overrides what the service model says about the
 * code, for the few answers that AWS gives with another status. A fault without a message has no Message element on the wire.
 * `details` are the further members that the model has in the error (`Reason`), for the protocols that write them.
 */
export class Fault<Code extends string = string> extends Error {
  readonly code: Code
  readonly status: number | undefined
  readonly details: Readonly<Record<string, string>> | undefined
  readonly reason: Reason | undefined
  constructor(code: Code, message = '', status?: number, details?: Readonly<Record<string, string>>, reason?: Reason) {
    super(message)
    this.name = 'Fault'
    this.code = code
    this.status = status
    this.details = details
    this.reason = reason
  }
}
