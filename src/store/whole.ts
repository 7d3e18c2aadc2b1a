import type { Entity } from '../state/entity.ts'
import type { Head } from '../state/head.ts'
import { readOf } from '../state/unread.ts'
import type { Store } from './store.ts'

/** Everything that a store holds, read: for who looks at all of it. Rejects as `load` does. */
export async function loadWhole(
  store: Pick<Store, 'load'>,
): Promise<{ readonly head: Head; readonly entities: readonly Entity[] }> {
  const { head, entities } = await store.load()
  return { head, entities: entities.map(readOf) }
}
