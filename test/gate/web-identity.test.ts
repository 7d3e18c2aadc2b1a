import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { readKeySet } from '../../src/token/jwk.ts'
import type { Keys } from '../clients/call.ts'
import { type Answer, allow, home, keysOf, other, policy, roleArn, Scene } from './scene.ts'

/** Tokens that tell others who the caller is, and what their issuer tells everybody. */
let scene: Scene
let ann: Keys
beforeEach(async () => {
  scene = await Scene.open()
  ann = await scene.user('ann', allow('sts:GetWebIdentityToken', 'sts:TagGetWebIdentityToken', 'sts:AssumeRole'))
})

const audience = 'https://api.example.com'
const token = (keys: Keys, more: Readonly<Record<string, string>> = {}) =>
  scene.call(keys, 'sts', 'GetWebIdentityToken', {
    'Audience.member.1': audience,
    SigningAlgorithm: 'RS256',
    ...more,
  })
const textOf = ({ result }: Answer): string => String(result.WebIdentityToken)
async function enable(keys = scene.administrator): Promise<string> {
  const { IssuerIdentifier } = await scene.done(keys, 'iam', 'EnableOutboundWebIdentityFederation')
  return String(IssuerIdentifier)
}
const get = (path: string, method = 'GET') => scene.fetch(method, path)
const pathOf = (issuer: string) => new URL(issuer).pathname
async function keySet(issuer: string): Promise<JSONWebKeySet> {
  const { status, body } = await get(`${pathOf(issuer)}/.well-known/jwks.json`)
  expect(status).toBe(200)
  return JSON.parse(String(body)) as JSONWebKeySet
}
async function verified(answer: Answer, issuer: string): Promise<JWTPayload> {
  expect(answer).toMatchObject({ status: 200 })
  const keys = createLocalJWKSet(await keySet(issuer))
  const { payload } = await jwtVerify(textOf(answer), keys, { issuer, audience, currentDate: new Date(scene.now) })
  return payload
}
const namespace = 'https://sts.amazonaws.com/'
const ok = { status: 200 }

