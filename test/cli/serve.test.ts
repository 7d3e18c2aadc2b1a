import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { CloudTrailClient, ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, type Reply, signed } from '../clients/call.ts'
import { clientOf, type Env, rolecall, root } from '../clients/process.ts'
import { missing, Server } from '../postgres/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolecall-serve-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Serving {
  readonly endpoint: string
  readonly admin: string
  readonly child: ChildProcess
  readonly output: () => string
  /** Resolves once that has been said. */
  readonly said: (what: RegExp) => Promise<void>
  readonly stop: () => Promise<number | null>
}

async function serve(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'rolecall.js'), 'serve', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', ...args],
    {
      cwd: root,
      env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  children.push(child)
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      for (const listener of listeners) listener()
    })
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  const said = (what: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (what.test(output)) resolve()
      }
      listeners.add(look)
      look()
      void ended.then((code) => reject(new Error(`it ended with ${code}: ${output}`)))
    })
  await said(/^rolecall is ready: .*\n/m)
  const found = (what: RegExp) => what.exec(output)?.[1] ?? ''
  return {
    endpoint: found(/^rolecall is ready: (\S+)$/m),
    admin: found(/^ {2}admin +(\S+)\/metrics$/m),
    child,
    output: () => output,
    said,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

async function keysOf(data: string): Promise<Env> {
  const { stdout, stderr } = await rolecall(['env', '--data', data, '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Env
}
const text = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, body: await response.text() }
}
const trusting = (account: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' },
  })

describe('rolecall serve over a folder', () => {
  const data = join(folder, 'plain')
  let serving: Serving
  let keys: Env
  beforeAll(async () => {
    serving = await serve(['--store', data])
    keys = await keysOf(data)
  })

  test('answers, and says on a port of its own how it is', async () => {
    expect((await call(serving.endpoint, keys, 'sts', 'GetCallerIdentity')).status).toBe(200)
    expect((await call(serving.endpoint, { ...keys, secretAccessKey: 'wrong' }, 'iam', 'ListUsers')).status).toBe(403)
    expect(await text(`${serving.admin}/livez`)).toEqual({ status: 200, body: 'ok\n' })
    expect(await text(`${serving.admin}/readyz`)).toEqual({ status: 200, body: 'ready\n' })
    expect((await text(`${serving.admin}/other`)).status).toBe(404)
    const { body } = await text(`${serving.admin}/metrics`)
    expect(body).toContain('rolecall_requests_total{service="sts",operation="GetCallerIdentity",outcome="answered"} 1')
    expect(body).toContain('rolecall_requests_total{service="iam",operation="ListUsers",outcome="unauthenticated"} 1')
    for (const name of ['decision_duration_seconds_count', 'commit_batch_changes_count', 'revision_lag', 'audit_queue'])
      expect(body).toMatch(new RegExp(`^rolecall_${name} \\d`, 'm'))
    // The port that everybody may call tells none of it.
    expect((await text(`${serving.endpoint}/metrics`)).status).toBe(404)
  })

  test('tells what happens in lines of JSON, none of which holds a secret', async () => {
    const lines = serving
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), node: expect.any(String) })
    expect(serving.output()).not.toContain(keys.secretAccessKey)
  })

  test('shares its folder with nobody', async () => {
    const { code, stderr } = await rolecall(['serve', '--store', data, '--listen', '127.0.0.1:0'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/is in use by process \d+/) })
  })

  test('says so where the store has another first account than the one that was asked for', async () => {
    const other = join(folder, 'other-account')
    const first = await serve(['--store', other, '--account-id', '111122223333'])
    expect((await keysOf(other)).accountId).toBe('111122223333')
    await first.stop()
    const args = ['serve', '--store', other, '--listen', '127.0.0.1:0', '--account-id']
    expect(await rolecall([...args, '444455556666'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/account 111122223333 is there already: leave --account-id out/),
    })
  })

  test('stops when it is told to, with nothing left in the log of the database', async () => {
    expect(await serving.stop()).toBe(0)
    expect(serving.output()).toMatch(/"msg":"stopped"/)
    expect(statSync(join(data, 'rolecall.db-wal'), { throwIfNoEntry: false })?.size ?? 0).toBe(0)
  })
})

