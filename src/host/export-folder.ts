import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Shelf } from '../audit/export.ts'

/** No file that an export writes holds more. */
const unpackedMax = 64 * 1024 * 1024
const freshName = /^\.export-(\d{1,10})\.tmp$/

/**
 * A folder that files are put into under names with slashes. Each is written beside its place, flushed, and moved there, and one
 * that is there already, the same, is left as it is. What an export that was cut off left half written is taken away.
 */
export function exportFolder(directory: string): Shelf & { readonly close: () => void } {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(directory)) {
    const pid = Number(freshName.exec(name)?.[1])
    if (Number.isSafeInteger(pid) && !runs(pid)) rmSync(join(directory, name), { force: true })
  }
  const fresh = join(directory, `.export-${process.pid}.tmp`)
  const at = (name: string) => join(directory, ...name.split('/'))

  const putBytes = (name: string, bytes: Buffer): boolean => {
    const path = at(name)
    if (bytesAt(path)?.equals(bytes) === true) return false
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const handle = openSync(fresh, 'w', 0o600)
    try {
      writeFileSync(handle, bytes)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(fresh, path)
    return true
  }

  return {
    pack: (name, text) => putBytes(name, gzipSync(text)),
    put: (name, text) => putBytes(name, Buffer.from(text)),
    lastBefore: (folder, before) => lastBelow(directory, folder, before),
    unpacked: (name) => {
      try {
        return gunzipSync(readFileSync(at(name)), { maxOutputLength: unpackedMax }).toString()
      } catch {
        return undefined
      }
    },
    text: (name) => bytesAt(at(name))?.toString(),
    close: () => rmSync(fresh, { force: true }),
  }
}

/** `undefined` where nothing is; what cannot be read for another reason is told. */
function bytesAt(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Newest folders first: the second that is looked into has what is sought, unless somebody emptied the first. */
function lastBelow(directory: string, folder: string, before: string): string | undefined {
  for (const entry of entriesOf(join(directory, ...folder.split('/')))) {
    const name = `${folder}/${entry.name}`
    if (name >= before) continue
    if (entry.isDirectory()) {
      const found = lastBelow(directory, name, before)
      if (found !== undefined) return found
    } else if (entry.name.endsWith('.json.gz')) return name
  }
  return undefined
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? 1 : -1))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
