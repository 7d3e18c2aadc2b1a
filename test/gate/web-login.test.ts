import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { renderExplanation } from '../../src/policy/explain.ts'
import { ecPair, edPair, signedText } from '../token/forge.ts'
import {
  assumingWebIdentity,
  denied,
  Federation,
  header,
  honest,
  host,
  invalid,
  issuer,
  provider,
  refusal,
  rsa,
  seconds,
  sub,
  token,
  unknownIssuer,
} from './federation.ts'
import { home, keysOf, other, policy, roleArn } from './scene.ts'

const ec = ecPair('P-256')
const ed = edPair()

/** What every record of STS says. */
const served = {
  ExtendedRequestId: expect.any(String),
  RequestDetails: { awsServingRegion: 'us-east-1', endpointType: 'regional' },
}

let it: Federation
beforeEach(async () => {
  it = await Federation.open()
})

describe('a token of a provider of the account', () => {
  test('provider-by-arn: becomes a session of the role that trusts it', async () => {
    const answer = await it.assume(token())
    expect(answer.status).toBe(200)
    const { AssumedRoleUser, Credentials, ...rest } = answer.result
    expect(AssumedRoleUser).toMatchObject({ Arn: `arn:aws:sts::${home}:assumed-role/deploy/one` })
    expect(rest).toEqual({ SubjectFromWebIdentityToken: sub, Audience: 'sts.amazonaws.com', Provider: provider })
    expect(Credentials?.Expiration).toBeDefined()
    const { Arn, Account } = await it.scene.done(keysOf(Credentials), 'sts', 'GetCallerIdentity')
    expect([Arn, Account]).toEqual([`arn:aws:sts::${home}:assumed-role/deploy/one`, home])
  })

  test('is written about without the token', async () => {
    const shown = token({ amr: ['mfa'] })
    const [record, ...more] = await it.scene.recordsOf(await it.assume(shown))
    expect(more).toEqual([])
    expect(record).toMatchObject({
      eventName: 'AssumeRoleWithWebIdentity',
      readOnly: true,
      recipientAccountId: home,
      userIdentity: {
        type: 'WebIdentityUser',
        principalId: `${provider}:sts.amazonaws.com:${sub}`,
        userName: sub,
        identityProvider: provider,
      },
      requestParameters: { roleArn: roleArn('deploy'), roleSessionName: 'one' },
      responseElements: { subjectFromWebIdentityToken: sub, provider, audience: 'sts.amazonaws.com' },
      resources: [{ ARN: roleArn('deploy'), accountId: home, type: 'AWS::IAM::Role' }],
    })
    for (const part of shown.split('.')) expect(JSON.stringify(await it.scene.trail())).not.toContain(part)
  })

  test('is written about with the tags and the source that it asked for, as if the request had', async () => {
    await it.role('tagged', undefined, [assumingWebIdentity, 'sts:TagSession', 'sts:SetSourceIdentity'])
    const claims = {
      'https://aws.amazon.com/tags': { principal_tags: { Team: ['red'] }, transitive_tag_keys: ['Team'] },
      'https://aws.amazon.com/source_identity': 'octocat',
    }
    const answer = await it.assume(token(claims), { RoleArn: roleArn('tagged') })
    expect(answer.status).toBe(200)
    const [record] = await it.scene.recordsOf(answer)
    expect(record?.requestParameters).toEqual({
      roleArn: roleArn('tagged'),
      roleSessionName: 'one',
      principalTags: { Team: 'red' },
      transitiveTagKeys: ['Team'],
      sourceIdentity: 'octocat',
    })
    expect(record?.responseElements).toMatchObject({ sourceIdentity: 'octocat' })
  })

  test.each([
    ['authority', { identityProviderConnectionVerificationMethod: 'IAMTrustStore' }],
    ['thumbprint', { identityProviderConnectionVerificationMethod: 'Thumbprint' }],
    [undefined, {}],
  ] as const)('is written about with how its issuer was known: %s', async (vouched, known) => {
    it.vouched = vouched
    const told = { ...served, ...known }
    const [record] = await it.scene.recordsOf(await it.assume(token()))
    expect(record?.additionalEventData).toEqual(told)
    const [refused] = await it.scene.recordsOf(await it.assume(token({ sub: 'repo:elsewhere/x' })))
    expect(refused).toMatchObject({ errorCode: 'AccessDenied' })
    expect(refused?.additionalEventData).toEqual(told)
  })

  test('is written about as authorized by the provider (role-authorized-told-when-true) only where its token named the role', async () => {
    it.vouched = undefined
    const roles = 'https://aws.amazon.com/roles'
    const told = async (named: string, more: object = {}) => {
      const [record] = await it.scene.recordsOf(await it.assume(token({ [roles]: named, ...more })))
      return [record?.errorCode, record?.additionalEventData]
    }
    expect(await told(roleArn('deploy'))).toEqual([undefined, { ...served, RoleAuthorizedByIdp: true }])
    expect(await told(roleArn('deploy'), { sub: 'repo:elsewhere/x' })).toEqual(['AccessDenied', served])
    expect(await told(roleArn('other'))).toEqual(['InvalidIdentityTokenException', served])
  })

  test('is written about as where the session came from, later on', async () => {
    await it.allow('deploy', 'iam:ListUsers')
    const session = keysOf((await it.assume(token({ amr: ['mfa', 'pwd'] }))).result.Credentials)
    const [record] = await it.scene.recordsOf(await it.scene.call(session, 'iam', 'ListUsers'))
    expect(record?.userIdentity).toMatchObject({
      type: 'AssumedRole',
      sessionContext: {
        webIdFederationData: {
          federatedProvider: provider,
          attributes: { [`${host}:sub`]: sub, [`${host}:aud`]: 'sts.amazonaws.com', [`${host}:amr`]: 'mfa,pwd' },
        },
      },
    })
  })

  test.each([
    ['ES256', () => ec],
    ['EdDSA', () => ed],
    ['PS384', () => rsa],
  ])('may be signed with %s', async (alg, pair) => {
    it.listed = [[pair(), { kid: 'one' }]]
    const text = signedText(JSON.stringify({ ...header, alg }), JSON.stringify(honest), alg, pair().privateKey)
    expect((await it.assume(text)).status).toBe(200)
  })

  test('token-of-a-file: may come with the end of the line that it had in a file', async () => {
    expect((await it.assume(`${token()}\n`)).status).toBe(200)
  })

  test('needs no signature of the request, and none is looked at', async () => {
    const parameters = { RoleArn: roleArn('deploy'), RoleSessionName: 'one', WebIdentityToken: token() }
    const nobody = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) }
    expect((await it.scene.call(nobody, 'sts', 'AssumeRoleWithWebIdentity', parameters)).status).toBe(200)
  })
})

