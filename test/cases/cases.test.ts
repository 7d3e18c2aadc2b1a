import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, answerQuestion, type Question } from '../../src/policy/question.ts'
import { Authority } from '../service/iam/authority.ts'
import { type QuestionCase, readCorpus } from './case.ts'
import { check } from './expected.ts'
import { filter, root } from './filter.ts'
import { askWorld, claimsOf } from './live.ts'
import { posed } from './posed.ts'
import { reasons, simulated, simulationOf } from './simulated.ts'
import { openWorld, type World } from './world.ts'

/** The golden corpus: what AWS's reference says, asked through every mouth. See README.md beside this file for the form. */
const { questions, worlds, operators } = readCorpus()
const all: readonly QuestionCase[] = [...questions, ...operators]
const asks = worlds.flatMap(({ place, says, live }) => live.asks.map((ask) => claimsOf(place, says, ask)))

describe('the corpus', () => {
  test('has more than 450 cases beside the table of operators', () => {
    expect(questions.length + asks.length).toBeGreaterThanOrEqual(450)
    expect(operators.length).toBeGreaterThanOrEqual(400)
  })

  test('names a source for every case', () => {
    const unsourced = [...all, ...worlds].filter(
      ({ source }) => !/^(IAM|STS|Service|Recorded|Organizations|KMS|S3|Decided)/.test(source),
    )
    expect(unsourced.map(({ place, says, source }) => [place, says, source])).toEqual([])
  })

  test('says nothing twice', () => {
    const sentences = [...all.map(({ says }) => says), ...asks]
    expect(sentences.filter((says, index) => sentences.indexOf(says) < index)).toEqual([])
  })

  test.each(operatorNames())(
    'asks %s about a key that is missing, empty, right, wrong and of several values',
    (name) => {
      const seen = new Set(operators.filter(({ row }) => row[0] === name).map(({ row }) => kindOf(row)))
      expect([...seen].sort()).toEqual(expect.arrayContaining(name === 'Null' ? nullKinds : kinds))
    },
  )
})

const kinds = ['empty', 'missing', 'one right', 'one wrong', 'several']
const nullKinds = ['empty', 'missing', 'one wrong', 'several']

function kindOf([, , seen, plain]: (typeof operators)[number]['row']): string {
  if (seen === null) return 'missing'
  if (seen.length === 0) return 'empty'
  if (Array.isArray(seen) && seen.length > 1) return 'several'
  return plain === true ? 'one right' : 'one wrong'
}

function operatorNames(): string[] {
  const family = (name: string, ends: string) => ends.split(' ').map((end) => name + end)
  const orders = 'Equals NotEquals LessThan LessThanEquals GreaterThan GreaterThanEquals'
  return [
    ...family('String', 'Equals NotEquals EqualsIgnoreCase NotEqualsIgnoreCase Like NotLike'),
    ...family('Numeric', orders),
    ...family('Date', orders),
    ...family('Arn', 'Equals NotEquals Like NotLike'),
    'Bool',
    'BinaryEquals',
    'IpAddress',
    'NotIpAddress',
    'Null',
  ]
}

let filtered: ReadonlyMap<string, Answer> | undefined
let secondJudge: ((question: Question) => { readonly effect: string; readonly because: string }) | undefined

const ids = new Map(all.map((one, index) => [one, String(index)]))
const identified = (one: QuestionCase): Question => ({ id: ids.get(one) ?? '', ...one.question })

beforeAll(async () => {
  filtered = filter(all.map(identified))
  const oracle = join(root, 'test', 'oracle', 'oracle.ts')
  if (existsSync(oracle)) ({ decide: secondJudge } = await import(oracle))
})

describe('the other mouths', () => {
  test('rolecall decide answers the whole corpus in one process', ({ skip }) => {
    if (filtered === undefined) skip('dist/ is missing or older than src/: run node tools/ready.js --dist')
    expect(filtered?.size).toBe(all.length)
  })
  test('the second evaluator is there', ({ skip }) => {
    if (secondJudge === undefined) skip('there is no test/oracle/oracle.ts')
    expect(secondJudge).toBeTypeOf('function')
  })
})

function ask(one: QuestionCase): void {
  const question = identified(one)
  const answer = answerQuestion(question)
  check(answer, one)
  const piped = filtered?.get(ids.get(one) ?? '')
  if (piped !== undefined) expect(told(piped), 'rolecall decide').toEqual(told(answer))
  askSimulation(question, answer)
  // The second evaluator does not know of the user behind a federated user.
  if (secondJudge === undefined || 'error' in answer || question.request.userArn !== undefined) return
  const second = secondJudge({ ...question, policies: { identity: [], ...question.policies } })
  // It may see no way to tell where the first one does; the case itself says whether there is one.
  if (second.effect === 'unknown' && question.request.unknown !== undefined) return
  expect(reasonOf(second), 'the second evaluator').toEqual(reasonOf(answer))
}

/** How many questions could be asked of the simulation, and were. */
let simulations = 0
const iam = new Authority()

/** A simulation knows users and roles, one boundary and one policy on the resource. What it can be asked, it answers as the engine does. */
function askSimulation(question: Question, answer: Answer): void {
  const asked = 'error' in answer ? undefined : simulationOf(question)
  const outcome = asked === undefined ? undefined : simulated(iam, asked)
  if (outcome === undefined || 'error' in answer) return
  simulations++
  expect(reasons[outcome], 'the simulation').toEqual(reasonOf(answer).because)
}

/** That root may what was granted to it besides is no contradiction. */
const reasonOf = ({ effect, because }: { readonly effect: string; readonly because: string }) => ({
  effect,
  because: effect === 'allow' ? 'granted' : because,
})

/** A filter knows in which line it found a mistake; apart from that it says what the engine says. */
function told(answer: Answer): unknown {
  if (!('error' in answer)) return JSON.parse(JSON.stringify(answer))
  return { ...answer, error: { message: answer.error.message, at: answer.error.at } }
}

for (const place of new Set(questions.map((one) => one.place))) {
  describe(place, () => {
    for (const one of questions.filter((one) => one.place === place)) test(one.says, () => ask(one))
  })
}

describe('the table of operators', () => {
  for (const one of operators) test(one.says, () => ask(one))
})

describe('the simulation', () => {
  test('was asked most of the corpus', () => expect(simulations).toBeGreaterThan(all.length / 2))
})

describe.sequential('worlds', () => {
  for (const { place, says, live } of worlds) {
    describe(`${place}: ${says}`, () => {
      let world: World
      beforeAll(async () => {
        world = await openWorld(live)
      })
      for (const one of live.asks) test(claimsOf(place, says, one), () => askWorld(world, live, one))
    })
  }
  test('were put to the simulation as well, most of them', () => expect(posed.asks).toBeGreaterThan(asks.length / 2))
})
