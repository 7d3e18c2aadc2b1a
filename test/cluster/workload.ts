import { Agent } from 'node:http'
import { call, type Keys, type Part, type Reply, type Service } from '../clients/call.ts'
import type { Dice } from '../fuzz/dice.ts'
import type { Operation, Outcome } from './history.ts'
import {
  type ActorCall,
  type ActorResult,
  grant,
  type PersonCall,
  type PersonResult,
  type SeatCall,
  type SeatResult,
} from './things.ts'

/** Where requests are sent to. */
export interface Target {
  readonly name: string
  readonly endpoint: string
}

export interface Histories {
  readonly people: Operation<PersonCall, PersonResult>[]
  readonly actors: Operation<ActorCall, ActorResult>[]
  readonly seats: Operation<SeatCall, SeatResult>[]
  /** Answers that no client should ever get. */
  readonly oddities: string[]
}

interface Actor {
  readonly name: string
  readonly keys: Keys
  uses: number
}

/** A role, and the credentials of its sessions by their names. */
interface Seat {
  readonly name: string
  readonly sessions: Map<string, Keys>
  uses: number
}

const account = '000000000001'
const role = `arn:aws:iam::${account}:role/app`
/** What can be attached to an actor; only the first one allows anything. */
const policies = [grant, 'p', 'q'] as const
const arnOf = (policy: string): string => `arn:aws:iam::${account}:policy/${policy}`
/** No history grows longer than that: then another thing takes the place of this one. */
const usesMax = 70
const peopleMax = 3
const actorsMax = 3
const seatsMax = 2
/** A search over the orders of many sessions takes long. */
const sessionsMax = 12
const patienceMilliseconds = 20_000

/** Clients that ask all nodes for everything that is watched, and write down when they asked and what they were told. */
export class Workload {
  readonly histories: Histories = { people: [], actors: [], seats: [], oddities: [] }
  readonly #targets: readonly Target[]
  readonly #admin: Keys
  readonly #chance: Dice
  readonly #agent = new Agent({ keepAlive: true })
  #people: { readonly name: string; uses: number }[] = []
  #actors: Actor[] = []
  #seats: Seat[] = []
  #serial = 0

  constructor(targets: readonly Target[], admin: Keys, chance: Dice) {
    this.#targets = targets
    this.#admin = admin
    this.#chance = chance
  }

