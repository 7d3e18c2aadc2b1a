import type { InstanceProfile } from '../../state/identity.ts'
import { inAccount, withRole } from '../../state/index-keys.ts'
import { operationsOf } from '../operation.ts'
import { mustBeOurs } from './holder.ts'
import { find } from './lookup.ts'
import { mustBeFree, newborn } from './make.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { profileInFull, profileInList, profileWhenMade } from './render.ts'
import { validTags } from './tagging.ts'
import { onNamed, onNew, onPath } from './target.ts'

const iam = operationsOf('iam')

export const createInstanceProfile = iam.write('CreateInstanceProfile', {
  level: 'write',
  needs: ({ InstanceProfileName, Path, Tags }, scene) =>
    onNew(scene, 'CreateInstanceProfile', {
      kind: 'instance-profile',
      name: InstanceProfileName,
      path: Path,
      tags: Tags,
    }),
  run: (scene, { InstanceProfileName, Path, Tags }) => {
    const tags = validTags(scene, 'exact', Tags)
    mustBeFree(scene, 'instance-profile', InstanceProfileName)
    const profiles = scene.state.find('instance-profile', inAccount(scene.caller.account))
    within(scene, 'InstanceProfilesQuota', profiles.length + 1)
    const born = newborn(scene, 'AIPA', InstanceProfileName, Path)
    const profile: InstanceProfile = { kind: 'instance-profile', ...born, tags }
    scene.state.put(profile)
    return { InstanceProfile: profileWhenMade(scene.state, profile) }
  },
})

export const getInstanceProfile = iam.read('GetInstanceProfile', {
  level: 'read',
  needs: ({ InstanceProfileName }, scene) => [
    onNamed(scene, 'GetInstanceProfile', 'instance-profile', InstanceProfileName),
  ],
  run: (scene, { InstanceProfileName }) => ({
    InstanceProfile: profileInFull(scene.state, find(scene, 'instance-profile', InstanceProfileName)),
  }),
})

export const listInstanceProfiles = iam.read('ListInstanceProfiles', {
  level: 'list',
  needs: ({ PathPrefix }, scene) => [onPath(scene, 'ListInstanceProfiles', 'instance-profile', PathPrefix)],
  run: (scene, input) => {
    const { account } = scene.caller
    const profiles = scene.state
      .find('instance-profile', inAccount(account))
      .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
    const { shown, end } = page(scene, input, `instance-profiles ${account}`, profiles, ({ name }) => name)
    return { InstanceProfiles: shown.map((profile) => profileInList(scene.state, profile)), ...end }
  },
})

export const listInstanceProfilesForRole = iam.read('ListInstanceProfilesForRole', {
  level: 'list',
  needs: ({ RoleName }, scene) => [onNamed(scene, 'ListInstanceProfilesForRole', 'role', RoleName)],
  run: (scene, input) => {
    const role = find(scene, 'role', input.RoleName)
    const profiles = scene.state.find('instance-profile', withRole(role.id))
    const { shown, end } = page(scene, input, `instance-profiles of ${role.id}`, profiles, ({ name }) => name)
    return { InstanceProfiles: shown.map((profile) => profileInList(scene.state, profile)), ...end }
  },
})

export const deleteInstanceProfile = iam.write('DeleteInstanceProfile', {
  level: 'write',
  needs: ({ InstanceProfileName }, scene) => [
    onNamed(scene, 'DeleteInstanceProfile', 'instance-profile', InstanceProfileName),
  ],
  run: (scene, { InstanceProfileName }) => {
    const profile = find(scene, 'instance-profile', InstanceProfileName)
    if (profile.role !== undefined)
      scene.fail('DeleteConflict', 'Cannot delete entity, must remove roles from instance profile first.')
    scene.state.remove('instance-profile', profile.id)
    return {}
  },
})

/** Whoever puts a role where an instance will take it up hands on the role's permissions: that is passing it to EC2. */
export const addRoleToInstanceProfile = iam.write('AddRoleToInstanceProfile', {
  level: 'write',
  needs: ({ InstanceProfileName, RoleName }, scene) => {
    const { noun: _, ...passed } = onNamed(scene, 'PassRole', 'role', RoleName)
    return [
      onNamed(scene, 'AddRoleToInstanceProfile', 'instance-profile', InstanceProfileName),
      { ...passed, context: { 'iam:PassedToService': ['ec2.amazonaws.com'] } },
    ]
  },
  run: (scene, { InstanceProfileName, RoleName }) => {
    const profile = find(scene, 'instance-profile', InstanceProfileName)
    const role = find(scene, 'role', RoleName)
    mustBeOurs(scene, role)
    // QUIRK: one-role-per-profile. The role that is already there is one too many as well.
    within(scene, 'RolesPerInstanceProfile', profile.role === undefined ? 1 : 2)
    scene.state.put({ ...profile, role: role.id })
    return {}
  },
})

export const removeRoleFromInstanceProfile = iam.write('RemoveRoleFromInstanceProfile', {
  level: 'write',
  needs: ({ InstanceProfileName }, scene) => [
    onNamed(scene, 'RemoveRoleFromInstanceProfile', 'instance-profile', InstanceProfileName),
  ],
  run: (scene, { InstanceProfileName, RoleName }) => {
    const profile = find(scene, 'instance-profile', InstanceProfileName)
    const role = find(scene, 'role', RoleName)
    mustBeOurs(scene, role)
    if (profile.role !== role.id)
      scene.fail('NoSuchEntity', `Role ${RoleName} in Instance Profile ${InstanceProfileName} cannot be found.`)
    const { role: _, ...empty } = profile
    scene.state.put(empty)
    return {}
  },
})
