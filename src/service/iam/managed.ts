import { customerPolicy } from '../../access/layers.ts'
import type { Need } from '../../access/need.ts'
import { parseArn } from '../../base/arn.ts'
import { type AwsManagedPolicy, managedPolicy } from '../../model/managed.ts'
import { checkDocument, policySize } from '../../policy/check.ts'
import { attaching, boundedBy } from '../../state/index-keys.ts'
import type { ManagedPolicy } from '../../state/managed-policy.ts'
import type { Failing } from '../operation.ts'
import type { Place } from './lookup.ts'
import { within } from './quota.ts'
import { onPolicy } from './target.ts'

/** A managed policy as operations see it, whether it is the account's own or one of AWS's. */
export type Policy = Omit<ManagedPolicy, 'kind' | 'lastVersion'>

/** A policy of the caller's account. Another account's policies are as unknown as those that are not there. */
export function ownPolicy(place: Place, arn: string): ManagedPolicy | undefined {
  const policy = customerPolicy(place.state, arn)
  return policy?.account === place.caller.account ? policy : undefined
}

/** A policy that the caller's account may use: its own, or AWS's. */
export const policyAt = (place: Place, arn: string): Policy | undefined => ownPolicy(place, arn) ?? ofAws(arn)

/** One of AWS's policies in the shape of the account's own. The catalogue knows one version, the one that is in force. */
export const awsPolicy = (policy: AwsManagedPolicy): Policy => ({
  id: policy.id,
  account: 'aws',
  name: policy.name,
  path: policy.path,
  createdAt: policy.createdAt,
  updatedAt: policy.updatedAt,
  tags: [],
  defaultVersion: policy.defaultVersion,
  // Documents are packed until somebody reads one, and lists do not.
  get versions() {
    return [{ id: policy.defaultVersion, document: policy.document, createdAt: policy.updatedAt }]
  },
})

function ofAws(arn: string): Policy | undefined {
  const policy = managedPolicy(arn)
  return policy === undefined ? undefined : awsPolicy(policy)
}

/** As `policyAt`, where the policy must be there. */
export const findPolicy = (place: Place & Failing<'NoSuchEntity'>, arn: string): Policy =>
  policyAt(place, arn) ?? place.fail('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`)

/** The account's own policy, for operations that change it; AWS's may be changed by nobody. `refusal` is what AWS says to that. */
export function findOwn(place: Place & Failing<'NoSuchEntity'>, arn: string, refusal: string): ManagedPolicy {
  mustBeOwn(place, arn, refusal)
  return ownPolicy(place, arn) ?? place.fail('NoSuchEntity', `Policy ${arn} was not found.`)
}

export function mustBeOwn(place: Place & Failing, arn: string, refusal: string): void {
  if (parseArn(arn)?.account !== place.caller.account) place.fail('AccessDenied', refusal)
}

/** For operations that name a policy by its ARN: says what is none before anybody is asked for permission. */
export function mustBePolicyArn({ PolicyArn }: { readonly PolicyArn: string }, scene: Failing): void {
  const arn = parseArn(PolicyArn)
  if (arn?.service !== 'iam' || !arn.resource.startsWith('policy/'))
    scene.fail('ValidationError', `ARN ${PolicyArn} is not valid.`)
}

/** The path of AWS's policies for its own service-linked roles, which nobody else can hold. */
export const isServiceRolePolicy = (arn: string): boolean => arn.startsWith('arn:aws:iam::aws:policy/aws-service-role/')

export const needOnPolicy = (scene: Place, action: string, arn: string): Need =>
  onPolicy(action, arn, ownPolicy(scene, arn)?.tags)

interface Usage {
  /** Users, groups and roles of the caller's account that the policy is attached to. */
  readonly attachments: number
  /** Users and roles that it bounds. */
  readonly boundaries: number
}

export function usageOf({ state, caller: { account } }: Place, arn: string): Usage {
  const attached = attaching(account, arn)
  const bounded = boundedBy(account, arn)
  return {
    attachments:
      state.find('user', attached).length + state.find('group', attached).length + state.find('role', attached).length,
    boundaries: state.find('user', bounded).length + state.find('role', bounded).length,
  }
}

/** Grammar first, then size. White space outside strings does not count. */
export function mustBeManagedDocument(
  scene: Place & Failing<'MalformedPolicyDocument' | 'LimitExceeded'>,
  document: string,
): void {
  const finding = checkDocument('managed', document)
  if (finding !== undefined) scene.fail('MalformedPolicyDocument', finding.message)
  within(scene, 'PolicySizeQuota', policySize(document))
}
