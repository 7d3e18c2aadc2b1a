/**
 * What an answer could hold by AWS's model and never does, and why. A path stands for all that is below it. A test at the end of
 * `iam-whole.test.ts` holds both sides: whatever is not named here was seen, and whatever is named was not.
 */
export const never: readonly { readonly why: string; readonly paths: readonly string[] }[] = [
  {
    why: 'AWS’s lists tell less than its answers about one thing (lists-are-subsets)',
    paths: [
      'GetGroup Users[].PermissionsBoundary',
      'GetGroup Users[].Tags',
      'ListInstanceProfiles InstanceProfiles[].Tags',
      'ListInstanceProfilesForRole InstanceProfiles[].Tags',
      'ListPolicies Policies[].Description',
      'ListPolicies Policies[].Tags',
      'ListPolicyVersions Versions[].Document',
      'ListRoles Roles[].PermissionsBoundary',
      'ListRoles Roles[].RoleLastUsed',
      'ListRoles Roles[].Tags',
      'ListUsers Users[].PermissionsBoundary',
      'ListUsers Users[].Tags',
      'ListVirtualMFADevices VirtualMFADevices[].Tags',
      'ListVirtualMFADevices VirtualMFADevices[].User.PermissionsBoundary',
      'ListVirtualMFADevices VirtualMFADevices[].User.Tags',
      'GetAccountAuthorizationDetails Policies[].Description',
      'GetAccountAuthorizationDetails RoleDetailList[].InstanceProfileList[].Tags',
    ],
  },
  {
    why: 'so do its answers about what was just made or changed (create-role-view, create-policy-view, linked-role-view)',
    paths: [
      'CreatePolicy Policy.Description',
      'CreatePolicyVersion PolicyVersion.Document',
      'CreateRole Role.Description',
      'CreateRole Role.MaxSessionDuration',
      'CreateRole Role.RoleLastUsed',
      'CreateServiceLinkedRole Role.Description',
      'CreateServiceLinkedRole Role.MaxSessionDuration',
      'CreateServiceLinkedRole Role.PermissionsBoundary',
      'CreateServiceLinkedRole Role.RoleLastUsed',
      'CreateServiceLinkedRole Role.Tags',
      'UpdateRoleDescription Role.MaxSessionDuration',
      'UpdateRoleDescription Role.PermissionsBoundary',
      'UpdateRoleDescription Role.RoleLastUsed',
      'UpdateRoleDescription Role.Tags',
    ],
  },
  {
    why: 'a role in an instance profile is shown in brief',
    paths: [
      ...['GetInstanceProfile InstanceProfile', 'ListInstanceProfiles InstanceProfiles[]'],
      ...['ListInstanceProfilesForRole InstanceProfiles[]'],
      'GetAccountAuthorizationDetails RoleDetailList[].InstanceProfileList[]',
    ].flatMap((path) =>
      ['Description', 'MaxSessionDuration', 'PermissionsBoundary', 'RoleLastUsed', 'Tags'].map(
        (name) => `${path}.Roles[].${name}`,
      ),
    ),
  },
  {
    why: 'what was just made is nobody’s yet',
    paths: [
      'CreateInstanceProfile InstanceProfile.Roles[]',
      'CreateVirtualMFADevice VirtualMFADevice.EnableDate',
      'CreateVirtualMFADevice VirtualMFADevice.User',
    ],
  },
  {
    why: 'a seed is told once, when it is made',
    paths: [
      'ListVirtualMFADevices VirtualMFADevices[].Base32StringSeed',
      'ListVirtualMFADevices VirtualMFADevices[].QRCodePNG',
    ],
  },
  {
    why: 'nobody signs in with a password',
    paths: [
      'CreateUser User.PasswordLastUsed',
      'GetGroup Users[].PasswordLastUsed',
      'GetUser User.PasswordLastUsed',
      'ListUsers Users[].PasswordLastUsed',
      'ListVirtualMFADevices VirtualMFADevices[].User.PasswordLastUsed',
    ],
  },
  {
    why: 'virtual devices have no certificates, and there are no others',
    paths: ['GetMFADevice Certifications{}'],
  },
  {
    why: 'the account of these tests is in no organization',
    paths: [
      'GetOrganizationsAccessReport AccessDetails',
      'GetOrganizationsAccessReport Marker',
      'GetOrganizationsAccessReport NumberOfServicesAccessible',
      'GetOrganizationsAccessReport NumberOfServicesNotAccessed',
      'SimulateCustomPolicy EvaluationResults[].OrganizationsDecisionDetail',
      'SimulatePrincipalPolicy EvaluationResults[].OrganizationsDecisionDetail',
    ],
  },
  {
    why: 'there are no delegation requests',
    paths: ['ListDelegationRequests DelegationRequests[]', 'ListDelegationRequests Marker'],
  },
  {
    why: 'an account has one alias at the most',
    paths: ['ListAccountAliases Marker'],
  },
  {
    why: 'these jobs and tasks never fail',
    paths: [
      'GetServiceLastAccessedDetails Error',
      'GetServiceLastAccessedDetailsWithEntities Error',
      'GetServiceLinkedRoleDeletionStatus Reason',
    ],
  },
]
