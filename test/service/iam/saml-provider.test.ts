import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { inAccount } from '../../../src/state/index-keys.ts'
import { ecCertificate, keyDescriptor, rsaCertificate, samlMetadata } from '../../token/saml.ts'
import { Authority, here, noon, there } from './authority.ts'

const pem = () =>
  String(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }))
const [firstKey, secondKey] = [pem(), pem()]

let iam: Authority
beforeEach(() => {
  iam = new Authority()
})
const SAMLMetadataDocument = samlMetadata()
const arn = (name: string, account = here) => `arn:aws:iam::${account}:saml-provider/${name}`
const SAMLProviderArn = arn('Corp')
const one = { SAMLProviderArn }
const create = (Name = 'Corp', more: object = {}) =>
  iam.told('CreateSAMLProvider', { Name, SAMLMetadataDocument, ...more })
const update = (more: object) => iam.told('UpdateSAMLProvider', { ...one, ...more })
const get = () => iam.do('GetSAMLProvider', one)
const inHundredYears = Date.UTC(2126, 10, 22, 12)

describe('a SAML provider', () => {
  test('is made of a document, and shows it as it came', () => {
    const made = iam.do('CreateSAMLProvider', { Name: 'Corp', SAMLMetadataDocument, Tags: [{ Key: 'k', Value: 'v' }] })
    expect(made).toEqual({ ...one, Tags: [{ Key: 'k', Value: 'v' }] })
    expect(get()).toEqual({
      SAMLProviderUUID: expect.stringMatching(/^SAMLSP[A-Z2-7]{17}$/),
      SAMLMetadataDocument,
      CreateDate: noon - 789,
      ValidUntil: inHundredYears,
      Tags: [{ Key: 'k', Value: 'v' }],
      AssertionEncryptionMode: 'Allowed',
      PrivateKeyList: [],
    })
  })

  test('QUIRK: encryption-allowed. Is told with what it has not: tags, keys, and a word on encryption', () => {
    create()
    expect(get()).toMatchObject({ Tags: [], AssertionEncryptionMode: 'Allowed', PrivateKeyList: [] })
  })

  test('keeps what its assertions will be held to', () => {
    create()
    expect(iam.state.find('saml-provider', inAccount(here))).toMatchObject([
      { issuer: 'https://idp.example/saml', certificates: [rsaCertificate] },
    ])
    const issuer = 'entityID="urn:other" validUntil="2030-01-02T03:04:05Z"'
    update({ SAMLMetadataDocument: samlMetadata(keyDescriptor(ecCertificate), issuer) })
    expect(iam.state.find('saml-provider', inAccount(here))).toMatchObject([
      { issuer: 'urn:other', certificates: [ecCertificate], validUntil: Date.UTC(2030, 0, 2, 3, 4, 5) },
    ])
    expect(get().ValidUntil).toBe(Date.UTC(2030, 0, 2, 3, 4, 5))
  })

  test('QUIRK: hundred-years. It is valid for a hundred years where its metadata say nothing of an end', () => {
    create()
    expect(iam.do('ListSAMLProviders', {})).toEqual({
      SAMLProviderList: [{ Arn: SAMLProviderArn, ValidUntil: inHundredYears, CreateDate: noon - 789 }],
    })
  })

  test('is not made of what is no metadata', () => {
    const refused = 'InvalidInput: Could not parse metadata'
    const bad = samlMetadata().replace('<md:Entity', '<!DOCTYPE x><md:Entity')
    expect(create('Corp', { SAMLMetadataDocument: bad })).toBe(refused)
    expect(create()).toBe('ok')
    expect(update({ SAMLMetadataDocument: bad })).toBe(refused)
    expect(get().SAMLMetadataDocument).toBe(SAMLMetadataDocument)
    expect(create('Short', { SAMLMetadataDocument: '<x/>' })).toBe(
      "ValidationError: 1 validation error detected: Value at 'sAMLMetadataDocument' failed to satisfy constraint: Member must have length greater than or equal to 1000",
    )
  })

  test('has its name alone, in every case of it', () => {
    expect(create()).toBe('ok')
    expect(create('CORP')).toBe('EntityAlreadyExists: Provider with name CORP already exists.')
    expect(iam.told('GetSAMLProvider', { SAMLProviderArn: arn('CORP') })).toBe(
      `NoSuchEntity: Manifest not found for arn ${arn('CORP')}`,
    )
    expect(iam.told('CreateSAMLProvider', { Name: 'Corp', SAMLMetadataDocument }, iam.root(there))).toBe('ok')
  })

  test('of another account is not there', () => {
    iam.do('CreateSAMLProvider', { Name: 'Corp', SAMLMetadataDocument }, iam.root(there))
    for (const SAMLProviderArn of [arn('Corp'), arn('Corp', there)])
      expect(iam.told('DeleteSAMLProvider', { SAMLProviderArn })).toBe(
        `NoSuchEntity: Manifest not found for arn ${SAMLProviderArn}`,
      )
    expect(iam.do('ListSAMLProviders', {}).SAMLProviderList).toEqual([])
  })

  test('is one of a hundred in an account', () => {
    for (let at = 0; at < 100; at++) expect(create(`idp${at}`)).toBe('ok')
    expect(create()).toBe('LimitExceeded: Cannot exceed quota for SAMLProvidersPerAccount: 100')
    // QUIRK: providers-unpaged
    expect(iam.do('ListSAMLProviders', {}).SAMLProviderList).toHaveLength(100)
    iam.do('CreateOpenIDConnectProvider', { Url: 'https://idp.example' })
    expect(iam.do('GetAccountSummary', {}).SummaryMap?.Providers).toBe(101)
  })

  test('is tagged, with the case of keys', () => {
    create()
    for (const Key of ['b', 'B', 'c']) iam.do('TagSAMLProvider', { ...one, Tags: [{ Key, Value: '1' }] })
    iam.do('UntagSAMLProvider', { ...one, TagKeys: ['c'] })
    expect(iam.do('ListSAMLProviderTags', one).Tags.map(({ Key }) => Key)).toEqual(['B', 'b'])
  })

  const missing = { SAMLProviderArn: arn('none') }
  test.each([
    ['read', () => iam.told('GetSAMLProvider', missing)],
    ['changed', () => iam.told('UpdateSAMLProvider', missing)],
    ['deleted', () => iam.told('DeleteSAMLProvider', missing)],
    ['tagged', () => iam.told('TagSAMLProvider', { ...missing, Tags: [] })],
    ['untagged', () => iam.told('UntagSAMLProvider', { ...missing, TagKeys: [] })],
    ['asked for its tags', () => iam.told('ListSAMLProviderTags', missing)],
  ])('that is not there cannot be %s', (_what, told) => {
    expect(told()).toBe(`NoSuchEntity: Manifest not found for arn ${missing.SAMLProviderArn}`)
  })

  test('is named by an ARN of its kind', () => {
    const SAMLProviderArn = `arn:aws:iam::${here}:oidc-provider/x`
    expect(iam.told('GetSAMLProvider', { SAMLProviderArn })).toBe(
      `ValidationError: ARN ${SAMLProviderArn} is not valid.`,
    )
  })
})

