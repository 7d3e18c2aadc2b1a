import { MemoryAudit } from '../../src/audit/memory.ts'
import type { KeyMaker } from '../../src/base/key-pair.ts'
import type { Hasher } from '../../src/base/password.ts'
import { type Authority, openAuthority } from '../../src/host/authority.ts'
import type { KeptKeys } from '../../src/host/credentials.ts'
import { machineHasher } from '../../src/host/hasher.ts'
import { machineKeyMaker } from '../../src/host/key-maker.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { loadService } from '../../src/model/service.ts'
import type { Entity } from '../../src/state/entity.ts'
import type { Head } from '../../src/state/head.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import {
  type Batch,
  type DecisionRow,
  type Delivery,
  type Store,
  StoreUnavailable,
  type TrailRow,
} from '../../src/store/store.ts'
import { loadWhole } from '../../src/store/whole.ts'
import { type FetchKeys, type Issuer, IssuerTrouble } from '../../src/token/issuer.ts'
import type { HttpRequest, HttpResponse } from '../../src/wire/http.ts'
import { sign } from '../../src/wire/sigv4.ts'
import { type Keys, type Part, type Service, versions } from '../clients/call.ts'
import { keysFrom } from '../token/keys.ts'

export const home = '111122223333'
export const other = '444455556666'
/** Records of requests that nobody could be held to. */
const nobody = '-'
export const noon = Date.UTC(2026, 10, 22, 12, 0, 0, 250)

/** A store on whose commits a test has a hand. */
export class Probe implements Store {
  readonly #inner = new MemoryStore()
  readonly commits: Batch[] = []
  /** What becomes of the commits that follow: it may throw before or after it hands them on. */
  onCommit: (batch: Batch, take: () => Promise<Head>) => Promise<Head> = (_batch, take) => take()

  commit(batch: Batch): Promise<Head> {
    return this.onCommit(batch, () => {
      this.commits.push(batch)
      return this.#inner.commit(batch)
    })
  }
  load = () => this.#inner.load()
  head = () => this.#inner.head()
  changesSince = (head: Head) => this.#inner.changesSince(head)
  outbox = (limit?: number) => this.#inner.outbox(limit)
  close = () => this.#inner.close()

  async entities(): Promise<readonly Entity[]> {
    return (await loadWhole(this.#inner)).entities
  }
}

/** An audit log on whose records a test has a hand. */
export class Listener extends MemoryAudit {
  readonly appended: (readonly TrailRow[])[] = []
  /** What becomes of the records that follow: it may throw before they are taken, or make them wait. */
  onRecords: (() => Promise<void> | void) | undefined
  onLastDecision: (() => never) | undefined

  override async append(rows: readonly TrailRow[]): Promise<void> {
    await this.onRecords?.()
    this.appended.push(rows)
    return super.append(rows)
  }
  override async deliver(deliveries: readonly Delivery[]): Promise<void> {
    await this.onRecords?.()
    return super.deliver(deliveries)
  }
  override async lastDecision(account: string): Promise<DecisionRow | undefined> {
    return this.onLastDecision?.() ?? super.lastDecision(account)
  }
}

/** An answer taken apart. */
export interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly message: string | undefined
  readonly requestId: string
  readonly result: Part
  readonly headers: HttpResponse['headers']
  readonly text: string
}

export interface JsonAnswer {
  readonly requestId: string
  readonly result: Readonly<Record<string, unknown>>
}

/** A CloudTrail record, as far as tests look into it. */
export interface Recorded {
  readonly eventName: string
  readonly eventID: string
  readonly requestID: string
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly readOnly: boolean
  readonly recipientAccountId: string
  readonly sharedEventID?: string
  readonly userIdentity: { readonly type: string; readonly arn?: string; readonly accountId?: string }
  readonly requestParameters: unknown
  readonly responseElements: unknown
  readonly additionalEventData?: unknown
}

/** What differs from a call as a client would make it. */
export interface Twist {
  readonly unsigned?: boolean
  /** Milliseconds by which the client's clock is off. */
  readonly skew?: number
  readonly request?: (request: HttpRequest) => HttpRequest
}

/** An authority with its clock, its timer and its store in a test's hand. */
export class Scene {
  readonly store = new Probe()
  readonly log = new Listener()
  readonly alarms: string[] = []
  /** Key pairs that are asked for and not made yet. */
  readonly #making = new Set<Promise<string>>()
  readonly #maker = machineKeyMaker()
  readonly keyMaker: KeyMaker = {
    make: (algorithm) => {
      const made = this.#maker.make(algorithm)
      this.#making.add(made)
      void made.finally(() => this.#making.delete(made))
      return made
    },
  }
  /** What the hasher was asked for. */
  readonly hashed: ('hash' | 'is')[] = []
  readonly #hasher = machineHasher()
  readonly hasher: Hasher = {
    hash: (password) => {
      this.hashed.push('hash')
      return this.#hasher.hash(password)
    },
    is: (hash, password) => {
      this.hashed.push('is')
      return this.#hasher.is(hash, password)
    },
  }
  now = noon
  /** What becomes of the question for an issuer's keys. */
  fetchKeys: FetchKeys = () => Promise.reject(new IssuerTrouble('unreachable', 'nobody is asked'))
  #timers: (() => void)[] = []
  #authority: Authority | undefined
  /** The first account's administrator and root. */
  administrator: Keys = { accessKeyId: '', secretAccessKey: '' }
  root: Keys = this.administrator

  static async open(): Promise<Scene> {
    const scene = new Scene()
    const propose = ({ accessKeyId, secretAccessKey, rootAccessKeyId, rootSecretAccessKey }: KeptKeys) => {
      scene.administrator = { accessKeyId, secretAccessKey }
      scene.root = { accessKeyId: rootAccessKeyId, secretAccessKey: rootSecretAccessKey }
    }
    const surroundings = {
      clock: { now: () => scene.now },
      random: machineRandom(),
      keys: keysFrom(),
      keyMaker: scene.keyMaker,
      hasher: scene.hasher,
      origin: () => 'https://rolecall.test',
      schedule: (_milliseconds: number, run: () => void) => {
        scene.#timers.push(run)
        return () => {
          scene.#timers = scene.#timers.filter((timer) => timer !== run)
        }
      },
      alarm: (what: string, error?: unknown) => void scene.alarms.push(`${what}: ${String(error)}`),
      fetchKeys: (issuer: Issuer) => scene.fetchKeys(issuer),
    }
    scene.#authority = await openAuthority(
      { store: scene.store, openLog: async () => scene.log, founding: { propose, settle: () => undefined } },
      surroundings,
      home,
    )
    return scene
  }

