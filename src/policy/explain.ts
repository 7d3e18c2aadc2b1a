import { adviceOn } from './advice.ts'
import type { Decision, FailedPart, LayerTrace, StatementTrace } from './decide.ts'
import type { ExplainedFailure, ExplainedLayer, ExplainedStatement, Explanation } from './explanation.ts'
import type { Principal } from './request.ts'
import { sideOf } from './side.ts'
import { type Advice, lackOf, nounOf, principalName, sidesOf } from './wording.ts'

export type { Explanation } from './explanation.ts'
export { renderExplanation } from './render.ts'
export { asSeenBy, withOwnersSide } from './side.ts'

/**
 * The end of AWS's sentence about a refusal, without a full stop; empty where nothing was refused. The caller leaves it out where
 * AWS does, as for roles that another account's or their own trust policy keeps closed (IAM User Guide, "Troubleshoot access denied
 * error messages").
 */
export function accessDeniedReason(decision: Decision, action: string): string {
  if (decision.effect !== 'deny' || decision.blocking === undefined) return ''
  const noun = nounOf(decision.blocking)
  return decision.because === 'explicit-deny'
    ? `with an explicit deny in ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}${denyingPolicy(decision)}`
    : `because no ${noun} allows the ${action} action`
}

/** QUIRK: denying-policy-named. Of a denial by an organization AWS names the policy, within one account. */
function denyingPolicy({ blocking, crossAccount, layers }: Decision): string {
  if (crossAccount || (blocking !== 'scp' && blocking !== 'rcp')) return ''
  for (const { kind, matched } of layers) {
    const denial = matched.find(({ statement }) => statement.effect === 'Deny')
    const arn = kind === blocking ? denial?.attached.source.arn : undefined
    if (arn !== undefined) return `: ${arn}`
  }
  return ''
}

const mostStatements = 8
const mostSaid = 24
const mostValues = 4
const mostCharacters = 120
const mostAdvice = 480

/**
 * What there is nothing to say of is `undefined`, and so left out of its JSON: objects of one shape are quick to make, and a reason is
 * made for every answer.
 */
export function explain(decision: Decision): Explanation {
  const { request } = decision
  const { principal } = request
  return {
    effect: decision.effect,
    because: decision.because,
    blocking: decision.blocking,
    action: request.action,
    resource: short(request.resource),
    resourceAccount: decision.resourceAccount,
    principal: {
      kind: principal.kind,
      name: short(principalName(principal)),
      account: principal.account,
    },
    crossAccount: decision.crossAccount,
    rule: decision.rule === 'ordinary' ? undefined : decision.rule,
    layers: decision.layers.map(explainLayer),
    missing: advised(decision, lackOf),
    hints: advised(decision, adviceOn),
  }
}

/** What a service refuses by a rule of its own, whatever the policies say. */
interface Ruled extends Pick<Explanation, 'action' | 'missing' | 'hints'> {
  readonly principal: Principal
  readonly resource: string
  readonly resourceAccount?: string | undefined
}

/** A refusal that no policy has a part in, explained as one by policies is. */
export function explainRule({ principal, action, resource, resourceAccount, missing, hints }: Ruled): Explanation {
  const { kind, account } = principal
  return {
    effect: 'deny',
    because: 'rule',
    action,
    resource: short(resource),
    resourceAccount,
    principal: { kind, name: short(principalName(principal)), account },
    crossAccount: account !== undefined && resourceAccount !== undefined && account !== resourceAccount,
    layers: none,
    missing: missing.map(brief),
    hints: hints.map(brief),
  }
}

/** With what the token of a login says, so that whoever owns the role need not ask for the token itself. */
export const withToken = (
  explanation: Explanation,
  said: Readonly<Record<string, readonly string[]>>,
): Explanation => ({
  ...explanation,
  token: Object.fromEntries(
    Object.entries(said)
      .slice(0, mostSaid)
      .map(([key, values]) => [key, few(values)]),
  ),
})

const none: readonly never[] = []

function advised(decision: Decision, advise: (decision: Decision) => readonly Advice[]): readonly Advice[] {
  if (decision.effect === 'allow') return none
  const all = decision.crossAccount ? sides(decision).flatMap(advise) : advise(decision)
  for (const { text } of all) if (text.length > mostAdvice) return all.map(brief)
  return all
}

/** Between accounts each side has its own to mend, whatever the other one says; who owns one is not told of the other. */
function sides(decision: Decision): readonly Decision[] {
  if (decision.effect !== 'deny') return [decision]
  const { caller, owner } = sidesOf(decision)
  // Who manages an organization stands beside both.
  const accounts = new Set([caller, owner, ...decision.layers.map(({ account }) => account)])
  return [...accounts].map((account) => sideOf(decision, account))
}

function explainLayer(layer: LayerTrace): ExplainedLayer {
  const { kind, account, level, says, policies } = layer
  const all: ExplainedStatement[] = []
  const add = (part: ExplainedStatement['part'], traces: readonly StatementTrace[]): void => {
    for (const trace of traces) if (all.length < mostStatements) all.push(explainStatement(part, trace))
  }
  add('applies', layer.matched)
  add('unknown', layer.hanging)
  add('near', layer.near)
  add('elsewhere', layer.elsewhere)
  const found = layer.matched.length + layer.hanging.length + layer.near.length + layer.elsewhere.length
  const omitted = layer.omitted + found - all.length
  return {
    kind,
    account,
    level,
    place: level === undefined ? undefined : policies[0]?.source.holder,
    says,
    policies: policies.length,
    statements: all,
    omitted,
  }
}

function explainStatement(part: ExplainedStatement['part'], trace: StatementTrace): ExplainedStatement {
  const { statement, attached, failed } = trace
  const { type, name, arn, holder } = attached.source
  return {
    part,
    effect: statement.effect,
    policy: { type, name, arn, holder },
    sid: statement.sid,
    index: statement.index,
    line: statement.line,
    column: statement.column,
    failed: failed && explainFailure(failed),
  }
}

function explainFailure({ part, operator, key, wanted, seen, untold }: FailedPart): ExplainedFailure {
  return {
    part,
    operator,
    key,
    wanted: few(wanted),
    seen: seen && few(seen),
    untold,
  }
}

function few(values: readonly string[]): readonly string[] {
  if (values.length > mostValues) {
    return [...values.slice(0, mostValues).map(short), `… ${values.length - mostValues} more`]
  }
  for (const value of values) if (value.length > mostCharacters) return values.map(short)
  return values
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most)}…`)
const short = (text: string): string => cut(text, mostCharacters)
const brief = ({ account, text }: Advice): Advice => ({ account, text: cut(text, mostAdvice) })
