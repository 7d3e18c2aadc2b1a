import type { Verified, VerifiedLogin } from '../access/caller.ts'
import type { Clock, Random } from '../base/env.ts'
import type { KeyMaker } from '../base/key-pair.ts'
import type { Hasher } from '../base/password.ts'
import type { Vault } from '../base/sealed.ts'
import type { OperationModel, ServiceModel } from '../model/service.ts'
import type { Catalog } from '../service/catalog.ts'
import type { Operation, TrailReader } from '../service/operation.ts'
import type { Survey } from '../state/survey.ts'
import type { View } from '../state/view.ts'
import type { Committer } from '../store/committer.ts'
import type { HttpRequest } from '../wire/http.ts'
import type { Protocol, Values } from '../wire/protocol.ts'
import type { KeyCache } from '../wire/sigv4.ts'
import { connectionOf } from './authenticate.ts'
import type { Freshness } from './freshness.ts'
import type { Ledger } from './ledger.ts'
import type { Provers } from './login.ts'
import type { Meter } from './meter.ts'
import type { Walked } from './record.ts'
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
export type Walk = { -readonly [Key in keyof Walked]: Walked[Key] }

/** The global services sign for this region; a request that is not signed is counted there. */
const globalRegion = 'us-east-1'

/** A walk that has just begun. */
export function begin(gate: Gate, request: HttpRequest, requestId: string): Walk {
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

/** Which operation a request is for, and what it is written in. */
export interface Way {
  readonly protocol: Protocol
  readonly service: ServiceModel
  readonly model: OperationModel
  readonly walk: Walk
}

/** An operation that somebody asks for, up to whether they may. */
export interface Performance<Who extends Verified | VerifiedLogin> extends Way {
  readonly gate: Gate
  readonly operation: Operation
  /** As the world has it. Nothing waits between identifying and running, so only a write, on its draft, asks again. */
  readonly caller: Who
  readonly identify: (view: View) => Who
  readonly input: Values
}
