import { loadService, type ModelledService } from '../model/service.ts'
import { sign } from '../wire/sigv4.ts'
import { Failure } from './failure.ts'
import { region, self } from './place.ts'

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
  const unsigned = [
    ['host', new URL(endpoint).host],
    ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
    ['accept', 'application/json'],
  ] as const
  const headers = sign(
    { method: 'POST', path: '/', query: '', headers: unsigned, body },
    { ...keys },
    { region, service: model.signingName, now: Date.now() },
  )
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: headers.filter(([name]) => name !== 'host').map(([name, value]) => [name, value]),
    body,
    signal: AbortSignal.timeout(patienceMilliseconds),
  }).catch((error: unknown) => {
    throw new Failure(`${endpoint} does not answer: ${error instanceof Error ? error.message : String(error)}`)
  })
  // The authority's own answers, in AWS's JSON form of the query protocol.
  const answer = (await response.json()) as Answer
  if (!response.ok) throw refused(answer, response.headers.get('x-rolecall-decision-id'))
  return answer[`${action}Response`]?.[`${action}Result`] ?? {}
}

/** AWS's code and words. The encoded message behind them is for programs; people are told how to ask why. */
function refused({ Error: error }: Answer, decision: string | null): Failure {
  const words = String(error?.Message ?? '').replace(/\. Encoded authorization failure message: [\w-]+$/, '')
  const why = decision === null ? '' : `. To see why: ${self()} why ${decision}`
  return new Failure(`${String(error?.Code)}: ${words}${why}`)
}
