import type { Hasher, PasswordHash, Passwords } from '../base/password.ts'
import { Pending } from './pending.ts'
import type { Judge } from './trial.ts'

/**
 * The passwords of one request. Hashing takes long on purpose and must hold nobody else up, while an operation runs in one tick: so
 * an operation that asks for what is not known yet is left by a `Pending`, its draft is dropped, the answer is worked out on
 * another thread, and the operation runs again on the state as it is then. INVARIANT: what is kept here is true of the hash and
 * the password alone, never of the state. It goes with the request.
 */
export class RequestPasswords {
  readonly #hasher: Hasher
  readonly #hashes = new Map<string, PasswordHash>()
  readonly #verdicts = new Map<PasswordHash, Map<string, boolean>>()

  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  /** As one run of the operation has them. */
  judgedBy(judge: Judge): Passwords {
    return {
      hash: (password) => this.hash(password),
      isAny: (hashes, password) => this.isAny(hashes, password),
      judge: (profile, password) => judge(profile, this.isAny(profile.hashes.slice(0, 1), password)),
    }
  }

  hash(password: string): PasswordHash {
    const known = this.#hashes.get(password)
    if (known !== undefined) return known
    throw new Pending(async () => {
      this.#hashes.set(password, await this.#hasher.hash(password))
    })
  }

  isAny(hashes: readonly PasswordHash[], password: string): boolean {
    const open: PasswordHash[] = []
    for (const hash of hashes) {
      const known = this.#verdicts.get(hash)?.get(password)
      if (known === true) return true
      if (known === undefined) open.push(hash)
    }
    if (open.length === 0) return false
    throw new Pending(async () => {
      // One after the other: one request must not take all the threads.
      for (const hash of open) if (await this.#verify(hash, password)) return
    })
  }

  async #verify(hash: PasswordHash, password: string): Promise<boolean> {
    const verdict = await this.#hasher.is(hash, password)
    const known = this.#verdicts.get(hash) ?? new Map<string, boolean>()
    this.#verdicts.set(hash, known.set(password, verdict))
    return verdict
  }
}
