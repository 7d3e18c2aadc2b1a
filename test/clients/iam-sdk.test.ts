import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, allow, deny, makeUser, refusal, statement, textOf, trusting } from './actor.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** IAM driven by AWS's own client, which believes nothing that it cannot parse. */
const home = '012345678901'
const arn = (resource: string) => `arn:aws:iam::${home}:${resource}`
const document = textOf(allow('s3:GetObject', 'arn:aws:s3:::my-bucket/*'))

let running: Running
let administrator: Actor
let iam: sdk.IAMClient

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  administrator = actorOf(await envOf(running))
  iam = administrator.iam
})
afterAll(() => discard(running))

/** What came back, without what the SDK says about the call. */
async function plain<Output extends sdk.ServiceOutputTypes>(call: Promise<Output>) {
  const { $metadata, ...output } = await call
  expect($metadata.httpStatusCode).toBe(200)
  expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
  return output
}
const thrown = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('users', () => {
  test('are made, read, renamed, moved and deleted', async () => {
    const Tags = [{ Key: 'Team', Value: 'blå grød' }]
    const made = await iam.send(new sdk.CreateUserCommand({ UserName: 'ann', Path: '/team/', Tags }))
    expect(made.User).toEqual({
      Path: '/team/',
      UserName: 'ann',
      UserId: expect.stringMatching(/^AIDA[A-Z0-9]{17}$/),
      Arn: arn('user/team/ann'),
      CreateDate: expect.any(Date),
      Tags,
    })
    expect((await iam.send(new sdk.GetUserCommand({ UserName: 'ann' }))).User).toEqual(made.User)
    expect(
      await plain(iam.send(new sdk.UpdateUserCommand({ UserName: 'ann', NewUserName: 'anna', NewPath: '/' }))),
    ).toEqual({})
    const { User } = await iam.send(new sdk.GetUserCommand({ UserName: 'anna' }))
    expect(User).toMatchObject({ Arn: arn('user/anna'), UserId: made.User?.UserId, Tags })
    expect(await thrown(iam.send(new sdk.GetUserCommand({ UserName: 'ann' })))).toBeInstanceOf(
      sdk.NoSuchEntityException,
    )
    expect(await plain(iam.send(new sdk.DeleteUserCommand({ UserName: 'anna' })))).toEqual({})
  })

  test('without a name are the one who asks', async () => {
    const { User } = await iam.send(new sdk.GetUserCommand({}))
    expect(User?.Arn).toBe(arn('user/administrator'))
  })

  test('have two keys at the most, and the secret is told once', async () => {
    const UserName = 'keyed'
    await iam.send(new sdk.CreateUserCommand({ UserName }))
    const make = () => iam.send(new sdk.CreateAccessKeyCommand({ UserName }))
    const { AccessKey } = await make()
    expect(AccessKey).toEqual({
      UserName,
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z0-9]{16}$/),
      Status: 'Active',
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9/+]{40}$/),
      CreateDate: expect.any(Date),
    })
    const second = await make()
    expect(await thrown(make())).toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for AccessKeysPerUser: 2',
    })

    const AccessKeyId = AccessKey?.AccessKeyId ?? ''
    const last = () => iam.send(new sdk.GetAccessKeyLastUsedCommand({ AccessKeyId }))
    expect(await plain(last())).toEqual({ UserName, AccessKeyLastUsed: { Region: 'N/A', ServiceName: 'N/A' } })
    const keyed = actorOf({
      ...administrator.env,
      accessKeyId: AccessKeyId,
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    })
    await refusal(keyed.iam.send(new sdk.ListUsersCommand({})))
    await expect
      .poll(async () => (await last()).AccessKeyLastUsed)
      .toEqual({ LastUsedDate: expect.any(Date), Region: 'us-east-1', ServiceName: 'iam' })

    await iam.send(new sdk.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' }))
    expect((await refusal(keyed.iam.send(new sdk.ListUsersCommand({})))).code).toBe('InvalidClientTokenId')
    const { AccessKeyMetadata } = await iam.send(new sdk.ListAccessKeysCommand({ UserName }))
    expect(AccessKeyMetadata?.map((key) => [key.AccessKeyId, key.Status]).sort()).toEqual(
      [
        [AccessKeyId, 'Inactive'],
        [second.AccessKey?.AccessKeyId, 'Active'],
      ].sort(),
    )
    expect(await thrown(iam.send(new sdk.DeleteUserCommand({ UserName })))).toBeInstanceOf(sdk.DeleteConflictException)
    for (const key of AccessKeyMetadata ?? []) {
      await iam.send(new sdk.DeleteAccessKeyCommand({ UserName, AccessKeyId: key.AccessKeyId }))
    }
    await iam.send(new sdk.DeleteUserCommand({ UserName }))
  })
})

