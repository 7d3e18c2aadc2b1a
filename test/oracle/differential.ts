/** Asks two evaluators the same questions, and tells where they answer differently. */
import { dice } from '../fuzz/dice.ts'
import { questionOf } from './generate.ts'
import { keys } from './keys.ts'
import { decide } from './oracle.ts'
import type { Question, Verdict } from './question.ts'
import { readings } from './readings.ts'
import { shrink } from './shrink.ts'

/** What is compared of an answer: its `effect`, and of a denial whether `because` is an explicit one. */
export type Evaluator = (question: Question) => object

export interface Difference {
  /** What went wrong, the same for cases of one cause. */
  readonly class: string
  readonly question: Question
  readonly oracle: Verdict
  /** Its answer, or what it threw. */
  readonly other: unknown
}

export interface Outcome {
  readonly cases: number
  readonly differences: number
  /** Differences that are one of the readings which the guide leaves open, by the reading's name. */
  readonly open: ReadonlyMap<string, number>
  /** One smallest case for each class. */
  readonly examples: readonly Difference[]
  /** How many questions the oracle answered in which way. */
  readonly answers: ReadonlyMap<string, number>
}

export interface Run {
  readonly cases: number
  readonly seed: number
  /** At most so many cases are made small; the others are only counted. */
  readonly most?: number
  /** Stops after so many differences. */
  readonly until?: number
  readonly progress?: (done: number, differences: number) => void
}

/** Never throws for what an evaluator does: an evaluator that throws has answered differently. */
export function compare(other: Evaluator, { cases, seed, most = 40, until = cases, progress }: Run): Outcome {
  const examples = new Map<string, Difference>()
  const answers = new Map<string, number>()
  const open = new Map<string, number>()
  let differences = 0
  let shrunk = 0
  for (let number = 0; number < cases && differences < until; number++) {
    if (number % 10_000 === 0) progress?.(number, differences)
    const question = questionOf(seed, number)
    const verdict = decide(question)
    const name = `${verdict.effect}, ${verdict.because}`
    answers.set(name, (answers.get(name) ?? 0) + 1)
    const answer = ask(other, question)
    const kind = disagreement(question, answer, verdict)
    if (kind === undefined) continue
    const reading = readingOf(question, answer)
    if (reading !== undefined) {
      open.set(reading, (open.get(reading) ?? 0) + 1)
      continue
    }
    differences++
    if (shrunk++ >= most) continue
    const smallest = shrink(question, (one) => {
      const told = ask(other, one)
      return disagreement(one, told) === kind && readingOf(one, told) === undefined
    })
    const difference = {
      class: nameOf(kind, smallest),
      question: smallest,
      oracle: decide(smallest),
      other: ask(other, smallest),
    }
    const known = examples.get(difference.class)
    if (known === undefined || JSON.stringify(known.question).length > JSON.stringify(smallest).length)
      examples.set(difference.class, difference)
  }
  return { cases, differences, open, examples: [...examples.values()], answers }
}

/** How the two answers differ, or undefined when they agree. */
function disagreement(question: Question, answer: object, verdict = decide(question)): string | undefined {
  if (!('effect' in answer)) return `${verdict.effect}, the other has no answer`
  if (verdict.effect === 'unknown' && answer.effect !== 'unknown' && alwaysSo(question, answer.effect)) return undefined
  if (answer.effect !== verdict.effect) return `${verdict.effect}, the other says ${String(answer.effect)}`
  // Both deny: for a policy that says so, or for want of one that allows.
  if (verdict.effect !== 'deny') return undefined
  const because = 'because' in answer ? String(answer.because) : 'nothing'
  if (verdict.because === 'implicit-deny' && because === 'explicit-deny' && alwaysSo(question, 'deny', because))
    return undefined
  return because === verdict.because ? undefined : `${verdict.because}, the other says ${because}`
}

/**
 * An evaluator may see through what it does not know: `Null` with both "true" and "false" holds for any key. That is no
 * difference if the oracle says the same for whatever the unknown keys may hold.
 */
function alwaysSo(question: Question, effect: unknown, because?: string): boolean {
  const { unknown: names = [], ...known } = question.request
  const d = dice(names.length)
  for (let world = 0; world < 40; world++) {
    const context: Record<string, string | readonly string[] | null> = { ...known.context }
    for (const name of names) {
      const key = keys.find((each) => each.name.toLowerCase() === name.toLowerCase())
      const value = d.pick([null, ...(key?.values ?? []), 'Ann', 'zz'])
      context[name] = key?.many && value !== null ? [value] : value
    }
    const verdict = decide({ ...question, request: { ...known, context } })
    if (verdict.effect !== effect || (because !== undefined && verdict.because !== because)) return false
  }
  return names.length > 0
}

/** The open reading by which the oracle would have answered as the other does; several joined by a plus. */
function readingOf(question: Question, answer: object): string | undefined {
  const apt = readings.filter(({ read }) => read(question) !== question)
  const agrees = (some: typeof readings) =>
    disagreement(
      some.reduce((read, reading) => reading.read(read), question),
      answer,
    ) === undefined
  // The fewest that do.
  for (let count = 1; count <= apt.length; count++) {
    const found = choices(apt, count).find(agrees)
    if (found !== undefined) return found.map(({ name }) => name).join(' + ')
  }
  return undefined
}

/** Every way to choose so many of the items. */
function choices<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]]
  return items.flatMap((item, index) => choices(items.slice(index + 1), count - 1).map((rest) => [item, ...rest]))
}

function ask(other: Evaluator, question: Question): object {
  try {
    return other(question)
  } catch (error) {
    return { thrown: String(error) }
  }
}

/** The disagreement, the layers that are left in the smallest case, and the words in their statements. */
function nameOf(kind: string, { policies, request }: Question): string {
  const layers = Object.entries(policies).filter(([, layer]) => layer.length !== 0 && layer !== undefined)
  const words = new Set(
    JSON.stringify(policies).match(/"(?:Not[A-Z]\w+|(?:For\w+:)?(?:String|Arn|Numeric|Date|Bool|Null|Ip|Binary)\w*)"/g),
  )
  const caller =
    typeof request.principal === 'string'
      ? (/:(root|\w+-?\w+)(?:\/|$)/.exec(request.principal)?.[1] ?? 'anonymous')
      : Object.keys(request.principal)[0]
  return [kind, caller, ...layers.map(([name]) => name), ...words].join(' | ')
}
