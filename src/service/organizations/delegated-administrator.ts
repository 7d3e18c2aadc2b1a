import { inOrganization } from '../../state/index-keys.ts'
import { operationsOf } from '../operation.ts'
import { notAllFeatures, violates } from './fault.ts'
import { admitted, needOn } from './insider.ts'
import { findMember } from './member.ts'
import { paged } from './page.ts'
import { accountOf, shownAccount, stateOf } from './render.ts'
import { isTrusted, mustBeService, onService } from './service-access.ts'

const organizations = operationsOf('organizations')

/** AWS has a number for each service, and publishes few of them. */
const mostPerService = 5

export const registerDelegatedAdministrator = organizations.write('RegisterDelegatedAdministrator', {
  level: 'write',
  needs: ({ AccountId, ServicePrincipal }, scene) => [
    needOn(scene, 'RegisterDelegatedAdministrator', AccountId, onService(ServicePrincipal)),
  ],
  run: (scene, { AccountId, ServicePrincipal: service }) => {
    const { state, now } = scene
    const { organization } = admitted(scene, 'RegisterDelegatedAdministrator')
    if (organization.features !== 'ALL') notAllFeatures(scene)
    if (AccountId === organization.account)
      violates(
        scene,
        'CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR',
        'You cannot register master account/yourself as delegated administrator for your organization.',
      )
    const member = findMember(scene, organization, AccountId)
    mustBeService(scene, service)
    if (stateOf(accountOf(state, member.account), now) !== 'ACTIVE')
      violates(
        scene,
        'CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR',
        'You cannot register a suspended account as a delegated administrator.',
      )
    if (!isTrusted(organization, service))
      violates(
        scene,
        'SERVICE_ACCESS_NOT_ENABLED',
        'You must enable service access before you delegate an administrator for this service. Call the AWS API EnableAWSServiceAccess first.',
      )
    if (member.delegated.some((one) => one.service === service))
      scene.fail(
        'AccountAlreadyRegisteredException',
        'The provided account is already a delegated administrator for your organization.',
      )
    const others = state
      .find('membership', inOrganization(organization.id))
      .filter(({ delegated }) => delegated.some((one) => one.service === service))
    if (others.length >= mostPerService)
      violates(
        scene,
        'MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED',
        'You attempted to register more delegated administrators than allowed for the service principal.',
      )
    state.put({ ...member, delegated: [...member.delegated, { service, at: now }] })
    return {}
  },
})

const notRegistered = 'The provided account is not a registered delegated administrator for your organization.'

export const deregisterDelegatedAdministrator = organizations.write('DeregisterDelegatedAdministrator', {
  level: 'write',
  needs: ({ AccountId, ServicePrincipal }, scene) => [
    needOn(scene, 'DeregisterDelegatedAdministrator', AccountId, onService(ServicePrincipal)),
  ],
  run: (scene, { AccountId, ServicePrincipal: service }) => {
    const { organization } = admitted(scene, 'DeregisterDelegatedAdministrator')
    if (AccountId === organization.account)
      violates(
        scene,
        'CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR',
        'You cannot register master account/yourself as delegated administrator for your organization.',
      )
    const member = findMember(scene, organization, AccountId)
    mustBeService(scene, service)
    const delegated = member.delegated.filter((one) => one.service !== service)
    if (delegated.length === member.delegated.length) scene.fail('AccountNotRegisteredException', notRegistered)
    scene.state.put({ ...member, delegated })
    return {}
  },
})

/** Without a service, of any: then what is told of an account is since when it has been one at all. */
export const listDelegatedAdministrators = organizations.read('ListDelegatedAdministrators', {
  level: 'list',
  needs: ({ ServicePrincipal }, scene) => [
    needOn(scene, 'ListDelegatedAdministrators', undefined, onService(ServicePrincipal)),
  ],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListDelegatedAdministrators')
    const wanted = input.ServicePrincipal
    if (wanted !== undefined) mustBeService(scene, wanted)
    const found = scene.state.find('membership', inOrganization(organization.id)).flatMap((member) => {
      const times = member.delegated.filter(({ service }) => wanted === undefined || service === wanted)
      return times.length === 0 ? [] : [{ member, since: Math.min(...times.map(({ at }) => at)) }]
    })
    const list = `administrators ${organization.id} ${wanted ?? ''}`
    const { shown, end } = paged(scene, input, list, found, ({ member }) => member.id)
    return {
      DelegatedAdministrators: shown.map(({ member, since }) => {
        const { Paths: _, ...account } = shownAccount(scene, organization, member)
        return { ...account, DelegationEnabledDate: since }
      }),
      ...end,
    }
  },
})

export const listDelegatedServicesForAccount = organizations.read('ListDelegatedServicesForAccount', {
  level: 'list',
  needs: ({ AccountId }, scene) => [needOn(scene, 'ListDelegatedServicesForAccount', AccountId)],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListDelegatedServicesForAccount')
    const { id, delegated } = findMember(scene, organization, input.AccountId)
    if (delegated.length === 0) scene.fail('AccountNotRegisteredException', notRegistered)
    const { shown, end } = paged(scene, input, `services ${id}`, delegated, ({ service }) => service)
    return {
      DelegatedServices: shown.map(({ service, at }) => ({ ServicePrincipal: service, DelegationEnabledDate: at })),
      ...end,
    }
  },
})
