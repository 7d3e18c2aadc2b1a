import type { Engine, Statements } from '../store/engine.ts'
import { inflated, salvaged } from './block.ts'
import { Follower, genesis, type Head, headText, markLength, movedText, sha256 } from './chain.ts'
import { type Anchor, type Digest, type DigestBlock, signedText } from './digest.ts'
import { type BirthRow, type BlockRow, type DigestRow, Evidence, marksOf, nodesOf, schemaOf } from './evidence.ts'
import { Bad, type Finding, whole, words } from './feed.ts'
import { type AuditPublicKey, type Signer, Verifier } from './key.ts'
import { type Minted, mintedIn } from './minted.ts'
import { birthLine, places } from './run.ts'
import { migrations } from './sql.ts'

/** What is at hand to hold the trail against. Whatever is not is not checked, and the summary says so. */
export interface Means {
  /** Keys that digests may be signed with. Without any, signatures are not checked. */
  readonly keys: readonly AuditPublicKey[]
  /** The private keys: what shows that chains end where they did, and were not cut since their last digest. */
  readonly signer?: Signer
  /** What the time is, in milliseconds since the epoch: the index must lead to every session that has not ended by then. */
  readonly now?: number
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
  /** Bytes of records, uncompressed. */
  readonly bytes: number
  readonly checked: { readonly signatures: boolean; readonly heads: boolean; readonly anchors: number }
}

/**
 * Reads a whole trail and holds every byte of it against chains, digests, signatures and anchors. Writes nothing, and may be run
 * beside a running authority: everything is read as of one instant. Rejects only where the database cannot be read at all.
 */
export function verify(engine: Engine, means: Means): Promise<Verdict> {
  return engine.snapshot(async (reading) => {
    const tally = { records: 0, segments: 0, refusals: 0, bytes: 0, latest: 0 }
    const findings: Finding[] = []
    const version = await schemaOf(reading)
    const due = migrations(engine.dialect).length
    if (Number(version) > due)
      throw new Error(
        `the trail was written by a newer rolecall (audit ${version}, this one reads up to ${due}): upgrade rolecall`,
      )
    if (version !== String(due))
      findings.push({
        node: '',
        what: 'unreadable',
        detail: `the trail's tables are of version ${version}, not ${due}`,
      })
    const chains: ChainSummary[] = []
    const unindexed: (Unindexed & { readonly node: string })[] = []
    const anchors = new Map((means.anchors ?? []).map((anchor) => [anchor.node, anchor]))
    const { nodes, odd } = await nodesOf(reading)
    if (odd) findings.push({ node: '', what: 'unreadable', detail: 'there are rows that name no chain' })
    for (const node of new Set([...nodes, ...anchors.keys()])) {
      const walk = new ChainWalk(reading, node, means, anchors.get(node), tally)
      const finding = await walk.whole()
      if (finding !== undefined) findings.push({ node, ...finding })
      else if (walk.unindexed !== undefined) unindexed.push({ node, ...walk.unindexed })
      chains.push(walk.summary())
    }
    // What a clock took to have ended, be it wrongly, is not in the index any more: records of that time tell that it did.
    for (const { node, sequence, expires } of unindexed)
      if (expires > Math.max(means.now ?? Number.POSITIVE_INFINITY, tally.latest))
        findings.push({ node, sequence, what: 'index', detail: unledTo(sequence) })
    if (means.signer !== undefined) findings.push(...(await badMarks(reading, means.signer)))
    const checked = { signatures: means.keys.length > 0, heads: means.signer !== undefined, anchors: anchors.size }
    const { latest: _, ...sums } = tally
    return { findings, chains, ...sums, checked }
  })
}

const unledTo = (sequence: number): string => `the index of sessions does not lead to record ${sequence}`

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
  bytes: number
  /** The time of the latest record of any chain. */
  latest: number
}

