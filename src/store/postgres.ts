import type { Dialect, Engine, Row, Statements, Streaming, Value } from './engine.ts'
import { Listener } from './listener.ts'
import { type Location, parseLocation, shownLocation } from './location.ts'
import {
  closedError,
  contended,
  messageOf,
  OutcomeUnknown,
  refusalOf,
  tellable,
  told,
  unconfirmed,
  undone,
} from './postgres-error.ts'
import { Transaction } from './postgres-transaction.ts'
import { Primary } from './primary.ts'
import { Session, stateOf } from './session.ts'
import { StoreUnavailable } from './store.ts'

export const postgresDialect: Dialect = {
  name: 'postgres',
  rowNumber: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  rowsMax: 500,
}

export interface PostgresOptions {
  /** Where other nodes are told that something was written. Without one nobody is told, and `onHint` never calls. */
  readonly channel?: string
}

const reading = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL cursor_tuple_fraction = 1'
/** By which a confirmation is known among what goes on in a server. */
const confirmStart = 'BEGIN; /* rolecall confirms a read */'
const readersMax = 8
const attemptsMax = 5
/** How long a standing is believed: a pooler may lead elsewhere today, and an operator may have asked for a standby meanwhile. */
const standingMilliseconds = 60_000

/** Opens the database at `postgres://…`. Throws where the location is wrong; connects when it is first asked something. */
export function openPostgres(location: string | Location, options: PostgresOptions = {}): Postgres {
  return new Postgres(typeof location === 'string' ? parseLocation(location) : location, options)
}

/**
 * PostgreSQL 15 or later, also behind a pooler that hands out a server process for each transaction: nothing outlives one, and
 * every setting is made inside it.
 *
 * Writes run at READ COMMITTED. Whoever writes first raises a row (the store its head, the audit log its chain) under the
 * condition that it still is what the work was made on; PostgreSQL holds a second one at that row until the first has ended and
 * then reads the condition anew, so the condition is all the isolation there needs to be, and nothing fails for another's sake.
 *
 * Where commits wait for a standby, reads wait too: what was read counts once a commit made after it has reached the standby.
 * A primary that was replaced without having noticed has no standby any more, and so tells nobody what is no longer true.
 */
export class Postgres implements Engine {
  readonly dialect = postgresDialect
  readonly #location: Location
  readonly #primary: Primary
  readonly #channel: string | undefined
  readonly #begin: string
  readonly #confirm: string
  readonly #listeners = new Set<Listener>()
  readonly #pending = new Set<Promise<unknown>>()
  #idle: Session[] = []
  #readers = 0
  #waiting: (() => void)[] = []
  #writer: Session | undefined
  #last: Promise<unknown> = Promise.resolve()
  #releasing = false
  #closed = false

  constructor(location: Location, options: PostgresOptions) {
    this.#location = location
    this.#primary = new Primary(location)
    this.#channel = options.channel
    if (options.channel !== undefined && !/^[a-z_]{1,60}$/.test(options.channel))
      throw new Error('a channel is named in lower-case letters')
    // The server gives up shortly before we do, so that what is given up is known to be so.
    const milliseconds = Math.ceil(location.answerMilliseconds * 0.8)
    // A warning that a commit did not reach its standby must come through, whatever is set for this user.
    const settings = `SET LOCAL client_min_messages = warning; SET LOCAL statement_timeout = ${milliseconds}`
    this.#begin = `BEGIN ISOLATION LEVEL READ COMMITTED; ${settings};
      SET LOCAL idle_in_transaction_session_timeout = ${milliseconds};
      SELECT set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)`
    // A message that nobody reads makes a commit that has something to bring to the standby.
    this.#confirm = `${confirmStart} ${settings}; SET LOCAL synchronous_commit = on;
      SELECT CASE WHEN current_setting('synchronous_standby_names') = '' THEN NULL
        ELSE pg_logical_emit_message(true, 'rolecall', '') END; COMMIT`
  }

  /** The location, without its password. */
  toString(): string {
    return shownLocation(this.#location)
  }

  all(text: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#read(async (session) => {
      // Both travel together, and the server takes one after the other.
      const [{ rows }] = await Promise.all([told(() => session.ask(text, values)), this.#confirmed(session)])
      return rows
    })
  }

  snapshot<T>(work: (statements: Statements & Streaming) => Promise<T>): Promise<T> {
    let begun = false
    return this.#read(
      async (session) => {
        await told(() => session.ask(reading))
        begun = true
        const transaction = new Transaction(session)
        try {
          const result = await work(transaction)
          await transaction.rollback()
          await this.#confirmed(session)
          return result
        } catch (error) {
          await transaction.rollback()
          throw error
        }
      },
      // The work is another's: it is run once.
      () => !begun,
    )
  }

  write<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError())
    const done = this.#last.then(() => this.#transaction(work))
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Calls `wake` when another node may have written. A hint may come late, or never, or for nothing. Answers how to stop it. */
  onHint(wake: () => void): () => void {
    if (this.#channel === undefined || this.#closed) return () => undefined
    const listener = new Listener(this.#primary, this.#channel, wake)
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      listener.close()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const listener of this.#listeners) listener.close()
    await this.#last
    await Promise.allSettled(this.#pending)
    for (const session of this.#idle) session.close()
    this.#idle = []
    this.#writer?.close()
    this.#writer = undefined
  }

  async #transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.#begun()
      const transaction = new Transaction(session)
      let result: T
      try {
        result = await work(transaction)
        // A statement that failed has undone the whole transaction, whatever the work made of it.
        if (transaction.failed !== undefined) throw tellable(transaction.failed)
      } catch (error) {
        await transaction.rollback()
        // The server has become a standby behind a pooler's back.
        if (stateOf(transaction.failed) === '25006') this.#lose(session)
        if (contended(transaction.failed) && attempt < attemptsMax) continue
        throw error
      }
      if (session.lost !== undefined) throw refusalOf(session.lost)
      const { warnings } = session
      try {
        const { command } = await session.ask('COMMIT')
        transaction.over()
        if (command !== 'COMMIT') throw new StoreUnavailable('the database rolled the transaction back')
      } catch (error) {
        transaction.over()
        if (error instanceof StoreUnavailable) throw error
        if (!undone(error)) {
          this.#lose(session)
          throw new OutcomeUnknown(messageOf(error), { cause: error })
        }
        if (contended(error) && attempt < attemptsMax) continue
        throw refusalOf(error)
      }
      // INVARIANT: what is acknowledged is on the standby. The only warning that a COMMIT of ours can bring is that its wait for
      // the standby was broken off (PostgreSQL, "Synchronous Replication"); its words depend on the server's language.
      if (session.warnings !== warnings) throw new OutcomeUnknown('it is not known to have reached its standby')
      this.#tell(session)
      return result
    }
  }

  /** The writing connection, inside a transaction. */
  async #begun(): Promise<Session> {
    for (;;) {
      let session = this.#writer
      this.#writer = undefined
      const kept = session !== undefined
      if (session === undefined || !(await this.#trusted(session))) session = await this.#primary.open()
      try {
        await session.ask(this.#begin)
        this.#writer = session
        return session
      } catch (error) {
        this.#lose(session)
        // One that has been idle may have been cut off long ago; nothing was sent on it but BEGIN.
        if (!kept || stateOf(error) !== '') throw refusalOf(error)
      }
    }
  }

  /** Wakes the others. Nobody waits for it, and nobody minds if it is lost. */
  #tell(session: Session): void {
    if (this.#channel === undefined) return
    session.ask(`NOTIFY ${this.#channel}`).catch(() => undefined)
  }

