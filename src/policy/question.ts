import { isAccountId, parseArn } from '../base/arn.ts'
import { type Answer, answerTo } from './answer.ts'
import { askerOf } from './asker.ts'
import { type AttachedPolicy, decide, type PolicySource, type Situation } from './decide.ts'
import { compiledText } from './kept.ts'
import {
  isMembers,
  itemsOf,
  type Members,
  Mistake,
  member,
  membersOf,
  optionalText,
  textOf,
  textsOf,
} from './reading.ts'
import type { Lookup, Request } from './request.ts'

export type { Answer, Decided, Mistaken } from './answer.ts'

/** A policy document: the JSON object, or its text. From a text, the explanation's lines and columns are those of the author. */
export type WrittenPolicy = string | object

export interface NamedPolicy {
  /** What the explanation calls it; its place in the list where it has no name. */
  readonly name?: string | undefined
  readonly document: WrittenPolicy
}

/** Who asks: the ARN of a root user, user, role, role session or federated user; a service or a holder of a foreign token; or nobody. */
export type AskingPrincipal = string | { readonly service: string } | { readonly federated: string } | 'anonymous'

/** One request and everything that stands over it, as JSON: a decision needs nothing else, no account and no server. */
export interface Question {
  /** Comes back with the answer. */
  readonly id?: string | number | undefined
  readonly request: {
    readonly principal: AskingPrincipal
    /** `service:Name`, AWS's or any other. */
    readonly action: string
    /** An ARN, or `*` for an action that has no resource. */
    readonly resource: string
    /** Who owns the resource, where its ARN does not say: twelve digits. */
    readonly resourceAccount?: string | undefined
    /**
     * Condition keys, in any case. `null`: known to be absent. What is not listed follows from the principal (`aws:PrincipalArn`,
     * `aws:username`, …) or is absent; what is listed wins.
     */
    readonly context?: Readonly<Record<string, string | readonly string[] | null>> | undefined
    /** Condition keys of which nobody knows the value: a decision that hangs on one is `unknown`. */
    readonly unknown?: readonly string[] | undefined
    /** `AIDA…` of a user, `AROA…` of a role. */
    readonly principalId?: string | undefined
    /** The role behind a session, whose ARN does not have the role's path. The path is taken to be `/` where this is not told. */
    readonly roleArn?: string | undefined
    /** The user behind a federated user. */
    readonly userArn?: string | undefined
  }
  readonly policies: {
    /** Of a user (its groups' included), a role, or the user behind a federated user. */
    readonly identity?: readonly NamedPolicy[] | undefined
    /** The policy on the resource. */
    readonly resource?: WrittenPolicy | undefined
    /** `trust`: a role's trust policy, `key`: a KMS key's. Both must allow for themselves; left out, they allow nothing. */
    readonly resourceRule?: 'ordinary' | 'trust' | 'key' | undefined
    /** Permissions boundaries. AWS knows one a principal; of several each must allow. */
    readonly boundary?: readonly WrittenPolicy[] | undefined
    /** Session policies. One that allows is enough, and an empty list allows nothing. Left out: the session was given none. */
    readonly session?: readonly WrittenPolicy[] | undefined
    /** Service control policies over the principal's account, a list for each level from the root down. Every level must allow. */
    readonly scp?: readonly (readonly NamedPolicy[])[] | undefined
    /** Resource control policies over the resource's account, likewise. */
    readonly rcp?: readonly (readonly NamedPolicy[])[] | undefined
    /** Policies of VPC endpoints that the request passes. Each must allow. */
    readonly vpce?: readonly WrittenPolicy[] | undefined
  }
}

/**
 * May this request be, and why? Answers every question, and never throws: one that is none (a member of the wrong type, an ARN that is
 * no ARN, a document that is no policy) is told what is wrong with it, and where.
 */
