import type { TrailEntry, TrailRow } from '../store/store.ts'

/**
 * A record as it is chained, but for the place that it is given: account, time, event id, request id, event and, where a refusal
 * was explained, its explanation, with tabs between them. Where a session was made, an empty explanation and the session follow.
 */
export interface Line {
  readonly account: string
  /** The request id where a refusal was explained, else empty. */
  readonly refused: string
  readonly text: string
}

/** Throws where a field has a tab or a line feed in it: then a record would not be one line of these fields. */
export function lineOf({ account, at, eventId, requestId, event, decision, session }: TrailRow): Line {
  const start = `${account}\t${at}\t${eventId}\t${requestId}\t${event}`
  const explained = decision === undefined && session === undefined ? start : `${start}\t${decision ?? ''}`
  const text = session === undefined ? explained : `${explained}\t${session}`
  const tabs = session !== undefined ? 6 : decision !== undefined ? 5 : 4
  // INVARIANT: one-line-one-record. JSON writes tabs and line feeds as escapes, and ids are made by us without any.
  if (text.includes('\n') || tabsOf(text) !== tabs) throw new Error('an audit record is one line, without tabs')
  return { account, refused: decision === undefined ? '' : requestId, text }
}

function tabsOf(text: string): number {
  let tabs = 0
  for (let at = text.indexOf('\t'); at >= 0; at = text.indexOf('\t', at + 1)) tabs++
  return tabs
}

/** The entry of a line as it is kept: mark, sequence in its chain and place in the trail in front. */
export function entryOf(kept: string): TrailEntry {
  const [, , place = '', account = '', at = '', eventId = '', requestId = '', event = '', decision = '', session] =
    kept.split('\t')
  return {
    sequence: Number(place),
    at: Number(at),
    account,
    eventId,
    requestId,
    event,
    ...(decision === '' ? {} : { decision }),
    ...(session === undefined ? {} : { session }),
  }
}

/** Whose record a kept line is, without reading the rest. */
export function accountOf(kept: string): string {
  let start = 0
  for (let field = 0; field < 3; field++) start = kept.indexOf('\t', start) + 1
  return kept.slice(start, kept.indexOf('\t', start))
}
