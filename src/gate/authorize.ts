import { ask } from '../access/ask.ts'
import type { Connection } from '../access/caller.ts'
import type { Need } from '../access/need.ts'
import { refusalText } from '../access/refusal.ts'
import { Fault } from '../base/fault.ts'
import type { Decision } from '../policy/decide.ts'
import { type Explanation, explain, withSideOf } from '../policy/explain.ts'
import type { AnyScene, Authorized, Operation } from '../service/operation.ts'

/** A refusal by the law: what the caller is told, and what stands behind it. */
export class Refusal extends Fault<'AccessDenied'> {
  readonly explanation: Explanation
  constructor(message: string, explanation: Explanation) {
    super('AccessDenied', message, 403)
    this.explanation = explanation
  }
}

/**
 * Asks for every need of the operation, in the order in which it declares them, and lets through only what all of them
 * allow. Throws the Refusal of the first that does not.
 */
export function authorize<Stage extends AnyScene>(
  operation: Pick<Operation, 'needs'>,
  input: object,
  scene: Stage,
  connection: Connection,
): Authorized<Stage> {
  for (const need of operation.needs(input, scene)) {
    const decision = ask(scene.state, { caller: scene.caller, connection, need, now: scene.now })
    if (decision.effect !== 'allow') throw refusal(scene, connection, need, decision)
  }
  // The one place where the brand is given: every need was allowed in the loop above.
  return scene as Authorized<Stage>
}

function refusal(scene: AnyScene, connection: Connection, need: Need, decision: Decision): Refusal {
  const { caller, state, now } = scene
  const { blame } = need
  const explained = () => told(scene, connection, need, decision)
  if (blame !== undefined && decision.effect === 'deny') {
    const without = { ...need, context: { ...need.context, [blame.key]: undefined } }
    if (ask(state, { caller, connection, need: without, now }).effect === 'unknown') {
      return new Refusal(refusalText(caller, { ...need, action: blame.action }, decision), explained())
    }
  }
  return new Refusal(refusalText(caller, need, decision), explained())
}

/**
 * INVARIANT: no-tag-oracle. Conditions of the caller's own policies may ask for the tags of another account's role, and what
 * they met is explained to the caller. Unless that role lets the caller in, they are explained as if it had none: as they are
 * for a role that does not exist.
 */
function told(scene: AnyScene, connection: Connection, need: Need, decision: Decision): Explanation {
  const { caller, state, now } = scene
  const whole = explain(decision)
  const role = need.assuming?.role
  const letIn = decision.layers.some(({ kind, says }) => kind === 'resource' && says === 'allow')
  if (!decision.crossAccount || role === undefined || letIn) return whole
  const resourceTags = need.resourceTags?.filter((tag) => !role.tags.includes(tag)) ?? []
  const blind = explain(ask(state, { caller, connection, need: { ...need, resourceTags }, now }))
  return withSideOf(caller.account, blind, whole)
}
