import { bitsOf, keep } from '../base/bits.ts'
import { Crowd, shortText } from '../base/crowd.ts'
import { compileTokens, type Glob, type GlobToken } from '../base/glob.ts'

/** A resource, or any text that is matched as an ARN. Cut into its segments when first asked, and once. */
export class AskedArn {
  readonly text: string
  private cut: readonly string[] | undefined | null = null
  private readonly crowds: (Crowd | undefined)[] = []

  constructor(text: string) {
    this.text = text
  }

  /** `arn` and the five segments after it, the last with whatever colons follow; `undefined` where the text is no ARN. */
  get segments(): readonly string[] | undefined {
    if (this.cut === null) this.cut = this.text.startsWith('arn:') ? splitArn(this.text) : undefined
    return this.cut
  }

  /** Whether the glob covers one of the segments. */
  covers(glob: Glob, at: number): boolean {
    const segment = this.segments?.[at]
    if (segment === undefined) return false
    if (!glob.walks || segment.length <= shortText) return glob.matches(segment)
    let crowd = this.crowds[at]
    if (crowd === undefined) {
      crowd = new Crowd([segment])
      this.crowds[at] = crowd
    }
    return crowd.covers(glob)
  }
}

/** Many texts that are matched as ARNs. */
export class AskedArns {
  readonly whole: Crowd
  /** Which of the texts are ARNs, as bits. */
  readonly arns: Int32Array
  private readonly cut: readonly (readonly string[] | undefined)[]
  private readonly crowds: (Crowd | undefined)[] = []

  constructor(texts: readonly string[]) {
    this.whole = new Crowd(texts)
    this.cut = texts.map((text) => new AskedArn(text).segments)
    this.arns = bitsOf(this.cut, (segments) => segments !== undefined)
  }

  /** One segment of each of them, empty where a text is no ARN. */
  segment(at: number): Crowd {
    let crowd = this.crowds[at]
    if (crowd === undefined) {
      crowd = new Crowd(this.cut.map((segments) => segments?.[at] ?? ''))
      this.crowds[at] = crowd
    }
    return crowd
  }
}

export function splitArn(text: string): readonly string[] | undefined {
  const segments: string[] = []
  let from = 0
  while (segments.length < 5) {
    const colon = text.indexOf(':', from)
    if (colon < 0) return undefined
    segments.push(text.slice(from, colon))
    from = colon + 1
  }
  segments.push(text.slice(from))
  return segments
}

/** The patterns that are the same in their first five segments, which have no wildcard. */
interface Fronted {
  /** Those five with their colons. They can only stand at the front of an ARN that has the very same segments. */
  readonly front: string
  readonly beginning: Glob
  readonly lasts: Glob[]
}

/** Patterns over ARNs: wildcards match inside their own segment, and freely only in the sixth. */
export class ArnPatterns {
  private readonly fronted: readonly Fronted[]
  /** Each as its segments from the second on. */
  private readonly others: readonly (readonly Glob[])[]

  /**
   * `padded`: a pattern of fewer than six segments stands for all ARNs that begin so, as `Resource` has it; in conditions such a
   * pattern matches nothing.
   */
  constructor(patterns: readonly (readonly GlobToken[])[], padded: boolean) {
    const fronted = new Map<string, Fronted>()
    const others: (readonly Glob[])[] = []
    for (const tokens of patterns) {
      const segments = splitTokens(tokens)
      // Segments that are not there are not asked for.
      if (segments.length < 6 && (!padded || segments.length < 2)) continue
      const globs = segments.map((segment) => compileTokens(segment))
      const [first, ...rest] = globs
      if (first?.matches('arn') !== true) continue
      const [last] = rest.slice(4)
      const literals = globs.slice(0, 5).map(({ literal }) => literal)
      if (last === undefined || literals.includes(undefined)) {
        others.push(rest)
        continue
      }
      const front = `${literals.join(':')}:`
      const known = fronted.get(front)
      if (known !== undefined) known.lasts.push(last)
      else fronted.set(front, { front, beginning: compileTokens([{ text: front }, '*']), lasts: [last] })
    }
    this.fronted = [...fronted.values()]
    this.others = others
  }

  /** Whether one of the patterns covers the text. */
  cover(asked: AskedArn): boolean {
    const { text } = asked
    for (const { front, lasts } of this.fronted) {
      if (!text.startsWith(front)) continue
      const isLong = text.length - front.length > shortText
      for (const last of lasts) {
        if (isLong && last.walks ? asked.covers(last, 5) : last.matches(text, front.length)) return true
      }
    }
    for (const rest of this.others) if (rest.every((glob, at) => asked.covers(glob, at + 1))) return true
    return false
  }

  /**
   * Hands over one question after the other, until one is answered by true: a question keeps, of the texts whose bits are set, those
   * that one pattern covers, and answers whether any is left.
   */
  ask(asked: AskedArns, answer: (narrow: (open: Int32Array) => boolean) => boolean): boolean {
    for (const { beginning, lasts } of this.fronted) {
      const begun = asked.arns.slice()
      if (!asked.whole.narrow(beginning, begun)) continue
      const crowd = asked.segment(5)
      for (const last of lasts) if (answer((open) => keep(open, begun) && crowd.narrow(last, open))) return true
    }
    for (const rest of this.others) {
      const narrow = (open: Int32Array) =>
        keep(open, asked.arns) && rest.every((glob, at) => asked.segment(at + 1).narrow(glob, open))
      if (answer(narrow)) return true
    }
    return false
  }
}

/** Cuts tokens at their first five literal colons. */
function splitTokens(tokens: readonly GlobToken[]): GlobToken[][] {
  let current: GlobToken[] = []
  const segments = [current]
  for (const token of tokens) {
    if (token === '*' || token === '?') {
      current.push(token)
      continue
    }
    let from = 0
    while (segments.length < 6) {
      const colon = token.text.indexOf(':', from)
      if (colon < 0) break
      current.push({ text: token.text.slice(from, colon) })
      current = []
      segments.push(current)
      from = colon + 1
    }
    current.push({ text: token.text.slice(from) })
  }
  return segments
}
