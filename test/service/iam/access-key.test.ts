import { beforeEach, describe, expect, test } from 'vitest'
import { accountOfKey } from '../../../src/base/id.ts'
import { Authority, here, noon, there } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  iam.do('CreateUser', { UserName: 'bob' })
  iam.do('CreateUser', { UserName: 'eve' })
})
const make = (UserName = 'bob') => iam.do('CreateAccessKey', { UserName }).AccessKey

describe('an access key', () => {
  test('tells its secret once', () => {
    const key = make()
    expect(key).toEqual({
      UserName: 'bob',
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      Status: 'Active',
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9/+]{40}$/),
      CreateDate: noon - 789,
    })
    expect(accountOfKey(key.AccessKeyId)).toBe(here)
    expect(iam.do('ListAccessKeys', { UserName: 'bob' })).toEqual({
      AccessKeyMetadata: [{ UserName: 'bob', AccessKeyId: key.AccessKeyId, Status: 'Active', CreateDate: noon - 789 }],
      IsTruncated: false,
    })
  })

  test('is one of two', () => {
    make()
    make()
    expect(iam.told('CreateAccessKey', { UserName: 'bob' })).toBe(
      'LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2',
    )
    expect(iam.told('CreateAccessKey', { UserName: 'eve' })).toBe('ok')
  })

  test('is switched off and on, and deleted', () => {
    const { AccessKeyId } = make()
    const status = () => iam.do('ListAccessKeys', { UserName: 'bob' }).AccessKeyMetadata.map(({ Status }) => Status)
    iam.do('UpdateAccessKey', { UserName: 'bob', AccessKeyId, Status: 'Inactive' })
    expect(status()).toEqual(['Inactive'])
    iam.do('UpdateAccessKey', { UserName: 'bob', AccessKeyId, Status: 'Active' })
    expect(status()).toEqual(['Active'])
    expect(iam.told('UpdateAccessKey', { UserName: 'bob', AccessKeyId, Status: 'Expired' })).toMatch(/^InvalidInput: /)
    iam.do('DeleteAccessKey', { UserName: 'bob', AccessKeyId })
    expect(status()).toEqual([])
  })

  test('belongs to its user, and is unknown under another’s name', () => {
    const { AccessKeyId } = make()
    const unknown = `NoSuchEntity: The Access Key with id ${AccessKeyId} cannot be found.`
    expect(iam.told('DeleteAccessKey', { UserName: 'eve', AccessKeyId })).toBe(unknown)
    expect(iam.told('UpdateAccessKey', { UserName: 'eve', AccessKeyId, Status: 'Inactive' })).toBe(unknown)
    expect(iam.told('DeleteAccessKey', { AccessKeyId })).toBe(unknown)
    expect(iam.told('CreateAccessKey', { UserName: 'none' })).toBe(
      'NoSuchEntity: The user with name none cannot be found.',
    )
  })

  test('is the caller’s own where no user is named', () => {
    const { AccessKeyId, UserName } = iam.do('CreateAccessKey', {}, iam.user('bob')).AccessKey
    expect(UserName).toBe('bob')
    expect(iam.do('ListAccessKeys', {}, iam.user('bob')).AccessKeyMetadata).toHaveLength(1)
    expect(iam.told('DeleteAccessKey', { AccessKeyId }, iam.user('bob'))).toBe('ok')
  })

  test('of the root user belongs to the account and names nobody', () => {
    const key = iam.do('CreateAccessKey', {}).AccessKey
    expect(key).not.toHaveProperty('UserName')
    expect(iam.state.get('access-key', key.AccessKeyId)?.owner).toBe(here)
    expect(iam.do('ListAccessKeys', {}).AccessKeyMetadata).toEqual([
      { AccessKeyId: key.AccessKeyId, Status: 'Active', CreateDate: noon - 789 },
    ])
    make()
    expect(iam.do('ListAccessKeys', {}).AccessKeyMetadata).toHaveLength(1)
    iam.do('CreateAccessKey', {})
    expect(iam.told('CreateAccessKey', {})).toBe('LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2')
  })
})

describe('the last use of a key', () => {
  test('is N/A where there was none, and says no date', () => {
    const { AccessKeyId } = make()
    expect(iam.do('GetAccessKeyLastUsed', { AccessKeyId })).toEqual({
      UserName: 'bob',
      AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' },
    })
    expect(iam.needs).toMatchObject([{ resource: `arn:aws:iam::${here}:user/bob`, noun: `access key ${AccessKeyId}` }])
  })

  test('is told where there was one', () => {
    const { AccessKeyId } = make()
    const key = iam.state.get('access-key', AccessKeyId)
    if (key === undefined) throw new Error('no key')
    iam.put({ ...key, lastUsed: { at: noon - 789, service: 'iam', region: 'us-east-1' } })
    expect(iam.do('GetAccessKeyLastUsed', { AccessKeyId }).AccessKeyLastUsed).toEqual({
      LastUsedDate: noon - 789,
      ServiceName: 'iam',
      Region: 'us-east-1',
    })
  })

  test('QUIRK: unknown-key-denied. Of a key that is not the account’s it is refused, without the colon', () => {
    const { AccessKeyId } = make()
    const denied = (id: string, account: string) =>
      `AccessDenied: User: arn:aws:iam::${account}:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${id}`
    expect(iam.told('GetAccessKeyLastUsed', { AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' })).toBe(
      denied('AKIAAAAAAAAAAAAAAAAA', here),
    )
    expect(iam.told('GetAccessKeyLastUsed', { AccessKeyId }, iam.root(there))).toBe(denied(AccessKeyId, there))
  })
})
