// `npm run torn`: cuts files and turns bits in them, and starts over what is left.
import { dice } from '../fuzz/dice.ts'
import { commit, many, seeded } from '../program.ts'
import { makeEstate } from './estate.ts'
import { targets, wound } from './torn.ts'

const values = seeded('torn', 'Cuts files of a store and turns bits in them, and starts over what is left.', [
  '--places 1000',
  '--all --only wal',
])
  .option('--places <number>', 'in how many places each file is wounded', many, 500)
  .option('--all', 'in every place')
  .option('--only <text>', 'no files but those that have this in their names')
  .parse()
  .opts<{ places: number; all?: true; only?: string; seed: number }>()
const { seed } = values
const places = values.all ? 'all' : values.places
console.log(`wounding files: ${places} places each, seed ${seed}, commit ${await commit()}`)
const estate = await makeEstate()
let failed = 0
try {
  for (const target of targets) {
    if (!target.name.includes(values.only ?? '')) continue
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
if (failed > 0)
  console.log(`\nagain with: npm run torn -- ${values.all ? '--all' : `--places ${places}`} --seed ${seed}`)
process.exit(failed > 0 ? 1 : 0)
