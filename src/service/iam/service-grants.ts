import { parseArn } from '../../base/arn.ts'
import { awsServices } from '../../model/aws-service.ts'
import type * as Shape from '../../model/calls/iam.ts'
import type { AttachedPolicy } from '../../policy/decide.ts'
import { grantsService } from '../../policy/service-access.ts'
import { operationsOf, type Scene } from '../operation.ts'
import { page } from './page.ts'
import { findSource, onSource, policiesOver } from './policy-source.ts'

const iam = operationsOf('iam')

function mustBeEntity({ Arn }: { readonly Arn: string }, scene: Scene): void {
  const arn = parseArn(Arn)
  const kind = arn?.resource.split('/')[0] ?? ''
  if (arn?.service !== 'iam' || arn.account !== scene.caller.account || !['user', 'group', 'role'].includes(kind))
    scene.fail('InvalidInput', `Invalid Entity Arn: ${Arn} is not supported.`)
}

/** Which of an entity's policies, a user's groups' included, grant anything of each service. Boundaries grant nothing. */
export const listPoliciesGrantingServiceAccess = iam.read('ListPoliciesGrantingServiceAccess', {
  level: 'list',
  check: mustBeEntity,
  needs: ({ Arn }, scene) => [onSource(scene, 'ListPoliciesGrantingServiceAccess', Arn)],
  run: (scene, { Arn, ServiceNamespaces, Marker }) => {
    const unknown = ServiceNamespaces.filter((namespace) => !awsServices().has(namespace))
    if (unknown.length > 0) scene.fail('InvalidInput', `Invalid service namespace: [${unknown.join(', ')}]`)
    const { identity } = policiesOver(scene.state, findSource(scene, Arn))
    const namespaces = [...new Set(ServiceNamespaces)]
    const { shown, end } = page(scene, { Marker }, `grants ${scene.caller.account} ${Arn}`, namespaces, (_, at) =>
      String(at).padStart(3, '0'),
    )
    return {
      PoliciesGrantingServiceAccess: shown.map((namespace) => ({
        ServiceNamespace: namespace,
        Policies: identity.filter(({ policy }) => grantsService(policy, namespace)).map(granting),
      })),
      ...end,
    }
  },
})

function granting({ source: { name, arn, holder = '' } }: AttachedPolicy): Shape.PolicyGrantingServiceAccess {
  if (arn !== undefined) return { PolicyName: name, PolicyType: 'MANAGED', PolicyArn: arn }
  const resource = parseArn(holder)?.resource ?? ''
  const kind = resource.slice(0, resource.indexOf('/'))
  return {
    PolicyName: name,
    PolicyType: 'INLINE',
    EntityType: kind === 'group' ? 'GROUP' : kind === 'role' ? 'ROLE' : 'USER',
    EntityName: resource.slice(resource.lastIndexOf('/') + 1),
  }
}
