import { readCompressed } from './data.ts'

/** One of AWS's own managed policies, at its default version. Always the same object for the same ARN. */
export interface AwsManagedPolicy {
  readonly arn: string
  /** `ANPA…`. Made from the ARN: AWS publishes no ids. */
  readonly id: string
  readonly name: string
  /** `/`, `/service-role/`, `/aws-service-role/`, `/job-function/` or `/root-task/`. */
  readonly path: string
  readonly defaultVersion: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
  /** The policy document's text. */
  readonly document: string
}

/** An AWS managed policy by ARN, or `undefined`. The first call unpacks them all (a few milliseconds); documents stay packed. */
export const managedPolicy = (arn: string): AwsManagedPolicy | undefined => load().get(arn)

/** All of them, ordered by ARN. */
export const managedPolicies = (): Iterable<AwsManagedPolicy> => load().values()

let loaded: ReadonlyMap<string, AwsManagedPolicy> | undefined

function load(): ReadonlyMap<string, AwsManagedPolicy> {
  if (loaded) return loaded
  const bytes = readCompressed('managed.br')
  const decoder = new TextDecoder()
  const headEnd = bytes.indexOf(newline)
  // Written by tools/managed.ts in this form.
  const list = JSON.parse(decoder.decode(bytes.subarray(0, headEnd))) as [string, string, number, number][]
  const policies = new Map<string, AwsManagedPolicy>()
  let start = headEnd + 1
  for (const [arn, defaultVersion, created, updated] of list) {
    const next = bytes.indexOf(newline, start)
    const packed = bytes.subarray(start, next < 0 ? bytes.length : next)
    start = next + 1
    let document: string | undefined
    const resource = arn.slice(arn.indexOf(':policy/') + ':policy'.length)
    const slash = resource.lastIndexOf('/') + 1
    policies.set(arn, {
      arn,
      id: idOf(arn),
      name: resource.slice(slash),
      path: resource.slice(0, slash),
      defaultVersion,
      createdAt: created * 1000,
      updatedAt: updated * 1000,
      get document() {
        document ??= decoder.decode(packed)
        return document
      },
    })
  }
  loaded = policies
  return policies
}

const newline = 10
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Seventeen characters that depend on nothing but the ARN (FNV-1a over 64 bits, run on for the rest). */
function idOf(arn: string): string {
  const prime = 0x100000001b3n
  let hash = 0xcbf29ce484222325n
  for (const char of arn) hash = BigInt.asUintN(64, (hash ^ BigInt(char.charCodeAt(0))) * prime)
  let id = 'ANPA'
  for (let count = 0; count < 17; count += 1) {
    hash = BigInt.asUintN(64, (hash ^ (hash >> 29n) ^ BigInt(count)) * prime)
    id += alphabet.charAt(Number((hash >> 47n) & 31n))
  }
  return id
}
