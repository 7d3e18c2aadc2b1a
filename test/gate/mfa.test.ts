import { beforeEach, describe, expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import type { Keys } from '../clients/call.ts'
import { allow, home, keysOf, policy, roleArn, Scene } from './scene.ts'

const wrong = {
  status: 403,
  code: 'AccessDenied',
  message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
}
const unknown = {
  status: 403,
  code: 'AccessDenied',
  message:
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
}
const half = {
  status: 403,
  code: 'AccessDenied',
  message: 'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
}

let scene: Scene
let ann: Keys
let phone: Device
beforeEach(async () => {
  scene = await Scene.open()
  ann = await scene.user('ann', allow('sts:AssumeRole', 'iam:ListUsers'))
  phone = await enabled('phone', 'ann')
})

interface Device {
  readonly SerialNumber: string
  /** The code of so many steps from now. */
  readonly code: (steps?: number) => string
  readonly seed: string
}

async function device(VirtualMFADeviceName: string): Promise<Device> {
  const { VirtualMFADevice } = await scene.done(scene.administrator, 'iam', 'CreateVirtualMFADevice', {
    VirtualMFADeviceName,
  })
  const seed = Buffer.from(String(VirtualMFADevice?.Base32StringSeed), 'base64').toString()
  const bytes = seedBytes(seed)
  return {
    SerialNumber: String(VirtualMFADevice?.SerialNumber),
    code: (steps = 0) => codeAt(bytes, stepAt(scene.now) + steps),
    seed,
  }
}

/** A device of this user, with which codes have been shown long ago. */
async function enabled(name: string, UserName: string): Promise<Device> {
  const made = await device(name)
  await scene.done(scene.administrator, 'iam', 'EnableMFADevice', {
    UserName,
    SerialNumber: made.SerialNumber,
    AuthenticationCode1: made.code(-1),
    AuthenticationCode2: made.code(),
  })
  scene.pass(300)
  return made
}

const offer = (TokenCode: string, { SerialNumber } = phone) => ({ SerialNumber, TokenCode })
const session = (more: Readonly<Record<string, string>>, keys = ann) => scene.call(keys, 'sts', 'GetSessionToken', more)
const assume = (role: string, more: Readonly<Record<string, string>> = {}, keys = ann) =>
  scene.call(keys, 'sts', 'AssumeRole', { RoleArn: roleArn(role), RoleSessionName: 'one', ...more })
const ok = { status: 200 }

describe('a code', () => {
  test('opens IAM to credentials of GetSessionToken, and tells them from those without', async () => {
    const without = await session({})
    expect(await scene.call(keysOf(without.result.Credentials), 'iam', 'ListUsers')).toMatchObject({
      status: 403,
      code: 'InvalidClientTokenId',
    })
    const shown = await session(offer(phone.code()))
    expect(await scene.call(keysOf(shown.result.Credentials), 'iam', 'ListUsers')).toMatchObject(ok)
  })

  test('QUIRK: mfa-code-once. It is good once, for whatever it is shown', async () => {
    await scene.role('r')
    const code = phone.code()
    expect(await assume('r', offer(code))).toMatchObject(ok)
    expect(await assume('r', offer(code))).toMatchObject(wrong)
    expect(await session(offer(code))).toMatchObject(wrong)
    scene.pass(30)
    expect(await session(offer(code))).toMatchObject(wrong)
    expect(await session(offer(phone.code()))).toMatchObject(ok)
  })

  test('passes over those before it', async () => {
    expect(await session(offer(phone.code(1)))).toMatchObject(ok)
    for (const steps of [-1, 0, 1]) expect(await session(offer(phone.code(steps)))).toMatchObject(wrong)
  })

  test.each([
    [-2, wrong],
    [-1, ok],
    [0, ok],
    [1, ok],
    [2, wrong],
  ])('of %i steps from now', async (steps, told) => {
    expect(await session(offer(phone.code(steps)))).toMatchObject(told)
  })

  test('of twenty calls in one tick is good for one', async () => {
    await scene.role('r')
    const code = phone.code()
    const calls = Array.from({ length: 20 }, (_, at) =>
      at % 2 === 0 ? session(offer(code)) : assume('r', offer(code)),
    )
    const answers = await Promise.all(calls)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers) if (answer.status !== 200) expect(answer).toMatchObject(wrong)
  })

  test('that is refused for another reason is not used up', async () => {
    const refused = await assume('nowhere', offer(phone.code()))
    expect(refused).toMatchObject({ code: 'AccessDenied', message: expect.stringContaining('sts:AssumeRole') })
    expect(await session(offer(phone.code()))).toMatchObject(ok)
  })

  test('of which the record cannot be written is not used up, and buys nothing', async () => {
    scene.block()
    expect(await session(offer(phone.code()))).toMatchObject({ status: 503 })
    scene.heal()
    expect(await session(offer(phone.code()))).toMatchObject(ok)
  })

  test('follows a device whose clock is off', async () => {
    scene.pass(300)
    await scene.done(scene.administrator, 'iam', 'ResyncMFADevice', {
      UserName: 'ann',
      SerialNumber: phone.SerialNumber,
      AuthenticationCode1: phone.code(30),
      AuthenticationCode2: phone.code(31),
    })
    scene.pass(60)
    expect(await session(offer(phone.code()))).toMatchObject(wrong)
    expect(await session(offer(phone.code(31)))).toMatchObject(ok)
  })
})

