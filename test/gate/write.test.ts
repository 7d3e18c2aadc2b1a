import { beforeEach, describe, expect, test } from 'vitest'
import type { Keys } from '../clients/call.ts'
import { allow, keysOf, policy, roleArn, Scene } from './scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})
const exists = async (name: string): Promise<boolean> => {
  const { status } = await scene.call(scene.administrator, 'iam', 'GetUser', { UserName: name })
  return status === 200
}

describe('a write is identified and authorized on the draft that it writes to: in one batch with what came just before it,', () => {
  let ada: Keys
  beforeEach(async () => {
    ada = await scene.user('ada', allow('iam:CreateUser'))
    await scene.quiet()
  })

  test.each([
    ['its key was deleted', 'DeleteAccessKey', 'key', 'InvalidClientTokenId'],
    ['its key was switched off', 'UpdateAccessKey', 'off', 'InvalidClientTokenId'],
    ['its policy was taken away', 'DeleteUserPolicy', 'policy', 'AccessDenied'],
    ['a boundary was put that holds nothing', 'PutUserPermissionsBoundary', 'boundary', 'AccessDenied'],
  ])('%s: no', async (_what, action, which, code) => {
    const parameters: Record<string, Record<string, string>> = {
      key: { UserName: 'ada', AccessKeyId: ada.accessKeyId },
      off: { UserName: 'ada', AccessKeyId: ada.accessKeyId, Status: 'Inactive' },
      policy: { UserName: 'ada', PolicyName: 'own' },
      boundary: { UserName: 'ada', PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' },
    }
    const commits = scene.store.commits.length
    const [before, after] = await Promise.all([
      scene.call(scene.administrator, 'iam', action, parameters[which] ?? {}),
      scene.call(ada, 'iam', 'CreateUser', { UserName: 'grace' }),
    ])
    expect(before.status).toBe(200)
    expect(after).toMatchObject({ status: 403, code })
    expect(await exists('grace')).toBe(false)
    // They did meet: what was written of the one was on disk no sooner than the other was refused.
    const batch = scene.store.commits[commits]
    expect(batch?.trail.map(({ requestId }) => requestId)).toContain(before.requestId)
    const records = await scene.recordsOf(after)
    expect(records.map(({ eventName, errorCode }) => ({ eventName, errorCode }))).toEqual([
      { eventName: 'CreateUser', errorCode: code },
    ])
  })

  test.each([
    ['its managed policy got another version', 'CreatePolicyVersion', allow('s3:*')],
    ['its group lost its policy', 'DeleteGroupPolicy', undefined],
    ['it left its group', 'RemoveUserFromGroup', undefined],
  ])('%s: no', async (_what, action, document) => {
    const grace = await scene.user('grace')
    const PolicyDocument = JSON.stringify(allow('iam:CreateUser'))
    const made = await scene.done(scene.administrator, 'iam', 'CreatePolicy', { PolicyName: 'create', PolicyDocument })
    const PolicyArn = String(made.Policy?.Arn)
    if (document !== undefined) {
      await scene.done(scene.administrator, 'iam', 'AttachUserPolicy', { UserName: 'grace', PolicyArn })
    } else {
      const group = { GroupName: 'makers' }
      await scene.done(scene.administrator, 'iam', 'CreateGroup', group)
      await scene.done(scene.administrator, 'iam', 'PutGroupPolicy', { ...group, PolicyName: 'own', PolicyDocument })
      await scene.done(scene.administrator, 'iam', 'AddUserToGroup', { ...group, UserName: 'grace' })
    }
    const parameters: Record<string, Record<string, string>> = {
      CreatePolicyVersion: { PolicyArn, PolicyDocument: JSON.stringify(document), SetAsDefault: 'true' },
      DeleteGroupPolicy: { GroupName: 'makers', PolicyName: 'own' },
      RemoveUserFromGroup: { GroupName: 'makers', UserName: 'grace' },
    }
    expect((await scene.call(grace, 'iam', 'CreateUser', { UserName: 'before' })).status).toBe(200)
    await scene.quiet()
    const [taken, write] = await Promise.all([
      scene.call(scene.administrator, 'iam', action, parameters[action] ?? {}),
      scene.call(grace, 'iam', 'CreateUser', { UserName: 'after' }),
    ])
    expect([taken.status, write.code]).toEqual([200, 'AccessDenied'])
    expect(await exists('after')).toBe(false)
  })

  test('the other way round the write comes first, and counts', async () => {
    const [after, before] = await Promise.all([
      scene.call(ada, 'iam', 'CreateUser', { UserName: 'grace' }),
      scene.call(scene.administrator, 'iam', 'DeleteAccessKey', { UserName: 'ada', AccessKeyId: ada.accessKeyId }),
    ])
    expect([after.status, before.status]).toEqual([200, 200])
    expect(await exists('grace')).toBe(true)
    expect((await scene.call(ada, 'sts', 'GetCallerIdentity')).code).toBe('InvalidClientTokenId')
  })

  test('its role was deleted: no', async () => {
    await scene.role('app')
    const session = await scene.session('app')
    await scene.quiet()
    const [before, after] = await Promise.all([
      scene.call(scene.administrator, 'iam', 'DeleteRole', { RoleName: 'app' }),
      scene.call(session, 'iam', 'CreateUser', { UserName: 'grace' }),
    ])
    expect(before.status).toBe(200)
    expect(after).toMatchObject({ status: 403, code: 'InvalidClientTokenId' })
  })

  test('two that want the same name: one gets it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => scene.call(ada, 'iam', 'CreateUser', { UserName: 'grace' })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 409)])
  })
})

