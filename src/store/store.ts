import type { Head } from '../state/head.ts'
import type { Kept } from '../state/unread.ts'
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
  /** What is known of the session that the call made, JSON (`audit/minted.ts`). It is for the authority's own use: no account reads it whole. */
  readonly session?: string
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

/** What one commit makes durable. */
export interface Batch {
  /** What the drafts were made on. */
  readonly base: Head
  /** The commit's own id, which no other ever had. */
  readonly batch: string
  /** Each entity once. */
  readonly changes: readonly Change[]
  /** Records that become durable with the changes, to be delivered to the audit log. */
  readonly trail: readonly TrailRow[]
  /** Batches whose records have reached the audit log: they leave the outbox. */
  readonly delivered: readonly string[]
}

/** Records that became durable with a change, under the id of the commit that made it. */
export interface Delivery {
  readonly batch: string
  readonly rows: readonly TrailRow[]
}

export interface TrailPage {
  readonly entries: readonly TrailEntry[]
  /** Hand it back as `before` for the older ones; `undefined` where there are none. */
  readonly next: number | undefined
}

/**
 * The durable half: entities at one head, the changes that led there, and records on their way to the audit log. Every
 * implementation passes the suite in `test/contract/store.ts`.
 */
export interface Store {
  /**
   * Everything there is, at one instant; some of it perhaps not read yet, but known to be sound. Rejects with `StoreDamaged` where anything is not what was written: altered data is
   * never served.
   */
  load(): Promise<{ readonly head: Head; readonly entities: readonly Kept[] }>

  /**
   * One transaction: all of it or nothing, on disk when it resolves. The revision is raised by one where there are changes or
   * records, and stays where only deliveries are noted; the answer is the head afterwards. Refusals: `HeadMoved` where the head
   * is not the base and was to be raised, `StoreUnavailable` where nothing was written and trying again may succeed (disk full,
   * locked, no connection). After any other error it is not known whether the batch is on disk: `changesSince` of the head that
   * it would have led to tells. The same batch may be tried again; it is never taken twice.
   */
  commit(batch: Batch): Promise<Head>

  /** The head on disk. */
  head(): Promise<Head>

  /**
   * What became of every entity touched after a head, up to the newest, both read at one instant. `undefined` where that head
   * is not in this history, or so far back that what was touched is no longer known: then everything is to be loaded anew.
   */
  changesSince(head: Head): Promise<{ readonly head: Head; readonly changes: readonly Change[] } | undefined>

  /** Records that are not noted as delivered, oldest first, of so many commits at most. Default: a thousand. */
  outbox(limit?: number): Promise<readonly Delivery[]>

  /**
   * Calls `wake` when another node may have written. A hint may come late, or never, or for nothing. Answers how to stop it.
   * Missing where the store has no way to know.
   */
  readonly onHint?: (wake: () => void) => () => void

  /**
   * Leaves nothing on disk of what was overwritten or deleted before. Dear, and for the rare case only; there where the engine
   * can do it.
   */
  readonly scrub?: () => Promise<void>

  close(): Promise<void>
}

/** The head is not what the batch was made on: catch up and run again. Nothing was written. */
export class HeadMoved extends Error {
  constructor({ revision }: Head) {
    super(`the head is no longer at revision ${revision}`)
    this.name = 'HeadMoved'
  }
}

/** The store cannot do it now, and nothing of it was written. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreUnavailable'
  }
}

/** What is in the store is not what was written to it. Nothing of it is served; the message says which row. */
export class StoreDamaged extends Error {
  readonly what: string
  constructor(what: string, options?: ErrorOptions) {
    super(`the store is damaged: ${what}`, options)
    this.name = 'StoreDamaged'
    this.what = what
  }
}
