import { createHash } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  assertion,
  aws,
  encoded,
  encrypted,
  type Idp,
  identityProvider,
  login,
  openingKey,
  response,
  type Said,
  signed,
} from '../token/idp.ts'
import { attacks, wishOf } from '../token/saml-attacks.ts'
import { type Answer, allow, home, keysOf, other, policy, roleArn, Scene } from './scene.ts'

const providerArn = `arn:aws:iam::${home}:saml-provider/corp`
const nobody = { accessKeyId: '', secretAccessKey: '' }
let idp: Idp
let stranger: Idp
beforeAll(() => {
  idp = identityProvider()
  stranger = identityProvider()
})

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
  await scene.done(scene.administrator, 'iam', 'CreateSAMLProvider', {
    Name: 'corp',
    SAMLMetadataDocument: idp.metadata,
  })
  await role('dev', {})
})

const saml = (action: string | readonly string[], condition?: object) => ({
  Effect: 'Allow',
  Principal: { Federated: providerArn },
  Action: action,
  ...(condition === undefined ? {} : { Condition: condition }),
})

/** A role that whoever the provider vouches for may become, and that may do what the statement's twin in its policy says. */
async function role(name: string, condition: object, actions: readonly string[] = ['sts:AssumeRoleWithSAML']) {
  await scene.done(scene.administrator, 'iam', 'CreateRole', {
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify(
      policy(saml(actions, Object.keys(condition).length === 0 ? undefined : condition)),
    ),
  })
}

/** What an assertion for that role says. */
const pairFor = (name: string) => `${roleArn(name)},${providerArn}`
const saying = (what: Said = {}, name = 'dev'): Said => ({
  at: scene.now,
  ...what,
  attributes: { [aws('Role')]: [pairFor(name)], [aws('RoleSessionName')]: ['alice'], ...what.attributes },
})
const enter = (
  SAMLAssertion: string,
  parameters: Readonly<Record<string, string>> = {},
  name = 'dev',
): Promise<Answer> =>
  scene.call(
    nobody,
    'sts',
    'AssumeRoleWithSAML',
    { RoleArn: roleArn(name), PrincipalArn: providerArn, SAMLAssertion, ...parameters },
    { unsigned: true },
  )
const come = (what: Said = {}, parameters: Readonly<Record<string, string>> = {}, name = 'dev') =>
  enter(login(idp, saying(what, name)), parameters, name)

const refusedAs = (code: string, message: string, status = 400) => ({ status, code, message })
const invalid = (message: string) => refusedAs('InvalidIdentityToken', message)
const denied = (action = 'sts:AssumeRoleWithSAML') =>
  refusedAs('AccessDenied', `Not authorized to perform ${action}`, 403)