export function answerQuestion(question: Question): Answer {
  // Whoever reads questions from somewhere has not checked them.
  const asked: unknown = question
  const id = idOf(asked)
  try {
    return answerTo(id, decide(situationOf(asked)))
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    const { message, at } = error
    return { id, error: { message, at: at === '' ? undefined : at } }
  }
}

function idOf(asked: unknown): string | number | undefined {
  const id = isMembers(asked) ? member(asked, 'id') : undefined
  return typeof id === 'string' || typeof id === 'number' ? id : undefined
}

const requestMembers = new Set([
  'principal',
  'action',
  'resource',
  'resourceAccount',
  'context',
  'unknown',
  'principalId',
  'roleArn',
  'userArn',
])
const policyMembers = new Set(['identity', 'resource', 'resourceRule', 'boundary', 'session', 'scp', 'rcp', 'vpce'])
const namedMembers = new Set(['name', 'document'])

function situationOf(asked: unknown): Situation {
  if (!isMembers(asked)) throw new Mistake('a question is an object', '')
  const id = member(asked, 'id')
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') {
    throw new Mistake('an id is a text or a number', 'id')
  }
  const told = member(asked, 'request')
  const policies = membersOf(member(asked, 'policies'), 'policies', policyMembers)

  const request = requestIn(told)
  const owner = request.resourceAccount
  const caller = request.principal.account ?? ''
  const rule = ruleOf(member(policies, 'resourceRule'))
  const onResource = member(policies, 'resource')
  const read = <T>(name: string, reader: (value: unknown, at: string) => T): T | undefined => {
    const value = member(policies, name)
    return value === undefined ? undefined : reader(value, `policies.${name}`)
  }
  const identity = read('identity', (value, at) => named(value, at, { type: 'inline', account: caller }))
  const boundary = read('boundary', (value, at) => unnamed(value, at, { type: 'boundary', account: caller }))
  const session = read('session', (value, at) => unnamed(value, at, { type: 'session', account: caller }))
  const endpoint = read('vpce', (value, at) => unnamed(value, at, { type: 'endpoint', account: caller }))
  const scps = read('scp', (value, at) => levels(value, at, { type: 'scp', account: caller }))
  const rcps = read('rcp', (value, at) => levels(value, at, { type: 'rcp', account: owner ?? caller }))
  return {
    request,
    identity,
    boundary,
    session,
    endpoint,
    scps,
    rcps,
    resource:
      onResource === undefined && rule === 'ordinary'
        ? undefined
        : {
            account: owner ?? caller,
            policies: onResource === undefined ? [] : [resourcePolicy(onResource, rule, owner ?? caller)],
            rule,
          },
  }
}

/** What is asked, without what stands over it. Throws a Mistake. */
export function requestIn(asked: unknown): Request {
  const told = membersOf(asked, 'request', requestMembers)
  const { principal, keys } = askerOf(told)
  const resource = textOf(member(told, 'resource'), 'request.resource')
  return {
    principal,
    action: actionOf(textOf(member(told, 'action'), 'request.action')),
    resource,
    resourceAccount: ownerOf(resource, optionalText(member(told, 'resourceAccount'), 'request.resourceAccount')),
    lookup: lookupOf(told, keys),
  }
}

function actionOf(action: string): string {
  const colon = action.indexOf(':')
  if (colon < 1 || colon === action.length - 1 || action.includes(':', colon + 1) || /[*?\s]/.test(action)) {
    throw new Mistake('what is asked for is one action, as in s3:GetObject', 'request.action')
  }
  return action
}

/** Who owns the resource: who is told to, or the account in its ARN. */
function ownerOf(resource: string, told: string | undefined): string | undefined {
  const arn = resource === '*' ? undefined : parseArn(resource)
  if (resource !== '*' && (arn === undefined || arn.partition === '' || arn.service === '' || arn.resource === '')) {
    throw new Mistake('a resource is an ARN, arn:PARTITION:SERVICE:REGION:ACCOUNT:NAME, or "*"', 'request.resource')
  }
  if (told !== undefined && !isAccountId(told)) {
    throw new Mistake('an account is twelve digits, as text', 'request.resourceAccount')
  }
  return told ?? (arn !== undefined && isAccountId(arn.account) ? arn.account : undefined)
}

