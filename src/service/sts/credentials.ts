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
  const id = accessKeyId(scene.random, 'ASIA', subject.account)
  const secret = secretAccessKey(scene.random)
  return {
    AccessKeyId: id,
    SecretAccessKey: secret,
    SessionToken: scene.seal({ accessKeyId: id, secretAccessKey: secret, issuedAt, expiresAt, ...subject }),
    Expiration: expiresAt,
  }
}
