import { describe, expect, test } from 'vitest'
import { usageOfQuota } from '../../../src/service/iam/headroom.ts'
import { guest, House, manager, noon, stranger } from './house.ts'

const arn = (resource: string) => `arn:aws:organizations::${manager}:${resource}`
const notInUse = 'AWSOrganizationsNotInUseException'

describe('an organization', () => {
  test('is of the account that founds it, with one root, and knows it for a member', () => {
    const house = new House()
    const { Organization } = house.do('CreateOrganization', {})
    const id = Organization?.Id ?? ''
    expect(id).toMatch(/^o-[a-z0-9]{10}$/)
    expect(Organization).toEqual({
      Id: id,
      Arn: arn(`organization/${id}`),
      FeatureSet: 'ALL',
      MasterAccountArn: arn(`account/${id}/${manager}`),
      MasterAccountId: manager,
      MasterAccountEmail: `${manager}@account.invalid`,
      AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
    })
    expect(house.do('DescribeOrganization', {})).toEqual({ Organization })
    const root = house.root
    expect(root).toMatch(/^r-[0-9a-z]{4}$/)
    expect(house.do('ListAccounts', {}).Accounts).toEqual([
      {
        Id: manager,
        Arn: arn(`account/${id}/${manager}`),
        Email: `${manager}@account.invalid`,
        Name: `account ${manager}`,
        Status: 'ACTIVE',
        State: 'ACTIVE',
        Paths: [`${id}/${root}/${manager}/`],
        JoinedMethod: 'INVITED',
        JoinedTimestamp: noon,
      },
    ])
  })

  test('QUIRK: policy-types-off-at-first and available-policy-types: what is told of the organization is not what its root has', () => {
    const house = new House()
    const id = house.found()
    expect(house.do('ListRoots', {})).toEqual({
      Roots: [{ Id: id, Arn: expect.stringContaining(`root/o-`), Name: 'Root', PolicyTypes: [] }],
    })
    house.do('EnablePolicyType', { RootId: id, PolicyType: 'TAG_POLICY' })
    expect(house.do('DescribeOrganization', {}).Organization?.AvailablePolicyTypes).toEqual([
      { Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' },
    ])
    expect(house.do('ListRoots', {}).Roots?.[0]?.PolicyTypes).toEqual([{ Type: 'TAG_POLICY', Status: 'ENABLED' }])
  })

  test('links Organizations into its accounts, by a role that is there once', () => {
    const house = new House()
    const linked = (account: string) =>
      house.state.find('role', `account ${account}`).map(({ path, name }) => `${path}${name}`)
    house.found()
    expect(house.needs.map(({ action }) => action)).not.toContain('iam:CreateServiceLinkedRole')
    expect(linked(manager)).toEqual(['/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations'])
    const made = house.account('alpha')
    expect(linked(made)).toHaveLength(2)
    house.invite(guest)
    expect(house.needs.map(({ action }) => action)).toEqual([
      'organizations:AcceptHandshake',
      'iam:CreateServiceLinkedRole',
    ])
    expect(linked(guest)).toHaveLength(1)
    house.do('LeaveOrganization', {}, guest)
    house.invite(guest)
    expect(house.needs.map(({ action }) => action)).toEqual(['organizations:AcceptHandshake'])
    expect(linked(guest)).toHaveLength(1)
  })

  test('that shares a bill only links nothing, and has no policies', () => {
    const house = new House()
    const root = house.found('CONSOLIDATED_BILLING')
    expect(house.state.find('role', `account ${manager}`)).toEqual([])
    expect(house.do('DescribeOrganization', {}).Organization).toMatchObject({
      FeatureSet: 'CONSOLIDATED_BILLING',
      AvailablePolicyTypes: [],
    })
    const unavailable = 'PolicyTypeNotAvailableForOrganizationException'
    expect(house.told('EnablePolicyType', { RootId: root, PolicyType: 'TAG_POLICY' })).toBe(unavailable)
    const policy = { Name: 'x', Description: '', Content: '{"tags":{}}', Type: 'TAG_POLICY' as const }
    expect(house.told('CreatePolicy', policy)).toBe(unavailable)
    const needsAll = 'ConstraintViolationException ORGANIZATION_NOT_IN_ALL_FEATURES_MODE'
    expect(house.told('EnableAWSServiceAccess', { ServicePrincipal: 'iam.amazonaws.com' })).toBe(needsAll)
    const other = house.account('alpha')
    expect(house.told('CloseAccount', { AccountId: other })).toBe(needsAll)
  })

  test('is one for each account, and goes with its last member', () => {
    const house = new House()
    expect(house.told('DeleteOrganization', {})).toBe(notInUse)
    const root = house.found()
    expect(house.told('CreateOrganization', {})).toBe('AlreadyInOrganizationException')
    house.unit(root, 'left over')
    house.invite(guest)
    expect(house.told('CreateOrganization', {}, guest)).toBe('AlreadyInOrganizationException')
    expect(house.told('DeleteOrganization', {}, guest)).toBe('AccessDeniedException')
    expect(house.told('DeleteOrganization', {})).toBe('OrganizationNotEmptyException')
    expect(house.told('LeaveOrganization', {})).toBe('MasterCannotLeaveOrganizationException')
    house.do('RemoveAccountFromOrganization', { AccountId: guest })
    house.do('DeleteOrganization', {})
    expect(house.told('DescribeOrganization', {})).toBe(notInUse)
    for (const kind of ['organization', 'organization-unit', 'membership', 'handshake'] as const)
      expect(house.state.find(kind, `account ${manager}`)).toEqual([])
    expect(house.told('CreateOrganization', {}, guest)).toBe('ok')
  })
})

describe('units', () => {
  test('have a name of their own beside each other, and a path', () => {
    const house = new House()
    const root = house.found()
    const { OrganizationalUnit } = house.do('CreateOrganizationalUnit', { ParentId: root, Name: 'dev' })
    const id = OrganizationalUnit?.Id ?? ''
    expect(id).toMatch(new RegExp(`^ou-${root.slice(2)}-[0-9a-z]{8}$`))
    const organization = house.do('DescribeOrganization', {}).Organization?.Id ?? ''
    expect(OrganizationalUnit).toEqual({
      Id: id,
      Arn: arn(`ou/${organization}/${id}`),
      Name: 'dev',
      Path: `${organization}/${root}/${id}/`,
    })
    expect(house.told('CreateOrganizationalUnit', { ParentId: root, Name: 'dev' })).toBe(
      'DuplicateOrganizationalUnitException',
    )
    const inner = house.unit(id, 'dev')
    expect(house.do('DescribeOrganizationalUnit', { OrganizationalUnitId: inner }).OrganizationalUnit?.Path).toBe(
      `${organization}/${root}/${id}/${inner}/`,
    )
    const other = house.unit(id, 'other')
    const rename = (Name: string) => house.told('UpdateOrganizationalUnit', { OrganizationalUnitId: other, Name })
    expect(rename('dev')).toBe('DuplicateOrganizationalUnitException')
    expect(rename('other')).toBe('ok')
    expect(rename('ops')).toBe('ok')
    expect(
      house
        .do('ListOrganizationalUnitsForParent', { ParentId: id })
        .OrganizationalUnits?.map((unit) => unit.Name)
        .sort(),
    ).toEqual(['dev', 'ops'])
  })

  test('are five deep at the most', () => {
    const house = new House()
    let at = house.found()
    for (let depth = 1; depth <= 5; depth++) at = house.unit(at, `level ${depth}`)
    expect(house.told('CreateOrganizationalUnit', { ParentId: at, Name: 'too deep' })).toBe(
      'ConstraintViolationException OU_DEPTH_LIMIT_EXCEEDED',
    )
  })

  test('are deleted when nothing is in them, and the root never', () => {
    const house = new House()
    const root = house.found()
    const outer = house.unit(root, 'outer')
    const inner = house.unit(outer, 'inner')
    const alpha = house.account('alpha')
    house.do('MoveAccount', { AccountId: alpha, SourceParentId: root, DestinationParentId: inner })
    const remove = (OrganizationalUnitId: string) => house.told('DeleteOrganizationalUnit', { OrganizationalUnitId })
    expect(remove(outer)).toBe('OrganizationalUnitNotEmptyException')
    expect(remove(inner)).toBe('OrganizationalUnitNotEmptyException')
    house.do('MoveAccount', { AccountId: alpha, SourceParentId: inner, DestinationParentId: root })
    expect([remove(inner), remove(outer), remove(outer)]).toEqual(['ok', 'ok', 'OrganizationalUnitNotFoundException'])
    expect(remove(`ou-${root.slice(2)}-00000000`)).toBe('OrganizationalUnitNotFoundException')
    expect(remove(root)).toBe('InvalidInputException INVALID_PATTERN')
  })

  test('of another organization are none', () => {
    const house = new House()
    const theirs = house.unit(house.found(), 'theirs')
    house.do('CreateOrganization', {}, guest)
    expect(house.told('DescribeOrganizationalUnit', { OrganizationalUnitId: theirs }, guest)).toBe(
      'OrganizationalUnitNotFoundException',
    )
    expect(house.told('ListChildren', { ParentId: theirs, ChildType: 'ACCOUNT' }, guest)).toBe(
      'ParentNotFoundException',
    )
    expect(house.told('ListParents', { ChildId: theirs }, guest)).toBe('ChildNotFoundException')
    expect(house.told('CreateOrganizationalUnit', { ParentId: theirs, Name: 'x' }, guest)).toBe(
      'ParentNotFoundException',
    )
  })
})

describe('accounts', () => {
  test('come to be in a moment, without a key and with a role for who manages them', () => {
    const house = new House()
    house.found()
    const { CreateAccountStatus: begun } = house.do('CreateAccount', {
      AccountName: 'Alpha',
      Email: 'alpha@example.com',
      RoleName: 'Keeper',
      Tags: [{ Key: 'team', Value: 'a' }],
    })
    expect(house.needs.map(({ action, requestTags }) => [action, requestTags?.length])).toEqual([
      ['organizations:CreateAccount', 1],
      ['organizations:TagResource', 1],
    ])
    expect(begun).toEqual({
      Id: expect.stringMatching(/^car-[0-9a-f]{32}$/),
      AccountName: 'Alpha',
      State: 'IN_PROGRESS',
      RequestedTimestamp: noon,
    })
    house.now += 1_000
    const { CreateAccountStatuses } = house.do('ListCreateAccountStatus', { States: ['SUCCEEDED'] })
    const id = CreateAccountStatuses?.[0]?.AccountId ?? ''
    expect(CreateAccountStatuses).toEqual([
      { ...begun, State: 'SUCCEEDED', CompletedTimestamp: noon + 1_000, AccountId: id },
    ])
    expect(house.do('ListCreateAccountStatus', { States: ['FAILED', 'IN_PROGRESS'] }).CreateAccountStatuses).toEqual([])
    expect(house.do('DescribeAccount', { AccountId: id }).Account).toMatchObject({
      Email: 'alpha@example.com',
      Name: 'Alpha',
      JoinedMethod: 'CREATED',
    })
    expect(house.do('ListTagsForResource', { ResourceId: id }).Tags).toEqual([{ Key: 'team', Value: 'a' }])
    const here = `account ${id}`
    expect(house.state.find('access-key', here)).toEqual([])
    expect(house.state.find('user', here)).toEqual([])
    const role = house.state.find('role', here).find(({ name }) => name === 'Keeper')
    expect(role).toMatchObject({ path: '/', attached: ['arn:aws:iam::aws:policy/AdministratorAccess'] })
    expect(JSON.parse(role?.trust.document ?? '')).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${manager}:root` }, Action: 'sts:AssumeRole' }],
    })
  })

  test('have an address each, without regard to case', () => {
    const house = new House()
    house.found()
    house.account('alpha')
    for (const Email of ['ALPHA@example.com', `${guest}@account.invalid`]) {
      const { CreateAccountStatus } = house.do('CreateAccount', { AccountName: 'Again', Email })
      house.now += 1_000
      expect(
        house.do('DescribeCreateAccountStatus', { CreateAccountRequestId: CreateAccountStatus?.Id ?? '' }),
      ).toMatchObject({ CreateAccountStatus: { State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' } })
    }
    expect(house.do('ListAccounts', {}).Accounts).toHaveLength(2)
  })

  test('are ten at the most, those that are invited included', () => {
    const house = new House()
    house.found()
    for (let count = 2; count <= 9; count++) house.account(`number${count}`)
    house.do('InviteAccountToOrganization', { Target: { Type: 'ACCOUNT', Id: guest } })
    expect(house.told('CreateAccount', { AccountName: 'eleven', Email: 'eleven@example.com' })).toBe(
      'ConstraintViolationException ACCOUNT_NUMBER_LIMIT_EXCEEDED',
    )
    expect(house.told('InviteAccountToOrganization', { Target: { Type: 'ACCOUNT', Id: stranger } })).toBe(
      'HandshakeConstraintViolationException ACCOUNT_NUMBER_LIMIT_EXCEEDED',
    )
  })

  test('are as many as the managing account’s quota has it', () => {
    const house = new House()
    house.found()
    house.state.put({ kind: 'quotas', id: manager, account: manager, limits: { AccountsPerOrganization: 2 } })
    house.account('second')
    expect(house.told('CreateAccount', { AccountName: 'third', Email: 'third@example.com' })).toBe(
      'ConstraintViolationException ACCOUNT_NUMBER_LIMIT_EXCEEDED',
    )
    const place = { state: house.state, caller: { account: manager } }
    expect(usageOfQuota(place, 'AccountsPerOrganization').used).toBe(2)
    expect(usageOfQuota({ ...place, caller: { account: guest } }, 'AccountsPerOrganization').used).toBe(0)
  })

  test('INVARIANT: tenants-stay-bounded. Count for whoever made the first in the line, also when they are gone', () => {
    const house = new House()
    house.found()
    const full = 'ConstraintViolationException ACCOUNT_NUMBER_LIMIT_EXCEEDED'
    const create = (name: string, account = manager) =>
      house.told('CreateAccount', { AccountName: name, Email: `${name}@example.com` }, account)
    const first = house.account('number1')
    house.do('LeaveOrganization', {}, first)
    house.do('CreateOrganization', {}, first)
    for (let count = 2; count <= 5; count++) {
      expect(create(`number${count}`, first)).toBe('ok')
      house.do('RemoveAccountFromOrganization', { AccountId: house.account(`other${count}`) })
    }
    expect([create('more'), create('more', first)]).toEqual([full, full])
    house.do('DeleteOrganization', {})
    house.do('CreateOrganization', {})
    expect(create('more')).toBe(full)
    expect(usageOfQuota({ state: house.state, caller: { account: manager } }, 'AccountsPerOrganization').used).toBe(10)
  })

  test('are told of for ninety days, a thousand requests at the most', () => {
    const house = new House()
    house.found()
    const organization = house.do('DescribeOrganization', {}).Organization?.Id ?? ''
    const begun = (at: number) => ({
      kind: 'account-creation' as const,
      id: `car-${String(at).padStart(8, '0')}`,
      account: manager,
      organization,
      name: 'x',
      requestedAt: noon - 1_000_000 + at,
      outcome: { failed: 'EMAIL_ALREADY_EXISTS' },
    })
    for (let at = 0; at < 1_000; at++) house.state.put(begun(at))
    house.account('one')
    const kept = () => house.state.find('account-creation', `organization ${organization}`)
    expect(kept()).toHaveLength(1_000)
    expect(house.state.get('account-creation', begun(0).id)).toBeUndefined()
    house.now += 91 * 24 * 60 * 60_000
    house.account('two')
    expect(kept()).toHaveLength(1)
  })

  test('take no role that is a service’s, and no twin in GovCloud', () => {
    const house = new House()
    house.found()
    const asked = { AccountName: 'x', Email: 'x@example.com' }
    expect(house.told('CreateAccount', { ...asked, RoleName: 'AWSServiceRoleForX' })).toBe(
      'InvalidInputException INVALID_ROLE_NAME',
    )
    expect(house.told('CreateGovCloudAccount', asked)).toBe(
      'ConstraintViolationException MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED',
    )
    expect(house.told('DescribeCreateAccountStatus', { CreateAccountRequestId: 'car-00000000' })).toBe(
      'CreateAccountStatusNotFoundException',
    )
  })

  test('are moved from where they are; QUIRK: move-from-elsewhere', () => {
    const house = new House()
    const root = house.found()
    const dev = house.unit(root, 'dev')
    const ops = house.unit(root, 'ops')
    const alpha = house.account('alpha')
    const move = (SourceParentId: string, DestinationParentId: string) =>
      house.told('MoveAccount', { AccountId: alpha, SourceParentId, DestinationParentId })
    const nowhere = `ou-${root.slice(2)}-00000000`
    expect(move(nowhere, dev)).toBe('SourceParentNotFoundException')
    expect(move(root, nowhere)).toBe('DestinationParentNotFoundException')
    expect(move(ops, dev)).toBe('AccountNotFoundException')
    expect(move(root, root)).toBe('DuplicateAccountException')
    expect(move(root, dev)).toBe('ok')
    expect(house.do('ListParents', { ChildId: alpha }).Parents).toEqual([{ Id: dev, Type: 'ORGANIZATIONAL_UNIT' }])
    expect(house.do('ListParents', { ChildId: dev }).Parents).toEqual([{ Id: root, Type: 'ROOT' }])
    expect(house.do('ListChildren', { ParentId: dev, ChildType: 'ACCOUNT' }).Children).toEqual([
      { Id: alpha, Type: 'ACCOUNT' },
    ])
    expect(house.do('ListChildren', { ParentId: root, ChildType: 'ORGANIZATIONAL_UNIT' }).Children).toHaveLength(2)
    expect(house.do('ListAccountsForParent', { ParentId: dev }).Accounts).toMatchObject([
      { Id: alpha, Paths: [expect.stringMatching(`/${root}/${dev}/${alpha}/$`)] },
    ])
    expect(house.told('MoveAccount', { AccountId: stranger, SourceParentId: root, DestinationParentId: dev })).toBe(
      'AccountNotFoundException',
    )
  })

  test('are closed for good, in three steps', () => {
    const house = new House()
    house.found()
    const alpha = house.account('alpha')
    const close = (AccountId: string) => house.told('CloseAccount', { AccountId })
    const status = () => {
      const { Status, State } = house.do('DescribeAccount', { AccountId: alpha }).Account ?? {}
      return [Status, State]
    }
    expect(close(manager)).toBe('ConstraintViolationException CANNOT_CLOSE_MANAGEMENT_ACCOUNT')
    expect(close(stranger)).toBe('AccountNotFoundException')
    expect(close(alpha)).toBe('ok')
    expect(status()).toEqual(['PENDING_CLOSURE', 'PENDING_CLOSURE'])
    house.now += 1_000
    expect(status()).toEqual(['SUSPENDED', 'SUSPENDED'])
    expect(close(alpha)).toBe('AccountAlreadyClosedException')
    house.now += 90 * 24 * 60 * 60_000
    expect(status()).toEqual(['SUSPENDED', 'CLOSED'])
  })
})

describe('lists', () => {
  test('come in pages of twenty at the most, with a token where there is more, which is good for its list only', () => {
    const house = new House()
    const root = house.found()
    for (let count = 0; count < 25; count++) house.unit(root, `unit ${count}`)
    const list = (NextToken?: string, MaxResults?: number) =>
      house.do('ListOrganizationalUnitsForParent', { ParentId: root, NextToken, MaxResults })
    const first = list()
    expect(first.OrganizationalUnits).toHaveLength(20)
    const second = list(first.NextToken)
    expect(second.OrganizationalUnits).toHaveLength(5)
    expect(second.NextToken).toBeUndefined()
    const names = [...(first.OrganizationalUnits ?? []), ...(second.OrganizationalUnits ?? [])].map(({ Name }) => Name)
    expect(new Set(names).size).toBe(25)
    expect(list(undefined, 1).OrganizationalUnits).toHaveLength(1)
    const bad = 'InvalidInputException INVALID_NEXT_TOKEN'
    expect(house.told('ListAccounts', { NextToken: first.NextToken })).toBe(bad)
    expect(house.told('ListAccounts', { NextToken: 'x' })).toBe(bad)
    expect(house.told('ListAccounts', { MaxResults: 21 })).toBe('InvalidInputException MAX_VALUE_EXCEEDED')
    expect(house.told('ListAccounts', { MaxResults: 0 })).toBe('InvalidInputException MIN_VALUE_EXCEEDED')
  })
})
