import { Crowd } from '../base/crowd.ts'
import { AskedArn, AskedArns } from './arn.ts'
import type { Lookup } from './request.ts'

/** The values that a request has under one key, made ready to be asked about by the patterns of all its policies. */
export class Seen {
  readonly values: readonly string[]
  private asCrowd: Crowd | undefined
  private asArn: AskedArn | undefined
  private asArns: AskedArns | undefined

  constructor(values: readonly string[]) {
    this.values = values
  }

  get crowd(): Crowd {
    this.asCrowd ??= new Crowd(this.values)
    return this.asCrowd
  }

  /** The first of them, where there is only one. */
  get arn(): AskedArn {
    this.asArn ??= new AskedArn(this.values[0] ?? '')
    return this.asArn
  }

  get arns(): AskedArns {
    this.asArns ??= new AskedArns(this.values)
    return this.asArns
  }
}

/** Kept as long as the request is. What is kept is a function of the values alone, so keeping it changes no answer. */
const kept = new WeakMap<Lookup, Map<string, Seen>>()

export function seenUnder(key: string, values: readonly string[], lookup: Lookup): Seen {
  let keys = kept.get(lookup)
  if (keys === undefined) {
    keys = new Map()
    kept.set(lookup, keys)
  }
  const known = keys.get(key)
  if (known !== undefined && isSame(known.values, values)) return known
  const seen = new Seen([...values])
  keys.set(key, seen)
  return seen
}

/** Nothing keeps a lookup from answering otherwise the next time. */
const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some === others || (some.length === others.length && some.every((value, at) => value === others[at]))
