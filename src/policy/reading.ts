/** Reading JSON that somebody else wrote: every value is of the type that is wanted, or a Mistake that says where it is not. */

/** What makes a question none. Thrown and caught within this room; nobody outside meets one. */
export class Mistake {
  readonly message: string
  /** The member it is about, as in `policies.identity[0].document`; empty for the question as a whole. */
  readonly at: string
  constructor(message: string, at: string) {
    this.message = message
    this.at = at
  }
}

/** Members by name. What JSON.parse makes of `__proto__` is a member like any other. */
export type Members = Readonly<Record<string, unknown>>

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object that has no members but these: a name that is spelled wrong would be a policy that does not count. */
export function membersOf(value: unknown, at: string, known: ReadonlySet<string>): Members {
  if (value === undefined) throw new Mistake('this is missing', at)
  if (!isMembers(value)) throw new Mistake(`an object belongs here, not ${kindOf(value)}`, at)
  for (const name of Object.keys(value)) {
    if (!known.has(name))
      throw new Mistake(`there is no member ${JSON.stringify(name)} here: ${[...known].join(', ')}`, at)
  }
  return value
}

/** A member that is there, or `undefined`: what an object inherits is none of its members. */
export const member = (members: Members, name: string): unknown =>
  Object.hasOwn(members, name) ? members[name] : undefined

export function textOf(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value
  if (value === undefined) throw new Mistake('this is missing', at)
  throw new Mistake(`a text belongs here, not ${kindOf(value)}`, at)
}

export const optionalText = (value: unknown, at: string): string | undefined =>
  value === undefined ? undefined : textOf(value, at)

export function itemsOf(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Mistake(`a list belongs here, not ${kindOf(value)}`, at)
}

export function textsOf(value: unknown, at: string): readonly string[] {
  const items = itemsOf(value, at)
  for (const item of items) {
    if (typeof item !== 'string') throw new Mistake(`a list of texts belongs here, and this holds ${kindOf(item)}`, at)
  }
  // Every item was looked at in the loop above.
  return items as readonly string[]
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (value === '') return 'an empty text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
