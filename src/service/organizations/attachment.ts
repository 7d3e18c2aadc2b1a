import type * as Shape from '../../model/calls/organizations.ts'
import { fullAccess, fullResourceAccess } from '../../model/organization-policy.ts'
import { carrying, inOrganization } from '../../state/index-keys.ts'
import { type Membership, type Organization, type OrganizationUnit, placeArn } from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf, type Writable } from '../operation.ts'
import { invalid, nameTaken, noRoot, noTarget, violates } from './fault.ts'
import { admitted, needOn } from './insider.ts'
import { paged } from './page.ts'
import { askedType, findPolicy, notAvailable, policyIn, typeContext } from './policy.ts'
import { limitsOf } from './policy-type.ts'
import { accountOf, shownPolicy, shownRoot } from './render.ts'
import { unitIn } from './unit.ts'

const organizations = operationsOf('organizations')

/** What carries policies: the root, a unit or an account. */
type Target = OrganizationUnit | Membership

/** Throws AWS's refusal where an id is of nothing in this organization. */
export function findTarget(
  scene: { readonly state: View } & Failing<'TargetNotFoundException'>,
  organization: Organization,
  id: string,
): Target {
  const { state } = scene
  const target = unitIn(state, organization, id) ?? state.get('membership', id)
  return target?.organization === organization.id ? target : scene.fail('TargetNotFoundException', noTarget)
}

/** What a target carries of a type. */
const carriedOf = (state: View, organization: Organization, target: Target, type: string) =>
  target.policies.flatMap((id) => {
    const policy = policyIn(state, organization, id)
    return policy?.type === type ? [policy] : []
  })

/** On a policy, and on what carries it or is to. */
const needsAttachment = (
  action: 'AttachPolicy' | 'DetachPolicy',
  { PolicyId, TargetId }: Shape.AttachPolicyRequest,
  scene: Parameters<typeof needOn>[0],
) => [PolicyId, TargetId].map((id) => needOn(scene, action, id, typeContext(scene, PolicyId)))

export const attachPolicy = organizations.write('AttachPolicy', {
  level: 'permissions',
  needs: (input, scene) => needsAttachment('AttachPolicy', input, scene),
  run: (scene, { PolicyId, TargetId }) => {
    const { state } = scene
    const { organization } = admitted(scene, 'AttachPolicy')
    const policy = findPolicy(scene, organization, PolicyId)
    const target = findTarget(scene, organization, TargetId)
    if (!organization.policyTypes.includes(policy.type)) notEnabled(scene)
    if (target.policies.includes(policy.id))
      // QUIRK: duplicate-attachment-words. What is said of a name that is taken is said of a policy that is attached, too.
      scene.fail('DuplicatePolicyAttachmentException', nameTaken)
    // What was put is of a type of the model's.
    const most = limitsOf(policy.type as Shape.PolicyType).attached
    if (carriedOf(state, organization, target, policy.type).length >= most)
      violates(
        scene,
        'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
        'You have attached the maximum number of policies to the specified target.',
      )
    state.put({ ...target, policies: [...target.policies, policy.id] })
    return {}
  },
})

const notEnabled = (scene: Failing<'PolicyTypeNotEnabledException'>): never =>
  scene.fail('PolicyTypeNotEnabledException', 'This operation can be performed only for enabled policy types.')

/** QUIRK: last-scp-stays. A service control policy must be left wherever one is; others may all be taken off. */
export const detachPolicy = organizations.write('DetachPolicy', {
  level: 'permissions',
  needs: (input, scene) => needsAttachment('DetachPolicy', input, scene),
  run: (scene, { PolicyId, TargetId }) => {
    const { state } = scene
    const { organization } = admitted(scene, 'DetachPolicy')
    const policy = findPolicy(scene, organization, PolicyId)
    const target = findTarget(scene, organization, TargetId)
    if (!target.policies.includes(policy.id))
      scene.fail('PolicyNotAttachedException', 'The policy is not attached to the specified target.')
    if (policy === fullResourceAccess)
      invalid(scene, 'NON_DETACHABLE_POLICY', 'You cannot detach this AWS managed policy.')
    if (policy.type === fullAccess.type && carriedOf(state, organization, target, policy.type).length === 1)
      violates(
        scene,
        'MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
        'You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.',
      )
    state.put({ ...target, policies: target.policies.filter((id) => id !== policy.id) })
    return {}
  },
})

