/** Sets of small numbers, as bits, 32 to a number. */

/** The places of the items that the set is to hold. */
export function bitsOf<T>(items: readonly T[], isSet: (item: T) => boolean): Int32Array {
  const bits = new Int32Array(Math.ceil(items.length / 32))
  for (const [at, item] of items.entries()) if (isSet(item)) setBit(bits, at)
  return bits
}

export const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits)

export function setBit(bits: Int32Array, at: number): void {
  bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31))
}

export function clearBit(bits: Int32Array, at: number): void {
  bits[at >>> 5] = (bits[at >>> 5] ?? 0) & ~(1 << (at & 31))
}

/** Keeps in `bits` what is also in `others`. Answers whether anything is left. */
export function keep(bits: Int32Array, others: Int32Array): boolean {
  let left = 0
  for (let at = 0; at < bits.length; at++) {
    const both = (bits[at] ?? 0) & (others[at] ?? 0)
    bits[at] = both
    left |= both
  }
  return left !== 0
}

/** The first bit that is set at or after `from`, or -1. */
export function nextBit(bits: Int32Array, from: number): number {
  let word = from >>> 5
  let rest = (bits[word] ?? 0) & (-1 << (from & 31))
  while (rest === 0) {
    if (++word >= bits.length) return -1
    rest = bits[word] ?? 0
  }
  return word * 32 + lowestBit(rest)
}
