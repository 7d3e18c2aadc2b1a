import type { Signer } from '../../access/caller.ts'
import { wholeSecond } from '../iam/make.ts'
import { operationsOf } from '../operation.ts'
import { mintCredentials } from './credentials.ts'
import { hopsTo } from './hops.ts'
import { factorOf, offersFactor, spendFactor } from './mfa.ts'

const sts = operationsOf('sts')

const defaultSeconds = 43_200
/** What the root user gets at most, whatever it asks for (STS API Reference, GetSessionToken and GetFederationToken). */
const rootSeconds = 3_600

/** How long a session lasts that somebody with a long-term key asks for, in seconds. */
export const ownSeconds = ({ kind }: Pick<Signer, 'kind'>, asked = defaultSeconds): number =>
  kind === 'root' ? Math.min(asked, rootSeconds) : asked

/** Temporary credentials of the caller's own identity. No permission is needed, and no policy has an effect. */
export const getSessionToken = sts.mint('GetSessionToken', {
  level: 'read',
  spends: offersFactor,
  takes: ['key'],
  check(input, scene) {
    factorOf(scene, input)
  },
  needs: () => [],
  run(scene, input) {
    const { caller, now } = scene
    const subject = {
      kind: caller.kind === 'root' ? 'root' : 'user',
      account: caller.account,
      principalId: caller.userId,
      chainDepth: 0,
      via: hopsTo(caller),
      ...(spendFactor(scene, input) ? { mfaAt: wholeSecond(now) } : {}),
    } as const
    return { Credentials: mintCredentials(scene, subject, ownSeconds(caller, input.DurationSeconds)) }
  },
})
