import { type AskedAction, askedAction, concerned } from './action.ts'
import { AskedArn } from './arn.ts'
import type { CompiledPolicy, CompiledStatement } from './compile.ts'
import type { Clause } from './condition.ts'
import { exceptsNot, namedAs, type Pins, type Tier } from './principal.ts'
import type { Lookup, Request } from './request.ts'
import { coversResource, untoldKeys } from './resource.ts'
import { both, either, type Truth } from './truth.ts'

/** The kinds of policy that may stand over one request. */
export type LayerKind = 'identity' | 'resource' | 'boundary' | 'session' | 'scp' | 'rcp' | 'endpoint'

export interface PolicySource {
  readonly type: 'managed' | 'inline' | 'boundary' | 'session' | 'trust' | 'resource' | 'scp' | 'rcp' | 'endpoint'
  readonly name: string
  readonly arn?: string
  /** ARN of the user, group, role or resource that carries it. */
  readonly holder?: string
  /** Who owns it. */
  readonly account: string
  readonly text?: string
}

export interface AttachedPolicy {
  readonly policy: CompiledPolicy
  readonly source: PolicySource
  /** Principal ARN as written in the document -> the unique id that it stood for when the policy was put. */
  readonly pins?: Pins
}

/** What one layer says, and the statements that said it. */
export interface LayerTrace {
  readonly kind: LayerKind
  /** Who owns this side; empty where the principal has no account. */
  readonly account: string
  /** For service and resource control policies: which level of the organization, from 0 at the root. */
  readonly level?: number | undefined
  readonly says: 'allow' | 'deny' | 'silent' | 'unknown' | 'absent'
  readonly policies: readonly AttachedPolicy[]
  /** Statements that apply. */
  readonly matched: readonly StatementTrace[]
  /** Statements of which action and resource match, but principal or condition does not. */
  readonly near: readonly StatementTrace[]
  /** Statements of which nobody can tell whether they apply. */
  readonly hanging: readonly HangingTrace[]
  /** Allows of which the action matches, but not the resource. */
  readonly elsewhere: readonly StatementTrace[]
  /** How many statements were left out of `near` and `elsewhere` because there were too many. */
  readonly omitted: number
}

export interface StatementTrace {
  readonly attached: AttachedPolicy
  readonly statement: CompiledStatement
  /** How closely a resource's policy names the principal. */
  readonly tier?: Tier | undefined
  /** The first part that failed, or that nobody could tell. */
  readonly failed?: FailedPart
}

/** A statement of which nobody can tell, with the part that says so. */
export type HangingTrace = StatementTrace & { readonly failed: FailedPart }

export interface FailedPart {
  readonly part: 'resource' | 'principal' | 'condition'
  /** For conditions: the operator and key, as written. */
  readonly operator?: string
  readonly key?: string
  /** What the statement names, as written. */
  readonly wanted: readonly string[]
  /** What the request has: its values, `null` where the key is absent, `undefined` where nobody told. */
  readonly seen: readonly string[] | null | undefined
  /** Keys that nobody told. */
  readonly untold?: readonly string[] | undefined
}

/** A request made ready, once for all layers. */
export interface Asked {
  readonly request: Request
  readonly action: AskedAction
  readonly resource: AskedArn
  readonly lookup: Lookup
}

export const asked = (request: Request): Asked => ({
  request,
  action: askedAction(request.action),
  resource: new AskedArn(request.resource),
  lookup: request.lookup,
})

/** One layer's answer in the three truths, with the trace it came from. */
export interface Verdict {
  readonly trace: LayerTrace
  readonly denies: Truth
  readonly allows: Truth
  /** Resource layer: whether an Allow names the principal this closely. */
  readonly tiers: Readonly<Record<Tier, Truth>>
}

/** Enough to explain by; what is more is counted. Hostile policies hold tens of thousands of near misses. */
const mostNear = 32
const mostElsewhere = 8

interface Place {
  readonly kind: LayerKind
  readonly account: string
  readonly level?: number
  /** A trust policy: the resource layer of assuming a role. */
  readonly trust?: boolean
}

const nothing: readonly never[] = []

/** A side that does not exist: it neither allows nor denies. */
export const absentLayer = (kind: LayerKind, account: string): Verdict => ({
  trace: {
    kind,
    account,
    level: undefined,
    says: 'absent',
    policies: nothing,
    matched: nothing,
    near: nothing,
    hanging: nothing,
    elsewhere: nothing,
    omitted: 0,
  },
  denies: 'no',
  allows: 'no',
  tiers: { direct: 'no', issuer: 'no', account: 'no' },
})

