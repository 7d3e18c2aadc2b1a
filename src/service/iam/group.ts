import { iamArn } from '../../base/arn.ts'
import type { Group } from '../../state/identity.ts'
import { inAccount, memberOf } from '../../state/index-keys.ts'
import { operationsOf } from '../operation.ts'
import { find, seek } from './lookup.ts'
import { mustBeFree, newborn } from './make.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { groupOf, userInList } from './render.ts'
import { onNamed, onNew, onPath } from './target.ts'

const iam = operationsOf('iam')

export const createGroup = iam.write('CreateGroup', {
  level: 'write',
  needs: ({ GroupName, Path }, scene) => onNew(scene, 'CreateGroup', { kind: 'group', name: GroupName, path: Path }),
  run: (scene, { GroupName, Path }) => {
    mustBeFree(scene, 'group', GroupName)
    within(scene, 'GroupsQuota', scene.state.find('group', inAccount(scene.caller.account)).length + 1)
    const group: Group = { kind: 'group', ...newborn(scene, 'AGPA', GroupName, Path), inline: [], attached: [] }
    scene.state.put(group)
    return { Group: groupOf(group) }
  },
})

/** The one reading of a group, and the list of its users, page by page. */
export const getGroup = iam.read('GetGroup', {
  level: 'read',
  needs: ({ GroupName }, scene) => [onNamed(scene, 'GetGroup', 'group', GroupName)],
  run: (scene, input) => {
    const group = find(scene, 'group', input.GroupName)
    const members = scene.state.find('user', memberOf(group))
    const { shown, end } = page(scene, input, `members ${group.id}`, members, ({ name }) => name)
    return { Group: groupOf(group), Users: shown.map(userInList), ...end }
  },
})

export const listGroups = iam.read('ListGroups', {
  level: 'list',
  needs: ({ PathPrefix }, scene) => [onPath(scene, 'ListGroups', 'group', PathPrefix)],
  run: (scene, input) => {
    const { account } = scene.caller
    const groups = scene.state
      .find('group', inAccount(account))
      .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
    const { shown, end } = page(scene, input, `groups ${account}`, groups, ({ name }) => name)
    return { Groups: shown.map(groupOf), ...end }
  },
})

export const updateGroup = iam.write('UpdateGroup', {
  level: 'write',
  needs: ({ GroupName, NewGroupName, NewPath }, scene) => {
    const from = onNamed(scene, 'UpdateGroup', 'group', GroupName)
    const path = NewPath ?? seek(scene, 'group', GroupName)?.path ?? '/'
    const to = iamArn(scene.caller.account, `group${path}${NewGroupName ?? GroupName}`)
    return to === from.resource ? [from] : [from, { ...from, resource: to, noun: to }]
  },
  run: (scene, { GroupName, NewGroupName, NewPath }) => {
    const group = find(scene, 'group', GroupName)
    if (NewGroupName !== undefined) mustBeFree(scene, 'group', NewGroupName, group.id)
    scene.state.put({ ...group, name: NewGroupName ?? group.name, path: NewPath ?? group.path })
    return {}
  },
})

export const deleteGroup = iam.write('DeleteGroup', {
  level: 'write',
  needs: ({ GroupName }, scene) => [onNamed(scene, 'DeleteGroup', 'group', GroupName)],
  run: (scene, { GroupName }) => {
    const group = find(scene, 'group', GroupName)
    const first = (what: string) => scene.fail('DeleteConflict', `Cannot delete entity, must ${what} first.`)
    if (scene.state.find('user', memberOf(group)).length > 0) first('remove users from group')
    if (group.attached.length > 0) first('detach all policies')
    if (group.inline.length > 0) first('delete policies')
    scene.state.remove('group', group.id)
    return {}
  },
})

/** Joining twice is joining once. */
export const addUserToGroup = iam.write('AddUserToGroup', {
  level: 'write',
  needs: ({ GroupName }, scene) => [onNamed(scene, 'AddUserToGroup', 'group', GroupName)],
  run: (scene, { GroupName, UserName }) => {
    const group = find(scene, 'group', GroupName)
    const user = find(scene, 'user', UserName)
    if (user.groups.includes(group.id)) return {}
    within(scene, 'GroupsPerUserQuota', user.groups.length + 1)
    scene.state.put({ ...user, groups: [...user.groups, group.id] })
    return {}
  },
})

/** Leaving a group that one is not in changes nothing. QUIRK: user-before-group. Where neither is there, it is the user who is missed. */
export const removeUserFromGroup = iam.write('RemoveUserFromGroup', {
  level: 'write',
  needs: ({ GroupName }, scene) => [onNamed(scene, 'RemoveUserFromGroup', 'group', GroupName)],
  run: (scene, { GroupName, UserName }) => {
    const user = find(scene, 'user', UserName)
    const group = find(scene, 'group', GroupName)
    if (user.groups.includes(group.id))
      scene.state.put({ ...user, groups: user.groups.filter((id) => id !== group.id) })
    return {}
  },
})

export const listGroupsForUser = iam.read('ListGroupsForUser', {
  level: 'list',
  needs: ({ UserName }, scene) => [onNamed(scene, 'ListGroupsForUser', 'user', UserName)],
  run: (scene, input) => {
    const user = find(scene, 'user', input.UserName)
    const groups = user.groups.flatMap((id) => scene.state.get('group', id) ?? [])
    const { shown, end } = page(scene, input, `groups of ${user.id}`, groups, ({ name }) => name)
    return { Groups: shown.map(groupOf), ...end }
  },
})
