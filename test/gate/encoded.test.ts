import { beforeEach, describe, expect, test } from 'vitest'
import { type Failure, failureOf } from '../../src/access/failure.ts'
import { machineRandom } from '../../src/host/machine.ts'
import type { Decision } from '../../src/policy/decide.ts'
import { sealMessage } from '../../src/token/message.ts'
import type { Keys } from '../clients/call.ts'
import { type Answer, allow, home, keysOf, other, policy, roleArn, Scene } from './scene.ts'

/** A refusal that is encoded, whoever may decode it, and what they read. The service is our own, which refuses as EC2 does. */
let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})

const words = / Encoded authorization failure message: ([\w-]+)$/
function encodedIn({ status, code, message = '' }: Answer): string {
  expect({ status, code }).toEqual({ status: 403, code: 'AccessDenied' })
  const [, encoded = ''] = words.exec(message) ?? []
  expect(encoded.length).toBeGreaterThan(100)
  return encoded
}
const decode = (EncodedMessage: string, keys = scene.administrator) =>
  scene.call(keys, 'sts', 'DecodeAuthorizationMessage', { EncodedMessage })
async function failureIn(refused: Answer, keys = scene.administrator): Promise<Failure> {
  const { status, result } = await decode(encodedIn(refused), keys)
  expect(status).toBe(200)
  return JSON.parse(String(result.DecodedMessage)) as Failure
}
const invalid = {
  status: 400,
  code: 'InvalidAuthorizationMessageException',
  message: 'Invalid authorization message.',
}
const quotas = (keys: Keys) => scene.call(keys, 'rolecall', 'ListQuotas')

