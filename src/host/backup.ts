import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { Piece } from '../store/dump.ts'

/**
 * A backup is one file, gzip over lines of JSON: a head, then for each of the two databases (the store's and the trail's) tables
 * with their rows, then a last line with the number of lines and their SHA-256. It says nothing of the engine that it came from,
 * so that what was a folder can become a PostgreSQL. Secrets stand in it as they stand in the store: sealed.
 */
const format = 'rolecall backup 1'

export interface BackupHead {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The version of rolecall that wrote it. */
  readonly version: string
  /** What the two databases' schemas were: rows fit into tables of the same versions only. */
  readonly schemas: Readonly<Record<Part, number>>
}

export type Part = 'store' | 'trail'

/** What a backup holds, as it is read: the part that follows, or a piece of it. */
export type Portion = { readonly part: Part } | Piece

export interface Written {
  readonly lines: number
  readonly sha256: string
}

/** Writes beside the file, flushes, and moves it into place: a file of that name is whole, or as it was before. */
export async function writeBackup(file: string, head: BackupHead, portions: AsyncIterable<Portion>): Promise<Written> {
  const fresh = `${file}.${process.pid}`
  const hash = createHash('sha256')
  let lines = 0
  async function* text(): AsyncIterable<string> {
    const said = (value: unknown): string => {
      const line = `${JSON.stringify(value)}\n`
      hash.update(line)
      lines++
      return line
    }
    yield said({ format, ...head })
    for await (const portion of portions) yield said(portion)
    yield `${JSON.stringify({ end: true, lines, sha256: hash.copy().digest('hex') })}\n`
  }
  await rm(fresh, { force: true })
  // Opened before anything can fail: a stream that opens its own file may still make it after it was taken away.
  const handle = await open(fresh, 'wx', 0o600)
  try {
    try {
      await pipeline(Readable.from(text()), createGzip(), async (packed: AsyncIterable<Uint8Array>) => {
        for await (const chunk of packed) await handle.writeFile(chunk)
      })
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  return { lines, sha256: hash.digest('hex') }
}

/** A file that is no backup, or not all of one. Whoever fills a database from it has put nothing down for good yet. */
export class BackupDamaged extends Error {
  constructor(file: string, what: string) {
    super(`${file} ${what}`)
    this.name = 'BackupDamaged'
  }
}

/**
 * Reads a backup to its end. That it is whole is known only then: the last line says what all lines before it come to. Throws
 * `BackupDamaged`.
 */
export async function* readBackup(file: string): AsyncIterable<BackupHead | Portion> {
  const damaged = (what: string) => new BackupDamaged(file, what)
  const hash: Hash = createHash('sha256')
  let lines = 0
  let ended = false
  try {
    for await (const line of linesOf(file)) {
      if (ended) throw damaged('goes on after its end')
      const value = parsed(line)
      if (value === undefined) throw damaged(`has a line that is none of a backup's (${lines + 1})`)
      if (lines === 0 && value.format !== format)
        throw damaged('is not a backup that this version of rolecall can read')
      if (value.end === true) {
        if (value.lines !== lines || value.sha256 !== hash.digest('hex'))
          throw damaged('is not what was written: its lines do not come to what its end says')
        ended = true
        continue
      }
      hash.update(`${line}\n`)
      lines++
      // Every line before the end was written by `writeBackup`, or the end will not fit; a piece is looked at where it is used.
      yield value as unknown as BackupHead | Portion
    }
  } catch (error) {
    if (error instanceof BackupDamaged) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'Z_BUF_ERROR') throw damaged('was cut off')
    if (code.startsWith('Z_')) throw damaged('is not gzip, or was altered')
    throw error
  }
  if (!ended) throw damaged('was cut off')
}

/** Split at line feeds alone: JSON leaves other ends of lines (U+2028) as they are. */
async function* linesOf(file: string): AsyncIterable<string> {
  const source = createReadStream(file)
  const plain = createGunzip()
  source.on('error', (error) => plain.destroy(error))
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of source.pipe(plain)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    // Whoever stops reading before the end, or meets one that is damaged, leaves no file open.
    source.destroy()
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    // JSON of an object is a record.
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
