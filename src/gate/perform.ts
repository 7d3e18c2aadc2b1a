import type { Verified, VerifiedLogin } from '../access/caller.ts'
import {
  type AnyScene,
  type Authorized,
  fail,
  type MintScene,
  type Operation,
  type Scene,
  type Writable,
  type WriteScene,
} from '../service/operation.ts'
import type { Draft } from '../state/draft.ts'
import type { View } from '../state/view.ts'
import { StoreUnavailable } from '../store/store.ts'
import { openMessage } from '../token/message.ts'
import type { HttpResponse } from '../wire/http.ts'
import { authorize } from './authorize.ts'
import { RequestKeyPairs } from './key-pairs.ts'
import { RequestPasswords } from './passwords.ts'
import { untilKnown } from './pending.ts'
import { recordsOf } from './record.ts'
import { safeOver } from './safe.ts'
import { encoder, minter, ringSecret } from './seal.ts'
import { type Judge, Trial, untried } from './trial.ts'
import type { Gate, Performance, Walk, Way } from './walk.ts'

export type LoginOperation = Extract<Operation, { readonly kind: 'login' }>
type SignedOperation = Exclude<Operation, LoginOperation>

/** Authorize, run, record, encode: in one tick on one state, but for what waits for the disk. */
export async function perform(
  it: Performance<Verified> & { readonly operation: SignedOperation },
): Promise<HttpResponse> {
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
export async function mint<Who extends Verified | VerifiedLogin>(
  it: Performance<Who>,
  spends: boolean,
  run: (scene: Authorized<MintScene<string, Who>>, input: object) => object,
): Promise<HttpResponse> {
  const { gate, caller } = it
  if (spends)
    return committed(it, (draft, writer, judge) => run(allowed(it, mintSceneOn(it, draft, writer, judge)), it.input))
  const scene = mintSceneOn(it, unwritable(gate.world), caller, untried)
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

/** Written out member by member: the engine takes several times as long over what stands behind a spread, and every mint has one. */
function mintSceneOn<Who extends Verified | VerifiedLogin>(
  it: Performance<Who>,
  on: Writable,
  who: Who,
  judge: Judge,
): MintScene<string, Who> {
  const { state, caller, now, random, vault, decoded, fail: refuse } = sceneOn(it, on, who, judge)
  const { seal, sign, region } = minter(it, on)
  return { state, caller, now, random, vault, decoded, fail: refuse, seal, sign, region }
}

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
