import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { call, type Keys, type Part, type Reply, versions } from '../clients/call.ts'
import { discard, type Env, envOf, type Ran, type Running, rolecall, root, startRolecall } from '../clients/process.ts'

/** Secrets that were given out, by what they are: wherever one of them turns up but where it was asked for, it leaked. */
const secrets = new Map<string, string>()
const data = mkdtempSync(join(tmpdir(), 'rolecall-'))
let running: Running
let output = ''
/** Answers that hold no credentials by their nature: errors, and reads. */
const answers: string[] = []

const trust = (account: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' },
  })

function keep(what: string, keys: Part | Keys | undefined): Keys {
  const { accessKeyId, secretAccessKey, sessionToken } = { ...(keys as Keys) }
  const { AccessKeyId, SecretAccessKey, SessionToken } = { ...(keys as Part) }
  const id = String(accessKeyId ?? AccessKeyId)
  const secret = String(secretAccessKey ?? SecretAccessKey)
  const token = sessionToken ?? (SessionToken === undefined ? undefined : String(SessionToken))
  secrets.set(`the secret of ${what}`, secret)
  if (token !== undefined) secrets.set(`the token of ${what}`, token)
  return { accessKeyId: id, secretAccessKey: secret, ...(token === undefined ? {} : { sessionToken: token }) }
}
const hear = (reply: Reply): Reply => {
  answers.push(`${JSON.stringify(reply.headers)}\n${reply.text}`)
  return reply
}
const told = (ran: Ran): Ran => {
  answers.push(`${ran.stdout}\n${ran.stderr}`)
  return ran
}

