import { Recorded } from '../audit/recorded.ts'
import { type Answer, callService, Refused } from './client.ts'
import { Failure } from './failure.ts'
import { type Call, callsOf, merged, type Within } from './history.ts'
import { accountsOf, homeOf, keysFor, type Seen } from './seen.ts'
import { many, type Session, sessionIn, sourceIn, text } from './session-list.ts'

/** What is traced, by the name that the operation has for it. */
export type Subject =
  | { readonly AccessKeyId: string }
  | { readonly SessionArn: string }
  | { readonly EventId: string }
  | { readonly RequestId: string }
  | { readonly SharedEventId: string }
  | { readonly UserName: string }
  | { readonly RoleName: string }
  | { readonly RootUser: 'true' }

export type Source = Session['source']

/** A key's or a call's way from its beginning, and everything that came of it, in all accounts that can be asked. */
export interface Trace {
  /** The account in which it was found. */
  readonly accountId: string
  /** The key that is traced; of a call the one that it was made with. */
  readonly accessKeyId?: string
  /** The call that was meant, where one was. */
  readonly event?: unknown
  /** Who began, as far as it can be seen. */
  readonly origin?: Source
  /** The calls that led there, the first in front. */
  readonly steps: readonly Session[]
  /** The account in which the way goes on, where that cannot be asked. */
  readonly beyond?: string
  /** What grew out of it, in the order of time. */
  readonly sessions: readonly Session[]
  /** Accounts that hold some of these sessions and cannot be asked what they did. */
  readonly unseen: readonly string[]
  readonly calls: readonly Call[]
  /** There is more than was read. */
  readonly truncated: boolean
}

/** What one account answers. */
interface Part {
  readonly accountId: string
  readonly accessKeyId: string | undefined
  readonly event: unknown
  readonly caller: Source | undefined
  readonly steps: readonly Session[]
  readonly goesOn: { readonly accountId: string; readonly sharedEventId: string | undefined } | undefined
  readonly sessions: readonly Session[]
  readonly truncated: boolean
}

/** Which calls are read, and in which account the subject is looked for, where not in all. */
export interface Bounds extends Within {
  readonly account?: string | undefined
}

const accountsMost = 16
const sessionsMost = 200

async function ask(seen: Seen, accountId: string, subject: Subject): Promise<Part> {
  const answer = await callService(seen.endpoint, keysFor(seen, accountId), 'rolecall', 'TraceSession', {
    ...subject,
    MaxItems: String(sessionsMost),
  })
  const event = text(answer.Event)
  const { GoesOn, Caller } = answer
  return {
    accountId,
    accessKeyId: text(answer.AccessKeyId),
    event: event === undefined ? undefined : JSON.parse(event),
    caller: given(Caller) ? sourceIn(Caller) : undefined,
    steps: many(answer.Steps).map(sessionIn),
    goesOn: given(GoesOn)
      ? { accountId: String(GoesOn.AccountId), sharedEventId: text(GoesOn.SharedEventId) }
      : undefined,
    sessions: many(answer.Sessions).map(sessionIn),
    truncated: String(answer.IsTruncated) === 'true',
  }
}

const given = (answer: Answer | undefined): answer is Answer => answer !== undefined && answer !== null

/** In the account that is named, or that the subject tells, else in whichever knows of it. */
async function found(seen: Seen, subject: Subject, account: string | undefined): Promise<Part> {
  if (account !== undefined) return ask(seen, account, subject)
  const told =
    'AccessKeyId' in subject
      ? homeOf(subject.AccessKeyId)
      : 'SessionArn' in subject
        ? subject.SessionArn.split(':')[4]
        : ''
  const order = [...accountsOf(seen)].sort((a, b) => Number(b === told) - Number(a === told))
  let empty: Part | undefined
  let refusal: unknown
  for (const accountId of order) {
    try {
      const part = await ask(seen, accountId, subject)
      if (part.caller !== undefined || part.steps.length > 0 || part.sessions.length > 0) return part
      empty ??= part
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refusal ??= error
    }
  }
  if (empty !== undefined) return empty
  throw refusal ?? new Failure('there is no account whose trail could be asked')
}