describe('a web identity token', () => {
  test('says who the caller is, where, and until when', async () => {
    const issuer = await enable()
    const answer = await token(ann)
    const now = Math.floor(scene.now / 1000)
    const { jti, ...claims } = await verified(answer, issuer)
    expect(claims).toEqual({
      iss: issuer,
      sub: `arn:aws:iam::${home}:user/ann`,
      aud: audience,
      iat: now,
      exp: now + 300,
      [namespace]: { aws_account: home, source_region: 'us-east-1', principal_id: `arn:aws:iam::${home}:user/ann` },
    })
    expect(jti).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.result.Expiration).toBe(now + 300)
    expect(await verified(await token(ann), issuer)).not.toMatchObject({ jti })
  })

  test.each(['RS256', 'ES384'])('is signed by %s, with a key that it names', async (SigningAlgorithm) => {
    const issuer = await enable()
    const answer = await token(ann, { SigningAlgorithm })
    await verified(answer, issuer)
    const header = JSON.parse(Buffer.from(textOf(answer).split('.')[0] ?? '', 'base64url').toString())
    const { keys } = await keySet(issuer)
    expect(keys.filter(({ kid, alg }) => kid === header.kid && alg === SigningAlgorithm)).toHaveLength(1)
    expect(header).toEqual({ alg: SigningAlgorithm, typ: 'JWT', kid: header.kid })
  })

  test('has a list of audiences where it is for several', async () => {
    const issuer = await enable()
    const { aud } = await verified(await token(ann, { 'Audience.member.2': 'two' }), issuer)
    expect(aud).toEqual([audience, 'two'])
  })

  test('lives as long as it is told to', async () => {
    const issuer = await enable()
    const now = Math.floor(scene.now / 1000)
    for (const seconds of [60, 3600])
      expect(await verified(await token(ann, { DurationSeconds: String(seconds) }), issuer)).toMatchObject({
        exp: now + seconds,
      })
    for (const seconds of [59, 3601])
      expect(await token(ann, { DurationSeconds: String(seconds) })).toMatchObject({ code: 'ValidationError' })
  })

  test('tells of a session its role, the tags of both, its source and its end', async () => {
    const issuer = await enable()
    await scene.done(scene.administrator, 'iam', 'CreateRole', {
      RoleName: 'app',
      Path: '/team/',
      AssumeRolePolicyDocument: JSON.stringify(
        policy({
          Effect: 'Allow',
          Principal: { AWS: home },
          Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        }),
      ),
      'Tags.member.1.Key': 'Team',
      'Tags.member.1.Value': 'red',
      'Tags.member.2.Key': 'stage',
      'Tags.member.2.Value': 'test',
    })
    await scene.done(scene.administrator, 'iam', 'PutRolePolicy', {
      RoleName: 'app',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify(allow('sts:*')),
    })
    const RoleArn = `arn:aws:iam::${home}:role/team/app`
    const { Credentials } = await scene.done(scene.administrator, 'sts', 'AssumeRole', {
      RoleArn,
      RoleSessionName: 'one',
      SourceIdentity: 'ann',
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'blue',
    })
    const end = Math.floor(scene.now / 1000) + 3600
    const answer = await token(keysOf(Credentials), {
      'Tags.member.1.Key': 'job',
      'Tags.member.1.Value': '17',
    })
    expect(await verified(answer, issuer)).toMatchObject({
      sub: RoleArn,
      [namespace]: {
        principal_id: RoleArn,
        principal_tags: { stage: 'test', team: 'blue' },
        request_tags: { job: '17' },
        source_identity: 'ann',
        original_session_exp: new Date(end * 1000).toISOString().replace('.000', ''),
      },
    })
  })

  test('is one of the root user where it asks', async () => {
    const issuer = await enable()
    expect(await verified(await token(scene.root), issuer)).toMatchObject({ sub: `arn:aws:iam::${home}:root` })
  })

  test('never outlives the session that asked for it', async () => {
    const issuer = await enable()
    await scene.role('app', allow('sts:GetWebIdentityToken'))
    const keys = await scene.session('app', 900)
    scene.pass(600)
    await verified(await token(keys, { DurationSeconds: '299' }), issuer)
    const escalating = { status: 403, code: 'SessionDurationEscalationException' }
    expect(await token(keys, { DurationSeconds: '301' })).toMatchObject(escalating)
    scene.pass(1)
    expect(await token(keys)).toMatchObject(escalating)
  })

  test('is not for credentials of GetSessionToken', async () => {
    await enable()
    const { Credentials } = await scene.done(ann, 'sts', 'GetSessionToken')
    expect(await token(keysOf(Credentials))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: 'Cannot call GetWebIdentityToken with session credentials',
    })
  })

  test('is bounded in size', async () => {
    await enable()
    const tags = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        [`Tags.member.${at + 1}.Key`, `key-${at}`],
        [`Tags.member.${at + 1}.Value`, 'x'.repeat(200)],
      ]).flat(),
    )
    expect(await token(ann, tags)).toMatchObject({ status: 400, code: 'JWTPayloadSizeExceededException' })
  })

  test('has no tag twice, and no algorithm of the caller’s own', async () => {
    await enable()
    expect(
      await token(ann, {
        'Tags.member.1.Key': 'a',
        'Tags.member.1.Value': '1',
        'Tags.member.2.Key': 'A',
        'Tags.member.2.Value': '2',
      }),
    ).toMatchObject({ status: 400, code: 'InvalidParameterValue' })
    for (const SigningAlgorithm of ['HS256', 'none ', 'rs256', 'ES256'])
      expect(await token(ann, { SigningAlgorithm })).toMatchObject({
        status: 400,
        code: 'ValidationError',
        message: `1 validation error detected: Value '${SigningAlgorithm}' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RS256, ES384]`,
      })
  })
})

