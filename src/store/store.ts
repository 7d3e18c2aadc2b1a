import type { Entity } from '../state/entity.ts'
import type { Change } from '../state/view.ts'

/** One audit record on its way to disk, under the account that may read it. */
export interface TrailRow {
  readonly eventId: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The account whose trail it belongs to (CloudTrail's recipientAccountId). */
  readonly account: string
  readonly requestId: string
  /** The CloudTrail record: JSON on one line, without tabs. */
  readonly event: string
  /** The explanation of a refusal, JSON; only where a call was authenticated and its authorization refused. */
  readonly decision?: string
}

/** A row as it was written. Sequences rise without end in the order of writing; time may go backwards, they do not. */
export interface TrailEntry extends TrailRow {
  readonly sequence: number
}

/** A refusal that was explained. */
export interface DecisionRow {
  readonly requestId: string
  readonly at: number
  readonly account: string
  readonly event: string
  readonly decision: string
}

export interface Batch {
  /** The revision that the drafts were made on. */
  readonly base: number
  readonly changes: readonly Change[]
  readonly trail: readonly TrailRow[]
}

export interface TrailPage {
  readonly entries: readonly TrailEntry[]
  /** Hand it back as `before` for the older ones; `undefined` where there are none. */
  readonly next: number | undefined
}

/**
 * The durable half: entities at one revision, the changes that led there, and the trail. Every engine passes the suite in
 * `test/contract/store.ts`.
 */
export interface Store {
  /** Everything there is. `entities` is read once, to its end, before anything else is asked of the store. */
  load(): Promise<{ readonly revision: number; readonly entities: Iterable<Entity> }>

  /**
   * One transaction: all of it or nothing, on disk when it resolves. The revision is raised by one where there are changes,
   * and stays where there are none; the answer is the revision afterwards. Refusals: `HeadMoved` where another writer raised
   * the head and there are changes, `StoreUnavailable` where nothing was written and trying again may succeed (disk full,
   * locked). After any other error it is not known whether the batch is on disk: ask `changesSince`.
   */
  commit(batch: Batch): Promise<number>

  /** The revision on disk. */
  head(): Promise<number>

  /** What became of every entity touched after a revision, up to the head, both read at one instant. */
  changesSince(revision: number): Promise<{ readonly revision: number; readonly changes: readonly Change[] }>

  /** The refusal of that request in that account's trail: nobody is told of another account's. */
  decision(requestId: string, account: string): Promise<DecisionRow | undefined>

  /** The newest refusal of an account. */
  lastDecision(account: string): Promise<DecisionRow | undefined>

  /** An account's trail, newest first, `limit` at a time, those with a sequence below `before`. */
  trail(account: string, limit: number, before?: number): Promise<TrailPage>

  /**
   * Leaves nothing on disk of what was overwritten or deleted before. Dear, and for the rare case only; there where the engine
   * can do it.
   */
  scrub?(): Promise<void>

  close(): Promise<void>
}

/** Another writer raised the head first: catch up and run again. Nothing was written. */
export class HeadMoved extends Error {
  constructor(base: number) {
    super(`the head is no longer at revision ${base}`)
    this.name = 'HeadMoved'
  }
}

/** The store cannot take the batch now, and nothing of it was written. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreUnavailable'
  }
}
