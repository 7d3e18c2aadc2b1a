import { beforeEach, describe, expect, test } from 'vitest'
import { denied, Federation, host, invalid, malformed, refusal, sub, token } from './federation.ts'
import { keysOf, policy, roleArn } from './scene.ts'

let it: Federation
beforeEach(async () => {
  it = await Federation.open()
})

describe('roles-claim-binds: a token that names roles', () => {
  const roles = 'https://aws.amazon.com/roles'
  const bound = invalid('The target role ARN is not present in the roles claim of the identity token')
  test('is good for those and no other, whatever they trust', async () => {
    expect((await it.assume(token({ [roles]: roleArn('deploy') }))).status).toBe(200)
    expect((await it.assume(token({ [roles]: [roleArn('other'), roleArn('deploy')] }))).status).toBe(200)
    for (const named of [
      roleArn('other'),
      'deploy',
      roleArn('*'),
      [],
      [roleArn('other')],
      { role: roleArn('deploy') },
      null,
    ])
      expect(refusal(await it.assume(token({ [roles]: named })))).toEqual(bound)
  })

  test('can be asked for', async () => {
    await it.role('pinned', { Bool: { 'sts:RoleAuthorizedByIdp': 'true' } })
    const into = { RoleArn: roleArn('pinned') }
    expect((await it.assume(token({ [roles]: roleArn('pinned') }), into)).status).toBe(200)
    expect(refusal(await it.assume(token(), into))).toEqual(denied())
    await it.role('unpinned', { Bool: { 'sts:RoleAuthorizedByIdp': 'false' } })
    expect((await it.assume(token(), { RoleArn: roleArn('unpinned') })).status).toBe(200)
  })
})

describe('session tags', () => {
  const tags = (principal_tags: object, transitive_tag_keys?: unknown) => ({
    'https://aws.amazon.com/tags': { principal_tags, transitive_tag_keys },
  })
  const both = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity']

  test('come from the token, and the trust policy must let them', async () => {
    expect(refusal(await it.assume(token(tags({ Team: ['blue'] }))))).toEqual(denied('sts:TagSession'))
    await it.role('tagged', undefined, both)
    await it.scene.done(it.scene.administrator, 'iam', 'PutRolePolicy', {
      RoleName: 'tagged',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify(
        policy({
          Effect: 'Allow',
          Action: 'iam:ListUsers',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalTag/Team': 'blue' } },
        }),
      ),
    })
    const into = { RoleArn: roleArn('tagged') }
    const answer = await it.assume(token(tags({ Team: ['blue'], Cost: '7' }, ['Team'])), into)
    expect(Number(answer.result.PackedPolicySize)).toBeGreaterThan(0)
    const blue = keysOf(answer.result.Credentials)
    const red = keysOf((await it.assume(token(tags({ Team: ['red'] })), into)).result.Credentials)
    expect((await it.scene.call(blue, 'iam', 'ListUsers')).status).toBe(200)
    expect((await it.scene.call(red, 'iam', 'ListUsers')).status).toBe(403)
    const flat = {
      'https://aws.amazon.com/tags/principal_tags/Team': 'blue',
      'https://aws.amazon.com/tags/transitive_tag_keys': ['Team'],
    }
    const flatly = keysOf((await it.assume(token(flat), into)).result.Credentials)
    expect((await it.scene.call(flatly, 'iam', 'ListUsers')).status).toBe(200)
  })

  test('can be asked for, and go on to the next role where they are transitive', async () => {
    await it.role(
      'tagged',
      {
        StringEquals: { 'aws:RequestTag/Team': 'blue' },
        'ForAllValues:StringEquals': { 'sts:TransitiveTagKeys': ['Team'] },
      },
      both,
    )
    const into = { RoleArn: roleArn('tagged') }
    expect(refusal(await it.assume(token(tags({ Team: ['red'] }, ['Team'])), into))).toEqual(denied())
    await it.scene.done(it.scene.administrator, 'iam', 'CreateRole', {
      RoleName: 'next',
      AssumeRolePolicyDocument: JSON.stringify(
        policy({
          Effect: 'Allow',
          Principal: { AWS: roleArn('tagged') },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
          Condition: { StringEquals: { 'aws:PrincipalTag/Team': 'blue', [`${host}:sub`]: sub } },
        }),
      ),
    })
    const session = keysOf((await it.assume(token(tags({ Team: ['blue'] }, ['Team'])), into)).result.Credentials)
    const chained = { RoleArn: roleArn('next'), RoleSessionName: 'two' }
    expect((await it.scene.call(session, 'sts', 'AssumeRole', chained)).status).toBe(200)
  })

  test.each<[string, object]>([
    ['that are a list', { 'https://aws.amazon.com/tags': ['Team'] }],
    ['that are no tags', { 'https://aws.amazon.com/tags': { principal_tags: ['Team'] } }],
    ['with two values', tags({ Team: ['red', 'blue'] })],
    ['with a number', tags({ Team: 7 })],
    ['without value', tags({ Team: [] })],
    ['with an empty key', tags({ '': ['x'] })],
    ['with a long key', tags({ ['k'.repeat(129)]: ['x'] })],
    ['with a long value', tags({ k: ['v'.repeat(257)] })],
    ['with letters that no tag has', tags({ 'a<b': ['x'] })],
    ['with transitive keys that are no texts', tags({ Team: ['x'] }, [7])],
  ])('%s are none', async (_what, claims) => {
    await it.role('tagged', undefined, both)
    expect(refusal(await it.assume(token(claims), { RoleArn: roleArn('tagged') }))).toEqual(
      malformed('https://aws.amazon.com/tags'),
    )
  })

  test('are no more than fifty, each once, and transitive only where they are there', async () => {
    await it.role('tagged', undefined, both)
    const into = { RoleArn: roleArn('tagged') }
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, ['v']]))
    expect(refusal(await it.assume(token(tags(many)), into))).toEqual(
      invalid('The claim https://aws.amazon.com/tags has too many tags'),
    )
    expect(refusal(await it.assume(token(tags({ a: ['x'], A: ['y'] })), into))).toEqual([
      400,
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ])
    expect(refusal(await it.assume(token(tags({ a: ['x'] }, ['b'])), into))).toEqual([
      400,
      'InvalidParameterValue',
      'The specified transitive tag key must be included in the requested tags.',
    ])
  })
})

describe('a source identity', () => {
  const claim = 'https://aws.amazon.com/source_identity'
  test('comes from the token, and the trust policy must let it', async () => {
    expect(refusal(await it.assume(token({ [claim]: 'alice' })))).toEqual(denied('sts:SetSourceIdentity'))
    await it.role('named', undefined, ['sts:AssumeRoleWithWebIdentity', 'sts:SetSourceIdentity'])
    const answer = await it.assume(token({ [claim]: 'alice' }), { RoleArn: roleArn('named') })
    expect(answer.result.SourceIdentity).toBe('alice')
  })

  test.each(['a', 'a b', 'aws:alice', 'x'.repeat(65), '', 7, ['alice'], null])('%j is none', async (value) => {
    await it.role('named', undefined, ['sts:AssumeRoleWithWebIdentity', 'sts:SetSourceIdentity'])
    expect(refusal(await it.assume(token({ [claim]: value }), { RoleArn: roleArn('named') }))).toEqual(
      invalid(`The claim ${claim} must match [\\w+=,.@-]{2,64}`),
    )
  })
})