describe('login-refused-without-name: a refusal of the trust policy says nothing of it', () => {
  test.each<[string, object, string]>([
    ['for another subject', { sub: 'repo:evil/repo:ref:refs/heads/main' }, 'deploy'],
    ['for a subject in other letters', { sub: sub.replace('octo-org', 'Octo-Org') }, 'deploy'],
    ['for another audience that the provider takes', { aud: 'another' }, 'deploy'],
    ['for a role that is not there', {}, 'nobody'],
  ])('%s', async (_what, claims, name) => {
    expect(refusal(await it.assume(token(claims), { RoleArn: roleArn(name) }))).toEqual(denied())
  })

  test('for a role that trusts another provider, or another way in', async () => {
    await it.role('elsewhere', undefined, undefined, 'accounts.google.com')
    await it.scene.role('signed')
    for (const name of ['elsewhere', 'signed'])
      expect(refusal(await it.assume(token(), { RoleArn: roleArn(name) }))).toEqual(denied())
  })

  test('and not even whether the account is there', async () => {
    expect(refusal(await it.assume(token(), { RoleArn: roleArn('deploy', '999999999999') }))).toEqual(
      unknownIssuer(issuer),
    )
  })
})

test('provider-of-the-role: only the account that has the provider takes its tokens', async () => {
  await it.scene.done(it.scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other, Name: 'other' })
  expect(refusal(await it.assume(token(), { RoleArn: roleArn('deploy', other) }))).toEqual(unknownIssuer(issuer))
})

