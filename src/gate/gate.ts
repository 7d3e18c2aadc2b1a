import type { Verified, VerifiedLogin } from '../access/caller.ts'
import type { Circumstances } from '../access/context.ts'
import { failureOf } from '../access/failure.ts'
import type { Clock, Random } from '../base/env.ts'
import { Fault } from '../base/fault.ts'
import { uuid } from '../base/id.ts'
import type { KeyMaker } from '../base/key-pair.ts'
import type { Hasher } from '../base/password.ts'
import { CannotOpen, type Vault } from '../base/sealed.ts'
import type { OperationModel, ServiceModel } from '../model/service.ts'
import { validate } from '../model/validate.ts'
import type { Decision } from '../policy/decide.ts'
import type { Catalog } from '../service/catalog.ts'
import {
  type AnyScene,
  type Authorized,
  fail,
  type MintScene,
  type Operation,
  type Scene,
  type TrailReader,
  takenBy,
  type Writable,
  type WriteScene,
} from '../service/operation.ts'
import type { Draft } from '../state/draft.ts'
import { everywhere } from '../state/index-keys.ts'
import type { Survey } from '../state/survey.ts'
import type { View } from '../state/view.ts'
import type { Committer } from '../store/committer.ts'
import { StoreUnavailable } from '../store/store.ts'
import { openMessage, sealMessage } from '../token/message.ts'
import { type SessionClaims, sealSession, type TokenKeyLike } from '../token/session.ts'
import { detect } from '../wire/detect.ts'
import type { HttpRequest, HttpResponse } from '../wire/http.ts'
import { present } from '../wire/presented.ts'
import type { Protocol, Values } from '../wire/protocol.ts'
import { invalidAction } from '../wire/refusal.ts'
import type { KeyCache } from '../wire/sigv4.ts'
import { admit, connectionOf, identify, prove } from './authenticate.ts'
import { authorize, Refusal } from './authorize.ts'
import type { Freshness, Sight } from './freshness.ts'
import { RequestKeyPairs } from './key-pairs.ts'
import type { Ledger } from './ledger.ts'
import { identifyLogin, type Provers, proveLogin } from './login.ts'
import type { Meter, Outcome } from './meter.ts'
import { RequestPasswords } from './passwords.ts'
import { untilKnown } from './pending.ts'
import { publish } from './publish.ts'
import { recordsOf, type Walked } from './record.ts'
import { type Route, route, unrouted } from './route.ts'
import { safeOver, secretOf, signerOver } from './safe.ts'
import { type Judge, Trial, untried } from './trial.ts'
import type { Usage } from './usage.ts'

/** Everything that a request meets on its way. The host builds it; the gate owns none of it. */
export interface Gate {
  readonly world: View & { readonly revision: number }
  readonly committer: Committer
  readonly ledger: Ledger
  readonly usage: Usage
  readonly trail: TrailReader
  readonly survey: Survey
  readonly catalog: Catalog
  readonly keys: KeyCache
  readonly vault: Vault
  readonly hasher: Hasher
  readonly keyMaker: KeyMaker
  /** Where this authority is reached from outside. */
  readonly origin: () => string
  readonly provers: Provers
  readonly clock: Clock
  readonly random: Random
  readonly freshness: Freshness
  readonly meter: Meter
  /** Told of every bug: the caller hears `InternalFailure` and the request id, the operator the rest. */
  readonly alarm: (requestId: string, error: unknown) => void
}

/** What is known so far; each step of the way adds to it, and whatever it holds at the end is recorded. */
type Walk = { -readonly [Key in keyof Walked]: Walked[Key] }

/** The global services sign for this region; a request that is not signed is counted there. */
const globalRegion = 'us-east-1'

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
  return walk.staleSeconds === undefined
    ? reply
    : { ...reply, headers: { ...reply.headers, [staleHeader]: String(walk.staleSeconds) } }
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

function outcomeOf({ caller }: Walk, fault: Fault): Outcome {
  if (fault instanceof Refusal) return 'denied'
  if ((fault.status ?? 400) >= 500) return 'failed'
  return caller === undefined ? 'unauthenticated' : 'refused'
}

