import { isAccountId } from '../../base/arn.ts'
import type { Random } from '../../base/env.ts'
import type * as Shape from '../../model/calls/organizations.ts'
import { inOrganization } from '../../state/index-keys.ts'
import type { Handshake, Organization } from '../../state/organization.ts'
import { type Failing, operationsOf, type Writable } from '../operation.ts'
import { accountAt } from './email.ts'
import { handshakeViolates, invalid, tooManyAccounts, violates } from './fault.ts'
import { makeHandshake, openHandshakes, shownHandshake } from './handshake.ts'
import { admitted, needOn } from './insider.ts'
import { enrol, isFull } from './member.ts'
import { validTags } from './tag.ts'

const organizations = operationsOf('organizations')

const dayMilliseconds = 24 * 60 * 60_000
/** AWS's default. */
const mostInvitationsPerDay = 20

/** Who is meant: an account by its id, or whoever has an address. */
function recipientOf(
  scene: Failing<'InvalidInputException'>,
  { Type, Id }: Shape.HandshakeParty,
): Pick<Handshake, 'recipient' | 'email'> {
  if (Type === 'ORGANIZATION')
    invalid(scene, 'INVALID_PARTY_TYPE_TARGET', 'You specified the wrong type of entity as a party.')
  if (Type === 'EMAIL')
    return /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/.test(Id)
      ? { email: Id }
      : invalid(
          scene,
          'INVALID_EMAIL_ADDRESS_TARGET',
          'You specified an invalid email address for the invited account.',
        )
  return isAccountId(Id)
    ? { recipient: Id }
    : invalid(scene, 'INVALID_PATTERN', 'You provided a value that does not match the required pattern.')
}

const alike = (a: Handshake, b: Partial<Pick<Handshake, 'recipient' | 'email'>>): boolean =>
  a.recipient === b.recipient && a.email?.toLowerCase() === b.email?.toLowerCase()

/** Whether an account exists is not told: one that is nobody's is asked in vain. */
export const inviteAccountToOrganization = organizations.write('InviteAccountToOrganization', {
  level: 'write',
  needs: ({ Target, Tags }, scene) => [
    needOn(scene, 'InviteAccountToOrganization', Target.Type === 'ACCOUNT' ? Target.Id : undefined, { tags: Tags }),
    ...(Tags?.length ? [needOn(scene, 'TagResource', '*', { tags: Tags })] : []),
  ],
  run: (scene, { Target, Notes, Tags }) => {
    const { state, now } = scene
    const { organization } = admitted(scene, 'InviteAccountToOrganization')
    const asked = recipientOf(scene, Target)
    const tags = validTags(scene, Tags)
    const account = asked.email === undefined ? asked.recipient : accountAt(state, asked.email)?.id
    if (state.get('membership', account ?? '')?.organization === organization.id)
      handshakeViolates(
        scene,
        'ALREADY_IN_AN_ORGANIZATION',
        'The invited account is already a member of an organization.',
      )
    if (openHandshakes(scene, organization, 'ENABLE_ALL_FEATURES').length > 0)
      handshakeViolates(
        scene,
        'INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES',
        "You can't issue new invitations to join an organization while it's in the process of enabling all features.",
      )
    const open = openHandshakes(scene, organization, 'INVITE')
    if (open.some((handshake) => alike(handshake, asked)))
      scene.fail('DuplicateHandshakeException', 'A handshake with the same action and target already exists.')
    if (isFull(state, organization, open.length))
      handshakeViolates(scene, 'ACCOUNT_NUMBER_LIMIT_EXCEEDED', tooManyAccounts)
    const today = state
      .find('handshake', inOrganization(organization.id))
      .filter(({ action, requestedAt }) => action === 'INVITE' && now - requestedAt < dayMilliseconds)
    if (today.length >= mostInvitationsPerDay)
      violates(
        scene,
        'HANDSHAKE_RATE_LIMIT_EXCEEDED',
        'You have exceeded the number of handshakes that you can send in one day.',
      )
    const made = makeHandshake(scene, organization, {
      action: 'INVITE',
      ...asked,
      ...(Notes === undefined ? {} : { notes: Notes }),
      tags,
    })
    return { Handshake: shownHandshake(scene, made) }
  },
})

/** The invited account comes in. */
export function join(
  scene: {
    readonly state: Writable
    readonly now: number
    readonly random: Random
  } & Failing<'HandshakeConstraintViolationException'>,
  organization: Organization,
  account: string,
  { tags }: Handshake,
): void {
  if (scene.state.get('membership', account) !== undefined)
    handshakeViolates(
      scene,
      'ALREADY_IN_AN_ORGANIZATION',
      'The provided account is already a member of an organization.',
    )
  // Its own invitation was counted when it was sent.
  if (isFull(scene.state, organization, 0)) handshakeViolates(scene, 'ACCOUNT_NUMBER_LIMIT_EXCEEDED', tooManyAccounts)
  enrol(scene, organization, account, 'INVITED', tags)
}
