import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import type { OrganizationsCalls } from '../../../src/model/calls/organizations.ts'
import { deny, guest, House, type Name } from './house.ts'

/** What AWS was heard to say: several people quoted each of these, independently of each other. */
function heard<N extends Name>(house: House, name: N, input: OrganizationsCalls[N]['input']): string {
  try {
    house.do(name, input)
    return 'ok'
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}

describe('a refusal in AWS’s own words', () => {
  test('tells who is in an organization already', () => {
    const house = new House()
    house.found()
    expect(heard(house, 'CreateOrganization', {})).toBe('The AWS account is already a member of an organization.')
  })

  test('tells of a name that another policy has, and (duplicate-attachment-words) of a second attachment alike', () => {
    const house = new House()
    const root = house.found()
    house.do('EnablePolicyType', { RootId: root, PolicyType: 'SERVICE_CONTROL_POLICY' })
    const PolicyId = house.policy('some', deny('s3:*'))
    house.do('AttachPolicy', { PolicyId, TargetId: root })
    const taken = 'A policy with the specified name and type already exists.'
    expect(heard(house, 'AttachPolicy', { PolicyId, TargetId: root })).toBe(taken)
    expect(
      heard(house, 'CreatePolicy', {
        Name: 'some',
        Description: '',
        Type: 'SERVICE_CONTROL_POLICY',
        Content: deny('ec2:*'),
      }),
    ).toBe(taken)
  })

  test('tells that no more accounts fit in', () => {
    const house = new House()
    house.found()
    for (const name of 'bcdefghij') house.account(name)
    const full = 'You have exceeded the allowed number of AWS accounts.'
    expect(heard(house, 'CreateAccount', { AccountName: 'k', Email: 'k@example.com' })).toBe(full)
    expect(heard(house, 'InviteAccountToOrganization', { Target: { Id: guest, Type: 'ACCOUNT' } })).toBe(full)
  })

  test('tells to let a service in before one of its administrators is named', () => {
    const house = new House()
    house.found()
    const AccountId = house.account('b')
    expect(
      heard(house, 'RegisterDelegatedAdministrator', { AccountId, ServicePrincipal: 'servicecatalog.amazonaws.com' }),
    ).toBe(
      'You must enable service access before you delegate an administrator for this service. Call the AWS API EnableAWSServiceAccess first.',
    )
  })
})
