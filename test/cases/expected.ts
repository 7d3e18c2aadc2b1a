import { expect } from 'vitest'
import type { Answer, Decided } from '../../src/policy/question.ts'
import type { Expected, QuestionCase } from './case.ts'

/** Holds an answer against what its case expects. */
export function check(answer: Answer, { expect: wanted }: QuestionCase): void {
  if ('error' in wanted) {
    if (!('error' in answer)) throw new Error(`answered ${answer.effect}, and is no question`)
    expect(answer.error.at).toBe(wanted.at)
    expect(answer.error.message).toContain(wanted.error)
    return
  }
  if ('error' in answer) throw new Error(`${answer.error.at ?? 'the question'}: ${answer.error.message}`)
  const { effect, because, blocking } = answer
  expect({ effect, because, blocking }).toEqual({
    effect: wanted.effect,
    because: wanted.because,
    blocking: wanted.blocking,
  })
  checkReasons(answer, wanted)
}

function checkReasons(answer: Decided, { matched, near, message, untold }: Expected): void {
  const statements = answer.layers.flatMap((layer) => layer.statements)
  if (matched !== undefined) {
    const applied = statements.filter(({ part }) => part === 'applies').map(({ sid }) => sid)
    expect(applied.sort()).toEqual([...matched].sort())
  }
  if (near !== undefined) {
    const almost = statements
      .filter(({ part }) => part === 'near')
      .map(({ sid, failed }) => ({ sid, key: failed?.key }))
    expect(almost).toContainEqual(near)
  }
  if (message !== undefined) expect(answer.message).toBe(message)
  if (untold !== undefined)
    expect(answer.pending.flatMap((clause) => clause.untold.map((key) => key.toLowerCase()))).toEqual(untold)
  // A refusal says what is missing or what would turn it, and AWS's sentence comes with a refusal only.
  if (answer.effect === 'deny') expect([...answer.missing, ...answer.hints]).not.toEqual([])
  expect(answer.message === '').toBe(answer.effect !== 'deny')
}
