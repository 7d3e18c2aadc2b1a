import type { Session } from '../../access/caller.ts'
import type { Tag } from '../../state/identity.ts'
import type { Failing } from '../operation.ts'

const folded = (keys: readonly string[]): ReadonlySet<string> => new Set(keys.map((key) => key.toLowerCase()))

/** A tag that a token brings. Those that a request brings the model holds to the same (STS API Reference, "Tag"). */
export const isSessionTag = ({ key, value }: Tag): boolean => tagKey.test(key) && tagValue.test(value)
const tagKey = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const tagValue = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u
export const sessionTagsMax = 50

/** The tags that the calling session hands on whether it wants to or not. */
export function inheritedTags(session: Session | undefined): readonly Tag[] {
  if (session === undefined) return []
  const transitive = folded(session.transitiveTagKeys)
  return session.tags.filter((tag) => transitive.has(tag.key.toLowerCase()))
}

/** Tag keys of a session are compared without regard to case, and inherited transitive tags cannot be replaced. */
export function checkSessionTags(
  { fail }: Failing,
  tags: readonly Tag[],
  transitiveKeys: readonly string[],
  inherited: readonly Tag[],
): void {
  const passed = folded(tags.map((tag) => tag.key))
  if (passed.size < tags.length) {
    fail('InvalidParameterValue', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  const reserved = tags.find(({ key }) => key.toLowerCase().startsWith('aws:'))
  if (reserved !== undefined)
    fail('InvalidParameterValue', `Tag key ${reserved.key} is not valid: the prefix aws: is reserved for use by AWS.`)
  if (!transitiveKeys.every((key) => passed.has(key.toLowerCase()))) {
    fail('InvalidParameterValue', 'The specified transitive tag key must be included in the requested tags.')
  }
  if (inherited.some((tag) => passed.has(tag.key.toLowerCase()))) {
    fail(
      'InvalidParameterValue',
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
  }
}
