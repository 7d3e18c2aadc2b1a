/** What is signed of a segment: everything that its records and blocks must be, and the digest before it. */
export interface Digest {
  readonly node: string
  /** Segments of a chain are counted from 1. */
  readonly segment: number
  /** Sequences of the first and last record. */
  readonly first: number
  readonly last: number
  /** When they happened, as they say: milliseconds since the epoch. */
  readonly from: number
  readonly until: number
  /** When the segment was sealed. */
  readonly sealed: number
  /** The chain's hash before the first record. */
  readonly previousHash: string
  readonly blocks: readonly DigestBlock[]
  /** Signature of the digest before, empty for the first. */
  readonly previousSignature: string
  /** Id of the key that it is signed with. */
  readonly key: string
}

export interface DigestBlock {
  /** Sequence and place of its last record. */
  readonly last: number
  readonly high: number
  /** The chain's hash after its last record. */
  readonly hash: string
  /** SHA-256 of the block's body. */
  readonly content: string
}

/** The newest digest of a chain, as it is kept outside of the database that it speaks of. */
export interface Anchor {
  readonly node: string
  readonly segment: number
  /** Sequence of the last record that is sealed. */
  readonly sequence: number
  readonly hash: string
  readonly signature: string
}

/** What stands in front of a digest where it is signed, so that no signature made for anything else is one of a digest. */
const purpose = 'rolecall audit digest 1\n'

export const signedText = (body: string): string => purpose + body

/** One digest has one text. */
export const digestText = (digest: Digest): string =>
  JSON.stringify({
    node: digest.node,
    segment: digest.segment,
    first: digest.first,
    last: digest.last,
    from: digest.from,
    until: digest.until,
    sealed: digest.sealed,
    previousHash: digest.previousHash,
    blocks: digest.blocks.map(({ last, high, hash, content }) => ({ last, high, hash, content })),
    previousSignature: digest.previousSignature,
    key: digest.key,
  })

/** Reads what `digestText` wrote; `undefined` for anything else. */
export function digestOf(text: string): Digest | undefined {
  try {
    // Whatever it is: only what writes itself again in the same text is a digest.
    const digest = JSON.parse(text) as Digest
    const numbers = [digest.segment, digest.first, digest.last, digest.from, digest.until, digest.sealed]
    const sound = numbers.every(Number.isSafeInteger) && digest.blocks.length > 0 && digestText(digest) === text
    return sound ? digest : undefined
  } catch {
    return undefined
  }
}

/** The chain's hash after the last record of a segment. */
export const lastHash = ({ blocks, previousHash }: Digest): string => blocks.at(-1)?.hash ?? previousHash

export const anchorOf = (digest: Digest, signature: string): Anchor => ({
  node: digest.node,
  segment: digest.segment,
  sequence: digest.last,
  hash: lastHash(digest),
  signature,
})
