import { type Location, shownHost } from './location.ts'
import { Session } from './session.ts'
import { StoreUnavailable } from './store.ts'

/** How long the first writable server waits for another one to turn out to be newer. */
const graceMilliseconds = 250

/**
 * Finds the server that is written to. Of two that both think it is them, as after a failover that one of them slept through,
 * it is the one on the higher timeline; and nothing lower than what was seen once is ever taken again.
 */
export class Primary {
  readonly #location: Location
  #timeline = 0

  constructor(location: Location) {
    this.#location = location
  }

  /** Rejects with `StoreUnavailable`, which names every server and what is wrong with it. */
  open(): Promise<Session> {
    const { hosts } = this.#location
    return new Promise((resolve, reject) => {
      const wrong: string[] = []
      let best: Session | undefined
      let pending = hosts.length
      let done = false
      let grace: NodeJS.Timeout | undefined
      const settle = () => {
        if (done) return
        done = true
        clearTimeout(grace)
        if (best !== undefined) resolve(best)
        else reject(new StoreUnavailable(`no server to write to: ${wrong.join('; ')}`))
      }
      for (const host of hosts) {
        Session.open(this.#location, host)
          .then((session) => {
            const refusal = done ? 'it came late' : this.refusal(session)
            if (refusal !== undefined || session.standing.timeline < (best?.standing.timeline ?? 0)) {
              wrong.push(`${shownHost(host)}: ${refusal ?? 'another one is newer'}`)
              session.close()
              return
            }
            best?.close()
            best = session
            grace ??= setTimeout(settle, graceMilliseconds)
          })
          .catch((error: unknown) => {
            wrong.push(`${shownHost(host)}: ${error instanceof Error ? error.message : String(error)}`)
          })
          .finally(() => {
            if (--pending === 0) settle()
          })
      }
    })
  }

  /** Why this server is not the one, by what it says of itself; remembers the newest there was. */
  refusal({ standing }: Session): string | undefined {
    if (!standing.writable) return 'it is read only'
    if (standing.timeline < this.#timeline)
      return `it is on timeline ${standing.timeline}, but a server on timeline ${this.#timeline} has replaced it`
    this.#timeline = standing.timeline
    return undefined
  }
}
