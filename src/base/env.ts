/** Time, handed in. Milliseconds since the epoch; never read from the machine outside `host/`. */
export interface Clock {
  readonly now: () => number
}

/** Chance, handed in. Cryptographically strong where the host builds it, seeded where a test does. */
export interface Random {
  readonly bytes: (count: number) => Uint8Array
}
