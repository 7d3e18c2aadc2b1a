import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../clients/call.ts'
import { discard, type Env, envOf, type Running, rolecall, startRolecall } from '../clients/process.ts'

interface Created {
  readonly accountId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly rootAccessKeyId: string
  readonly rootSecretAccessKey: string
}

let running: Running
let home: Env
beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', '000000000001'] })
  home = await envOf(running)
})
afterAll(() => discard(running))

const account = (...args: string[]) => rolecall(['account', ...args, '--data', running.data])
async function create(...args: string[]): Promise<Created> {
  const { code, stdout, stderr } = await account('create', '--json', ...args)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Created
}
const kept = () => JSON.parse(readFileSync(join(running.data, 'credentials.json'), 'utf8')) as { accounts: Created[] }

describe('account create', () => {
  test('--json prints exactly the five members that scripts read, and nothing else on either stream', async () => {
    const { code, stdout, stderr } = await account('create', '--json', '--name', 'staging')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.endsWith('}\n') && !stdout.slice(0, -1).includes('\n')).toBe(true)
    expect(JSON.parse(stdout)).toEqual({
      accountId: expect.stringMatching(/^\d{12}$/),
      accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      rootAccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      rootSecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
    })
  })

  test('without --json a line each', async () => {
    const { stdout } = await account('create')
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/)[0])
    expect(names).toEqual(['accountId', 'accessKeyId', 'secretAccessKey', 'rootAccessKeyId', 'rootSecretAccessKey'])
  })

  test('the account can be used at once, by its administrator and by its root', async () => {
    const made = await create('--id', '012345678901', '--name', 'other')
    expect(made.accountId).toBe('012345678901')
    const administrator = await call(running.endpoint, made, 'sts', 'GetCallerIdentity')
    expect(administrator.result.Arn).toBe('arn:aws:iam::012345678901:user/administrator')
    const root = { accessKeyId: made.rootAccessKeyId, secretAccessKey: made.rootSecretAccessKey }
    expect((await call(running.endpoint, root, 'sts', 'GetCallerIdentity')).result.Arn).toBe(
      'arn:aws:iam::012345678901:root',
    )
    expect((await call(running.endpoint, made, 'iam', 'CreateUser', { UserName: 'first' })).status).toBe(200)
    expect(await envOf(running, ['--account', '012345678901'])).toEqual({
      endpoint: running.endpoint,
      region: 'us-east-1',
      accountId: '012345678901',
      accessKeyId: made.accessKeyId,
      secretAccessKey: made.secretAccessKey,
    })
    const { stdout } = await account('ls')
    expect(stdout).toMatch(/^000000000001 {2}main$/m)
    expect(stdout).toMatch(/^012345678901 {2}other$/m)
  })

  test('an id that is taken is refused, and the keys that were kept stay', async () => {
    await create('--id', '222222222222')
    const before = kept()
    for (const id of ['222222222222', '000000000001']) {
      const { code, stdout, stderr } = await account('create', '--id', id)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toBe(`rolecall: AccountAlreadyExists: Account ${id} already exists.\n`)
    }
    expect(kept()).toEqual(before)
  })

  test.each([
    ['eleven digits', '12345678901', /leading zeros\? 012345678901 has twelve/],
    ['thirteen digits', '1234567890123', /twelve digits/],
    ['letters', 'abcdefghijkl', /twelve digits/],
    ['nothing', '', /twelve digits/],
  ])('an id of %s is a mistake of typing', async (_what, id, told) => {
    const { code, stdout, stderr } = await account('create', '--id', id)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(told)
  })

  test('a name that no account may have is refused without a stack', async () => {
    const { code, stderr } = await account('create', '--name', 'x'.repeat(51))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^rolecall: ValidationError: /)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test('eight at once lose nobody’s keys', async () => {
    const before = kept().accounts
    const made = await Promise.all(Array.from({ length: 8 }, () => create()))
    const after = kept().accounts
    expect(new Set(made.map(({ accountId }) => accountId)).size).toBe(8)
    expect(after.slice(0, before.length)).toEqual(before)
    expect(new Set(after.slice(before.length).map(({ accessKeyId }) => accessKeyId))).toEqual(
      new Set(made.map(({ accessKeyId }) => accessKeyId)),
    )
    for (const one of made) expect(after).toContainEqual(expect.objectContaining(one))
    const files = readdirSync(running.data)
    expect(files.filter((file) => /^credentials\.json\./.test(file))).toEqual([])
    expect(new Set(files.map((file) => statSync(join(running.data, file)).mode & 0o777))).toEqual(new Set([0o600]))
  })

  test('principals of the first account may, where its policies allow it; others may not, root or not', async () => {
    const made = await create()
    const root = { accessKeyId: made.rootAccessKeyId, secretAccessKey: made.rootSecretAccessKey }
    for (const keys of [made, root]) {
      for (const action of ['CreateAccount', 'ListAccounts']) {
        const { status, code } = await call(running.endpoint, keys, 'rolecall', action)
        expect({ action, status, code }).toEqual({ action, status: 403, code: 'AccessDenied' })
      }
    }
    await call(running.endpoint, home, 'iam', 'CreateUser', { UserName: 'nobody' })
    const { result } = await call(running.endpoint, home, 'iam', 'CreateAccessKey', { UserName: 'nobody' })
    const nobody = {
      accessKeyId: String(result.AccessKey?.AccessKeyId),
      secretAccessKey: String(result.AccessKey?.SecretAccessKey),
    }
    const create_ = () => call(running.endpoint, nobody, 'rolecall', 'CreateAccount')
    expect((await create_()).code).toBe('AccessDenied')
    await call(running.endpoint, home, 'iam', 'PutUserPolicy', {
      UserName: 'nobody',
      PolicyName: 'accounts',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: 'rolecall:CreateAccount', Resource: '*' },
      }),
    })
    expect((await create_()).status).toBe(200)
  })

  test('with nothing running it says how to start one', async () => {
    const { code, stdout, stderr } = await rolecall(['account', 'create', '--data', join(running.data, 'none')])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^rolecall: no rolecall is running on .*none\. Start one with: .* up --data .*none\n$/)
  })
})

