import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter, Outcome } from '../gate/meter.ts'
import type { Head } from '../state/head.ts'
import type { Batch, Store } from '../store/store.ts'

/** Seconds: a decision takes microseconds, a commit waits for a disk. */
const quick = [0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.1]
const slow = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

/** What is read when somebody asks, rather than told as it happens. */
export interface Gauges {
  /** The revision that requests are answered from. */
  readonly revision: () => number
  /** How many revisions the store is ahead. */
  readonly lag: () => Promise<number>
  /** Seconds since the store's head was last read. */
  readonly unseenSeconds: () => number
  /** Records that are not durable yet. */
  readonly auditQueue: () => number
}

/**
 * What an operator measures, in Prometheus's form. Names end with their unit; labels are names of AWS's models and a handful
 * of outcomes, so that no caller can make the table grow.
 */
export class Metrics implements Meter {
  readonly #registry = new Registry()
  readonly #requests: Counter<'service' | 'operation' | 'outcome'>
  readonly #seconds: Histogram<'service'>
  readonly #decisions: Histogram
  readonly #batches: Histogram
  readonly #commits: Histogram
  /** One object for each combination of labels: to look it up by text costs less than to hash its labels. */
  readonly #counters = new Map<string, { inc: () => void }>()
  readonly #timers = new Map<string, { observe: (seconds: number) => void }>()

  constructor() {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry, prefix: 'rolecall_' })
    this.#requests = new Counter({
      name: 'rolecall_requests_total',
      help: 'Requests, by the operation that they asked for and how they ended.',
      labelNames: ['service', 'operation', 'outcome'],
      registers,
    })
    this.#seconds = new Histogram({
      name: 'rolecall_request_duration_seconds',
      help: 'From the whole request to its answer.',
      labelNames: ['service'],
      buckets: slow,
      registers,
    })
    this.#decisions = new Histogram({
      name: 'rolecall_decision_duration_seconds',
      help: 'Authorizing one request, reasons included.',
      buckets: quick,
      registers,
    })
    this.#batches = new Histogram({
      name: 'rolecall_commit_batch_changes',
      help: 'Entities changed in one transaction.',
      buckets: sizes,
      registers,
    })
    this.#commits = new Histogram({
      name: 'rolecall_commit_duration_seconds',
      help: 'One transaction, until it is durable.',
      buckets: slow,
      registers,
    })
  }

  now(): number {
    return performance.now() / 1000
  }

  request(service: string, operation: string, outcome: Outcome, seconds: number): void {
    const key = `${service} ${operation} ${outcome}`
    let counter = this.#counters.get(key)
    if (counter === undefined) {
      counter = this.#requests.labels(service, operation, outcome)
      this.#counters.set(key, counter)
    }
    counter.inc()
    let timer = this.#timers.get(service)
    if (timer === undefined) {
      timer = this.#seconds.labels(service)
      this.#timers.set(service, timer)
    }
    timer.observe(seconds)
  }

  decision(seconds: number): void {
    this.#decisions.observe(seconds)
  }

  /** Told at each scrape. */
  watch(gauges: Gauges): void {
    const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        async collect() {
          // What cannot be told is not told, and the rest is.
          this.set(await Promise.resolve(read()).catch(() => Number.NaN))
        },
      })
    gauge('rolecall_revision', 'The revision that requests are answered from.', gauges.revision)
    gauge('rolecall_revision_lag', 'Revisions that the store is ahead of what requests are answered from.', gauges.lag)
    gauge('rolecall_store_unseen_seconds', 'Time since the head of the store was last read.', gauges.unseenSeconds)
    gauge('rolecall_audit_queue', 'Audit records that are not durable yet.', gauges.auditQueue)
  }

  /** The same store, its commits measured. */
  metered(store: Store): Store {
    const commit = async (batch: Batch): Promise<Head> => {
      const began = this.now()
      try {
        return await store.commit(batch)
      } finally {
        this.#commits.observe(this.now() - began)
        if (batch.changes.length > 0) this.#batches.observe(batch.changes.length)
      }
    }
    const { onHint, scrub } = store
    return {
      commit,
      load: () => store.load(),
      head: () => store.head(),
      changesSince: (head) => store.changesSince(head),
      outbox: (limit) => store.outbox(limit),
      close: () => store.close(),
      ...(onHint === undefined ? {} : { onHint: (wake) => onHint.call(store, wake) }),
      ...(scrub === undefined ? {} : { scrub: () => scrub.call(store) }),
    }
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** For a process of several: its parent asks for what all of them counted together. */
  share(): void {
    AggregatorRegistry.setRegistries([this.#registry])
    new AggregatorRegistry()
  }
}

/** What all the processes under this one counted together. */
export const gathered = (): Promise<string> => new AggregatorRegistry().clusterMetrics()
