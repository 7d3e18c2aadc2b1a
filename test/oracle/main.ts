// `npm run differential -- --cases N --seed S`: the policy engine against a second, naive one.
import { parseArgs } from 'node:util'
import { answerQuestion } from '../../src/policy/question.ts'
import { compare } from './differential.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    most: { type: 'string', default: '40' },
  },
})
const cases = Number(values.cases)
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed)
const most = Number(values.most)
if (!Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed) || !Number.isInteger(most)) {
  console.error('usage: npm run differential -- [--cases N] [--seed S] [--most CASES-TO-SHRINK]')
  process.exit(2)
}

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
