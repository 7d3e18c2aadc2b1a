import { beforeEach, describe, expect, test } from 'vitest'
import { type QuotaName, quotaNames } from '../../../src/service/iam/quota.ts'
import { loadWhole } from '../../../src/store/whole.ts'
import { type Answered, type Inside, type Keys, openInside } from '../../matrix/inside.ts'
import { samlMetadata } from '../../token/saml.ts'

const home = '111122223333'
const other = '444455556666'

let inside: Inside
let guest: Keys
beforeEach(async () => {
  inside = await openInside(home)
  const made = await inside.call(inside.keys, 'rolecall', 'CreateAccount', { AccountId: other })
  guest = { accessKeyId: made.field('AccessKeyId'), secretAccessKey: made.field('SecretAccessKey') }
})

/** What the law's own refusals carry besides is not looked at here. */
const outcome = ({ code, message }: Answered): string =>
  code === undefined ? 'ok' : `${code}: ${message?.replace(/\. Encoded .*$/, '')}`
const denied = (action: string) =>
  `AccessDenied: User: arn:aws:iam::${other}:user/administrator is not authorized to perform: rolecall:${action} on resource: * with an explicit deny in a service control policy`
const iam = async (action: string, parameters: Readonly<Record<string, string>>, keys: Keys = inside.keys) =>
  outcome(await inside.call(keys, 'iam', action, parameters))
const set = async (
  Name: string,
  Limit: number,
  more: Readonly<Record<string, string>> = {},
  keys: Keys = inside.keys,
) => outcome(await inside.call(keys, 'rolecall', 'SetQuota', { Name, Limit: String(Limit), ...more }))
const reset = async (parameters: Readonly<Record<string, string>> = {}, keys: Keys = inside.keys) =>
  outcome(await inside.call(keys, 'rolecall', 'ResetQuota', parameters))

type Row = Readonly<Record<'Limit' | 'Default' | 'Used' | 'Left' | 'Least' | 'Most', number>> & {
  readonly UsedBy: string | undefined
}
async function list(parameters: Readonly<Record<string, string>> = {}, keys: Keys = inside.keys) {
  const { text } = await inside.call(keys, 'rolecall', 'ListQuotas', parameters)
  const rows = [...text.matchAll(/<member>(.*?)<\/member>/gs)].map(([, row = '']): readonly [string, Row] => {
    const field = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(row)?.[1]
    const number = (name: string) => Number(field(name))
    const numbers = { Limit: number('Limit'), Default: number('Default'), Used: number('Used'), Left: number('Left') }
    return [field('Name') ?? '', { ...numbers, Least: number('Least'), Most: number('Most'), UsedBy: field('UsedBy') }]
  })
  return new Map(rows)
}
const row = async (name: QuotaName, ...rest: Parameters<typeof list>): Promise<Row | undefined> =>
  (await list(...rest)).get(name)

