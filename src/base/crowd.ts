import type { Glob } from './glob.ts'
import { Places } from './places.ts'

/** From so many globs on, an index of the texts pays. */
const worthIt = 12
/** Up to this length a walk costs about as much as an index. */
export const shortText = 64
/** An index takes some 150 bytes for each character. Longer texts are walked. */
const mostIndexed = 262_144

/**
 * Texts that may be asked about by any number of globs. A legal policy set holds tens of thousands of patterns, and if each walked the
 * text, that were their product. So from some number on the texts are indexed, and it is their sum.
 */
export class Crowd {
  readonly texts: readonly string[]
  private asked = 0
  private places: Places | undefined
  private readonly indexable: boolean

  constructor(texts: readonly string[]) {
    this.texts = texts
    let length = 0
    for (const text of texts) length += text.length
    this.indexable = (texts.length > 1 || length > shortText) && length <= mostIndexed
  }

  /** Of the texts that are marked by 1 in `open`, keeps those that the glob covers. Answers whether any is left. */
  narrow(glob: Glob, open: Uint8Array): boolean {
    if (glob.chunks.length === 0) return open.includes(1)
    const { texts } = this
    let left = false
    if (!this.ready(glob)) {
      for (let at = 0; at < texts.length; at++) {
        if (open[at] !== 1) continue
        if (glob.matches(texts[at] ?? '')) left = true
        else open[at] = 0
      }
      return left
    }
    const { places } = this
    if (places?.find(glob) !== true) {
      open.fill(0)
      return false
    }
    for (let at = open.indexOf(1); at >= 0; at = open.indexOf(1, at + 1)) {
      const covered = places.covered(at)
      if (covered < 0) {
        open.fill(0, at)
        break
      }
      open.fill(0, at, covered)
      if (open[covered] === 1) left = true
      at = covered
    }
    return left
  }

  /** Whether the glob covers the first text. */
  covers(glob: Glob): boolean {
    if (!glob.walks || !this.ready(glob)) return glob.matches(this.texts[0] ?? '')
    return this.places?.find(glob) === true && this.places.covered(0) === 0
  }

  private ready(glob: Glob): boolean {
    if (this.places !== undefined) return true
    if (!this.indexable || (this.texts.length === 1 && !glob.walks)) return false
    if (this.asked++ < worthIt) return false
    this.places = new Places(this.texts)
    return true
  }
}
