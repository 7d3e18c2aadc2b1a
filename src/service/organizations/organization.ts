import { lowerId } from '../../base/id.ts'
import { inOrganization } from '../../state/index-keys.ts'
import type { Membership, Organization, OrganizationUnit } from '../../state/organization.ts'
import { operationsOf } from '../operation.ts'
import { admitted, insiderOf, needOn } from './insider.ts'
import { linkOrganizations, needsLinking } from './linked-role.ts'
import { shownOrganization } from './render.ts'

const organizations = operationsOf('organizations')

/** The account becomes the one that manages it. QUIRK: policy-types-off-at-first. No type of policy is enabled in the new root. */
export const createOrganization = organizations.write('CreateOrganization', {
  level: 'write',
  needs: ({ FeatureSet }, scene) => [
    needOn(scene, 'CreateOrganization'),
    ...(FeatureSet === 'CONSOLIDATED_BILLING' ? [] : needsLinking(scene, scene.caller.account)),
  ],
  run: (scene, { FeatureSet: features = 'ALL' }) => {
    const { state, caller, random, now: createdAt } = scene
    const { account } = caller
    if (insiderOf(scene) !== undefined)
      scene.fail('AlreadyInOrganizationException', 'The AWS account is already a member of an organization.')
    const id = lowerId(random, 'o-', 10)
    const root: OrganizationUnit = {
      kind: 'organization-unit',
      id: freeId(scene, 'r-', 4),
      account,
      organization: id,
      name: 'Root',
      createdAt,
      policies: [],
      tags: [],
    }
    const organization: Organization = {
      kind: 'organization',
      id,
      account,
      features,
      root: root.id,
      createdAt,
      policyTypes: [],
      trusted: [],
      rootAccess: [],
    }
    const membership: Membership = {
      kind: 'membership',
      id: account,
      account,
      organization: id,
      parent: root.id,
      joined: { method: 'INVITED', at: createdAt },
      policies: [],
      delegated: [],
      tags: [],
    }
    for (const entity of [organization, root, membership]) state.put(entity)
    if (features === 'ALL') linkOrganizations(scene, account)
    return { Organization: shownOrganization(state, organization) }
  },
})

/** Ids of roots are short, so that one may be taken. */
function freeId(
  { state, random }: Pick<Parameters<typeof insiderOf>[0], 'state'> & Parameters<typeof linkOrganizations>[0],
  prefix: string,
  length: number,
): string {
  for (;;) {
    const id = lowerId(random, prefix, length)
    if (state.get('organization-unit', id) === undefined) return id
  }
}

export const describeOrganization = organizations.read('DescribeOrganization', {
  level: 'read',
  needs: (_, scene) => [needOn(scene, 'DescribeOrganization')],
  run: (scene) => {
    const { organization } = admitted(scene, 'DescribeOrganization')
    return { Organization: shownOrganization(scene.state, organization) }
  },
})

export const deleteOrganization = organizations.write('DeleteOrganization', {
  level: 'write',
  needs: (_, scene) => [needOn(scene, 'DeleteOrganization')],
  run: (scene) => {
    const { state } = scene
    const { organization } = admitted(scene, 'DeleteOrganization')
    const all = inOrganization(organization.id)
    if (state.find('membership', all).length > 1)
      scene.fail(
        'OrganizationNotEmptyException',
        'To delete an organization you must first remove all member accounts (except the master).',
      )
    // Units without accounts, policies and what was asked of others go with it.
    for (const kind of [
      'membership',
      'organization-unit',
      'organization-policy',
      'handshake',
      'account-creation',
    ] as const)
      for (const { id } of state.find(kind, all)) state.remove(kind, id)
    state.remove('organization', organization.id)
    return {}
  },
})
