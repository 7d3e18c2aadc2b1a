import { unitsAbove } from '../../access/organization.ts'
import type * as Shape from '../../model/calls/organizations.ts'
import type { Membership, Organization } from '../../state/organization.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { ownPolicy } from './arn.ts'
import { invalid, noAccess, noTarget } from './fault.ts'
import { effective } from './inheritance.ts'
import { admitted, manages, needOn } from './insider.ts'
import { findMember } from './member.ts'
import { paged } from './page.ts'
import { askedType } from './policy.ts'

const organizations = operationsOf('organizations')

interface Effective {
  readonly content: string
  readonly updatedAt: number
}

/** What the policies of a type come to for a member, those of the root first; `undefined` where there are none. */
function effectiveFor(
  state: View,
  organization: Organization,
  member: Membership,
  type: string,
): Effective | undefined {
  const levels = [...unitsAbove(state, member.parent), member].map(({ policies }) =>
    policies.flatMap((id) => {
      const policy = ownPolicy(state, organization, id)
      return policy?.type === type ? [policy] : []
    }),
  )
  const policies = levels.flat()
  if (policies.length === 0) return undefined
  const content = effective(levels.map((level) => level.map(({ document }) => document))) ?? '{}'
  return { content, updatedAt: Math.max(...policies.map(({ updatedAt }) => updatedAt)) }
}

const none = (scene: Failing<'EffectivePolicyNotFoundException'>): never =>
  scene.fail('EffectivePolicyNotFoundException', 'You specified a policy type that has no effective policy.')

/** A member asks for itself, who manages or stands in for any account. */
export const describeEffectivePolicy = organizations.read('DescribeEffectivePolicy', {
  level: 'read',
  needs: ({ PolicyType, TargetId }, scene) => [
    needOn(scene, 'DescribeEffectivePolicy', TargetId ?? scene.caller.account, askedType(PolicyType)),
  ],
  run: (scene, { PolicyType, TargetId }) => {
    const { state, caller } = scene
    const insider = admitted(scene, 'DescribeEffectivePolicy')
    const { organization, membership } = insider
    const target = TargetId ?? caller.account
    if (target !== caller.account && !manages(insider) && membership.delegated.length === 0)
      scene.fail('AccessDeniedException', noAccess)
    if (/^(?:r|ou)-/.test(target))
      invalid(scene, 'TARGET_NOT_SUPPORTED', 'You cannot perform the specified operation on that target entity.')
    const member = state.get('membership', target)
    if (member?.organization !== organization.id) return scene.fail('TargetNotFoundException', noTarget)
    const found = organization.policyTypes.includes(PolicyType)
      ? effectiveFor(state, organization, member, PolicyType)
      : undefined
    if (found === undefined) return none(scene)
    return {
      EffectivePolicy: {
        PolicyContent: found.content,
        LastUpdatedTimestamp: found.updatedAt,
        TargetId: target,
        PolicyType,
      },
    }
  },
})

/** Every document was found good when it was put, and what inheriting makes of good ones is good: no account has an invalid one. */
export const listAccountsWithInvalidEffectivePolicy = organizations.read('ListAccountsWithInvalidEffectivePolicy', {
  level: 'list',
  needs: ({ PolicyType }, scene) => [
    needOn(scene, 'ListAccountsWithInvalidEffectivePolicy', undefined, askedType(PolicyType)),
  ],
  run: (scene, input) => {
    const { organization } = admitted(scene, 'ListAccountsWithInvalidEffectivePolicy')
    mustBeEnabled(scene, organization, input.PolicyType)
    const list = `invalid ${organization.id} ${input.PolicyType}`
    const { shown, end } = paged<Shape.Account>(scene, input, list, [], ({ Id }) => Id ?? '')
    return { Accounts: shown, PolicyType: input.PolicyType, ...end }
  },
})

export const listEffectivePolicyValidationErrors = organizations.read('ListEffectivePolicyValidationErrors', {
  level: 'list',
  needs: ({ AccountId, PolicyType }, scene) => [
    needOn(scene, 'ListEffectivePolicyValidationErrors', AccountId, askedType(PolicyType)),
  ],
  run: (scene, input) => {
    const { state, now } = scene
    const { organization } = admitted(scene, 'ListEffectivePolicyValidationErrors')
    const member = findMember(scene, organization, input.AccountId)
    mustBeEnabled(scene, organization, input.PolicyType)
    if (effectiveFor(state, organization, member, input.PolicyType) === undefined) none(scene)
    const path = [organization.id, ...unitsAbove(state, member.parent).map(({ id }) => id), member.id].join('/')
    const list = `errors ${member.id} ${input.PolicyType}`
    const { shown, end } = paged<Shape.EffectivePolicyValidationError>(scene, input, list, [], () => '')
    return {
      AccountId: member.id,
      PolicyType: input.PolicyType,
      Path: `${path}/`,
      EvaluationTimestamp: now,
      EffectivePolicyValidationErrors: shown,
      ...end,
    }
  },
})

function mustBeEnabled(
  scene: Failing<'EffectivePolicyNotFoundException'>,
  { policyTypes }: Organization,
  type: string,
): void {
  if (!policyTypes.includes(type)) none(scene)
}