describe('what is offered', () => {
  test('must be a device of the caller’s own, that is enabled', async () => {
    const bob = await scene.user('bob', allow('sts:AssumeRole'))
    const spare = await device('spare')
    expect(await session(offer(phone.code()), bob)).toMatchObject(unknown)
    expect(await session(offer(spare.code(), spare))).toMatchObject(unknown)
    expect(await session(offer('123456', { ...phone, SerialNumber: 'GAHT12345678' }))).toMatchObject(unknown)
    expect(await session(offer(phone.code()), scene.root)).toMatchObject(unknown)
  })

  test('must be whole', async () => {
    expect(await session({ SerialNumber: phone.SerialNumber })).toMatchObject(half)
    expect(await session({ TokenCode: phone.code() })).toMatchObject(half)
  })

  test('is nothing that a session of a role has', async () => {
    await scene.role('r', allow('sts:AssumeRole'))
    const { result } = await assume('r')
    expect(await assume('r', offer(phone.code()), keysOf(result.Credentials))).toMatchObject(unknown)
  })

  test('is guessed at in vain: after five wrong codes the right one counts for nothing for a while', async () => {
    for (let at = 0; at < 5; at++) expect(await session(offer(phone.code(100 + at)))).toMatchObject(wrong)
    expect(await session(offer(phone.code()))).toMatchObject(wrong)
    scene.pass(30)
    expect(await session(offer(phone.code()))).toMatchObject(ok)
  })

  test('is counted again from nothing once it was right', async () => {
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 4; at++) expect(await session(offer(phone.code(100 + at)))).toMatchObject(wrong)
      expect(await session(offer(phone.code()))).toMatchObject(ok)
      scene.pass(60)
    }
  })

  test('is counted, or the call is told that it cannot be: then it is not told whether it was wrong', async () => {
    scene.block()
    for (let at = 0; at < 9; at++)
      expect(await session(offer(phone.code(100 + at)))).toMatchObject({ status: 503, code: 'ServiceUnavailable' })
    scene.heal()
    expect(await session(offer(phone.code()))).toMatchObject(ok)
  })

  test('is guessed at with writes that end: what does not count writes nothing, and a device is one row', async () => {
    const kinds = () => scene.store.commits.flatMap(({ changes }) => changes.map(({ kind }) => kind))
    const before = kinds().filter((kind) => kind === 'mfa-device').length
    const count = (await scene.store.entities()).length
    for (let at = 0; at < 50; at++) await session(offer(phone.code(100 + at)))
    await Promise.all(Array.from({ length: 50 }, (_, at) => session(offer(phone.code(200 + at)))))
    expect(kinds().filter((kind) => kind === 'mfa-device').length - before).toBe(5)
    // The note of when the key was used may come to it, and the user's activity.
    const grown = (await scene.store.entities()).filter(({ kind }) => kind !== 'activity')
    expect(grown.length).toBeLessThanOrEqual(count)
  })

  test('is guessed at neither by bringing a device level nor by enabling it', async () => {
    const spare = await device('spare')
    const enable = (from: number, keys = scene.administrator) =>
      scene.call(keys, 'iam', 'EnableMFADevice', {
        UserName: 'administrator',
        SerialNumber: spare.SerialNumber,
        AuthenticationCode1: spare.code(from),
        AuthenticationCode2: spare.code(from + 1),
      })
    const invalid = { status: 403, code: 'InvalidAuthenticationCode' }
    for (let at = 0; at < 5; at++) expect(await enable(500)).toMatchObject(invalid)
    expect(await enable(-1)).toMatchObject(invalid)
    scene.pass(30)
    expect(await enable(-1)).toMatchObject(ok)
    const resync = (from: number) =>
      scene.call(scene.administrator, 'iam', 'ResyncMFADevice', {
        UserName: 'administrator',
        SerialNumber: spare.SerialNumber,
        AuthenticationCode1: spare.code(from),
        AuthenticationCode2: spare.code(from + 1),
      })
    for (let at = 0; at < 5; at++) expect(await resync(500)).toMatchObject(invalid)
    expect(await resync(1)).toMatchObject(invalid)
    scene.pass(30)
    expect(await resync(1)).toMatchObject(ok)
  })
})

