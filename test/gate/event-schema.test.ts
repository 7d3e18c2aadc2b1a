import { beforeAll, describe, expect, test } from 'vitest'
import { codeAt, seedBytes, stepAt } from '../../src/token/totp.ts'
import type { Keys, Part } from '../clients/call.ts'
import { aws, identityProvider, login } from '../token/idp.ts'
import { type CallerKind, eventBy, list, object, one, table, text } from './event-schema.ts'
import { Federation, token } from './federation.ts'
import { type Answer, allow, home, keysOf, other, policy, type Recorded, roleArn, type Scene } from './scene.ts'

/** A walk through every kind of caller, and the record of each of its calls. */
let scene: Scene
let federation: Federation
const calls = new Map<CallerKind, Answer['requestId'][]>()
const by = (kind: CallerKind, { requestId }: { readonly requestId: string }) =>
  calls.set(kind, [...(calls.get(kind) ?? []), requestId])

const everything = allow('*')
const keysIn = ({ result, text: said }: Answer): Keys => {
  if (result.Credentials === undefined) throw new Error(said)
  return keysOf(result.Credentials)
}
const assume = (keys: Keys, role: string, more: Readonly<Record<string, string>> = {}) =>
  scene.call(keys, 'sts', 'AssumeRole', { RoleArn: role, RoleSessionName: 'session', ...more })
const whoami = async (kind: CallerKind, keys: Keys) => by(kind, await scene.call(keys, 'sts', 'GetCallerIdentity'))

let phone: { readonly SerialNumber: string; readonly code: (step: number) => string }
let there: Keys
let chained: Answer
let acrossAccounts: Answer
let samlLogin: Answer
let webLogin: Answer

