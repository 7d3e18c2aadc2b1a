import type { Statements } from '../store/engine.ts'
import { inflated, salvaged } from './block.ts'
import { type Head, headText, sha256 } from './chain.ts'
import { checkIndex, unindexedIn } from './chain-index.ts'
import { ChainLines, type Refused } from './chain-lines.ts'
import type { Anchor, DigestBlock } from './digest.ts'
import { misplaced, unsignedBy } from './digest-check.ts'
import { type BlockRow, type DigestRow, Evidence } from './evidence.ts'
import { Bad, type Finding, whole, words } from './feed.ts'
import { type AuditPublicKey, type Signer, Verifier } from './key.ts'
import { places } from './run.ts'

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

/** What was read until now, over all chains. */
export interface Tally {
  records: number
  segments: number
  refusals: number
  unindexed: number
  bytes: number
}

/** Follows one chain from its first record to its head. */
export class ChainWalk {
  readonly #node: string
  readonly #means: Means
  readonly #anchor: Anchor | undefined
  readonly #tally: Tally
  readonly #evidence: Evidence
  readonly #verifier: Verifier
  readonly #lines: ChainLines
  #segment = 0
  #sealed = 0
  #signature = ''
  #anchored = false
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
    this.#lines = new ChainLines(node, tally)
  }

  summary(): ChainSummary {
    return {
      node: this.#node,
      records: this.#lines.sequence,
      segments: this.#segment,
      open: this.#lines.sequence - this.#sealed,
      from: this.#lines.from,
      until: this.#lines.until,
    }
  }

  async whole(): Promise<Omit<Finding, 'node'> | undefined> {
    try {
      for (let row = await this.#evidence.digests.take(); row !== undefined; row = await this.#evidence.digests.take())
        await this.#sealedSegment(row)
      const stray = await this.#evidence.blocks.peek()
      if (stray !== undefined)
        throw new Bad('digest', `the digest of segment ${this.#segment + 1} is missing`, {
          sequence: this.#lines.sequence + 1,
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
        ? { ...finding, sequence: this.#lines.sequence + 1 }
        : finding
    }
  }

  async #sealedSegment(row: DigestRow): Promise<void> {
    const segment = this.#segment + 1
    const first = this.#lines.sequence + 1
    const place = { sequence: first, segment }
    if (row.segment !== segment)
      throw new Bad('digest', `the digest of segment ${segment} is missing; the next there is ${row.segment}`, place)
    const { digest } = row
    const unsigned = unsignedBy(row, this.#verifier)
    this.#lines.segmentFrom = undefined
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
        sequence: this.#lines.sequence + 1,
        segment,
      })
    const wrong = misplaced(digest, {
      node: this.#node,
      segment,
      first,
      last: this.#lines.sequence,
      from: this.#lines.segmentFrom,
      until: this.#lines.until,
      previousSignature: this.#signature,
    })
    if (wrong !== undefined) throw new Bad('digest', `the digest of segment ${segment} ${wrong}`, place)
    this.#segment = segment
    this.#blocksTo.push(this.#highs.length)
    this.#sealed = this.#lines.sequence
    this.#signature = row.signature
    this.#tally.segments++
    if (this.#anchor?.segment === segment) this.#anchored = this.#anchor.signature === row.signature
  }

  async #block(row: BlockRow, sealed: DigestBlock | undefined): Promise<void> {
    const { segment } = row
    const first = this.#lines.sequence + 1
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
      this.#lines.read(await salvaged(row.body), segment, undefined)
      // What is damaged behind its last record is damaged at that one.
      const sequence = Math.min(this.#lines.sequence + 1, Math.max(row.last, first))
      throw new Bad('edited', `record ${sequence} cannot be read: its block is damaged`, { sequence, segment })
    }
    const highs = new Map<string, number>()
    const refusals = this.#lines.read(bytes, segment, highs)
    this.#highs.push(row.high)
    for (const refusal of refusals) await this.#refusal(refusal)
    if (this.#lines.sequence !== row.last || this.#lines.place !== row.high)
      throw new Bad('missing', `block ${row.block} does not end with its last record`, {
        sequence: this.#lines.sequence + 1,
        segment,
      })
    const whole = `records ${first} to ${row.last} are not those that were sealed`
    if (
      sealed !== undefined &&
      (sealed.hash !== this.#lines.hash || sealed.last !== row.last || sealed.high !== row.high)
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

  async #refusal({ sequence, place, account, requestId }: Refused): Promise<void> {
    const row = await this.#evidence.refusals.take()
    this.#tally.refusals++
    if (row?.place !== place || row.account !== account || row.requestId !== requestId)
      throw new Bad('index', `the index of refusals does not lead to record ${sequence}`, { sequence })
  }

  async #tail(): Promise<void> {
    const { runs } = this.#evidence
    for (let run = await runs.take(); run !== undefined; run = await runs.take()) {
      const first = this.#lines.sequence + 1
      if (run.first !== first)
        throw new Bad(run.first > first ? 'missing' : 'duplicate', `record ${first} is not there`, { sequence: first })
      const highs = new Map<string, number>()
      const refusals = this.#lines.read(Buffer.from(run.body), undefined, highs)
      for (const refusal of refusals) await this.#refusal(refusal)
      const [account] = highs.keys()
      if (
        this.#lines.sequence !== run.last ||
        this.#lines.place !== run.high ||
        highs.size !== 1 ||
        account !== run.account
      )
        throw new Bad('edited', `the row of records ${first} to ${this.#lines.sequence} is not as it was written`, {
          sequence: first,
        })
      this.#means.progress?.(this.#tally.bytes)
    }
  }

  /** The chain must end where its head says. */
  async #head(): Promise<void> {
    const row = await this.#evidence.head()
    const next = { sequence: this.#lines.sequence + 1 }
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
    if (head.sequence > this.#lines.sequence)
      throw new Bad('cut', `records ${next.sequence} to ${head.sequence} are missing at the end`, next)
    if (head.sequence < this.#lines.sequence)
      throw new Bad('extra', `the chain goes on after its last record ${head.sequence}`, {
        sequence: head.sequence + 1,
      })
    if (head.hash !== this.#lines.hash)
      throw new Bad('head', `the chain does not end with the hash of its head, at record ${head.sequence}`)
    if (head.number < Math.floor(this.#lines.place / places) || head.number !== (await this.#evidence.lastNumber()))
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

  async #index(): Promise<void> {
    const { signer } = this.#means
    const files = await this.#evidence.index()
    this.#tally.unindexed += unindexedIn(files, this.#segment)
    const sound = { highs: this.#highs, to: this.#blocksTo }
    if (signer !== undefined) await checkIndex(this.#evidence, this.#node, files, sound, signer)
  }

  /** The newest digest that was noted elsewhere must be among those that are here. */
  #atAnchor(): void {
    const anchor = this.#anchor
    if (anchor === undefined || this.#anchored) return
    if (anchor.segment > this.#segment)
      throw new Bad(
        'cut',
        `segments up to ${anchor.segment}, with records up to ${anchor.sequence}, were sealed and are not here`,
        { sequence: this.#lines.sequence + 1, segment: this.#segment + 1 },
      )
    throw new Bad('anchor', `segment ${anchor.segment} was sealed with another digest`, { segment: anchor.segment })
  }
}
