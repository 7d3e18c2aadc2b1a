import { Fault } from '../base/fault.ts'
import type { HttpResponse } from './http.ts'
import type { Asked } from './protocol.ts'

/** Statuses of the codes that no operation's model lists: AWS's "Common errors". Whatever is not here is 400. */
const statuses: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  ExpiredToken: 403,
  InvalidClientTokenId: 403,
  MissingAuthenticationToken: 403,
  OptInRequired: 403,
  SignatureDoesNotMatch: 403,
  InternalFailure: 500,
  ServiceUnavailable: 503,
}

export const commonStatus = (code: string): number => (Object.hasOwn(statuses, code) ? (statuses[code] ?? 400) : 400)

/** An operation that the service does not have, or not in that version. */
export const invalidAction = ({ name, version }: Asked): Fault =>
  new Fault('InvalidAction', `Could not find operation ${name} for version ${version ?? 'NO_VERSION_SPECIFIED'}`, 400)

/** INVARIANT: no-header-injection. A request id is made by us; one that could break out of a header is a bug. */
export function requestIdHeader(requestId: string): string {
  if (!/^[\w.-]{1,128}$/.test(requestId)) throw new Error('a request id must be a token')
  return requestId
}

/** QUIRK: no-action-redirect. A request to `/` that names no action is sent to AWS's page about IAM. */
export const toHomePage = (requestId: string): HttpResponse => ({
  status: 302,
  headers: { 'x-amzn-RequestId': requestIdHeader(requestId), location: 'https://aws.amazon.com/iam' },
  body: '',
})

/** QUIRK: unknown-path. Another path than `/`, or another method than GET and POST: 404, whatever else is wrong. */
export const unknownPath = (requestId: string): HttpResponse => ({
  status: 404,
  headers: { 'x-amzn-RequestId': requestIdHeader(requestId), 'content-type': 'text/xml' },
  body: '<UnknownOperationException/>\n',
})
