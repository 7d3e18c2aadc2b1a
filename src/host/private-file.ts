import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import process from 'node:process'

/**
 * A file that only its owner can read: written beside, flushed, and moved into place, so that whoever reads sees all of it, or all of
 * what was before.
 */
export function writePrivately(file: string, text: string): void {
  const fresh = `${file}.${process.pid}`
  rmSync(fresh, { force: true })
  const handle = openSync(fresh, 'wx', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  chmodSync(fresh, 0o600)
  renameSync(fresh, file)
}
