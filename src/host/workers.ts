import cluster, { type Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { Log } from './log.ts'
import { gathered } from './metrics.ts'
import type { Serving, ServingSettings } from './serving.ts'

/** What is said between the process that was started and those that serve for it. */
export type ToWorker =
  | { readonly say: 'serve'; readonly settings: ServingSettings }
  | { readonly say: 'reload' }
  | { readonly say: 'trouble?'; readonly question: number }
  | { readonly say: 'stop' }
export type FromWorker =
  // Said first: what is sent to a process that does not listen yet is lost.
  | { readonly say: 'listening' }
  | { readonly say: 'ready'; readonly port: number }
  | { readonly say: 'refused'; readonly why: string }
  | { readonly say: 'trouble'; readonly question: number; readonly why: string | undefined }

/** A worker that ends by itself is started again: at once, then ever more slowly while it goes on ending. */
const firstPauseMilliseconds = 100
const longestPauseMilliseconds = 10_000
/** One that lived so long begins with a short pause again. */
const healthyMilliseconds = 30_000
const answerMilliseconds = 3_000

/**
 * Several processes that are one: they listen on one port, and each is a node of its own over the same store. This process only
 * hands out connections, starts anew what ends, and passes on what it is told.
 */
export async function serveByWorkers(count: number, settings: ServingSettings, log: Log): Promise<Serving> {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker.js', import.meta.url)), args: [] })
  const crew = new Crew(settings, log)
  try {
    // One after the other: the first makes what is missing in the store.
    for (let number = 1; number <= count; number++) await crew.hire(number)
  } catch (error) {
    await crew.stop()
    throw error
  }
  return crew
}

/** One of them, and whoever took its place. */
interface Seat {
  readonly number: number
  worker: Worker | undefined
  ready: boolean
  /** How long it stays empty when it is left. */
  pause: number
}

class Crew implements Serving {
  readonly #settings: ServingSettings
  readonly #log: Log
  readonly #seats: Seat[] = []
  readonly #questions = new Map<number, (why: string | undefined) => void>()
  #asked = 0
  #stopping = false
  /** All of them ask for the same: who asks for any free port gets the one that the first got. */
  #port: number | undefined
  readonly metrics = gathered

  constructor(settings: ServingSettings, log: Log) {
    this.#settings = settings
    this.#log = log
  }

  get port(): number {
    return this.#port ?? this.#settings.listen.port
  }

  /** Resolves when one more serves; rejects with why it cannot. */
  async hire(number: number): Promise<void> {
    const seat: Seat = { number, worker: undefined, ready: false, pause: firstPauseMilliseconds }
    this.#seats.push(seat)
    this.#port = await this.#start(seat)
  }

  readonly trouble = async (): Promise<string | undefined> => {
    if (this.#stopping) return 'stopping'
    const ready = this.#seats.flatMap(({ worker, ready: isReady }) => (isReady && worker !== undefined ? [worker] : []))
    const missing = this.#seats.length - ready.length
    if (missing > 0) return `${missing} of ${this.#seats.length} workers are not ready`
    return (await Promise.all(ready.map((worker) => this.#troubleOf(worker)))).find((why) => why !== undefined)
  }

  readonly reload = (): void => {
    for (const { worker } of this.#seats) send(worker, { say: 'reload' })
  }

  readonly stop = async (): Promise<void> => {
    this.#stopping = true
    await Promise.all(
      this.#seats.map(({ worker }) => {
        if (worker === undefined || worker.isDead()) return undefined
        const ended = new Promise<void>((resolve) => worker.on('exit', () => resolve()))
        send(worker, { say: 'stop' })
        return ended
      }),
    )
  }

  #start(seat: Seat): Promise<number> {
    const worker = cluster.fork()
    const born = Date.now()
    seat.worker = worker
    return new Promise((resolve, reject) => {
      // Our own program is at the other end.
      worker.on('message', (message: FromWorker) => {
        if (message.say === 'listening') this.#instruct(seat)
        else if (message.say === 'refused') reject(new Error(message.why))
        else if (message.say === 'trouble') this.#questions.get(message.question)?.(message.why)
        else {
          seat.ready = true
          resolve(message.port)
        }
      })
      worker.on('exit', (code, signal) => {
        const how = `worker ${seat.number} ended with ${signal ?? code}`
        reject(new Error(how))
        this.#left(seat, how, Date.now() - born)
      })
    })
  }

  #instruct({ worker, number }: Seat): void {
    // Told to stop before it listened, it has not heard that.
    if (this.#stopping) send(worker, { say: 'stop' })
    else send(worker, { say: 'serve', settings: { ...this.#settings, name: `${this.#settings.name}-${number}` } })
  }

  /** Another takes its place, unless it never came to serve: then whoever started it all is told why. */
  #left(seat: Seat, how: string, livedMilliseconds: number): void {
    seat.worker = undefined
    seat.ready = false
    if (this.#stopping || this.#port === undefined) return
    if (livedMilliseconds > healthyMilliseconds) seat.pause = firstPauseMilliseconds
    this.#log.error(`${how}: another is started`)
    setTimeout(() => {
      if (!this.#stopping) this.#start(seat).catch((error: unknown) => this.#log.error('a worker did not start', error))
    }, seat.pause)
    seat.pause = Math.min(seat.pause * 2, longestPauseMilliseconds)
  }

  #troubleOf(worker: Worker): Promise<string | undefined> {
    const question = this.#asked++
    return new Promise<string | undefined>((resolve) => {
      const late = setTimeout(() => resolve('a worker does not answer'), answerMilliseconds)
      this.#questions.set(question, (why) => {
        clearTimeout(late)
        resolve(why)
      })
      send(worker, { say: 'trouble?', question })
    }).finally(() => this.#questions.delete(question))
  }
}

/** To one that is just ending, nothing is said. */
function send(worker: Worker | undefined, message: ToWorker): void {
  if (worker?.isConnected() === true) worker.send(message, () => undefined)
}