describe('the private keys of a SAML provider', () => {
  const keyIds = () => get().PrivateKeyList?.map(({ KeyId }) => KeyId ?? '') ?? []

  test('are told by their ids, and change one for another in one call', () => {
    expect(create('Corp', { AssertionEncryptionMode: 'Required', AddPrivateKey: firstKey })).toBe('ok')
    const [first = ''] = keyIds()
    expect(get()).toMatchObject({
      AssertionEncryptionMode: 'Required',
      PrivateKeyList: [{ KeyId: expect.stringMatching(/^SAMLPK[A-Z2-7]{17}$/), Timestamp: noon - 789 }],
    })
    iam.now += 60_000
    expect(update({ AddPrivateKey: secondKey, RemovePrivateKey: first })).toBe('ok')
    expect(get().PrivateKeyList).toEqual([
      { KeyId: expect.not.stringContaining(first), Timestamp: noon - 789 + 60_000 },
    ])
    expect(get().SAMLMetadataDocument).toBe(SAMLMetadataDocument)
  })

  test('are two at the most', () => {
    create('Corp', { AddPrivateKey: firstKey })
    expect(update({ AddPrivateKey: secondKey })).toBe('ok')
    expect(update({ AddPrivateKey: firstKey })).toBe(
      'LimitExceeded: Cannot exceed quota for PrivateKeysPerSAMLProvider: 2',
    )
    expect(keyIds()).toHaveLength(2)
  })

  test('stand sealed, and go with the provider', () => {
    create('Corp', { AddPrivateKey: firstKey })
    const keys = iam.state.find('saml-key', inAccount(here))
    expect(keys).toMatchObject([{ secret: `glass ${firstKey}` }])
    expect(JSON.stringify(get())).not.toContain('PRIVATE')
    iam.do('DeleteSAMLProvider', one)
    expect(iam.state.find('saml-key', inAccount(here))).toEqual([])
  })

  const needed = 'InvalidInput: A private key is required where assertions must be encrypted.'
  test.each([
    ['must be RSA keys', () => create('Corp', { AddPrivateKey: 'none' }), 'InvalidInput: Could not parse private key'],
    [
      'must be there where encryption is required',
      () => create('Corp', { AssertionEncryptionMode: 'Required' }),
      needed,
    ],
    ['need not be there where it is allowed', () => create('Corp', { AssertionEncryptionMode: 'Allowed' }), 'ok'],
    [
      'cannot be removed where there are none',
      () => {
        create()
        return update({ RemovePrivateKey: 'SAMLPKAAAAAAAAAAAAAAAAA' })
      },
      'NoSuchEntity: The private key with id SAMLPKAAAAAAAAAAAAAAAAA cannot be found.',
    ],
    [
      'stay as long as encryption is required',
      () => {
        create('Corp', { AssertionEncryptionMode: 'Required', AddPrivateKey: firstKey })
        return update({ RemovePrivateKey: keyIds()[0] })
      },
      needed,
    ],
    [
      'of another provider are none of this one',
      () => {
        create('Other', { AddPrivateKey: firstKey })
        create()
        const [KeyId] = iam.do('GetSAMLProvider', { SAMLProviderArn: arn('Other') }).PrivateKeyList ?? []
        return update({ RemovePrivateKey: KeyId?.KeyId }).replace(KeyId?.KeyId ?? '', 'ID')
      },
      'NoSuchEntity: The private key with id ID cannot be found.',
    ],
  ])('%s', (_what, told, expected) => {
    expect(told()).toBe(expected)
  })
})