/** Everything that makes, uses or misuses credentials, over HTTP and over the command line. */
async function live(): Promise<void> {
  const env: Env = await envOf(running)
  const { endpoint } = running
  const administrator = keep('the administrator', env)
  const [kept] = (JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8')) as { accounts: Part[] }).accounts
  secrets.set('the root secret', String(kept?.rootSecretAccessKey))
  const made = JSON.parse((await rolecall(['account', 'create', '--json', '--data', data])).stdout) as Keys & Part
  keep('another administrator', made)
  secrets.set('the other root secret', String(made.rootSecretAccessKey))

  await call(endpoint, administrator, 'iam', 'CreateUser', { UserName: 'ada' })
  const key = await call(endpoint, administrator, 'iam', 'CreateAccessKey', { UserName: 'ada' })
  const ada = keep('ada', key.result.AccessKey)
  await call(endpoint, administrator, 'iam', 'CreateRole', {
    RoleName: 'app',
    AssumeRolePolicyDocument: trust(env.accountId),
  })
  const RoleArn = `arn:aws:iam::${env.accountId}:role/app`
  const assumed = await call(endpoint, administrator, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'one' })
  const session = keep('a role session', assumed.result.Credentials)
  const own = keep('a session of ada', (await call(endpoint, ada, 'sts', 'GetSessionToken')).result.Credentials)
  const line = await rolecall(['env', '--role', 'app', '--json', '--data', data])
  keep('a session of the command line', JSON.parse(line.stdout) as Keys)

  for (const keys of [administrator, ada, session, own]) {
    hear(await call(endpoint, keys, 'sts', 'GetCallerIdentity'))
    hear(await call(endpoint, keys, 'iam', 'ListAccessKeys', { UserName: 'ada' }))
    hear(await call(endpoint, keys, 'iam', 'DeleteUser', { UserName: 'nobody' }))
    hear(await call(endpoint, keys, 'iam', 'CreateUser', { UserName: '*' }))
    hear(await call(endpoint, keys, 'iam', 'NoSuchAction'))
    hear(await call(endpoint, { ...keys, secretAccessKey: `${keys.secretAccessKey}x` }, 'sts', 'GetCallerIdentity'))
    const { sessionToken = 'none', ...bare } = keys
    hear(await call(endpoint, bare, 'iam', 'ListUsers'))
    hear(await call(endpoint, { ...keys, sessionToken: `${sessionToken}x` }, 'iam', 'ListUsers'))
    hear(await call(endpoint, { ...bare, sessionToken: sessionToken.slice(1) }, 'iam', 'ListUsers'))
  }
  // A token that is presented in the query, and one that stands where it is not a token.
  const query = new URLSearchParams({
    Action: 'GetCallerIdentity',
    Version: versions.sts,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${session.accessKeyId}/20200101/us-east-1/sts/aws4_request`,
    'X-Amz-Date': '20200101T000000Z',
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Security-Token': session.sessionToken ?? '',
    'X-Amz-Signature': '0'.repeat(64),
  })
  const presigned = await fetch(`${endpoint}/?${query}`, { redirect: 'manual' })
  answers.push(`${JSON.stringify([...presigned.headers])}\n${await presigned.text()}`)
  expect(presigned.status).toBe(403)

  const refused = hear(await call(endpoint, session, 'iam', 'ListUsers'))
  expect(refused.code).toBe('AccessDenied')
  for (const args of [
    ['why', refused.requestId],
    ['why', refused.requestId, '--json'],
    ['account', 'ls'],
    ['env', '--role', 'none'],
  ])
    told(await rolecall([...args, '--data', data]))
  const show = 'cat /proc/self/cmdline /proc/$PPID/cmdline; ps -eo args 2>/dev/null || true'
  for (const role of [[], ['--role', 'app']])
    told(await rolecall(['exec', '--data', data, ...role, '--', 'sh', '-c', show]))
}

const firstKeys = [
  'the secret of the administrator',
  'the root secret',
  'the secret of another administrator',
  'the other root secret',
]
let whileRunning: ReadonlyMap<string, Buffer>
let afterKill: ReadonlyMap<string, Buffer>

const filesOf = (directory: string): ReadonlyMap<string, Buffer> =>
  new Map(readdirSync(directory).map((file) => [file, readFileSync(join(directory, file))]))

beforeAll(async () => {
  running = await startRolecall({ data })
  await live()
  whileRunning = filesOf(data)
  await running.stop()
  output = running.output()
  // Once more, to be killed: what it had not yet written into the database stands in the log.
  running = await startRolecall({ data })
  const administrator = await envOf(running)
  await call(running.endpoint, administrator, 'iam', 'CreateUser', { UserName: 'eve' })
  const made = await call(running.endpoint, administrator, 'iam', 'CreateAccessKey', { UserName: 'eve' })
  keep('eve', made.result.AccessKey)
  await running.stop('SIGKILL')
  afterKill = filesOf(data)
})
afterAll(() => discard(running))

const leaks = (text: string): string[] =>
  [...secrets]
    .filter(([, secret]) => text.includes(secret) || text.includes(encodeURIComponent(secret)))
    .map(([what]) => what)

/** Every text in every row of the tables that are chosen by name, one after the other. */
const texts = (chosen: (table: string) => boolean): string =>
  ['rolecall.db', 'audit.db'].flatMap((file) => textsOf(join(data, file), chosen)).join('\n')

function textsOf(file: string, chosen: (table: string) => boolean): readonly string[] {
  const database = openDatabase(file)
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()
    return tables
      .map(({ name }) => String(name))
      .filter(chosen)
      .flatMap((table) => database.prepare(`SELECT * FROM ${table}`).all())
      .flatMap((row) => Object.values(row).map(String))
      .flatMap((text) => [text, ...inflated(text)])
  } finally {
    database.close()
  }
}
/**
 * What a text holds where it is base64 of something deflated, or several of those, the first a dictionary for the rest, as blocks of
 * the trail are: there a search finds nothing as it is.
 */
function inflated(text: string): readonly string[] {
  const found: Buffer[] = []
  for (const piece of text.split('.')) {
    if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(piece)) break
    const [dictionary] = found
    try {
      // A block that others follow in the same segment may be flushed and not ended.
      const options = { finishFlush: constants.Z_SYNC_FLUSH, ...(dictionary && { dictionary }) }
      found.push(inflateSync(Buffer.from(piece, 'base64'), options))
    } catch {
      break
    }
  }
  return found.map(String)
}
const entities = (table: string): boolean => table === 'entity'

describe('a secret is told once, to whoever it is for, and', () => {
  test('there are some, and they would be found', () => {
    expect([...secrets.keys()]).toHaveLength(12)
    expect([...secrets.values()].every((secret) => secret.length >= 40)).toBe(true)
    // Where they must stand: the first keys are kept for the one who runs the authority. The search finds what is there.
    expect(leaks(readFileSync(join(data, 'credentials.json'), 'utf8'))).toHaveLength(4)
    expect(texts(entities)).toMatch(/"kind":"access-key"[^\n]*"secret":"v1\./)
  })

  test('never again in an answer, nor in a word of the command line or an argument of what it starts', () => {
    expect(answers.length).toBeGreaterThan(40)
    expect(answers.flatMap(leaks)).toEqual([])
    expect(answers.some((answer) => answer.includes('rolecall.js\0exec'))).toBe(process.platform === 'linux')
  })

  test('never on the server’s output', () => {
    expect(output).toContain('rolecall has stopped')
    expect(leaks(output)).toEqual([])
    expect(output).not.toMatch(/request \S+ failed/)
  })

  test('never in the trail, nor in an explanation', () => {
    const trail = texts((table) => !entities(table))
    for (const said of [
      'AssumeRole',
      'CreateAccessKey',
      'GetSessionToken',
      'InvalidClientTokenId',
      'SignatureDoesNotMatch',
    ])
      expect(trail).toContain(said)
    expect(leaks(trail)).toEqual([])
  })

  test('never in the state as it is kept', () => {
    expect(leaks(texts(entities))).toEqual([])
  })

  test('in no byte of the data directory but the first keys, where they are told: neither while it runs nor after a kill', () => {
    for (const files of [whileRunning, afterKill, filesOf(data)]) {
      expect([...files.keys()]).toEqual(expect.arrayContaining(['rolecall.db', 'credentials.json', 'key']))
      for (const [file, bytes] of files) {
        expect([file, leaks(bytes.toString('latin1'))]).toEqual([file, file === 'credentials.json' ? firstKeys : []])
      }
    }
    // The log is what a killed process leaves of its last writes.
    expect([...afterKill.keys()]).toContain('rolecall.db-wal')
  })

  test('and the first keys are all that is told there', () => {
    expect(leaks(readFileSync(join(data, 'credentials.json'), 'utf8'))).toEqual(firstKeys)
  })

  test('in no file of the checkout', () => {
    expect(readdirSync(root).filter((file) => /credentials|\.db/.test(file))).toEqual([])
  })
})
