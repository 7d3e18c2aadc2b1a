import { expect } from 'vitest'
import { allow, refusal, textOf } from '../actor.ts'
import { arn, document, encoded, type Row, type Rows, type Stage, Tags } from './stage.ts'

const other = textOf(allow('s3:PutObject'))

/** Users, groups and roles hold inline policies in the same words. */
interface Inline {
  readonly put: (PolicyName: string, PolicyDocument: string) => Promise<unknown>
  readonly get: (
    PolicyName: string,
  ) => Promise<{ PolicyName?: string | undefined; PolicyDocument?: string | undefined }>
  readonly list: (part: object) => Promise<{ PolicyNames?: string[] | undefined }>
  readonly delete: (PolicyName: string) => Promise<unknown>
}
const inline = (holder: (stage: Stage) => Promise<Inline>) => {
  const row =
    (play: (held: Inline, stage: Stage) => Promise<unknown>): Row =>
    async (stage) =>
      play(await holder(stage), stage)
  return {
    put: row(async (held) => {
      await held.put('one', document)
      await held.put('one', other)
      expect(await held.get('one')).toMatchObject({ PolicyDocument: encoded(other) })
    }),
    get: row(async (held) => {
      await held.put('one', document)
      const got = await held.get('one')
      expect(got.PolicyDocument).toBe(encoded(document))
      expect(got.PolicyName).toBe('one')
    }),
    list: row(async (held, stage) => {
      for (const name of ['one', 'two']) await held.put(name, document)
      const listed = await stage.pages(
        (part) => held.list(part),
        ({ PolicyNames }) => PolicyNames,
      )
      expect(listed).toEqual(['one', 'two'])
    }),
    delete: row(async (held) => {
      await held.put('one', document)
      await held.delete('one')
      expect((await refusal(held.get('one'))).code).toBe('NoSuchEntity')
    }),
  }
}

const ofUser = inline(async (stage) => {
  const UserName = await stage.user()
  return {
    put: (PolicyName, PolicyDocument) => stage.iam.putUserPolicy({ UserName, PolicyName, PolicyDocument }),
    get: (PolicyName) => stage.iam.getUserPolicy({ UserName, PolicyName }),
    list: (part) => stage.iam.listUserPolicies({ UserName, ...part }),
    delete: (PolicyName) => stage.iam.deleteUserPolicy({ UserName, PolicyName }),
  }
})
const ofGroup = inline(async (stage) => {
  const GroupName = await stage.group()
  return {
    put: (PolicyName, PolicyDocument) => stage.iam.putGroupPolicy({ GroupName, PolicyName, PolicyDocument }),
    get: (PolicyName) => stage.iam.getGroupPolicy({ GroupName, PolicyName }),
    list: (part) => stage.iam.listGroupPolicies({ GroupName, ...part }),
    delete: (PolicyName) => stage.iam.deleteGroupPolicy({ GroupName, PolicyName }),
  }
})
const ofRole = inline(async (stage) => {
  const RoleName = await stage.role()
  return {
    put: (PolicyName, PolicyDocument) => stage.iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument }),
    get: (PolicyName) => stage.iam.getRolePolicy({ RoleName, PolicyName }),
    list: (part) => stage.iam.listRolePolicies({ RoleName, ...part }),
    delete: (PolicyName) => stage.iam.deleteRolePolicy({ RoleName, PolicyName }),
  }
})

/** And have managed ones attached likewise. */
interface Holding {
  readonly attach: (PolicyArn: string) => Promise<unknown>
  readonly list: (part: object) => Promise<{ AttachedPolicies?: { PolicyArn?: string | undefined }[] | undefined }>
  readonly detach: (PolicyArn: string) => Promise<unknown>
}
const attached = (holder: (stage: Stage) => Promise<Holding>) => {
  const row =
    (play: (held: Holding, stage: Stage) => Promise<unknown>): Row =>
    async (stage) =>
      play(await holder(stage), stage)
  return {
    attach: row(async (held, stage) => {
      const PolicyArn = await stage.policy()
      await held.attach(PolicyArn)
      expect((await stage.iam.getPolicy({ PolicyArn })).Policy?.AttachmentCount).toBe(1)
    }),
    list: row(async (held, stage) => {
      const PathPrefix = `/${stage.name()}/`
      const arns = [await stage.policy({ Path: PathPrefix }), await stage.policy({ Path: PathPrefix })]
      for (const PolicyArn of [...arns, await stage.policy()]) await held.attach(PolicyArn)
      const listed = await stage.pages(
        (part) => held.list({ PathPrefix, ...part }),
        ({ AttachedPolicies }) => AttachedPolicies,
      )
      expect(listed).toEqual(
        arns.map((PolicyArn) => ({ PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1), PolicyArn })),
      )
    }),
    detach: row(async (held, stage) => {
      const PolicyArn = await stage.policy()
      await held.attach(PolicyArn)
      await held.detach(PolicyArn)
      expect((await held.list({})).AttachedPolicies).toEqual([])
    }),
  }
}

