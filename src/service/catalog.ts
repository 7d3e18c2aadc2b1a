import { loadService, type ServiceModel } from '../model/service.ts'
import * as cloudtrailLookup from './cloudtrail/lookup-events.ts'
import * as cloudtrailKey from './cloudtrail/public-key.ts'
import * as cloudtrailTrail from './cloudtrail/trail.ts'
import * as iamAccessKey from './iam/access-key.ts'
import * as iamAccount from './iam/account.ts'
import * as iamAccountAlias from './iam/account-alias.ts'
import * as iamAccountSettings from './iam/account-settings.ts'
import * as iamAttachment from './iam/attachment.ts'
import * as iamAuthorizationDetails from './iam/authorization-details.ts'
import * as iamBoundary from './iam/boundary.ts'
import * as iamContextKeys from './iam/context-keys.ts'
import * as iamCredentialReport from './iam/credential-report.ts'
import * as iamDelegationRequest from './iam/delegation-request.ts'
import * as iamGroup from './iam/group.ts'
import * as iamInline from './iam/inline.ts'
import * as iamInstanceProfile from './iam/instance-profile.ts'
import * as iamLastAccessed from './iam/last-accessed.ts'
import * as iamLoginProfile from './iam/login-profile.ts'
import * as iamMfaDevice from './iam/mfa-device.ts'
import * as iamOidcProvider from './iam/oidc-provider.ts'
import * as iamOrganization from './iam/organization.ts'
import * as iamOrganizationReport from './iam/organization-report.ts'
import * as iamPasswordPolicy from './iam/password-policy.ts'
import * as iamPolicy from './iam/policy.ts'
import * as iamPolicyHolders from './iam/policy-holders.ts'
import * as iamPolicyVersion from './iam/policy-version.ts'
import * as iamRole from './iam/role.ts'
import * as iamSamlProvider from './iam/saml-provider.ts'
import * as iamServerCertificate from './iam/server-certificate.ts'
import * as iamServiceCredential from './iam/service-credential.ts'
import * as iamServiceGrants from './iam/service-grants.ts'
import * as iamServiceLinkedRole from './iam/service-linked-role.ts'
import * as iamSigningCertificate from './iam/signing-certificate.ts'
import * as iamSimulate from './iam/simulate.ts'
import * as iamSshPublicKey from './iam/ssh-public-key.ts'
import * as iamTagging from './iam/tagging.ts'
import * as iamUser from './iam/user.ts'
import type { Operation } from './operation.ts'
import * as organizationsAccount from './organizations/account.ts'
import * as organizationsAccountCreation from './organizations/account-creation.ts'
import * as organizationsAnswer from './organizations/answer.ts'
import * as organizationsAttachment from './organizations/attachment.ts'
import * as organizationsDelegatedAdministrator from './organizations/delegated-administrator.ts'
import * as organizationsEffective from './organizations/effective.ts'
import * as organizationsFeatures from './organizations/features.ts'
import * as organizationsInvitation from './organizations/invitation.ts'
import * as organizationsOrganization from './organizations/organization.ts'
import * as organizationsPolicy from './organizations/policy.ts'
import * as organizationsResourcePolicy from './organizations/resource-policy.ts'
import * as organizationsResponsibilityTransfer from './organizations/responsibility-transfer.ts'
import * as organizationsServiceAccess from './organizations/service-access.ts'
import * as organizationsTagging from './organizations/tagging.ts'
import * as organizationsUnit from './organizations/unit.ts'
import * as rolecallAccount from './rolecall/account.ts'
import * as rolecallBill from './rolecall/bill.ts'
import * as rolecallDecision from './rolecall/decision.ts'
import * as rolecallKey from './rolecall/key.ts'
import * as rolecallQuota from './rolecall/quota.ts'
import * as rolecallRevocation from './rolecall/revocation.ts'
import * as rolecallSession from './rolecall/session.ts'
import * as rolecallTrace from './rolecall/trace.ts'
import * as stsAssumeRole from './sts/assume-role.ts'
import * as stsAssumeRoleWithSaml from './sts/assume-role-with-saml.ts'
import * as stsAssumeRoot from './sts/assume-root.ts'
import * as stsAuthorizationMessage from './sts/authorization-message.ts'
import * as stsCaller from './sts/caller.ts'
import * as stsDelegatedAccess from './sts/delegated-access.ts'
import * as stsFederationToken from './sts/federation-token.ts'
import * as stsSessionToken from './sts/session-token.ts'
import * as stsWebIdentity from './sts/web-identity.ts'
import * as stsWebIdentityToken from './sts/web-identity-token.ts'

/** What can be asked of us: AWS's models, and the operations of them that are built. */
export interface Catalog {
  readonly services: readonly ServiceModel[]
  readonly operations: ReadonlyMap<string, Operation>
}

export const operationKey = (service: string, name: string): string => `${service}:${name}`

/** The rooms in which operations are declared. What they export is what is served: there is no list of operations. */
const rooms: readonly Readonly<Record<string, unknown>>[] = [
  cloudtrailLookup,
  cloudtrailKey,
  cloudtrailTrail,
  iamAccessKey,
  iamAccount,
  iamAccountAlias,
  iamAccountSettings,
  iamAttachment,
  iamAuthorizationDetails,
  iamBoundary,
  iamContextKeys,
  iamCredentialReport,
  iamDelegationRequest,
  iamGroup,
  iamInline,
  iamInstanceProfile,
  iamLastAccessed,
  iamLoginProfile,
  iamMfaDevice,
  iamOidcProvider,
  iamOrganization,
  iamOrganizationReport,
  iamPasswordPolicy,
  iamPolicy,
  iamPolicyHolders,
  iamPolicyVersion,
  iamRole,
  iamSamlProvider,
  iamServerCertificate,
  iamServiceCredential,
  iamServiceGrants,
  iamServiceLinkedRole,
  iamSigningCertificate,
  iamSimulate,
  iamSshPublicKey,
  iamTagging,
  iamUser,
  organizationsAccountCreation,
  organizationsAccount,
  organizationsAnswer,
  organizationsAttachment,
  organizationsDelegatedAdministrator,
  organizationsEffective,
  organizationsFeatures,
  organizationsInvitation,
  organizationsOrganization,
  organizationsPolicy,
  organizationsResourcePolicy,
  organizationsResponsibilityTransfer,
  organizationsServiceAccess,
  organizationsTagging,
  organizationsUnit,
  rolecallAccount,
  rolecallBill,
  rolecallDecision,
  rolecallKey,
  rolecallQuota,
  rolecallRevocation,
  rolecallSession,
  rolecallTrace,
  stsAssumeRole,
  stsAssumeRoleWithSaml,
  stsAssumeRoot,
  stsAuthorizationMessage,
  stsCaller,
  stsDelegatedAccess,
  stsFederationToken,
  stsSessionToken,
  stsWebIdentity,
  stsWebIdentityToken,
]

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'needs' in value && 'run' in value && 'service' in value

export function loadCatalog(): Catalog {
  const operations = new Map<string, Operation>()
  for (const operation of rooms.flatMap((room) => Object.values(room)).filter(isOperation)) {
    const key = operationKey(operation.service, operation.name)
    if (operations.has(key)) throw new Error(`${key} is declared twice`)
    if (loadService(operation.service).operation(operation.name) === undefined)
      throw new Error(`${key} is not in the model`)
    operations.set(key, operation)
  }
  return { services: (['iam', 'sts', 'organizations', 'cloudtrail', 'rolecall'] as const).map(loadService), operations }
}