describe('while the store takes nothing', () => {
  let ada: Keys
  beforeEach(async () => {
    ada = await scene.user('ada')
    await scene.role('app')
    await scene.quiet()
    scene.alarms.length = 0
    scene.block()
  })

  test('no credential leaves: AssumeRole and GetSessionToken are told to come back', async () => {
    const parameters = { RoleArn: roleArn('app'), RoleSessionName: 'one' }
    for (const [action, given] of [
      ['AssumeRole', parameters],
      ['GetSessionToken', {}],
    ] as const) {
      const answer = await scene.call(scene.administrator, 'sts', action, given)
      expect(answer).toMatchObject({
        status: 503,
        code: 'ServiceUnavailable',
        message: 'The request has failed due to a temporary failure of the server.',
      })
      expect(answer.text).not.toMatch(/Secret|Token|ASIA|disk/)
    }
    expect(scene.alarms.some((alarm) => alarm.includes('the disk is full'))).toBe(true)
    scene.heal()
    expect((await scene.call(scene.administrator, 'sts', 'AssumeRole', parameters)).status).toBe(200)
  })

  test('nothing is written, and nothing of it shows later', async () => {
    const before = await scene.store.entities()
    for (const [action, parameters] of [
      ['CreateUser', { UserName: 'grace' }],
      ['DeleteRole', { RoleName: 'app' }],
      ['CreateAccessKey', { UserName: 'ada' }],
    ] as const) {
      const answer = await scene.call(scene.administrator, 'iam', action, parameters)
      expect(answer).toMatchObject({ status: 503, code: 'ServiceUnavailable' })
      expect(answer.text).not.toContain('Secret')
    }
    expect(await scene.store.entities()).toEqual(before)
    expect(await exists('grace')).toBe(false)
    scene.heal()
    expect(await exists('grace')).toBe(false)
    await scene.done(scene.administrator, 'iam', 'CreateUser', { UserName: 'grace' })
    const { AccessKeyMetadata } = await scene.done(scene.administrator, 'iam', 'ListAccessKeys', { UserName: 'ada' })
    expect(AccessKeyMetadata).toHaveLength(1)
  })

  test('who is allowed to read reads, and no is still no', async () => {
    expect((await scene.call(ada, 'sts', 'GetCallerIdentity')).status).toBe(200)
    expect((await scene.call(scene.administrator, 'iam', 'ListUsers')).status).toBe(200)
    const refused = await scene.call(ada, 'iam', 'ListUsers')
    expect(refused).toMatchObject({ status: 403, code: 'AccessDenied' })
    expect((await scene.call({ ...ada, secretAccessKey: 'x' }, 'iam', 'ListUsers')).code).toBe('SignatureDoesNotMatch')
  })

  test('the records of reads and of what failed wait, and are there once when it takes again', async () => {
    const answers = [
      await scene.call(ada, 'sts', 'GetCallerIdentity'),
      await scene.call(scene.administrator, 'iam', 'CreateUser', { UserName: 'grace' }),
      await scene.call(ada, 'iam', 'GetUser', { UserName: 'ada' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 403])
    for (let turn = 0; turn < 3; turn++) await scene.quiet()
    const [read, failed] = answers
    expect(await scene.trail()).not.toContainEqual(expect.objectContaining({ requestID: read?.requestId }))
    scene.heal()
    for (const answer of [read, failed]) {
      const records = await scene.recordsOf({ requestId: answer?.requestId ?? '' })
      expect(records.map(({ errorCode }) => errorCode)).toEqual([answer?.code])
    }
  })
})

describe('where nobody knows how a commit ended', () => {
  test.each([
    ['it is on disk after all', true],
    ['it is not on disk', false],
  ])(
    '%s: the caller hears of no trouble, what is served is what is there, and it is there and recorded once',
    async (_what, taken) => {
      scene.store.onCommit = async (_batch, take) => {
        if (taken) await take()
        scene.heal()
        throw new Error('fsync failed')
      }
      const answer = await scene.call(scene.administrator, 'iam', 'CreateUser', { UserName: 'grace' })
      expect(answer).toMatchObject({ status: 200 })
      expect(await exists('grace')).toBe(true)
      expect(await scene.recordsOf(answer)).toHaveLength(1)
      expect((await scene.call(scene.administrator, 'iam', 'CreateUser', { UserName: 'grace' })).status).toBe(409)
    },
  )
})

describe('a session', () => {
  test('is narrowed at once when a policy is put on its role', async () => {
    await scene.role('app', allow('iam:CreateUser'))
    const session = await scene.session('app')
    await scene.quiet()
    const deny = policy({ Effect: 'Deny', Action: '*', Resource: '*' })
    const parameters = { RoleName: 'app', PolicyName: 'stop', PolicyDocument: JSON.stringify(deny) }
    const [put, write] = await Promise.all([
      scene.call(scene.administrator, 'iam', 'PutRolePolicy', parameters),
      scene.call(session, 'iam', 'CreateUser', { UserName: 'grace' }),
    ])
    expect([put.status, write.code]).toEqual([200, 'AccessDenied'])
  })

  test('that a user asked for ends with the user, not with the key', async () => {
    const ada = await scene.user('ada', allow('iam:GetUser'))
    const session = keysOf((await scene.done(ada, 'sts', 'GetSessionToken')).Credentials)
    await scene.done(scene.administrator, 'iam', 'DeleteAccessKey', { UserName: 'ada', AccessKeyId: ada.accessKeyId })
    expect((await scene.call(session, 'sts', 'GetCallerIdentity')).status).toBe(200)
    await scene.done(scene.administrator, 'iam', 'DeleteUserPolicy', { UserName: 'ada', PolicyName: 'own' })
    await scene.done(scene.administrator, 'iam', 'DeleteUser', { UserName: 'ada' })
    expect((await scene.call(session, 'sts', 'GetCallerIdentity')).code).toBe('InvalidClientTokenId')
  })
})
