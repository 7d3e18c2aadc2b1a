import { hash } from 'node:crypto'

/** Where a chain stands. */
export interface Head {
  /** Records so far: the sequence of the last one, 0 where there is none yet. */
  readonly sequence: number
  /** Number of the last append: what its records' places are counted from. */
  readonly number: number
  /** The chain's hash after the last record. */
  readonly hash: string
  /** When it was last raised, in milliseconds since the epoch. */
  readonly at: number
}

/** SHA-256 of a text in UTF-8, as 43 characters of base64url. */
export const sha256 = (text: string): string => hash('sha256', text, 'base64url')

/** The same as 64 hex digits, which is how CloudTrail writes hashes. */
export const hexSha256 = (text: string): string => hash('sha256', text, 'hex')

/** The first forty bits of a text's SHA-256. */
export const fortyBits = (text: string): number => hash('sha256', text, 'buffer').readUIntBE(0, 5)

/** The hash before a chain's first record. It names the node, so that no chain passes for another's. */
export const genesis = (node: string): string => sha256(`rolecall audit chain 1\t${node}`)

/** The hash after a record, whose line follows the hash before it and a tab: `printf '%s\t%s' "$hash" "$line" | sha256sum`. */
export const linked = (previous: string, line: string): string => sha256(`${previous}\t${line}`)

/**
 * What a record's line begins with: the first nine bytes of the chain's hash after it. Enough to name the record at which a chain
 * breaks; that nothing was made up anew is what the whole hashes in digests and heads are for.
 */
export const markOf = (hash: string): string => hash.slice(0, markLength)
export const markLength = 12

export const emptyHead = (node: string): Head => ({ sequence: 0, number: 0, hash: genesis(node), at: 0 })

/** What the authentication code of a head is computed over. */
export const headText = (node: string, { sequence, number, hash, at }: Head): string =>
  `rolecall audit head 1\t${node}\t${sequence}\t${number}\t${hash}\t${at}`

/** The same of the mark that a batch was delivered. */
export const movedText = (batch: string, node: string): string => `rolecall audit moved 1\t${batch}\t${node}`

const hashLength = 43
const tab = 9

/** Follows a chain over bytes as they were inflated, without making a text of every record. */
export class Follower {
  #hash: string
  #scratch = Buffer.alloc(128 * 1024)

  constructor(hash: string) {
    this.#hash = hash
  }

  get hash(): string {
    return this.#hash
  }

  /** Takes a line without its mark, which stands in `bytes` from `start` to `end`, and says whether the mark is the right one. */
  follows(bytes: Buffer, mark: string, start: number, end: number): boolean {
    const length = hashLength + 1 + end - start
    if (this.#scratch.length < length) this.#scratch = Buffer.alloc(length * 2)
    this.#scratch.write(this.#hash, 0, 'latin1')
    this.#scratch[hashLength] = tab
    bytes.copy(this.#scratch, hashLength + 1, start, end)
    this.#hash = hash('sha256', this.#scratch.subarray(0, length), 'base64url')
    return this.#hash.startsWith(mark)
  }
}
