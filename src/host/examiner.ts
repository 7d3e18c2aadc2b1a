import { parentPort, workerData } from 'node:worker_threads'
import { openSqlite } from '../store/sqlite.ts'
import { StoreDamaged } from '../store/store.ts'
import type { Examined } from './examining.ts'

// The program of the thread that looks through a database file. What it is started with is what `examining.ts` hands it.
const tell = (examined: Examined) => parentPort?.postMessage(examined)
try {
  const engine = openSqlite(String(workerData))
  try {
    await engine.examine?.()
    tell('whole')
  } finally {
    await engine.close()
  }
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  tell(error instanceof StoreDamaged ? { damage: error.what } : { trouble: message })
}
