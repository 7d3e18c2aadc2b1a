import type { Decision, LayerKind } from './decide.ts'
import type { Principal } from './request.ts'

const nouns: Readonly<Record<LayerKind, string>> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  endpoint: 'VPC endpoint policy',
}

/** AWS's noun for a kind of policy, as its messages have it. */
export const nounOf = (kind: LayerKind): string => nouns[kind]

/** The name that most closely names who asks: an ARN, a service, a provider, or what kind it is of. */
export const principalName = ({ arns, services, federated, kind }: Principal): string =>
  arns[0] ?? services?.[0] ?? federated ?? kind

/** What a person would call who asks: the last part of its name. */
export function familiarName(principal: Principal): string {
  if (principal.kind === 'root') return 'the root user'
  const name = principalName(principal)
  // A session is called by its role: the role is what has policies.
  const lasting = principal.kind === 'role-session' ? (principal.arns[1] ?? name) : name
  return lasting.slice(lasting.lastIndexOf('/') + 1)
}

/** A sentence, and the account whose side it speaks of: nobody else is told. */
export interface Advice {
  readonly account: string
  readonly text: string
}

/** The accounts of the two sides of a decision. The caller's is empty where it has none. */
export const sidesOf = (decision: Decision): { readonly caller: string; readonly owner: string } => {
  const caller = decision.request.principal.account ?? ''
  return { caller, owner: decision.resourceAccount ?? caller }
}

/** What the policy on a resource is called, by the rule it follows. */
export const resourcePolicy = (decision: Decision): string =>
  decision.rule === 'trust' ? 'the trust policy' : decision.rule === 'key' ? 'the key policy' : 'the resource policy'

/** Every role has a trust policy: one that has none is no role. Told to the account that would have it, as all of its side is. */
export const isNowhere = ({ rule, layers }: Decision): boolean =>
  rule === 'trust' && layers.some(({ kind, policies }) => kind === 'resource' && policies.length === 0)

/** What was needed and is not there: one sentence for the layer that blocks. Nothing where nothing was refused for want of it. */
export function lackOf(decision: Decision): readonly Advice[] {
  const { request, blocking } = decision
  if (decision.effect !== 'deny' || decision.because === 'explicit-deny' || blocking === undefined) return []
  const { caller, owner } = sidesOf(decision)
  const what = `${request.action} on ${request.resource}`
  if (blocking === 'resource') {
    if (isNowhere(decision)) return [{ account: owner, text: `there is no role ${request.resource}` }]
    const who = principalName(request.principal)
    return [{ account: owner, text: `no statement of ${resourcePolicy(decision)} lets ${who} do ${what}` }]
  }
  if (blocking === 'identity') {
    return [{ account: caller, text: `no statement of ${familiarName(request.principal)}'s policies allows ${what}` }]
  }
  const layer = decision.layers.find(({ kind, says }) => kind === blocking && says !== 'allow')
  return [{ account: layer?.account ?? caller, text: `no statement of the ${nounOf(blocking)} allows ${what}` }]
}
