import { beforeEach, describe, expect, test } from 'vitest'
import { type Answer, allow, home, keysOf, other, roleArn, Scene } from './scene.ts'

/** Every walk through the gate leaves exactly one record, however it ends; across two accounts, one in each. */
let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})

interface Expected {
  readonly status: number
  readonly code?: string
  /** The record. */
  readonly eventName: string
  readonly errorCode?: string
  readonly account?: string
  readonly readOnly?: boolean
}

const rows: readonly (readonly [string, (scene: Scene) => Promise<Answer>, Expected])[] = [
  [
    'a read',
    (scene) => scene.call(scene.administrator, 'sts', 'GetCallerIdentity'),
    { status: 200, eventName: 'GetCallerIdentity', readOnly: true },
  ],
  [
    'a read that finds nothing',
    (scene) => scene.call(scene.administrator, 'iam', 'GetUser', { UserName: 'nobody' }),
    {
      status: 404,
      code: 'NoSuchEntity',
      eventName: 'GetUser',
      errorCode: 'NoSuchEntityException',
      readOnly: true,
    },
  ],
  [
    'a write',
    (scene) => scene.call(scene.administrator, 'iam', 'CreateUser', { UserName: 'ada' }),
    { status: 200, eventName: 'CreateUser', readOnly: false },
  ],
  [
    'a write that a fault drops',
    (scene) => scene.call(scene.administrator, 'iam', 'CreateUser', { UserName: 'administrator' }),
    {
      status: 409,
      code: 'EntityAlreadyExists',
      eventName: 'CreateUser',
      errorCode: 'EntityAlreadyExistsException',
      readOnly: false,
    },
  ],
  [
    'a mint (becoming-is-reading: this one makes nobody a role)',
    (scene) => scene.call(scene.administrator, 'sts', 'GetSessionToken'),
    { status: 200, eventName: 'GetSessionToken', readOnly: false },
  ],
  [
    'an answer from the trail',
    (scene) => scene.call(scene.administrator, 'rolecall', 'GetDecision'),
    {
      status: 404,
      code: 'NoSuchDecision',
      eventName: 'GetDecision',
      errorCode: 'NoSuchDecisionException',
      readOnly: true,
    },
  ],
  [
    'a refusal',
    async (scene) => scene.call(await scene.user('ada'), 'iam', 'DeleteUser', { UserName: 'grace' }),
    { status: 403, code: 'AccessDenied', eventName: 'DeleteUser', errorCode: 'AccessDenied', readOnly: false },
  ],
  [
    'a refused mint',
    async (scene) => {
      await scene.role('app')
      const parameters = { RoleArn: roleArn('app'), RoleSessionName: 'one' }
      return scene.call(await scene.user('ada'), 'sts', 'AssumeRole', parameters)
    },
    { status: 403, code: 'AccessDenied', eventName: 'AssumeRole', errorCode: 'AccessDenied', readOnly: true },
  ],
  [
    'a signature with another secret',
    (scene) =>
      scene.call({ ...scene.administrator, secretAccessKey: 'x'.repeat(40) }, 'iam', 'CreateUser', { UserName: 'ada' }),
    { status: 403, code: 'SignatureDoesNotMatch', eventName: 'CreateUser', errorCode: 'SignatureDoesNotMatch' },
  ],
  [
    'a signature of another time',
    (scene) => scene.call(scene.administrator, 'sts', 'GetCallerIdentity', {}, { skew: -16 * 60_000 }),
    { status: 403, code: 'SignatureDoesNotMatch', eventName: 'GetCallerIdentity', errorCode: 'SignatureDoesNotMatch' },
  ],
  [
    'a key that nobody has',
    (scene) => scene.call({ ...scene.administrator, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, 'sts', 'GetCallerIdentity'),
    {
      status: 403,
      code: 'InvalidClientTokenId',
      eventName: 'GetCallerIdentity',
      errorCode: 'InvalidClientTokenId',
      account: '-',
    },
  ],
  [
    'no signature at all',
    (scene) => scene.call(scene.administrator, 'sts', 'GetCallerIdentity', {}, { unsigned: true }),
    {
      status: 403,
      code: 'MissingAuthenticationToken',
      eventName: 'GetCallerIdentity',
      errorCode: 'MissingAuthenticationToken',
      account: '-',
    },
  ],
  [
    'an action that no service has',
    (scene) => scene.call(scene.administrator, 'iam', 'DeleteEverything'),
    { status: 400, code: 'InvalidAction', eventName: 'DeleteEverything', errorCode: 'InvalidAction', account: '-' },
  ],
  [
    'parameters of the wrong shape',
    (scene) => scene.call(scene.administrator, 'iam', 'CreateUser', { UserName: '*' }),
    { status: 400, code: 'ValidationError', eventName: 'CreateUser', errorCode: 'ValidationError' },
  ],
  [
    'credentials that open nothing here',
    async (scene) => {
      const { Credentials } = await scene.done(scene.administrator, 'sts', 'GetSessionToken')
      return scene.call(keysOf(Credentials), 'iam', 'ListUsers')
    },
    { status: 403, code: 'InvalidClientTokenId', eventName: 'ListUsers', errorCode: 'InvalidClientTokenId' },
  ],
  [
    'a bug of ours',
    (scene) => {
      scene.log.onLastDecision = () => {
        throw new Error('nobody thought of this')
      }
      return scene.call(scene.administrator, 'rolecall', 'GetDecision')
    },
    { status: 500, code: 'InternalFailure', eventName: 'GetDecision', errorCode: 'InternalFailure' },
  ],
]

describe('exactly one record is left by', () => {
  test.each(rows)('%s', async (_what, ask, expected) => {
    const answer = await ask(scene)
    expect({ status: answer.status, code: answer.code }).toEqual({ status: expected.status, code: expected.code })
    const records = await scene.recordsOf(answer)
    expect(records).toHaveLength(1)
    const [record] = records
    expect(record).toMatchObject({ eventName: expected.eventName, recipientAccountId: expected.account ?? home })
    expect(record?.errorCode).toBe(expected.errorCode)
    if (expected.readOnly !== undefined) expect(record?.readOnly).toBe(expected.readOnly)
    if (expected.errorCode !== undefined) expect(record?.responseElements).toBeNull()
  })

  test('each of a hundred calls of all kinds at once, and by nothing else', async () => {
    const ada = await scene.user('ada')
    await scene.trail()
    const before = (await scene.trail()).length
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, turn) => {
        if (turn % 5 === 0) return scene.call(scene.administrator, 'iam', 'CreateUser', { UserName: `user-${turn}` })
        if (turn % 5 === 1) return scene.call(ada, 'iam', 'ListUsers')
        if (turn % 5 === 2) return scene.call(ada, 'sts', 'GetSessionToken')
        if (turn % 5 === 3) return scene.call({ ...ada, secretAccessKey: 'x' }, 'iam', 'ListUsers')
        return scene.call(ada, 'sts', 'GetCallerIdentity')
      }),
    )
    const ids = (await scene.trail()).slice(before).map(({ requestID }) => requestID)
    expect(ids.toSorted()).toEqual(answers.map(({ requestId }) => requestId).toSorted())
    expect(scene.alarms).toEqual([])
  })
})

