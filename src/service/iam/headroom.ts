import { policySize } from '../../policy/check.ts'
import type { Group, InlinePolicy, Role, User } from '../../state/identity.ts'
import { foundedBy, inAccount, inOrganization, ownedBy } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import type { Place } from './lookup.ts'
import type { QuotaName } from './quota.ts'

/** How much of a quota is used; of one that each thing of a kind has for itself, by the thing that uses the most. */
export interface Usage {
  readonly used: number
  /** Whose usage it is, where it is not the account's as a whole: `user bob`. */
  readonly by?: string
}

/** The one with the most of it. `measure` is told the most so far, and may answer any number up to it for what has no more. */
function largest<T>(
  things: readonly T[],
  called: (thing: T) => string,
  measure: (thing: T, most: number) => number,
): Usage {
  let found: Usage = { used: 0 }
  for (const thing of things) {
    const used = measure(thing, found.used)
    if (used > found.used) found = { used, by: called(thing) }
  }
  return found
}

const nameOf = (entity: { readonly kind: string; readonly name: string }) => `${entity.kind} ${entity.name}`

/** The size without white space is never above the length, so that what is no longer than the most need not be read. */
const sizeOver = (documents: readonly string[], most: number): number => {
  const length = documents.reduce((sum, { length }) => sum + length, 0)
  return length <= most ? 0 : documents.reduce((sum, document) => sum + policySize(document), 0)
}
const documentsOf = (policies: readonly InlinePolicy[]) => policies.map(({ document }) => document)
const inlineSize = (holders: readonly (User | Group | Role)[]): Usage =>
  largest(holders, nameOf, ({ inline }, most) => sizeOver(documentsOf(inline), most))
const attached = (holders: readonly (User | Group | Role)[]): Usage =>
  largest(holders, nameOf, (holder) => holder.attached.length)

/** Versions of policies that are in use: of each policy that is held or bounds somebody, its default. */
export function versionsInUse({ state, caller: { account } }: Place): number {
  const here = inAccount(account)
  const [users, groups, roles] = [state.find('user', here), state.find('group', here), state.find('role', here)]
  const inUse = new Set<string>()
  for (const holder of [...users, ...groups, ...roles]) for (const arn of holder.attached) inUse.add(arn)
  for (const { boundary } of [...users, ...roles]) if (boundary !== undefined) inUse.add(boundary)
  return inUse.size
}

/** Everything that bears tags in an account, by what it is called. */
function* tagged(state: View, here: string): Iterable<readonly [called: string, tags: number]> {
  for (const kind of [
    'user',
    'role',
    'policy',
    'instance-profile',
    'saml-provider',
    'mfa-device',
    'server-certificate',
  ] as const)
    for (const entity of state.find(kind, here)) yield [nameOf(entity), entity.tags.length]
  for (const { id, tags } of state.find('oidc-provider', here)) yield [id, tags.length]
}

/** Who has the account's own id as an owner. */
const rootOf = (account: string) => ({ kind: 'root', account, id: account, name: 'user' }) as const

/** What users own, and root as well. */
const owned =
  (kind: 'access-key' | 'mfa-device' | 'signing-certificate' | 'ssh-public-key') =>
  (state: View, account: string, here: string): Usage =>
    largest([...state.find('user', here), rootOf(account)], nameOf, (owner) => state.find(kind, ownedBy(owner)).length)