describe('what is decoded', () => {
  test('has AWS’s form: of a missing Allow, who asked for what, and nothing matched', async () => {
    const ann = await scene.user('ann')
    const RequestId = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
    const arn = `arn:aws:rolecall::${home}:decision/${RequestId}`
    const refused = await scene.call(ann, 'rolecall', 'GetDecision', { RequestId })
    expect(refused.message?.replace(words, '')).toBe(
      `User: arn:aws:iam::${home}:user/ann is not authorized to perform: rolecall:GetDecision on resource: ${arn} because no identity-based policy allows the rolecall:GetDecision action.`,
    )
    const { User } = await scene.done(scene.administrator, 'iam', 'GetUser', { UserName: 'ann' })
    expect(JSON.stringify(await failureIn(refused))).toBe(
      JSON.stringify({
        allowed: false,
        explicitDeny: false,
        matchedStatements: { items: [] },
        failures: { items: [] },
        context: {
          principal: { id: String(User?.UserId), name: 'ann', arn: `arn:aws:iam::${home}:user/ann` },
          action: 'rolecall:GetDecision',
          resource: arn,
          conditions: {
            items: [
              ['aws:Region', 'us-east-1'],
              ['aws:Service', 'rolecall'],
              ['aws:Resource', `decision/${RequestId}`],
              ['aws:Type', 'decision'],
              ['aws:Account', home],
              ['aws:ARN', arn],
            ].map(([key, value]) => ({ key, values: { items: [{ value }] } })),
          },
        },
      }),
    )
  })

  test('of an explicit Deny, the statements that denied', async () => {
    const denies = {
      Sid: 'NotHere',
      Effect: 'Deny',
      Action: ['rolecall:List*', 's3:*'],
      Resource: '*',
      Condition: { StringNotEquals: { 'aws:SourceIp': ['10.0.0.1', '10.0.0.2'] } },
    }
    const ann = await scene.user('ann', policy({ Effect: 'Allow', Action: '*', Resource: '*' }, denies))
    const { User } = await scene.done(scene.administrator, 'iam', 'GetUser', { UserName: 'ann' })
    const failure = await failureIn(await quotas(ann))
    expect(failure.explicitDeny).toBe(true)
    expect(failure.matchedStatements).toEqual({
      items: [
        {
          statementId: 'NotHere',
          effect: 'DENY',
          principals: { items: [{ value: String(User?.UserId) }] },
          principalGroups: { items: [] },
          actions: { items: [{ value: 'rolecall:List*' }, { value: 's3:*' }] },
          resources: { items: [{ value: '*' }] },
          conditions: {
            items: [{ key: 'aws:SourceIp', values: { items: [{ value: '10.0.0.1' }, { value: '10.0.0.2' }] } }],
          },
        },
      ],
    })
  })

  test('of a Deny on what is not named, that it is not', async () => {
    const denies = { Effect: 'Deny', NotAction: 'iam:*', NotResource: 'arn:aws:s3:::mine/*' }
    const ann = await scene.user('ann', policy(denies))
    const failure = await failureIn(await quotas(ann))
    expect(failure.matchedStatements.items).toMatchObject([
      { statementId: '', notActions: { items: [{ value: 'iam:*' }] }, notResources: { items: [{}] } },
    ])
    expect(failure.matchedStatements.items[0]).not.toHaveProperty('actions')
  })

  test('of a session, its id and ARN, and no name', async () => {
    await scene.role('app')
    const failure = await failureIn(await quotas(await scene.session('app')))
    expect(failure.context.principal).toEqual({
      id: expect.stringMatching(/^AROA\w{17}:one$/),
      arn: `arn:aws:sts::${home}:assumed-role/app/one`,
    })
  })

  test('of a refused write, too', async () => {
    const ann = await scene.user('ann')
    const refused = await scene.call(ann, 'rolecall', 'SetQuota', { Name: 'UsersPerAccount', Limit: '1' })
    expect((await failureIn(refused)).context.action).toBe('rolecall:SetQuota')
  })

  test('is cut where it would be too long, and is still JSON of that form', async () => {
    // Texts that do not pack, more of them than a message has room for.
    const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(600))).toString('hex')
    const ann = await scene.user('ann')
    for (const PolicyName of ['a', 'b', 'c', 'd']) {
      const Resource = ['*', ...Array.from({ length: 4 }, () => `arn:aws:s3:::${noise()}`)]
      const { Policy } = await scene.done(scene.administrator, 'iam', 'CreatePolicy', {
        PolicyName,
        PolicyDocument: JSON.stringify(policy({ Effect: 'Deny', Action: 'rolecall:*', Resource })),
      })
      const PolicyArn = String(Policy?.Arn)
      await scene.done(scene.administrator, 'iam', 'AttachUserPolicy', { UserName: 'ann', PolicyArn })
    }
    const refused = await quotas(ann)
    expect(encodedIn(refused).length).toBeLessThanOrEqual(10_240)
    const { matchedStatements, context } = await failureIn(refused)
    expect(matchedStatements.items).toHaveLength(4)
    for (const { resources } of matchedStatements.items)
      expect(resources?.items[1]?.value).toMatch(/^arn:aws:s3:::[0-9a-f]{100,}…$/)
    expect(context.conditions.items).toHaveLength(2)
  })

  test('fits at its shortest, however long the names are', () => {
    const text = () => String.fromCharCode(...crypto.getRandomValues(new Uint16Array(3_000)))
    const need = { action: text(), resource: text(), context: { [text()]: [text()] } }
    const connection = { sourceIp: '10.0.0.1', secure: true, region: text() }
    const caller = { kind: 'root', account: home, arn: text(), userId: text(), accessKeyId: '' } as const
    // The little of a decision that is told of one without layers.
    const decision = { because: 'no-grant', crossAccount: false, layers: [] } as unknown as Decision
    const fitting = [...failureOf({ need, connection, caller, now: 0 }, decision)].map((failure) => {
      const message = { requestId: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d', decoded: JSON.stringify(failure) }
      return sealMessage(
        message,
        home,
        { id: '01ab23cd', secret: Buffer.alloc(32).toString('base64') },
        machineRandom(),
      )
    })
    expect(fitting[0]).toBeUndefined()
    expect(fitting.at(-1)).toBeDefined()
  })
})

