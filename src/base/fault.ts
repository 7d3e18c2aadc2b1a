/**
 * What a caller may be told. Everything else that goes wrong is a bug: assert it, never fault it.
 *
 * `code` is the wire code (`NoSuchEntity`, not the shape's name). `status` overrides what the service model says about the
 * code, for the few answers that AWS gives with another status. A fault without a message has no Message element on the wire.
 */
export class Fault<Code extends string = string> extends Error {
  readonly code: Code
  readonly status: number | undefined
  constructor(code: Code, message = '', status?: number) {
    super(message)
    this.name = 'Fault'
    this.code = code
    this.status = status
  }
}
