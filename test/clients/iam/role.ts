import { expect } from 'vitest'
import { refusal, textOf, trusting } from '../actor.ts'
import { arn, home, type Rows, Tags, trust, waited } from './stage.ts'

const bounded = (PermissionsBoundaryArn: string) => ({ PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn })

export const roles = {
  CreateRole: async (stage) => {
    const PermissionsBoundary = await stage.policy()
    const RoleName = stage.name()
    const { Role } = await stage.iam.createRole({
      RoleName,
      Path: '/p/',
      AssumeRolePolicyDocument: trust,
      Description: 'what it is for',
      MaxSessionDuration: 7200,
      PermissionsBoundary,
      Tags,
    })
    expect(Role).toEqual({
      Path: '/p/',
      RoleName,
      RoleId: expect.stringMatching(/^AROA[A-Z0-9]{17}$/),
      Arn: arn(`role/p/${RoleName}`),
      CreateDate: expect.any(Date),
      AssumeRolePolicyDocument: encodeURIComponent(trust),
      PermissionsBoundary: bounded(PermissionsBoundary),
      Tags,
    })
    // What its answer does not tell is kept all the same.
    expect((await stage.iam.getRole({ RoleName })).Role).toMatchObject({
      Description: 'what it is for',
      MaxSessionDuration: 7200,
    })
  },

  GetRole: async (stage) => {
    const PermissionsBoundary = await stage.policy()
    const RoleName = await stage.role({ Description: 'words', PermissionsBoundary, Tags })
    expect((await stage.iam.getRole({ RoleName })).Role).toEqual({
      Path: '/',
      RoleName,
      RoleId: expect.any(String),
      Arn: arn(`role/${RoleName}`),
      CreateDate: expect.any(Date),
      AssumeRolePolicyDocument: encodeURIComponent(trust),
      Description: 'words',
      MaxSessionDuration: 3600,
      PermissionsBoundary: bounded(PermissionsBoundary),
      Tags,
      RoleLastUsed: {},
    })
    await (await stage.session(RoleName)).listUsers({}).catch(() => undefined)
    await expect
      .poll(async () => (await stage.iam.getRole({ RoleName })).Role?.RoleLastUsed)
      .toEqual({ LastUsedDate: expect.any(Date), Region: 'us-east-1' })
  },

  ListRoles: async (stage) => {
    const PathPrefix = `/${stage.name()}/`
    const names = [
      await stage.role({ Path: PathPrefix, Description: 'words' }),
      await stage.role({ Path: `${PathPrefix}deep/` }),
    ]
    const listed = await stage.pages(
      (part) => stage.iam.listRoles({ PathPrefix, ...part }),
      ({ Roles }) => Roles,
    )
    expect(listed.map(({ RoleName }) => RoleName)).toEqual(names)
    expect(listed[0]).toMatchObject({ Description: 'words', MaxSessionDuration: 3600 })
  },

  UpdateRole: async (stage) => {
    const RoleName = await stage.role()
    await stage.iam.updateRole({ RoleName, Description: 'later', MaxSessionDuration: 43200 })
    expect((await stage.iam.getRole({ RoleName })).Role).toMatchObject({
      Description: 'later',
      MaxSessionDuration: 43200,
    })
  },

  UpdateRoleDescription: async (stage) => {
    const PermissionsBoundary = await stage.policy()
    const RoleName = await stage.role({ PermissionsBoundary, Tags })
    const { Role } = await stage.iam.updateRoleDescription({ RoleName, Description: 'later' })
    expect(Role).toMatchObject({ RoleName, Description: 'later' })
    expect((await stage.iam.getRole({ RoleName })).Role?.Description).toBe('later')
  },

  UpdateAssumeRolePolicy: async (stage) => {
    const RoleName = await stage.role()
    const PolicyDocument = textOf(trusting(arn('user/administrator')))
    await stage.iam.updateAssumeRolePolicy({ RoleName, PolicyDocument })
    const { Role } = await stage.iam.getRole({ RoleName })
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(PolicyDocument)
  },

  DeleteRole: async (stage) => {
    const RoleName = await stage.role()
    await stage.iam.deleteRole({ RoleName })
    expect((await refusal(stage.iam.getRole({ RoleName }))).code).toBe('NoSuchEntity')
  },

  CreateServiceLinkedRole: async (stage) => {
    const { Role } = await stage.iam.createServiceLinkedRole({
      AWSServiceName: 'autoscaling.amazonaws.com',
      CustomSuffix: 'one',
      Description: 'words',
    })
    expect(Role).toMatchObject({
      Path: '/aws-service-role/autoscaling.amazonaws.com/',
      RoleName: 'AWSServiceRoleForAutoScaling_one',
      Arn: arn('role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_one'),
    })
    expect((await stage.iam.getRole({ RoleName: Role?.RoleName })).Role?.Description).toBe('words')
  },

  DeleteServiceLinkedRole: async (stage) => {
    await stage.iam.createServiceLinkedRole({ AWSServiceName: 'ecs.amazonaws.com' })
    const RoleName = 'AWSServiceRoleForECS'
    const { DeletionTaskId } = await stage.iam.deleteServiceLinkedRole({ RoleName })
    expect(DeletionTaskId).toMatch(/^task\/aws-service-role\/ecs\.amazonaws\.com\/AWSServiceRoleForECS\/[0-9a-f-]{36}$/)
    expect((await refusal(stage.iam.getRole({ RoleName }))).code).toBe('NoSuchEntity')
  },

  GetServiceLinkedRoleDeletionStatus: async (stage) => {
    await stage.iam.createServiceLinkedRole({ AWSServiceName: 'lex.amazonaws.com' })
    const { DeletionTaskId } = await stage.iam.deleteServiceLinkedRole({ RoleName: 'AWSServiceRoleForLexBots' })
    const status = async () => (await stage.iam.getServiceLinkedRoleDeletionStatus({ DeletionTaskId })).Status
    expect(await status()).toBe('IN_PROGRESS')
    expect(await waited(async () => ((await status()) === 'IN_PROGRESS' ? undefined : status()))).toBe('SUCCEEDED')
  },

  CreateInstanceProfile: async (stage) => {
    const InstanceProfileName = stage.name()
    expect((await stage.iam.createInstanceProfile({ InstanceProfileName, Path: '/p/', Tags })).InstanceProfile).toEqual(
      {
        Path: '/p/',
        InstanceProfileName,
        InstanceProfileId: expect.stringMatching(/^AIPA[A-Z0-9]{17}$/),
        Arn: arn(`instance-profile/p/${InstanceProfileName}`),
        CreateDate: expect.any(Date),
        Roles: [],
        Tags,
      },
    )
  },

  GetInstanceProfile: async (stage) => {
    const RoleName = await stage.role({ Description: 'words' })
    const InstanceProfileName = await stage.profile(RoleName, { Tags })
    const { InstanceProfile } = await stage.iam.getInstanceProfile({ InstanceProfileName })
    expect(InstanceProfile).toMatchObject({
      InstanceProfileName,
      Roles: [{ RoleName, AssumeRolePolicyDocument: encodeURIComponent(trust) }],
      Tags,
    })
  },

  ListInstanceProfiles: async (stage) => {
    const PathPrefix = `/${stage.name()}/`
    const RoleName = await stage.role({ Description: 'words' })
    const names = [
      await stage.profile(RoleName, { Path: PathPrefix }),
      await stage.profile(undefined, { Path: PathPrefix }),
    ]
    const listed = await stage.pages(
      (part) => stage.iam.listInstanceProfiles({ PathPrefix, ...part }),
      ({ InstanceProfiles }) => InstanceProfiles,
    )
    expect(listed.map(({ InstanceProfileName }) => InstanceProfileName)).toEqual(names)
    expect(listed.map(({ Roles = [] }) => Roles.map((role) => role.RoleName))).toEqual([[RoleName], []])
  },

  ListInstanceProfilesForRole: async (stage) => {
    const RoleName = await stage.role({ Description: 'words' })
    const names = [await stage.profile(RoleName), await stage.profile(RoleName)]
    await stage.profile(await stage.role())
    const listed = await stage.pages(
      (part) => stage.iam.listInstanceProfilesForRole({ RoleName, ...part }),
      ({ InstanceProfiles }) => InstanceProfiles,
    )
    expect(listed.map(({ InstanceProfileName }) => InstanceProfileName)).toEqual(names)
  },

  AddRoleToInstanceProfile: async (stage) => {
    const [RoleName, InstanceProfileName] = [await stage.role(), await stage.profile()]
    await stage.iam.addRoleToInstanceProfile({ InstanceProfileName, RoleName })
    const { InstanceProfile } = await stage.iam.getInstanceProfile({ InstanceProfileName })
    expect(InstanceProfile?.Roles).toMatchObject([{ RoleName, Arn: `arn:aws:iam::${home}:role/${RoleName}` }])
  },

  RemoveRoleFromInstanceProfile: async (stage) => {
    const RoleName = await stage.role()
    const InstanceProfileName = await stage.profile(RoleName)
    await stage.iam.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName })
    expect((await stage.iam.getInstanceProfile({ InstanceProfileName })).InstanceProfile?.Roles).toEqual([])
  },

  DeleteInstanceProfile: async (stage) => {
    const InstanceProfileName = await stage.profile()
    await stage.iam.deleteInstanceProfile({ InstanceProfileName })
    expect((await refusal(stage.iam.getInstanceProfile({ InstanceProfileName }))).code).toBe('NoSuchEntity')
  },
} satisfies Rows
