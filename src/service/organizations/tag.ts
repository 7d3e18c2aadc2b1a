import type * as Shape from '../../model/calls/organizations.ts'
import type { Tag } from '../../state/identity.ts'
import type { Failing } from '../operation.ts'
import { invalid, violates } from './fault.ts'

const mostTags = 50

/** Tags of a request, where they may stand together. Keys are compared with regard to case. */
export function validTags(
  scene: Failing<'InvalidInputException' | 'ConstraintViolationException'>,
  tags: readonly Shape.Tag[] = [],
): readonly Tag[] {
  const seen = new Set<string>()
  for (const { Key } of tags) {
    if (Key.toLowerCase().startsWith('aws:'))
      invalid(scene, 'INVALID_SYSTEM_TAGS_PARAMETER', 'You cannot add, edit, or delete system tags.')
    if (seen.has(Key)) invalid(scene, 'DUPLICATE_TAG_KEY', 'Tag keys must be unique among the tags of one resource.')
    seen.add(Key)
  }
  return within(
    scene,
    tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
  )
}

/** Old tags give way to those of the same key. */
export const merged = (
  scene: Failing<'ConstraintViolationException'>,
  old: readonly Tag[],
  fresh: readonly Tag[],
): readonly Tag[] =>
  within(scene, [...new Map([...old, ...fresh].map((tag): [string, Tag] => [tag.key, tag])).values()])

function within(scene: Failing<'ConstraintViolationException'>, tags: readonly Tag[]): readonly Tag[] {
  if (tags.length > mostTags)
    violates(scene, 'MAX_TAG_LIMIT_EXCEEDED', 'You have exceeded the number of tags allowed on this resource.')
  return tags
}
