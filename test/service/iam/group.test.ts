import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, document, here, noon } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  iam.do('CreateGroup', { GroupName: 'ops', Path: '/div/' })
  iam.do('CreateUser', { UserName: 'bob' })
})

describe('a group', () => {
  test('is created, read and listed alike', () => {
    const group = {
      Path: '/div/',
      GroupName: 'ops',
      GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${here}:group/div/ops`,
      CreateDate: noon - 789,
    }
    expect(iam.do('GetGroup', { GroupName: 'ops' })).toEqual({ Group: group, Users: [], IsTruncated: false })
    expect(iam.do('ListGroups', { PathPrefix: '/div/' })).toEqual({ Groups: [group], IsTruncated: false })
    expect(iam.do('ListGroups', { PathPrefix: '/other/' }).Groups).toEqual([])
  })

  test.each([
    ['GetGroup', { GroupName: 'none' }, 'NoSuchEntity: The group with name none cannot be found.'],
    ['CreateGroup', { GroupName: 'OPS' }, 'EntityAlreadyExists: Group with name OPS already exists.'],
    [
      'AddUserToGroup',
      { GroupName: 'none', UserName: 'bob' },
      'NoSuchEntity: The group with name none cannot be found.',
    ],
    ['AddUserToGroup', { GroupName: 'ops', UserName: 'eve' }, 'NoSuchEntity: The user with name eve cannot be found.'],
    ['RemoveUserFromGroup', { GroupName: 'ops', UserName: 'bob' }, 'ok'],
    [
      'RemoveUserFromGroup',
      { GroupName: 'none', UserName: 'bob' },
      'NoSuchEntity: The group with name none cannot be found.',
    ],
    ['DeleteGroup', { GroupName: 'none' }, 'NoSuchEntity: The group with name none cannot be found.'],
  ] as const)('%s %o: %s', (name, input, expected) => {
    expect(iam.told(name, input)).toBe(expected)
  })

  test('QUIRK: user-before-group. Where neither is there, it is the user who is missed on the way out', () => {
    expect(iam.told('RemoveUserFromGroup', { GroupName: 'none', UserName: 'eve' })).toBe(
      'NoSuchEntity: The user with name eve cannot be found.',
    )
  })

  test('shows its users page by page', () => {
    for (const name of ['u1', 'u2', 'u3']) {
      iam.do('CreateUser', { UserName: name })
      iam.do('AddUserToGroup', { GroupName: 'ops', UserName: name })
    }
    const first = iam.do('GetGroup', { GroupName: 'ops', MaxItems: 2 })
    const second = iam.do('GetGroup', { GroupName: 'ops', MaxItems: 2, Marker: first.Marker })
    expect([...first.Users, ...second.Users].map(({ UserName }) => UserName)).toEqual(['u1', 'u2', 'u3'])
    expect(second.IsTruncated).toBe(false)
  })

  test('is joined once, however often it is asked', () => {
    iam.do('AddUserToGroup', { GroupName: 'ops', UserName: 'bob' })
    iam.do('AddUserToGroup', { GroupName: 'ops', UserName: 'bob' })
    expect(iam.do('ListGroupsForUser', { UserName: 'bob' }).Groups.map(({ GroupName }) => GroupName)).toEqual(['ops'])
  })

  test('keeps its members when it is renamed and moved', () => {
    iam.do('AddUserToGroup', { GroupName: 'ops', UserName: 'bob' })
    iam.do('UpdateGroup', { GroupName: 'ops', NewGroupName: 'sre', NewPath: '/' })
    expect(iam.do('GetGroup', { GroupName: 'sre' })).toMatchObject({
      Group: { Arn: `arn:aws:iam::${here}:group/sre` },
      Users: [{ UserName: 'bob' }],
    })
  })

  test('is deleted only when nobody is in it and nothing hangs on it', () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
    iam.do('AddUserToGroup', { GroupName: 'ops', UserName: 'bob' })
    iam.do('AttachGroupPolicy', { GroupName: 'ops', PolicyArn })
    iam.do('PutGroupPolicy', { GroupName: 'ops', PolicyName: 'p', PolicyDocument: document() })
    const told = () => iam.told('DeleteGroup', { GroupName: 'ops' })
    expect(told()).toBe('DeleteConflict: Cannot delete entity, must remove users from group first.')
    iam.do('RemoveUserFromGroup', { GroupName: 'ops', UserName: 'bob' })
    expect(told()).toBe('DeleteConflict: Cannot delete entity, must detach all policies first.')
    iam.do('DetachGroupPolicy', { GroupName: 'ops', PolicyArn })
    expect(told()).toBe('DeleteConflict: Cannot delete entity, must delete policies first.')
    iam.do('DeleteGroupPolicy', { GroupName: 'ops', PolicyName: 'p' })
    expect(told()).toBe('ok')
  })
})