describe('groups', () => {
  test('are made, filled, listed from both ends, renamed, emptied and deleted', async () => {
    const made = await iam.send(new sdk.CreateGroupCommand({ GroupName: 'crew', Path: '/ship/' }))
    expect(made.Group).toEqual({
      Path: '/ship/',
      GroupName: 'crew',
      GroupId: expect.stringMatching(/^AGPA[A-Z0-9]{17}$/),
      Arn: arn('group/ship/crew'),
      CreateDate: expect.any(Date),
    })
    const member = await makeUser(administrator, 'sailor')
    // Twice: adding who is in already is no error.
    for (let times = 0; times < 2; times++) {
      await iam.send(new sdk.AddUserToGroupCommand({ GroupName: 'crew', UserName: 'sailor' }))
    }
    const { Users, IsTruncated } = await iam.send(new sdk.GetGroupCommand({ GroupName: 'crew' }))
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['sailor'])
    expect(IsTruncated).toBe(false)
    expect((await iam.send(new sdk.ListGroupsForUserCommand({ UserName: 'sailor' }))).Groups).toEqual([made.Group])
    expect((await iam.send(new sdk.ListGroupsCommand({ PathPrefix: '/ship/' }))).Groups).toEqual([made.Group])

    // What the group may, its members may, for as long as they are members.
    await iam.send(
      new sdk.PutGroupPolicyCommand({
        GroupName: 'crew',
        PolicyName: 'p',
        PolicyDocument: textOf(allow('iam:ListUsers')),
      }),
    )
    await member.iam.send(new sdk.ListUsersCommand({}))
    await iam.send(new sdk.UpdateGroupCommand({ GroupName: 'crew', NewGroupName: 'Crew' }))
    await member.iam.send(new sdk.ListUsersCommand({}))
    await iam.send(new sdk.DeleteGroupPolicyCommand({ GroupName: 'Crew', PolicyName: 'p' }))
    expect(await thrown(iam.send(new sdk.DeleteGroupCommand({ GroupName: 'Crew' })))).toBeInstanceOf(
      sdk.DeleteConflictException,
    )
    await iam.send(new sdk.RemoveUserFromGroupCommand({ GroupName: 'Crew', UserName: 'sailor' }))
    expect((await refusal(member.iam.send(new sdk.ListUsersCommand({})))).code).toBe('AccessDenied')
    await iam.send(new sdk.DeleteGroupCommand({ GroupName: 'Crew' }))
  })
})

describe('roles', () => {
  test('are made, read, changed and deleted', async () => {
    const trust = textOf(trusting(home))
    const made = await iam.send(
      new sdk.CreateRoleCommand({
        RoleName: 'worker',
        Path: '/w/',
        Description: 'Works.',
        MaxSessionDuration: 7_200,
        AssumeRolePolicyDocument: trust,
        Tags: [{ Key: 'a', Value: '' }],
      }),
    )
    const brief = {
      Path: '/w/',
      RoleName: 'worker',
      RoleId: expect.stringMatching(/^AROA[A-Z0-9]{17}$/),
      Arn: arn('role/w/worker'),
      CreateDate: expect.any(Date),
      AssumeRolePolicyDocument: encodeURIComponent(trust).replaceAll('*', '%2A'),
    }
    const told = { Description: 'Works.', MaxSessionDuration: 7_200 }
    expect(made.Role).toEqual({ ...brief, Tags: [{ Key: 'a', Value: '' }] })
    const { Role } = await iam.send(new sdk.GetRoleCommand({ RoleName: 'worker' }))
    expect(Role).toEqual({ ...made.Role, ...told, RoleLastUsed: {} })
    expect((await iam.send(new sdk.ListRolesCommand({ PathPrefix: '/w/' }))).Roles).toEqual([{ ...brief, ...told }])

    expect(await plain(iam.send(new sdk.UpdateRoleCommand({ RoleName: 'worker', MaxSessionDuration: 3_600 })))).toEqual(
      {},
    )
    const described = await iam.send(
      new sdk.UpdateRoleDescriptionCommand({ RoleName: 'worker', Description: 'Rests.' }),
    )
    expect(described.Role).toEqual({ ...brief, Description: 'Rests.' })
    const closed = textOf(trusting(arn('user/administrator')))
    await iam.send(new sdk.UpdateAssumeRolePolicyCommand({ RoleName: 'worker', PolicyDocument: closed }))
    const after = await iam.send(new sdk.GetRoleCommand({ RoleName: 'worker' }))
    expect(decodeURIComponent(after.Role?.AssumeRolePolicyDocument ?? '')).toBe(closed)
    expect(after.Role).toMatchObject({ Description: 'Rests.', MaxSessionDuration: 3_600 })
    expect(await plain(iam.send(new sdk.DeleteRoleCommand({ RoleName: 'worker' })))).toEqual({})
  })

  test('go into instance profiles, one each', async () => {
    await iam.send(
      new sdk.CreateRoleCommand({ RoleName: 'machine', AssumeRolePolicyDocument: service('ec2.amazonaws.com') }),
    )
    const made = await iam.send(new sdk.CreateInstanceProfileCommand({ InstanceProfileName: 'box', Path: '/hw/' }))
    expect(made.InstanceProfile).toEqual({
      Path: '/hw/',
      InstanceProfileName: 'box',
      InstanceProfileId: expect.stringMatching(/^AIPA[A-Z0-9]{17}$/),
      Arn: arn('instance-profile/hw/box'),
      CreateDate: expect.any(Date),
      Roles: [],
    })
    const put = { InstanceProfileName: 'box', RoleName: 'machine' }
    await iam.send(new sdk.AddRoleToInstanceProfileCommand(put))
    expect(await thrown(iam.send(new sdk.AddRoleToInstanceProfileCommand(put)))).toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    })
    const { InstanceProfile } = await iam.send(new sdk.GetInstanceProfileCommand({ InstanceProfileName: 'box' }))
    expect(InstanceProfile?.Roles?.map(({ Arn }) => Arn)).toEqual([arn('role/machine')])
    const { Tags, ...listed } = { ...InstanceProfile }
    expect(Tags).toEqual([])
    const ofRole = await iam.send(new sdk.ListInstanceProfilesForRoleCommand({ RoleName: 'machine' }))
    expect(ofRole.InstanceProfiles).toEqual([listed])
    expect((await iam.send(new sdk.ListInstanceProfilesCommand({}))).InstanceProfiles).toEqual([listed])
    expect(await thrown(iam.send(new sdk.DeleteRoleCommand({ RoleName: 'machine' })))).toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete entity, must remove roles from instance profile first.',
    })
    await iam.send(new sdk.RemoveRoleFromInstanceProfileCommand(put))
    await iam.send(new sdk.DeleteInstanceProfileCommand({ InstanceProfileName: 'box' }))
    await iam.send(new sdk.DeleteRoleCommand({ RoleName: 'machine' }))
  })
})

