// Makes a fresh clone ready, and does nothing where it already is. Plain JavaScript without dependencies: it runs before
// there are any.
//
//   node tools/ready.js            install what package-lock.json names
//   node tools/ready.js --dist     and compile src/ to dist/, which bin/rolecall.js runs
//   node tools/ready.js --build    and compile everything to build/, for the bench and the long runs
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...parts) => join(root, ...parts)

const floor = [20, 19]
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < floor[0] || (major === floor[0] && minor < floor[1])) {
  console.error(`rolecall needs Node.js ${floor.join('.')} or newer; this is ${process.versions.node}.`)
  process.exit(1)
}

/** Says what is being done, on stderr: the answer of a command stays alone on stdout. */
const say = (text) => process.stderr.write(`rolecall: ${text}\n`)

function run(command, args) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (done.status === 0) return
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}`)
  say(`'${command} ${args.join(' ')}' failed${done.error ? `: ${done.error.message}` : ''}`)
  process.exit(1)
}

const lock = () =>
  createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .digest('hex')
const stamp = at('node_modules', '.rolecall-lock')

function installed() {
  if (!existsSync(at('node_modules', 'typescript', 'package.json'))) return false
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === lock()
  // Installed by npm itself: its own record of what it did is newer than the lock file.
  const record = at('node_modules', '.package-lock.json')
  return existsSync(record) && statSync(record).mtimeMs >= statSync(at('package-lock.json')).mtimeMs
}

export function install() {
  if (installed()) return
  say('installing packages (once)')
  // No package may run code of its own at install time; what we depend on ships ready to load.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev', '--include=optional'])
  writeFileSync(stamp, lock())
}

/** Names, sizes and times of every file below the folders: changes whenever something that is compiled does. */
function fingerprint(folders) {
  const hash = createHash('sha256').update(lock())
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) walk(path)
      else {
        const { size, mtimeMs } = statSync(path)
        hash.update(`${path}\0${size}\0${mtimeMs}\n`)
      }
    }
  }
  for (const folder of folders) if (existsSync(at(folder))) walk(at(folder))
  return hash.digest('hex')
}

const outputs = {
  dist: { project: 'tsconfig.dist.json', folders: ['src'], data: 'model/data' },
  build: { project: 'tsconfig.build.json', folders: ['src', 'bench', 'test', 'tools'], data: 'src/model/data' },
}

/** Compiles into a folder of its own and moves it into place, so that nobody ever runs half a build. */
export function compile(name) {
  const { project, folders, data } = outputs[name]
  const print = fingerprint(folders)
  const mark = at(name, '.fingerprint')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === print) return
  say(`compiling ${folders.join(', ')}`)
  const fresh = at(`.${name}-${process.pid}`)
  const old = at(`.${name}-${process.pid}-old`)
  const clean = () => {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true })
  }
  // A compiler that complains ends this process on the spot.
  process.once('exit', clean)
  try {
    run(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', project, '--outDir', fresh])
    mkdirSync(join(fresh, data), { recursive: true })
    cpSync(at('src/model/data'), join(fresh, data), { recursive: true })
    writeFileSync(join(fresh, '.fingerprint'), print)
    // The old one is only moved aside at first: whoever starts meanwhile finds one or the other.
    if (existsSync(at(name))) renameSync(at(name), old)
    renameSync(fresh, at(name))
  } finally {
    clean()
    process.off('exit', clean)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install()
  for (const name of Object.keys(outputs)) if (process.argv.includes(`--${name}`)) compile(name)
}