const onUser = attached(async (stage) => {
  const UserName = await stage.user()
  return {
    attach: (PolicyArn) => stage.iam.attachUserPolicy({ UserName, PolicyArn }),
    list: (part) => stage.iam.listAttachedUserPolicies({ UserName, ...part }),
    detach: (PolicyArn) => stage.iam.detachUserPolicy({ UserName, PolicyArn }),
  }
})
const onGroup = attached(async (stage) => {
  const GroupName = await stage.group()
  return {
    attach: (PolicyArn) => stage.iam.attachGroupPolicy({ GroupName, PolicyArn }),
    list: (part) => stage.iam.listAttachedGroupPolicies({ GroupName, ...part }),
    detach: (PolicyArn) => stage.iam.detachGroupPolicy({ GroupName, PolicyArn }),
  }
})
const onRole = attached(async (stage) => {
  const RoleName = await stage.role()
  return {
    attach: (PolicyArn) => stage.iam.attachRolePolicy({ RoleName, PolicyArn }),
    list: (part) => stage.iam.listAttachedRolePolicies({ RoleName, ...part }),
    detach: (PolicyArn) => stage.iam.detachRolePolicy({ RoleName, PolicyArn }),
  }
})

const versioned = async (stage: Stage) => {
  const PolicyArn = await stage.policy()
  await stage.iam.createPolicyVersion({ PolicyArn, PolicyDocument: other })
  return PolicyArn
}

