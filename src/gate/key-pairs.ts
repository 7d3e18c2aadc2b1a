import type { KeyMaker, KeyPairs, TokenAlgorithm } from '../base/key-pair.ts'
import { Pending } from './pending.ts'

/**
 * The key pairs of one request, made as passwords are hashed: where one is asked for that is not there yet, the run is left by a
 * `Pending`, the key is made on another thread, and the operation runs again. It goes with the request: one that was made for
 * nothing is nobody's key.
 */
export class RequestKeyPairs implements KeyPairs {
  readonly #maker: KeyMaker
  readonly #made = new Map<TokenAlgorithm, string>()

  constructor(maker: KeyMaker) {
    this.#maker = maker
  }

  fresh(algorithm: TokenAlgorithm): string {
    const known = this.#made.get(algorithm)
    if (known !== undefined) return known
    throw new Pending(async () => {
      this.#made.set(algorithm, await this.#maker.make(algorithm))
    })
  }
}
