import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { CloudTrailClient, ListPublicKeysCommand, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { GetUserCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, makeAccount, refusal } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws, variables } from './aws.ts'
import { clientOf, discard, type Env, envOf, type Running, rolecall, root, run, startRolecall } from './process.ts'

/** `rolecall audit export`, held against the aws CLI's own validation of CloudTrail's files. */
const home = '012345678901'
const other = '987654321098'
const bucket = 'our-logs'

let running: Running
let env: Env
let here: Actor
const folder = mkdtempSync(join(tmpdir(), 'rolecall-export-'))
const logs = join(folder, 'logs')
let began: string

const trailOf = () => new CloudTrailClient({ ...clientOf(env), maxAttempts: 1 })
const exported = (...args: string[]) =>
  rolecall(['audit', 'export', '--out', logs, '--data', running.data, '--bucket', bucket, ...args])

/** The keys of all objects. */
const filesBelow = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(relative(path, entry.parentPath), entry.name))
    .filter((name) => !name.startsWith('.rolecall-export'))
    .sort()

/** How many files an account has: one more, where an hour ended while its calls were made. */
const countOf = (kind: 'CloudTrail' | 'CloudTrail-Digest', account: string) =>
  filesBelow(logs).filter((name) => name.includes(`/${account}/${kind}/`) && name.endsWith('.json.gz')).length
const ofBoth = (kind: 'CloudTrail' | 'CloudTrail-Digest') => countOf(kind, home) + countOf(kind, other)

/** It seals what is open when it is stopped. */
async function again(): Promise<void> {
  expect(await running.stop()).toBe(0)
  running = await startRolecall({ data: running.data })
  env = await envOf(running)
  here = actorOf(env)
}

beforeAll(async () => {
  began = new Date(Date.now() - 3_600_000).toISOString()
  running = await startRolecall({ args: ['--account-id', home] })
  env = await envOf(running)
  here = actorOf(env)
  await (await makeAccount(running, other)).administrator.iam.send(new ListUsersCommand({}))
  for (let at = 0; at < 20; at++) await here.iam.send(new ListUsersCommand({}))
})
afterAll(async () => {
  await discard(running)
  rmSync(folder, { recursive: true, force: true })
})

describe('ListPublicKeys', () => {
  test('has one key, which stays', async () => {
    const [first, ...more] = (await trailOf().send(new ListPublicKeysCommand({}))).PublicKeyList ?? []
    expect(more).toEqual([])
    expect(first?.Fingerprint).toMatch(/^[0-9a-f]{32}$/)
    expect(first?.Value?.length).toBe(270)
    const [second] =
      (await trailOf().send(new ListPublicKeysCommand({ StartTime: new Date(began) }))).PublicKeyList ?? []
    expect(second).toEqual(first)
    const before = new ListPublicKeysCommand({ StartTime: new Date(0), EndTime: new Date(1000) })
    expect((await trailOf().send(before)).PublicKeyList).toEqual([])
    const told = (await trailOf().send(new LookupEventsCommand({ MaxResults: 3 }))).Events ?? []
    expect(told.map(({ EventName, ReadOnly }) => [EventName, ReadOnly])).toContainEqual(['ListPublicKeys', 'true'])
  })

  test('refuses a time range that is none, and a token of elsewhere', async () => {
    const late = new ListPublicKeysCommand({ StartTime: new Date(2000), EndTime: new Date(1000) })
    expect((await refusal(trailOf().send(late))).code).toBe('InvalidTimeRangeException')
    expect((await refusal(trailOf().send(new ListPublicKeysCommand({ NextToken: 'x' })))).code).toBe(
      'InvalidTokenException',
    )
  })
})

describe('rolecall audit export', () => {
  test('writes nothing of what is not sealed, and goes on when it is', async () => {
    const early = await exported('--to', 'now')
    expect(early).toMatchObject({ code: 0, stderr: '' })
    expect(early.stdout).toMatch(
      /0 records in 0 log files written now\n.*\n.* newer records to come when they are sealed/,
    )
    await again()
    const { code, stdout } = await exported('--to', 'now', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      logFiles: ofBoth('CloudTrail'),
      digestFiles: ofBoth('CloudTrail-Digest'),
      leftOut: 0,
    })
    for (const account of [home, other])
      expect(Math.min(countOf('CloudTrail', account), countOf('CloudTrail-Digest', account))).toBeGreaterThan(0)
    await here.iam.send(new GetUserCommand({}))
    await again()
    expect((await exported('--to', 'now')).code).toBe(0)
    for (const name of filesBelow(logs)) expect(name).not.toMatch(/\.part$/)
  })

  test('is ended at any moment, and leaves whole files only', async () => {
    for (const after of [150, 250, 350, 450]) {
      const out = join(folder, `killed-${after}`)
      const args = ['audit', 'export', '--out', out, '--data', running.data, '--to', 'now']
      const child = spawn(process.execPath, [join(root, 'bin', 'rolecall.js'), ...args], { stdio: 'ignore' })
      const ended = new Promise((resolve) => child.on('exit', resolve))
      await new Promise((resolve) => setTimeout(resolve, after))
      child.kill('SIGKILL')
      await ended
      const whole = () => {
        const names = existsSync(out) ? filesBelow(out).filter((name) => name.endsWith('.gz')) : []
        for (const name of names) expect(gunzipSync(readFileSync(join(out, name))).toString()).toMatch(/^\{.*\}$/)
        return names.length
      }
      whole()
      expect((await rolecall(args)).code).toBe(0)
      expect(whole()).toBeGreaterThan(3)
    }
  })
})