describe('AssumeRoleWithSAML', () => {
  test('gives whom the provider vouches for a session of the role', async () => {
    const { status, result } = await come({ nameId: 'alice@corp' })
    expect(status).toBe(200)
    const nameQualifier = createHash('sha1').update(`${idp.issuer}${home}/corp`).digest('base64')
    expect(result).toMatchObject({
      AssumedRoleUser: { Arn: `arn:aws:sts::${home}:assumed-role/dev/alice` },
      Subject: 'alice@corp',
      SubjectType: 'persistent',
      Issuer: idp.issuer,
      Audience: 'https://signin.aws.amazon.com/saml',
      NameQualifier: nameQualifier,
    })
    expect(result).not.toHaveProperty('PackedPolicySize')
    expect(result).not.toHaveProperty('SourceIdentity')
    const who = await scene.done(keysOf(result.Credentials), 'sts', 'GetCallerIdentity')
    expect(who).toMatchObject({ Arn: `arn:aws:sts::${home}:assumed-role/dev/alice`, Account: home })
  })

  test('looks at no signature: neither a missing one nor a wrong one matters', async () => {
    const wrong = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }
    const SAMLAssertion = login(idp, saying())
    const parameters = { RoleArn: roleArn('dev'), PrincipalArn: providerArn, SAMLAssertion }
    expect((await scene.call(wrong, 'sts', 'AssumeRoleWithSAML', parameters)).status).toBe(200)
  })

  test('takes the pair of role and provider in either order, among others, with room around it', async () => {
    const others = [`${roleArn('ops')},${providerArn}`, `arn:aws:iam::${other}:role/dev,${providerArn}`]
    const turned = `${providerArn} , ${roleArn('dev')}`
    expect((await come({ attributes: { [aws('Role')]: [...others, turned] } })).status).toBe(200)
  })

  const pairs: readonly (readonly [string, () => readonly string[]])[] = [
    ['another role', () => [pairFor('ops')]],
    ['another provider', () => [`${roleArn('dev')},arn:aws:iam::${home}:saml-provider/other`]],
    ['the role alone', () => [roleArn('dev')]],
    ['role and provider apart', () => [roleArn('dev'), providerArn]],
    ['the pair and something else', () => [`${pairFor('dev')},${roleArn('ops')}`]],
    ['the role twice', () => [`${roleArn('dev')},${roleArn('dev')}`]],
    ['the role in other letters', () => [pairFor('dev').replace('role/dev', 'role/Dev')]],
    ['nothing', () => []],
  ]
  test.each(pairs)('does not take an assertion that is for %s', async (_what, values) => {
    expect(await come({ attributes: { [aws('Role')]: values() } })).toMatchObject(denied())
  })

  test('QUIRK: login-refused-without-name. Whether a role is there is not told', async () => {
    expect(await come({}, {}, 'nowhere')).toMatchObject(denied())
  })

  test('is refused where the trust policy names another provider, or nobody', async () => {
    await scene.role('plain')
    expect(await come({}, {}, 'plain')).toMatchObject(denied())
  })

  test('refuses what is no ARN of a role, and a provider that is not there or in another account', async () => {
    const message = login(idp, saying())
    expect(await enter(message, { RoleArn: `arn:aws:iam::${home}:user/dev` })).toMatchObject(
      refusedAs('ValidationError', 'Request ARN is invalid'),
    )
    expect(await enter(message, { PrincipalArn: roleArn('dev') })).toMatchObject(
      refusedAs('ValidationError', 'Principal ARN is invalid'),
    )
    const gone = invalid("Specified provider doesn't exist")
    expect(await enter(message, { PrincipalArn: `${providerArn}x` })).toMatchObject(gone)
    expect(await enter(message, { PrincipalArn: providerArn.replace(home, other) })).toMatchObject(gone)
    expect(await enter(message, { RoleArn: roleArn('dev').replace(home, other) })).toMatchObject(gone)
  })

  test('ends with the provider', async () => {
    const message = login(idp, saying())
    await scene.done(scene.administrator, 'iam', 'DeleteSAMLProvider', { SAMLProviderArn: providerArn })
    expect(await enter(message)).toMatchObject(invalid("Specified provider doesn't exist"))
  })

  test('ends with the provider’s metadata', async () => {
    await scene.done(scene.administrator, 'iam', 'UpdateSAMLProvider', {
      SAMLProviderArn: providerArn,
      SAMLMetadataDocument: idp.metadata.replace(
        'entityID',
        `validUntil="${new Date(scene.now + 60_000).toISOString()}" entityID`,
      ),
    })
    expect((await come()).status).toBe(200)
    scene.pass(61)
    expect(await come()).toMatchObject(invalid('Metadata of specified provider has expired'))
  })

  const meanwhile: readonly (readonly [string, string, () => Readonly<Record<string, string>>, string])[] = [
    [
      'changed',
      'UpdateSAMLProvider',
      () => ({ SAMLMetadataDocument: stranger.metadata }),
      'Response signature invalid',
    ],
    ['deleted', 'DeleteSAMLProvider', () => ({}), "Specified provider doesn't exist"],
  ]
  test.each(meanwhile)(
    'is refused where the provider is %s by a write before it',
    async (_what, action, how, message) => {
      const parameters = { SAMLProviderArn: providerArn, ...how() }
      // It is believed while the write is on its way to the disk, and runs once that is there.
      const changed = scene.call(scene.administrator, 'iam', action, parameters)
      const [write, entered] = await Promise.all([changed, come()])
      expect(write.status).toBe(200)
      expect(entered).toMatchObject(invalid(message))
    },
  )

  test('believes the keys that the provider has now', async () => {
    await scene.done(scene.administrator, 'iam', 'UpdateSAMLProvider', {
      SAMLProviderArn: providerArn,
      SAMLMetadataDocument: stranger.metadata,
    })
    expect(await come()).toMatchObject(invalid('Response signature invalid'))
    expect((await enter(login(stranger, saying()))).status).toBe(200)
  })
})