beforeAll(async () => {
  federation = await Federation.open()
  scene = federation.scene
  const { administrator, root } = scene
  const made: Part = await scene.done(administrator, 'rolecall', 'CreateAccount', { AccountId: other })
  there = keysOf(made)

  await whoami('root', root)
  by('root', await scene.call(root, 'iam', 'CreateAccountAlias', { AccountAlias: 'the-house' }))
  await whoami('root', root)
  await whoami('root session', keysIn(await scene.call(root, 'sts', 'GetSessionToken')))
  await whoami(
    'root’s federated user',
    keysIn(await scene.call(root, 'sts', 'GetFederationToken', { Name: 'visitor' })),
  )

  const ann = await scene.user('ann', everything)
  by('user', await scene.call(ann, 'iam', 'GetUser'))
  by('user', await scene.call(ann, 'iam', 'GetUser', { UserName: 'missing' }))
  const own = await scene.call(ann, 'sts', 'GetSessionToken')
  by('user', own)
  by('user session', await scene.json(keysIn(own), 'cloudtrail', 'LookupEvents'))
  const federated = await scene.call(ann, 'sts', 'GetFederationToken', {
    Name: 'bob',
    Policy: JSON.stringify(everything),
  })
  by('user', federated)
  by('federated user', await scene.json(keysIn(federated), 'cloudtrail', 'LookupEvents'))

  const device = await scene.done(administrator, 'iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' })
  const seed = seedBytes(Buffer.from(String(device.VirtualMFADevice?.Base32StringSeed), 'base64').toString())
  phone = {
    SerialNumber: String(device.VirtualMFADevice?.SerialNumber),
    code: (step) => codeAt(seed, stepAt(scene.now) + step),
  }
  by(
    'user',
    await scene.call(ann, 'iam', 'EnableMFADevice', {
      UserName: 'ann',
      SerialNumber: phone.SerialNumber,
      AuthenticationCode1: phone.code(-1),
      AuthenticationCode2: phone.code(0),
    }),
  )
  scene.pass(60)
  const second = await scene.call(ann, 'sts', 'GetSessionToken', {
    SerialNumber: phone.SerialNumber,
    TokenCode: phone.code(0),
  })
  by('user', second)
  by('user session', await scene.call(keysIn(second), 'iam', 'ListUsers'))

  const trust = (AWS: string) =>
    JSON.stringify(
      policy({
        Effect: 'Allow',
        Principal: { AWS },
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      }),
    )
  for (const [keys, RoleName] of [
    [administrator, 'first'],
    [administrator, 'second'],
    [there, 'away'],
  ] as const) {
    await scene.done(keys, 'iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: trust(home) })
    await scene.done(keys, 'iam', 'PutRolePolicy', {
      RoleName,
      PolicyName: 'all',
      PolicyDocument: JSON.stringify(everything),
    })
  }
  const first = await assume(ann, roleArn('first'), {
    SourceIdentity: 'ann@corp',
    'Tags.member.1.Key': 'Team',
    'Tags.member.1.Value': 'Blue',
    'Tags.member.2.Key': 'Own',
    'Tags.member.2.Value': 'x',
    'TransitiveTagKeys.member.1': 'Team',
    ExternalId: 'external-id',
    'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AdministratorAccess',
    Policy: JSON.stringify(everything),
    DurationSeconds: '1200',
  })
  by('user', first)
  await whoami('role session', keysIn(first))
  chained = await assume(keysIn(first), roleArn('second'))
  by('role session', chained)
  await whoami('role session', keysIn(chained))
  acrossAccounts = await assume(keysIn(chained), roleArn('away', other))
  by('role session', acrossAccounts)
  by('another account', acrossAccounts)
  await whoami('role session', keysIn(acrossAccounts))
  const refused = await assume(ann, roleArn('missing', other))
  by('user', refused)
  by('another account', refused)

  await federation.allow('deploy', '*')
  webLogin = await federation.assume(token({ amr: ['mfa', 'pwd'] }))
  by('web identity', webLogin)
  await whoami('role session', keysIn(webLogin))
  by('nobody', await federation.assume('no token'))

  const idp = identityProvider()
  const PrincipalArn = `arn:aws:iam::${home}:saml-provider/corp`
  await scene.done(administrator, 'iam', 'CreateSAMLProvider', { Name: 'corp', SAMLMetadataDocument: idp.metadata })
  await scene.done(administrator, 'iam', 'CreateRole', {
    RoleName: 'dev',
    AssumeRolePolicyDocument: JSON.stringify(
      policy({
        Effect: 'Allow',
        Principal: { Federated: PrincipalArn },
        Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession'],
      }),
    ),
  })
  const SAMLAssertion = login(idp, {
    at: scene.now,
    nameId: 'alice@corp',
    attributes: {
      [aws('Role')]: [`${roleArn('dev')},${PrincipalArn}`],
      [aws('RoleSessionName')]: ['alice'],
      [aws('PrincipalTag:CostCenter')]: ['12'],
      [aws('TransitiveTagKeys')]: ['CostCenter'],
    },
  })
  const asked = { RoleArn: roleArn('dev'), PrincipalArn, SAMLAssertion }
  samlLogin = await scene.call(administrator, 'sts', 'AssumeRoleWithSAML', asked, { unsigned: true })
  by('saml', samlLogin)
  await whoami('role session', keysIn(samlLogin))
  by(
    'nobody',
    await scene.call(
      administrator,
      'sts',
      'AssumeRoleWithSAML',
      { ...asked, SAMLAssertion: 'AAAA' },
      { unsigned: true },
    ),
  )

  await scene.json(administrator, 'organizations', 'CreateOrganization', { FeatureSet: 'ALL' })
  const invited = await scene.json(administrator, 'organizations', 'InviteAccountToOrganization', {
    Target: { Id: other, Type: 'ACCOUNT' },
  })
  // As AWS answers it: a handshake with an id.
  const { Id } = invited.result.Handshake as { readonly Id: string }
  await scene.json(there, 'organizations', 'AcceptHandshake', { HandshakeId: Id })
  await scene.json(administrator, 'organizations', 'EnableAWSServiceAccess', { ServicePrincipal: 'iam.amazonaws.com' })
  await scene.done(administrator, 'iam', 'EnableOrganizationsRootSessions')
  const lent = await scene.call(administrator, 'sts', 'AssumeRoot', {
    TargetPrincipal: other,
    'TaskPolicyArn.arn': 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials',
  })
  await whoami('lent root', keysIn(lent))

  by('nobody', await scene.call({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }, 'iam', 'ListUsers'))
  by('nobody', await scene.call({ ...ann, secretAccessKey: 'x' }, 'iam', 'ListUsers'))
  by('nobody', await scene.call(ann, 'iam', 'ListUsers', {}, { unsigned: true }))
})

/** Records as they were written, by the ids of their requests. */
async function recordsOf(ids: readonly string[]): Promise<readonly Recorded[]> {
  const wanted = new Set(ids)
  return (await scene.trail()).filter(({ requestID }) => wanted.has(requestID))
}

const kinds: readonly CallerKind[] = [
  'root',
  'root session',
  'lent root',
  'user',
  'user session',
  'role session',
  'federated user',
  'root’s federated user',
  'web identity',
  'saml',
  'another account',
  'nobody',
]