/** Follows credentials back to who began, and on to everything that was done, through all accounts that can be asked. */
export async function traced(seen: Seen, subject: Subject, { account, ...within }: Bounds): Promise<Trace> {
  const start = await found(seen, subject, account)
  const way = await followedBack(seen, start)
  const { sessions, truncated } = await followedOn(seen, start)
  const keys = [
    ...(start.accessKeyId === undefined ? [] : [start.accessKeyId]),
    ...sessions.map((each) => each.accessKeyId),
  ]
  const lists: (readonly Call[])[] = []
  let more = start.truncated || truncated
  if ('UserName' in subject || 'RootUser' in subject) {
    const own = await ownCalls(seen, start.accountId, 'UserName' in subject ? subject.UserName : undefined, within)
    lists.push(own.calls)
    more ||= own.more
  }
  const unseen = new Set<string>()
  for (const key of keys) {
    const accountId = homeOf(key)
    if (!seen.accounts.has(accountId)) {
      unseen.add(accountId)
      continue
    }
    const { calls, more: rest } = await callsOf(seen, accountId, { key: 'AccessKeyId', value: key }, within)
    lists.push(calls)
    more ||= rest
  }
  // Of one second, what was done with a key was done before what was done with what grew out of it.
  const calls = merged(lists.reverse())
  return {
    accountId: start.accountId,
    ...(start.accessKeyId === undefined ? {} : { accessKeyId: start.accessKeyId }),
    ...(start.event === undefined ? {} : { event: start.event }),
    ...way,
    sessions,
    unseen: [...unseen],
    calls: calls.slice(0, within.limit),
    truncated: more || calls.length > within.limit,
  }
}

/** What a user did with keys of its own, or root where no user is named: a session of a role may be called as the user is. */
export const ownCalls = (seen: Seen, accountId: string, user: string | undefined, within: Within) =>
  callsOf(
    seen,
    accountId,
    { key: 'Username', value: user ?? 'root' },
    {
      ...within,
      keep: async (call) =>
        new Recorded(call.event).text('userIdentity', 'type') === (user === undefined ? 'Root' : 'IAMUser') &&
        (await within.keep?.(call)) !== false,
    },
  )

/** Back to who began; into another account by the id that both know the same call by. */
async function followedBack(seen: Seen, start: Part): Promise<Pick<Trace, 'origin' | 'steps' | 'beyond'>> {
  let { steps, caller: origin, goesOn } = start
  for (let turn = 0; goesOn !== undefined && turn < accountsMost; turn++) {
    const { accountId, sharedEventId } = goesOn
    if (sharedEventId === undefined || !seen.accounts.has(accountId))
      return { ...(origin && { origin }), steps, beyond: accountId }
    const part = await ask(seen, accountId, { SharedEventId: sharedEventId })
    const [first, ...rest] = steps
    // The same call, told in full by the account that it was made from.
    const caller = sourceOf(part.event)
    steps = [...part.steps, ...(first === undefined ? [] : [{ ...first, source: caller }]), ...rest]
    origin = part.steps[0]?.source ?? caller
    goesOn = part.goesOn
  }
  return { ...(origin && { origin }), steps }
}

function sourceOf(event: unknown): Source {
  // A CloudTrail record, as the authority wrote it.
  const {
    userIdentity = {},
    sourceIPAddress,
    userAgent,
  } = event as {
    readonly userIdentity?: Readonly<Record<string, string | undefined>>
    readonly sourceIPAddress?: string
    readonly userAgent?: string
  }
  const { type = '', arn, identityProvider, principalId, accountId, accessKeyId } = userIdentity
  const members = {
    arn: arn ?? identityProvider,
    principalId,
    accountId,
    accessKeyId,
    sourceIp: sourceIPAddress,
    userAgent,
  }
  return { type, ...Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) }
}

/** Sessions that grew out of it: each account tells of those that it had a part in. */
async function followedOn(
  seen: Seen,
  start: Part,
): Promise<{ readonly sessions: readonly Session[]; readonly truncated: boolean }> {
  const sessions = new Map<string, Session>()
  const asked = new Set<string>()
  let truncated = start.truncated
  let next = start.sessions
  while (next.length > 0 && sessions.size < sessionsMost) {
    const fresh = next.filter(({ accessKeyId }) => !sessions.has(accessKeyId))
    for (const session of fresh) sessions.set(session.accessKeyId, session)
    const further: Session[] = []
    for (const { accessKeyId } of fresh) {
      const accountId = homeOf(accessKeyId)
      if (accountId === start.accountId || !seen.accounts.has(accountId) || asked.has(accessKeyId)) continue
      asked.add(accessKeyId)
      const part = await ask(seen, accountId, { AccessKeyId: accessKeyId })
      truncated ||= part.truncated
      further.push(...part.sessions)
    }
    next = further
  }
  return {
    sessions: [...sessions.values()].sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0)),
    truncated: truncated || next.length > 0,
  }
}