describe('what the assertion must say', () => {
  const missing: readonly (readonly [string, Readonly<Record<string, readonly string[]>>, string])[] = [
    ['no session name', { [aws('RoleSessionName')]: [] }, 'RoleSessionName is required in AuthnResponse'],
    ['an empty session name', { [aws('RoleSessionName')]: [''] }, 'RoleSessionName is required in AuthnResponse'],
    [
      'a session name with a space',
      { [aws('RoleSessionName')]: ['al ice'] },
      'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}',
    ],
    [
      'a session name that is too long',
      { [aws('RoleSessionName')]: ['a'.repeat(65)] },
      'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}',
    ],
    [
      'two session names',
      { [aws('RoleSessionName')]: ['alice', 'mallory'] },
      'RoleSessionName in AuthnResponse must have one value',
    ],
    [
      'a source identity of AWS',
      { [aws('SourceIdentity')]: ['aws:alice'] },
      'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
    ],
    [
      'a duration that is none',
      { [aws('SessionDuration')]: ['1h'] },
      'SessionDuration in AuthnResponse must be an integer between 900 and 43200',
    ],
    [
      'a duration that is too short',
      { [aws('SessionDuration')]: ['899'] },
      'SessionDuration in AuthnResponse must be an integer between 900 and 43200',
    ],
    [
      'a tag without a key',
      { [aws('PrincipalTag:')]: ['x'] },
      'PrincipalTag in AuthnResponse must have a key and a value of the form of session tags',
    ],
    [
      'a tag that is too long',
      { [aws('PrincipalTag:x')]: ['x'.repeat(257)] },
      'PrincipalTag in AuthnResponse must have a key and a value of the form of session tags',
    ],
    [
      'too many tags',
      Object.fromEntries(Array.from({ length: 51 }, (_, at) => [aws(`PrincipalTag:t${at}`), ['x']])),
      'AuthnResponse must not have more than 50 PrincipalTag attributes',
    ],
  ]
  test.each(missing)('%s is refused', async (_what, attributes, message) => {
    expect(await come({ attributes })).toMatchObject(invalid(message))
  })

  test('tags must differ, and transitive ones be there', async () => {
    expect(
      await come({ attributes: { [aws('PrincipalTag:Team')]: ['a'], [aws('PrincipalTag:team')]: ['b'] } }),
    ).toMatchObject({ status: 400, code: 'InvalidParameterValue' })
    expect(await come({ attributes: { [aws('TransitiveTagKeys')]: ['Team'] } })).toMatchObject({
      status: 400,
      code: 'InvalidParameterValue',
    })
  })
})

