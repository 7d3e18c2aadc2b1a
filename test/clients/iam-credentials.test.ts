import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, actorOf, makeUser, refusal } from './actor.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** What users and accounts sign in and prove themselves with, driven by AWS's own client. */
const home = '012345678901'

let running: Running
let administrator: Actor
let iam: sdk.IAMClient

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  administrator = actorOf(await envOf(running))
  iam = administrator.iam
})
afterAll(() => discard(running))

describe('passwords', () => {
  test('of an account follow its policy, which is put, read and deleted', async () => {
    await iam.send(
      new sdk.UpdateAccountPasswordPolicyCommand({
        MinimumPasswordLength: 12,
        RequireSymbols: true,
        MaxPasswordAge: 90,
        PasswordReusePrevention: 2,
        AllowUsersToChangePassword: true,
      }),
    )
    const { PasswordPolicy } = await iam.send(new sdk.GetAccountPasswordPolicyCommand({}))
    expect(PasswordPolicy).toEqual({
      MinimumPasswordLength: 12,
      RequireSymbols: true,
      RequireNumbers: false,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: true,
      ExpirePasswords: true,
      MaxPasswordAge: 90,
      PasswordReusePrevention: 2,
    })

    const UserName = 'ann'
    const ann = await makeUser(administrator, UserName)
    const create = (Password: string) => iam.send(new sdk.CreateLoginProfileCommand({ UserName, Password }))
    expect(await refusal(create('too-short'))).toEqual({
      code: 'PasswordPolicyViolation',
      message: 'Password does not conform to the account password policy.',
      status: 400,
    })
    const { LoginProfile } = await create('long-enough-1!')
    expect(LoginProfile).toEqual({ UserName, CreateDate: expect.any(Date), PasswordResetRequired: false })
    await ann.iam.send(new sdk.ChangePasswordCommand({ OldPassword: 'long-enough-1!', NewPassword: 'long-enough-2!' }))
    expect(
      await refusal(
        ann.iam.send(new sdk.ChangePasswordCommand({ OldPassword: 'long-enough-1!', NewPassword: 'long-enough-3!' })),
      ),
    ).toEqual({ code: 'AccessDenied', message: 'The old password was incorrect.', status: 403 })

    await iam.send(new sdk.UpdateLoginProfileCommand({ UserName, PasswordResetRequired: true }))
    const got = await iam.send(new sdk.GetLoginProfileCommand({ UserName }))
    expect(got.LoginProfile?.PasswordResetRequired).toBe(true)
    await iam.send(new sdk.DeleteLoginProfileCommand({ UserName }))
    expect((await refusal(iam.send(new sdk.GetLoginProfileCommand({ UserName })))).code).toBe('NoSuchEntity')
    await iam.send(new sdk.DeleteAccountPasswordPolicyCommand({}))
    expect((await refusal(iam.send(new sdk.GetAccountPasswordPolicyCommand({})))).code).toBe('NoSuchEntity')
  })
})
