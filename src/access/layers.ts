import { managedPolicy } from '../model/managed.ts'
import { type CompiledPolicy, compileText } from '../policy/compile.ts'
import type { AttachedPolicy, PolicySource } from '../policy/decide.ts'
import { arnOf } from '../state/entity.ts'
import type { Group, Role, User } from '../state/identity.ts'
import { named } from '../state/index-keys.ts'
import type { ManagedPolicy } from '../state/managed-policy.ts'
import type { View } from '../state/view.ts'
import type { Caller } from './caller.ts'

/**
 * Policies compile once: the compiled form hangs on the entity's own part that holds the text (entities are frozen and
 * replaced whole), and goes away with it.
 */
const compiled = new WeakMap<object, CompiledPolicy>()

/** Stored documents were checked when they were put. INVARIANT: one that still does not parse fails closed: it denies everything. */
const everythingDenied = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
const nothing = '{"Version":"2012-10-17","Statement":[]}'

/** The compiled form of a text that hangs on its owner. */
export function compile(owner: object, text: string): CompiledPolicy {
  const known = compiled.get(owner)
  if (known !== undefined) return known
  const fresh = compileText(text) ?? compileText(everythingDenied)
  if (fresh === undefined) throw new Error('a policy of our own does not compile')
  compiled.set(owner, fresh)
  return fresh
}

/** A managed policy of the account, by ARN: the name finds it, and the path must agree. */
export function customerPolicy(view: View, arn: string): ManagedPolicy | undefined {
  const [, , , , account = '', resource = ''] = arn.split(':')
  const policy = view.one('policy', named(account, resource.slice(resource.lastIndexOf('/') + 1)))
  return policy !== undefined && arnOf(policy) === arn ? policy : undefined
}

/** The default version of any managed policy, AWS's or the customer's, with the object that its compiled form hangs on. */
export function managedDocument(
  view: View,
  arn: string,
): { readonly owner: object; readonly document: string } | undefined {
  const aws = managedPolicy(arn)
  if (aws !== undefined) return { owner: aws, document: aws.document }
  const policy = customerPolicy(view, arn)
  const version = policy?.versions.find((candidate) => candidate.id === policy.defaultVersion)
  return version === undefined ? undefined : { owner: version, document: version.document }
}

function managed(view: View, arn: string, source: Pick<PolicySource, 'type' | 'account' | 'holder'>): AttachedPolicy[] {
  const found = managedDocument(view, arn)
  if (found === undefined) return []
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  return [{ policy: compile(found.owner, found.document), source: { ...source, name, arn } }]
}

/** What a holder's policies came to when they were last put together, and which documents they came from. */
interface Held {
  readonly owners: readonly (object | undefined)[]
  readonly policies: readonly AttachedPolicy[]
}
const heldBy = new WeakMap<User | Group | Role, Held>()

/**
 * The policies that a user, group or role carries. Entities are frozen, so what was put together for one holds as long as each
 * managed policy still has the very same default version; only that is looked up again for every request.
 */
export function policiesHeldBy(view: View, holder: User | Group | Role): readonly AttachedPolicy[] {
  const owners = holder.attached.map((arn) => managedDocument(view, arn)?.owner)
  const known = heldBy.get(holder)
  if (known?.owners.every((owner, at) => owner === owners[at])) return known.policies
  const source = { account: holder.account, holder: arnOf(holder) }
  const policies = [
    ...holder.inline.map((inline) => ({
      policy: compile(inline, inline.document),
      source: { ...source, type: 'inline' as const, name: inline.name },
    })),
    ...holder.attached.flatMap((arn) => managed(view, arn, { ...source, type: 'managed' })),
  ]
  heldBy.set(holder, { owners, policies })
  return policies
}

/** Identity-based policies: a user's own and those of its groups, or a role's. Root has none, and needs none; a login has none. */
export function identityPolicies(view: View, caller: Caller): readonly AttachedPolicy[] {
  switch (caller.kind) {
    case 'root':
      return []
    case 'web-identity':
    case 'saml':
      return []
    case 'role-session':
      return policiesHeldBy(view, caller.role)
    case 'user':
      return policiesOver(view, caller.user)
    case 'federated-user':
      return caller.user === undefined ? [] : policiesOver(view, caller.user)
  }
}

/** A user's own policies, and those of its groups. */
function policiesOver(view: View, user: User): readonly AttachedPolicy[] {
  if (user.groups.length === 0) return policiesHeldBy(view, user)
  const groups = user.groups.flatMap((id) => view.get('group', id) ?? [])
  return [...policiesHeldBy(view, user), ...groups.flatMap((group) => policiesHeldBy(view, group))]
}

