import {
  constants,
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  sign,
} from 'node:crypto'
import { keyDescriptor, samlMetadata } from './saml.ts'
import { issue } from './x509.ts'

/**
 * An identity provider. What it says is written in canonical form from the start (exclusive, attributes in order, no element that
 * closes itself), so that signing is hashing text: nothing of what reads it is used to make it.
 */
export interface Idp {
  readonly issuer: string
  /** DER in base64. */
  readonly certificate: string
  readonly key: KeyObject
  readonly metadata: string
}

const now = Date.UTC(2026, 10, 23, 12)

export function identityProvider(type: 'rsa' | 'ec' = 'rsa', issuer = 'https://idp.example/saml'): Idp {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { certificate: pem } = issue('idp.example', undefined, now, [-1, 90], pair)
  const certificate = pem.replace(/-----[^-]+-----|\s/g, '')
  return {
    issuer,
    certificate,
    key: pair.privateKey,
    metadata: samlMetadata(keyDescriptor(certificate), `entityID="${issuer}"`),
  }
}

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const assertionNamespace = 'urn:oasis:names:tc:SAML:2.0:assertion'
export const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const xenc = 'http://www.w3.org/2001/04/xmlenc#'
export const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

const iso = (at: number): string => new Date(at).toISOString()
const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '')

export const aws = (name: string): string => `https://aws.amazon.com/SAML/Attributes/${name}`

/** What an assertion says. Whatever is not named is as it should be. */
export interface Said {
  readonly id?: string
  readonly issuer?: string
  readonly at?: number
  readonly nameId?: string
  readonly format?: string
  readonly recipient?: string
  readonly confirmedUntil?: number
  readonly conditions?: string
  readonly audience?: string
  readonly notBefore?: number
  readonly notOnOrAfter?: number
  readonly sessionUntil?: number
  readonly attributes?: Readonly<Record<string, readonly string[]>>
  /** Text that stands where the signature will, and text that stands at the end. */
  readonly extra?: string
}

let counter = 0
export const freshId = (): string => `_${(++counter).toString(16).padStart(8, '0')}${randomBytes(8).toString('hex')}`

/** An assertion in canonical form, without a signature. */
export function assertion(idp: Pick<Idp, 'issuer'>, said: Said = {}): string {
  const at = said.at ?? now
  const minutes = 60_000
  const conditions =
    said.conditions ??
    `<saml:AudienceRestriction><saml:Audience>${said.audience ?? 'urn:amazon:webservices'}</saml:Audience></saml:AudienceRestriction>`
  const attributes = Object.entries(said.attributes ?? {}).map(
    ([name, values]) =>
      `<saml:Attribute Name="${name}">${values
        .map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`)
        .join('')}</saml:Attribute>`,
  )
  const session = said.sessionUntil === undefined ? '' : ` SessionNotOnOrAfter="${iso(said.sessionUntil)}"`
  return (
    `<saml:Assertion xmlns:saml="${assertionNamespace}" ID="${said.id ?? freshId()}" IssueInstant="${iso(at)}" Version="2.0">` +
    `<saml:Issuer>${said.issuer ?? idp.issuer}</saml:Issuer>` +
    `<saml:Subject><saml:NameID Format="${said.format ?? 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'}">${escaped(said.nameId ?? 'alice')}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${iso(said.confirmedUntil ?? at + 5 * minutes)}" Recipient="${said.recipient ?? 'https://signin.aws.amazon.com/saml'}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${iso(said.notBefore ?? at - minutes)}" NotOnOrAfter="${iso(said.notOnOrAfter ?? at + 60 * minutes)}">${conditions}</saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${iso(at)}" SessionIndex="s1"${session}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    (attributes.length === 0 ? '' : `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>`) +
    `${said.extra ?? ''}</saml:Assertion>`
  )
}

