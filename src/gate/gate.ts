import { Fault } from '../base/fault.ts'
import { uuid } from '../base/id.ts'
import type { OperationModel } from '../model/service.ts'
import { validate } from '../model/validate.ts'
import { takenBy } from '../service/operation.ts'
import type { View } from '../state/view.ts'
import { detect } from '../wire/detect.ts'
import type { HttpRequest, HttpResponse } from '../wire/http.ts'
import { present } from '../wire/presented.ts'
import type { Protocol, Values } from '../wire/protocol.ts'
import { invalidAction } from '../wire/refusal.ts'
import { admit, identify, prove } from './authenticate.ts'
import { extendedId, extendedIdHeader } from './extended-id.ts'
import type { Sight } from './freshness.ts'
import { identifyLogin, proveLogin } from './login.ts'
import type { Outcome } from './meter.ts'
import { type LoginOperation, mint, perform } from './perform.ts'
import { publish } from './publish.ts'
import { faultOf, outcomeOf, refuse } from './refuse.ts'
import { type Route, route, unrouted } from './route.ts'
import { begin, type Gate, type Walk, type Way } from './walk.ts'

/**
 * The life of a request, top to bottom. There is no other way in, and whatever asks for an operation leaves exactly one entry in the
 * trail. What asks for none (a browser's `GET /`) is sent away and leaves nothing, and what is public is handed to anybody.
 */
export async function answer(gate: Gate, request: HttpRequest): Promise<HttpResponse> {
  const requestId = uuid(gate.random)
  const detected = detect(request)
  if (detected.kind === 'document') return publish(gate, detected, requestId)
  if (detected.kind !== 'served') return unrouted(gate.catalog, request, detected.kind === 'home', requestId)

  const { protocol } = detected
  const { meter } = gate
  const began = meter.now()
  const walk = begin(gate, request, requestId)
  const [reply, outcome] = await walked(gate, protocol, request, walk)
  meter.request(walk.service?.signingName ?? '', walk.model?.name ?? '', outcome, meter.now() - began)
  return { ...reply, headers: headed(walk, reply.headers) }
}

/** What every answer of a service, or of a time, carries beside its own headers. */
function headed(walk: Walk, own: HttpResponse['headers']): HttpResponse['headers'] {
  const { staleSeconds, requestId } = walk
  const extended =
    walk.service?.id === 'sts' ? { 'x-amzn-RequestId': requestId, [extendedIdHeader]: extendedId(walk) } : undefined
  return staleSeconds === undefined
    ? { ...extended, ...own }
    : { ...extended, ...own, [staleHeader]: `${staleSeconds}` }
}

async function walked(
  gate: Gate,
  protocol: Protocol,
  request: HttpRequest,
  walk: Walk,
): Promise<readonly [HttpResponse, Outcome]> {
  try {
    // What was acknowledged anywhere before this request arrived is seen by it. Where this node alone writes, nothing waits.
    const seen = gate.freshness.look()
    if (seen !== undefined) see(walk, await seen)
    const { service, model, operation } = routed(gate, protocol, request, walk)
    if (operation?.kind === 'login')
      return [await loggedIn({ gate, protocol, service, model, walk }, operation, request), 'answered']
    const presented = present(request)
    walk.claimedKey = presented?.accessKeyId
    const proof = prove(request, presented, service.signingName, {
      view: gate.world,
      now: walk.at,
      keys: gate.keys,
      vault: gate.vault,
    })
    walk.connection = { ...walk.connection, region: proof.region }
    const caller = identify(gate.world, proof)
    walk.caller = caller
    admit(caller, service.signingName, model.name, operation?.takes ?? takenBy(service.id))
    gate.usage.note(caller, { at: walk.at, service: service.signingName, region: proof.region }, model.name)

    const input = decode({ protocol, service, model, walk }, request)
    if (operation === undefined) throw notBuilt(model)
    const again = (view: View) => identify(view, proof)
    const reply = await perform({ gate, protocol, service, model, operation, identify: again, caller, walk, input })
    return [reply, 'answered']
  } catch (error) {
    const fault = faultOf(gate, walk, error)
    return [await refuse(gate, protocol, walk, fault), outcomeOf(walk, fault)]
  }
}

/** What is asked for, in the shape that the model gives it. */
function decode({ protocol, service, model, walk }: Way, request: HttpRequest): Values {
  const input = protocol.decode(service, model, request)
  walk.input = input
  const fault = validate(service, model.name, input)
  if (fault !== undefined) throw fault
  return input
}

/** The way of a request that shows a token in the place of a signature: what it shows is part of what it asks. */
async function loggedIn(
  way: Way & { readonly gate: Gate },
  operation: LoginOperation,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { gate, walk } = way
  const input = decode(way, request)
  const presentation = operation.presents(input)
  walk.concerns = presentation.account
  const proof = await proveLogin(gate.provers, presentation, { view: gate.world, now: walk.at })
  const again = (view: View) => identifyLogin(view, proof)
  const caller = again(gate.world)
  walk.caller = caller
  return mint({ ...way, operation, identify: again, caller, input }, operation.spends?.(input) === true, operation.run)
}

function see(walk: Walk, { staleMilliseconds }: Sight): void {
  if (staleMilliseconds > 0) walk.staleSeconds = Math.ceil(staleMilliseconds / 1000)
}

function routed(gate: Gate, protocol: Protocol, request: HttpRequest, walk: Walk): Route {
  const asked = protocol.operation(request)
  if (asked === undefined) throw invalidAction({ name: '' })
  walk.asked = asked.name
  const found = route(gate.catalog, protocol, request, asked)
  walk.service = found.service
  walk.model = found.model
  walk.operation = found.operation
  return found
}

const notBuilt = (model: OperationModel): Fault =>
  new Fault('NotImplemented', `${model.name} is not implemented by this authority yet.`, 501)

/** Carried by answers that were given without the store: how old, at most, is what they rest on. */
const staleHeader = 'x-rolecall-stale-seconds'