const service = (Service: string) =>
  textOf(statement({ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }))

describe('managed policies', () => {
  test('have versions: five at the most, never the same number twice', async () => {
    const made = await iam.send(
      new sdk.CreatePolicyCommand({
        PolicyName: 'versioned',
        PolicyDocument: document,
        Description: 'Reads.',
        Path: '/p/',
        Tags: [
          { Key: 'b', Value: '1' },
          { Key: 'a', Value: '2' },
        ],
      }),
    )
    const PolicyArn = arn('policy/p/versioned')
    expect(made.Policy).toMatchObject({ Arn: PolicyArn, DefaultVersionId: 'v1', AttachmentCount: 0 })
    const add = (SetAsDefault: boolean, PolicyDocument = document) =>
      iam.send(new sdk.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault }))
    const second = await add(true, textOf(deny('s3:*')))
    expect(second.PolicyVersion).toEqual({ VersionId: 'v2', IsDefaultVersion: true, CreateDate: expect.any(Date) })
    for (let version = 3; version <= 5; version++) {
      expect((await add(false)).PolicyVersion?.VersionId).toBe(`v${version}`)
    }
    expect(await thrown(add(false))).toMatchObject({
      name: 'LimitExceededException',
      message:
        'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    })
    await iam.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' }))
    expect((await add(false)).PolicyVersion?.VersionId).toBe('v6')
    const { Versions } = await iam.send(new sdk.ListPolicyVersionsCommand({ PolicyArn }))
    expect(Versions?.map(({ VersionId }) => VersionId).sort()).toEqual(['v1', 'v2', 'v3', 'v4', 'v6'])
    expect(Versions?.filter(({ IsDefaultVersion }) => IsDefaultVersion).map(({ VersionId }) => VersionId)).toEqual([
      'v2',
    ])
    expect(await thrown(iam.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' })))).toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete the default version of a policy.',
    })
    await iam.send(new sdk.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    const { PolicyVersion } = await iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    expect(PolicyVersion?.IsDefaultVersion).toBe(true)
    expect((await iam.send(new sdk.GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      DefaultVersionId: 'v1',
      Description: 'Reads.',
    })
    expect(await thrown(iam.send(new sdk.DeletePolicyCommand({ PolicyArn })))).toMatchObject({
      name: 'DeleteConflictException',
      message:
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    })
    for (const VersionId of ['v2', 'v3', 'v4', 'v6']) {
      await iam.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId }))
    }
    await iam.send(new sdk.DeletePolicyCommand({ PolicyArn }))
  })

  test('of AWS are there, can be attached, and belong to AWS', async () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3FullAccess'
    const { Policy } = await iam.send(new sdk.GetPolicyCommand({ PolicyArn }))
    expect(Policy).toMatchObject({ PolicyName: 'AmazonS3FullAccess', Path: '/', IsAttachable: true })
    const VersionId = Policy?.DefaultVersionId
    const { PolicyVersion } = await iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId }))
    expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? '')).Statement[0].Action).toContain('s3:*')
    expect(await refusal(iam.send(new sdk.DeletePolicyCommand({ PolicyArn })))).toEqual({
      code: 'AccessDenied',
      message: 'Cannot delete policies outside your own account.',
      status: 403,
    })
    await iam.send(new sdk.CreateRoleCommand({ RoleName: 'plain', AssumeRolePolicyDocument: textOf(trusting(home)) }))
    const linked = 'arn:aws:iam::aws:policy/aws-service-role/AmazonEKSServiceRolePolicy'
    expect(
      await thrown(iam.send(new sdk.AttachRolePolicyCommand({ RoleName: 'plain', PolicyArn: linked }))),
    ).toBeInstanceOf(sdk.PolicyNotAttachableException)
  })
})

