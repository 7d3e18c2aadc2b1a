import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { Row, Value } from './engine.ts'
import { type Host, type Location, shownHost } from './location.ts'

/** What a server answered to one statement. */
export interface Answer {
  /** The word of its command: `COMMIT`, or `ROLLBACK` where COMMIT came too late. */
  readonly command: string
  readonly rows: readonly Row[]
  readonly count: number
}

/** What a server is, as far as it matters who is written to. */
export interface Standing {
  readonly writable: boolean
  /** Rises with every promotion; 0 where the server does not tell. */
  readonly timeline: number
}

/** Type ids of PostgreSQL's catalogue (pg_type.dat): whole numbers become numbers here and nowhere else. */
const numeric: readonly number[] = [20, 21, 23]
const types = {
  getTypeParser:
    (id: number) =>
    (text: string): string | number =>
      numeric.includes(id) ? whole(text) : text,
}

function whole(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('the database holds a number above 2^53')
  return value
}

/**
 * One connection, on which no answer is waited for without a bound: a server that was cut off sends no farewell, so silence is
 * all there is to notice it by. Statements have no name, so that a pooler may hand each transaction to another server process.
 */
export class Session {
  readonly host: Host
  readonly #client: pg.Client
  readonly #answerMilliseconds: number
  #lost: Error | undefined
  #warnings = 0
  #standing: Standing = { writable: false, timeline: 0 }
  #lookedAt = 0

  private constructor(client: pg.Client, host: Host, answerMilliseconds: number) {
    this.#client = client
    this.host = host
    this.#answerMilliseconds = answerMilliseconds
    client.on('error', (error) => {
      this.#lost ??= error
    })
    client.on('end', () => {
      this.#lost ??= new Error('the connection was closed')
    })
    client.on('notice', () => {
      this.#warnings++
    })
  }

  /** Connects and looks at what the server is. Rejects with what the driver says. */
  static async open(location: Location, host: Host): Promise<Session> {
    const client = new pg.Client({
      host: host.host,
      port: host.port,
      database: location.database,
      ...(location.user !== undefined && { user: location.user }),
      ...(location.password !== undefined && { password: location.password }),
      ssl: tlsOf(location),
      application_name: location.applicationName,
      connectionTimeoutMillis: location.connectMilliseconds,
      keepAlive: true,
      // Statements that nobody waits for in between travel together.
      pipeline: true,
      keepAliveInitialDelayMillis: 10_000,
      // Declared with overloads that say which id gives which type. Ours gives text or a number for every id.
      types: types as unknown as pg.CustomTypesConfig,
    })
    const session = new Session(client, host, location.answerMilliseconds)
    try {
      await client.connect()
      await session.look()
      return session
    } catch (error) {
      client.connection.stream.destroy()
      throw error
    }
  }

  /** Why nothing more can be asked on this connection; `undefined` while it can. */
  get lost(): Error | undefined {
    return this.#lost
  }

  /** How many warnings have come so far. */
  get warnings(): number {
    return this.#warnings
  }

  get standing(): Standing {
    return this.#standing
  }

  /** How long ago the standing was asked for. */
  get lookedAgo(): number {
    return performance.now() - this.#lookedAt
  }

  async look(): Promise<Standing> {
    const asked = `SELECT CASE WHEN pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' THEN 0 ELSE 1 END AS writable`
    // A log segment's name begins with its timeline in eight hexadecimal digits. Servers that are not quite PostgreSQL have none.
    const line = `SELECT CASE WHEN pg_is_in_recovery() THEN '0' ELSE pg_walfile_name(pg_current_wal_lsn()) END AS segment`
    const { rows } = await this.ask(asked)
    const segment = await this.ask(line).then(
      (answer) => answer.rows[0]?.segment,
      () => undefined,
    )
    if (this.#lost !== undefined) throw this.#lost
    const timeline = typeof segment === 'string' ? Number.parseInt(segment.slice(0, 8), 16) : 0
    this.#lookedAt = performance.now()
    this.#standing = {
      writable: rows[0]?.writable === 1,
      timeline: Number.isSafeInteger(timeline) ? timeline : 0,
    }
    return this.#standing
  }

  /** Asks one statement. Rejects with the server's error, or with that of the connection, which is lost then. */
  async ask(
    text: string,
    values: readonly Value[] = [],
    milliseconds: number = this.#answerMilliseconds,
  ): Promise<Answer> {
    // Without values the simple protocol takes several statements, and answers to each of them.
    const result: pg.QueryResult<Row> | readonly pg.QueryResult<Row>[] = await this.#bounded(
      () => this.#client.query<Row>(text, [...values]),
      milliseconds,
    )
    const last = isList(result) ? result.at(-1) : result
    return { command: last?.command ?? '', rows: last?.rows ?? [], count: last?.rowCount ?? 0 }
  }

  onNotification(hear: () => void): void {
    this.#client.on('notification', hear)
  }

  /** Runs once the connection is gone, whoever ended it. */
  onEnd(end: () => void): void {
    this.#client.on('end', end)
  }

  /** Says farewell where that is possible; the connection is gone within a second in any case. */
  close(): void {
    this.#lost ??= new Error('the connection is closed')
    const { stream } = this.#client.connection
    const late = setTimeout(() => stream.destroy(), 1000)
    this.#client.on('end', () => clearTimeout(late))
    this.#client.end().catch(() => stream.destroy())
  }

  #bounded<T>(ask: () => Promise<T>, milliseconds: number): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost)
    let answered = false
    const late = setTimeout(() => {
      // After a pause of the whole process the timer comes before the answer that arrived meanwhile: let that be read first.
      setImmediate(() => {
        if (!answered)
          this.#abandon(new Error(`${shownHost(this.host)} gave no answer within ${milliseconds / 1000} s`))
      })
    }, milliseconds)
    return ask().finally(() => {
      answered = true
      clearTimeout(late)
    })
  }

  #abandon(error: Error): void {
    this.#lost ??= error
    this.#client.connection.stream.destroy(error)
  }
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value)

function tlsOf({ tls }: Location): pg.ClientConfig['ssl'] {
  if (tls.mode === 'disable') return false
  return {
    // `require` asks for secrecy alone, as libpq has it; the other two also ask who is there.
    rejectUnauthorized: tls.mode !== 'require',
    ...(tls.mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
    ...(tls.rootFile !== undefined && { ca: readFileSync(tls.rootFile, 'utf8') }),
    ...(tls.certificateFile !== undefined && { cert: readFileSync(tls.certificateFile, 'utf8') }),
    ...(tls.keyFile !== undefined && { key: readFileSync(tls.keyFile, 'utf8') }),
  }
}

/** The five characters that PostgreSQL gives its errors (Appendix A, "PostgreSQL Error Codes"); empty for any other error. */
export const stateOf = (error: unknown): string =>
  error instanceof pg.DatabaseError && typeof error.code === 'string' ? error.code : ''
