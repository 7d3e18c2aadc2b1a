import { ask } from '../access/ask.ts'
import { isLogin } from '../access/caller.ts'
import type { Circumstances } from '../access/context.ts'
import type { Need } from '../access/need.ts'
import { refusalText } from '../access/refusal.ts'
import { Fault } from '../base/fault.ts'
import type { Decision } from '../policy/decide.ts'
import { type Explanation, explain, withOwnersSide, withToken } from '../policy/explain.ts'
import type { AnyScene, Authorized, Operation } from '../service/operation.ts'
import { arnOf } from '../state/entity.ts'

/** A refusal by the law: what the caller is told, and what stands behind it. */
export class Refusal extends Fault {
  readonly explanation: Explanation
  constructor(message: string, explanation: Explanation, as?: Need['refusedAs']) {
    if (as === undefined) super('AccessDenied', message, 403)
    else super(as.code, as.message, undefined, as.details)
    this.explanation = explanation
  }
}

/** What is known beside the scene: where the request came from, and how its refusal is encoded, where its service does so. */
export interface Around extends Pick<Circumstances, 'connection'> {
  readonly encode?: ((circumstances: Circumstances, decision: Decision) => string) | undefined
}

/**
 * Asks for every need of the operation, in the order in which it declares them, and lets through only what all of them
 * allow. Throws the Refusal of the first that does not.
 */
export function authorize<Stage extends AnyScene>(
  operation: Pick<Operation, 'needs'>,
  input: object,
  scene: Stage,
  { connection, encode }: Around,
): Authorized<Stage> {
  const { caller, now } = scene
  for (const need of operation.needs(input, scene)) {
    const circumstances = { caller, connection, need, now }
    const decision = ask(scene.state, circumstances)
    if (decision.effect === 'allow') continue
    const [text, explanation] = refusal(scene, circumstances, decision)
    throw new Refusal(
      encode === undefined
        ? text
        : `${text}. Encoded authorization failure message: ${encode(circumstances, decision)}`,
      explanation,
      need.refusedAs,
    )
  }
  // The one place where the brand is given: every need was allowed in the loop above.
  return scene as Authorized<Stage>
}

function refusal(scene: AnyScene, circumstances: Circumstances, decision: Decision): readonly [string, Explanation] {
  const { caller, need } = circumstances
  const { blame } = need
  const explanation = told(scene, circumstances, decision)
  if (blame !== undefined && decision.effect === 'deny') {
    const without = { ...need, context: { ...need.context, [blame.key]: undefined } }
    if (ask(scene.state, { ...circumstances, need: without }).effect === 'unknown')
      return [refusalText(caller, { ...need, action: blame.action }, decision), explanation]
  }
  return [refusalText(caller, need, decision), explanation]
}

/** The whole of a refusal; each account is shown its own part of it. */
function told(scene: AnyScene, circumstances: Circumstances, decision: Decision): Explanation {
  const { caller } = circumstances
  const own = sided(scene, circumstances, decision)
  const explanation = isLogin(caller) ? withToken(own, caller.keys) : own
  const { account = '', alike } = circumstances.need.assuming ?? {}
  if (alike === undefined) return explanation
  return { ...explanation, hints: [{ account, text: `there is ${arnOf(alike)}` }, ...explanation.hints] }
}

/**
 * INVARIANT: no-tag-oracle. Conditions of the caller's own policies may ask for the tags of another account's role, and what
 * they met is explained to the caller. Unless that role lets the caller in, they are explained as if it had none: as they are
 * for a role that does not exist.
 */
function sided({ state }: AnyScene, circumstances: Circumstances, decision: Decision): Explanation {
  const { need } = circumstances
  const whole = explain(decision)
  const role = need.assuming?.role
  const letIn = decision.layers.some(({ kind, says }) => kind === 'resource' && says === 'allow')
  if (!decision.crossAccount || role === undefined || letIn) return whole
  const resourceTags = need.resourceTags?.filter((tag) => !role.tags.includes(tag)) ?? []
  const blind = explain(ask(state, { ...circumstances, need: { ...need, resourceTags } }))
  return withOwnersSide(role.account, whole, blind)
}
