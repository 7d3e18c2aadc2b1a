import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isRsaPrivateKey } from '../../src/token/private-key.ts'
import { readSamlMetadata } from '../../src/token/saml-metadata.ts'
import { processorMilliseconds } from '../processor.ts'
import { ecCertificate, keyDescriptor, rsaCertificate, samlMetadata } from './saml.ts'

const entity = 'entityID="https://idp.example/saml"'
const signing = keyDescriptor(rsaCertificate)

describe('the metadata of a SAML provider', () => {
  test('tell its entity id and its certificate', () => {
    expect(readSamlMetadata(samlMetadata())).toEqual({
      issuer: 'https://idp.example/saml',
      certificates: [rsaCertificate],
      validUntil: undefined,
    })
  })

  const lines = rsaCertificate.replace(/(.{64})/g, '$1\n      ')
  const certificates: readonly (readonly [string, string, readonly string[]])[] = [
    ['several', signing + keyDescriptor(ecCertificate), [rsaCertificate, ecCertificate]],
    ['the same one twice', signing + signing, [rsaCertificate]],
    ['one for whatever use', keyDescriptor(ecCertificate, ''), [ecCertificate]],
    [
      'one for signing beside one for encryption',
      signing + keyDescriptor(ecCertificate, ' use="encryption"'),
      [rsaCertificate],
    ],
    ['one in many lines', keyDescriptor(lines), [rsaCertificate]],
    [
      'one that a comment cuts in two',
      keyDescriptor(`${rsaCertificate.slice(0, 90)}<!-- x -->${rsaCertificate.slice(90)}`),
      [rsaCertificate],
    ],
    ['one under prefixes of its own', signing.replaceAll('ds:', 'x:').replaceAll(':ds', ':x'), [rsaCertificate]],
  ]
  test.each(certificates)('may have %s', (_what, keys, expected) => {
    expect(readSamlMetadata(samlMetadata(keys))?.certificates).toEqual(expected)
  })

  test('may have no prefixes', () => {
    const bare = samlMetadata().replaceAll('md:', '').replace('xmlns:md', 'xmlns')
    expect(readSamlMetadata(bare.replace('xmlns:urn', 'xmlns'))?.issuer).toBe('https://idp.example/saml')
  })

  const ends: readonly (readonly [string, string, string, number])[] = [
    ['of the entity', `${entity} validUntil="2031-05-06T07:08:09Z"`, '', Date.UTC(2031, 4, 6, 7, 8, 9)],
    ['with parts of a second', `${entity} validUntil="2031-05-06T07:08:09.987Z"`, '', Date.UTC(2031, 4, 6, 7, 8, 9)],
    ['in another zone', `${entity} validUntil="2031-05-06T07:08:09+02:00"`, '', Date.UTC(2031, 4, 6, 5, 8, 9)],
    ['without a zone, which is UTC', `${entity} validUntil="2031-05-06T07:08:09"`, '', Date.UTC(2031, 4, 6, 7, 8, 9)],
    [
      'of the role, where it comes first',
      `${entity} validUntil="2031-05-06T07:08:09Z"`,
      ' validUntil="2030-01-01T00:00:00Z"',
      Date.UTC(2030, 0, 1),
    ],
  ]
  test.each(ends)('tell their end: %s', (_what, attributes, role, expected) => {
    expect(readSamlMetadata(samlMetadata(signing, attributes, role))?.validUntil).toBe(expected)
  })

  const refused: readonly (readonly [string, string])[] = [
    ['no XML', 'x'.repeat(1000)],
    ['XML that ends too early', samlMetadata().trimEnd().slice(0, -1)],
    ['a document type', samlMetadata().replace('<md:Entity', '<!DOCTYPE e [<!ENTITY x "y">]><md:Entity')],
    ['a document type that is never closed', samlMetadata().replace('<md:Entity', '<!DOCTYPE e <md:Entity')],
    ['an entity of its own', samlMetadata(signing, 'entityID="&x;"')],
    ['a character that XML has not', samlMetadata(`${signing}\u0000`)],
    ['half a character', samlMetadata(`${signing}\ud800`)],
    ['another namespace', samlMetadata().replace('SAML:2.0:metadata', 'SAML:1.0:metadata')],
    ['a namespace that is not declared', samlMetadata().replace('xmlns:md', 'xmlns:me')],
    ['another root', samlMetadata().replaceAll('EntityDescriptor', 'EntitiesDescriptor')],
    ['no entity id', samlMetadata(signing, '')],
    ['an empty entity id', samlMetadata(signing, 'entityID=""')],
    ['an endless entity id', samlMetadata(signing, `entityID="${'x'.repeat(1025)}"`)],
    ['no identity provider in it', samlMetadata().replaceAll('IDPSSODescriptor', 'SPSSODescriptor')],
    ['no certificate', samlMetadata('')],
    ['a certificate for encryption alone', samlMetadata(keyDescriptor(rsaCertificate, ' use="encryption"'))],
    ['a certificate that is none', samlMetadata(keyDescriptor('QUJD'))],
    ['a certificate that is no base64', samlMetadata(keyDescriptor(`${rsaCertificate}*`))],
    ['a certificate that is none beside a good one', samlMetadata(signing + keyDescriptor('QUJD'))],
    ['a key that stands elsewhere', samlMetadata(`<md:Extensions>${signing}</md:Extensions>`)],
    ['an end that is no time', samlMetadata(signing, `${entity} validUntil="soon"`)],
    ['an end on a day that there is not', samlMetadata(signing, `${entity} validUntil="2031-13-06T07:08:09Z"`)],
  ]
  test.each(refused)('are none with %s', (_what, document) => {
    expect(readSamlMetadata(document)).toBeUndefined()
  })

  const hostile: readonly (readonly [string, string])[] = [
    ['open elements', '<a>'.repeat(1_000_000)],
    ['empty elements', `<a>${'<b/>'.repeat(2_000_000)}</a>`],
    ['attributes', `<a ${Array.from({ length: 300_000 }, (_, at) => `b${at}="x"`).join(' ')}>`],
    ['white space in a tag', `<a ${' '.repeat(5_000_000)}`],
    ['white space in a certificate', samlMetadata(keyDescriptor(`${' '.repeat(5_000_000)}*`))],
    ['ampersands', `<a>${'&'.repeat(5_000_000)}</a>`],
    ['open comments', '<!--'.repeat(1_000_000)],
    [
      'declarations of namespaces',
      samlMetadata(signing, `${entity} ${Array.from({ length: 50_000 }, (_, at) => `xmlns:n${at}="x"`).join(' ')}`),
    ],
    [
      'declarations of namespaces over declarations',
      samlMetadata(
        '<md:KeyDescriptor xmlns:a="b"/>'.repeat(40_000),
        `${entity} ${Array.from({ length: 50_000 }, (_, at) => `xmlns:n${at}="x"`).join(' ')}`,
      ),
    ],
  ]
  test.each(hostile)('of millions of %s are read or refused quickly', (_what, document) => {
    expect(processorMilliseconds(() => readSamlMetadata(document))).toBeLessThan(3_000)
  })
})

describe('a private key', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const pem = { format: 'pem' } as const
  const keys: readonly (readonly [string, string | Buffer, boolean])[] = [
    ['RSA in PKCS #8', rsa.export({ ...pem, type: 'pkcs8' }), true],
    ['RSA in PKCS #1', rsa.export({ ...pem, type: 'pkcs1' }), true],
    ['RSA of too few bits', small.export({ ...pem, type: 'pkcs8' }), false],
    ['on a curve', ec.export({ ...pem, type: 'pkcs8' }), false],
    ['encrypted', rsa.export({ ...pem, type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }), false],
    ['no key at all', 'key', false],
  ]
  test.each(keys)('%s', (_what, text, good) => {
    expect(isRsaPrivateKey(String(text), 2048)).toBe(good)
  })
})
