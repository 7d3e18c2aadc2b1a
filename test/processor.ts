import process from 'node:process'

/**
 * Milliseconds of the processor that a piece of work takes: what else is being done on the machine meanwhile does not count, as it does
 * by the clock.
 */
export function processorMilliseconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
