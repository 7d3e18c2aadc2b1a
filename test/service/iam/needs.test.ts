import { beforeEach, describe, expect, test } from 'vitest'
import type { Need } from '../../../src/access/need.ts'
import { loadService } from '../../../src/model/service.ts'
import type { Shape } from '../../../src/model/shape.ts'
import { fail, type Scene } from '../../../src/service/operation.ts'
import { glassSafe } from '../../token/keys.ts'
import { samlMetadata } from '../../token/saml.ts'
import { issue } from '../../token/x509.ts'
import { operationsOf } from '../stage.ts'
import { Authority, document, ec2Trust, here, noon } from './authority.ts'

const operations = operationsOf('iam')

const arn = (resource: string) => `arn:aws:iam::${here}:${resource}`
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const fence = arn('policy/fence')

let iam: Authority
const site = issue('site', undefined, noon)
beforeEach(() => {
  iam = new Authority()
  iam.do('UploadServerCertificate', {
    ServerCertificateName: 's',
    Path: '/p/',
    CertificateBody: site.certificate,
    PrivateKey: site.key,
    Tags: [{ Key: 'k', Value: 'certificate' }],
  })
  iam.do('CreatePolicy', { PolicyName: 'fence', PolicyDocument: document(), Tags: [{ Key: 'k', Value: 'fence' }] })
  iam.do('CreateUser', { UserName: 'u', Path: '/p/', PermissionsBoundary: fence, Tags: [{ Key: 'k', Value: 'user' }] })
  iam.do('CreateRole', {
    RoleName: 'r',
    Path: '/p/',
    AssumeRolePolicyDocument: ec2Trust,
    Tags: [{ Key: 'k', Value: 'role' }],
  })
  iam.do('CreateGroup', { GroupName: 'g', Path: '/p/' })
  iam.do('CreateOpenIDConnectProvider', { Url: 'https://idp.example/o', Tags: [{ Key: 'k', Value: 'oidc' }] })
  iam.do('CreateSAMLProvider', {
    Name: 's',
    SAMLMetadataDocument: samlMetadata(),
    Tags: [{ Key: 'k', Value: 'saml' }],
  })
  iam.do('CreateInstanceProfile', { InstanceProfileName: 'i', Path: '/p/' })
  iam.do('CreateVirtualMFADevice', { VirtualMFADeviceName: 'm', Path: '/p/', Tags: [{ Key: 'k', Value: 'mfa' }] })
})

/** What an operation must be allowed, whether or not it would succeed. */
const needsOf = (name: string, input: object): readonly Need[] => {
  const scene: Scene = {
    state: iam.state,
    caller: iam.caller,
    now: iam.now,
    random: { bytes: () => new Uint8Array() },
    vault: glassSafe,
    decoded: () => undefined,
    fail,
  }
  return operations.get(name)?.needs(input, scene) ?? []
}

const ofUser = { resource: arn('user/p/u'), noun: 'user u', resourceTags: [{ key: 'k', value: 'user' }] }
const ofRole = { resource: arn('role/p/r'), noun: 'role r', resourceTags: [{ key: 'k', value: 'role' }] }
const ofGroup = { resource: arn('group/p/g'), noun: 'group g' }
const ofProfile = { resource: arn('instance-profile/p/i'), noun: 'instance profile i', resourceTags: [] }
const ofFence = { resource: fence, noun: `policy ${fence}`, resourceTags: [{ key: 'k', value: 'fence' }] }
const ofOidc = { resource: arn('oidc-provider/idp.example/o'), resourceTags: [{ key: 'k', value: 'oidc' }] }
const ofCertificate = {
  resource: arn('server-certificate/p/s'),
  noun: 'server certificate s',
  resourceTags: [{ key: 'k', value: 'certificate' }],
}
const ofDevice = {
  resource: arn('mfa/p/m'),
  noun: `mfa ${arn('mfa/p/m')}`,
  resourceTags: [{ key: 'k', value: 'mfa' }],
}
const ofSaml = { resource: arn('saml-provider/s'), resourceTags: [{ key: 'k', value: 'saml' }] }
const bounded = { 'iam:PermissionsBoundary': [fence] }
const unbounded = { 'iam:PermissionsBoundary': null }
const attaching = { 'iam:PolicyARN': [readOnly] }
const Tags = [{ Key: 'a', Value: '1' }]
const bringing = { requestTags: [{ key: 'a', value: '1' }] }
const born = { ...bringing, resourceTags: [{ key: 'a', value: '1' }] }

