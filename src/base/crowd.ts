import { clearBit, nextBit } from './bits.ts'
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

  /** Of the texts whose bits are set, 32 to a number, keeps those that the glob covers. Answers whether any is left. */
  narrow(glob: Glob, open: Int32Array): boolean {
    if (glob.chunks.length === 0) return nextBit(open, 0) >= 0
    if (this.ready(glob)) {
      const { places } = this
      if (places?.find(glob) === true) return places.narrow(open, glob.least)
      open.fill(0)
      return false
    }
    let left = false
    for (let at = nextBit(open, 0); at >= 0; at = nextBit(open, at + 1)) {
      if (glob.matches(this.texts[at] ?? '')) left = true
      else clearBit(open, at)
    }
    return left
  }

  /** Whether the glob covers the first text. */
  covers(glob: Glob): boolean {
    if (!glob.walks || !this.ready(glob)) return glob.matches(this.texts[0] ?? '')
    return this.places?.find(glob) === true && this.places.covered()
  }

  private ready(glob: Glob): boolean {
    if (this.places !== undefined) return true
    if (!this.indexable || (this.texts.length === 1 && !glob.walks)) return false
    if (this.asked++ < worthIt) return false
    this.places = new Places(this.texts)
    return true
  }
}
