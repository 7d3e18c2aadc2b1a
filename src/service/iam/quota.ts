import type { Failing } from '../operation.ts'
import type { Place } from './lookup.ts'

interface Quota {
  readonly limit: number
  /** How LimitExceeded names it, where it does so in the common words. */
  readonly word?: string
}

/** AWS's default quotas under the names of GetAccountSummary, where it has one. "IAM and AWS STS quotas", IAM User Guide. */
const quotas = {
  UsersQuota: { limit: 5000, word: 'UsersPerAccount' },
  GroupsQuota: { limit: 300, word: 'GroupsPerAccount' },
  RolesQuota: { limit: 1000, word: 'RolesPerAccount' },
  PoliciesQuota: { limit: 1500, word: 'PoliciesPerAccount' },
  InstanceProfilesQuota: { limit: 1000, word: 'InstanceProfilesPerAccount' },
  ServerCertificatesQuota: { limit: 20, word: 'ServerCertificatesPerAccount' },
  GroupsPerUserQuota: { limit: 10, word: 'GroupsPerUser' },
  AccessKeysPerUserQuota: { limit: 2, word: 'AccessKeysPerUser' },
  MFADevicesPerUser: { limit: 8, word: 'MFADevicesPerUser' },
  SigningCertificatesPerUserQuota: { limit: 2, word: 'CertificatesPerUser' },
  RolesPerInstanceProfile: { limit: 1, word: 'InstanceSessionsPerInstanceProfile' },
  AttachedPoliciesPerUserQuota: { limit: 10, word: 'PoliciesPerUser' },
  AttachedPoliciesPerGroupQuota: { limit: 10, word: 'PoliciesPerGroup' },
  AttachedPoliciesPerRoleQuota: { limit: 10, word: 'PoliciesPerRole' },
  PolicySizeQuota: { limit: 6144, word: 'PolicySize' },
  AssumeRolePolicySizeQuota: { limit: 2048, word: 'ACLSizePerRole' },
  UserPolicySizeQuota: { limit: 2048 },
  GroupPolicySizeQuota: { limit: 5120 },
  RolePolicySizeQuota: { limit: 10240 },
  VersionsPerPolicyQuota: { limit: 5 },
  PolicyVersionsInUseQuota: { limit: 10000 },
  TagsPerResource: { limit: 50 },
  SamlProvidersPerAccount: { limit: 100, word: 'SAMLProvidersPerAccount' },
  KeysPerSamlProvider: { limit: 10, word: 'KeysPerSAMLProvider' },
  PrivateKeysPerSamlProvider: { limit: 2, word: 'PrivateKeysPerSAMLProvider' },
  OidcProvidersPerAccount: { limit: 100, word: 'OpenIdConnectProvidersPerAccount' },
  ClientIdsPerOidcProvider: { limit: 100, word: 'ClientIdsPerOpenIdConnectProvider' },
} as const satisfies Record<string, Quota>

export type QuotaName = keyof typeof quotas
type WordedQuota = { [K in QuotaName]: (typeof quotas)[K] extends { readonly word: string } ? K : never }[QuotaName]

/** The account's own limit, where it was given one. */
export const limitOf = ({ state, caller: { account } }: Place, name: QuotaName): number =>
  state.get('quotas', account)?.limits[name] ?? quotas[name].limit

/** Refuses what would raise a count or size over its quota, in the words that most quotas share. */
export function within(scene: Place & Failing<'LimitExceeded'>, name: WordedQuota, wanted: number): void {
  const limit = limitOf(scene, name)
  if (wanted > limit) scene.fail('LimitExceeded', `Cannot exceed quota for ${quotas[name].word}: ${limit}`)
}
