import { operationsOf } from '../operation.ts'
import { mintCredentials } from './credentials.ts'
import { refuseUnknownDevice } from './mfa.ts'

const sts = operationsOf('sts')

const defaultSeconds = 43_200
/** What the root user gets, whatever it asks for (STS API Reference, GetSessionToken). */
const rootSeconds = 3_600

/** Temporary credentials of the caller's own identity. No permission is needed, and no policy has an effect. */
export const getSessionToken = sts.mint('GetSessionToken', {
  level: 'read',
  needs: () => [],
  run(scene, { DurationSeconds = defaultSeconds, SerialNumber, TokenCode }) {
    const { caller, fail } = scene
    if (caller.session !== undefined) fail('AccessDenied', 'Cannot call GetSessionToken with session credentials')
    refuseUnknownDevice(scene, SerialNumber, TokenCode)
    const isRoot = caller.kind === 'root'
    return {
      Credentials: mintCredentials(
        scene,
        { kind: isRoot ? 'root' : 'user', account: caller.account, principalId: caller.userId, chainDepth: 0 },
        isRoot ? Math.min(DurationSeconds, rootSeconds) : DurationSeconds,
      ),
    }
  },
})
