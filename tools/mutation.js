// `npm run mutation [AREA]`: what the tests of an area would miss (docs/mutation.md). What follows goes to Stryker.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { isArea } from './mutation-areas.js'
import { install, root } from './ready.js'

install()
const [first, ...rest] = process.argv.slice(2)
const named = first !== undefined && isArea(first)
const args = named ? rest : process.argv.slice(2)
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js'), 'run', ...args],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...(named && { MUTATION_AREA: first }) } },
)
process.exit(status ?? 1)
