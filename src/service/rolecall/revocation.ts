import type { Need } from '../../access/need.ts'
import type { RevokeSessionsRequest } from '../../model/calls/rolecall.ts'
import type { AccessKey } from '../../state/credential.ts'
import { rootArn } from '../../state/entity.ts'
import { everywhere, ownedBy } from '../../state/index-keys.ts'
import { type Place, seek } from '../iam/lookup.ts'
import { wholeSecond } from '../iam/make.ts'
import { onNamed as onEntity } from '../iam/target.ts'
import { operationsOf, type Scene, type Writable } from '../operation.ts'
import { checkNamed, idOf, nameOne, onNamed } from './session-target.ts'
import { openingMilliseconds } from './token-ring.ts'

const rolecall = operationsOf('rolecall')

/**
 * Ends sessions before their time: those of a role, a user or root, or of a key, and whatever grew out of any of these, in whichever account.
 * Long-term keys are no sessions, and go on, unless they are to be deactivated as well: then in the same change, so that none begins
 * another session in between. Sessions that begin afterwards go on. No node takes an ended session once this is answered.
 */
export const revokeSessions = rolecall.write('RevokeSessions', {
  level: 'permissions',
  check(input, scene) {
    if (!checkNamed(input, scene)) scene.fail('ValidationError', nameOne)
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

/** Keys are deactivated by whoever may: of the user, or of root. */
function onKeys(input: RevokeSessionsRequest, scene: Scene): readonly Need[] {
  if (input.DeactivateKeys !== true) return []
  const { state, caller } = scene
  const { AccessKeyId } = input
  const key = AccessKeyId === undefined ? undefined : state.get('access-key', AccessKeyId)
  const own = key?.account === caller.account ? key : undefined
  const name = input.UserName ?? (own === undefined ? undefined : state.get('user', own.owner)?.name)
  if (name !== undefined) return [onEntity(scene, 'UpdateAccessKey', 'user', name)]
  if (own === undefined && input.RootUser !== true) return []
  return [{ action: 'iam:UpdateAccessKey', resource: rootArn(caller.account) }]
}

/** Those of the user or of root, or the one that is named; a session's key is none of them. */
function activeKeys(place: Place, { UserName, AccessKeyId, RootUser }: RevokeSessionsRequest): readonly AccessKey[] {
  const { state, caller } = place
  const { account } = caller
  const owner =
    RootUser === true ? { account, id: account } : UserName === undefined ? undefined : seek(place, 'user', UserName)
  const named = AccessKeyId === undefined ? undefined : state.get('access-key', AccessKeyId)
  const keys = owner === undefined ? (named === undefined ? [] : [named]) : state.find('access-key', ownedBy(owner))
  return keys.filter((key) => key.account === account && key.status === 'Active')
}

/** Takes away what no living session can be as old as: none lives longer than a token of it can be opened. */
export function dropRevocations({ state, now }: { readonly state: Writable; readonly now: number }): void {
  for (const { id, at } of state.find('revocation', everywhere))
    if (now - at >= openingMilliseconds) state.remove('revocation', id)
}
