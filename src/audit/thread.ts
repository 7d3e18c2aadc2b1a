import type { Schedule } from '../base/env.ts'
import type { Engine } from '../store/engine.ts'
import { Gathering, type Turns } from '../store/gathering.ts'
import { type DecisionRow, type Delivery, StoreUnavailable, type TrailPage, type TrailRow } from '../store/store.ts'
import type { Anchor } from './digest.ts'
import type { IndexFile } from './index-file.ts'
import { type AuditKey, Signer } from './key.ts'
import { lineOf } from './line.ts'
import type { LookupPage, Question } from './lookup.ts'
import type { MarkedLog } from './outbox.ts'
import { AuditReader } from './reader.ts'

/** A thread, or what stands for one: messages are copied on their way. */
export interface Channel {
  readonly post: (message: unknown) => void
  readonly onMessage: (take: (message: unknown) => void) => void
  /** Called once, when the other side is gone, however that came about. */
  readonly onEnd: (ended: (error: unknown) => void) => void
  readonly end: () => Promise<void>
}

/** One call's records: who waits for them, and which batch of an outbox they are, where they are one. */
export interface Sent {
  readonly id: number
  readonly batch?: string
  /** How many of the lines are its own. */
  readonly lines: number
}

/** What the thread is told. */
export type Order =
  /**
   * `text` has a line for each record: the request id of an explained refusal (else nothing), a tab, and the record's own text,
   * which begins with the account. One long text crosses to another thread for a fraction of what many short ones cost.
   */
  | { readonly kind: 'take'; readonly sent: readonly Sent[]; readonly text: string }
  | { readonly kind: 'ask'; readonly id: number; readonly question: 'marks' | 'seal' | 'close' }
  | { readonly kind: 'forget'; readonly batches: readonly string[] }
  | { readonly kind: 'reindex'; readonly file: IndexFile }

export interface Failed {
  readonly id: number
  readonly message: string
  /** Nothing was written, and trying again may succeed. */
  readonly unavailable: boolean
}

/** What the thread tells. */
export type Report =
  | { readonly kind: 'ready'; readonly node: string }
  | { readonly kind: 'unfit'; readonly message: string; readonly unavailable: boolean }
  | {
      readonly kind: 'settled'
      readonly done: readonly number[]
      readonly failed: readonly Failed[]
      readonly healthy: boolean
      readonly node: string
      /** Everything that was sent over has been settled. */
      readonly taken: boolean
    }
  | { readonly kind: 'answer'; readonly id: number; readonly value: readonly string[] }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }
  | { readonly kind: 'alarm'; readonly what: string; readonly detail: string }

export interface ThreadOptions {
  /** Starts the thread; the other side is `serveAudit`. */
  readonly spawn: () => Channel
  /** Opens the database for reading, once the thread has made its tables. */
  readonly open: () => Engine
  /** What the thread signs with. */
  readonly keys: readonly AuditKey[]
  readonly schedule: Schedule
  readonly anchor?: (anchor: Anchor) => void
  readonly alarm: (what: string, error?: unknown) => void
  /** Later in this process. Default: the machine's own turns. */
  readonly turns?: Partial<Turns>
}

interface Waiting {
  readonly resolve: (value: readonly string[]) => void
  readonly reject: (error: unknown) => void
}

/** How long after its end a thread is started again. */
const restartMilliseconds = 250

/**
 * The audit log whose writing is done by a thread of its own, so that neither hashing nor a disk holds up those who only ask.
 * What gathers goes over in one message. Reading is done here.
 */
export class ThreadAudit implements MarkedLog {
  readonly #options: ThreadOptions
  readonly #gathering: Gathering
  readonly #waiting = new Map<number, Waiting>()
  #channel: Channel | undefined
  #engine: Engine | undefined
  #reader: AuditReader | undefined
  #next = 1
  #outgoing: Sent[] = []
  #lines: string[] = []
  /** How many calls the thread is at work on: meanwhile the next gather, and are committed as one. */
  #underWay = 0
  #healthy = false
  #node = ''
  #closing = false
  #cancelRestart: (() => void) | undefined

  private constructor(options: ThreadOptions) {
    this.#options = options
    this.#gathering = new Gathering(() => this.#flush(), options.turns)
  }

