import { expect } from 'vitest'
import { refusal } from '../actor.ts'
import { arn, type Rows, Tags } from './stage.ts'

export const users = {
  CreateUser: async (stage) => {
    const PermissionsBoundary = await stage.policy()
    const UserName = stage.name()
    const { User } = await stage.iam.createUser({ UserName, Path: '/p/', PermissionsBoundary, Tags })
    expect(User).toEqual({
      Path: '/p/',
      UserName,
      UserId: expect.stringMatching(/^AIDA[A-Z0-9]{17}$/),
      Arn: arn(`user/p/${UserName}`),
      CreateDate: expect.any(Date),
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: PermissionsBoundary },
      Tags,
    })
  },

  GetUser: async (stage) => {
    const PermissionsBoundary = await stage.policy()
    const UserName = stage.name()
    const made = await stage.iam.createUser({ UserName, PermissionsBoundary, Tags })
    expect((await stage.iam.getUser({ UserName })).User).toEqual(made.User)
  },

  ListUsers: async (stage) => {
    const PathPrefix = `/${stage.name()}/`
    const names = [await stage.user({ Path: PathPrefix }), await stage.user({ Path: `${PathPrefix}deep/`, Tags })]
    const listed = await stage.pages(
      (part) => stage.iam.listUsers({ PathPrefix, ...part }),
      ({ Users }) => Users,
    )
    expect(listed.map(({ UserName }) => UserName)).toEqual(names)
    expect(Object.keys(listed[0] ?? {}).sort()).toEqual(['Arn', 'CreateDate', 'Path', 'UserId', 'UserName'])
  },

  UpdateUser: async (stage) => {
    const UserName = await stage.user()
    const before = await stage.iam.getUser({ UserName })
    const NewUserName = stage.name()
    await stage.iam.updateUser({ UserName, NewUserName, NewPath: '/new/' })
    expect((await stage.iam.getUser({ UserName: NewUserName })).User).toEqual({
      ...before.User,
      UserName: NewUserName,
      Path: '/new/',
      Arn: arn(`user/new/${NewUserName}`),
    })
  },

  DeleteUser: async (stage) => {
    const UserName = await stage.user()
    await stage.iam.deleteUser({ UserName })
    expect((await refusal(stage.iam.getUser({ UserName }))).code).toBe('NoSuchEntity')
  },

  ListGroupsForUser: async (stage) => {
    const UserName = await stage.user()
    const groups = [await stage.group({ Path: '/g/' }), await stage.group()]
    for (const GroupName of groups) await stage.iam.addUserToGroup({ GroupName, UserName })
    const listed = await stage.pages(
      (part) => stage.iam.listGroupsForUser({ UserName, ...part }),
      ({ Groups }) => Groups,
    )
    expect(listed.map(({ GroupName }) => GroupName)).toEqual(groups)
    expect(listed[0]).toEqual((await stage.iam.getGroup({ GroupName: groups[0] })).Group)
  },

  CreateAccessKey: async (stage) => {
    const UserName = await stage.user()
    expect((await stage.iam.createAccessKey({ UserName })).AccessKey).toEqual({
      UserName,
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z0-9]{16}$/),
      Status: 'Active',
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9/+]{40}$/),
      CreateDate: expect.any(Date),
    })
  },

  ListAccessKeys: async (stage) => {
    const UserName = await stage.user()
    const made = [await stage.iam.createAccessKey({ UserName }), await stage.iam.createAccessKey({ UserName })]
    const listed = await stage.pages(
      (part) => stage.iam.listAccessKeys({ UserName, ...part }),
      ({ AccessKeyMetadata }) => AccessKeyMetadata,
    )
    const shown = made.map(({ AccessKey }) => ({ ...AccessKey, SecretAccessKey: undefined }))
    expect(listed).toEqual(expect.arrayContaining(shown))
    expect(listed).toHaveLength(2)
  },

  GetAccessKeyLastUsed: async (stage) => {
    const UserName = await stage.user()
    const keyed = await stage.keyed(UserName, 'iam:*')
    const [key] = (await keyed.listAccessKeys({})).AccessKeyMetadata ?? []
    const { AccessKeyId } = key ?? {}
    await expect
      .poll(async () => (await stage.iam.getAccessKeyLastUsed({ AccessKeyId })).AccessKeyLastUsed?.LastUsedDate)
      .toEqual(expect.any(Date))
    expect(await stage.iam.getAccessKeyLastUsed({ AccessKeyId })).toMatchObject({
      UserName,
      AccessKeyLastUsed: { Region: 'us-east-1', ServiceName: 'iam' },
    })
  },

  UpdateAccessKey: async (stage) => {
    const UserName = await stage.user()
    const { AccessKey: { AccessKeyId } = {} } = await stage.iam.createAccessKey({ UserName })
    await stage.iam.updateAccessKey({ UserName, AccessKeyId, Status: 'Inactive' })
    expect((await stage.iam.listAccessKeys({ UserName })).AccessKeyMetadata).toMatchObject([
      { AccessKeyId, Status: 'Inactive' },
    ])
  },

  DeleteAccessKey: async (stage) => {
    const UserName = await stage.user()
    const { AccessKey: { AccessKeyId } = {} } = await stage.iam.createAccessKey({ UserName })
    await stage.iam.deleteAccessKey({ UserName, AccessKeyId })
    expect((await stage.iam.listAccessKeys({ UserName })).AccessKeyMetadata).toEqual([])
  },
} satisfies Rows
