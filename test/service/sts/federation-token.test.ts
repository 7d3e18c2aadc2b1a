import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Keys } from '../../clients/call.ts'
import { allow, home, keysOf, noon, policy, roleArn, Scene } from '../../gate/scene.ts'

let scene: Scene
let ann: Keys
beforeEach(async () => {
  scene = await Scene.open()
  ann = await scene.user('ann', allow('sts:*', 'rolecall:ListQuotas', 'rolecall:ListAccounts'))
})

const arn = (name: string) => `arn:aws:sts::${home}:federated-user/${name}`
const federate = (keys: Keys, parameters: Readonly<Record<string, string>> = {}) =>
  scene.call(keys, 'sts', 'GetFederationToken', { Name: 'bob', ...parameters })
const federated = async (keys: Keys, document?: object, parameters: Readonly<Record<string, string>> = {}) => {
  const answer = await federate(keys, {
    ...(document === undefined ? {} : { Policy: JSON.stringify(document) }),
    ...parameters,
  })
  if (answer.status !== 200) throw new Error(answer.text)
  return keysOf(answer.result.Credentials)
}
const codeOf = async (...call: Parameters<Scene['call']>) => (await scene.call(...call)).code ?? 'allowed'
const sessionOf = async (keys: Keys) => keysOf((await scene.done(keys, 'sts', 'GetSessionToken')).Credentials)