describe('the quotas of an account', () => {
  test('are AWS’s defaults, every one of them with what is used and left', async () => {
    const rows = await list()
    expect([...rows.keys()]).toEqual(quotaNames)
    for (const [name, { Limit, Default, Used, Left, Least, Most }] of rows) {
      expect([name, Limit, Left]).toEqual([name, Default, Limit - Used])
      expect(Least <= Limit && Limit <= Most, name).toBe(true)
    }
    expect(rows.get('UsersQuota')).toMatchObject({ Limit: 5000, Used: 1, Left: 4999 })
    expect(rows.get('AccessKeysPerUserQuota')).toMatchObject({ Limit: 2, Used: 1, UsedBy: 'user administrator' })
  })

  test('are raised and lowered, and hold at once, in AWS’s words', async () => {
    expect(await set('UsersQuota', 2)).toBe('ok')
    expect(await iam('CreateUser', { UserName: 'ann' })).toBe('ok')
    expect(await iam('CreateUser', { UserName: 'bob' })).toBe(
      'LimitExceeded: Cannot exceed quota for UsersPerAccount: 2',
    )
    expect(await set('UsersQuota', 3)).toBe('ok')
    expect(await iam('CreateUser', { UserName: 'bob' })).toBe('ok')
    expect(await row('UsersQuota')).toMatchObject({ Limit: 3, Default: 5000, Used: 3, Left: 0 })
  })

  test('that are lowered below what is there take nothing away', async () => {
    expect(await set('UsersQuota', 0)).toBe('ok')
    expect(await row('UsersQuota')).toMatchObject({ Limit: 0, Used: 1, Left: 0 })
    expect(await iam('GetUser', { UserName: 'administrator' })).toBe('ok')
  })

  test('are told by GetAccountSummary', async () => {
    await set('RolesQuota', 4321)
    const { text } = await inside.call(inside.keys, 'iam', 'GetAccountSummary')
    expect(text).toMatch(/<key>RolesQuota<.key>\s*<value>4321</)
  })

  test('are an account’s own', async () => {
    await set('UsersQuota', 1, { AccountId: other })
    expect(await iam('CreateUser', { UserName: 'ann' }, guest)).toMatch(/^LimitExceeded/)
    expect(await iam('CreateUser', { UserName: 'ann' })).toBe('ok')
    expect((await row('UsersQuota', {}, guest))?.Limit).toBe(1)
    expect((await row('UsersQuota', { AccountId: other }))?.Limit).toBe(1)
    expect((await row('UsersQuota'))?.Limit).toBe(5000)
  })

  test('are put back one by one, or all together', async () => {
    await set('UsersQuota', 1)
    await set('RolesQuota', 1)
    await set('GroupsQuota', 1)
    expect(await reset({ Name: 'UsersQuota' })).toBe('ok')
    expect((await row('UsersQuota'))?.Limit).toBe(5000)
    expect((await row('RolesQuota'))?.Limit).toBe(1)
    expect(await reset()).toBe('ok')
    expect((await row('RolesQuota'))?.Limit).toBe(1000)
    expect(await reset()).toBe('ok')
    const { entities } = await loadWhole(inside.store)
    expect([...entities].filter(({ kind }) => kind === 'quotas')).toEqual([])
  })

  test('that are set to AWS’s default are none of its own', async () => {
    await set('UsersQuota', 5)
    await set('UsersQuota', 5000)
    const { entities } = await loadWhole(inside.store)
    expect([...entities].filter(({ kind }) => kind === 'quotas')).toEqual([])
  })

  test('hold everywhere: versions, tags, sizes and attachments too', async () => {
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    })
    const PolicyArn = `arn:aws:iam::${home}:policy/p`
    await iam('CreatePolicy', { PolicyName: 'p', PolicyDocument })
    await set('VersionsPerPolicyQuota', 1)
    expect(await iam('CreatePolicyVersion', { PolicyArn, PolicyDocument })).toBe(
      'LimitExceeded: A managed policy can have up to 1 versions. Before you create a new version, you must delete an existing version.',
    )
    await set('TagsPerResource', 1)
    const tags = {
      'Tags.member.1.Key': 'a',
      'Tags.member.1.Value': '',
      'Tags.member.2.Key': 'b',
      'Tags.member.2.Value': '',
    }
    expect(await iam('TagUser', { UserName: 'administrator', ...tags })).toBe(
      'LimitExceeded: The number of tags has reached the maximum limit.',
    )
    await set('UserPolicySizeQuota', 10)
    expect(await iam('PutUserPolicy', { UserName: 'administrator', PolicyName: 'i', PolicyDocument })).toBe(
      'LimitExceeded: Cannot exceed quota for PolicySize: 10',
    )
    await set('PolicySizeQuota', 10)
    expect(await iam('CreatePolicy', { PolicyName: 'q', PolicyDocument })).toBe(
      'LimitExceeded: Cannot exceed quota for PolicySize: 10',
    )
    await set('AttachedPoliciesPerUserQuota', 1)
    expect(await iam('AttachUserPolicy', { UserName: 'administrator', PolicyArn })).toBe(
      'LimitExceeded: Cannot exceed quota for PoliciesPerUser: 1',
    )
    await set('AttachedPoliciesPerUserQuota', 11)
    expect(await iam('AttachUserPolicy', { UserName: 'administrator', PolicyArn })).toBe('ok')
    expect(await row('AttachedPoliciesPerUserQuota')).toMatchObject({ Used: 2, Left: 9, UsedBy: 'user administrator' })
  })

  test.each([
    ['no quota', () => set('BeersQuota', 1), 'NoSuchQuota: There is no quota BeersQuota.'],
    ['a word of every object', () => set('constructor', 1), 'NoSuchQuota: There is no quota constructor.'],
    [
      'no account',
      () => set('UsersQuota', 1, { AccountId: '999999999999' }),
      'NoSuchAccount: There is no account 999999999999.',
    ],
    [
      'too many',
      () => set('AttachedPoliciesPerRoleQuota', 51),
      'QuotaOutOfRange: AttachedPoliciesPerRoleQuota can be 0 to 50.',
    ],
    [
      'another than there is room for',
      () => set('RolesPerInstanceProfile', 2),
      'QuotaOutOfRange: RolesPerInstanceProfile can be 0 to 1.',
    ],
    [
      'one that is out of reach',
      () => set('PolicyVersionsInUseQuota', 9),
      'QuotaOutOfRange: PolicyVersionsInUseQuota is 10000 and cannot be changed.',
    ],
    ['their own, by another account than the first', () => set('UsersQuota', 6000, {}, guest), denied('SetQuota')],
    ['back, by another account than the first', () => reset({}, guest), denied('ResetQuota')],
  ])('cannot be %s', async (_what, told, expected) => {
    expect(await told()).toBe(expected)
  })

  test('of another account are shown to the first account alone', async () => {
    const ask = async (AccountId: string) => outcome(await inside.call(guest, 'rolecall', 'ListQuotas', { AccountId }))
    expect(await ask(home)).toBe(denied('ListQuotas'))
    // Whether or not there is one.
    expect(await ask('999999999999')).toBe(denied('ListQuotas'))
    expect(await ask(other)).toBe('ok')
  })
})

