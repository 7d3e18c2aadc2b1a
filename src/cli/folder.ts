import { chmodSync, mkdirSync, readdirSync } from 'node:fs'
import { ownFile } from '../host/node.ts'
import { acquireLock, type Holder, Lock } from '../store/lock.ts'
import { Failure } from './failure.ts'

/** Makes a node's folder where it is missing, holds it while the work goes on, and lets go of it. `taken` says that another has it. */
export async function holdingFolder(
  directory: string,
  taken: (holder: Holder) => string,
  work: (lock: Lock) => Promise<void>,
): Promise<void> {
  // Nothing that this process writes is anybody else's to read.
  process.umask(0o077)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // A folder that others use too (`/tmp`, a home) keeps its mode: what we write there is closed file by file.
  if (readdirSync(directory).every((file) => ownFile.test(file))) chmodSync(directory, 0o700)
  const lock = acquireLock(directory, { pid: process.pid })
  if (!(lock instanceof Lock)) throw new Failure(taken(lock))
  try {
    await work(lock)
  } finally {
    lock.release()
  }
}
