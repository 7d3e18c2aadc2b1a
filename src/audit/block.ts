import { constants, createInflate, deflateSync, inflateSync } from 'node:zlib'
import { sha256 } from './chain.ts'
import { accountOf } from './line.ts'
import type { Run } from './run.ts'

/** Records that were sealed, compressed, in the order of their chain; a digest tells their hash. */
export interface Block {
  /** The place of its last record. */
  readonly high: number
  readonly first: number
  readonly last: number
  readonly records: number
  /** The lines, deflated (RFC 1950), base64. */
  readonly body: string
  /** SHA-256 of `body`. */
  readonly content: string
  readonly pages: readonly Page[]
}

/** Says that an account has records in a block. */
export interface Page {
  /** The place of the account's last record in it. */
  readonly high: number
  readonly account: string
}

/** Characters of records in a block: deflate looks back over no more than 32 KB, and a reader inflates no more than it must. */
export const blockCharacters = 128 * 1024
/** Records in a block, at most, however short. */
const blockRecords = 256
/** No block that we write is larger. What inflates to more was not written by us. */
const inflatedMax = 64 * 1024 * 1024
const level = 6
/** Room for nearly every block, so that it comes out in one piece. */
const inflatedAtOnce = 192 * 1024

/** Whether these runs are enough for a block. */
export const filled = (characters: number, records: number): boolean =>
  characters >= blockCharacters || records >= blockRecords

/** Packs runs that follow one another. */
export function packed(runs: readonly Run[]): Block {
  const [first, last] = [runs[0], runs.at(-1)]
  if (first === undefined || last === undefined) throw new Error('a block of nothing')
  const text = runs.map((run) => run.body).join('\n')
  const body = deflateSync(text, { level }).toString('base64')
  const highs = new Map<string, number>()
  for (const { account, high } of runs) {
    // Behind the other accounts that were put in before, so that pages come in the order of their places.
    highs.delete(account)
    highs.set(account, high)
  }
  return {
    high: last.high,
    first: first.first,
    last: last.last,
    records: last.last - first.first + 1,
    body,
    content: sha256(body),
    pages: [...highs].map(([account, high]) => ({ high, account })),
  }
}

/** The lines of a block, as bytes. Throws where they are not what was packed. */
export const inflated = (body: string): Buffer =>
  inflateSync(Buffer.from(body, 'base64'), { maxOutputLength: inflatedMax, chunkSize: inflatedAtOnce })

/** The lines of an account in a block, newest first. */
export const linesOf = (text: string, account: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => accountOf(line) === account)
    .reverse()

/** As much of a damaged block as can be had: what comes out before the damage, and perhaps some of what it made of the rest. */
export function salvaged(body: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let bytes = 0
    const stream = createInflate({ chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH })
    const done = () => resolve(Buffer.concat(parts))
    stream.on('data', (part: Buffer) => {
      parts.push(part)
      bytes += part.length
      if (bytes > inflatedMax) stream.destroy()
    })
    stream.on('error', done)
    stream.on('close', done)
    stream.end(Buffer.from(body, 'base64'))
  })
}
