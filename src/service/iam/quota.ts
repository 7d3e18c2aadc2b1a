import type { Failing } from '../operation.ts'
import type { Place } from './lookup.ts'

interface Quota {
  readonly limit: number
  /** As far as an account's own may be raised. What the model or an entity holds no more of cannot be raised at all. */
  readonly most: number
  /** Not looked at anywhere, so that it cannot be lowered either. */
  readonly fixed?: true
  /** How LimitExceeded names it, where it does so in the common words. */
  readonly word?: string
}

/** AWS's default quotas under the names of GetAccountSummary, where it has one. "IAM and AWS STS quotas", IAM User Guide. */
const quotas = {
  UsersQuota: { limit: 5000, most: 1_000_000, word: 'UsersPerAccount' },
  GroupsQuota: { limit: 300, most: 100_000, word: 'GroupsPerAccount' },
  RolesQuota: { limit: 1000, most: 1_000_000, word: 'RolesPerAccount' },
  PoliciesQuota: { limit: 1500, most: 5000, word: 'PoliciesPerAccount' },
  InstanceProfilesQuota: { limit: 1000, most: 1_000_000, word: 'InstanceProfilesPerAccount' },
  ServerCertificatesQuota: { limit: 20, most: 10_000, word: 'ServerCertificatesPerAccount' },
  GroupsPerUserQuota: { limit: 10, most: 100, word: 'GroupsPerUser' },
  AccessKeysPerUserQuota: { limit: 2, most: 100, word: 'AccessKeysPerUser' },
  MFADevicesPerUser: { limit: 8, most: 100, word: 'MFADevicesPerUser' },
  SigningCertificatesPerUserQuota: { limit: 2, most: 100, word: 'CertificatesPerUser' },
  SSHPublicKeysPerUser: { limit: 5, most: 100, word: 'SSHPublicKeysPerUser' },
  ServiceSpecificCredentialsPerUser: { limit: 2, most: 100, word: 'ServiceSpecificCredentialsPerUser' },
  RolesPerInstanceProfile: { limit: 1, most: 1, word: 'InstanceSessionsPerInstanceProfile' },
  AttachedPoliciesPerUserQuota: { limit: 10, most: 50, word: 'PoliciesPerUser' },
  AttachedPoliciesPerGroupQuota: { limit: 10, most: 50, word: 'PoliciesPerGroup' },
  AttachedPoliciesPerRoleQuota: { limit: 10, most: 50, word: 'PoliciesPerRole' },
  PolicySizeQuota: { limit: 6144, most: 20_480, word: 'PolicySize' },
  AssumeRolePolicySizeQuota: { limit: 2048, most: 8192, word: 'ACLSizePerRole' },
  UserPolicySizeQuota: { limit: 2048, most: 20_480 },
  GroupPolicySizeQuota: { limit: 5120, most: 20_480 },
  RolePolicySizeQuota: { limit: 10240, most: 20_480 },
  VersionsPerPolicyQuota: { limit: 5, most: 100 },
  // Out of reach: an account has no more policies than its own and AWS's, each with one version in use.
  PolicyVersionsInUseQuota: { limit: 10000, most: 10_000, fixed: true },
  TagsPerResource: { limit: 50, most: 50 },
  SamlProvidersPerAccount: { limit: 100, most: 1000, word: 'SAMLProvidersPerAccount' },
  KeysPerSamlProvider: { limit: 10, most: 100, word: 'KeysPerSAMLProvider' },
  PrivateKeysPerSamlProvider: { limit: 2, most: 2, word: 'PrivateKeysPerSAMLProvider' },
  OidcProvidersPerAccount: { limit: 100, most: 1000, word: 'OpenIdConnectProvidersPerAccount' },
  // Of the organization that the account manages ("Quotas and service limits for AWS Organizations").
  AccountsPerOrganization: { limit: 10, most: 100_000 },
  ClientIdsPerOidcProvider: { limit: 100, most: 1000, word: 'ClientIdsPerOpenIdConnectProvider' },
} as const satisfies Record<string, Quota>

export type QuotaName = keyof typeof quotas
type WordedQuota = { [K in QuotaName]: (typeof quotas)[K] extends { readonly word: string } ? K : never }[QuotaName]

// The keys of the table are those of its type.
export const quotaNames = Object.keys(quotas) as readonly QuotaName[]

export const quotaNamed = (name: string): QuotaName | undefined => quotaNames.find((known) => known === name)

/** AWS's default. */
export const defaultOf = (name: QuotaName): number => quotas[name].limit

/** What an account's own limit may be: from, to. */
export function rangeOf(name: QuotaName): readonly [from: number, to: number] {
  const { limit, most, fixed }: Quota = quotas[name]
  return fixed === true ? [limit, limit] : [0, most]
}

/** The account's own limit, where it was given one. */
export const limitOf = ({ state, caller: { account } }: Place, name: QuotaName): number =>
  state.get('quotas', account)?.limits[name] ?? defaultOf(name)

/** Refuses what would raise a count or size over its quota, in the words that most quotas share. */
export function within(scene: Place & Failing<'LimitExceeded'>, name: WordedQuota, wanted: number): void {
  const limit = limitOf(scene, name)
  if (wanted > limit) scene.fail('LimitExceeded', `Cannot exceed quota for ${quotas[name].word}: ${limit}`)
}
