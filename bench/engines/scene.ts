/** What all engines are asked: the same rules in the words of none of them, and requests of which every one is different. */

export interface Rule {
  readonly effect: 'allow' | 'deny'
  /** A whole action, or the beginning of one with a star after it. */
  readonly action: string
  /** The beginning of a resource, with a star after it. */
  readonly resource: string
  /** The teams of which the one who asks must be one. */
  readonly teams: readonly [string, string]
  /** The size must be below it. */
  readonly below: number
}

export interface Ask {
  readonly action: string
  readonly resource: string
  readonly team: string
  readonly size: number
}

export const user = 'alice'
export const account = '111111111111'

/** Policies of as many statements each: `policies[p][s]`. One statement in ten denies, and every other names its action with a star. */
export function rulesOf(policies: number, statements: number): readonly (readonly Rule[])[] {
  return Array.from({ length: policies }, (_, p) =>
    Array.from({ length: statements }, (_, s) => ({
      effect: s === 9 ? 'deny' : 'allow',
      action: s === 9 ? `app${p}:Get4*` : s % 2 === 0 ? `app${p}:Get${s}` : `app${p}:Get${s}*`,
      resource: `arn:aws:app${p}::${account}:tenant-${s === 9 ? 4 : s}/*`,
      teams: [`team-${p}`, 'operators'],
      below: s === 9 ? 100 : 1_000 + s,
    })),
  )
}

/**
 * Requests in a fixed order of chance: the action and the resource mostly agree, so that conditions are reached; about every second is
 * allowed. None is like another, so nothing can be kept from one for the next.
 */
export function asksOf(count: number, policies: number, statements: number): readonly Ask[] {
  let seed = 1
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * limit)
  }
  return Array.from({ length: count }, (_, index) => {
    const p = below(policies)
    const s = below(statements)
    const tenant = below(8) === 0 ? below(statements) : s
    const team = below(4)
    return {
      action: `app${p}:Get${s}${s % 2 === 1 && below(2) === 0 ? 'Again' : ''}`,
      resource: `arn:aws:app${p}::${account}:tenant-${tenant}/${index}`,
      team: team === 0 ? 'strangers' : team === 1 ? 'operators' : `team-${p}`,
      size: below(1_200),
    }
  })
}

/** One engine with one set of rules. */
export interface Engine {
  readonly name: string
  readonly allows: (ask: Ask) => boolean
}
