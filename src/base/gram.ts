/**
 * A quick no for many patterns over one text. A policy may hold thousands of wildcard patterns, and each would walk the whole
 * text to find out that a piece of it stands nowhere. So a text that is asked about again and again is walked once: the hashes of all
 * its pieces of 1, 2, 4, 8, 16 and 32 characters go into a table of bits, and a pattern whose pieces are not there is refused
 * without a walk. Collisions only cost the walk: a piece that is there is never denied.
 */

const levels = 6

const mix = (left: number, right: number): number => {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}

const single = (code: number): number => mix(code + 1, 0x27d4eb2f)

/**
 * The hashes by which a piece is looked for: of its beginning and its end, each as long as the largest power of two that fits. Both
 * together cover the piece, up to twice the longest length there is.
 */
export function gramsOf(piece: string): readonly number[] {
  let level = 0
  while (level + 1 < levels && 2 ** (level + 1) <= piece.length) level++
  const hashes = hashesOf(piece, level)
  const [first, last] = [hashes[0], hashes[hashes.length - 1]]
  return first === undefined || last === undefined ? [] : first === last ? [first] : [first, last]
}

/** The hashes of all pieces of 2 ** level characters, each made of those of its two halves. */
function hashesOf(text: string, level: number): Int32Array {
  const hashes = new Int32Array(text.length)
  for (let at = 0; at < text.length; at++) hashes[at] = single(text.charCodeAt(at))
  let count = text.length
  for (let step = 0; step < level; step++) {
    const half = 2 ** step
    count -= half
    for (let at = 0; at < count; at++) hashes[at] = mix(hashes[at] ?? 0, hashes[at + half] ?? 0)
  }
  return hashes.subarray(0, count)
}

/** The texts that were asked about last. A table of bits is a function of its text alone, so keeping it changes no answer. */
interface Recent {
  text: string
  asked: number
  bits: Int32Array | undefined
}
const recent: readonly Recent[] = Array.from({ length: 4 }, () => ({ text: '', asked: 0, bits: undefined }))
let oldest = 0

/** From so many questions about one text on, the table pays. */
const worthIt = 12

/** Whether the text certainly lacks one of the pieces that these hashes stand for. */
export function lacks(text: string, grams: Int32Array): boolean {
  let entry: Recent | undefined
  for (const candidate of recent) {
    if (candidate.text === text) {
      entry = candidate
      // The next comparison with this very string is one of addresses.
      entry.text = text
      break
    }
  }
  if (entry === undefined) {
    entry = recent[oldest]
    oldest = (oldest + 1) % recent.length
    if (entry === undefined) return false
    entry.text = text
    entry.asked = 0
    entry.bits = undefined
  }
  if (entry.bits === undefined) {
    entry.asked++
    if (entry.asked < worthIt) return false
    entry.bits = tableOf(text)
  }
  const { bits } = entry
  const mask = bits.length - 1
  for (let at = 0; at < grams.length; at++) {
    const hash = grams[at] ?? 0
    if ((((bits[(hash >>> 5) & mask] ?? 0) >>> (hash & 31)) & 1) === 0) return true
  }
  return false
}

/** About one bit in ten is set, whatever the length, up to a quarter of a megabyte for the longest texts. */
function tableOf(text: string): Int32Array {
  let words = 64
  while (words < text.length * 2 && words < 65_536) words *= 2
  const bits = new Int32Array(words)
  const mask = words - 1
  everyGram(text, (hash) => {
    const word = (hash >>> 5) & mask
    bits[word] = (bits[word] ?? 0) | (1 << (hash & 31))
  })
  return bits
}

/** The hashes of all pieces of a text, of every length that `gramsOf` looks for. */
export function everyGram(text: string, visit: (hash: number) => void): void {
  const hashes = new Int32Array(text.length)
  for (let at = 0; at < text.length; at++) hashes[at] = single(text.charCodeAt(at))
  let count = text.length
  for (let step = 0; ; step++) {
    for (let at = 0; at < count; at++) visit(hashes[at] ?? 0)
    const half = 2 ** step
    if (step === levels - 1 || count <= half) return
    count -= half
    for (let at = 0; at < count; at++) hashes[at] = mix(hashes[at] ?? 0, hashes[at + half] ?? 0)
  }
}
