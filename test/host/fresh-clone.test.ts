import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { root } from '../clients/process.ts'

/** What npm says where it cannot reach the place that it installs from. */
const unreachable = /ENOTCACHED|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|network/i
const patienceMilliseconds = 240_000

const folder = mkdtempSync(join(tmpdir(), 'rolecall-clone-'))
const clone = join(folder, 'rolecall')
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) end(child, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** npm, the shell that it starts and the server are one group, as in a terminal. */
function end(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It ended meanwhile.
  }
}

/** `npm start` as a user types it, with the npm set-up of whoever runs the tests, until it is ready or has ended. */
async function start() {
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^(?:VITEST|NODE_|npm_(?:package|lifecycle))/.test(name),
  )
  const child = spawn('npm', ['start', '--', '--port', '0', '--data', join(folder, 'data')], {
    cwd: clone,
    env: { ...Object.fromEntries(environment), npm_config_prefer_offline: 'true', npm_config_fetch_retries: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  children.push(child)
  const late = setTimeout(() => end(child, 'SIGKILL'), patienceMilliseconds)
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const ready = new Promise<string>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const endpoint = /^rolecall is ready: (\S+)\n/m.exec(output)?.[1]
      if (endpoint !== undefined) resolve(endpoint)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
  })
  const endpoint = await Promise.race([ready, ended.then(() => undefined)])
  clearTimeout(late)
  return {
    endpoint,
    output,
    stop: () => {
      end(child, 'SIGINT')
      return ended
    },
    /** Ends npm alone, which tells nobody; resolves when the last that holds its output has ended, the server with it. */
    endNpm: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

test('a fresh clone is ready after `npm start` alone, and the second time without installing or compiling', async ({
  skip,
}) => {
  if (!existsSync(join(root, '.git'))) skip('this is no git checkout: there is nothing to clone')
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone])
  expect(existsSync(join(clone, 'node_modules')) || existsSync(join(clone, 'dist'))).toBe(false)

  const first = await start()
  if (first.endpoint === undefined && unreachable.test(first.output)) {
    skip('packages cannot be installed here: npm reaches no registry, and its cache does not have them')
  }
  expect(first.output).toMatch(/^rolecall: installing packages/m)
  expect(first.output).toMatch(/^rolecall: compiling src$/m)
  expect(first.output).toMatch(/\nrolecall is ready: http:\/\/127\.0\.0\.1:\d+\n$/)
  expect((await fetch(first.endpoint ?? '', { redirect: 'manual' })).status).toBeLessThan(500)
  await first.stop()

  const second = await start()
  expect(second.endpoint).toBeDefined()
  expect(second.output).not.toMatch(/installing|compiling/)
  await second.endNpm()

  // Nobody holds the data any more: neither the one that was interrupted nor the one whose npm was ended.
  const third = await start()
  expect(third.endpoint).toBeDefined()
  await third.stop()

  const left = execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' })
  expect(left).toBe('')
}, 720_000)
