import { managedPolicies } from '../../model/managed.ts'
import { inAccount } from '../../state/index-keys.ts'
import type { ManagedPolicy } from '../../state/managed-policy.ts'
import { operationsOf } from '../operation.ts'
import { mustBeFree, newborn } from './make.ts'
import {
  awsPolicy,
  findOwn,
  findPolicy,
  mustBeManagedDocument,
  mustBePolicyArn,
  needOnPolicy,
  type Policy,
  usageOf,
} from './managed.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { policyArn, policyInFull, policyInList, tagsIn } from './render.ts'
import { validTags } from './tagging.ts'
import { onNew } from './target.ts'

const iam = operationsOf('iam')

export const createPolicy = iam.write('CreatePolicy', {
  level: 'permissions',
  needs: ({ PolicyName, Path, Tags }, scene) =>
    onNew(
      scene,
      'CreatePolicy',
      { kind: 'policy', name: PolicyName, path: Path, tags: Tags },
      { noun: `policy ${PolicyName}` },
    ),
  run: (scene, { PolicyName, Path, PolicyDocument, Description, Tags }) => {
    const tags = validTags(scene, 'exact', Tags)
    mustBeManagedDocument(scene, PolicyDocument)
    mustBeFree(scene, 'policy', PolicyName)
    within(scene, 'PoliciesQuota', scene.state.find('policy', inAccount(scene.caller.account)).length + 1)

    const born = newborn(scene, 'ANPA', PolicyName, Path)
    const policy: ManagedPolicy = {
      kind: 'policy',
      ...born,
      updatedAt: born.createdAt,
      ...(Description === undefined ? {} : { description: Description }),
      tags,
      versions: [{ id: 'v1', document: PolicyDocument, createdAt: born.createdAt }],
      defaultVersion: 'v1',
      lastVersion: 1,
    }
    scene.state.put(policy)
    return { Policy: { ...policyInList(scene, policy), ...tagsIn(policy) } }
  },
})

export const getPolicy = iam.read('GetPolicy', {
  level: 'read',
  check: mustBePolicyArn,
  needs: ({ PolicyArn }, scene) => [needOnPolicy(scene, 'GetPolicy', PolicyArn)],
  run: (scene, { PolicyArn }) => ({ Policy: policyInFull(scene, findPolicy(scene, PolicyArn)) }),
})

export const listPolicies = iam.read('ListPolicies', {
  level: 'list',
  needs: ({ PathPrefix }) => [{ action: 'iam:ListPolicies', resource: '*', noun: `policy path ${PathPrefix ?? '/'}` }],
  run: (scene, input) => {
    const { account } = scene.caller
    const { Scope = 'All', PathPrefix = '/', OnlyAttached = false, PolicyUsageFilter: usage } = input
    const own: readonly Policy[] = Scope === 'AWS' ? [] : scene.state.find('policy', inAccount(account))
    const aws: readonly Policy[] = Scope === 'Local' ? [] : [...managedPolicies()].map(awsPolicy)

    const wanted = (policy: Policy): boolean => {
      if (!policy.path.startsWith(PathPrefix)) return false
      if (!OnlyAttached && usage === undefined) return true
      const { attachments, boundaries } = usageOf(scene, policyArn(policy))
      return usage === 'PermissionsBoundary' ? boundaries > 0 : attachments > 0
    }
    const policies = [...own, ...aws].filter(wanted)
    // QUIRK: policies-in-order. The account's own come first; AWS's follow in the order in which AWS made them.
    const keyOf = ({ account: owner, createdAt, name }: Policy) =>
      owner === account ? `0 ${name}` : `1 ${String(createdAt).padStart(15, '0')} ${name}`
    const { shown, end } = page(scene, input, `policies ${account}`, policies, keyOf)
    return { Policies: shown.map((policy) => policyInList(scene, policy)), ...end }
  },
})

export const deletePolicy = iam.write('DeletePolicy', {
  level: 'permissions',
  check: mustBePolicyArn,
  needs: ({ PolicyArn }, scene) => [needOnPolicy(scene, 'DeletePolicy', PolicyArn)],
  run: (scene, { PolicyArn }) => {
    const policy = findOwn(scene, PolicyArn, 'Cannot delete policies outside your own account.')
    const { attachments, boundaries } = usageOf(scene, PolicyArn)
    if (attachments + boundaries > 0) scene.fail('DeleteConflict', 'Cannot delete a policy attached to entities.')
    if (policy.versions.length > 1)
      scene.fail(
        'DeleteConflict',
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      )
    scene.state.remove('policy', policy.id)
    return {}
  },
})
