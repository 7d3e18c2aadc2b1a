import { describe, expect, test } from 'vitest'
import { loadService } from '../../../src/model/service.ts'
import { type Action, audienceOf } from '../../../src/service/organizations/audience.ts'
import { guest, House, manager, scp, stranger } from './house.ts'

const config = 'config.amazonaws.com'
const noAccess = 'AccessDeniedException'

/** An organization with one member, where Config has access. */
function furnished(): House {
  const house = new House()
  house.found()
  house.invite(guest)
  house.do('EnableAWSServiceAccess', { ServicePrincipal: config })
  return house
}
const register = (house: House, AccountId = guest, ServicePrincipal = config) =>
  house.told('RegisterDelegatedAdministrator', { AccountId, ServicePrincipal })

describe('who an operation is for', () => {
  test('is said of every one of them: nobody but who manages, where nothing is said', () => {
    const names = [...loadService('organizations').operations.keys()] as Action[]
    // What AWS's reference says of each: "You can only call this operation from the management account."
    expect(names.filter((name) => audienceOf(name) === 'management').sort()).toEqual([
      'CloseAccount',
      'CreateAccount',
      'CreateGovCloudAccount',
      'CreateOrganizationalUnit',
      'DeleteOrganization',
      'DeleteOrganizationalUnit',
      'DeleteResourcePolicy',
      'DeregisterDelegatedAdministrator',
      'DescribeResponsibilityTransfer',
      'DisableAWSServiceAccess',
      'EnableAWSServiceAccess',
      'EnableAllFeatures',
      'InviteAccountToOrganization',
      'InviteOrganizationToTransferResponsibility',
      'ListInboundResponsibilityTransfers',
      'ListOutboundResponsibilityTransfers',
      'MoveAccount',
      'PutResourcePolicy',
      'RegisterDelegatedAdministrator',
      'RemoveAccountFromOrganization',
      'TerminateResponsibilityTransfer',
      'UpdateOrganizationalUnit',
      'UpdateResponsibilityTransfer',
    ])
    // Those that change something, and that a member can be let do by the organization's resource policy.
    expect(names.filter((name) => audienceOf(name) === 'delegate')).toEqual(
      names.filter((name) =>
        /^(?:Attach|Create|Delete|Detach|Update)Policy$|^(?:En|Dis)ablePolicyType$|^(?:T|Unt)agResource$/.test(name),
      ),
    )
  })

  test('is asked of the account: a stranger, a member, one that stands in, and the one that manages', () => {
    const house = furnished()
    const list = (account: string) => house.told('ListAccounts', {}, account)
    expect([list(stranger), list(guest), list(manager)]).toEqual(['AWSOrganizationsNotInUseException', noAccess, 'ok'])
    register(house)
    expect(list(guest)).toBe('ok')
    expect(house.told('ListRoots', {}, guest)).toBe('ok')
    expect(house.told('TagResource', { ResourceId: guest, Tags: [] }, guest)).toBe(noAccess)
    expect(house.told('LeaveOrganization', {}, guest)).toBe(
      'ConstraintViolationException CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG',
    )
  })

  test('is asked of a member’s own policies alone, though the ARN is the managing account’s', () => {
    const house = furnished()
    register(house)
    house.do('DescribeAccount', { AccountId: guest }, guest)
    expect(house.needs).toMatchObject([
      { resource: expect.stringMatching(`^arn:aws:organizations::${manager}:account/o-.*/${guest}$`), owner: guest },
    ])
    expect(house.needs[0]?.consent).toBeUndefined()
  })
})

describe('a delegated administrator', () => {
  test('is a member that is there, of a service that has access', () => {
    const house = furnished()
    expect(register(house, manager)).toBe(
      'ConstraintViolationException CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR',
    )
    expect(register(house, stranger)).toBe('AccountNotFoundException')
    expect(register(house, guest, 'nothing.example')).toBe('InvalidInputException UNRECOGNIZED_SERVICE_PRINCIPAL')
    expect(register(house, guest, 'sso.amazonaws.com')).toBe('ConstraintViolationException SERVICE_ACCESS_NOT_ENABLED')
    expect([register(house), register(house)]).toEqual(['ok', 'AccountAlreadyRegisteredException'])
    const closed = house.account('closed')
    house.do('CloseAccount', { AccountId: closed })
    expect(register(house, closed)).toBe(
      'ConstraintViolationException CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR',
    )
    expect(house.told('CloseAccount', { AccountId: guest })).toBe('ConflictException')
    expect(house.do('ListDelegatedAdministrators', { ServicePrincipal: config }).DelegatedAdministrators).toMatchObject(
      [{ Id: guest, DelegationEnabledDate: house.now - 1_000 }],
    )
    expect(
      house.do('ListDelegatedAdministrators', { ServicePrincipal: 'sso.amazonaws.com' }).DelegatedAdministrators,
    ).toEqual([])
    const deregister = () =>
      house.told('DeregisterDelegatedAdministrator', { AccountId: guest, ServicePrincipal: config })
    expect([deregister(), deregister()]).toEqual(['ok', 'AccountNotRegisteredException'])
    expect(house.told('ListDelegatedServicesForAccount', { AccountId: guest })).toBe('AccountNotRegisteredException')
  })

  test('is one of five at the most for a service', () => {
    const house = furnished()
    for (let count = 1; count <= 5; count++) expect(register(house, house.account(`number${count}`))).toBe('ok')
    expect(register(house)).toBe('ConstraintViolationException MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED')
  })

  test('is none any more when the service loses its access', () => {
    const house = furnished()
    register(house)
    house.do('DisableAWSServiceAccess', { ServicePrincipal: config })
    expect(house.told('ListAccounts', {}, guest)).toBe(noAccess)
    expect(house.do('ListAWSServiceAccessForOrganization', {}).EnabledServicePrincipals).toEqual([])
  })
})

