import type * as Shape from '../../model/calls/iam.ts'
import { arnOf } from '../../state/entity.ts'
import { type Failing, operationsOf } from '../operation.ts'
import type { Place } from './lookup.ts'
import { page } from './page.ts'
import { findSource, mustBePolicySource, onSource, policiesOver } from './policy-source.ts'
import { type Simulated, type Standing, simulation } from './simulation.ts'

const iam = operationsOf('iam')

type Asked = Simulated & Pick<Shape.SimulateCustomPolicyRequest, 'MaxItems' | 'Marker'>

/** What one answer may cost, in decisions over one statement. AWS too may answer less than was asked for, and says that there is more. */
const mostCost = 20_000
const itemsByDefault = 100

export const simulateCustomPolicy = iam.read('SimulateCustomPolicy', {
  level: 'read',
  needs: () => [{ action: 'iam:SimulateCustomPolicy', resource: '*' }],
  run: (scene, input) => simulated(scene, input, { identity: [], boundary: undefined, arn: undefined }),
})

/** What the principal's own policies say, and what is put beside them; a boundary that is put in takes the place of the one there is. */
export const simulatePrincipalPolicy = iam.read('SimulatePrincipalPolicy', {
  level: 'read',
  check: mustBePolicySource,
  needs: ({ PolicySourceArn }, scene) => [onSource(scene, 'SimulatePrincipalPolicy', PolicySourceArn)],
  run: (scene, input) => {
    const holder = findSource(scene, input.PolicySourceArn)
    return simulated(scene, input, { ...policiesOver(scene.state, holder), arn: arnOf(holder) })
  },
})

/** A page counts actions, with all resources of each. QUIRK: simulation-pages. A marker says how far it was, whatever is asked with it. */
function simulated(
  scene: Place & Failing<'InvalidInput'>,
  asked: Asked,
  standing: Standing,
): Shape.SimulatePolicyResponse {
  const { result, cost } = simulation(scene, asked, standing)
  const affordable = Math.max(1, Math.floor(mostCost / cost))
  const { shown, end } = page(
    { fail: () => scene.fail('InvalidInput', 'Invalid marker for pagination.') },
    { Marker: asked.Marker, MaxItems: Math.min(asked.MaxItems ?? itemsByDefault, affordable) },
    `simulation ${scene.caller.account}`,
    asked.ActionNames,
    (_, at) => String(at).padStart(8, '0'),
  )
  return { EvaluationResults: shown.map(result), ...end }
}