/** A response around an assertion, in canonical form, without a signature of its own. */
export const response = (
  idp: Pick<Idp, 'issuer'>,
  held: string,
  { id = freshId(), status = 'urn:oasis:names:tc:SAML:2.0:status:Success', at = now } = {},
): string =>
  `<samlp:Response xmlns:samlp="${protocol}" Destination="https://signin.aws.amazon.com/saml" ID="${id}" IssueInstant="${iso(at)}" Version="2.0">` +
  `<saml:Issuer xmlns:saml="${assertionNamespace}">${idp.issuer}</saml:Issuer>` +
  `<samlp:Status><samlp:StatusCode Value="${status}"></samlp:StatusCode></samlp:Status>${held}</samlp:Response>`

export type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512'
const digestUris: Readonly<Record<Hash, string>> = {
  sha1: `${dsig}sha1`,
  sha256: `${xenc}sha256`,
  sha384: `${more}sha384`,
  sha512: `${xenc}sha512`,
}

/** How it is signed. Whatever is not named is as it should be. */
export interface Manner {
  readonly hash?: Hash
  readonly digest?: Hash
  /** The element that the signature refers to, where it is not the one that it stands in. */
  readonly uri?: string
  readonly transforms?: string
  readonly method?: string
  readonly c14n?: string
  readonly keyInfo?: string
  /** What is made of the statement before it is signed, and of the whole signature afterwards. */
  readonly statement?: (text: string) => string
  readonly signature?: (text: string) => string
  /** What is hashed instead of the element. */
  readonly over?: string
  readonly mac?: (text: string) => Buffer
}

const transformOf = (algorithm: string): string => `<ds:Transform Algorithm="${algorithm}"></ds:Transform>`
export const bothTransforms = transformOf(`${dsig}enveloped-signature`) + transformOf(exclusive)

/** The signature of an element that is in canonical form. */
export function signatureOver(text: string, { key }: Pick<Idp, 'key'>, manner: Manner = {}): string {
  const { hash = 'sha256', digest = 'sha256', statement = (same) => same, signature = (same) => same } = manner
  const id = /^<[^>]* ID="([^"]*)"/.exec(text)?.[1] ?? ''
  const type = key.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa'
  const method = manner.method ?? (hash === 'sha1' ? `${dsig}rsa-sha1` : `${more}${type}-${hash}`)
  const info = statement(
    `<ds:SignedInfo xmlns:ds="${dsig}"><ds:CanonicalizationMethod Algorithm="${manner.c14n ?? exclusive}"></ds:CanonicalizationMethod>` +
      `<ds:SignatureMethod Algorithm="${method}"></ds:SignatureMethod>` +
      `<ds:Reference URI="${manner.uri ?? `#${id}`}"><ds:Transforms>${manner.transforms ?? bothTransforms}</ds:Transforms>` +
      `<ds:DigestMethod Algorithm="${digestUris[digest]}"></ds:DigestMethod>` +
      `<ds:DigestValue>${createHash(digest)
        .update(manner.over ?? text)
        .digest('base64')}</ds:DigestValue></ds:Reference></ds:SignedInfo>`,
  )
  const bytes = manner.mac?.(info) ?? sign(hash, Buffer.from(info), { key, dsaEncoding: 'ieee-p1363' })
  return signature(
    `<ds:Signature xmlns:ds="${dsig}">${info.replace(` xmlns:ds="${dsig}"`, '')}` +
      `<ds:SignatureValue>${bytes.toString('base64')}</ds:SignatureValue>${manner.keyInfo ?? ''}</ds:Signature>`,
  )
}

/** An element with its signature behind its issuer. */
export const signed = (text: string, idp: Pick<Idp, 'key'>, manner: Manner = {}): string =>
  text.replace('</saml:Issuer>', () => `</saml:Issuer>${signatureOver(text, idp, manner)}`)

export const encoded = (text: string): string => Buffer.from(text).toString('base64')

