import type { Need } from '../../access/need.ts'
import type { RevokeSessionsRequest } from '../../model/calls/rolecall.ts'
import type { AccessKey } from '../../state/credential.ts'
import { rootArn } from '../../state/entity.ts'
import { everywhere, ownedBy } from '../../state/index-keys.ts'
import { type Place, seek } from '../iam/lookup.ts'
import { wholeSecond } from '../iam/make.ts'
import { onNamed as onEntity } from '../iam/target.ts'
import { operationsOf, type Scene, type Writable } from '../operation.ts'
import { checkNamed, idOf, onNamed } from './session-target.ts'
import { openingMilliseconds } from './token-ring.ts'

const rolecall = operationsOf('rolecall')

/**
 * Ends sessions before their time: those of a role or a user, or of a key, and whatever grew out of any of these, in whichever account.
 * Long-term keys are no sessions, and go on, unless they are to be deactivated as well: then in the same change, so that none begins
 * another session in between. Sessions that begin afterwards go on. No node takes an ended session once this is answered.
 */
export const revokeSessions = rolecall.write('RevokeSessions', {
  level: 'permissions',
  check(input, scene) {
    if (!checkNamed(input, scene)) scene.fail('ValidationError', 'Give one of RoleName, UserName and AccessKeyId.')
    if (input.DeactivateKeys === true && input.RoleName !== undefined)
      scene.fail('ValidationError', 'A role has no access keys to deactivate.')
  },
  needs: (input, scene) => [onNamed('rolecall:RevokeSessions', input, scene), ...onKeys(input, scene)],
  run(scene, input) {
    const { state, caller, now, revision } = scene
    const id = idOf(scene, input)
    if (id === undefined) throw new Error('the check has seen to it that somebody is named')
    state.put({ kind: 'revocation', id, account: caller.account, revision, at: now })
    const keys = input.DeactivateKeys === true ? activeKeys(scene, input) : []
    for (const key of keys) state.put({ ...key, status: 'Inactive' })
    return { Id: id, Time: wholeSecond(now), DeactivatedKeys: keys.map((key) => key.id) }
  },
})

/** Keys are deactivated by whoever may: of the user, or of root, whose key is named by its id alone. */
function onKeys({ UserName, AccessKeyId, DeactivateKeys }: RevokeSessionsRequest, scene: Scene): readonly Need[] {
  if (DeactivateKeys !== true) return []
  if (UserName !== undefined) return [onEntity(scene, 'UpdateAccessKey', 'user', UserName)]
  const key = AccessKeyId === undefined ? undefined : scene.state.get('access-key', AccessKeyId)
  if (key?.account !== scene.caller.account) return []
  const user = scene.state.get('user', key.owner)
  if (user !== undefined) return [onEntity(scene, 'UpdateAccessKey', 'user', user.name)]
  return [{ action: 'iam:UpdateAccessKey', resource: rootArn(key.account) }]
}

/** Those of the user, or the one that is named; a session's key is none of them. */
function activeKeys(scene: Place, { UserName, AccessKeyId }: RevokeSessionsRequest): readonly AccessKey[] {
  const { state, caller } = scene
  const user = UserName === undefined ? undefined : seek(scene, 'user', UserName)
  const named = AccessKeyId === undefined ? undefined : state.get('access-key', AccessKeyId)
  const keys = user === undefined ? (named === undefined ? [] : [named]) : state.find('access-key', ownedBy(user))
  return keys.filter(({ account, status }) => account === caller.account && status === 'Active')
}

/** Takes away what no living session can be as old as: none lives longer than a token of it can be opened. */
export function dropRevocations({ state, now }: { readonly state: Writable; readonly now: number }): void {
  for (const { id, at } of state.find('revocation', everywhere))
    if (now - at >= openingMilliseconds) state.remove('revocation', id)
}
