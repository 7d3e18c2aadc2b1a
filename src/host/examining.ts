import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Engine } from '../store/engine.ts'
import { StoreDamaged } from '../store/store.ts'

/** What the thread tells in the end. */
export type Examined = 'whole' | { readonly damage: string } | { readonly trouble: string }

/** Bytes from which a file takes longer to look through than a thread to start. */
const large = 64 * 1024 * 1024

/**
 * Looks through a database file, where it is a large one in a thread of its own: reading it in takes as long, and can be done
 * meanwhile. Rejects with `StoreDamaged`. Out of the sources, which a thread of Node 20 cannot load, it is done in this one.
 */
export async function examine(engine: Engine, path: string, threadFrom = large): Promise<void> {
  if (!import.meta.url.endsWith('.js') || statSync(path).size < threadFrom) return engine.examine?.()
  const worker = new Worker(new URL('./examiner.js', import.meta.url), { workerData: path, name: 'examiner' })
  const examined = await new Promise<Examined>((resolve, reject) => {
    worker.on('message', resolve)
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new Error(`the thread that looks through ${path} ended with ${code}`)))
  })
  await worker.terminate()
  if (examined === 'whole') return
  throw 'damage' in examined ? new StoreDamaged(examined.damage) : new Error(examined.trouble)
}