describe('an assertion', () => {
  const used = invalid('Token has already been redeemed')

  test('is good once, for one role', async () => {
    await role('ops', {})
    const message = login(idp, {
      ...saying(),
      attributes: { [aws('Role')]: [pairFor('dev'), pairFor('ops')], [aws('RoleSessionName')]: ['alice'] },
    })
    expect((await enter(message)).status).toBe(200)
    expect(await enter(message)).toMatchObject(used)
    expect(await enter(message, {}, 'ops')).toMatchObject(used)
  })

  test('is good once also where it is asked for at the same time', async () => {
    const message = login(idp, saying())
    const answers = await Promise.all(Array.from({ length: 6 }, () => enter(message)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400])
  })

  test('is not used up by a refusal', async () => {
    await role('ops', { StringEquals: { 'saml:sub': 'root' } })
    const message = login(idp, {
      ...saying(),
      attributes: { [aws('Role')]: [pairFor('dev'), pairFor('ops')], [aws('RoleSessionName')]: ['alice'] },
    })
    expect(await enter(message, {}, 'ops')).toMatchObject(denied())
    expect((await enter(message)).status).toBe(200)
  })

  test('is used up however it is sent, and whatever is written around it', async () => {
    const inner = signed(assertion(idp, saying()), idp)
    expect((await enter(encoded(response(idp, inner)))).status).toBe(200)
    expect(await enter(encoded(response(idp, inner, { at: scene.now + 1000 })))).toMatchObject(used)
    expect(await enter(encoded(response(idp, inner)).replace(/.{76}/g, '$&\n'))).toMatchObject(used)
  })

  test('is used up in its own account alone', async () => {
    const made = await scene.done(scene.administrator, 'rolecall', 'CreateAccount', { AccountId: other, Name: 'other' })
    const theirs = keysOf(made)
    await scene.done(theirs, 'iam', 'CreateSAMLProvider', { Name: 'corp', SAMLMetadataDocument: idp.metadata })
    const there = providerArn.replace(home, other)
    const trust = policy({ ...saml('sts:AssumeRoleWithSAML'), Principal: { Federated: there } })
    await scene.done(theirs, 'iam', 'CreateRole', { RoleName: 'dev', AssumeRolePolicyDocument: JSON.stringify(trust) })
    const RoleArn = roleArn('dev').replace(home, other)
    const message = login(idp, {
      ...saying(),
      attributes: { [aws('Role')]: [pairFor('dev'), `${RoleArn},${there}`], [aws('RoleSessionName')]: ['alice'] },
    })
    expect((await enter(message)).status).toBe(200)
    expect((await enter(message, { RoleArn, PrincipalArn: there })).status).toBe(200)
    expect(await enter(message, { RoleArn, PrincipalArn: there })).toMatchObject(used)
  })

  test('is forgotten some time after it is good for nothing', async () => {
    const kept = async () => (await scene.store.entities()).filter(({ kind }) => kind === 'spent-assertion').length
    for (let at = 0; at < 20; at++) expect((await come()).status).toBe(200)
    expect(await kept()).toBe(20)
    scene.pass(10 * 60 - 1)
    expect((await come()).status).toBe(200)
    expect(await kept()).toBe(21)
    scene.pass(2)
    for (const left of [14, 7, 4]) {
      expect((await come()).status).toBe(200)
      expect(await kept()).toBe(left)
    }
  })

  test('must be redeemed within five minutes of issuance', async () => {
    const late = refusedAs('ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance')
    const at = scene.now
    const lasting = { at, confirmedUntil: at + 3_600_000 }
    const [early, spare] = [login(idp, saying(lasting)), login(idp, saying(lasting))]
    scene.pass(299)
    expect((await enter(early)).status).toBe(200)
    scene.pass(1)
    expect(await enter(spare)).toMatchObject(late)
    expect(await enter(early)).toMatchObject(late)
  })

  test('buys nothing while it cannot be written down that it did', async () => {
    const message = login(idp, saying())
    scene.block()
    expect(await enter(message)).toMatchObject({ status: 503 })
    scene.heal()
    expect((await enter(message)).status).toBe(200)
  })

  const told: Readonly<Record<string, ReturnType<typeof invalid>>> = {
    form: invalid('Invalid base64 SAMLResponse'),
    status: invalid('Response status is not success'),
    issuer: invalid('Issuer not present in specified provider'),
    signature: invalid('Response signature invalid'),
    encryption: invalid('Response encryption invalid'),
    audience: invalid('Response does not contain the required audience'),
    recipient: invalid('Response does not contain the required recipient'),
    early: invalid('Response is not valid yet'),
    late: refusedAs('ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance'),
  }
  test('that is forged, bent or not for us buys nothing', async () => {
    const opening = openingKey()
    await scene.done(scene.administrator, 'iam', 'UpdateSAMLProvider', {
      SAMLProviderArn: providerArn,
      AddPrivateKey: opening.pem,
    })
    const truth = saying({ id: '_truth', nameId: 'alice' })
    const all = attacks({ idp, other: stranger, opening, truth, wish: wishOf(truth) })
    for (const { name, message, trouble } of all) {
      // The model has its own bounds of what is sent at all.
      const expected =
        message.length < 4 || message.length > 100_000 ? { status: 400, code: 'ValidationError' } : told[trouble]
      expect(await enter(message), name).toMatchObject(expected ?? {})
    }
    expect((await enter(login(idp, truth))).status).toBe(200)
    expect(scene.alarms).toEqual([])
  })
})

