import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, document, here, noon } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
})

describe('a user', () => {
  test('is born under its path with an id of its own, in whole seconds', () => {
    const { User } = iam.do('CreateUser', { UserName: 'Bob', Path: '/div/', Tags: [{ Key: 'Team', Value: 'red' }] })
    expect(User).toEqual({
      Path: '/div/',
      UserName: 'Bob',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${here}:user/div/Bob`,
      CreateDate: noon - 789,
      Tags: [{ Key: 'Team', Value: 'red' }],
    })
  })

  test('QUIRK: lists-are-subsets. It is read with tags and boundary, and listed without', () => {
    iam.do('CreatePolicy', { PolicyName: 'fence', PolicyDocument: document() })
    const fence = `arn:aws:iam::${here}:policy/fence`
    iam.do('CreateUser', { UserName: 'bob', PermissionsBoundary: fence, Tags: [{ Key: 'a', Value: '' }] })
    expect(iam.do('GetUser', { UserName: 'bob' }).User).toMatchObject({
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: fence },
      Tags: [{ Key: 'a', Value: '' }],
    })
    const [listed] = iam.do('ListUsers', {}).Users
    expect(Object.keys(listed ?? {})).toEqual(['Path', 'UserName', 'UserId', 'Arn', 'CreateDate'])
  })

  test('QUIRK: no-empty-tags. Without tags it has no Tags element', () => {
    iam.do('CreateUser', { UserName: 'bob' })
    expect(iam.do('GetUser', { UserName: 'bob' }).User).not.toHaveProperty('Tags')
  })

  test('is found as its name is written, and takes the name in every case', () => {
    iam.do('CreateUser', { UserName: 'bob' })
    expect(iam.told('GetUser', { UserName: 'BOB' })).toBe('NoSuchEntity: The user with name BOB cannot be found.')
    expect(iam.told('CreateUser', { UserName: 'BOB', Path: '/x/' })).toBe(
      'EntityAlreadyExists: User with name BOB already exists.',
    )
  })

  test('keeps id, groups and policies when it is renamed and moved', () => {
    iam.do('CreateUser', { UserName: 'bob' })
    iam.do('CreateGroup', { GroupName: 'g' })
    iam.do('AddUserToGroup', { GroupName: 'g', UserName: 'bob' })
    iam.do('PutUserPolicy', { UserName: 'bob', PolicyName: 'p', PolicyDocument: document() })
    const { UserId } = iam.do('GetUser', { UserName: 'bob' }).User
    iam.do('UpdateUser', { UserName: 'bob', NewUserName: 'rob', NewPath: '/new/' })
    expect(iam.do('GetUser', { UserName: 'rob' }).User).toMatchObject({
      UserId,
      Arn: `arn:aws:iam::${here}:user/new/rob`,
    })
    expect(iam.do('ListGroupsForUser', { UserName: 'rob' }).Groups).toHaveLength(1)
    expect(iam.do('ListUserPolicies', { UserName: 'rob' }).PolicyNames).toEqual(['p'])
    expect(iam.told('GetUser', { UserName: 'bob' })).toMatch(/^NoSuchEntity/)
  })

  test('may be renamed to another case of its own name, and not to another user’s', () => {
    iam.do('CreateUser', { UserName: 'bob' })
    iam.do('CreateUser', { UserName: 'eve' })
    expect(iam.told('UpdateUser', { UserName: 'bob', NewUserName: 'Bob' })).toBe('ok')
    expect(iam.told('UpdateUser', { UserName: 'Bob', NewUserName: 'EVE' })).toBe(
      'EntityAlreadyExists: User with name EVE already exists.',
    )
  })

  test('is listed by path and by name', () => {
    for (const [UserName, Path] of [
      ['zoe', '/a/'],
      ['Amy', '/a/b/'],
      ['bob', '/c/'],
    ] as const)
      iam.do('CreateUser', { UserName, Path })
    const names = (PathPrefix?: string) => iam.do('ListUsers', { PathPrefix }).Users.map(({ UserName }) => UserName)
    expect(names()).toEqual(['Amy', 'bob', 'zoe'])
    expect(names('/a/')).toEqual(['Amy', 'zoe'])
    expect(names('/a/b')).toEqual(['Amy'])
    expect(names('/none/')).toEqual([])
  })

  test('of another account is not there', () => {
    iam.do('CreateUser', { UserName: 'bob' }, iam.root('444455556666'))
    expect(iam.told('GetUser', { UserName: 'bob' })).toMatch(/^NoSuchEntity/)
    expect(iam.do('ListUsers', {}).Users).toEqual([])
  })

  test('QUIRK: empty-segments. May stand under a path with two slashes in a row', () => {
    const { Arn, Path } = iam.do('CreateUser', { UserName: 'bob', Path: '/a//b/' }).User ?? {}
    expect([Path, Arn]).toEqual(['/a//b/', `arn:aws:iam::${here}:user/a//b/bob`])
    expect(iam.do('ListUsers', { PathPrefix: '/a//' }).Users).toHaveLength(1)
    expect(iam.do('ListUsers', { PathPrefix: '/a/b/' }).Users).toEqual([])
  })

  test('named __proto__ is a user like any other', () => {
    iam.do('CreateUser', { UserName: '__proto__' })
    expect(iam.do('GetUser', { UserName: '__proto__' }).User.UserName).toBe('__proto__')
    expect(iam.told('GetUser', { UserName: 'constructor' })).toMatch(/^NoSuchEntity/)
  })
})

describe('deleting a user', () => {
  const conflict = (what: string) => `DeleteConflict: Cannot delete entity, must ${what} first.`

  test('is refused while anything hangs on it, one thing after the other', () => {
    iam.do('CreateUser', { UserName: 'bob' })
    iam.do('CreateGroup', { GroupName: 'g' })
    iam.do('AddUserToGroup', { GroupName: 'g', UserName: 'bob' })
    iam.do('AttachUserPolicy', { UserName: 'bob', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })
    iam.do('PutUserPolicy', { UserName: 'bob', PolicyName: 'p', PolicyDocument: document() })
    const { AccessKey } = iam.do('CreateAccessKey', { UserName: 'bob' })
    const told = () => iam.told('DeleteUser', { UserName: 'bob' })

    expect(told()).toBe(conflict('remove users from group'))
    iam.do('RemoveUserFromGroup', { GroupName: 'g', UserName: 'bob' })
    expect(told()).toBe(conflict('detach all policies'))
    iam.do('DetachUserPolicy', { UserName: 'bob', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })
    expect(told()).toBe(conflict('delete policies'))
    iam.do('DeleteUserPolicy', { UserName: 'bob', PolicyName: 'p' })
    expect(told()).toBe(conflict('remove tokens from principal'))
    iam.do('DeleteAccessKey', { UserName: 'bob', AccessKeyId: AccessKey.AccessKeyId })
    expect(told()).toBe('ok')
    expect(told()).toBe('NoSuchEntity: The user with name bob cannot be found.')
  })

  test('does not ask for the boundary to be taken off first', () => {
    iam.do('CreateUser', { UserName: 'bob', PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe('ok')
  })

  test('and making one of the same name makes another', () => {
    const first = iam.do('CreateUser', { UserName: 'bob' }).User?.UserId
    iam.do('DeleteUser', { UserName: 'bob' })
    expect(iam.do('CreateUser', { UserName: 'bob' }).User?.UserId).not.toBe(first)
  })
})

describe('a user that is not named', () => {
  test('is the caller', () => {
    iam.do('CreateUser', { UserName: 'bob' })
    expect(iam.do('GetUser', {}, iam.user('bob')).User.UserName).toBe('bob')
    expect(iam.needs).toMatchObject([{ resource: `arn:aws:iam::${here}:user/bob`, noun: 'user bob' }])
  })

  test('QUIRK: root-as-user. The root user has neither name nor path', () => {
    expect(iam.do('GetUser', {}).User).toEqual({ UserId: here, Arn: `arn:aws:iam::${here}:root`, CreateDate: 0 })
  })

  test('must be named by who is no user', () => {
    iam.do('CreateRole', {
      RoleName: 'r',
      AssumeRolePolicyDocument: document({ Effect: 'Allow', Principal: { AWS: here }, Action: 'sts:AssumeRole' }),
    })
    const session = iam.session('r')
    for (const name of ['GetUser', 'CreateAccessKey', 'ListAccessKeys'] as const)
      expect(iam.told(name, {}, session)).toBe(
        'ValidationError: Must specify userName when calling with non-User credentials',
      )
  })
})
