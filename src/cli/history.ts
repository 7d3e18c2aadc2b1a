import { memberOf, Recorded, textOf } from '../audit/recorded.ts'
import { callJson } from './client.ts'
import { keysFor, type Seen } from './seen.ts'
import { given } from './session-list.ts'
import { refusedOn, touchedIn } from './touched.ts'

/** One call, as event history tells it. */
export interface Call {
  readonly time: string
  readonly accountId: string
  readonly eventId: string
  readonly eventSource: string
  readonly eventName: string
  readonly readOnly: boolean
  readonly accessKeyId?: string
  readonly username?: string
  readonly sourceIp?: string
  readonly userAgent?: string
  readonly error?: string
  readonly resources: readonly string[]
  /** What it was about, each thing once, for people. */
  readonly touched: readonly string[]
  /** The whole record, JSON. */
  readonly event: string
}

export interface Asked {
  readonly key: string
  readonly value: string
}

const pageMost = 50

/** Which calls are read. */
export interface Within {
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
  /** How many are kept. */
  readonly limit: number
  /** Which of those that are read are kept: what is passed over does not count towards the limit. */
  readonly keep?: ((call: Call) => boolean | Promise<boolean>) | undefined
}

/** An account's calls that have an attribute, newest first, `limit` at the most, and whether there are more. */
export async function callsOf(
  seen: Seen,
  accountId: string,
  asked: Asked | undefined,
  { since, limit, keep }: Within,
): Promise<{ readonly calls: readonly Call[]; readonly more: boolean }> {
  const keys = keysFor(seen, accountId)
  const calls: Call[] = []
  let NextToken: string | undefined
  do {
    const page = await callJson(seen.endpoint, keys, 'cloudtrail', 'LookupEvents', {
      ...(asked === undefined ? {} : { LookupAttributes: [{ AttributeKey: asked.key, AttributeValue: asked.value }] }),
      ...(since === undefined ? {} : { StartTime: Math.floor(since / 1000) }),
      MaxResults: keep === undefined ? Math.min(pageMost, limit - calls.length) : pageMost,
      ...(NextToken === undefined ? {} : { NextToken }),
    })
    const { Events } = page
    for (const event of Array.isArray(Events) ? Events : []) {
      const call = callIn(accountId, event)
      if (keep === undefined || (await keep(call))) calls.push(call)
    }
    NextToken = typeof page.NextToken === 'string' ? page.NextToken : undefined
  } while (NextToken !== undefined && calls.length < limit)
  return { calls: calls.slice(0, limit), more: NextToken !== undefined || calls.length > limit }
}

function callIn(accountId: string, told: unknown): Call {
  const event = textOf(told, 'CloudTrailEvent') ?? ''
  const record = new Recorded(event)
  const listed = memberOf(told, 'Resources')
  const resources = (Array.isArray(listed) ? listed : []).map((each: unknown) => ({
    type: textOf(each, 'ResourceType') ?? '',
    name: textOf(each, 'ResourceName') ?? '',
  }))
  const eventSource = record.text('eventSource') ?? ''
  const message = record.text('errorMessage')
  const optional = {
    accessKeyId: record.text('userIdentity', 'accessKeyId'),
    username: textOf(told, 'Username'),
    sourceIp: record.text('sourceIPAddress'),
    userAgent: record.text('userAgent'),
    error: record.text('errorCode'),
  }
  return {
    time: record.text('eventTime') ?? '',
    accountId,
    eventId: record.text('eventID') ?? '',
    eventSource,
    eventName: record.text('eventName') ?? '',
    readOnly: record.at('readOnly') === true,
    ...given(optional),
    resources: resources.map(({ name }) => name),
    touched: resources.length > 0 ? touchedIn(accountId, eventSource, resources) : refusedOn(accountId, message),
    event,
  }
}

/**
 * Newest first, each once, however many lists it stood in. Times are whole seconds: of one second, what stands in an earlier list was
 * later.
 */
export const merged = (lists: readonly (readonly Call[])[]): readonly Call[] =>
  [...new Map(lists.flat().map((call) => [call.eventId, call])).values()].sort((a, b) =>
    a.time < b.time ? 1 : a.time > b.time ? -1 : 0,
  )

/** `iam DeleteUser user/ann`, and what came of it where it was refused. */
export const callText = ({ eventSource, eventName, touched, error }: Call): string =>
  `${eventSource.replace(/\.amazonaws\.com$/, '')} ${[eventName, touched.join(', ')].join(' ').trimEnd()}${error === undefined ? '' : `: ${error}`}`

/** A time as people read it, to the second, in UTC: `2026-11-01 12:30:00`. */
export const timeText = (iso: string): string => iso.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '')
