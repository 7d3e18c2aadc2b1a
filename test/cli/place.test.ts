import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../clients/process.ts'

/** Root may look anywhere, so what it runs is run by nobody. */
const stranger = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const command = join(root, 'bin', 'rolecall.js')
const bare = { cwd: '/usr', env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' }, encoding: 'utf8' as const }
const reachable = spawnSync('test', ['-r', command], { ...bare, ...stranger }).status === 0

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-foreign-'))
  chmodSync(folder, stranger.uid === undefined ? 0o000 : 0o700)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(process.platform === 'win32' || !reachable)('a data directory of another user', () => {
  test.each(['env', 'account ls', 'trace AKIAIOSFODNN7EXAMPLE', 'audit verify', 'check'])(
    'is told as one, by %s, and not as one that nothing runs on',
    (verb) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...verb.split(' '), '--data', folder], {
        ...bare,
        ...stranger,
      })
      expect([status, stdout, stderr]).toEqual([
        1,
        '',
        `rolecall: ${folder} is not for this user to read: whoever runs rolecall on it may\n`,
      ])
    },
  )
})
