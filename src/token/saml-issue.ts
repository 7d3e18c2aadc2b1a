import { Buffer } from 'node:buffer'
import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { escapeXml } from '../base/xml.ts'
import { canonical } from './c14n.ts'
import { parsed } from './xml-signature.ts'

/**
 * An identity provider of one key, for trying out what takes assertions. It is no part of what believes them: what it writes is read like
 * anybody's.
 */
export interface LocalProvider {
  /** The entity id. */
  readonly issuer: string
  /** An RSA private key, PEM. */
  readonly key: string
  /** DER in base64. */
  readonly certificate: string
}

export const newProviderKey = (): string =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
  }).privateKey

/** What is said of one login. Times are milliseconds since the epoch. */
export interface LoginStatement {
  /** Ids of the response and of the assertion. */
  readonly ids: readonly [string, string]
  readonly now: number
  readonly subject: string
  readonly format: string
  readonly audience: string
  readonly recipient: string
  readonly sessionEndsAt: number | undefined
  readonly attributes: readonly (readonly [name: string, values: readonly string[]])[]
}

const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const goodMilliseconds = 5 * 60_000
const iso = (at: number): string => new Date(at).toISOString()

/** The provider's metadata, as CreateSAMLProvider takes them. */
export const metadataOf = ({ issuer, certificate }: LocalProvider): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escapeXml(issuer)}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="${dsig}">
        <ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data>
      </ds:KeyInfo>
    </md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://localhost.invalid/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
`

/** A response whose assertion is signed, base64. Throws where it would be larger than anybody reads. */
export function issue(provider: LocalProvider, said: LoginStatement): string {
  const [responseId] = said.ids
  const assertion = assertionOf(provider, said)
  const response =
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ` +
    `ID="${responseId}" Version="2.0" IssueInstant="${iso(said.now)}" Destination="${escapeXml(said.recipient)}">` +
    `<saml:Issuer>${escapeXml(provider.issuer)}</saml:Issuer>` +
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>' +
    `${assertion}</samlp:Response>`
  return Buffer.from(response).toString('base64')
}

function assertionOf(provider: LocalProvider, said: LoginStatement): string {
  const { now, recipient, sessionEndsAt } = said
  const [, id] = said.ids
  const until = iso(now + goodMilliseconds)
  const attributes = said.attributes.map(
    ([name, values]) =>
      `<saml:Attribute Name="${escapeXml(name)}">${values
        .map((value) => `<saml:AttributeValue>${escapeXml(value)}</saml:AttributeValue>`)
        .join('')}</saml:Attribute>`,
  )
  const end = sessionEndsAt === undefined ? '' : ` SessionNotOnOrAfter="${iso(sessionEndsAt)}"`
  const text = (signature: string) =>
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${iso(now)}">` +
    `<saml:Issuer>${escapeXml(provider.issuer)}</saml:Issuer>${signature}` +
    `<saml:Subject><saml:NameID Format="${escapeXml(said.format)}">${escapeXml(said.subject)}</saml:NameID>` +
    '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">' +
    `<saml:SubjectConfirmationData NotOnOrAfter="${until}" Recipient="${escapeXml(recipient)}"/></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${iso(now)}" NotOnOrAfter="${until}"><saml:AudienceRestriction>` +
    `<saml:Audience>${escapeXml(said.audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${iso(now)}" SessionIndex="${id}"${end}><saml:AuthnContext>` +
    '<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef>' +
    `</saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement></saml:Assertion>`
  return text(signatureOver(text(''), id, provider.key))
}

/** The signature over an element that stands by itself, for the place that it is written for (SAML V2.0 Core, 5.4). */
function signatureOver(element: string, id: string, pem: string): string {
  const digest = createHash('sha256').update(canonicalText(element)).digest('base64')
  const info =
    `<ds:SignedInfo xmlns:ds="${dsig}"><ds:CanonicalizationMethod Algorithm="${exclusive}"/>` +
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>' +
    `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${dsig}enveloped-signature"/>` +
    `<ds:Transform Algorithm="${exclusive}"/></ds:Transforms>` +
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>' +
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`
  const value = sign('sha256', Buffer.from(canonicalText(info)), createPrivateKey(pem)).toString('base64')
  return `<ds:Signature xmlns:ds="${dsig}">${info}<ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`
}

function canonicalText(element: string): string {
  const node = parsed(element)
  const text = node && canonical(node)
  if (text === undefined) throw new Error('what is to be signed is no XML, or too much of it')
  return text
}
