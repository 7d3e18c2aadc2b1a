import { beforeEach, describe, expect, test } from 'vitest'
import { type Keys, versions } from '../clients/call.ts'
import { allow, home, keysOf, roleArn, Scene } from './scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})

const invalid = {
  status: 403,
  code: 'InvalidClientTokenId',
  message: 'The security token included in the request is invalid.',
}
const expired = { status: 403, code: 'ExpiredToken', message: 'The security token included in the request is expired' }
const who = (keys: Keys) => scene.call(keys, 'sts', 'GetCallerIdentity')

describe('a session token', () => {
  let session: Keys
  beforeEach(async () => {
    await scene.role('app')
    session = await scene.session('app', 900)
  })

  test('opens until the second at which it ends, and not in it', async () => {
    scene.pass(899)
    expect((await who(session)).status).toBe(200)
    scene.pass(1)
    expect(await who(session)).toMatchObject(expired)
    scene.pass(86_400 * 365)
    expect(await who(session)).toMatchObject(expired)
  })

  test.each([
    ['for every service', (keys: Keys) => scene.call(keys, 'iam', 'ListUsers')],
    ['also for writes', (keys: Keys) => scene.call(keys, 'iam', 'CreateUser', { UserName: 'ada' })],
    ['expired-first: also with a wrong signature', (keys: Keys) => who({ ...keys, secretAccessKey: 'x' })],
    ['expired-first: also with another key id', (keys: Keys) => who({ ...keys, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' })],
    [
      'expired-first: also at a time that is none',
      (keys: Keys) => scene.call(keys, 'sts', 'GetCallerIdentity', {}, { skew: -3_600_000 }),
    ],
  ])('is told as expired %s', async (_what, ask) => {
    scene.pass(901)
    expect(await ask(session)).toMatchObject(expired)
  })

  test('expired-first: is told as expired also when its role is gone', async () => {
    await scene.done(scene.administrator, 'iam', 'DeleteRole', { RoleName: 'app' })
    expect(await who(session)).toMatchObject(invalid)
    scene.pass(901)
    expect(await who(session)).toMatchObject(expired)
  })

  test.each([
    ['none', ({ accessKeyId, secretAccessKey }: Keys): Keys => ({ accessKeyId, secretAccessKey })],
    ['an empty one', (keys: Keys): Keys => ({ ...keys, sessionToken: '' })],
    ['garbage', (keys: Keys): Keys => ({ ...keys, sessionToken: 'garbage' })],
    ['half of it', (keys: Keys): Keys => ({ ...keys, sessionToken: (keys.sessionToken ?? '').slice(0, 80) })],
    ['its own under another key id', (keys: Keys): Keys => ({ ...keys, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' })],
  ])('%s is no token, with a good signature or not', async (_what, change) => {
    expect(await who(change(session))).toMatchObject(invalid)
    expect(await who({ ...change(session), secretAccessKey: 'x' })).toMatchObject(invalid)
  })

  test('of somebody else is no token of mine', async () => {
    const mine = await scene.session('app')
    expect(await who({ ...session, sessionToken: mine.sessionToken ?? '' })).toMatchObject(invalid)
    expect(await who({ ...scene.administrator, sessionToken: session.sessionToken ?? '' })).toMatchObject(invalid)
  })

  test('does not come back with a role of the same name', async () => {
    await scene.done(scene.administrator, 'iam', 'DeleteRole', { RoleName: 'app' })
    await scene.role('app')
    expect(await who(session)).toMatchObject(invalid)
    expect((await who(await scene.session('app'))).status).toBe(200)
  })
})

describe('a long-term key', () => {
  test('that is unknown, switched off or deleted is told so whatever the signature', async () => {
    const ada = await scene.user('ada')
    const status = (Status: string) =>
      scene.done(scene.administrator, 'iam', 'UpdateAccessKey', {
        UserName: 'ada',
        AccessKeyId: ada.accessKeyId,
        Status,
      })
    expect((await who(ada)).status).toBe(200)
    await status('Inactive')
    expect(await who(ada)).toMatchObject(invalid)
    expect(await who({ ...ada, secretAccessKey: 'x' })).toMatchObject(invalid)
    await status('Active')
    expect((await who(ada)).status).toBe(200)
    await scene.done(scene.administrator, 'iam', 'DeleteAccessKey', { UserName: 'ada', AccessKeyId: ada.accessKeyId })
    expect(await who(ada)).toMatchObject(invalid)
    expect(await who({ ...ada, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })).toMatchObject(invalid)
  })

  test('speaks for its user under the name that the user has now', async () => {
    const ada = await scene.user('ada')
    expect((await who(ada)).result.Arn).toBe(`arn:aws:iam::${home}:user/ada`)
    await scene.done(scene.administrator, 'iam', 'UpdateUser', {
      UserName: 'ada',
      NewUserName: 'lovelace',
      NewPath: '/x/',
    })
    expect((await who(ada)).result.Arn).toBe(`arn:aws:iam::${home}:user/x/lovelace`)
  })

  test.each([
    ['a second less than five minutes late', -299_000, 200, /^$/],
    ['a second less than five minutes early', 299_000, 200, /^$/],
    ['a second more than five minutes late', -301_000, 403, /^Signature expired: .* - 5 min\.\)$/],
    ['a second more than five minutes early', 301_000, 403, /^Signature not yet current: .* \+ 5 min\.\)$/],
  ])('with a clock that is %s', async (_what, skew, status, message) => {
    const answer = await scene.call(scene.administrator, 'sts', 'GetCallerIdentity', {}, { skew })
    expect(answer.status).toBe(status)
    expect(answer.message ?? '').toMatch(message)
  })

  test('signs for one service only', async () => {
    const forged = await scene.call(scene.administrator, 'sts', 'ListUsers', { Version: versions.iam })
    expect(forged).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' })
    expect(forged.message).toContain("Credential should be scoped to correct service: 'iam'.")
  })

  test('no signature at all is told so, and opens nothing', async () => {
    for (const [service, action] of [
      ['sts', 'GetCallerIdentity'],
      ['iam', 'ListUsers'],
      ['rolecall', 'CreateAccount'],
    ] as const) {
      expect(await scene.call(scene.administrator, service, action, {}, { unsigned: true })).toMatchObject({
        status: 403,
        code: 'MissingAuthenticationToken',
        message: 'Request is missing Authentication Token',
      })
    }
  })
})

describe('session-token-without-mfa: credentials of GetSessionToken', () => {
  test.each([
    ['of a user', () => scene.user('ada', allow('*'))],
    ['of the administrator', async () => scene.administrator],
    ['of root', async () => scene.root],
  ])('%s are, to IAM, no credentials', async (_what, keysFor) => {
    const keys = await keysFor()
    const session = keysOf((await scene.done(keys, 'sts', 'GetSessionToken')).Credentials)
    for (const action of ['ListUsers', 'GetUser', 'CreateUser']) {
      expect(await scene.call(session, 'iam', action, { UserName: 'grace' })).toMatchObject({
        status: 403,
        code: 'InvalidClientTokenId',
        message: 'The security token included in the request is invalid',
      })
    }
    expect((await who(session)).result.Arn).toBe((await who(keys)).result.Arn)
    expect((await scene.call(session, 'sts', 'GetSessionToken')).code).toBe('AccessDenied')
  })

  test('assume roles as the user does', async () => {
    await scene.role('app')
    const session = keysOf((await scene.done(scene.administrator, 'sts', 'GetSessionToken')).Credentials)
    const parameters = { RoleArn: roleArn('app'), RoleSessionName: 'one' }
    const assumed = keysOf((await scene.done(session, 'sts', 'AssumeRole', parameters)).Credentials)
    expect((await who(assumed)).status).toBe(200)
  })
})
