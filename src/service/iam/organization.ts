import { iamService, managesRoots } from '../../access/organization.ts'
import type { Organization } from '../../state/organization.ts'
import { type Failing, operationsOf, type Scene } from '../operation.ts'
import { insiderOf } from '../organizations/insider.ts'
import { isTrusted } from '../organizations/service-access.ts'
import type { Place } from './lookup.ts'

const iam = operationsOf('iam')

type Feature = Organization['rootAccess'][number]

/** What an account hears that is in no organization. */
export const alone = 'No organization is associated with your account.'
/** What a member hears of what is for who manages its organization. */
export const notManaging =
  'The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.'

const onAll = (action: string) => () => [{ action: `iam:${action}`, resource: '*' }]

type Refusing = Place &
  Failing<
    | 'OrganizationNotFoundException'
    | 'AccountNotManagementOrDelegatedAdministratorException'
    | 'OrganizationNotInAllFeaturesModeException'
    | 'ServiceAccessNotEnabledException'
  >

/** The organization whose root access the caller's account sees to. Throws AWS's refusals of all others. */
function overseen(scene: Refusing): Organization {
  const insider = insiderOf(scene)
  if (insider === undefined) return scene.fail('OrganizationNotFoundException', alone)
  const { organization } = insider
  if (!managesRoots(scene.state, organization, scene.caller.account))
    scene.fail('AccountNotManagementOrDelegatedAdministratorException', notManaging)
  if (organization.features !== 'ALL')
    scene.fail(
      'OrganizationNotInAllFeaturesModeException',
      'The request was rejected because your organization does not have All features enabled.',
    )
  if (!isTrusted(organization, iamService))
    scene.fail(
      'ServiceAccessNotEnabledException',
      'The request was rejected because trusted access is not enabled for IAM in Organizations.',
    )
  return organization
}

const shown = ({ id, rootAccess }: Organization) => ({ OrganizationId: id, EnabledFeatures: rootAccess })

/** Every feature is switched in the same words. */
const switching = (action: string, feature: Feature, on: boolean) => ({
  level: 'write' as const,
  needs: onAll(action),
  run: (
    scene: Refusing & Pick<Scene, 'now'> & { readonly state: { readonly put: (entity: Organization) => void } },
  ) => {
    const organization = overseen(scene)
    const others = organization.rootAccess.filter((one) => one !== feature)
    const switched: Organization = { ...organization, rootAccess: on ? [...others, feature].sort() : others }
    scene.state.put(switched)
    return shown(switched)
  },
})

export const listOrganizationsFeatures = iam.read('ListOrganizationsFeatures', {
  level: 'list',
  needs: onAll('ListOrganizationsFeatures'),
  run: (scene) => shown(overseen(scene)),
})

export const enableOrganizationsRootCredentialsManagement = iam.write(
  'EnableOrganizationsRootCredentialsManagement',
  switching('EnableOrganizationsRootCredentialsManagement', 'RootCredentialsManagement', true),
)

export const disableOrganizationsRootCredentialsManagement = iam.write(
  'DisableOrganizationsRootCredentialsManagement',
  switching('DisableOrganizationsRootCredentialsManagement', 'RootCredentialsManagement', false),
)

export const enableOrganizationsRootSessions = iam.write(
  'EnableOrganizationsRootSessions',
  switching('EnableOrganizationsRootSessions', 'RootSessions', true),
)

export const disableOrganizationsRootSessions = iam.write(
  'DisableOrganizationsRootSessions',
  switching('DisableOrganizationsRootSessions', 'RootSessions', false),
)
