import { beforeEach, describe, expect, test } from 'vitest'
import type * as Shape from '../../../src/model/calls/iam.ts'
import { Authority, document, ec2Trust, here, there } from './authority.ts'

let iam: Authority
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const securityAudit = 'arn:aws:iam::aws:policy/SecurityAudit'
const own = `arn:aws:iam::${here}:policy/own`
/** AWS encodes the asterisk, too. */
const urlEncoded = (text: string) => encodeURIComponent(text).replaceAll('*', '%2A')
const encoded = urlEncoded(document())
const Tags = [{ Key: 'a', Value: '1' }]
beforeEach(() => {
  iam = new Authority()
  iam.do('CreatePolicy', { PolicyName: 'own', PolicyDocument: document(), Description: 'words' })
  iam.do('CreateUser', { UserName: 'u', Path: '/p/', PermissionsBoundary: securityAudit, Tags })
  iam.do('CreateUser', { UserName: 'bare' })
  iam.do('CreateGroup', { GroupName: 'g' })
  iam.do('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: ec2Trust, Description: 'words' })
  iam.do('AddUserToGroup', { UserName: 'u', GroupName: 'g' })
  iam.do('PutUserPolicy', { UserName: 'u', PolicyName: 'mine', PolicyDocument: document() })
  iam.do('AttachGroupPolicy', { GroupName: 'g', PolicyArn: readOnly })
  iam.do('AttachRolePolicy', { RoleName: 'r', PolicyArn: own })
})

const details = (input: Shape.GetAccountAuthorizationDetailsRequest = {}) =>
  iam.do('GetAccountAuthorizationDetails', input)
const names = ({ UserDetailList, RoleDetailList, GroupDetailList, Policies }: ReturnType<typeof details>) => [
  ...(UserDetailList ?? []).map(({ UserName }) => `user ${UserName}`),
  ...(RoleDetailList ?? []).map(({ RoleName }) => `role ${RoleName}`),
  ...(GroupDetailList ?? []).map(({ GroupName }) => `group ${GroupName}`),
  ...(Policies ?? []).map(({ PolicyName }) => `policy ${PolicyName}`),
]

describe('the authorization details of an account', () => {
  test('QUIRK: details-of-users. Of a user: policies, groups, boundary and tags', () => {
    expect(details({ Filter: ['User'] }).UserDetailList).toEqual([
      {
        Path: '/',
        UserName: 'bare',
        UserId: expect.stringMatching(/^AIDA/),
        Arn: `arn:aws:iam::${here}:user/bare`,
        CreateDate: expect.any(Number),
        GroupList: [],
        AttachedManagedPolicies: [],
        Tags: [],
      },
      {
        Path: '/p/',
        UserName: 'u',
        UserId: expect.stringMatching(/^AIDA/),
        Arn: `arn:aws:iam::${here}:user/p/u`,
        CreateDate: expect.any(Number),
        UserPolicyList: [{ PolicyName: 'mine', PolicyDocument: encoded }],
        GroupList: ['g'],
        AttachedManagedPolicies: [],
        // QUIRK: boundary-type-word.
        PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: securityAudit },
        Tags,
      },
    ])
  })

  test('of a group: policies', () => {
    expect(details({ Filter: ['Group'] }).GroupDetailList).toEqual([
      {
        Path: '/',
        GroupName: 'g',
        GroupId: expect.stringMatching(/^AGPA/),
        Arn: `arn:aws:iam::${here}:group/g`,
        CreateDate: expect.any(Number),
        GroupPolicyList: [],
        AttachedManagedPolicies: [{ PolicyName: 'ReadOnlyAccess', PolicyArn: readOnly }],
      },
    ])
  })

  test('of a role: trust, policies, instance profiles and last use', () => {
    iam.do('CreateInstanceProfile', { InstanceProfileName: 'i' })
    iam.do('AddRoleToInstanceProfile', { InstanceProfileName: 'i', RoleName: 'r' })
    const role = {
      Path: '/',
      RoleName: 'r',
      RoleId: expect.stringMatching(/^AROA/),
      Arn: `arn:aws:iam::${here}:role/r`,
      CreateDate: expect.any(Number),
      AssumeRolePolicyDocument: urlEncoded(ec2Trust),
    }
    const [shown] = details({ Filter: ['Role'] }).RoleDetailList ?? []
    expect(shown).toEqual({
      ...role,
      InstanceProfileList: [expect.objectContaining({ InstanceProfileName: 'i', Roles: [role] })],
      RolePolicyList: [],
      AttachedManagedPolicies: [{ PolicyName: 'own', PolicyArn: own }],
      Tags: [],
      RoleLastUsed: {},
    })
  })

  test('QUIRK: details-of-policies. Of a policy: every version, newest first, and no description', () => {
    const second = document({ Effect: 'Deny', Action: '*', Resource: '*' })
    iam.do('CreatePolicyVersion', { PolicyArn: own, PolicyDocument: second })
    const [policy] = details({ Filter: ['LocalManagedPolicy'] }).Policies ?? []
    expect(policy).toMatchObject({ PolicyName: 'own', DefaultVersionId: 'v1', AttachmentCount: 1, IsAttachable: true })
    expect(Object.keys(policy ?? {})).not.toContain('Description')
    const CreateDate = expect.any(Number)
    expect(policy?.PolicyVersionList).toEqual([
      { Document: urlEncoded(second), VersionId: 'v2', IsDefaultVersion: false, CreateDate },
      { Document: encoded, VersionId: 'v1', IsDefaultVersion: true, CreateDate },
    ])
  })

  test('of AWS’s policies: those that somebody holds or is bounded by', () => {
    const { Policies } = details({ Filter: ['AWSManagedPolicy'] })
    expect(Policies?.map(({ PolicyName }) => PolicyName)).toEqual(['ReadOnlyAccess', 'SecurityAudit'])
    iam.do('DetachGroupPolicy', { GroupName: 'g', PolicyArn: readOnly })
    expect(names(details({ Filter: ['AWSManagedPolicy'] }))).toEqual(['policy SecurityAudit'])
  })

  test('are all four lists, whatever was asked for', () => {
    expect(details({ Filter: ['Group'] })).toEqual({
      UserDetailList: [],
      RoleDetailList: [],
      GroupDetailList: [expect.anything()],
      Policies: [],
      IsTruncated: false,
    })
    expect(names(details())).toEqual([
      ...['user bare', 'user u', 'role r', 'group g'],
      ...['policy own', 'policy ReadOnlyAccess', 'policy SecurityAudit'],
    ])
    expect(details({ Filter: [] })).toEqual(details())
  })

  test('are this account’s alone', () => {
    iam.do('CreateUser', { UserName: 'stranger' }, iam.root(there))
    expect(names(details())).not.toContain('user stranger')
    expect(names(iam.do('GetAccountAuthorizationDetails', {}, iam.root(there)))).toEqual(['user stranger'])
  })
})

