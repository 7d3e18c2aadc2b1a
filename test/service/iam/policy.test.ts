import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, document, documentOfSize, ec2Trust, here, noon, there } from './authority.ts'

let iam: Authority
const arn = `arn:aws:iam::${here}:policy/read`
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
beforeEach(() => {
  iam = new Authority()
  iam.do('CreatePolicy', { PolicyName: 'read', PolicyDocument: document(), Description: 'reads' })
})

describe('a managed policy', () => {
  const core = {
    PolicyName: 'read',
    PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
    Arn: arn,
    Path: '/',
    DefaultVersionId: 'v1',
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: noon - 789,
    UpdateDate: noon - 789,
  }

  test('QUIRK: create-policy-view. When made, and in lists, it has no description, and no empty Tags', () => {
    const { Policy } = iam.do('CreatePolicy', { PolicyName: 'x', PolicyDocument: document(), Description: 'd' })
    expect(Policy).toEqual({ ...core, PolicyName: 'x', Arn: `arn:aws:iam::${here}:policy/x` })
    expect(iam.do('ListPolicies', { Scope: 'Local', MaxItems: 1 }).Policies).toEqual([core])
  })

  test('QUIRK: empty-tags-of-policies. When read it has its description, and Tags even where there are none', () => {
    expect(iam.do('GetPolicy', { PolicyArn: arn }).Policy).toEqual({ ...core, Description: 'reads', Tags: [] })
  })

  test('echoes the tags that it is made with in their order, also those that differ in case only', () => {
    const Tags = [
      { Key: 'b', Value: '' },
      { Key: 'a', Value: '1' },
      { Key: 'A', Value: '2' },
    ]
    expect(iam.do('CreatePolicy', { PolicyName: 'x', PolicyDocument: document(), Tags }).Policy?.Tags).toEqual(Tags)
  })

  test('counts whom it is attached to and whom it bounds', () => {
    iam.do('CreateUser', { UserName: 'u', PermissionsBoundary: arn })
    iam.do('CreateGroup', { GroupName: 'g' })
    iam.do('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: ec2Trust })
    iam.do('AttachUserPolicy', { UserName: 'u', PolicyArn: arn })
    iam.do('AttachGroupPolicy', { GroupName: 'g', PolicyArn: arn })
    iam.do('AttachRolePolicy', { RoleName: 'r', PolicyArn: arn })
    expect(iam.do('GetPolicy', { PolicyArn: arn }).Policy).toMatchObject({
      AttachmentCount: 3,
      PermissionsBoundaryUsageCount: 1,
    })
  })

  test('of AWS is there for every account, and counts for each account alone', () => {
    iam.do('CreateUser', { UserName: 'u' })
    iam.do('AttachUserPolicy', { UserName: 'u', PolicyArn: readOnly })
    const read = (account: string) => iam.do('GetPolicy', { PolicyArn: readOnly }, iam.root(account)).Policy
    expect(read(here)).toMatchObject({ Arn: readOnly, PolicyName: 'ReadOnlyAccess', Path: '/', AttachmentCount: 1 })
    expect(read(there)).toMatchObject({ AttachmentCount: 0 })
    const VersionId = read(here)?.DefaultVersionId ?? ''
    const { PolicyVersion } = iam.do('GetPolicyVersion', { PolicyArn: readOnly, VersionId })
    expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''))).toHaveProperty('Statement')
  })

  test.each([
    [
      'CreatePolicy',
      { PolicyName: 'READ', PolicyDocument: document() },
      'EntityAlreadyExists: A policy called READ already exists. Duplicate names are not allowed.',
    ],
    ['CreatePolicy', { PolicyName: 'n', PolicyDocument: '{' }, 'MalformedPolicyDocument: Syntax errors in policy.'],
    [
      'CreatePolicy',
      {
        PolicyName: 'n',
        PolicyDocument: '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
      },
      'MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater.',
    ],
    [
      'CreatePolicy',
      { PolicyName: 'n', PolicyDocument: documentOfSize(6145) },
      'LimitExceeded: Cannot exceed quota for PolicySize: 6144',
    ],
    ['CreatePolicy', { PolicyName: 'n', PolicyDocument: documentOfSize(6144) }, 'ok'],
    [
      'CreatePolicy',
      {
        PolicyName: 'n',
        PolicyDocument: document(),
        Tags: [
          { Key: 'a', Value: '' },
          { Key: 'a', Value: '' },
        ],
      },
      'InvalidInput: Duplicate tag keys found.',
    ],
    ['GetPolicy', { PolicyArn: `${arn}x` }, `NoSuchEntity: Policy ${arn}x does not exist or is not attachable.`],
    [
      'GetPolicy',
      { PolicyArn: `arn:aws:iam::${here}:policy/p/read` },
      `NoSuchEntity: Policy arn:aws:iam::${here}:policy/p/read does not exist or is not attachable.`,
    ],
    ['GetPolicy', { PolicyArn: 'no-arn-but-twenty-long' }, 'ValidationError: ARN no-arn-but-twenty-long is not valid.'],
    [
      'GetPolicy',
      { PolicyArn: `arn:aws:iam::${here}:role/read` },
      `ValidationError: ARN arn:aws:iam::${here}:role/read is not valid.`,
    ],
    ['DeletePolicy', { PolicyArn: `${arn}x` }, `NoSuchEntity: Policy ${arn}x was not found.`],
    ['DeletePolicy', { PolicyArn: readOnly }, 'AccessDenied: Cannot delete policies outside your own account.'],
    [
      'DeletePolicyVersion',
      { PolicyArn: readOnly, VersionId: 'v1' },
      'AccessDenied: Cannot delete policy versions for policies outside your own account.',
    ],
    [
      'CreatePolicyVersion',
      { PolicyArn: readOnly, PolicyDocument: document() },
      'AccessDenied: Cannot update policies outside your own account.',
    ],
    [
      'SetDefaultPolicyVersion',
      { PolicyArn: readOnly, VersionId: 'v1' },
      'AccessDenied: Cannot update policies outside your own account.',
    ],
    [
      'GetPolicyVersion',
      { PolicyArn: arn, VersionId: 'v2' },
      `NoSuchEntity: Policy ${arn} version v2 does not exist or is not attachable.`,
    ],
    [
      'GetPolicyVersion',
      { PolicyArn: arn, VersionId: 'x1' },
      expect.stringMatching(
        /^ValidationError: .*Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v\[1-9]/,
      ),
    ],
    [
      'SetDefaultPolicyVersion',
      { PolicyArn: arn, VersionId: 'v2' },
      `NoSuchEntity: Policy ${arn} version v2 does not exist or is not attachable.`,
    ],
    [
      'DeletePolicyVersion',
      { PolicyArn: arn, VersionId: 'v1' },
      'DeleteConflict: Cannot delete the default version of a policy.',
    ],
    [
      'ListEntitiesForPolicy',
      { PolicyArn: `${arn}x` },
      `NoSuchEntity: Policy ${arn}x does not exist or is not attachable.`,
    ],
  ] as const)('%s %o: %s', (name, input, expected) => {
    expect(iam.told(name, input)).toEqual(expected)
  })

  test('of another account is as unknown as none', () => {
    const foreign = `arn:aws:iam::${there}:policy/theirs`
    iam.do('CreatePolicy', { PolicyName: 'theirs', PolicyDocument: document() }, iam.root(there))
    iam.do('CreateUser', { UserName: 'u' })
    const refusals = [
      iam.told('GetPolicy', { PolicyArn: foreign }),
      iam.told('AttachUserPolicy', { UserName: 'u', PolicyArn: foreign }),
      iam.told('DeletePolicy', { PolicyArn: foreign }),
      iam.told('TagPolicy', { PolicyArn: foreign, Tags: [] }),
    ]
    iam.do('DeletePolicy', { PolicyArn: foreign }, iam.root(there))
    expect([
      iam.told('GetPolicy', { PolicyArn: foreign }),
      iam.told('AttachUserPolicy', { UserName: 'u', PolicyArn: foreign }),
      iam.told('DeletePolicy', { PolicyArn: foreign }),
      iam.told('TagPolicy', { PolicyArn: foreign, Tags: [] }),
    ]).toEqual(refusals)
    expect(refusals).not.toContain('ok')
  })

  test('is not deleted while it grants, bounds or has further versions', () => {
    iam.do('CreateUser', { UserName: 'u', PermissionsBoundary: arn })
    iam.do('CreatePolicyVersion', { PolicyArn: arn, PolicyDocument: document() })
    const told = () => iam.told('DeletePolicy', { PolicyArn: arn })
    expect(told()).toBe('DeleteConflict: Cannot delete a policy attached to entities.')
    iam.do('DeleteUserPermissionsBoundary', { UserName: 'u' })
    iam.do('AttachUserPolicy', { UserName: 'u', PolicyArn: arn })
    expect(told()).toBe('DeleteConflict: Cannot delete a policy attached to entities.')
    iam.do('DetachUserPolicy', { UserName: 'u', PolicyArn: arn })
    expect(told()).toBe(
      "DeleteConflict: This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    )
    iam.do('DeletePolicyVersion', { PolicyArn: arn, VersionId: 'v2' })
    expect(told()).toBe('ok')
  })
})

