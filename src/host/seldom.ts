/** How long the same trouble is told of no more than once. */
const pauseMilliseconds = 10_000

/**
 * Tells of a trouble that every request meets alike: at once, and then now and then with how often it was met meanwhile. A store
 * that is away for half an hour must not fill the disk that it may be away for.
 */
export function seldom(
  tell: (what: string, error?: unknown) => void,
  now: () => number,
): (what: string, error?: unknown) => void {
  let told = Number.NEGATIVE_INFINITY
  let heldBack = 0
  return (what, error) => {
    const passed = now() - told
    // A clock that was put back must not keep it silent.
    if (passed >= 0 && passed < pauseMilliseconds) {
      heldBack++
      return
    }
    tell(heldBack === 0 ? what : `${what} (and ${heldBack} more since this was last told)`, error)
    told = now()
    heldBack = 0
  }
}
