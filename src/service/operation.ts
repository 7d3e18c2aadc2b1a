import type { Random } from '../base/env.ts'
import { Fault } from '../base/fault.ts'
import type { Verified } from '../access/caller.ts'
import type { Need } from '../access/need.ts'
import type { IamCalls } from '../model/calls/iam.ts'
import type { RolecallCalls } from '../model/calls/rolecall.ts'
import type { StsCalls } from '../model/calls/sts.ts'
import type { Entity, Kind } from '../state/entity.ts'
import type { View } from '../state/view.ts'
import type { SessionClaims } from '../token/session.ts'

export interface Services {
  readonly iam: IamCalls
  readonly sts: StsCalls
  readonly rolecall: RolecallCalls
}

interface Call {
  readonly input: object
  readonly output: object
  readonly faults: string
}
export type ServiceId = keyof Services
export type NameOf<S extends ServiceId> = keyof Services[S] & string
type CallOf<S extends ServiceId, N extends NameOf<S>> = Services[S][N] extends Call ? Services[S][N] : never
export type InputOf<S extends ServiceId, N extends NameOf<S>> = CallOf<S, N>['input']
export type OutputOf<S extends ServiceId, N extends NameOf<S>> = CallOf<S, N>['output']

/** Codes that any operation may answer with: AWS's common errors, which no operation's model lists. */
export type CommonFault = 'AccessDenied' | 'ValidationError' | 'InvalidParameterValue' | 'InvalidClientTokenId' | 'InvalidAction'

/** AWS's access levels (Service Authorization Reference). The audit record's `readOnly` follows from them. */
export type Level = 'list' | 'read' | 'write' | 'tagging' | 'permissions'

/** Writing to the state. Writes gather in a draft; the committer makes them durable, or drops them on a fault. */
export interface Writable extends View {
  readonly put: (entity: Entity) => void
  readonly remove: (kind: Kind, id: string) => void
}

/** Everything that an operation may touch. No clock, no dice, no disk and no network but what stands here. */
export interface Scene<State extends View = View, Code extends string = string> {
  readonly state: State
  readonly caller: Verified
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly random: Random
  /** Only the faults that the model declares for this operation compile, and the common ones. */
  readonly fail: (code: Code | CommonFault, message?: string, status?: number) => never
}

/** A scene in which credentials can be made: sealing is the only way to a session token. */
export interface MintScene<Code extends string = string> extends Scene<View, Code> {
  readonly seal: (claims: SessionClaims) => string
}

/** What may be written about an operation in the audit record beyond its parameters and response. */
export interface Touched {
  readonly arn: string
  readonly account: string
  readonly type: string
}

interface Declared<S extends ServiceId, N extends NameOf<S>, Stage extends Scene> {
  readonly level: Level
  /**
   * Everything that must be allowed before `run`, asked in this order. Empty only where AWS never authorizes the call
   * (GetCallerIdentity, GetSessionToken). An entity that does not exist has its needs too, so that a refusal comes first
   * and existence is not told to those who may not know.
   */
  readonly needs: (input: InputOf<S, N>, scene: Scene) => readonly Need[]
  /** Checks between shape and authorization that the model cannot express; throws a Fault. */
  readonly check?: (input: InputOf<S, N>, scene: Scene) => void
  /** Resources for the audit record. */
  readonly touches?: (input: InputOf<S, N>, scene: Scene) => readonly Touched[]
  readonly run: (scene: Stage, input: InputOf<S, N>) => OutputOf<S, N>
}

type FaultsOf<S extends ServiceId, N extends NameOf<S>> = CallOf<S, N>['faults']

/** One operation, declared once. Routing, authorization, audit and coverage derive from it and from AWS's model. */
export type Operation = {
  readonly service: ServiceId
  readonly name: string
  readonly level: Level
  readonly needs: (input: object, scene: Scene) => readonly Need[]
  readonly check?: (input: object, scene: Scene) => void
  readonly touches?: (input: object, scene: Scene) => readonly Touched[]
} & (
  | { readonly kind: 'read'; readonly run: (scene: Scene, input: object) => object }
  | { readonly kind: 'write'; readonly run: (scene: Scene<Writable>, input: object) => object }
  | { readonly kind: 'mint'; readonly run: (scene: MintScene, input: object) => object }
)

/** The three kinds of operation of one service: reading, changing the state, and making credentials. */
export const operationsOf = <S extends ServiceId>(service: S) => ({
  read: <N extends NameOf<S>>(name: N, declared: Declared<S, N, Scene<View, FaultsOf<S, N>>>): Operation =>
    erase(service, name, 'read', declared),
  write: <N extends NameOf<S>>(name: N, declared: Declared<S, N, Scene<Writable, FaultsOf<S, N>>>): Operation =>
    erase(service, name, 'write', declared),
  mint: <N extends NameOf<S>>(name: N, declared: Declared<S, N, MintScene<FaultsOf<S, N>>>): Operation =>
    erase(service, name, 'mint', declared),
})

/** The gate handles operations without knowing their inputs; it hands each one only what the model decoded for its name. */
const erase = (service: ServiceId, name: string, kind: Operation['kind'], declared: object): Operation =>
  // The input that reaches `needs` and `run` was decoded and validated by the model under this very name.
  Object.freeze({ service, name, kind, ...declared }) as Operation

export const fail: Scene['fail'] = (code, message, status) => {
  throw new Fault(code, message, status)
}