describe('rolecall serve --workers', () => {
  const data = join(folder, 'workers')
  let serving: Serving
  let keys: Env
  beforeAll(async () => {
    serving = await serve(['--store', data, '--workers', '2'])
    keys = await keysOf(data)
  })

  test('what one of them has acknowledged, each of them sees', async () => {
    // Every call has a connection of its own, and connections are dealt out in turn.
    for (let round = 0; round < 10; round++) {
      const UserName = `user-${round}`
      expect((await call(serving.endpoint, keys, 'iam', 'CreateUser', { UserName })).code).toBeUndefined()
      const seen = await Promise.all(
        Array.from({ length: 4 }, () => call(serving.endpoint, keys, 'iam', 'GetUser', { UserName })),
      )
      expect(seen.map(({ code }) => code)).toEqual([undefined, undefined, undefined, undefined])
    }
  })

  test('a key that was deleted is accepted by none of them', async () => {
    for (let round = 0; round < 10; round++) {
      const made = await call(serving.endpoint, keys, 'iam', 'CreateAccessKey', { UserName: 'user-0' })
      const { AccessKeyId, SecretAccessKey } = made.result.AccessKey ?? {}
      const theirs = { accessKeyId: String(AccessKeyId), secretAccessKey: String(SecretAccessKey) }
      const ask = () => Promise.all([1, 2, 3].map(() => call(serving.endpoint, theirs, 'sts', 'GetCallerIdentity')))
      expect((await ask()).map(({ status }) => status)).toEqual([200, 200, 200])
      await call(serving.endpoint, keys, 'iam', 'DeleteAccessKey', {
        UserName: 'user-0',
        AccessKeyId: theirs.accessKeyId,
      })
      expect((await ask()).map(({ code }) => code)).toEqual(Array(3).fill('InvalidClientTokenId'))
    }
  })

  test('counts for all of them in one place', async () => {
    const { body } = await text(`${serving.admin}/metrics`)
    expect(body).toMatch(/^rolecall_requests_total\{service="iam",operation="CreateUser",outcome="answered"\} 10$/m)
  })

  test('one that ends is started again, and nothing that was acknowledged is gone', async () => {
    const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(serving.child.pid)], { encoding: 'utf8' })
    const [first] = pids.split('\n').map(Number)
    if (!first) throw new Error('there is no worker')
    process.kill(first, 'SIGKILL')
    await serving.said(/another is started/)
    for (let ready = false; !ready; ) ready = (await text(`${serving.admin}/readyz`)).status === 200
    const seen = await Promise.all(
      Array.from({ length: 10 }, (_, round) =>
        call(serving.endpoint, keys, 'iam', 'GetUser', { UserName: `user-${round}` }),
      ),
    )
    expect(seen.map(({ status }) => status)).toEqual(Array(10).fill(200))
  })

  test('one that is just being started again when it is told to stop stops as well', async () => {
    const own = await serve(['--store', join(folder, 'stopping'), '--workers', '2'])
    const workers = () =>
      execFileSync('ps', ['-o', 'pid=', '--ppid', String(own.child.pid)], { encoding: 'utf8' })
        .trim()
        .split(/\s+/)
        .map(Number)
    const before = workers()
    process.kill(before[0] ?? own.child.pid ?? 0, 'SIGKILL')
    await own.said(/another is started/)
    // From the moment that it is there it takes a while until it hears anything.
    while (workers().every((pid) => before.includes(pid)));
    expect(await own.stop()).toBe(0)
  })

  test('all of them stop with the one that started them, and their trails are sound', async () => {
    expect(await serving.stop()).toBe(0)
    const { code, stdout } = await rolecall(['check', '--data', data, '--json'])
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, sound: true, underWay: 0 })
  })
})

const openssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe('rolecall serve with TLS', () => {
  const data = join(folder, 'tls')
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  /** A certificate of its own maker for this machine. */
  const issue = (name: string, into = { cert, key }) =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        into.key,
        '-out',
        into.cert,
        '-subj',
        `/CN=${name}`,
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
      { stdio: 'ignore' },
    )
  const post = (endpoint: string, keys: Env, action: string): Promise<{ status: number; text: string }> => {
    const { headers, body } = signed(endpoint, keys, 'sts', action, {})
    return new Promise((resolve, reject) => {
      const sent = request(endpoint, { method: 'POST', headers, ca: readFileSync(cert), agent: false }, (response) => {
        let answer = ''
        response.on('data', (chunk) => {
          answer += String(chunk)
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
  const shown = (endpoint: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: Number(new URL(endpoint).port), rejectUnauthorized: false },
        () => {
          resolve(String(socket.getPeerCertificate().subject.CN))
          socket.destroy()
        },
      )
      socket.on('error', reject)
    })

  test.skipIf(!openssl)('speaks it, records it, and takes another certificate up without a pause', async () => {
    issue('first')
    const serving = await serve(['--store', data, '--tls-cert', cert, '--tls-key', key])
    expect(serving.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const keys = await keysOf(data)
    expect((await post(serving.endpoint, keys, 'GetCallerIdentity')).status).toBe(200)
    expect(await shown(serving.endpoint)).toBe('first')

    issue('second')
    serving.child.kill('SIGHUP')
    await serving.said(/the certificate read again/)
    expect(await shown(serving.endpoint)).toBe('second')
    expect((await post(serving.endpoint, keys, 'GetCallerIdentity')).status).toBe(200)

    // What is no certificate is told, and the one that is there stays.
    writeFileSync(cert, 'nothing')
    serving.child.kill('SIGHUP')
    await serving.said(/the certificate could not be read again/)
    expect(await shown(serving.endpoint)).toBe('second')
    expect(await serving.stop()).toBe(0)
    const { stdout } = await rolecall(['check', '--data', data, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ sound: true })
  })

  test.skipIf(!openssl)('is refused with a key that is not the certificate’s', async () => {
    issue('one')
    issue('other', { cert: join(folder, 'other.pem'), key: join(folder, 'other-key.pem') })
    const args = ['--store', join(folder, 'never'), '--listen', '127.0.0.1:0', '--tls-cert', cert]
    const { code, stderr } = await rolecall(['serve', ...args, '--tls-key', join(folder, 'other-key.pem')])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/are not a certificate and its key/) })
    const half = await rolecall(['serve', ...args])
    expect(half).toMatchObject({ code: 2, stderr: expect.stringMatching(/belong together/) })
  })
})

const noPostgres = missing()

describe.skipIf(noPostgres !== undefined)('rolecall serve over PostgreSQL', () => {
  let server: Server
  const keyFile = join(folder, 'sealing.key')
  const nodes: Serving[] = []
  let keys: Env
  const own = (name: string) => join(folder, name)
  beforeAll(async () => {
    server = await Server.start()
    const url = server.url(await server.database())
    writeFileSync(keyFile, (await rolecall(['key', 'new'])).stdout, { mode: 0o600 })
    mkdirSync(own('pg-1'))
    for (const [name, ...more] of [
      ['pg-1'],
      ['pg-2'],
      ['pg-3', '--freshness', 'available', '--max-staleness', '10m'],
    ] as const)
      nodes.push(
        await serve(['--data', own(name), '--node', name, '--key-file', keyFile, ...more], { ROLECALL_STORE: url }),
      )
    keys = await keysOf(own('pg-1'))
  })
  afterAll(async () => {
    for (const node of nodes) node.child.kill('SIGKILL')
    await server.remove()
  })
  const at = (number: number) => nodes[number - 1]?.endpoint ?? ''
  const on = (
    number: number,
    action: string,
    parameters: Readonly<Record<string, string>> = {},
    who: Env = keys,
  ): Promise<Reply> =>
    call(at(number), who, action === 'AssumeRole' || action === 'GetCallerIdentity' ? 'sts' : 'iam', action, parameters)

  test('the nodes are one authority: what one acknowledged the others see, and a deleted key opens nothing anywhere', async () => {
    for (let round = 0; round < 5; round++) {
      const UserName = `ada-${round}`
      await on(1 + (round % 3), 'CreateUser', { UserName })
      const seen = await Promise.all([1, 2, 3].map((number) => on(number, 'GetUser', { UserName })))
      expect(seen.map(({ status }) => status)).toEqual([200, 200, 200])
      const { AccessKeyId, SecretAccessKey } = (await on(2, 'CreateAccessKey', { UserName })).result.AccessKey ?? {}
      const theirs = { ...keys, accessKeyId: String(AccessKeyId), secretAccessKey: String(SecretAccessKey) }
      expect((await on(3, 'GetCallerIdentity', {}, theirs)).status).toBe(200)
      await on(1, 'DeleteAccessKey', { UserName, AccessKeyId: theirs.accessKeyId })
      const after = await Promise.all([1, 2, 3].map((number) => on(number, 'GetCallerIdentity', {}, theirs)))
      expect(after.map(({ code }) => code)).toEqual(Array(3).fill('InvalidClientTokenId'))
    }
  })

  test('while the database is away: strong refuses, available goes on and says so, and nobody writes; then all is made good', async () => {
    const made = await on(1, 'CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: trusting(keys.accountId) })
    const RoleArn = String(made.result.Role?.Arn)
    const assume = { RoleArn, RoleSessionName: 'while-away' }
    expect((await on(3, 'AssumeRole', assume)).status).toBe(200)
    await server.kill()

    expect(await on(1, 'GetCallerIdentity')).toMatchObject({ status: 503, code: 'ServiceUnavailable' })
    expect((await text(`${nodes[0]?.admin}/readyz`)).status).toBe(503)
    const answer = await on(3, 'GetCallerIdentity')
    expect(answer.status).toBe(200)
    expect(Number(answer.headers['x-rolecall-stale-seconds'])).toBeGreaterThan(0)
    expect((await text(`${nodes[2]?.admin}/readyz`)).status).toBe(200)
    const session = await on(3, 'AssumeRole', assume)
    expect(session.status).toBe(200)
    expect(await on(3, 'CreateUser', { UserName: 'late' })).toMatchObject({ status: 503, code: 'ServiceUnavailable' })

    await server.boot()
    for (let ready = false; !ready; ) ready = (await text(`${nodes[0]?.admin}/readyz`)).status === 200
    // Both nodes find the way back by themselves.
    for (const number of [1, 2]) {
      let status = 503
      while (status === 503) status = (await on(number, 'GetCallerIdentity')).status
      expect(status).toBe(200)
    }
    let headers: Reply['headers'] = { 'x-rolecall-stale-seconds': '1' }
    while (headers['x-rolecall-stale-seconds'] !== undefined) headers = (await on(3, 'GetCallerIdentity')).headers
    expect(await on(3, 'GetUser', { UserName: 'late' })).toMatchObject({ code: 'NoSuchEntity' })
    expect((await on(3, 'CreateUser', { UserName: 'late' })).code).toBeUndefined()
  })

  test('the nodes have one key of exports, whichever of them is asked for it first', async () => {
    const asked = await Promise.all(
      [1, 2, 3].map((number) =>
        new CloudTrailClient(clientOf({ ...keys, endpoint: at(number) })).send(new ListPublicKeysCommand({})),
      ),
    )
    const fingerprints = asked.map(({ PublicKeyList: list = [] }) => list.map(({ Fingerprint }) => Fingerprint))
    expect(fingerprints[0]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(new Set(fingerprints.map(String)).size).toBe(1)
  })

  test('what the nodes recorded is sound, also what one kept while the database was away', async () => {
    for (const node of nodes) expect(await node.stop()).toBe(0)
    const store = ['--store', server.url('test_1'), '--key-file', keyFile]
    const { code, stdout, stderr } = await rolecall(['check', ...store, '--json'])
    expect({ code, stderr, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, sound: true, underWay: 0 })
    const trail = await server.ask(`SELECT body FROM audit_run UNION ALL SELECT body FROM audit_block`, 'test_1')
    expect(trail.length).toBeGreaterThan(0)
    const verified = JSON.parse((await rolecall(['audit', 'verify', ...store, '--json'])).stdout) as {
      readonly chains: readonly { readonly node: string; readonly records: number }[]
    }
    expect(verified.chains.map(({ node }) => node).sort()).toEqual(['pg-1', 'pg-2', 'pg-3'])
  })

  test('what they recorded is exported, and verified without the key that secrets are sealed under', async () => {
    const url = server.url('test_1')
    const out = own('pg-export')
    const args = ['audit', 'export', '--store', url, '--out', out, '--to', 'now', '--json']
    const exported = await rolecall([...args, '--key-file', keyFile])
    expect(exported).toMatchObject({ code: 0, stderr: '' })
    const { records = 0, leftOut = 0, newer } = JSON.parse(exported.stdout) as Readonly<Record<string, number>>
    const trail = JSON.parse((await rolecall(['audit', 'verify', '--store', url, '--json'])).stdout) as object
    expect(trail).toMatchObject({ records: records + leftOut })
    expect(newer).toBe(0)
    expect(await rolecall(['audit', 'verify', '--folder', out, '--store', url])).toMatchObject({ code: 0, stderr: '' })
    expect((await rolecall(args)).stderr).toMatch(/^rolecall: digest files cannot be signed: /)
  })
})

describe('what is typed wrong', () => {
  test.each([
    [['--listen', 'here'], /An address is a host and a port/],
    [['--max-staleness', '15'], /A span of time/],
    [['--max-staleness', '15m'], /--freshness available/],
    [['--workers', '0'], /from 1 to 64/],
    [['--store', 'mysql://db'], /--store names a PostgreSQL here/],
    [['--store', 'postgres://u:secret@h/d?sslmode=prefer'], /sslmode/],
    [['--node', '../x'], /A node is named/],
    [['--freshness', 'sometimes'], /strong, available/],
    [['--log-level', 'loud'], /Allowed choices/],
  ])('serve %j', async (args, told) => {
    const { code, stderr } = await rolecall(['serve', ...args])
    expect(code).toBe(2)
    expect(stderr).toMatch(told)
    expect(stderr).not.toContain('secret')
  })
})