/** What users, groups and roles have in common, asked of each in the same words. */
const holders = [
  {
    what: 'a user',
    name: { UserName: 'holder' },
    make: () => new sdk.CreateUserCommand({ UserName: 'holder' }),
    remove: () => new sdk.DeleteUserCommand({ UserName: 'holder' }),
    attach: sdk.AttachUserPolicyCommand,
    detach: sdk.DetachUserPolicyCommand,
    attached: sdk.ListAttachedUserPoliciesCommand,
    put: sdk.PutUserPolicyCommand,
    get: sdk.GetUserPolicyCommand,
    list: sdk.ListUserPoliciesCommand,
    drop: sdk.DeleteUserPolicyCommand,
    entity: 'User',
    bytes: 2_048,
  },
  {
    what: 'a group',
    name: { GroupName: 'holder' },
    make: () => new sdk.CreateGroupCommand({ GroupName: 'holder' }),
    remove: () => new sdk.DeleteGroupCommand({ GroupName: 'holder' }),
    attach: sdk.AttachGroupPolicyCommand,
    detach: sdk.DetachGroupPolicyCommand,
    attached: sdk.ListAttachedGroupPoliciesCommand,
    put: sdk.PutGroupPolicyCommand,
    get: sdk.GetGroupPolicyCommand,
    list: sdk.ListGroupPoliciesCommand,
    drop: sdk.DeleteGroupPolicyCommand,
    entity: 'Group',
    bytes: 5_120,
  },
  {
    what: 'a role',
    name: { RoleName: 'holder' },
    make: () => new sdk.CreateRoleCommand({ RoleName: 'holder', AssumeRolePolicyDocument: textOf(trusting(home)) }),
    remove: () => new sdk.DeleteRoleCommand({ RoleName: 'holder' }),
    attach: sdk.AttachRolePolicyCommand,
    detach: sdk.DetachRolePolicyCommand,
    attached: sdk.ListAttachedRolePoliciesCommand,
    put: sdk.PutRolePolicyCommand,
    get: sdk.GetRolePolicyCommand,
    list: sdk.ListRolePoliciesCommand,
    drop: sdk.DeleteRolePolicyCommand,
    entity: 'Role',
    bytes: 10_240,
  },
] as const

describe.each(holders)('$what holds policies', (holder) => {
  // The three families take the same members beside their own name, which the compiler cannot see through the table.
  const send = (command: unknown): Promise<Record<string, unknown>> =>
    iam.send(command as sdk.GetUserCommand) as unknown as Promise<Record<string, unknown>>
  const call = (Command: unknown, more: object = {}) =>
    send(new (Command as new (input: object) => object)({ ...holder.name, ...more }))

  test('attached, inline, up to their quota, and none is left when it goes', async () => {
    await send(holder.make())
    const { Policy } = await iam.send(
      new sdk.CreatePolicyCommand({ PolicyName: `attached-${holder.entity}`, PolicyDocument: document }),
    )
    const PolicyArn = Policy?.Arn ?? ''
    await call(holder.attach, { PolicyArn })
    const attached = await call(holder.attached)
    expect(attached).toMatchObject({
      AttachedPolicies: [{ PolicyName: `attached-${holder.entity}`, PolicyArn }],
      IsTruncated: false,
    })
    const { $metadata, ...entities } = await iam.send(new sdk.ListEntitiesForPolicyCommand({ PolicyArn }))
    expect($metadata.httpStatusCode).toBe(200)
    const lists = { PolicyGroups: [], PolicyUsers: [], PolicyRoles: [], IsTruncated: false }
    expect(entities).toEqual({
      ...lists,
      [`Policy${holder.entity}s`]: [
        { ...holder.name, [`${holder.entity}Id`]: expect.stringMatching(/^A[A-Z0-9]{20}$/) },
      ],
    })
    expect(await thrown(iam.send(new sdk.DeletePolicyCommand({ PolicyArn })))).toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete a policy attached to entities.',
    })
    expect(await thrown(send(holder.remove()))).toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete entity, must detach all policies first.',
    })
    await call(holder.detach, { PolicyArn })
    expect(await thrown(call(holder.detach, { PolicyArn }))).toBeInstanceOf(sdk.NoSuchEntityException)

    await call(holder.put, { PolicyName: 'inline', PolicyDocument: document })
    const read = await call(holder.get, { PolicyName: 'inline' })
    expect(read).toMatchObject({ ...holder.name, PolicyName: 'inline' })
    expect(decodeURIComponent(String(read.PolicyDocument))).toBe(document)
    expect(await call(holder.list)).toMatchObject({ PolicyNames: ['inline'], IsTruncated: false })
    const long = textOf(allow('s3:GetObject', `arn:aws:s3:::${'b'.repeat(holder.bytes)}`))
    expect(await thrown(call(holder.put, { PolicyName: 'long', PolicyDocument: long }))).toMatchObject({
      name: 'LimitExceededException',
      message: `Cannot exceed quota for PolicySize: ${holder.bytes}`,
    })
    expect(await thrown(send(holder.remove()))).toMatchObject({
      message: 'Cannot delete entity, must delete policies first.',
    })
    await call(holder.drop, { PolicyName: 'inline' })
    expect(await thrown(call(holder.get, { PolicyName: 'inline' }))).toMatchObject({
      name: 'NoSuchEntityException',
      message: `The ${holder.entity.toLowerCase()} policy with name inline cannot be found.`,
    })
    await send(holder.remove())
    await iam.send(new sdk.DeletePolicyCommand({ PolicyArn }))
  })
})

