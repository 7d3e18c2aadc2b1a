import {
  CreateVirtualMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  EnableMFADeviceCommand,
  EnableOutboundWebIdentityFederationCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type AssumeRoleCommandOutput,
  type Credentials,
  GetSessionTokenCommand,
  GetWebIdentityTokenCommand,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import {
  type Actor,
  actorOf,
  allow,
  assume,
  denied,
  makeAccount,
  makeRole,
  makeUser,
  refusal,
  statement,
  textOf,
  trusting,
  whoIs,
  withKeys,
} from './actor.ts'
import { call } from './call.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** The rules of AssumeRole and GetSessionToken that no other file holds, line by line, through AWS's own client. */
const home = '012345678901'
const other = '987654321098'
const roleArn = (name: string, account = home) => `arn:aws:iam::${account}:role/${name}`
const all = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity', 'sts:GetWebIdentityToken']
const open = statement({ Effect: 'Allow', Principal: { AWS: home }, Action: all.slice(0, 3) })

let running: Running
let here: Actor
let root: Actor
let there: Actor
let user: Actor & { readonly arn: string }

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home], workers: 2 })
  here = actorOf(await envOf(running))
  const account = await makeAccount(running, other)
  there = account.administrator
  root = account.root
  user = await makeUser(here, 'user', allow(all))
  for (const name of ['Hop1', 'Hop2', 'Hop3', 'Any']) {
    await makeRole(here, name, open, { MaxSessionDuration: 43_200 })
    const PolicyDocument = textOf(allow(all))
    await here.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument }))
  }
})
afterAll(() => discard(running))

const asked = (actor: Actor, RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}) =>
  actor.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more }))
const acting = (actor: Actor, credentials: Credentials | undefined): Actor =>
  withKeys(actor, {
    accessKeyId: credentials?.AccessKeyId ?? '',
    secretAccessKey: credentials?.SecretAccessKey ?? '',
    sessionToken: credentials?.SessionToken ?? '',
  })
const secondsLeft = ({ Credentials }: { readonly Credentials?: Credentials | undefined }) =>
  Math.round(((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000)
const near = (got: number, wanted: number) => expect(Math.abs(got - wanted)).toBeLessThanOrEqual(20)

describe('DurationSeconds, as text', () => {
  const of = (action: 'AssumeRole' | 'GetSessionToken', DurationSeconds: string) =>
    call(running.endpoint, user.env, 'sts', action, {
      ...(action === 'AssumeRole' ? { RoleArn: roleArn('Any'), RoleSessionName: 'session' } : {}),
      DurationSeconds,
    })

  test.each(['AssumeRole', 'GetSessionToken'] as const)('of %s is a number, or MalformedInput', async (action) => {
    for (const text of ['abc', '900.0', '2147483648', '-2147483649', '9e2', ' 900', '900 ', '0x384', '٩٠٠']) {
      const { status, code, text: answer } = await of(action, text)
      expect({ text, status, code }).toEqual({ text, status: 400, code: 'MalformedInput' })
      expect(answer).not.toContain('Message')
    }
    expect(await of(action, '')).toMatchObject({
      status: 400,
      code: 'MalformedInput',
      message: 'missing value for decimal type',
    })
    for (const text of ['900', '+900', '0900']) expect((await of(action, text)).status).toBe(200)
  })

  test('of a number that is out of bounds is told with the number', async () => {
    const value = (at: string, bound: string) => ({
      code: 'ValidationError',
      message: `1 validation error detected: Value '${at}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${bound}`,
    })
    expect(await of('AssumeRole', '-5')).toMatchObject(value('-5', 'greater than or equal to 900'))
    expect(await of('AssumeRole', '43201')).toMatchObject(value('43201', 'less than or equal to 43200'))
    expect(await of('GetSessionToken', '899')).toMatchObject(value('899', 'greater than or equal to 900'))
    expect(await of('GetSessionToken', '129601')).toMatchObject(value('129601', 'less than or equal to 129600'))
  })

  test('is looked at before the role is, and before the chain', async () => {
    const chained = await assume(user, roleArn('Hop1'))
    for (const actor of [user, chained])
      expect((await refusal(asked(actor, roleArn('nobody'), { DurationSeconds: 43_201 }))).code).toBe('ValidationError')
  })
})

describe('how long', () => {
  test('a session of GetSessionToken lasts: twelve hours, up to thirty-six, and root’s one', async () => {
    const of = (actor: Actor, DurationSeconds?: number) =>
      actor.sts.send(new GetSessionTokenCommand(DurationSeconds === undefined ? {} : { DurationSeconds }))
    near(secondsLeft(await of(user)), 43_200)
    near(secondsLeft(await of(user, 129_600)), 129_600)
    near(secondsLeft(await of(user, 900)), 900)
    near(secondsLeft(await of(root)), 3_600)
    near(secondsLeft(await of(root, 129_600)), 3_600)
    near(secondsLeft(await of(root, 900)), 900)
  })

  test('a role lasts after GetSessionToken: an hour at most, whatever the role allows and whatever is left of the token', async () => {
    const { Credentials } = await user.sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }))
    const own = acting(user, Credentials)
    near(secondsLeft(await asked(own, roleArn('Any'))), 3_600)
    expect((await refusal(asked(own, roleArn('Any'), { DurationSeconds: 3_601 }))).message).toBe(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    )
    near(secondsLeft(await asked(user, roleArn('Any'), { DurationSeconds: 43_200 })), 43_200)
  })
})

