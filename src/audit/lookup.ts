import type { TrailEntry } from '../store/store.ts'
import type { Attribute } from './attribute.ts'

/** What is looked for in an account's records. */
export interface Question {
  readonly account: string
  /** What a record must have. Without one, every record is meant. */
  readonly attribute?: Attribute
  /** Of records at these times and between, in milliseconds since the epoch. */
  readonly from: number
  readonly until: number
  readonly limit: number
  /** Where the page before ended. */
  readonly after?: Position
}

/** A place in the order of time, newest first: records of one instant are told apart by their place in the trail. */
export interface Position {
  readonly at: number
  readonly sequence: number
}

export interface LookupPage {
  /** The newest first, whatever the order was in which they were written. */
  readonly entries: readonly TrailEntry[]
  /** Hand it back as `after` for the older ones. There may be some although none is on this page: looking costs so much a page. */
  readonly next: Position | undefined
}

/** Below zero where the first comes first, which is the newer one. */
export const newestFirst = (a: Position, b: Position): number => b.at - a.at || b.sequence - a.sequence

/** Whether a record lies where the question looks. */
export const within = ({ from, until, after }: Question, at: Position): boolean =>
  at.at >= from && at.at <= until && (after === undefined || newestFirst(after, at) < 0)
