import { iamArn } from '../../base/arn.ts'
import type * as Shape from '../../model/calls/iam.ts'
import { arnOf } from '../../state/entity.ts'
import type { Group, InstanceProfile, Role, Tag, User } from '../../state/identity.ts'
import type { PolicyVersion } from '../../state/managed-policy.ts'
import type { View } from '../../state/view.ts'
import type { Place } from './lookup.ts'
import { type Policy, usageOf } from './managed.ts'
import { trustAsRead } from './trust.ts'

/** What every answer about a user shows. QUIRK: lists-are-subsets. Tags and boundary are told only where one user is asked for. */
export const userInList = (user: User) => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: arnOf(user),
  CreateDate: user.createdAt,
})

export const userInFull = (user: User): Shape.User => ({ ...userInList(user), ...boundaryIn(user), ...tagsIn(user) })

export const groupOf = (group: Group): Shape.Group => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: arnOf(group),
  CreateDate: group.createdAt,
})

/** QUIRK: roles-of-profiles. A role as instance profiles show it, without its description: what every answer about one shows. */
const roleCore = (state: View, role: Role) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: arnOf(role),
  CreateDate: role.createdAt,
  AssumeRolePolicyDocument: encoded(trustAsRead(state, role.trust)),
})

/** A role as UpdateRoleDescription shows it: without session length, tags, boundary and last use. */
export const roleInBrief = (state: View, role: Role) => ({
  ...roleCore(state, role),
  ...(role.description === undefined ? {} : { Description: role.description }),
})

export const roleInList = (state: View, role: Role) => ({
  ...roleInBrief(state, role),
  MaxSessionDuration: role.maxSessionSeconds,
})

/** QUIRK: create-role-view. CreateRole tells neither the description nor the session length nor the last use. */
export const roleWhenMade = (state: View, role: Role): Shape.Role => ({
  ...roleCore(state, role),
  ...boundaryIn(role),
  ...tagsIn(role),
})

/** QUIRK: role-last-used. The element is there, and empty, where the role was never used. */
export const roleInFull = (state: View, role: Role): Shape.Role => ({
  ...roleInList(state, role),
  ...boundaryIn(role),
  ...tagsIn(role),
  RoleLastUsed: role.lastUsed === undefined ? {} : { LastUsedDate: role.lastUsed.at, Region: role.lastUsed.region },
})

export function profileInList(state: View, profile: InstanceProfile): Shape.InstanceProfile {
  const role = profile.role === undefined ? undefined : state.get('role', profile.role)
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: arnOf(profile),
    CreateDate: profile.createdAt,
    Roles: role === undefined ? [] : [roleCore(state, role)],
  }
}

export const profileWhenMade = (state: View, profile: InstanceProfile): Shape.InstanceProfile => ({
  ...profileInList(state, profile),
  ...tagsIn(profile),
})

/** QUIRK: empty-tags-of-profiles. GetInstanceProfile has a Tags element also where there are no tags. */
export const profileInFull = (state: View, profile: InstanceProfile): Shape.InstanceProfile => ({
  ...profileInList(state, profile),
  Tags: shownTags(profile.tags),
})

export const policyArn = ({ account, path, name }: Policy): string => iamArn(account, `policy${path}${name}`)

/** QUIRK: create-policy-view. Neither CreatePolicy nor ListPolicies tells the description; only GetPolicy does. */
export function policyInList(place: Place, policy: Policy) {
  const arn = policyArn(policy)
  const usage = usageOf(place, arn)
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: usage.attachments,
    PermissionsBoundaryUsageCount: usage.boundaries,
    IsAttachable: true,
    CreateDate: policy.createdAt,
    UpdateDate: policy.updatedAt,
  }
}

/** QUIRK: empty-tags-of-policies. GetPolicy has a Tags element also where there are no tags. */
export const policyInFull = (place: Place, policy: Policy): Shape.Policy => ({
  ...policyInList(place, policy),
  ...(policy.description === undefined ? {} : { Description: policy.description }),
  Tags: shownTags(policy.tags),
})

export const versionInList = (policy: Policy, version: PolicyVersion) => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersion,
  CreateDate: version.createdAt,
})

export const shownTags = (tags: readonly Tag[]): readonly Shape.Tag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }))

/** QUIRK: no-empty-tags. An entity without tags has no Tags element, except where a reader says otherwise. */
export const tagsIn = ({ tags }: { readonly tags: readonly Tag[] }) =>
  tags.length === 0 ? {} : { Tags: shownTags(tags) }

/** QUIRK: boundary-type-word. The type of a boundary is `Policy`, which AWS's own model does not list. */
export const boundaryIn = ({ boundary }: { readonly boundary?: string }) =>
  boundary === undefined
    ? {}
    : {
        PermissionsBoundary: {
          PermissionsBoundaryType: 'Policy' as Shape.PermissionsBoundaryAttachmentType,
          PermissionsBoundaryArn: boundary,
        },
      }

/**
 * A document as responses carry it: percent-encoded by RFC 3986, of the exact text, so that what holds `%3A` itself comes back
 * encoded twice.
 */
export const encoded = (document: string): string =>
  encodeURIComponent(document).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
