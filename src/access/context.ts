import { isAccountId, parseArn } from '../base/arn.ts'
import { isoSeconds } from '../base/instant.ts'
import type { Lookup } from '../policy/request.ts'
import { arnOf, rootArn } from '../state/entity.ts'
import type { Tag } from '../state/identity.ts'
import type { View } from '../state/view.ts'
import { type Caller, type Connection, credentialsOf, type Federation, isLogin } from './caller.ts'
import type { Need } from './need.ts'
import { organizationId, organizationPath } from './organization.ts'

/** Everything that a condition may ask about. */
export interface Circumstances {
  readonly caller: Caller
  readonly connection: Connection
  readonly need: Need
  readonly now: number
}

/** The identity behind a caller, as `aws:PrincipalArn` has it: for a role session the role, with its path. A login has none yet. */
export function principalArn(caller: Caller): string | undefined {
  switch (caller.kind) {
    case 'root':
      return rootArn(caller.account)
    case 'user':
      return arnOf(caller.user)
    case 'role-session':
      return arnOf(caller.role)
    case 'federated-user':
      return caller.arn
    case 'web-identity':
    case 'saml':
      return undefined
  }
}

/** Later tags replace earlier ones of the same key, without regard to case, as session tags overlay a role's. */
export function overlay(under: readonly Tag[], over: readonly Tag[]): readonly Tag[] {
  if (over.length === 0) return under
  const taken = new Set(over.map((tag) => tag.key.toLowerCase()))
  return [...under.filter((tag) => !taken.has(tag.key.toLowerCase())), ...over]
}

/** The tags that `aws:PrincipalTag/…` speaks of. */
export function principalTags(caller: Caller): readonly Tag[] {
  switch (caller.kind) {
    case 'root':
      return []
    case 'user':
      return caller.user.tags
    case 'role-session':
      return overlay(caller.role.tags, caller.session.tags)
    case 'federated-user':
      return overlay(caller.user?.tags ?? [], caller.session.tags)
    case 'web-identity':
    case 'saml':
      return []
  }
}

/**
 * The account that a resource belongs to: the ARN's own, and the caller's where the ARN names none. AWS's managed policies
 * (`arn:aws:iam::aws:policy/…`) are in every account: they have no owner whose consent would be asked.
 */
export function resourceAccount({ caller, need }: Pick<Circumstances, 'caller' | 'need'>): string {
  const account = parseArn(need.resource)?.account
  return account !== undefined && isAccountId(account) ? account : caller.account
}

const principalTypes = {
  root: 'Account',
  user: 'User',
  'role-session': 'AssumedRole',
  'federated-user': 'FederatedUser',
} as const

type Source = (circumstances: Circumstances, view: View) => string | readonly string[] | null | undefined

/** Root by credentials that another account asked for. */
const isLentRoot = (caller: Caller): boolean => caller.kind === 'root' && credentialsOf(caller) === 'assumed'

/** QUIRK: one-path. The key is made for several values, and an account is in one place. */
function pathsOf(view: View, account: string): readonly string[] | undefined {
  const path = organizationPath(view, account)
  return path === undefined ? undefined : [path]
}

/**
 * The global condition keys (IAM User Guide, "AWS global condition context keys"), by name in lower case: key names are
 * compared without regard to case. A key that answers `null` or `undefined` is known to be absent from this request.
 */
