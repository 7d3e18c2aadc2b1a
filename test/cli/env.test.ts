import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quoted, word } from '../../src/cli/shell.ts'
import { variablesOf } from '../../src/cli/variables.ts'
import { call } from '../clients/call.ts'
import { discard, type Env, envOf, have, type Running, rolecall, root, run, startRolecall } from '../clients/process.ts'

const hostile = `it's "quoted" $HOME \`id\` $(id) \\ ; & | * ? ~ # ! {a,b} -n\tü`

let home = ''
let running: Running
let administrator: Env
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'rolecall-home-'))
  const data = join(mkdtempSync(join(tmpdir(), 'rolecall-')), hostile)
  mkdirSync(data)
  running = await startRolecall({ data, args: ['--account-id', '012345678901'] })
  administrator = await envOf(running)
  await call(running.endpoint, administrator, 'iam', 'CreateRole', {
    RoleName: 'app',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: '012345678901' }, Action: 'sts:AssumeRole' },
    }),
  })
})
afterAll(async () => {
  await discard(running)
  rmSync(join(running.data, '..'), { recursive: true, force: true })
  rmSync(home, { recursive: true, force: true })
})

const env = (...args: string[]) => rolecall(['env', '--data', running.data, ...args], { HOME: home })

describe('env --json', () => {
  test('has exactly the members that scripts read; without a role there is no token', async () => {
    const { code, stdout, stderr } = await env('--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stdout)).toEqual({
      endpoint: running.endpoint,
      region: 'us-east-1',
      accountId: '012345678901',
      accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
    })
  })

  test.each([
    ['its name', 'app'],
    ['its ARN', 'arn:aws:iam::012345678901:role/app'],
  ])('a role by %s: a session of it', async (_what, role) => {
    const { code, stdout } = await env('--json', '--role', role)
    expect(code).toBe(0)
    const session = JSON.parse(stdout) as Env
    expect(session).toEqual({
      endpoint: running.endpoint,
      region: 'us-east-1',
      accountId: '012345678901',
      accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      sessionToken: expect.stringMatching(/^[A-Za-z0-9+/=]{100,}$/),
    })
    const { result } = await call(running.endpoint, session, 'sts', 'GetCallerIdentity')
    expect(result.Arn).toBe('arn:aws:sts::012345678901:assumed-role/app/administrator')
  })
})

/** What a shell ends up with after it evaluated the exports, over an environment that another place left behind. */
async function evaluated(shell: string, text: string): Promise<Record<string, string>> {
  const stale = Object.fromEntries(
    [
      ...['AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SECURITY_TOKEN', 'AWS_CREDENTIAL_EXPIRATION'],
      ...['AWS_ENDPOINT_URL_IAM', 'AWS_ENDPOINT_URL_STS', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'AWS_REGION'],
    ].map((name) => [name, 'stale']),
  )
  const print = `"${process.execPath}" -e 'process.stdout.write(JSON.stringify(process.env))'`
  const { code, stdout, stderr } = await run(shell, ['-c', `set -eu\neval "$TEXT"\n${print}`], {
    ...stale,
    HOME: home,
    TEXT: text,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const left = JSON.parse(stdout) as Record<string, string>
  return Object.fromEntries(Object.entries(left).filter(([name]) => name.startsWith('AWS_')))
}

const shells = ['sh', 'bash', 'dash', 'zsh']
const here: string[] = []
for (const shell of shells) if (await have(shell, ['-c', 'true'])) here.push(shell)

describe.each(here)('the exports in %s', (shell) => {
  test('make the administrator, and drop what would be believed before', async () => {
    const { stdout } = await env()
    expect(await evaluated(shell, stdout)).toEqual({
      AWS_ENDPOINT_URL: running.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
    })
  })

  test('make a session of a role, token included', async () => {
    const { stdout } = await env('--role', 'app')
    const left = await evaluated(shell, stdout)
    expect(left).toMatchObject({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_SESSION_TOKEN: expect.any(String),
    })
    const session = {
      accessKeyId: left.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: left.AWS_SECRET_ACCESS_KEY ?? '',
      sessionToken: left.AWS_SESSION_TOKEN ?? '',
    }
    const { result } = await call(left.AWS_ENDPOINT_URL ?? '', session, 'sts', 'GetCallerIdentity')
    expect(result.Arn).toBe('arn:aws:sts::012345678901:assumed-role/app/administrator')
  })

  test('keep every character of a value, whatever it means to a shell', async () => {
    const session = { ...administrator, secretAccessKey: hostile, sessionToken: `${hostile}\n${hostile}` }
    const text = Object.entries(variablesOf(session)).map(([name, value]) =>
      value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`,
    )
    const left = await evaluated(shell, text.join('\n'))
    expect(left.AWS_SECRET_ACCESS_KEY).toBe(session.secretAccessKey)
    expect(left.AWS_SESSION_TOKEN).toBe(session.sessionToken)
  })

  test('can be had as the ready message says, also where the data directory has a name like that', async () => {
    const line = /^ {2}credentials {2}(.*)$/m.exec(running.output())?.[1] ?? ''
    expect(line).toContain(word(running.data))
    const { code, stdout, stderr } = await run(
      shell,
      ['-c', `${line}\nprintf %s "$AWS_ACCESS_KEY_ID"`],
      { HOME: home },
      root,
    )
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: administrator.accessKeyId, stderr: '' })
  })
})

describe('where there is nothing to print', () => {
  test('nothing running: 1, and how to start it', async () => {
    const data = join(home, '..', 'rolecall-nowhere of mine')
    const { code, stdout, stderr } = await rolecall(['env', '--data', data], { HOME: home })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `rolecall: no rolecall is running on ${data}. Start one with: node bin/rolecall.js up --data '${data}'\n`,
    )
  })

  test.each([
    [
      'an account that is not there',
      ['--account', '999999999999'],
      /holds no credentials of account 999999999999; it has 012345678901/,
    ],
    [
      'a role that is not there',
      ['--role', 'nobody'],
      /^rolecall: AccessDenied: .*sts:AssumeRole.*\. To see why: node bin\/rolecall\.js why [0-9a-f-]{36} --data '.+'$/m,
    ],
    [
      'a role of an account that is not there',
      ['--role', 'arn:aws:iam::999999999999:role/app'],
      /^rolecall: AccessDenied: /,
    ],
    ['a role that cannot be', ['--role', 'arn:aws:s3:::bucket'], /^rolecall: ValidationError: /],
  ])('%s: 1, in one line', async (_what, args, told) => {
    const { code, stdout, stderr } = await env(...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(told)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

test('nothing is ever written to the home folder', async () => {
  await env()
  await rolecall(['exec', '--data', running.data, '--', 'true'], { HOME: home })
  await rolecall(['why', '--last', '--data', running.data], { HOME: home })
  expect(readdirSync(home)).toEqual([])
})
