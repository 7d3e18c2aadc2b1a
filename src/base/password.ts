import type { Guarded, Verdict } from './guesses.ts'

declare const hashed: unique symbol

/** A password's hash, with its salt and its cost (PHC string). INVARIANT: only `host/hasher.ts` makes one; what has the type is no password. */
export type PasswordHash = string & { readonly [hashed]: true }

/** What hashes passwords, on threads of its own: it takes long, as it must. */
export interface Hasher {
  readonly hash: (password: string) => Promise<PasswordHash>
  readonly is: (hash: PasswordHash, password: string) => Promise<boolean>
}

/**
 * Passwords as operations see them: answers at once, because nothing waits between reading the state and writing to it. What is
 * not known yet is found out between two runs of the operation (`gate/passwords.ts`).
 */
export interface Passwords {
  /** A new hash of a password: the same one whenever this request asks again. */
  readonly hash: (password: string) => PasswordHash
  /** Whether one of the hashes is of this password. */
  readonly isAny: (hashes: readonly PasswordHash[], password: string) => boolean
  /** What a password that somebody shows as the present one is worth. */
  readonly judge: (profile: Guarded & { readonly hashes: readonly PasswordHash[] }, password: string) => Verdict
}