test.each([
  ['a text', 'not-an-arn-at-all-but-long'],
  ['a user', `arn:aws:iam::${home}:user/somebody`],
  ['a role without account', 'arn:aws:iam:::role/deploy-somewhere'],
])('what is no role is told so: %s', async (_what, RoleArn) => {
  expect(refusal(await it.assume(token(), { RoleArn }))).toEqual([400, 'ValidationError', 'Request ARN is invalid'])
})

test('providers that give no ID tokens are not taken', async () => {
  expect(refusal(await it.assume('Atza|IQEBLjAsAhRFi', { ProviderId: 'www.amazon.com' }))).toEqual(
    invalid('www.amazon.com gives no ID tokens: this authority takes no other ones'),
  )
})

describe('a session', () => {
  test('is as long as was asked for, and no longer than the role allows', async () => {
    const until = async (more: Readonly<Record<string, string>>) =>
      Number((await it.assume(token(), more)).result.Credentials?.Expiration) - seconds
    expect(await until({})).toBe(3600)
    expect(await until({ DurationSeconds: '900' })).toBe(900)
    expect(refusal(await it.assume(token(), { DurationSeconds: '3601' }))).toEqual([
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    ])
    expect((await it.assume(token(), { DurationSeconds: '899' })).code).toBe('ValidationError')
  })

  test('is narrowed by the policies that it was asked for with', async () => {
    await it.allow('deploy', 'iam:List*')
    const narrow = JSON.stringify(policy({ Effect: 'Allow', Action: 'iam:ListRoles', Resource: '*' }))
    const answer = await it.assume(token(), { Policy: narrow })
    const session = keysOf(answer.result.Credentials)
    expect((await it.scene.call(session, 'iam', 'ListRoles')).status).toBe(200)
    expect((await it.scene.call(session, 'iam', 'ListUsers')).status).toBe(403)
    expect(Number(answer.result.PackedPolicySize)).toBeGreaterThan(0)
    expect((await it.assume(token(), { Policy: '{' })).code).toBe('MalformedPolicyDocument')
    const gone = { 'PolicyArns.member.1.arn': `arn:aws:iam::${home}:policy/gone` }
    expect((await it.assume(token(), gone)).code).toBe('ValidationError')
  })

  test('knows who it is of, as its policies may ask', async () => {
    await it.scene.done(it.scene.administrator, 'iam', 'PutRolePolicy', {
      RoleName: 'deploy',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify(
        policy({
          Effect: 'Allow',
          Action: 'iam:ListUsers',
          Resource: '*',
          Condition: {
            StringEquals: {
              [`${host}:sub`]: sub,
              [`${host}:aud`]: 'sts.amazonaws.com',
              'aws:FederatedProvider': provider,
            },
            Null: { [`${host}:email`]: 'true', [`${host}:actor`]: 'true', 'sts:RoleAuthorizedByIdp': 'true' },
          },
        }),
      ),
    })
    const session = keysOf((await it.assume(token({ email: 'a@b.example', actor: 'octocat' }))).result.Credentials)
    expect((await it.scene.call(session, 'iam', 'ListUsers')).status).toBe(200)
    const elsewhere = keysOf((await it.assume(token({ sub: 'repo:octo-org/x' }))).result.Credentials)
    expect((await it.scene.call(elsewhere, 'iam', 'ListUsers')).status).toBe(403)
  })

  test('has room for the longest that a token says', async () => {
    // Random, so that nothing of it can be packed but what is said twice.
    const text = (length: number) => randomBytes(length).toString('base64url').slice(0, length)
    const url = `https://${text(40).replaceAll(/[-_]/g, 'x')}.example/${text(190)}`
    const [subject, audience, method, tag] = [text(255), text(255), text(255), text(128)]
    await it.scene.done(it.scene.administrator, 'iam', 'CreateOpenIDConnectProvider', {
      Url: url,
      'ClientIDList.member.1': audience,
    })
    await it.role(
      'long',
      {},
      ['sts:AssumeRoleWithWebIdentity', 'sts:SetSourceIdentity', 'sts:TagSession'],
      `arn:aws:iam::${home}:oidc-provider/${url.slice('https://'.length)}`,
    )
    const longest = token({
      iss: url,
      sub: subject,
      aud: audience,
      amr: [method],
      'https://aws.amazon.com/source_identity': text(64),
      'https://aws.amazon.com/tags': { principal_tags: { [tag]: text(256), b: text(60) }, transitive_tag_keys: [tag] },
    })
    const answer = await it.assume(longest, { RoleArn: roleArn('long'), RoleSessionName: text(64) })
    expect(answer.status, answer.text).toBe(200)
    expect(Number(answer.result.PackedPolicySize)).toBeGreaterThan(80)
    expect(String(answer.result.Credentials?.SessionToken).length).toBeLessThanOrEqual(4096)
  })
})

