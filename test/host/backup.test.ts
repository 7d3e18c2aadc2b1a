import { pbkdf2 } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { BackupDamaged, type Portion, readBackup, writeBackup } from '../../src/host/backup.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolecall-backup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const derive = promisify(pbkdf2)

const head = { at: 1, version: '0', schemas: { store: 3, trail: 1 } }
const portions: readonly Portion[] = [
  { part: 'store' },
  { table: 'entity', columns: ['kind', 'id', 'body'] },
  { rows: Array.from({ length: 500 }, (_, at) => ['user', `A${at}`, `{"name":"ü\u2028\\n ${Math.sin(at)}"}`]) },
  { part: 'trail' },
  { table: 'audit_run', columns: ['high'] },
  { rows: [[1], [null]] },
]
async function* given(): AsyncIterable<Portion> {
  yield* portions
}
const write = async (name: string) => {
  const file = join(folder, name)
  await writeBackup(file, head, given())
  return file
}
const read = async (file: string) => {
  const found: unknown[] = []
  for await (const portion of readBackup(file)) found.push(portion)
  return found
}

describe('a backup', () => {
  test('is read as it was written, line separators of Unicode included', async () => {
    const file = await write('whole')
    expect((await read(file)).slice(1)).toEqual(portions)
  })

  test('leaves nothing behind where it could not be finished, on a machine that is slow to open files', async () => {
    const failing = async function* (): AsyncIterable<Portion> {
      yield { part: 'store' }
      throw new Error('the database went away')
    }
    // Every thread that files are opened on is busy, and what is asked of them is done in turn.
    const busy = Array.from({ length: 16 }, () => derive('a', 'b', 20_000, 32, 'sha256'))
    await expect(writeBackup(join(folder, 'failing'), head, failing())).rejects.toThrow('the database went away')
    await Promise.all(busy)
    await stat(folder)
    expect(readdirSync(folder).filter((name) => name.startsWith('failing'))).toEqual([])
  })

  test('leaves the file of that name as it was where it could not be finished', async () => {
    const file = await write('kept')
    const before = readFileSync(file)
    const failing = async function* (): AsyncIterable<Portion> {
      yield { part: 'store' }
      throw new Error('the database went away')
    }
    await expect(writeBackup(file, head, failing())).rejects.toThrow('the database went away')
    expect(readFileSync(file)).toEqual(before)
  })

  test('is refused by name wherever it was cut', async () => {
    const whole = readFileSync(await write('cut'))
    for (let length = 0; length < whole.length; length += length < 64 ? 1 : 97) {
      const file = join(folder, 'short')
      writeFileSync(file, whole.subarray(0, length))
      await expect(read(file), `${length} of ${whole.length} bytes`).rejects.toBeInstanceOf(BackupDamaged)
    }
  })

  test('is refused by name, or reads as it was, whichever bit is turned', async () => {
    const whole = readFileSync(await write('flip'))
    let refused = 0
    for (let at = 0; at < whole.length; at += 31) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      const file = join(folder, 'flipped')
      writeFileSync(file, bytes)
      const found = await read(file).catch((error: unknown) => error)
      if (found instanceof BackupDamaged) refused++
      // Gzip's head holds a time and an operating system, which mean nothing here.
      else expect(found, `byte ${at}`).toEqual([{ format: 'rolecall backup 1', ...head }, ...portions])
    }
    expect(refused).toBeGreaterThan(100)
  })

  test.each([
    ['another program’s', 'hello', /is not gzip/],
    ['empty', '', /was cut off/],
  ])('that is %s is told so', async (_name, text, told) => {
    const file = join(folder, 'odd')
    writeFileSync(file, text)
    await expect(read(file)).rejects.toThrow(told)
  })
})