describe('who may have one', () => {
  test('nobody while the feature is off; whoever had one before keeps it', async () => {
    const off = { status: 403, code: 'OutboundWebIdentityFederationDisabledException' }
    expect(await token(ann)).toMatchObject(off)
    const issuer = await enable()
    const answer = await token(ann)
    await scene.done(scene.administrator, 'iam', 'DisableOutboundWebIdentityFederation')
    expect(await token(ann)).toMatchObject(off)
    await verified(answer, issuer)
    const before = await keySet(issuer)
    // For life: the same issuer, and no new keys.
    expect(await enable()).toBe(issuer)
    expect(await keySet(issuer)).toEqual(before)
    await verified(await token(ann), issuer)
  })

  test('nobody learns that it is off who may not ask', async () => {
    const bob = await scene.user('bob')
    expect(await token(bob)).toMatchObject({
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${home}:user/bob is not authorized to perform: sts:GetWebIdentityToken on resource: * because no identity-based policy allows the sts:GetWebIdentityToken action`,
    })
  })

  test('who passes tags must be allowed to', async () => {
    await enable()
    const bob = await scene.user('bob', allow('sts:GetWebIdentityToken'))
    expect(await token(bob)).toMatchObject(ok)
    const tag = { 'Tags.member.1.Key': 'job', 'Tags.member.1.Value': '17' }
    expect(await token(bob, tag)).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('not authorized to perform: sts:TagGetWebIdentityToken on resource: *'),
    })
  })

  test.each([
    [
      'its audience',
      { 'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audience } },
      { 'Audience.member.1': 'x' },
    ],
    [
      'each audience',
      { 'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audience } },
      { 'Audience.member.2': 'x' },
    ],
    ['its algorithm', { StringEquals: { 'sts:SigningAlgorithm': 'RS256' } }, { SigningAlgorithm: 'ES384' }],
    ['its life', { NumericLessThanEquals: { 'sts:DurationSeconds': '300' } }, { DurationSeconds: '301' }],
    [
      'its tags',
      { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['job'] } },
      { 'Tags.member.1.Key': 'user', 'Tags.member.1.Value': '17' },
    ],
    [
      'the value of a tag',
      { StringEqualsIfExists: { 'aws:RequestTag/job': '17' } },
      { 'Tags.member.1.Key': 'job', 'Tags.member.1.Value': '18' },
    ],
  ])('a policy may ask for %s', async (_what, Condition, otherwise) => {
    await enable()
    const bob = await scene.user('bob', policy({ Effect: 'Allow', Action: 'sts:*', Resource: '*', Condition }))
    expect(await token(bob)).toMatchObject(ok)
    expect(await token(bob, otherwise)).toMatchObject({ code: 'AccessDenied' })
  })
})

describe('what is kept of it', () => {
  test('a record without the token, and keys that nobody reads', async () => {
    const issuer = await enable()
    const answer = await token(ann)
    const [record] = await scene.recordsOf(answer)
    expect(record).toMatchObject({
      eventName: 'GetWebIdentityToken',
      requestParameters: { audience: [audience], signingAlgorithm: 'RS256' },
      responseElements: { expiration: expect.any(String) },
    })
    const entities = await scene.store.entities()
    expect(entities.filter(({ kind }) => kind === 'jwt-key')).toHaveLength(2)
    const everything = JSON.stringify([await scene.trail(), entities, scene.alarms, await keySet(issuer)])
    expect(everything).not.toContain(textOf(answer).split('.')[2])
    expect(everything).not.toContain('PRIVATE KEY')
    for (const { d, p, q } of (await keySet(issuer)).keys) expect([d, p, q]).toEqual([undefined, undefined, undefined])
  })

  test('no token leaves before its record is on disk', async () => {
    await enable()
    scene.block()
    expect(await token(ann)).toMatchObject({ status: 503 })
    scene.heal()
    expect(await token(ann)).toMatchObject(ok)
  })
})

describe('what an issuer publishes', () => {
  test('where its keys are, as OpenID Connect has it', async () => {
    const issuer = await enable()
    const { status, headers, body } = await get(`${pathOf(issuer)}/.well-known/openid-configuration`)
    expect(status).toBe(200)
    expect(JSON.parse(String(body))).toEqual({
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'jti', namespace],
      id_token_signing_alg_values_supported: ['RS256', 'ES384'],
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
    })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    })
  })

  test('its own keys, and no other account’s', async () => {
    const made = await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other })
    const [mine, theirs] = [await enable(), await enable(keysOf(made))]
    expect(mine).not.toBe(theirs)
    const kids = async (issuer: string) => (await keySet(issuer)).keys.map(({ kid }) => kid)
    expect(new Set([...(await kids(mine)), ...(await kids(theirs))]).size).toBe(4)
    await expect(verified(await token(ann), theirs)).rejects.toThrow()
  })

  test('nothing under any other name', async () => {
    const issuer = await enable()
    const path = pathOf(issuer)
    const stranger = '/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
    for (const [method, asked] of [
      ['GET', `${stranger}/.well-known/jwks.json`],
      ['GET', path],
      ['GET', `${path}/.well-known/`],
      ['GET', `${path}/.well-known/jwks.json/`],
      ['GET', `/${path}/.well-known/jwks.json`],
      ['GET', `${path.toUpperCase()}/.well-known/jwks.json`],
      ['POST', `${path}/.well-known/jwks.json`],
      ['DELETE', `${path}/.well-known/jwks.json`],
    ] as const) {
      const { status, body } = await get(asked, method)
      expect({ asked, status, body }).toEqual({ asked, status: 404, body: '<UnknownOperationException/>\n' })
    }
    expect(await get(`${path}/.well-known/jwks.json`, 'HEAD')).toMatchObject(ok)
  })

  test('leaves nothing in the trail', async () => {
    const issuer = await enable()
    const before = (await scene.trail()).length
    await keySet(issuer)
    expect(await scene.trail()).toHaveLength(before)
  })
})

describe('its keys turn while the authority runs:', () => {
  const day = 24 * 3600
  /** Lets a timer go off, and the key that it asks for be made. */
  async function turned(): Promise<void> {
    await scene.quiet()
    await scene.idle()
    await scene.quiet()
  }
  const kidOf = (answer: Answer): string =>
    String(JSON.parse(Buffer.from(textOf(answer).split('.')[0] ?? '', 'base64url').toString()).kid)

  test('the next one is published before it signs, and the last one as long as a token of it lives', async () => {
    const issuer = await enable()
    const ofRsa = async () => (await keySet(issuer)).keys.filter(({ kty }) => kty === 'RSA').map(({ kid }) => kid)
    const [old] = await ofRsa()
    scene.pass(90 * day - 1)
    await turned()
    expect(await ofRsa()).toEqual([old])
    scene.pass(1)
    await turned()
    const [next, last] = await ofRsa()
    expect([last, next === old]).toEqual([old, false])
    expect(kidOf(await token(ann))).toBe(old)

    scene.pass(3600)
    const answer = await token(ann)
    expect(kidOf(answer)).toBe(next)
    await verified(answer, issuer)
    expect(await ofRsa()).toEqual([next, old])
    scene.pass(90 * day)
    await turned()
    const [third, second, ...more] = await ofRsa()
    expect([second, more]).toEqual([next, []])
    expect([next, old]).not.toContain(third)
    expect(scene.alarms).toEqual([])
  })

  test('not where nobody gives tokens out', async () => {
    const issuer = await enable()
    const before = await keySet(issuer)
    await scene.done(scene.administrator, 'iam', 'DisableOutboundWebIdentityFederation')
    scene.pass(200 * day)
    await turned()
    expect(await keySet(issuer)).toEqual(before)
    // And a new one comes with the word that it is on again, but does not sign at once.
    await enable()
    expect((await keySet(issuer)).keys).toHaveLength(4)
    expect(before.keys.map(({ kid }) => kid)).toContain(kidOf(await token(ann)))
  })
})

test('an account that is told of no issuer is in the trail of nobody else', async () => {
  // A role of another account that is assumed from here gives out its own account's tokens.
  const made = keysOf(await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other }))
  await scene.role('away', allow('sts:GetWebIdentityToken'), made, home)
  await enable()
  const { Credentials } = await scene.done(ann, 'sts', 'AssumeRole', {
    RoleArn: roleArn('away', other),
    RoleSessionName: 'one',
  })
  const away = keysOf(Credentials)
  expect(await token(away)).toMatchObject({ code: 'OutboundWebIdentityFederationDisabledException' })
  const issuer = await enable(made)
  expect(await verified(await token(away), issuer)).toMatchObject({
    sub: roleArn('away', other),
    [namespace]: { aws_account: other },
  })
})

test('no token of this authority opens a role of it: whoever had one could trade a short session for a long one', async () => {
  const issuer = await enable()
  const configured = await keySet(issuer)
  scene.fetchKeys = async () => ({ keys: readKeySet(Buffer.from(JSON.stringify(configured))) ?? [] })
  const { OpenIDConnectProviderArn } = await scene.done(scene.administrator, 'iam', 'CreateOpenIDConnectProvider', {
    Url: issuer,
    'ClientIDList.member.1': audience,
  })
  const Condition = { StringEquals: { [`${issuer.slice('https://'.length)}:aud`]: audience } }
  await scene.done(scene.administrator, 'iam', 'CreateRole', {
    RoleName: 'back',
    AssumeRolePolicyDocument: JSON.stringify(
      policy({
        Effect: 'Allow',
        Principal: { Federated: String(OpenIDConnectProviderArn) },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition,
      }),
    ),
  })
  const WebIdentityToken = textOf(await token(ann))
  const asked = { RoleArn: roleArn('back'), RoleSessionName: 'one', WebIdentityToken }
  expect(await scene.call(ann, 'sts', 'AssumeRoleWithWebIdentity', asked, { unsigned: true })).toMatchObject({
    status: 400,
    code: 'InvalidIdentityToken',
    message: 'Tokens of GetWebIdentityToken cannot be used to assume a role',
  })
})