describe('why a token was refused is shown to the owner of the role', () => {
  const why = async (condition: Record<string, object>, claims: object = {}) => {
    await it.role('asked', condition)
    const { requestId } = await it.assume(token(claims), { RoleArn: roleArn('asked') })
    const { Decision } = await it.scene.done(it.scene.administrator, 'rolecall', 'GetDecision', {
      RequestId: requestId,
    })
    return renderExplanation(JSON.parse(String(Decision)), { account: home, columns: 400 })
  }

  test('with what the token says, and never the token', async () => {
    const page = await why({ StringLike: { [`${host}:subject`]: 'repo:octo-org/*' } }, { actor: 'octocat' })
    expect(page).toContain(`${host}:subject wants "repo:octo-org/*"; the request has none`)
    expect(page).toContain(`the token says:\n  ${host}:aud "sts.amazonaws.com"\n  ${host}:sub "${sub}"\n`)
    expect(page).toContain(`\n  ${host}:actor "octocat"\n`)
    expect(page).not.toContain('eyJ')
  })

  test('with what was most likely meant', async () => {
    expect(await why({ StringEquals: { [`${host}:sub`]: 'repo:octo-org/*' } })).toMatch(
      /-> statement 1 .* StringEquals wants "repo:octo-org\/\*", the request has ".*"; under StringEquals a \* or \? is a letter/,
    )
  })
})

test('an organization’s resource control policies hold a role whoever comes to it, also by a provider’s word', async () => {
  const { scene } = it
  const manager = keysOf(await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other }))
  const told = async (keys: typeof manager, action: string, input: object = {}) =>
    (await scene.json(keys, 'organizations', action, input)).result
  await told(manager, 'CreateOrganization', { FeatureSet: 'ALL' })
  const { Roots } = await told(manager, 'ListRoots')
  const [{ Id: RootId }] = Roots as readonly [{ readonly Id: string }]
  const type = 'RESOURCE_CONTROL_POLICY'
  await told(manager, 'EnablePolicyType', { RootId, PolicyType: type })
  const { Handshake } = await told(manager, 'InviteAccountToOrganization', { Target: { Type: 'ACCOUNT', Id: home } })
  await told(scene.administrator, 'AcceptHandshake', { HandshakeId: (Handshake as { readonly Id: string }).Id })
  const holding = async (Action: string) => {
    const Content = JSON.stringify(policy({ Effect: 'Deny', Principal: '*', Action, Resource: '*' }))
    const made = await told(manager, 'CreatePolicy', {
      Name: Action.replace(':', '-'),
      Description: '',
      Type: type,
      Content,
    })
    const { PolicySummary } = made.Policy as { readonly PolicySummary: { readonly Id: string } }
    return { PolicyId: PolicySummary.Id, TargetId: home }
  }
  const [plain, byToken] = [await holding('sts:AssumeRole'), await holding(assumingWebIdentity)]
  await told(manager, 'AttachPolicy', plain)
  expect((await it.assume(token())).status).toBe(200)
  await told(manager, 'AttachPolicy', byToken)
  expect(refusal(await it.assume(token()))).toEqual(denied())
  await told(manager, 'DetachPolicy', byToken)
  expect((await it.assume(token())).status).toBe(200)
})