const globals: ReadonlyMap<string, Source> = new Map<string, Source>([
  ['aws:principalarn', ({ caller }) => principalArn(caller)],
  ['aws:principalaccount', ({ caller }) => (isLogin(caller) ? null : caller.account)],
  ['aws:principalorgid', ({ caller }, view) => (isLogin(caller) ? null : organizationId(view, caller.account))],
  ['aws:principalorgpaths', ({ caller }, view) => (isLogin(caller) ? null : pathsOf(view, caller.account))],
  ['aws:principaltype', ({ caller }) => (isLogin(caller) ? null : principalTypes[caller.kind])],
  ['aws:principalisawsservice', () => 'false'],
  ['aws:userid', ({ caller }) => (isLogin(caller) ? null : caller.userId)],
  ['aws:username', ({ caller }) => (caller.kind === 'user' ? caller.user.name : null)],
  ['aws:federatedprovider', ({ caller }) => (isLogin(caller) ? caller.provider : caller.session?.federation?.provider)],
  ['aws:sourceidentity', ({ caller }) => caller.session?.sourceIdentity],
  ['aws:tokenissuetime', ({ caller }) => (caller.session ? isoSeconds(caller.session.issuedAt) : null)],
  // QUIRK: mfa-key-absent. Long-term keys do not carry the key at all, so `Bool … false` does not catch them.
  ['aws:multifactorauthpresent', ({ caller }) => (caller.session ? String(caller.session.mfaAt !== undefined) : null)],
  [
    'aws:multifactorauthage',
    ({ caller, now }) =>
      caller.session?.mfaAt === undefined ? null : String(Math.max(0, Math.floor((now - caller.session.mfaAt) / 1000))),
  ],
  ['aws:assumedroot', ({ caller }) => (isLentRoot(caller) ? 'true' : null)],
  ['aws:currenttime', ({ now }) => isoSeconds(now)],
  ['aws:epochtime', ({ now }) => String(Math.floor(now / 1000))],
  ['aws:securetransport', ({ connection }) => String(connection.secure)],
  ['aws:sourceip', ({ connection }) => connection.sourceIp],
  ['aws:useragent', ({ connection }) => connection.userAgent],
  ['aws:referer', ({ connection }) => connection.referer],
  ['aws:requestedregion', ({ connection }) => connection.region],
  ['aws:viaawsservice', () => 'false'],
  ['aws:resourceaccount', resourceAccount],
  ['aws:resourceorgid', (circumstances, view) => organizationId(view, resourceAccount(circumstances))],
  ['aws:resourceorgpaths', (circumstances, view) => pathsOf(view, resourceAccount(circumstances))],
  ['aws:tagkeys', ({ need }) => need.tagKeys ?? need.requestTags?.map((tag) => tag.key)],
])

/** The keys that carry a tag's key after a slash. */
const tagged: ReadonlyMap<string, (circumstances: Circumstances) => readonly Tag[] | undefined> = new Map([
  ['aws:principaltag', ({ caller }: Circumstances) => principalTags(caller)],
  ['aws:requesttag', ({ need }: Circumstances) => need.requestTags],
  ['aws:resourcetag', ({ need }: Circumstances) => need.resourceTags],
  ['iam:resourcetag', ({ need }: Circumstances) => (need.action.startsWith('iam:') ? need.resourceTags : undefined)],
])

/** What an identity provider said of the caller: all of it while the token is shown, and what the session kept of it later on. */
const saidByToken = (caller: Caller): Federation['keys'] | undefined =>
  isLogin(caller) ? caller.keys : caller.session?.federation?.keys

/** The context of one request, read key by key: a decision asks for few of them, so none is computed before it is asked. */
export function contextOf(circumstances: Circumstances, view: View): Lookup {
  const { need } = circumstances
  const own = new Map(Object.entries(need.context ?? {}).map(([key, values]) => [key.toLowerCase(), values]))
  return (key) => {
    if (own.has(key)) return own.get(key)
    const global = globals.get(key)
    if (global !== undefined) {
      const value = global(circumstances, view)
      if (value === undefined || value === null) return null
      if (typeof value === 'string') return [value]
      return value.length === 0 ? null : value
    }
    const said = saidByToken(circumstances.caller)
    if (said !== undefined && Object.hasOwn(said, key)) return said[key]
    const slash = key.indexOf('/')
    if (slash < 0) return null
    const wanted = key.slice(slash + 1)
    const tag = tagged
      .get(key.slice(0, slash))?.(circumstances)
      ?.find((candidate) => candidate.key.toLowerCase() === wanted)
    return tag === undefined ? null : [tag.value]
  }
}