  /** Returns where what was read on this connection still counted at the end, at the primary that all acknowledge. */
  async #confirmed(session: Session): Promise<void> {
    if (!this.#location.confirmReads) return
    const { warnings } = session
    try {
      const { command } = await session.ask(this.#confirm)
      if (command === 'COMMIT' && session.warnings === warnings) return
    } catch (error) {
      if (session.lost !== undefined) void this.#release(session)
      throw unconfirmed(messageOf(error), error)
    }
    this.#lose(session)
    throw unconfirmed('it was broken off', undefined)
  }

  /**
   * Ends what we asked on that server and what waits there for a standby that does not come. No timeout of the server's reaches
   * that wait, and a client that left is not noticed in it.
   */
  async #release({ host }: Session): Promise<void> {
    if (this.#releasing || this.#closed) return
    this.#releasing = true
    try {
      const session = await Session.open(this.#location, host)
      await session
        .ask(
          `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND wait_event = 'SyncRep'
            AND query LIKE $1 AND query_start < clock_timestamp() - $2::int * interval '1 millisecond'`,
          [`${confirmStart}%`, Math.floor(this.#location.answerMilliseconds * 0.9)],
        )
        .finally(() => session.close())
    } catch {
      // The server is gone, and the wait with it; or the next one who waits in vain tries again.
    } finally {
      this.#releasing = false
    }
  }

  #read<T>(work: (session: Session) => Promise<T>, again: () => boolean = () => true): Promise<T> {
    if (this.#closed) return Promise.reject(closedError())
    const done = this.#withReader(work, again)
    this.#pending.add(done)
    const forget = () => this.#pending.delete(done)
    done.then(forget, forget)
    return done
  }

  async #withReader<T>(work: (session: Session) => Promise<T>, again: () => boolean): Promise<T> {
    if (this.#readers >= readersMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#readers++
    try {
      for (;;) {
        let session = this.#idle.pop()
        const kept = session !== undefined
        if (session === undefined || !(await this.#trusted(session))) session = await this.#primary.open()
        try {
          const result = await work(session)
          if (session.lost === undefined && !this.#closed) this.#idle.push(session)
          else session.close()
          return result
        } catch (error) {
          if (session.lost !== undefined) this.#lose(session)
          else this.#idle.push(session)
          // One that has been idle may have been cut off long ago, or have led to a primary that is none any more.
          if (!(kept && session.lost !== undefined && error instanceof StoreUnavailable && again())) throw error
        }
      }
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#readers--
      else next()
    }
  }

  /** True where a kept connection may be used: its server is still the one, as far as is known. */
  async #trusted(session: Session): Promise<boolean> {
    if (session.lost === undefined && session.lookedAgo > standingMilliseconds)
      await session.look().catch(() => undefined)
    if (session.lost === undefined && this.#primary.refusal(session) === undefined) return true
    session.close()
    return false
  }

  /** Where one connection is lost the others are likely to be: those that nobody uses are given up, and found anew. */
  #lose(session: Session): void {
    session.close()
    if (this.#writer === session) this.#writer = undefined
    for (const idle of this.#idle) idle.close()
    this.#idle = []
  }
}
