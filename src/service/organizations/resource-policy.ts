import { parseArn } from '../../base/arn.ts'
import { compileGlob } from '../../base/glob.ts'
import { lowerId } from '../../base/id.ts'
import { memberOf } from '../../base/json.ts'
import type * as Shape from '../../model/calls/organizations.ts'
import { loadService } from '../../model/service.ts'
import { checkDocument } from '../../policy/check.ts'
import { type Document, listOf, parseDocument, principalSpans, statementsOf } from '../../policy/document.ts'
import { accountNamed } from '../../policy/principal.ts'
import { delegationArn, type Organization } from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { delegable } from './audience.ts'
import { invalid } from './fault.ts'
import { admitted, needOn } from './insider.ts'
import { validTags } from './tag.ts'

const organizations = operationsOf('organizations')

type Invalid = { readonly state: View } & Failing<'InvalidInputException'>

function parsed(scene: Invalid, content: string): Document {
  const document = parseDocument(content)
  return checkDocument('resource', content) === undefined && document.ok
    ? document.document
    : invalid(scene, 'INVALID_RESOURCE_POLICY_JSON', 'The provided policy document is not a valid resource policy.')
}

/** Every principal is a member, or a user or role of one. */
function mustBeMembers(scene: Invalid, { id }: Organization, document: Document): void {
  for (const { type, value } of principalSpans(document)) {
    const account = accountNamed(value) ?? parseArn(value)?.account ?? ''
    if (type !== 'AWS' || scene.state.get('membership', account)?.organization !== id)
      invalid(scene, 'INVALID_PRINCIPAL', 'You specified an invalid principal element in the policy.')
  }
}

const everyAction = (): readonly string[] =>
  [...loadService('organizations').operations.keys()].map((name) => `organizations:${name.toLowerCase()}`)

/** What it speaks of are actions that members can be let do, and no others. */
function mustBeDelegable(scene: Invalid, document: Document): void {
  const refuse = () =>
    invalid(
      scene,
      'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY',
      'You specified an action that is not supported in a resource policy.',
    )
  for (const statement of statementsOf(document)) {
    if (memberOf(statement, 'NotAction') !== undefined) refuse()
    for (const action of listOf(memberOf(statement, 'Action'))) {
      const glob = compileGlob(action.kind === 'string' ? action.value.toLowerCase() : '')
      const meant = everyAction().filter((name) => glob.matches(name))
      if (meant.length === 0 || meant.some((name) => !delegable.has(name))) refuse()
    }
  }
}

const shown = (organization: Organization): Shape.ResourcePolicy => {
  const { delegation } = organization
  if (delegation === undefined) throw new Error(`${organization.id} has no resource policy`)
  const { id, document } = delegation
  return { ResourcePolicySummary: { Id: id, Arn: delegationArn(organization, id) }, Content: document }
}

/** Another text takes the place of the first, under the same id. */
export const putResourcePolicy = organizations.write('PutResourcePolicy', {
  level: 'permissions',
  needs: ({ Tags }, scene) => [
    needOn(scene, 'PutResourcePolicy', undefined, { tags: Tags }),
    ...(Tags?.length ? [needOn(scene, 'TagResource', 'rp-*', { tags: Tags })] : []),
  ],
  run: (scene, { Content, Tags }) => {
    const { organization } = admitted(scene, 'PutResourcePolicy')
    const { delegation } = organization
    const tags = validTags(scene, Tags)
    if (delegation !== undefined && tags.length > 0)
      invalid(
        scene,
        'TARGET_NOT_SUPPORTED',
        'You cannot add tags while updating an existing resource policy. Use TagResource instead.',
      )
    const document = parsed(scene, Content)
    mustBeMembers(scene, organization, document)
    mustBeDelegable(scene, document)
    const fresh: Organization = {
      ...organization,
      delegation: {
        id: delegation?.id ?? lowerId(scene.random, 'rp-', 8),
        document: Content,
        tags: delegation?.tags ?? tags,
      },
    }
    scene.state.put(fresh)
    return { ResourcePolicy: shown(fresh) }
  },
})

const missing = (scene: Failing<'ResourcePolicyNotFoundException'>): never =>
  scene.fail('ResourcePolicyNotFoundException', "You specified a resource policy that doesn't exist.")

export const describeResourcePolicy = organizations.read('DescribeResourcePolicy', {
  level: 'read',
  needs: (_, scene) => [needOn(scene, 'DescribeResourcePolicy')],
  run: (scene) => {
    const { organization } = admitted(scene, 'DescribeResourcePolicy')
    return organization.delegation === undefined ? missing(scene) : { ResourcePolicy: shown(organization) }
  },
})

export const deleteResourcePolicy = organizations.write('DeleteResourcePolicy', {
  level: 'permissions',
  needs: (_, scene) => {
    const id = scene.state.get('organization', scene.state.get('membership', scene.caller.account)?.organization ?? '')
      ?.delegation?.id
    return [needOn(scene, 'DeleteResourcePolicy', id)]
  },
  run: (scene) => {
    const { organization } = admitted(scene, 'DeleteResourcePolicy')
    const { delegation, ...rest } = organization
    if (delegation === undefined) missing(scene)
    scene.state.put(rest)
    return {}
  },
})
