import type { Statements } from '../store/engine.ts'
import { numberOf } from '../store/row.ts'
import type { IndexHead } from './index-file.ts'
import { covering, IndexAltered, soundHead } from './indexer.ts'
import type { Signer } from './key.ts'
import { sql } from './sql.ts'

/** Segments of a chain that lie behind one another, both included. */
export interface Segments {
  readonly first: number
  readonly last: number
}

/**
 * Which sealed segments of each chain may hold records of a time: at `from` or later, and before `to`, in milliseconds since the
 * epoch. The times are those of the records, so a segment of late ones is among them. INVARIANT: no segment is left out that holds
 * one. What the index does not cover, or was altered there, and what could not be read when it was indexed, may hold anything.
 * Chains without a sealed segment are not told of, and what is open is to be read in any case.
 */
export async function segmentsWithin(
  reading: Pick<Statements, 'all'>,
  signer: Signer,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<string, readonly Segments[]>> {
  const found = new Map<string, readonly Segments[]>()
  for (const { node, segment } of await reading.all(sql.sealedTo)) {
    if (segment === null) continue
    const chain = String(node)
    const rows = await reading.all(sql.indexFilesOf, [chain])
    const listed = rows.map((row) => ({ first: numberOf(row, 'first'), last: numberOf(row, 'last') }))
    const { files, gaps } = covering(listed, Number(segment))
    const held: Segments[] = [...gaps]
    for (const { first, last } of files) {
      const head = await headIfSound(reading, signer, { node: chain, first, last })
      if (head?.segments.length === last - first + 1)
        for (const at of segmentsIn(head, from, to)) held.push({ first: first + at, last: first + at })
      else held.push({ first, last })
    }
    found.set(chain, joined(held))
  }
  return found
}

async function headIfSound(
  reading: Pick<Statements, 'all'>,
  signer: Signer,
  file: { readonly node: string } & Segments,
): Promise<IndexHead | undefined> {
  const [row] = await reading.all(sql.indexHead, [file.node, file.first, file.last])
  try {
    return soundHead(row, file, signer)
  } catch (error) {
    if (error instanceof IndexAltered) return undefined
    throw error
  }
}

/** Which of a file's segments, counted from the first that it covers. */
function* segmentsIn({ segments, blocks }: IndexHead, from: number, to: number): Iterable<number> {
  let next = 0
  for (const [at, segment] of segments.entries()) {
    const own = blocks.slice(next, next + segment.blocks)
    next += segment.blocks
    if (!segment.whole || own.some((block) => block.from < to && block.until >= from)) yield at
  }
}

/** In their order; neighbours become one. */
function joined(segments: readonly Segments[]): readonly Segments[] {
  const found: Segments[] = []
  for (const { first, last } of [...segments].sort((a, b) => a.first - b.first)) {
    const before = found.at(-1)
    if (before !== undefined && before.last + 1 >= first) found[found.length - 1] = { first: before.first, last }
    else found.push({ first, last })
  }
  return found
}
