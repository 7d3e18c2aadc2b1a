import { randomBytes } from 'node:crypto'
import type { Clock, Random, Schedule } from '../base/env.ts'

/** The machine's own time. */
export const machineClock: Clock = { now: () => Date.now() }

/** Milliseconds since the process began, whatever is done to the calendar. */
export const machineMonotonic = (): number => performance.now()

/** One call to the system's generator fills many small requests: ids and nonces are short. */
const poolBytes = 4096

/** The system's cryptographic generator. No byte of it is given out twice. */
export function machineRandom(): Random {
  let pool = new Uint8Array(0)
  let used = 0
  return {
    bytes(count) {
      if (count > poolBytes / 4) return new Uint8Array(randomBytes(count))
      if (used + count > pool.length) {
        pool = new Uint8Array(randomBytes(poolBytes))
        used = 0
      }
      const taken = pool.slice(used, used + count)
      pool.fill(0, used, used + count)
      used += count
      return taken
    },
  }
}

/** The machine's timer. It does not keep the process alive: whoever closes the ledger writes what waits. */
export const machineSchedule: Schedule = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds)
  timer.unref()
  return () => clearTimeout(timer)
}
