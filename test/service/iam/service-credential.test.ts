import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, here, noon } from './authority.ts'

const git = 'codecommit.amazonaws.com'
const bedrock = 'bedrock.amazonaws.com'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  for (const UserName of ['bob', 'eve']) iam.do('CreateUser', { UserName })
})
function create(ServiceName = git, more: object = {}) {
  const { ServiceSpecificCredential } = iam.do('CreateServiceSpecificCredential', {
    UserName: 'bob',
    ServiceName,
    ...more,
  })
  if (ServiceSpecificCredential === undefined) throw new Error('no credential')
  return ServiceSpecificCredential
}
const told = (ServiceName: string, more: object = {}) =>
  iam.told('CreateServiceSpecificCredential', { UserName: 'bob', ServiceName, ...more })

describe('a credential for one service', () => {
  test('is a name and a password that is told once', () => {
    const made = create()
    expect(made).toEqual({
      UserName: 'bob',
      Status: 'Active',
      CreateDate: noon - 789,
      ServiceSpecificCredentialId: expect.stringMatching(/^ACCA[A-Z2-7]{17}$/),
      ServiceName: git,
      ServiceUserName: `bob-at-${here}`,
      ServicePassword: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    })
    const { ServicePassword: _, ...metadata } = made
    expect(iam.do('ListServiceSpecificCredentials', { UserName: 'bob' })).toEqual({
      ServiceSpecificCredentials: [metadata],
      IsTruncated: false,
    })
  })

  test('is a key where the service takes keys, and expires where that was asked for', () => {
    const made = create(bedrock, { CredentialAgeDays: 30 })
    expect(made).toMatchObject({
      ServiceCredentialAlias: `bob-at-${here}`,
      ExpirationDate: noon - 789 + 30 * 86_400_000,
      Status: 'Active',
    })
    expect(made).not.toHaveProperty('ServicePassword')
    const secret = String(made.ServiceCredentialSecret)
    expect(secret).toMatch(/^ABSK/)
    expect(atob(secret.slice(4))).toMatch(new RegExp(`^bob-at-${here}:[A-Za-z0-9+/]{43}=$`))
    const status = () =>
      iam.do('ListServiceSpecificCredentials', { UserName: 'bob' }).ServiceSpecificCredentials?.[0]?.Status
    iam.now += 30 * 86_400_000 - 1000
    expect(status()).toBe('Active')
    iam.now += 1000
    expect(status()).toBe('Expired')
    expect(create('logs.amazonaws.com').ServiceCredentialSecret).toMatch(/^ACWL/)
  })

  test('is one of two for a service, under names of their own', () => {
    expect(create().ServiceUserName).toBe(`bob-at-${here}`)
    const second = create()
    expect(second.ServiceUserName).toBe(`bob+1-at-${here}`)
    expect(told(git)).toBe('LimitExceeded: Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2')
    expect(told('cassandra.amazonaws.com')).toBe('ok')
  })

  test('QUIRK: unsupported-is-absent. Is of a service that takes such', () => {
    const none = 'NoSuchEntity: No such service s3.amazonaws.com is supported for Service Specific Credentials'
    expect(told('s3.amazonaws.com')).toBe(none)
    expect(iam.told('ListServiceSpecificCredentials', { UserName: 'bob', ServiceName: 's3.amazonaws.com' })).toBe(none)
    expect(told(git, { CredentialAgeDays: 3 })).toBe(
      'ValidationError: CredentialAgeDays is not valid for codecommit.amazonaws.com.',
    )
  })

  test('gets another secret under the same name', () => {
    const made = create()
    const { ServiceSpecificCredentialId } = made
    const { ServiceSpecificCredential: fresh } = iam.do('ResetServiceSpecificCredential', {
      UserName: 'bob',
      ServiceSpecificCredentialId,
    })
    expect(fresh).toEqual({ ...made, ServicePassword: expect.any(String) })
    expect(fresh?.ServicePassword).not.toBe(made.ServicePassword)
    expect(iam.state.get('service-credential', ServiceSpecificCredentialId)?.secret).toBe(
      `glass ${fresh?.ServicePassword}`,
    )
  })

  test('is switched off and on by its user’s name, and deleted before its user', () => {
    const { ServiceSpecificCredentialId } = create()
    const id = { ServiceSpecificCredentialId }
    const update = (Status: 'Active' | 'Inactive' | 'Expired', UserName = 'bob') =>
      iam.told('UpdateServiceSpecificCredential', { ...id, UserName, Status })
    expect(update('Inactive')).toBe('ok')
    expect(iam.state.get('service-credential', ServiceSpecificCredentialId)?.status).toBe('Inactive')
    expect(update('Expired')).toBe('ValidationError: The status of a credential can be Active or Inactive.')
    const missing = `NoSuchEntity: No such credential ${ServiceSpecificCredentialId} exists`
    expect(update('Active', 'eve')).toBe(missing)
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe(
      'DeleteConflict: Cannot delete entity, must remove referenced objects first.',
    )
    iam.do('DeleteServiceSpecificCredential', id, iam.user('bob'))
    expect(iam.told('DeleteServiceSpecificCredential', { ...id, UserName: 'bob' })).toBe(missing)
    expect(iam.told('ResetServiceSpecificCredential', { ...id, UserName: 'bob' })).toBe(missing)
  })

  test('is listed of one user, or of all', () => {
    create()
    create(bedrock)
    iam.do('CreateServiceSpecificCredential', { UserName: 'eve', ServiceName: git })
    const list = (input: object) =>
      iam
        .do('ListServiceSpecificCredentials', input)
        .ServiceSpecificCredentials?.map(({ UserName }) => UserName)
        .sort()
    expect(list({ UserName: 'bob' })).toEqual(['bob', 'bob'])
    expect(list({ UserName: 'bob', ServiceName: git })).toEqual(['bob'])
    expect(list({ AllUsers: true })).toEqual(['bob', 'bob', 'eve'])
    expect(list({ AllUsers: true, ServiceName: git })).toEqual(['bob', 'eve'])
    expect(iam.told('ListServiceSpecificCredentials', { AllUsers: true, UserName: 'bob' })).toBe(
      'ValidationError: UserName cannot be specified where AllUsers is.',
    )
  })
})
