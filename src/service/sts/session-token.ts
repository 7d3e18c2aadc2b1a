import { wholeSecond } from '../iam/make.ts'
import { operationsOf } from '../operation.ts'
import { mintCredentials } from './credentials.ts'
import { hopsTo } from './hops.ts'
import { factorOf, offersFactor, spendFactor } from './mfa.ts'

const sts = operationsOf('sts')

const defaultSeconds = 43_200
/** What the root user gets, whatever it asks for (STS API Reference, GetSessionToken). */
const rootSeconds = 3_600

/** Temporary credentials of the caller's own identity. No permission is needed, and no policy has an effect. */
export const getSessionToken = sts.mint('GetSessionToken', {
  level: 'read',
  spends: offersFactor,
  check(input, scene) {
    if (scene.caller.session !== undefined)
      scene.fail('AccessDenied', 'Cannot call GetSessionToken with session credentials')
    factorOf(scene, input)
  },
  needs: () => [],
  run(scene, input) {
    const { caller, now } = scene
    const { DurationSeconds = defaultSeconds } = input
    const isRoot = caller.kind === 'root'
    const subject = {
      kind: isRoot ? 'root' : 'user',
      account: caller.account,
      principalId: caller.userId,
      chainDepth: 0,
      via: hopsTo(caller),
      ...(spendFactor(scene, input) ? { mfaAt: wholeSecond(now) } : {}),
    } as const
    const seconds = isRoot ? Math.min(DurationSeconds, rootSeconds) : DurationSeconds
    return { Credentials: mintCredentials(scene, subject, seconds) }
  },
})
