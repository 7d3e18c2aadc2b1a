import type { Entity, Kind } from './entity.ts'

/**
 * An entity that is known to be sound and was not read yet: with a million of them, reading all would hold up every start for the few
 * thousand that are asked about. Its text stays as it is in the store until somebody asks for it, or for its account.
 */
export class Unread {
  readonly kind: Kind
  readonly id: string
  readonly account: string
  readonly #text: string
  readonly #entityOf: (text: string) => Entity

  constructor(
    { kind, id, account }: { readonly kind: Kind; readonly id: string; readonly account: string },
    text: string,
    entityOf: (text: string) => Entity,
  ) {
    this.kind = kind
    this.id = id
    this.account = account
    this.#text = text
    this.#entityOf = entityOf
  }

  /** The entity, made anew by each call. */
  read(): Entity {
    return this.#entityOf(this.#text)
  }
}

/** What a store hands over. */
export type Kept = Entity | Unread

export const readOf = (kept: Kept): Entity => (kept instanceof Unread ? kept.read() : kept)
