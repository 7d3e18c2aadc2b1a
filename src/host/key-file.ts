import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Random } from '../base/env.ts'
import { type SealingKey, sealingKey, sealingKeyBytes } from '../token/vault.ts'
import { exclusively } from './exclusive.ts'

/** How much of a file or of a command's output is read: a ring has a few keys. */
export const keyBytesMax = 64 * 1024

/** The file that a data directory keeps its own key in. */
export const ownKeyFile = (directory: string): string => join(directory, 'key')

export const newSealingKey = (random: Random): SealingKey => sealingKey(random.bytes(sealingKeyBytes))

/** As a key is written: base64 on one line. */
export const textOfKey = ({ key }: SealingKey): string => key.export().toString('base64')

/** A key a line, base64 or hexadecimal; lines that begin with `#` are for people. Throws without a word of what is in the line. */
export function keysIn(text: string, where: string): readonly SealingKey[] {
  const keys = text.split('\n').flatMap((line, index) => {
    const said = line.trim()
    if (said === '' || said.startsWith('#')) return []
    const bytes = bytesOf(said)
    if (bytes === undefined)
      throw new Error(
        `line ${index + 1} of ${where} is no key: a key is ${sealingKeyBytes} bytes in base64 or hexadecimal`,
      )
    return [sealingKey(bytes)]
  })
  if (keys.length === 0) throw new Error(`there is no key in ${where}`)
  return keys
}

function bytesOf(text: string): Uint8Array | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex')
  // 32 bytes are 43 characters, and one of padding that some leave out; either alphabet.
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === sealingKeyBytes ? bytes : undefined
}

/** The keys of a file that only its owner can read, the current one in front. */
export function readKeyFile(path: string): readonly SealingKey[] {
  let handle: number
  try {
    handle = openSync(path, 'r')
  } catch (error) {
    const missing = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'
    throw new Error(missing ? `the key file ${path} is not there` : `the key file ${path} cannot be opened`)
  }
  try {
    // What is looked at is what is read: the file behind the handle, whatever the name leads to by then.
    const { mode, uid, size } = fstatSync(handle)
    if ((mode & 0o170000) !== 0o100000)
      throw new Error(`${path} is no file; --key-command takes a program that prints a key`)
    refuseOpenTo(path, mode, uid)
    if (size > keyBytesMax) throw new Error(`the key file ${path} is too large to be one`)
    return keysIn(readFileSync(handle, 'utf8'), path)
  } finally {
    closeSync(handle)
  }
}

/**
 * As PostgreSQL has it for its server key (PostgreSQL documentation, "Secure TCP/IP Connections with SSL"): ours and closed to
 * everyone else, or root's and open to a group at most, which is how orchestrators hand secrets to those who are not root.
 */
function refuseOpenTo(path: string, mode: number, owner: number): void {
  const self = process.getuid?.()
  // Windows keeps no such modes.
  if (self === undefined) return
  if (owner !== self && owner !== 0)
    throw new Error(`the key file ${path} belongs to another user: it must belong to the one who runs this, or to root`)
  const [forbidden, wanted] = owner === 0 ? [0o037, '0640'] : [0o077, '0600']
  if ((mode & forbidden) === 0) return
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  throw new Error(`the key file ${path} is open to others (mode ${shown}): make it ${wanted} or closer, with chmod`)
}

/** The keys of a file, which is made with a fresh one where it is missing. Of several who find it so, one makes it. */
export function foundKeyFile(path: string, random: Random): readonly SealingKey[] {
  if (!existsSync(path)) {
    const fresh = written(path, [newSealingKey(random)])
    try {
      linkSync(fresh, path)
    } catch (error) {
      if (!existsSync(path)) throw error
    } finally {
      rmSync(fresh)
    }
    flushFolder(path)
  }
  return readKeyFile(path)
}

/**
 * Changes which keys a file holds, durably and in one step: whoever reads sees all of it, or all of what was before. Of several
 * who change it, each sees what the one before has made.
 */
export function changeKeyFile(
  path: string,
  change: (keys: readonly SealingKey[]) => readonly SealingKey[],
): readonly SealingKey[] {
  return exclusively(`${path}.lock`, () => {
    const before = readKeyFile(path)
    const keys = change(before)
    if (keys.length === before.length && keys.every(({ id }, at) => id === before[at]?.id)) return keys
    renameSync(written(path, keys), path)
    flushFolder(path)
    return keys
  })
}

const heading = `# The keys that rolecall seals secrets under, the current one first. Whoever has this file and the data has the secrets;
# whoever has the data alone has not; and without this file the data is of no use. Keep a copy of it somewhere else.
`

/** A file beside it, on disk, that only we can read. */
function written(path: string, keys: readonly SealingKey[]): string {
  const fresh = `${path}.${process.pid}`
  rmSync(fresh, { force: true })
  const handle = openSync(fresh, 'wx', 0o600)
  try {
    writeSync(handle, `${heading}${keys.map((key) => `${textOfKey(key)}\n`).join('')}`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  chmodSync(fresh, 0o600)
  return fresh
}

/** The new name is on disk, not only the file behind it. */
function flushFolder(path: string): void {
  // Windows opens no folders.
  if (process.platform === 'win32') return
  const handle = openSync(dirname(path), 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
