import type { GlobToken } from '../../src/base/glob.ts'

/** Obviously right, and slow: every way to match is tried, in a table. A character is a UTF-16 code unit. */
export function covers(tokens: readonly GlobToken[], text: string): boolean {
  const pattern: { wild: boolean; char: string }[] = []
  for (const token of tokens) {
    if (typeof token === 'string') pattern.push({ wild: true, char: token })
    else for (const char of token.text.split('')) pattern.push({ wild: false, char })
  }
  let reached = new Set([0])
  const spread = (places: Set<number>) => {
    for (const at of places) if (pattern[at]?.wild === true && pattern[at]?.char === '*') places.add(at + 1)
    return places
  }
  spread(reached)
  for (const char of text.split('')) {
    const next = new Set<number>()
    for (const at of reached) {
      const part = pattern[at]
      if (part === undefined) continue
      if (part.wild && part.char === '*') next.add(at)
      else if (part.wild || part.char === char) next.add(at + 1)
    }
    reached = spread(next)
  }
  return reached.has(pattern.length)
}
