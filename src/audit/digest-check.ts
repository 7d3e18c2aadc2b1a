import { type Digest, signedText } from './digest.ts'
import type { DigestRow } from './evidence.ts'
import type { Verifier } from './key.ts'

/** What is wrong with a digest's signature. Of what is no digest, and without keys, nothing can be said. */
export function unsignedBy({ segment, body, signature, digest }: DigestRow, verifier: Verifier): string | undefined {
  if (digest === undefined || verifier.size === 0) return undefined
  if (!verifier.knows(digest.key)) return `the digest of segment ${segment} is signed with an unknown key`
  if (verifier.verifies(digest.key, signedText(body), signature)) return undefined
  return `the digest of segment ${segment} does not have the signature of its key`
}

/** What a digest must say of the records that were read. */
export interface Due extends Pick<Digest, 'node' | 'segment' | 'first' | 'last' | 'previousSignature'> {
  readonly from: number | undefined
  readonly until: number | undefined
}

/** What a digest says that is not so of the chain, place and records that it stands for. */
export function misplaced(digest: Digest, due: Due): string | undefined {
  if (digest.node !== due.node) return 'is that of another chain'
  if (digest.segment !== due.segment) return 'is that of another segment'
  if (digest.previousSignature !== due.previousSignature) return 'does not follow the one before'
  const others =
    digest.first !== due.first || digest.last !== due.last || digest.from !== due.from || digest.until !== due.until
  return others ? 'tells of other records' : undefined
}
