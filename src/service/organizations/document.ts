import type * as Shape from '../../model/calls/organizations.ts'
import { checkDocument } from '../../policy/check.ts'
import type { Failing } from '../operation.ts'
import { managementFlaw } from './inheritance.ts'

const unfit = 'The provided policy document does not meet the requirements of the specified policy type.'

/** Throws AWS's refusal of a document that is none of its type. */
export function mustBeDocument(
  scene: Failing<'MalformedPolicyDocumentException'>,
  type: Shape.PolicyType,
  content: string,
): void {
  const flawed =
    type === 'SERVICE_CONTROL_POLICY'
      ? checkDocument('scp', content)
      : type === 'RESOURCE_CONTROL_POLICY'
        ? checkDocument('rcp', content)
        : managementFlaw(type, content)
  if (flawed !== undefined) scene.fail('MalformedPolicyDocumentException', unfit)
}
