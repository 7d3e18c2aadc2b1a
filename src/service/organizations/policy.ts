import { lowerId } from '../../base/id.ts'
import type * as Shape from '../../model/calls/organizations.ts'
import {
  type AwsOrganizationPolicy,
  awsOrganizationPolicies,
  awsOrganizationPolicy,
} from '../../model/organization-policy.ts'
import { carrying, inOrganization } from '../../state/index-keys.ts'
import type { Organization, OrganizationPolicy } from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { ownPolicy } from './arn.ts'
import { mustBeDocument } from './document.ts'
import { invalid, nameTaken, noPolicy, violates } from './fault.ts'
import { admitted, needOn } from './insider.ts'
import { paged } from './page.ts'
import { limitsOf } from './policy-type.ts'
import { shownPolicy } from './render.ts'
import { validTags } from './tag.ts'

const organizations = operationsOf('organizations')

/** A policy that can be attached in this organization: its own, or one of AWS's. */
export const policyIn = (
  state: View,
  organization: Organization,
  id: string,
): OrganizationPolicy | AwsOrganizationPolicy | undefined =>
  awsOrganizationPolicy(id) ?? ownPolicy(state, organization, id)

export const findPolicy = (
  scene: { readonly state: View } & Failing<'PolicyNotFoundException'>,
  organization: Organization,
  id: string,
): OrganizationPolicy | AwsOrganizationPolicy =>
  policyIn(scene.state, organization, id) ?? scene.fail('PolicyNotFoundException', noPolicy)

/** A policy that can be changed: AWS's own cannot. */
function findOwn(
  scene: { readonly state: View } & Failing<'PolicyNotFoundException' | 'InvalidInputException'>,
  organization: Organization,
  id: string,
): OrganizationPolicy {
  const policy = findPolicy(scene, organization, id)
  return 'arn' in policy
    ? invalid(scene, 'IMMUTABLE_POLICY', 'You specified a policy that is managed by AWS and cannot be modified.')
    : policy
}

/** `organizations:PolicyType`, of a policy that is there. */
export function typeContext(scene: Parameters<typeof needOn>[0], id: string) {
  const policy = awsOrganizationPolicy(id) ?? scene.state.get('organization-policy', id)
  return { context: { 'organizations:PolicyType': policy === undefined ? null : [policy.type] } }
}
export const askedType = (type: string) => ({ context: { 'organizations:PolicyType': [type] } })

/** Names are unique among the policies of one type. */
function mustBeFree(
  scene: { readonly state: View } & Failing<'DuplicatePolicyException'>,
  organization: Organization,
  type: string,
  name: string,
): void {
  const others = [
    ...awsOrganizationPolicies(type),
    ...scene.state.find('organization-policy', inOrganization(organization.id)).filter((other) => other.type === type),
  ]
  if (others.some((other) => other.name === name)) scene.fail('DuplicatePolicyException', nameTaken)
}

function mustFit(scene: Failing<'ConstraintViolationException'>, type: Shape.PolicyType, content: string): void {
  if (content.length > limitsOf(type).size)
    violates(scene, 'POLICY_CONTENT_LIMIT_EXCEEDED', 'You have exceeded the maximum policy size.')
}

export const createPolicy = organizations.write('CreatePolicy', {
  level: 'permissions',
  needs: ({ Type, Tags }, scene) => [
    needOn(scene, 'CreatePolicy', undefined, { tags: Tags, ...askedType(Type) }),
    ...(Tags?.length ? [needOn(scene, 'TagResource', 'p-*', { tags: Tags, ...askedType(Type) })] : []),
  ],
  run: (scene, { Content, Description, Name, Type, Tags }) => {
    const { state, random, now } = scene
    const { organization } = admitted(scene, 'CreatePolicy')
    if (organization.features !== 'ALL') notAvailable(scene)
    const tags = validTags(scene, Tags)
    mustFit(scene, Type, Content)
    mustBeDocument(scene, Type, Content)
    mustBeFree(scene, organization, Type, Name)
    const own = state.find('organization-policy', inOrganization(organization.id))
    if (own.filter(({ type }) => type === Type).length >= limitsOf(Type).policies)
      violates(scene, 'POLICY_NUMBER_LIMIT_EXCEEDED', 'You have exceeded the allowed number of policies.')
    const policy: OrganizationPolicy = {
      kind: 'organization-policy',
      // QUIRK: eight-in-a-policy-id. So many have AWS's, though by its model an ARN of a policy ends in ten at the least.
      id: lowerId(random, 'p-', 8),
      account: organization.account,
      organization: organization.id,
      type: Type,
      name: Name,
      description: Description,
      document: Content,
      updatedAt: now,
      tags,
    }
    state.put(policy)
    return { Policy: { PolicySummary: shownPolicy(policy), Content } }
  },
})

