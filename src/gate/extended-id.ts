/** What it is made of. */
interface Served {
  readonly requestId: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly connection: { readonly region: string }
}

const signs = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * QUIRK: sts-extended-id. STS gives each request a second id, in a header and in the record: the region that served it, when, and eight
 * letters and digits, in base64. Those eight come of the request id here, so that both places tell the same.
 */
export function extendedId({ requestId, connection, at }: Served): string {
  let left = Number.parseInt(requestId.slice(-12), 16)
  let eight = ''
  for (let sign = 0; sign < 8; sign++) {
    eight += signs.charAt(left % signs.length)
    left = Math.floor(left / signs.length)
  }
  return Buffer.from(`1:${connection.region}:S:${at}:R:${eight}`).toString('base64')
}

export const extendedIdHeader = 'x-amz-sts-extended-request-id'
