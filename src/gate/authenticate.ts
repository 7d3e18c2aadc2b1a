import {
  type Connection,
  type Credentials,
  credentialsOf,
  type Session,
  type Signer,
  type Verified,
} from '../access/caller.ts'
import { endOf } from '../access/liveness.ts'
import { stsArn } from '../base/arn.ts'
import { Fault } from '../base/fault.ts'
import type { Vault } from '../base/sealed.ts'
import type { AccessKey } from '../state/credential.ts'
import { arnOf, rootArn } from '../state/entity.ts'
import type { View } from '../state/view.ts'
import { openSession, type SessionClaims } from '../token/session.ts'
import type { HttpRequest } from '../wire/http.ts'
import { header } from '../wire/http.ts'
import type { Presented } from '../wire/presented.ts'
import { checkScope, checkTime, skewSeconds } from '../wire/scope.ts'
import { type KeyCache, verifySignature } from '../wire/sigv4.ts'
import { secretOf } from './safe.ts'

declare const proven: unique symbol

/** A signature that was checked, and what it was checked with. INVARIANT: only `prove` makes one. */
export interface Proof {
  readonly accessKeyId: string
  readonly claims: SessionClaims | undefined
  readonly region: string
  readonly [proven]: true
}

const invalidToken = () =>
  new Fault('InvalidClientTokenId', 'The security token included in the request is invalid.', 403)

/** The regions' form: `us-east-1`, `us-gov-west-1`, `ap-southeast-2`. New ones keep to it, so no list grows old here. */
const regionForm = /^[a-z]{2,4}(-[a-z]{2,16}){1,3}-\d{1,2}$/

export interface Verifier {
  readonly view: View
  readonly now: number
  readonly keys: KeyCache
  readonly vault: Vault
}

/**
 * Checks a request's signature, in AWS's order: scope, the token's expiry, the token's and the key's existence and pairing,
 * time, signature. Throws the Fault of the first that fails; an unsigned request is `MissingAuthenticationToken`. Throws
 * `CannotOpen` where the secret that it takes cannot be had.
 */
export function prove(
  request: HttpRequest,
  presented: Presented | undefined,
  signingName: string,
  { view, now, keys, vault }: Verifier,
): Proof {
  if (presented === undefined)
    throw new Fault('MissingAuthenticationToken', 'Request is missing Authentication Token', 403)
  refuse(checkScope(presented, { service: signingName, regionValid: (region) => regionForm.test(region) }))
  const claims = claimsOf(view, vault, presented, now)
  // The session's own identity must still be there: a deleted role's sessions end before their signature is looked at.
  if (callerOf(view, presented.accessKeyId, claims) === undefined) throw invalidToken()
  refuse(checkTime(presented, now))
  const secret = claims === undefined ? longTermSecret(view, vault, presented.accessKeyId) : claims.secretAccessKey
  refuse(verifySignature(presented, request, secret, keys))
  // The one place where the brand is given: everything that a proof stands for was checked in the lines above.
  return { accessKeyId: presented.accessKeyId, claims, region: presented.region } as Proof
}

/**
 * The caller that a proof stands for, in the state that the request is answered from. A write asks again on its own draft, so
 * that a key deleted a moment ago does not write. Throws `InvalidClientTokenId` where key, user or role are gone.
 */
export function identify(view: View, proof: Proof): Verified {
  const caller = callerOf(view, proof.accessKeyId, proof.claims)
  if (caller === undefined) throw invalidToken()
  return caller as Verified
}

/**
 * Whether an operation is open to such credentials at all; what is not built yet is as open as its service. Throws what the service
 * says to those who are left outside: to IAM they have no credentials, to STS only the wrong ones.
 */
export function admit(caller: Signer, service: string, name: string, takes: readonly Credentials[]): void {
  if (takes.includes(credentialsOf(caller))) return
  if (service === 'sts') throw new Fault('AccessDenied', `Cannot call ${name} with session credentials`, 403)
  throw new Fault('InvalidClientTokenId', 'The security token included in the request is invalid', 403)
}

/** What the connection tells of a request, signed for that region. */
export function connectionOf(request: HttpRequest, region: string): Connection {
  const userAgent = header(request, 'user-agent')
  const referer = header(request, 'referer')
  return {
    sourceIp: request.sourceIp,
    secure: request.secure,
    region,
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(referer === undefined ? {} : { referer }),
    ...(request.tls === undefined ? {} : { tls: { ...request.tls, host: header(request, 'host') ?? '' } }),
  }
}

function refuse(fault: Fault | undefined): void {
  if (fault !== undefined) throw fault
}

