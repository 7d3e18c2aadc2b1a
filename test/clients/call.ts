import { type Agent, type IncomingHttpHeaders, request } from 'node:http'
import { sign } from '../../src/wire/sigv4.ts'

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** A part of an answer in AWS's JSON form of the query protocol: members by name. */
export interface Part {
  readonly [member: string]: Part | undefined
}

/** What came back, whatever it was. A connection that broke is no reply: then the promise rejects. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** `AccessDenied`, `NoSuchEntity`, …; `undefined` where the call was allowed. */
  readonly code: string | undefined
  readonly message: string | undefined
  readonly requestId: string
  /** The operation's result. */
  readonly result: Part
}

export const versions = { iam: '2010-05-08', sts: '2011-06-15', rolecall: '2026-11-01' } as const
export type Service = keyof typeof versions

/** The signed headers and the body of a call. */
export function signed(
  endpoint: string,
  keys: Keys,
  service: Service,
  action: string,
  parameters: Readonly<Record<string, string>>,
) {
  const body = Buffer.from(
    new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString(),
  )
  const unsigned = [
    ['host', new URL(endpoint).host],
    ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
    ['content-length', String(body.length)],
    ['accept', 'application/json'],
    ['user-agent', 'rolecall-test'],
  ] as const
  const scope = { region: 'us-east-1', service, now: Date.now() }
  const headers = sign({ method: 'POST', path: '/', query: '', headers: unsigned, body }, { ...keys }, scope)
  return { headers: Object.fromEntries(headers), body }
}

/** One signed call over HTTP without a client library between: nothing is sent twice. */
export function call(
  endpoint: string,
  keys: Keys,
  service: Service,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
  agent?: Agent,
): Promise<Reply> {
  const { headers, body } = signed(endpoint, keys, service, action, parameters)
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: 'POST', headers, ...(agent === undefined ? {} : { agent }) })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        try {
          resolve(replyOf(action, response.statusCode ?? 0, response.headers, text))
        } catch (error) {
          reject(error)
        }
      })
    })
    sent.end(body)
  })
}

function replyOf(action: string, status: number, headers: IncomingHttpHeaders, text: string): Reply {
  // The authority's own answers, in AWS's JSON form of the query protocol.
  const answer = JSON.parse(text) as Part
  return {
    status,
    headers,
    text,
    code: answer.Error === undefined ? undefined : String(answer.Error.Code),
    message: answer.Error === undefined ? undefined : String(answer.Error.Message),
    requestId: String(headers['x-amzn-requestid']),
    result: answer[`${action}Response`]?.[`${action}Result`] ?? {},
  }
}
