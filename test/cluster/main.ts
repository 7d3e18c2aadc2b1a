// `npm run cluster`: three nodes over a primary and its standby, while somebody breaks all of it.
import { missing } from '../postgres/server.ts'
import { commit, many, seeded } from '../program.ts'
import { cluster } from './run.ts'

const { minutes, seed, nodes, clients } = seeded(
  'cluster',
  'Runs nodes over a PostgreSQL and its standby, breaks all of it, and checks what clients were told.',
  ['--minutes 2', '--minutes 60 --nodes 5 --clients 20'],
)
  .option('--minutes <number>', 'how long', many, 5)
  .option('--nodes <number>', 'how many nodes', many, 3)
  .option('--clients <number>', 'how many clients', many, 9)
  .parse()
  .opts<{ minutes: number; seed: number; nodes: number; clients: number }>()
const none = missing()
if (none !== undefined) {
  console.error(none)
  process.exit(2)
}
console.log(`${nodes} nodes, ${clients} clients, ${minutes} minutes, seed ${seed}, commit ${await commit()}`)
const outcome = await cluster({ seconds: minutes * 60, seed, nodes, clients, tell: (what) => console.log(what) })
const { answered, unknown, histories, undecided, accepted, refused, over, failures } = outcome
console.log(
  `${outcome.deeds} deeds; ${answered} operations answered, ${unknown} of unknown outcome; ${accepted} requests accepted by key, ` +
    `${refused} refused as revoked, ${over} of sessions that were ended; ${histories} histories checked, ${undecided} undecided; ${failures.length} failures`,
)
for (const failure of failures) console.log(`\nFAILED: ${failure}`)
if (failures.length > 0)
  console.log(
    `\nagain with: npm run cluster -- --minutes ${minutes} --seed ${seed} --nodes ${nodes} --clients ${clients}`,
  )
// Not left to Node: where many sockets were reset it sometimes does not come to its own end.
process.exit(failures.length > 0 ? 1 : 0)
