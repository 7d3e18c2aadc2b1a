import { loadService, type ModelledService } from '../model/service.ts'
import { sign } from '../wire/sigv4.ts'
import { Failure } from './failure.ts'
import { again, placeTyped, region } from './place.ts'

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** A part of an answer: members by name. */
export interface Answer {
  readonly [member: string]: Answer | undefined
}

/** How long the authority may take: it is on this machine. */
const patienceMilliseconds = 30_000

/**
 * Calls one operation as anybody else does: signed, through the front door. Parameters that are `undefined` are left out.
 * Throws a Failure with AWS's code and words where the authority refuses.
 */
export async function callService(
  endpoint: string,
  keys: Keys,
  service: ModelledService,
  action: string,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<Answer> {
  const model = loadService(service)
  const form = new URLSearchParams({ Action: action, Version: model.apiVersion })
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) form.set(name, value)
  const body = new TextEncoder().encode(form.toString())
  const response = await sent(endpoint, keys, model.signingName, body, [
    ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
    ['accept', 'application/json'],
  ])
  // The authority's own answers, in AWS's JSON form of the query protocol.
  const answer = (await response.json()) as Answer
  if (!response.ok) throw refused(answer.Error?.Code, answer.Error?.Message, response)
  return answer[`${action}Response`]?.[`${action}Result`] ?? {}
}

/** The same of a service that speaks the JSON protocol: what is asked and what is answered are values, by the model's names. */
export async function callJson(
  endpoint: string,
  keys: Keys,
  service: ModelledService,
  action: string,
  input: object,
): Promise<Readonly<Record<string, unknown>>> {
  const model = loadService(service)
  const body = new TextEncoder().encode(JSON.stringify(input))
  const response = await sent(endpoint, keys, model.signingName, body, [
    ['content-type', 'application/x-amz-json-1.1'],
    ['x-amz-target', `${model.targetPrefix}.${action}`],
  ])
  const answer = (await response.json()) as Readonly<Record<string, unknown>>
  if (response.ok) return answer
  throw refused(answer.__type, answer.message ?? answer.Message, response)
}

async function sent(
  endpoint: string,
  keys: Keys,
  service: string,
  body: Uint8Array<ArrayBuffer>,
  own: readonly (readonly [string, string])[],
): Promise<Response> {
  const unsigned = [['host', new URL(endpoint).host] as const, ...own]
  const headers = sign(
    { method: 'POST', path: '/', query: '', headers: unsigned, body },
    { ...keys },
    { region, service, now: Date.now() },
  )
  return fetch(endpoint, {
    method: 'POST',
    headers: headers.filter(([name]) => name !== 'host').map(([name, value]) => [name, value]),
    body,
    signal: AbortSignal.timeout(patienceMilliseconds),
  }).catch((error: unknown) => {
    throw new Failure(`${endpoint} does not answer: ${error instanceof Error ? error.message : String(error)}`)
  })
}

/** AWS's code and words. The encoded message behind them is for programs; people are told how to ask why. */
function refused(code: unknown, message: unknown, { headers }: Response): Failure {
  const words = String(message ?? '').replace(/\. Encoded authorization failure message: [\w-]+$/, '')
  const decision = headers.get('x-rolecall-decision-id')
  const why = decision === null ? '' : `. To see why: ${again(`why ${decision}`)}`
  // A command that is typed with an address keeps no keys.
  const kept = code === 'InvalidClientTokenId' && !placeTyped().startsWith(' --endpoint')
  const renew = kept ? ` Keys that a data directory keeps are renewed by: ${again('account rotate')}` : ''
  return new Refused(String(code), `${String(code)}: ${words}${renew}${why}`)
}

/** The authority said no. */
export class Refused extends Failure {
  readonly refusal: string
  constructor(refusal: string, message: string) {
    super(message)
    this.refusal = refusal
  }
}
