import { organizationsArn } from '../../base/arn.ts'
import { awsOrganizationPolicy } from '../../model/organization-policy.ts'
import type { Tag } from '../../state/identity.ts'
import {
  delegationArn,
  type Handshake,
  handshakeArn,
  type Organization,
  type OrganizationPolicy,
  organizationPolicyArn,
  placeArn,
} from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import type { Place } from '../iam/lookup.ts'
import { emailOf } from './email.ts'

/**
 * What an id of a request names, as policies write it. What does not exist has an ARN too, so that a refusal tells nothing of it; who
 * is in no organization asks for everything.
 */
export function arnIn({ state, caller }: Place, organization: Organization | undefined, id: string): string {
  const handshake = id.startsWith('h-') ? state.get('handshake', id) : undefined
  if (handshake !== undefined && isParty({ state, caller }, handshake)) return handshakeArn(handshake)
  const aws = awsOrganizationPolicy(id)
  if (aws !== undefined) return aws.arn
  if (organization === undefined) return '*'
  const { account } = organization
  if (id.startsWith('h-')) return organizationsArn(account, `handshake/${organization.id}/invite/${id}`)
  if (id.startsWith('rp-')) return delegationArn(organization, id)
  if (!id.startsWith('p-')) return placeArn(organization, id)
  const unknown = { account, organization: organization.id, type: 'SERVICE_CONTROL_POLICY', id }
  return organizationPolicyArn(ownPolicy(state, organization, id) ?? unknown)
}

/** Whether it is the caller's account that is asked: by its id, or by its address. */
export function isAsked({ state, caller }: Place, { recipient, email }: Handshake): boolean {
  if (recipient !== undefined || email === undefined) return recipient === caller.account
  const account = state.get('account', caller.account)
  return account !== undefined && emailOf(account).toLowerCase() === email.toLowerCase()
}

/** Whether a handshake is any of the caller's business. To all others it does not exist. */
export const isParty = (place: Place, handshake: Handshake): boolean =>
  handshake.account === place.caller.account || isAsked(place, handshake)

/** A policy of this organization. Ids of another one's name nothing. */
export function ownPolicy(
  state: View,
  organization: Pick<Organization, 'id'>,
  id: string,
): OrganizationPolicy | undefined {
  const policy = state.get('organization-policy', id)
  return policy?.organization === organization.id ? policy : undefined
}

/** The tags of what an id of a request names; none where it is nothing of this organization. */
export function tagsOfId(state: View, organization: Organization | undefined, id: string): readonly Tag[] {
  if (organization === undefined) return []
  if (id.startsWith('rp-')) return organization.delegation?.id === id ? organization.delegation.tags : []
  const found =
    state.get('organization-unit', id) ?? state.get('membership', id) ?? state.get('organization-policy', id)
  return found?.organization === organization.id ? found.tags : []
}
