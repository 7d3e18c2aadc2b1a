import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { check } from '../../src/host/check.ts'
import { readCredentials } from '../../src/host/credentials.ts'
import { keySource } from '../../src/host/key.ts'
import { machineClock, machineMonotonic, machineRandom, machineSchedule } from '../../src/host/machine.ts'
import { openNode } from '../../src/host/node.ts'
import { readWitness } from '../../src/host/witness.ts'
import { loadService } from '../../src/model/service.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { KeyRing } from '../../src/token/vault.ts'
import { sign } from '../../src/wire/sigv4.ts'
import { folder } from '../audit/scene.ts'

const dir = folder()
afterAll(() => dir.clean())
const file = (name: string) => join(dir.path, name)

/** Starts, creates a user, and stops, which seals what there is. Answers what was told to the operator meanwhile. */
async function session(UserName: string): Promise<readonly string[]> {
  const alarms: string[] = []
  const node = await openNode(
    { directory: dir.path, store: { kind: 'directory', directory: dir.path }, name: 'main', shared: false, key: {} },
    {
      clock: machineClock,
      random: machineRandom(),
      schedule: machineSchedule,
      monotonic: machineMonotonic,
      alarm: (what) => void alarms.push(what),
    },
  )
  try {
    const [keys] = readCredentials(dir.path)
    if (keys === undefined) throw new Error('there are no keys')
    const parameters = { Action: 'CreateUser', Version: loadService('iam').apiVersion, UserName }
    const headers = [
      ['host', 'rolecall.test'],
      ['content-type', 'application/x-www-form-urlencoded'],
    ] as const
    const body = new TextEncoder().encode(new URLSearchParams(parameters).toString())
    const plain = { method: 'POST', path: '/', query: '', headers, body, sourceIp: '127.0.0.1', secure: false }
    const scope = { region: 'us-east-1', service: 'iam', now: Date.now() }
    expect((await node.answer({ ...plain, headers: sign(plain, { ...keys }, scope) })).status).toBe(200)
  } finally {
    await node.close()
  }
  return alarms
}

async function checked() {
  const [store, trail] = [openSqlite(file('rolecall.db')), openSqlite(file('audit.db'), { mark: marks.audit })]
  try {
    const vault = new KeyRing(keySource({}, {}, dir.path), machineClock, machineRandom())
    const { complaints } = await check({ store, trail }, vault)
    return { complaints, noted: (await readWitness(store)).anchors.map(({ node, segment }) => [node, segment]) }
  } finally {
    await Promise.all([store.close(), trail.close()])
  }
}

test('a trail that was put back while nothing ran is told at the next start, and for ever after, whatever is written then', async () => {
  expect(await session('ada')).toEqual([])
  copyFileSync(file('audit.db'), file('last-week.db'))
  for (const name of ['bob', 'cleo']) expect(await session(name)).toEqual([])
  const { complaints, noted } = await checked()
  expect(complaints).toEqual([])
  const [[node, segment = 0] = []] = noted
  expect(node).toBe('main')
  expect(segment).toBeGreaterThanOrEqual(2)

  copyFileSync(file('last-week.db'), file('audit.db'))
  for (const name of ['dora', 'emil', 'fred', 'gus'])
    expect(await session(name)).toEqual(['the audit trail was altered; it goes on in a new chain, main~2'])
  const after = await checked()
  expect(after.complaints).toEqual([expect.stringContaining('were sealed and are not here')])
  expect(after.noted).toEqual([
    ['main', segment],
    ['main~2', expect.any(Number)],
  ])
})
