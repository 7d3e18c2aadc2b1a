import { openDatabase } from '../store/database.ts'

/** How long one process waits for others. */
const patienceMilliseconds = 20_000

/**
 * Does something that only one process may do at a time, under a lock that the kernel gives back when its holder ends, however
 * that ends. The file means nothing beside it.
 */
export function exclusively<T>(file: string, work: () => T): T {
  const lock = openDatabase(file)
  try {
    lock.exec(`PRAGMA busy_timeout = ${patienceMilliseconds}`)
    lock.exec('BEGIN EXCLUSIVE')
    const result = work()
    lock.exec('ROLLBACK')
    return result
  } finally {
    lock.close()
  }
}
