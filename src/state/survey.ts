import type { EntityOf, Kind } from './entity.ts'
import { type Kept, readOf } from './unread.ts'

/** Entities that are looked at in one turn: reading so many takes about a millisecond. */
const atOnce = 200

/**
 * Looks at every entity of some kinds, all as they are when it is called, which is at one revision; a few in each turn, so that whatever else
 * waits in the process has its own between them. Resolves when all were looked at.
 */
export type Survey = <K extends Kind>(kinds: readonly K[], look: (entity: EntityOf<K>) => void) => Promise<void>

export const surveyOver =
  (world: { readonly every: (kind: Kind) => readonly Kept[] }, defer: (run: () => void) => void): Survey =>
  async <K extends Kind>(kinds: readonly K[], look: (entity: EntityOf<K>) => void) => {
    // INVARIANT: entities are values, so what stands in these lists stays what it was, whatever becomes durable meanwhile.
    const lists = kinds.map((kind) => world.every(kind))
    let looked = 0
    for (const list of lists)
      for (const kept of list) {
        if (looked++ % atOnce === 0) await new Promise<void>((resolve) => defer(resolve))
        // A list holds entities of its own kind only, which the compiler cannot see. What was not read yet stays so: it is asked about once.
        look(readOf(kept) as EntityOf<K>)
      }
  }
