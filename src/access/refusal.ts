import type { Decision } from '../policy/decide.ts'
import { accessDeniedReason } from '../policy/explain.ts'
import { type Caller, isLogin } from './caller.ts'
import type { Need } from './need.ts'

/**
 * AWS's AccessDenied text. QUIRK: assume-role-tells-no-side. What the role's side refuses, and everything across accounts,
 * carries no reason: whether the role exists, and what it trusts, is not the caller's to know.
 */
export function refusalText(caller: Caller, need: Need, decision: Decision): string {
  // QUIRK: login-refused-without-name. Who shows a token is not told who it was taken for, nor for what.
  if (isLogin(caller)) return `Not authorized to perform ${need.action}`
  const noun = need.noun ?? need.resource
  const text = `User: ${caller.arn} is not authorized to perform: ${need.action}${noun === '' ? '' : ` on resource: ${noun}`}`
  const reason =
    need.assuming !== undefined && !tellable(caller, need, decision) ? '' : accessDeniedReason(decision, need.action)
  return reason === '' ? text : `${text} ${reason}`
}

/** Of a refused AssumeRole the caller is told the reason only where it stands on its own side of its own account. */
const tellable = (caller: Caller, { assuming }: Need, { blocking }: Decision): boolean =>
  assuming?.account === caller.account && blocking !== undefined && blocking !== 'resource'
