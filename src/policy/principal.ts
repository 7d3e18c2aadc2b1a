import { isAccountId } from '../base/arn.ts'
import type { PrincipalSpan } from './document.ts'
import type { Principal } from './request.ts'

/**
 * How closely a resource's policy names the one who asks, which decides what limits the grant (IAM User Guide, "Policy evaluation
 * for requests within a single account"):
 * `direct` names this very principal, or everyone: nothing on the caller's side needs to allow, and no boundary or session policy
 * limits it; `issuer` names the role behind a session or the user behind a federated user: boundary and session policies do limit it;
 * `account` names the account: a delegation, which grants nothing unless the account's own policies do.
 */
export type Tier = 'direct' | 'issuer' | 'account'

export interface PrincipalMatcher {
  readonly negated: boolean
  /** As written. */
  readonly written: readonly string[]
  readonly everyone: boolean
  readonly accounts: ReadonlySet<string>
  /** ARNs and unique ids. */
  readonly names: ReadonlySet<string>
  readonly services: ReadonlySet<string>
  readonly federated: ReadonlySet<string>
}

/** Principal ARN as written in the document -> the unique id that it stood for when the policy was put. */
export type Pins = Readonly<Record<string, string>>

export function compilePrincipals(spans: readonly PrincipalSpan[], negated: boolean): PrincipalMatcher {
  let everyone = false
  const accounts = new Set<string>()
  const names = new Set<string>()
  const services = new Set<string>()
  const federated = new Set<string>()
  for (const { type, value } of spans) {
    if (type === 'Service') services.add(value)
    else if (type === 'Federated') federated.add(value)
    else if (value === '*' && (type === 'AWS' || type === 'STAR')) everyone = true
    else if (type === 'AWS') {
      const account = accountNamed(value)
      if (account === undefined) names.add(value)
      else accounts.add(account)
    }
  }
  return { negated, written: spans.map(({ value }) => value), everyone, accounts, names, services, federated }
}

/** The account that a principal names as a whole: `123456789012`, or the ARN of its root. */
export function accountNamed(value: string): string | undefined {
  if (isAccountId(value)) return value
  const parts = value.split(':')
  const [arn, partition, service, region, account] = parts
  if (parts.length !== 6 || arn !== 'arn' || partition === '' || service !== 'iam' || region !== '') return undefined
  return parts[5] === 'root' && account !== undefined && isAccountId(account) ? account : undefined
}

function tierOf(principal: Principal, arn: string): Tier {
  switch (principal.kind) {
    case 'role-session':
    case 'federated-user':
      // Sessions have ARNs of STS; the role or user behind one has an ARN of IAM.
      return arn.includes(':sts::') ? 'direct' : 'issuer'
    default:
      return 'direct'
  }
}

/**
 * Whether a `Principal` element names the one who asks, and how closely; `undefined` where it does not. `trust`: in a trust policy
 * `*` stands for every AWS principal, and the holders of a foreign token are named by their provider or not at all.
 */
export function namedAs(
  matcher: PrincipalMatcher,
  principal: Principal,
  pins: Pins | undefined,
  trust: boolean,
): Tier | undefined {
  if (matcher.everyone && !(trust && needsOwnName(principal))) return 'direct'
  let best: Tier | undefined
  for (const arn of principal.arns) {
    if (!matcher.names.has(arn)) continue
    // INVARIANT: a pinned ARN means whom it meant when it was written, which is asked below. Who bears the name now does not matter.
    if (pins !== undefined && Object.hasOwn(pins, arn)) continue
    best = closer(best, tierOf(principal, arn))
  }
  if (principal.uniqueId !== undefined) {
    if (matcher.names.has(principal.uniqueId) || isPinned(matcher, pins, principal.uniqueId)) {
      best = closer(best, principal.kind === 'user' ? 'direct' : 'issuer')
    }
  }
  if (principal.account !== undefined && matcher.accounts.has(principal.account)) {
    if (!needsOwnName(principal)) best = closer(best, principal.kind === 'root' ? 'direct' : 'account')
  }
  if (principal.services?.some((service) => matcher.services.has(service))) return 'direct'
  if (principal.federated !== undefined && matcher.federated.has(principal.federated)) return 'direct'
  return best
}

/** A user that was renamed or moved is still the one that was meant: the pin finds it under the name of old. */
function isPinned(matcher: PrincipalMatcher, pins: Pins | undefined, uniqueId: string): boolean {
  if (pins === undefined) return false
  for (const arn of Object.keys(pins)) if (pins[arn] === uniqueId && matcher.names.has(arn)) return true
  return false
}

const closer = (a: Tier | undefined, b: Tier): Tier =>
  a === 'direct' || b === 'direct' ? 'direct' : a === 'issuer' || b === 'issuer' ? 'issuer' : 'account'

const needsOwnName = ({ kind }: Principal): boolean =>
  kind === 'anonymous' || kind === 'web-identity' || kind === 'saml'

/**
 * Whether `NotPrincipal` leaves the one who asks under the statement.
 *
 * QUIRK: notprincipal-deny-needs-the-account. A Deny spares a user only if its account is listed too, and a session only if it, its
 * role and its account all are: whoever lists one of them alone denies the others around it (IAM User Guide, "NotPrincipal").
 * An Allow passes over everyone who is listed in any of these ways.
 */
export function exceptsNot(
  matcher: PrincipalMatcher,
  principal: Principal,
  pins: Pins | undefined,
  effect: 'Allow' | 'Deny',
): boolean {
  if (matcher.everyone) return false
  const tier = namedAs(matcher, principal, pins, false)
  if (effect === 'Allow') return tier === undefined
  switch (principal.kind) {
    case 'user':
    case 'role-session':
    case 'federated-user':
      return !(
        namesItself(matcher, principal) &&
        namesIssuer(matcher, principal, pins) &&
        principal.account !== undefined &&
        matcher.accounts.has(principal.account)
      )
    default:
      return tier === undefined
  }
}

/** Whether the session's own ARN is listed, where there is a session with a name. */
const namesItself = (matcher: PrincipalMatcher, principal: Principal): boolean =>
  principal.arns.every(
    (arn) => tierOf(principal, arn) === 'issuer' || matcher.names.has(arn) || principal.kind === 'user',
  )

/** Whether the lasting identity is listed: the user, the role of a session, the user behind a federated user. */
function namesIssuer(matcher: PrincipalMatcher, principal: Principal, pins: Pins | undefined): boolean {
  const own =
    principal.arns.length > 1 ? principal.arns.filter((arn) => tierOf(principal, arn) === 'issuer') : principal.arns
  const { account: _, ...lasting } = principal
  return namedAs(matcher, { ...lasting, arns: own }, pins, false) !== undefined
}
