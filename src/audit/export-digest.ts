import { isoSeconds } from '../base/instant.ts'
import { hexSha256 } from './chain.ts'
import { bucket, digestName, hourLength, type Owner } from './export-name.ts'
import type { Signer, Verifier } from './key.ts'

/** A file of records, as a digest tells of it. */
export interface LogFile {
  readonly name: string
  /** SHA-256 of what it holds, uncompressed; hex digits. */
  readonly hash: string
  /** Milliseconds since the epoch. */
  readonly oldest: number
  readonly newest: number
}

/** The digest that the next one names. */
export interface Previous {
  readonly name: string
  /** Of its text, uncompressed. */
  readonly hash: string
  /** Hex digits. */
  readonly signature: string
}

/** How its signatures are told: in AWS's digests it says `SHA256withRSA`. */
const algorithm = 'Ed25519'

/**
 * What is signed of a digest (CloudTrail User Guide, "Custom implementations of CloudTrail log file integrity validation"): its end,
 * where it lies, the hash of its text, and the signature before. It begins with a time, and what else the key signs never does.
 */
export const signedOf = (end: string, name: string, hash: string, previous: string | null): string =>
  `${end}\n${bucket}/${name}\n${hash}\n${previous ?? 'null'}`

/** The digest of an hour in which there were records, in CloudTrail's form, and what the next one is to name. */
export function hourDigest(
  owner: Owner,
  hour: number,
  files: readonly LogFile[],
  previous: Previous | undefined,
  signer: Signer,
): Previous & { readonly text: string } {
  const end = isoSeconds(hour + hourLength)
  const name = digestName(owner, hour + hourLength)
  const text = JSON.stringify({
    awsAccountId: owner.account,
    digestStartTime: isoSeconds(hour),
    digestEndTime: end,
    digestS3Bucket: bucket,
    digestS3Object: name,
    digestPublicKeyFingerprint: signer.id,
    digestSignatureAlgorithm: algorithm,
    newestEventTime: isoSeconds(files.reduce((newest, file) => Math.max(newest, file.newest), 0)),
    oldestEventTime: isoSeconds(files.reduce((oldest, file) => Math.min(oldest, file.oldest), Number.MAX_SAFE_INTEGER)),
    previousDigestS3Bucket: previous === undefined ? null : bucket,
    previousDigestS3Object: previous?.name ?? null,
    previousDigestHashValue: previous?.hash ?? null,
    previousDigestHashAlgorithm: previous === undefined ? null : 'SHA-256',
    previousDigestSignature: previous?.signature ?? null,
    logFiles: files.map((file) => ({
      s3Bucket: bucket,
      s3Object: file.name,
      hashValue: file.hash,
      hashAlgorithm: 'SHA-256',
      newestEventTime: isoSeconds(file.newest),
      oldestEventTime: isoSeconds(file.oldest),
    })),
  })
  const hash = hexSha256(text)
  const signature = Buffer.from(signer.sign(signedOf(end, name, hash, previous?.signature ?? null)), 'base64').toString(
    'hex',
  )
  return { name, hash, signature, text }
}

/** What the next digest names of one that was written before; `undefined` where it is not ours, or not whole. */
export function previousOf(name: string, text: string, signature: string, verifier: Verifier): Previous | undefined {
  const digest = parsed(text)
  const { digestEndTime: end, digestPublicKeyFingerprint: key, previousDigestSignature: before } = digest
  if (typeof end !== 'string' || typeof key !== 'string' || (before !== null && typeof before !== 'string'))
    return undefined
  const hash = hexSha256(text)
  const encoded = Buffer.from(signature, 'hex').toString('base64')
  return verifier.verifies(key, signedOf(end, name, hash, before), encoded) ? { name, hash, signature } : undefined
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    // JSON of an object is a record.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
