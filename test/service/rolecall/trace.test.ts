import { beforeEach, describe, expect, test } from 'vitest'
import type { Keys, Part } from '../../clients/call.ts'
import { allow, home, keysOf, noon, other, roleArn, Scene } from '../../gate/scene.ts'

let scene: Scene
let ann: Keys
let there: Keys
beforeEach(async () => {
  scene = await Scene.open()
  ann = await scene.user('ann', allow('*'))
  there = keysOf(await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other }))
  await scene.role('app', allow('*'))
  await scene.role('away', allow('*'), there, home)
})

interface Step {
  readonly AccessKeyId: string
  readonly Arn: string
  readonly EventId: string
  readonly SharedEventId: string | null
  readonly Source: Readonly<Record<string, string | null>>
}
const stepsIn = (part: Part | undefined): readonly Step[] => (part ?? []) as unknown as readonly Step[]
const trace = (parameters: Readonly<Record<string, string>>, keys = scene.administrator) =>
  scene.call(keys, 'rolecall', 'TraceSession', parameters)
const traced = async (parameters: Readonly<Record<string, string>>, keys = scene.administrator) => {
  const { Steps, Sessions, AccessKeyId, Event, ...rest } = await scene.done(
    keys,
    'rolecall',
    'TraceSession',
    parameters,
  )
  return { ...rest, AccessKeyId, Event, Steps: stepsIn(Steps), Sessions: stepsIn(Sessions) }
}
const assume = async (keys: Keys, RoleArn: string, RoleSessionName = 'one') =>
  keysOf((await scene.done(keys, 'sts', 'AssumeRole', { RoleArn, RoleSessionName })).Credentials)

describe('TraceSession', () => {
  test('leads from a session back to the key that it began with, and on to what grew out of it', async () => {
    const first = await assume(ann, roleArn('app'))
    const second = await assume(first, roleArn('app'), 'two')
    const third = await assume(second, roleArn('away', other))
    const found = await traced({ AccessKeyId: second.accessKeyId })
    expect(found).toMatchObject({
      AccountId: home,
      AccessKeyId: second.accessKeyId,
      Caller: { Type: 'IAMUser', Arn: `arn:aws:iam::${home}:user/ann`, AccessKeyId: ann.accessKeyId },
      Steps: [{ AccessKeyId: first.accessKeyId }, { AccessKeyId: second.accessKeyId }],
      Sessions: [{ AccessKeyId: third.accessKeyId, Arn: `arn:aws:sts::${other}:assumed-role/away/one` }],
    })
    expect(found).not.toHaveProperty('GoesOn')
    const all = await traced({ UserName: 'ann' })
    expect(all.Sessions.map(({ AccessKeyId }) => AccessKeyId)).toEqual(
      [first, second, third].map(({ accessKeyId }) => accessKeyId),
    )
  })

  test('tells an account what its own trail holds, and where the way goes on', async () => {
    const first = await assume(ann, roleArn('app'))
    const third = await assume(first, roleArn('away', other))
    const found = await traced({ AccessKeyId: third.accessKeyId }, there)
    expect(found).toMatchObject({
      AccountId: other,
      Caller: { Type: 'AWSAccount', AccountId: home },
      Steps: [{ AccessKeyId: third.accessKeyId }],
      GoesOn: { AccountId: home, SharedEventId: found.Steps[0]?.SharedEventId },
    })
    expect(JSON.stringify(found)).not.toMatch(/user.ann|AKIA/)
    // There the same call is told in full.
    const shared = String(found.Steps[0]?.SharedEventId)
    expect(await traced({ SharedEventId: shared })).toMatchObject({
      AccessKeyId: first.accessKeyId,
      Caller: { Arn: `arn:aws:iam::${home}:user/ann` },
      Steps: [{ AccessKeyId: first.accessKeyId }],
    })
    // What is somebody else's is as unknown as what there is not.
    for (const key of [ann.accessKeyId, first.accessKeyId])
      expect(await traced({ AccessKeyId: key }, there)).toEqual({
        AccountId: other,
        AccessKeyId: key,
        Steps: [],
        Sessions: [],
        IsTruncated: false,
      })
    expect((await trace({ EventId: String(found.Steps[0]?.EventId) })).code).toBe('NoSuchEvent')
  })

  test('begins at an event, a request, or a session’s ARN', async () => {
    const first = await assume(ann, roleArn('app'))
    const listed = await scene.call(first, 'iam', 'ListUsers')
    const byRequest = await traced({ RequestId: listed.requestId })
    expect(byRequest).toMatchObject({ AccessKeyId: first.accessKeyId, Steps: [{ AccessKeyId: first.accessKeyId }] })
    const { eventID } = JSON.parse(String(byRequest.Event)) as { readonly eventID: string }
    expect(await traced({ EventId: eventID })).toEqual(byRequest)
    const newer = await assume(ann, roleArn('app'))
    const Arn = `arn:aws:sts::${home}:assumed-role/app/one`
    // Of several sessions of one name, the newest is meant.
    expect((await traced({ SessionArn: Arn })).AccessKeyId).toBe(newer.accessKeyId)
  })

  test('knows a lasting key that was never used, and a session whose role is gone', async () => {
    expect(await traced({ AccessKeyId: ann.accessKeyId })).toMatchObject({
      Caller: { Type: 'IAMUser', Arn: `arn:aws:iam::${home}:user/ann` },
      Steps: [],
      Sessions: [],
    })
    const first = await assume(ann, roleArn('app'))
    await scene.done(scene.administrator, 'iam', 'DeleteRolePolicy', { RoleName: 'app', PolicyName: 'own' })
    await scene.done(scene.administrator, 'iam', 'DeleteRole', { RoleName: 'app' })
    expect((await traced({ AccessKeyId: first.accessKeyId })).Steps).toMatchObject([{ Ended: 'role-deleted' }])
  })

  test('says that there is more than was asked for', async () => {
    for (let number = 0; number < 4; number++) await assume(ann, roleArn('app'), `s-${number}`)
    expect(await traced({ UserName: 'ann', MaxItems: '3' })).toMatchObject({ IsTruncated: true })
    expect(await traced({ UserName: 'ann', MaxItems: '4' })).toMatchObject({ IsTruncated: false })
  })

  test.each([
    ['nothing', {}, 'ValidationError'],
    ['two things', { UserName: 'ann', RoleName: 'app' }, 'ValidationError'],
    ['what is no key', { AccessKeyId: 'AKIAIOSFODNN7EXAMPL1' }, 'ValidationError'],
    ['a user who is not there', { UserName: 'nobody' }, 'NoSuchEntity'],
    [
      'a session of which nothing is recorded',
      { SessionArn: `arn:aws:sts::${home}:assumed-role/app/x` },
      'NoSuchEvent',
    ],
    ['a request of which nothing is recorded', { RequestId: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d' }, 'NoSuchEvent'],
  ])('refuses %s', async (_what, parameters, code) => {
    expect((await trace(parameters)).code).toBe(code)
  })

  test('is for those who may', async () => {
    const bob = await scene.user('bob')
    expect(await trace({ UserName: 'ann' }, bob)).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining(`rolecall:TraceSession on resource: arn:aws:rolecall::${home}:session/*`),
    })
    expect(scene.now).toBe(noon)
  })
})
