// `npm run cluster -- --minutes M --seed S`: three nodes over a primary and its standby, while somebody breaks all of it.
import { parseArgs } from 'node:util'
import { root, run } from '../clients/process.ts'
import { missing } from '../postgres/server.ts'
import { cluster } from './run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    nodes: { type: 'string', default: '3' },
    clients: { type: 'string', default: '9' },
  },
})
const [minutes, nodes, clients] = [values.minutes, values.nodes, values.clients].map(Number) as [number, number, number]
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed)
if (!(minutes > 0) || !Number.isInteger(seed) || !Number.isInteger(nodes) || nodes < 1 || !Number.isInteger(clients)) {
  console.error('usage: npm run cluster -- [--minutes M] [--seed S] [--nodes N] [--clients N]')
  process.exit(2)
}
const none = missing()
if (none !== undefined) {
  console.error(none)
  process.exit(2)
}
const commit = (await run('git', ['rev-parse', '--short', 'HEAD'], {}, root)).stdout.trim()
console.log(`${nodes} nodes, ${clients} clients, ${minutes} minutes, seed ${seed}, commit ${commit || 'unknown'}`)
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