describe('permissions boundaries', () => {
  test('limit a user and a role, are shown, counted, and taken away', async () => {
    const { Policy } = await iam.send(
      new sdk.CreatePolicyCommand({ PolicyName: 'bounds', PolicyDocument: textOf(allow('iam:ListRoles')) }),
    )
    const PermissionsBoundary = Policy?.Arn ?? ''
    const bounded = await makeUser(administrator, 'bounded', allow(['iam:ListRoles', 'iam:ListUsers']))
    await iam.send(new sdk.CreateRoleCommand({ RoleName: 'bounded', AssumeRolePolicyDocument: textOf(trusting(home)) }))
    await bounded.iam.send(new sdk.ListUsersCommand({}))
    await iam.send(new sdk.PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary }))
    await iam.send(new sdk.PutRolePermissionsBoundaryCommand({ RoleName: 'bounded', PermissionsBoundary }))
    await bounded.iam.send(new sdk.ListRolesCommand({}))
    expect((await refusal(bounded.iam.send(new sdk.ListUsersCommand({})))).message).toMatch(
      /because no permissions boundary allows the iam:ListUsers action$/,
    )
    const shown = {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'Policy',
        PermissionsBoundaryArn: PermissionsBoundary,
      },
    }
    expect((await iam.send(new sdk.GetUserCommand({ UserName: 'bounded' }))).User).toMatchObject(shown)
    expect((await iam.send(new sdk.GetRoleCommand({ RoleName: 'bounded' }))).Role).toMatchObject(shown)
    const count = async () =>
      (await iam.send(new sdk.GetPolicyCommand({ PolicyArn: PermissionsBoundary }))).Policy
        ?.PermissionsBoundaryUsageCount
    expect(await count()).toBe(2)
    expect(await thrown(iam.send(new sdk.DeletePolicyCommand({ PolicyArn: PermissionsBoundary })))).toBeInstanceOf(
      sdk.DeleteConflictException,
    )
    await iam.send(new sdk.DeleteUserPermissionsBoundaryCommand({ UserName: 'bounded' }))
    await iam.send(new sdk.DeleteRolePermissionsBoundaryCommand({ RoleName: 'bounded' }))
    expect(await count()).toBe(0)
    await bounded.iam.send(new sdk.ListUsersCommand({}))
    await iam.send(new sdk.DeletePolicyCommand({ PolicyArn: PermissionsBoundary }))
  })
})

describe('tags', () => {
  const sorted = (tags: readonly sdk.Tag[] | undefined) =>
    (tags ?? []).map(({ Key, Value }) => `${Key}=${Value}`).sort()
  const Tags = [
    { Key: 'Cost Center', Value: '42' },
    { Key: 'ünïcode', Value: 'a/b=c+d-e@f:g_h. ï' },
    { Key: 'empty', Value: '' },
  ]

  test.each([
    [
      'a user',
      async () => {
        const UserName = 'tagged'
        await iam.send(new sdk.CreateUserCommand({ UserName }))
        return {
          tag: (tags: sdk.Tag[]) => iam.send(new sdk.TagUserCommand({ UserName, Tags: tags })),
          untag: (TagKeys: string[]) => iam.send(new sdk.UntagUserCommand({ UserName, TagKeys })),
          list: () => iam.send(new sdk.ListUserTagsCommand({ UserName })),
          folds: true,
        }
      },
    ],
    [
      'a role',
      async () => {
        const RoleName = 'tagged'
        await iam.send(new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: textOf(trusting(home)) }))
        return {
          tag: (tags: sdk.Tag[]) => iam.send(new sdk.TagRoleCommand({ RoleName, Tags: tags })),
          untag: (TagKeys: string[]) => iam.send(new sdk.UntagRoleCommand({ RoleName, TagKeys })),
          list: () => iam.send(new sdk.ListRoleTagsCommand({ RoleName })),
          folds: true,
        }
      },
    ],
    [
      'a policy',
      async () => {
        await iam.send(new sdk.CreatePolicyCommand({ PolicyName: 'tagged', PolicyDocument: document }))
        const PolicyArn = arn('policy/tagged')
        return {
          tag: (tags: sdk.Tag[]) => iam.send(new sdk.TagPolicyCommand({ PolicyArn, Tags: tags })),
          untag: (TagKeys: string[]) => iam.send(new sdk.UntagPolicyCommand({ PolicyArn, TagKeys })),
          list: () => iam.send(new sdk.ListPolicyTagsCommand({ PolicyArn })),
          folds: false,
        }
      },
    ],
    [
      'an instance profile',
      async () => {
        const InstanceProfileName = 'tagged'
        await iam.send(new sdk.CreateInstanceProfileCommand({ InstanceProfileName }))
        return {
          tag: (tags: sdk.Tag[]) => iam.send(new sdk.TagInstanceProfileCommand({ InstanceProfileName, Tags: tags })),
          untag: (TagKeys: string[]) => iam.send(new sdk.UntagInstanceProfileCommand({ InstanceProfileName, TagKeys })),
          list: () => iam.send(new sdk.ListInstanceProfileTagsCommand({ InstanceProfileName })),
          folds: false,
        }
      },
    ],
  ])('of %s', async (_what, prepare) => {
    const { tag, untag, list, folds } = await prepare()
    await tag(Tags)
    expect(sorted((await list()).Tags)).toEqual(sorted(Tags))
    await tag([{ Key: 'empty', Value: 'no more' }])
    // Users and roles have keys whatever their case; the others tell cases apart.
    await tag([{ Key: 'EMPTY', Value: 'other' }])
    const values = (await list()).Tags?.filter(({ Key }) => Key?.toLowerCase() === 'empty')
    expect(sorted(values)).toEqual(folds ? [expect.stringMatching(/=other$/)] : ['EMPTY=other', 'empty=no more'])
    await untag(['Cost Center', 'ünïcode', 'EMPTY', 'never there'])
    expect(sorted((await list()).Tags)).toEqual(folds ? [] : ['empty=no more'])
  })
})

