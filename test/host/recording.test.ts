import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Signer } from '../../src/audit/key.ts'
import { SqlAudit } from '../../src/audit/trail.ts'
import { verify } from '../../src/audit/verify.ts'
import { marks, openSqlite } from '../../src/store/sqlite.ts'
import { folder, key, record, Time, writerOptions } from '../audit/scene.ts'
import { root } from '../clients/process.ts'

const compiled = join(root, 'dist', 'host', 'recording.js')

/** Appends through a thread, says each record that is acknowledged, and goes on until it is killed. */
const program = (database: string) => `
  import { openRecording } from ${JSON.stringify(compiled)}
  import { machineClock, machineSchedule } from ${JSON.stringify(join(root, 'dist', 'host', 'machine.js'))}
  const log = await openRecording(
    { place: { kind: 'sqlite', path: ${JSON.stringify(database)} }, node: 'main', keys: [${JSON.stringify(key)}], segmentRecords: 40 },
    { clock: machineClock, schedule: machineSchedule, alarm: (what, error) => console.error(what, error) },
  )
  console.log('thread ' + log.constructor.name)
  for (let number = Number(process.argv[2]); ; number += 4)
    await Promise.all([0, 1, 2, 3].map(async (more) => {
      const id = String(number + more)
      await log.append([{ eventId: id, at: Date.now(), account: '111122223333', requestId: id, event: '{"n":' + id + '}' }])
      console.log(id)
    }))
`

/** Runs it until it has said so many lines, and kills it. */
function killed(database: string, from: number, lines: number): Promise<readonly string[]> {
  // A thread is started with the options of its process, so that the program has to be a file.
  writeFileSync(`${database}.mjs`, program(database))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${database}.mjs`, String(from)])
    let said = ''
    let wrong = ''
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString()
      if (said.split('\n').length > lines) child.kill('SIGKILL')
    })
    child.stderr.on('data', (text: Buffer) => {
      wrong += text.toString()
    })
    child.on('close', () => (wrong === '' ? resolve(said.split('\n').slice(0, -1)) : reject(new Error(wrong))))
  })
}

describe.skipIf(!existsSync(compiled))('a trail that is written by a thread', () => {
  test('has everything that was acknowledged after each of several kill -9, and its chain holds', async () => {
    const dir = folder()
    const database = dir.file('audit.db')
    const acknowledged = new Set<string>()
    for (let round = 0; round < 5; round++) {
      const [first, ...ids] = await killed(database, round * 100_000, 60 + round * 7)
      expect(first).toBe('thread ThreadAudit')
      for (const id of ids) acknowledged.add(id)
    }
    const log = await SqlAudit.open(openSqlite(database, { mark: marks.audit }), writerOptions('main', new Time()))
    await log.append([record(1)])
    const found = new Set<string>()
    for (let before: number | undefined; ; ) {
      const { entries, next } = await log.trail('111122223333', 100, before)
      for (const { eventId } of entries) found.add(eventId)
      if (next === undefined) break
      before = next
    }
    expect([...acknowledged].filter((id) => !found.has(id))).toEqual([])
    await log.close()
    const engine = openSqlite(database, { mark: marks.audit })
    const { findings, records, chains } = await verify(engine, { keys: [key], signer: new Signer([key]) })
    expect(findings).toEqual([])
    expect(records).toBeGreaterThanOrEqual(acknowledged.size)
    expect(chains).toMatchObject([{ node: 'main', open: 0 }])
    await engine.close()
    dir.clean()
  })
})
