/** Wrong codes of one device that cost nothing. */
const free = 5
/** The wait after the first that does; each further one doubles it. */
const firstWaitMilliseconds = 30_000
const longestWaitMilliseconds = 60 * 60_000
/** Without a wrong code for so long, all is forgotten. */
const memoryMilliseconds = 24 * 60 * 60_000
/** Devices that are remembered before those are looked for whose time is over. */
const swept = 10_000

interface Guessed {
  readonly wrong: number
  readonly last: number
  readonly until: number
  readonly request: string
}

/**
 * Wrong codes, counted by device: six digits are guessed in minutes by whoever may try without end. After five, a device's codes count
 * for nothing for half a minute, then twice as long, an hour at the most; the wait is told nobody, as the right code is not.
 * In memory, by node: whoever guesses at several nodes has so many times the guesses, and no more.
 */
export class Guesses {
  readonly #devices = new Map<string, Guessed>()

  /** Whether codes of this device are looked at now. */
  mayTry(device: string, now: number): boolean {
    const guessed = this.#of(device, now)
    return guessed === undefined || now >= guessed.until
  }

  /** Notes a wrong code: once for a request, however often it runs. */
  wrong(device: string, now: number, request: string): void {
    const before = this.#of(device, now)
    if (before?.request === request) return
    const wrong = (before?.wrong ?? 0) + 1
    const wait = wrong < free ? 0 : Math.min(firstWaitMilliseconds * 2 ** (wrong - free), longestWaitMilliseconds)
    this.#devices.set(device, { wrong, last: now, until: now + wait, request })
    if (this.#devices.size > swept)
      for (const [id, { last }] of this.#devices) if (now - last > memoryMilliseconds) this.#devices.delete(id)
  }

  /** Notes that a fresh code was right. */
  right(device: string): void {
    this.#devices.delete(device)
  }

  #of(device: string, now: number): Guessed | undefined {
    const guessed = this.#devices.get(device)
    if (guessed === undefined) return undefined
    // A clock that was set back must lock nobody out for longer than a wait.
    if (now - guessed.last > memoryMilliseconds || now < guessed.last) return undefined
    return guessed
  }
}
