import * as sdk from '@aws-sdk/client-iam'

/** Takes everything of IAM out of an account but who is named, as somebody does who does not ask Terraform. */
export async function vanish(iam: sdk.IAMClient, spared: string): Promise<void> {
  for (const { UserName } of (await iam.send(new sdk.ListUsersCommand({}))).Users ?? []) {
    if (UserName === spared) continue
    await emptyUser(iam, UserName)
    await iam.send(new sdk.DeleteUserCommand({ UserName }))
  }
  for (const { GroupName } of (await iam.send(new sdk.ListGroupsCommand({}))).Groups ?? []) {
    for (const PolicyName of (await iam.send(new sdk.ListGroupPoliciesCommand({ GroupName }))).PolicyNames ?? [])
      await iam.send(new sdk.DeleteGroupPolicyCommand({ GroupName, PolicyName }))
    const attached = await iam.send(new sdk.ListAttachedGroupPoliciesCommand({ GroupName }))
    for (const { PolicyArn } of attached.AttachedPolicies ?? [])
      await iam.send(new sdk.DetachGroupPolicyCommand({ GroupName, PolicyArn }))
    await iam.send(new sdk.DeleteGroupCommand({ GroupName }))
  }
  const profiles = (await iam.send(new sdk.ListInstanceProfilesCommand({}))).InstanceProfiles ?? []
  for (const { InstanceProfileName, Roles = [] } of profiles) {
    for (const { RoleName } of Roles)
      await iam.send(new sdk.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }))
    await iam.send(new sdk.DeleteInstanceProfileCommand({ InstanceProfileName }))
  }
  for (const { RoleName, Path } of (await iam.send(new sdk.ListRolesCommand({ MaxItems: 1000 }))).Roles ?? []) {
    if (Path?.startsWith('/aws-service-role/')) {
      await iam.send(new sdk.DeleteServiceLinkedRoleCommand({ RoleName }))
      continue
    }
    await emptyRole(iam, RoleName)
    await iam.send(new sdk.DeleteRoleCommand({ RoleName }))
  }
  for (const { Arn: PolicyArn } of (await iam.send(new sdk.ListPoliciesCommand({ Scope: 'Local' }))).Policies ?? []) {
    const { Versions = [] } = await iam.send(new sdk.ListPolicyVersionsCommand({ PolicyArn }))
    for (const { VersionId, IsDefaultVersion } of Versions)
      if (!IsDefaultVersion) await iam.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId }))
    await iam.send(new sdk.DeletePolicyCommand({ PolicyArn }))
  }
  const issuers = await iam.send(new sdk.ListOpenIDConnectProvidersCommand({}))
  for (const { Arn } of issuers.OpenIDConnectProviderList ?? [])
    await iam.send(new sdk.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: Arn }))
  for (const { Arn } of (await iam.send(new sdk.ListSAMLProvidersCommand({}))).SAMLProviderList ?? [])
    await iam.send(new sdk.DeleteSAMLProviderCommand({ SAMLProviderArn: Arn }))
  const certificates = await iam.send(new sdk.ListServerCertificatesCommand({}))
  for (const { ServerCertificateName } of certificates.ServerCertificateMetadataList ?? [])
    await iam.send(new sdk.DeleteServerCertificateCommand({ ServerCertificateName }))
  for (const { SerialNumber } of (await iam.send(new sdk.ListVirtualMFADevicesCommand({}))).VirtualMFADevices ?? [])
    await iam.send(new sdk.DeleteVirtualMFADeviceCommand({ SerialNumber }))
  await iam.send(new sdk.DeleteAccountPasswordPolicyCommand({}))
}

async function emptyUser(iam: sdk.IAMClient, UserName: string | undefined): Promise<void> {
  const of = { UserName }
  for (const { AccessKeyId } of (await iam.send(new sdk.ListAccessKeysCommand(of))).AccessKeyMetadata ?? [])
    await iam.send(new sdk.DeleteAccessKeyCommand({ ...of, AccessKeyId }))
  await iam.send(new sdk.DeleteLoginProfileCommand(of)).catch((fault: unknown) => {
    if (!(fault instanceof sdk.NoSuchEntityException)) throw fault
  })
  for (const PolicyName of (await iam.send(new sdk.ListUserPoliciesCommand(of))).PolicyNames ?? [])
    await iam.send(new sdk.DeleteUserPolicyCommand({ ...of, PolicyName }))
  for (const { PolicyArn } of (await iam.send(new sdk.ListAttachedUserPoliciesCommand(of))).AttachedPolicies ?? [])
    await iam.send(new sdk.DetachUserPolicyCommand({ ...of, PolicyArn }))
  for (const { GroupName } of (await iam.send(new sdk.ListGroupsForUserCommand(of))).Groups ?? [])
    await iam.send(new sdk.RemoveUserFromGroupCommand({ ...of, GroupName }))
  for (const { SSHPublicKeyId } of (await iam.send(new sdk.ListSSHPublicKeysCommand(of))).SSHPublicKeys ?? [])
    await iam.send(new sdk.DeleteSSHPublicKeyCommand({ ...of, SSHPublicKeyId }))
  const { ServiceSpecificCredentials = [] } = await iam.send(new sdk.ListServiceSpecificCredentialsCommand(of))
  for (const { ServiceSpecificCredentialId } of ServiceSpecificCredentials)
    await iam.send(new sdk.DeleteServiceSpecificCredentialCommand({ ...of, ServiceSpecificCredentialId }))
}

async function emptyRole(iam: sdk.IAMClient, RoleName: string | undefined): Promise<void> {
  for (const PolicyName of (await iam.send(new sdk.ListRolePoliciesCommand({ RoleName }))).PolicyNames ?? [])
    await iam.send(new sdk.DeleteRolePolicyCommand({ RoleName, PolicyName }))
  const attached = await iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName }))
  for (const { PolicyArn } of attached.AttachedPolicies ?? [])
    await iam.send(new sdk.DetachRolePolicyCommand({ RoleName, PolicyArn }))
}
