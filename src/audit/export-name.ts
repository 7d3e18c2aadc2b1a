import { isoSeconds } from '../base/instant.ts'

// How CloudTrail names what it delivers to a bucket: CloudTrail User Guide, "Finding your CloudTrail log files" and "CloudTrail digest
// file structure".

/** Whose files they are: CloudTrail writes those of each account and region apart. */
export interface Owner {
  readonly account: string
  readonly region: string
}

export const ownerKey = ({ account, region }: Owner): string => `${account} ${region}`

/** Where the files are to lie. All of it stands in digest files, and so in what is signed. */
export interface Bucket {
  readonly bucket: string
  /** Stands before every name, with a slash between; may be empty. */
  readonly prefix: string
  readonly trail: string
}

/** The region that trails of an authority are at home in: that of the global services. */
export const homeRegion = 'us-east-1'

/** `20261123T103000Z` */
const compact = (at: number): string => isoSeconds(at).replaceAll(/[-:]/g, '')

const folderOf = ({ prefix }: Bucket, { account, region }: Owner, kind: string, at: number): string =>
  `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${account}/${kind}/${region}/${isoSeconds(at).slice(0, 10).replaceAll('-', '/')}`

/** Where CloudTrail has sixteen characters by chance, ours say what is in the file: the same records lie under the same name. */
const uniqueOf = (hash: string): string => BigInt(`0x${hash}`).toString(36).slice(-16)

/** Where a log file lies whose records were delivered from `at` on. */
export const logName = (bucket: Bucket, owner: Owner, at: number, hash: string): string =>
  `${folderOf(bucket, owner, 'CloudTrail', at)}/${owner.account}_CloudTrail_${owner.region}_${compact(at).slice(0, 13)}Z_${uniqueOf(hash)}.json.gz`

/** Where a digest file lies, by its end. */
export const digestName = (bucket: Bucket, owner: Owner, end: number): string =>
  `${folderOf(bucket, owner, 'CloudTrail-Digest', end)}/${owner.account}_CloudTrail-Digest_${owner.region}_${bucket.trail}_${homeRegion}_${compact(end)}.json.gz`

/** Beside a digest file, what a bucket keeps as the object's metadata: its signature. */
export const metadataName = (digest: string): string => `${digest}${metadataEnd}`
export const metadataEnd = '.metadata.json'

const logForm =
  /^(.*\/)?AWSLogs\/(\d{12})\/CloudTrail\/([a-z0-9-]+)\/\d{4}\/\d\d\/\d\d\/(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{8}T\d{4})Z_[A-Za-z0-9]{16}\.json\.gz$/
const digestForm =
  /^((?:.*\/)?AWSLogs\/(\d{12})\/CloudTrail-Digest\/([a-z0-9-]+)\/)\d{4}\/\d\d\/\d\d\/(\d{12})_CloudTrail-Digest_([a-z0-9-]+)_([\w.-]+)_[a-z0-9-]+_\d{8}T\d{6}Z\.json\.gz$/

/** When the five minutes of a log file begin, by its name, as `20261123T1030`; `undefined` where it is not named as one. */
export function logTime(name: string): string | undefined {
  const [, , account, region, again, regionAgain, at] = logForm.exec(name) ?? []
  return account === again && region === regionAgain ? at : undefined
}

/** Which digest files a digest file follows, by its name; `undefined` where it is not named as one. */
export function digestSeries(name: string): (Owner & { readonly series: string }) | undefined {
  const [, folder, account, region, again, regionAgain, trail] = digestForm.exec(name) ?? []
  if (account === undefined || region === undefined || account !== again || region !== regionAgain) return undefined
  return { account, region, series: `${folder} ${trail}` }
}
