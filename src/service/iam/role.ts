import type { Role } from '../../state/identity.ts'
import { inAccount, withRole } from '../../state/index-keys.ts'
import { operationsOf } from '../operation.ts'
import { validBoundary } from './boundary.ts'
import { isServiceLinkedRole, mustBeOurPath, mustBeOurs } from './holder.ts'
import { find } from './lookup.ts'
import { mustBeFree, newborn } from './make.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { roleInBrief, roleInFull, roleInList, roleWhenMade } from './render.ts'
import { validTags } from './tagging.ts'
import { boundedBy, onNamed, onNew, onPath } from './target.ts'
import { pinnedTrust } from './trust.ts'

const iam = operationsOf('iam')

/** One hour, where a role does not say how long its sessions may be. */
const sessionSeconds = 3600

export const createRole = iam.write('CreateRole', {
  level: 'write',
  needs: ({ RoleName, Path, Tags, PermissionsBoundary }, scene) =>
    onNew(
      scene,
      'CreateRole',
      { kind: 'role', name: RoleName, path: Path, tags: Tags },
      { context: boundedBy(PermissionsBoundary) },
    ),
  run: (scene, input) => {
    const { RoleName, Path, Description, MaxSessionDuration = sessionSeconds } = input
    mustBeOurPath(scene, Path)
    const tags = validTags(scene, 'folded', input.Tags)
    const trust = pinnedTrust(scene, input.AssumeRolePolicyDocument)
    const boundary = validBoundary(scene, input.PermissionsBoundary)
    mustBeFree(scene, 'role', RoleName)
    within(scene, 'RolesQuota', scene.state.find('role', inAccount(scene.caller.account)).length + 1)

    const role: Role = {
      kind: 'role',
      ...newborn(scene, 'AROA', RoleName, Path),
      tags,
      ...boundary,
      ...(Description === undefined ? {} : { description: Description }),
      maxSessionSeconds: MaxSessionDuration,
      trust,
      inline: [],
      attached: [],
    }
    scene.state.put(role)
    return { Role: roleWhenMade(scene.state, role) }
  },
})

export const getRole = iam.read('GetRole', {
  level: 'read',
  needs: ({ RoleName }, scene) => [onNamed(scene, 'GetRole', 'role', RoleName)],
  run: (scene, { RoleName }) => ({ Role: roleInFull(scene.state, find(scene, 'role', RoleName)) }),
})

export const listRoles = iam.read('ListRoles', {
  level: 'list',
  needs: ({ PathPrefix }, scene) => [onPath(scene, 'ListRoles', 'role', PathPrefix)],
  run: (scene, input) => {
    const { account } = scene.caller
    const roles = scene.state
      .find('role', inAccount(account))
      .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
    const { shown, end } = page(scene, input, `roles ${account}`, roles, ({ name }) => name)
    return { Roles: shown.map((role) => roleInList(scene.state, role)), ...end }
  },
})

/** What is not given stays as it is. */
export const updateRole = iam.write('UpdateRole', {
  level: 'write',
  needs: ({ RoleName }, scene) => [onNamed(scene, 'UpdateRole', 'role', RoleName)],
  run: (scene, { RoleName, Description, MaxSessionDuration }) => {
    const role = find(scene, 'role', RoleName)
    if (!isServiceLinkedRole(role)) mustBeOurs(scene, role)
    else if (MaxSessionDuration !== undefined)
      scene.fail(
        'UnmodifiableEntity',
        `${role.name} is an AWS service linked role, max session duration cannot be changed.`,
      )
    scene.state.put({
      ...role,
      ...(Description === undefined ? {} : { description: Description }),
      maxSessionSeconds: MaxSessionDuration ?? role.maxSessionSeconds,
    })
    return {}
  },
})

export const updateRoleDescription = iam.write('UpdateRoleDescription', {
  level: 'write',
  needs: ({ RoleName }, scene) => [onNamed(scene, 'UpdateRoleDescription', 'role', RoleName)],
  run: (scene, { RoleName, Description }) => {
    const role = find(scene, 'role', RoleName)
    if (!isServiceLinkedRole(role)) mustBeOurs(scene, role)
    const changed = { ...role, description: Description }
    scene.state.put(changed)
    return { Role: roleInBrief(scene.state, changed) }
  },
})

export const updateAssumeRolePolicy = iam.write('UpdateAssumeRolePolicy', {
  level: 'permissions',
  needs: ({ RoleName }, scene) => [onNamed(scene, 'UpdateAssumeRolePolicy', 'role', RoleName)],
  run: (scene, { RoleName, PolicyDocument }) => {
    const role = find(scene, 'role', RoleName)
    mustBeOurs(scene, role)
    scene.state.put({ ...role, trust: pinnedTrust(scene, PolicyDocument) })
    return {}
  },
})

/** Sessions of the role end with it: they name its id, which is never given again. */
export const deleteRole = iam.write('DeleteRole', {
  level: 'write',
  needs: ({ RoleName }, scene) => [onNamed(scene, 'DeleteRole', 'role', RoleName)],
  run: (scene, { RoleName }) => {
    const role = find(scene, 'role', RoleName)
    mustBeOurs(scene, role)
    const first = (what: string) => scene.fail('DeleteConflict', `Cannot delete entity, must ${what} first.`)
    if (role.attached.length > 0) first('detach all policies')
    if (role.inline.length > 0) first('delete policies')
    if (scene.state.find('instance-profile', withRole(role.id)).length > 0) first('remove roles from instance profile')
    scene.state.remove('activity', role.id)
    scene.state.remove('role', role.id)
    return {}
  },
})
