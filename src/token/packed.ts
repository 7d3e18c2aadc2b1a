import { Buffer } from 'node:buffer'
import { constants, deflateRawSync } from 'node:zlib'
import type { SessionTag } from './session.ts'

/** What a session is narrowed and described by, as it is passed in, with what it inherits of both. */
export interface PackedInputs {
  readonly inlinePolicy?: string
  readonly policyArns?: readonly string[]
  readonly tags?: readonly SessionTag[]
}

/**
 * AWS packs policies by a method of its own that it does not publish, and tells the outcome as a percentage. Ours writes what every
 * policy has in one byte and other texts as they are, and codes that by how often bytes come where it gets smaller so; looking for what
 * repeats itself would make more of long policies than AWS does. Over the space that tags have, too, it comes out where AWS was recorded
 * for two policies of one statement, and near it for two of eighteen and forty-two actions.
 */
const spaceBytes = 461
/** Of each policy, ARN and tag, beside what is in it: that yields to the percent what AWS was seen to tell of tags. */
const perPartBytes = 3
/** Before it is packed, there may be no more than a token holds: what repeats itself packs to almost nothing. */
const plainBytes = 40 * 1024

/** PackedPolicySize: how much of the space is used, in whole percent; 0 for nothing. Over 100 is PackedPolicyTooLarge. */
export function packedSize({ inlinePolicy, policyArns = [], tags = [] }: PackedInputs): number {
  return (inlinePolicy === undefined ? 0 : packedPolicy(inlinePolicy)) + packedArns(policyArns) + packedTags(tags)
}

/** How much of the space the tags alone use. */
export function packedTags(tags: readonly SessionTag[]): number {
  const bytes = tags.reduce(
    (sum, { key, value }) => sum + Buffer.byteLength(key) + Buffer.byteLength(value) + perPartBytes,
    0,
  )
  return percentOf(bytes)
}

const percentOf = (bytes: number): number => Math.round((100 * bytes) / spaceBytes)

function packedPolicy(policy: string): number {
  const plain = tokensOf(policy)
  return packed(plain, () => {
    const coded = deflateRawSync(plain, { strategy: constants.Z_HUFFMAN_ONLY })
    return Math.min(plain.length, coded.length) + perPartBytes
  })
}

/** ARNs of managed policies have most in common, and AWS lets ten of them through. */
function packedArns(arns: readonly string[]): number {
  if (arns.length === 0) return 0
  const plain = Buffer.from(arns.join('\0'))
  return packed(plain, () => deflateRawSync(plain, { level: 9 }).length + perPartBytes)
}

/** What is far too much is not packed to learn how much too much it is. */
const packed = (plain: Buffer, bytes: () => number): number =>
  plain.length > plainBytes ? Math.ceil((100 * plain.length) / plainBytes) : percentOf(bytes())

/** What is in policies whoever writes them: names of elements and of operators, and the few values that some of them can have. */
const words = [
  ...['Version', '2012-10-17', '2008-10-17', 'Id', 'Statement', 'Sid', 'Effect', 'Allow', 'Deny', 'Condition'],
  ...['Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource'],
  ...['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'ArnLike', 'ArnNotLike', 'ArnEquals', 'Bool'],
  ...['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'ArnNotEquals', 'Null', 'IpAddress', 'NotIpAddress'],
]
const byteOf: ReadonlyMap<string, Buffer> = new Map(words.map((word, at) => [word, Buffer.of(128 + at)]))
/** The beginnings of a list, an object and a text. */
const listByte = Buffer.of(1)
const objectByte = Buffer.of(2)
const textByte = Buffer.of(3)

/** One byte for a word, and for each list and object. White space takes no room. A text that is no JSON is refused elsewhere. */
function tokensOf(policy: string): Buffer {
  const parts: Buffer[] = []
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) {
      const text = String(node)
      parts.push(byteOf.get(text) ?? textOf(text))
      return
    }
    parts.push(Array.isArray(node) ? listByte : objectByte)
    for (const [name, member] of Object.entries(node)) {
      if (!Array.isArray(node)) walk(name)
      walk(member)
    }
  }
  try {
    walk(JSON.parse(policy))
  } catch {
    return textOf(policy)
  }
  return Buffer.concat(parts)
}

const textOf = (text: string): Buffer => Buffer.concat([textByte, Buffer.from(text)])
