import type { Schedule } from '../base/env.ts'
import type { Delivery, TrailRow } from '../store/store.ts'
import type { AuditLog } from './log.ts'

/** A log that remembers which batches were delivered until it is told that nobody will deliver them again. */
export interface MarkedLog extends AuditLog {
  /** Batches that were delivered and of which a mark is still kept. */
  marks(): Promise<readonly string[]>
  forget(batches: readonly string[]): void
}

export interface OutboxOptions {
  readonly log: MarkedLog
  /** What stands in the store's outbox. */
  readonly outbox: () => Promise<readonly Delivery[]>
  /** Has these batches leave the outbox with the next commit, or by and by. */
  readonly delivered: (batches: readonly string[]) => void
  readonly schedule: Schedule
  readonly alarm: (what: string, error?: unknown) => void
}

const pauseMilliseconds = 1000
/**
 * How often it is looked for what other nodes left behind, and for marks that nobody needs. Longer than a delivery can be under
 * way: a mark is given up only after its batch was missing from the outbox for so long.
 */
const sweepMilliseconds = 20_000

/**
 * Moves records from the store's outbox to the audit log, each batch once. What a commit of this process made durable is handed
 * over without reading it again; what anybody left behind is found at the start, and looked for now and then.
 */
export class Outbox {
  readonly #options: OutboxOptions
  #waiting: Delivery[] = []
  /** Batches of ours that are on their way: a sweep that meets them in the outbox leaves them alone. */
  readonly #moving = new Set<string>()
  #busy = false
  #running: Promise<void> = Promise.resolve()
  #sweeping: Promise<void> = Promise.resolve()
  #cancelPause: (() => void) | undefined
  #cancelSweep: (() => void) | undefined
  #failing = false
  /** Marks whose batches had left the outbox at the last sweep. */
  #gone: ReadonlySet<string> = new Set()
  #closed = false

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Delivers what was left behind, by whomever, and goes on looking for such. */
  async start(): Promise<void> {
    await this.sweep()
    this.#arm()
  }

  /** Takes a batch that has become durable in the store. */
  take(batch: string, rows: readonly TrailRow[]): void {
    this.#moving.add(batch)
    this.#waiting.push({ batch, rows })
    this.#run()
  }

  /** How many batches wait because the log takes nothing. */
  get waiting(): number {
    return this.#moving.size
  }

  /** Resolves when nothing is under way. What the log refused still waits. */
  async idle(): Promise<void> {
    await this.#running
  }

  /** Delivers what stands in the store's outbox, and drops the marks of what does not stand there any more. */
  async sweep(): Promise<void> {
    const { log, outbox, delivered } = this.#options
    // In this order: a batch stands in the outbox before there is a mark of it, so a mark without a batch is of one that has left.
    const marks = await log.marks()
    const found = await outbox()
    const left = found.filter(({ batch }) => !this.#moving.has(batch))
    if (left.length > 0) {
      await log.deliver(left)
      delivered(left.map(({ batch }) => batch))
    }
    const standing = new Set(found.map(({ batch }) => batch))
    const gone = marks.filter((batch) => isOfStore(batch) && !standing.has(batch) && !this.#moving.has(batch))
    const long = gone.filter((batch) => this.#gone.has(batch))
    if (long.length > 0) log.forget(long)
    this.#gone = new Set(gone)
  }

  /** Delivers what waits, once, and stops, with nothing under way. What the log refuses stays in the store's outbox. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelSweep?.()
    this.#cancelPause?.()
    this.#cancelPause = undefined
    await this.#sweeping
    await this.#running
    if (this.#waiting.length === 0) return
    this.#run()
    await this.#running
  }

  #run(): void {
    if (this.#cancelPause !== undefined || this.#busy) return
    this.#busy = true
    this.#running = this.#move()
  }

  async #move(): Promise<void> {
    const { log, delivered, alarm, schedule } = this.#options
    while (this.#waiting.length > 0) {
      const deliveries = this.#waiting
      this.#waiting = []
      try {
        await log.deliver(this.#failing ? await this.#standing(deliveries) : deliveries)
        this.#failing = false
        const batches = deliveries.map(({ batch }) => batch)
        for (const batch of batches) this.#moving.delete(batch)
        delivered(batches)
      } catch (error) {
        if (!this.#failing) alarm('audit records of writes wait in the outbox', error)
        this.#failing = true
        this.#waiting = [...deliveries, ...this.#waiting]
        if (this.#closed) break
        this.#cancelPause = schedule(pauseMilliseconds, () => {
          this.#cancelPause = undefined
          this.#run()
        })
        break
      }
    }
    // In the same turn in which nothing more was found to wait: what is taken in the next must not wait for a move that is over.
    this.#busy = false
  }

  /**
   * After a failure it is not known what became of a batch. What has left the outbox was delivered by us or by another node, and
   * its mark may be gone already: it must not be delivered again.
   */
  async #standing(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const standing = new Set((await this.#options.outbox()).map(({ batch }) => batch))
    return deliveries.filter(({ batch }) => standing.has(batch))
  }

  #arm(): void {
    if (this.#closed) return
    this.#cancelSweep = this.#options.schedule(sweepMilliseconds, () => {
      this.#sweeping = this.sweep()
        .catch((error: unknown) => this.#options.alarm('the outbox could not be looked through', error))
        .then(() => this.#arm())
    })
  }
}

/** Batches of a spool have a name of their own before a slash; its own node alone knows of them. */
const isOfStore = (batch: string): boolean => !batch.includes('/')
