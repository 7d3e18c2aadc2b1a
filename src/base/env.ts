/** Time, handed in. Milliseconds since the epoch; never read from the machine outside `host/`. */
export interface Clock {
  readonly now: () => number
}

/** Runs something later; hands back how to call it off. Handed in, so that a test can turn the clock by hand. */
export type Schedule = (milliseconds: number, run: () => void) => () => void

/** Chance, handed in. Cryptographically strong where the host builds it, seeded where a test does. */
export interface Random {
  readonly bytes: (count: number) => Uint8Array
}