const u = { UserName: 'u' }
const r = { RoleName: 'r' }
const g = { GroupName: 'g' }
const i = { InstanceProfileName: 'i' }
const p = { PolicyArn: fence }
const s = { SAMLProviderArn: ofSaml.resource }
const o = { OpenIDConnectProviderArn: ofOidc.resource }
const c = { ServerCertificateName: 's' }
const m = { SerialNumber: arn('mfa/p/m') }

/** Service Authorization Reference, "Actions, resources, and condition keys for AWS IAM". */
type Row = readonly [operation: string, input: object, needs: readonly Partial<Need>[]]
const table: readonly Row[] = [
  [
    'CreateUser',
    { UserName: 'n', Path: '/x/' },
    [{ action: 'iam:CreateUser', resource: arn('user/x/n'), context: unbounded }],
  ],
  [
    'CreateUser',
    { UserName: 'n', PermissionsBoundary: fence, Tags },
    [
      { action: 'iam:CreateUser', resource: arn('user/n'), context: bounded, ...born },
      { action: 'iam:TagUser', resource: arn('user/n'), context: bounded, ...born },
    ],
  ],
  ['GetUser', u, [{ action: 'iam:GetUser', ...ofUser }]],
  ['GetUser', { UserName: 'none' }, [{ action: 'iam:GetUser', resource: arn('user/none'), noun: 'user none' }]],
  ['GetUser', {}, [{ action: 'iam:GetUser', resource: arn('root') }]],
  ['ListUsers', {}, [{ action: 'iam:ListUsers', resource: arn('user/') }]],
  ['ListUsers', { PathPrefix: '/p/' }, [{ action: 'iam:ListUsers', resource: arn('user/p/') }]],
  ['UpdateUser', u, [{ action: 'iam:UpdateUser', ...ofUser }]],
  [
    'UpdateUser',
    { ...u, NewUserName: 'v' },
    [
      { action: 'iam:UpdateUser', ...ofUser },
      { action: 'iam:UpdateUser', ...ofUser, resource: arn('user/p/v'), noun: arn('user/p/v') },
    ],
  ],
  [
    'UpdateUser',
    { ...u, NewPath: '/' },
    [
      { action: 'iam:UpdateUser', ...ofUser },
      { action: 'iam:UpdateUser', ...ofUser, resource: arn('user/u'), noun: arn('user/u') },
    ],
  ],
  ['DeleteUser', u, [{ action: 'iam:DeleteUser', ...ofUser }]],
  ['ListGroupsForUser', u, [{ action: 'iam:ListGroupsForUser', ...ofUser }]],

  ['CreateGroup', { GroupName: 'n' }, [{ action: 'iam:CreateGroup', resource: arn('group/n') }]],
  ['GetGroup', g, [{ action: 'iam:GetGroup', ...ofGroup }]],
  ['ListGroups', {}, [{ action: 'iam:ListGroups', resource: arn('group/') }]],
  [
    'UpdateGroup',
    { ...g, NewGroupName: 'h', NewPath: '/q/' },
    [
      { action: 'iam:UpdateGroup', ...ofGroup },
      { action: 'iam:UpdateGroup', resource: arn('group/q/h'), noun: arn('group/q/h') },
    ],
  ],
  ['DeleteGroup', g, [{ action: 'iam:DeleteGroup', ...ofGroup }]],
  ['AddUserToGroup', { ...g, ...u }, [{ action: 'iam:AddUserToGroup', ...ofGroup }]],
  ['RemoveUserFromGroup', { ...g, ...u }, [{ action: 'iam:RemoveUserFromGroup', ...ofGroup }]],

  [
    'CreateRole',
    { RoleName: 'n', Tags, AssumeRolePolicyDocument: '' },
    [
      { action: 'iam:CreateRole', resource: arn('role/n'), context: unbounded, ...born },
      { action: 'iam:TagRole', resource: arn('role/n'), context: unbounded, ...born },
    ],
  ],
  ['GetRole', r, [{ action: 'iam:GetRole', ...ofRole }]],
  ['ListRoles', {}, [{ action: 'iam:ListRoles', resource: arn('role/') }]],
  ['UpdateRole', r, [{ action: 'iam:UpdateRole', ...ofRole }]],
  ['UpdateRoleDescription', r, [{ action: 'iam:UpdateRoleDescription', ...ofRole }]],
  ['UpdateAssumeRolePolicy', r, [{ action: 'iam:UpdateAssumeRolePolicy', ...ofRole }]],
  ['DeleteRole', r, [{ action: 'iam:DeleteRole', ...ofRole }]],
  ['ListInstanceProfilesForRole', r, [{ action: 'iam:ListInstanceProfilesForRole', ...ofRole }]],

  [
    'CreatePolicy',
    { PolicyName: 'n', Path: '/x/', Tags },
    [
      { action: 'iam:CreatePolicy', resource: arn('policy/x/n'), noun: 'policy n', ...born },
      { action: 'iam:TagPolicy', resource: arn('policy/x/n'), noun: 'policy n', ...born },
    ],
  ],
  ...[
    'GetPolicy',
    'DeletePolicy',
    'CreatePolicyVersion',
    'GetPolicyVersion',
    'ListPolicyVersions',
    'SetDefaultPolicyVersion',
    'DeletePolicyVersion',
    'ListEntitiesForPolicy',
    'ListPolicyTags',
  ].map((name) => [name, p, [{ action: `iam:${name}`, ...ofFence }]] as const),
  ['GetPolicy', { PolicyArn: readOnly }, [{ action: 'iam:GetPolicy', resource: readOnly, noun: `policy ${readOnly}` }]],
  ['ListPolicies', {}, [{ action: 'iam:ListPolicies', resource: '*', noun: 'policy path /' }]],

  ...['PutUserPolicy', 'DeleteUserPolicy'].map(
    (name) => [name, u, [{ action: `iam:${name}`, ...ofUser, context: bounded }]] as const,
  ),
  ...['PutGroupPolicy', 'DeleteGroupPolicy'].map(
    (name) => [name, g, [{ action: `iam:${name}`, ...ofGroup, context: {} }]] as const,
  ),
  ...['PutRolePolicy', 'DeleteRolePolicy'].map(
    (name) => [name, r, [{ action: `iam:${name}`, ...ofRole, context: unbounded }]] as const,
  ),
  ...['GetUserPolicy', 'ListUserPolicies', 'ListAttachedUserPolicies'].map(
    (name) => [name, u, [{ action: `iam:${name}`, ...ofUser }]] as const,
  ),
  ...['GetGroupPolicy', 'ListGroupPolicies', 'ListAttachedGroupPolicies'].map(
    (name) => [name, g, [{ action: `iam:${name}`, ...ofGroup }]] as const,
  ),
  ...['GetRolePolicy', 'ListRolePolicies', 'ListAttachedRolePolicies'].map(
    (name) => [name, r, [{ action: `iam:${name}`, ...ofRole }]] as const,
  ),
  ...['AttachUserPolicy', 'DetachUserPolicy'].map(
    (name) =>
      [
        name,
        { ...u, PolicyArn: readOnly },
        [{ action: `iam:${name}`, ...ofUser, context: { ...bounded, ...attaching } }],
      ] as const,
  ),
  ...['AttachGroupPolicy', 'DetachGroupPolicy'].map(
    (name) =>
      [name, { ...g, PolicyArn: readOnly }, [{ action: `iam:${name}`, ...ofGroup, context: attaching }]] as const,
  ),
  ...['AttachRolePolicy', 'DetachRolePolicy'].map(
    (name) =>
      [
        name,
        { ...r, PolicyArn: readOnly },
        [{ action: `iam:${name}`, ...ofRole, context: { ...unbounded, ...attaching } }],
      ] as const,
  ),
  [
    'PutUserPermissionsBoundary',
    { ...u, PermissionsBoundary: readOnly },
    [{ action: 'iam:PutUserPermissionsBoundary', ...ofUser, context: { 'iam:PermissionsBoundary': [readOnly] } }],
  ],
  ['DeleteUserPermissionsBoundary', u, [{ action: 'iam:DeleteUserPermissionsBoundary', ...ofUser, context: bounded }]],
  [
    'PutRolePermissionsBoundary',
    { ...r, PermissionsBoundary: fence },
    [{ action: 'iam:PutRolePermissionsBoundary', ...ofRole, context: bounded }],
  ],
  [
    'DeleteRolePermissionsBoundary',
    r,
    [{ action: 'iam:DeleteRolePermissionsBoundary', ...ofRole, context: unbounded }],
  ],

  ...['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey', 'ListAccessKeys'].flatMap((name) => [
    [name, u, [{ action: `iam:${name}`, ...ofUser }]] as const,
    [name, {}, [{ action: `iam:${name}`, resource: arn('root') }]] as const,
  ]),
  ...['CreateLoginProfile', 'GetLoginProfile', 'UpdateLoginProfile', 'DeleteLoginProfile'].map(
    (name) => [name, u, [{ action: `iam:${name}`, ...ofUser }]] as const,
  ),
  ['ChangePassword', {}, [{ action: 'iam:ChangePassword', resource: arn('root') }]],
  ...['UpdateAccountPasswordPolicy', 'GetAccountPasswordPolicy', 'DeleteAccountPasswordPolicy'].map(
    (name) => [name, {}, [{ action: `iam:${name}`, resource: '*' }]] as const,
  ),
  [
    'CreateVirtualMFADevice',
    { VirtualMFADeviceName: 'n', Path: '/x/' },
    [{ action: 'iam:CreateVirtualMFADevice', resource: arn('mfa/x/n') }],
  ],
  [
    'CreateVirtualMFADevice',
    { VirtualMFADeviceName: 'n', Tags },
    [
      { action: 'iam:CreateVirtualMFADevice', resource: arn('mfa/n'), ...born },
      { action: 'iam:TagMFADevice', resource: arn('mfa/n'), ...born },
    ],
  ],
  ...['DeleteVirtualMFADevice', 'ListMFADeviceTags'].map(
    (name) => [name, m, [{ action: `iam:${name}`, ...ofDevice }]] as const,
  ),
  ['TagMFADevice', { ...m, Tags }, [{ action: 'iam:TagMFADevice', ...ofDevice, ...bringing }]],
  ['UntagMFADevice', { ...m, TagKeys: ['a'] }, [{ action: 'iam:UntagMFADevice', ...ofDevice, tagKeys: ['a'] }]],
  [
    'DeleteVirtualMFADevice',
    { SerialNumber: 'GAHT12345678' },
    [{ action: 'iam:DeleteVirtualMFADevice', resource: arn('mfa/GAHT12345678'), noun: 'mfa GAHT12345678' }],
  ],
  ['ListVirtualMFADevices', {}, [{ action: 'iam:ListVirtualMFADevices', resource: '*' }]],
  ...['EnableMFADevice', 'ResyncMFADevice', 'DeactivateMFADevice', 'GetMFADevice', 'ListMFADevices'].map(
    (name) => [name, { ...u, ...m }, [{ action: `iam:${name}`, ...ofUser }]] as const,
  ),
  ...['DeactivateMFADevice', 'GetMFADevice', 'ListMFADevices'].map(
    (name) => [name, m, [{ action: `iam:${name}`, resource: arn('root') }]] as const,
  ),
  ...['UploadSSHPublicKey', 'GetSSHPublicKey', 'ListSSHPublicKeys', 'UpdateSSHPublicKey', 'DeleteSSHPublicKey'].map(
    (name) => [name, u, [{ action: `iam:${name}`, ...ofUser }]] as const,
  ),
  ...[
    'UploadSigningCertificate',
    'ListSigningCertificates',
    'UpdateSigningCertificate',
    'DeleteSigningCertificate',
    'ListServiceSpecificCredentials',
    'ResetServiceSpecificCredential',
    'UpdateServiceSpecificCredential',
    'DeleteServiceSpecificCredential',
  ].flatMap((name) => [
    [name, u, [{ action: `iam:${name}`, ...ofUser }]] as const,
    [name, {}, [{ action: `iam:${name}`, resource: arn('root') }]] as const,
  ]),
  [
    'CreateServiceSpecificCredential',
    { ...u, ServiceName: 'bedrock.amazonaws.com', CredentialAgeDays: 30 },
    [
      {
        action: 'iam:CreateServiceSpecificCredential',
        ...ofUser,
        context: {
          'iam:ServiceSpecificCredentialServiceName': ['bedrock.amazonaws.com'],
          'iam:ServiceSpecificCredentialAgeDays': ['30'],
        },
      },
    ],
  ],
  [
    'CreateServiceSpecificCredential',
    { ...u, ServiceName: 'codecommit.amazonaws.com' },
    [
      {
        action: 'iam:CreateServiceSpecificCredential',
        ...ofUser,
        context: {
          'iam:ServiceSpecificCredentialServiceName': ['codecommit.amazonaws.com'],
          'iam:ServiceSpecificCredentialAgeDays': null,
        },
      },
    ],
  ],
  [
    'ListServiceSpecificCredentials',
    { AllUsers: true },
    [{ action: 'iam:ListServiceSpecificCredentials', resource: arn('user/*') }],
  ],
  [
    'UploadServerCertificate',
    { ServerCertificateName: 'n', Path: '/x/', Tags },
    [
      { action: 'iam:UploadServerCertificate', resource: arn('server-certificate/x/n'), ...born },
      { action: 'iam:TagServerCertificate', resource: arn('server-certificate/x/n'), ...born },
    ],
  ],
  ...['GetServerCertificate', 'DeleteServerCertificate', 'UpdateServerCertificate', 'ListServerCertificateTags'].map(
    (name) => [name, c, [{ action: `iam:${name}`, ...ofCertificate }]] as const,
  ),
  [
    'UpdateServerCertificate',
    { ...c, NewPath: '/q/' },
    [
      { action: 'iam:UpdateServerCertificate', ...ofCertificate },
      {
        action: 'iam:UpdateServerCertificate',
        ...ofCertificate,
        resource: arn('server-certificate/q/s'),
        noun: arn('server-certificate/q/s'),
      },
    ],
  ],
  ['ListServerCertificates', {}, [{ action: 'iam:ListServerCertificates', resource: arn('server-certificate/') }]],
  ['TagServerCertificate', { ...c, Tags }, [{ action: 'iam:TagServerCertificate', ...ofCertificate, ...bringing }]],
  [
    'UntagServerCertificate',
    { ...c, TagKeys: ['a'] },
    [{ action: 'iam:UntagServerCertificate', ...ofCertificate, tagKeys: ['a'] }],
  ],
  ...['CreateAccountAlias', 'DeleteAccountAlias', 'ListAccountAliases'].map(
    (name) => [name, {}, [{ action: `iam:${name}`, resource: '*' }]] as const,
  ),
  [
    'GetAccessKeyLastUsed',
    { AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' },
    [{ action: 'iam:GetAccessKeyLastUsed', resource: '*', noun: 'access key AKIAAAAAAAAAAAAAAAAA' }],
  ],

  [
    'CreateInstanceProfile',
    { InstanceProfileName: 'n', Tags },
    [
      { action: 'iam:CreateInstanceProfile', resource: arn('instance-profile/n'), ...born },
      { action: 'iam:TagInstanceProfile', resource: arn('instance-profile/n'), ...born },
    ],
  ],
  ['GetInstanceProfile', i, [{ action: 'iam:GetInstanceProfile', ...ofProfile }]],
  ['ListInstanceProfiles', {}, [{ action: 'iam:ListInstanceProfiles', resource: arn('instance-profile/') }]],
  ['DeleteInstanceProfile', i, [{ action: 'iam:DeleteInstanceProfile', ...ofProfile }]],
  [
    'AddRoleToInstanceProfile',
    { ...i, ...r },
    [
      { action: 'iam:AddRoleToInstanceProfile', ...ofProfile },
      {
        action: 'iam:PassRole',
        resource: arn('role/p/r'),
        resourceTags: ofRole.resourceTags,
        context: { 'iam:PassedToService': ['ec2.amazonaws.com'] },
      },
    ],
  ],
  ['RemoveRoleFromInstanceProfile', { ...i, ...r }, [{ action: 'iam:RemoveRoleFromInstanceProfile', ...ofProfile }]],

  [
    'CreateOpenIDConnectProvider',
    { Url: 'https://new.example', Tags },
    [
      { action: 'iam:CreateOpenIDConnectProvider', resource: arn('oidc-provider/new.example'), ...born },
      { action: 'iam:TagOpenIDConnectProvider', resource: arn('oidc-provider/new.example'), ...born },
    ],
  ],
  ...[
    'GetOpenIDConnectProvider',
    'AddClientIDToOpenIDConnectProvider',
    'RemoveClientIDFromOpenIDConnectProvider',
    'UpdateOpenIDConnectProviderThumbprint',
    'DeleteOpenIDConnectProvider',
    'ListOpenIDConnectProviderTags',
  ].map((name) => [name, o, [{ action: `iam:${name}`, ...ofOidc }]] as const),
  [
    'GetOpenIDConnectProvider',
    { OpenIDConnectProviderArn: arn('oidc-provider/none') },
    [{ action: 'iam:GetOpenIDConnectProvider', resource: arn('oidc-provider/none') }],
  ],
  ['ListOpenIDConnectProviders', {}, [{ action: 'iam:ListOpenIDConnectProviders', resource: '*' }]],
  ['TagOpenIDConnectProvider', { ...o, Tags }, [{ action: 'iam:TagOpenIDConnectProvider', ...ofOidc, ...bringing }]],
  [
    'UntagOpenIDConnectProvider',
    { ...o, TagKeys: ['a'] },
    [{ action: 'iam:UntagOpenIDConnectProvider', ...ofOidc, tagKeys: ['a'] }],
  ],

  [
    'CreateSAMLProvider',
    { Name: 'n', Tags },
    [
      { action: 'iam:CreateSAMLProvider', resource: arn('saml-provider/n'), ...born },
      { action: 'iam:TagSAMLProvider', resource: arn('saml-provider/n'), ...born },
    ],
  ],
  ...['GetSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider', 'ListSAMLProviderTags'].map(
    (name) => [name, s, [{ action: `iam:${name}`, ...ofSaml }]] as const,
  ),
  ['ListSAMLProviders', {}, [{ action: 'iam:ListSAMLProviders', resource: '*' }]],
  ['TagSAMLProvider', { ...s, Tags }, [{ action: 'iam:TagSAMLProvider', ...ofSaml, ...bringing }]],
  ['UntagSAMLProvider', { ...s, TagKeys: ['a'] }, [{ action: 'iam:UntagSAMLProvider', ...ofSaml, tagKeys: ['a'] }]],

  ['TagUser', { ...u, Tags }, [{ action: 'iam:TagUser', ...ofUser, ...bringing }]],
  ['UntagUser', { ...u, TagKeys: ['a'] }, [{ action: 'iam:UntagUser', ...ofUser, tagKeys: ['a'] }]],
  ['ListUserTags', u, [{ action: 'iam:ListUserTags', ...ofUser }]],
  ['TagRole', { ...r, Tags }, [{ action: 'iam:TagRole', ...ofRole, ...bringing }]],
  ['UntagRole', { ...r, TagKeys: ['a'] }, [{ action: 'iam:UntagRole', ...ofRole, tagKeys: ['a'] }]],
  ['ListRoleTags', r, [{ action: 'iam:ListRoleTags', ...ofRole }]],
  ['TagPolicy', { ...p, Tags }, [{ action: 'iam:TagPolicy', ...ofFence, ...bringing }]],
  ['UntagPolicy', { ...p, TagKeys: ['a'] }, [{ action: 'iam:UntagPolicy', ...ofFence, tagKeys: ['a'] }]],
  ['TagInstanceProfile', { ...i, Tags }, [{ action: 'iam:TagInstanceProfile', ...ofProfile, ...bringing }]],
  [
    'UntagInstanceProfile',
    { ...i, TagKeys: ['a'] },
    [{ action: 'iam:UntagInstanceProfile', ...ofProfile, tagKeys: ['a'] }],
  ],
  ['ListInstanceProfileTags', i, [{ action: 'iam:ListInstanceProfileTags', ...ofProfile }]],
  ['GetAccountSummary', {}, [{ action: 'iam:GetAccountSummary', resource: '*' }]],
  ['SimulateCustomPolicy', {}, [{ action: 'iam:SimulateCustomPolicy', resource: '*' }]],
  ['GetContextKeysForCustomPolicy', {}, [{ action: 'iam:GetContextKeysForCustomPolicy', resource: '*' }]],
  [
    'SimulatePrincipalPolicy',
    { PolicySourceArn: arn('role/r') },
    [{ action: 'iam:SimulatePrincipalPolicy', resource: ofRole.resource, resourceTags: ofRole.resourceTags }],
  ],
  [
    'SimulatePrincipalPolicy',
    { PolicySourceArn: arn('user/x/none') },
    [{ action: 'iam:SimulatePrincipalPolicy', resource: arn('user/x/none') }],
  ],
  [
    'GetContextKeysForPrincipalPolicy',
    { PolicySourceArn: arn('group/g') },
    [{ action: 'iam:GetContextKeysForPrincipalPolicy', resource: ofGroup.resource }],
  ],
  ...[
    'ListOrganizationsFeatures',
    'EnableOrganizationsRootCredentialsManagement',
    'DisableOrganizationsRootCredentialsManagement',
    'EnableOrganizationsRootSessions',
    'DisableOrganizationsRootSessions',
    'GetOrganizationsAccessReport',
    'EnableOutboundWebIdentityFederation',
    'DisableOutboundWebIdentityFederation',
    'GetOutboundWebIdentityFederationInfo',
    'SetSecurityTokenServicePreferences',
    'ListDelegationRequests',
  ].map((name): Row => [name, {}, [{ action: `iam:${name}`, resource: '*' }]]),
  [
    'ListDelegationRequests',
    { OwnerId: arn('user/p/u') },
    [
      {
        action: 'iam:ListDelegationRequests',
        resource: '*',
        context: { 'iam:DelegationRequestOwner': [arn('user/p/u')] },
      },
    ],
  ],
  [
    'CreateDelegationRequest',
    {
      OwnerAccountId: '444455556666',
      Permissions: { PolicyTemplateArn: 'arn:aws:iam::aws:delegation-template/t' },
      NotificationChannel: 'arn:aws:sns:us-east-1:111122223333:t',
      SessionDuration: 3600,
    },
    [
      {
        action: 'iam:CreateDelegationRequest',
        resource: arn('delegation-request/*'),
        context: {
          'iam:DelegationDuration': ['3600'],
          'iam:NotificationChannel': ['arn:aws:sns:us-east-1:111122223333:t'],
          'iam:TemplateArn': ['arn:aws:iam::aws:delegation-template/t'],
          'iam:DelegationRequestOwner': null,
        },
      },
    ],
  ],
  ...[
    'AcceptDelegationRequest',
    'AssociateDelegationRequest',
    'GetDelegationRequest',
    'RejectDelegationRequest',
    'SendDelegationToken',
    'UpdateDelegationRequest',
  ].map(
    (name): Row => [
      name,
      { DelegationRequestId: 'd' },
      [{ action: `iam:${name}`, resource: arn('delegation-request/d') }],
    ],
  ),
  [
    'GetHumanReadableSummary',
    { EntityArn: arn('delegation-request/d') },
    [{ action: 'iam:GetHumanReadableSummary', resource: arn('delegation-request/d') }],
  ],
  [
    'GenerateOrganizationsAccessReport',
    { EntityPath: 'o-1/r-1', OrganizationsPolicyId: 'p-1' },
    [
      {
        action: 'iam:GenerateOrganizationsAccessReport',
        resource: arn('access-report/o-1/r-1'),
        context: { 'iam:OrganizationsPolicyId': ['p-1'] },
      },
    ],
  ],
  [
    'CreateServiceLinkedRole',
    { AWSServiceName: 'autoscaling.amazonaws.com', CustomSuffix: 'x' },
    [
      {
        action: 'iam:CreateServiceLinkedRole',
        resource: arn('role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_x'),
        context: { 'iam:AWSServiceName': ['autoscaling.amazonaws.com'] },
      },
    ],
  ],
  ['DeleteServiceLinkedRole', r, [{ action: 'iam:DeleteServiceLinkedRole', ...ofRole }]],
  [
    'GetServiceLinkedRoleDeletionStatus',
    { DeletionTaskId: 'task/aws-service-role/x.amazonaws.com/R/00000000-0000-0000-0000-000000000000' },
    [
      {
        action: 'iam:GetServiceLinkedRoleDeletionStatus',
        resource: arn('role/aws-service-role/x.amazonaws.com/R'),
      },
    ],
  ],
  ['GetAccountAuthorizationDetails', {}, [{ action: 'iam:GetAccountAuthorizationDetails', resource: '*' }]],
  ['GenerateCredentialReport', {}, [{ action: 'iam:GenerateCredentialReport', resource: '*' }]],
  ['GetCredentialReport', {}, [{ action: 'iam:GetCredentialReport', resource: '*' }]],
  [
    'GenerateServiceLastAccessedDetails',
    { Arn: arn('group/p/g') },
    [{ action: 'iam:GenerateServiceLastAccessedDetails', resource: ofGroup.resource }],
  ],
  [
    'GenerateServiceLastAccessedDetails',
    { Arn: fence },
    [{ action: 'iam:GenerateServiceLastAccessedDetails', ...ofFence, noun: fence }],
  ],
  ['GetServiceLastAccessedDetails', {}, [{ action: 'iam:GetServiceLastAccessedDetails', resource: '*' }]],
  [
    'GetServiceLastAccessedDetailsWithEntities',
    {},
    [{ action: 'iam:GetServiceLastAccessedDetailsWithEntities', resource: '*' }],
  ],
  [
    'ListPoliciesGrantingServiceAccess',
    { Arn: arn('user/p/u') },
    [
      {
        action: 'iam:ListPoliciesGrantingServiceAccess',
        resource: ofUser.resource,
        resourceTags: ofUser.resourceTags,
      },
    ],
  ],
]

describe('what must be allowed', () => {
  test.each(table)('for %s %o', (name, input, expected) => {
    expect(needsOf(name, input)).toEqual(expected)
  })

  test('QUIRK: born-tagged. To be made with tags is to be tagged, and counts as bearing them', () => {
    const needs = needsOf('CreateUser', { UserName: 'n', Tags })
    expect(needs.map(({ action }) => action)).toEqual(['iam:CreateUser', 'iam:TagUser'])
    for (const need of needs) expect(need).toMatchObject(born)
    expect(needsOf('CreateUser', { UserName: 'n', Tags: [] })).toHaveLength(1)
  })

  test('is written down for every operation', () => {
    const told = new Set(table.map(([name]) => name))
    expect([...operations.keys()].filter((name) => !told.has(name))).toEqual([])
  })
})

/** A value of a shape, naming things that do not exist. */
function filled(shape: Shape): unknown {
  switch (shape.type) {
    case 'structure':
      return Object.fromEntries(
        shape.members.filter(({ required }) => required).map((member) => [member.name, filled(member.shape)]),
      )
    case 'list':
      return []
    case 'string':
      if (shape.enum !== undefined) return shape.enum[0]
      return shape.name === 'arnType' ? arn('policy/nobody') : 'nobody'
    default:
      return 1
  }
}

describe('of what does not exist', () => {
  test.each([...operations.keys()])('%s asks for permission all the same', (name) => {
    const shape = loadService('iam').operation(name)?.input
    const needs = needsOf(name, shape === undefined ? {} : Object(filled(shape)))
    expect(needs.length).toBeGreaterThan(0)
    expect(needs[0]?.action).toBe(`iam:${name}`)
    for (const { resource } of needs) expect(resource === '*' || resource.startsWith(arn(''))).toBe(true)
  })
})
