import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, there } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
})
const create = (AccountAlias: string, caller = iam.caller) => iam.told('CreateAccountAlias', { AccountAlias }, caller)
const aliases = (caller = iam.caller) => iam.do('ListAccountAliases', {}, caller)

describe('the alias of an account', () => {
  test('QUIRK: alias-replaced. Is one, and gives way to the next', () => {
    expect(aliases()).toEqual({ AccountAliases: [], IsTruncated: false })
    expect(create('first')).toBe('ok')
    expect(create('second')).toBe('ok')
    expect(aliases()).toEqual({ AccountAliases: ['second'], IsTruncated: false })
    expect(create('first', iam.root(there))).toBe('ok')
  })

  test('is nobody else’s, in any account', () => {
    create('taken')
    expect(create('taken')).toBe('EntityAlreadyExists: The account alias taken already exists.')
    expect(create('taken', iam.root(there))).toBe('EntityAlreadyExists: The account alias taken already exists.')
  })

  test('is deleted by its name, by its own account', () => {
    create('ours')
    const remove = (AccountAlias: string, caller = iam.caller) =>
      iam.told('DeleteAccountAlias', { AccountAlias }, caller)
    expect(remove('ours', iam.root(there))).toBe('NoSuchEntity: The account alias ours cannot be found.')
    expect(remove('other')).toBe('NoSuchEntity: The account alias other cannot be found.')
    expect(remove('ours')).toBe('ok')
    expect(aliases().AccountAliases).toEqual([])
  })

  test.each(['ab', 'Upper', '-a-', 'a--b', 'a_b', 'a'.repeat(64)])('is not %s', (alias) => {
    expect(create(alias)).toMatch(/^ValidationError: \d validation errors? detected: Value.* at 'accountAlias'/)
  })

  test('is no account id', () => {
    expect(create('123456789012')).toBe('ValidationError: An account alias must not be an account ID.')
    expect(create('1234567890123')).toBe('ok')
  })

  test('stands in the picture of a second factor', () => {
    // The longer text makes the larger picture.
    const picture = (VirtualMFADeviceName: string) =>
      iam.do('CreateVirtualMFADevice', { VirtualMFADeviceName }).VirtualMFADevice.QRCodePNG?.length ?? 0
    const before = picture('a')
    create('an-alias-that-is-much-longer-than-the-number-of-an-account-is')
    expect(picture('b')).toBeGreaterThan(before)
  })
})