/** Asks every policy of a layer. All are asked, also after one has denied: the trace is the result. */
export function consult(place: Place, policies: readonly AttachedPolicy[], asked: Asked): Verdict {
  const matched: StatementTrace[] = []
  const near: StatementTrace[] = []
  const hanging: HangingTrace[] = []
  const elsewhere: StatementTrace[] = []
  const tiers: Record<Tier, Truth> = { direct: 'no', issuer: 'no', account: 'no' }
  let denies: Truth = 'no'
  let allows: Truth = 'no'
  let omitted = 0

  for (const attached of policies) {
    const { policy } = attached
    for (const index of concerned(policy.index, asked.action)) {
      const statement = policy.statements[index]
      if (statement === undefined) continue

      const covers = coverage(place, statement, asked)
      if (covers === 'no') {
        if (statement.effect === 'Deny') continue
        if (elsewhere.length < mostElsewhere) {
          elsewhere.push({ attached, statement, failed: failedResource(statement, asked) })
        } else omitted++
        continue
      }

      const tier = addressed(place, attached, statement, asked)
      if (tier === undefined) {
        if (near.length < mostNear) near.push({ attached, statement, failed: failedPrincipal(statement, asked) })
        else omitted++
        continue
      }

      let truth: Truth = covers
      let clause: Clause | undefined
      for (const candidate of statement.clauses) {
        const holds = candidate.holds(asked.lookup)
        if (holds === 'yes') continue
        if (holds === 'no' || truth === 'yes') clause = candidate
        truth = both(truth, holds)
        if (truth === 'no') break
      }

      if (truth === 'no') {
        if (near.length < mostNear) near.push({ attached, statement, tier, failed: failedClause(clause, false, asked) })
        else omitted++
        continue
      }
      if (statement.effect === 'Deny') denies = either(denies, truth)
      else {
        allows = either(allows, truth)
        tiers[tier] = either(tiers[tier], truth)
      }
      if (truth === 'yes') matched.push({ attached, statement, tier })
      else {
        const failed = covers === 'unknown' ? failedResource(statement, asked, true) : failedClause(clause, true, asked)
        hanging.push({ attached, statement, tier, failed })
      }
    }
  }

  const says =
    denies === 'yes'
      ? 'deny'
      : denies === 'unknown'
        ? 'unknown'
        : allows === 'yes'
          ? 'allow'
          : allows === 'unknown'
            ? 'unknown'
            : 'silent'
  const { kind, account, level } = place
  return {
    trace: { kind, account, level, says, policies, matched, near, hanging, elsewhere, omitted },
    denies,
    allows,
    tiers,
  }
}

function coverage(place: Place, statement: CompiledStatement, asked: Asked): Truth {
  // A policy that stands on a resource may leave the resource out: it means its own.
  if (statement.resources === undefined) return place.kind === 'resource' ? 'yes' : 'no'
  return coversResource(statement.resources, asked.resource, asked.lookup)
}

/** How closely the statement addresses the principal. Where a layer is about one principal, a statement needs to name none. */
function addressed(
  place: Place,
  attached: AttachedPolicy,
  statement: CompiledStatement,
  asked: Asked,
): Tier | undefined {
  const { principals, effect } = statement
  if (principals === undefined) return place.kind === 'resource' ? undefined : 'direct'
  if (principals.negated)
    return exceptsNot(principals, asked.request.principal, attached.pins, effect) ? 'direct' : undefined
  return namedAs(principals, asked.request.principal, attached.pins, place.trust === true && effect === 'Allow')
}

const failedResource = ({ resources }: CompiledStatement, asked: Asked, unknown = false): FailedPart => ({
  part: 'resource',
  wanted: resources?.patterns ?? nothing,
  seen: [asked.request.resource],
  untold: unknown && resources !== undefined ? untoldKeys(resources, asked.lookup) : undefined,
})

const failedPrincipal = (statement: CompiledStatement, asked: Asked): FailedPart => ({
  part: 'principal',
  wanted: statement.principals?.written ?? nothing,
  seen: principalNames(asked.request),
})

/** What the one who asks goes by, in the words of principals. */
const principalNames = ({ principal }: Request): readonly string[] =>
  principal.arns.length > 0
    ? principal.arns
    : (principal.services ?? (principal.federated === undefined ? [principal.kind] : [principal.federated]))

/** The value is looked up again in the same breath as it failed, so it is the value that it failed on. */
function failedClause(clause: Clause | undefined, unknown: boolean, asked: Asked): FailedPart {
  if (clause === undefined) return { part: 'condition', wanted: nothing, seen: undefined }
  const { operator, key, wanted } = clause
  const seen = asked.lookup(clause.askedKey)
  return { part: 'condition', operator, key, wanted, seen, untold: unknown ? clause.untold(asked.lookup) : undefined }
}