describe('versions', () => {
  const more = (SetAsDefault = false) =>
    iam.do('CreatePolicyVersion', { PolicyArn: arn, PolicyDocument: document(), SetAsDefault }).PolicyVersion
  const ids = () => iam.do('ListPolicyVersions', { PolicyArn: arn }).Versions?.map(({ VersionId }) => VersionId)

  test('are shown without their document where they are made and listed', () => {
    expect(more()).toEqual({ VersionId: 'v2', IsDefaultVersion: false, CreateDate: noon - 789 })
    expect(iam.do('ListPolicyVersions', { PolicyArn: arn }).Versions).toEqual([
      { VersionId: 'v2', IsDefaultVersion: false, CreateDate: noon - 789 },
      { VersionId: 'v1', IsDefaultVersion: true, CreateDate: noon - 789 },
    ])
  })

  test('are five at most, and their numbers are never given again', () => {
    for (let count = 1; count < 5; count++) more()
    expect(iam.told('CreatePolicyVersion', { PolicyArn: arn, PolicyDocument: document() })).toBe(
      'LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    )
    iam.do('DeletePolicyVersion', { PolicyArn: arn, VersionId: 'v5' })
    expect(more()?.VersionId).toBe('v6')
    expect(ids()).toEqual(['v6', 'v4', 'v3', 'v2', 'v1'])
  })

  test('stand newest first also beyond the ninth', () => {
    for (let count = 0; count < 10; count++) {
      more(true)
      iam.do('DeletePolicyVersion', { PolicyArn: arn, VersionId: `v${count + 1}` })
    }
    more()
    expect(ids()).toEqual(['v12', 'v11'])
  })

  test('become the default when they are made or afterwards', () => {
    const current = () => iam.do('GetPolicy', { PolicyArn: arn }).Policy?.DefaultVersionId
    more(true)
    expect(current()).toBe('v2')
    iam.do('SetDefaultPolicyVersion', { PolicyArn: arn, VersionId: 'v1' })
    expect(current()).toBe('v1')
    expect(iam.do('GetPolicyVersion', { PolicyArn: arn, VersionId: 'v2' }).PolicyVersion?.IsDefaultVersion).toBe(false)
  })

  test('move the date of the policy’s last update', () => {
    iam.now += 60_000
    more()
    expect(iam.do('GetPolicy', { PolicyArn: arn }).Policy).toMatchObject({
      CreateDate: noon - 789,
      UpdateDate: noon - 789 + 60_000,
    })
  })

  test.each([
    [
      'white space and brackets',
      `{ "Version": "2012-10-17",\n\t"Statement": [ { "Effect":"Allow", "Action":"s3:*", "Resource":"*" } ] }`,
    ],
    [
      'percent signs, which come back encoded twice',
      document({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b/%3A' }),
    ],
    [
      "what encodeURIComponent leaves alone, !'()*",
      document({ Effect: 'Allow', Action: 's3:*', Resource: "arn:aws:s3:::b/!'()*~" }),
    ],
    ['letters beyond ASCII', document({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b/é' })],
  ])('give their document back as it was put: %s', (_what, PolicyDocument) => {
    iam.do('CreatePolicyVersion', { PolicyArn: arn, PolicyDocument })
    const sent = iam.do('GetPolicyVersion', { PolicyArn: arn, VersionId: 'v2' }).PolicyVersion?.Document ?? ''
    expect(decodeURIComponent(sent)).toBe(PolicyDocument)
    expect(sent).toMatch(/^([A-Za-z0-9._~-]|%[0-9A-F]{2})+$/)
  })
})

describe('the list of policies', () => {
  const names = (input: object) => iam.do('ListPolicies', input).Policies?.map(({ PolicyName }) => PolicyName)

  test('is of the account, of AWS, or of both in one order', () => {
    iam.do('CreatePolicy', { PolicyName: 'ReadOnlyAccess', PolicyDocument: document() })
    expect(names({ Scope: 'Local' })).toEqual(['read', 'ReadOnlyAccess'])
    const all: string[] = []
    let Marker: string | undefined
    do {
      const { Policies = [], ...end } = iam.do('ListPolicies', { MaxItems: 500, Marker })
      all.push(...Policies.map(({ Arn = '' }) => Arn))
      Marker = end.Marker
    } while (Marker !== undefined)
    expect(all.length).toBeGreaterThan(1000)
    expect(new Set(all).size).toBe(all.length)
    expect(all.filter((one) => one.endsWith('/ReadOnlyAccess'))).toEqual([
      `arn:aws:iam::${here}:policy/ReadOnlyAccess`,
      readOnly,
    ])
    expect(names({ Scope: 'AWS', MaxItems: 1000 })).not.toContain('read')
  })

  test('QUIRK: policies-in-order. The account comes first, and AWS after it in the order in which its policies were made', () => {
    expect(names({ MaxItems: 6 })).toEqual([
      'read',
      'AdministratorAccess',
      'PowerUserAccess',
      'ReadOnlyAccess',
      'AWSCloudFormationReadOnlyAccess',
      'CloudFrontFullAccess',
    ])
  })

  test('is narrowed by path', () => {
    iam.do('CreatePolicy', { PolicyName: 'deep', Path: '/a/b/', PolicyDocument: document() })
    expect(names({ PathPrefix: '/a/' })).toEqual(['deep'])
    expect(names({ PathPrefix: '/job-function/' })).toContain('SystemAdministrator')
  })

  test('is narrowed to what is attached, or to what bounds', () => {
    iam.do('CreateUser', { UserName: 'u', PermissionsBoundary: arn })
    iam.do('AttachUserPolicy', { UserName: 'u', PolicyArn: readOnly })
    expect(names({ OnlyAttached: true })).toEqual(['ReadOnlyAccess'])
    expect(names({ PolicyUsageFilter: 'PermissionsPolicy' })).toEqual(['ReadOnlyAccess'])
    expect(names({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual(['read'])
    expect(names({ OnlyAttached: true, PolicyUsageFilter: 'PermissionsBoundary', Scope: 'AWS' })).toEqual([])
  })
})

describe('whom a policy stands over', () => {
  beforeEach(() => {
    iam.do('CreateUser', { UserName: 'both', PermissionsBoundary: arn })
    iam.do('AttachUserPolicy', { UserName: 'both', PolicyArn: arn })
    iam.do('CreateGroup', { GroupName: 'granted' })
    iam.do('AttachGroupPolicy', { GroupName: 'granted', PolicyArn: arn })
    iam.do('CreateRole', {
      RoleName: 'bound',
      Path: '/r/',
      AssumeRolePolicyDocument: ec2Trust,
      PermissionsBoundary: arn,
    })
  })
  test.each([
    ['everyone, each once', {}, ['granted'], ['both'], ['bound']],
    ['where it grants', { PolicyUsageFilter: 'PermissionsPolicy' }, ['granted'], ['both'], []],
    ['where it bounds', { PolicyUsageFilter: 'PermissionsBoundary' }, [], ['both'], ['bound']],
    ['users', { EntityFilter: 'User' }, [], ['both'], []],
    ['groups', { EntityFilter: 'Group' }, ['granted'], [], []],
    ['roles', { EntityFilter: 'Role' }, [], [], ['bound']],
    ['under a path', { PathPrefix: '/r/' }, [], [], ['bound']],
  ] as const)('%s', (_what, filter, groups, users, roles) => {
    const told = iam.do('ListEntitiesForPolicy', { PolicyArn: arn, ...filter })
    expect(told.PolicyGroups?.map(({ GroupName }) => GroupName)).toEqual(groups)
    expect(told.PolicyUsers?.map(({ UserName }) => UserName)).toEqual(users)
    expect(told.PolicyRoles?.map(({ RoleName }) => RoleName)).toEqual(roles)
  })

  test('page by page: groups, users, roles', () => {
    const first = iam.do('ListEntitiesForPolicy', { PolicyArn: arn, MaxItems: 2 })
    const second = iam.do('ListEntitiesForPolicy', { PolicyArn: arn, MaxItems: 2, Marker: first.Marker })
    expect([first.PolicyGroups?.length, first.PolicyUsers?.length, first.PolicyRoles?.length]).toEqual([1, 1, 0])
    expect(second).toMatchObject({ PolicyGroups: [], PolicyUsers: [], IsTruncated: false })
    expect(second.PolicyRoles).toEqual([{ RoleName: 'bound', RoleId: iam.entity('role', 'bound').id }])
  })
})
