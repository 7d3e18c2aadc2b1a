import {
  type Asked,
  type AttachedPolicy,
  absentLayer,
  consult,
  type FailedPart,
  type LayerKind,
  type LayerTrace,
  asked as prepare,
  type StatementTrace,
  type Verdict,
} from './layer.ts'
import type { Principal, Request } from './request.ts'
import { both, either, not, type Truth } from './truth.ts'

export type { AttachedPolicy, FailedPart, LayerKind, LayerTrace, PolicySource, StatementTrace } from './layer.ts'

/** Everything that stands over one request. */
export interface Situation {
  readonly request: Request
  /**
   * `undefined`: the principal has no identity side (a service, the anonymous, a foreign token). For users, sessions and
   * federated users it then counts as empty.
   */
  readonly identity?: readonly AttachedPolicy[] | undefined
  /** AWS knows one a principal. Of several each must allow. */
  readonly boundary?: AttachedPolicy | readonly AttachedPolicy[] | undefined
  /** `undefined`: none given. An empty list allows nothing; so does none at all for a federated user. */
  readonly session?: readonly AttachedPolicy[] | undefined
  /** Service control policies over the principal's account, a list for each level from the root down; each must allow. */
  readonly scps?: readonly (readonly AttachedPolicy[])[] | undefined
  /** Resource control policies over the resource's account, likewise. */
  readonly rcps?: readonly (readonly AttachedPolicy[])[] | undefined
  /** Of several, each must allow. */
  readonly endpoint?: AttachedPolicy | readonly AttachedPolicy[] | undefined
  readonly resource?:
    | {
        readonly account: string
        readonly policies: readonly AttachedPolicy[]
        /** `trust`: the role's own policy must allow. `key`: so must the key's. */
        readonly rule: 'ordinary' | 'trust' | 'key'
      }
    | undefined
  /** The root user of the principal's account. */
  readonly root?: boolean
}

export interface Decision {
  readonly effect: 'allow' | 'deny' | 'unknown'
  readonly because: 'granted' | 'root' | 'explicit-deny' | 'ceiling' | 'no-grant' | 'unknown'
  /** For a denial: the layer that AWS's message names. */
  readonly blocking?: LayerKind | undefined
  readonly crossAccount: boolean
  /** In the order of evaluation. */
  readonly layers: readonly LayerTrace[]
  readonly request: Request
  /** The account of the resource, as far as it was told. */
  readonly resourceAccount?: string | undefined
  readonly rule: 'ordinary' | 'trust' | 'key'
  /** For `unknown`: the clauses that it hangs on. */
  readonly pending: readonly Pending[]
}

export interface Pending {
  readonly kind: LayerKind
  readonly statement: StatementTrace
  readonly part: FailedPart
}

/** The answers of all layers, each in three truths. A ceiling that does not stand over the request is `yes`. */
interface Answers {
  readonly rcp: Truth
  readonly scp: Truth
  readonly endpoint: Truth
  readonly identity: Truth
  readonly boundary: Truth
  readonly session: Truth
  readonly direct: Truth
  readonly issuer: Truth
  readonly account: Truth
}

/**
 * May this request be? Total: every situation has a decision, and none throws. The whole trace is the result, and the effect is
 * only its last line (IAM User Guide, "Policy evaluation logic").
 */
