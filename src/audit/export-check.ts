import { isoSeconds } from '../base/instant.ts'
import type { DigestVerifier } from '../token/digest-key.ts'
import { hexSha256 } from './chain.ts'
import { type DigestRead, readDigest } from './export-digest.ts'
import { digestSeries, logTime, metadataEnd, metadataName, type Owner } from './export-name.ts'
import { type Progress, progressOf } from './export-progress.ts'

/** A folder that a trail was exported to, or what was fetched of a bucket. Names have slashes. */
export interface Found {
  /** All files but what the export keeps for itself, sorted. */
  readonly files: readonly string[]
  /** What is neither a file nor a folder. */
  readonly odd: readonly string[]
  /** What the export noted of itself; `undefined` where that is not there. */
  readonly noted: string | undefined
  readonly text: (name: string) => string
  /** What a compressed file holds; `undefined` where it is none. */
  readonly unpacked: (name: string) => string | undefined
}

/** What is wrong with a file. */
export interface Flaw {
  readonly file: string
  readonly what: 'altered' | 'missing' | 'extra' | 'chain'
  /** The same in words, which the file's name stands before. */
  readonly detail: string
}

/** The files of an account in a region. */
export interface Series extends Owner {
  /** Of the digest files: when the first begins and the last ends. */
  readonly from: string
  readonly until: string
  readonly digestFiles: number
  readonly logFiles: number
}

export interface Checked {
  readonly flaws: readonly Flaw[]
  readonly series: readonly Series[]
  readonly digestFiles: number
  readonly logFiles: number
  /** Log files that no digest file lists yet, of an hour that an export was ended in. */
  readonly unfinished: number
  /** Whether the newest digest files could be held against what the export noted. */
  readonly ends: boolean
}

/**
 * Holds exported files against one another and the public key, without the trail that they are of: every digest file against its
 * signature and the one before, every log file against its digest file, and whatever else lies there.
 */
export function checkExport(found: Found, verifier: DigestVerifier): Checked {
  return new Check(found, verifier).all()
}

class Check {
  readonly #found: Found
  readonly #verifier: DigestVerifier
  readonly #files: ReadonlySet<string>
  readonly #flaws: Flaw[] = []
  /** Log files by the digest file that lists them. */
  readonly #listed = new Map<string, string>()
  readonly #metadata = new Set<string>()

  constructor(found: Found, verifier: DigestVerifier) {
    this.#found = found
    this.#verifier = verifier
    this.#files = new Set(found.files)
  }

  all(): Checked {
    const series = new Map<string, Owner & { readonly names: string[] }>()
    for (const name of this.#found.files) {
      const found = digestSeries(name)
      if (found === undefined) continue
      const mine = series.get(found.series)
      if (mine === undefined) series.set(found.series, { ...found, names: [name] })
      else mine.names.push(name)
    }
    const told = [...series.values()].map((one) => this.#series(one, one.names))
    const progress = this.#found.noted === undefined ? undefined : progressOf(this.#found.noted)
    this.#ends(progress)
    const unfinished = this.#rest(progress)
    return {
      flaws: this.#flaws,
      series: told,
      digestFiles: told.reduce((sum, { digestFiles }) => sum + digestFiles, 0),
      logFiles: told.reduce((sum, { logFiles }) => sum + logFiles, 0),
      unfinished,
      ends: progress !== undefined,
    }
  }

  /** Digest files that follow one another, by their names: their names tell their ends. */
  #series({ account, region }: Owner, names: readonly string[]): Series {
    let [from, until, logFiles] = ['', '', 0]
    let before: { readonly name: string; readonly read: DigestRead | undefined } | undefined
    for (const name of names) {
      const read = this.#digest(name, account)
      if (read !== undefined) {
        this.#follows(name, read, before)
        if (from === '') from = read.start
        until = read.end
        for (const file of read.files) if (this.#log(name, file)) logFiles++
      }
      before = { name, read }
    }
    return { account, region, from, until, digestFiles: names.length, logFiles }
  }

  #digest(name: string, account: string): DigestRead | undefined {
    const text = this.#found.unpacked(name)
    if (text === undefined) return this.#flaw(name, 'altered', 'cannot be unpacked')
    const beside = metadataName(name)
    this.#metadata.add(beside)
    if (!this.#files.has(beside)) return this.#flaw(beside, 'missing', 'is missing, and with it the signature')
    const read = readDigest(text, this.#found.text(beside), this.#verifier)
    if (typeof read === 'string') return this.#flaw(name, 'altered', read)
    if (read.name !== name) return this.#flaw(name, 'altered', `is the file of ${read.name ?? 'nowhere'}`)
    if (read.account !== account) return this.#flaw(name, 'altered', 'is of another account')
    return read
  }

  #follows(
    name: string,
    { before }: DigestRead,
    last: { readonly name: string; readonly read: DigestRead | undefined } | undefined,
  ): void {
    if (before === undefined) {
      if (last !== undefined) this.#flaw(name, 'chain', `begins anew, and does not follow ${last.name}`)
    } else if (before.name !== last?.name)
      this.#flaw(before.name, this.#files.has(before.name) ? 'chain' : 'missing', `is what ${name} follows`)
    else if (last.read !== undefined && (before.hash !== last.read.hash || before.signature !== last.read.signature))
      this.#flaw(name, 'chain', `does not follow ${last.name} as that is now`)
  }

  #log(digest: string, { name, hash }: DigestRead['files'][number]): boolean {
    const other = this.#listed.get(name)
    if (other !== undefined) this.#flaw(name, 'chain', `is listed by ${other} and by ${digest}`)
    this.#listed.set(name, digest)
    if (!this.#files.has(name)) {
      this.#flaw(name, 'missing', `is missing: ${digest} lists it`)
      return false
    }
    const text = this.#found.unpacked(name)
    if (text === undefined || hexSha256(text) !== hash) this.#flaw(name, 'altered', `is not what ${digest} lists`)
    return true
  }

  /** Nothing follows the newest digest file that would miss it. What the export noted does, unless that was altered as well. */
  #ends(progress: Progress | undefined): void {
    if (this.#found.noted !== undefined && progress === undefined)
      this.#flaw('progress.json', 'altered', 'is not what an export notes')
    for (const { name } of Object.values(progress?.digests ?? {}))
      if (!this.#files.has(name)) this.#flaw(name, 'missing', 'is missing: the export wrote it')
  }

  /** What nothing speaks of. Answers how many log files lie there of an hour that is not finished. */
  #rest(progress: Progress | undefined): number {
    const pending = progress?.plan === undefined ? undefined : isoSeconds(progress.until).replaceAll(/[-:]/g, '')
    let unfinished = 0
    for (const name of this.#found.files) {
      if (this.#listed.has(name) || this.#metadata.has(name) || digestSeries(name) !== undefined) continue
      const at = logTime(name)
      if (at !== undefined && pending !== undefined && at >= pending.slice(0, 13)) unfinished++
      else if (at !== undefined) this.#flaw(name, 'extra', 'is listed by no digest file')
      else if (!name.endsWith(metadataEnd)) this.#flaw(name, 'extra', 'is none of CloudTrail’s files')
      // Its digest file comes after it.
      else if (pending === undefined) this.#flaw(name, 'extra', 'is of no digest file')
    }
    for (const name of this.#found.odd) this.#flaw(name, 'extra', 'is no file')
    return unfinished
  }

  #flaw(file: string, what: Flaw['what'], detail: string): undefined {
    this.#flaws.push({ file, what, detail })
  }
}