interface Stored {
  readonly body: Buffer
  readonly metadata: Readonly<Record<string, string>>
}

/** As much of S3 as the aws CLI asks of it here. */
class Bucket {
  readonly objects = new Map<string, Stored>()
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { status, body, headers = {} } = this.#answer(request, Buffer.concat(chunks))
        response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body)
      })
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }
  close = () => this.#server.close()

  #answer({ method, url: path = '/', headers }: IncomingMessage, body: Buffer) {
    const url = new URL(path, 'http://s3')
    const [, name, ...rest] = decodeURIComponent(url.pathname).split('/')
    const key = rest.join('/')
    if (name !== bucket) return { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' }
    if (url.searchParams.has('location')) return { status: 200, body: '<LocationConstraint></LocationConstraint>' }
    if (method === 'PUT') {
      // A body in signed chunks would be taken for what it is not.
      expect(headers['content-encoding']).toBeUndefined()
      const metadata = Object.entries(headers).filter(([header]) => header.startsWith('x-amz-meta-'))
      this.objects.set(key, { body, metadata: Object.fromEntries(metadata) as Record<string, string> })
      return { status: 200, body: '' }
    }
    if (key === '') {
      const [prefix, marker] = [url.searchParams.get('prefix') ?? '', url.searchParams.get('marker') ?? '']
      const keys = [...this.objects.keys()].filter((one) => one.startsWith(prefix) && one > marker).sort()
      const listed = keys.map((one) => `<Contents><Key>${one}</Key></Contents>`).join('')
      return { status: 200, body: `<ListBucketResult><IsTruncated>false</IsTruncated>${listed}</ListBucketResult>` }
    }
    const found = this.objects.get(key)
    if (found === undefined) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
    return { status: 200, body: found.body, headers: { 'content-type': 'application/gzip', ...found.metadata } }
  }
}

describe.skipIf(!hasAws)(`aws cloudtrail validate-logs${leftOut}`, () => {
  let aws: Aws
  const s3 = new Bucket()
  let endpoint: string
  beforeAll(async () => {
    aws = await openAws()
    endpoint = await s3.listen()
  })
  afterAll(() => {
    aws.close()
    s3.close()
  })
  const withBucket = () => ({ ...variables(env, folder), AWS_ENDPOINT_URL_S3: endpoint })
  const validate = (account: string) => {
    const line = `cloudtrail validate-logs --trail-arn arn:aws:cloudtrail:us-east-1:${account}:trail/rolecall --s3-bucket ${bucket} --start-time ${began} --verbose`
    return aws.run(line.split(' '), withBucket())
  }

  test('takes what was uploaded as the guide for operators says, and finds every file valid', async () => {
    const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8')
    const script = /# upload\n([\s\S]+?)# validate/.exec(guide)?.[1]
    if (script === undefined) throw new Error('the guide does not say how')
    const uploaded = await run('bash', ['-euc', script], { ...withBucket(), PATH: process.env.PATH ?? '' }, folder)
    expect(uploaded.code, uploaded.stderr).toBe(0)
    expect([...s3.objects.keys()].sort()).toEqual(filesBelow(logs).filter((name) => name.endsWith('.json.gz')))
    const { code, stdout, stderr } = await validate(home)
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
    const [files, digests, others] = [
      countOf('CloudTrail', home),
      countOf('CloudTrail-Digest', home),
      countOf('CloudTrail', other),
    ]
    expect(Math.min(files, digests)).toBeGreaterThan(1)
    expect(stdout).toContain(`${digests}/${digests} digest files valid`)
    expect(stdout).toContain(`${files}/${files} log files valid`)
    expect((await validate(other)).stdout).toContain(`${others}/${others} log files valid`)
  })

  const repacked = (body: Buffer, from: RegExp, to: string) => {
    const [before, after] = [gunzipSync(body).toString(), gunzipSync(body).toString().replace(from, to)]
    expect(after).not.toBe(before)
    return gzipSync(after)
  }
  const named = (kind: string) => [...s3.objects.keys()].filter((name) => name.includes(`/${home}/${kind}/`)).sort()

  test.each([
    [
      'a record changed',
      () => named('CloudTrail')[0],
      ({ body, metadata }: Stored) => ({ body: repacked(body, /eventName/, 'eventname'), metadata }),
      'log files INVALID',
      "INVALID: hash value doesn't match",
    ],
    ['a log file taken away', () => named('CloudTrail')[0], () => undefined, 'log files INVALID', 'INVALID: not found'],
    [
      'a digest file changed',
      () => named('CloudTrail-Digest').at(-1),
      ({ body, metadata }: Stored) => ({
        body: repacked(body, /"newestEventTime":"\d+/, '"newestEventTime":"2001'),
        metadata,
      }),
      'digest files INVALID',
      'INVALID: signature verification failed',
    ],
    [
      'a signature changed',
      () => named('CloudTrail-Digest').at(-1),
      ({ body }: Stored) => ({ body, metadata: s3.objects.get(named('CloudTrail-Digest')[0] ?? '')?.metadata ?? {} }),
      'digest files INVALID',
      'INVALID: signature verification failed',
    ],
    [
      'a digest file taken away',
      () => named('CloudTrail-Digest')[0],
      () => undefined,
      'digest files INVALID',
      'INVALID: not found',
    ],
  ] as const)('finds %s', async (_, of, alter, invalid, words) => {
    const name = of() ?? ''
    const before = s3.objects.get(name)
    if (before === undefined) throw new Error('it is not there')
    const altered = alter(before)
    if (altered === undefined) s3.objects.delete(name)
    else s3.objects.set(name, altered)
    const { code, stdout, stderr } = await validate(home)
    s3.objects.set(name, before)
    expect(code).toBe(1)
    const all = named(invalid.startsWith('log') ? 'CloudTrail' : 'CloudTrail-Digest').length
    expect(stdout).toContain(`1/${all} ${invalid}`)
    expect(stderr).toContain(words)
  })

  test('lists the key that the SDK lists, for a time in which it signs', async () => {
    const [key] = (await trailOf().send(new ListPublicKeysCommand({}))).PublicKeyList ?? []
    const list = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await aws.run(['cloudtrail', 'list-public-keys', ...args], withBucket())
      return {
        code,
        stderr,
        keys:
          code === 0
            ? (JSON.parse(stdout) as { PublicKeyList: { Fingerprint: string; Value: string }[] }).PublicKeyList
            : [],
      }
    }
    const { keys } = await list('--start-time', began)
    expect(keys).toMatchObject([
      { Fingerprint: key?.Fingerprint, Value: Buffer.from(key?.Value ?? []).toString('base64') },
    ])
    expect(await list('--start-time', '2001-01-01', '--end-time', '2001-01-02')).toEqual({
      code: 0,
      stderr: '',
      keys: [],
    })
    expect((await list('--start-time', '2002-01-01', '--end-time', '2001-01-02')).stderr).toContain(
      '(InvalidTimeRangeException)',
    )
  })
})

