/** What became of an operation, as far as its client was told. */
export type Outcome<R> =
  /** Answered: it took place between its two times, and this is what it said. */
  | { readonly kind: 'answered'; readonly result: R }
  /** No answer, or one that promises nothing: it took place at any time after it began, or never. */
  | { readonly kind: 'unknown' }

/** One operation on one thing. Times are those of the one process that drives all clients. */
export interface Operation<C, R> {
  /** What it is done to. Things have nothing to do with one another, so each has a history of its own. */
  readonly key: string
  readonly call: C
  readonly began: number
  readonly ended: number
  readonly outcome: Outcome<R>
  /** Which client asked which node: for whoever reads a violation. */
  readonly by: string
}

/** How a thing behaves while one does something to it at a time. */
export interface Model<S, C, R> {
  readonly initial: S
  /** The state as a text: equal texts are equal states. */
  readonly print: (state: S) => string
  /** The state after a call that was answered so; `undefined` where it cannot have been. */
  readonly answered: (state: S, call: C, result: R) => S | undefined
  /** The state after a call of which it is not known what it was answered. */
  readonly happened: (state: S, call: C) => S
  /** A call that leaves the state alone: without an answer it tells nothing. */
  readonly reads: (call: C) => boolean
}

export type Verdict<C, R> =
  | { readonly kind: 'linearizable' }
  /** The first operation that no order explains, with those that were under way beside it. */
  | { readonly kind: 'violated'; readonly at: Operation<C, R>; readonly beside: readonly Operation<C, R>[] }
  /** Given up: told, never taken for a pass. */
  | { readonly kind: 'undecided' }

interface Entry<C, R> {
  /** Missing in the head of the list alone. */
  readonly operation: Operation<C, R> | undefined
  readonly bit: bigint
  readonly isCall: boolean
  match: Entry<C, R> | undefined
  previous: Entry<C, R> | undefined
  next: Entry<C, R> | undefined
}

const noOperation = { bit: 0n, isCall: true, match: undefined, previous: undefined, next: undefined }
const stepsMaxDefault = 2_000_000

/**
 * Whether one order explains everything that was told: each operation somewhere between its two times, each answer the one that
 * the model gives there (Herlihy and Wing, "Linearizability"). The search is Wing's and Gong's, with Lowe's memory of where it
 * has been: which operations have taken place, and the state that they led to.
 */
export function linearizable<S, C, R>(
  model: Model<S, C, R>,
  operations: readonly Operation<C, R>[],
  stepsMax = stepsMaxDefault,
): Verdict<C, R> {
  const telling = operations.filter(({ outcome, call }) => outcome.kind === 'answered' || !model.reads(call))
  const head = linked(telling)
  const seen = new Set<string>()
  const taken: { readonly entry: Entry<C, R>; readonly state: S }[] = []
  let { initial: state } = model
  let done = 0n
  let steps = 0
  let furthest = -1
  let stuck: Entry<C, R> | undefined
  let entry = head.next
  while (entry !== undefined) {
    if (++steps > stepsMax) return { kind: 'undecided' }
    const { operation, bit, isCall } = entry
    if (operation === undefined) break
    if (isCall) {
      const after =
        operation.outcome.kind === 'answered'
          ? model.answered(state, operation.call, operation.outcome.result)
          : model.happened(state, operation.call)
      const place = after === undefined ? '' : `${(done | bit).toString(36)} ${model.print(after)}`
      if (after !== undefined && !seen.has(place)) {
        seen.add(place)
        taken.push({ entry, state })
        state = after
        done |= bit
        lift(entry)
        entry = head.next
      } else entry = entry.next
      continue
    }
    // The end of one of which nothing is known stands behind everything that is: all the rest has been explained.
    if (operation.outcome.kind === 'unknown') return { kind: 'linearizable' }
    if (taken.length > furthest) {
      furthest = taken.length
      stuck = entry
    }
    const last = taken.pop()
    if (last === undefined) break
    state = last.state
    done &= ~last.entry.bit
    restore(last.entry)
    entry = last.entry.next
  }
  const at = stuck?.operation
  if (entry === undefined || at === undefined) return { kind: 'linearizable' }
  const beside = telling.filter((other) => other !== at && other.began <= at.ended && endOf(other) >= at.began)
  return { kind: 'violated', at, beside }
}

const endOf = <C, R>({ outcome, ended }: Operation<C, R>): number =>
  outcome.kind === 'answered' ? ended : Number.POSITIVE_INFINITY

/** Beginnings and ends in order of time, as a list from which they can be taken and put back. */
function linked<C, R>(operations: readonly Operation<C, R>[]): Entry<C, R> {
  const entries = operations.flatMap((operation, index) => {
    const bit = 1n << BigInt(index)
    const none = { match: undefined, previous: undefined, next: undefined }
    const call: Entry<C, R> = { operation, bit, isCall: true, ...none }
    const end: Entry<C, R> = { operation, bit, isCall: false, ...none }
    call.match = end
    return [
      { entry: call, time: operation.began },
      { entry: end, time: endOf(operation) },
    ]
  })
  // Of what falls on one moment the beginnings come first: that only allows more.
  entries.sort((a, b) =>
    a.time === b.time ? Number(b.entry.isCall) - Number(a.entry.isCall) : a.time < b.time ? -1 : 1,
  )
  const first: Entry<C, R> = { ...noOperation, operation: undefined }
  let last = first
  for (const { entry } of entries) {
    last.next = entry
    entry.previous = last
    last = entry
  }
  return first
}

function lift<C, R>(entry: Entry<C, R>): void {
  for (const each of [entry, entry.match]) {
    if (each?.previous !== undefined) each.previous.next = each.next
    if (each?.next !== undefined) each.next.previous = each.previous
  }
}

function restore<C, R>(entry: Entry<C, R>): void {
  for (const each of [entry.match, entry]) {
    if (each?.previous !== undefined) each.previous.next = each
    if (each?.next !== undefined) each.next.previous = each
  }
}

/** The histories of all things, each by itself. */
export function byKey<C, R>(operations: readonly Operation<C, R>[]): ReadonlyMap<string, readonly Operation<C, R>[]> {
  const histories = new Map<string, Operation<C, R>[]>()
  for (const operation of operations) {
    const there = histories.get(operation.key)
    if (there === undefined) histories.set(operation.key, [operation])
    else there.push(operation)
  }
  return histories
}
