import type { Clock, Schedule } from '../base/env.ts'
import type { Engine, Statements } from '../store/engine.ts'
import { migrate } from '../store/migrate.ts'
import { numberOf, textOf } from '../store/row.ts'
import { StoreUnavailable } from '../store/store.ts'
import { emptyHead, type Head, movedText } from './chain.ts'
import { Altered, mustHave, put, raise, readHead } from './desk.ts'
import { type Anchor, anchorOf } from './digest.ts'
import type { IndexFile } from './index-file.ts'
import { Indexer } from './indexer.ts'
import { type AuditKey, Signer } from './key.ts'
import type { Line } from './line.ts'
import { chained, places, type Refusal, type Run } from './run.ts'
import { Sealer } from './sealer.ts'
import { migrations, sql } from './sql.ts'

export interface WriterOptions {
  /** Names this process's chain. No two processes have the same at the same time; after a restart it is the same again. */
  readonly node: string
  /** Newest in front. The rest are for knowing again what was written before the key was changed. */
  readonly keys: readonly AuditKey[]
  readonly clock: Clock
  readonly schedule: Schedule
  /** Told of every new digest of this node's chain, to be kept where this database's writers cannot reach it. */
  readonly anchor?: (anchor: Anchor) => void
  /**
   * What was noted so until this start, of any chain. One that was put back to an older state is not gone on with: what is sealed of
   * it next would be noted in the place of what shows that.
   */
  readonly noted?: readonly Anchor[]
  /** Told of what an operator must know: a chain that was altered, a database that takes nothing. */
  readonly alarm: (what: string, error?: unknown) => void
  /** Lets what has come in meanwhile have its turn. */
  readonly defer?: (run: () => void) => void
  /** A segment is sealed when it has so many records, or is so old. Default 2,048 and five minutes. */
  readonly segmentRecords?: number
  readonly segmentMilliseconds?: number
  /** The tail of another node's chain is sealed when it was left alone for so long. Default fifteen minutes. */
  readonly leftMilliseconds?: number
}

interface Item {
  readonly lines: readonly Line[]
  /** The commit that the records belong to, where they come from an outbox. */
  readonly batch: string | undefined
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Another process of our name raised the head first. Nothing was written. */
class Overtaken extends Error {}

const attemptsMax = 16
/** Items in one transaction, at most. */
const itemsMax = 4096
const probeMilliseconds = 500
/**
 * Segments that may be open: whatever is not sealed is looked through as it is, record for record, so those who append wait while
 * there are more. Sealing keeps up with all that one process answers; what goes beyond it would only be put off.
 */
const openMost = 4
/** Marks that are dropped beside one append, at most. */
const forgottenMax = 256

/** The one loop that writes a trail: what waits is chained together and made durable in one transaction. */
export class AuditWriter {
  readonly #engine: Engine
  readonly #options: WriterOptions
  readonly #signer: Signer
  readonly #sealer: Sealer
  readonly #indexer: Indexer
  readonly #defer: (run: () => void) => void
  #node: string
  #waiting: Item[] = []
  #forgotten: string[] = []
  /** Where our chain stands; `undefined` where it must be read first. */
  #head: Head | undefined
  /** The same, as it was last durable: a head that went back was put back by somebody. */
  #durable: Head | undefined
  #sealedTo = 0
  #running: Promise<void> | undefined
  #sealing: Promise<void> | undefined
  #indexing: Promise<void> | undefined
  /** More was sealed while the index was being brought up. */
  #indexAgain = false
  /** Our own chain is being sealed; told when a segment of it was, and when that has ended. */
  #sealingOwn = false
  #sealedFurther: (() => void)[] = []
  #cancelSeal: (() => void) | undefined
  #cancelProbe: (() => void) | undefined
  #healthy = true
  #closed = false
  /** Told when it turns out that records are taken again, or are not. */
  onHealth: () => void = () => undefined

  private constructor(engine: Engine, options: WriterOptions) {
    this.#engine = engine
    this.#options = options
    this.#node = options.node
    this.#signer = new Signer(options.keys)
    this.#defer = options.defer ?? ((run) => setImmediate(run))
    this.#sealer = new Sealer(engine, this.#signer, options.clock, this.#defer)
    this.#indexer = new Indexer(engine, this.#signer, this.#defer, (what) => options.alarm(what))
  }

  /** Makes the tables where they are missing. Throws where a newer rolecall wrote them. */
  static async open(engine: Engine, options: WriterOptions): Promise<AuditWriter> {
    await migrate(engine, 'audit', migrations(engine.dialect))
    const writer = new AuditWriter(engine, options)
    await writer.#settle()
    return writer
  }

  /** The chain that is written. It is the node's own name unless its chain was altered: then another begins. */
  get node(): string {
    return this.#node
  }

