/** The patterns of the model: Java regular expressions that must match a whole value. */

const matchers = new Map<string, (text: string) => boolean>()

/**
 * Whether a text matches a pattern of the model as a whole. Patterns are AWS's, never a caller's; values are hostile. Nearly
 * every pattern is one class of characters repeated, and is looked at as what it forbids: one pass, no way back.
 */
export function matches(pattern: string, text: string): boolean {
  let matcher = matchers.get(pattern)
  if (!matcher) {
    matcher = compile(pattern)
    matchers.set(pattern, matcher)
  }
  return matcher(text)
}

/** A name, an at sign, and a domain with a point inside: as a regular expression it would be tried at every point anew. */
function isAddress(text: string): boolean {
  const at = text.indexOf('@')
  if (at < 1 || /[\s@]/u.test(text.slice(0, at)) || /[\s@]/u.test(text.slice(at + 1))) return false
  const point = text.indexOf('.', at + 2)
  return point >= 0 && point < text.length - 1
}

/** Patterns that a hostile value would make slow, and what says the same in one pass. */
const onePass: ReadonlyMap<string, (text: string) => boolean> = new Map([['[^\\s@]+@[^\\s@]+\\.[^\\s@]+', isAddress]])

function compile(pattern: string): (text: string) => boolean {
  const own = onePass.get(pattern)
  if (own !== undefined) return own
  const run = /^\^?\[((?:[^[\]\\^]|\\.)(?:[^[\]\\]|\\.)*)\]([+*])\$?$/.exec(pattern)
  if (run) {
    const [, allowed = '', times] = run
    const forbidden = new RegExp(`[^${translate(allowed, true)}]`, 'u')
    return (text) => (times === '*' || text !== '') && !forbidden.test(text)
  }
  // Java's flag by which a dot means line breaks, too.
  const everything = pattern.startsWith('(?s)')
  const whole = new RegExp(`^(?:${translate(everything ? pattern.slice(4) : pattern)})$`, everything ? 'us' : 'u')
  return (text) => whole.test(text)
}

/** Java allows a backslash before any character that needs none; JavaScript's `u` flag does not, and a hyphen needs one in a class only. */
function translate(pattern: string, within = false): string {
  let inClass = within
  return pattern.replace(/\\(.)|[[\]]/gu, (whole, char: string | undefined) => {
    if (char === undefined) {
      inClass = within || whole === '['
      return whole
    }
    if (char === '-') return inClass ? whole : char
    return /[\^$\\.*+?()[\]{}|/dDwWsSbBpPuxtrnvf0-9]/.test(char) ? whole : char
  })
}
