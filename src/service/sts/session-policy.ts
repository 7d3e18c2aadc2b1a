import { managedDocument } from '../../access/layers.ts'
import { checkDocument } from '../../policy/check.ts'
import type { Tag } from '../../state/identity.ts'
import type { View } from '../../state/view.ts'
import { packedSize, packedTags } from '../../token/packed.ts'
import type { Failing } from '../operation.ts'

const inlineCharacters = 2_048
const policyArnsPerSession = 10

/** What narrows and marks a session, as the request gives it. */
export interface SessionLimits {
  readonly policy: string | undefined
  readonly policyArns: readonly string[]
  readonly tags: readonly Tag[]
}

/** The checks that need no state: size, count and grammar (IAM User Guide, "Session policies"). */
export function checkSessionPolicy(
  { fail }: Failing<'MalformedPolicyDocument'>,
  { policy, policyArns }: SessionLimits,
): void {
  if (policy !== undefined && [...policy].length > inlineCharacters) {
    fail(
      'ValidationError',
      `1 validation error detected: Value '${policy}' at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${inlineCharacters}`,
    )
  }
  if (policyArns.length > policyArnsPerSession) {
    fail(
      'ValidationError',
      `1 validation error detected: Value '[${policyArns.join(', ')}]' at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to ${policyArnsPerSession}`,
    )
  }
  const finding = policy === undefined ? undefined : checkDocument('session', policy)
  if (finding !== undefined) fail('MalformedPolicyDocument', finding.message)
}

/** Managed session policies are looked up in the account that the session will act in, or are AWS's own. */
export function checkPolicyArns(
  { state, fail }: Failing & { readonly state: View },
  account: string,
  policyArns: readonly string[],
): void {
  for (const arn of policyArns) {
    const local = arn.startsWith(`arn:aws:iam::${account}:policy/`) || arn.startsWith('arn:aws:iam::aws:policy/')
    if (!local || managedDocument(state, arn) === undefined) fail('ValidationError', `ARN ${arn} is not valid.`)
  }
}

/** How full the session's packed limits are, in percent. */
export function packedPercent({ fail }: Failing<'PackedPolicyTooLarge'>, limits: SessionLimits): number {
  const { policy: inlinePolicy, policyArns, tags } = limits
  // QUIRK: packed-tags-told-apart. Tags that are too much by themselves are refused in words of their own, whatever else is given.
  const ofTags = packedTags(tags)
  if (ofTags > 100) fail('PackedPolicyTooLarge', `Packed size of session tags consumes ${ofTags}% of allotted space.`)
  const percent = packedSize({ ...(inlinePolicy === undefined ? {} : { inlinePolicy }), policyArns, tags })
  if (percent > 100) {
    fail('PackedPolicyTooLarge', `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`)
  }
  return percent
}