describe('account rotate', () => {
  const identify = async (accessKeyId: string, secretAccessKey: string) => {
    const { code, result } = await call(running.endpoint, { accessKeyId, secretAccessKey }, 'sts', 'GetCallerIdentity')
    return code ?? String(result.Arn)
  }
  const keptOf = (id: string) => {
    const found = kept().accounts.find(({ accountId }) => accountId === id)
    if (found === undefined) throw new Error(`no keys of ${id}`)
    return found
  }
  const standing = async (keys: Created) => [
    await identify(keys.accessKeyId, keys.secretAccessKey),
    await identify(keys.rootAccessKeyId, keys.rootSecretAccessKey),
  ]
  const [administrator, root] = ['333344445555:user/administrator', '333344445555:root'].map(
    (who) => `arn:aws:iam::${who}`,
  )
  const dead = 'InvalidClientTokenId'

  test('gives the administrator a fresh key, keeps it, and deletes the old one; and so for root', async () => {
    const first = await create('--id', '333344445555')
    const others = kept().accounts.filter(({ accountId }) => accountId !== '333344445555')
    const done = await account('rotate', '--id', '333344445555')
    const second = keptOf('333344445555')
    expect([done.code, done.stderr]).toEqual([0, ''])
    expect(done.stdout).toContain(`user administrator of account 333344445555 has the key ${second.accessKeyId}`)
    expect(done.stdout).toContain(`${first.accessKeyId} is deleted`)
    for (const secret of [first.secretAccessKey, second.secretAccessKey]) expect(done.stdout).not.toContain(secret)
    expect(await standing(first)).toEqual([dead, root])
    expect(await standing(second)).toEqual([administrator, root])

    const { code, stdout } = await account('rotate', '--id', '333344445555', '--root', '--json')
    const third = keptOf('333344445555')
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { accountId: '333344445555', user: null, accessKeyId: third.rootAccessKeyId, deleted: second.rootAccessKeyId },
    ])
    expect(await standing(second)).toEqual([administrator, dead])
    expect(await standing(third)).toEqual([administrator, root])
    expect(kept().accounts.filter(({ accountId }) => accountId !== '333344445555')).toEqual(others)
  })

  test('has root do it where the administrator’s key was shut out, whatever other key an intruder made', async () => {
    const before = keptOf('333344445555')
    const made = await call(running.endpoint, before, 'iam', 'CreateAccessKey', { UserName: 'administrator' })
    expect(made.status).toBe(200)
    const off = { UserName: 'administrator', AccessKeyId: before.accessKeyId, Status: 'Inactive' }
    expect((await call(running.endpoint, before, 'iam', 'UpdateAccessKey', off)).status).toBe(200)
    expect(await standing(before)).toEqual([dead, root])
    expect((await account('rotate', '--id', '333344445555')).code).toBe(0)
    expect(await standing(keptOf('333344445555'))).toEqual([administrator, root])
  })

  test('leaves everything as it was where there is no room for a fresh key', async () => {
    const before = keptOf('333344445555')
    const { code, stdout, stderr } = await account('rotate', '--id', '333344445555')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe('rolecall: LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2\n')
    expect(keptOf('333344445555')).toEqual(before)
    expect(await standing(before)).toEqual([administrator, root])
  })

  test('says so where nobody is left who could make one', async () => {
    const { rootAccessKeyId, rootSecretAccessKey } = keptOf('333344445555')
    const rootKeys = { accessKeyId: rootAccessKeyId, secretAccessKey: rootSecretAccessKey }
    const gone = await call(running.endpoint, rootKeys, 'iam', 'DeleteAccessKey', { AccessKeyId: rootAccessKeyId })
    expect(gone.status).toBe(200)
    const { code, stderr } = await account('rotate', '--id', '333344445555', '--root')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^rolecall: root’s key of account 333344445555 in .* can do nothing any more, and nobody else can make another\n$/,
    )
  })
})
