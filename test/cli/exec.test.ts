import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../clients/call.ts'
import { discard, type Env, envOf, have, type Running, rolecall, root, run, startRolecall } from '../clients/process.ts'

let running: Running
let administrator: Env
let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-exec-'))
  running = await startRolecall()
  administrator = await envOf(running)
  await call(running.endpoint, administrator, 'iam', 'CreateRole', {
    RoleName: 'app',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: administrator.accountId }, Action: 'sts:AssumeRole' },
    }),
  })
})
afterAll(async () => {
  await discard(running)
  rmSync(folder, { recursive: true, force: true })
})

const exec = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  rolecall(['exec', '--data', running.data, ...args], environment)
const node = process.execPath
const printing = (what: string) => ['--', node, '-e', `process.stdout.write(JSON.stringify(${what}))`]

/** The same with a hand on it: what goes in, what comes out, and signals. */
function started(args: readonly string[]) {
  const child = spawn(node, [join(root, 'bin', 'rolecall.js'), 'exec', '--data', running.data, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  })
  let output = ''
  const said = (line: string) =>
    new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes(line)) resolve()
      })
    })
  const ended = new Promise<{ code: number | null; signal: string | null; output: string }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output }))
  })
  return { child, said, ended }
}

describe('the command gets', () => {
  test('the environment that `env` prints, and keeps the rest of ours', async () => {
    const { code, stdout, stderr } = await exec(printing('process.env'), {
      COLOUR: 'green',
      AWS_PROFILE: 'stale',
      AWS_SESSION_TOKEN: 'stale',
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const seen = JSON.parse(stdout) as Record<string, string>
    expect(seen.COLOUR).toBe('green')
    expect(Object.fromEntries(Object.entries(seen).filter(([name]) => name.startsWith('AWS_')))).toEqual({
      AWS_ENDPOINT_URL: running.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
    })
  })

  test('a session of the role', async () => {
    const { stdout } = await exec(['--role', 'app', ...printing('process.env')])
    const seen = JSON.parse(stdout) as Record<string, string>
    const session = {
      accessKeyId: seen.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: seen.AWS_SECRET_ACCESS_KEY ?? '',
      sessionToken: seen.AWS_SESSION_TOKEN ?? '',
    }
    const { result } = await call(running.endpoint, session, 'sts', 'GetCallerIdentity')
    expect(result.Arn).toMatch(/:assumed-role\/app\//)
  })

  test('its arguments as they were typed: dashes, spaces, quotes, stars, and flags that are also ours', async () => {
    const args = ['--role', 'x', '', 'a b', '-n', "it's", '"', '$HOME', '*', '--', '--data', '-', 'ü', 'a\nb']
    const { stdout } = await exec([...printing('process.argv.slice(1)'), '--', ...args])
    expect(JSON.parse(stdout)).toEqual(args)
  })

  test('its own flags also where no -- stands before it', async () => {
    const { code, stdout } = await exec([
      node,
      '-e',
      'console.log(process.argv.slice(1).join())',
      '--',
      '--role',
      '--json',
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '--role,--json\n' })
  })

  test('our input, and we its output', async () => {
    const { child, ended } = started(['--', 'cat'])
    const text = 'line\n'.repeat(50_000)
    child.stdin.end(text)
    child.stdout.on('data', () => undefined)
    let length = 0
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    expect((await ended).code).toBe(0)
    expect(length).toBe(text.length)
  })
})

describe('the exit code is', () => {
  test.each([0, 1, 2, 37, 255])('the command’s: %i', async (wanted) => {
    expect(await exec(['--', 'sh', '-c', `exit ${wanted}`])).toEqual({ code: wanted, stdout: '', stderr: '' })
  })

  test.each([
    ['TERM', 143],
    ['KILL', 137],
    ['HUP', 129],
  ])('128 and the number of the signal that ended it: %s', async (signal, wanted) => {
    expect((await exec(['--', 'sh', '-c', `kill -${signal} $$`])).code).toBe(wanted)
  })

  test('127 where there is no such command', async () => {
    for (const name of ['no-such-command', join(folder, 'none'), '']) {
      const { code, stdout, stderr } = await exec(['--', name])
      expect({ code, stdout }).toEqual({ code: 127, stdout: '' })
      expect(stderr).toMatch(/^rolecall: .*(?:command not found|no name)\n$/)
    }
  })

  test('126 where it cannot be run', async () => {
    const plain = join(folder, 'plain')
    writeFileSync(plain, 'text', { mode: 0o644 })
    for (const name of [plain, folder]) {
      const { code, stderr } = await exec(['--', name])
      expect(code).toBe(126)
      expect(stderr).toMatch(/^rolecall: .*EACCES\n$/)
    }
  })

  test('1 where there is nobody to be, and the command is not run', async () => {
    const marker = join(folder, 'marker')
    const { code, stdout, stderr } = await exec(['--role', 'nobody', '--', 'touch', marker])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^rolecall: AccessDenied: /)
    const nowhere = await rolecall(['exec', '--data', folder, '--', 'touch', marker])
    expect(nowhere.code).toBe(1)
    expect(nowhere.stderr).toMatch(/no rolecall is running/)
    expect(await have('test', ['!', '-e', marker])).toBe(true)
  })
})

describe('signals', () => {
  const waiting = `process.on('SIGTERM', () => process.exit(9)); process.on('SIGINT', () => { console.log('asked'); });
    console.log('ready'); setInterval(() => undefined, 1000)`

  test('that we get are the command’s to deal with', async () => {
    const { child, said, ended } = started(['--', node, '-e', waiting])
    await said('ready')
    child.kill('SIGINT')
    await said('asked')
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 9, signal: null })
  })

  const python = have('python3', ['-c', 'import pty'])
  test('that a terminal gives to both of us reach the command once', async ({ skip }) => {
    if (!(await python)) skip('there is no python3 to make a terminal with')
    const counting = `let asked = 0; process.on('SIGINT', () => { asked++; setTimeout(() => process.exit(asked), 300) });
      console.log('ready'); setInterval(() => undefined, 1000)`
    const terminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b''
while b'ready' not in said:
    said += os.read(terminal, 1024)
os.write(terminal, b'\\x03')
try:
    while os.read(terminal, 1024):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`
    const bin = join(root, 'bin', 'rolecall.js')
    const command = [node, bin, 'exec', '--data', running.data, '--', node, '-e', counting]
    const { code, stderr } = await run('python3', ['-c', terminal, ...command])
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  })
})
