import type { Random } from '../../base/env.ts'
import { lowerId } from '../../base/id.ts'
import type * as Shape from '../../model/calls/organizations.ts'
import { inOrganization } from '../../state/index-keys.ts'
import { type Handshake, handshakeArn, type Organization } from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import type { Writable } from '../operation.ts'
import { emailOf } from './email.ts'
import { accountOf } from './render.ts'

const days = 24 * 60 * 60_000
/** An answered handshake is told of for as long. */
const kept = 30 * days

/** How long an answer is waited for (AWS Organizations User Guide, "Inviting an account" and "Enabling all features"). */
const patience: Readonly<Record<Handshake['action'], number>> = {
  INVITE: 15 * days,
  ENABLE_ALL_FEATURES: 90 * days,
  APPROVE_ALL_FEATURES: 90 * days,
}

export const stateOf = ({ state, expiresAt }: Handshake, now: number): Shape.HandshakeState =>
  isWaiting(state) && expiresAt <= now ? 'EXPIRED' : state

const isWaiting = (state: Shape.HandshakeState): boolean => state === 'OPEN' || state === 'REQUESTED'

/** Whether it can still be answered. */
export const isOpen = (handshake: Handshake, now: number): boolean => isWaiting(stateOf(handshake, now))

/** Handshakes of an organization that wait for an answer, of one action. */
export const openHandshakes = (
  { state, now }: { readonly state: View; readonly now: number },
  { id }: Organization,
  action: Handshake['action'],
): readonly Handshake[] =>
  state
    .find('handshake', inOrganization(id))
    .filter((handshake) => handshake.action === action && isOpen(handshake, now))

interface Making {
  readonly state: Writable
  readonly now: number
  readonly random: Random
}

type Asked = Pick<Handshake, 'action'> & Partial<Pick<Handshake, 'recipient' | 'email' | 'notes' | 'parent' | 'tags'>>

/** Makes a handshake; those that ended long ago are forgotten. */
export function makeHandshake({ state, now, random }: Making, organization: Organization, asked: Asked): Handshake {
  for (const old of state.find('handshake', inOrganization(organization.id)))
    if (now - (old.endedAt ?? old.expiresAt) > kept) state.remove('handshake', old.id)
  const handshake: Handshake = {
    kind: 'handshake',
    id: lowerId(random, 'h-', 32),
    account: organization.account,
    organization: organization.id,
    // What a member is asked waits for it at once; the managing account's own request first for them.
    state: asked.recipient === undefined && asked.email === undefined ? 'REQUESTED' : 'OPEN',
    requestedAt: now,
    expiresAt: now + patience[asked.action],
    tags: [],
    ...asked,
  }
  state.put(handshake)
  return handshake
}

/** Keeps what became of one. */
export function end({ state, now }: Making, handshake: Handshake, to: Handshake['state']): Handshake {
  const ended = { ...handshake, state: to, endedAt: now }
  state.put(ended)
  return ended
}

export function shownHandshake({ state, now }: { readonly state: View; readonly now: number }, handshake: Handshake) {
  const { account, organization, recipient, email, notes, parent } = handshake
  const manager = accountOf(state, account)
  const asked: Shape.HandshakeParty | undefined =
    email !== undefined
      ? { Id: email, Type: 'EMAIL' }
      : recipient === undefined
        ? undefined
        : { Id: recipient, Type: 'ACCOUNT' }
  const sender: Shape.HandshakeResource = {
    Value: organization,
    Type: 'ORGANIZATION',
    ...(handshake.action === 'INVITE'
      ? {
          Resources: [
            { Type: 'MASTER_EMAIL', Value: emailOf(manager) },
            { Type: 'MASTER_NAME', Value: manager.name },
            { Type: 'ORGANIZATION_FEATURE_SET', Value: state.get('organization', organization)?.features ?? 'ALL' },
          ],
        }
      : {}),
  }
  return {
    Id: handshake.id,
    Arn: handshakeArn(handshake),
    Parties: [{ Id: organization, Type: 'ORGANIZATION' }, ...(asked === undefined ? [] : [asked])],
    State: stateOf(handshake, now),
    RequestedTimestamp: handshake.requestedAt,
    ExpirationTimestamp: handshake.expiresAt,
    Action: handshake.action,
    Resources: [
      sender,
      ...(asked === undefined ? [] : [{ Value: asked.Id, Type: email === undefined ? 'ACCOUNT' : 'EMAIL' } as const]),
      ...(notes === undefined ? [] : [{ Value: notes, Type: 'NOTES' } as const]),
      ...(parent === undefined ? [] : [{ Value: parent, Type: 'PARENT_HANDSHAKE' } as const]),
    ],
  } satisfies Shape.Handshake
}
