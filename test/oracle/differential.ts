/** Asks two evaluators the same questions, and tells where they answer differently. */
import { questionOf } from './generate.ts'
import { decide } from './oracle.ts'
import type { Question, Verdict } from './question.ts'
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
  readonly progress?: (done: number, differences: number) => void
}

/** Never throws for what an evaluator does: an evaluator that throws has answered differently. */
export function compare(other: Evaluator, { cases, seed, most = 40, progress }: Run): Outcome {
  const examples = new Map<string, Difference>()
  const answers = new Map<string, number>()
  let differences = 0
  let shrunk = 0
  for (let number = 0; number < cases; number++) {
    if (number % 10_000 === 0) progress?.(number, differences)
    const question = questionOf(seed, number)
    const verdict = decide(question)
    const name = `${verdict.effect}, ${verdict.because}`
    answers.set(name, (answers.get(name) ?? 0) + 1)
    const kind = disagreement(question, other, verdict)
    if (kind === undefined) continue
    differences++
    if (shrunk++ >= most) continue
    const smallest = shrink(question, (one) => disagreement(one, other) === kind)
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
  return { cases, differences, examples: [...examples.values()], answers }
}

/** How the two answers differ, or undefined when they agree. */
function disagreement(question: Question, other: Evaluator, verdict = decide(question)): string | undefined {
  const answer = ask(other, question)
  if (!('effect' in answer)) return `${verdict.effect}, the other has no answer`
  if (answer.effect !== verdict.effect) return `${verdict.effect}, the other says ${String(answer.effect)}`
  // Both deny: for a policy that says so, or for want of one that allows.
  if (verdict.effect !== 'deny') return undefined
  const because = 'because' in answer ? String(answer.because) : 'nothing'
  const explicit = (reason: string): boolean => reason.includes('explicit')
  return explicit(because) === explicit(verdict.because) ? undefined : `${verdict.because}, the other says ${because}`
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
