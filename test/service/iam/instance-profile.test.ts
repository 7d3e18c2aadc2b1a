import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, ec2Trust, here, noon } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  iam.do('CreateInstanceProfile', { InstanceProfileName: 'ip', Path: '/p/', Tags: [{ Key: 'k', Value: 'v' }] })
  iam.do('CreateRole', { RoleName: 'r', Path: '/x/', AssumeRolePolicyDocument: ec2Trust, Description: 'd' })
})
const add = (InstanceProfileName = 'ip', RoleName = 'r') =>
  iam.told('AddRoleToInstanceProfile', { InstanceProfileName, RoleName })
const remove = (InstanceProfileName = 'ip', RoleName = 'r') =>
  iam.told('RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName })

describe('an instance profile', () => {
  const core = {
    Path: '/p/',
    InstanceProfileName: 'ip',
    InstanceProfileId: expect.stringMatching(/^AIPA[A-Z2-7]{17}$/),
    Arn: `arn:aws:iam::${here}:instance-profile/p/ip`,
    CreateDate: noon - 789,
    Roles: [],
  }

  test('is read with its tags, and listed without', () => {
    expect(iam.do('GetInstanceProfile', { InstanceProfileName: 'ip' }).InstanceProfile).toEqual({
      ...core,
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    expect(iam.do('ListInstanceProfiles', {}).InstanceProfiles).toEqual([core])
    expect(iam.do('ListInstanceProfiles', { PathPrefix: '/q/' }).InstanceProfiles).toEqual([])
  })

  test('QUIRK: empty-tags-of-profiles. Without tags it is made without a list of them, and read with an empty one', () => {
    const { InstanceProfile } = iam.do('CreateInstanceProfile', { InstanceProfileName: 'bare' })
    expect(InstanceProfile).not.toHaveProperty('Tags')
    expect(iam.do('GetInstanceProfile', { InstanceProfileName: 'bare' }).InstanceProfile.Tags).toEqual([])
  })

  test('QUIRK: roles-of-profiles. It shows its role, trust policy included, and not the description', () => {
    expect(add()).toBe('ok')
    const [role] = iam.do('GetInstanceProfile', { InstanceProfileName: 'ip' }).InstanceProfile.Roles
    expect(role).toMatchObject({ RoleName: 'r', Arn: `arn:aws:iam::${here}:role/x/r` })
    expect(role).not.toHaveProperty('Description')
    expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '')).toBe(ec2Trust)
    expect(iam.do('ListInstanceProfilesForRole', { RoleName: 'r' }).InstanceProfiles).toMatchObject([
      { InstanceProfileName: 'ip', Roles: [{ RoleName: 'r' }] },
    ])
  })

  test('QUIRK: one-role-per-profile. It holds one role, and the same one a second time is one too many', () => {
    iam.do('CreateRole', { RoleName: 's', AssumeRolePolicyDocument: ec2Trust })
    add()
    const full = 'LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1'
    expect(add('ip', 's')).toBe(full)
    expect(add('ip', 'r')).toBe(full)
  })

  test.each([
    ['adding to none', () => add('none'), 'NoSuchEntity: Instance Profile none cannot be found.'],
    ['adding none', () => add('ip', 'none'), 'NoSuchEntity: The role with name none cannot be found.'],
    ['removing from none', () => remove('none'), 'NoSuchEntity: Instance Profile none cannot be found.'],
    ['removing what is not in it', () => remove(), 'NoSuchEntity: Role r in Instance Profile ip cannot be found.'],
    [
      'a name that is taken',
      () => iam.told('CreateInstanceProfile', { InstanceProfileName: 'IP' }),
      'EntityAlreadyExists: Instance Profile IP already exists.',
    ],
  ])('refuses %s', (_what, told, expected) => {
    expect(told()).toBe(expected)
  })

  test('is deleted only when it is empty', () => {
    add()
    const told = () => iam.told('DeleteInstanceProfile', { InstanceProfileName: 'ip' })
    expect(told()).toBe('DeleteConflict: Cannot delete entity, must remove roles from instance profile first.')
    remove()
    expect(told()).toBe('ok')
    expect(told()).toBe('NoSuchEntity: Instance Profile ip cannot be found.')
  })
})