describe('the record of a call', () => {
  test.each(kinds)('by %s has the form that CloudTrail gives it', async (kind) => {
    const records = await recordsOf(calls.get(kind) ?? [])
    // Of a call between accounts, the owner is told only of an account.
    const mine = records.filter(
      ({ userIdentity: { type } }) => (type === 'AWSAccount') === (kind === 'another account'),
    )
    expect(mine.length).toBeGreaterThanOrEqual(calls.get(kind)?.length ?? 1)
    for (const record of mine) expect(eventBy(kind)(record, ''), record.eventName).toEqual([])
  })

  test('and every record that there is has the form of some kind of caller', async () => {
    for (const record of await scene.trail()) {
      const told = kinds.map((kind) => eventBy(kind)(record, ''))
      expect(
        told.some((wrong) => wrong.length === 0),
        JSON.stringify([record, told]),
      ).toBe(true)
    }
    expect(scene.alarms).toEqual([])
  })
})

const parametersOf = async (answer: Answer) => {
  const [record] = await recordsOf([answer.requestId])
  return { parameters: record?.requestParameters, response: record?.responseElements }
}
const tags = list(object({ key: text(), value: text() }))
const credentials = object({
  accessKeyId: text(/^ASIA/),
  expiration: text(/^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d\d:\d\d [AP]M$/),
})
const assumedRoleUser = object({ assumedRoleId: text(/^AROA\w+:\w+$/), arn: text(/^arn:aws:sts::/) })

describe('what was asked and answered', () => {
  test('of AssumeRole, with everything that it can be asked for', async () => {
    const [first] = (await scene.trail()).filter(({ requestParameters }) =>
      JSON.stringify(requestParameters)?.includes('external-id'),
    )
    expect(
      object({
        roleArn: text(/^arn:/),
        roleSessionName: one('session'),
        sourceIdentity: one('ann@corp'),
        tags,
        transitiveTagKeys: list(one('Team')),
        externalId: one('external-id'),
        policyArns: list(object({ arn: text(/^arn:/) })),
        policy: text(/^\{/),
        durationSeconds: one(1200),
      })(first?.requestParameters, 'asked'),
    ).toEqual([])
    expect(
      object({
        credentials,
        assumedRoleUser,
        packedPolicySize: (size) => (Number(size) > 0 ? [] : ['no size']),
        sourceIdentity: one('ann@corp'),
      })(first?.responseElements, 'answered'),
    ).toEqual([])
  })

  test('of a chained one, with the tags that it takes over under their own names', async () => {
    const { parameters } = await parametersOf(chained)
    expect(parameters).toEqual({
      roleArn: roleArn('second'),
      roleSessionName: 'session',
      incomingTransitiveTags: { Team: 'Blue' },
    })
  })

  test('of a web identity login, without the token', async () => {
    const { parameters, response } = await parametersOf(webLogin)
    expect(object({ roleArn: text(), roleSessionName: text() })(parameters, 'asked')).toEqual([])
    expect(
      object({ credentials, assumedRoleUser, subjectFromWebIdentityToken: text(), provider: text(), audience: text() })(
        response,
        'answered',
      ),
    ).toEqual([])
  })

  test('of a SAML login, with the id of the assertion and its tags, without the assertion', async () => {
    const { parameters, response } = await parametersOf(samlLogin)
    expect(
      object({
        roleArn: text(),
        principalArn: text(),
        sAMLAssertionID: text(),
        roleSessionName: one('alice'),
        principalTags: table(one('12')),
        transitiveTagKeys: list(one('CostCenter')),
      })(parameters, 'asked'),
    ).toEqual([])
    expect(parameters).toMatchObject({ principalTags: { CostCenter: '12' } })
    expect(
      object(
        {
          credentials,
          assumedRoleUser,
          subject: text(),
          subjectType: text(),
          issuer: text(),
          audience: text(),
          nameQualifier: text(),
        },
        {
          packedPolicySize: () => [],
        },
      )(response, 'answered'),
    ).toEqual([])
  })
})

test('a call into another account is recorded in both, under ids of their own and one that they share', async () => {
  for (const { requestId } of [acrossAccounts]) {
    const [mine, theirs, ...more] = await recordsOf([requestId])
    expect(more).toEqual([])
    expect([mine?.recipientAccountId, theirs?.recipientAccountId]).toEqual([home, other])
    expect(mine?.sharedEventID).toBe(theirs?.sharedEventID)
    expect(mine?.sharedEventID).toEqual(expect.any(String))
    expect(mine?.eventID).not.toBe(theirs?.eventID)
    expect(mine?.responseElements).toEqual(theirs?.responseElements)
    expect(JSON.stringify(theirs?.userIdentity)).not.toContain('arn:')
  }
})

test('nothing but the two calls that go there is shared', async () => {
  const shared = (await scene.trail()).filter(({ sharedEventID }) => sharedEventID !== undefined)
  expect(new Set(shared.map(({ eventName }) => eventName))).toEqual(new Set(['AssumeRole', 'AssumeRoot']))
})
