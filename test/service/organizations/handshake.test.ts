import { describe, expect, test } from 'vitest'
import { guest, House, manager, noon, stranger } from './house.ts'

const day = 24 * 60 * 60_000
const ask = (house: House, Id: string, from = manager, Type: 'ACCOUNT' | 'EMAIL' = 'ACCOUNT') =>
  house.do('InviteAccountToOrganization', { Target: { Type, Id } }, from).Handshake?.Id ?? ''
const invite = (house: House, Id: string, Type: 'ACCOUNT' | 'EMAIL' | 'ORGANIZATION' = 'ACCOUNT') =>
  house.told('InviteAccountToOrganization', { Target: { Type, Id } })
const state = (house: House, HandshakeId: string, account = manager) =>
  house.do('DescribeHandshake', { HandshakeId }, account).Handshake?.State

describe('an invitation', () => {
  test('tells both sides who asks whom, and what of', () => {
    const house = new House()
    house.found()
    const id = house.do('DescribeOrganization', {}).Organization?.Id ?? ''
    const { Handshake } = house.do('InviteAccountToOrganization', {
      Target: { Type: 'ACCOUNT', Id: guest },
      Notes: 'come in',
    })
    expect(Handshake).toEqual({
      Id: expect.stringMatching(/^h-[0-9a-z]{32}$/),
      Arn: `arn:aws:organizations::${manager}:handshake/${id}/invite/${Handshake?.Id}`,
      Action: 'INVITE',
      State: 'OPEN',
      RequestedTimestamp: noon,
      ExpirationTimestamp: noon + 15 * day,
      Parties: [
        { Id: id, Type: 'ORGANIZATION' },
        { Id: guest, Type: 'ACCOUNT' },
      ],
      Resources: [
        {
          Type: 'ORGANIZATION',
          Value: id,
          Resources: [
            { Type: 'MASTER_EMAIL', Value: `${manager}@account.invalid` },
            { Type: 'MASTER_NAME', Value: `account ${manager}` },
            { Type: 'ORGANIZATION_FEATURE_SET', Value: 'ALL' },
          ],
        },
        { Type: 'ACCOUNT', Value: guest },
        { Type: 'NOTES', Value: 'come in' },
      ],
    })
    expect(house.do('DescribeHandshake', { HandshakeId: Handshake?.Id ?? '' }, guest)).toEqual({ Handshake })
    expect(house.do('ListHandshakesForAccount', {}, guest).Handshakes).toEqual([Handshake])
    expect(house.do('ListHandshakesForOrganization', {}).Handshakes).toEqual([Handshake])
    expect(house.do('ListHandshakesForAccount', {}, stranger).Handshakes).toEqual([])
  })

  test('may be to whoever has an address, also before there is anybody', () => {
    const house = new House()
    house.found()
    const id = ask(house, 'New@example.com', manager, 'EMAIL')
    expect(invite(house, 'new@EXAMPLE.com', 'EMAIL')).toBe('DuplicateHandshakeException')
    house.state.put({
      kind: 'account',
      id: '000000000007',
      name: 'new',
      email: 'new@example.com',
      createdAt: 0,
      home: false,
    })
    expect(house.do('ListHandshakesForAccount', {}, '000000000007').Handshakes).toMatchObject([
      { Id: id, Parties: [{}, { Id: 'New@example.com', Type: 'EMAIL' }] },
    ])
    expect(house.told('AcceptHandshake', { HandshakeId: id }, guest)).toBe('HandshakeNotFoundException')
    expect(house.told('AcceptHandshake', { HandshakeId: id }, '000000000007')).toBe('ok')
    expect(invite(house, 'NEW@example.com', 'EMAIL')).toBe(
      'HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION',
    )
  })

  test.each([
    ['an organization', 'ORGANIZATION', 'o-abcdefghij', 'INVALID_PARTY_TYPE_TARGET'],
    ['no address', 'EMAIL', 'somebody', 'INVALID_EMAIL_ADDRESS_TARGET'],
    ['no domain', 'EMAIL', 'a@b', 'INVALID_EMAIL_ADDRESS_TARGET'],
    ['no account id', 'ACCOUNT', 'somebody', 'INVALID_PATTERN'],
  ] as const)('is to an account, not to %s', (_what, type, id, reason) => {
    const house = new House()
    house.found()
    expect(invite(house, id, type)).toBe(`InvalidInputException ${reason}`)
  })

  test('is answered once, by whoever was asked', () => {
    const house = new House()
    house.found()
    const id = { HandshakeId: ask(house, guest) }
    expect(house.told('AcceptHandshake', id)).toBe('AccessDeniedException')
    expect(house.told('DeclineHandshake', id)).toBe('AccessDeniedException')
    expect(house.told('CancelHandshake', id, guest)).toBe('AccessDeniedException')
    for (const name of ['AcceptHandshake', 'DeclineHandshake', 'CancelHandshake', 'DescribeHandshake'] as const)
      expect(house.told(name, id, stranger)).toBe('HandshakeNotFoundException')
    expect(house.told('AcceptHandshake', id, guest)).toBe('ok')
    expect(house.told('AcceptHandshake', id, guest)).toBe('HandshakeAlreadyInStateException')
    expect(house.told('DeclineHandshake', id, guest)).toBe('InvalidHandshakeTransitionException')
    expect(house.told('CancelHandshake', id)).toBe('InvalidHandshakeTransitionException')
    expect(invite(house, guest)).toBe('HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION')
  })

  test('ends after fifteen days, and is forgotten a month after its end', () => {
    const house = new House()
    house.found()
    const first = ask(house, guest)
    house.now += 15 * day
    expect(state(house, first)).toBe('EXPIRED')
    expect(house.told('AcceptHandshake', { HandshakeId: first }, guest)).toBe('InvalidHandshakeTransitionException')
    expect(invite(house, guest)).toBe('ok')
    house.now += 30 * day
    expect(state(house, first)).toBe('EXPIRED')
    house.now += 1_000
    ask(house, stranger)
    expect(house.told('DescribeHandshake', { HandshakeId: first })).toBe('HandshakeNotFoundException')
  })

  test('is sent twenty times a day at the most', () => {
    const house = new House()
    house.found()
    for (let count = 0; count < 20; count++) house.do('CancelHandshake', { HandshakeId: ask(house, guest) })
    expect(invite(house, guest)).toBe('ConstraintViolationException HANDSHAKE_RATE_LIMIT_EXCEEDED')
    house.now += day
    expect(invite(house, guest)).toBe('ok')
  })

  test('helps nobody who is in an organization already', () => {
    const house = new House()
    house.found()
    const id = ask(house, guest)
    house.do('CreateOrganization', {}, guest)
    expect(house.told('AcceptHandshake', { HandshakeId: id }, guest)).toBe(
      'HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION',
    )
    expect(state(house, id)).toBe('OPEN')
  })

  test('is listed by one filter', () => {
    const house = new House()
    house.found()
    const id = ask(house, guest)
    const list = (Filter: object) =>
      house.do('ListHandshakesForAccount', { Filter }, guest).Handshakes?.map((one) => one.Id)
    expect(list({ ActionType: 'INVITE' })).toEqual([id])
    expect(list({ ActionType: 'ENABLE_ALL_FEATURES' })).toEqual([])
    expect(list({ ParentHandshakeId: 'h-00000000' })).toEqual([])
    const Filter = { ActionType: 'INVITE' as const, ParentHandshakeId: 'h-00000000' }
    expect(house.told('ListHandshakesForAccount', { Filter }, guest)).toBe(
      'InvalidInputException MAX_LIMIT_EXCEEDED_FILTER',
    )
  })
})

