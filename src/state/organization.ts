import { organizationsArn } from '../base/arn.ts'
import type { Tag } from './identity.ts'

/** What an organization is made of (AWS Organizations User Guide, "Terminology and concepts"). Plain and frozen, as every entity. */

/** A service, by its principal, and since when. */
export interface Since {
  readonly service: string
  readonly at: number
}

export interface Organization {
  readonly kind: 'organization'
  /** `o-…` */
  readonly id: string
  /** The account that manages it: whoever founded it. */
  readonly account: string
  readonly features: 'ALL' | 'CONSOLIDATED_BILLING'
  /** Id of its one root. */
  readonly root: string
  readonly createdAt: number
  /** Types of policy that are enabled in the root, as the model names them, in the order of enabling. */
  readonly policyTypes: readonly string[]
  /** Services that may act in all accounts. */
  readonly trusted: readonly Since[]
  /** Who of the members may manage policies, and which. */
  readonly delegation?: {
    /** `rp-…` */
    readonly id: string
    /** The exact text as it was put. */
    readonly document: string
    readonly tags: readonly Tag[]
  }
  /** What IAM may do about the root users of members. */
  readonly rootAccess: readonly ('RootCredentialsManagement' | 'RootSessions')[]
}

/** The root, or an organizational unit under it: a place where accounts are, and where policies hold for all of them. */
export interface OrganizationUnit {
  readonly kind: 'organization-unit'
  /** `r-…` or `ou-…` */
  readonly id: string
  /** The account that manages the organization. */
  readonly account: string
  readonly organization: string
  /** Id of what it is in; the root is in nothing. */
  readonly parent?: string
  readonly name: string
  readonly createdAt: number
  /** Ids of the policies that are attached, in the order of attaching. */
  readonly policies: readonly string[]
  readonly tags: readonly Tag[]
}

/** That an account is in an organization, and where. An account is in one at most. */
export interface Membership {
  readonly kind: 'membership'
  /** The account. */
  readonly id: string
  readonly account: string
  readonly organization: string
  /** Id of the root or unit that it is in. */
  readonly parent: string
  readonly joined: { readonly method: 'INVITED' | 'CREATED'; readonly at: number }
  readonly policies: readonly string[]
  /** Services for which the account stands in for the one that manages the organization. */
  readonly delegated: readonly Since[]
  readonly tags: readonly Tag[]
}

export interface OrganizationPolicy {
  readonly kind: 'organization-policy'
  /** `p-…` */
  readonly id: string
  /** The account that manages the organization. */
  readonly account: string
  readonly organization: string
  /** As the model names it: `SERVICE_CONTROL_POLICY`. */
  readonly type: string
  readonly name: string
  readonly description: string
  /** The exact text as it was put. */
  readonly document: string
  readonly updatedAt: number
  readonly tags: readonly Tag[]
}

/** What one account asks another to agree to. */
export interface Handshake {
  readonly kind: 'handshake'
  /** `h-…` */
  readonly id: string
  /** Who asks: the account that manages the organization. */
  readonly account: string
  readonly organization: string
  readonly action: 'INVITE' | 'ENABLE_ALL_FEATURES' | 'APPROVE_ALL_FEATURES'
  /** As it was when it was last answered. One that is still open ends by itself. */
  readonly state: 'REQUESTED' | 'OPEN' | 'CANCELED' | 'ACCEPTED' | 'DECLINED'
  readonly requestedAt: number
  readonly expiresAt: number
  /** When it was answered. */
  readonly endedAt?: number
  /** The account whose agreement is asked for, where it was named by its id. */
  readonly recipient?: string
  /** How the recipient was named, where that was an address: then it is whoever has that address. */
  readonly email?: string
  readonly notes?: string
  /** What the account is given when it comes. */
  readonly tags: readonly Tag[]
  /** Id of the handshake that this one is a part of. */
  readonly parent?: string
}

/** A request for a new account. */
export interface AccountCreation {
  readonly kind: 'account-creation'
  /** `car-…` */
  readonly id: string
  /** The account that manages the organization. */
  readonly account: string
  readonly organization: string
  readonly name: string
  readonly requestedAt: number
  /** The account that came of it, or why none did. */
  readonly outcome: { readonly created: string } | { readonly failed: string }
}

type Owned = Pick<Organization, 'id' | 'account'>

/** ARNs of an organization's parts (Service Authorization Reference, "Resource types defined by AWS Organizations"). */
export const organizationArn = ({ id, account }: Owned): string => organizationsArn(account, `organization/${id}`)

/** The root, a unit or an account, by its id. */
export function placeArn({ id, account }: Owned, place: string): string {
  const kind = place.startsWith('r-') ? 'root' : place.startsWith('ou-') ? 'ou' : 'account'
  return organizationsArn(account, `${kind}/${id}/${place}`)
}

export const organizationPolicyArn = ({
  account,
  organization,
  type,
  id,
}: Pick<OrganizationPolicy, 'account' | 'organization' | 'type' | 'id'>): string =>
  organizationsArn(account, `policy/${organization}/${type.toLowerCase()}/${id}`)

export const handshakeArn = ({ account, organization, action, id }: Handshake): string =>
  organizationsArn(account, `handshake/${organization}/${action.toLowerCase()}/${id}`)

export const delegationArn = ({ id, account }: Owned, policy: string): string =>
  organizationsArn(account, `resourcepolicy/${id}/${policy}`)
