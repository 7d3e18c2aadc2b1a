import { Follower, genesis, markLength } from './chain.ts'
import { Bad } from './feed.ts'

const tab = 9
const lineFeed = 10

/** A refusal that was explained: the index of refusals leads to it. */
export interface Refused {
  readonly sequence: number
  readonly place: number
  readonly account: string
  readonly requestId: string
}

/** What was read until now, over all chains. */
interface Counts {
  records: number
  bytes: number
}

/** Follows the records of one chain from its beginning, line for line, wherever they stand. */
export class ChainLines {
  readonly #follower: Follower
  readonly #counts: Counts
  /** Number and place of the last record that was followed. */
  sequence = 0
  place = -1
  /** When the first record happened, the first of the segment that is being read, and the last, as they say. */
  from: number | undefined
  segmentFrom: number | undefined
  until: number | undefined

  constructor(node: string, counts: Counts) {
    this.#follower = new Follower(genesis(node))
    this.#counts = counts
  }

  /** The chain's hash after the last record. */
  get hash(): string {
    return this.#follower.hash
  }

  /**
   * Reads the lines of a block or a run; answers with the refusals in it, and tells `highs` the place of each account's last record.
   * Throws `Bad`.
   */
  read(bytes: Buffer, segment: number | undefined, highs: Map<string, number> | undefined): readonly Refused[] {
    const refusals: Refused[] = []
    for (let start = 0; start <= bytes.length; ) {
      let end = bytes.indexOf(lineFeed, start)
      if (end < 0) end = bytes.length
      const refusal = this.#line(bytes, start, end, segment, highs)
      if (refusal !== undefined) refusals.push(refusal)
      start = end + 1
    }
    this.#counts.bytes += bytes.length
    return refusals
  }

  #line(
    bytes: Buffer,
    start: number,
    end: number,
    segment: number | undefined,
    highs: Map<string, number> | undefined,
  ): Refused | undefined {
    const due = this.sequence + 1
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
    if (sequence !== due || place <= this.place || fields.at > end)
      throw new Bad('edited', `record ${due} is not where it belongs`, at)
    this.sequence = due
    this.place = place
    this.from ??= time
    this.segmentFrom ??= time
    this.until = time
    this.#counts.records++
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