describe('what is used', () => {
  const role = {
    AssumeRolePolicyDocument:
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}',
  }
  const inline = '{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } }'
  const rows: readonly (readonly [
    QuotaName,
    readonly (readonly [string, Readonly<Record<string, string>>])[],
    Partial<Row>,
  ])[] = [
    ['GroupsQuota', [['CreateGroup', { GroupName: 'g' }]], { Used: 1, Left: 299 }],
    ['RolesQuota', [['CreateRole', { RoleName: 'r', ...role }]], { Used: 1 }],
    [
      'AssumeRolePolicySizeQuota',
      [['CreateRole', { RoleName: 'r', ...role }]],
      { Used: role.AssumeRolePolicyDocument.length, UsedBy: 'role r' },
    ],
    [
      'GroupPolicySizeQuota',
      [
        ['CreateGroup', { GroupName: 'g' }],
        ['PutGroupPolicy', { GroupName: 'g', PolicyName: 'p', PolicyDocument: inline }],
      ],
      { Used: inline.replaceAll(' ', '').length, UsedBy: 'group g' },
    ],
    [
      'PolicySizeQuota',
      [['CreatePolicy', { PolicyName: 'p', PolicyDocument: inline }]],
      { Used: inline.replaceAll(' ', '').length, UsedBy: 'policy p' },
    ],
    [
      'VersionsPerPolicyQuota',
      [['CreatePolicy', { PolicyName: 'p', PolicyDocument: inline }]],
      { Used: 1, UsedBy: 'policy p' },
    ],
    [
      'GroupsPerUserQuota',
      [
        ['CreateGroup', { GroupName: 'g' }],
        ['AddUserToGroup', { GroupName: 'g', UserName: 'administrator' }],
      ],
      { Used: 1, UsedBy: 'user administrator' },
    ],
    ['InstanceProfilesQuota', [['CreateInstanceProfile', { InstanceProfileName: 'i' }]], { Used: 1 }],
    ['OidcProvidersPerAccount', [['CreateOpenIDConnectProvider', { Url: 'https://a.example' }]], { Used: 1 }],
    [
      'ClientIdsPerOidcProvider',
      [['CreateOpenIDConnectProvider', { Url: 'https://a.example', 'ClientIDList.member.1': 'c' }]],
      { Used: 1, UsedBy: `arn:aws:iam::${home}:oidc-provider/a.example` },
    ],
    [
      'SamlProvidersPerAccount',
      [['CreateSAMLProvider', { Name: 's', SAMLMetadataDocument: samlMetadata() }]],
      { Used: 1 },
    ],
    [
      'KeysPerSamlProvider',
      [['CreateSAMLProvider', { Name: 's', SAMLMetadataDocument: samlMetadata() }]],
      { Used: 1, UsedBy: 'saml-provider s' },
    ],
    [
      'TagsPerResource',
      [['TagUser', { UserName: 'administrator', 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': '' }]],
      { Used: 1, UsedBy: 'user administrator' },
    ],
    ['PolicyVersionsInUseQuota', [], { Used: 1 }],
    ['AttachedPoliciesPerUserQuota', [], { Used: 1, UsedBy: 'user administrator' }],
  ]
  test.each(rows)('of %s', async (name, calls, expected) => {
    for (const [action, parameters] of calls) expect(await iam(action, parameters)).toBe('ok')
    expect(await row(name)).toMatchObject(expected)
  })
})
