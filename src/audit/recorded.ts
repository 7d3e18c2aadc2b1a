/**
 * A record as it is read again: our own JSON, unless somebody wrote something else there. So nothing about it is taken for granted,
 * and whatever is not there, or not of its kind, is `undefined`.
 */
export class Recorded {
  readonly #root: unknown

  constructor(event: string) {
    this.#root = parsed(event)
  }

  text(...path: readonly string[]): string | undefined {
    const found = this.at(...path)
    return typeof found === 'string' ? found : undefined
  }

  /** A text, or a number or truth value written as one. */
  word(...path: readonly string[]): string | undefined {
    const found = this.at(...path)
    return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
      ? String(found)
      : undefined
  }

  list(...path: readonly string[]): readonly unknown[] {
    const found = this.at(...path)
    return Array.isArray(found) ? found : []
  }

  at(...path: readonly string[]): unknown {
    let found = this.#root
    for (const name of path) found = memberOf(found, name)
    return found
  }
}

/** A member that a value has of its own; nothing where it is no object. */
export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined

export const textOf = (value: unknown, name: string): string | undefined => {
  const found = memberOf(value, name)
  return typeof found === 'string' ? found : undefined
}

function parsed(event: string): unknown {
  try {
    return JSON.parse(event)
  } catch {
    return undefined
  }
}