describe('all features', () => {
  /** An organization that shares a bill, with one account that was invited and one that was made. */
  function billing(): House {
    const house = new House()
    house.found('CONSOLIDATED_BILLING')
    house.invite(guest)
    house.account('made')
    return house
  }
  const request = (house: House) => house.do('EnableAllFeatures', {}).Handshake?.Id ?? ''
  const received = (house: House, account: string) =>
    house.do('ListHandshakesForAccount', { Filter: { ActionType: 'ENABLE_ALL_FEATURES' } }, account).Handshakes?.[0]
      ?.Id ?? ''
  const approval = (house: House) =>
    house.do('ListHandshakesForAccount', { Filter: { ActionType: 'APPROVE_ALL_FEATURES' } }).Handshakes?.[0]?.Id
  const features = (house: House) => house.do('DescribeOrganization', {}).Organization?.FeatureSet

  test('are agreed to by those who were invited, and then approved', () => {
    const house = billing()
    const id = request(house)
    expect(house.do('DescribeHandshake', { HandshakeId: id }).Handshake).toMatchObject({
      Action: 'ENABLE_ALL_FEATURES',
      State: 'REQUESTED',
      Parties: [{ Type: 'ORGANIZATION' }],
      ExpirationTimestamp: house.now + 90 * day,
    })
    expect(house.told('EnableAllFeatures', {})).toBe(
      'HandshakeConstraintViolationException ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION',
    )
    expect(invite(house, stranger)).toBe(
      'HandshakeConstraintViolationException INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES',
    )
    expect(approval(house)).toBeUndefined()
    expect(house.told('AcceptHandshake', { HandshakeId: id })).toBe('InvalidHandshakeTransitionException')
    const asked = received(house, guest)
    expect(house.do('DescribeHandshake', { HandshakeId: asked }, guest).Handshake?.Resources).toContainEqual({
      Type: 'PARENT_HANDSHAKE',
      Value: id,
    })
    house.do('AcceptHandshake', { HandshakeId: asked }, guest)
    expect(features(house)).toBe('CONSOLIDATED_BILLING')
    house.do('AcceptHandshake', { HandshakeId: approval(house) ?? '' })
    expect(features(house)).toBe('ALL')
    expect(state(house, id)).toBe('ACCEPTED')
    for (const account of [manager, guest])
      expect(house.state.find('role', `account ${account}`).map(({ name }) => name)).toContain(
        'AWSServiceRoleForOrganizations',
      )
    expect(house.told('EnableAllFeatures', {})).toBe(
      'HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES',
    )
  })

  test('need nobody’s word where nobody was invited, and not that of who left', () => {
    const alone = new House()
    alone.found('CONSOLIDATED_BILLING')
    alone.do('AcceptHandshake', { HandshakeId: request(alone) })
    expect(features(alone)).toBe('ALL')

    const left = billing()
    const id = request(left)
    left.do('LeaveOrganization', {}, guest)
    left.do('AcceptHandshake', { HandshakeId: id })
    expect(features(left)).toBe('ALL')
  })

  test('wait for who declined, and are called off with all that was asked', () => {
    const house = billing()
    const id = request(house)
    const asked = received(house, guest)
    house.do('DeclineHandshake', { HandshakeId: asked }, guest)
    expect(house.told('AcceptHandshake', { HandshakeId: id })).toBe('InvalidHandshakeTransitionException')
    house.do('CancelHandshake', { HandshakeId: id })
    expect(state(house, id)).toBe('CANCELED')
    const again = request(house)
    const askedAgain = house.do('ListHandshakesForAccount', { Filter: { ParentHandshakeId: again } }, guest)
      .Handshakes?.[0]?.Id
    house.do('CancelHandshake', { HandshakeId: again })
    expect(state(house, askedAgain ?? '', guest)).toBe('CANCELED')
  })
})
