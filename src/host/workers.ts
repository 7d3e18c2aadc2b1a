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

interface Slot {
  worker: Worker | undefined
  ready: boolean
  pause: number
}

/**
 * Several processes that are one: they listen on one port, and each is a node of its own over the same store. This process only
 * hands out connections, starts anew what ends, and passes on what it is told.
 */
export async function serveByWorkers(count: number, settings: ServingSettings, log: Log): Promise<Serving> {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker.js', import.meta.url)), args: [] })
  const slots: Slot[] = []
  const questions = new Map<number, (why: string | undefined) => void>()
  let asked = 0
  let stopping = false
  /** All of them ask for the same: who asks for any free port gets the one that the first got. */
  let port: number | undefined

  const start = (number: number, slot: Slot): Promise<number> => {
    const worker = cluster.fork()
    slot.worker = worker
    const born = Date.now()
    return new Promise((resolve, reject) => {
      // Our own program is at the other end.
      worker.on('message', (message: FromWorker) => {
        switch (message.say) {
          case 'listening':
            send(worker, { say: 'serve', settings: { ...settings, name: `${settings.name}-${number}` } })
            break
          case 'ready':
            slot.ready = true
            resolve(message.port)
            break
          case 'refused':
            reject(new Error(message.why))
            break
          case 'trouble':
            questions.get(message.question)?.(message.why)
            break
          default:
        }
      })
      worker.on('exit', (code, signal) => {
        const wasReady = slot.ready
        slot.worker = undefined
        slot.ready = false
        reject(new Error(`worker ${number} ended with ${signal ?? code}`))
        if (stopping || !(wasReady || port !== undefined)) return
        if (Date.now() - born > healthyMilliseconds) slot.pause = firstPauseMilliseconds
        log.error(`worker ${number} ended with ${signal ?? code}: another is started`)
        setTimeout(() => {
          if (!stopping) start(number, slot).catch((error: unknown) => log.error('a worker did not start', error))
        }, slot.pause)
        slot.pause = Math.min(slot.pause * 2, longestPauseMilliseconds)
      })
    })
  }

  const stop = async (): Promise<void> => {
    stopping = true
    await Promise.all(
      slots.map(({ worker }) => {
        if (worker === undefined || worker.isDead()) return undefined
        const ended = new Promise<void>((resolve) => worker.on('exit', () => resolve()))
        send(worker, { say: 'stop' })
        return ended
      }),
    )
  }

  try {
    for (let number = 1; number <= count; number++) {
      const slot: Slot = { worker: undefined, ready: false, pause: firstPauseMilliseconds }
      slots.push(slot)
      port = await start(number, slot)
    }
  } catch (error) {
    await stop()
    throw error
  }

  const troubleOf = (worker: Worker): Promise<string | undefined> => {
    const question = asked++
    return new Promise<string | undefined>((resolve) => {
      const late = setTimeout(() => resolve('a worker does not answer'), answerMilliseconds)
      questions.set(question, (why) => {
        clearTimeout(late)
        resolve(why)
      })
      send(worker, { say: 'trouble?', question })
    }).finally(() => questions.delete(question))
  }

  return {
    port: port ?? settings.listen.port,
    async trouble() {
      if (stopping) return 'stopping'
      const ready = slots.flatMap(({ worker, ready }) => (ready && worker !== undefined ? [worker] : []))
      if (ready.length < count) return `${count - ready.length} of ${count} workers are not ready`
      return (await Promise.all(ready.map(troubleOf))).find((why) => why !== undefined)
    },
    metrics: gathered,
    reload() {
      for (const { worker } of slots) if (worker !== undefined) send(worker, { say: 'reload' })
    },
    stop,
  }
}

/** To one that is just ending, nothing is said. */
function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => undefined)
}