export const listPoliciesForTarget = organizations.read('ListPoliciesForTarget', {
  level: 'list',
  needs: ({ TargetId, Filter }, scene) => [needOn(scene, 'ListPoliciesForTarget', TargetId, askedType(Filter))],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListPoliciesForTarget')
    const target = findTarget(scene, organization, input.TargetId)
    const carried = carriedOf(scene.state, organization, target, input.Filter)
    const { shown, end } = paged(scene, input, `policies ${target.id} ${input.Filter}`, carried, ({ id }) => id)
    return { Policies: shown.map(shownPolicy), ...end }
  },
})

function shownTarget(state: View, organization: Organization, target: Target): Shape.PolicyTargetSummary {
  const unit = target.kind === 'organization-unit' ? target : undefined
  return {
    TargetId: target.id,
    Arn: placeArn(organization, target.id),
    Name: unit?.name ?? accountOf(state, target.id).name,
    Type: unit === undefined ? 'ACCOUNT' : unit.parent === undefined ? 'ROOT' : 'ORGANIZATIONAL_UNIT',
  }
}

export const listTargetsForPolicy = organizations.read('ListTargetsForPolicy', {
  level: 'list',
  needs: ({ PolicyId }, scene) => [needOn(scene, 'ListTargetsForPolicy', PolicyId, typeContext(scene, PolicyId))],
  run: (scene, input) => {
    const { state } = scene
    const { organization } = admitted(scene, 'ListTargetsForPolicy')
    const policy = findPolicy(scene, organization, input.PolicyId)
    const key = carrying(organization.id, policy.id)
    const targets: readonly Target[] = [...state.find('organization-unit', key), ...state.find('membership', key)]
    const list = `targets ${organization.id} ${policy.id}`
    const { shown, end } = paged(scene, input, list, targets, ({ id }) => id)
    return { Targets: shown.map((target) => shownTarget(state, organization, target)), ...end }
  },
})

/** Everything in an organization that carries policies. */
const targetsIn = (state: View, { id }: Organization): readonly Target[] => [
  ...state.find('organization-unit', inOrganization(id)),
  ...state.find('membership', inOrganization(id)),
]

/** A ceiling is put up so that nothing is lower than before: everything carries the policy that allows all. */
export const enablePolicyType = organizations.write('EnablePolicyType', {
  level: 'permissions',
  needs: ({ RootId, PolicyType }, scene) => [needOn(scene, 'EnablePolicyType', RootId, askedType(PolicyType))],
  run: (scene, { RootId, PolicyType }) => {
    const { state } = scene
    const { organization } = admitted(scene, 'EnablePolicyType')
    const root = findRoot(scene, organization, RootId)
    if (organization.features !== 'ALL') notAvailable(scene)
    if (organization.policyTypes.includes(PolicyType))
      scene.fail('PolicyTypeAlreadyEnabledException', 'The specified policy type is already enabled.')
    const enabled = { ...organization, policyTypes: [...organization.policyTypes, PolicyType] }
    state.put(enabled)
    const full = [fullAccess, fullResourceAccess].find(({ type }) => type === PolicyType)
    if (full !== undefined)
      for (const target of targetsIn(state, organization))
        state.put({ ...target, policies: [...target.policies, full.id] })
    return { Root: shownRoot(enabled, root) }
  },
})

/** QUIRK: disabling-detaches. Every policy of the type comes off everything, and nothing of that comes back. */
export const disablePolicyType = organizations.write('DisablePolicyType', {
  level: 'permissions',
  needs: ({ RootId, PolicyType }, scene) => [needOn(scene, 'DisablePolicyType', RootId, askedType(PolicyType))],
  run: (scene, { RootId, PolicyType }) => {
    const { state } = scene
    const { organization } = admitted(scene, 'DisablePolicyType')
    const root = findRoot(scene, organization, RootId)
    if (!organization.policyTypes.includes(PolicyType)) notEnabled(scene)
    const disabled = { ...organization, policyTypes: organization.policyTypes.filter((type) => type !== PolicyType) }
    state.put(disabled)
    for (const target of targetsIn(state, organization)) {
      const others = without(state, organization, target, PolicyType)
      if (others.length < target.policies.length) state.put({ ...target, policies: others })
    }
    return { Root: shownRoot(disabled, root) }
  },
})

const without = (state: View, organization: Organization, target: Target, type: string): readonly string[] =>
  target.policies.filter((id) => policyIn(state, organization, id)?.type !== type)

function findRoot(
  scene: { readonly state: Writable } & Failing<'RootNotFoundException'>,
  organization: Organization,
  id: string,
): OrganizationUnit {
  const root = id === organization.root ? scene.state.get('organization-unit', id) : undefined
  return root ?? scene.fail('RootNotFoundException', noRoot)
}
