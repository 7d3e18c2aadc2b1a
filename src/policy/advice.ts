import type { Decision, FailedPart, LayerTrace, StatementTrace } from './decide.ts'
import { nearly } from './nearly.ts'
import { type Advice, familiarName, isNowhere, resourcePolicy, sidesOf } from './wording.ts'

/** The smallest changes that would turn a refusal, or tell what an unknown hangs on. The first is the nearest. */
export function adviceOn(decision: Decision): readonly Advice[] {
  if (decision.effect === 'allow') return []
  if (decision.effect === 'unknown') return onUnknown(decision)
  if (decision.because === 'explicit-deny') return onDeny(decision)
  const layer = lacking(decision)
  const advice: Advice[] = []
  if (layer !== undefined) {
    onNear(layer, advice)
    onElsewhere(layer, advice)
  }
  for (const lack of onLack(decision, layer)) advice.push(lack)
  return advice
}

/** The layer that was to allow it and does not. */
function lacking({ layers, blocking }: Decision): LayerTrace | undefined {
  for (const layer of layers) {
    const { kind, says } = layer
    if (kind === blocking && (says === 'silent' || says === 'absent' || says === 'unknown')) return layer
  }
  return undefined
}

function onUnknown(decision: Decision): readonly Advice[] {
  const advice: Advice[] = []
  for (const { kind, statement, part } of decision.pending.slice(0, 4)) {
    const keys = part.untold === undefined || part.untold.length === 0 ? 'what nobody told' : part.untold.join(', ')
    const account = decision.layers.find((layer) => layer.kind === kind)?.account ?? ''
    advice.push({ account, text: `it hangs on ${keys}: ${whichStatement(statement)}` })
  }
  return advice
}

function onDeny(decision: Decision): readonly Advice[] {
  const advice: Advice[] = []
  for (const layer of decision.layers) {
    for (const trace of layer.matched) {
      if (trace.statement.effect !== 'Deny' || advice.length >= 4) continue
      advice.push({ account: layer.account, text: `remove or narrow ${whichStatement(trace)}, which denies it` })
    }
  }
  return advice
}

/** What almost allows is worth naming only so many times. */
const mostAlmost = 3

/** Allows that would have applied but for one thing. */
function onNear(layer: LayerTrace, advice: Advice[]): void {
  for (const trace of layer.near) {
    if (advice.length >= mostAlmost) return
    if (trace.statement.effect !== 'Allow' || trace.failed === undefined) continue
    const text =
      trace.failed.part === 'principal'
        ? onPrincipal(trace, trace.failed)
        : `${whichStatement(trace)} would allow it if ${onCondition(trace.failed)}`
    if (text !== undefined) advice.push({ account: layer.account, text })
  }
}

function onPrincipal(trace: StatementTrace, { wanted, seen }: FailedPart): string | undefined {
  for (const name of seen ?? []) {
    if (wanted.includes(name)) {
      return `${whichStatement(trace)} names ${name}, but means one of that name that is gone; put the policy again`
    }
    const alike = wanted.find((candidate) => candidate.toLowerCase() === name.toLowerCase())
    if (alike !== undefined) return `${whichStatement(trace)} names ${alike}; the one who asks is ${name}`
  }
  return undefined
}

/** How a request comes by the value of a key, for those that whoever asks has in hand. */
const handed: readonly (readonly [key: string, how: string])[] = [
  ['aws:multifactorauth', 'a second factor is shown by SerialNumber and TokenCode'],
  ['sts:externalid', 'ExternalId is passed with the call'],
  ['sts:sourceidentity', 'SourceIdentity is passed with the call'],
  ['sts:rolesessionname', 'RoleSessionName is chosen with the call'],
  ['aws:requesttag/', 'tags are passed with the call'],
  ['aws:principaltag/', 'they are tags of whoever asks, or of its session'],
]

