import { awsOrganizationPolicy } from '../../model/organization-policy.ts'
import type { Tag } from '../../state/identity.ts'
import type { Organization } from '../../state/organization.ts'
import { type Failing, operationsOf, type Writable } from '../operation.ts'
import { invalid, noTarget } from './fault.ts'
import { admitted, needOn } from './insider.ts'
import { paged } from './page.ts'
import { typeContext } from './policy.ts'
import { shownTags } from './render.ts'
import { merged, validTags } from './tag.ts'

const organizations = operationsOf('organizations')

interface Tagged {
  readonly tags: readonly Tag[]
  readonly keep: (state: Writable, tags: readonly Tag[]) => void
}

/** What an id names, and how it keeps other tags. AWS's own policies bear none. */
function find(
  scene: { readonly state: Pick<Writable, 'get'> } & Failing<'TargetNotFoundException' | 'InvalidInputException'>,
  organization: Organization,
  id: string,
): Tagged {
  const { state } = scene
  const { delegation } = organization
  if (awsOrganizationPolicy(id) !== undefined)
    invalid(scene, 'IMMUTABLE_POLICY', 'You specified a policy that is managed by AWS and cannot be modified.')
  if (delegation !== undefined && delegation.id === id)
    return {
      tags: delegation.tags,
      keep: (draft, tags) => draft.put({ ...organization, delegation: { ...delegation, tags } }),
    }
  const entity =
    state.get('organization-unit', id) ?? state.get('membership', id) ?? state.get('organization-policy', id)
  return entity?.organization === organization.id
    ? { tags: entity.tags, keep: (draft, tags) => draft.put({ ...entity, tags }) }
    : scene.fail('TargetNotFoundException', noTarget)
}

const aboutOf = (scene: Parameters<typeof typeContext>[0], id: string) =>
  id.startsWith('p-') ? typeContext(scene, id) : {}

export const tagResource = organizations.write('TagResource', {
  level: 'tagging',
  needs: ({ ResourceId, Tags }, scene) => [
    needOn(scene, 'TagResource', ResourceId, { tags: Tags, ...aboutOf(scene, ResourceId) }),
  ],
  run: (scene, { ResourceId, Tags }) => {
    const { organization } = admitted(scene, 'TagResource')
    const fresh = validTags(scene, Tags)
    const { tags, keep } = find(scene, organization, ResourceId)
    keep(scene.state, merged(scene, tags, fresh))
    return {}
  },
})

export const untagResource = organizations.write('UntagResource', {
  level: 'tagging',
  needs: ({ ResourceId, TagKeys }, scene) => [
    needOn(scene, 'UntagResource', ResourceId, { tagKeys: TagKeys, ...aboutOf(scene, ResourceId) }),
  ],
  run: (scene, { ResourceId, TagKeys }) => {
    const { organization } = admitted(scene, 'UntagResource')
    const { tags, keep } = find(scene, organization, ResourceId)
    keep(
      scene.state,
      tags.filter(({ key }) => !TagKeys.includes(key)),
    )
    return {}
  },
})

export const listTagsForResource = organizations.read('ListTagsForResource', {
  level: 'read',
  needs: ({ ResourceId }, scene) => [needOn(scene, 'ListTagsForResource', ResourceId, aboutOf(scene, ResourceId))],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListTagsForResource')
    const { tags } = awsOrganizationPolicy(input.ResourceId)
      ? { tags: [] }
      : find(scene, organization, input.ResourceId)
    const sorted = tags.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    // Keys are too long and too varied for a token, which names a place in the order instead.
    const list = `tags ${organization.id} ${input.ResourceId}`
    const { shown, end } = paged(scene, input, list, sorted, (_, at) => String(at).padStart(3, '0'))
    return { Tags: shownTags(shown), ...end }
  },
})
