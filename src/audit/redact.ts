/** What the service model says of one member. */
export interface MemberFacts {
  /** A secret: the record does not hold it, not even that it was there. */
  readonly sensitive?: boolean
  /** Somebody's name or address: that it was there is told, and not what it was. */
  readonly personal?: boolean
  /** The value, a number, is milliseconds since the epoch. */
  readonly timestamp?: boolean
  /** Of what is inside, where that is a structure, or a list of them. */
  readonly members?: Members
  /** A map: what is inside has names that its sender chose. */
  readonly map?: boolean
}

/** Asks the model about one structure, by AWS's names of its members. */
export type Members = (name: string) => MemberFacts | undefined

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

/** INVARIANT: nor does a private key, in whatever member it was sent: who uploads a certificate may take one for the other. */
const isPrivateKey = (text: string): boolean => text.length > 64 && text.includes('PRIVATE KEY-----')

/** Deeper than any shape of the services we speak for. */
const depthMax = 12

/** A call's parameters or answer as CloudTrail writes them: as `bounded`, and member names with a small first letter. */
export const recorded = (value: object, members: Members, room: number): string => bounded(value, room, members, true)

/**
 * A value fit for a record, as JSON: secrets left out, dates written, and no more than `room` bytes in all; `null` for nothing.
 * Texts that do not fit are cut, and say so; what comes after them is left out.
 */
export function bounded(value: object, room: number, members?: Members, firstLetterSmall = false): string {
  const left = { bytes: room }

  const walk = (part: unknown, facts: MemberFacts | undefined, depth: number): string | undefined => {
    if (typeof part === 'string') return isPrivateKey(part) ? undefined : cut(part, left)
    if (typeof part === 'number') {
      left.bytes -= 16
      return facts?.timestamp === true ? `"${writtenDate(part)}"` : JSON.stringify(part)
    }
    if (typeof part === 'boolean' || part === null) {
      left.bytes -= 5
      return String(part)
    }
    if (part instanceof Date) {
      left.bytes -= 28
      return `"${writtenDate(part.getTime())}"`
    }
    if (typeof part !== 'object' || depth >= depthMax || part instanceof Uint8Array) return undefined
    if (Array.isArray(part)) {
      let items = ''
      for (const item of part) {
        if (left.bytes <= 0) break
        left.bytes -= 2
        const kept = walk(item, facts, depth)
        if (kept !== undefined) items += items === '' ? kept : `,${kept}`
      }
      return `[${items}]`
    }
    return structure(part, facts?.members, depth, facts?.map === true)
  }

  const structure = (part: object, known: Members | undefined, depth: number, isMap: boolean): string => {
    let entries = ''
    for (const [name, member] of Object.entries(part)) {
      if (member === undefined || left.bytes <= 0) continue
      const facts = known?.(name)
      // The keys of a map are their sender's, and without end.
      const { secret, cost, asIs, small } = nameOf(name, facts !== undefined && !isMap)
      if (secret || facts?.sensitive === true) continue
      left.bytes -= cost
      const kept = facts?.personal === true ? masked(member) : walk(member, facts, depth + 1)
      if (kept !== undefined)
        entries += `${entries === '' ? '' : ','}${firstLetterSmall && !isMap ? small : asIs}:${kept}`
    }
    return `{${entries}}`
  }

  const whole = structure(value, members, 0, false)
  return whole === '{}' ? 'null' : whole
}

/** Where a name or an address may stand, so may an account or an organization, and those are nobody's own. */
const impersonal = /^([0-9]{12}|o-[a-z0-9]{10,32})$/

/** QUIRK: audit-masks-persons. Organizations' records say `****` for e-mail addresses and for names of accounts. */
const masked = (value: unknown): string =>
  typeof value === 'string' && impersonal.test(value) ? `"${value}"` : '"****"'

/** A member's name: whether it names a secret, how many bytes it takes, and how it is written. */
interface Name {
  readonly secret: boolean
  readonly cost: number
  readonly asIs: string
  readonly small: string
}

/** Names that the model has are few, and looked into once; what else callers name things is not kept. */
const modelNames = new Map<string, Name>()

function nameOf(name: string, modelled: boolean): Name {
  const known = modelNames.get(name)
  if (known !== undefined) return known
  const { length, cost } = fitting(name, 256)
  const kept = name.slice(0, length)
  const secret = secrets.has(name.toLowerCase())
  const made = { secret, cost: cost + 4, asIs: json(kept), small: json(lowerFirst(kept)) }
  if (modelled) modelNames.set(name, made)
  return made
}

/** QUIRK: audit-first-letter-small. Only the first letter: `SAMLProviderArn` is recorded as `sAMLProviderArn`. */
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

/** A text as JSON. Takes its room off what is left, or the text down to that. */
function cut(text: string, left: { bytes: number }): string {
  const { length, cost } = fitting(text, left.bytes - 3)
  left.bytes -= cost + 3
  // What costs no more than it has characters is plain, and stands as it is.
  if (length === text.length) return cost === length ? `"${text}"` : json(text)
  const kept = text.slice(0, Math.max(0, length - 24))
  left.bytes = 0
  return json(`${kept}[${text.length - kept.length} more]`)
}

/** Printable ASCII that JSON writes as it is. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** How many characters of a text take no more than `room` bytes as JSON writes them, and how many bytes they take. */
function fitting(text: string, room: number): { readonly length: number; readonly cost: number } {
  if (text.length <= room && plain.test(text)) return { length: text.length, cost: text.length }
  let cost = 0
  for (let at = 0; at < text.length; ) {
    const character = text.codePointAt(at) ?? 0
    const next = cost + byteCost(character)
    if (next > room) return { length: at, cost }
    cost = next
    at += character > 0xffff ? 2 : 1
  }
  return { length: text.length, cost }
}

/** Control characters are escaped in six bytes, and so is half of a pair whose other half is missing. */
function byteCost(character: number): number {
  if (character === 0x22 || character === 0x5c) return 2
  if (character < 0x20 || (character >= 0x7f && character <= 0x9f)) return 6
  if (character < 0x80) return 1
  if (character < 0x800) return 2
  if ((character >= 0xd800 && character <= 0xdfff) || (character >= 0x2028 && character <= 0x2069)) return 6
  return character > 0xffff ? 4 : 3
}

/** Text that came from outside, on one line: bounded in bytes, and without characters that steer a terminal. */
export function oneLine(text: string, bytesMax: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  const line = text.slice(0, bytesMax).replace(/[\x00-\x1f\x7f-\x9f]/g, ' ')
  return line.slice(0, fitting(line, bytesMax).length)
}

/** The same as JSON. Nearly every one is plain and short, and stands as it is. */
export const quoted = (text: string, bytesMax: number): string =>
  text.length <= bytesMax && plain.test(text) ? `"${text}"` : json(oneLine(text, bytesMax))

/** JSON in which what a terminal or a log reader acts upon is escaped too: C1 controls, line separators, writing direction. */
export const json = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

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
