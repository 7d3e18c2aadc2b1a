// `npm run fuzz -- --cases N --seed S`: bytes that nobody would send, over raw sockets, against a rolecall of its own.
import { parseArgs } from 'node:util'
import { discard, envOf, startRolecall } from '../clients/process.ts'
import { fuzz } from './run.ts'

const { values } = parseArgs({ options: { cases: { type: 'string', default: '100000' }, seed: { type: 'string' } } })
const cases = Number(values.cases)
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed)
if (!Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz -- [--cases N] [--seed S]')
  process.exit(2)
}

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