/** Throws AWS's refusal to an organization that only shares its bill. */
export const notAvailable = (scene: Failing<'PolicyTypeNotAvailableForOrganizationException'>): never =>
  scene.fail(
    'PolicyTypeNotAvailableForOrganizationException',
    'The specified policy type is not available for your organization: enable all features first.',
  )

export const updatePolicy = organizations.write('UpdatePolicy', {
  level: 'permissions',
  needs: ({ PolicyId }, scene) => [needOn(scene, 'UpdatePolicy', PolicyId, typeContext(scene, PolicyId))],
  run: (scene, { PolicyId, Name, Description, Content }) => {
    const { organization } = admitted(scene, 'UpdatePolicy')
    const policy = findOwn(scene, organization, PolicyId)
    // What was put is of a type of the model's.
    const type = policy.type as Shape.PolicyType
    if (Content !== undefined) {
      mustFit(scene, type, Content)
      mustBeDocument(scene, type, Content)
    }
    if (Name !== undefined && Name !== policy.name) mustBeFree(scene, organization, type, Name)
    const updated: OrganizationPolicy = {
      ...policy,
      name: Name ?? policy.name,
      description: Description ?? policy.description,
      document: Content ?? policy.document,
      updatedAt: scene.now,
    }
    scene.state.put(updated)
    return { Policy: { PolicySummary: shownPolicy(updated), Content: updated.document } }
  },
})

export const deletePolicy = organizations.write('DeletePolicy', {
  level: 'permissions',
  needs: ({ PolicyId }, scene) => [needOn(scene, 'DeletePolicy', PolicyId, typeContext(scene, PolicyId))],
  run: (scene, { PolicyId }) => {
    const { state } = scene
    const { organization } = admitted(scene, 'DeletePolicy')
    const policy = findOwn(scene, organization, PolicyId)
    const carried = carrying(organization.id, policy.id)
    if (state.one('organization-unit', carried) !== undefined || state.one('membership', carried) !== undefined)
      scene.fail(
        'PolicyInUseException',
        'The policy is attached to one or more entities. You must detach it from all roots, organizational units, and accounts before performing this operation.',
      )
    state.remove('organization-policy', policy.id)
    return {}
  },
})

export const describePolicy = organizations.read('DescribePolicy', {
  level: 'read',
  needs: ({ PolicyId }, scene) => [needOn(scene, 'DescribePolicy', PolicyId, typeContext(scene, PolicyId))],
  run: (scene, { PolicyId }) => {
    const { organization } = admitted(scene, 'DescribePolicy')
    const policy = findPolicy(scene, organization, PolicyId)
    return { Policy: { PolicySummary: shownPolicy(policy), Content: policy.document } }
  },
})

export const listPolicies = organizations.read('ListPolicies', {
  level: 'list',
  needs: ({ Filter }, scene) => [needOn(scene, 'ListPolicies', undefined, askedType(Filter))],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListPolicies')
    const own = scene.state
      .find('organization-policy', inOrganization(organization.id))
      .filter(({ type }) => type === input.Filter)
    const all = [...awsOrganizationPolicies(input.Filter), ...own]
    const { shown, end } = paged(scene, input, `policies ${organization.id} ${input.Filter}`, all, ({ id }) => id)
    return { Policies: shown.map(shownPolicy), ...end }
  },
})
