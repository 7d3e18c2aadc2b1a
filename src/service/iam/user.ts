import { iamArn } from '../../base/arn.ts'
import { rootArn } from '../../state/entity.ts'
import type { User } from '../../state/identity.ts'
import { inAccount, ownedBy } from '../../state/index-keys.ts'
import { operationsOf } from '../operation.ts'
import { validBoundary } from './boundary.ts'
import { find, type Place, seek } from './lookup.ts'
import { mustBeFree, newborn } from './make.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { userInFull, userInList } from './render.ts'
import { mustBeSomeone, nameOrOwn, onSelf } from './self.ts'
import { validTags } from './tagging.ts'
import { boundedBy, onNamed, onNew, onPath } from './target.ts'

const iam = operationsOf('iam')

export const createUser = iam.write('CreateUser', {
  level: 'write',
  needs: ({ UserName, Path, Tags, PermissionsBoundary }, scene) =>
    onNew(
      scene,
      'CreateUser',
      { kind: 'user', name: UserName, path: Path, tags: Tags },
      { context: boundedBy(PermissionsBoundary) },
    ),
  run: (scene, { UserName, Path, Tags, PermissionsBoundary }) => {
    const tags = validTags(scene, 'folded', Tags)
    const boundary = validBoundary(scene, PermissionsBoundary)
    mustBeFree(scene, 'user', UserName)
    within(scene, 'UsersQuota', scene.state.find('user', inAccount(scene.caller.account)).length + 1)

    const user: User = {
      kind: 'user',
      ...newborn(scene, 'AIDA', UserName, Path),
      tags,
      ...boundary,
      inline: [],
      attached: [],
      groups: [],
    }
    scene.state.put(user)
    return { User: userInFull(user) }
  },
})

export const getUser = iam.read('GetUser', {
  level: 'read',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'GetUser', UserName)],
  run: (scene, { UserName }) => {
    const name = nameOrOwn(scene, UserName)
    if (name === undefined) return { User: rootUser(scene) }
    const user = find(scene, 'user', name)
    return { User: { ...userInFull(user), ...passwordUse(scene, user) } }
  },
})

/** QUIRK: password-last-used. Told by GetUser and ListUsers only, and only of a password that was used. */
function passwordUse({ state }: Pick<Place, 'state'>, { id }: User): { readonly PasswordLastUsed?: number } {
  const usedAt = state.get('login-profile', id)?.usedAt
  return usedAt === undefined ? {} : { PasswordLastUsed: usedAt }
}

/** QUIRK: root-as-user. The root user has neither name nor path: AWS leaves both out, though its model requires them. */
function rootUser({ state, caller: { account } }: Place): ReturnType<typeof userInFull> {
  const shown = { UserId: account, Arn: rootArn(account), CreateDate: state.get('account', account)?.createdAt ?? 0 }
  // The cast stands for the quirk: two members that the type requires are not there.
  return shown as ReturnType<typeof userInFull>
}

export const listUsers = iam.read('ListUsers', {
  level: 'list',
  needs: ({ PathPrefix }, scene) => [onPath(scene, 'ListUsers', 'user', PathPrefix)],
  run: (scene, input) => {
    const { account } = scene.caller
    const users = scene.state
      .find('user', inAccount(account))
      .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
    const { shown, end } = page(scene, input, `users ${account}`, users, ({ name }) => name)
    return { Users: shown.map((user) => ({ ...userInList(user), ...passwordUse(scene, user) })), ...end }
  },
})

export const updateUser = iam.write('UpdateUser', {
  level: 'write',
  needs: ({ UserName, NewUserName, NewPath }, scene) => {
    const from = onNamed(scene, 'UpdateUser', 'user', UserName)
    const user = seek(scene, 'user', UserName)
    const to = iamArn(scene.caller.account, `user${NewPath ?? user?.path ?? '/'}${NewUserName ?? UserName}`)
    // Who may change a user under the old name or path must be allowed to have one under the new.
    return to === from.resource ? [from] : [from, { ...from, resource: to, noun: to }]
  },
  run: (scene, { UserName, NewUserName, NewPath }) => {
    const user = find(scene, 'user', UserName)
    if (NewUserName !== undefined) mustBeFree(scene, 'user', NewUserName, user.id)
    scene.state.put({ ...user, name: NewUserName ?? user.name, path: NewPath ?? user.path })
    return {}
  },
})

export const deleteUser = iam.write('DeleteUser', {
  level: 'write',
  needs: ({ UserName }, scene) => [onNamed(scene, 'DeleteUser', 'user', UserName)],
  run: (scene, { UserName }) => {
    const user = find(scene, 'user', UserName)
    const first = (what: string) => scene.fail('DeleteConflict', `Cannot delete entity, must ${what} first.`)
    if (user.groups.length > 0) first('remove users from group')
    if (scene.state.get('login-profile', user.id) !== undefined) first('delete login profile')
    if (user.attached.length > 0) first('detach all policies')
    if (user.inline.length > 0) first('delete policies')
    if (scene.state.find('access-key', ownedBy(user)).length > 0) first('remove tokens from principal')
    if (scene.state.find('signing-certificate', ownedBy(user)).length > 0) first('delete certificates')
    if (scene.state.find('mfa-device', ownedBy(user)).length > 0) first('delete MFA device')
    if (scene.state.find('ssh-public-key', ownedBy(user)).length > 0) first('remove referenced objects')
    if (scene.state.find('service-credential', ownedBy(user)).length > 0) first('remove referenced objects')
    scene.state.remove('activity', user.id)
    scene.state.remove('user', user.id)
    return {}
  },
})