describe('a role that wants a second factor', () => {
  const trusting = (Condition: object) =>
    JSON.stringify(policy({ Effect: 'Allow', Principal: { AWS: home }, Action: 'sts:AssumeRole', Condition }))
  const role = (RoleName: string, Condition: object) =>
    scene.done(scene.administrator, 'iam', 'CreateRole', {
      RoleName,
      AssumeRolePolicyDocument: trusting(Condition),
    })
  const plain = {
    status: 403,
    code: 'AccessDenied',
    message: `User: arn:aws:iam::${home}:user/ann is not authorized to perform: sts:AssumeRole on resource: ${roleArn('strict')}`,
  }

  test('gets it with the call, or from the session that calls', async () => {
    await role('strict', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })
    expect(await assume('strict')).toMatchObject(plain)
    expect(await assume('strict', offer(phone.code()))).toMatchObject(ok)
    scene.pass(60)
    const shown = await session(offer(phone.code()))
    expect(await assume('strict', {}, keysOf(shown.result.Credentials))).toMatchObject(ok)
    const without = await session({})
    expect(await assume('strict', {}, keysOf(without.result.Credentials))).toMatchObject(plain)
  })

  test('may want a fresh one', async () => {
    await role('strict', { NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } })
    const { result } = await session(offer(phone.code()))
    const keys = keysOf(result.Credentials)
    scene.pass(298)
    expect(await assume('strict', {}, keys)).toMatchObject(ok)
    scene.pass(10)
    expect(await assume('strict', {}, keys)).toMatchObject(plain)
    expect(await assume('strict', offer(phone.code()), keys)).toMatchObject(ok)
  })

  test('QUIRK: assumed-without-mfa. Its session does not say that there was one', async () => {
    await role('first', {})
    await scene.done(scene.administrator, 'iam', 'PutRolePolicy', {
      RoleName: 'first',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify(allow('sts:AssumeRole')),
    })
    await role('strict', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })
    await role('lax', { Bool: { 'aws:MultiFactorAuthPresent': 'false' } })
    const { result } = await assume('first', offer(phone.code()))
    const keys = keysOf(result.Credentials)
    expect(await assume('strict', {}, keys)).toMatchObject({ code: 'AccessDenied' })
    expect(await assume('lax', {}, keys)).toMatchObject(ok)
  })
})

describe('the trail', () => {
  test('has a record of every code that was tried, with the serial number and without the code', async () => {
    const good = await session(offer(phone.code()))
    const bad = await session(offer('000000'))
    const [record] = await scene.recordsOf(good)
    expect(record).toMatchObject({
      eventName: 'GetSessionToken',
      requestParameters: { serialNumber: phone.SerialNumber },
      responseElements: { credentials: { accessKeyId: keysOf(good.result.Credentials).accessKeyId } },
    })
    expect(await scene.recordsOf(bad)).toMatchObject([{ errorCode: 'AccessDenied', errorMessage: wrong.message }])
    const shown = keysOf(good.result.Credentials)
    const identity = await scene.recordsOf(await scene.call(shown, 'iam', 'ListUsers'))
    expect(JSON.stringify(identity)).toContain('"mfaAuthenticated":"true"')
    const everything = JSON.stringify([await scene.trail(), await scene.store.entities(), scene.alarms])
    expect(everything).not.toContain(phone.seed)
    expect(everything).not.toContain('"tokenCode"')
    expect(everything).not.toMatch(/authenticationCode/i)
    expect(everything).not.toMatch(/base32|qrCode/i)
  })

  test('becomes durable with the code that is used up, in one transaction', async () => {
    const before = scene.store.commits.length
    const { requestId } = await session(offer(phone.code()))
    const commits = scene.store.commits
      .slice(before)
      .filter(({ changes }) => changes.some(({ kind }) => kind === 'mfa-device'))
    expect(commits).toHaveLength(1)
    expect(commits[0]?.trail.map((row) => row.requestId)).toEqual([requestId])
  })
})
