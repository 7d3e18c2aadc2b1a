import { inAccount, ownedBy } from '../../state/index-keys.ts'
import { operationsOf } from '../operation.ts'
import { settingsOf } from './account-settings.ts'
import { versionsInUse } from './headroom.ts'
import { limitOf, type QuotaName } from './quota.ts'

const iam = operationsOf('iam')

/** The quotas that the summary shows, each under its own name. */
const shown = [
  'AccessKeysPerUserQuota',
  'AssumeRolePolicySizeQuota',
  'AttachedPoliciesPerGroupQuota',
  'AttachedPoliciesPerRoleQuota',
  'AttachedPoliciesPerUserQuota',
  'GroupPolicySizeQuota',
  'GroupsPerUserQuota',
  'GroupsQuota',
  'InstanceProfilesQuota',
  'PoliciesQuota',
  'PolicySizeQuota',
  'PolicyVersionsInUseQuota',
  'RolePolicySizeQuota',
  'RolesQuota',
  'ServerCertificatesQuota',
  'SigningCertificatesPerUserQuota',
  'UserPolicySizeQuota',
  'UsersQuota',
  'VersionsPerPolicyQuota',
] as const satisfies readonly QuotaName[]

export const getAccountSummary = iam.read('GetAccountSummary', {
  level: 'list',
  needs: () => [{ action: 'iam:GetAccountSummary', resource: '*' }],
  run: (scene) => {
    const { state, caller } = scene
    const { account } = caller
    const here = inAccount(account)
    const users = state.find('user', here)
    const groups = state.find('group', here)
    const roles = state.find('role', here)

    const devices = state.find('mfa-device', here)

    return {
      SummaryMap: {
        ...Object.fromEntries(shown.map((name) => [name, limitOf(scene, name)])),
        AccountAccessKeysPresent: state.find('access-key', ownedBy({ account, id: account })).length > 0 ? 1 : 0,
        AccountMFAEnabled: state.find('mfa-device', ownedBy({ account, id: account })).length > 0 ? 1 : 0,
        AccountPasswordPresent: state.get('login-profile', account) === undefined ? 0 : 1,
        AccountSigningCertificatesPresent:
          state.find('signing-certificate', ownedBy({ account, id: account })).length > 0 ? 1 : 0,
        GlobalEndpointTokenVersion: settingsOf(state, account).tokenVersion,
        Groups: groups.length,
        InstanceProfiles: state.find('instance-profile', here).length,
        MFADevices: devices.length,
        MFADevicesInUse: devices.filter(({ enabled }) => enabled !== undefined).length,
        Policies: state.find('policy', here).length,
        PolicyVersionsInUse: versionsInUse(scene),
        Providers: state.find('oidc-provider', here).length + state.find('saml-provider', here).length,
        Roles: roles.length,
        ServerCertificates: state.find('server-certificate', here).length,
        Users: users.length,
      },
    }
  },
})