export const policies = {
  PutUserPolicy: ofUser.put,
  GetUserPolicy: ofUser.get,
  ListUserPolicies: ofUser.list,
  DeleteUserPolicy: ofUser.delete,
  PutGroupPolicy: ofGroup.put,
  GetGroupPolicy: ofGroup.get,
  ListGroupPolicies: ofGroup.list,
  DeleteGroupPolicy: ofGroup.delete,
  PutRolePolicy: ofRole.put,
  GetRolePolicy: ofRole.get,
  ListRolePolicies: ofRole.list,
  DeleteRolePolicy: ofRole.delete,
  AttachUserPolicy: onUser.attach,
  ListAttachedUserPolicies: onUser.list,
  DetachUserPolicy: onUser.detach,
  AttachGroupPolicy: onGroup.attach,
  ListAttachedGroupPolicies: onGroup.list,
  DetachGroupPolicy: onGroup.detach,
  AttachRolePolicy: onRole.attach,
  ListAttachedRolePolicies: onRole.list,
  DetachRolePolicy: onRole.detach,

  PutUserPermissionsBoundary: async (stage) => {
    const [UserName, PermissionsBoundary] = [await stage.user(), await stage.policy()]
    await stage.iam.putUserPermissionsBoundary({ UserName, PermissionsBoundary })
    expect((await stage.iam.getUser({ UserName })).User?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(
      PermissionsBoundary,
    )
  },
  DeleteUserPermissionsBoundary: async (stage) => {
    const UserName = await stage.user({ PermissionsBoundary: await stage.policy() })
    await stage.iam.deleteUserPermissionsBoundary({ UserName })
    expect((await stage.iam.getUser({ UserName })).User?.PermissionsBoundary).toBeUndefined()
  },
  PutRolePermissionsBoundary: async (stage) => {
    const [RoleName, PermissionsBoundary] = [await stage.role(), await stage.policy()]
    await stage.iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary })
    expect((await stage.iam.getRole({ RoleName })).Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(
      PermissionsBoundary,
    )
  },
  DeleteRolePermissionsBoundary: async (stage) => {
    const RoleName = await stage.role({ PermissionsBoundary: await stage.policy() })
    await stage.iam.deleteRolePermissionsBoundary({ RoleName })
    expect((await stage.iam.getRole({ RoleName })).Role?.PermissionsBoundary).toBeUndefined()
  },

  CreatePolicy: async (stage) => {
    const PolicyName = stage.name()
    const given = { PolicyName, Path: '/p/', PolicyDocument: document, Description: 'what it is for', Tags }
    expect((await stage.iam.createPolicy(given)).Policy).toEqual({
      PolicyName,
      PolicyId: expect.stringMatching(/^ANPA[A-Z0-9]{17}$/),
      Arn: arn(`policy/p/${PolicyName}`),
      Path: '/p/',
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      CreateDate: expect.any(Date),
      UpdateDate: expect.any(Date),
      Tags,
    })
  },
  GetPolicy: async (stage) => {
    const PolicyArn = await stage.policy({ Description: 'words', Tags })
    await stage.user({ PermissionsBoundary: PolicyArn })
    expect((await stage.iam.getPolicy({ PolicyArn })).Policy).toMatchObject({
      Arn: PolicyArn,
      Description: 'words',
      PermissionsBoundaryUsageCount: 1,
      AttachmentCount: 0,
      Tags,
    })
  },
  ListPolicies: async (stage) => {
    const PathPrefix = `/${stage.name()}/`
    const arns = [await stage.policy({ Path: PathPrefix }), await stage.policy({ Path: PathPrefix })]
    const [PolicyArn = '', boundary = ''] = arns
    await stage.iam.attachUserPolicy({ UserName: await stage.user({ PermissionsBoundary: boundary }), PolicyArn })
    const asked = { Scope: 'Local', PathPrefix } as const
    const listed = await stage.pages(
      (part) => stage.iam.listPolicies({ ...asked, ...part }),
      ({ Policies }) => Policies,
    )
    expect(listed.map(({ Arn }) => Arn)).toEqual(arns)
    const found = async (more: object) =>
      (await stage.iam.listPolicies({ ...asked, ...more })).Policies?.map(({ Arn }) => Arn)
    expect(await found({ OnlyAttached: true, PolicyUsageFilter: 'PermissionsPolicy' })).toEqual([PolicyArn])
    expect(await found({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual([boundary])
    expect(await found({ Scope: 'AWS' })).toEqual([])
  },
  DeletePolicy: async (stage) => {
    const PolicyArn = await stage.policy()
    await stage.iam.deletePolicy({ PolicyArn })
    expect((await refusal(stage.iam.getPolicy({ PolicyArn }))).code).toBe('NoSuchEntity')
  },

  CreatePolicyVersion: async (stage) => {
    const PolicyArn = await stage.policy()
    const made = await stage.iam.createPolicyVersion({ PolicyArn, PolicyDocument: other, SetAsDefault: true })
    expect(made.PolicyVersion).toEqual({ VersionId: 'v2', IsDefaultVersion: true, CreateDate: expect.any(Date) })
    expect((await stage.iam.getPolicy({ PolicyArn })).Policy?.DefaultVersionId).toBe('v2')
  },
  GetPolicyVersion: async (stage) => {
    const PolicyArn = await versioned(stage)
    const { PolicyVersion } = await stage.iam.getPolicyVersion({ PolicyArn, VersionId: 'v2' })
    expect(PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: false, CreateDate: expect.any(Date) })
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(other)
  },
  ListPolicyVersions: async (stage) => {
    const PolicyArn = await versioned(stage)
    const listed = await stage.pages(
      (part) => stage.iam.listPolicyVersions({ PolicyArn, ...part }),
      ({ Versions }) => Versions,
    )
    expect(listed.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v2', false],
      ['v1', true],
    ])
  },
  SetDefaultPolicyVersion: async (stage) => {
    const PolicyArn = await versioned(stage)
    await stage.iam.setDefaultPolicyVersion({ PolicyArn, VersionId: 'v2' })
    expect((await stage.iam.getPolicy({ PolicyArn })).Policy?.DefaultVersionId).toBe('v2')
  },
  DeletePolicyVersion: async (stage) => {
    const PolicyArn = await versioned(stage)
    await stage.iam.deletePolicyVersion({ PolicyArn, VersionId: 'v2' })
    const { Versions } = await stage.iam.listPolicyVersions({ PolicyArn })
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(['v1'])
  },

  ListEntitiesForPolicy: async (stage) => {
    const PolicyArn = await stage.policy()
    const Path = `/${stage.name()}/`
    const [UserName, GroupName, RoleName] = [
      await stage.user({ Path }),
      await stage.group({ Path }),
      await stage.role({ Path }),
    ]
    const bounded = await stage.user({ PermissionsBoundary: PolicyArn })
    await stage.iam.attachUserPolicy({ UserName, PolicyArn })
    await stage.iam.attachGroupPolicy({ GroupName, PolicyArn })
    await stage.iam.attachRolePolicy({ RoleName, PolicyArn })
    const list = async (more: object) => {
      const { PolicyUsers, PolicyGroups, PolicyRoles } = await stage.iam.listEntitiesForPolicy({ PolicyArn, ...more })
      return [
        PolicyUsers?.map((held) => held.UserName),
        PolicyGroups?.map((held) => held.GroupName),
        PolicyRoles?.map((held) => held.RoleName),
      ]
    }
    expect(await list({ PathPrefix: Path })).toEqual([[UserName], [GroupName], [RoleName]])
    expect(await list({ EntityFilter: 'Group' })).toEqual([[], [GroupName], []])
    expect(await list({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual([[bounded], [], []])
    const all = await stage.pages(
      (part) => stage.iam.listEntitiesForPolicy({ PolicyArn, ...part }),
      ({ PolicyUsers = [], PolicyGroups = [], PolicyRoles = [] }) => [
        ...PolicyGroups.map((held) => held.GroupId),
        ...PolicyUsers.map((held) => held.UserId),
        ...PolicyRoles.map((held) => held.RoleId),
      ],
    )
    expect(new Set(all).size).toBe(4)
  },
} satisfies Rows