  /** What every actor needs. All nodes are well meanwhile. */
  async prepare(): Promise<void> {
    const allow = (Action: string, Resource: string) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource } })
    await this.#must('CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: trusting(account) })
    for (const PolicyName of policies) {
      const PolicyDocument = PolicyName === grant ? allow('sts:AssumeRole', role) : allow('s3:GetObject', '*')
      await this.#must('CreatePolicy', { PolicyName, PolicyDocument })
    }
    while (this.#actors.length < actorsMax) await this.#hire()
    while (this.#seats.length < seatsMax) await this.#furnish()
  }

  /** One client, until the run is over. */
  async client(number: number, over: () => boolean): Promise<void> {
    while (!over()) {
      await new Promise((resolve) => setTimeout(resolve, this.#chance.upTo(30)))
      const by = `client ${number}`
      const fate = this.#chance.upTo(100)
      if (fate < 35) await this.#person(by)
      else if (fate < 70) await this.#actor(by)
      else await this.#seat(by)
      if (this.#actors.length < actorsMax) await this.#hire()
      if (this.#seats.length < seatsMax) await this.#furnish()
    }
  }

  /** Once all is well again: every node is asked what has become of everything. */
  async closing(): Promise<void> {
    for (const target of this.#targets) {
      for (const name of new Set(this.histories.people.map(({ key }) => key)))
        await this.#askPerson(name, { do: 'get' }, 'closing', target)
      const known = new Set(this.histories.actors.map(({ key }) => key))
      for (const name of known) await this.#askActor(this.#known.get(name), { do: 'list' }, 'closing', target)
      for (const name of known) await this.#askActor(this.#known.get(name), { do: 'use' }, 'closing', target)
      for (const one of this.#seats)
        for (const session of one.sessions.keys()) await this.#askSeat(one, { do: 'use', session }, 'closing', target)
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  readonly #known = new Map<string, Actor>()

  async #person(by: string): Promise<void> {
    this.#people = this.#people.filter(({ uses }) => uses < usesMax)
    while (this.#people.length < peopleMax) this.#people.push({ name: `person-${this.#serial++}`, uses: 0 })
    const one = this.#chance.pick(this.#people)
    one.uses++
    const fate = this.#chance.upTo(100)
    const tag = String(this.#serial++)
    const what: PersonCall =
      fate < 20 ? { do: 'create', tag } : fate < 45 ? { do: 'tag', tag } : fate < 58 ? { do: 'delete' } : { do: 'get' }
    await this.#askPerson(one.name, what, by, this.#chance.pick(this.#targets))
  }

  async #askPerson(name: string, what: PersonCall, by: string, target: Target): Promise<void> {
    const parameters = { UserName: name }
    const tags = 'tag' in what ? { 'Tags.member.1.Key': 'tag', 'Tags.member.1.Value': what.tag } : {}
    const action = { create: 'CreateUser', tag: 'TagUser', delete: 'DeleteUser', get: 'GetUser' }[what.do]
    await this.#timed(this.histories.people, name, what, `${by} at ${target.name}`, async (): Promise<PersonResult> => {
      const reply = await this.#call(target, this.#admin, 'iam', action, { ...parameters, ...tags })
      if (reply.code === undefined) {
        if (what.do !== 'get') return { kind: 'done' }
        return { kind: 'is', tag: listed(reply.result.User?.Tags).map(({ Value }) => String(Value))[0] ?? '' }
      }
      if (reply.code === 'NoSuchEntity') return { kind: 'not there' }
      if (reply.code === 'EntityAlreadyExists') return { kind: 'there already' }
      return this.#odd(action, reply)
    })
  }

  async #actor(by: string): Promise<void> {
    this.#actors = this.#actors.filter(({ uses }) => uses < usesMax)
    if (this.#actors.length === 0) return
    const one = this.#chance.pick(this.#actors)
    one.uses++
    const fate = this.#chance.upTo(100)
    const policy = this.#chance.upTo(2) === 0 ? grant : this.#chance.pick(policies)
    const what: ActorCall =
      fate < 30
        ? { do: 'use' }
        : fate < 50
          ? { do: 'assume' }
          : fate < 60
            ? { do: 'list' }
            : fate < 68
              ? { do: 'deactivate' }
              : fate < 78
                ? { do: 'activate' }
                : { do: fate < 91 ? 'attach' : 'detach', policy }
    await this.#askActor(one, what, by, this.#chance.pick(this.#targets))
  }

  async #askActor(actor: Actor | undefined, what: ActorCall, by: string, target: Target): Promise<void> {
    if (actor === undefined) return
    const { name, keys } = actor
    await this.#timed(this.histories.actors, name, what, `${by} at ${target.name}`, async (): Promise<ActorResult> => {
      if (what.do === 'use' || what.do === 'assume') {
        const action = what.do === 'use' ? 'GetCallerIdentity' : 'AssumeRole'
        const parameters = what.do === 'use' ? {} : { RoleArn: role, RoleSessionName: 'one' }
        const reply = await this.#call(target, keys, 'sts', action, parameters)
        if (reply.code === undefined) return { kind: 'accepted' }
        if (reply.code === 'AccessDenied') return { kind: 'denied' }
        return reply.code === 'InvalidClientTokenId' ? { kind: 'no such key' } : this.#odd(action, reply)
      }
      const UserName = { UserName: name }
      if (what.do === 'list') {
        const reply = await this.#call(target, this.#admin, 'iam', 'ListAttachedUserPolicies', UserName)
        if (reply.code !== undefined) return this.#odd('ListAttachedUserPolicies', reply)
        const names = listed(reply.result.AttachedPolicies).map(({ PolicyName }) => String(PolicyName))
        return { kind: 'attached', policies: names.sort() }
      }
      if (what.do === 'attach' || what.do === 'detach') {
        const action = what.do === 'attach' ? 'AttachUserPolicy' : 'DetachUserPolicy'
        const PolicyArn = arnOf(what.policy)
        const reply = await this.#call(target, this.#admin, 'iam', action, { ...UserName, PolicyArn })
        if (reply.code === undefined) return { kind: 'done' }
        return reply.code === 'NoSuchEntity' ? { kind: 'not attached' } : this.#odd(action, reply)
      }
      const Status = what.do === 'activate' ? 'Active' : 'Inactive'
      const parameters = { ...UserName, AccessKeyId: keys.accessKeyId, Status }
      const reply = await this.#call(target, this.#admin, 'iam', 'UpdateAccessKey', parameters)
      return reply.code === undefined ? { kind: 'done' } : this.#odd('UpdateAccessKey', reply)
    })
  }

  async #seat(by: string): Promise<void> {
    this.#seats = this.#seats.filter(({ uses, sessions }) => uses < usesMax && sessions.size < sessionsMax)
    if (this.#seats.length === 0) return
    const one = this.#chance.pick(this.#seats)
    one.uses++
    const fate = this.#chance.upTo(100)
    const known = [...one.sessions.keys()]
    const what: SeatCall =
      known.length === 0 || fate < 20
        ? { do: 'begin', session: `session-${this.#serial++}` }
        : fate < 32
          ? { do: 'revoke' }
          : { do: 'use', session: this.#chance.pick(known) }
    await this.#askSeat(one, what, by, this.#chance.pick(this.#targets))
  }

  async #askSeat({ name, sessions }: Seat, what: SeatCall, by: string, target: Target): Promise<void> {
    await this.#timed(this.histories.seats, name, what, `${by} at ${target.name}`, async (): Promise<SeatResult> => {
      if (what.do === 'revoke') {
        const reply = await this.#call(target, this.#admin, 'rolecall', 'RevokeSessions', { RoleName: name })
        return reply.code === undefined ? { kind: 'done' } : this.#odd('RevokeSessions', reply)
      }
      const { session } = what
      if (what.do === 'begin') {
        const parameters = { RoleArn: `arn:aws:iam::${account}:role/${name}`, RoleSessionName: session }
        const reply = await this.#call(target, this.#admin, 'sts', 'AssumeRole', parameters)
        if (reply.code !== undefined) return this.#odd('AssumeRole', reply)
        const { AccessKeyId, SecretAccessKey, SessionToken } = reply.result.Credentials ?? {}
        sessions.set(session, {
          accessKeyId: String(AccessKeyId),
          secretAccessKey: String(SecretAccessKey),
          sessionToken: String(SessionToken),
        })
        return { kind: 'done' }
      }
      const reply = await this.#call(target, sessions.get(session) ?? this.#admin, 'sts', 'GetCallerIdentity', {})
      if (reply.code === undefined) return { kind: 'accepted' }
      return reply.code === 'InvalidClientTokenId' ? { kind: 'over' } : this.#odd('GetCallerIdentity', reply)
    })
  }

  /** A new role whose sessions are watched, if it is answered. */
  async #furnish(): Promise<void> {
    const name = `seat-${this.#serial++}`
    const AssumeRolePolicyDocument = trusting(account)
    try {
      const target = this.#chance.pick(this.#targets)
      const made = await this.#call(target, this.#admin, 'iam', 'CreateRole', {
        RoleName: name,
        AssumeRolePolicyDocument,
      })
      if (made.code === undefined) this.#seats.push({ name, sessions: new Map(), uses: 0 })
    } catch {
      // Another one, another time.
    }
  }

  /** A new actor, if both requests are answered: an actor whose beginning is not known is none. */
  async #hire(): Promise<void> {
    const name = `actor-${this.#serial++}`
    const target = this.#chance.pick(this.#targets)
    try {
      const made = await this.#call(target, this.#admin, 'iam', 'CreateUser', { UserName: name })
      if (made.code !== undefined) return
      const { code, result } = await this.#call(target, this.#admin, 'iam', 'CreateAccessKey', { UserName: name })
      if (code !== undefined) return
      const { AccessKeyId, SecretAccessKey } = result.AccessKey ?? {}
      const keys = { accessKeyId: String(AccessKeyId), secretAccessKey: String(SecretAccessKey) }
      const actor = { name, keys, uses: 0 }
      this.#known.set(name, actor)
      this.#actors.push(actor)
    } catch {
      // Another one, another time.
    }
  }

  async #timed<C, R>(
    histories: Operation<C, R>[],
    key: string,
    what: C,
    by: string,
    ask: () => Promise<R>,
  ): Promise<void> {
    const began = performance.now()
    let outcome: Outcome<R>
    try {
      outcome = { kind: 'answered', result: await ask() }
    } catch (error) {
      // Nobody was there to take the request: it certainly did nothing.
      if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return
      outcome = { kind: 'unknown' }
    }
    histories.push({ key, call: what, began, ended: performance.now(), outcome, by })
  }

  /** Rejects where the answer promises nothing. */
  async #call(
    target: Target,
    keys: Keys,
    service: Service,
    action: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    let late: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error('no answer')), patienceMilliseconds)
    })
    try {
      const reply = await Promise.race([call(target.endpoint, keys, service, action, parameters, this.#agent), silence])
      if (reply.status >= 500) throw new Error(reply.code)
      return reply
    } finally {
      clearTimeout(late)
    }
  }

  async #must(action: string, parameters: Readonly<Record<string, string>>): Promise<void> {
    const [target] = this.#targets
    if (target === undefined) throw new Error('there is no node')
    const reply = await this.#call(target, this.#admin, 'iam', action, parameters)
    if (reply.code !== undefined) throw new Error(`${action}: ${reply.text}`)
  }

  #odd(action: string, { status, text }: Reply): never {
    this.histories.oddities.push(`${action} was answered ${status} ${text}`)
    throw new Error('an answer that nobody should get')
  }
}

const trusting = (AWS: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' },
  })

/** The members of a list in an answer. */
const listed = (part: Part | undefined): readonly Part[] =>
  // The authority's JSON has lists where `Part` only knows members.
  Array.isArray(part) ? (part as readonly Part[]) : []