describe('through three hops', () => {
  /** What services outside are told of a session: its tags and its source. */
  async function seen(actor: Actor): Promise<{ readonly tags: object | undefined; readonly source: unknown }> {
    const { WebIdentityToken = '' } = await actor.sts.send(
      new GetWebIdentityTokenCommand({ Audience: ['test'], SigningAlgorithm: 'ES384' }),
    )
    const claims = JSON.parse(Buffer.from(WebIdentityToken.split('.')[1] ?? '', 'base64url').toString())
    const { principal_tags: tags, source_identity: source } = claims['https://sts.amazonaws.com/']
    return { tags, source }
  }
  let second: Actor
  let third: (more?: Partial<AssumeRoleCommandInput>) => Promise<AssumeRoleCommandOutput>

  beforeAll(async () => {
    await here.iam.send(new EnableOutboundWebIdentityFederationCommand({}))
    for (const [RoleName, Key] of [
      ['Hop1', 'OfRole1'],
      ['Hop2', 'OfRole2'],
      ['Hop3', 'Team'],
    ] as const)
      await here.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key, Value: 'of the role' }] }))
    const first = await assume(user, roleArn('Hop1'), {
      Tags: [
        { Key: 'team', Value: 'red' },
        { Key: 'Stage', Value: 'test' },
      ],
      TransitiveTagKeys: ['TEAM'],
      SourceIdentity: 'hal',
    })
    expect(await seen(first)).toEqual({
      tags: { OfRole1: 'of the role', team: 'red', Stage: 'test' },
      source: 'hal',
    })
    second = await assume(first, roleArn('Hop2'), {
      Tags: [{ Key: 'Cost', Value: '7' }],
      TransitiveTagKeys: ['cost'],
    })
    expect(await seen(second)).toEqual({
      tags: { OfRole2: 'of the role', team: 'red', Cost: '7' },
      source: 'hal',
    })
    third = (more = {}) => asked(second, roleArn('Hop3'), more)
  })

  test('tags that are handed on arrive, those of roles do not, and they stand over those of the last role', async () => {
    const { Credentials, SourceIdentity, PackedPolicySize } = await third()
    expect(await seen(acting(second, Credentials))).toEqual({ tags: { team: 'red', Cost: '7' }, source: 'hal' })
    expect(SourceIdentity).toBe('hal')
    // The size of what is inherited is told to who passes nothing, too (packed-inherited).
    expect(PackedPolicySize).toBeGreaterThan(0)
  })

  test('neither can be passed anew, in whatever case; another tag can', async () => {
    for (const Key of ['team', 'Team', 'TEAM', 'cOST'])
      expect(await refusal(third({ Tags: [{ Key, Value: 'blue' }] }))).toEqual({
        code: 'InvalidParameterValue',
        message:
          "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
        status: 400,
      })
    expect(await refusal(third({ TransitiveTagKeys: ['team'] }))).toMatchObject({
      code: 'InvalidParameterValue',
      message: 'The specified transitive tag key must be included in the requested tags.',
    })
    const { Credentials, PackedPolicySize } = await third({ Tags: [{ Key: 'stage', Value: 'prod' }] })
    expect((await seen(acting(second, Credentials))).tags).toEqual({ team: 'red', Cost: '7', stage: 'prod' })
    expect(PackedPolicySize).toBeGreaterThan(0)
  })

  test('the source stays what it was', async () => {
    expect(await refusal(third({ SourceIdentity: 'kyle' }))).toEqual({
      code: 'ValidationError',
      message: 'The source identity is already set for this assume role session',
      status: 400,
    })
    expect((await third({ SourceIdentity: 'hal' })).SourceIdentity).toBe('hal')
  })

  test('a trust may ask for both', async () => {
    const trust = (Condition: object) => ({ ...open, Statement: [{ ...open.Statement[0], Condition }] })
    const ask = { StringEquals: { 'aws:PrincipalTag/Team': 'red', 'sts:SourceIdentity': 'hal' } }
    await makeRole(here, 'AskingBoth', trust(ask))
    await asked(second, roleArn('AskingBoth'))
    expect((await refusal(asked(user, roleArn('AskingBoth')))).code).toBe('AccessDenied')
    // For the one who asks, what is handed on counts as the role's own tag.
    await makeRole(here, 'AskingItsOwn', trust({ StringEquals: { 'aws:ResourceTag/team': 'red' } }))
    await asked(second, roleArn('AskingItsOwn'))
    expect((await refusal(asked(user, roleArn('AskingItsOwn')))).code).toBe('AccessDenied')
  })
})

