import type { Attribute } from '../../audit/attribute.ts'
import type { Question } from '../../audit/lookup.ts'
import { readMinted } from '../../audit/minted.ts'
import { Recorded } from '../../audit/recorded.ts'
import type { Made } from '../../audit/session-list.ts'
import { accountOfKey } from '../../base/id.ts'
import type { Session, SessionSource } from '../../model/calls/rolecall.ts'
import type { AccessKey } from '../../state/credential.ts'
import { arnOf, rootArn } from '../../state/entity.ts'
import type { View } from '../../state/view.ts'
import { find, seek } from '../iam/lookup.ts'
import { type Failing, type InputOf, operationsOf, type Scene, type TrailReader } from '../operation.ts'
import { sessionTold, sourceOf } from './session.ts'

const rolecall = operationsOf('rolecall')
type Input = InputOf<'rolecall', 'TraceSession'>

/** A way back is no longer: what a session remembers of its own is eight. */
const stepsMost = 16
const sessionsByDefault = 100
/** Looked-up pages that one answer is made of, at most. */
const roundsMost = 8
const always = { from: 0, until: Number.MAX_SAFE_INTEGER }

const subjects = [
  'AccessKeyId',
  'SessionArn',
  'EventId',
  'RequestId',
  'SharedEventId',
  'UserName',
  'RoleName',
  'RootUser',
] as const

/** What a trace begins at: a key or an identity, and the call that is meant where one is. */
interface Start {
  readonly key?: string | undefined
  readonly identity?: string | undefined
  readonly event?: string
  /** Whose identity it was, where the state knows it no more. */
  readonly gone?: SessionSource
}

/** An account's own records: of others nothing is told, whatever their ids say. */
class Trail {
  readonly #lookup: TrailReader['lookup']
  readonly #account: string

  constructor(lookup: TrailReader['lookup'], account: string) {
    this.#lookup = lookup
    this.#account = account
  }

  async first(attribute: Attribute): Promise<string | undefined> {
    for await (const { event } of this.#all(attribute, 1)) return event
    return undefined
  }

  /** The call that made a session, by its key or its ARN; of several the newest. */
  async birth(name: string): Promise<Made | undefined> {
    for await (const { event, session } of this.#all({ name: 'ResourceName', value: name }, 50)) {
      const minted = session === undefined ? undefined : readMinted(session)
      if (minted !== undefined && (minted.key === name || minted.arn === name)) return { minted, event }
    }
    return undefined
  }

  /**
   * A user or role that is not there any more: those who are gone are asked about most. Told by what a user did, or by the call that made
   * it; of several of a name the newest.
   */
  async gone(kind: 'user' | 'role', name: string): Promise<SessionSource | undefined> {
    if (kind === 'user')
      for await (const { event } of this.#all({ name: 'Username', value: name }, 50)) {
        const { Type, Arn, PrincipalId, AccountId } = sourceOf(event)
        if (Type === 'IAMUser') return { Type, Arn, PrincipalId, AccountId }
      }
    for await (const { event } of this.#all({ name: 'ResourceName', value: name }, 50)) {
      const made = (member: string) => new Recorded(event).text('responseElements', kind, member)
      if (made(`${kind}Name`) !== name) continue
      const Type = kind === 'user' ? 'IAMUser' : 'Role'
      return { Type, Arn: made('arn'), PrincipalId: made(`${kind}Id`), AccountId: this.#account }
    }
    return undefined
  }

  /** Sessions that grew out of a key or an identity, the newest first, and whether there may be more. */
  async grown(of: string, limit: number): Promise<{ readonly made: readonly Made[]; readonly more: boolean }> {
    const made: Made[] = []
    const rest = this.#all({ name: 'Session', value: of }, 200)
    for (;;) {
      const { value, done } = await rest.next()
      if (done === true) return { made, more: value }
      const minted = value.session === undefined ? undefined : readMinted(value.session)
      // Where a session began, it is found by its own key as well.
      if (minted === undefined || minted.key === of) continue
      if (made.length === limit) return { made, more: true }
      made.push({ minted, event: value.event })
    }
  }

  /** Ends with whether it gave up before the end. */
  async *#all(attribute: Attribute, limit: number) {
    let after: Question['after']
    for (let round = 0; round < roundsMost; round++) {
      const { entries, next } = await this.#lookup({
        account: this.#account,
        attribute,
        ...always,
        limit,
        ...(after && { after }),
      })
      yield* entries
      if (next === undefined) return false
      after = next
    }
    return true
  }
}