describe('lists come in pages', () => {
  const names = Array.from({ length: 7 }, (_, index) => `page-${index}`)
  const size = { pageSize: 3 }
  async function gather<Page>(pages: AsyncIterable<Page>, read: (page: Page) => readonly (string | undefined)[]) {
    const sizes: number[] = []
    const items: (string | undefined)[] = []
    for await (const page of pages) {
      const part = read(page)
      sizes.push(part.length)
      items.push(...part)
    }
    return { sizes, items }
  }
  const policies = names.map((name) => arn(`policy/page/${name}`))

  beforeAll(async () => {
    const Path = '/page/'
    const trust = textOf(trusting(home))
    await iam.send(new sdk.CreateGroupCommand({ GroupName: 'page', Path: '/group/' }))
    await Promise.all(
      names.flatMap((name) => [
        iam.send(new sdk.CreateUserCommand({ UserName: name, Path })),
        iam.send(new sdk.CreateGroupCommand({ GroupName: name, Path })),
        iam.send(new sdk.CreateRoleCommand({ RoleName: name, Path, AssumeRolePolicyDocument: trust })),
        iam.send(new sdk.CreatePolicyCommand({ PolicyName: name, Path, PolicyDocument: document })),
        iam.send(new sdk.CreateInstanceProfileCommand({ InstanceProfileName: name, Path })),
      ]),
    )
    await Promise.all(
      names.flatMap((name, index) => [
        iam.send(new sdk.AddUserToGroupCommand({ GroupName: 'page', UserName: name })),
        iam.send(new sdk.AddUserToGroupCommand({ GroupName: name, UserName: 'page-0' })),
        iam.send(new sdk.PutUserPolicyCommand({ UserName: 'page-0', PolicyName: name, PolicyDocument: document })),
        iam.send(new sdk.AttachUserPolicyCommand({ UserName: 'page-0', PolicyArn: policies[index] })),
        iam.send(new sdk.AttachRolePolicyCommand({ RoleName: name, PolicyArn: policies[0] })),
        iam.send(new sdk.TagUserCommand({ UserName: 'page-0', Tags: [{ Key: name, Value: 'x' }] })),
      ]),
    )
  })

  const config = () => ({ client: iam, ...size })
  const PathPrefix = '/page/'
  test.each([
    [
      'ListUsers',
      () =>
        gather(sdk.paginateListUsers(config(), { PathPrefix }), ({ Users = [] }) => Users.map((one) => one.UserName)),
    ],
    [
      'ListGroups',
      () =>
        gather(sdk.paginateListGroups(config(), { PathPrefix }), ({ Groups = [] }) =>
          Groups.map((one) => one.GroupName),
        ),
    ],
    [
      'ListRoles',
      () =>
        gather(sdk.paginateListRoles(config(), { PathPrefix }), ({ Roles = [] }) => Roles.map((one) => one.RoleName)),
    ],
    [
      'ListPolicies',
      () =>
        gather(sdk.paginateListPolicies(config(), { PathPrefix, Scope: 'Local' }), ({ Policies = [] }) =>
          Policies.map((one) => one.PolicyName),
        ),
    ],
    [
      'ListInstanceProfiles',
      () =>
        gather(sdk.paginateListInstanceProfiles(config(), { PathPrefix }), ({ InstanceProfiles = [] }) =>
          InstanceProfiles.map((one) => one.InstanceProfileName),
        ),
    ],
    [
      'GetGroup',
      () =>
        gather(sdk.paginateGetGroup(config(), { GroupName: 'page' }), ({ Users = [] }) =>
          Users.map((one) => one.UserName),
        ),
    ],
    [
      'ListGroupsForUser',
      () =>
        gather(sdk.paginateListGroupsForUser(config(), { UserName: 'page-0' }), ({ Groups = [] }) =>
          Groups.map((one) => one.GroupName).filter((name) => name !== 'page'),
        ),
    ],
    [
      'ListUserPolicies',
      () =>
        gather(sdk.paginateListUserPolicies(config(), { UserName: 'page-0' }), ({ PolicyNames = [] }) => PolicyNames),
    ],
    [
      'ListAttachedUserPolicies',
      () =>
        gather(sdk.paginateListAttachedUserPolicies(config(), { UserName: 'page-0' }), ({ AttachedPolicies = [] }) =>
          AttachedPolicies.map((one) => one.PolicyName),
        ),
    ],
    [
      'ListUserTags',
      () =>
        gather(sdk.paginateListUserTags(config(), { UserName: 'page-0' }), ({ Tags = [] }) =>
          Tags.map((one) => one.Key),
        ),
    ],
  ])('%s', async (name, list) => {
    const { sizes, items } = await list()
    expect([...items].sort()).toEqual(names)
    expect(sizes.length).toBe(3)
    if (name !== 'ListGroupsForUser') expect(sizes).toEqual([3, 3, 1])
  })

  test('ListEntitiesForPolicy counts users, groups and roles together', async () => {
    const { sizes, items } = await gather(
      sdk.paginateListEntitiesForPolicy(config(), { PolicyArn: policies[0] }),
      ({ PolicyUsers = [], PolicyGroups = [], PolicyRoles = [] }) => [
        ...PolicyUsers.map((one) => `user ${one.UserName}`),
        ...PolicyGroups.map((one) => `group ${one.GroupName}`),
        ...PolicyRoles.map((one) => `role ${one.RoleName}`),
      ],
    )
    expect(items.sort()).toEqual([...names.map((name) => `role ${name}`), 'user page-0'])
    expect(sizes).toEqual([3, 3, 2])
  })

  test("AWS's own policies, over a thousand of them, each once", async () => {
    const { items } = await gather(
      sdk.paginateListPolicies({ client: iam, pageSize: 1_000 }, { Scope: 'AWS' }),
      ({ Policies = [] }) => Policies.map((one) => one.Arn),
    )
    expect(items.length).toBeGreaterThan(1_000)
    expect(new Set(items).size).toBe(items.length)
    const { Policies } = await iam.send(new sdk.ListPoliciesCommand({ OnlyAttached: true, PathPrefix }))
    expect(Policies?.length).toBe(7)
  })

  test('a marker that is none is told', async () => {
    expect(await refusal(iam.send(new sdk.ListUsersCommand({ Marker: 'nonsense' })))).toEqual({
      code: 'ValidationError',
      message: 'Invalid Marker.',
      status: 400,
    })
  })
})