/** A session that the index does not lead to, and when it ends. */
interface Unindexed {
  readonly sequence: number
  readonly expires: number
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
  /** Of the row of the index of sessions that was read last, what was not passed yet. */
  #births: readonly Birth[] = []
  /** Of those that the index does not lead to, the one that ends last. */
  unindexed: Unindexed | undefined

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
      throw new Bad('edited', `record ${this.#sequence + 1} cannot be read: its block is damaged`, {
        sequence: Math.min(this.#sequence + 1, Math.max(row.last, first)),
        segment,
      })
    }
    const highs = new Map<string, number>()
    for (const found of this.#lines(bytes, segment, highs)) await this.#indexed(found)
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

  /** Reads the lines of a block or a run; answers with what an index must lead to. */
  #lines(bytes: Buffer, segment: number | undefined, highs: Map<string, number> | undefined): readonly Found[] {
    const found: Found[] = []
    for (let start = 0; start <= bytes.length; ) {
      let end = bytes.indexOf(lineFeed, start)
      if (end < 0) end = bytes.length
      const one = this.#line(bytes, start, end, segment, highs)
      if (one !== undefined) found.push(one)
      start = end + 1
    }
    this.#tally.bytes += bytes.length
    return found
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
    this.#tally.latest = Math.max(this.#tally.latest, time)
    this.#tally.records++
    // Behind the others, so that they come in the order of their last records.
    highs?.delete(account)
    highs?.set(account, place)
    const event = bytes.indexOf(tab, fields.at)
    if (event < 0 || event >= end) return undefined
    // An explanation that is empty stands before a session.
    const minted = bytes[event + 1] === tab ? mintedIn(bytes.toString('utf8', event, end)) : undefined
    return { sequence: due, place, account, requestId: bytes.toString('utf8', requestId, requestEnd), minted }
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

  async #indexed(found: Found): Promise<void> {
    if (found.minted === undefined) await this.#refusal(found)
    else await this.#birth(found, found.minted)
  }

  /** A row stays until all of its sessions have ended: one that has may be missing, which is judged when all times are known. */
  async #birth({ sequence, place, account }: Found, minted: Minted): Promise<void> {
    const next = await this.#nextBirth()
    if (next?.place === place) {
      this.#births = this.#births.slice(1)
      if (next.account === account && next.line === birthLine(minted, account, place)) return
    } else if (next === undefined || next.place > place) {
      if (minted.expiresAt > (this.unindexed?.expires ?? 0)) this.unindexed = { sequence, expires: minted.expiresAt }
      return
    }
    throw new Bad('index', unledTo(sequence), { sequence })
  }

  /** The next session that the index has. */
  async #nextBirth(): Promise<Birth | undefined> {
    if (this.#births.length === 0) {
      const row = await this.#evidence.births.take()
      if (row !== undefined) this.#births = birthsIn(row)
    }
    return this.#births[0]
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
      for (const found of this.#lines(Buffer.from(run.body), undefined, highs)) await this.#indexed(found)
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
    const page = await this.#evidence.pages.peek()
    if (page !== undefined) throw new Bad('index', `the index has a page more than there is, for ${page.account}`)
    const refusal = await this.#evidence.refusals.peek()
    if (refusal !== undefined)
      throw new Bad('index', `the index has a refusal more than there is, request ${refusal.requestId}`)
    const birth = await this.#nextBirth()
    if (birth !== undefined)
      throw new Bad('index', `the index has a session more than there is, at place ${birth.place}`)
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
  /** The session that the call made; without one, its refusal was explained. */
  readonly minted: Minted | undefined
}

/** One session of the index. */
interface Birth {
  readonly place: number
  readonly account: string
  readonly line: string
}

function birthsIn({ high, account, expires, body }: BirthRow): readonly Birth[] {
  const births = body.split('\n').map((line) => {
    const [place = 0, end = 0] = line.split(' ', 2).map(Number)
    return { place, end, account, line }
  })
  if (births.at(-1)?.place !== high || Math.max(...births.map(({ end }) => end)) !== expires)
    throw new Bad('index', `the index of sessions has a row of account ${account} that is not as it was written`)
  return births
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