export function decide(situation: Situation): Decision {
  const { request } = situation
  const { principal } = request
  const asked = prepare(request)
  const owner = situation.resource?.account ?? request.resourceAccount
  const crossAccount = principal.account !== undefined && owner !== undefined && owner !== principal.account
  const rule = situation.resource?.rule ?? 'ordinary'
  const root = situation.root ?? principal.kind === 'root'

  const verdicts = consultAll(situation, asked, owner, crossAccount)
  const layers: LayerTrace[] = []
  let denied: Truth = 'no'
  const overruled = root && !crossAccount && bucketPolicyActions.has(request.action.toLowerCase())
  for (const { trace, denies } of verdicts) {
    layers.push(trace)
    if (!overruled || trace.kind !== 'resource') denied = either(denied, denies)
  }
  const answers = gather(verdicts, root)
  const sided = hasIdentitySide(principal) || root
  const allowed = allows(answers, rule, crossAccount, sided)

  const settle = (
    effect: Decision['effect'],
    because: Decision['because'],
    blocking?: LayerKind,
    pending: readonly Pending[] = [],
  ): Decision => ({
    effect,
    because,
    blocking,
    crossAccount,
    layers,
    request,
    resourceAccount: owner,
    rule,
    pending,
  })

  // What is never asked is not refused either; who is let in already need not be looked up.
  const refusable = denied !== 'no' || allowed !== 'yes'
  if (refusable && sided && neverAsked.has(request.action.toLowerCase())) return settle('allow', 'granted')

  // An explicit Deny ends it, whatever else is said; so does the certain lack of an Allow, whatever else is not known.
  if (denied === 'yes')
    return settle(
      'deny',
      'explicit-deny',
      verdicts.find(({ trace, denies }) => denies === 'yes' && !(overruled && trace.kind === 'resource'))?.trace.kind,
    )
  if (allowed === 'no') {
    const blocking = blocker(answers, rule, crossAccount, sided)
    return settle('deny', blocking === 'identity' || blocking === 'resource' ? 'no-grant' : 'ceiling', blocking)
  }
  if (both(not(denied), allowed) === 'unknown') {
    return settle('unknown', 'unknown', undefined, pendingIn(verdicts, allowed))
  }
  return settle('allow', root && !crossAccount && rule === 'ordinary' ? 'root' : 'granted')
}

function consultAll(
  situation: Situation,
  asked: Asked,
  owner: string | undefined,
  crossAccount: boolean,
): readonly Verdict[] {
  const { principal } = situation.request
  const caller = principal.account ?? ''
  const verdicts: Verdict[] = []
  const unbound = isServiceLinked(principal)
  const rcps = unbound ? none : (situation.rcps ?? none)
  for (let level = 0; level < rcps.length; level++) {
    const policies = rcps[level] ?? none
    verdicts.push(consult({ kind: 'rcp', account: ownerOf(policies) ?? owner ?? caller, level }, policies, asked))
  }
  // Service control policies limit the principals of an account. Services, the anonymous and foreign tokens are of none.
  const scps = unbound || principal.account === undefined ? none : (situation.scps ?? none)
  for (let level = 0; level < scps.length; level++) {
    const policies = scps[level] ?? none
    verdicts.push(consult({ kind: 'scp', account: ownerOf(policies) ?? caller, level }, policies, asked))
  }
  for (const endpoint of eachOf(situation.endpoint)) {
    verdicts.push(consult({ kind: 'endpoint', account: endpoint.source.account }, [endpoint], asked))
  }
  const { resource } = situation
  if (resource !== undefined) {
    const place = { kind: 'resource', account: resource.account, trust: resource.rule === 'trust' } as const
    verdicts.push(consult(place, resource.policies, asked))
  } else if (crossAccount) verdicts.push(absentLayer('resource', owner ?? ''))

  if (hasIdentitySide(principal)) {
    verdicts.push(consult({ kind: 'identity', account: caller }, situation.identity ?? [], asked))
  } else if (situation.identity !== undefined && situation.identity.length > 0) {
    // No one of this kind has policies of its own. If some are handed in all the same, their Denies count.
    verdicts.push(consult({ kind: 'identity', account: caller }, situation.identity, asked))
  } else verdicts.push(absentLayer('identity', caller))

  for (const boundary of eachOf(situation.boundary)) {
    verdicts.push(consult({ kind: 'boundary', account: caller }, [boundary], asked))
  }
  // QUIRK: federated-user-without-session-policy. A federated user that was given none may do nothing by its user's policies.
  const session = situation.session ?? (principal.kind === 'federated-user' ? [] : undefined)
  if (session !== undefined) verdicts.push(consult({ kind: 'session', account: caller }, session, asked))
  return verdicts
}

const none: readonly never[] = []

/**
 * QUIRK: service-linked-role-unbound. Policies of an organization do not hold for service-linked roles, so that a service can always
 * do its work (AWS Organizations User Guide, "Service control policies").
 */
