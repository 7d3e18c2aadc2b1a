import type { Random } from '../../base/env.ts'
import { type IdPrefix, uniqueId } from '../../base/id.ts'
import { named } from '../../state/index-keys.ts'
import type { Failing } from '../operation.ts'
import type { NamedKind, Place } from './lookup.ts'

/** What AWS says of a name that is taken. */
const taken: Readonly<Record<NamedKind | 'policy', (name: string) => string>> = {
  user: (name) => `User with name ${name} already exists.`,
  group: (name) => `Group with name ${name} already exists.`,
  role: (name) => `Role with name ${name} already exists.`,
  'instance-profile': (name) => `Instance Profile ${name} already exists.`,
  'server-certificate': (name) => `The Server Certificate with name ${name} already exists.`,
  policy: (name) => `A policy called ${name} already exists. Duplicate names are not allowed.`,
}

/** Names are unique without regard to case or path. `self` is the entity that may keep its own name in another case. */
export function mustBeFree(
  place: Place & Failing<'EntityAlreadyExists'>,
  kind: NamedKind | 'policy',
  name: string,
  self?: string,
): void {
  const there = place.state.one(kind, named(place.caller.account, name))
  if (there !== undefined && there.id !== self) place.fail('EntityAlreadyExists', taken[kind](name))
}

interface Birth {
  readonly now: number
  readonly random: Random
  readonly caller: { readonly account: string }
}

/** What every new entity has. QUIRK: empty-segments. A path may have two slashes in a row: AWS was recorded keeping it as it was given. */
export const newborn = (scene: Birth, prefix: IdPrefix, name: string, path = '/') => ({
  id: uniqueId(scene.random, prefix),
  account: scene.caller.account,
  name,
  path,
  createdAt: wholeSecond(scene.now),
})

/** AWS keeps no fractions of seconds. */
export const wholeSecond = (now: number): number => now - (now % 1000)
