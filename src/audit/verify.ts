import type { Engine, Statements } from '../store/engine.ts'
import { inflated, salvaged } from './block.ts'
import { Follower, genesis, type Head, headText, markLength, movedText, sha256 } from './chain.ts'
import { type Anchor, type Digest, type DigestBlock, signedText } from './digest.ts'
import { type BlockRow, type DigestRow, Evidence, marksOf, nodesOf, schemaOf } from './evidence.ts'
import { Bad, type Finding, whole, words } from './feed.ts'
import { covering, IndexAltered, soundHead, soundPart } from './indexer.ts'
import { type AuditPublicKey, type Signer, Verifier } from './key.ts'
import { places } from './run.ts'
import { migrations } from './sql.ts'

/** What is at hand to hold the trail against. Whatever is not is not checked, and the summary says so. */
export interface Means {
  /** Keys that digests may be signed with. Without any, signatures are not checked. */
  readonly keys: readonly AuditPublicKey[]
  /** The private keys: what shows that chains end where they did, and were not cut since their last digest. */
  readonly signer?: Signer
  /** Digests as they were noted elsewhere. */
  readonly anchors?: readonly Anchor[]
  /** Told now and then how many bytes of records were read. */
  readonly progress?: (bytes: number) => void
}

export interface ChainSummary {
  readonly node: string
  readonly records: number
  readonly segments: number
  /** Records that are not sealed yet. */
  readonly open: number
  /** When the first and last record happened, as they say: milliseconds since the epoch. */
  readonly from: number | undefined
  readonly until: number | undefined
}

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

interface Tally {
  records: number
  segments: number
  refusals: number
  unindexed: number
  bytes: number
}

const tab = 9
const lineFeed = 10

/** Follows one chain from its first record to its head. */
class ChainWalk {
  readonly #node: string
  readonly #means: Means
  readonly #anchor: Anchor | undefined
  readonly #tally: Tally
  readonly #evidence: Evidence
  readonly #verifier: Verifier
  readonly #follower: Follower
  #sequence = 0
  #place = -1
  #segment = 0
  #sealed = 0
  #signature = ''
  #anchored = false
  #from: number | undefined
  #segmentFrom: number | undefined
  #until: number | undefined
  /** Places of the last records of its blocks, and how many blocks there are up to each segment. */
  readonly #highs: number[] = []
  readonly #blocksTo: number[] = [0]

  constructor(reading: Pick<Statements, 'all'>, node: string, means: Means, anchor: Anchor | undefined, tally: Tally) {
    this.#node = node
    this.#means = means
    this.#anchor = anchor
    this.#tally = tally
    this.#evidence = new Evidence(reading, node)
    this.#verifier = new Verifier(means.keys)
    this.#follower = new Follower(genesis(node))
  }

  summary(): ChainSummary {
    return {
      node: this.#node,
      records: this.#sequence,
      segments: this.#segment,
      open: this.#sequence - this.#sealed,
      from: this.#from,
      until: this.#until,
    }
  }

