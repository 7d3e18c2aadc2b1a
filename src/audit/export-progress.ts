import type { Bounds, Reach } from './delivery.ts'
import type { Earlier } from './export-digest.ts'
import type { Bucket } from './export-name.ts'
import { memberOf } from './recorded.ts'

export interface Settings extends Bucket {
  /** Only this account's. */
  readonly account?: string
  /** Only what was delivered from then on: milliseconds since the epoch, whole seconds. */
  readonly from?: number
}

/** What an export goes on from: kept in its folder, and true of the files there. */
export interface Progress {
  readonly format: typeof format
  /** What it was begun with. It goes on with the same. */
  readonly settings: Settings
  /** The key that signs. */
  readonly fingerprint: string
  /** Everything that was delivered before is there. */
  readonly until: number
  readonly chains: Readonly<Record<string, Reach>>
  /** How far the run goes that has not ended: whoever takes it up goes as far, and writes the same files. */
  readonly plan?: Bounds
  /** The last digest file of each account and region, by `ownerKey`. */
  readonly digests: Readonly<Record<string, Earlier>>
}

export const format = 'rolecall export 1'

/** The folder is not one to export into, and why. */
export class Unfit extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Unfit'
  }
}

/** What was noted; `undefined` where this version has not written it, or not so. */
export function progressOf(text: string): Progress | undefined {
  const found = parsed(text)
  const settings = memberOf(found, 'settings')
  const plan = memberOf(found, 'plan')
  const sound =
    memberOf(found, 'format') === format &&
    has(settings, { bucket: 'string', prefix: 'string', trail: 'string' }) &&
    has(found, { fingerprint: 'string', until: 'number' }) &&
    all(memberOf(found, 'chains'), (reach) =>
      has(reach, { segment: 'number', last: 'number', signature: 'string', delivered: 'number' }),
    ) &&
    all(memberOf(found, 'digests'), (digest) =>
      has(digest, { name: 'string', hash: 'string', signature: 'string', end: 'number' }),
    ) &&
    (plan === undefined ||
      (has(plan, { until: 'number' }) && all(memberOf(plan, 'ends'), (end) => Number.isSafeInteger(end))))
  // Held against its shape above.
  return sound ? (found as Progress) : undefined
}

const has = (value: unknown, members: Readonly<Record<string, 'string' | 'number'>>): boolean =>
  Object.entries(members).every(([name, type]) => {
    const member = memberOf(value, name)
    return type === 'number' ? Number.isSafeInteger(member) : typeof member === 'string'
  })

const all = (value: unknown, sound: (member: unknown) => boolean): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(sound)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
