import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, here, noon, there } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
})

const generate = () => iam.do('GenerateCredentialReport', {})
const pass = (seconds: number) => {
  iam.now += seconds * 1000
}
/** A new report's lines, the header's left out, each by column. */
function rows(): readonly Readonly<Record<string, string>>[] {
  pass(5 * 3600)
  generate()
  pass(1)
  const [head = '', ...lines] = text().split('\n')
  const columns = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    expect(cells).toHaveLength(columns.length)
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']))
  })
}
const text = () => new TextDecoder().decode(iam.do('GetCredentialReport', {}).Content)
const row = (user: string) => rows().find((one) => one.user === user)

describe('a credential report', () => {
  test('is not there, is under way, is there for four hours, and then no more', () => {
    // QUIRK: report-without-words.
    expect(iam.told('GetCredentialReport', {})).toBe('ReportNotPresent: ')
    expect(generate()).toEqual({
      State: 'STARTED',
      Description: 'No report exists. Starting a new report generation task',
    })
    expect(iam.told('GetCredentialReport', {})).toBe('ReportInProgress: ')
    expect(generate()).toEqual({ State: 'INPROGRESS' })
    pass(1)
    expect(generate()).toEqual({ State: 'COMPLETE' })
    const { Content, ...rest } = iam.do('GetCredentialReport', {})
    expect(Content).toBeInstanceOf(Uint8Array)
    expect(rest).toEqual({ ReportFormat: 'text/csv', GeneratedTime: noon - 789 + 1000 })
    pass(4 * 3600 - 1)
    expect(iam.told('GetCredentialReport', {})).toBe('ok')
    pass(1)
    expect(iam.told('GetCredentialReport', {})).toBe('ReportExpired: ')
    expect(generate().State).toBe('STARTED')
  })

  test('is of the time at which it was asked for, and of one account', () => {
    iam.do('CreateUser', { UserName: 'before' })
    iam.do('CreateUser', { UserName: 'stranger' }, iam.root(there))
    generate()
    iam.do('CreateUser', { UserName: 'after' })
    pass(1)
    expect(text()).toContain('before,')
    expect(text()).not.toMatch(/after,|stranger,/)
    expect(iam.told('GetCredentialReport', {}, iam.root(there))).toBe('ReportNotPresent: ')
  })

  test('has a line for the root user and one a user, by name, in AWS’s columns', () => {
    for (const UserName of ['b', 'C', 'a']) iam.do('CreateUser', { UserName, Path: '/p/' })
    generate()
    pass(1)
    const [head, root, ...users] = text().split('\n')
    expect(head).toBe(
      'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,' +
        'access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,' +
        'access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,' +
        'cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated',
    )
    expect(root).toBe(
      `<root_account>,arn:aws:iam::${here}:root,1970-01-01T00:00:00Z,not_supported,no_information,not_supported,not_supported,false,` +
        'false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A',
    )
    const rest = 'false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A'
    expect(users).toEqual(
      ['a', 'b', 'C'].map((name) => `${name},arn:aws:iam::${here}:user/p/${name},2026-11-22T12:00:00Z,${rest}`),
    )
  })

  test('puts names with commas in quotes', () => {
    iam.do('CreateUser', { UserName: 'a,b' })
    generate()
    pass(1)
    expect(text()).toContain(`\n"a,b","arn:aws:iam::${here}:user/a,b",`)
  })

  test('tells of passwords, and when they must change', () => {
    iam.do('CreateUser', { UserName: 'u' })
    iam.do('CreateLoginProfile', { UserName: 'u', Password: 'Correct-horse-9' })
    const told = { password_enabled: 'true', password_last_used: 'no_information' }
    expect(row('u')).toMatchObject({
      ...told,
      password_last_changed: '2026-11-22T12:00:00Z',
      password_next_rotation: 'N/A',
    })
    iam.do('UpdateAccountPasswordPolicy', { MaxPasswordAge: 90 })
    expect(row('u')).toMatchObject({ ...told, password_next_rotation: '2027-02-20T12:00:00Z' })
  })

  test('tells of two keys by their ids, and of their last uses', () => {
    iam.do('CreateUser', { UserName: 'u' })
    const ids = [1, 2].map(() => iam.do('CreateAccessKey', { UserName: 'u' }).AccessKey.AccessKeyId).sort()
    const [first = '', second = ''] = ids
    iam.do('UpdateAccessKey', { UserName: 'u', AccessKeyId: second, Status: 'Inactive' })
    const key = iam.state.get('access-key', first)
    if (key === undefined) throw new Error('no key')
    iam.put({ ...key, lastUsed: { at: noon - 789, service: 'sts', region: 'eu-central-1' } })
    expect(row('u')).toMatchObject({
      access_key_1_active: 'true',
      access_key_1_last_rotated: '2026-11-22T12:00:00Z',
      access_key_1_last_used_date: '2026-11-22T12:00:00Z',
      access_key_1_last_used_region: 'eu-central-1',
      access_key_1_last_used_service: 'sts',
      access_key_2_active: 'false',
      access_key_2_last_rotated: '2026-11-22T12:00:00Z',
      access_key_2_last_used_date: 'N/A',
      access_key_2_last_used_region: 'N/A',
      access_key_2_last_used_service: 'N/A',
    })
  })

  test('tells of devices, and of two signing certificates', () => {
    iam.do('CreateUser', { UserName: 'u' })
    const { id } = iam.entity('user', 'u')
    const own = { account: here, owner: id, createdAt: noon }
    const certificate = { kind: 'signing-certificate' as const, ...own, body: '', fingerprint: '' }
    iam.put({ ...certificate, id: 'B', status: 'Inactive' }, { ...certificate, id: 'A', status: 'Active' })
    const { SerialNumber } = iam.do('CreateVirtualMFADevice', { VirtualMFADeviceName: 'm' }).VirtualMFADevice
    expect(row('u')).toMatchObject({
      mfa_active: 'false',
      cert_1_active: 'true',
      cert_1_last_rotated: '2026-11-22T12:00:00Z',
      cert_2_active: 'false',
      cert_2_last_rotated: '2026-11-22T12:00:00Z',
    })
    const device = iam.state.get('mfa-device', SerialNumber)
    if (device === undefined) throw new Error('no device')
    iam.put({ ...device, enabled: { owner: id, at: noon } })
    expect(row('u')).toMatchObject({ mfa_active: 'true' })
  })
})
