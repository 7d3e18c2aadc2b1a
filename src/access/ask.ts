import { type Decision, decide, type Situation } from '../policy/decide.ts'
import type { Principal } from '../policy/request.ts'
import { isResourceControlled } from '../policy/resource-control.ts'
import { arnOf, rootArn } from '../state/entity.ts'
import type { View } from '../state/view.ts'
import { authorityCeiling } from './authority.ts'
import { type Caller, isLogin } from './caller.ts'
import { type Circumstances, contextOf, resourceAccount } from './context.ts'
import { boundaryPolicy, identityPolicies, passwordPolicyGrant, sessionPolicies, trustPolicy } from './layers.ts'
import { resourceControl, serviceControl } from './organization.ts'

/** The caller as resource and trust policies see it: every ARN that names it, the most specific first. */
export function principalOf(caller: Caller): Principal {
  switch (caller.kind) {
    case 'root':
      return { kind: 'root', account: caller.account, arns: [caller.arn] }
    case 'user':
      return { kind: 'user', account: caller.account, arns: [caller.arn], uniqueId: caller.user.id }
    case 'role-session':
      return {
        kind: 'role-session',
        account: caller.account,
        arns: [caller.arn, arnOf(caller.role)],
        uniqueId: caller.role.id,
      }
    case 'federated-user':
      return {
        kind: 'federated-user',
        account: caller.account,
        arns: [caller.arn, caller.user === undefined ? rootArn(caller.account) : arnOf(caller.user)],
        uniqueId: caller.user?.id,
      }
    case 'web-identity':
    case 'saml':
      return { kind: caller.kind, arns: [], federated: caller.provider }
  }
}

/** Root, and who root asked a federation token for: the session's policies are all that limits the latter. */
const isRoot = (caller: Caller): boolean =>
  caller.kind === 'root' || (caller.kind === 'federated-user' && caller.user === undefined)

/** Which policies stand over this request. */
export function situationOf(view: View, circumstances: Circumstances): Situation {
  const { caller, need } = circumstances
  const boundary = boundaryPolicy(view, caller)
  const session = sessionPolicies(view, caller)
  const assuming = need.assuming
  const identity = identityPolicies(view, caller)
  const granted = passwordPolicyGrant(view, caller, need.action)
  const owner = need.owner ?? resourceAccount(circumstances)
  const scps = isLogin(caller) ? undefined : serviceControl(view, caller.account)
  const tenancy = authorityCeiling(view, caller, need)
  const rcps = isResourceControlled(need.action, need.resource) ? resourceControl(view, owner) : undefined
  return {
    request: {
      principal: principalOf(caller),
      action: need.action,
      resource: need.resource,
      resourceAccount: owner,
      lookup: contextOf(circumstances, view),
    },
    identity: granted.length === 0 ? identity : [...identity, ...granted],
    ...(boundary === undefined ? {} : { boundary }),
    ...(session === undefined ? {} : { session }),
    ...(scps === undefined && tenancy === undefined ? {} : { scps: [...(scps ?? []), ...(tenancy ?? [])] }),
    ...(rcps === undefined ? {} : { rcps }),
    ...(need.consent === undefined ? {} : { resource: { ...need.consent, rule: 'ordinary' as const } }),
    ...(assuming === undefined
      ? {}
      : {
          resource: {
            account: assuming.account,
            policies: assuming.role === undefined ? [] : [trustPolicy(assuming.role)],
            rule: 'trust' as const,
          },
        }),
    ...(isRoot(caller) ? { root: true } : {}),
  }
}

/** May the caller do this? The one question; the gate, and everything that explains, asks it here. */
export const ask = (view: View, circumstances: Circumstances): Decision => decide(situationOf(view, circumstances))
