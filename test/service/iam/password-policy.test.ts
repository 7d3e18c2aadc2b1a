import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, here, there } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
})

describe('an account’s password policy', () => {
  test('is not there before it is put, and gone when it is deleted', () => {
    expect(iam.told('GetAccountPasswordPolicy', {})).toBe(
      `NoSuchEntity: The Password Policy with domain name ${here} cannot be found.`,
    )
    expect(iam.told('DeleteAccountPasswordPolicy', {})).toBe(
      'NoSuchEntity: The account policy with name PasswordPolicy cannot be found.',
    )
    iam.do('UpdateAccountPasswordPolicy', {})
    expect(iam.told('GetAccountPasswordPolicy', {}, iam.root(there))).toContain('NoSuchEntity')
    iam.do('DeleteAccountPasswordPolicy', {})
    expect(iam.told('GetAccountPasswordPolicy', {})).toContain('NoSuchEntity')
  })

  test('QUIRK: password-policy-absences. Says six characters and nothing else where nothing is said', () => {
    iam.do('UpdateAccountPasswordPolicy', {})
    expect(iam.do('GetAccountPasswordPolicy', {}).PasswordPolicy).toEqual({
      MinimumPasswordLength: 6,
      RequireSymbols: false,
      RequireNumbers: false,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: false,
      ExpirePasswords: false,
    })
  })

  test('is replaced whole: what an update leaves out is as if it had never been said', () => {
    const whole = {
      MinimumPasswordLength: 20,
      RequireSymbols: true,
      RequireNumbers: true,
      RequireUppercaseCharacters: true,
      RequireLowercaseCharacters: true,
      AllowUsersToChangePassword: true,
      MaxPasswordAge: 90,
      PasswordReusePrevention: 5,
      HardExpiry: true,
    }
    iam.do('UpdateAccountPasswordPolicy', whole)
    expect(iam.do('GetAccountPasswordPolicy', {}).PasswordPolicy).toEqual({ ...whole, ExpirePasswords: true })
    iam.do('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 10 })
    expect(iam.do('GetAccountPasswordPolicy', {}).PasswordPolicy).toEqual({
      MinimumPasswordLength: 10,
      RequireSymbols: false,
      RequireNumbers: false,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: false,
      ExpirePasswords: false,
    })
  })

  test('has bounds, and every one that is broken is named', () => {
    expect(
      iam.told('UpdateAccountPasswordPolicy', {
        MinimumPasswordLength: 5,
        MaxPasswordAge: 1096,
        PasswordReusePrevention: 25,
      }),
    ).toMatch(/^ValidationError: 3 validation errors detected: .*; .*; /)
  })
})
