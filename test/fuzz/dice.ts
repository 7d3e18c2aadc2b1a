/** Chance from a seed: the same seed gives the same run, so a failure can be had again. */
export interface Dice {
  /** A whole number from 0 up to, not including, `below`. */
  readonly upTo: (below: number) => number
  readonly pick: <T>(items: readonly T[]) => T
  readonly bytes: (count: number) => Uint8Array
}

/** Mulberry32, a small generator whose sequence is the same on every machine. */
export function dice(seed: number): Dice {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const upTo = (below: number): number => Math.floor((next() / 2 ** 32) * below)
  return {
    upTo,
    pick(items) {
      const item = items[upTo(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => upTo(256)),
  }
}
