declare const sealed: unique symbol

/**
 * A secret as it stands in an entity: sealed under the key-encryption key and bound to its row, so that neither memory, disk,
 * backup nor another row gives it away. INVARIANT: only `token/vault.ts` makes one; what has the type cannot be a plain secret.
 */
export type Sealed = string & { readonly [sealed]: true }

/** The row that a secret belongs to. It opens nowhere else. */
export interface Binding {
  readonly kind: string
  readonly id: string
  /** The account, or an empty text where the entity has none. */
  readonly account: string
}

/** What seals and opens. Handed to whatever needs it; the key never leaves it. */
export interface Vault {
  readonly seal: (secret: string, row: Binding) => Sealed
  /** Throws where the text was sealed under a key that is not there, for another row, or was altered. */
  readonly open: (secret: Sealed, row: Binding) => string
}
