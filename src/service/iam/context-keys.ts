import { contextKeysIn } from '../../policy/context-key.ts'
import { operationsOf } from '../operation.ts'
import { inputPolicies } from './input-policy.ts'
import { findSource, mustBePolicySource, onSource, policiesOver } from './policy-source.ts'

const iam = operationsOf('iam')

/** Each document's keys as they are written. QUIRK: keys-a-document. What two documents ask for is told twice. */
export const getContextKeysForCustomPolicy = iam.read('GetContextKeysForCustomPolicy', {
  level: 'read',
  needs: () => [{ action: 'iam:GetContextKeysForCustomPolicy', resource: '*' }],
  run: (scene, { PolicyInputList }) => {
    const policies = inputPolicies(scene, 'PolicyInputList', scene.caller.account, PolicyInputList)
    return { ContextKeyNames: policies.flatMap(({ policy }) => contextKeysIn(policy.document)) }
  },
})

/** The boundary is asked for keys too; trust policies, which are resources' policies, are not. */
export const getContextKeysForPrincipalPolicy = iam.read('GetContextKeysForPrincipalPolicy', {
  level: 'read',
  check: mustBePolicySource,
  needs: ({ PolicySourceArn }, scene) => [onSource(scene, 'GetContextKeysForPrincipalPolicy', PolicySourceArn)],
  run: (scene, { PolicySourceArn, PolicyInputList }) => {
    const { identity, boundary } = policiesOver(scene.state, findSource(scene, PolicySourceArn))
    const further = inputPolicies(scene, 'PolicyInputList', scene.caller.account, PolicyInputList)
    const policies = [...identity, ...(boundary === undefined ? [] : [boundary]), ...further]
    return { ContextKeyNames: policies.flatMap(({ policy }) => contextKeysIn(policy.document)) }
  },
})
