import {
  closeSync,
  type Dirent,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Folder } from '../audit/export.ts'
import type { Found } from '../audit/export-check.ts'
import { progressOf, Unfit } from '../audit/export-progress.ts'
import { acquireLock, Lock } from '../store/lock.ts'

/** What the export keeps for itself: it belongs into no bucket. */
const own = '.rolecall-export'
const noted = `${own}/progress.json`
/** No file that an export writes holds more, in whatever alphabet. */
const unpackedMax = 256 * 1024 * 1024
/** Noting what was done costs a flush of every folder that was written to. */
const noteMilliseconds = 2000

/**
 * A folder that a trail is exported to, for one process at a time; made where it is missing. A file is written beside its place,
 * flushed, and moved there; one that is there already, the same, is left as it is. Throws `Unfit`.
 */
export function exportFolder(path: string, now: () => number): Folder & { readonly close: () => void } {
  const lock = acquireLock(join(path, own), { pid: process.pid })
  if (!(lock instanceof Lock)) throw new Unfit(`process ${lock.pid} is exporting to it`)
  const fresh = join(path, own, 'fresh.tmp')
  /** Folders with names in them that may not be on disk yet. */
  const touched = new Set<string>()
  let notedAt = 0
  let planned: string | undefined

  const put = (name: string, bytes: Buffer): void => {
    const file = join(path, ...name.split('/'))
    if (bytesAt(file)?.equals(bytes) === true) return
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const handle = openSync(fresh, 'w', 0o600)
    try {
      writeFileSync(handle, bytes)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(fresh, file)
    for (let up = dirname(file); up.length >= path.length; up = dirname(up)) touched.add(up)
  }

  return {
    progress(prefix) {
      const bytes = bytesAt(join(path, noted))
      if (bytes === undefined) {
        if (existsSync(join(path, prefix, 'AWSLogs')))
          throw new Unfit('it holds logs that were not exported to it by rolecall')
        return undefined
      }
      const progress = progressOf(bytes.toString())
      if (progress === undefined) throw new Unfit(`${noted} is none that this version of rolecall can read`)
      return progress
    },
    note(progress) {
      // A plan and its end are noted at once; what is done between them may be noted late, and is done again then.
      const plan = JSON.stringify(progress.plan)
      if (plan === planned && plan !== undefined && now() < notedAt + noteMilliseconds) return
      for (const folder of touched) flush(folder)
      touched.clear()
      put(noted, Buffer.from(JSON.stringify(progress)))
      flush(join(path, own))
      notedAt = now()
      planned = plan
    },
    pack(name, text) {
      const bytes = gzipSync(text, { level: 6 })
      // The header tells the operating system (RFC 1952, 2.3.1): here it is unknown, so that each writes the same.
      bytes[9] = 255
      put(name, bytes)
    },
    put: (name, text) => put(name, Buffer.from(text)),
    close: () => lock.release(),
  }
}

/** A folder that was exported to, for who only looks: nothing is written, and no link is followed. Throws where it cannot be read. */
export function foundFolder(path: string): Found {
  const files: string[] = []
  const odd: string[] = []
  const walk = (below: string) => {
    for (const entry of entriesOf(join(path, below))) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`
      if (name === own) continue
      if (entry.isDirectory()) walk(name)
      else (entry.isFile() ? files : odd).push(name)
    }
  }
  walk('')
  const at = (name: string) => readFileSync(join(path, ...name.split('/')))
  return {
    files: files.sort(),
    odd: odd.sort(),
    noted: bytesAt(join(path, noted))?.toString(),
    text: (name) => at(name).toString(),
    unpacked(name) {
      const bytes = at(name)
      try {
        return gunzipSync(bytes, { maxOutputLength: unpackedMax }).toString()
      } catch {
        return undefined
      }
    },
  }
}

const entriesOf = (path: string): readonly Dirent[] => readdirSync(path, { withFileTypes: true })

/** `undefined` where nothing is; what cannot be read for another reason is told. */
function bytesAt(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The names in a folder are on disk, not only the files behind them. */
function flush(folder: string): void {
  // Windows opens no folders.
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