describe('pages of the details', () => {
  test.each([1, 2, 3, 100])('of %i go through users, roles, groups and policies, each once', (MaxItems) => {
    const seen: string[] = []
    let marker: string | undefined
    do {
      const shown = details({ MaxItems, ...(marker === undefined ? {} : { Marker: marker }) })
      expect(names(shown).length).toBeLessThanOrEqual(MaxItems)
      expect(shown.IsTruncated).toBe(shown.Marker !== undefined)
      seen.push(...names(shown))
      marker = shown.Marker
    } while (marker !== undefined)
    expect(seen).toEqual(names(details()))
  })

  test('QUIRK: marker-and-filter. A marker is good for its filter, in any order, and for no other', () => {
    const { Marker = '' } = details({ Filter: ['User', 'Role'], MaxItems: 1 })
    expect(names(details({ Filter: ['Role', 'User'], Marker, MaxItems: 5 }))).toEqual(['user u', 'role r'])
    for (const input of [{ Marker }, { Filter: ['User'], Marker }, { Filter: ['User', 'Role'], Marker: 'x' }])
      expect(iam.told('GetAccountAuthorizationDetails', input as Shape.GetAccountAuthorizationDetailsRequest)).toBe(
        'ValidationError: Marker and Filter do not match',
      )
  })
})
