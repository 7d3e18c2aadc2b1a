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

function compile(pattern: string): (text: string) => boolean {
  const run = /^\^?\[((?:[^[\]\\^]|\\.)(?:[^[\]\\]|\\.)*)\]([+*])\$?$/.exec(pattern)
  if (run) {
    const [, allowed = '', times] = run
    const forbidden = new RegExp(`[^${translate(allowed)}]`, 'u')
    return (text) => (times === '*' || text !== '') && !forbidden.test(text)
  }
  const whole = new RegExp(`^(?:${translate(pattern)})$`, 'u')
  return (text) => whole.test(text)
}

/** Java allows a backslash before any character that needs none; JavaScript's `u` flag does not. */
const translate = (pattern: string): string =>
  pattern.replace(/\\(.)/gu, (whole, char: string) =>
    /[\^$\\.*+?()[\]{}|/\-dDwWsSbBpPuxtrnvf0-9]/.test(char) ? whole : char,
  )
