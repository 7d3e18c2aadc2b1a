import type * as Shape from '../../model/calls/organizations.ts'
import { addressed, askedOf, inOrganization } from '../../state/index-keys.ts'
import type { Handshake, Organization } from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import type { Place } from '../iam/lookup.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { isAsked, isParty } from './arn.ts'
import { emailOf } from './email.ts'
import { invalid, noAccess } from './fault.ts'
import { agreed, callOff, finalize } from './features.ts'
import { end, isOpen, shownHandshake, stateOf } from './handshake.ts'
import { admitted, needOn } from './insider.ts'
import { join } from './invitation.ts'
import { needsLinking } from './linked-role.ts'
import { paged } from './page.ts'
import { accountOf } from './render.ts'

const organizations = operationsOf('organizations')

/** A handshake of which the caller's account is a party. */
function find(scene: Place & Failing<'HandshakeNotFoundException'>, id: string): Handshake {
  const handshake = scene.state.get('handshake', id)
  return handshake !== undefined && isParty(scene, handshake)
    ? handshake
    : scene.fail('HandshakeNotFoundException', "You specified a handshake that doesn't exist.")
}

type Answering = Place & { readonly now: number } & Failing<
    'InvalidHandshakeTransitionException' | 'HandshakeAlreadyInStateException'
  >

/** Throws AWS's refusal where a handshake cannot become this any more. */
function mustBeOpen(scene: Answering, handshake: Handshake, wanted: Handshake['state']): void {
  if (isOpen(handshake, scene.now)) return
  if (handshake.state === wanted)
    scene.fail('HandshakeAlreadyInStateException', 'The handshake is already in the requested state.')
  const now = stateOf(handshake, scene.now)
  scene.fail(
    'InvalidHandshakeTransitionException',
    `You cannot perform this operation on a handshake that is in the ${now} state.`,
  )
}

/** What it is that the managing account itself has to answer. */
const isOwn = (scene: Place, handshake: Handshake): boolean =>
  handshake.account === scene.caller.account && (isAsked(scene, handshake) || handshake.state === 'REQUESTED')

function organizationOf(state: View, { organization }: Handshake): Organization {
  const found = state.get('organization', organization)
  if (found === undefined) throw new Error(`a handshake of ${organization}, which does not exist`)
  return found
}

export const acceptHandshake = organizations.write('AcceptHandshake', {
  level: 'write',
  needs: ({ HandshakeId }, scene) => {
    const handshake = scene.state.get('handshake', HandshakeId)
    const comes =
      handshake?.action === 'INVITE' &&
      isAsked(scene, handshake) &&
      scene.state.get('organization', handshake.organization)?.features === 'ALL'
    return [needOn(scene, 'AcceptHandshake', HandshakeId), ...(comes ? needsLinking(scene, scene.caller.account) : [])]
  },
  run: (scene, { HandshakeId }) => {
    const { state, caller } = scene
    const handshake = find(scene, HandshakeId)
    const own = isOwn(scene, handshake)
    if (!own && !isAsked(scene, handshake)) scene.fail('AccessDeniedException', noAccess)
    mustBeOpen(scene, handshake, 'ACCEPTED')
    const organization = organizationOf(state, handshake)
    if (handshake.action === 'INVITE') join(scene, organization, caller.account, handshake)
    else if (own) finalize(scene, organization, handshake)
    const accepted = end(scene, handshake, 'ACCEPTED')
    if (handshake.action === 'ENABLE_ALL_FEATURES' && !own) agreed(scene, organization, accepted)
    return { Handshake: shownHandshake(scene, accepted) }
  },
})

export const declineHandshake = organizations.write('DeclineHandshake', {
  level: 'write',
  needs: ({ HandshakeId }, scene) => [needOn(scene, 'DeclineHandshake', HandshakeId)],
  run: (scene, { HandshakeId }) => {
    const handshake = find(scene, HandshakeId)
    if (!isAsked(scene, handshake)) scene.fail('AccessDeniedException', noAccess)
    mustBeOpen(scene, handshake, 'DECLINED')
    return { Handshake: shownHandshake(scene, end(scene, handshake, 'DECLINED')) }
  },
})

export const cancelHandshake = organizations.write('CancelHandshake', {
  level: 'write',
  needs: ({ HandshakeId }, scene) => [needOn(scene, 'CancelHandshake', HandshakeId)],
  run: (scene, { HandshakeId }) => {
    const handshake = find(scene, HandshakeId)
    if (handshake.account !== scene.caller.account) scene.fail('AccessDeniedException', noAccess)
    mustBeOpen(scene, handshake, 'CANCELED')
    callOff(scene, handshake)
    return { Handshake: shownHandshake(scene, end(scene, handshake, 'CANCELED')) }
  },
})

export const describeHandshake = organizations.read('DescribeHandshake', {
  level: 'read',
  needs: ({ HandshakeId }, scene) => [needOn(scene, 'DescribeHandshake', HandshakeId)],
  run: (scene, { HandshakeId }) => ({ Handshake: shownHandshake(scene, find(scene, HandshakeId)) }),
})

/** One filter may be given. */
function filtered(
  scene: Failing<'InvalidInputException'>,
  filter: Shape.HandshakeFilter | undefined,
  handshakes: readonly Handshake[],
): readonly Handshake[] {
  const { ActionType, ParentHandshakeId } = filter ?? {}
  if (ActionType !== undefined && ParentHandshakeId !== undefined)
    invalid(scene, 'MAX_LIMIT_EXCEEDED_FILTER', 'You can specify only one filter parameter for the operation.')
  return handshakes.filter(
    ({ action, parent }) =>
      (ActionType === undefined || action === ActionType) &&
      (ParentHandshakeId === undefined || parent === ParentHandshakeId),
  )
}

export const listHandshakesForAccount = organizations.read('ListHandshakesForAccount', {
  level: 'list',
  needs: (_, scene) => [needOn(scene, 'ListHandshakesForAccount')],
  run: (scene, input) => {
    const { state, caller } = scene
    const { account } = caller
    const found = [
      ...state.find('handshake', askedOf(account)),
      ...state.find('handshake', addressed(emailOf(accountOf(state, account)))),
    ]
    const asked = filtered(scene, input.Filter, found)
    const { shown, end: rest } = paged(scene, input, `handshakes of ${account}`, asked, ({ id }) => id)
    return { Handshakes: shown.map((handshake) => shownHandshake(scene, handshake)), ...rest }
  },
})

export const listHandshakesForOrganization = organizations.read('ListHandshakesForOrganization', {
  level: 'list',
  needs: (_, scene) => [needOn(scene, 'ListHandshakesForOrganization')],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListHandshakesForOrganization')
    const sent = filtered(scene, input.Filter, scene.state.find('handshake', inOrganization(organization.id)))
    const { shown, end: rest } = paged(scene, input, `handshakes from ${organization.id}`, sent, ({ id }) => id)
    return { Handshakes: shown.map((handshake) => shownHandshake(scene, handshake)), ...rest }
  },
})
