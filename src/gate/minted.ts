import { type Minted, mintedText } from '../audit/minted.ts'
import { stsArn } from '../base/arn.ts'
import { arnOf, rootArn } from '../state/entity.ts'
import type { View } from '../state/view.ts'
import type { SessionClaims } from '../token/session.ts'

/** What the trail keeps of a session that was made. INVARIANT: neither its secret nor what narrows it is in there. */
export function mintedOf(view: View, claims: SessionClaims): string {
  const { accessKeyId, kind, account, principalId, issuedAt, expiresAt, sourceIdentity } = claims
  const minted: Minted = {
    key: accessKeyId,
    kind,
    account,
    principal: principalId,
    arn: arnOfSession(view, claims),
    issuedAt,
    expiresAt,
    revision: claims.revision ?? 0,
    mfa: claims.mfaAt !== undefined,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    tagKeys: (claims.tags ?? []).map(({ key }) => key),
    via: claims.via ?? [],
  }
  return mintedText(minted)
}

/** The ARN of whoever uses it, as it is now: its role or its user was there a moment ago, in this very view. */
function arnOfSession(view: View, { kind, account, principalId, sessionName = '' }: SessionClaims): string {
  if (kind === 'role')
    return stsArn(account, `assumed-role/${view.get('role', principalId)?.name ?? ''}/${sessionName}`)
  if (kind === 'federated') return stsArn(account, `federated-user/${sessionName}`)
  const user = kind === 'user' ? view.get('user', principalId) : undefined
  return user === undefined ? rootArn(account) : arnOf(user)
}