describe('who may decode it', () => {
  test('whoever is allowed to, and nobody else', async () => {
    const ann = await scene.user('ann')
    const encoded = encodedIn(await quotas(ann))
    const refused = await decode(encoded, ann)
    expect(refused).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${home}:user/ann is not authorized to perform: sts:DecodeAuthorizationMessage on resource: * because no identity-based policy allows the sts:DecodeAuthorizationMessage action`,
    })
    const bob = await scene.user('bob', allow('sts:DecodeAuthorizationMessage'))
    expect((await decode(encoded, bob)).status).toBe(200)
  })

  test('only within its account; a foreign, an altered and an invented one are the same', async () => {
    const made = await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other })
    const ann = await scene.user('ann')
    const encoded = encodedIn(await quotas(ann))
    const there = keysOf(made)
    expect(await decode(encoded, there)).toMatchObject(invalid)
    expect(await decode(`${encoded.slice(0, -2)}AA`)).toMatchObject(invalid)
    expect(await decode('nothing')).toMatchObject(invalid)
    expect(await decode(`${encoded}\n`)).toMatchObject(invalid)
    const session = await scene.done(scene.administrator, 'sts', 'GetSessionToken')
    const token = String(session.Credentials?.SessionToken)
    expect(await decode(Buffer.from(token, 'base64').toString('base64url'))).toMatchObject(invalid)
  })

  test('as long as the ring has its key: 48 hours after the next one was taken up at the least', async () => {
    const ann = await scene.user('ann')
    const encoded = encodedIn(await quotas(ann))
    const day = 24 * 3600
    scene.pass(30 * day)
    await scene.quiet()
    scene.pass(2 * day - 1)
    await scene.quiet()
    expect((await decode(encoded)).status).toBe(200)
    scene.pass(2)
    await scene.quiet()
    expect(await decode(encoded)).toMatchObject(invalid)
  })
})

describe('GetDecision', () => {
  const decision = (EncodedMessage: string, keys = scene.administrator) =>
    scene.call(keys, 'rolecall', 'GetDecision', { EncodedMessage })

  test('takes the message in place of the request id', async () => {
    const ann = await scene.user('ann')
    const refused = await quotas(ann)
    const told = await decision(encodedIn(refused))
    expect(told.result.RequestId).toBe(refused.requestId)
    expect(JSON.parse(String(told.result.Decision))).toMatchObject({ effect: 'deny', action: 'rolecall:ListQuotas' })
    // What the trail keeps of it is cut at a kilobyte, as CloudTrail's is.
    const [record] = await scene.recordsOf(refused)
    expect(record?.errorMessage?.length).toBeLessThanOrEqual(1024)
  })

  test('is allowed for a decision by its own id', async () => {
    const ann = await scene.user('ann')
    const refused = await quotas(ann)
    const own = (id: string) =>
      policy({ Effect: 'Allow', Action: 'rolecall:GetDecision', Resource: `arn:aws:rolecall::${home}:decision/${id}` })
    const bob = await scene.user('bob', own(refused.requestId))
    const eve = await scene.user('eve', own('0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'))
    expect((await decision(encodedIn(refused), bob)).status).toBe(200)
    expect((await decision(encodedIn(refused), eve)).status).toBe(403)
  })

  test('refuses a message of another account, one that is none, and two names at once', async () => {
    const made = await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other })
    const encoded = encodedIn(await quotas(await scene.user('ann')))
    const bad = { status: 400, code: 'InvalidAuthorizationMessageException' }
    expect(await decision(encoded, keysOf(made))).toMatchObject(bad)
    expect(await decision('nothing')).toMatchObject(bad)
    const RequestId = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
    expect(
      await scene.call(scene.administrator, 'rolecall', 'GetDecision', { EncodedMessage: encoded, RequestId }),
    ).toMatchObject({ status: 400, code: 'ValidationError' })
  })
})

test('IAM and STS refuse without a message, as AWS does', async () => {
  const ann = await scene.user('ann')
  for (const refused of [
    await scene.call(ann, 'iam', 'ListUsers'),
    await scene.call(ann, 'sts', 'AssumeRole', { RoleArn: roleArn('none'), RoleSessionName: 'one' }),
  ])
    expect(refused).toMatchObject({ code: 'AccessDenied', message: expect.not.stringMatching(words) })
})
