import type { Random } from '../../base/env.ts'
import { inOrganization } from '../../state/index-keys.ts'
import type { Handshake, Organization } from '../../state/organization.ts'
import { type Failing, operationsOf, type Writable } from '../operation.ts'
import { handshakeViolates } from './fault.ts'
import { end, isOpen, makeHandshake, openHandshakes, shownHandshake } from './handshake.ts'
import { admitted, needOn } from './insider.ts'
import { linkOrganizations } from './linked-role.ts'

const organizations = operationsOf('organizations')

interface Making {
  readonly state: Writable
  readonly now: number
  readonly random: Random
}

/** Whoever was invited must agree to it, each by a handshake of their own; who was created here has agreed already. */
export const enableAllFeatures = organizations.write('EnableAllFeatures', {
  level: 'write',
  needs: (_, scene) => [needOn(scene, 'EnableAllFeatures')],
  run: (scene) => {
    const { state } = scene
    const { organization } = admitted(scene, 'EnableAllFeatures')
    if (organization.features === 'ALL')
      handshakeViolates(
        scene,
        'ORGANIZATION_ALREADY_HAS_ALL_FEATURES',
        'The handshake request is invalid because the organization has already enabled all features.',
      )
    if (openHandshakes(scene, organization, 'ENABLE_ALL_FEATURES').length > 0)
      handshakeViolates(
        scene,
        'ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION',
        'The handshake request is invalid because the organization has already started the process to enable all features.',
      )
    const request = makeHandshake(scene, organization, { action: 'ENABLE_ALL_FEATURES' })
    for (const { account, joined } of state.find('membership', inOrganization(organization.id)))
      if (joined.method === 'INVITED' && account !== organization.account)
        makeHandshake(scene, organization, { action: 'ENABLE_ALL_FEATURES', recipient: account, parent: request.id })
    askForApproval(scene, organization, request)
    return { Handshake: shownHandshake(scene, request) }
  },
})

const partsOf = ({ state }: Pick<Making, 'state'>, request: Handshake): readonly Handshake[] =>
  state.find('handshake', inOrganization(request.organization)).filter(({ parent }) => parent === request.id)

/** Whether everybody has agreed who was asked and is still there. */
const isAgreed = ({ state }: Pick<Making, 'state'>, request: Handshake): boolean =>
  partsOf({ state }, request).every(
    ({ action, recipient, state: answered }) =>
      action !== 'ENABLE_ALL_FEATURES' ||
      answered === 'ACCEPTED' ||
      state.get('membership', recipient ?? '')?.organization !== request.organization,
  )

/** Where everybody has agreed, the managing account is asked to finish it. */
function askForApproval(scene: Making, organization: Organization, request: Handshake): void {
  if (!isAgreed(scene, request)) return
  if (partsOf(scene, request).some(({ action }) => action === 'APPROVE_ALL_FEATURES')) return
  makeHandshake(scene, organization, {
    action: 'APPROVE_ALL_FEATURES',
    recipient: organization.account,
    parent: request.id,
  })
}

/** A member has agreed. */
export function agreed(scene: Making, organization: Organization, { parent }: Handshake): void {
  const request = parent === undefined ? undefined : scene.state.get('handshake', parent)
  if (request !== undefined && isOpen(request, scene.now)) askForApproval(scene, organization, request)
}

/**
 * The managing account finishes it, by the handshake that it was asked to approve or by its own request: AWS's reference names one
 * here and the other there.
 */
export function finalize(
  scene: Making & Failing<'InvalidHandshakeTransitionException'>,
  organization: Organization,
  accepted: Handshake,
): void {
  const { state } = scene
  const request = accepted.parent === undefined ? accepted : state.get('handshake', accepted.parent)
  if (request === undefined) throw new Error(`${accepted.id} is a part of nothing`)
  if (!isAgreed(scene, request))
    scene.fail(
      'InvalidHandshakeTransitionException',
      'Not every invited account has agreed to enabling all features yet.',
    )
  for (const part of [request, ...partsOf(scene, request)]) if (isOpen(part, scene.now)) end(scene, part, 'ACCEPTED')
  state.put({ ...organization, features: 'ALL' })
  for (const { account } of state.find('membership', inOrganization(organization.id))) linkOrganizations(scene, account)
}

/** The managing account calls it off, and with it what it had asked its members. */
export function callOff(scene: Making, request: Handshake): void {
  for (const part of partsOf(scene, request)) if (isOpen(part, scene.now)) end(scene, part, 'CANCELED')
}
