import type { Guarded, Verdict } from './guesses.ts'

declare const sealed: unique symbol

/**
 * A secret as it stands in an entity: sealed under the key-encryption key and bound to its row, so that neither disk, backup nor
 * another row gives it away. INVARIANT: only `token/vault.ts` makes one; what has the type cannot be a plain secret.
 */
export type Sealed = string & { readonly [sealed]: true }

/** The row that a secret belongs to. It opens nowhere else. */
export interface Binding {
  readonly kind: string
  readonly id: string
  /** The account, or an empty text where the entity has none. */
  readonly account: string
}

/** Where keys come from: the data directory's own file, a file, the environment, or a program. */
export type KeyOrigin = 'directory' | 'file' | 'environment' | 'command'

/** What seals and opens. Handed to whatever needs it; the keys never leave it. */
export interface Vault {
  /** Under the key of that id, and where none is named under the first. Throws `CannotOpen` where that key is not there. */
  readonly seal: (secret: string, row: Binding, keyId?: string) => Sealed
  /** Throws `CannotOpen` where the text was sealed under a key that is not there, for another row, or was altered. */
  readonly open: (secret: Sealed, row: Binding) => string
  /** Opens and seals anew, under the key of that id. Throws `CannotOpen` as both do. */
  readonly reseal: (secret: Sealed, row: Binding, keyId?: string) => Sealed
  /** Where the keys come from. */
  readonly source: KeyOrigin
  /** The ids of the keys that are there, the first in front. An id is eight hex digits and tells nothing of its key. */
  readonly keyIds: () => readonly string[]
  /** Looks again which keys there are. Throws where they cannot be read, or lack the one that is needed; then those of before stay. */
  readonly reread: (needed?: string) => void
}

/** Codes that were shown one after the other, and the steps in one of which the first is looked for. */
export interface Shown {
  readonly codes: readonly string[]
  readonly from: number
  readonly to: number
}

/** What shows codes. */
export interface Seeded extends Guarded {
  readonly kind: 'mfa-device'
  readonly account: string
  readonly secret: Sealed
  /** The step of the last code that was ever good; whatever is not after it was used, or was passed over. */
  readonly lastStep?: number
}

/** Why codes are not taken: the device never showed them so, they were used or passed over, or too many wrong ones came before them. */
export type Unfit = Exclude<Verdict, 'right'> | 'used'

/** What operations can learn of a second factor's seed: whether codes are its own. */
export interface Codes {
  /**
   * The step of the last code, where the device with this seed showed the codes so, and all of them after its last step. INVARIANT:
   * why they are unfit is for the owner of the account: whoever shows codes is told the same of all of them.
   */
  readonly stepOf: (device: Seeded, shown: Shown) => number | Unfit
}

/** A vault as operations see it: secrets go in, and none comes out. */
export interface Safe extends Pick<Vault, 'source' | 'keyIds'>, Codes {
  /** Looks again which keys there are, and takes them where the one is among them that the state names. Throws where not. */
  readonly reread: () => void
  /** Under the key that the state names. */
  readonly seal: (secret: string, row: Binding) => Sealed
  /** The same secret, sealed anew under the key that the state names now. */
  readonly reseal: (secret: Sealed, row: Binding) => Sealed
}

/** A secret that cannot be had, by the ids of row and key: never by a byte of either. It is a trouble of ours, not of who asks. */
export class CannotOpen extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CannotOpen'
  }
}
