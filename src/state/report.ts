/** Who used what, and the reports on it that were asked for. */

/** When something was last done, and in which region. */
export interface Use {
  readonly at: number
  readonly region: string
}

/** What a user, a role or root last did of each of AWS's services, to a quarter of an hour. */
export interface Activity {
  readonly kind: 'activity'
  /** `AIDA…`, `AROA…`, or the account's for root. */
  readonly id: string
  readonly account: string
  /** By service prefix, and by the name of the action. */
  readonly services: Readonly<Record<string, Readonly<Record<string, Use>>>>
}

/** The last report on an account's credentials. */
export interface CredentialReport {
  readonly kind: 'credential-report'
  /** The account. */
  readonly id: string
  readonly account: string
  readonly startedAt: number
  /** CSV. */
  readonly content: string
}

/** What one entity, or several, could use and did use, as it was when somebody asked for it. */
export interface AccessJob {
  readonly kind: 'access-job'
  /** A UUID. */
  readonly id: string
  readonly account: string
  /** Who asked: the unique id of a user, the account of root, or the key of a role's session. Nobody else is told. */
  readonly owner: string
  readonly createdAt: number
  readonly granularity: 'SERVICE_LEVEL' | 'ACTION_LEVEL'
  /** Unique ids of the users and roles that it is about. */
  readonly entities: readonly string[]
  readonly services: readonly ServiceAccess[]
}

export interface ServiceAccess {
  readonly namespace: string
  /** Who used it, by unique id. */
  readonly uses: Readonly<Record<string, Use>>
  /** Actions that are tracked and could be used, by name, with the last use and whose it was; left out where none is tracked. */
  readonly actions?: readonly ActionAccess[]
}

export interface ActionAccess {
  readonly name: string
  readonly used?: Use & { readonly by: string }
}

/** A report on an organization that was asked for. */
export interface OrganizationJob {
  readonly kind: 'organization-job'
  /** A UUID. */
  readonly id: string
  readonly account: string
  /** Who asked, as for an access job. */
  readonly owner: string
  readonly createdAt: number
  /** Services that the organization's policies leave open, with who used them; or why there is no report. */
  readonly outcome:
    | { readonly services: readonly OrganizationAccess[] }
    | { readonly code: string; readonly message: string }
}

export interface OrganizationAccess {
  readonly namespace: string
  /** In how many accounts it was used. */
  readonly accounts: number
  /** When it was last used, and from where in the organization: `o-…/r-…/…/ACCOUNT`. */
  readonly last?: Use & { readonly path: string }
}
