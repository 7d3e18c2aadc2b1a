import type { Role, Tag, User } from '../state/entity.ts'

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
}

interface Anyone {
  readonly account: string
  /** As `GetCallerIdentity` shows it. */
  readonly arn: string
  /** `AIDA…`, `AROA…:session`, the account id, or `account:name`: the value of `aws:userid`. */
  readonly userId: string
  readonly accessKeyId: string
}

/** Who is asking. A caller is live: the entities are those of the state that the request is answered from. */
export type Caller =
  | (Anyone & { readonly kind: 'root'; readonly session?: Session })
  | (Anyone & { readonly kind: 'user'; readonly user: User; readonly session?: Session })
  | (Anyone & {
      readonly kind: 'role-session'
      readonly role: Role
      readonly sessionName: string
      readonly session: Session
    })

declare const verified: unique symbol

/**
 * A caller whose signature was checked. INVARIANT: only `gate/authenticate.ts` makes one; everything behind the gate accepts
 * nothing less, so a request that skipped authentication does not compile.
 */
export type Verified = Caller & { readonly [verified]: true }

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
