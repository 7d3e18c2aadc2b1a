import type { Attribute, AttributeName } from '../src/audit/attribute.ts'
import type { Question } from '../src/audit/lookup.ts'
import type { TrailRow } from '../src/store/store.ts'
import { nobody } from './trail-timed.ts'
import { days, since } from './world.ts'

const hour = 3_600_000
const day = 24 * hour
/** Behind everything that is ever written. */
const always = { from: 0, until: since + 10 * days * day, limit: 50 }

type Case = readonly [by: string, questions: readonly Question[]]

interface Event {
  readonly eventID: string
  readonly eventName: string
  readonly eventSource: string
  readonly readOnly: boolean
  readonly userIdentity: { readonly accessKeyId?: string; readonly userName?: string; readonly principalId?: string }
  readonly responseElements?: { readonly credentials?: { readonly accessKeyId?: string } } | null
}

// Written by `auditRow`.
const eventOf = (row: TrailRow) => JSON.parse(row.event) as Event

const attributed = (name: AttributeName, value: string): { readonly attribute: Attribute } => ({
  attribute: { name, value },
})

/** The accounts of `World`, the one with half of all calls first. */
const accountOf = (number: number): string => String(100_000_000_000 + number)

/** What is asked of a trail of which these are samples, drawn evenly over the whole time. */
export function* questionsOf(rows: readonly TrailRow[], records: number): Iterable<Case> {
  // Where one of its two hundred users made some fifty calls in all, each in a block of its own.
  const few = Math.max(0, Math.floor(Math.log2((records * 0.3) / 200 / 50)) - 1)
  const by = (name: AttributeName, value: (event: Event) => string | undefined): readonly Question[] =>
    rows.flatMap((row) => {
      const found = value(eventOf(row))
      return found === undefined ? [] : [{ account: row.account, ...always, ...attributed(name, found) }]
    })
  yield ['AccessKeyId', by('AccessKeyId', ({ userIdentity }) => userIdentity.accessKeyId)]
  yield ['EventId', by('EventId', ({ eventID }) => eventID)]
  yield [
    'ResourceName, a key that was given out',
    by('ResourceName', ({ responseElements }) => responseElements?.credentials?.accessKeyId),
  ]
  yield [
    'Username',
    by('Username', ({ userIdentity }) => userIdentity.userName ?? userIdentity.principalId?.split(':')[1]),
  ]
  yield ['EventName', by('EventName', ({ eventName }) => eventName)]
  yield ['EventSource', by('EventSource', ({ eventSource }) => eventSource)]
  yield ['ReadOnly', by('ReadOnly', ({ readOnly }) => String(readOnly))]
  yield ['ReadOnly, only what changed something', by('ReadOnly', () => 'false')]
  yield ['ResourceType', by('ResourceType', () => 'AWS::IAM::Role')]
  yield ['AccessKeyId, one that nobody has', by('AccessKeyId', () => nobody)]
  yield ['ResourceType, one that nothing has', by('ResourceType', () => nobody)]
  yield ['no attribute', rows.map(({ account }) => ({ account, ...always }))]
  yield [
    'Username, few calls over all the time',
    Array.from({ length: 200 }, (_, user) => ({
      account: accountOf(few + (user % 2)),
      ...always,
      ...attributed('Username', `user-${user}`),
    })),
  ]
  yield [
    'EventName, account of few calls',
    rows.map((_, at) => ({ account: accountOf(few + 3 + (at % 4)), ...always, ...attributed('EventName', 'GetUser') })),
  ]
  yield [
    'no attribute, account of few calls',
    rows.map((_, at) => ({ account: accountOf(few + 3 + (at % 4)), ...always })),
  ]
  // A token is the place where the page before ended.
  const deep = rows.map(({ at, account }) => ({
    account,
    ...always,
    after: { at, sequence: Number.POSITIVE_INFINITY },
  }))
  yield [
    'EventSource, a page far behind the first',
    deep.map((one) => ({ ...one, ...attributed('EventSource', 'iam.amazonaws.com') })),
  ]
  yield ['no attribute, a page far behind the first', deep]
  const within = (length: number) =>
    rows.map(({ account, at }) => ({ account, limit: 50, from: at, until: at + length }))
  yield ['ReadOnly in one day long ago', within(day).map((one) => ({ ...one, ...attributed('ReadOnly', 'true') }))]
  yield ['no attribute, in one minute long ago', within(60_000)]
  yield [
    'Username, nobody’s, in one hour long ago',
    within(hour).map((one) => ({ ...one, ...attributed('Username', nobody) })),
  ]
}

/** The same of a trail to which records are written all the time. */
export function* whileWrittenQuestions(rows: readonly TrailRow[]): Iterable<Case> {
  const asked = rows.map(({ account }) => ({ account, ...always }))
  yield ['EventName, while it is written', asked.map((one) => ({ ...one, ...attributed('EventName', 'GetUser') }))]
  yield [
    'ResourceType, while it is written',
    asked.map((one) => ({ ...one, ...attributed('ResourceType', 'AWS::IAM::Role') })),
  ]
  yield [
    'EventId, while it is written',
    rows.map((row) => ({ account: row.account, ...always, ...attributed('EventId', eventOf(row).eventID) })),
  ]
  yield [
    'AccessKeyId, nobody’s, while it is written',
    asked.map((one) => ({ ...one, ...attributed('AccessKeyId', nobody) })),
  ]
}

/** The same of one whose index has as many files as it ever has. */
export function* smallFileQuestions(rows: readonly TrailRow[]): Iterable<Case> {
  const asked = rows.map(({ account }) => ({ account, ...always }))
  yield [
    'EventId, before files are merged',
    rows.map((row) => ({ account: row.account, ...always, ...attributed('EventId', eventOf(row).eventID) })),
  ]
  yield [
    'AccessKeyId, nobody’s, before files are merged',
    asked.map((one) => ({ ...one, ...attributed('AccessKeyId', nobody) })),
  ]
}