describe('an encrypted assertion', () => {
  test('is opened with the keys that the provider has', async () => {
    const opening = openingKey()
    const sent = (what: Said = {}) =>
      encoded(response(idp, encrypted(signed(assertion(idp, saying(what)), idp), opening.publicPem)))
    expect(await enter(sent())).toMatchObject(invalid('Response encryption invalid'))
    await scene.done(scene.administrator, 'iam', 'UpdateSAMLProvider', {
      SAMLProviderArn: providerArn,
      AddPrivateKey: opening.pem,
    })
    expect((await enter(sent())).status).toBe(200)
    expect((await come()).status).toBe(200)

    await scene.done(scene.administrator, 'iam', 'UpdateSAMLProvider', {
      SAMLProviderArn: providerArn,
      AssertionEncryptionMode: 'Required',
    })
    expect(await come()).toMatchObject(invalid('Response encryption invalid'))
    const provider = await scene.done(scene.administrator, 'iam', 'GetSAMLProvider', { SAMLProviderArn: providerArn })
    const recipient = `https://signin.aws.amazon.com/saml/acs/${String(provider.SAMLProviderUUID)}`
    expect(await enter(sent())).toMatchObject(invalid('Response does not contain the required recipient'))
    expect((await enter(sent({ recipient }))).result).toMatchObject({ Audience: recipient })
  })
})

