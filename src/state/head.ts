/**
 * Where a history stands. The batch is the id of the commit that led to the revision, so two histories that count alike (the old
 * primary's and that of the standby which took its place) are told apart.
 */
export interface Head {
  /** How many commits there were. */
  readonly revision: number
  readonly batch: string
}

/** Before the first commit. */
export const origin: Head = { revision: 0, batch: '' }

export const sameHead = (a: Head, b: Head): boolean => a.revision === b.revision && a.batch === b.batch
