// `npm run torn -- [--places N | --all] [--seed S] [--only TEXT]`: cuts files and turns bits in them, and starts over what is left.
import { parseArgs } from 'node:util'
import { root, run } from '../clients/process.ts'
import { dice } from '../fuzz/dice.ts'
import { makeEstate } from './estate.ts'
import { targets, wound } from './torn.ts'

const { values } = parseArgs({
  options: {
    places: { type: 'string', default: '500' },
    all: { type: 'boolean', default: false },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
  },
})
const places = values.all ? 'all' : Number(values.places)
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed)
if (!(places === 'all' || (Number.isInteger(places) && places > 0)) || !Number.isInteger(seed)) {
  console.error('usage: npm run torn -- [--places N | --all] [--seed S] [--only TEXT]')
  process.exit(2)
}
const commit = (await run('git', ['rev-parse', '--short', 'HEAD'], {}, root)).stdout.trim()
console.log(`wounding files: ${places} places each, seed ${seed}, commit ${commit || 'unknown'}`)
const estate = await makeEstate()
let failed = 0
try {
  for (const target of targets) {
    if (!target.name.includes(values.only)) continue
    const { bytes, wounds, ends, violations } = await wound(estate, target, dice(seed), places)
    const counts = Object.entries(ends).map(([end, count]) => `${count} ${end}`)
    console.log(
      `${target.name} (${bytes} bytes): ${wounds} wounds, ${[...counts, `${violations.length} VIOLATIONS`].join(', ')}`,
    )
    for (const violation of violations) console.log(`\nFAILED: ${violation}`)
    failed += violations.length
  }
} finally {
  estate.close()
}
if (failed > 0) console.log(`\nagain with: npm run torn -- --places ${values.places} --seed ${seed}`)
process.exit(failed > 0 ? 1 : 0)
