import type { Role, Tag, User } from '../state/identity.ts'
import type { Vouching } from '../token/issuer.ts'

/** One step of the way to a session: the key that was shown, and whose it was. */
export interface Hop {
  /** `AKIA…` or `ASIA…`; empty for a login, which shows no key. */
  readonly key: string
  /** The unique id of the identity: `AIDA…`, `AROA…`, an account's id for its root; for a login the provider and the subject. */
  readonly identity: string
}

/** What a login leaves in the session that it began. */
export interface Federation {
  /** As a `Federated` principal names it: `aws:FederatedProvider`. */
  readonly provider: string
  /** Condition keys, in lower case, that are still asked about during the session (`<issuer>:sub`, `saml:sub`). */
  readonly keys: Readonly<Record<string, readonly string[]>>
}

/** What temporary credentials carry with them, unsealed. */
export interface Session {
  readonly issuedAt: number
  readonly expiresAt: number
  /** When a second factor was shown, where one was. */
  readonly mfaAt?: number
  readonly inlinePolicy?: string
  readonly policyArns: readonly string[]
  readonly tags: readonly Tag[]
  readonly transitiveTagKeys: readonly string[]
  readonly sourceIdentity?: string
  /** How many role sessions stand behind this one: 0 where a user's long-term key assumed the role. */
  readonly chainDepth: number
  /** How it came to be: the first hop is whoever it began with, the last whoever asked for it. */
  readonly via: readonly Hop[]
  readonly federation?: Federation
}

interface Anyone {
  readonly account: string
  /** As `GetCallerIdentity` shows it. */
  readonly arn: string
  /** `AIDA…`, `AROA…:session`, the account id, or `account:name`: the value of `aws:userid`. */
  readonly userId: string
  readonly accessKeyId: string
}

/** Who signs a request. A caller is live: the entities are those of the state that the request is answered from. */
export type Signer =
  | (Anyone & { readonly kind: 'root'; readonly session?: Session })
  | (Anyone & { readonly kind: 'user'; readonly user: User; readonly session?: Session })
  | (Anyone & {
      readonly kind: 'role-session'
      readonly role: Role
      readonly sessionName: string
      readonly session: Session
    })
  | (Anyone & {
      readonly kind: 'federated-user'
      /** The name that GetFederationToken was asked for. */
      readonly name: string
      /** Who asked; `undefined` where the account's root did. */
      readonly user: User | undefined
      readonly session: Session
    })

interface AnyLogin {
  /** The account whose provider it is. */
  readonly account: string
  /** As a `Federated` principal names it: the ARN of the provider, or the domain of one that AWS knows by itself. */
  readonly provider: string
  /** The URL of the issuer, or the entity id of the SAML provider. */
  readonly issuer: string
  readonly subject: string
  /** The audience that was found good. */
  readonly audience: string
  /** Condition keys, in lower case: what the token says, as a trust policy may ask for it. */
  readonly keys: Readonly<Record<string, readonly string[]>>
  /** Those of them that the session goes on with. */
  readonly lasting: readonly string[]
  readonly tags: readonly Tag[]
  readonly transitiveTagKeys: readonly string[]
  readonly sourceIdentity?: string
  readonly session?: undefined
}

/** What a SAML assertion settles of the session, and by what it is known again. Times are milliseconds since the epoch. */
export interface AssertedSession {
  readonly assertionId: string
  /** When it stops being good for anything, whatever it says itself. */
  readonly redeemableUntil: number
  readonly sessionName: string
  /** The format of the subject's name: `persistent`, `transient`, or a URI. */
  readonly subjectType: string
  /** With the subject, it names a user of a provider of an account, and nobody else. */
  readonly nameQualifier: string
  /** The longest that the session may last, and when it ends at the latest, where the assertion says so. */
  readonly secondsMax?: number
  readonly endsAt?: number
}

/** Who shows the token of an identity provider in the place of a signature. Such a caller can ask for one thing: to become a role. */
export type Login =
  | (AnyLogin & {
      readonly kind: 'web-identity'
      /** How it was known that the keys are the issuer's; nothing where the operator said where they are. */
      readonly vouched?: Vouching
    })
  | (AnyLogin & { readonly kind: 'saml'; readonly asserted: AssertedSession })

/** Who is asking. */
export type Caller = Signer | Login

/**
 * What a request can be signed with, as far as it matters to who may ask for what (IAM User Guide, "Compare AWS STS credentials"): a
 * long-term key of a user or of root, a session of the same without and with a second factor, a session of what was assumed (a role,
 * or another account's root), and one of a federated user.
 */
export const everyCredential = ['key', 'own-session', 'own-session-with-mfa', 'assumed', 'federated-user'] as const
export type Credentials = (typeof everyCredential)[number]

export function credentialsOf(caller: Signer): Credentials {
  if (caller.kind === 'federated-user') return caller.kind
  if (caller.kind === 'role-session') return 'assumed'
  if (caller.session === undefined) return 'key'
  // Whoever asks for a session of their own is the last hop on the way to it.
  if (caller.kind === 'root' && caller.session.via.at(-1)?.identity !== caller.account) return 'assumed'
  return caller.session.mfaAt === undefined ? 'own-session' : 'own-session-with-mfa'
}

/** In a session of AssumeRoot, for one task that another account lends it out for. */
export const isLentRoot = (caller: Signer): boolean => caller.kind === 'root' && credentialsOf(caller) === 'assumed'

export const isLogin = (caller: Caller): caller is Login => caller.kind === 'web-identity' || caller.kind === 'saml'

/** The unique id of the lasting identity behind whoever signs: sessions are their role's, or their user's. */
export function lastingId(caller: Signer): string {
  switch (caller.kind) {
    case 'root':
      return caller.account
    case 'user':
      return caller.user.id
    case 'role-session':
      return caller.role.id
    case 'federated-user':
      return caller.user?.id ?? caller.account
  }
}

/** How the trail, and whoever reads it, tells one login from another: provider, audience and subject. */
export const loginId = ({ provider, audience, subject }: Login): string => `${provider}:${audience}:${subject}`

declare const verified: unique symbol

/**
 * A caller whose signature was checked. INVARIANT: only `gate/authenticate.ts` makes one; everything behind the gate accepts
 * nothing less, so a request that skipped authentication does not compile.
 */
export type Verified = Signer & { readonly [verified]: true }

/** A login whose token was checked. INVARIANT: only `gate/login.ts` makes one, and only operations that are for logins accept it. */
export type VerifiedLogin = Login & { readonly [verified]: true }

/** What the connection tells: the part of the context that is neither caller nor target. */
export interface Connection {
  readonly sourceIp: string
  readonly userAgent?: string
  readonly referer?: string
  readonly secure: boolean
  /** What TLS was agreed upon, and the host that the client meant; nothing on a plain connection. */
  readonly tls?: { readonly version: string; readonly cipher: string; readonly host: string }
  /** The region that the request is signed for; `us-east-1` for the global services. */
  readonly region: string
}