describe('the record', () => {
  test('of a call of STS says (sts-serving-region) which region served it, refused or not, and of others does not', async () => {
    const regional = {
      ExtendedRequestId: expect.any(String),
      RequestDetails: { awsServingRegion: 'us-east-1', endpointType: 'regional' },
    }
    const ada = await scene.user('ada')
    const told = async (answer: Promise<Answer>) =>
      (await scene.recordsOf(await answer)).map(({ errorCode, additionalEventData }) => [
        errorCode,
        additionalEventData,
      ])
    const refused = { RoleArn: roleArn('app'), RoleSessionName: 'one' }
    expect(await told(scene.call(ada, 'sts', 'GetCallerIdentity'))).toEqual([[undefined, regional]])
    expect(await told(scene.call(ada, 'sts', 'GetSessionToken'))).toEqual([[undefined, regional]])
    expect(await told(scene.call(ada, 'sts', 'AssumeRole', refused))).toEqual([['AccessDenied', regional]])
    expect(await told(scene.call(ada, 'iam', 'ListUsers'))).toEqual([['AccessDenied', undefined]])
  })

  test('of a signed call of IAM or STS that policies refused (refused-without-parameters) has no parameters', async () => {
    const ada = await scene.user('ada', allow('iam:GetUser'))
    const told = async (call: Promise<Answer>) =>
      (await scene.recordsOf(await call)).map(({ errorCode, requestParameters }) => [errorCode, requestParameters])
    expect(await told(scene.call(ada, 'iam', 'DeleteUser', { UserName: 'grace' }))).toEqual([['AccessDenied', null]])
    const asked = { RoleArn: roleArn('nobody'), RoleSessionName: 'one' }
    expect(await told(scene.call(ada, 'sts', 'AssumeRole', asked))).toEqual([['AccessDenied', null]])
    // What was found out in the work has been read.
    expect(await told(scene.call(ada, 'iam', 'GetUser', { UserName: 'grace' }))).toEqual([
      ['NoSuchEntityException', { userName: 'grace' }],
    ])
    // Other services read first.
    await expect(scene.json(ada, 'organizations', 'DescribeAccount', { AccountId: other })).rejects.toThrow('Denied')
    const last = { errorCode: 'AccessDenied', requestParameters: { accountId: other } }
    expect((await scene.trail()).at(-1)).toMatchObject(last)
  })

  test('of a call of STS has the second id (sts-extended-id) that its answer has, refused or not', async () => {
    const ada = await scene.user('ada')
    const refused = { RoleArn: roleArn('app'), RoleSessionName: 'one' }
    const ids = new Set<string>()
    for (const answer of [
      await scene.call(ada, 'sts', 'GetCallerIdentity'),
      await scene.call(ada, 'sts', 'AssumeRole', refused),
      await scene.call({ ...ada, secretAccessKey: 'x' }, 'sts', 'GetCallerIdentity'),
    ]) {
      const id = answer.headers['x-amz-sts-extended-request-id']
      expect(Buffer.from(String(id), 'base64').toString()).toMatch(
        new RegExp(`^1:us-east-1:S:${scene.now}:R:[0-9A-Za-z]{8}$`),
      )
      const [record] = await scene.recordsOf(answer)
      expect(record?.additionalEventData).toMatchObject({ ExtendedRequestId: id })
      ids.add(String(id))
    }
    expect(ids.size).toBe(3)
  })

  test('of a write is written with its change, in one batch', async () => {
    const { requestId } = await scene.call(scene.administrator, 'iam', 'CreateUser', { UserName: 'ada' })
    const batch = scene.store.commits.find(({ trail }) => trail.some((row) => row.requestId === requestId))
    expect(batch?.changes.map(({ entity }) => entity)).toContainEqual(
      expect.objectContaining({ kind: 'user', name: 'ada' }),
    )
  })

  test('of a mint is on disk before the answer leaves', async () => {
    await scene.role('app')
    await scene.quiet()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    scene.log.onRecords = () => held
    const answered: string[] = []
    const parameters = { RoleArn: roleArn('app'), RoleSessionName: 'one' }
    const mint = scene.call(scene.administrator, 'sts', 'AssumeRole', parameters).then((answer) => {
      answered.push('mint')
      return answer
    })
    const read = scene.call(scene.administrator, 'sts', 'GetCallerIdentity').then(() => answered.push('read'))
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toEqual(['read'])
    release()
    await read
    expect((await mint).result.Credentials?.SessionToken).toBeDefined()
  })

  test('of a refusal is on disk before the answer leaves, with its explanation', async () => {
    const ada = await scene.user('ada')
    const { requestId, headers } = await scene.call(ada, 'iam', 'ListUsers')
    expect(headers['x-rolecall-decision-id']).toBe(requestId)
    const kept = await scene.log.decision(requestId, home)
    expect(kept?.decision).toContain('iam:ListUsers')
    expect(await scene.log.decision(requestId, other)).toBeUndefined()
  })

  test('of a read waits to be written with others', async () => {
    await scene.quiet()
    const before = scene.log.appended.length
    for (let turn = 0; turn < 10; turn++) await scene.call(scene.administrator, 'sts', 'GetCallerIdentity')
    const written = () => scene.log.appended.slice(before)
    expect(written()).toEqual([])
    await scene.quiet()
    expect(written().map((rows) => rows.length)).toEqual([10])
  })

  test('of a bug tells the caller nothing, and the operator everything', async () => {
    scene.log.onLastDecision = () => {
      throw new Error('nobody thought of this')
    }
    const answer = await scene.call(scene.administrator, 'rolecall', 'GetDecision')
    expect(answer.text).not.toContain('nobody thought')
    expect(JSON.stringify(await scene.recordsOf(answer))).not.toContain('nobody thought')
    expect(scene.alarms).toEqual([`request ${answer.requestId} failed: Error: nobody thought of this`])
  })

  test('of a call across accounts is in both trails, each in its own words', async () => {
    const made = await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other })
    await scene.role('guest', undefined, keysOf(made))
    const parameters = { RoleArn: roleArn('guest', other), RoleSessionName: 'one' }
    for (const [caller, code] of [
      [await scene.user('ada', allow('sts:AssumeRole')), undefined],
      [await scene.user('eve'), 'AccessDenied'],
    ] as const) {
      const answer = await scene.call(caller, 'sts', 'AssumeRole', parameters)
      expect(answer.code).toBe(code)
      const records = await scene.recordsOf(answer)
      expect(records.map(({ recipientAccountId }) => recipientAccountId).toSorted()).toEqual([home, other])
      expect(new Set(records.map(({ sharedEventID }) => sharedEventID)).size).toBe(1)
      const theirs = records.find(({ recipientAccountId }) => recipientAccountId === other)
      expect(theirs?.userIdentity).toMatchObject({ type: 'AWSAccount', accountId: home })
      expect(theirs?.userIdentity.arn).toBeUndefined()
      expect(theirs?.errorCode).toBe(code)
    }
  })

  test('is not made of what names no operation', async () => {
    const before = (await scene.trail()).length
    const visit = (path: string) =>
      scene.call(
        scene.administrator,
        'sts',
        'GetCallerIdentity',
        {},
        {
          request: (request) => ({ ...request, method: 'GET', path, headers: [['host', 'x']], body: new Uint8Array() }),
        },
      )
    expect((await visit('/')).status).toBe(302)
    expect((await visit('/favicon.ico')).status).toBe(404)
    expect(await scene.trail()).toHaveLength(before)
  })
})
