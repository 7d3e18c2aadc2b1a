import { type Billed, billedFor } from './bill.ts'
import type { LookupPage, Position, Question } from './lookup.ts'
import { Recorded } from './recorded.ts'

/** Looked-up pages that one part of a sum is made of, at most. */
const roundsMost = 8
/** Records that are held at once; all that is kept of them is the sum. */
const entriesAtOnce = 1000

/** Calls of one kind, for which the same account pays for the same reason. */
export interface BillLine extends Billed {
  /** As the service signs: `sts`. */
  readonly service: string
  /** `undefined` for calls that failed: who asks for what there is not can give it any name. */
  readonly operation: string | undefined
  readonly calls: number
  /** Calls that were refused, or failed: nobody is billed for those. */
  readonly failed: number
}

export interface BillPart {
  /** Sums over the records that were looked at, in the order of service and operation. */
  readonly lines: readonly BillLine[]
  /** Hand it back as `before` for the older records; `undefined` where there are none. */
  readonly next: Position | undefined
}

interface Span {
  /** Milliseconds since the epoch, both included. */
  readonly from: number
  readonly until: number
  /** What the part before this one said. */
  readonly before: Position | undefined
}

/** Sums what an account's trail holds of a span of time, newest records first, so many at a time. */
export async function billIn(
  lookup: (question: Question) => Promise<LookupPage>,
  account: string,
  { from, until, before }: Span,
): Promise<BillPart> {
  const lines = new Map<string, BillLine>()
  let next = before
  for (let round = 0; round < roundsMost; round++) {
    const page = await lookup({
      account,
      from,
      until,
      limit: entriesAtOnce,
      ...(next === undefined ? {} : { after: next }),
    })
    for (const { event } of page.entries) add(lines, new Recorded(event))
    next = page.next
    if (next === undefined) break
  }
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
  return { lines: sorted, next }
}

function add(lines: Map<string, BillLine>, event: Recorded): void {
  const billed = billedFor(event)
  if (billed === undefined) return
  const service = (event.text('eventSource') ?? 'unknown').replace(/\.amazonaws\.com$/, '')
  const failed = event.text('errorCode') !== undefined
  const operation = failed ? undefined : (event.text('eventName') ?? '')
  const key = [service, operation ?? '~', billed.account, billed.owner, billed.because].join('\t')
  const line = lines.get(key) ?? { ...billed, service, operation, calls: 0, failed: 0 }
  lines.set(key, failed ? { ...line, failed: line.failed + 1 } : { ...line, calls: line.calls + 1 })
}
