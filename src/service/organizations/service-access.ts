import { iamService } from '../../access/organization.ts'
import { isServicePrincipal } from '../../model/principal.ts'
import { inOrganization } from '../../state/index-keys.ts'
import type { Organization } from '../../state/organization.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { invalid, notAllFeatures } from './fault.ts'
import { admitted, needOn } from './insider.ts'
import { paged } from './page.ts'

const organizations = operationsOf('organizations')

/** `organizations:ServicePrincipal` */
export const onService = (service: string | undefined) => ({
  context: { 'organizations:ServicePrincipal': service === undefined ? null : [service] },
})

export function mustBeService(scene: Failing<'InvalidInputException'>, service: string): void {
  if (!isServicePrincipal(service))
    invalid(scene, 'UNRECOGNIZED_SERVICE_PRINCIPAL', 'You specified an unrecognized service principal.')
}

export const isTrusted = ({ trusted }: Organization, service: string): boolean =>
  trusted.some((one) => one.service === service)

/** Enabling what is enabled changes nothing. */
export const enableAWSServiceAccess = organizations.write('EnableAWSServiceAccess', {
  level: 'write',
  needs: ({ ServicePrincipal }, scene) => [
    needOn(scene, 'EnableAWSServiceAccess', undefined, onService(ServicePrincipal)),
  ],
  run: (scene, { ServicePrincipal: service }) => {
    const { state, now } = scene
    const { organization } = admitted(scene, 'EnableAWSServiceAccess')
    if (organization.features !== 'ALL') notAllFeatures(scene)
    mustBeService(scene, service)
    if (!isTrusted(organization, service))
      state.put({ ...organization, trusted: [...organization.trusted, { service, at: now }] })
    return {}
  },
})

/** Nobody stands in at a service that has no access, and IAM without access manages nobody's root. */
export const disableAWSServiceAccess = organizations.write('DisableAWSServiceAccess', {
  level: 'write',
  needs: ({ ServicePrincipal }, scene) => [
    needOn(scene, 'DisableAWSServiceAccess', undefined, onService(ServicePrincipal)),
  ],
  run: (scene, { ServicePrincipal: service }) => {
    const { state } = scene
    const { organization } = admitted(scene, 'DisableAWSServiceAccess')
    mustBeService(scene, service)
    state.put({
      ...organization,
      trusted: organization.trusted.filter((one) => one.service !== service),
      rootAccess: service === iamService ? [] : organization.rootAccess,
    })
    for (const member of state.find('membership', inOrganization(organization.id)))
      if (member.delegated.some((one) => one.service === service))
        state.put({ ...member, delegated: member.delegated.filter((one) => one.service !== service) })
    return {}
  },
})

export const listAWSServiceAccessForOrganization = organizations.read('ListAWSServiceAccessForOrganization', {
  level: 'list',
  needs: (_, scene) => [needOn(scene, 'ListAWSServiceAccessForOrganization')],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListAWSServiceAccessForOrganization')
    const list = `trusted ${organization.id}`
    const { shown, end } = paged(scene, input, list, organization.trusted, ({ service }) => service)
    return {
      EnabledServicePrincipals: shown.map(({ service, at }) => ({ ServicePrincipal: service, DateEnabled: at })),
      ...end,
    }
  },
})
