import type { Member, StructureShape } from './shape.ts'

/** A member as AWS names it in what it says of an input: with a small first letter. */
export const told = (member: string): string => `${member.charAt(0).toLowerCase()}${member.slice(1)}`

const inOrder = new WeakMap<StructureShape, readonly Member[]>()

/**
 * QUIRK: hashed-complaints. IAM was recorded telling what is wrong with several members neither in the model's order nor in the
 * alphabet's, but in that of a Java hash table of their names: a minimum length, then the reuse of passwords, then their age.
 */
export function asComplainedOf(shape: StructureShape): readonly Member[] {
  let members = inOrder.get(shape)
  if (members === undefined) {
    let places = 16
    while (shape.members.length > places * 0.75) places *= 2
    // Where two names share a place, the one that came first stays first: the sort is stable.
    members = shape.members.toSorted((a, b) => placeOf(a.name, places) - placeOf(b.name, places))
    inOrder.set(shape, members)
  }
  return members
}

/** Where a Java hash table of so many places keeps a name: its 32-bit hash, the upper half folded over the lower. */
function placeOf(name: string, places: number): number {
  let hash = 0
  for (const char of told(name)) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0
  return (hash ^ (hash >>> 16)) & (places - 1)
}

const names = 'It must contain only alphanumeric characters and/or the following: +=,.@_-'
const path = 'It must begin and end with / and contain only alphanumeric characters and/or / characters.'
const prefix = 'It must begin with the / character and contain only alphanumeric characters and/or / characters.'

const ofShapes: ReadonlyMap<string, string> = new Map([
  ...[
    'entityNameType',
    'existingUserNameType',
    'groupNameType',
    'instanceProfileNameType',
    'policyNameType',
    'roleNameType',
    'serverCertificateNameType',
    'userNameType',
    'virtualMFADeviceName',
  ].map((shape) => [shape, names] as const),
  ['pathType', path],
  ['policyPathType', path],
  ['pathPrefixType', prefix],
  ['policyDocumentType', 'It must contain only printable ASCII characters.'],
  ['accessKeyIdType', 'It must contain only alphanumeric characters.'],
])

/**
 * QUIRK: own-words-for-patterns. Of names, paths and documents IAM says in words of its own which characters they may have, and then says
 * nothing else, also where they are empty or too long. The sentence for a member of a shape, or `undefined` where IAM tells the pattern.
 */
export function ownWords(service: string, shape: string, member: string): string | undefined {
  if (service !== 'iam') return undefined
  // A path of policies and a prefix of such paths are one shape.
  const words = member === 'pathPrefix' ? prefix : ofShapes.get(shape)
  return words === undefined ? undefined : `The specified value for ${member} is invalid. ${words}`
}