  /** Resolves when the thread takes records. Throws where it cannot open its database. */
  static async open(options: ThreadOptions): Promise<ThreadAudit> {
    const log = new ThreadAudit(options)
    try {
      await log.#start()
    } catch (error) {
      // A thread without a writer waits for orders for ever, and its process with it.
      await log.#channel?.end()
      throw error
    }
    log.#engine = options.open()
    log.#reader = new AuditReader(log.#engine, {
      signer: new Signer(options.keys),
      told: { alarm: options.alarm, altered: (file) => log.#post({ kind: 'reindex', file }) },
      defer: options.turns?.defer ?? setImmediate,
    })
    return log
  }

  /** The chain that is written. */
  get node(): string {
    return this.#node
  }

  /** Whether the last append came about. Turns true again by itself. */
  healthy(): boolean {
    return this.#healthy
  }

  append(rows: readonly TrailRow[]): Promise<void> {
    return rows.length === 0 ? Promise.resolve() : this.#send(rows, undefined)
  }

  async deliver(deliveries: readonly Delivery[]): Promise<void> {
    await Promise.all(deliveries.map(({ batch, rows }) => this.#send(rows, batch)))
  }

  marks(): Promise<readonly string[]> {
    return this.#ask('marks')
  }

  forget(batches: readonly string[]): void {
    this.#post({ kind: 'forget', batches })
  }

  /** Seals everything that is durable now. */
  async seal(): Promise<void> {
    await this.#ask('seal')
  }

  decision(requestId: string, account: string): Promise<DecisionRow | undefined> {
    return this.#reading().decision(requestId, account)
  }

  lastDecision(account: string): Promise<DecisionRow | undefined> {
    return this.#reading().lastDecision(account)
  }

  trail(account: string, limit: number, before?: number): Promise<TrailPage> {
    return this.#reading().trail(account, limit, before)
  }

  lookup(question: Question): Promise<LookupPage> {
    return this.#reading().lookup(question)
  }

  async close(): Promise<void> {
    if (this.#closing) return
    // Whatever gathers goes over before the last word.
    this.#underWay = 0
    this.#flush()
    const closed = this.#ask('close').catch(() => undefined)
    this.#closing = true
    this.#cancelRestart?.()
    await closed
    await this.#channel?.end()
    await this.#engine?.close()
  }

  #start(): Promise<void> {
    const channel = this.#options.spawn()
    this.#channel = channel
    return new Promise((resolve, reject) => {
      channel.onMessage((message) => {
        // What our own other side posts.
        const report = message as Report
        if (report.kind === 'ready') {
          this.#node = report.node
          this.#healthy = true
          resolve()
        } else if (report.kind === 'unfit') reject(failureOf(report))
        else this.#take(report)
      })
      channel.onEnd((error) => {
        if (this.#channel !== channel) return
        this.#channel = undefined
        this.#underWay = 0
        this.#outgoing = []
        this.#lines = []
        this.#healthy = false
        const gone = new StoreUnavailable('the audit thread has ended', { cause: error })
        reject(gone)
        for (const { reject: fail } of this.#waiting.values()) fail(gone)
        this.#waiting.clear()
        if (!this.#closing && this.#reader !== undefined) this.#restart(error)
      })
    })
  }

  #restart(error: unknown): void {
    this.#options.alarm('the audit thread has ended, and is started again', error)
    this.#cancelRestart = this.#options.schedule(restartMilliseconds, () => {
      if (this.#closing) return
      this.#start().catch(async (reason: unknown) => {
        const channel = this.#channel
        // One that has ended was told of already, and is started again.
        if (channel === undefined) return
        this.#channel = undefined
        await channel.end()
        if (!this.#closing) this.#restart(reason)
      })
    })
  }

  #take(report: Report): void {
    switch (report.kind) {
      case 'settled':
        this.#healthy = report.healthy
        this.#node = report.node
        for (const id of report.done) this.#settle(id)?.resolve([])
        for (const failed of report.failed) this.#settle(failed.id)?.reject(failureOf(failed))
        if (report.taken) {
          const answered = this.#underWay
          this.#underWay = 0
          this.#gathering.answered(answered, this.#outgoing.length)
        }
        return
      case 'answer':
        this.#settle(report.id)?.resolve(report.value)
        return
      case 'anchor':
        this.#options.anchor?.(report.anchor)
        return
      case 'alarm':
        this.#options.alarm(report.what, report.detail)
        return
      default:
        return
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  async #send(rows: readonly TrailRow[], batch: string | undefined): Promise<void> {
    const lines = rows.map((row) => {
      const { refused, text } = lineOf(row)
      return `${refused}\t${text}`
    })
    await this.#wait((id) => {
      this.#outgoing.push({ id, lines: lines.length, ...(batch === undefined ? {} : { batch }) })
      for (const line of lines) this.#lines.push(line)
      if (this.#underWay === 0) this.#gathering.waits(this.#outgoing.length)
    })
  }

  #ask(question: 'marks' | 'seal' | 'close'): Promise<readonly string[]> {
    return this.#wait((id) => this.#post({ kind: 'ask', id, question }))
  }

  #wait(begin: (id: number) => void): Promise<readonly string[]> {
    if (this.#closing) return Promise.reject(new StoreUnavailable('the audit trail is closed'))
    if (this.#channel === undefined) return Promise.reject(new StoreUnavailable('the audit thread is being started'))
    return new Promise((resolve, reject) => {
      const id = this.#next++
      this.#waiting.set(id, { resolve, reject })
      begin(id)
    })
  }

  #flush(): void {
    if (this.#outgoing.length === 0 || this.#underWay > 0) return
    const sent = this.#outgoing
    const text = this.#lines.join('\n')
    this.#outgoing = []
    this.#lines = []
    this.#underWay = sent.length
    this.#post({ kind: 'take', sent, text })
  }

  #post(order: Order): void {
    this.#channel?.post(order)
  }

  #reading(): AuditReader {
    if (this.#reader === undefined) throw new Error('the audit log is not open')
    return this.#reader
  }
}

const failureOf = ({ message, unavailable }: { readonly message: string; readonly unavailable: boolean }): Error =>
  unavailable ? new StoreUnavailable(message) : new Error(message)
