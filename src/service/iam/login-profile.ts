import { isLentRoot } from '../../access/caller.ts'
import { forgiven, type Verdict } from '../../base/guesses.ts'
import type { LoginProfile } from '../../state/credential.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf, type WriteScene } from '../operation.ts'
import { find } from './lookup.ts'
import { wholeSecond } from './make.ts'
import { type Owner, ownerOf } from './owner.ts'
import { forbiddenIn, hashesKept, nonconforming, violationOf } from './password.ts'
import { mustBeUserOrLent, onSelf } from './self.ts'
import { onNamed } from './target.ts'

const iam = operationsOf('iam')

function profileOf({ state, fail }: { readonly state: View } & Failing<'NoSuchEntity'>, owner: Owner): LoginProfile {
  return (
    state.get('login-profile', owner.id) ??
    fail('NoSuchEntity', `Login Profile for User ${nameOf(owner)} cannot be found.`)
  )
}

/** Root has no name; a profile must tell one. */
const nameOf = ({ name = 'root' }: Owner): string => name

/** A user's profile with another password, where the account's policy lets it be one. */
function renewed(
  scene: WriteScene<'PasswordPolicyViolation'>,
  profile: LoginProfile,
  password: string,
): Pick<LoginProfile, 'hashes' | 'changedAt'> {
  const { state, passwords, fail } = scene
  const why = violationOf(state, profile.account, password)
  if (why !== undefined) fail('PasswordPolicyViolation', why)
  const policy = state.get('password-policy', profile.account)
  if (passwords.isAny(forbiddenIn(policy, profile), password)) fail('PasswordPolicyViolation', nonconforming)
  const hashes = [passwords.hash(password), ...profile.hashes].slice(0, hashesKept)
  return { hashes, changedAt: wholeSecond(scene.now) }
}

const shown = (owner: Owner, { createdAt, resetRequired }: LoginProfile) => ({
  UserName: nameOf(owner),
  CreateDate: createdAt,
  PasswordResetRequired: resetRequired,
})

export const createLoginProfile = iam.write('CreateLoginProfile', {
  level: 'write',
  check: mustBeUserOrLent,
  needs: ({ UserName }, scene) => [onSelf(scene, 'CreateLoginProfile', UserName)],
  run: (scene, { UserName, Password, PasswordResetRequired = false }) => {
    if (Password === undefined && !isLentRoot(scene.caller))
      return scene.fail(
        'ValidationError',
        "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
      )
    // Root's password is chosen by whoever reads the account's mail: this only says that there may be one.
    if (Password !== undefined && isLentRoot(scene.caller))
      return scene.fail('ValidationError', 'The password must be left out when calling with root credentials')
    const owner = ownerOf(scene, UserName)
    if (scene.state.get('login-profile', owner.id) !== undefined)
      scene.fail('EntityAlreadyExists', `Login Profile for user ${nameOf(owner)} already exists.`)
    const at = wholeSecond(scene.now)
    const none: LoginProfile = {
      kind: 'login-profile',
      id: owner.id,
      account: scene.caller.account,
      createdAt: at,
      changedAt: at,
      hashes: [],
      resetRequired: PasswordResetRequired,
    }
    const profile = Password === undefined ? none : { ...none, ...renewed(scene, none, Password) }
    scene.state.put(profile)
    return { LoginProfile: shown(owner, profile) }
  },
})

export const getLoginProfile = iam.read('GetLoginProfile', {
  level: 'read',
  check: mustBeUserOrLent,
  needs: ({ UserName }, scene) => [onSelf(scene, 'GetLoginProfile', UserName)],
  run: (scene, { UserName }) => {
    const owner = ownerOf(scene, UserName)
    return { LoginProfile: shown(owner, profileOf(scene, owner)) }
  },
})

/** What is left out stays as it is. A password that an administrator sets is held against those before it as well. */
export const updateLoginProfile = iam.write('UpdateLoginProfile', {
  level: 'write',
  needs: ({ UserName }, scene) => [onNamed(scene, 'UpdateLoginProfile', 'user', UserName)],
  run: (scene, { UserName, Password, PasswordResetRequired }) => {
    const profile = profileOf(scene, find(scene, 'user', UserName))
    scene.state.put({
      // Guesses at the password before say nothing of the new one.
      ...(Password === undefined ? profile : { ...forgiven(profile), ...renewed(scene, profile, Password) }),
      resetRequired: PasswordResetRequired ?? profile.resetRequired,
    })
    return {}
  },
})

export const deleteLoginProfile = iam.write('DeleteLoginProfile', {
  level: 'write',
  check: mustBeUserOrLent,
  needs: ({ UserName }, scene) => [onSelf(scene, 'DeleteLoginProfile', UserName)],
  run: (scene, { UserName }) => {
    const profile = profileOf(scene, ownerOf(scene, UserName))
    scene.state.remove('login-profile', profile.id)
    return {}
  },
})

const unfit: Readonly<Record<Exclude<Verdict, 'right'>, string>> = {
  wrong: 'the old password is another one',
  'too many': 'too many wrong passwords were tried, and none is looked at for a while',
}

/** The one operation on a password that its owner performs: nobody else can, and root's is not changed here. */
export const changePassword = iam.write('ChangePassword', {
  level: 'write',
  needs: (_, scene) => [
    scene.caller.kind === 'user'
      ? onSelf(scene, 'ChangePassword', undefined)
      : { action: 'iam:ChangePassword', resource: scene.caller.arn },
  ],
  run: (scene, { OldPassword, NewPassword }) => {
    const { caller, state, passwords, fail } = scene
    if (caller.kind !== 'user') return fail('InvalidUserType', 'Only IAM Users can change their own password')
    const profile = profileOf(scene, caller.user)
    const verdict = passwords.judge(profile, OldPassword)
    if (verdict !== 'right')
      fail('AccessDenied', 'The old password was incorrect.', undefined, {
        missing: [{ account: caller.account, text: unfit[verdict] }],
        hints: [],
      })
    state.put({ ...forgiven(profile), ...renewed(scene, profile, NewPassword), resetRequired: false })
    return {}
  },
})