describe('GetFederationToken', () => {
  test('answers with the federated user, credentials for twelve hours, and a packed size also for nothing (federation-packed-size)', async () => {
    const { result } = await federate(ann)
    expect(result.FederatedUser).toEqual({ FederatedUserId: `${home}:bob`, Arn: arn('bob') })
    expect(result.PackedPolicySize).toBe(0)
    const { AccessKeyId, Expiration } = result.Credentials ?? {}
    expect(String(AccessKeyId)).toMatch(/^ASIA/)
    expect(Number(Expiration) * 1000).toBe(Math.floor(noon / 1000) * 1000 + 43_200_000)
    const whoIs = await scene.done(keysOf(result.Credentials), 'sts', 'GetCallerIdentity')
    expect(whoIs).toEqual({ Account: home, Arn: arn('bob'), UserId: `${home}:bob` })
  })

  test('gives root an hour at most, and its federated users what the session policy allows', async () => {
    const { result } = await federate(scene.root, {
      DurationSeconds: '129600',
      Policy: JSON.stringify(allow('rolecall:ListQuotas')),
    })
    expect(Number(result.Credentials?.Expiration) * 1000).toBe(Math.floor(noon / 1000) * 1000 + 3_600_000)
    const keys = keysOf(result.Credentials)
    expect(await codeOf(keys, 'rolecall', 'ListQuotas')).toBe('allowed')
    expect(await codeOf(keys, 'rolecall', 'ListAccounts')).toBe('AccessDenied')
  })

  test('needs an Allow on the federated user, and one for tags', async () => {
    const on = (name: string, ...Action: readonly string[]) => ({ Effect: 'Allow', Action, Resource: arn(name) })
    const cat = await scene.user('cat', policy(on('bob', 'sts:GetFederationToken')))
    expect(await federate(cat)).toMatchObject({ status: 200 })
    expect(await federate(cat, { Name: 'eve' })).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${home}:user/cat is not authorized to perform: sts:GetFederationToken on resource: ${arn('eve')} because no identity-based policy allows the sts:GetFederationToken action`,
    })
    const tagged = { 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'red' }
    expect((await federate(cat, tagged)).message).toContain('not authorized to perform: sts:TagSession on resource: ')
    const dan = await scene.user('dan', policy(on('bob', 'sts:GetFederationToken', 'sts:TagSession')))
    expect(await federate(dan, tagged)).toMatchObject({ status: 200 })
  })

  test.each([
    ['a session policy that is none', { Policy: '{' }, 'MalformedPolicyDocument'],
    ['a session policy that is too long', { Policy: ' '.repeat(2049) }, 'ValidationError'],
    [
      'a managed policy that there is not',
      { 'PolicyArns.member.1.arn': `arn:aws:iam::${home}:policy/no` },
      'ValidationError',
    ],
    [
      'tags that differ in case only',
      { 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': '1', 'Tags.member.2.Key': 'A', 'Tags.member.2.Value': '2' },
      'InvalidParameterValue',
    ],
    ['a name of one letter', { Name: 'b' }, 'ValidationError'],
    [
      'a second factor, which it knows nothing of, and a time too short',
      { DurationSeconds: '899', TokenCode: '1' },
      'ValidationError',
    ],
  ])('refuses %s', async (_what, parameters, code) => {
    expect((await federate(ann, parameters)).code).toBe(code)
  })

  test('refuses more policy than a session holds', async () => {
    const random = Array.from({ length: 25 }, (_, n) => createHash('sha256').update(String(n)).digest('base64url'))
    const { code, message } = await federate(ann, {
      Policy: JSON.stringify(
        policy({ Effect: 'Allow', Action: 's3:*', Resource: random.map((name) => `arn:aws:s3:::${name}`) }),
      ),
    })
    expect(code).toBe('PackedPolicyTooLarge')
    expect(message).toMatch(/^Packed policy consumes \d{3}% of allotted space, please use smaller policy\.$/)
  })
})

describe('a federated user', () => {
  test('may what user and session policy both allow, live, and nothing without a session policy', async () => {
    const both = await federated(ann, allow('rolecall:ListQuotas', 'rolecall:GetDecision'))
    expect(await codeOf(both, 'rolecall', 'ListQuotas')).toBe('allowed')
    // Of the user's own.
    expect(await codeOf(both, 'rolecall', 'ListAccounts')).toBe('AccessDenied')
    // Of the session's own.
    expect(await codeOf(both, 'rolecall', 'GetDecision')).toBe('AccessDenied')
    const none = await federated(ann)
    const refused = await scene.call(none, 'rolecall', 'ListQuotas')
    expect(refused.code).toBe('AccessDenied')
    expect(refused.message).toContain(
      `User: ${arn('bob')} is not authorized to perform: rolecall:ListQuotas on resource: * because no session policy allows the rolecall:ListQuotas action`,
    )
    await scene.done(scene.administrator, 'iam', 'DeleteUserPolicy', { UserName: 'ann', PolicyName: 'own' })
    expect(await codeOf(both, 'rolecall', 'ListQuotas')).toBe('AccessDenied')
  })

  test('is held by managed session policies and by the boundary of the user', async () => {
    const made = await scene.done(scene.administrator, 'iam', 'CreatePolicy', {
      PolicyName: 'quotas',
      PolicyDocument: JSON.stringify(allow('rolecall:ListQuotas')),
    })
    const PolicyArn = String(made.Policy?.Arn)
    const keys = await federated(ann, undefined, { 'PolicyArns.member.1.arn': PolicyArn })
    expect(await codeOf(keys, 'rolecall', 'ListQuotas')).toBe('allowed')
    expect(await codeOf(keys, 'rolecall', 'ListAccounts')).toBe('AccessDenied')
    await scene.done(scene.administrator, 'iam', 'PutUserPermissionsBoundary', {
      UserName: 'ann',
      PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3FullAccess',
    })
    expect((await scene.call(keys, 'rolecall', 'ListQuotas')).message).toContain('because no permissions boundary')
  })

  test('is asked about by its own tags over those of the user, and is nobody’s user name', async () => {
    await scene.done(scene.administrator, 'iam', 'TagUser', {
      UserName: 'ann',
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'blue',
    })
    const where = (Condition: object) => ({ Effect: 'Allow', Action: 'rolecall:ListQuotas', Resource: '*', Condition })
    const asked = async (Condition: object) =>
      codeOf(
        await federated(ann, policy(where(Condition)), {
          'Tags.member.1.Key': 'Team',
          'Tags.member.1.Value': 'red',
        }),
        'rolecall',
        'ListQuotas',
      )
    expect(await asked({ StringEquals: { 'aws:PrincipalTag/team': 'red' } })).toBe('allowed')
    expect(await asked({ StringEquals: { 'aws:PrincipalTag/team': 'blue' } })).toBe('AccessDenied')
    expect(await asked({ Null: { 'aws:username': 'true' } })).toBe('allowed')
    expect(await asked({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } })).toBe('allowed')
    expect(await asked({ StringEquals: { 'aws:userid': `${home}:bob`, 'aws:PrincipalType': 'FederatedUser' } })).toBe(
      'allowed',
    )
  })

  test('ends with its user, also where another takes the name, and with nothing less than the user', async () => {
    const document = allow('rolecall:ListQuotas')
    const keys = await federated(ann, document)
    await scene.done(scene.administrator, 'iam', 'UpdateAccessKey', {
      UserName: 'ann',
      AccessKeyId: ann.accessKeyId,
      Status: 'Inactive',
    })
    expect(await codeOf(keys, 'rolecall', 'ListQuotas')).toBe('allowed')
    await scene.done(scene.administrator, 'iam', 'DeleteAccessKey', { UserName: 'ann', AccessKeyId: ann.accessKeyId })
    expect(await codeOf(keys, 'rolecall', 'ListQuotas')).toBe('allowed')
    await scene.done(scene.administrator, 'iam', 'DeleteUserPolicy', { UserName: 'ann', PolicyName: 'own' })
    await scene.done(scene.administrator, 'iam', 'DeleteUser', { UserName: 'ann' })
    expect(await codeOf(keys, 'rolecall', 'ListQuotas')).toBe('InvalidClientTokenId')
    await scene.user('ann', document)
    expect(await codeOf(keys, 'rolecall', 'ListQuotas')).toBe('InvalidClientTokenId')
  })

  test('is recorded with whoever vouched for it', async () => {
    const answer = await scene.call(await federated(ann, allow('rolecall:*')), 'rolecall', 'ListQuotas')
    const [record] = await scene.recordsOf(answer)
    expect(record?.userIdentity).toMatchObject({
      type: 'FederatedUser',
      arn: arn('bob'),
      sessionContext: { sessionIssuer: { type: 'IAMUser', userName: 'ann' } },
    })
  })
})

describe('who may call what with which credentials', () => {
  const everything = allow('*')
  const calls: readonly (readonly [string, Parameters<Scene['call']>[1], Readonly<Record<string, string>>])[] = [
    ['GetCallerIdentity', 'sts', {}],
    ['AssumeRole', 'sts', { RoleArn: roleArn('any'), RoleSessionName: 'one' }],
    ['GetSessionToken', 'sts', {}],
    ['GetFederationToken', 'sts', { Name: 'eve' }],
    ['GetAccessKeyInfo', 'sts', { AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' }],
    ['DecodeAuthorizationMessage', 'sts', { EncodedMessage: 'x' }],
    ['ListUsers', 'iam', {}],
    ['ListQuotas', 'rolecall', {}],
  ]
  const told = async (keys: Keys) => {
    const codes: string[] = []
    for (const [action, service, parameters] of calls) codes.push(await codeOf(keys, service, action, parameters))
    return codes
  }
  const outside = 'InvalidClientTokenId'
  const wrong = 'AccessDenied'
  const nonsense = 'InvalidAuthorizationMessageException'

  beforeEach(async () => {
    await scene.role('any', everything)
  })

  test('a key of a user: everything; of root: no role', async () => {
    const keys = await scene.user('dan', everything)
    const all = ['allowed', 'allowed', 'allowed', 'allowed', 'allowed', nonsense, 'allowed', 'allowed']
    expect(await told(keys)).toEqual(all)
    expect(await told(scene.root)).toEqual(all.with(1, wrong))
  })

  test('a session of GetSessionToken: of STS only AssumeRole and GetCallerIdentity, and no IAM (session-token-without-mfa)', async () => {
    const keys = await sessionOf(await scene.user('dan', everything))
    expect(await told(keys)).toEqual(['allowed', 'allowed', wrong, wrong, wrong, wrong, outside, 'allowed'])
    expect((await scene.call(keys, 'sts', 'GetFederationToken', { Name: 'eve' })).message).toBe(
      'Cannot call GetFederationToken with session credentials',
    )
  })

  test('a session of a role: no session of its own and no federated user', async () => {
    const keys = await scene.session('any')
    expect(await told(keys)).toEqual(['allowed', 'allowed', wrong, wrong, 'allowed', nonsense, 'allowed', 'allowed'])
  })

  test('a federated user: of STS only GetCallerIdentity, and no IAM (federated-user-stays-outside)', async () => {
    const keys = await federated(await scene.user('dan', everything), everything)
    expect(await told(keys)).toEqual(['allowed', wrong, wrong, wrong, wrong, wrong, outside, 'allowed'])
  })
})
