/** How web identity tokens are signed (STS API Reference, GetWebIdentityToken). */
export type TokenAlgorithm = 'RS256' | 'ES384'
export const tokenAlgorithms: readonly TokenAlgorithm[] = ['RS256', 'ES384']

/** What makes key pairs, on threads of its own: an RSA key takes a good part of a second. */
export interface KeyMaker {
  /** A new private key: PKCS #8 in PEM. */
  readonly make: (algorithm: TokenAlgorithm) => Promise<string>
}

/**
 * New key pairs as operations see them: at once, because nothing waits between reading the state and writing to it. What is not
 * made yet is made between two runs of the operation (`gate/key-pairs.ts`).
 */
export interface KeyPairs {
  /** A new private key, PKCS #8 in PEM: the same one whenever this request asks again. */
  readonly fresh: (algorithm: TokenAlgorithm) => string
}