describe('waiters', () => {
  test('wait for what is made in the meantime', async () => {
    const waiter = { client: iam, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }
    const waiting = [
      sdk.waitUntilUserExists(waiter, { UserName: 'awaited' }),
      sdk.waitUntilRoleExists(waiter, { RoleName: 'awaited' }),
      sdk.waitUntilPolicyExists(waiter, { PolicyArn: arn('policy/awaited') }),
      sdk.waitUntilInstanceProfileExists(waiter, { InstanceProfileName: 'awaited' }),
    ]
    // Their first question is on its way before anything is made, so each has to be told no once.
    await iam.send(new sdk.ListUsersCommand({}))
    await iam.send(new sdk.CreateUserCommand({ UserName: 'awaited' }))
    await iam.send(new sdk.CreateRoleCommand({ RoleName: 'awaited', AssumeRolePolicyDocument: textOf(trusting(home)) }))
    await iam.send(new sdk.CreatePolicyCommand({ PolicyName: 'awaited', PolicyDocument: document }))
    await iam.send(new sdk.CreateInstanceProfileCommand({ InstanceProfileName: 'awaited' }))
    expect((await Promise.all(waiting)).map(({ state }) => state)).toEqual(Array(4).fill('SUCCESS'))
  })
})

describe('documents come back as they were put', () => {
  test.each([
    [
      'with white space',
      '{\r\n\t"Version": "2012-10-17",\n  "Statement": [ ] }'.replace('[ ]', textOf(deny('s3:*').Statement)),
    ],
    ['with %3A and other percent signs', textOf(deny('s3:*', 'arn:aws:s3:::b%3A/%2525/100%/*'))],
    ['with a plus and an ampersand', textOf(deny('s3:*', 'arn:aws:s3:::b/a+b&c=d'))],
    ['with letters beyond ASCII', textOf(deny('s3:*', 'arn:aws:s3:::b/größe÷Ÿ'.replace('Ÿ', 'ÿ')))],
    [
      'with escapes',
      '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b\\u002f\\u4e2d\\ud83d\\ude00"}}',
    ],
    ['with quotes and angles', textOf(deny('s3:*', `arn:aws:s3:::b/<a>'"&amp;`))],
    [
      'with numbers and booleans as condition values',
      '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":10.50,"aws:EpochTime":[1,2e0]},"Bool":{"aws:SecureTransport":false}}}}',
    ],
  ])('%s', async (_what, PolicyDocument) => {
    const UserName = 'page-1'
    await iam.send(new sdk.PutUserPolicyCommand({ UserName, PolicyName: 'text', PolicyDocument }))
    const inline = await iam.send(new sdk.GetUserPolicyCommand({ UserName, PolicyName: 'text' }))
    expect(decodeURIComponent(inline.PolicyDocument ?? '')).toBe(PolicyDocument)
    // RFC 3986: nothing but the unreserved characters stands as it is.
    expect(inline.PolicyDocument).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/)
    const { Policy } = await iam.send(new sdk.CreatePolicyCommand({ PolicyName: 'text', PolicyDocument }))
    const { PolicyVersion } = await iam.send(
      new sdk.GetPolicyVersionCommand({ PolicyArn: Policy?.Arn, VersionId: 'v1' }),
    )
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(PolicyDocument)
    await iam.send(new sdk.DeletePolicyCommand({ PolicyArn: Policy?.Arn }))
  })

  test('numbers count as numbers', async () => {
    const bounded = (limit: string) =>
      `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"NumericGreaterThan":{"aws:EpochTime":${limit}}}}}`
    const early = await makeUser(administrator, 'number-early', bounded('1.5e9'))
    const late = await makeUser(administrator, 'number-late', bounded('99999999999'))
    await early.iam.send(new sdk.ListUsersCommand({}))
    expect((await refusal(late.iam.send(new sdk.ListUsersCommand({})))).code).toBe('AccessDenied')
  })
})

