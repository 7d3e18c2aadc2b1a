import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { CloudTrailClient, ListPublicKeysCommand, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { GetUserCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, makeAccount, refusal } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws, variables } from './aws.ts'
import { clientOf, discard, type Env, envOf, type Running, rolecall, root, startRolecall } from './process.ts'

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
    expect(JSON.parse(stdout)).toMatchObject({ logFiles: 2, digestFiles: 2, leftOut: 0 })
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

/** As much of S3 as the aws CLI asks of it here, over the files of a folder. */
function bucketServer(): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://s3')
    const [, name, ...rest] = decodeURIComponent(url.pathname).split('/')
    const key = rest.join('/')
    const answer = (status: number, body: string | Buffer, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body)
    const file = join(logs, key)
    if (name !== bucket) return answer(404, '<Error><Code>NoSuchBucket</Code></Error>')
    if (url.searchParams.has('location')) return answer(200, '<LocationConstraint></LocationConstraint>')
    if (key === '') {
      const [prefix, marker] = [url.searchParams.get('prefix') ?? '', url.searchParams.get('marker') ?? '']
      const keys = filesBelow(logs).filter((one) => one.startsWith(prefix) && one > marker)
      const listed = keys.map((one) => `<Contents><Key>${one}</Key></Contents>`).join('')
      return answer(200, `<ListBucketResult><IsTruncated>false</IsTruncated>${listed}</ListBucketResult>`)
    }
    if (!existsSync(file)) return answer(404, '<Error><Code>NoSuchKey</Code></Error>')
    const metadata = existsSync(`${file}.metadata.json`)
      ? Object.entries(JSON.parse(readFileSync(`${file}.metadata.json`, 'utf8')) as Record<string, string>)
      : []
    return answer(200, readFileSync(file), {
      'content-type': 'application/gzip',
      ...Object.fromEntries(metadata.map(([member, value]) => [`x-amz-meta-${member}`, value])),
    })
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

describe.skipIf(!hasAws)(`aws cloudtrail validate-logs${leftOut}`, () => {
  let aws: Aws
  let server: Server
  beforeAll(async () => {
    aws = await openAws()
    server = await bucketServer()
  })
  afterAll(() => {
    aws.close()
    server.close()
  })

  const validate = (account: string) => {
    const { port } = server.address() as AddressInfo
    const line = `cloudtrail validate-logs --trail-arn arn:aws:cloudtrail:us-east-1:${account}:trail/rolecall --s3-bucket ${bucket} --start-time ${began} --verbose`
    return aws.run(line.split(' '), { ...variables(env, folder), AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` })
  }

  test('finds every digest file and every log file valid', async () => {
    const { code, stdout, stderr } = await validate(home)
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('2/2 digest files valid')
    expect(stdout).toContain('2/2 log files valid')
    expect((await validate(other)).stdout).toContain('1/1 log files valid')
  })

  test('finds what was changed, and what was taken away', async () => {
    const names = filesBelow(logs).filter((name) => name.includes(`/${home}/`) && name.endsWith('.json.gz'))
    const [log = ''] = names.filter((name) => name.includes('/CloudTrail/'))
    const before = readFileSync(join(logs, log))
    writeFileSync(join(logs, log), gzipSync(gunzipSync(before).toString().replace('eventName', 'eventname')))
    const changed = await validate(home)
    expect(changed.code).toBe(1)
    expect(changed.stdout).toContain('1/2 log files valid, 1/2 log files INVALID')
    writeFileSync(join(logs, log), before)
    const [first = ''] = names.filter((name) => name.includes('/CloudTrail-Digest/')).sort()
    rmSync(join(logs, first))
    expect((await validate(home)).stdout).toContain('1/2 digest files valid, 1/2 digest files INVALID')
  })
})
