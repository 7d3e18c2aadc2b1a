import type { Engine, Statements } from '../store/engine.ts'
import { movedText } from './chain.ts'
import { type ChainSummary, ChainWalk, type Means } from './chain-walk.ts'
import { marksOf, nodesOf, schemaOf } from './evidence.ts'
import type { Finding } from './feed.ts'
import type { Signer } from './key.ts'
import { migrations } from './sql.ts'

export interface Verdict {
  /** The first of every chain; none where everything is as it was written. */
  readonly findings: readonly Finding[]
  /** Of each chain as far as it is sound. */
  readonly chains: readonly ChainSummary[]
  readonly records: number
  readonly segments: number
  readonly refusals: number
  /** Sealed segments that the index by attributes does not cover: nothing is looked up until it does. */
  readonly unindexed: number
  /** Bytes of records, uncompressed. */
  readonly bytes: number
  /** `index`: whether the index by attributes was held against its codes. */
  readonly checked: {
    readonly signatures: boolean
    readonly heads: boolean
    readonly index: boolean
    readonly anchors: number
  }
}

/**
 * Reads a whole trail and holds every byte of it against chains, digests, signatures and anchors. Writes nothing, and may be run
 * beside a running authority: everything is read as of one instant. Rejects only where the database cannot be read at all.
 */
export function verify(engine: Engine, means: Means): Promise<Verdict> {
  return engine.snapshot(async (reading) => {
    const tally = { records: 0, segments: 0, refusals: 0, unindexed: 0, bytes: 0 }
    const findings: Finding[] = []
    const { version, due } = await readableSchema(reading, engine)
    if (version !== String(due))
      findings.push({
        node: '',
        what: 'unreadable',
        detail: `the trail's tables are of version ${version}, not ${due}`,
      })
    const chains: ChainSummary[] = []
    const anchors = new Map((means.anchors ?? []).map((anchor) => [anchor.node, anchor]))
    const { nodes, odd } = await nodesOf(reading)
    if (odd) findings.push({ node: '', what: 'unreadable', detail: 'there are rows that name no chain' })
    for (const node of new Set([...nodes, ...anchors.keys()])) {
      const walk = new ChainWalk(reading, node, means, anchors.get(node), tally)
      const finding = await walk.whole()
      if (finding !== undefined) findings.push({ node, ...finding })
      chains.push(walk.summary())
    }
    if (means.signer !== undefined) findings.push(...(await badMarks(reading, means.signer)))
    const hasPrivate = means.signer !== undefined
    const checked = { signatures: means.keys.length > 0, heads: hasPrivate, index: hasPrivate, anchors: anchors.size }
    return { findings, chains, ...tally, checked }
  })
}

/** The version of the trail's tables, and ours. Throws where they are of another rolecall, in words for who typed a command. */
export async function readableSchema(
  reading: Pick<Statements, 'all'>,
  { dialect }: Pick<Engine, 'dialect'>,
): Promise<{ readonly version: string; readonly due: number }> {
  const version = await schemaOf(reading)
  const due = migrations(dialect).length
  if (Number(version) > due)
    throw new Error(
      `the trail was written by a newer rolecall (audit ${version}, this one reads up to ${due}): upgrade rolecall`,
    )
  if (Number(version) < due)
    throw new Error(
      `the trail was written by an older rolecall (audit ${version}, this one reads ${due}): start this one once, and it is walked forward`,
    )
  return { version, due }
}

/** Marks of batches that somebody else made. */
async function badMarks(reading: Pick<Statements, 'all'>, signer: Signer): Promise<readonly Finding[]> {
  const bad = (await marksOf(reading)).find(
    ({ batch, node, mac }) => !signer.coded(movedText(String(batch), String(node)), String(mac)),
  )
  if (bad === undefined) return []
  const detail = `batch ${String(bad.batch)} was marked as delivered by somebody else`
  return [{ node: String(bad.node), what: 'mark', detail }]
}
