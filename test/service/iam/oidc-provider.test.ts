import { beforeEach, describe, expect, test } from 'vitest'
import { Authority, here, noon, there } from './authority.ts'

let iam: Authority
beforeEach(() => {
  iam = new Authority()
})
const arn = (url: string, account = here) => `arn:aws:iam::${account}:oidc-provider/${url}`
const OpenIDConnectProviderArn = arn('idp.example/tenant')
const one = { OpenIDConnectProviderArn }
const missing = { OpenIDConnectProviderArn: arn('none.example') }
const thumbprint = (digit: string) => digit.repeat(40)
const create = (Url = 'https://idp.example/tenant', more: object = {}) =>
  iam.told('CreateOpenIDConnectProvider', { Url, ...more })
const get = () => iam.do('GetOpenIDConnectProvider', one)

describe('an OIDC provider', () => {
  test('is named by its URL, which is kept and shown without the scheme', () => {
    const made = iam.do('CreateOpenIDConnectProvider', {
      Url: 'https://idp.example/tenant',
      ClientIDList: ['web', 'cli', 'web'],
      ThumbprintList: [thumbprint('a')],
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    expect(made).toEqual({ OpenIDConnectProviderArn, Tags: [{ Key: 'k', Value: 'v' }] })
    expect(get()).toEqual({
      Url: 'idp.example/tenant',
      ClientIDList: ['web', 'cli'],
      ThumbprintList: [thumbprint('a')],
      CreateDate: noon - 789,
      Tags: [{ Key: 'k', Value: 'v' }],
    })
  })

  test('QUIRK: empty-tags-of-oidc-providers. Without tags it is made without a Tags element, and read with an empty one', () => {
    expect(iam.do('CreateOpenIDConnectProvider', { Url: 'https://idp.example/tenant' })).toEqual(one)
    expect(get()).toMatchObject({ Tags: [], ClientIDList: [], ThumbprintList: [] })
  })

  test.each([
    ['a host', 'https://example.com', 'example.com'],
    ['a path', 'https://oidc.eks.us-east-1.amazonaws.com/id/ABC', 'oidc.eks.us-east-1.amazonaws.com/id/ABC'],
    ['a slash at the end, which is part of the issuer', 'https://tenant.auth.example/', 'tenant.auth.example/'],
    ['a port, for a provider on this machine', 'https://localhost:8443', 'localhost:8443'],
  ])('may have %s', (_what, Url, shown) => {
    expect(iam.do('CreateOpenIDConnectProvider', { Url })).toEqual({ OpenIDConnectProviderArn: arn(shown) })
    expect(iam.do('GetOpenIDConnectProvider', { OpenIDConnectProviderArn: arn(shown) }).Url).toBe(shown)
  })

  test.each([
    ['no scheme', 'example.org'],
    ['another scheme', 'http://example.org'],
    ['no host', 'https://'],
    ['a query', 'https://example.org/a?b=c'],
    ['a fragment', 'https://example.org/a#b'],
    ['a user', 'https://me@example.org'],
    ['a blank', 'https://example.org/a b'],
    ['a wildcard', 'https://example.org/*'],
    ['a host that ends in a dot', 'https://example.org.'],
  ])('may not have a URL with %s', (_what, Url) => {
    expect(create(Url)).toBe('ValidationError: Invalid Open ID Connect Provider URL')
  })

  test('is there once in an account, and may be there in another too', () => {
    expect(create()).toBe('ok')
    expect(create()).toBe('EntityAlreadyExists: Provider with url https://idp.example/tenant already exists.')
    // Issuers differ in the case of their paths.
    expect(create('https://idp.example/Tenant')).toBe('ok')
    expect(iam.told('CreateOpenIDConnectProvider', { Url: 'https://idp.example/tenant' }, iam.root(there))).toBe('ok')
    expect(iam.do('ListOpenIDConnectProviders', {})).toEqual({
      OpenIDConnectProviderList: [{ Arn: arn('idp.example/Tenant') }, { Arn: OpenIDConnectProviderArn }],
    })
  })

  test('of another account is not there', () => {
    iam.do('CreateOpenIDConnectProvider', { Url: 'https://idp.example/tenant' }, iam.root(there))
    const OpenIDConnectProviderArn = arn('idp.example/tenant', there)
    expect(iam.told('GetOpenIDConnectProvider', { OpenIDConnectProviderArn })).toBe(
      `NoSuchEntity: OpenIDConnect Provider not found for arn ${OpenIDConnectProviderArn}`,
    )
    expect(iam.told('DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn })).toMatch(/^NoSuchEntity/)
    expect(iam.do('ListOpenIDConnectProviders', {}).OpenIDConnectProviderList).toEqual([])
  })

  test('QUIRK: idempotent-client-ids. What is added twice or removed twice is no error', () => {
    create(undefined, { ClientIDList: ['a'] })
    for (const ClientID of ['b', 'a', 'b'])
      expect(iam.told('AddClientIDToOpenIDConnectProvider', { ...one, ClientID })).toBe('ok')
    expect(get().ClientIDList).toEqual(['a', 'b'])
    for (const ClientID of ['a', 'a', 'none'])
      expect(iam.told('RemoveClientIDFromOpenIDConnectProvider', { ...one, ClientID })).toBe('ok')
    expect(get().ClientIDList).toEqual(['b'])
  })

  test('takes a hundred client ids', () => {
    const ids = Array.from({ length: 101 }, (_, at) => `client-${at}`)
    const full = 'LimitExceeded: Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100'
    expect(create(undefined, { ClientIDList: ids })).toBe(full)
    expect(create(undefined, { ClientIDList: ids.slice(1) })).toBe('ok')
    expect(iam.told('AddClientIDToOpenIDConnectProvider', { ...one, ClientID: 'client-0' })).toBe(full)
    expect(iam.told('AddClientIDToOpenIDConnectProvider', { ...one, ClientID: 'client-1' })).toBe('ok')
  })

  test('QUIRK: fewer-than-five. It takes five thumbprints, and the refusal of six asks for fewer than five', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map(thumbprint)
    const refused = 'InvalidInput: Thumbprint list must contain fewer than 5 entries.'
    expect(create(undefined, { ThumbprintList: [...five, thumbprint('f')] })).toBe(refused)
    expect(create(undefined, { ThumbprintList: five })).toBe('ok')
    const update = (ThumbprintList: readonly string[]) =>
      iam.told('UpdateOpenIDConnectProviderThumbprint', { ...one, ThumbprintList })
    expect(update([...five, thumbprint('f')])).toBe(refused)
    expect(update([thumbprint('f')])).toBe('ok')
    expect(get().ThumbprintList).toEqual([thumbprint('f')])
  })

  test('QUIRK: a-thumbprint-stays. It may be made without thumbprints, and they cannot be taken away', () => {
    create(undefined, { ThumbprintList: [] })
    expect(get().ThumbprintList).toEqual([])
    const update = (ThumbprintList: readonly string[]) =>
      iam.told('UpdateOpenIDConnectProviderThumbprint', { ...one, ThumbprintList })
    expect(update([thumbprint('f')])).toBe('ok')
    expect(update([])).toBe('InvalidInput: Thumbprint list must contain at least one entry.')
    expect(get().ThumbprintList).toEqual([thumbprint('f')])
  })

  test('is one of a hundred in an account', () => {
    for (let at = 0; at < 100; at++) expect(create(`https://idp${at}.example`)).toBe('ok')
    expect(create()).toBe('LimitExceeded: Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100')
    // QUIRK: providers-unpaged
    expect(iam.do('ListOpenIDConnectProviders', {}).OpenIDConnectProviderList).toHaveLength(100)
    expect(iam.do('GetAccountSummary', {}).SummaryMap?.Providers).toBe(100)
  })

  test('is tagged, with the case of keys', () => {
    create()
    const tag = (Key: string) => iam.told('TagOpenIDConnectProvider', { ...one, Tags: [{ Key, Value: '1' }] })
    expect([tag('b'), tag('B'), tag('c')]).toEqual(['ok', 'ok', 'ok'])
    iam.do('UntagOpenIDConnectProvider', { ...one, TagKeys: ['c', 'none'] })
    expect(iam.do('ListOpenIDConnectProviderTags', one)).toEqual({
      Tags: [
        { Key: 'B', Value: '1' },
        { Key: 'b', Value: '1' },
      ],
      IsTruncated: false,
    })
  })

  test('is deleted, and may then be made again', () => {
    create()
    expect(iam.told('DeleteOpenIDConnectProvider', one)).toBe('ok')
    expect(iam.told('DeleteOpenIDConnectProvider', one)).toBe(
      `NoSuchEntity: OpenId connect Provider ${OpenIDConnectProviderArn} cannot be found.`,
    )
    expect(create()).toBe('ok')
  })

  const notFound = `NoSuchEntity: OpenIDConnect Provider not found for arn ${missing.OpenIDConnectProviderArn}`
  test.each([
    ['read', () => iam.told('GetOpenIDConnectProvider', missing)],
    ['given a client id', () => iam.told('AddClientIDToOpenIDConnectProvider', { ...missing, ClientID: 'c' })],
    ['relieved of one', () => iam.told('RemoveClientIDFromOpenIDConnectProvider', { ...missing, ClientID: 'c' })],
    ['given thumbprints', () => iam.told('UpdateOpenIDConnectProviderThumbprint', { ...missing, ThumbprintList: [] })],
    ['tagged', () => iam.told('TagOpenIDConnectProvider', { ...missing, Tags: [] })],
    ['untagged', () => iam.told('UntagOpenIDConnectProvider', { ...missing, TagKeys: [] })],
    ['asked for its tags', () => iam.told('ListOpenIDConnectProviderTags', missing)],
  ])('that is not there cannot be %s', (_what, told) => {
    expect(told()).toBe(notFound)
  })

  test('is named by an ARN of its kind', () => {
    for (const text of ['https://idp.example/tenant', `arn:aws:iam::${here}:saml-provider/x`])
      expect(iam.told('GetOpenIDConnectProvider', { OpenIDConnectProviderArn: text })).toBe(
        `ValidationError: ARN ${text} is not valid.`,
      )
  })
})
