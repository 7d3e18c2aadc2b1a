// `npm run crash`: kills a server under load again and again, and looks at what it left.
import { commit, many, seeded } from '../program.ts'
import { crash } from './run.ts'

const { rounds, seed } = seeded('crash', 'Kills a server under load again and again, and looks at what it left.', [
  '--rounds 20',
  '--rounds 3000 --seed 7',
])
  .option('--rounds <number>', 'how often', many, 300)
  .parse()
  .opts<{ rounds: number; seed: number }>()
console.log(`killing a server under load: ${rounds} rounds, seed ${seed}, commit ${await commit()}`)
const began = performance.now()
const outcome = await crash({
  rounds,
  seed,
  progress: (round, { acknowledged, minted, unanswered, applied }) =>
    process.stdout.write(
      `${process.stdout.isTTY ? '\r' : ''}round ${round}: ${acknowledged} acknowledged, ${minted} of them credentials; ${unanswered} unanswered, ${applied} of them on disk${process.stdout.isTTY ? '' : '\n'}`,
    ),
})
const seconds = ((performance.now() - began) / 1000).toFixed(0)
console.log(
  `${process.stdout.isTTY ? '\n' : ''}${outcome.rounds} rounds in ${seconds} s, slowest start ${outcome.slowestStartMilliseconds} ms, ${outcome.failures.length} failures`,
)
const killed = {
  up: 'one that runs alone',
  workers: 'two workers and their parent at once',
  worker: 'a worker, then all',
  parent: 'the parent of two workers',
}
for (const [way, what] of Object.entries(killed)) {
  const rounds = outcome.ways[way as keyof typeof killed] ?? 0
  console.log(`  ${String(rounds).padStart(5)} rounds: killed was ${what}`)
}
console.log(
  `  ${outcome.acknowledged} acknowledged requests, ${outcome.minted} of them credentials: each there, each with one record`,
)
for (const failure of outcome.failures) console.log(`\nFAILED: ${failure}`)
if (outcome.failures.length > 0) console.log(`\nagain with: npm run crash -- --rounds ${rounds} --seed ${seed}`)
process.exitCode = outcome.failures.length > 0 ? 1 : 0
