import type { Caller } from '../../src/access/caller.ts'
import { contextOf } from '../../src/access/context.ts'
import type { Need } from '../../src/access/need.ts'
import { isAccountId, parseArn } from '../../src/base/arn.ts'
import { Fault } from '../../src/base/fault.ts'
import type * as Shape from '../../src/model/calls/iam.ts'
import { contextKeysIn } from '../../src/policy/context-key.ts'
import { parseDocument } from '../../src/policy/document.ts'
import { type Question, requestIn } from '../../src/policy/question.ts'
import type { Lookup } from '../../src/policy/request.ts'
import { arnOf } from '../../src/state/entity.ts'
import { World } from '../../src/state/world.ts'
import type { Authority } from '../service/iam/authority.ts'

type Asked = Shape.SimulateCustomPolicyRequest

/** The decision of a simulation in the words of a question's answer. */
export const reasons: Readonly<Record<string, string>> = {
  allowed: 'granted',
  explicitDeny: 'explicit-deny',
  implicitDeny: 'implicit-deny',
}

/** The outcome of a simulation, or `undefined` where the policies are none that AWS would simulate. */
export function simulated(iam: Authority, asked: Asked): string | undefined {
  try {
    return iam.do('SimulateCustomPolicy', asked).EvaluationResults?.[0]?.EvalDecision
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/** Keys that a simulation fills in by itself: what it is not told of these is not absent. Of these, only users have names. */
const filledIn = (caller: string): ReadonlySet<string> =>
  new Set([
    ...['aws:principalarn', 'aws:principalaccount', 'aws:userid'],
    ...(caller.includes(':user/') ? ['aws:username'] : []),
  ])

/** A question as SimulateCustomPolicy is asked it; `undefined` where its parameters have no way to say so. */
export function simulationOf({ request, policies }: Question): Asked | undefined {
  const { principal, principalId, roleArn, unknown = [] } = request
  const { identity = [], boundary = [], resource, session, scp, rcp, vpce, resourceRule = 'ordinary' } = policies
  if (typeof principal !== 'string' || unknown.length > 0) return undefined
  if (session !== undefined || scp !== undefined || rcp !== undefined || vpce !== undefined) return undefined
  if (boundary.length > 1) return undefined
  const caller = callerFor(principal, roleArn)
  if (caller === undefined) return undefined
  // What names a session or a unique id cannot be met by who has none.
  if (resource !== undefined && (principal.includes(':assumed-role/') || principalId !== undefined)) return undefined

  const { action, resource: arn, resourceAccount, lookup } = requestIn(request)
  const rule = ruleFor(action, arn)
  if (resource === undefined ? resourceRule !== 'ordinary' : rule !== resourceRule) return undefined
  const inArn = parseArn(arn)?.account ?? ''
  if (resourceAccount !== undefined && isAccountId(inArn) && inArn !== resourceAccount) return undefined

  const documents = [...identity.map(({ document }) => document), ...boundary, ...(resource ? [resource] : [])]
  const context = entriesFor(caller, lookup, documents.map(textOf))
  if (context === undefined) return undefined
  return {
    PolicyInputList: identity.map(({ document }) => textOf(document)),
    PermissionsBoundaryPolicyInputList: boundary.map(textOf),
    ActionNames: [action],
    ResourceArns: [arn],
    CallerArn: caller,
    ContextEntries: context,
    ...(resource === undefined ? {} : { ResourcePolicy: textOf(resource) }),
    ...(resourceAccount === undefined ? {} : { ResourceOwner: `arn:aws:iam::${resourceAccount}:root` }),
  }
}

function callerFor(principal: string, roleArn: string | undefined): string | undefined {
  const arn = parseArn(principal)
  const [kind, name] = arn?.resource.split('/') ?? []
  if (arn?.service === 'iam' && (kind === 'user' || kind === 'role')) return principal
  return kind === 'assumed-role' ? (roleArn ?? `arn:aws:iam::${arn?.account}:role/${name}`) : undefined
}

function ruleFor(action: string, resource: string): string {
  const folded = action.toLowerCase()
  if (folded.startsWith('sts:') && resource.includes(':role/')) return 'trust'
  return folded.startsWith('kms:') && resource.includes(':key/') ? 'key' : 'ordinary'
}

const textOf = (document: string | object): string =>
  typeof document === 'string' ? document : JSON.stringify(document)

/** Every key that the documents ask for, as it is looked up; `undefined` where one cannot be told. */
function entriesFor(caller: string, lookup: Lookup, documents: readonly string[]): Shape.ContextEntry[] | undefined {
  const filled = filledIn(caller)
  const entries = new Map<string, Shape.ContextEntry>()
  for (const document of documents) {
    const parsed = parseDocument(document)
    if (!parsed.ok) continue
    for (const name of contextKeysIn(parsed.document)) {
      const key = name.toLowerCase()
      const values = lookup(key)
      if (values === undefined || values?.length === 0 || (values === null && filled.has(key))) return undefined
      if (values === null) continue
      if (key.length < 5) return undefined
      entries.set(key, {
        ContextKeyName: name,
        ContextKeyType: values.length === 1 ? 'string' : 'stringList',
        ContextKeyValues: values,
      })
    }
  }
  return [...entries.values()]
}

/** One need of an operation as SimulatePrincipalPolicy is asked it, with the context that the gate has. */
export function needSimulation(
  caller: Caller,
  need: Need,
  connection: { readonly sourceIp: string; readonly secure: boolean; readonly region: string },
  now: number,
  documents: readonly string[],
  /** The trust policy of the role that is assumed, as it is read. */
  trust: string | undefined,
): Shape.SimulatePrincipalPolicyRequest | undefined {
  if (caller.kind !== 'user' && caller.kind !== 'role-session') return undefined
  const lookup = contextOf({ caller, connection, need, now }, new World())
  const source = arnOf(caller.kind === 'user' ? caller.user : caller.role)
  const entries = entriesFor(source, lookup, trust === undefined ? documents : [...documents, trust])
  if (entries === undefined) return undefined
  return {
    PolicySourceArn: source,
    ActionNames: [need.action],
    ResourceArns: [need.resource],
    ContextEntries: entries,
    ...(need.assuming === undefined ? {} : { ResourceOwner: `arn:aws:iam::${need.assuming.account}:root` }),
    ...(trust === undefined ? {} : { ResourcePolicy: trust }),
  }
}