describe('a resource policy', () => {
  const content = (parts: object = {}) =>
    scp({ Effect: 'Allow', Principal: { AWS: guest }, Action: 'organizations:ListAccounts', Resource: '*', ...parts })
  const put = (house: House, Content: string) => house.told('PutResourcePolicy', { Content })

  test.each([
    ['no JSON', '{', 'INVALID_RESOURCE_POLICY_JSON'],
    [
      'no principal',
      scp({ Effect: 'Allow', Action: 'organizations:ListAccounts', Resource: '*' }),
      'INVALID_RESOURCE_POLICY_JSON',
    ],
    ['everybody', content({ Principal: '*' }), 'INVALID_PRINCIPAL'],
    ['a stranger', content({ Principal: { AWS: stranger } }), 'INVALID_PRINCIPAL'],
    ['a role of a stranger', content({ Principal: { AWS: `arn:aws:iam::${stranger}:role/x` } }), 'INVALID_PRINCIPAL'],
    ['a service', content({ Principal: { Service: config } }), 'INVALID_PRINCIPAL'],
    [
      'what only who manages may do',
      content({ Action: 'organizations:CloseAccount' }),
      'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY',
    ],
    ['everything', content({ Action: 'organizations:*' }), 'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY'],
    ['another service', content({ Action: 's3:GetObject' }), 'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY'],
    [
      'all but something',
      scp({ Effect: 'Allow', Principal: { AWS: guest }, NotAction: 'organizations:ListAccounts', Resource: '*' }),
      'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY',
    ],
  ])('is not about %s', (_what, text, reason) => {
    expect(put(furnished(), text)).toBe(`InvalidInputException ${reason}`)
  })

  test.each([
    ['a member', content()],
    ['a role of a member', content({ Principal: { AWS: `arn:aws:iam::${guest}:role/x` } })],
    ['several actions of the kind', content({ Action: ['organizations:ListPol*', 'organizations:AttachPolicy'] })],
  ])('is about %s', (_what, text) => {
    expect(put(furnished(), text)).toBe('ok')
  })

  test('is asked on top of a member’s own policies, where the member does not stand in anyway', () => {
    const house = furnished()
    house.do('PutResourcePolicy', { Content: content(), Tags: [{ Key: 'a', Value: '1' }] })
    house.do('ListAccounts', {}, guest)
    expect(house.needs).toMatchObject([{ consent: { account: manager, policies: [{ source: { type: 'resource' } }] } }])
    register(house)
    house.do('ListAccounts', {}, guest)
    expect(house.needs[0]?.consent).toBeUndefined()
    house.do('ListAccounts', {})
    expect(house.needs[0]?.consent).toBeUndefined()
    expect(house.told('CreateOrganizationalUnit', { ParentId: house.root, Name: 'x' }, guest)).toBe(noAccess)
  })

  test('keeps its id and its tags when its text changes', () => {
    const house = furnished()
    const first = house.do('PutResourcePolicy', { Content: content(), Tags: [{ Key: 'a', Value: '1' }] }).ResourcePolicy
    const id = first?.ResourcePolicySummary?.Id ?? ''
    const text = content({ Action: 'organizations:ListRoots' })
    const second = house.do('PutResourcePolicy', { Content: text }).ResourcePolicy
    expect(second).toEqual({ ...first, Content: text })
    expect(house.told('PutResourcePolicy', { Content: text, Tags: [{ Key: 'b', Value: '2' }] })).toBe(
      'InvalidInputException TARGET_NOT_SUPPORTED',
    )
    house.do('TagResource', { ResourceId: id, Tags: [{ Key: 'b', Value: '2' }] })
    house.do('UntagResource', { ResourceId: id, TagKeys: ['a'] })
    expect(house.do('ListTagsForResource', { ResourceId: id }).Tags).toEqual([{ Key: 'b', Value: '2' }])
    house.do('DeleteResourcePolicy', {})
    expect(house.told('DeleteResourcePolicy', {})).toBe('ResourcePolicyNotFoundException')
    expect(house.told('ListTagsForResource', { ResourceId: id })).toBe('TargetNotFoundException')
  })
})

describe('tags', () => {
  test('are of keys that differ, fifty at the most, and none of AWS’s', () => {
    const house = furnished()
    const tag = (...Keys: string[]) =>
      house.told('TagResource', { ResourceId: guest, Tags: Keys.map((Key) => ({ Key, Value: '' })) })
    expect(tag('a', 'a')).toBe('InvalidInputException DUPLICATE_TAG_KEY')
    expect(tag('aws:a')).toBe('InvalidInputException INVALID_SYSTEM_TAGS_PARAMETER')
    expect(tag('a', 'A')).toBe('ok')
    expect(tag(...Array.from({ length: 49 }, (_, at) => `k${at}`))).toBe(
      'ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED',
    )
    expect(tag(...Array.from({ length: 48 }, (_, at) => `k${at}`))).toBe('ok')
    expect(house.needs[0]?.resourceTags).toHaveLength(2)
    expect(house.told('TagResource', { ResourceId: stranger, Tags: [] })).toBe('TargetNotFoundException')
    house.do('RemoveAccountFromOrganization', { AccountId: guest })
    house.invite(guest)
    expect(house.do('ListTagsForResource', { ResourceId: guest }).Tags).toEqual([])
  })
})