async function startOf(input: Input, trail: Trail, scene: TraceScene): Promise<Start> {
  const { AccessKeyId, SessionArn, EventId, RequestId, SharedEventId, UserName, RoleName, RootUser } = input
  const unknown = (what: string) =>
    scene.fail('NoSuchEvent', `${what} is in no record of account ${scene.caller.account}.`)
  if (AccessKeyId !== undefined) return { key: AccessKeyId }
  const named = async (kind: 'user' | 'role', name: string): Promise<Start> => {
    const there = seek(scene, kind, name)
    if (there !== undefined) return { identity: there.id }
    const gone = await trail.gone(kind, name)
    return gone === undefined ? { identity: find(scene, kind, name).id } : { identity: gone.PrincipalId, gone }
  }
  if (RootUser === true) return { identity: scene.caller.account }
  if (UserName !== undefined) return named('user', UserName)
  if (RoleName !== undefined) return named('role', RoleName)
  if (SessionArn !== undefined) return { key: ((await trail.birth(SessionArn)) ?? unknown(SessionArn)).minted.key }
  const ids: readonly (readonly [Attribute['name'], string | undefined])[] = [
    ['EventId', EventId],
    ['RequestId', RequestId],
    ['SharedEventId', SharedEventId],
  ]
  for (const [name, value] of ids) {
    if (value === undefined) continue
    const event = (await trail.first({ name, value })) ?? unknown(value)
    return { event, key: new Recorded(event).text('userIdentity', 'accessKeyId') }
  }
  throw new Error('the check has seen to it that something is named')
}

/** The calls that led to a key, the first in front, and where the way goes on if it came from another account. */
async function back(trail: Trail, from: string | undefined) {
  const steps: Made[] = []
  let key = from
  while (key?.startsWith('ASIA') && steps.length < stepsMost) {
    const made = await trail.birth(key)
    if (made === undefined) break
    steps.unshift(made)
    key = new Recorded(made.event).text('userIdentity', 'accessKeyId')
  }
  return steps
}

/** The account that another one's call came from, and what the call is called there. */
function elsewhere(event: string | undefined) {
  const record = event === undefined ? undefined : new Recorded(event)
  const account = record?.text('userIdentity', 'accountId')
  if (record?.text('userIdentity', 'type') !== 'AWSAccount' || account === undefined) return undefined
  return { AccountId: account, SharedEventId: record.text('sharedEventID') }
}

/** INVARIANT: a key of another account is as unknown as one that there is not. */
function keyIn(state: View, account: string, id: string): AccessKey | undefined {
  const key = state.get('access-key', id)
  return key?.account === account ? key : undefined
}

/** Whose a key is, or who an identity, as the state knows it. */
function holderOf(state: View, account: string, { key, identity }: Start): SessionSource | undefined {
  const id = identity ?? (key === undefined ? undefined : keyIn(state, account, key)?.owner)
  if (id === undefined) return undefined
  const holder = state.get('user', id) ?? state.get('role', id)
  if (holder === undefined) return { Type: 'Root', Arn: rootArn(id), PrincipalId: id, AccountId: id, AccessKeyId: key }
  const Type = holder.kind === 'user' ? 'IAMUser' : 'Role'
  return { Type, Arn: arnOf(holder), PrincipalId: id, AccountId: holder.account, AccessKeyId: key }
}

type TraceScene = Pick<Scene, 'state' | 'caller'> & Failing<'NoSuchEntity' | 'NoSuchEvent'>

/**
 * Where credentials come from, call by call back to who began, and which sessions grew out of them: from a key, a session's ARN, an event
 * or a request, or all of a user, a role or root. An account is told what its own trail holds; where the way goes on in another one, it is
 * told in which, and under which shared event id that account finds the same call.
 */
export const traceSession = rolecall.data('TraceSession', {
  level: 'read',
  check(input, { fail }) {
    if (subjects.filter((name) => input[name] !== undefined && input[name] !== false).length !== 1)
      fail('ValidationError', `Give one of ${subjects.slice(0, -1).join(', ')} and ${subjects.at(-1)}.`)
    if (input.AccessKeyId !== undefined && accountOfKey(input.AccessKeyId) === undefined)
      fail('ValidationError', `${input.AccessKeyId} is not a valid access key id.`)
  },
  needs: (_input, { caller }) => [
    { action: 'rolecall:TraceSession', resource: `arn:aws:rolecall::${caller.account}:session/*` },
  ],
  async run(scene, input) {
    const { caller, state } = scene
    const trail = new Trail(scene.trail.lookup, caller.account)
    const start = await startOf(input, trail, scene)
    const steps = await back(trail, start.key)
    const of = start.key ?? start.identity
    const limit = input.MaxItems ?? sessionsByDefault
    const grown = of === undefined ? { made: [], more: false } : await trail.grown(of, limit)
    const first = steps[0]?.event ?? start.event
    const goesOn = elsewhere(first)
    // A lasting key was made by nobody's call here: the last one with it tells whose it is.
    const last = first ?? (start.key && (await trail.first({ name: 'AccessKeyId', value: start.key })))
    const told = (made: readonly Made[]): Session[] => made.map((each) => sessionTold(state, caller.account, each))
    return {
      AccountId: caller.account,
      AccessKeyId: start.key,
      PrincipalId: start.identity,
      Event: start.event,
      Caller:
        last === undefined || last === '' ? (start.gone ?? holderOf(state, caller.account, start)) : sourceOf(last),
      Steps: told(steps),
      GoesOn: goesOn,
      Sessions: told([...grown.made].reverse()),
      IsTruncated: grown.more,
    }
  },
})