  async whole(): Promise<Omit<Finding, 'node'> | undefined> {
    try {
      for (let row = await this.#evidence.digests.take(); row !== undefined; row = await this.#evidence.digests.take())
        await this.#sealedSegment(row)
      const stray = await this.#evidence.blocks.peek()
      if (stray !== undefined)
        throw new Bad('digest', `the digest of segment ${this.#segment + 1} is missing`, {
          sequence: this.#sequence + 1,
          segment: this.#segment + 1,
        })
      this.#atAnchor()
      await this.#tail()
      await this.#head()
      await this.#strays()
      await this.#index()
      return undefined
    } catch (error) {
      if (!(error instanceof Bad)) throw error
      // Whatever cannot even be read stands where the next record should.
      const { finding } = error
      return finding.what === 'unreadable' && finding.sequence === undefined
        ? { ...finding, sequence: this.#sequence + 1 }
        : finding
    }
  }

  async #sealedSegment(row: DigestRow): Promise<void> {
    const segment = this.#segment + 1
    const first = this.#sequence + 1
    const place = { sequence: first, segment }
    if (row.segment !== segment)
      throw new Bad('digest', `the digest of segment ${segment} is missing; the next there is ${row.segment}`, place)
    const { digest } = row
    const unsigned = this.#unsigned(row)
    this.#segmentFrom = undefined
    let index = 0
    for (; ; index++) {
      const block = await this.#evidence.blocks.peek()
      if (block === undefined || block.segment !== segment || block.block !== index + 1) break
      await this.#evidence.blocks.take()
      await this.#block(block, unsigned === undefined ? digest?.blocks[index] : undefined)
    }
    if (digest === undefined) throw new Bad('digest', `the digest of segment ${segment} is none`, place)
    if (unsigned !== undefined) throw new Bad('unsigned', unsigned, place)
    if (index < digest.blocks.length)
      throw new Bad('missing', `block ${index + 1} of segment ${segment} is missing`, {
        sequence: this.#sequence + 1,
        segment,
      })
    this.#holds(digest, place)
    this.#segment = segment
    this.#blocksTo.push(this.#highs.length)
    this.#sealed = this.#sequence
    this.#signature = row.signature
    this.#tally.segments++
    if (this.#anchor?.segment === segment) this.#anchored = this.#anchor.signature === row.signature
  }

  /** What is wrong with a digest's signature. */
  #unsigned({ segment, body, signature, digest }: DigestRow): string | undefined {
    if (digest === undefined || this.#verifier.size === 0) return undefined
    if (!this.#verifier.knows(digest.key)) return `the digest of segment ${segment} is signed with an unknown key`
    if (this.#verifier.verifies(digest.key, signedText(body), signature)) return undefined
    return `the digest of segment ${segment} does not have the signature of its key`
  }

  #holds(digest: Digest, place: { sequence: number; segment: number }): void {
    const wrong =
      digest.node !== this.#node
        ? 'is that of another chain'
        : digest.segment !== place.segment
          ? 'is that of another segment'
          : digest.previousSignature !== this.#signature
            ? 'does not follow the one before'
            : digest.first !== place.sequence ||
                digest.last !== this.#sequence ||
                digest.from !== this.#segmentFrom ||
                digest.until !== this.#until
              ? 'tells of other records'
              : undefined
    if (wrong !== undefined) throw new Bad('digest', `the digest of segment ${place.segment} ${wrong}`, place)
  }

  async #block(row: BlockRow, sealed: DigestBlock | undefined): Promise<void> {
    const { segment } = row
    const first = this.#sequence + 1
    const place = { sequence: first, segment }
    if (row.first !== first)
      throw new Bad(
        row.first > first ? 'missing' : 'duplicate',
        `block ${row.block} does not begin with record ${first}`,
        place,
      )
    let bytes: Buffer | undefined
    try {
      bytes = inflated(row.body)
    } catch {
      this.#lines(await salvaged(row.body), segment, undefined)
      // What is damaged behind its last record is damaged at that one.
      const sequence = Math.min(this.#sequence + 1, Math.max(row.last, first))
      throw new Bad('edited', `record ${sequence} cannot be read: its block is damaged`, { sequence, segment })
    }
    const highs = new Map<string, number>()
    const refusals = this.#lines(bytes, segment, highs)
    this.#highs.push(row.high)
    for (const refusal of refusals) await this.#refusal(refusal)
    if (this.#sequence !== row.last || this.#place !== row.high)
      throw new Bad('missing', `block ${row.block} does not end with its last record`, {
        sequence: this.#sequence + 1,
        segment,
      })
    const whole = `records ${first} to ${row.last} are not those that were sealed`
    if (
      sealed !== undefined &&
      (sealed.hash !== this.#follower.hash || sealed.last !== row.last || sealed.high !== row.high)
    )
      throw new Bad('edited', whole, place)
    if (sealed !== undefined && sealed.content !== sha256(row.body))
      throw new Bad('edited', `the block of records ${first} to ${row.last} is not the one that was sealed`, place)
    for (const [account, high] of highs) {
      const page = await this.#evidence.pages.take()
      if (page?.high !== high || page.account !== account || page.block !== row.high)
        throw new Bad('index', `the index does not lead to the records of account ${account} in the block`, place)
    }
    this.#means.progress?.(this.#tally.bytes)
  }

  /** Reads the lines of a block or a run; answers with the refusals in it. */
  #lines(bytes: Buffer, segment: number | undefined, highs: Map<string, number> | undefined): readonly Found[] {
    const refusals: Found[] = []
    for (let start = 0; start <= bytes.length; ) {
      let end = bytes.indexOf(lineFeed, start)
      if (end < 0) end = bytes.length
      const refusal = this.#line(bytes, start, end, segment, highs)
      if (refusal !== undefined) refusals.push(refusal)
      start = end + 1
    }
    this.#tally.bytes += bytes.length
    return refusals
  }

  #line(
    bytes: Buffer,
    start: number,
    end: number,
    segment: number | undefined,
    highs: Map<string, number> | undefined,
  ): Found | undefined {
    const due = this.#sequence + 1
    const at = segment === undefined ? { sequence: due } : { sequence: due, segment }
    const fields = new Fields(bytes, start, end)
    const mark = fields.text()
    const body = fields.at
    const sequence = fields.number()
    const follows = mark.length === markLength && this.#follower.follows(bytes, mark, body, end)
    if (!follows) throw new Bad(...this.#told(bytes, start, sequence, due), at)
    const place = fields.number()
    const account = fields.text()
    const time = fields.number()
    fields.text()
    const requestId = fields.at
    fields.text()
    const requestEnd = fields.at - 1
    if (sequence !== due || place <= this.#place || fields.at > end)
      throw new Bad('edited', `record ${due} is not where it belongs`, at)
    this.#sequence = due
    this.#place = place
    this.#from ??= time
    this.#segmentFrom ??= time
    this.#until = time
    this.#tally.records++
    // Behind the others, so that they come in the order of their last records.
    highs?.delete(account)
    highs?.set(account, place)
    const event = bytes.indexOf(tab, fields.at)
    // An explanation that is empty stands before a session.
    if (event < 0 || event >= end || bytes[event + 1] === tab) return undefined
    return { sequence: due, place, account, requestId: bytes.toString('utf8', requestId, requestEnd) }
  }

  /** Why a record does not follow the one before. */
  #told(
    bytes: Buffer,
    start: number,
    sequence: number,
    due: number,
  ): ['edited' | 'missing' | 'reordered' | 'duplicate', string] {
    const instead = `what stands in its place says that it is record ${sequence}`
    if (sequence === due || !(sequence > 0)) return ['edited', `record ${due} is not as it was written`]
    if (sequence < due) return ['duplicate', `record ${due} is not there: ${instead}`]
    const later = bytes.indexOf(`\t${due}\t`, start + markLength)
    const moved = later >= 0 && bytes.lastIndexOf(lineFeed, later) === later - markLength - 1
    return [moved ? 'reordered' : 'missing', `record ${due} is not there: ${instead}`]
  }

  async #refusal({ sequence, place, account, requestId }: Found): Promise<void> {
    const row = await this.#evidence.refusals.take()
    this.#tally.refusals++
    if (row?.place !== place || row.account !== account || row.requestId !== requestId)
      throw new Bad('index', `the index of refusals does not lead to record ${sequence}`, { sequence })
  }

  async #tail(): Promise<void> {
    const { runs } = this.#evidence
    for (let run = await runs.take(); run !== undefined; run = await runs.take()) {
      const first = this.#sequence + 1
      if (run.first !== first)
        throw new Bad(run.first > first ? 'missing' : 'duplicate', `record ${first} is not there`, { sequence: first })
      const highs = new Map<string, number>()
      const refusals = this.#lines(Buffer.from(run.body), undefined, highs)
      for (const refusal of refusals) await this.#refusal(refusal)
      const [account] = highs.keys()
      if (this.#sequence !== run.last || this.#place !== run.high || highs.size !== 1 || account !== run.account)
        throw new Bad('edited', `the row of records ${first} to ${this.#sequence} is not as it was written`, {
          sequence: first,
        })
      this.#means.progress?.(this.#tally.bytes)
    }
  }

  /** The chain must end where its head says. */
  async #head(): Promise<void> {
    const row = await this.#evidence.head()
    const next = { sequence: this.#sequence + 1 }
    if (row === undefined) throw new Bad('head', 'the chain has no head')
    const head: Head = {
      sequence: whole(row, 'sequence'),
      number: whole(row, 'number'),
      hash: words(row, 'hash'),
      at: whole(row, 'at'),
    }
    const { signer } = this.#means
    const ours = signer === undefined || signer.coded(headText(this.#node, head), words(row, 'mac'))
    if (!ours) throw new Bad('head', `the head, at record ${head.sequence}, was not written with our key`)
    if (head.sequence > this.#sequence)
      throw new Bad('cut', `records ${next.sequence} to ${head.sequence} are missing at the end`, next)
    if (head.sequence < this.#sequence)
      throw new Bad('extra', `the chain goes on after its last record ${head.sequence}`, {
        sequence: head.sequence + 1,
      })
    if (head.hash !== this.#follower.hash)
      throw new Bad('head', `the chain does not end with the hash of its head, at record ${head.sequence}`)
    if (head.number < Math.floor(this.#place / places) || head.number !== (await this.#evidence.lastNumber()))
      throw new Bad('head', 'the number of the last append is not the one of the head')
  }

  async #strays(): Promise<void> {
    const below = await this.#evidence.below()
    if (below !== undefined) throw new Bad('extra', `${below} has a row below the first`)
    const page = await this.#evidence.pages.peek()
    if (page !== undefined) throw new Bad('index', `the index has a page more than there is, for ${page.account}`)
    const refusal = await this.#evidence.refusals.peek()
    if (refusal !== undefined)
      throw new Bad('index', `the index has a refusal more than there is, request ${refusal.requestId}`)
  }

  /**
   * The index by attributes is what we wrote, part for part, and over the blocks that there are: what it says follows from them
   * then. Without the private key that cannot be told.
   */
  async #index(): Promise<void> {
    const { signer } = this.#means
    const files = await this.#evidence.index()
    for (const { first, last } of covering(files, this.#segment).gaps) this.#tally.unindexed += last - first + 1
    if (signer === undefined) return
    for (const { first, last, row } of files) {
      const file = { node: this.#node, first, last }
      const wrong = (why: string) =>
        new Bad('index', `the index over segments ${first} to ${last} ${why}`, { segment: first })
      try {
        const { parts, blocks } = soundHead(row, file, signer)
        const due = this.#highs.slice(this.#blocksTo[first - 1], this.#blocksTo[last])
        if (blocks.length !== due.length || blocks.some(({ high }, at) => high !== due[at]))
          throw wrong('is over other blocks')
        for (let part = 0; part < parts; ) {
          const rows = await this.#evidence.indexParts(first, last, part)
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

  /** The newest digest that was noted elsewhere must be among those that are here. */
  #atAnchor(): void {
    const anchor = this.#anchor
    if (anchor === undefined || this.#anchored) return
    if (anchor.segment > this.#segment)
      throw new Bad(
        'cut',
        `segments up to ${anchor.segment}, with records up to ${anchor.sequence}, were sealed and are not here`,
        { sequence: this.#sequence + 1, segment: this.#segment + 1 },
      )
    throw new Bad('anchor', `segment ${anchor.segment} was sealed with another digest`, { segment: anchor.segment })
  }
}

interface Found {
  readonly sequence: number
  readonly place: number
  readonly account: string
  readonly requestId: string
}

/** Fields of a line, one after the other, up to the tab or the end. */
class Fields {
  readonly #bytes: Buffer
  readonly #end: number
  at: number

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.at = start
    this.#end = end
  }

  text(): string {
    const start = this.at
    let end = start
    while (end < this.#end && this.#bytes[end] !== tab) end++
    this.at = end + 1
    return this.#bytes.toString('latin1', start, end)
  }

  /** NaN where it is none. */
  number(): number {
    let value = 0
    let at = this.at
    for (; at < this.#end; at++) {
      const byte = this.#bytes[at] ?? 0
      if (byte === tab) break
      value = byte < 0x30 || byte > 0x39 ? Number.NaN : value * 10 + byte - 0x30
    }
    this.at = at + 1
    return value
  }
}
