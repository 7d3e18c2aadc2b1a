// `npm test`: from a fresh clone to a tested one. Arguments go to vitest: `npm test -- test/policy`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { compile, install, root } from './ready.js'

install()
compile('dist')
compile('build')
const args = process.argv.slice(2)
const bin = (...parts) => join(root, 'node_modules', ...parts)
const steps = [
  ...(args.length > 0 ? [] : [[bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '.']]),
  [bin('vitest', 'vitest.mjs'), 'run', ...args],
]
for (const step of steps) {
  const { status } = spawnSync(process.execPath, step, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
