/** What the service model says of one member. */
export interface MemberFacts {
  /** A secret: the record does not hold it, not even that it was there. */
  readonly sensitive?: boolean
  /** The value, a number, is milliseconds since the epoch. */
  readonly timestamp?: boolean
}

/** Asks the model: `path` holds AWS's member names from the top (`['Credentials', 'SessionToken']`); lists add nothing to it. */
export type Members = (path: readonly string[]) => MemberFacts | undefined

/**
 * INVARIANT: these never stand in a record, whatever the model says: it marks some of them as sensitive and some not. Lower
 * case, so that no spelling slips through.
 */
const secrets: ReadonlySet<string> = new Set([
  'secretaccesskey',
  'sessiontoken',
  'token',
  'tokencode',
  'authenticationcode1',
  'authenticationcode2',
  'base32stringseed',
  'qrcodepng',
  'password',
  'oldpassword',
  'newpassword',
  'servicepassword',
  'servicecredentialsecret',
  'samlassertion',
  'webidentitytoken',
  'accesstoken',
  'tradeintoken',
  'contextassertion',
  'privatekey',
  'assertionencryptionkey',
  'addprivatekey',
  'clientsecret',
])

/** Deeper than any shape of the services we speak for. */
const depthMax = 12

/**
 * A call's parameters or answer as CloudTrail writes them: member names with a small first letter, secrets left out, and no
 * more than `room` characters in all; `null` for nothing. Values that do not fit are cut, and say so.
 */
export function recorded(value: object, members: Members, room: number): Readonly<Record<string, unknown>> | null {
  const left = { characters: room }
  const path: string[] = []

  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') return cut(part, left)
    if (typeof part === 'number') {
      left.characters -= 16
      return members(path)?.timestamp === true ? writtenDate(part) : part
    }
    if (typeof part === 'boolean' || part === null) {
      left.characters -= 5
      return part
    }
    if (part instanceof Date) {
      left.characters -= 28
      return writtenDate(part.getTime())
    }
    if (typeof part !== 'object' || path.length >= depthMax || part instanceof Uint8Array) return undefined
    if (Array.isArray(part)) {
      const items: unknown[] = []
      for (const item of part) {
        if (left.characters <= 0) break
        left.characters -= 2
        const kept = walk(item)
        if (kept !== undefined) items.push(kept)
      }
      return items
    }
    const entries: [string, unknown][] = []
    for (const [name, member] of Object.entries(part)) {
      if (member === undefined || left.characters <= 0 || secrets.has(name.toLowerCase())) continue
      path.push(name)
      if (members(path)?.sensitive !== true) {
        left.characters -= Math.min(name.length, 128) + 6
        const kept = walk(member)
        if (kept !== undefined) entries.push([lowerFirst(name).slice(0, 128), kept])
      }
      path.pop()
    }
    // `fromEntries` defines, where assignment would run the setter of a member called `__proto__`.
    return Object.fromEntries(entries)
  }

  // An object walks to an object, and an input or answer is never a list.
  const whole = walk(value) as Readonly<Record<string, unknown>>
  return Object.keys(whole).length === 0 ? null : whole
}

/** QUIRK: audit-first-letter-small. Only the first letter: `SAMLProviderArn` is recorded as `sAMLProviderArn`. */
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

/** Takes a text's room, as JSON writes it, off what is left, or the text down to that. */
function cut(text: string, left: { characters: number }): string {
  const cost = written(text)
  if (cost <= left.characters) {
    left.characters -= cost
    return text
  }
  // Six is what the worst character (a control character, escaped) costs.
  const kept = text.slice(0, Math.max(0, Math.floor((left.characters - 24) / 6)))
  left.characters = 0
  return `${kept}[${text.length - kept.length} more]`
}

/** How many bytes a text takes in JSON, at most. */
function written(text: string): number {
  // The pattern says which characters cost one byte each; most texts have no others.
  return /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text) ? text.length + 3 : text.length * 6
}

/** Text that came from outside in one line of a record: bounded, and without characters that steer a terminal. */
export function oneLine(text: string, charactersMax: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.slice(0, charactersMax).replace(/[\x00-\x1f\x7f-\x9f]/g, ' ')
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (number: number): string => String(number).padStart(2, '0')

/** QUIRK: audit-dates-are-prose. Timestamps inside parameters and answers read `Jul 18, 2023, 4:07:39 PM`, in UTC. */
export function writtenDate(milliseconds: number): string {
  const date = new Date(milliseconds)
  if (Number.isNaN(date.getTime())) return ''
  const hours = date.getUTCHours()
  const clock = `${hours % 12 === 0 ? 12 : hours % 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${months[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}, ${clock} ${hours < 12 ? 'AM' : 'PM'}`
}
