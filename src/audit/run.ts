import { type Head, linked, markOf } from './chain.ts'
import type { Line } from './line.ts'

/**
 * Records of one account that were appended together, in one row of the database until they are sealed: the work of a database is
 * by the row, and a row for each of the records of reads cost more than answering them.
 */
export interface Run {
  /** The place of its last record. */
  readonly high: number
  /** Sequences of its first and last record in the chain. */
  readonly first: number
  readonly last: number
  readonly account: string
  /** A line each. */
  readonly body: string
}

/** Where the explanation of a refusal is found. */
export interface Refusal {
  readonly place: number
  readonly account: string
  readonly requestId: string
}

/** Few enough that a page of the trail reads little that it does not show. */
export const recordsMax = 64
/** What an append's number is multiplied by to make places for its records; so it has no more than these. */
export const places = 4096

export interface Chained {
  readonly head: Head
  readonly runs: readonly Run[]
  readonly refusals: readonly Refusal[]
}

/**
 * Chains records, those of one account behind one another in their order. Places rise over all nodes with the number of the
 * append, sequences without a gap in the chain.
 */
export function chained(lines: readonly Line[], from: Head, number: number, at: number): Chained {
  if (lines.length > places) throw new Error(`no more than ${places} records have a place in one append`)
  const runs: Run[] = []
  const refusals: Refusal[] = []
  let { sequence, hash } = from
  let place = number * places - 1
  for (const [account, mine] of byAccount(lines)) {
    for (let start = 0; start < mine.length; start += recordsMax) {
      const kept: string[] = []
      for (const { refused, text } of mine.slice(start, start + recordsMax)) {
        sequence++
        place++
        const line = `${sequence}\t${place}\t${text}`
        hash = linked(hash, line)
        kept.push(`${markOf(hash)}\t${line}`)
        if (refused !== '') refusals.push({ place, account, requestId: refused })
      }
      runs.push({ high: place, first: sequence - kept.length + 1, last: sequence, account, body: kept.join('\n') })
    }
  }
  return { head: { sequence, number, hash, at }, runs, refusals }
}

function byAccount(lines: readonly Line[]): ReadonlyMap<string, readonly Line[]> {
  const found = new Map<string, Line[]>()
  for (const line of lines) {
    const mine = found.get(line.account)
    if (mine === undefined) found.set(line.account, [line])
    else mine.push(line)
  }
  return found
}
