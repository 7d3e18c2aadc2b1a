/**
 * What the request carries for a condition key: all its values (a single-valued key has one), `null` where the key is
 * known to be absent, `undefined` where nobody told. The key is asked for in lower case, tag keys included.
 */
export type Lookup = (key: string) => readonly string[] | null | undefined

export type PrincipalKind =
  | 'root'
  | 'user'
  | 'role-session'
  | 'federated-user'
  | 'service'
  | 'web-identity'
  | 'saml'
  | 'anonymous'

/** The one who asks, as resource and trust policies see them. */
export interface Principal {
  readonly kind: PrincipalKind
  /** Twelve digits. Absent for services and for the anonymous. */
  readonly account?: string
  /**
   * Most specific first: a session's ARN and then its role's (with path); a user's ARN; the root ARN; a federated user's
   * ARN and then its user's.
   */
  readonly arns: readonly string[]
  /** `AIDA…` or `AROA…` of the user or role, for principals that are pinned or written as an id. */
  readonly uniqueId?: string | undefined
  /** For a service principal: the names that it goes by. */
  readonly services?: readonly string[]
  /** For a web identity or SAML login: the provider, as a `Federated` principal would name it. */
  readonly federated?: string
}

export interface Request {
  readonly principal: Principal
  /** `service:Name`, in any case. */
  readonly action: string
  /** An ARN, or `*` for an action that has no resource. */
  readonly resource: string
  /** Who owns the resource, where it is not told by the resource's own policies. */
  readonly resourceAccount?: string | undefined
  readonly lookup: Lookup
}