const changingOwn = new WeakMap<User, AttachedPolicy>()

/**
 * What an account's password policy grants to every user in it, without a policy on any: to change their own password, and to see
 * what it must be like (IAM User Guide, "Permit IAM users to change their own passwords"). A Deny elsewhere still denies.
 */
export function passwordPolicyGrant(view: View, caller: Caller, action: string): readonly AttachedPolicy[] {
  if (caller.kind !== 'user' || !passwordActions.has(action.toLowerCase())) return []
  if (view.get('password-policy', caller.account)?.usersMayChange !== true) return []
  const { user } = caller
  const known = changingOwn.get(user)
  if (known !== undefined) return [known]
  const holder = arnOf(user)
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iam:ChangePassword', Resource: holder },
      { Effect: 'Allow', Action: 'iam:GetAccountPasswordPolicy', Resource: '*' },
    ],
  })
  const source = { type: 'inline' as const, name: 'account password policy', account: user.account, holder }
  const grant = { policy: compile({}, text), source }
  changingOwn.set(user, grant)
  return [grant]
}
const passwordActions: ReadonlySet<string> = new Set(['iam:changepassword', 'iam:getaccountpasswordpolicy'])

/** Whose boundary it is: a role's session is its role's, a federated user its user's. */
function boundedIn(caller: Caller): User | Role | undefined {
  switch (caller.kind) {
    case 'role-session':
      return caller.role
    case 'user':
    case 'federated-user':
      return caller.user
    default:
      return undefined
  }
}

/**
 * The permissions boundary. INVARIANT: a boundary whose policy cannot be found allows nothing; deleting a policy that is a
 * boundary is refused, so this is a belt to that brace.
 */
export function boundaryPolicy(view: View, caller: Caller): AttachedPolicy | undefined {
  const bounded = boundedIn(caller)
  const arn = bounded?.boundary
  if (bounded === undefined || arn === undefined) return undefined
  const source = { type: 'boundary' as const, account: caller.account, holder: arnOf(bounded) }
  const [found] = managed(view, arn, source)
  return found ?? { policy: compile(absentBoundary, nothing), source: { ...source, name: arn, arn } }
}
const absentBoundary = {}

/** Session policies arrive with every request inside the token, so their compiled form is kept by text, a bounded number. */
const sessionTexts = new Map<string, { readonly document: string }>()
const sessionTextsKept = 1024

function sessionText(document: string): { readonly document: string } {
  const known = sessionTexts.get(document)
  if (known !== undefined) return known
  if (sessionTexts.size >= sessionTextsKept)
    for (const oldest of sessionTexts.keys()) {
      sessionTexts.delete(oldest)
      break
    }
  const fresh = { document }
  sessionTexts.set(document, fresh)
  return fresh
}

/** The policies that narrow a session; `undefined` where none were given when it began. */
export function sessionPolicies(view: View, caller: Caller): readonly AttachedPolicy[] | undefined {
  const session = caller.session
  if (session === undefined) return undefined
  if (session.inlinePolicy === undefined && session.policyArns.length === 0) return undefined
  const source = { type: 'session' as const, account: caller.account, holder: caller.arn }
  const inline =
    session.inlinePolicy === undefined
      ? []
      : [
          {
            policy: compile(sessionText(session.inlinePolicy), session.inlinePolicy),
            source: { ...source, name: 'session policy' },
          },
        ]
  const given = session.policyArns.flatMap((arn) => managed(view, arn, source))
  // QUIRK: root-task-denies. AWS's policies for the tasks of a lent root only take away: whatever they do not deny is root's.
  const task = caller.kind === 'root' && given.length > 0 && session.policyArns.every(isRootTask)
  return [...(task ? [rootsOwn(source)] : []), ...inline, ...given]
}

const isRootTask = (arn: string): boolean => arn.startsWith('arn:aws:iam::aws:policy/root-task/')
const everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
const everythingAllowed = {}
const rootsOwn = (source: Omit<PolicySource, 'name'>): AttachedPolicy => ({
  policy: compile(everythingAllowed, everything),
  source: { ...source, name: 'root' },
})

const trustOf = new WeakMap<Role, AttachedPolicy>()

/** A role's trust policy, as the resource's side of assuming it. */
export function trustPolicy(role: Role): AttachedPolicy {
  const known = trustOf.get(role)
  if (known !== undefined) return known
  const trust: AttachedPolicy = {
    policy: compile(role.trust, role.trust.document),
    pins: role.trust.pins,
    source: { type: 'trust', name: 'trust policy', account: role.account, holder: arnOf(role) },
  }
  trustOf.set(role, trust)
  return trust
}
