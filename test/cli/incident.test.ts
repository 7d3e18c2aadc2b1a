import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateLoginProfileCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import { type Credentials, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  textOf,
  trusting,
  withKeys,
} from '../clients/actor.ts'
import { call } from '../clients/call.ts'
import { envOf, have, type Ran, type Running, root, run, startRolecall } from '../clients/process.ts'
import { blocksOf } from './book.ts'

/** Incidents, and the command that the guide for operators has for each, typed as it stands there. */
const home = '012345678901'
const other = '987654321098'

/** The lines that stand under the heading; the remark behind a command is no part of it. */
const documented = (() => {
  const page = readFileSync(join(root, 'docs', 'operating.md'), 'utf8')
  const [, chapter = ''] = page.split('\n## When credentials leak\n')
  return (blocksOf(chapter)[0]?.text ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +# .*$/, ''))
})()
const lineOf = (beginning: string): string | undefined =>
  documented.find((line) => line.startsWith(`rolecall ${beginning}`))

let scratch: string
let running: Running
let here: Actor
let there: Actor
const hasBash = await have('bash')

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'rolecall-incident-'))
  mkdirSync(join(scratch, 'bin'))
  // As it is installed: a command by its name.
  const script = `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin', 'rolecall.js')}" "$@"\n`
  writeFileSync(join(scratch, 'bin', 'rolecall'), script, { mode: 0o755 })
  running = await startRolecall({ data: join(scratch, '.rolecall'), args: ['--account-id', home] })
  here = actorOf(await envOf(running))
  there = (await makeAccount(running, other)).administrator
  for (const [owner, RoleName] of [
    [here, 'app'],
    [there, 'data'],
  ] as const) {
    await makeRole(owner, RoleName, trusting(home))
    const PolicyDocument = textOf(allow('*'))
    await owner.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }))
  }
})
afterAll(async () => {
  await running.stop('SIGKILL')
  rmSync(scratch, { recursive: true, force: true })
})

/** Types one line where the authority runs. */
const typed = (line: string | undefined): Promise<Ran> =>
  run('bash', ['--norc', '-c', line ?? 'exit 9'], { PATH: `${join(scratch, 'bin')}:${process.env.PATH}` }, scratch)