const isServiceLinked = ({ kind, arns }: Principal): boolean =>
  kind === 'role-session' && arns.some((arn) => /^arn:[^:]*:iam::\d{12}:role\/aws-service-role\//.test(arn))

/**
 * QUIRK: root-keeps-its-bucket-policy. A bucket's policy cannot keep the root user of its own account from reading, replacing and
 * deleting that policy: nobody can lock themselves out for good (Amazon S3 User Guide, "Bucket policies").
 */
const bucketPolicyActions: ReadonlySet<string> = new Set([
  's3:getbucketpolicy',
  's3:putbucketpolicy',
  's3:deletebucketpolicy',
])

/**
 * QUIRK: never-asked. Nobody needs a permission to learn who they are or to get a session of their own, and no policy can keep them
 * from it (AWS STS API Reference, GetCallerIdentity and GetSessionToken).
 */
const neverAsked: ReadonlySet<string> = new Set(['sts:getcalleridentity', 'sts:getsessiontoken'])

/** A ceiling of several policies is several ceilings: every one must allow. */
const eachOf = (ceiling: AttachedPolicy | readonly AttachedPolicy[] | undefined): readonly AttachedPolicy[] =>
  ceiling === undefined ? none : 'policy' in ceiling ? [ceiling] : ceiling

/** Policies of an organization belong to the account that manages it, not to the account they stand over. */
const ownerOf = (policies: readonly AttachedPolicy[]): string | undefined => policies[0]?.source.account

/** Services, the anonymous and holders of foreign tokens have no policies of their own: the resource's side alone decides. */
const hasIdentitySide = ({ kind }: Principal): boolean =>
  kind === 'user' || kind === 'role-session' || kind === 'federated-user' || kind === 'root'

function gather(verdicts: readonly Verdict[], root: boolean): Answers {
  const answers: { -readonly [K in keyof Answers]: Truth } = {
    rcp: 'yes',
    scp: 'yes',
    endpoint: 'yes',
    identity: root ? 'yes' : 'no',
    boundary: 'yes',
    session: 'yes',
    direct: 'no',
    issuer: 'no',
    account: 'no',
  }
  for (const { trace, allows, tiers } of verdicts) {
    const { kind } = trace
    if (kind === 'identity') answers.identity = either(answers.identity, allows)
    else if (kind === 'resource') {
      answers.direct = tiers.direct
      answers.issuer = tiers.issuer
      answers.account = tiers.account
    } else answers[kind] = both(answers[kind], allows)
  }
  return answers
}

const all = (a: Truth, b: Truth, c: Truth, d: Truth = 'yes'): Truth => both(both(a, b), both(c, d))
const any = (a: Truth, b: Truth, c: Truth = 'no'): Truth => either(either(a, b), c)

/** Whether enough is allowed, leaving Denies aside. */
function allows(answers: Answers, rule: Decision['rule'], crossAccount: boolean, sided: boolean): Truth {
  const { rcp, scp, endpoint, identity, boundary, session, direct, issuer, account } = answers
  const ceilings = all(rcp, scp, endpoint)
  const named = any(direct, issuer, account)
  if (!sided) return both(ceilings, named)
  const limits = both(boundary, session)
  if (crossAccount) return all(ceilings, identity, limits, named)
  if (rule === 'ordinary') return both(ceilings, any(direct, both(either(identity, issuer), limits)))
  // A role and a key obey their own policy: without a grant there, none of the account's policies helps.
  return both(ceilings, any(direct, both(issuer, limits), all(account, identity, limits)))
}

/** The first layer, in the order of evaluation, that had to allow and does not. Only where `allows` is `no`. */
function blocker(answers: Answers, rule: Decision['rule'], crossAccount: boolean, sided: boolean): LayerKind {
  const first = (...kinds: readonly (keyof Answers & LayerKind)[]): LayerKind | undefined =>
    kinds.find((kind) => answers[kind] === 'no')
  const ceiling = first('rcp', 'scp', 'endpoint')
  if (ceiling !== undefined) return ceiling
  if (!sided) return 'resource'
  const { direct, issuer, account } = answers
  if (crossAccount) return first('identity', 'boundary', 'session') ?? 'resource'
  if (rule === 'ordinary') {
    return (issuer === 'no' ? first('identity', 'boundary', 'session') : first('boundary', 'session')) ?? 'identity'
  }
  if (any(direct, issuer, account) === 'no') return 'resource'
  if (issuer !== 'no') return first('boundary', 'session') ?? 'resource'
  return first('identity', 'boundary', 'session') ?? 'resource'
}

/** The statements that nobody can judge, where their judgement matters: Denies always, Allows if they are missed. */
function pendingIn(verdicts: readonly Verdict[], allowed: Truth): readonly Pending[] {
  const pending: Pending[] = []
  for (const { trace } of verdicts) {
    for (const statement of trace.hanging) {
      if (statement.statement.effect === 'Deny' || allowed === 'unknown') {
        pending.push({ kind: trace.kind, statement, part: statement.failed })
      }
    }
  }
  return pending
}
