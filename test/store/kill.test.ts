import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { World } from '../../src/state/world.ts'
import { openDatabase } from '../../src/store/database.ts'
import { acquireLock, Lock, readHolder } from '../../src/store/lock.ts'
import { openStore } from '../../src/store/sql-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { loadWhole } from '../../src/store/whole.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const rounds = 6
let home = ''

/** The writer as plain JavaScript: Node 20 runs no TypeScript. */
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rolecall-kill-'))
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
  const project = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noEmit: false, rootDir: root, outDir: join(home, 'out') },
    files: [join(root, 'test/store/writer.ts')],
    include: [],
  }
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(project))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const compiled = spawnSync(process.execPath, [tsc, '-p', home], { encoding: 'utf8' })
  expect(compiled.stdout + compiled.stderr).toBe('')
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

interface Acknowledged {
  readonly writes: Set<number>
  readonly records: Set<number>
  revision: number
}

/** Runs the writer until it has acknowledged so many operations, and kills it in the midst of the next ones. */
async function runAndKill(directory: string, first: number, operations: number, acked: Acknowledged): Promise<void> {
  const child = spawn(process.execPath, [join(home, 'out/test/store/writer.js'), directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  let killed = false
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (chunk: string) => {
    output += chunk
    if (killed || output.split('\n').length <= operations) return
    killed = true
    expect(readHolder(directory)).toEqual({ pid: child.pid, endpoint: 'http://127.0.0.1:4080' })
    expect(acquireLock(directory, { pid: process.pid })).toEqual({ pid: child.pid, endpoint: 'http://127.0.0.1:4080' })
    child.kill('SIGKILL')
  })
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)))
  expect(signal).toBe('SIGKILL')
  // What was printed before the kill is in the pipe; a last line that is cut off was not read as acknowledged by anybody.
  for (const line of output.slice(0, output.lastIndexOf('\n')).split('\n')) {
    const [what, number, revision] = line.split(' ')
    ;(what === 'write' ? acked.writes : acked.records).add(Number(number))
    acked.revision = Math.max(acked.revision, Number(revision))
  }
}

test('a writer that is killed under load has lost nothing that it acknowledged, and half done nothing', async () => {
  const directory = join(home, 'data')
  const acked: Acknowledged = { writes: new Set(), records: new Set(), revision: 0 }
  let first = 0
  for (let round = 1; round <= rounds; round++) {
    await runAndKill(directory, first, 40 + round * 37, acked)
    expect(readHolder(directory)).toBeUndefined()
    const lock = acquireLock(directory, { pid: process.pid })
    expect(lock).toBeInstanceOf(Lock)

    const store = await openStore(openSqlite(join(directory, 'state.db')))
    const { head, entities } = await loadWhole(store)
    const world = new World(entities, head)
    expect(head.revision).toBeGreaterThanOrEqual(acked.revision)
    const entries = (await store.outbox(1_000_000)).flatMap(({ rows }) => rows)
    const recorded = new Set(entries.map(({ at }) => at))
    expect(recorded.size).toBe(entries.length)
    for (const number of acked.records) expect(recorded.has(number)).toBe(true)
    for (const number of acked.writes) expect(world.get('user', `left-${number}`)).toBeDefined()
    const top = Math.max(...recorded)
    for (let number = 0; number <= top; number++) {
      const left = world.get('user', `left-${number}`) !== undefined
      expect(world.get('user', `right-${number}`) !== undefined).toBe(left)
      if (left) expect(recorded.has(number)).toBe(true)
    }
    await store.close()
    const database = openDatabase(join(directory, 'state.db'))
    expect(database.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' })
    database.close()
    if (lock instanceof Lock) lock.release()
    first = top + 1
  }
  expect(acked.writes.size + acked.records.size).toBeGreaterThan(rounds * 40)
  expect(statSync(join(directory, 'state.db')).mode & 0o777).toBe(0o600)
})
