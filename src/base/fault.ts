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
  constructor(code: Code, message = '', status?: number, details?: Readonly<Record<string, string>>) {
    super(message)
    this.name = 'Fault'
    this.code = code
    this.status = status
    this.details = details
  }
}
