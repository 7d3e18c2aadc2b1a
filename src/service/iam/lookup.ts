import type { EntityOf } from '../../state/entity.ts'
import { named } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import type { Failing } from '../operation.ts'

/** Where an operation looks: the state, and the account that the caller acts in. Names never reach into another account. */
export interface Place {
  readonly state: View
  readonly caller: { readonly account: string }
}

export type NamedKind = 'user' | 'group' | 'role' | 'instance-profile' | 'server-certificate'

/** What AWS says of a name that is not there. */
const missing: Readonly<Record<NamedKind, (name: string) => string>> = {
  user: (name) => `The user with name ${name} cannot be found.`,
  group: (name) => `The group with name ${name} cannot be found.`,
  role: (name) => `The role with name ${name} cannot be found.`,
  'instance-profile': (name) => `Instance Profile ${name} cannot be found.`,
  'server-certificate': (name) => `The Server Certificate with name ${name} cannot be found.`,
}

/**
 * The entity of this name in the caller's account. Names are unique without regard to case, but found only as they are
 * written: a policy's resource is compared with regard to case too, so a name in another case is another resource.
 */
export function seek<K extends NamedKind>(place: Place, kind: K, name: string): EntityOf<K> | undefined {
  const entity = place.state.one(kind, named(place.caller.account, name))
  // Every kind that is found by name has one, which the compiler cannot see through the open kind.
  return entity !== undefined && (entity as { readonly name: string }).name === name ? entity : undefined
}

/** As `seek`, where the entity must be there. */
export const find = <K extends NamedKind>(place: Place & Failing<'NoSuchEntity'>, kind: K, name: string): EntityOf<K> =>
  seek(place, kind, name) ?? place.fail('NoSuchEntity', missing[kind](name))
