/** Something must be found out before the operation can go on. Whoever catches it waits, and runs the operation anew. */
export class Pending extends Error {
  readonly found: () => Promise<void>
  constructor(found: () => Promise<void>) {
    super('not known yet')
    this.name = 'Pending'
    this.found = found
  }
}

/** Writes by others that change what is asked, while it is asked; more of them in a row is no accident. */
const roundsMax = 16

/** Runs something again as often as it learns something new. Answers `undefined` where there is no end to it. */
export async function untilKnown<T>(run: () => Promise<T>): Promise<T | undefined> {
  for (let round = 0; round < roundsMax; round++) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof Pending)) throw error
      await error.found()
    }
  }
  return undefined
}