describe('PackedPolicySize', () => {
  const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
  test.each([
    ['nothing', {}, false],
    ['a source identity', { SourceIdentity: 'hal' }, false],
    ['an external id', { ExternalId: 'e-42' }, false],
    ['a policy', { Policy: textOf(allow('s3:*')) }, true],
    ['the ARN of a policy', { PolicyArns: [{ arn }] }, true],
    ['tags', { Tags: [{ Key: 'a', Value: 'b' }] }, true],
    ['a tag without a value', { Tags: [{ Key: 'a', Value: '' }] }, true],
  ])('with %s', async (_what, more, told) => {
    const { PackedPolicySize } = await asked(user, roleArn('Any'), more)
    if (told) expect(PackedPolicySize).toBeGreaterThan(0)
    else expect(PackedPolicySize).toBeUndefined()
  })
})

describe('what may be asked for', () => {
  test.each([
    [
      'no ARN at all',
      'arn',
      "1 validation error detected: Value 'arn' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
    ],
    ['another partition', `arn:aws-cn:iam::${home}:role/Any`, undefined],
    ['a session', `arn:aws:sts::${home}:assumed-role/Any/session`, undefined],
    ['no account', 'arn:aws:iam:::role/AnyOfThem', undefined],
    ['no name', `arn:aws:iam::${home}:role/`, undefined],
    ['a region', `arn:aws:iam:us-east-1:${home}:role/Any`, undefined],
  ])('a role by %s', async (_what, RoleArn, message = `${RoleArn} is invalid`) => {
    expect(await refusal(asked(user, RoleArn))).toEqual({ code: 'ValidationError', message, status: 400 })
  })

  test.each([
    'botocore-session-1700000000',
    'AIDA0123456789ABCDEFG-as-EksAdminRole-stsSession',
    'a=b,c.d@e-f_g+',
    'x'.repeat(64),
  ])('a session by the name %s', async (RoleSessionName) => {
    const { AssumedRoleUser, Credentials } = await asked(user, roleArn('Any'), { RoleSessionName })
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${home}:assumed-role/Any/${RoleSessionName}`)
    const { Arn, UserId } = await whoIs(acting(user, Credentials))
    expect({ Arn, UserId }).toEqual({ Arn: AssumedRoleUser?.Arn, UserId: AssumedRoleUser?.AssumedRoleId })
    expect(UserId).toMatch(/^AROA[A-Z2-7]{17}:/)
  })

  test.each(['a', 'x'.repeat(65), 'with space', 'sl/ash', 'äöü', 'a:b', 'a\u200bb'])(
    'no session by the name %j, and no source of that name',
    async (name) => {
      for (const more of [{ RoleSessionName: name }, { SourceIdentity: name }])
        expect((await refusal(asked(user, roleArn('Any'), more))).code).toBe('ValidationError')
    },
  )

  test.each([
    ['another account', `arn:aws:iam::${other}:policy/p`],
    ['nobody', `arn:aws:iam::${home}:policy/nobody`],
    ['nobody at AWS', 'arn:aws:iam::aws:policy/NobodyAtAll'],
  ])('no session policy of %s', async (_whose, arn) => {
    expect(await refusal(asked(user, roleArn('Any'), { PolicyArns: [{ arn }] }))).toEqual({
      code: 'ValidationError',
      message: `ARN ${arn} is not valid.`,
      status: 400,
    })
  })

  test('fifty tags and no more, with long keys and values, and AWS’s own names for nobody', async () => {
    const tags = (count: number) => Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, Value: '' }))
    await asked(user, roleArn('Any'), { Tags: tags(50) })
    expect((await refusal(asked(user, roleArn('Any'), { Tags: tags(51) }))).code).toBe('ValidationError')
    await asked(user, roleArn('Any'), { Tags: [{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }] })
    for (const tag of [
      { Key: 'k'.repeat(129), Value: '' },
      { Key: 'k', Value: 'v'.repeat(257) },
      { Key: '', Value: '' },
      { Key: 'semi;colon', Value: '' },
    ])
      expect((await refusal(asked(user, roleArn('Any'), { Tags: [tag] }))).code).toBe('ValidationError')
    expect(await refusal(asked(user, roleArn('Any'), { Tags: [{ Key: 'aws:team', Value: 'red' }] }))).toMatchObject({
      code: 'InvalidParameterValue',
    })
  })

  test('a context of a provider is not taken, and not passed over', async () => {
    const ProvidedContexts = [
      { ProviderArn: 'arn:aws:iam::aws:contextProvider/IdentityCenter', ContextAssertion: 'abcd' },
    ]
    expect((await refusal(asked(user, roleArn('Any'), { ProvidedContexts }))).code).toBe('ValidationError')
  })
})

test('fifty sessions at once are each their own, and leave whoever asked as it was', async () => {
  const before = await whoIs(user)
  const names = Array.from({ length: 50 }, (_, at) => `session-${at}`)
  const made = await Promise.all(
    names.map((RoleSessionName) =>
      asked(user, roleArn(['Hop1', 'Hop2'][RoleSessionName.length % 2] ?? ''), { RoleSessionName }),
    ),
  )
  const sessions = made.map(({ Credentials }) => acting(user, Credentials))
  const arns = await Promise.all(sessions.map(async (session) => (await whoIs(session)).Arn))
  expect(arns).toEqual(made.map(({ AssumedRoleUser }) => AssumedRoleUser?.Arn))
  expect(new Set(made.map(({ Credentials }) => Credentials?.AccessKeyId)).size).toBe(50)
  expect(await whoIs(user)).toEqual(before)
})

describe('a second factor, on two processes that serve together', () => {
  let ann: Actor & { readonly arn: string }
  let serial: string
  let seed: Uint8Array
  const code = (steps: number) => codeAt(seed, stepAt(Date.now()) + steps)
  const offer = (TokenCode: string) => ({ SerialNumber: serial, TokenCode })
  const wrong = {
    code: 'AccessDenied',
    message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
    status: 403,
  }
  const strict = statement({
    Effect: 'Allow',
    Principal: { AWS: home },
    Action: 'sts:AssumeRole',
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  })

  beforeAll(async () => {
    ann = await makeUser(here, 'ann', allow([...all, 'iam:ListUsers']))
    const { VirtualMFADevice } = await here.iam.send(
      new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'gopass' }),
    )
    serial = VirtualMFADevice?.SerialNumber ?? ''
    seed = seedBytes(Buffer.from(VirtualMFADevice?.Base32StringSeed ?? []).toString())
    const codes = { AuthenticationCode1: code(-2), AuthenticationCode2: code(-1) }
    await here.iam.send(new EnableMFADeviceCommand({ UserName: 'ann', SerialNumber: serial, ...codes }))
    await makeRole(here, 'Strict', strict)
  })

  test('opens a role that asks for it, once, however many ask at once', async () => {
    expect(await refusal(assume(ann, roleArn('Strict')))).toEqual(denied(ann.arn, 'sts:AssumeRole', roleArn('Strict')))
    const shown = offer(code(0))
    const attempts = await Promise.allSettled(
      Array.from({ length: 12 }, () => actorOf(ann.env)).map((client) => asked(client, roleArn('Strict'), shown)),
    )
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await refusal(asked(ann, roleArn('Strict'), shown))).toEqual(wrong)
  })

  test('makes a session that opens IAM and such roles, of which the role’s own session says nothing', async () => {
    const { Credentials } = await ann.sts.send(new GetSessionTokenCommand(offer(code(1))))
    const own = acting(ann, Credentials)
    await own.iam.send(new ListUsersCommand({}))
    await here.iam.send(
      new PutRolePolicyCommand({ RoleName: 'Strict', PolicyName: 'own', PolicyDocument: textOf(allow(all)) }),
    )
    const role = await assume(own, roleArn('Strict'))
    expect(await refusal(assume(role, roleArn('Strict')))).toEqual(
      denied(`arn:aws:sts::${home}:assumed-role/Strict/session`, 'sts:AssumeRole', roleArn('Strict')),
    )
    // Codes of two steps ahead are nobody's yet, and those before the last good one nobody's any more.
    for (const steps of [-1, 0, 3])
      expect(await refusal(asked(ann, roleArn('Strict'), offer(code(steps))))).toEqual(wrong)
  })
})

describe('credentials of GetSessionToken', () => {
  test('live on without the key that they were asked for with, and end with the user', async () => {
    const mortal = await makeUser(here, 'mortal', allow('*'))
    const { Credentials } = await mortal.sts.send(new GetSessionTokenCommand({}))
    const own = acting(mortal, Credentials)
    const key = { UserName: 'mortal', AccessKeyId: mortal.env.accessKeyId }
    await here.iam.send(new UpdateAccessKeyCommand({ ...key, Status: 'Inactive' }))
    expect((await whoIs(own)).Arn).toBe(mortal.arn)
    await here.iam.send(new DeleteAccessKeyCommand(key))
    expect((await whoIs(own)).Arn).toBe(mortal.arn)
    await here.iam.send(new DeleteUserPolicyCommand({ UserName: 'mortal', PolicyName: 'own' }))
    await here.iam.send(new DeleteUserCommand({ UserName: 'mortal' }))
    expect((await refusal(whoIs(own))).code).toBe('InvalidClientTokenId')
  })

  test('of root become no role, and say whose they are', async () => {
    const { Credentials } = await root.sts.send(new GetSessionTokenCommand({}))
    const own = acting(root, Credentials)
    expect((await whoIs(own)).Arn).toBe(`arn:aws:iam::${other}:root`)
    await makeRole(there, 'Rootless', trusting(other))
    expect(await refusal(asked(own, roleArn('Rootless', other)))).toEqual({
      code: 'AccessDenied',
      message: 'Roles may not be assumed by root accounts.',
      status: 403,
    })
  })
})
