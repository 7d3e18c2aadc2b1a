import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import type { HttpRequest, HttpResponse } from '../../src/wire/http.ts'
import type { Keys } from './call.ts'

/** Requests byte by byte, signed by AWS's own signer: for what no client would ever send. */

export interface Wanted {
  readonly method?: string
  readonly path?: string
  /** Name and value, undecoded; of a GET the parameters, of a POST the form. */
  readonly form?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly service?: string
  readonly region?: string
  /** Milliseconds since the epoch: when it is signed. */
  readonly at: number
  /** Seconds that a presigned URL says it is good for. */
  readonly expiresSeconds?: number
}

export const host = 'rolecall.test:4599'
export const formType = 'application/x-www-form-urlencoded; charset=utf-8'
export const identityForm = 'Action=GetCallerIdentity&Version=2011-06-15'

const signerOf = (keys: Keys, { service = 'sts', region = 'us-east-1' }: Wanted) =>
  new SignatureV4({ credentials: { ...keys }, region, service, sha256: Sha256, applyChecksum: false })

/** What leaves the client, as the listener hands it on. */
function received(
  sent: { readonly method: string; readonly path: string; readonly headers: Readonly<Record<string, string>> },
  query: string,
  body: string,
): HttpRequest {
  return {
    method: sent.method,
    path: sent.path,
    query,
    headers: Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value] as const),
    body: new TextEncoder().encode(body),
    sourceIp: '127.0.0.1',
    secure: false,
  }
}

/** A form POST with its signature in the Authorization header. Every header is signed. */
export async function posted(keys: Keys, wanted: Wanted): Promise<HttpRequest> {
  const { method = 'POST', path = '/', form = identityForm } = wanted
  const headers = { host, 'content-type': formType, ...wanted.headers }
  const request = { method, protocol: 'http:', hostname: 'rolecall.test', path, headers, body: form, query: {} }
  const sent = await signerOf(keys, wanted).sign(request, {
    signingDate: new Date(wanted.at),
    signableHeaders: new Set(Object.keys(headers)),
  })
  return received(sent, '', form)
}

/** A GET with its signature in the query string, as clusters present who somebody is. */
export async function presigned(keys: Keys, wanted: Wanted): Promise<HttpRequest> {
  const { path = '/', form = identityForm } = wanted
  const headers = { host, ...wanted.headers }
  const request = {
    method: 'GET',
    protocol: 'http:',
    hostname: 'rolecall.test',
    path,
    headers,
    query: Object.fromEntries(new URLSearchParams(form)),
  }
  const sent = await signerOf(keys, wanted).presign(request, {
    signingDate: new Date(wanted.at),
    expiresIn: wanted.expiresSeconds ?? 60,
    unhoistableHeaders: new Set(Object.keys(headers)),
  })
  const query = Object.entries(sent.query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
  return received({ ...sent, headers }, query, '')
}

export const withHeader = (request: HttpRequest, name: string, value: string | undefined): HttpRequest => ({
  ...request,
  headers: [
    ...request.headers.filter(([key]) => key !== name),
    ...(value === undefined ? [] : [[name, value] as const]),
  ],
})

export const headerOf = (request: HttpRequest, name: string): string =>
  request.headers.find(([key]) => key === name)?.[1] ?? ''

export const textOfBody = ({ body }: HttpResponse): string =>
  typeof body === 'string' ? body : new TextDecoder().decode(body)

/** Status, code and message of an answer in XML. */
export function outcome(response: HttpResponse): { status: number; code?: string; message?: string } {
  const text = textOfBody(response)
  const read = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]
  const code = read('Code')
  const message = read('Message')
  const plain = (escaped: string) =>
    escaped
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&apos;', "'")
      .replaceAll('&#xA;', '\n')
      .replaceAll('&amp;', '&')
  return {
    status: response.status,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message: plain(message) }),
  }
}
