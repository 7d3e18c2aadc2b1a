import { all, maybe, no, type Truth, truth, yes } from './truth.ts'

/** What a context key holds. An empty set of values counts as absent. */
export type Found = { readonly values: readonly string[]; readonly many: boolean } | 'absent' | 'unknown'
export type Lookup = (key: string) => Found

/** One character of a pattern; a wild one is `*` or `?` with its power. */
export interface Sign {
  readonly char: string
  readonly wild: boolean
}

const plain = (text: string): Sign[] => Array.from(text, (char) => ({ char, wild: false }))
const wild = (text: string): Sign[] => Array.from(text, (char) => ({ char, wild: char === '*' || char === '?' }))

/** Whether a pattern stands for a whole text: keeps every place of the text that the signs read so far may reach. */
export function fits(pattern: readonly Sign[], text: string): boolean {
  const chars = Array.from(text)
  let places = new Set([0])
  for (const sign of pattern) {
    const reached = new Set<number>()
    for (const place of places) {
      if (sign.wild && sign.char === '*') for (let end = place; end <= chars.length; end++) reached.add(end)
      else if (place < chars.length && (sign.wild || chars[place] === sign.char)) reached.add(place + 1)
    }
    places = reached
  }
  return places.has(chars.length)
}

/** What a text with policy variables stands for; `nothing` when a variable has no value, which no text matches. */
export type Spelled = Sign[] | 'nothing' | 'unknown'

/** Puts values in the place of variables (Version 2012-10-17). What comes from a value has no wildcards. */
export function spell(text: string, modern: boolean, lookup: Lookup): Spelled {
  if (!modern) return wild(text)
  const signs: Sign[] = []
  let unknown = false
  let nothing = false
  let at = 0
  while (at < text.length) {
    const [variable, escaped, key = '', fallback] =
      /^\$\{(?:([*?$])|([^,'}]+)(?:, '([^']*)')?)\}/.exec(text.slice(at)) ?? []
    // CHOICE: a `${` that is never closed is plain text; one that is closed, but written in any other way than
    // `${key}` or `${key, 'default'}`, is a variable that has no value.
    const end = text.startsWith('${', at) ? text.indexOf('}', at) + 1 : 0
    if (variable === undefined && end === 0) {
      const [char = ''] = text.slice(at)
      signs.push(...wild(char))
      at += char.length
      continue
    }
    at = variable === undefined ? end : at + variable.length
    if (escaped !== undefined) {
      signs.push(...plain(escaped))
      continue
    }
    const found = key === '' ? 'absent' : lookup(key)
    if (found === 'unknown') unknown = true
    else if (found === 'absent') {
      // CHOICE: wildcards in a default are plain text too, as in every substituted value.
      if (fallback === undefined) nothing = true
      else signs.push(...plain(fallback))
    }
    // CHOICE: a multivalued key has no value as a variable, however many values it has, and no default helps.
    else if (found.many) nothing = true
    else signs.push(...plain(found.values[0] ?? ''))
  }
  // A variable without a value settles it, whatever an unknown one beside it holds.
  return nothing ? 'nothing' : unknown ? 'unknown' : signs
}

/** The six parts of an ARN; the last may contain colons. Fewer where there are fewer colons. */
export function segments(signs: readonly Sign[]): Sign[][] {
  const parts: Sign[][] = [[]]
  for (const sign of signs)
    if (sign.char === ':' && parts.length < 6) parts.push([])
    else parts.at(-1)?.push(sign)
  return parts
}

function textSegments(text: string): string[] {
  const parts = text.split(':')
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')]
}

/** The six parts of a text that is an ARN. */
export function arnParts(text: string): string[] | undefined {
  const parts = textSegments(text)
  return parts.length === 6 && parts[0] === 'arn' ? parts : undefined
}

/** Who reads a pattern of Resource: they differ in what an ARN with fewer than six parts means. */
export type Reader = 'identity' | 'resource'

/** Whether one entry of Resource or NotResource covers what is asked for. */
export function coversResource(entry: string, asked: string, reader: Reader, modern: boolean, lookup: Lookup): Truth {
  if (entry === '*') return yes
  // CHOICE: what is no ARN ("*" for calls without a resource, or IAM's odd nouns) is covered by "*" alone.
  const parts = arnParts(asked)
  if (parts === undefined) return no
  const patterns = textSegments(entry)
  if (patterns.length < 6) {
    // CHOICE: short ARNs go on with `*`; in a resource or endpoint policy only when they have a wildcard.
    if (reader === 'resource' && !/[*?]/.test(entry)) return no
    while (patterns.length < 6) patterns.push('*')
  }
  return all(
    patterns.map((pattern, index) => {
      // Variables live after the fifth colon only; before it they are plain text.
      const signs = index === 5 ? spell(pattern, modern, lookup) : wild(pattern)
      if (signs === 'nothing') return no
      if (signs === 'unknown') return maybe
      return truth(fits(signs, parts[index] ?? ''))
    }),
  )
}

/** Whether one entry of Action or NotAction covers an action. */
export function coversAction(entry: string, asked: string): boolean {
  return fits(wild(entry.toLowerCase()), asked.toLowerCase())
}