describe('errors are the SDK’s own classes, with AWS’s words', () => {
  test.each([
    [
      () => new sdk.GetRoleCommand({ RoleName: 'none' }),
      sdk.NoSuchEntityException,
      'The role with name none cannot be found.',
      404,
    ],
    [
      () => new sdk.GetGroupCommand({ GroupName: 'none' }),
      sdk.NoSuchEntityException,
      'The group with name none cannot be found.',
      404,
    ],
    [
      () => new sdk.GetPolicyCommand({ PolicyArn: arn('policy/none') }),
      sdk.NoSuchEntityException,
      `Policy ${arn('policy/none')} does not exist or is not attachable.`,
      404,
    ],
    [
      () => new sdk.GetInstanceProfileCommand({ InstanceProfileName: 'none' }),
      sdk.NoSuchEntityException,
      'Instance Profile none cannot be found.',
      404,
    ],
    [
      () => new sdk.CreateUserCommand({ UserName: 'PAGE-0' }),
      sdk.EntityAlreadyExistsException,
      /^User with name \S+ already exists\.$/,
      409,
    ],
    [
      () => new sdk.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: '{}' }),
      sdk.MalformedPolicyDocumentException,
      'Syntax errors in policy.',
      400,
    ],
    [
      () =>
        new sdk.CreatePolicyCommand({
          PolicyName: 'p',
          PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3","Resource":"*"}]}',
        }),
      sdk.MalformedPolicyDocumentException,
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
      400,
    ],
    [
      () => new sdk.CreateRoleCommand({ RoleName: 'p', AssumeRolePolicyDocument: service('nope.amazonaws.com') }),
      sdk.MalformedPolicyDocumentException,
      'Invalid principal in policy: "SERVICE":"nope.amazonaws.com"',
      400,
    ],
    [
      () =>
        new sdk.TagUserCommand({
          UserName: 'page-0',
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'A', Value: '1' },
          ],
        }),
      sdk.InvalidInputException,
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      400,
    ],
    [
      () =>
        new sdk.CreatePolicyCommand({
          PolicyName: 'p',
          PolicyDocument: textOf(allow('s3:GetObject', `arn:aws:s3:::${'b'.repeat(6_200)}`)),
        }),
      sdk.LimitExceededException,
      'Cannot exceed quota for PolicySize: 6144',
      409,
    ],
    [
      () => new sdk.CreateUserCommand({ UserName: 'a b' }),
      sdk.IAMServiceException,
      'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
      400,
    ],
    [() => new sdk.CreateUserCommand({ UserName: 'a', Path: 'no-slash' }), sdk.IAMServiceException, /path/, 400],
  ])('row %#', async (command, expected, message, status) => {
    // Each row has a command of another type; the client takes them all.
    const error = await thrown(iam.send(command() as sdk.GetUserCommand))
    expect(error).toBeInstanceOf(expected)
    if (!(error instanceof sdk.IAMServiceException)) throw error
    if (typeof message === 'string') expect(error.message).toBe(message)
    else expect(error.message).toMatch(message)
    expect(error.$metadata.httpStatusCode).toBe(status)
    expect(error.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(error.$fault).toBe('client')
  })
})

describe('a user who may nothing', () => {
  test.each([
    ['ListUsers', () => new sdk.ListUsersCommand({}), 'user/'],
    ['ListRoles', () => new sdk.ListRolesCommand({ PathPrefix: '/x/' }), 'role/x/'],
    ['CreateUser', () => new sdk.CreateUserCommand({ UserName: 'x', Path: '/y/' }), 'user/y/x'],
    ['GetUser', () => new sdk.GetUserCommand({ UserName: 'page-0' }), { noun: 'user page-0' }],
    ['GetRole', () => new sdk.GetRoleCommand({ RoleName: 'none' }), { noun: 'role none' }],
    ['DeleteGroup', () => new sdk.DeleteGroupCommand({ GroupName: 'page-0' }), { noun: 'group page-0' }],
    [
      'CreatePolicy',
      () => new sdk.CreatePolicyCommand({ PolicyName: 'x', PolicyDocument: document }),
      { noun: 'policy x' },
    ],
    [
      'GetPolicy',
      () => new sdk.GetPolicyCommand({ PolicyArn: arn('policy/none') }),
      { noun: `policy ${arn('policy/none')}` },
    ],
    [
      'GetInstanceProfile',
      () => new sdk.GetInstanceProfileCommand({ InstanceProfileName: 'x' }),
      { noun: 'instance profile x' },
    ],
    ['GetAccountSummary', () => new sdk.GetAccountSummaryCommand({}), { noun: '*' }],
  ])('%s', async (action, command, resource) => {
    const nobody = (await makeOnce()).iam
    const { message, status } = await refusal(nobody.send(command() as sdk.GetUserCommand))
    expect(status).toBe(403)
    expect(message).toBe(
      `User: ${arn('user/nobody')} is not authorized to perform: iam:${action} on resource: ${
        typeof resource === 'string' ? arn(resource) : resource.noun
      } because no identity-based policy allows the iam:${action} action`,
    )
  })
  let made: Promise<Actor> | undefined
  const makeOnce = () => {
    made ??= makeUser(administrator, 'nobody')
    return made
  }
})

describe('at the end', () => {
  test('the account can be summed up', async () => {
    const { SummaryMap } = await iam.send(new sdk.GetAccountSummaryCommand({}))
    expect(SummaryMap).toMatchObject({ UsersQuota: 5_000, AccessKeysPerUserQuota: 2, AccountAccessKeysPresent: 1 })
    const { Users } = await iam.send(new sdk.ListUsersCommand({ MaxItems: 1_000 }))
    expect(SummaryMap?.Users).toBe(Users?.length)
  })
})