function claimsOf(view: View, vault: Vault, presented: Presented, now: number): SessionClaims | undefined {
  const temporary = presented.accessKeyId.startsWith('ASIA')
  if (presented.token === undefined) {
    if (temporary) throw invalidToken()
    return undefined
  }
  const claims = openSession(presented.token, (id) => {
    const key = view.get('token-key', id)
    return key && secretOf(vault, key)
  })
  // QUIRK: expired-first. An expired token is told as such whatever else is wrong with the request.
  if (claims !== undefined && claims.expiresAt <= now) {
    throw new Fault('ExpiredToken', 'The security token included in the request is expired', 403)
  }
  if (claims === undefined || claims.accessKeyId !== presented.accessKeyId) throw invalidToken()
  // INVARIANT: no session lives longer than it was made for. One that was issued further ahead than a signature may be was made
  // while a clock was wrong, and would live until that time has come, and then as long as it was to.
  if (claims.issuedAt > now + skewSeconds * 1000) throw invalidToken()
  return claims
}

function longTermSecret(view: View, vault: Vault, keyId: string): string {
  const key = view.get('access-key', keyId)
  // The key had a holder a moment ago, in this very view.
  if (key === undefined) throw invalidToken()
  return secretOf(vault, key)
}

function sessionOf(claims: SessionClaims): Session {
  return {
    issuedAt: claims.issuedAt,
    expiresAt: claims.expiresAt,
    policyArns: claims.policyArns ?? [],
    tags: claims.tags ?? [],
    transitiveTagKeys: claims.transitiveTagKeys ?? [],
    chainDepth: claims.chainDepth,
    via: claims.via ?? [],
    ...(claims.federation === undefined ? {} : { federation: claims.federation }),
    ...(claims.mfaAt === undefined ? {} : { mfaAt: claims.mfaAt }),
    ...(claims.inlinePolicy === undefined ? {} : { inlinePolicy: claims.inlinePolicy }),
    ...(claims.sourceIdentity === undefined ? {} : { sourceIdentity: claims.sourceIdentity }),
  }
}

/** INVARIANT: closed-is-closed. Whatever there is in an account, nobody acts in it once it was closed. */
function callerOf(view: View, accessKeyId: string, claims: SessionClaims | undefined): Signer | undefined {
  if (claims === undefined) {
    const key = view.get('access-key', accessKeyId)
    if (key === undefined || key.status !== 'Active') return undefined
    return view.get('account', key.account)?.closedAt === undefined ? keyHolder(view, key) : undefined
  }
  if (endOf(view, claims) !== undefined) return undefined
  const session = sessionOf(claims)
  if (claims.kind === 'federated') return federatedUser(view, accessKeyId, claims, session)
  if (claims.kind !== 'role') return holderOf(view, claims.account, claims.principalId, accessKeyId, session)
  const role = view.get('role', claims.principalId)
  const sessionName = claims.sessionName
  if (role === undefined || sessionName === undefined) return undefined
  return {
    kind: 'role-session',
    account: role.account,
    arn: stsArn(role.account, `assumed-role/${role.name}/${sessionName}`),
    userId: `${role.id}:${sessionName}`,
    accessKeyId,
    role,
    sessionName,
    session,
  }
}

/** A session of GetFederationToken, of the user who asked for it or of the account whose root did. */
function federatedUser(view: View, accessKeyId: string, claims: SessionClaims, session: Session): Signer | undefined {
  const { account, principalId, sessionName: name } = claims
  const user = principalId === account ? undefined : view.get('user', principalId)
  if (name === undefined) return undefined
  return {
    kind: 'federated-user',
    account,
    arn: stsArn(account, `federated-user/${name}`),
    userId: `${account}:${name}`,
    accessKeyId,
    name,
    user,
    session,
  }
}

/** Who each long-term key spoke for when it was last asked, as long as key and user are still those. */
const keyHolders = new WeakMap<AccessKey, Signer>()

/**
 * The holder of a long-term key. INVARIANT: a caller is live. One that is known is handed out again only where the view still
 * has the very same user under it: entities are frozen and replaced whole, so the same object says the same.
 */
function keyHolder(view: View, key: AccessKey): Signer | undefined {
  const known = keyHolders.get(key)
  const same =
    known?.kind === 'user'
      ? view.get('user', known.user.id) === known.user
      : known !== undefined && view.get('account', known.account) !== undefined
  if (same) return known
  const caller = holderOf(view, key.account, key.owner, key.id, undefined)
  if (caller !== undefined) keyHolders.set(key, caller)
  return caller
}

/** A user, or an account's root, by long-term key or by a session of its own. */
function holderOf(
  view: View,
  account: string,
  owner: string,
  accessKeyId: string,
  session: Session | undefined,
): Signer | undefined {
  const temporary = session === undefined ? {} : { session }
  if (owner === account) {
    if (view.get('account', account) === undefined) return undefined
    return { kind: 'root', account, arn: rootArn(account), userId: account, accessKeyId, ...temporary }
  }
  const user = view.get('user', owner)
  if (user === undefined) return undefined
  return { kind: 'user', account, arn: arnOf(user), userId: user.id, accessKeyId, user, ...temporary }
}
