import type { Row } from '../store/engine.ts'
import type { Evidence } from './evidence.ts'
import { Bad, whole } from './feed.ts'
import { covering, IndexAltered, soundHead, soundPart } from './indexer.ts'
import type { Signer } from './key.ts'

/** Segments of a chain, both included. */
interface Span {
  readonly first: number
  readonly last: number
}

/** What was found sound of a chain: the places of the last records of its blocks, and how many blocks there are up to each segment. */
export interface SoundBlocks {
  readonly highs: readonly number[]
  readonly to: readonly number[]
}

/** Segments that no file of the index covers. */
export const unindexedIn = (files: readonly Span[], segments: number): number =>
  covering(files, segments).gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0)

/**
 * The index by attributes is what we wrote, part for part, and over the blocks that there are: what it says follows from them
 * then. Without the private key that cannot be told. Throws `Bad`.
 */
export async function checkIndex(
  evidence: Evidence,
  node: string,
  files: readonly (Span & { readonly row: Row })[],
  sound: SoundBlocks,
  signer: Signer,
): Promise<void> {
  for (const { first, last, row } of files) {
    const file = { node, first, last }
    const wrong = (why: string) =>
      new Bad('index', `the index over segments ${first} to ${last} ${why}`, { segment: first })
    try {
      const { parts, blocks } = soundHead(row, file, signer)
      const due = sound.highs.slice(sound.to[first - 1], sound.to[last])
      if (blocks.length !== due.length || blocks.some(({ high }, at) => high !== due[at]))
        throw wrong('is over other blocks')
      for (let part = 0; part < parts; ) {
        const rows = await evidence.indexParts(first, last, part)
        if (rows.length === 0) throw new IndexAltered(file)
        for (const each of rows) {
          part++
          if (whole(each, 'part') !== part) throw new IndexAltered(file)
          soundPart(each, file, part, parts, signer)
        }
      }
    } catch (error) {
      throw error instanceof IndexAltered ? wrong('is not as it was written') : error
    }
  }
}
