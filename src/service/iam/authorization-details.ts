import type * as Shape from '../../model/calls/iam.ts'
import { managedPolicy } from '../../model/managed.ts'
import { arnOf } from '../../state/entity.ts'
import type { Group, Role, User } from '../../state/identity.ts'
import { inAccount, withRole } from '../../state/index-keys.ts'
import { type Failing, operationsOf } from '../operation.ts'
import type { Place } from './lookup.ts'
import { awsPolicy, type Policy } from './managed.ts'
import { page } from './page.ts'
import {
  boundaryIn,
  encoded,
  groupOf,
  policyInList,
  profileInList,
  roleInFull,
  shownTags,
  userInList,
  versionInList,
} from './render.ts'

const iam = operationsOf('iam')

const types: readonly Shape.EntityType[] = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy']

type Listed =
  | { readonly type: 'User'; readonly it: User }
  | { readonly type: 'Role'; readonly it: Role }
  | { readonly type: 'Group'; readonly it: Group }
  | { readonly type: 'LocalManagedPolicy' | 'AWSManagedPolicy'; readonly it: Policy }

/** Pages go through users, roles, groups and policies in this order, whatever was asked for first. */
const rank: Readonly<Record<Shape.EntityType, number>> = {
  User: 1,
  Role: 2,
  Group: 3,
  LocalManagedPolicy: 4,
  AWSManagedPolicy: 4,
}

export const getAccountAuthorizationDetails = iam.read('GetAccountAuthorizationDetails', {
  level: 'read',
  needs: () => [{ action: 'iam:GetAccountAuthorizationDetails', resource: '*' }],
  run: (scene, input) => {
    const asked = types.filter((type) => !input.Filter?.length || input.Filter.includes(type))
    const { shown, end } = page(
      // QUIRK: marker-and-filter. A marker goes on with the filter that it came with, in whatever order, and with any page size.
      { fail: () => scene.fail('ValidationError', 'Marker and Filter do not match') },
      input,
      `details ${scene.caller.account} ${asked.join(' ')}`,
      listed(scene, new Set(asked)),
      ({ type, it }) => `${rank[type]} ${it.name} ${it.account}`,
    )
    const of = <T extends Listed['type']>(...wanted: readonly T[]) =>
      // Filtered by the type that the rest of the object follows from.
      shown.filter(({ type }) => wanted.includes(type as T)) as Extract<Listed, { readonly type: T }>[]
    return {
      UserDetailList: of('User').map(({ it }) => userDetail(scene, it)),
      GroupDetailList: of('Group').map(({ it }) => groupDetail(it)),
      RoleDetailList: of('Role').map(({ it }) => roleDetail(scene, it)),
      Policies: of('LocalManagedPolicy', 'AWSManagedPolicy').map(({ it }) => policyDetail(scene, it)),
      ...end,
    }
  },
})

/** Of AWS's own policies those that are in use, by who holds them or is bounded by them. */
function listed({ state, caller }: Place, asked: ReadonlySet<Shape.EntityType>): readonly Listed[] {
  const here = inAccount(caller.account)
  const [users, groups, roles] = [state.find('user', here), state.find('group', here), state.find('role', here)]
  const all: Listed[] = []
  if (asked.has('User')) for (const it of users) all.push({ type: 'User', it })
  if (asked.has('Role')) for (const it of roles) all.push({ type: 'Role', it })
  if (asked.has('Group')) for (const it of groups) all.push({ type: 'Group', it })
  if (asked.has('LocalManagedPolicy'))
    for (const it of state.find('policy', here)) all.push({ type: 'LocalManagedPolicy', it })
  if (asked.has('AWSManagedPolicy')) {
    const used = new Set([...users, ...groups, ...roles].flatMap(({ attached }) => attached))
    for (const { boundary } of [...users, ...roles]) if (boundary !== undefined) used.add(boundary)
    for (const arn of used) {
      const policy = managedPolicy(arn)
      if (policy !== undefined) all.push({ type: 'AWSManagedPolicy', it: awsPolicy(policy) })
    }
  }
  return all
}

const inlineOf = ({ inline }: User | Group | Role): readonly Shape.PolicyDetail[] =>
  inline.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encoded(document) }))

const attachedOf = ({ attached }: User | Group | Role): readonly Shape.AttachedPolicy[] =>
  attached.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }))

/** QUIRK: details-of-users. A user without inline policies has no list of them; groups and roles have an empty one. */
const userDetail = ({ state }: Place, user: User): Shape.UserDetail => ({
  ...userInList(user),
  ...(user.inline.length === 0 ? {} : { UserPolicyList: inlineOf(user) }),
  GroupList: user.groups.flatMap((id) => state.get('group', id)?.name ?? []),
  AttachedManagedPolicies: attachedOf(user),
  ...boundaryIn(user),
  Tags: shownTags(user.tags),
})

const groupDetail = (group: Group): Shape.GroupDetail => ({
  ...groupOf(group),
  GroupPolicyList: inlineOf(group),
  AttachedManagedPolicies: attachedOf(group),
})

function roleDetail({ state }: Place, role: Role): Shape.RoleDetail {
  const { Path, RoleName, RoleId, CreateDate, AssumeRolePolicyDocument, RoleLastUsed } = roleInFull(state, role)
  return {
    Path,
    RoleName,
    RoleId,
    Arn: arnOf(role),
    CreateDate,
    AssumeRolePolicyDocument,
    InstanceProfileList: state
      .find('instance-profile', withRole(role.id))
      .map((profile) => profileInList(state, profile)),
    RolePolicyList: inlineOf(role),
    AttachedManagedPolicies: attachedOf(role),
    ...boundaryIn(role),
    Tags: shownTags(role.tags),
    RoleLastUsed,
  }
}

/** QUIRK: details-of-policies. All versions with their documents, newest first, and no description. */
const policyDetail = (place: Place & Failing, policy: Policy): Shape.ManagedPolicyDetail => ({
  ...policyInList(place, policy),
  PolicyVersionList: [...policy.versions]
    .sort((a, b) => Number(b.id.slice(1)) - Number(a.id.slice(1)))
    .map((version) => ({ Document: encoded(version.document), ...versionInList(policy, version) })),
})