/** The lines as one, however they are wrapped. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

const app = `arn:aws:iam::${home}:role/app`
const data = `arn:aws:iam::${other}:role/data`
const ownSession = (actor: Actor, credentials: Credentials | undefined): Actor =>
  withKeys(actor, {
    accessKeyId: credentials?.AccessKeyId ?? '',
    secretAccessKey: credentials?.SecretAccessKey ?? '',
    sessionToken: credentials?.SessionToken ?? '',
  })

test('the guide has one command for each', () => {
  const [contain, trace, logins, shared, ...more] = documented
  expect([lineOf('contain'), lineOf('trace'), lineOf('activity --logins'), lineOf('activity --shared-keys')]).toEqual([
    contain,
    trace,
    logins,
    shared,
  ])
  expect(more).toEqual([])
})

describe.skipIf(!hasBash)('one line of the guide finds', () => {
  test('what a suspended user has left', async () => {
    const alice = await makeUser(here, 'alice', allow('*'))
    await here.iam.send(new CreateLoginProfileCommand({ UserName: 'alice', Password: 'Correct-horse-7-battery' }))
    const begun = await assume(alice, app, { RoleSessionName: 'before' })
    const away = await assume(begun, data, { RoleSessionName: 'further' })
    await away.iam.send(new CreateUserCommand({ UserName: 'way-back' }))
    // Suspended: her keys are good for nothing any more. What grew out of them is.
    const suspend = { UserName: 'alice', AccessKeyId: alice.env.accessKeyId, Status: 'Inactive' } as const
    await here.iam.send(new UpdateAccessKeyCommand(suspend))
    expect(await refusal(alice.iam.send(new ListRolesCommand({})))).toMatchObject({ code: 'InvalidClientTokenId' })
    await away.iam.send(new ListRolesCommand({}))

    const { code, stdout, stderr } = await typed(lineOf('contain'))
    expect([code, stderr]).toEqual([0, ''])
    const told = flat(stdout)
    for (const said of [
      'To contain user alice',
      'no active key to deactivate',
      '2 sessions that are alive',
      begun.env.accessKeyId,
      away.env.accessKeyId,
      'a password',
      'iam CreateUser user/way-back',
    ])
      expect(told).toContain(said)
    // It only looked.
    await away.iam.send(new ListRolesCommand({}))
  })

  test('what a leaked key was used for, in every account that it led to', async () => {
    const bob = await makeUser(here, 'bob', allow('*'))
    const bystander = await assume(await makeUser(here, 'eve', allow('*')), data, { RoleSessionName: 'eve' })
    await bystander.iam.send(new CreateUserCommand({ UserName: 'of-eve' }))
    const away = await assume(await assume(bob, app, { RoleSessionName: 'one' }), data, { RoleSessionName: 'two' })
    await away.iam.send(new CreateUserCommand({ UserName: 'planted' }))
    await bob.iam.send(new ListRolesCommand({}))

    const line = lineOf('trace')?.replace('AKIA…', bob.env.accessKeyId)
    const { code, stdout, stderr } = await typed(line)
    expect([code, stderr]).toEqual([0, ''])
    const told = flat(stdout)
    for (const said of [
      `user bob of account ${home}`,
      'role app, session one',
      'role data, session two',
      'iam ListRoles',
      'iam CreateUser',
    ])
      expect(told).toContain(said)
    expect(told).not.toMatch(/eve/)
  })

  test('who came in without a second factor, however many came in with one since', async () => {
    const careful = await makeUser(here, 'careful', allow('*'))
    const made = await here.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'careful' }))
    const seed = seedBytes(Buffer.from(made.VirtualMFADevice?.Base32StringSeed ?? []).toString())
    const SerialNumber = made.VirtualMFADevice?.SerialNumber ?? ''
    const code = (steps: number) => codeAt(seed, stepAt(Date.now()) + steps)
    const [AuthenticationCode1, AuthenticationCode2] = [code(-2), code(-1)]
    await here.iam.send(
      new EnableMFADeviceCommand({ UserName: 'careful', SerialNumber, AuthenticationCode1, AuthenticationCode2 }),
    )
    const mallory = await makeUser(here, 'mallory', allow('*'))
    const begun = await assume(mallory, app, { RoleSessionName: 'sneaking' })
    await assume(begun, data, { RoleSessionName: 'sneaking-on' })
    // Nobody comes in by what is refused.
    await refusal(assume(mallory, `arn:aws:iam::${home}:role/none`, { RoleSessionName: 'knocking' }))

    await assume(careful, data, { RoleSessionName: 'shown-with-it', SerialNumber, TokenCode: code(0) })
    const { Credentials } = await careful.sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode: code(1) }))
    const own = ownSession(careful, Credentials)
    const first = await assume(own, app, { RoleSessionName: 'shown-before' })
    // More than are told at once, and none of them hides another.
    for (let round = 0; round < 21; round++)
      await Promise.all(
        Array.from({ length: 10 }, (_, at) => assume(first, data, { RoleSessionName: `chained-${round}-${at}` })),
      )

    const { code: status, stdout, stderr } = await typed(lineOf('activity --logins'))
    expect([status, stderr]).toEqual([0, ''])
    // What does not fit a line goes on under it.
    const lines = stdout.trimEnd().replaceAll('\n    ', ' ').split('\n')
    const names = lines.filter((line) => line.includes('sts ')).map((line) => /\((\S+), account (\d+)/.exec(line)?.[1])
    // Each once, the last at the end: mallory, and the session that grew out of hers. Of the tests before: theirs.
    expect(names.slice(-2)).toEqual(['mallory', 'sneaking'])
    expect(names.filter((name) => name === 'mallory').length).toBe(1)
    expect(stdout).not.toMatch(/careful|shown|chained|knocking/)
    expect(lines.at(-1)).toBe(`${names.length} calls`)
    const json = JSON.parse((await typed(`${lineOf('activity --logins')} --json`)).stdout) as readonly object[]
    expect(json.length).toBe(names.length)
  })

  // Every address of 127.0.0.0/8 is this machine's own on Linux alone.
  test.skipIf(process.platform !== 'linux')(
    'which keys are in more than one place, and who else works there',
    async () => {
      const from = (localAddress: string, { env }: Actor) =>
        call(running.endpoint, env, 'sts', 'GetCallerIdentity', {}, new Agent({ localAddress }))
      const [shared, apart] = [await makeUser(here, 'shared'), await makeUser(here, 'apart')]
      for (const address of ['127.0.0.3', '127.0.0.3', '127.0.0.4'])
        expect((await from(address, shared)).status).toBe(200)
      await from('127.0.0.4', there)
      await from('127.0.0.3', apart)
      // Whoever has read an id may name it. That is no use of the key.
      const forged = withKeys(apart, { ...apart.env, secretAccessKey: 'x'.repeat(40) })
      expect((await from('127.0.0.5', forged)).code).toBe('SignatureDoesNotMatch')

      const { code, stdout, stderr } = await typed(lineOf('activity --shared-keys'))
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
      const told = flat(stdout)
      expect(told).toContain(`${shared.env.accessKeyId} of shared, account ${home}, was used from 2 addresses:`)
      expect(told).toMatch(/127\.0\.0\.3 2 calls, the last \S+ \S+ by rolecall-test 127\.0\.0\.4 1 call, /)
      expect(told).toContain(`where account ${other} works, too`)
      expect(told).not.toContain(apart.env.accessKeyId)

      const json = JSON.parse((await typed(`${lineOf('activity --shared-keys')} --json`)).stdout)
      expect(json.filter(({ username }: { readonly username?: string }) => username === 'shared')).toMatchObject([
        {
          accessKeyId: shared.env.accessKeyId,
          accountId: home,
          places: [
            { sourceIp: '127.0.0.3', calls: 2, agents: ['rolecall-test'], alsoThere: [] },
            { sourceIp: '127.0.0.4', calls: 1, alsoThere: [other] },
          ],
        },
      ])
      expect((await typed('rolecall activity --shared-keys --user shared')).code).toBe(2)
    },
  )
})