  /** Neither the store nor the audit log takes anything, or both again whatever comes. */
  block(): void {
    const full = () => {
      throw new StoreUnavailable('the disk is full')
    }
    this.store.onCommit = async () => full()
    this.log.onRecords = full
  }
  heal(): void {
    this.store.onCommit = (_batch, take) => take()
    this.log.onRecords = undefined
  }

  pass(seconds: number): void {
    this.now += seconds * 1000
  }

  /** One call, from bytes to bytes. It has begun when this returns: calls of one tick meet in one batch. */
  async call(
    keys: Keys,
    service: Service,
    action: string,
    parameters: Readonly<Record<string, string>> = {},
    twist: Twist = {},
  ): Promise<Answer> {
    if (this.#authority === undefined) throw new Error('not open')
    const body = Buffer.from(
      new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString(),
    )
    const headers = [
      ['host', 'rolecall.test'],
      ['content-type', 'application/x-www-form-urlencoded'],
      ['accept', 'application/json'],
    ] as const
    const bare = { method: 'POST', path: '/', query: '', headers, body }
    const scope = { region: 'us-east-1', service, now: this.now + (twist.skew ?? 0) }
    const request: HttpRequest = {
      ...bare,
      headers: twist.unsigned ? headers : sign(bare, { ...keys }, scope),
      sourceIp: '127.0.0.1',
      secure: false,
    }
    const response = await this.#authority.answer(twist.request?.(request) ?? request)
    const text = typeof response.body === 'string' ? response.body : Buffer.from(response.body).toString()
    const requestId = response.headers['x-amzn-RequestId'] ?? ''
    // The authority's own answers, in AWS's JSON form of the query protocol; what names no operation has another form.
    const answer = (text.startsWith('{') ? JSON.parse(text) : {}) as Part
    return {
      status: response.status,
      code: answer.Error === undefined ? undefined : String(answer.Error.Code),
      message: answer.Error === undefined ? undefined : String(answer.Error.Message),
      requestId,
      result: answer[`${action}Response`]?.[`${action}Result`] ?? {},
      headers: response.headers,
      text,
    }
  }

  /** The same of a service that speaks the JSON protocol. Throws where it is refused. */
  async json(keys: Keys, id: 'cloudtrail' | 'organizations', action: string, input: object = {}): Promise<JsonAnswer> {
    if (this.#authority === undefined) throw new Error('not open')
    const { signingName: service, targetPrefix } = loadService(id)
    const body = Buffer.from(JSON.stringify(input))
    const headers = [
      ['host', 'rolecall.test'],
      ['content-type', 'application/x-amz-json-1.1'],
      ['x-amz-target', `${targetPrefix}.${action}`],
    ] as const
    const bare = { method: 'POST', path: '/', query: '', headers, body }
    const signed = sign(bare, { ...keys }, { region: 'us-east-1', service, now: this.now })
    const response = await this.#authority.answer({ ...bare, headers: signed, sourceIp: '127.0.0.1', secure: false })
    const text = typeof response.body === 'string' ? response.body : Buffer.from(response.body).toString()
    if (response.status !== 200) throw new Error(`${action}: ${text}`)
    const requestId = response.headers['x-amzn-RequestId'] ?? ''
    return { requestId, result: JSON.parse(text) as Readonly<Record<string, unknown>> }
  }

  /** A request of anybody, without a signature: what pages and verifiers ask. */
  async fetch(method: string, path: string): Promise<HttpResponse> {
    if (this.#authority === undefined) throw new Error('not open')
    const headers = [['host', 'rolecall.test']] as const
    const bare = { method, path, query: '', headers, body: Buffer.alloc(0), sourceIp: '127.0.0.1', secure: false }
    return this.#authority.answer(bare)
  }

  /** As it must be where a test sets its stage. */
  async done(keys: Keys, service: Service, action: string, parameters: Readonly<Record<string, string>> = {}) {
    const answer = await this.call(keys, service, action, parameters)
    if (answer.status !== 200) throw new Error(`${action}: ${answer.text}`)
    return answer.result
  }

  async user(name: string, document?: object): Promise<Keys> {
    await this.done(this.administrator, 'iam', 'CreateUser', { UserName: name })
    const PolicyDocument = JSON.stringify(document)
    if (document !== undefined)
      await this.done(this.administrator, 'iam', 'PutUserPolicy', { UserName: name, PolicyName: 'own', PolicyDocument })
    const { AccessKey } = await this.done(this.administrator, 'iam', 'CreateAccessKey', { UserName: name })
    return keysOf(AccessKey)
  }

  /** A role that whoever its account lets may assume, and that may do what the document says. */
  async role(name: string, document?: object, keys = this.administrator, trusted = home): Promise<void> {
    await this.done(keys, 'iam', 'CreateRole', {
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify(
        policy({ Effect: 'Allow', Principal: { AWS: trusted }, Action: 'sts:AssumeRole' }),
      ),
    })
    const PolicyDocument = JSON.stringify(document)
    if (document !== undefined)
      await this.done(keys, 'iam', 'PutRolePolicy', { RoleName: name, PolicyName: 'own', PolicyDocument })
  }

  async session(role: string, seconds = 900): Promise<Keys> {
    const { Credentials } = await this.done(this.administrator, 'sts', 'AssumeRole', {
      RoleArn: roleArn(role),
      RoleSessionName: 'one',
      DurationSeconds: String(seconds),
    })
    return keysOf(Credentials)
  }

  /** Lets timers go off and everything that waits for the store be written. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) {
      const timers = this.#timers
      this.#timers = []
      for (const timer of timers) timer()
      await turnOfTheLoop()
    }
  }

  /** Resolves when no key pair is being made, and what waited for one had its turn. */
  async idle(): Promise<void> {
    while (this.#making.size > 0) {
      await Promise.all(this.#making)
      await turnOfTheLoop()
    }
  }

  /** Every record of the trail, in all accounts, in the order of writing. */
  async trail(): Promise<readonly Recorded[]> {
    await this.quiet()
    const pages = await Promise.all([home, other, nobody].map((account) => this.log.trail(account, 10_000)))
    return pages
      .flatMap(({ entries }) => entries)
      .sort((a, b) => a.sequence - b.sequence)
      .map(({ event }) => JSON.parse(event) as Recorded)
  }

  async recordsOf({ requestId }: Pick<Answer, 'requestId'>): Promise<readonly Recorded[]> {
    return (await this.trail()).filter(({ requestID }) => requestID === requestId)
  }
}

export const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const roleArn = (name: string, account = home): string => `arn:aws:iam::${account}:role/${name}`

export const policy = (...Statement: readonly object[]): object => ({ Version: '2012-10-17', Statement })
export const allow = (...Action: readonly string[]): object => policy({ Effect: 'Allow', Action, Resource: '*' })

/** The keys in an answer of CreateAccessKey, AssumeRole or GetSessionToken. */
export const keysOf = (part: Part | undefined): Keys => ({
  accessKeyId: String(part?.AccessKeyId),
  secretAccessKey: String(part?.SecretAccessKey),
  ...(part?.SessionToken === undefined ? {} : { sessionToken: String(part.SessionToken) }),
})