/** Per quota, how it is counted. */
const measures: Readonly<Record<QuotaName, (state: View, account: string, here: string) => Usage>> = {
  UsersQuota: (state, _, here) => ({ used: state.find('user', here).length }),
  GroupsQuota: (state, _, here) => ({ used: state.find('group', here).length }),
  RolesQuota: (state, _, here) => ({ used: state.find('role', here).length }),
  PoliciesQuota: (state, _, here) => ({ used: state.find('policy', here).length }),
  InstanceProfilesQuota: (state, _, here) => ({ used: state.find('instance-profile', here).length }),
  ServerCertificatesQuota: (state, _, here) => ({ used: state.find('server-certificate', here).length }),
  OidcProvidersPerAccount: (state, _, here) => ({ used: state.find('oidc-provider', here).length }),
  SamlProvidersPerAccount: (state, _, here) => ({ used: state.find('saml-provider', here).length }),
  GroupsPerUserQuota: (state, _, here) => largest(state.find('user', here), nameOf, ({ groups }) => groups.length),
  AccessKeysPerUserQuota: owned('access-key'),
  MFADevicesPerUser: owned('mfa-device'),
  SigningCertificatesPerUserQuota: owned('signing-certificate'),
  SSHPublicKeysPerUser: owned('ssh-public-key'),
  // Two of each service, so the most that anybody has of one.
  ServiceSpecificCredentialsPerUser: (state, _, here) =>
    largest(state.find('user', here), nameOf, (user) => {
      const counts = new Map<string, number>()
      for (const { service } of state.find('service-credential', ownedBy(user)))
        counts.set(service, (counts.get(service) ?? 0) + 1)
      return Math.max(0, ...counts.values())
    }),
  RolesPerInstanceProfile: (state, _, here) =>
    largest(state.find('instance-profile', here), nameOf, ({ role }) => (role === undefined ? 0 : 1)),
  AttachedPoliciesPerUserQuota: (state, _, here) => attached(state.find('user', here)),
  AttachedPoliciesPerGroupQuota: (state, _, here) => attached(state.find('group', here)),
  AttachedPoliciesPerRoleQuota: (state, _, here) => attached(state.find('role', here)),
  PolicySizeQuota: (state, _, here) =>
    largest(state.find('policy', here), nameOf, ({ versions }, most) =>
      versions.reduce((size, { document }) => Math.max(size, sizeOver([document], Math.max(most, size))), 0),
    ),
  AssumeRolePolicySizeQuota: (state, _, here) =>
    largest(state.find('role', here), nameOf, ({ trust }, most) => sizeOver([trust.document], most)),
  UserPolicySizeQuota: (state, _, here) => inlineSize(state.find('user', here)),
  GroupPolicySizeQuota: (state, _, here) => inlineSize(state.find('group', here)),
  RolePolicySizeQuota: (state, _, here) => inlineSize(state.find('role', here)),
  VersionsPerPolicyQuota: (state, _, here) =>
    largest(state.find('policy', here), nameOf, ({ versions }) => versions.length),
  PolicyVersionsInUseQuota: (state, account) => ({ used: versionsInUse({ state, caller: { account } }) }),
  TagsPerResource: (state, _, here) =>
    largest(
      [...tagged(state, here)],
      ([called]) => called,
      ([, tags]) => tags,
    ),
  KeysPerSamlProvider: (state, _, here) =>
    largest(state.find('saml-provider', here), nameOf, ({ certificates }) => certificates.length),
  PrivateKeysPerSamlProvider: (state, _, here) =>
    largest(state.find('saml-provider', here), nameOf, (provider) => state.find('saml-key', ownedBy(provider)).length),
  AccountsPerOrganization: (state, account) => {
    const organization = state.get('membership', account)?.organization ?? ''
    const managed = state.get('organization', organization)?.account === account
    const members = managed ? state.find('membership', inOrganization(organization)).length : 0
    const founded = state.find('account', foundedBy(account)).length
    return { used: Math.max(members, founded === 0 ? 0 : founded + 1) }
  },
  ClientIdsPerOidcProvider: (state, _, here) =>
    largest(
      state.find('oidc-provider', here),
      ({ id }) => id,
      ({ clientIds }) => clientIds.length,
    ),
}

export const usageOfQuota = ({ state, caller: { account } }: Place, name: QuotaName): Usage =>
  measures[name](state, account, inAccount(account))
