import { beforeEach, describe, expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../../src/token/totp.ts'
import { Authority, here, noon, there } from './authority.ts'

const serial = (place: string, account = here) => `arn:aws:iam::${account}:mfa/${place}`
const invalid = 'InvalidAuthenticationCode: Authentication code for device is not valid.'

let iam: Authority
const seeds = new Map<string, Uint8Array>()
beforeEach(() => {
  iam = new Authority()
  for (const UserName of ['bob', 'eve']) iam.do('CreateUser', { UserName })
})

/** Makes a device, and keeps its seed as an app would. */
function create(name: string, more: object = {}) {
  const device = iam.do('CreateVirtualMFADevice', { VirtualMFADeviceName: name, ...more }).VirtualMFADevice
  seeds.set(device.SerialNumber, seedBytes(new TextDecoder().decode(device.Base32StringSeed)))
  return device
}
const code = (SerialNumber: string, steps: number): string =>
  codeAt(seeds.get(SerialNumber) ?? new Uint8Array(), stepAt(iam.now) + steps)
/** The codes of two steps in a row, the second of them so many steps from now. */
const codes = (SerialNumber: string, steps = 0) => ({
  AuthenticationCode1: code(SerialNumber, steps - 1),
  AuthenticationCode2: code(SerialNumber, steps),
})
const enable = (UserName: string, SerialNumber: string, steps = 0, caller = iam.caller) =>
  iam.told('EnableMFADevice', { UserName, SerialNumber, ...codes(SerialNumber, steps) }, caller)
const later = (steps: number) => {
  iam.now += steps * 30_000
}
const deviceAt = (id: string) => iam.state.get('mfa-device', id)

describe('a virtual device', () => {
  test('is told its seed and a picture of it once, and its serial number is its ARN', () => {
    const device = create('phone', { Path: '/team/', Tags: [{ Key: 'k', Value: 'v' }] })
    expect(device.SerialNumber).toBe(serial('team/phone'))
    expect(new TextDecoder().decode(device.Base32StringSeed)).toMatch(/^[A-Z2-7]{64}$/)
    expect(Buffer.from(device.QRCodePNG ?? []).toString('latin1', 1, 4)).toBe('PNG')
    expect(device.Tags).toEqual([{ Key: 'k', Value: 'v' }])
    expect(iam.do('ListVirtualMFADevices', {}).VirtualMFADevices).toEqual([{ SerialNumber: serial('team/phone') }])
  })

  test('has a name that is there once under its path, in whatever case', () => {
    create('phone')
    const told = (input: object) => iam.told('CreateVirtualMFADevice', { VirtualMFADeviceName: 'PHONE', ...input })
    expect(told({})).toBe('EntityAlreadyExists: MFA device already exists.')
    expect(told({ Path: '/other/' })).toBe('ok')
  })

  test('QUIRK: empty-segments: has a path with two slashes in a row where it is given one', () => {
    expect(create('phone', { Path: '/test//double/' }).SerialNumber).toBe(serial('test//double/phone'))
  })

  test('has a serial number of 256 characters at the most', () => {
    const name = (length: number) => 'n'.repeat(length)
    expect(iam.told('CreateVirtualMFADevice', { VirtualMFADeviceName: name(227) })).toMatch(
      /less than or equal to 226$/,
    )
    expect(create(name(226)).SerialNumber).toHaveLength(256)
    expect(iam.told('CreateVirtualMFADevice', { VirtualMFADeviceName: name(226), Path: '/p/' })).toContain('224')
  })

  test('is deleted while it is nobody’s', () => {
    create('phone')
    const SerialNumber = serial('phone')
    enable('bob', SerialNumber)
    expect(iam.told('DeleteVirtualMFADevice', { SerialNumber })).toBe(
      'DeleteConflict: Cannot delete entity, must deactivate MFA device first.',
    )
    iam.do('DeactivateMFADevice', { UserName: 'bob', SerialNumber })
    iam.do('DeleteVirtualMFADevice', { SerialNumber })
    expect(iam.told('DeleteVirtualMFADevice', { SerialNumber })).toBe(
      `NoSuchEntity: MFA Device with serial number ${SerialNumber} does not exist.`,
    )
  })

  test('of another account is not there', () => {
    create('phone')
    const SerialNumber = serial('phone')
    expect(iam.told('DeleteVirtualMFADevice', { SerialNumber }, iam.root(there))).toContain('NoSuchEntity')
    expect(iam.do('ListVirtualMFADevices', {}, iam.root(there)).VirtualMFADevices).toEqual([])
  })

  test('carries tags, which tell a from A', () => {
    create('phone')
    const SerialNumber = serial('phone')
    iam.do('TagMFADevice', { SerialNumber, Tags: ['b', 'A', 'a'].map((Key) => ({ Key, Value: Key })) })
    iam.do('UntagMFADevice', { SerialNumber, TagKeys: ['b'] })
    expect(iam.do('ListMFADeviceTags', { SerialNumber }).Tags.map(({ Key }) => Key)).toEqual(['A', 'a'])
    expect(iam.told('TagMFADevice', { SerialNumber: serial('none'), Tags: [] })).toContain('NoSuchEntity')
  })
})

describe('enabling a device', () => {
  beforeEach(() => void create('phone'))
  const phone = serial('phone')

  test('takes two codes in a row, and makes it the user’s', () => {
    expect(enable('bob', phone)).toBe('ok')
    expect(iam.needs).toMatchObject([{ action: 'iam:EnableMFADevice', resource: `arn:aws:iam::${here}:user/bob` }])
    const EnableDate = noon - 789
    expect(iam.do('ListMFADevices', { UserName: 'bob' }).MFADevices).toEqual([
      { UserName: 'bob', SerialNumber: phone, EnableDate },
    ])
    expect(iam.do('ListMFADevices', {}, iam.user('bob')).MFADevices).toHaveLength(1)
    expect(iam.do('GetMFADevice', { UserName: 'bob', SerialNumber: phone })).toEqual({
      UserName: 'bob',
      SerialNumber: phone,
      EnableDate,
      Certifications: {},
    })
    expect(iam.told('GetMFADevice', { UserName: 'eve', SerialNumber: phone })).toContain('NoSuchEntity')
    expect(iam.do('ListVirtualMFADevices', { AssignmentStatus: 'Assigned' }).VirtualMFADevices).toMatchObject([
      { SerialNumber: phone, User: { UserName: 'bob' }, EnableDate },
    ])
  })

  test.each<[string, () => object]>([
    ['the same code twice', () => ({ AuthenticationCode1: code(phone, 0), AuthenticationCode2: code(phone, 0) })],
    ['codes in the wrong order', () => ({ AuthenticationCode1: code(phone, 0), AuthenticationCode2: code(phone, -1) })],
    ['codes with one between', () => ({ AuthenticationCode1: code(phone, -2), AuthenticationCode2: code(phone, 0) })],
    ['codes of two hours ago', () => codes(phone, -240)],
    ['one wrong code', () => ({ AuthenticationCode1: code(phone, -1), AuthenticationCode2: '000000' })],
  ])('does not take %s', (_, wrong) => {
    const input = { UserName: 'bob', SerialNumber: phone, AuthenticationCode1: '', AuthenticationCode2: '', ...wrong() }
    expect(iam.told('EnableMFADevice', input)).toBe(invalid)
    expect(iam.do('ListMFADevices', { UserName: 'bob' }).MFADevices).toEqual([])
  })

  test('is done once, for one user', () => {
    enable('bob', phone)
    later(5)
    expect(enable('bob', phone)).toBe('EntityAlreadyExists: MFA Device is already in use.')
    expect(enable('eve', phone)).toBe('EntityAlreadyExists: MFA Device is already in use.')
    expect(enable('nobody', phone)).toBe('NoSuchEntity: The user with name nobody cannot be found.')
    expect(iam.told('EnableMFADevice', { UserName: 'bob', SerialNumber: serial('none'), ...codes(phone) })).toBe(
      `NoSuchEntity: MFA Device with serial number ${serial('none')} does not exist.`,
    )
  })

  test('takes no code that was used, also after the device was given back', () => {
    enable('bob', phone)
    iam.do('DeactivateMFADevice', { UserName: 'bob', SerialNumber: phone })
    expect(enable('eve', phone)).toBe(invalid)
    later(1)
    expect(enable('eve', phone)).toBe(invalid)
    later(1)
    expect(enable('eve', phone)).toBe('ok')
  })

  test('is done eight times for a user', () => {
    for (let at = 0; at < 8; at++) {
      create(`d${at}`)
      expect(enable('bob', serial(`d${at}`))).toBe('ok')
    }
    expect(enable('bob', phone)).toBe('LimitExceeded: Cannot exceed quota for MFADevicesPerUser: 8')
    const { MFADevices, IsTruncated, Marker } = iam.do('ListMFADevices', { UserName: 'bob', MaxItems: 6 })
    expect([MFADevices.length, IsTruncated]).toEqual([6, true])
    expect(iam.do('ListMFADevices', { UserName: 'bob', Marker }).MFADevices).toHaveLength(2)
    expect(iam.do('ListVirtualMFADevices', { AssignmentStatus: 'Unassigned' }).VirtualMFADevices).toEqual([
      { SerialNumber: phone },
    ])
    expect(iam.do('GetAccountSummary', {}).SummaryMap).toMatchObject({
      MFADevices: 9,
      MFADevicesInUse: 8,
      AccountMFAEnabled: 0,
    })
  })

  test('keeps the user from being deleted', () => {
    enable('bob', phone)
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe(
      'DeleteConflict: Cannot delete entity, must delete MFA device first.',
    )
    iam.do('DeactivateMFADevice', { UserName: 'bob', SerialNumber: phone })
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe('ok')
  })
})

describe('a device whose clock is off', () => {
  beforeEach(() => void create('phone'))
  const phone = serial('phone')

  test('is enabled and is known to be off; one step is nothing', () => {
    expect(enable('bob', phone, 20)).toBe('ok')
    expect(deviceAt(phone)).toMatchObject({ drift: 20, lastStep: stepAt(noon) + 20 })
    create('watch')
    expect(enable('bob', serial('watch'), -1)).toBe('ok')
    expect(deviceAt(serial('watch'))).toMatchObject({ drift: 0, lastStep: stepAt(noon) - 1 })
  })

  test('is brought level by two codes in a row', () => {
    enable('bob', phone)
    later(1000)
    const resync = (UserName: string, two: object) =>
      iam.told('ResyncMFADevice', {
        UserName,
        SerialNumber: phone,
        AuthenticationCode1: '000000',
        AuthenticationCode2: '000000',
        ...two,
      })
    expect(resync('bob', {})).toBe(invalid)
    expect(resync('eve', codes(phone, 40))).toContain('NoSuchEntity')
    expect(resync('bob', codes(phone, 40))).toBe('ok')
    expect(deviceAt(phone)).toMatchObject({ drift: 40, lastStep: stepAt(iam.now) + 40 })
    expect(resync('bob', codes(phone, 40))).toBe(invalid)
    expect(iam.needs).toMatchObject([{ action: 'iam:ResyncMFADevice', resource: `arn:aws:iam::${here}:user/bob` }])
  })
})

describe('one’s own second factors', () => {
  const factor =
    'AccessDenied: You must authenticate with an MFA device that is enabled for you to change your MFA devices.'
  const phone = serial('phone')
  beforeEach(() => {
    create('phone')
    create('watch')
    enable('bob', phone, 0, iam.user('bob'))
  })

  test('are not changed by whoever has the key alone: a second device wants the first', () => {
    expect(enable('bob', serial('watch'), 0, iam.user('bob'))).toBe(factor)
    const mine = { SerialNumber: phone }
    expect(iam.told('DeactivateMFADevice', mine, iam.user('bob'))).toBe(factor)
    expect(iam.told('DeactivateMFADevice', mine, iam.withFactor('bob', undefined))).toBe(factor)
    expect(enable('bob', serial('watch'), 0, iam.withFactor('bob', iam.now))).toBe('ok')
    expect(iam.told('DeactivateMFADevice', mine, iam.withFactor('bob', iam.now))).toBe('ok')
  })

  test('are changed by others who may', () => {
    expect(enable('bob', serial('watch'), 0, iam.user('eve'))).toBe('ok')
    expect(iam.told('DeactivateMFADevice', { UserName: 'bob', SerialNumber: phone }, iam.user('eve'))).toBe('ok')
  })
})
