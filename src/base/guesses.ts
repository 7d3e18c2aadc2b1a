/** Wrong guesses, the last of which is the first that costs something. */
const free = 5
/** The wait after that one; each further one doubles it. */
const firstWaitMilliseconds = 30_000
const longestWaitMilliseconds = 60 * 60_000
/** Without a wrong guess for so long, all is forgotten. */
const memoryMilliseconds = 24 * 60 * 60_000
/** More than the clocks of two nodes are apart. What lies farther ahead is from a clock that was set back since. */
const apartMilliseconds = 5 * 60_000

/** Wrong guesses at one secret since it was last shown right. Times in milliseconds since the epoch. */
export interface Guesses {
  readonly wrong: number
  readonly last: number
}

/** A row whose secret can be guessed at. The guesses stand in it, so that they are no more than it and go with it. */
export interface Guarded {
  readonly kind: 'mfa-device' | 'login-profile'
  readonly id: string
  readonly guesses?: Guesses
}

/** What comes of a guess. INVARIANT: whoever guesses is told the same of a wrong one and of one too many. */
export type Verdict = 'right' | 'wrong' | 'too many'

/**
 * Six digits are guessed in minutes by whoever may try without end, and a password that people choose in days. After five wrong guesses, none is
 * looked at for half a minute, the right one no more than others; then twice as long with each wrong one, an hour at the most.
 */
export function mayGuess(guesses: Guesses | undefined, now: number): boolean {
  if (guesses === undefined || guesses.wrong < free) return true
  const age = now - guesses.last
  // A clock that was set back must lock nobody out for longer than a wait.
  return age >= waitAfter(guesses) || age < -apartMilliseconds
}

/** With one more. A guess during a wait is none: so what is written about them is bounded by time. */
export function afterWrong(guesses: Guesses | undefined, now: number): Guesses {
  if (guesses === undefined || now - guesses.last > memoryMilliseconds) return { wrong: 1, last: now }
  const behind = guesses.last - now
  // Who guesses at two nodes gains nothing by asking the one whose clock is behind.
  return { wrong: guesses.wrong + 1, last: behind > 0 && behind <= apartMilliseconds ? guesses.last : now }
}

/** A row of which nothing remains of wrong guesses: it was shown the right one. */
export function forgiven<Row extends Guarded>({ guesses: _, ...row }: Row): Omit<Row, 'guesses'> {
  return row
}

const waitAfter = ({ wrong }: Guesses): number =>
  Math.min(firstWaitMilliseconds * 2 ** (wrong - free), longestWaitMilliseconds)
