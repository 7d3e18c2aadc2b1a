import { usernameOf } from '../../audit/attribute.ts'
import type { Position, Question } from '../../audit/lookup.ts'
import { Recorded } from '../../audit/recorded.ts'
import { resourcesOf } from '../../audit/resource.ts'
import type { TrailEntry } from '../../store/store.ts'
import { type InputOf, operationsOf, type Scene } from '../operation.ts'
import { needOf } from './need.ts'
import { readToken, writeToken } from './token.ts'

const cloudtrail = operationsOf('cloudtrail')
type Input = InputOf<'cloudtrail', 'LookupEvents'>

/** How far event history goes back. */
const historyMilliseconds = 90 * 86_400_000
const resultsMost = 50
/** QUIRK: characters-that-count-twice. These count twice towards the length of a value (API Reference, LookupAttribute). */
const valueMost = 2000
const dear: ReadonlySet<string> = new Set(['_', ' ', ',', '\n'])
/** What Insights events are found by. There are none: they come of trails, which need a bucket. */
const insightAttributes: ReadonlySet<string> = new Set(['EventId', 'EventName', 'EventSource'])

type Fail = Scene<never, 'InvalidLookupAttributesException' | 'InvalidTimeRangeException'>['fail']

function checkAttributes({ LookupAttributes = [], EventCategory }: Input, fail: Fail): void {
  const [first] = LookupAttributes
  if (LookupAttributes.length > 1)
    fail('InvalidLookupAttributesException', 'You can only use one lookup attribute in a request.')
  if (first === undefined) return
  const { AttributeKey: key, AttributeValue: value } = first
  let length = 0
  for (const character of value) length += dear.has(character) ? 2 : 1
  if (length === 0 || length > valueMost)
    fail('InvalidLookupAttributesException', `The value of ${key} must have between 1 and ${valueMost} characters.`)
  if (key === 'ReadOnly' && value !== 'true' && value !== 'false')
    fail('InvalidLookupAttributesException', 'The value of ReadOnly must be true or false.')
  if (EventCategory === 'insight' && !insightAttributes.has(key))
    fail('InvalidLookupAttributesException', `Insights events cannot be looked up by ${key}.`)
}

function checkTimes({ StartTime, EndTime }: Input, fail: Fail): void {
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime)
    fail('InvalidTimeRangeException', 'The start time must not be after the end time.')
}

/** Everything of a question but where its answer goes on: a token is good for this question only. */
const wordsOf = (input: Input, account: string): string =>
  JSON.stringify([
    account,
    (input.LookupAttributes ?? []).map(({ AttributeKey, AttributeValue }) => [AttributeKey, AttributeValue]),
    input.StartTime ?? null,
    input.EndTime ?? null,
    input.EventCategory ?? null,
  ])

/** Events have whole seconds: one that is told with a time is found by that time. */
function questionOf(
  input: Input,
  { caller, now }: Pick<Scene, 'caller' | 'now'>,
  after: Position | undefined,
): Question {
  const { LookupAttributes: [attribute] = [], StartTime = 0, EndTime, MaxResults = resultsMost } = input
  return {
    account: caller.account,
    from: Math.max(Math.ceil(StartTime / 1000) * 1000, now - historyMilliseconds),
    // Another node's clock may be ahead of ours.
    until: EndTime === undefined ? Number.MAX_SAFE_INTEGER : Math.floor(EndTime / 1000) * 1000 + 999,
    limit: MaxResults,
    ...(attribute === undefined
      ? {}
      : { attribute: { name: attribute.AttributeKey, value: attribute.AttributeValue } }),
    ...(after === undefined ? {} : { after }),
  }
}

function shown({ event: text, at }: TrailEntry) {
  const event = new Recorded(text)
  return {
    EventId: event.text('eventID'),
    EventName: event.text('eventName'),
    ReadOnly: event.word('readOnly'),
    AccessKeyId: event.text('userIdentity', 'accessKeyId'),
    EventTime: Math.floor(at / 1000) * 1000,
    EventSource: event.text('eventSource'),
    Username: usernameOf(event),
    Resources: resourcesOf(event).map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: text,
  }
}

/** The caller's account's event history, which is always on (CloudTrail API Reference, LookupEvents). */
export const lookupEvents = cloudtrail.data('LookupEvents', {
  level: 'read',
  check(input, { fail, caller }) {
    checkAttributes(input, fail)
    checkTimes(input, fail)
    if (input.NextToken !== undefined && readToken(input.NextToken, wordsOf(input, caller.account)) === undefined)
      fail('InvalidNextTokenException', 'The token is not one of this request.')
  },
  needs: () => needOf('LookupEvents'),
  async run(scene, input) {
    if (input.EventCategory === 'insight') return { Events: [] }
    const words = wordsOf(input, scene.caller.account)
    const after = input.NextToken === undefined ? undefined : readToken(input.NextToken, words)
    const { entries, next } = await scene.trail.lookup(questionOf(input, scene, after))
    return { Events: entries.map(shown), ...(next === undefined ? {} : { NextToken: writeToken(next, words) }) }
  },
})
