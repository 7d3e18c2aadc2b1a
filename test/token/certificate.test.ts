import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, readCertificate, readChain, unsignedAt } from '../../src/token/certificate.ts'
import { issue } from './x509.ts'

const now = Date.UTC(2026, 10, 22, 12)
const root = issue('root', undefined, now)
const middle = issue('middle', root, now)
const leaf = issue('leaf', middle, now)
const stranger = issue('stranger', undefined, now)
const read = (text: string) => {
  const certificate = readCertificate(text)
  if (certificate === undefined) throw new Error('no certificate')
  return certificate
}

describe('a certificate', () => {
  test('says from when to when it is good, and is the same however it is laid out', () => {
    const certificate = read(leaf.certificate)
    expect(certificate).toMatchObject({ notBefore: now - 86_400_000, notAfter: now + 90 * 86_400_000 })
    expect(read(`\n\n${leaf.certificate.replaceAll('\n', '\r\n')}  `).fingerprint).toBe(certificate.fingerprint)
  })

  test.each([
    ['nothing', ''],
    ['two', leaf.certificate + middle.certificate],
    ['words before it', `Subject: leaf\n${leaf.certificate}`],
    ['words after it', `${leaf.certificate}and so on`],
    ['a key', leaf.key],
    ['a key in front of it', leaf.key + leaf.certificate],
    ['no end', leaf.certificate.replace('-----END CERTIFICATE-----', '')],
    ['one cut short', leaf.certificate.replace(/.{64}\n/, '')],
    ['base64 alone', leaf.certificate.split('\n').slice(1, -2).join('\n')],
  ])('is not %s', (_, text) => {
    expect(readCertificate(text)).toBeUndefined()
  })

  test.each(['first', 'last'])('is none with times that nobody can read: the %s one', (which) => {
    const der = Buffer.from(leaf.certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    // A GeneralizedTime of fifteen bytes (X.680, 46): the thirteenth month of a year.
    const [first, last] = [der.indexOf('180f', 0, 'hex'), der.lastIndexOf('180f', undefined, 'hex')]
    expect(last).toBeGreaterThan(first)
    der.write('13', (which === 'first' ? first : last) + 6, 'latin1')
    const text = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----`
    expect(readCertificate(text)).toBeUndefined()
  })

  test('is looked for in any text without a throw', () => {
    const piece = fc.constantFrom(...leaf.certificate.split('\n'), '-----', '\n', 'x')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        readCertificate(pieces.join('\n'))
        readChain(pieces.join('\n'))
        keyOf(pieces.join('\n'), read(leaf.certificate))
      }),
    )
  })
})

describe('a chain', () => {
  const chain = (...of: readonly { readonly certificate: string }[]) =>
    readChain(of.map(({ certificate }) => certificate).join('')) ?? []
  const namesake = issue('middle', undefined, now)
  test.each<readonly [string, readonly { readonly certificate: string }[], number | undefined]>([
    ['of nothing', [], undefined],
    ['up to the root', [middle, root], undefined],
    ['up to somebody below it', [middle], undefined],
    ['without who signed first', [root], -1],
    ['the wrong way round', [root, middle], -1],
    ['that goes on with a stranger', [middle, stranger], 0],
    ['that goes on after its end', [middle, root, stranger], 1],
    ['with one who has the name alone', [namesake], -1],
  ])('%s', (_, of, index) => {
    expect(unsignedAt(read(leaf.certificate), chain(...of))).toBe(index)
  })

  test('is read in its order, and not at all where one of its certificates is none', () => {
    const fingerprints = [middle, root].map(({ certificate }) => read(certificate).fingerprint)
    expect(chain(middle, root).map(({ fingerprint }) => fingerprint)).toEqual(fingerprints)
    const broken = root.certificate.replace(/.{64}\n/, '')
    expect(readChain(middle.certificate + broken)).toBeUndefined()
    expect(readChain(broken + middle.certificate)).toBeUndefined()
  })

  test('has sixteen certificates at the most', () => {
    expect(readChain(root.certificate.repeat(16))).toHaveLength(16)
    expect(readChain(root.certificate.repeat(17))).toBeUndefined()
    expect(readChain('')).toBeUndefined()
  })
})

describe('a private key', () => {
  const encrypted = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  }).privateKey
  test.each([
    ['of the certificate', leaf.key, 'own'],
    ['of another', middle.key, 'other'],
    ['that is encrypted', encrypted, 'encrypted'],
    ['that is none', 'key', 'none'],
    ['that is the certificate', leaf.certificate, 'none'],
  ])('%s', (_, text, what) => {
    expect(keyOf(text, read(leaf.certificate))).toBe(what)
  })
})
