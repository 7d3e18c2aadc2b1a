import { everywhere } from '../../state/index-keys.ts'
import { wholeSecond } from '../iam/make.ts'
import { operationsOf, type Writable } from '../operation.ts'
import { checkNamed, idOf, onNamed } from './session-target.ts'
import { openingMilliseconds } from './token-ring.ts'

const rolecall = operationsOf('rolecall')

/**
 * Ends sessions before their time: those of a role or a user, or of a key, and whatever grew out of any of these, in whichever account.
 * Long-term keys are no sessions, and go on; so do sessions that begin afterwards. No node takes an ended session once this is answered.
 */
export const revokeSessions = rolecall.write('RevokeSessions', {
  level: 'permissions',
  check(input, scene) {
    if (!checkNamed(input, scene)) scene.fail('ValidationError', 'Give one of RoleName, UserName and AccessKeyId.')
  },
  needs: (input, scene) => [onNamed('rolecall:RevokeSessions', input, scene)],
  run(scene, input) {
    const { state, caller, now, revision } = scene
    const id = idOf(scene, input)
    if (id === undefined) throw new Error('the check has seen to it that somebody is named')
    state.put({ kind: 'revocation', id, account: caller.account, revision, at: now })
    return { Id: id, Time: wholeSecond(now) }
  },
})

/** Takes away what no living session can be as old as: none lives longer than a token of it can be opened. */
export function dropRevocations({ state, now }: { readonly state: Writable; readonly now: number }): void {
  for (const { id, at } of state.find('revocation', everywhere))
    if (now - at >= openingMilliseconds) state.remove('revocation', id)
}
