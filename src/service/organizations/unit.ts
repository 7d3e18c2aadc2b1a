import { unitsAbove } from '../../access/organization.ts'
import { lowerId } from '../../base/id.ts'
import { fullAccess, fullResourceAccess } from '../../model/organization-policy.ts'
import { inOrganization, under } from '../../state/index-keys.ts'
import type { Organization, OrganizationUnit } from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { noParent, noUnit, violates } from './fault.ts'
import { admitted, needOn } from './insider.ts'
import { paged } from './page.ts'
import { shownRoot, shownUnit } from './render.ts'
import { validTags } from './tag.ts'

const organizations = operationsOf('organizations')

/** Levels of units below the root, and units in an organization ("Quotas and service limits for AWS Organizations"). */
const deepest = 5
const mostUnits = 2_000

/** A root or unit of this organization. Ids of another one's name nothing. */
export function unitIn(state: View, organization: Organization, id: string): OrganizationUnit | undefined {
  const unit = state.get('organization-unit', id)
  return unit?.organization === organization.id ? unit : undefined
}

export const findParent = (
  scene: { readonly state: View } & Failing<'ParentNotFoundException'>,
  organization: Organization,
  id: string,
): OrganizationUnit => unitIn(scene.state, organization, id) ?? scene.fail('ParentNotFoundException', noParent)

function findUnit(
  scene: { readonly state: View } & Failing<'OrganizationalUnitNotFoundException'>,
  organization: Organization,
  id: string,
): OrganizationUnit {
  const unit = unitIn(scene.state, organization, id)
  return unit?.parent === undefined ? scene.fail('OrganizationalUnitNotFoundException', noUnit) : unit
}

const pathTo = (state: View, organization: Organization, id: string): string =>
  `${[organization.id, ...unitsAbove(state, id).map((unit) => unit.id)].join('/')}/`

/** What whatever is new in an organization carries at once: of each type that is a ceiling, the policy that allows everything. */
export function firstPolicies({ policyTypes }: Organization): readonly string[] {
  return [fullAccess, fullResourceAccess].filter(({ type }) => policyTypes.includes(type)).map(({ id }) => id)
}

/** Units of one parent have different names. */
function mustBeFree(
  scene: { readonly state: View } & Failing<'DuplicateOrganizationalUnitException'>,
  parent: string,
  name: string,
): void {
  if (scene.state.find('organization-unit', under(parent)).some((unit) => unit.name === name))
    scene.fail('DuplicateOrganizationalUnitException', 'An OU with the same name already exists.')
}

export const createOrganizationalUnit = organizations.write('CreateOrganizationalUnit', {
  level: 'write',
  needs: ({ ParentId, Tags }, scene) => [
    needOn(scene, 'CreateOrganizationalUnit', ParentId, { tags: Tags }),
    ...(Tags?.length ? [needOn(scene, 'TagResource', 'ou-*', { tags: Tags })] : []),
  ],
  run: (scene, { ParentId, Name, Tags }) => {
    const { state, random, now } = scene
    const { organization } = admitted(scene, 'CreateOrganizationalUnit')
    const tags = validTags(scene, Tags)
    const parent = findParent(scene, organization, ParentId)
    mustBeFree(scene, parent.id, Name)
    // The root is the first of them.
    if (unitsAbove(state, parent.id).length > deepest)
      violates(
        scene,
        'OU_DEPTH_LIMIT_EXCEEDED',
        'You cannot add an organizational unit to the specified parent because it would exceed the max depth allowed.',
      )
    if (state.find('organization-unit', inOrganization(organization.id)).length > mostUnits)
      violates(
        scene,
        'OU_NUMBER_LIMIT_EXCEEDED',
        'You have exceeded the allowed number of organizational units for your organization.',
      )
    const unit: OrganizationUnit = {
      kind: 'organization-unit',
      id: lowerId(random, `ou-${organization.root.slice('r-'.length)}-`, 8),
      account: organization.account,
      organization: organization.id,
      parent: parent.id,
      name: Name,
      createdAt: now,
      policies: firstPolicies(organization),
      tags,
    }
    state.put(unit)
    return { OrganizationalUnit: shownUnit(organization, unit, pathTo(state, organization, unit.id)) }
  },
})

export const updateOrganizationalUnit = organizations.write('UpdateOrganizationalUnit', {
  level: 'write',
  needs: ({ OrganizationalUnitId }, scene) => [needOn(scene, 'UpdateOrganizationalUnit', OrganizationalUnitId)],
  run: (scene, { OrganizationalUnitId, Name }) => {
    const { organization } = admitted(scene, 'UpdateOrganizationalUnit')
    const unit = findUnit(scene, organization, OrganizationalUnitId)
    const renamed = { ...unit, name: Name ?? unit.name }
    if (renamed.name !== unit.name) mustBeFree(scene, unit.parent ?? '', renamed.name)
    scene.state.put(renamed)
    return { OrganizationalUnit: shownUnit(organization, renamed, pathTo(scene.state, organization, unit.id)) }
  },
})

export const deleteOrganizationalUnit = organizations.write('DeleteOrganizationalUnit', {
  level: 'write',
  needs: ({ OrganizationalUnitId }, scene) => [needOn(scene, 'DeleteOrganizationalUnit', OrganizationalUnitId)],
  run: (scene, { OrganizationalUnitId }) => {
    const { state } = scene
    const { organization } = admitted(scene, 'DeleteOrganizationalUnit')
    const unit = findUnit(scene, organization, OrganizationalUnitId)
    const below = under(unit.id)
    if (state.one('organization-unit', below) !== undefined || state.one('membership', below) !== undefined)
      scene.fail(
        'OrganizationalUnitNotEmptyException',
        'The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.',
      )
    state.remove('organization-unit', unit.id)
    return {}
  },
})

export const describeOrganizationalUnit = organizations.read('DescribeOrganizationalUnit', {
  level: 'read',
  needs: ({ OrganizationalUnitId }, scene) => [needOn(scene, 'DescribeOrganizationalUnit', OrganizationalUnitId)],
  run: (scene, { OrganizationalUnitId }) => {
    const { organization } = admitted(scene, 'DescribeOrganizationalUnit')
    const unit = findUnit(scene, organization, OrganizationalUnitId)
    return { OrganizationalUnit: shownUnit(organization, unit, pathTo(scene.state, organization, unit.id)) }
  },
})

export const listOrganizationalUnitsForParent = organizations.read('ListOrganizationalUnitsForParent', {
  level: 'list',
  needs: ({ ParentId }, scene) => [needOn(scene, 'ListOrganizationalUnitsForParent', ParentId)],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListOrganizationalUnitsForParent')
    const parent = findParent(scene, organization, input.ParentId)
    const path = pathTo(scene.state, organization, parent.id)
    const units = scene.state.find('organization-unit', under(parent.id))
    const { shown, end } = paged(scene, input, `units ${parent.id}`, units, ({ id }) => id)
    return { OrganizationalUnits: shown.map((unit) => shownUnit(organization, unit, `${path}${unit.id}/`)), ...end }
  },
})

export const listRoots = organizations.read('ListRoots', {
  level: 'list',
  needs: (_, scene) => [needOn(scene, 'ListRoots')],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListRoots')
    const root = unitIn(scene.state, organization, organization.root)
    const roots = root === undefined ? [] : [root]
    const { shown, end } = paged(scene, input, `roots ${organization.id}`, roots, ({ id }) => id)
    return { Roots: shown.map((one) => shownRoot(organization, one)), ...end }
  },
})
