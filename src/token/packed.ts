import { Buffer } from 'node:buffer'
import { deflateRawSync } from 'node:zlib'
import type { SessionTag } from './session.ts'

/** What a session is narrowed and described by, as it is passed in, with what it inherits of both. */
export interface PackedInputs {
  readonly inlinePolicy?: string
  readonly policyArns?: readonly string[]
  readonly tags?: readonly SessionTag[]
}

/**
 * AWS packs policies by a method of its own that it does not publish, and tells the outcome as a percentage. Ours is
 * deflate over a space of 600 bytes, so that it comes out where AWS was seen to: about 16 percent for a policy of one statement.
 */
const spaceBytes = 600
/** Before it is packed, there may be no more than a token holds: what repeats itself packs to almost nothing. */
const plainBytes = 40 * 1024
/** Tags AWS counts as they are, and three bytes more for each: that yields to the percent what it was seen to tell of tags. */
const tagSpaceBytes = 461
const perTagBytes = 3

/** PackedPolicySize: how much of the space is used, in whole percent; 0 for nothing. Over 100 is PackedPolicyTooLarge. */
export function packedSize({ inlinePolicy, policyArns = [], tags = [] }: PackedInputs): number {
  return (
    packedPolicies([...(inlinePolicy === undefined ? [] : [compact(inlinePolicy)]), ...policyArns]) + packedTags(tags)
  )
}

/** How much of the space the tags alone use. */
export function packedTags(tags: readonly SessionTag[]): number {
  const bytes = tags.reduce(
    (sum, { key, value }) => sum + Buffer.byteLength(key) + Buffer.byteLength(value) + perTagBytes,
    0,
  )
  return Math.round((100 * bytes) / tagSpaceBytes)
}

function packedPolicies(parts: readonly string[]): number {
  if (parts.length === 0) return 0
  const plain = Buffer.from(parts.join('\0'))
  // What is far too much is not packed to learn how much too much it is.
  if (plain.length > plainBytes) return Math.ceil((100 * plain.length) / plainBytes)
  return Math.ceil((100 * deflateRawSync(plain, { level: 9 }).length) / spaceBytes)
}

/** White space between a policy's tokens takes no room. A text that is no JSON is counted as it is; it is refused elsewhere. */
function compact(policy: string): string {
  try {
    return JSON.stringify(JSON.parse(policy))
  } catch {
    return policy
  }
}
