// `npm run fuzz`: bytes that nobody would send, over raw sockets, against a rolecall of its own.
import { discard, envOf, startRolecall } from '../clients/process.ts'
import { many, seeded } from '../program.ts'
import { fuzz } from './run.ts'

const { cases, seed } = seeded('fuzz', 'Sends bytes that nobody would send to a rolecall of its own.', [
  '--cases 1000000',
  '--seed 7',
])
  .option('--cases <number>', 'how many', many, 100_000)
  .parse()
  .opts<{ cases: number; seed: number }>()

const running = await startRolecall()
try {
  const env = await envOf(running)
  const { host, port } = new URL(running.endpoint)
  console.log(`fuzzing ${running.endpoint}: ${cases} cases, seed ${seed}`)
  const outcome = await fuzz(
    Number(port),
    { ...env, host, now: Date.now() },
    {
      cases,
      seed,
      progress: (done) => process.stdout.write(`\r${done} cases`),
    },
  )
  console.log(`\r${outcome.cases} cases; answers by status:`)
  for (const [status, count] of [...outcome.statuses].sort()) console.log(`  ${status.padEnd(5)} ${count}`)
  for (const failure of outcome.failures) console.log(`\nFAILED ${failure}`)
  const alive = running.child.exitCode === null && (await envOf(running)).accountId === env.accountId
  if (!alive) console.log(`the server is gone:\n${running.output()}`)
  const bugs = /request \S+ failed/.test(running.output())
  if (bugs) console.log(`the server reported bugs:\n${running.output()}`)
  process.exitCode = outcome.failures.length > 0 || !alive || bugs ? 1 : 0
} finally {
  await discard(running)
}