function onCondition(failed: FailedPart): string {
  const { operator, key = '', wanted, seen } = failed
  const listed = wanted.slice(0, 3).map((value) => `"${value}"`)
  if (wanted.length > listed.length) listed.push('…')
  const values = wanted.length === 1 ? listed.join('') : `one of ${listed.join(', ')}`
  const has =
    seen === null || seen === undefined || seen.length === 0
      ? 'the request has none'
      : `the request has ${seen.map((value) => `"${value}"`).join(', ')}`
  const name = key.toLowerCase()
  const how = nearly(failed) ?? handed.find(([prefix]) => name.startsWith(prefix))?.[1]
  return `${key} were right: ${operator} wants ${values}, ${has}${how === undefined ? '' : `; ${how}`}`
}

function onElsewhere(layer: LayerTrace, advice: Advice[]): void {
  for (let at = 0; at < Math.min(layer.elsewhere.length, 2) && advice.length < mostAlmost; at++) {
    const trace = layer.elsewhere[at]
    if (trace === undefined) continue
    const resources = trace.failed?.wanted.slice(0, 3).join(', ') ?? 'no resource'
    const text = `${whichStatement(trace)} allows the action, but on ${resources}`
    advice.push({ account: layer.account, text })
  }
}

function onLack(decision: Decision, layer: LayerTrace | undefined): readonly Advice[] {
  const { request, blocking, rule } = decision
  const { action, resource, principal } = request
  const { caller, owner } = sidesOf(decision)
  const who = familiarName(principal)
  const policyName = layer?.policies[0]?.source.name
  switch (blocking) {
    case 'identity': {
      // JSON with its spaces, so that a page can break it.
      const grant = `{ "Effect": "Allow", "Action": ${JSON.stringify(action)}, "Resource": ${JSON.stringify(resource)} }`
      const add = { account: caller, text: `add ${grant} to a policy of ${who}` }
      if (rule === 'ordinary' || decision.crossAccount) return [add]
      return [add, { account: owner, text: `or name ${lastingName(decision)} in ${resourcePolicy(decision)}` }]
    }
    case 'resource': {
      if (isNowhere(decision)) {
        return [{ account: owner, text: 'create it, or correct its ARN: path and case are part of the name' }]
      }
      // Whom a statement lets in on a condition is meant to meet it: nobody is told the way around.
      if (layer?.near.some(isConditional)) return []
      const [type, name] = elementNaming(decision)
      const text = `add { "${type}": ${JSON.stringify(name)} } as Principal of an Allow of ${action} to ${resourcePolicy(decision)}`
      return [{ account: owner, text }]
    }
    case 'boundary':
      return [{ account: caller, text: `let the permissions boundary ${policyName ?? ''} allow ${action} too` }]
    case 'session':
      return [{ account: caller, text: `begin the session with a session policy that allows ${action}` }]
    case 'endpoint':
      return [{ account: layer?.account ?? caller, text: `let the endpoint's policy allow ${action}` }]
    case 'scp':
    case 'rcp': {
      const place = layer?.policies[0]?.source.holder
      const level = `level ${layer?.level ?? 0}${place === undefined ? '' : ` (${place})`}`
      return [{ account: layer?.account ?? caller, text: `${action} must be allowed at ${level} too` }]
    }
    default:
      return []
  }
}

const isConditional = ({ statement, failed }: StatementTrace): boolean =>
  statement.effect === 'Allow' && failed?.part === 'condition'

/** The ARN that lasts: a role's rather than a session's. */
const lastingName = ({ request: { principal } }: Decision): string =>
  (principal.kind === 'role-session' ? principal.arns[1] : undefined) ?? principal.arns[0] ?? familiarName(principal)

/** The type under which a `Principal` element names who asks, and the name. */
function elementNaming(decision: Decision): readonly [string, string] {
  const { principal } = decision.request
  const [service] = principal.services ?? []
  if (service !== undefined) return ['Service', service]
  if (principal.federated !== undefined) return ['Federated', principal.federated]
  return ['AWS', principal.kind === 'anonymous' ? '*' : lastingName(decision)]
}

/** A statement as a person would point at it. */
function whichStatement({ statement, attached }: StatementTrace): string {
  const name = statement.sid === undefined ? `statement ${statement.index + 1}` : `statement ${statement.sid}`
  return `${name} (line ${statement.line}) of ${attached.source.name}`
}