/** A response whose assertion is signed, base64. */
export const login = (idp: Idp, said: Said = {}, manner: Manner = {}): string =>
  encoded(response(idp, signed(assertion(idp, said), idp, manner), said.at === undefined ? {} : { at: said.at }))

/** How an assertion is encrypted. */
export interface Sealing {
  readonly cipher?: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc'
  readonly transport?: 'oaep-mgf1p' | 'oaep-sha256' | 'v1_5'
  readonly keyInside?: boolean
}

const xenc11 = 'http://www.w3.org/2009/xmlenc11#'

/** An assertion in its envelope, in canonical form. */
export function encrypted(text: string, publicPem: string, how: Sealing = {}): string {
  const { cipher = 'aes-256-gcm', transport = 'oaep-mgf1p', keyInside = true } = how
  const isGcm = cipher.endsWith('gcm')
  const secret = randomBytes(Number(cipher.slice(4, 7)) / 8)
  const nonce = randomBytes(isGcm ? 12 : 16)
  // The types know GCM by its own names alone; both kinds are made the same way here.
  const sealer = createCipheriv(cipher as 'aes-256-gcm', secret, nonce)
  const sealed = Buffer.concat([
    nonce,
    sealer.update(text),
    sealer.final(),
    isGcm ? sealer.getAuthTag() : Buffer.alloc(0),
  ])
  const wrapped = publicEncrypt(
    transport === 'v1_5'
      ? { key: publicPem, padding: constants.RSA_PKCS1_PADDING }
      : {
          key: publicPem,
          padding: constants.RSA_PKCS1_OAEP_PADDING,
          oaepHash: transport === 'oaep-sha256' ? 'sha256' : 'sha1',
        },
    secret,
  )
  const method = {
    'oaep-mgf1p': `<xenc:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="${dsig}sha1"></ds:DigestMethod></xenc:EncryptionMethod>`,
    'oaep-sha256': `<xenc:EncryptionMethod Algorithm="${xenc11}rsa-oaep"><ds:DigestMethod Algorithm="${xenc}sha256"></ds:DigestMethod><xenc11:MGF xmlns:xenc11="${xenc11}" Algorithm="${xenc11}mgf1sha256"></xenc11:MGF></xenc:EncryptionMethod>`,
    v1_5: `<xenc:EncryptionMethod Algorithm="${xenc}rsa-1_5"></xenc:EncryptionMethod>`,
  }[transport].replaceAll('<ds:DigestMethod', keyInside ? '<ds:DigestMethod' : `<ds:DigestMethod xmlns:ds="${dsig}"`)
  const value = (bytes: Buffer) =>
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`
  const key = (xmlns: string) => `<xenc:EncryptedKey${xmlns}>${method}${value(wrapped)}</xenc:EncryptedKey>`
  const algorithm = isGcm ? `${xenc11}${cipher.replace('aes-', 'aes')}` : `${xenc}${cipher.replace('aes-', 'aes')}`
  return (
    `<saml:EncryptedAssertion xmlns:saml="${assertionNamespace}"><xenc:EncryptedData xmlns:xenc="${xenc}" Type="${xenc}Element">` +
    `<xenc:EncryptionMethod Algorithm="${algorithm}"></xenc:EncryptionMethod>` +
    (keyInside ? `<ds:KeyInfo xmlns:ds="${dsig}">${key('')}</ds:KeyInfo>` : '') +
    `${value(sealed)}</xenc:EncryptedData>${keyInside ? '' : key(` xmlns:xenc="${xenc}"`)}</saml:EncryptedAssertion>`
  )
}

/** A key pair that assertions are encrypted for, as IAM takes the private half. */
export function openingKey(): { readonly pem: string; readonly publicPem: string } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const publicPem = createPublicKey(createPrivateKey(pem)).export({ format: 'pem', type: 'spki' }).toString()
  return { pem, publicPem }
}

export { now as idpNow }
