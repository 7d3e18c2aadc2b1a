import { escapeXml } from '../base/xml.ts'
import { type HttpRequest, type HttpResponse, header } from './http.ts'
import { present } from './presented.ts'
import { requestIdHeader } from './refusal.ts'

/**
 * Who sets `AWS_ENDPOINT_URL` sends here whatever their tools ask of any service. What is signed for one that this authority does not
 * have is told so, in words that the service's own clients can read: most make nothing of an answer of IAM's.
 */

/** The service that a request was signed for, where nothing here goes by that name; nothing about the signature is believed. */
export function foreignService(request: HttpRequest, served: readonly string[]): string | undefined {
  const service = scopedTo(request)
  return service === undefined || served.includes(service) || !/^[a-z0-9-]{1,64}$/.test(service) ? undefined : service
}

function scopedTo(request: HttpRequest): string | undefined {
  try {
    return present(request)?.service
  } catch {
    return undefined
  }
}

/** These are answered in XML whatever they are asked in; of the others those that are not asked in a form speak JSON. */
const inXml: readonly string[] = ['s3', 's3express', 's3-object-lambda', 's3-outposts', 'cloudfront', 'route53']

const code = 'UnknownOperationException'

export const notServedHere = (service: string, served: readonly string[]): string =>
  `This authority serves ${served.join(', ')}, and not ${service}.`

/** 404, as for every path that no service here has. */
export function notServed(
  request: HttpRequest,
  service: string,
  served: readonly string[],
  requestId: string,
): HttpResponse {
  const message = notServedHere(service, served)
  const id = requestIdHeader(requestId)
  const error = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`
  const xml = (body: string) => ({ type: 'text/xml', body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n` })
  const told = inXml.includes(service)
    ? xml(`<Error>${error}<RequestId>${id}</RequestId></Error>`)
    : isForm(request)
      ? xml(`<Response><Errors><Error>${error}</Error></Errors><RequestID>${id}</RequestID></Response>`)
      : { type: 'application/json', body: JSON.stringify({ __type: code, message }) }
  return {
    status: 404,
    headers: { 'x-amzn-RequestId': id, 'x-amzn-errortype': code, 'content-type': told.type },
    body: request.method === 'HEAD' ? '' : told.body,
  }
}

const isForm = (request: HttpRequest): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(header(request, 'content-type') ?? '')
