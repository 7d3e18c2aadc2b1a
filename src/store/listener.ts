import type { Primary } from './primary.ts'
import type { Session } from './session.ts'

const pauseMilliseconds = 1000
const pauseMaxMilliseconds = 30_000
const pulseMilliseconds = 20_000

/**
 * A connection of its own that listens for NOTIFY. Through a pooler it may hear nothing at all, so nothing may depend on it; it
 * fails without a word and comes back by itself.
 */
export class Listener {
  readonly #primary: Primary
  readonly #channel: string
  readonly #wake: () => void
  #session: Session | undefined
  #timer: NodeJS.Timeout | undefined
  #pause = pauseMilliseconds
  #closed = false

  constructor(primary: Primary, channel: string, wake: () => void) {
    this.#primary = primary
    this.#channel = channel
    this.#wake = wake
    void this.#connect()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#session?.close()
  }

  async #connect(): Promise<void> {
    try {
      const session = await this.#primary.open()
      this.#session = session
      if (this.#closed) return session.close()
      session.onNotification(() => {
        if (!this.#closed) this.#wake()
      })
      session.onEnd(() => {
        // One that has been replaced may take its time to end.
        if (this.#session === session) this.#later()
      })
      await session.ask(`LISTEN ${this.#channel}`)
      this.#pause = pauseMilliseconds
      this.#pulse(session)
      // What was told while nobody listened is not told again.
      if (!this.#closed) this.#wake()
    } catch {
      // A connection that was lost before anybody heard of its end tells of it no more.
      this.#session?.close()
      this.#later()
    }
  }

  /** A connection that was cut off in silence is noticed by asking. */
  #pulse(session: Session): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      session.ask('SELECT 1').then(
        () => this.#pulse(session),
        () => session.close(),
      )
    }, pulseMilliseconds)
    this.#timer.unref()
  }

  #later(): void {
    if (this.#closed) return
    this.#session = undefined
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#connect(), this.#pause)
    this.#timer.unref()
    this.#pause = Math.min(this.#pause * 2, pauseMaxMilliseconds)
  }
}
