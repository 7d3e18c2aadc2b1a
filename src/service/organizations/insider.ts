import type { Need } from '../../access/need.ts'
import { delegationPolicy } from '../../access/organization.ts'
import type { Tag } from '../../state/identity.ts'
import type { Membership, Organization } from '../../state/organization.ts'
import type { Place } from '../iam/lookup.ts'
import type { Failing } from '../operation.ts'
import { arnIn, tagsOfId } from './arn.ts'
import { type Action, audienceOf } from './audience.ts'
import { noAccess } from './fault.ts'

/** An account in its organization. */
export interface Insider {
  readonly organization: Organization
  readonly membership: Membership
}

/** The organization that an account is in, and how it is. */
export function insiderOf({ state, caller }: Place): Insider | undefined {
  const membership = state.get('membership', caller.account)
  if (membership === undefined) return undefined
  const organization = state.get('organization', membership.organization)
  if (organization === undefined) throw new Error(`${membership.id} is in an organization that does not exist`)
  return { organization, membership }
}

export const manages = ({ organization, membership }: Insider): boolean => organization.account === membership.account

/**
 * Whether the organization's resource policy has to let a member do it: where it is for delegates, and where it is for readers and
 * the member is none in its own right.
 */
function byDelegation(insider: Insider, action: Action): boolean {
  if (manages(insider)) return false
  const audience = audienceOf(action)
  return audience === 'delegate' || (audience === 'reader' && insider.membership.delegated.length === 0)
}

/**
 * The caller's account in its organization, where the operation is for such accounts. Throws AWS's refusals of all others. Where the
 * organization's resource policy must let it, the operation's needs have asked it already.
 */
export function admitted(
  scene: Place & Failing<'AWSOrganizationsNotInUseException' | 'AccessDeniedException'>,
  action: Action,
): Insider {
  const insider = insiderOf(scene)
  if (insider === undefined)
    return scene.fail('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.')
  const { organization } = insider
  const shut = audienceOf(action) === 'management' && !manages(insider)
  if (shut || (byDelegation(insider, action) && organization.delegation === undefined))
    scene.fail('AccessDeniedException', noAccess)
  return insider
}

interface About extends Pick<Need, 'context' | 'tagKeys'> {
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined
}

/**
 * What an operation needs, on whatever an id of its request names, or on everything. The account in the ARN is the managing one; a
 * member's own policies are asked alone all the same, but where the organization's resource policy must let it.
 */
export function needOn(place: Place, action: Action, id?: string, about: About = {}): Need {
  const insider = insiderOf(place)
  const { tags, ...rest } = about
  const held: readonly Tag[] = id === undefined ? [] : tagsOfId(place.state, insider?.organization, id)
  const need: Need = {
    action: `organizations:${action}`,
    resource: id === undefined ? '*' : arnIn(place, insider?.organization, id),
    ...(held.length === 0 ? {} : { resourceTags: held }),
    ...(tags === undefined ? {} : { requestTags: tags.map(({ Key, Value }) => ({ key: Key, value: Value })) }),
    ...rest,
  }
  if (insider === undefined || manages(insider)) return { ...need, owner: place.caller.account }
  const { organization } = insider
  const asked = byDelegation(insider, action) && organization.delegation !== undefined
  return asked
    ? { ...need, consent: { account: organization.account, policies: delegationPolicy(organization) } }
    : { ...need, owner: place.caller.account }
}
