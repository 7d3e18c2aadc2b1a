// The program of one of several processes that serve together. It is told by its parent what to serve, when to read its keys
// again, and when to stop; without a parent it stops by itself.
import process from 'node:process'
import { joinHolder } from '../store/lock.ts'
import { structuredLog } from './log.ts'
import { type Serving, type ServingSettings, serve } from './serving.ts'
import type { FromWorker, ToWorker } from './workers.ts'

process.umask(0o077)
let serving: Promise<Serving> | undefined
/** Kept, so that it is not collected: while this process lives, nobody may take its folder for left. */
let leave: (() => void) | undefined

/** To a parent that is just ending, nothing is said. */
const say = (message: FromWorker): void => {
  process.send?.(message, undefined, undefined, () => undefined)
}

async function begin(settings: ServingSettings): Promise<Serving> {
  leave = joinHolder(settings.directory)
  return serve(settings, structuredLog(settings.logLevel, settings.name), { among: true })
}

async function stop(): Promise<void> {
  const running = await serving?.catch(() => undefined)
  await running?.stop()
  leave?.()
  process.disconnect?.()
  process.exit(0)
}

// A terminal's Ctrl-C reaches every process of the group; the parent says when to stop, after its own bookkeeping.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => void stop())
// Our own parent is at the other end.
process.on('message', (message: ToWorker) => {
  switch (message.say) {
    case 'serve': {
      serving = begin(message.settings)
      serving
        .then(({ port }) => say({ say: 'ready', port }))
        .catch((error: unknown) => {
          say({ say: 'refused', why: error instanceof Error ? error.message : String(error) })
          process.exitCode = 1
          process.disconnect?.()
        })
      break
    }
    case 'reload':
      void serving?.then((running) => running.reload()).catch(() => undefined)
      break
    case 'trouble?': {
      const { question } = message
      void (serving ?? Promise.reject(new Error('not serving yet')))
        .then((running) => running.trouble())
        .catch((error: unknown) => String(error))
        .then((why) => say({ say: 'trouble', question, why }))
      break
    }
    case 'stop':
      void stop()
      break
    default:
  }
})
say({ say: 'listening' })
