// `npm run differential`: the policy engine against a second, naive one.
import { answerQuestion } from '../../src/policy/question.ts'
import { many, seeded } from '../program.ts'
import { compare } from './differential.ts'

const { cases, seed, most } = seeded(
  'differential',
  'Asks the policy engine and a second, naive one the same questions.',
  ['--cases 100000000', '--seed 7 --most 5'],
)
  .option('--cases <number>', 'how many questions', many, 1_000_000)
  .option('--most <number>', 'how many differences are made as small as they go', many, 40)
  .parse()
  .opts<{ cases: number; seed: number; most: number }>()

console.log(`${cases} questions, seed ${seed}`)
const started = performance.now()
const outcome = compare(answerQuestion, {
  cases,
  seed,
  most,
  progress: (done, differences) => process.stdout.write(`\r${done} questions, ${differences} differences`),
})
const seconds = (performance.now() - started) / 1000
console.log(`\r${outcome.cases} questions, ${outcome.differences} differences, ${seconds.toFixed(1)} s`)
for (const [answer, count] of [...outcome.answers].sort()) console.log(`  ${answer.padEnd(24)} ${count}`)
for (const [reading, count] of outcome.open) console.log(`  open: ${reading}: ${count}`)
for (const example of outcome.examples) console.log(`\nDIFFERENT ${example.class}\n${JSON.stringify(example, null, 1)}`)
process.exitCode = outcome.differences > 0 ? 1 : 0
