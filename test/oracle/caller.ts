import type { Found, Lookup } from './pattern.ts'
import { list, type Principals, type Request, type Statement } from './question.ts'

export interface Caller {
  readonly kind: 'root' | 'user' | 'role' | 'federated-user' | 'service' | 'outsider' | 'anonymous'
  /** The ARN, the service's name, or the provider that vouches for an outsider. */
  readonly self: string
  readonly account?: string
  /** The user's or session's last name. */
  readonly name?: string
  /** The role behind a session. */
  readonly role?: string
  readonly id?: string
}

export function callerOf({ principal, principalId, roleArn }: Request): Caller {
  if (typeof principal !== 'string')
    return 'service' in principal
      ? { kind: 'service', self: principal.service }
      : { kind: 'outsider', self: principal.federated }
  if (principal === 'anonymous') return { kind: 'anonymous', self: principal }
  const [, partition = '', , , account = '', resource = ''] = principal.split(':')
  const [type, ...path] = resource.split('/')
  const name = path.at(-1) ?? ''
  const id = principalId === undefined ? {} : { id: principalId }
  if (type === 'root') return { kind: 'root', self: principal, account }
  if (type === 'user') return { kind: 'user', self: principal, account, name, ...id }
  if (type === 'federated-user') return { kind: 'federated-user', self: principal, account, name }
  if (type !== 'assumed-role') throw new Error(`no caller ${principal}`)
  const role = roleArn ?? `arn:${partition}:iam::${account}:role/${path[0]}`
  return { kind: 'role', self: principal, account, name, role, ...id }
}

/** Keys that AWS documents as lists stay lists, also where a request writes its one value as a text. */
const lists = new Set(
  [
    ...['aws:PrincipalOrgPaths', 'aws:ResourceOrgPaths', 'aws:SourceOrgPaths', 'aws:VpceOrgPaths'],
    ...['aws:PrincipalServiceNamesList', 'aws:CalledVia', 'aws:TagKeys'],
    ...['sts:TransitiveTagKeys', 'sts:IdentityTokenAudience'],
  ].map((key) => key.toLowerCase()),
)

/** What the request says about keys: what is listed, then what follows from the caller. */
export function lookupOf(request: Request, caller: Caller): Lookup {
  const known = new Map<string, string | readonly string[] | null>()
  for (const [key, value] of Object.entries(derived(caller))) known.set(key.toLowerCase(), value)
  for (const [key, value] of Object.entries(request.context)) known.set(key.toLowerCase(), value)
  const unknown = new Set((request.unknown ?? []).map((key) => key.toLowerCase()))
  return (key): Found => {
    if (unknown.has(key.toLowerCase())) return 'unknown'
    const value = known.get(key.toLowerCase()) ?? null
    // CHOICE: a multivalued key without values is absent.
    if (value === null || (typeof value !== 'string' && value.length === 0)) return 'absent'
    return typeof value === 'string'
      ? { values: [value], many: lists.has(key.toLowerCase()) }
      : { values: value, many: true }
  }
}

function derived({ kind, self, account = '', name = '', role = '', id }: Caller): Record<string, string | string[]> {
  switch (kind) {
    // CHOICE: a call on behalf of an outsider is not signed, so nothing follows from it.
    case 'outsider':
      return {}
    case 'anonymous':
      return { 'aws:userid': 'anonymous', 'aws:PrincipalType': 'Anonymous', 'aws:PrincipalAccount': 'anonymous' }
    // CHOICE: a service has no aws:userid and no aws:PrincipalType, and its list of names is its name.
    case 'service':
      return {
        'aws:PrincipalIsAWSService': 'true',
        'aws:PrincipalServiceName': self,
        'aws:PrincipalServiceNamesList': [self],
      }
  }
  const person = { 'aws:PrincipalAccount': account, 'aws:PrincipalIsAWSService': 'false' }
  const ofId = (suffix: string) => (id === undefined ? {} : { 'aws:userid': `${id}${suffix}` })
  if (kind === 'root')
    return { ...person, 'aws:PrincipalArn': self, 'aws:PrincipalType': 'Account', 'aws:userid': account }
  if (kind === 'user')
    return { ...person, 'aws:PrincipalArn': self, 'aws:PrincipalType': 'User', 'aws:username': name, ...ofId('') }
  if (kind === 'role')
    return { ...person, 'aws:PrincipalArn': role, 'aws:PrincipalType': 'AssumedRole', ...ofId(`:${name}`) }
  return {
    ...person,
    'aws:PrincipalArn': self,
    'aws:PrincipalType': 'FederatedUser',
    'aws:userid': `${account}:${name}`,
  }
}

/** By what a policy names its caller: itself, the role behind it, its account, or everyone. */
export type Bond = 'self' | 'role' | 'account' | 'everyone'

/** Every way in which a statement's Principal or NotPrincipal covers the caller; none when it does not. */
export function bonds(statement: Statement, caller: Caller, trust: boolean): ReadonlySet<Bond> {
  // A trust policy lets in only callers that proved who they are.
  if (trust && statement.Effect === 'Allow' && caller.kind === 'anonymous') return new Set()
  if (statement.Principal !== undefined) return named(statement.Principal, caller)
  if (statement.NotPrincipal === undefined) return new Set()
  const exempt = named(statement.NotPrincipal, caller)
  const enclosing: Bond[] =
    caller.kind === 'root' ? ['account'] : caller.kind === 'role' ? ['self', 'role', 'account'] : ['self', 'account']
  const needed: Bond[] = caller.account === undefined ? ['self'] : enclosing
  // A denial lets off only those whose session, role and account are all listed.
  // CHOICE: an Allow covers nobody of whom any of these is listed. CHOICE: whom `*` lists is listed in every way.
  const spared =
    exempt.has('everyone') ||
    (statement.Effect === 'Deny' ? needed.every((bond) => exempt.has(bond)) : needed.some((bond) => exempt.has(bond)))
  return new Set(spared ? [] : ['everyone'])
}

function named(principals: Principals, caller: Caller): Set<Bond> {
  const found = new Set<Bond>()
  for (const [type, values] of Object.entries(principals === '*' ? { AWS: '*' } : principals))
    for (const value of list(values)) {
      const bond = bondOf(type, value, caller)
      if (bond !== undefined) found.add(bond)
    }
  return found
}

/** CHOICE: a canonical user is nobody here. CHOICE: `*` covers services and outsiders too. */
function bondOf(type: string, value: string, caller: Caller): Bond | undefined {
  if (type === 'Service') return caller.kind === 'service' && value === caller.self ? 'self' : undefined
  if (type === 'Federated') return caller.kind === 'outsider' && value === caller.self ? 'self' : undefined
  if (type !== 'AWS') return undefined
  if (value === '*') return 'everyone'
  if (caller.account === undefined) return undefined
  const [, partition] = caller.self.split(':')
  if (value === caller.account || value === `arn:${partition}:iam::${caller.account}:root`) return 'account'
  if (value === caller.self) return 'self'
  if (value === caller.role) return 'role'
  if (value === caller.id) return caller.kind === 'role' ? 'role' : 'self'
  return undefined
}