describe('the key of exports', () => {
  const verified = (...args: readonly string[]) => rolecall(['audit', 'verify', '--folder', logs, ...args])

  test('is printed, and verifies what was exported', async () => {
    const pem = join(folder, 'export.pem')
    writeFileSync(pem, (await rolecall(['audit', 'key', '--export', '--data', running.data])).stdout)
    expect(await verified('--public-key', pem)).toMatchObject({ code: 0, stderr: '' })
  })

  test('stays the same when the key is rotated that it is sealed under, and signs on', async () => {
    const [before] = (await trailOf().send(new ListPublicKeysCommand({}))).PublicKeyList ?? []
    expect((await rolecall(['key', 'rotate', '--data', running.data])).code).toBe(0)
    await here.iam.send(new GetUserCommand({}))
    await again()
    expect((await trailOf().send(new ListPublicKeysCommand({}))).PublicKeyList).toEqual([before])
    const earlier = ofBoth('CloudTrail-Digest')
    const { code, stdout } = await exported('--to', 'now', '--json')
    expect(code).toBe(0)
    const digestFiles = ofBoth('CloudTrail-Digest') - earlier
    expect(digestFiles).toBeGreaterThan(0)
    expect(JSON.parse(stdout)).toMatchObject({ key: before?.Fingerprint, digestFiles })
    expect(await verified('--data', running.data)).toMatchObject({ code: 0, stderr: '' })
  })

  test('is in every backup: what is restored exports the same records, and goes on in a folder that was begun', async () => {
    const [file, data, out] = [join(folder, 'copy.backup'), join(folder, 'restored'), join(folder, 'again')]
    expect((await rolecall(['backup', file, '--data', running.data])).code).toBe(0)
    expect((await rolecall(['restore', file, '--data', data])).code).toBe(0)
    cpSync(join(running.data, 'key'), join(data, 'key'))
    const args = ['audit', 'export', '--data', data, '--bucket', bucket, '--to', 'now']
    expect((await rolecall([...args, '--out', logs])).code).toBe(0)
    expect((await rolecall([...args, '--out', out])).code).toBe(0)
    expect(await rolecall(['audit', 'verify', '--folder', out, '--data', running.data])).toMatchObject({ code: 0 })
    // A run to `now` ends files where it comes to: other files, the same records.
    const records = (path: string) =>
      filesBelow(path)
        .filter((name) => name.includes('/CloudTrail/') && name.endsWith('.gz'))
        .flatMap(
          (name) =>
            (JSON.parse(gunzipSync(readFileSync(join(path, name))).toString()) as { Records: object[] }).Records,
        )
        .map((record) => JSON.stringify(record))
        .sort()
    expect(records(out)).toEqual(records(logs))
  })
})
