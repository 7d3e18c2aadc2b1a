import { beforeEach, describe, expect, test } from 'vitest'
import { expiryOf } from '../../../src/service/iam/password.ts'
import { Authority, ec2Trust, here, noon } from './authority.ts'

const good = 'Correct-Horse-7'
const refused = (why: string) => `PasswordPolicyViolation: ${why}`
const violation = refused('Password does not conform to the account password policy.')
const short = (least: number) => refused(`Password should have a minimum length of ${least}`)
const wants = (what: string) => `Password should have at least one ${what}`

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  iam.do('CreateUser', { UserName: 'bob' })
})

const profileOf = (name: string) => {
  const profile = iam.state.get('login-profile', iam.entity('user', name).id)
  if (profile === undefined) throw new Error(`${name} has no password`)
  return profile
}
const give = (password: string) => iam.told('CreateLoginProfile', { UserName: 'bob', Password: password })

describe('a login profile', () => {
  test('is made, shown, changed and deleted', () => {
    const made = iam.do('CreateLoginProfile', { UserName: 'bob', Password: good, PasswordResetRequired: true })
    const shown = { UserName: 'bob', CreateDate: noon - 789, PasswordResetRequired: true }
    expect(made.LoginProfile).toEqual(shown)
    expect(iam.do('GetLoginProfile', { UserName: 'bob' }).LoginProfile).toEqual(shown)

    iam.now += 60_000
    iam.do('UpdateLoginProfile', { UserName: 'bob', Password: `${good}8` })
    expect(profileOf('bob')).toMatchObject({ createdAt: noon - 789, changedAt: iam.now - 789, resetRequired: true })
    iam.do('UpdateLoginProfile', { UserName: 'bob', PasswordResetRequired: false })
    expect(profileOf('bob')).toMatchObject({ hashes: [`glass ${good}8`, `glass ${good}`], resetRequired: false })

    expect(iam.do('DeleteLoginProfile', { UserName: 'bob' })).toEqual({})
    expect(iam.told('GetLoginProfile', { UserName: 'bob' })).toBe(
      'NoSuchEntity: Login Profile for User bob cannot be found.',
    )
  })

  test('is one a user', () => {
    give(good)
    expect(give(good)).toBe('EntityAlreadyExists: Login Profile for user bob already exists.')
  })

  test('without a name is the caller’s own; root and roles must name a user', () => {
    expect(iam.told('CreateLoginProfile', { Password: good }, iam.user('bob'))).toBe('ok')
    expect(iam.do('GetLoginProfile', {}, iam.user('bob')).LoginProfile.UserName).toBe('bob')
    iam.do('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: ec2Trust })
    for (const caller of [iam.root(), iam.session('r')])
      expect(iam.told('GetLoginProfile', {}, caller)).toBe(
        'ValidationError: Must specify userName when calling with non-User credentials',
      )
  })

  test('needs a password', () => {
    expect(iam.told('CreateLoginProfile', { UserName: 'bob' })).toBe(
      "ValidationError: 1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
    )
  })

  test('keeps its user from being deleted', () => {
    give(good)
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe(
      'DeleteConflict: Cannot delete entity, must delete login profile first.',
    )
    iam.do('DeleteLoginProfile', { UserName: 'bob' })
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe('ok')
  })

  test('goes with its user under another name', () => {
    give(good)
    iam.do('UpdateUser', { UserName: 'bob', NewUserName: 'rob' })
    expect(iam.do('GetLoginProfile', { UserName: 'rob' }).LoginProfile.UserName).toBe('rob')
  })

  test('of somebody else is not there for nobody', () => {
    for (const name of ['GetLoginProfile', 'DeleteLoginProfile', 'UpdateLoginProfile'] as const)
      expect(iam.told(name, { UserName: 'nobody' })).toBe('NoSuchEntity: The user with name nobody cannot be found.')
  })
})

describe('a password under AWS’s own policy (password-told-why)', () => {
  test.each([
    ['of eight characters of three classes is taken', 'Abcdef12', 'ok'],
    ['of seven characters is not', 'Abcde12', short(8)],
    [
      'of two classes is not',
      'abcdefgh12',
      refused(
        `Password should meet 1 more of the following requirements: ${wants('uppercase letter')}, ${wants('symbol')}`,
      ),
    ],
    ['that is short and of one class is told its length alone', 'abc', short(8)],
    ['of lower case, digits and a symbol is taken', 'abcdef12!', 'ok'],
    ['of characters outside ASCII alone has no class', 'éééééééééé', expect.stringContaining('should meet 3 more of')],
    ['may not be the name of the account', `Account ${here}`, violation],
    ['has 128 characters at the most', `Aa1${'x'.repeat(125)}`, 'ok'],
  ])('%s', (_, password, told) => {
    expect(give(password)).toEqual(told)
  })

  test('may not be the e-mail address of the account', () => {
    const account = iam.state.get('account', here)
    if (account === undefined) throw new Error('there is no account')
    iam.state.put({ ...account, email: 'Owner7@example.com' })
    expect(give('owner7@EXAMPLE.com')).toBe(violation)
    expect(give('owner8@EXAMPLE.com')).toBe('ok')
  })
})

describe('a password under the account’s policy', () => {
  test.each([
    ['a minimum length', { MinimumPasswordLength: 10 }, 'x'.repeat(9), 'x'.repeat(10), short(10)],
    [
      'an upper case letter',
      { RequireUppercaseCharacters: true },
      'abcdefÉ',
      'abcdefE',
      refused(wants('uppercase letter')),
    ],
    [
      'a lower case letter',
      { RequireLowercaseCharacters: true },
      'ABCDEFé',
      'ABCDEFe',
      refused(wants('lowercase letter')),
    ],
    ['a digit', { RequireNumbers: true }, 'abcdef²', 'abcdef2', refused(wants('number'))],
    ['a symbol', { RequireSymbols: true }, 'abcdef~', "abcdef'", refused(wants('symbol'))],
  ])('must have %s', (_, policy, bad, fine, told) => {
    iam.do('UpdateAccountPasswordPolicy', policy)
    expect(give(bad)).toBe(told)
    expect(give(fine)).toBe('ok')
  })

  test('must not be one of the last three, whoever sets it', () => {
    iam.do('UpdateAccountPasswordPolicy', { PasswordReusePrevention: 3 })
    const set = (Password: string) => iam.told('UpdateLoginProfile', { UserName: 'bob', Password })
    give('first-1')
    for (const next of ['second-2', 'third-3']) expect(set(next)).toBe('ok')
    for (const old of ['first-1', 'second-2', 'third-3']) expect(set(old)).toBe(violation)
    expect(set('fourth-4')).toBe('ok')
    expect(set('first-1')).toBe('ok')
    const change = { OldPassword: 'first-1', NewPassword: 'fourth-4' }
    expect(iam.told('ChangePassword', change, iam.user('bob'))).toBe(violation)
  })

  test('is kept for as long as a policy can ask about it, and no longer', () => {
    give(good)
    for (let at = 1; at <= 30; at++) iam.do('UpdateLoginProfile', { UserName: 'bob', Password: `Password-${at}` })
    expect(profileOf('bob').hashes).toHaveLength(24)
    expect(profileOf('bob').hashes[0]).toBe('glass Password-30')
  })

  test('stops being good after its age, counted from its last change', () => {
    give(good)
    expect(expiryOf(iam.state, profileOf('bob'))).toBeUndefined()
    iam.do('UpdateAccountPasswordPolicy', { MaxPasswordAge: 30 })
    expect(expiryOf(iam.state, profileOf('bob'))).toBe(noon - 789 + 30 * 86_400_000)
  })
})

describe('changing one’s own password', () => {
  beforeEach(() => {
    iam.do('CreateLoginProfile', { UserName: 'bob', Password: good, PasswordResetRequired: true })
  })
  const change = (OldPassword: string, NewPassword: string, caller = iam.user('bob')) =>
    iam.told('ChangePassword', { OldPassword, NewPassword }, caller)

  test('takes the old one, and ends the need for another', () => {
    expect(change(good, 'Battery-Staple-8')).toBe('ok')
    expect(profileOf('bob')).toMatchObject({
      resetRequired: false,
      hashes: ['glass Battery-Staple-8', `glass ${good}`],
    })
    expect(change(good, 'Another-9')).toBe('AccessDenied: The old password was incorrect.')
    expect(iam.needs).toMatchObject([{ action: 'iam:ChangePassword', resource: `arn:aws:iam::${here}:user/bob` }])
  })

  test('wants a new one that the policy allows', () => {
    expect(change(good, 'short')).toBe(short(8))
  })

  test('is for users that have one', () => {
    iam.do('CreateUser', { UserName: 'eve' })
    expect(change(good, 'Battery-Staple-8', iam.user('eve'))).toBe(
      'NoSuchEntity: Login Profile for User eve cannot be found.',
    )
    const only = 'InvalidUserType: Only IAM Users can change their own password'
    expect(change(good, 'Battery-Staple-8', iam.root())).toBe(only)
    iam.do('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: ec2Trust })
    expect(change(good, 'Battery-Staple-8', iam.session('r'))).toBe(only)
  })
})

test('QUIRK: password-last-used. The last use is told by GetUser and ListUsers, where there was one', () => {
  give(good)
  expect(iam.do('GetUser', { UserName: 'bob' }).User).not.toHaveProperty('PasswordLastUsed')
  iam.put({ ...profileOf('bob'), usedAt: noon - 789 })
  expect(iam.do('GetUser', { UserName: 'bob' }).User.PasswordLastUsed).toBe(noon - 789)
  expect(iam.do('ListUsers', {}).Users[0]?.PasswordLastUsed).toBe(noon - 789)
})
