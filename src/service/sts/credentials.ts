import { accessKeyId, secretAccessKey } from '../../base/id.ts'
import type { SessionClaims } from '../../token/session.ts'
import { wholeSecond } from '../iam/make.ts'
import type { MintScene } from '../operation.ts'

/** What a session is about, before it has keys and times. */
export type SessionSubject = Omit<SessionClaims, 'accessKeyId' | 'secretAccessKey' | 'issuedAt' | 'expiresAt'>

/** Makes temporary credentials: a fresh key pair, and the token that holds everything the session is. */
export function mintCredentials(
  scene: Pick<MintScene, 'now' | 'random' | 'seal'>,
  subject: SessionSubject,
  durationSeconds: number,
) {
  // Expiration has whole seconds on the wire; what is told and what is enforced are the same instant. When it was issued is kept to
  // the millisecond, so that sessions before and after a revocation are told apart.
  const issuedAt = scene.now
  const expiresAt = wholeSecond(issuedAt) + durationSeconds * 1000
  const pair = {
    accessKeyId: accessKeyId(scene.random, 'ASIA', subject.account),
    secretAccessKey: secretAccessKey(scene.random),
  }
  return {
    AccessKeyId: pair.accessKeyId,
    SecretAccessKey: pair.secretAccessKey,
    SessionToken: scene.seal({ ...subject, ...pair, issuedAt, expiresAt }),
    Expiration: expiresAt,
  }
}