function ruleOf(value: unknown): 'ordinary' | 'trust' | 'key' {
  if (value === undefined || value === 'ordinary') return 'ordinary'
  if (value === 'trust' || value === 'key') return value
  throw new Mistake('one of ordinary, trust and key belongs here', 'policies.resourceRule')
}

function lookupOf(told: Members, derived: ReadonlyMap<string, readonly string[]>): Lookup {
  const listed = new Map<string, readonly string[] | null | undefined>()
  const context = member(told, 'context')
  if (context !== undefined) {
    if (!isMembers(context)) throw new Mistake('an object of condition keys belongs here', 'request.context')
    for (const [key, value] of Object.entries(context)) {
      const at = `request.context["${key}"]`
      const folded = key.toLowerCase()
      if (listed.has(folded)) throw new Mistake('this key stands here twice: keys have no case', at)
      listed.set(folded, value === null ? null : typeof value === 'string' ? [value] : textsOf(value, at))
    }
  }
  const unknown = member(told, 'unknown')
  if (unknown !== undefined) {
    for (const key of textsOf(unknown, 'request.unknown')) {
      const folded = key.toLowerCase()
      if (listed.get(folded) !== undefined) {
        throw new Mistake(`${key} is in the context, so it is not unknown`, 'request.unknown')
      }
      listed.set(folded, undefined)
    }
  }
  return (key) => (listed.has(key) ? listed.get(key) : (derived.get(key) ?? null))
}

type Source = Pick<PolicySource, 'type' | 'account'>

function attached(document: unknown, name: string, at: string, source: Source): AttachedPolicy {
  const policy = compiledText(textOfDocument(document, at))
  if ('problem' in policy) throw new Mistake(`${name} is no policy: ${policy.problem}`, at)
  return { policy, source: { type: source.type, name, account: source.account } }
}

/** The text of a document that came as one, or as an object. Throws a Mistake. */
export function textOfDocument(document: unknown, at: string): string {
  if (typeof document === 'string') return document
  if (document === undefined) throw new Mistake('this is missing', at)
  if (!isMembers(document)) throw new Mistake('a policy document is an object, or its text', at)
  let text: unknown
  try {
    text = JSON.stringify(document)
  } catch {
    // A circle, or a depth that nobody wrote.
  }
  if (typeof text !== 'string') throw new Mistake('this object cannot be written as JSON', at)
  return text
}

const unnamed = (value: unknown, at: string, source: Source): readonly AttachedPolicy[] =>
  itemsOf(value, at).map((document, index) => attached(document, nameAt(source.type, index), `${at}[${index}]`, source))

const named = (value: unknown, at: string, source: Source, place = ''): readonly AttachedPolicy[] =>
  itemsOf(value, at).map((item, index) => {
    const here = `${at}[${index}]`
    const members = membersOf(item, here, namedMembers)
    const name = optionalText(member(members, 'name'), `${here}.name`) ?? nameAt(`${place}${source.type}`, index)
    return attached(member(members, 'document'), name, `${here}.document`, source)
  })

const levels = (value: unknown, at: string, source: Source): readonly (readonly AttachedPolicy[])[] =>
  itemsOf(value, at).map((level, index) => named(level, `${at}[${index}]`, source, `level ${index} `))

const nameAt = (type: string, index: number): string => `${type} policy ${index + 1}`

const resourcePolicy = (document: unknown, rule: 'ordinary' | 'trust' | 'key', account: string): AttachedPolicy =>
  attached(document, rule === 'ordinary' ? 'resource policy' : `${rule} policy`, 'policies.resource', {
    type: rule === 'trust' ? 'trust' : 'resource',
    account,
  })
