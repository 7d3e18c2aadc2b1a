import { isoSeconds } from '../base/instant.ts'
import { hexSha256, sha256 } from './chain.ts'

// How CloudTrail names what it writes into a bucket: CloudTrail User Guide, "Finding your CloudTrail log files" and "CloudTrail digest file structure".

/** A file of records covers as much of them; milliseconds. */
export const windowLength = 5 * 60_000
/** The same of a digest. */
export const hourLength = 60 * 60_000

/** There is no bucket, nor a trail that somebody named; both stand in digests, and so in what is signed. */
export const bucket = 'rolecall'
const trailName = 'rolecall'

/** Whose files they are: CloudTrail writes those of each account and region apart. */
export interface Owner {
  readonly account: string
  readonly region: string
}

/** `20261123T103000Z` */
const compact = (at: number): string => isoSeconds(at).replace(/[-:]/g, '')

/** `2026/11/23` */
const folders = (at: number): string => isoSeconds(at).slice(0, 10).replaceAll('-', '/')

/** Where files of records lie: under the time at which their five minutes begin. A window with too many for one file has several parts. */
export function logName({ account, region }: Owner, window: number, part: number): string {
  const minute = `${compact(window).slice(0, 13)}Z`
  // AWS's are random. These name the same file for the same records, so that an export can be gone on with.
  const unique = uniqueOf(`${account}\t${region}\t${window}\t${part}`)
  return `AWSLogs/${account}/CloudTrail/${region}/${folders(window)}/${account}_CloudTrail_${region}_${minute}_${unique}.json.gz`
}

/** Sixteen letters and digits. */
const uniqueOf = (text: string): string =>
  `${sha256(`rolecall export 1\t${text}`)}${hexSha256(text)}`.replace(/[-_]/g, '').slice(0, 16)

export const digestFolder = ({ account, region }: Owner): string => `AWSLogs/${account}/CloudTrail-Digest/${region}`

/** Where a digest lies: under the end of its hour. */
export const digestName = (owner: Owner, end: number): string =>
  `${digestFolder(owner)}/${folders(end)}/${owner.account}_CloudTrail-Digest_${owner.region}_${trailName}_${owner.region}_${compact(end)}.json.gz`

/** Beside a digest, its signature: hex digits. In a bucket it is metadata of the object. */
export const signatureName = (digest: string): string => `${digest}.sig`
