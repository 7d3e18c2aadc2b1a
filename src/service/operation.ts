import { type Credentials, everyCredential, type Verified, type VerifiedLogin } from '../access/caller.ts'
import type { Need } from '../access/need.ts'
import type { LookupPage, Question } from '../audit/lookup.ts'
import type { Random } from '../base/env.ts'
import { Fault, type Reason } from '../base/fault.ts'
import type { KeyPairs } from '../base/key-pair.ts'
import type { Passwords } from '../base/password.ts'
import type { Safe } from '../base/sealed.ts'
import type { CloudtrailCalls } from '../model/calls/cloudtrail.ts'
import type { IamCalls } from '../model/calls/iam.ts'
import type { OrganizationsCalls } from '../model/calls/organizations.ts'
import type { RolecallCalls } from '../model/calls/rolecall.ts'
import type { StsCalls } from '../model/calls/sts.ts'
import type { Entity, Kind } from '../state/entity.ts'
import type { JwtKey } from '../state/key.ts'
import type { Survey } from '../state/survey.ts'
import type { View } from '../state/view.ts'
import type { AuthorizationMessage } from '../token/message.ts'
import type { SessionClaims } from '../token/session.ts'

export interface Services {
  readonly iam: IamCalls
  readonly sts: StsCalls
  readonly organizations: OrganizationsCalls
  readonly cloudtrail: CloudtrailCalls
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

/**
 * Services whose refusals carry the decision itself, sealed, for whoever may decode it (STS API Reference,
 * DecodeAuthorizationMessage). AWS's EC2 does so; ours does.
 */
const encoding: ReadonlySet<ServiceId> = new Set<ServiceId>(['rolecall'])

/**
 * The credentials that a service takes wherever an operation of it says nothing else. QUIRK: session-token-without-mfa. A user's
 * session opens IAM only where a second factor was shown. QUIRK: federated-user-stays-outside. Federated users reach neither IAM nor
 * STS, and a user's session reaches nearly nothing of STS (IAM User Guide, "Compare AWS STS credentials").
 */
const taken: Readonly<Record<ServiceId, readonly Credentials[]>> = {
  iam: ['key', 'own-session-with-mfa', 'assumed'],
  sts: ['key', 'assumed'],
  organizations: everyCredential,
  cloudtrail: everyCredential,
  rolecall: everyCredential,
}

/** The same for a service by its id: what an operation takes that is not built yet. */
export const takenBy = (service: string): readonly Credentials[] =>
  // A key that the table has is one of its own.
  Object.hasOwn(taken, service) ? taken[service as ServiceId] : []

/** Codes that any operation may answer with: AWS's common errors, which no operation's model lists. */
export type CommonFault =
  | 'AccessDenied'
  | 'ValidationError'
  | 'InvalidParameterValue'
  | 'InvalidClientTokenId'
  | 'InvalidAction'

/** AWS's access levels (Service Authorization Reference). The audit record's `readOnly` follows from them, but for what makes credentials. */
export type Level = 'list' | 'read' | 'write' | 'tagging' | 'permissions'

/** Writing to the state. Writes gather in a draft; the committer makes them durable, or drops them on a fault. */
export interface Writable extends View {
  readonly put: (entity: Entity) => void
  readonly remove: (kind: Kind, id: string) => void
}

/**
 * What can refuse: with the faults that it names, and the common ones. The reason is told to owners who ask why, and to nobody else;
 * `details` are what the model has in the fault besides its message.
 */
export interface Failing<Code extends string = never> {
  readonly fail: (
    code: Code | CommonFault,
    message?: string,
    status?: number,
    reason?: Reason,
    details?: Fault['details'],
  ) => never
}

/**
 * Everything that an operation may touch. No clock, no dice, no disk and no network but what stands here. Only the faults that the
 * model declares for the operation compile, and the common ones.
 */
export interface Scene<State extends View = View, Code extends string = string, Who = Verified> extends Failing<Code> {
  readonly state: State
  readonly caller: Who
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly random: Random
  /** Where secrets are put. No operation can take one out. */
  readonly vault: Safe
  /** What an encoded authorization message says, where it was made for the caller's account; `undefined` for every other text. */
  readonly decoded: (message: string) => AuthorizationMessage | undefined
}

/** A scene in which the state can be changed. */
export interface WriteScene<Code extends string = string> extends Scene<Writable, Code> {
  readonly passwords: Passwords
  readonly keyPairs: KeyPairs
  /** Where this authority is reached from outside, without a slash at the end: `https://id.example.com`. */
  readonly origin: string
  /** The number of the last change that the state knows of. What is written here becomes durable under a later one. */
  readonly revision: number
}

/**
 * A scene in which credentials can be made: sealing is the only way to a session token. It can be written to where the operation
 * said that it spends something, and nowhere else.
 */
export interface MintScene<Code extends string = string, Who = Verified> extends Scene<Writable, Code, Who> {
  readonly seal: (claims: SessionClaims) => string
  /** A web identity token with these claims. */
  readonly sign: (key: JwtKey, claims: object) => string
  /** The region that the request is signed for; `us-east-1` where it is not signed. */
  readonly region: string
}

/** A scene in which whoever showed an identity provider's token is given credentials. */
export type LoginScene<Code extends string = string> = MintScene<Code, VerifiedLogin>

/** The scene of any operation, before it is known whether a signature or a token stands behind it. */
export type AnyScene = Scene<View, string, Verified | VerifiedLogin>

/** What a request shows in the place of a signature, and the account whose provider must vouch for it. */
export type Presentation =
  | {
      readonly kind: 'web-identity'
      readonly account: string
      readonly token: string
      /** The role that it is shown for: a token may be for some roles only. */
      readonly role: string
    }
  | {
      readonly kind: 'saml'
      readonly account: string
      /** The provider's ARN, as the request names it. */
      readonly provider: string
      /** Base64. */
      readonly assertion: string
      /** The role that the assertion must be for. */
      readonly role: string
    }

/** What the trail knows, for operations that answer from it. Rows of one account only: the caller's. */
export interface TrailReader {
  /** The refusal that has this request id, and with `undefined` the newest one. */
  readonly decision: (account: string, requestId: string | undefined) => Promise<RecordedDecision | undefined>
  readonly lookup: (question: Question) => Promise<LookupPage>
}
export interface RecordedDecision {
  readonly requestId: string
  readonly at: number
  /** The CloudTrail record, JSON. */
  readonly event: string
  /** The explanation, JSON. */
  readonly decision: string
}

/** A scene for what waits for something outside the state: authorized first, then asynchronous. */
export interface DataScene<Code extends string = string> extends Scene<View, Code> {
  readonly trail: TrailReader
  /** Goes over the state, in turns: for what would hold everybody else up. What else is read of the state is read before it. */
  readonly survey: Survey
}

/** What may be written about an operation in the audit record beyond its parameters and response. */
export interface Touched {
  readonly arn: string
  readonly account: string
  readonly type: string
}

interface Declared<S extends ServiceId, N extends NameOf<S>, Stage extends Scene<View, string, unknown>> {
  readonly level: Level
  /**
   * Everything that must be allowed before `run`, asked in this order. Empty only where AWS never authorizes the call
   * (GetCallerIdentity, GetSessionToken). An entity that does not exist has its needs too, so that a refusal comes first
   * and existence is not told to those who may not know.
   */
  readonly needs: (input: InputOf<S, N>, scene: Scene<View, string, Stage['caller']>) => readonly Need[]
  /** The credentials that it is open to, where that is not as its service has it. */
  readonly takes?: readonly Credentials[]
  /** Checks between shape and authorization that the model cannot express; throws a Fault. */
  readonly check?: (input: InputOf<S, N>, scene: Scene<View, string, Stage['caller']>) => void
  /** Resources for the audit record. */
  readonly touches?: (input: InputOf<S, N>, scene: Scene<View, string, Stage['caller']>) => readonly Touched[]
  readonly run: (
    scene: Stage,
    input: InputOf<S, N>,
  ) => Stage extends { readonly trail: TrailReader } ? Promise<OutputOf<S, N>> : OutputOf<S, N>
}

/** What makes credentials, and may use something up for them. */
interface DeclaredMint<S extends ServiceId, N extends NameOf<S>> extends Declared<S, N, MintScene<FaultsOf<S, N>>> {
  /**
   * Whether this call uses something up: a code of a second factor, which must be good for one call on one node only. Then it is a
   * write as well, and its record becomes durable in the same transaction.
   */
  readonly spends?: (input: InputOf<S, N>) => boolean
  /**
   * Whether its credentials are those of a role. QUIRK: becoming-is-reading. CloudTrail counts becoming a role as reading, and every other
   * way to credentials as writing (IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail").
   */
  readonly becomes?: true
}

/** What makes credentials for whoever shows an identity provider's token. The request carries no signature, and none is looked at. */
interface DeclaredLogin<S extends ServiceId, N extends NameOf<S>> extends Declared<S, N, LoginScene<FaultsOf<S, N>>> {
  readonly presents: (input: InputOf<S, N>) => Presentation
  /** As for what mints by signature: a token that is good for one call only is used up. */
  readonly spends?: (input: InputOf<S, N>) => boolean
  readonly becomes?: true
}

type FaultsOf<S extends ServiceId, N extends NameOf<S>> = CallOf<S, N>['faults']

/** One operation, declared once. Routing, authorization, audit and coverage derive from it and from AWS's model. */
export type Operation = {
  readonly service: ServiceId
  readonly name: string
  readonly level: Level
  /** Whether a refusal ends in an encoded authorization message. */
  readonly encodes: boolean
  /** The credentials that it is open to; whoever comes with others is not asked about. */
  readonly takes: readonly Credentials[]
  readonly needs: (input: object, scene: AnyScene) => readonly Need[]
  readonly check?: (input: object, scene: AnyScene) => void
  readonly touches?: (input: object, scene: AnyScene) => readonly Touched[]
} & (
  | { readonly kind: 'read'; readonly run: (scene: Authorized<Scene>, input: object) => object }
  | { readonly kind: 'write'; readonly run: (scene: Authorized<WriteScene>, input: object) => object }
  | {
      readonly kind: 'mint'
      readonly spends?: (input: object) => boolean
      readonly becomes?: true
      readonly run: (scene: Authorized<MintScene>, input: object) => object
    }
  | {
      readonly kind: 'login'
      readonly presents: (input: object) => Presentation
      readonly spends?: (input: object) => boolean
      readonly becomes?: true
      readonly run: (scene: Authorized<LoginScene>, input: object) => object
    }
  | { readonly kind: 'data'; readonly run: (scene: Authorized<DataScene>, input: object) => Promise<object> }
)

declare const authorized: unique symbol

/** A scene that every need of the operation was allowed in. INVARIANT: only `gate/authorize.ts` makes one, and nothing runs without. */
export type Authorized<Stage extends AnyScene> = Stage & { readonly [authorized]: true }

/** The kinds of operation of one service: reading, changing the state, making credentials (also for a login), and answering from elsewhere. */
export const operationsOf = <S extends ServiceId>(service: S) => ({
  read: <N extends NameOf<S>>(name: N, declared: Declared<S, N, Scene<View, FaultsOf<S, N>>>): Operation =>
    erase(service, name, 'read', declared),
  write: <N extends NameOf<S>>(name: N, declared: Declared<S, N, WriteScene<FaultsOf<S, N>>>): Operation =>
    erase(service, name, 'write', declared),
  mint: <N extends NameOf<S>>(name: N, declared: DeclaredMint<S, N>): Operation =>
    erase(service, name, 'mint', declared),
  login: <N extends NameOf<S>>(name: N, declared: DeclaredLogin<S, N>): Operation =>
    erase(service, name, 'login', declared),
  data: <N extends NameOf<S>>(name: N, declared: Declared<S, N, DataScene<FaultsOf<S, N>>>): Operation =>
    erase(service, name, 'data', declared),
})

/** The gate handles operations without knowing their inputs; it hands each one only what the model decoded for its name. */
const erase = (service: ServiceId, name: string, kind: Operation['kind'], declared: object): Operation =>
  // The input that reaches `needs` and `run` was decoded and validated by the model under this very name.
  Object.freeze({
    service,
    name,
    kind,
    encodes: encoding.has(service),
    takes: taken[service],
    ...declared,
  }) as Operation

export const fail: Scene['fail'] = (code, message, status, reason, details) => {
  throw new Fault(code, message, status, details, reason)
}
