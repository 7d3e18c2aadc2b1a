import { CloudTrailClient, type Event, type LookupAttributeKey, paginateLookupEvents } from '@aws-sdk/client-cloudtrail'
import type { Actor } from './actor.ts'
import { clientOf } from './process.ts'

/** A record as event history hands it out: JSON, of which CloudTrail's guide names the members. */
export interface Told {
  readonly eventTime: string
  readonly eventSource: string
  readonly eventName: string
  readonly awsRegion: string
  readonly eventID: string
  readonly sharedEventID?: string
  readonly requestID: string
  readonly recipientAccountId: string
  readonly readOnly: boolean
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly userIdentity: Readonly<Record<string, unknown>>
  readonly requestParameters: Readonly<Record<string, unknown>> | null
  readonly responseElements: Readonly<Record<string, unknown>> | null
  readonly additionalEventData?: Readonly<Record<string, unknown>>
  readonly resources?: readonly { readonly accountId: string; readonly type: string; readonly ARN: string }[]
}

/** The record inside an event. */
export const recordIn = ({ CloudTrailEvent = '' }: Event): Told => JSON.parse(CloudTrailEvent) as Told

/** All events of the account of an actor that have an attribute, or all, newest first. */
export async function eventsOf({ env }: Actor, key?: LookupAttributeKey, value = ''): Promise<readonly Event[]> {
  const client = new CloudTrailClient({ ...clientOf(env), maxAttempts: 1 })
  const asked = key === undefined ? {} : { LookupAttributes: [{ AttributeKey: key, AttributeValue: value }] }
  const events: Event[] = []
  for await (const page of paginateLookupEvents({ client }, asked)) events.push(...(page.Events ?? []))
  return events
}

/** What was asked, by the id that was answered with it: whether it was allowed or refused. */
export async function requestOf(call: Promise<object>): Promise<string> {
  // The SDK puts it beside what was answered, and beside the members of the error that it throws.
  const answer = (await call.catch((error: unknown) => error)) as {
    readonly $metadata?: { readonly requestId?: string }
  }
  const id = answer.$metadata?.requestId
  if (id === undefined) throw answer
  return id
}

/** The records of one request in the account of an actor. */
export async function recordsOf(actor: Actor, requestId: string): Promise<readonly Told[]> {
  return (await eventsOf(actor)).map(recordIn).filter(({ requestID }) => requestID === requestId)
}
