import type { Group, Role, User } from '../../state/identity.ts'
import type { View } from '../../state/view.ts'
import { operationsOf, type Scene, type Writable } from '../operation.ts'
import { type Family, groups, onHolder, roles, users } from './holder.ts'
import { findPolicy, isServiceRolePolicy, mustBePolicyArn } from './managed.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { onNamed } from './target.ts'

const iam = operationsOf('iam')

interface Policy {
  readonly PolicyArn: string
}
interface Paged {
  readonly PathPrefix?: string | undefined
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

/** `/path/Name` of a policy's ARN. */
const pathAndName = (arn: string): string => arn.slice(arn.indexOf('/'))
const nameOfPolicy = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)

/**
 * Three verbs over three holders, in the same words. The holder is what is authorized; which policy is meant is only a condition
 * key.
 */
const attachment = <Held extends User | Group | Role, Input extends object, Code extends string>(
  family: Family<Held, Input, Code>,
) => {
  const { word, nameOf } = family
  const needs = (action: string) => (input: Input & Policy, scene: Scene) => [
    onHolder(family, scene, action, nameOf(input), { 'iam:PolicyARN': [input.PolicyArn] }),
  ]

  return {
    /** Attaching twice is attaching once. */
    attach: {
      level: 'permissions' as const,
      check: mustBePolicyArn,
      needs: needs(`Attach${word}Policy`),
      run: (
        scene: Scene<Writable, 'NoSuchEntity' | 'LimitExceeded' | 'PolicyNotAttachable' | Code>,
        input: Input & Policy,
      ) => {
        const held = family.find(scene, nameOf(input))
        family.guard(scene, held)
        findPolicy(scene, input.PolicyArn)
        if (isServiceRolePolicy(input.PolicyArn))
          scene.fail('PolicyNotAttachable', 'Cannot attach a Service Role Policy to a Customer Role.')
        if (held.attached.includes(input.PolicyArn)) return {}
        within(scene, `AttachedPoliciesPer${word}Quota`, held.attached.length + 1)
        scene.state.put({ ...held, attached: [...held.attached, input.PolicyArn] })
        return {}
      },
    },

    detach: {
      level: 'permissions' as const,
      check: mustBePolicyArn,
      needs: needs(`Detach${word}Policy`),
      run: (scene: Scene<Writable, 'NoSuchEntity' | Code>, input: Input & Policy) => {
        const held = family.find(scene, nameOf(input))
        family.guard(scene, held)
        if (!held.attached.includes(input.PolicyArn))
          scene.fail('NoSuchEntity', `Policy ${input.PolicyArn} was not found.`)
        scene.state.put({ ...held, attached: held.attached.filter((arn) => arn !== input.PolicyArn) })
        return {}
      },
    },

    list: {
      level: 'list' as const,
      needs: (input: Input & Paged, scene: Scene) => [
        onNamed(scene, `ListAttached${word}Policies`, family.kind, nameOf(input)),
      ],
      run: (scene: Scene<View, 'NoSuchEntity'>, input: Input & Paged) => {
        const held = family.find(scene, nameOf(input))
        const arns = held.attached.filter((arn) => pathAndName(arn).startsWith(input.PathPrefix ?? '/'))
        // Two policies of one name are AWS's and the account's own; the owner tells them apart.
        const keyOf = (arn: string) => `${nameOfPolicy(arn)} ${arn.split(':')[4]}`
        const { shown, end } = page(scene, input, `attached ${held.id}`, arns, keyOf)
        return { AttachedPolicies: shown.map((arn) => ({ PolicyName: nameOfPolicy(arn), PolicyArn: arn })), ...end }
      },
    },
  }
}

const ofUser = attachment(users)
export const attachUserPolicy = iam.write('AttachUserPolicy', ofUser.attach)
export const detachUserPolicy = iam.write('DetachUserPolicy', ofUser.detach)
export const listAttachedUserPolicies = iam.read('ListAttachedUserPolicies', ofUser.list)

const ofGroup = attachment(groups)
export const attachGroupPolicy = iam.write('AttachGroupPolicy', ofGroup.attach)
export const detachGroupPolicy = iam.write('DetachGroupPolicy', ofGroup.detach)
export const listAttachedGroupPolicies = iam.read('ListAttachedGroupPolicies', ofGroup.list)

const ofRole = attachment(roles)
export const attachRolePolicy = iam.write('AttachRolePolicy', ofRole.attach)
export const detachRolePolicy = iam.write('DetachRolePolicy', ofRole.detach)
export const listAttachedRolePolicies = iam.read('ListAttachedRolePolicies', ofRole.list)
