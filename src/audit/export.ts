import { isoSeconds } from '../base/instant.ts'
import type { Engine } from '../store/engine.ts'
import type { DigestKey } from '../token/digest-key.ts'
import { type Bounds, Deliveries, type Parcel, sealedNow } from './delivery.ts'
import { digestFile, type Earlier, type Listed, metadataText } from './export-digest.ts'
import { metadataName, type Owner, ownerKey } from './export-name.ts'
import { format, type Progress, type Settings, Unfit } from './export-progress.ts'
import { type LogFile, Shelves } from './export-shelves.ts'
import type { Verifier } from './key.ts'
import { readableSchema } from './verify.ts'

const minute = 60_000
/** Log files are of so long, as CloudTrail's are about. */
const slotMilliseconds = 5 * minute
const hour = 60 * minute
/** An hour is closed when every node has long sealed what it has of it, also where clocks disagree. */
const marginMilliseconds = 15 * minute

/** Where files are put. Each is there whole, or as it was before. */
export interface Folder {
  /** What was noted last. Throws `Unfit` where somebody else's files are here, below the prefix. */
  readonly progress: (prefix: string) => Progress | undefined
  /** All that was put is on disk before it is noted that it is. */
  readonly note: (progress: Progress) => void
  /** Compresses a text into a file. The same text makes the same file. */
  readonly pack: (name: string, text: string) => void
  readonly put: (name: string, text: string) => void
}

export interface Exporting {
  readonly trail: Engine
  readonly folder: Folder
  readonly settings: Settings
  /** Up to when: milliseconds since the epoch, whole seconds. Missing: to the last full hour. */
  readonly until?: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Knows what segments are signed with. */
  readonly verifier: Verifier
  /** Signs the digest files. */
  readonly key: DigestKey
  /** Told now and then how much is done, of 1. */
  readonly told: (done: number) => void
}

export interface Exported {
  /** Everything that was delivered before is in the folder. */
  readonly until: number
  /** Of this run. */
  readonly records: number
  readonly logFiles: number
  readonly digestFiles: number
  /** Of no account that is known. */
  readonly leftOut: number
  /** Records that come later. */
  readonly newer: number
  /** Chains that were altered, a line each: of these nothing is in the folder from there on. */
  readonly altered: readonly string[]
}

/**
 * Writes what is sealed of a trail as CloudTrail lays it into a bucket, with a signed digest file for each hour, account and region
 * that has any. Goes on where it was left, by a kill too. Throws `Unfit`, and an `Error` where the trail is of
 * another version.
 */
export async function exportTrail(given: Exporting): Promise<Exported> {
  await readableSchema(given.trail, given.trail)
  const run = new Run(given, begun(given, given.folder.progress(given.settings.prefix)))
  // What was planned once is done as it was planned: the files of a run that was ended in the midst of it fit no other.
  if (run.planned) await run.finish()
  await run.plan(given.until ?? Math.floor((given.now - marginMilliseconds) / hour) * hour)
  await run.finish()
  return run.summary()
}

/** What the folder has, or the beginning. Throws `Unfit` where it was begun otherwise. */
function begun({ settings, key }: Exporting, known: Progress | undefined): Progress {
  const { from = 0 } = settings
  if (known === undefined)
    return { format, settings, fingerprint: key.fingerprint, until: from, chains: {}, digests: {} }
  const differs = (['bucket', 'prefix', 'trail'] as const).find((name) => settings[name] !== known.settings[name])
  if (differs !== undefined)
    throw new Unfit(`it was begun with another ${differs}, ${JSON.stringify(known.settings[differs])}`)
  if (settings.account !== known.settings.account)
    throw new Unfit(
      `it has the logs of ${known.settings.account === undefined ? 'all accounts' : `account ${known.settings.account}`}`,
    )
  if (known.fingerprint !== key.fingerprint) throw new Unfit('it has the logs of another authority')
  // Where to begin need not be said again. What is said must be there, or come next.
  if (settings.from !== undefined && (from < (known.settings.from ?? 0) || from > known.until))
    throw new Unfit(
      `it has what was delivered ${known.settings.from === undefined ? '' : `from ${isoSeconds(known.settings.from)} `}until ${isoSeconds(known.until)}, and goes on from there`,
    )
  return known
}

class Run {
  readonly #given: Exporting
  #progress: Progress
  readonly #tally = { records: 0, logFiles: 0, digestFiles: 0, leftOut: 0 }
  #altered: readonly string[] = []

  constructor(given: Exporting, progress: Progress) {
    this.#given = given
    this.#progress = progress
  }

  get planned(): boolean {
    return this.#progress.plan !== undefined
  }

