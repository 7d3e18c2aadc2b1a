import { everySession } from './attribute.ts'
import type { LookupPage, Position, Question } from './lookup.ts'
import { type Minted, readMinted } from './minted.ts'

/** No session lives longer: those of GetSessionToken and GetFederationToken may live so long (STS API Reference). */
const longestMilliseconds = 36 * 3_600_000
/** Looked-up pages that one page of sessions is made of, at most. */
const roundsMost = 8
const entriesAtOnce = 256

export interface SessionsAsked {
  /** The unique id or the key that they are of, or grew out of; `undefined` for all. */
  readonly of: string | undefined
  /** Only those that end after this, in milliseconds since the epoch. */
  readonly after: number
  readonly limit: number
  /** What the page before this one said. */
  readonly before?: Position | undefined
}

export interface SessionPage {
  readonly made: readonly Made[]
  /** Hand it back as `before` for the older ones; `undefined` where there are none. */
  readonly next: Position | undefined
}

/** A session, and the record of the call that made it. */
export interface Made {
  readonly minted: Minted
  /** The CloudTrail record, JSON. */
  readonly event: string
}

/**
 * An account's records of sessions whose time has not come, newest first, as they are looked up. A page may end early, after much was
 * looked through.
 */
export async function sessionsIn(
  lookup: (question: Question) => Promise<LookupPage>,
  account: string,
  { of = everySession, after, limit, before }: SessionsAsked,
): Promise<SessionPage> {
  const made: Made[] = []
  let last: Position | undefined
  let from = before
  for (let round = 1; ; round++) {
    const { entries, next } = await lookup({
      account,
      attribute: { name: 'Session', value: of },
      from: after - longestMilliseconds,
      until: Number.MAX_SAFE_INTEGER,
      // One more than is wanted tells whether there is more; and most that is found may have ended.
      limit: Math.max(limit + 1, entriesAtOnce),
      ...(from === undefined ? {} : { after: from }),
    })
    for (const { at, sequence, event, session } of entries) {
      const minted = session === undefined ? undefined : readMinted(session)
      if (minted === undefined || minted.expiresAt <= after) continue
      if (made.length === limit) return { made, next: last }
      made.push({ minted, event })
      last = { at, sequence }
    }
    if (next === undefined || round === roundsMost) return { made, next }
    from = next
  }
}
