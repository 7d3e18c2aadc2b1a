// `npm run test:nodes`: runs the tests on the other Node versions that we promise, as the npm packages `node@22` and `node@24`
// bring them. They are fetched into a folder of their own under node_modules and are nobody's dependency.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compile, install, root } from './ready.js'

install()
compile('dist')
compile('build')
const wanted = process.argv.slice(2).filter((arg) => /^\d+$/.test(arg))
const rest = process.argv.slice(2).filter((arg) => !/^\d+$/.test(arg))
let failed = 0
for (const version of wanted.length > 0 ? wanted : ['22', '24']) {
  const folder = join(root, 'node_modules', '.cache', `node-${version}`)
  const node = join(folder, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(node)) {
    console.log(`fetching Node ${version}`)
    mkdirSync(folder, { recursive: true })
    // The `node` package's own install step is what puts the binary of this platform into place; npm 11 runs it only if told.
    writeFileSync(join(folder, 'package.json'), '{"private":true,"allowScripts":{"node":true}}')
    const { status } = spawnSync('npm', ['install', `node@${version}`, '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'inherit',
    })
    if (status !== 0 || !existsSync(node)) {
      console.log(`Node ${version} could not be installed; its run is left out`)
      failed = 1
      continue
    }
  }
  const path = `${dirname(node)}:${process.env.PATH}`
  console.log(`--- Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`)
  const { status } = spawnSync(node, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  })
  if (status !== 0) failed = 1
}
process.exit(failed)
