import { describe, test } from 'vitest'
import { answerQuestion } from '../../src/policy/question.ts'
import { readCorpus } from './case.ts'
import { check } from './expected.ts'

/** The corpus through the engine's own mouth, which is quick: what counts mutants asks here. The other mouths are in cases.test.ts. */
const { questions, operators } = readCorpus()

describe('the engine answers', () => {
  for (const one of [...questions, ...operators]) test(one.says, () => check(answerQuestion(one.question), one))
})
