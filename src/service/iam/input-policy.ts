import { checkDocument } from '../../policy/check.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import type { AttachedPolicy, PolicySource } from '../../policy/decide.ts'
import { compiledText } from '../../policy/kept.ts'
import type { Failing } from '../operation.ts'

/** How AWS calls the lists and the document that policies are put in, where it says that one is no policy. */
const places = {
  PolicyInputList: { noun: 'Policy input list item', kind: 'inline', type: 'inline' },
  PermissionsBoundaryPolicyInputList: {
    noun: 'Permissions boundary policy input list item',
    kind: 'inline',
    type: 'boundary',
  },
  ResourcePolicy: { noun: 'Resource policy', kind: 'resource', type: 'resource' },
} as const
export type InputPlace = keyof typeof places

/**
 * Policies that come with a request and stand nowhere: `PolicyInputList.1`, `PolicyInputList.2`, … They are held to the grammar that a
 * policy of their kind is held to when it is put, so that none is simulated that could not stand.
 */
export const inputPolicies = (
  scene: Failing<'InvalidInput'>,
  place: Exclude<InputPlace, 'ResourcePolicy'>,
  account: string,
  documents: readonly string[] = [],
): readonly AttachedPolicy[] =>
  documents.map((document, at) => inputPolicy(scene, place, account, document, `${place}.${at + 1}`, ` ${at + 1}`))

export function inputPolicy(
  scene: Failing<'InvalidInput'>,
  place: InputPlace,
  account: string,
  document: string,
  name: string = place,
  number = '',
): AttachedPolicy {
  const { noun, kind, type } = places[place]
  const policy: CompiledPolicy | undefined = compiled(kind, document)
  const source: PolicySource = { type, name, account }
  return policy === undefined ? scene.fail('InvalidInput', `${noun}${number} has invalid content`) : { policy, source }
}

function compiled(kind: 'inline' | 'resource', document: string): CompiledPolicy | undefined {
  if (checkDocument(kind, document) !== undefined) return undefined
  const policy = compiledText(document)
  return 'problem' in policy ? undefined : policy
}
