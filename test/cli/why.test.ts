import { DeleteUserCommand, IAMClient } from '@aws-sdk/client-iam'
import { DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, type Keys, type Reply } from '../clients/call.ts'
import {
  clientOf,
  discard,
  type Env,
  envOf,
  have,
  type Running,
  rolecall,
  run,
  startRolecall,
} from '../clients/process.ts'

let running: Running
let administrator: Env
let ada: Env
let refusal: Reply
beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', '012345678901'] })
  administrator = await envOf(running)
  await call(running.endpoint, administrator, 'iam', 'CreateUser', { UserName: 'ada' })
  const { result } = await call(running.endpoint, administrator, 'iam', 'CreateAccessKey', { UserName: 'ada' })
  ada = {
    ...administrator,
    accessKeyId: String(result.AccessKey?.AccessKeyId),
    secretAccessKey: String(result.AccessKey?.SecretAccessKey),
  }
  refusal = await call(running.endpoint, ada, 'iam', 'DeleteUser', { UserName: 'grace' })
})
afterAll(() => discard(running))

const why = (...args: string[]) => rolecall(['why', '--data', running.data, ...args])
const variables = ({ endpoint, region, accessKeyId, secretAccessKey }: Env & Keys) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
})

describe('a refusal', () => {
  test('carries its id twice: as the request id, and as the id of the decision', () => {
    expect(refusal.status).toBe(403)
    expect(refusal.requestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(refusal.headers['x-rolecall-decision-id']).toBe(refusal.requestId)
    expect(refusal.text).toContain(`"RequestId":"${refusal.requestId}"`)
  })

  test('is explained from anywhere, by keys and an address alone', async () => {
    const asked = (...args: string[]) => rolecall(['why', refusal.requestId, ...args], variables(administrator))
    const here = await why(refusal.requestId)
    const { endpoint } = running
    expect(await asked('--endpoint', endpoint)).toEqual(here)
    expect(await asked('--endpoint', endpoint, '--account', '012345678901')).toEqual(here)
    expect(await asked('--endpoint', endpoint, '--account', '987654321098')).toMatchObject({
      code: 1,
      stderr: 'rolecall: the keys in the environment are of account 012345678901\n',
    })
    expect((await rolecall(['why', '--last', '--endpoint', endpoint])).stderr).toContain('--endpoint needs AWS_ACCESS')
    // Whoever may not ask is told what to type, with the address.
    const { code, stderr } = await rolecall(['why', refusal.requestId, `--endpoint=${endpoint}`], variables(ada))
    expect(code).toBe(1)
    expect(stderr).toMatch(
      new RegExp(`rolecall:GetDecision.* To see why: .* why [0-9a-f-]{36} --endpoint ${endpoint}\n$`),
    )
  })

  test('is explained at once: who, what, which layer, and what is missing', async () => {
    const { code, stdout, stderr } = await why(refusal.requestId)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^DENY {2}iam:DeleteUser on arn:aws:iam::012345678901:user\/grace\n/)
    expect(stdout).toContain('arn:aws:iam::012345678901:user/ada')
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/no statement of ada['’]s policies allows iam:DeleteUser/)
    expect(stdout).not.toContain('\u001b')
    expect(stdout.split('\n').filter((line) => line.length > 100 && line.includes(' '))).toEqual([])
  })

  test('--last is the newest one, and no other', async () => {
    const first = await call(running.endpoint, ada, 'iam', 'CreateRole', {
      RoleName: 'mine',
      AssumeRolePolicyDocument: '{}',
    })
    expect((await why('--last')).stdout).toContain('iam:CreateRole')
    const second = await call(running.endpoint, ada, 'iam', 'DeleteUser', { UserName: 'grace' })
    expect((await why('--last')).stdout).toContain('iam:DeleteUser')
    expect((await why('--last')).stdout).toBe((await why(second.requestId)).stdout)
    expect((await why(first.requestId)).stdout).toContain('iam:CreateRole')
  })

  test('--json is one object: the id, the time in seconds, the record and the decision', async () => {
    const { code, stdout, stderr } = await why(refusal.requestId, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.trimEnd()).not.toContain('\n')
    const told = JSON.parse(stdout) as Record<string, unknown>
    expect(Object.keys(told)).toEqual(['requestId', 'time', 'event', 'decision'])
    expect(told.requestId).toBe(refusal.requestId)
    expect(Math.abs(Number(told.time) - Date.now() / 1000)).toBeLessThan(300)
    expect(told.event).toMatchObject({
      eventName: 'DeleteUser',
      errorCode: 'AccessDenied',
      requestID: refusal.requestId,
    })
    expect(JSON.stringify(told.decision)).toContain('iam:DeleteUser')
  })

  test('its id is what the SDK calls the request id', async () => {
    const client = new IAMClient(clientOf(ada))
    const error = await client.send(new DeleteUserCommand({ UserName: 'grace' })).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    client.destroy()
    expect(error).toMatchObject({ name: 'AccessDenied', $metadata: { requestId: expect.any(String) } })
    const { requestId } = (error as { $metadata: { requestId: string } }).$metadata
    expect((await why(requestId)).stdout).toContain('iam:DeleteUser')
  })

  const aws = have('aws')
  test('its id is what the aws CLI shows under --debug', async ({ skip }) => {
    if (!(await aws)) skip('there is no aws CLI here')
    const { code, stderr } = await run('aws', ['iam', 'delete-user', '--user-name', 'grace', '--debug'], variables(ada))
    expect(code).not.toBe(0)
    expect(stderr).toContain('An error occurred (AccessDenied)')
    const id = /x-amzn-RequestId['"]?: ?['"]([0-9a-f-]{36})/i.exec(stderr)?.[1] ?? 'none'
    expect((await why(id)).stdout).toContain('iam:DeleteUser')
  })
})

describe('an encoded authorization failure message', () => {
  const encodedBy = async (keys: Env) => {
    const { message = '' } = await call(running.endpoint, keys, 'rolecall', 'ListQuotas')
    return { message, encoded: /[\w-]+$/.exec(message)?.[0] ?? '' }
  }

  test('is explained as its request id is, alone or at the end of the sentence that it came in', async () => {
    const { message, encoded } = await encodedBy(ada)
    const latest = await why('--last')
    expect(latest.stdout).toContain('rolecall:ListQuotas')
    expect((await why(encoded)).stdout).toBe(latest.stdout)
    expect((await why(` ${message}\n`)).stdout).toBe(latest.stdout)
  })

  test('is decoded by stock clients, for whoever may', async ({ skip }) => {
    const { encoded } = await encodedBy(ada)
    const sdk = await new STSClient(clientOf(administrator)).send(
      new DecodeAuthorizationMessageCommand({ EncodedMessage: encoded }),
    )
    expect(JSON.parse(sdk.DecodedMessage ?? '')).toMatchObject({
      allowed: false,
      context: { principal: { name: 'ada' }, action: 'rolecall:ListQuotas' },
    })
    if (!(await have('aws'))) skip('there is no aws CLI here')
    const args = ['sts', 'decode-authorization-message', '--encoded-message', encoded, '--output', 'json']
    const cli = await run('aws', args, variables(administrator))
    expect(JSON.parse(cli.stdout)).toEqual({ DecodedMessage: sdk.DecodedMessage })
    const refused = await run('aws', args, variables(ada))
    expect(refused.stderr).toContain('is not authorized to perform: sts:DecodeAuthorizationMessage on resource: *')
  })

  test('of another account is told as one: only its owner can ask', async () => {
    const made = await rolecall(['account', 'create', '--id', '333333333333', '--json', '--data', running.data])
    expect(made.code).toBe(0)
    const { encoded } = await encodedBy(ada)
    const { code, stdout, stderr } = await why(encoded, '--account', '333333333333')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'rolecall: InvalidAuthorizationMessageException: This is no authorization message of account 333333333333.\n',
    )
  })
})

describe('whose refusals are shown', () => {
  test('those of the account whose keys are in the environment, where they are this authority’s', async () => {
    const made = await rolecall(['account', 'create', '--id', '222222222222', '--json', '--data', running.data])
    const other = { ...administrator, ...(JSON.parse(made.stdout) as Keys) }
    const mine = await rolecall(['why', '--last', '--data', running.data], variables(other))
    expect(mine).toMatchObject({ code: 1, stdout: '' })
    expect(mine.stderr).toBe('rolecall: NoSuchDecision: No request was refused in this account yet.\n')
    const foreign = await rolecall(['why', refusal.requestId, '--data', running.data, '--account', '222222222222'])
    expect(foreign).toMatchObject({ code: 1, stdout: '' })
    const stranger = { ...variables(administrator), AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' }
    const first = await rolecall(['why', refusal.requestId, '--data', running.data], stranger)
    expect(first.stdout).toContain('iam:DeleteUser')
  })
})

describe('where there is nothing to explain', () => {
  test.each([
    [
      'an id that was never given',
      '00000000-0000-4000-8000-000000000000',
      /^rolecall: .*No refusal with the id 00000000-0000-4000-8000-000000000000 is recorded/,
    ],
    ['a word', 'yesterday', /^rolecall: 'yesterday' is no request id: they look like /],
    ['an id in capitals', 'ABCDEFAB-0000-4000-8000-000000000000', /^rolecall: .*No refusal with the id abcdefab-/],
  ])('%s: 1, in one line', async (_what, id, told) => {
    const { code, stdout, stderr } = await why(id)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(told)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test('what was allowed has no refusal', async () => {
    const allowed = await call(running.endpoint, administrator, 'sts', 'GetCallerIdentity')
    expect(allowed.headers['x-rolecall-decision-id']).toBeUndefined()
    expect((await why(allowed.requestId)).code).toBe(1)
  })
})
