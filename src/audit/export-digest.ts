import { isoSeconds } from '../base/instant.ts'
import { type DigestKey, type DigestVerifier, signedDigest } from '../token/digest-key.ts'
import { hexSha256 } from './chain.ts'
import { type Bucket, digestName, type Owner } from './export-name.ts'
import { textOf } from './recorded.ts'

// CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail log file integrity validation".

/** A log file, as a digest file tells of it. */
export interface Listed {
  readonly name: string
  /** SHA-256 of what it holds, uncompressed; hex digits. */
  readonly hash: string
  /** When its records happened: milliseconds since the epoch. */
  readonly oldest: number
  readonly newest: number
}

/** What the next digest file names of the one before. */
export interface Earlier {
  readonly name: string
  /** Of its text, uncompressed; hex digits. */
  readonly hash: string
  /** Hex digits. */
  readonly signature: string
  /** Milliseconds since the epoch. */
  readonly end: number
}

export const signatureAlgorithm = 'SHA256withRSA'

/** What is signed of a digest file: its end, where it lies, the hash of its text, and the signature before. */
const signedText = (end: string, place: string, hash: string, before: string | null): string =>
  `${end}\n${place}\n${hash}\n${before ?? 'null'}`

/** The digest file over some log files, and what the next one is to name. */
export function digestFile(
  bucket: Bucket,
  owner: Owner,
  period: { readonly start: number; readonly end: number },
  files: readonly Listed[],
  previous: Earlier | undefined,
  key: DigestKey,
): Earlier & { readonly text: string } {
  const end = isoSeconds(period.end)
  const name = digestName(bucket, owner, period.end)
  const text = JSON.stringify({
    awsAccountId: owner.account,
    digestStartTime: isoSeconds(period.start),
    digestEndTime: end,
    digestS3Bucket: bucket.bucket,
    digestS3Object: name,
    digestPublicKeyFingerprint: key.fingerprint,
    digestSignatureAlgorithm: signatureAlgorithm,
    newestEventTime: isoSeconds(files.reduce((newest, file) => Math.max(newest, file.newest), 0)),
    oldestEventTime: isoSeconds(files.reduce((oldest, file) => Math.min(oldest, file.oldest), Number.MAX_SAFE_INTEGER)),
    previousDigestS3Bucket: previous === undefined ? null : bucket.bucket,
    previousDigestS3Object: previous?.name ?? null,
    previousDigestHashValue: previous?.hash ?? null,
    previousDigestHashAlgorithm: previous === undefined ? null : 'SHA-256',
    previousDigestSignature: previous?.signature ?? null,
    logFiles: files.map((file) => ({
      s3Bucket: bucket.bucket,
      s3Object: file.name,
      hashValue: file.hash,
      hashAlgorithm: 'SHA-256',
      newestEventTime: isoSeconds(file.newest),
      oldestEventTime: isoSeconds(file.oldest),
    })),
  })
  const hash = hexSha256(text)
  const signed = signedText(end, `${bucket.bucket}/${name}`, hash, previous?.signature ?? null)
  return { name, hash, signature: signedDigest(key, signed), end: period.end, text }
}

/** What stands beside a digest file: what `aws s3api put-object --metadata` takes. */
export const metadataText = ({ signature }: Pick<Earlier, 'signature'>): string =>
  `${JSON.stringify({ signature, 'signature-algorithm': signatureAlgorithm })}\n`

/** A digest file as it is read again: of what is not ours, nothing but texts is taken. */
export interface DigestRead {
  readonly hash: string
  readonly signature: string
  readonly account: string | undefined
  /** Where it says that it lies. */
  readonly name: string | undefined
  readonly start: string
  readonly end: string
  /** The key that it says it is signed with. */
  readonly fingerprint: string
  readonly before: { readonly name: string; readonly hash: string; readonly signature: string } | undefined
  readonly files: readonly { readonly name: string; readonly hash: string }[]
}

/** Whether a digest file is one, and signed with one of the keys: what it says, or what is wrong with it. */
export function readDigest(text: string, metadata: string, verifier: DigestVerifier): DigestRead | string {
  const [said, beside] = [parsed(text), parsed(metadata)]
  const of = (name: string) => textOf(said, name)
  const signature = textOf(beside, 'signature')
  const [end, bucket, name, fingerprint] = [
    of('digestEndTime'),
    of('digestS3Bucket'),
    of('digestS3Object'),
    of('digestPublicKeyFingerprint'),
  ]
  if (signature === undefined) return 'has no signature beside it'
  if (end === undefined || bucket === undefined || fingerprint === undefined) return 'is no digest file'
  if (of('digestSignatureAlgorithm') !== signatureAlgorithm) return `is not signed by ${signatureAlgorithm}`
  if (!verifier.knows(fingerprint)) return 'is signed with a key that is not known'
  const hash = hexSha256(text)
  const before = of('previousDigestSignature')
  if (!verifier.verifies(fingerprint, signedText(end, `${bucket}/${name}`, hash, before ?? null), signature))
    return 'is not what was signed'
  // From here on it is what whoever has the key wrote.
  const [previous, previousHash] = [of('previousDigestS3Object'), of('previousDigestHashValue')]
  return {
    hash,
    signature,
    account: of('awsAccountId'),
    name,
    start: of('digestStartTime') ?? '',
    end,
    fingerprint,
    before:
      previous === undefined || previousHash === undefined || before === undefined
        ? undefined
        : { name: previous, hash: previousHash, signature: before },
    files: filesOf(said),
  }
}

function filesOf(said: unknown): DigestRead['files'] {
  const files: unknown = typeof said === 'object' && said !== null && 'logFiles' in said ? said.logFiles : undefined
  if (!Array.isArray(files)) return []
  return files.map((file: unknown) => ({ name: textOf(file, 's3Object') ?? '', hash: textOf(file, 'hashValue') ?? '' }))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
