import { parseArn } from '../base/arn.ts'
import type { Decision, StatementTrace } from '../policy/decide.ts'
import { sideOf } from '../policy/side.ts'
import { type Caller, isLogin, loginId } from './caller.ts'
import { type Circumstances, resourceAccount } from './context.ts'

/** AWS writes every list as an object with `items`. */
interface Items<Item> {
  readonly items: readonly Item[]
}
type Values = Items<{ readonly value: string }>
type Conditions = Items<{ readonly key: string; readonly values: Values }>

interface MatchedStatement {
  readonly statementId: string
  readonly effect: 'ALLOW' | 'DENY'
  readonly principals: Values
  readonly principalGroups: Values
  readonly actions?: Values
  readonly notActions?: Values
  readonly resources?: Values
  readonly notResources?: Values
  readonly conditions: Conditions
}

/** A refusal in the form in which AWS decodes one (STS API Reference, DecodeAuthorizationMessage). */
export interface Failure {
  readonly allowed: false
  readonly explicitDeny: boolean
  /** The denials that applied; nothing where an Allow was missed. */
  readonly matchedStatements: Items<MatchedStatement>
  /** AWS has this list and nobody has seen anything in it. */
  readonly failures: Items<never>
  readonly context: {
    readonly principal: { readonly id: string; readonly name?: string; readonly arn: string }
    readonly action: string
    readonly resource: string
    readonly conditions: Conditions
  }
}

/** How much is told: entries of a list, and characters of a text. */
interface Room {
  readonly entries: number
  readonly characters: number
}

/** From everything that anybody would want to read down to what fits into any message. */
const rooms: readonly Room[] = [
  { entries: 200, characters: 2_048 },
  { entries: 32, characters: 512 },
  { entries: 8, characters: 128 },
  { entries: 2, characters: 64 },
  { entries: 0, characters: 512 },
]

/**
 * What a refusal says to whoever may decode it, the fullest first: a message that does not fit is told shorter, never refused. Texts
 * that are cut end in `…`, and lists of values say how many are missing. INVARIANT: own-side-only. Across accounts
 * it tells of the caller's account alone.
 */
export function* failureOf(circumstances: Circumstances, decision: Decision): Generator<Failure> {
  for (const room of rooms) yield within(room, circumstances, decision)
}

function within(room: Room, circumstances: Circumstances, decision: Decision): Failure {
  const { caller, need } = circumstances
  const { because, layers } = decision.crossAccount ? sideOf(decision, caller.account) : decision
  const explicitDeny = because === 'explicit-deny'
  const denials = explicitDeny
    ? layers
        // What an organization's policies say is the managing account's to know.
        .filter(({ account }) => account === caller.account)
        .flatMap(({ matched }) => matched.filter(({ statement }) => statement.effect === 'Deny'))
    : []
  return {
    allowed: false,
    explicitDeny,
    matchedStatements: { items: denials.slice(0, room.entries).map((trace) => matched(room, caller, trace)) },
    failures: { items: [] },
    context: {
      principal: {
        id: cut(room, idOf(caller)),
        ...(caller.kind === 'user' ? { name: cut(room, caller.user.name) } : {}),
        arn: cut(room, isLogin(caller) ? caller.provider : caller.arn),
      },
      action: cut(room, need.action),
      resource: cut(room, need.resource),
      conditions: conditions(room, told(circumstances, decision)),
    },
  }
}

const idOf = (caller: Caller): string => (isLogin(caller) ? loginId(caller) : caller.userId)

function matched(room: Room, caller: Caller, { statement }: StatementTrace): MatchedStatement {
  const { sid = '', effect, principals, actions, resources, clauses } = statement
  // A policy of the caller's own names nobody: then it is the caller, by the unique id.
  const named = principals?.written ?? [idOf(caller).split(':')[0] ?? '']
  return {
    statementId: cut(room, sid),
    effect: effect === 'Deny' ? 'DENY' : 'ALLOW',
    principals: values(room, named),
    principalGroups: { items: [] },
    [actions.negated ? 'notActions' : 'actions']: values(room, actions.patterns),
    [resources?.negated ? 'notResources' : 'resources']: values(room, resources?.patterns ?? ['*']),
    conditions: conditions(
      room,
      clauses.map(({ key, wanted }) => [key, wanted]),
    ),
  }
}

type Told = readonly (readonly [key: string, values: readonly string[]])[]

/** The condition keys that AWS tells: what the resource's ARN says, its tags, and what the action itself brings. */
function told(circumstances: Circumstances, decision: Decision): Told {
  const { need, connection } = circumstances
  const found: (readonly [string, readonly string[]])[] = [
    ['aws:Region', [connection.region]],
    ['aws:Service', [need.action.slice(0, need.action.indexOf(':'))]],
  ]
  const arn = parseArn(need.resource)
  if (arn !== undefined) {
    const [type = ''] = arn.resource.split(/[:/]/, 1)
    found.push(['aws:Resource', [arn.resource]], ['aws:Type', [type]])
    found.push(['aws:Account', [resourceAccount(circumstances)]])
  }
  for (const [key, values] of Object.entries(need.context ?? {}))
    if (values !== null && values !== undefined) found.push([key, values])
  for (const { key, value } of need.requestTags ?? []) found.push([`aws:RequestTag/${key}`, [value]])
  const tagKeys = need.tagKeys ?? need.requestTags?.map(({ key }) => key) ?? []
  if (tagKeys.length > 0) found.push(['aws:TagKeys', tagKeys])
  if (!decision.crossAccount)
    for (const { key, value } of need.resourceTags ?? []) found.push([`aws:ResourceTag/${key}`, [value]])
  if (arn !== undefined) found.push(['aws:ARN', [need.resource]])
  return found
}

const conditions = (room: Room, told: Told): Conditions => ({
  items: told.slice(0, room.entries).map(([key, wanted]) => ({ key: cut(room, key), values: values(room, wanted) })),
})

function values(room: Room, all: readonly string[]): Values {
  const kept = all.slice(0, room.entries).map((value) => ({ value: cut(room, value) }))
  const missing = all.length - kept.length
  return { items: missing === 0 ? kept : [...kept, { value: `… ${missing} more` }] }
}

const cut = ({ characters }: Room, text: string): string =>
  text.length <= characters ? text : `${text.slice(0, characters)}…`
