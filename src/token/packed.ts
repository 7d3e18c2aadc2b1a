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
 * AWS packs policies and tags by a method of its own that it does not publish, and tells the outcome as a percentage. Ours is
 * deflate over a space of 600 bytes, so that it comes out where AWS was seen to: about 16 percent for a policy of one statement.
 */
const spaceBytes = 600
/** Before it is packed, there may be no more than a token holds: what repeats itself packs to almost nothing. */
const plainBytes = 40 * 1024

/** PackedPolicySize: how much of the space is used, in whole percent, rounded up; 0 for nothing. Over 100 is PackedPolicyTooLarge. */
export function packedSize(inputs: PackedInputs): number {
  const parts: string[] = []
  if (inputs.inlinePolicy !== undefined) parts.push(compact(inputs.inlinePolicy))
  parts.push(...(inputs.policyArns ?? []))
  for (const { key, value } of inputs.tags ?? []) parts.push(key, value)
  if (parts.length === 0) return 0
  const plain = Buffer.from(parts.join('\0'))
  // A transitive tag has its key in the token twice.
  const keys = (inputs.tags ?? []).reduce((bytes, { key }) => bytes + Buffer.byteLength(key), 0)
  const unpacked = (plain.length + keys) / plainBytes
  // What is far too much is not packed to learn how much too much it is.
  if (unpacked > 1) return Math.ceil(100 * unpacked)
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