  async plan(until: number): Promise<void> {
    if (until <= this.#progress.until) return
    const { ends } = await sealedNow(this.#given.trail)
    this.#note({ plan: { until, ends } })
  }

  async finish(): Promise<void> {
    const { plan } = this.#progress
    if (plan === undefined) return
    const { trail, verifier, told } = this.#given
    const from = this.#progress.settings.from ?? 0
    const total = segmentsIn(plan, this.#progress)
    const deliveries = await Deliveries.open(trail, verifier, plan, {
      chains: this.#progress.chains,
      // What is from before the beginning is passed by, not late.
      until: this.#progress.until === from ? 0 : this.#progress.until,
    })
    await this.#passBy(deliveries, from)
    for (let next = await deliveries.peek(); next !== undefined; next = await deliveries.peek()) {
      const end = Math.min(Math.floor(next.delivered / hour) * hour + hour, plan.until)
      await this.#period(deliveries, end)
      told(1 - segmentsIn(plan, this.#progress) / total)
    }
    this.#altered = deliveries.altered
    const { plan: _, ...rest } = this.#progress
    this.#progress = rest
    this.#note({ until: plan.until })
  }

  async summary(): Promise<Exported> {
    const { until, chains } = this.#progress
    const { records } = await sealedNow(this.#given.trail)
    const done = Object.values(chains).reduce((sum, { last }) => sum + last, 0)
    return { until, ...this.#tally, newer: records - done, altered: this.#altered }
  }

  /** Of what is older than wanted only the digests are read. */
  async #passBy(deliveries: Deliveries, from: number): Promise<void> {
    const chains = { ...this.#progress.chains }
    let next = await deliveries.peek()
    for (; next !== undefined && next.delivered < from; next = await deliveries.peek()) {
      chains[next.node] = reachOf(next)
      deliveries.pass(next)
    }
    this.#progress = { ...this.#progress, chains }
  }

  /** All that was delivered before the end of an hour, and the digest files over it. */
  async #period(deliveries: Deliveries, end: number): Promise<void> {
    const { settings } = this.#progress
    const shelves = new Shelves(settings)
    const written = new Map<string, { readonly owner: Owner; readonly files: Listed[] }>()
    const chains = { ...this.#progress.chains }
    const write = (files: readonly LogFile[]) => {
      for (const { text, owner, ...file } of files) {
        this.#given.folder.pack(file.name, text)
        this.#tally.logFiles++
        const mine = written.get(ownerKey(owner))
        if (mine === undefined) written.set(ownerKey(owner), { owner, files: [file] })
        else mine.files.push(file)
      }
    }
    let next = await deliveries.peek()
    for (; next !== undefined && next.delivered < end; next = await deliveries.peek()) {
      const taken = await deliveries.take(next)
      if (taken === undefined) continue
      write(shelves.at(Math.floor(next.delivered / slotMilliseconds) * slotMilliseconds))
      for (const entries of taken) {
        for (const entry of entries) {
          if (settings.account !== undefined && entry.account !== settings.account) continue
          if (/^\d{12}$/.test(entry.account)) {
            this.#tally.records++
            write(shelves.put(entry))
          } else this.#tally.leftOut++
        }
      }
      chains[next.node] = reachOf(next)
    }
    write(shelves.drained())
    const digests = { ...this.#progress.digests }
    for (const [key, { owner, files }] of [...written].sort(([a], [b]) => (a < b ? -1 : 1)))
      digests[key] = this.#digest(owner, files, end, digests[key])
    // What is noted no more is done again, to the same files.
    this.#note({ until: end, chains, digests })
  }

  #digest(owner: Owner, files: readonly Listed[], end: number, previous: Earlier | undefined): Earlier {
    const { folder, key } = this.#given
    const start = previous?.end ?? Math.floor((end - 1) / hour) * hour
    const { text, ...digest } = digestFile(this.#progress.settings, owner, { start, end }, files, previous, key)
    // In a bucket the signature is said of the object, not in it. It comes first: where a digest file is, its signature is too.
    folder.put(metadataName(digest.name), metadataText(digest))
    folder.pack(digest.name, text)
    this.#tally.digestFiles++
    return digest
  }

  #note(change: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...change }
    this.#given.folder.note(this.#progress)
  }
}

const reachOf = ({ segment, last, signature, delivered }: Parcel) => ({ segment, last, signature, delivered })

const segmentsIn = ({ ends }: Bounds, { chains }: Progress): number =>
  Object.entries(ends).reduce((sum, [node, end]) => sum + end - (chains[node]?.segment ?? 0), 0)
