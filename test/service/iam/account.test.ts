import { beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../src/state/identity.ts'
import { Authority, document, ec2Trust, here, there } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
})
const summary = (account = here) => iam.do('GetAccountSummary', {}, iam.root(account)).SummaryMap ?? {}

describe('the summary of an account', () => {
  test('tells AWS’s default quotas', () => {
    expect(summary()).toMatchObject({
      AccessKeysPerUserQuota: 2,
      AssumeRolePolicySizeQuota: 2048,
      AttachedPoliciesPerGroupQuota: 10,
      AttachedPoliciesPerRoleQuota: 10,
      AttachedPoliciesPerUserQuota: 10,
      GlobalEndpointTokenVersion: 1,
      GroupPolicySizeQuota: 5120,
      GroupsPerUserQuota: 10,
      GroupsQuota: 300,
      InstanceProfilesQuota: 1000,
      PoliciesQuota: 1500,
      PolicySizeQuota: 6144,
      PolicyVersionsInUseQuota: 10000,
      RolePolicySizeQuota: 10240,
      RolesQuota: 1000,
      ServerCertificatesQuota: 20,
      SigningCertificatesPerUserQuota: 2,
      UserPolicySizeQuota: 2048,
      UsersQuota: 5000,
      VersionsPerPolicyQuota: 5,
    })
  })

  test('counts what is there, in this account alone', () => {
    const before = summary()
    expect(before).toMatchObject({ Users: 0, Groups: 0, Roles: 0, Policies: 0, AccountAccessKeysPresent: 0 })
    iam.do('CreateUser', { UserName: 'u', PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })
    iam.do('CreateGroup', { GroupName: 'g' })
    iam.do('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: ec2Trust })
    iam.do('CreatePolicy', { PolicyName: 'p', PolicyDocument: document() })
    iam.do('CreateInstanceProfile', { InstanceProfileName: 'i' })
    iam.do('AttachUserPolicy', { UserName: 'u', PolicyArn: `arn:aws:iam::${here}:policy/p` })
    iam.do('AttachRolePolicy', { RoleName: 'r', PolicyArn: `arn:aws:iam::${here}:policy/p` })
    iam.do('CreateAccessKey', {})
    expect(summary()).toEqual({
      ...before,
      Users: 1,
      Groups: 1,
      Roles: 1,
      Policies: 1,
      InstanceProfiles: 1,
      PolicyVersionsInUse: 2,
      AccountAccessKeysPresent: 1,
    })
    expect(summary(there)).toEqual(before)
  })

  test('is asked for of everything', () => {
    summary()
    expect(iam.needs).toEqual([{ action: 'iam:GetAccountSummary', resource: '*' }])
  })
})

describe('quotas of an account', () => {
  const user = (at: number): User => ({
    kind: 'user',
    id: `AIDA${at}`,
    account: here,
    name: `user${at}`,
    path: '/',
    createdAt: 0,
    tags: [],
    inline: [],
    attached: [],
    groups: [],
  })
  const range = (count: number) => Array.from({ length: count }, (_, at) => at)

  test('5000 users', () => {
    iam.put(...range(4999).map(user))
    expect(iam.told('CreateUser', { UserName: 'last' })).toBe('ok')
    expect(iam.told('CreateUser', { UserName: 'more' })).toBe(
      'LimitExceeded: Cannot exceed quota for UsersPerAccount: 5000',
    )
  })

  test('300 groups', () => {
    for (const at of range(300)) iam.do('CreateGroup', { GroupName: `g${at}` })
    expect(iam.told('CreateGroup', { GroupName: 'more' })).toBe(
      'LimitExceeded: Cannot exceed quota for GroupsPerAccount: 300',
    )
  })

  test('1000 roles', () => {
    iam.do('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: ec2Trust })
    const role = iam.entity('role', 'r')
    iam.put(...range(999).map((at) => ({ ...role, id: `AROA${at}`, name: `r${at}` })))
    expect(iam.told('CreateRole', { RoleName: 'more', AssumeRolePolicyDocument: ec2Trust })).toBe(
      'LimitExceeded: Cannot exceed quota for RolesPerAccount: 1000',
    )
  })

  test('1500 policies', () => {
    iam.do('CreatePolicy', { PolicyName: 'p', PolicyDocument: document() })
    const policy = iam.entity('policy', 'p')
    iam.put(...range(1499).map((at) => ({ ...policy, id: `ANPA${at}`, name: `p${at}` })))
    expect(iam.told('CreatePolicy', { PolicyName: 'more', PolicyDocument: document() })).toBe(
      'LimitExceeded: Cannot exceed quota for PoliciesPerAccount: 1500',
    )
  })

  test('1000 instance profiles', () => {
    iam.do('CreateInstanceProfile', { InstanceProfileName: 'i' })
    const profile = iam.entity('instance-profile', 'i')
    iam.put(...range(999).map((at) => ({ ...profile, id: `AIPA${at}`, name: `i${at}` })))
    expect(iam.told('CreateInstanceProfile', { InstanceProfileName: 'more' })).toBe(
      'LimitExceeded: Cannot exceed quota for InstanceProfilesPerAccount: 1000',
    )
  })

  test('10 groups for a user', () => {
    iam.do('CreateUser', { UserName: 'u' })
    for (const at of range(11)) iam.do('CreateGroup', { GroupName: `g${at}` })
    for (const at of range(10)) iam.do('AddUserToGroup', { GroupName: `g${at}`, UserName: 'u' })
    expect(iam.told('AddUserToGroup', { GroupName: 'g10', UserName: 'u' })).toBe(
      'LimitExceeded: Cannot exceed quota for GroupsPerUser: 10',
    )
    expect(iam.told('AddUserToGroup', { GroupName: 'g3', UserName: 'u' })).toBe('ok')
  })
})