function begin(gate: Gate, request: HttpRequest, requestId: string): Walk {
  return {
    requestId,
    at: gate.clock.now(),
    connection: connectionOf(request, globalRegion),
    service: undefined,
    model: undefined,
    operation: undefined,
    asked: '',
    claimedKey: undefined,
    caller: undefined,
    concerns: undefined,
    input: undefined,
    touched: [],
    minted: undefined,
    staleSeconds: undefined,
  }
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

/** Which operation a request is for, and what it is written in. */
interface Way {
  readonly protocol: Protocol
  readonly service: ServiceModel
  readonly model: OperationModel
  readonly walk: Walk
}

interface Performance<Who extends Verified | VerifiedLogin> extends Way {
  readonly gate: Gate
  readonly operation: Operation
  /** As the world has it. Nothing waits between identifying and running, so only a write, on its draft, asks again. */
  readonly caller: Who
  readonly identify: (view: View) => Who
  readonly input: Values
}
type LoginOperation = Extract<Operation, { readonly kind: 'login' }>
type SignedOperation = Exclude<Operation, LoginOperation>

/** Authorize, run, record, encode: in one tick on one state, but for what waits for the disk. */
async function perform(it: Performance<Verified> & { readonly operation: SignedOperation }): Promise<HttpResponse> {
  const { gate, operation, caller } = it
  switch (operation.kind) {
    case 'read': {
      const scene = sceneOn(it, gate.world, caller, untried)
      const output = operation.run(allowed(it, scene), it.input)
      gate.ledger.soon(records(it, gate.world, output))
      return encode(it, output)
    }
    case 'mint':
      return mint(it, operation.spends?.(it.input) === true, operation.run)
    case 'data': {
      const scene = { ...sceneOn(it, gate.world, caller, untried), trail: gate.trail, survey: gate.survey }
      const output = await operation.run(allowed(it, scene), it.input)
      gate.ledger.soon(records(it, gate.world, output))
      return encode(it, output)
    }
    case 'write': {
      const passwords = new RequestPasswords(gate.hasher)
      const keyPairs = new RequestKeyPairs(gate.keyMaker)
      const reply = await untilKnown(() =>
        committed(it, (draft, writer, judge) => {
          // A draft is one over the world as it is in this very tick.
          const { revision } = gate.world
          const scene: WriteScene = {
            ...sceneOn(it, draft, writer, judge),
            passwords: passwords.judgedBy(judge),
            keyPairs,
            origin: gate.origin(),
            revision,
          }
          return operation.run(allowed(it, scene), it.input)
        }),
      )
      if (reply === undefined)
        throw new StoreUnavailable('what was to be changed was changed by others, again and again')
      return reply
    }
  }
}

/** Makes credentials, for a caller by signature or by token; in the committer where that uses something up. */
async function mint<Who extends Verified | VerifiedLogin>(
  it: Performance<Who>,
  spends: boolean,
  run: (scene: Authorized<MintScene<string, Who>>, input: object) => object,
): Promise<HttpResponse> {
  const { gate, caller } = it
  if (spends)
    return committed(it, (draft, writer, judge) => {
      const scene: MintScene<string, Who> = { ...sceneOn(it, draft, writer, judge), ...minter(it, draft) }
      return run(allowed(it, scene), it.input)
    })
  const scene: MintScene<string, Who> = {
    ...sceneOn(it, unwritable(gate.world), caller, untried),
    ...minter(it, gate.world),
  }
  const output = run(allowed(it, scene), it.input)
  const reply = encode(it, output)
  // INVARIANT: no credential leaves before its record is on disk.
  await gate.ledger.now(records(it, gate.world, output))
  return reply
}

/**
 * Runs what changes the state, on a draft inside the committer: who was let in by the world is identified and authorized once
 * more in the state that is changed. Its record becomes durable with the change, before anything is answered.
 */
async function committed<Who extends Verified | VerifiedLogin>(
  it: Performance<Who>,
  run: (draft: Draft, writer: Who, judge: Judge) => object,
): Promise<HttpResponse> {
  const { gate, walk } = it
  // Its record would become durable with it, but could be read nowhere: who changes things while nobody can look waits.
  if (!gate.ledger.healthy) throw new StoreUnavailable('no audit sink takes records')
  return gate.committer.write((draft) => {
    const trial = new Trial(walk.at)
    try {
      const writer = it.identify(draft)
      walk.caller = writer
      const output = run(draft, writer, trial.judge)
      // Encoded before it is durable: an answer that cannot be written must not leave a change behind.
      return { result: encode(it, output), trail: records(it, draft, output) }
    } catch (error) {
      if (!trial.failed) throw error
      return { refused: error, leave: (rest) => trial.leave(rest) }
    }
  })
}

const neverSaid = () => {
  throw new Error('an operation that makes credentials changes the state, and did not say so')
}

/** A view that an operation could write to only against its own word. */
const unwritable = (view: View): Writable => ({
  get: (kind, id) => view.get(kind, id),
  find: (kind, key) => view.find(kind, key),
  one: (kind, key) => view.one(kind, key),
  put: neverSaid,
  remove: neverSaid,
})

const sceneOn = <State extends View, Who extends Verified | VerifiedLogin>(
  { gate, walk }: Performance<Who>,
  state: State,
  caller: Who,
  judge: Judge,
): Scene<State, string, Who> => ({
  state,
  caller,
  now: walk.at,
  random: gate.random,
  vault: safeOver(gate.vault, state, judge),
  decoded: (message) => openMessage(message, caller.account, (id) => ringSecret(gate, state, id)),
  fail,
})

function allowed<Stage extends AnyScene>(
  { gate, operation, input, walk }: Performance<Verified | VerifiedLogin>,
  scene: Stage,
) {
  const { meter } = gate
  operation.check?.(input, scene)
  walk.touched = operation.touches?.(input, scene) ?? []
  const began = meter.now()
  try {
    const encode = operation.encodes ? encoder(gate, walk, scene.state) : undefined
    return authorize(operation, input, scene, { connection: walk.connection, encode })
  } finally {
    meter.decision(meter.now() - began)
  }
}

const records = ({ gate, walk }: { readonly gate: Gate; readonly walk: Walk }, view: View, output: object) =>
  recordsOf(walk, view, gate.random, { output })

const encode = ({ protocol, service, model, walk }: Way, output: object): HttpResponse =>
  protocol.encode(service, model, output, walk.requestId)

/** The newest key of the ring: the one that seals. */
function newestKey(gate: Gate, view: View): TokenKeyLike {
  const [newest] = [...view.find('token-key', everywhere)].sort((a, b) => b.createdAt - a.createdAt)
  if (newest === undefined) throw new Error('the ring of token keys is empty')
  return { id: newest.id, secret: secretOf(gate.vault, newest) }
}

function ringSecret(gate: Gate, view: View, id: string): string | undefined {
  const key = view.get('token-key', id)
  return key && secretOf(gate.vault, key)
}

/** What makes tokens: of sessions, and of identities. */
const minter = (
  { gate, walk }: { readonly gate: Gate; readonly walk: Walk },
  view: View,
): Pick<MintScene, 'seal' | 'sign' | 'region'> => ({
  seal(claims: SessionClaims) {
    const minted = { ...claims, revision: gate.world.revision }
    walk.minted = minted
    return sealSession(minted, newestKey(gate, view), gate.random)
  },
  sign: signerOver(gate.vault),
  region: walk.connection.region,
})

/** Encodes a refusal for the caller's account, as fully as a message holds. */
const encoder =
  (gate: Gate, { requestId }: Walk, view: View) =>
  (circumstances: Circumstances, decision: Decision): string => {
    const key = newestKey(gate, view)
    for (const failure of failureOf(circumstances, decision)) {
      const message = { requestId, decoded: JSON.stringify(failure) }
      const sealed = sealMessage(message, circumstances.caller.account, key, gate.random)
      if (sealed !== undefined) return sealed
    }
    throw new Error('the shortest authorization message is too long')
  }

const internalFailure = () =>
  new Fault(
    'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
    500,
  )
const unavailable = () =>
  new Fault('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503)

function faultOf(gate: Gate, walk: Walk, error: unknown): Fault {
  if (error instanceof Fault) return error
  gate.alarm(walk.requestId, error)
  // A secret that cannot be opened here may be openable on another node, or here once the operator has brought its key.
  return error instanceof StoreUnavailable || error instanceof CannotOpen ? unavailable() : internalFailure()
}

/** Turns what ended the walk into AWS's answer, and into the trail's entry. */
async function refuse(gate: Gate, protocol: Protocol, walk: Walk, fault: Fault): Promise<HttpResponse> {
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
export const decisionHeader = 'x-rolecall-decision-id'

/** Carried by answers that were given without the store: how old, at most, is what they rest on. */
export const staleHeader = 'x-rolecall-stale-seconds'
