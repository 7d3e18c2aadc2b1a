import type { Engine } from '../store/engine.ts'
import type { DecisionRow, Delivery, TrailPage, TrailRow } from '../store/store.ts'
import type { IndexFile } from './index-file.ts'
import { Signer } from './key.ts'
import { lineOf } from './line.ts'
import type { LookupPage, Question } from './lookup.ts'
import type { MarkedLog } from './outbox.ts'
import { AuditReader } from './reader.ts'
import { AuditWriter, type WriterOptions } from './writer.ts'

/** The audit log over a database, in this thread. */
export class SqlAudit implements MarkedLog {
  readonly #writer: AuditWriter
  readonly #reader: AuditReader

  private constructor(writer: AuditWriter, reader: AuditReader) {
    this.#writer = writer
    this.#reader = reader
  }

  /** Takes the engine over: it is closed with the log. Throws where the tables are of a newer rolecall. */
  static async open(engine: Engine, options: WriterOptions): Promise<SqlAudit> {
    const writer = await AuditWriter.open(engine, options)
    const { keys, alarm } = options
    const altered = (file: IndexFile) =>
      void writer.reindex(file).catch((error: unknown) => alarm('the index was not made anew', error))
    const means = { signer: new Signer(keys), told: { alarm, altered }, defer: options.defer ?? setImmediate }
    return new SqlAudit(writer, new AuditReader(engine, means))
  }

  /** The chain that is written. */
  get node(): string {
    return this.#writer.node
  }

  healthy(): boolean {
    return this.#writer.healthy()
  }

  async append(rows: readonly TrailRow[]): Promise<void> {
    await this.#writer.append(rows.map(lineOf))
  }

  async deliver(deliveries: readonly Delivery[]): Promise<void> {
    await Promise.all(deliveries.map(({ batch, rows }) => this.#writer.append(rows.map(lineOf), batch)))
  }

  marks(): Promise<readonly string[]> {
    return this.#writer.marks()
  }

  forget(batches: readonly string[]): void {
    this.#writer.forget(batches)
  }

  /** Seals everything that is durable now. */
  seal(): Promise<void> {
    return this.#writer.seal()
  }

  decision(requestId: string, account: string): Promise<DecisionRow | undefined> {
    return this.#reader.decision(requestId, account)
  }

  lastDecision(account: string): Promise<DecisionRow | undefined> {
    return this.#reader.lastDecision(account)
  }

  trail(account: string, limit: number, before?: number): Promise<TrailPage> {
    return this.#reader.trail(account, limit, before)
  }

  lookup(question: Question): Promise<LookupPage> {
    return this.#reader.lookup(question)
  }

  close(): Promise<void> {
    return this.#writer.close()
  }
}
