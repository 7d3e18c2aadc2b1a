import { expect } from 'vitest'
import { refusal } from '../actor.ts'
import { arn, type Rows } from './stage.ts'

export const groups = {
  CreateGroup: async (stage) => {
    const GroupName = stage.name()
    expect((await stage.iam.createGroup({ GroupName, Path: '/p/' })).Group).toEqual({
      Path: '/p/',
      GroupName,
      GroupId: expect.stringMatching(/^AGPA[A-Z0-9]{17}$/),
      Arn: arn(`group/p/${GroupName}`),
      CreateDate: expect.any(Date),
    })
  },

  GetGroup: async (stage) => {
    const GroupName = await stage.group()
    const users = [await stage.user({ Path: '/u/' }), await stage.user()]
    for (const UserName of users) await stage.iam.addUserToGroup({ GroupName, UserName })
    const listed = await stage.pages(
      (part) => stage.iam.getGroup({ GroupName, ...part }),
      ({ Users }) => Users,
    )
    expect(listed.map(({ UserName }) => UserName)).toEqual(users)
    const { Group } = await stage.iam.getGroup({ GroupName })
    expect(Group).toMatchObject({ GroupName, Arn: arn(`group/${GroupName}`), Path: '/' })
  },

  ListGroups: async (stage) => {
    const PathPrefix = `/${stage.name()}/`
    const names = [await stage.group({ Path: PathPrefix }), await stage.group({ Path: PathPrefix })]
    const listed = await stage.pages(
      (part) => stage.iam.listGroups({ PathPrefix, ...part }),
      ({ Groups }) => Groups,
    )
    expect(listed.map(({ GroupName }) => GroupName)).toEqual(names)
  },

  UpdateGroup: async (stage) => {
    const GroupName = await stage.group()
    const { Group } = await stage.iam.getGroup({ GroupName })
    const NewGroupName = stage.name()
    await stage.iam.updateGroup({ GroupName, NewGroupName, NewPath: '/new/' })
    expect((await stage.iam.getGroup({ GroupName: NewGroupName })).Group).toEqual({
      ...Group,
      GroupName: NewGroupName,
      Path: '/new/',
      Arn: arn(`group/new/${NewGroupName}`),
    })
  },

  DeleteGroup: async (stage) => {
    const GroupName = await stage.group()
    await stage.iam.deleteGroup({ GroupName })
    expect((await refusal(stage.iam.getGroup({ GroupName }))).code).toBe('NoSuchEntity')
  },

  AddUserToGroup: async (stage) => {
    const [GroupName, UserName] = [await stage.group(), await stage.user()]
    await stage.iam.addUserToGroup({ GroupName, UserName })
    expect((await stage.iam.getGroup({ GroupName })).Users).toMatchObject([{ UserName }])
  },

  RemoveUserFromGroup: async (stage) => {
    const [GroupName, UserName] = [await stage.group(), await stage.user()]
    await stage.iam.addUserToGroup({ GroupName, UserName })
    await stage.iam.removeUserFromGroup({ GroupName, UserName })
    expect((await stage.iam.getGroup({ GroupName })).Users).toEqual([])
  },
} satisfies Rows
