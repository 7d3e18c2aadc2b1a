import type { ManagedPolicy, PolicyVersion } from '../../state/managed-policy.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { wholeSecond } from './make.ts'
import {
  findOwn,
  findPolicy,
  mustBeManagedDocument,
  mustBeOwn,
  mustBePolicyArn,
  needOnPolicy,
  ownPolicy,
  type Policy,
  policyAt,
} from './managed.ts'
import { page } from './page.ts'
import { limitOf } from './quota.ts'
import { encoded, versionInList } from './render.ts'

const iam = operationsOf('iam')

/** One message for a policy that is not there and a version that it does not have. */
function versionOf(
  scene: Failing<'NoSuchEntity'>,
  policy: Policy | undefined,
  { PolicyArn, VersionId }: { readonly PolicyArn: string; readonly VersionId: string },
): PolicyVersion {
  return (
    policy?.versions.find(({ id }) => id === VersionId) ??
    scene.fail('NoSuchEntity', `Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`)
  )
}

const numberOf = (version: PolicyVersion): number => Number(version.id.slice(1))

export const createPolicyVersion = iam.write('CreatePolicyVersion', {
  level: 'permissions',
  check: mustBePolicyArn,
  needs: ({ PolicyArn }, scene) => [needOnPolicy(scene, 'CreatePolicyVersion', PolicyArn)],
  run: (scene, { PolicyArn, PolicyDocument, SetAsDefault = false }) => {
    const policy = findOwn(scene, PolicyArn, 'Cannot update policies outside your own account.')
    mustBeManagedDocument(scene, PolicyDocument)
    const limit = limitOf(scene, 'VersionsPerPolicyQuota')
    if (policy.versions.length >= limit)
      scene.fail(
        'LimitExceeded',
        `A managed policy can have up to ${limit} versions. Before you create a new version, you must delete an existing version.`,
      )

    const number = policy.lastVersion + 1
    const createdAt = wholeSecond(scene.now)
    const version: PolicyVersion = { id: `v${number}`, document: PolicyDocument, createdAt }
    const changed: ManagedPolicy = {
      ...policy,
      updatedAt: createdAt,
      versions: [...policy.versions, version],
      defaultVersion: SetAsDefault ? version.id : policy.defaultVersion,
      lastVersion: number,
    }
    scene.state.put(changed)
    return { PolicyVersion: versionInList(changed, version) }
  },
})

/** The one operation that shows a version's document. */
export const getPolicyVersion = iam.read('GetPolicyVersion', {
  level: 'read',
  check: mustBePolicyArn,
  needs: ({ PolicyArn }, scene) => [needOnPolicy(scene, 'GetPolicyVersion', PolicyArn)],
  run: (scene, input) => {
    const policy = policyAt(scene, input.PolicyArn)
    const version = versionOf(scene, policy, input)
    const shown = { Document: encoded(version.document), VersionId: version.id, CreateDate: version.createdAt }
    return { PolicyVersion: { ...shown, IsDefaultVersion: version.id === policy?.defaultVersion } }
  },
})

/** Newest first. */
export const listPolicyVersions = iam.read('ListPolicyVersions', {
  level: 'list',
  check: mustBePolicyArn,
  needs: ({ PolicyArn }, scene) => [needOnPolicy(scene, 'ListPolicyVersions', PolicyArn)],
  run: (scene, input) => {
    const policy = findPolicy(scene, input.PolicyArn)
    const keyOf = (version: PolicyVersion) => String(Number.MAX_SAFE_INTEGER - numberOf(version))
    const { shown, end } = page(scene, input, `versions ${policy.id}`, policy.versions, keyOf)
    return { Versions: shown.map((version) => versionInList(policy, version)), ...end }
  },
})

/** Works at once on everyone who holds the policy. */
export const setDefaultPolicyVersion = iam.write('SetDefaultPolicyVersion', {
  level: 'permissions',
  check: mustBePolicyArn,
  needs: ({ PolicyArn }, scene) => [needOnPolicy(scene, 'SetDefaultPolicyVersion', PolicyArn)],
  run: (scene, input) => {
    mustBeOwn(scene, input.PolicyArn, 'Cannot update policies outside your own account.')
    const policy = ownPolicy(scene, input.PolicyArn)
    const version = versionOf(scene, policy, input)
    if (policy !== undefined) scene.state.put({ ...policy, defaultVersion: version.id })
    return {}
  },
})

export const deletePolicyVersion = iam.write('DeletePolicyVersion', {
  level: 'permissions',
  check: mustBePolicyArn,
  needs: ({ PolicyArn }, scene) => [needOnPolicy(scene, 'DeletePolicyVersion', PolicyArn)],
  run: (scene, input) => {
    const refusal = 'Cannot delete policy versions for policies outside your own account.'
    const policy = findOwn(scene, input.PolicyArn, refusal)
    const version = versionOf(scene, policy, input)
    if (version.id === policy.defaultVersion)
      scene.fail('DeleteConflict', 'Cannot delete the default version of a policy.')
    scene.state.put({ ...policy, versions: policy.versions.filter((other) => other !== version) })
    return {}
  },
})