describe('a trust policy', () => {
  const keys: readonly (readonly [string, string, Said])[] = [
    ['saml:aud', 'https://signin.aws.amazon.com/saml', {}],
    ['saml:iss', 'https://idp.example/saml', {}],
    ['saml:sub', 'alice', {}],
    ['saml:sub_type', 'persistent', {}],
    ['saml:doc', `${home}/corp`, {}],
    ['saml:namequalifier', createHash('sha1').update(`https://idp.example/saml${home}/corp`).digest('base64'), {}],
    ['aws:FederatedProvider', providerArn, {}],
    ['sts:RoleSessionName', 'alice', {}],
    ...(
      [
        ['edupersonaffiliation', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.1'],
        ['edupersonnickname', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.2'],
        ['edupersonorgdn', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.3'],
        ['edupersonorgunitdn', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.4'],
        ['edupersonprimaryaffiliation', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.5'],
        ['edupersonprincipalname', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.6'],
        ['edupersonentitlement', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.7'],
        ['edupersonprimaryorgunitdn', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.8'],
        ['edupersonscopedaffiliation', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.9'],
        ['edupersontargetedid', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.10'],
        ['edupersonassurance', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.11'],
        ['eduorghomepageuri', 'urn:oid:1.3.6.1.4.1.5923.1.2.1.2'],
        ['eduorgidentityauthnpolicyuri', 'urn:oid:1.3.6.1.4.1.5923.1.2.1.3'],
        ['eduorglegalname', 'urn:oid:1.3.6.1.4.1.5923.1.2.1.4'],
        ['eduorgsuperioruri', 'urn:oid:1.3.6.1.4.1.5923.1.2.1.5'],
        ['eduorgwhitepagesuri', 'urn:oid:1.3.6.1.4.1.5923.1.2.1.6'],
        ['cn', 'urn:oid:2.5.4.3'],
        ['name', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name'],
        ['commonName', 'http://schemas.xmlsoap.org/claims/CommonName'],
        ['commonName', '2.5.4.3'],
        ['givenName', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname'],
        ['givenName', 'urn:oid:2.5.4.42'],
        ['surname', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname'],
        ['surname', '2.5.4.4'],
        ['mail', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress'],
        ['mail', 'urn:oid:0.9.2342.19200300.100.1.3'],
        ['uid', 'urn:oid:0.9.2342.19200300.100.1.1'],
        ['x500UniqueIdentifier', '2.5.4.45'],
        ['organizationStatus', '0.9.2342.19200300.100.1.45'],
        ['primaryGroupSID', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid'],
      ] as const
    ).map(([key, name]) => [`saml:${key}`, 'staff', { attributes: { [name]: ['staff'] } }] as const),
  ]
  test.each(keys)('can ask for %s', async (key, value, what) => {
    await role('asking', { StringEquals: { [key]: value } })
    expect((await come(what, {}, 'asking')).status).toBe(200)
    await role('asking-else', { StringEquals: { [key]: `${value}x` } })
    expect(await come(what, {}, 'asking-else')).toMatchObject(denied())
  })

  test('QUIRK: saml-aud-is-recipient. It asks for who it was sent to, not for who may read it', async () => {
    await role('read', { StringEquals: { 'saml:aud': 'urn:amazon:webservices' } })
    expect(await come({ audience: 'urn:amazon:webservices' }, {}, 'read')).toMatchObject(denied())
  })

  test('can ask for one of many values', async () => {
    const groups = { 'urn:oid:1.3.6.1.4.1.5923.1.1.1.1': ['member', 'staff'] }
    await role('staff', { 'ForAnyValue:StringEquals': { 'saml:edupersonaffiliation': ['staff', 'faculty'] } })
    expect((await come({ attributes: groups }, {}, 'staff')).status).toBe(200)
    expect(await come({}, {}, 'staff')).toMatchObject(denied())
  })

  test('QUIRK: one-claim-per-key. It has one claim for a key where there are two', async () => {
    const attributes = {
      '2.5.4.4': ['second'],
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname': ['first'],
    }
    await role('first', { StringEquals: { 'saml:surname': 'first' } })
    await role('second', { StringEquals: { 'saml:surname': 'second' } })
    expect((await come({ attributes }, {}, 'first')).status).toBe(200)
    expect(await come({ attributes }, {}, 'second')).toMatchObject(denied())
  })

  test('must let tags and a source identity be set', async () => {
    const tagged = { attributes: { [aws('PrincipalTag:team')]: ['red'] } }
    const named = { attributes: { [aws('SourceIdentity')]: ['alice'] } }
    expect(await come(tagged)).toMatchObject(denied('sts:TagSession'))
    expect(await come(named)).toMatchObject(denied('sts:SetSourceIdentity'))
    await role('all', {}, ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity'])
    const { result } = await come({ attributes: { ...tagged.attributes, ...named.attributes } }, {}, 'all')
    expect(result).toMatchObject({ SourceIdentity: 'alice', PackedPolicySize: expect.any(Number) })
  })

  test('can ask for the tags', async () => {
    const actions = ['sts:AssumeRoleWithSAML', 'sts:TagSession']
    await role('red', { StringEquals: { 'aws:RequestTag/team': 'red' } }, actions)
    const team = (name: string) => ({ attributes: { [aws('PrincipalTag:team')]: [name] } })
    expect((await come(team('red'), {}, 'red')).status).toBe(200)
    expect(await come(team('blue'), {}, 'red')).toMatchObject(denied())
  })
})

describe('the session', () => {
  const lasts = async (what: Said, parameters: Readonly<Record<string, string>> = {}) => {
    const answer = await come(what, parameters)
    const { Expiration } = answer.result.Credentials ?? {}
    return answer.message ?? Number(Expiration) - Math.floor(scene.now / 1000)
  }

  test('lasts an hour, or as long as is asked for, or until the provider’s own ends', async () => {
    expect(await lasts({})).toBe(3600)
    expect(await lasts({}, { DurationSeconds: '900' })).toBe(900)
    expect(await lasts({ sessionUntil: scene.now + 1_800_000 })).toBeLessThanOrEqual(1800)
    expect(await lasts({ sessionUntil: scene.now + 1_800_000 })).toBeGreaterThanOrEqual(1798)
    expect(await lasts({ sessionUntil: scene.now + 120_000 })).toBeLessThanOrEqual(120)
    expect(await lasts({ sessionUntil: scene.now + 7_200_000 })).toBe(3600)
    expect(await lasts({}, { DurationSeconds: '3601' })).toBe(
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  })

  test('is none where the provider’s own is over', async () => {
    expect(await come({ sessionUntil: scene.now })).toMatchObject(
      refusedAs('ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance'),
    )
  })

  test('is shortened by the provider’s attribute, and never lengthened', async () => {
    const duration = (value: string) => ({ attributes: { [aws('SessionDuration')]: [value] } })
    expect(await lasts(duration('1800'))).toBe(1800)
    expect(await lasts(duration('43200'))).toBe(3600)
    expect(await lasts(duration('1800'), { DurationSeconds: '900' })).toBe(900)
  })

  const session = async (what: Said = {}, name = 'dev') => keysOf((await come(what, {}, name)).result.Credentials)
  const may = async (name: string, condition: object) => {
    await scene.done(scene.administrator, 'iam', 'PutRolePolicy', {
      RoleName: name,
      PolicyName: 'own',
      PolicyDocument: JSON.stringify(
        policy({ Effect: 'Allow', Action: 'iam:ListUsers', Resource: '*', Condition: condition }),
      ),
    })
  }
  const lists = async (keys: Awaited<ReturnType<typeof session>>) =>
    (await scene.call(keys, 'iam', 'ListUsers')).status === 200

  test('goes on with subject, kind of subject, name qualifier and provider, and with nothing else', async () => {
    const keys = await session({ attributes: { 'urn:oid:2.5.4.3': ['alice'] } })
    const qualifier = createHash('sha1').update(`${idp.issuer}${home}/corp`).digest('base64')
    const lasting = {
      'saml:sub': 'alice',
      'saml:sub_type': 'persistent',
      'saml:namequalifier': qualifier,
      'aws:FederatedProvider': providerArn,
    }
    for (const [key, value] of Object.entries(lasting)) {
      await may('dev', { StringEquals: { [key]: value } })
      expect(await lists(keys), key).toBe(true)
      await may('dev', { StringNotEquals: { [key]: value } })
      expect(await lists(keys), key).toBe(false)
    }
    for (const key of ['saml:aud', 'saml:iss', 'saml:doc', 'saml:cn']) {
      await may('dev', { Null: { [key]: 'true' } })
      expect(await lists(keys), key).toBe(true)
    }
  })

  test('has the tags and the source identity, and hands on what is transitive', async () => {
    const actions = ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity']
    await role('all', {}, actions)
    const keys = await session(
      {
        attributes: {
          [aws('PrincipalTag:team')]: ['red'],
          [aws('PrincipalTag:cost')]: ['12'],
          [aws('TransitiveTagKeys')]: ['team'],
          [aws('SourceIdentity')]: ['alice-source'],
        },
      },
      'all',
    )
    await may('all', { StringEquals: { 'aws:PrincipalTag/team': 'red', 'aws:SourceIdentity': 'alice-source' } })
    expect(await lists(keys)).toBe(true)

    await scene.done(scene.administrator, 'iam', 'CreateRole', {
      RoleName: 'next',
      AssumeRolePolicyDocument: JSON.stringify(
        policy({
          Effect: 'Allow',
          Principal: { AWS: roleArn('all') },
          Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        }),
      ),
    })
    await scene.done(scene.administrator, 'iam', 'PutRolePolicy', {
      RoleName: 'all',
      PolicyName: 'chain',
      PolicyDocument: JSON.stringify(allow('sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity')),
    })
    const chained = await scene.call(keys, 'sts', 'AssumeRole', { RoleArn: roleArn('next'), RoleSessionName: 'two' })
    expect(chained.result).toMatchObject({ SourceIdentity: 'alice-source' })
    const further = keysOf(chained.result.Credentials)
    await may('next', { StringEquals: { 'aws:PrincipalTag/team': 'red' }, Null: { 'aws:PrincipalTag/cost': 'true' } })
    expect(await lists(further)).toBe(true)
  })

  test('is narrowed by the session policy', async () => {
    await may('dev', {})
    const Policy = JSON.stringify(allow('s3:*'))
    const answer = await come({}, { Policy })
    expect(answer.result).toMatchObject({ PackedPolicySize: expect.any(Number) })
    expect(await lists(keysOf(answer.result.Credentials))).toBe(false)
    expect(await come({}, { Policy: '{' })).toMatchObject({ status: 400, code: 'MalformedPolicyDocument' })
  })

  test('fits into its token whatever the names are made of', async () => {
    const nameId = Array.from({ length: 256 }, (_, at) => String.fromCodePoint(0x1f300 + ((at * 7919) % 700))).join('')
    const answer = await come({ nameId, format: `urn:${'x'.repeat(124)}` })
    expect(answer.result).toMatchObject({ Subject: nameId })
    expect((await scene.call(keysOf(answer.result.Credentials), 'sts', 'GetCallerIdentity')).status).toBe(200)
  })
})

describe('the trail', () => {
  test('QUIRK: saml-user-by-qualifier. It tells who came and what the assertion asked for, and never the assertion', async () => {
    await role('all', {}, ['sts:AssumeRoleWithSAML', 'sts:TagSession'])
    const attributes = { [aws('PrincipalTag:Team')]: ['red'], [aws('TransitiveTagKeys')]: ['Team'] }
    const message = login(idp, saying({ id: '_told', nameId: 'alice@corp', attributes }, 'all'))
    const answer = await enter(message, {}, 'all')
    const qualifier = createHash('sha1').update(`${idp.issuer}${home}/corp`).digest('base64')
    const [record, ...more] = await scene.recordsOf(answer)
    expect(more).toEqual([])
    expect(record).toMatchObject({
      eventName: 'AssumeRoleWithSAML',
      readOnly: true,
      recipientAccountId: home,
      userIdentity: {
        type: 'SAMLUser',
        principalId: `${qualifier}:alice@corp`,
        userName: 'alice@corp',
        identityProvider: qualifier,
      },
      requestParameters: {
        sAMLAssertionID: '_told',
        roleSessionName: 'alice',
        principalTags: { Team: 'red' },
        transitiveTagKeys: ['Team'],
        roleArn: roleArn('all'),
        principalArn: providerArn,
      },
      responseElements: { subject: 'alice@corp', issuer: idp.issuer, nameQualifier: qualifier },
      resources: [
        { ARN: roleArn('all'), accountId: home, type: 'AWS::IAM::Role' },
        { ARN: providerArn, accountId: home, type: 'AWS::IAM::SAMLProvider' },
      ],
    })
    const text = JSON.stringify(await scene.trail())
    for (const secret of [message, message.slice(100, 160), String(answer.result.Credentials?.SecretAccessKey)])
      expect(text).not.toContain(secret)
  })

  test('tells of what was not believed under the account that it was about, without a name', async () => {
    const answer = await enter(login(stranger, saying()))
    expect(await scene.recordsOf(answer)).toMatchObject([
      {
        eventName: 'AssumeRoleWithSAML',
        errorCode: 'InvalidIdentityTokenException',
        recipientAccountId: home,
        userIdentity: { type: 'Unknown' },
      },
    ])
  })

  test('tells of who was believed and refused all the same, and why says which condition it was', async () => {
    await role('closed', { StringEquals: { 'saml:sub': 'bob' } })
    const answer = await come({}, {}, 'closed')
    expect(await scene.recordsOf(answer)).toMatchObject([
      { errorCode: 'AccessDenied', userIdentity: { type: 'SAMLUser', userName: 'alice' } },
    ])
    const { Decision } = await scene.done(scene.administrator, 'rolecall', 'GetDecision')
    expect(JSON.stringify(Decision)).toContain('saml:sub')
  })
})