  /** Whether the last append came about. Turns true again by itself. */
  healthy(): boolean {
    return this.#healthy
  }

  /** Resolves when the records are durable. Rejects with `StoreUnavailable` where they are not. */
  append(lines: readonly Line[], batch?: string): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('the audit trail is closed'))
    if (lines.length === 0 && batch === undefined) return Promise.resolve()
    return this.#enqueue(lines, batch)
  }

  /** Batches that were delivered and of which a mark is still kept. */
  async marks(): Promise<readonly string[]> {
    return (await this.#engine.all(sql.marks)).map((row) => textOf(row, 'batch'))
  }

  /** Gives the marks of batches up that no outbox has any more; the next append drops them. */
  forget(batches: readonly string[]): void {
    for (const batch of batches) this.#forgotten.push(batch)
  }

  /** Seals everything that is durable now, and brings the index up to it. */
  async seal(): Promise<void> {
    await this.#sealing
    await this.#startSealing(1)
    await this.#startIndexing()
  }

  /** Has a file of the index made anew that was found not to be what was written. */
  async reindex(file: IndexFile): Promise<void> {
    if (this.#closed) return
    await this.#indexer.drop(file)
    await this.#startIndexing()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#cancelProbe?.()
    this.#cancelSeal?.()
    await this.#running
    await this.#sealing
    await this.#indexing
    try {
      while (this.#forgotten.length > 0) await this.#run([])
    } catch {
      // Marks that stay are dropped another time.
    }
    await this.#startSealing(1)
    await this.#engine.close()
  }

  #enqueue(lines: readonly Line[], batch?: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines, batch, resolve, reject })
      this.#running ??= new Promise<void>((done) => this.#defer(() => void this.#loop().then(done)))
    })
  }

  async #loop(): Promise<void> {
    while (this.#waiting.length > 0) {
      const items = this.#waiting.splice(0, itemsMax)
      try {
        await this.#run(items)
        this.#turn(true)
        for (const { resolve } of items) resolve()
      } catch (error) {
        this.#fail(error)
        for (const { reject } of items) reject(error)
      }
      this.#watch()
      await this.#keepUp()
      if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#defer(resolve))
    }
    this.#running = undefined
    this.#watch()
  }

  /** Appends, again where another process was faster; afterwards it is certain that the records are durable. */
  async #run(items: readonly Item[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      // What the transaction would make of the head, if it came about.
      const aim: { node?: string; from?: Head | undefined; to?: Head } = {}
      try {
        const node = this.#node
        const forgotten = this.#forgotten.slice(0, forgottenMax)
        const head = await this.#engine.write((statements) => this.#write(statements, node, items, forgotten, aim))
        this.#forgotten = this.#forgotten.slice(forgotten.length)
        this.#stand(node, head)
        return
      } catch (error) {
        this.#head = undefined
        if (error instanceof Altered) this.#leave(error)
        else if (error instanceof StoreUnavailable) throw error
        else if (!(error instanceof Overtaken) && (await this.#cameAbout(aim, error))) return
        if (attempt >= attemptsMax) throw new StoreUnavailable('other processes write this chain', { cause: error })
      }
    }
  }

  async #write(
    statements: Statements,
    node: string,
    items: readonly Item[],
    forgotten: readonly string[],
    aim: { node?: string; from?: Head | undefined; to?: Head },
  ): Promise<Head> {
    const from = this.#head ?? (await this.#readHead(statements, node))
    const isNew = await Promise.all(
      items.map(({ batch }) => batch === undefined || this.#isNew(statements, node, batch)),
    )
    const lines: Line[] = []
    for (const [index, item] of items.entries()) {
      if (isNew[index] === true) for (const line of item.lines) lines.push(line)
    }
    let head = from ?? emptyHead(node)
    const at = this.#options.clock.now()
    const runs: Run[] = []
    const refusals: Refusal[] = []
    for (let start = 0; start < Math.max(lines.length, 1); start += places) {
      const [row] = await statements.all(sql.number, [node])
      const done = chained(lines.slice(start, start + places), head, numberOf(row ?? {}, 'number'), at)
      head = done.head
      for (const run of done.runs) runs.push(run)
      for (const refusal of done.refusals) refusals.push(refusal)
    }
    aim.node = node
    aim.from = from
    aim.to = head
    // One behind the other on their way, so that a database across a network is waited for once. The head goes first: whoever
    // else raises it is waited for there.
    const [raised] = await Promise.all([
      raise(statements, node, from, head, this.#signer),
      put(
        statements,
        'run',
        runs.map(({ high, first, last, account, body }) => [high, node, first, last, account, body]),
      ),
      put(
        statements,
        'refusal',
        refusals.map(({ place, account, requestId }) => [place, node, account, requestId]),
      ),
      ...forgotten.map((batch) => statements.run(sql.forget, [batch])),
    ])
    if (!raised) throw new Overtaken()
    return head
  }

  /** Marks a batch as delivered; false where it was before. A mark that we did not make counts for nothing. */
  async #isNew(statements: Statements, node: string, batch: string): Promise<boolean> {
    const mac = this.#signer.code(movedText(batch, node))
    if ((await statements.run(sql.moved, [batch, node, mac])) === 1) return true
    const [mark] = await statements.all(sql.mark, [batch])
    if (mark !== undefined && this.#signer.coded(movedText(batch, textOf(mark, 'node')), textOf(mark, 'mac')))
      return false
    this.#options.alarm(`batch ${batch} was marked as delivered by somebody else: it is delivered now`)
    await statements.run(sql.remark, [node, mac, batch])
    return true
  }

  async #readHead(statements: Pick<Statements, 'all'>, node: string): Promise<Head | undefined> {
    const head = await readHead(statements, node, this.#signer)
    const before = node === this.#node ? this.#durable : undefined
    if (before !== undefined && (head?.sequence ?? 0) < before.sequence)
      throw new Altered(
        `chain ${node} ends with record ${head?.sequence ?? 0} where ${before.sequence} was durable: the database was put back`,
      )
    return head
  }

  /** How a transaction ended of which that is not known. Throws where it cannot be told. */
  async #cameAbout(
    { node, from, to }: { node?: string; from?: Head | undefined; to?: Head },
    cause: unknown,
  ): Promise<boolean> {
    // It never got as far as the head, so that nothing of it can be durable.
    if (node === undefined || to === undefined) throw cause
    const head = await this.#ended(node)
    if (head?.hash === to.hash && head.sequence === to.sequence && head.number === to.number) {
      this.#stand(node, head)
      return true
    }
    if (head?.hash === from?.hash && head?.number === from?.number)
      throw new StoreUnavailable('the database refused the audit records', { cause })
    throw cause
  }

  /** Where a chain stands once every transaction over it has ended. Throws `Altered`, and `StoreUnavailable` where nobody can tell. */
  async #ended(node: string): Promise<Head | undefined> {
    try {
      return await this.#engine.write(async (statements) => {
        await statements.run(sql.hold, [node])
        return readHead(statements, node, this.#signer)
      })
    } catch (error) {
      if (error instanceof Altered || error instanceof StoreUnavailable) throw error
      throw new StoreUnavailable('the database does not say whether it took the audit records', { cause: error })
    }
  }

  /** Our chain stands there now, unless it was left meanwhile. */
  #stand(node: string, head: Head | undefined): void {
    if (node !== this.#node) return
    this.#head = head
    this.#durable = head
  }

  /** Begins another chain: what was altered stays as it was found. */
  #leave(reason: unknown): void {
    const [name = '', count = '1'] = this.#node.split('~')
    this.#node = `${name}~${Number(count) + 1}`
    this.#head = undefined
    this.#durable = undefined
    this.#sealedTo = 0
    this.#options.alarm(`the audit trail was altered; it goes on in a new chain, ${this.#node}`, reason)
  }

  /** Finds the chain to go on with, one that holds up to its end, and seals what was left behind. */
  async #settle(): Promise<void> {
    for (let settled = false; !settled; ) {
      const node = this.#node
      try {
        this.#stand(node, await readHead(this.#engine, node, this.#signer))
        for (const anchor of this.#options.noted ?? []) if (anchor.node === node) await mustHave(this.#engine, anchor)
        const sealed = await this.#sealer.sealed(node)
        this.#sealedTo = sealed.last
        if (sealed.digest !== undefined) this.#options.anchor?.(anchorOf(sealed.digest, sealed.signature))
        await this.#sealOwn(1)
      } catch (error) {
        if (error instanceof Altered) this.#leave(error)
        else if (error instanceof StoreUnavailable) this.#options.alarm('audit records could not be sealed', error)
        else throw error
      }
      settled = node === this.#node
    }
    void this.#startSealing(1)
    void this.#startIndexing()
  }

  #fail(error: unknown): void {
    if (this.#healthy) this.#options.alarm('the audit trail takes no records', error)
    this.#turn(false)
    if (this.#closed) return
    // A head that is raised over nothing is a write like any other.
    this.#cancelProbe ??= this.#options.schedule(probeMilliseconds, () => {
      this.#cancelProbe = undefined
      if (!this.#healthy && !this.#closed) void this.#enqueue([]).catch(() => undefined)
    })
  }

  #turn(healthy: boolean): void {
    if (healthy === this.#healthy) return
    this.#healthy = healthy
    this.onHealth()
  }

  /** Sees to it that what is open is sealed in time. */
  #watch(): void {
    if (this.#closed || this.#sealing !== undefined) return
    const { segmentRecords = 2048, segmentMilliseconds = 300_000, schedule } = this.#options
    if ((this.#head?.sequence ?? 0) - this.#sealedTo >= segmentRecords) void this.#startSealing(segmentRecords)
    else
      this.#cancelSeal ??= schedule(segmentMilliseconds, () => {
        this.#cancelSeal = undefined
        if (!this.#closed) void this.#startSealing(1).then(() => this.#watch())
      })
  }

  /** Seals segment after segment while at least so many records are open. Never rejects: what was not sealed stays as it is. */
  #startSealing(recordsMin: number): Promise<void> {
    this.#sealing ??= this.#sealAll(recordsMin)
      .catch((error: unknown) => this.#options.alarm('audit records could not be sealed', error))
      .finally(() => {
        this.#sealing = undefined
        if (!this.#closed) void this.#startIndexing()
      })
    return this.#sealing
  }

  /** Brings the index of our chain, and of those that were left, up to what is sealed. Never rejects: what is not indexed waits. */
  #startIndexing(): Promise<void> {
    this.#indexAgain = this.#indexing !== undefined
    this.#indexing ??= this.#indexAll()
      .catch((error: unknown) => this.#options.alarm('the audit trail could not be indexed', error))
      .finally(() => {
        this.#indexing = undefined
        if (this.#indexAgain && !this.#closed) void this.#startIndexing()
      })
    return this.#indexing
  }

  async #indexAll(): Promise<void> {
    const { leftMilliseconds = 900_000, clock } = this.#options
    const heads = new Map((await this.#engine.all(sql.heads)).map((row) => [textOf(row, 'node'), numberOf(row, 'at')]))
    for (const row of await this.#engine.all(sql.sealedTo)) {
      const node = textOf(row, 'node')
      const ours = node === this.#node
      if (row.segment === null || (!ours && (heads.get(node) ?? 0) > clock.now() - leftMilliseconds)) continue
      await this.#indexer.tend(node, numberOf(row, 'segment'), () => !this.#closed)
    }
  }

  /** Waits while too much is open that is being sealed. Where sealing fails, appending goes on. */
  async #keepUp(): Promise<void> {
    const { segmentRecords = 2048 } = this.#options
    while (this.#sealingOwn && (this.#durable?.sequence ?? 0) - this.#sealedTo >= openMost * segmentRecords)
      await new Promise<void>((resolve) => this.#sealedFurther.push(resolve))
  }

  #tellSealed(): void {
    for (const told of this.#sealedFurther.splice(0)) told()
  }

  async #sealOwn(recordsMin: number): Promise<void> {
    const { segmentRecords = 2048, anchor } = this.#options
    const node = this.#node
    this.#sealingOwn = true
    try {
      while (node === this.#node && (this.#durable?.sequence ?? 0) - this.#sealedTo >= recordsMin) {
        const { digest, signature, last } = await this.#sealer.seal(node, segmentRecords)
        if (digest === undefined || last <= this.#sealedTo)
          throw new Altered(`records of chain ${node} after ${last} are missing`)
        this.#sealedTo = last
        anchor?.(anchorOf(digest, signature))
        this.#tellSealed()
        // Not only when nothing is left to be sealed: small files would gather meanwhile.
        if (!this.#closed) void this.#startIndexing()
      }
    } catch (error) {
      if (!(error instanceof Altered) || node !== this.#node) throw error
      this.#leave(error)
    } finally {
      this.#sealingOwn = false
      this.#tellSealed()
    }
  }

  async #sealAll(recordsMin: number): Promise<void> {
    await this.#sealOwn(recordsMin)
    const { segmentRecords = 2048, leftMilliseconds = 900_000, clock } = this.#options
    if (recordsMin > 1) return
    // Chains whose node is gone, and of ours those that were left.
    for (const row of await this.#engine.all(sql.heads)) {
      const other = textOf(row, 'node')
      if (other === this.#node || numberOf(row, 'at') > clock.now() - leftMilliseconds) continue
      await this.#sealLeft(other, numberOf(row, 'sequence'), segmentRecords)
    }
  }

  async #sealLeft(node: string, last: number, segmentRecords: number): Promise<void> {
    try {
      let sealed = await this.#sealer.sealed(node)
      while (sealed.last < last) {
        const next = await this.#sealer.seal(node, segmentRecords)
        if (next.last === sealed.last) return
        sealed = next
        await this.#sealOwn(segmentRecords)
      }
    } catch (error) {
      // It was told when its chain was left; `verify` tells it again.
      if (!(error instanceof Altered)) throw error
    }
  }
}
