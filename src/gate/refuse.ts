import { Fault } from '../base/fault.ts'
import { CannotOpen } from '../base/sealed.ts'
import { StoreUnavailable } from '../store/store.ts'
import type { HttpResponse } from '../wire/http.ts'
import type { Protocol } from '../wire/protocol.ts'
import { Refusal } from './authorize.ts'
import type { Outcome } from './meter.ts'
import { recordsOf } from './record.ts'
import type { Gate, Walk } from './walk.ts'

const internalFailure = () =>
  new Fault(
    'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
    500,
  )
const unavailable = () =>
  new Fault('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503)

/** What is told of an error: a bug is `InternalFailure`, and the operator hears of it. */
export function faultOf(gate: Gate, walk: Walk, error: unknown): Fault {
  if (error instanceof Fault) return error
  gate.alarm(walk.requestId, error)
  // A secret that cannot be opened here may be openable on another node, or here once the operator has brought its key.
  return error instanceof StoreUnavailable || error instanceof CannotOpen ? unavailable() : internalFailure()
}

/** Turns what ended the walk into AWS's answer, and into the trail's entry. */
export async function refuse(gate: Gate, protocol: Protocol, walk: Walk, fault: Fault): Promise<HttpResponse> {
  const rows = recordsOf(walk, gate.world, gate.random, { fault })
  const reply = protocol.refuse(walk.service, fault, walk.requestId)
  if (!rows.some(({ decision }) => decision !== undefined)) {
    gate.ledger.soon(rows)
    return reply
  }
  // A refusal can be asked about at once, so it is on disk first. Where the disk takes nothing, no is still no.
  await gate.ledger.now(rows).catch((unwritten: unknown) => gate.alarm(walk.requestId, unwritten))
  return { ...reply, headers: { ...reply.headers, [decisionHeader]: walk.requestId } }
}

/** Carried by every refusal that is explained: what `rolecall why` is asked with. */
const decisionHeader = 'x-rolecall-decision-id'

/** How a refused request is counted. */
export function outcomeOf({ caller }: Walk, fault: Fault): Outcome {
  if (fault instanceof Refusal) return 'denied'
  if ((fault.status ?? 400) >= 500) return 'failed'
  return caller === undefined ? 'unauthenticated' : 'refused'
}
