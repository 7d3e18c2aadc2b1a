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
  /** The lines in pieces, each deflated by itself (RFC 1950) and in base64, with `.` between them. */
  readonly body: string
  /** SHA-256 of `body`. */
  readonly content: string
  /** How many lines each piece has. */
  readonly lines: readonly number[]
  readonly pages: readonly Page[]
}

/** Says that an account has records in a block. */
export interface Page {
  /** The place of the account's last record in it. */
  readonly high: number
  readonly account: string
}

/** Characters of records in a block, about. */
export const blockCharacters = 128 * 1024
/** Records in a block, at most, however short. */
const blockRecords = 256
/** Bytes of records in a piece, about: whoever looks for one record inflates two of these. */
const pieceBytes = 16 * 1024
/** Pieces of a block are told by the bits of a byte; those of a large block are larger. */
export const piecesMax = 8
/** No block that we write is larger. What inflates to more was not written by us. */
const inflatedMax = 64 * 1024 * 1024
/**
 * Records are told from one another by ids, which nothing makes smaller: a higher level looks twice as long for what makes blocks a tenth
 * smaller.
 */
const level = 3
/** Room for nearly every piece, so that it comes out in one. */
const inflatedAtOnce = 32 * 1024
/** And for blocks of before there were pieces. */
const wholeAtOnce = 192 * 1024

/** Whether these runs are enough for a block. */
export const filled = (characters: number, records: number): boolean =>
  characters >= blockCharacters || records >= blockRecords

/** Packs runs that follow one another. */
export function packed(runs: readonly Run[]): Block {
  const [first, last] = [runs[0], runs.at(-1)]
  if (first === undefined || last === undefined) throw new Error('a block of nothing')
  const pieces = cut(Buffer.from(runs.map((run) => run.body).join('\n')))
  const body = deflated(pieces)
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
    lines: pieces.map(linesIn),
    pages: [...highs].map(([account, high]) => ({ high, account })),
  }
}

const lineFeed = 10

/**
 * What follows the first piece of a block is deflated with the first for a dictionary (RFC 1950, section 2.2): records are much alike,
 * so that pieces take hardly more room than the whole would, and each can be inflated without those between.
 */
function deflated([first = Buffer.alloc(0), ...more]: readonly Buffer[]): string {
  const rest = more.map((piece) => deflateSync(piece, { level, dictionary: first }))
  return [deflateSync(first, { level }), ...rest].map((piece) => piece.toString('base64')).join('.')
}

/** Pieces of whole lines; each but the last is as long as it must be for them to be no more than there may be. */
function cut(text: Buffer): readonly Buffer[] {
  const size = Math.max(pieceBytes, Math.ceil(text.length / piecesMax))
  const pieces: Buffer[] = []
  for (let start = 0; start < text.length; ) {
    const feed = text.length - start > size ? text.indexOf(lineFeed, start + size - 1) : -1
    const end = feed < 0 ? text.length : feed + 1
    pieces.push(text.subarray(start, end))
    start = end
  }
  return pieces
}

/** The last ends without a line feed. */
function linesIn(piece: Buffer): number {
  let lines = piece.at(-1) === lineFeed ? 0 : 1
  for (let at = piece.indexOf(lineFeed); at >= 0; at = piece.indexOf(lineFeed, at + 1)) lines++
  return lines
}

function inflatedPiece(piece: string, dictionary: Buffer | undefined, chunkSize: number): Buffer {
  const options = { maxOutputLength: inflatedMax, chunkSize, ...(dictionary && { dictionary }) }
  return inflateSync(Buffer.from(piece, 'base64'), options)
}

/** Lines of a block by the pieces that they are in, each inflated when it is asked for. */
export class Pieces {
  readonly #pieces: readonly string[]
  readonly #chunkSize: number
  #first: Buffer | undefined
  /** Bytes that were inflated. */
  inflated = 0

  constructor(body: string) {
    this.#pieces = body.split('.')
    if (this.#pieces.length > piecesMax) throw new Error('a block of too many pieces')
    this.#chunkSize = this.#pieces.length === 1 ? wholeAtOnce : inflatedAtOnce
  }

  get count(): number {
    return this.#pieces.length
  }

  /** The lines of a piece, as bytes. Throws where they are not what was packed. */
  at(index: number): Buffer {
    const piece = this.#pieces[index]
    if (piece === undefined) throw new Error('a block has no such piece')
    if (index === 0) return this.#dictionary()
    return this.#counted(inflatedPiece(piece, this.#dictionary(), this.#chunkSize))
  }

  /** The lines of each piece. Throws likewise. */
  lines(): readonly (readonly string[])[] {
    return Array.from({ length: this.count }, (_, index) => {
      const text = this.at(index).toString()
      return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
    })
  }

  #dictionary(): Buffer {
    this.#first ??= this.#counted(inflatedPiece(this.#pieces[0] ?? '', undefined, this.#chunkSize))
    return this.#first
  }

  #counted(bytes: Buffer): Buffer {
    this.inflated += bytes.length
    if (this.inflated > inflatedMax) throw new Error('a block of more than we write')
    return bytes
  }
}

/** The lines of a block, as bytes. Throws where they are not what was packed. */
export function inflated(body: string): Buffer {
  const pieces = new Pieces(body)
  if (pieces.count === 1) return pieces.at(0)
  return Buffer.concat(Array.from({ length: pieces.count }, (_, index) => pieces.at(index)))
}

/** The lines of an account in a block, newest first. */
export const linesOf = (text: string, account: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => accountOf(line) === account)
    .reverse()

/** As much of a damaged block as can be had: what comes out before the damage, and perhaps some of what it made of the rest. */
export async function salvaged(body: string): Promise<Buffer> {
  const [first = '', ...more] = body.split('.', piecesMax)
  const found = [await salvagedPiece(first, undefined)]
  for (const piece of more) found.push(await salvagedPiece(piece, found[0]))
  return Buffer.concat(found)
}

function salvagedPiece(piece: string, dictionary: Buffer | undefined): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let bytes = 0
    const stream = createInflate({
      chunkSize: 64,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(dictionary && { dictionary }),
    })
    const done = () => resolve(Buffer.concat(parts))
    stream.on('data', (part: Buffer) => {
      parts.push(part)
      bytes += part.length
      if (bytes > inflatedMax) stream.destroy()
    })
    stream.on('error', done)
    stream.on('close', done)
    stream.end(Buffer.from(piece, 'base64'))
  })
}
